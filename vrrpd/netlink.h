// Netlink: what the kernel knows of interfaces and addresses, kept up to date, and the editing of addresses.
//
// One socket listens to changes (link, IPv4 and IPv6 addresses), another one asks and edits; both are libnl's behind
// RAII. An overrun of the listening socket, when the kernel says more than we read, leads to a new full look, so the
// picture is never older than the last event. Editing waits for the kernel's answer (tens of microseconds).
// Thread: that of the loop. Life: the daemon's. Errors: Result with the kernel's word; an address that is there
// already, or gone already, is no error. rtnetlink(7).
#pragma once

#include <netlink/netlink.h>

#include <array>
#include <map>
#include <memory>
#include <string>
#include <vector>

#include "base/addr.h"
#include "base/ev.h"
#include "vrrpd/config.h"
#include "vrrpd/route.h"

namespace vrrpd {

using MacAddress = std::array<uint8_t, 6>;

class NlSocket {
 public:
  static base::Result<NlSocket> open();
  nl_sock* get() const { return socket_.get(); }

 private:
  struct Free {
    void operator()(nl_sock* socket) const { nl_socket_free(socket); }
  };
  std::unique_ptr<nl_sock, Free> socket_;
};

struct InterfaceAddress {
  base::IpPrefix prefix;
  uint8_t scope = 0;
  bool tentative = false;  // duplicate address detection still runs, or has failed: not to be used
  bool operator==(const InterfaceAddress&) const = default;
};

struct Interface {
  int index = 0;
  std::string name;
  unsigned flags = 0;
  unsigned mtu = 0;
  int lower = 0;         // what it is on top of; 0: nothing
  bool running = false;  // and up, for as long as link_delays ask for
  bool has_mac = false;
  MacAddress mac{};
  std::vector<InterfaceAddress> addresses;  // in the kernel's order: the primary one first

  bool up() const { return running; }
  bool has(const base::IpAddr& ip) const;
};

// Observers may come and go while one of them is told.
class NetlinkObserver {
 public:
  // It appeared, changed, or got or lost an address.
  virtual void on_interface(const Interface& interface) = 0;
  virtual void on_interface_gone(const Interface& interface) = 0;
  virtual void on_address_gone(const Interface& interface, const base::IpAddr& ip) = 0;
  // A route or rule that keepalived or we may have put in; only after watch_routes().
  virtual void on_route_gone() {}

 protected:
  ~NetlinkObserver() = default;
};

class Netlink {
 public:
  static base::Result<std::unique_ptr<Netlink>> open(base::Loop& loop);
  // A link that goes or comes counts after so long. From the next change on.
  void set_delays(std::map<std::string, LinkDelays, std::less<>> delays) { delays_ = std::move(delays); }
  void add_observer(NetlinkObserver& observer) { observers_.push_back(&observer); }
  void remove_observer(NetlinkObserver& observer);

  const Interface* find(std::string_view name) const;
  const Interface* find(int index) const;
  const std::map<int, Interface>& all() const { return interfaces_; }

  // False: it was there already.
  base::Result<bool> add(const VirtualAddress& address, int interface);
  base::Status remove(const VirtualAddress& address, int interface);

  // A private macvlan, known to find() from now on and not up yet; gives its index.
  base::Result<int> add_macvlan(const std::string& name, int lower, const MacAddress& mac);
  // Sends and waits for the answer. What is there already, or gone already, is no error.
  base::Status request(NlMessage message, std::string_view what);
  // What the kernel would give to a rule that asks for none: before all others but the first. Rules need one so that
  // they can be told from their like.
  uint32_t next_rule_preference(base::Family family);
  // Routing tables may be large and lively, so they are watched only when there is need.
  void watch_routes();
  base::Status bring_up(int interface);
  base::Status remove_link(int interface);

 private:
  explicit Netlink(base::Loop& loop) : loop_(loop), io_(loop) {}
  void settle(Interface& interface, bool fresh);
  base::Status look();
  base::Status look_at(int interface);
  void on_readable();
  static int on_message(nl_msg* message, void* self);
  static void on_object(nl_object* object, void* self);
  void take_link(nl_object* object, bool gone);
  void take_address(nl_object* object, bool gone);
  template <typename Call>
  void tell(Call call);

  // A change of a link that waits until it counts.
  struct Change {
    Change(Netlink& of, int index) : netlink(of), interface(index), wait(of.loop_) {
      wait.bind<&Change::on_over>(this);
    }
    void on_over();
    Netlink& netlink;
    int interface;
    base::Timer wait;
  };

  base::Loop& loop_;
  std::map<std::string, LinkDelays, std::less<>> delays_;
  std::map<int, std::unique_ptr<Change>> changes_;
  base::IoWatcher io_;
  std::vector<NetlinkObserver*> observers_;  // null: gone while others are told
  int telling_ = 0;
  NlSocket monitor_, command_;
  std::map<int, Interface> interfaces_;
  bool watches_routes_ = false;
  bool gone_ = false;   // of the message being read
  bool quiet_ = false;  // while a full look is taken; what changed is told behind it
};

}  // namespace vrrpd
