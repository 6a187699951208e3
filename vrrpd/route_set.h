// RouteSet: the routes and rules of one instance, or the static ones: put into the kernel when claimed, taken out when
// released, put back when somebody else removes them or the kernel did (an interface was down for a moment), but not
// more often than each kGuardPause. Life: of its owner; release() is the owner's to call. Thread: that of the loop.
// Errors: logged, the others go on; what an interface is missing for is tried again when interfaces change.
#pragma once

#include <string>
#include <vector>

#include "base/ev.h"
#include "vrrpd/netlink.h"
#include "vrrpd/route.h"

namespace vrrpd {

class RouteSet final : private NetlinkObserver {
 public:
  RouteSet(base::Loop& loop, Netlink& netlink, std::string name);
  ~RouteSet();

  // While claimed, what is new is put in and what is missing taken out.
  void configure(const RoutesConfig& config);
  void claim();
  void release();

 private:
  void on_interface(const Interface&) override { restore_soon(); }
  void on_interface_gone(const Interface&) override {}
  void on_address_gone(const Interface&, const base::IpAddr&) override {}
  void on_route_gone() override { restore_soon(); }

  void restore_soon();
  void restore();
  bool put_in(NlMessage message, const std::string& text, bool& known);
  void take_out(NlMessage message, const std::string& text);
  NlMessage route(const Route& route, bool add) const;

  // What is in the kernel as far as is known.
  template <typename Item>
  struct Entry {
    Item item;
    Item put{};  // as it was put in: rules have their preference
    bool there = false;
    bool failed = false;  // and said so
  };

  Netlink& netlink_;
  const std::string name_;
  std::vector<Entry<Route>> routes_;
  std::vector<Entry<Rule>> rules_;
  bool claimed_ = false;
  base::Timer guard_;
};

}  // namespace vrrpd
