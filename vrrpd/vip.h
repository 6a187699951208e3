// VipSet: the virtual addresses of one instance: put up and taken down, guarded while they are up, announced.
//
// Announcing: a round of `repeat` at the claim and another after `delay`, then one each `refresh`; between two frames
// of an interface at least garp_interval (gna_interval). A guarded address that somebody else takes away is put back
// at once, but not more often than each kGuardPause, lest two programs fight at full speed.
// Life: of the instance; release() is the owner's to call. Thread: that of the loop.
// Errors: logged, the other addresses go on. An interface that is missing is tried again when it appears.
#pragma once

#include <deque>
#include <string>
#include <vector>

#include "vrrpd/announce.h"
#include "vrrpd/config.h"
#include "vrrpd/netlink.h"

namespace vrrpd {

class VipSet {
 public:
  VipSet(base::Loop& loop, Netlink& netlink, const Announcer& announcer, std::string name);

  // `addresses` with every device filled in. While claimed, what is new is put up and what is missing is taken down.
  void configure(std::vector<VirtualAddress> addresses, const Announcements& announcements, const GlobalConfig& global);
  void claim();
  // Also takes down what an earlier process left behind.
  void release();
  bool claimed() const { return claimed_; }
  // Announce once more because somebody else did: at once, but only once in lower_prio_delay.
  void reassert();
  // From netlink.
  void on_address_gone(const Interface& interface, const base::IpAddr& ip);
  void on_interface_gone(const Interface& interface);
  // Puts up what should be up and is not.
  void restore();
  bool contains(const base::IpAddr& ip) const;

  struct Vip {
    VirtualAddress address;
    int interface = 0;  // where it is up; 0: it is not
  };
  const std::vector<Vip>& vips() const { return vips_; }

 private:
  bool put_up(Vip& vip);
  void take_down(Vip& vip);
  void queue_round(unsigned repeat);
  void send_queued();
  void on_second_round();
  void on_refresh();

  Netlink& netlink_;
  const Announcer& announcer_;
  const std::string name_;
  std::vector<Vip> vips_;
  Announcements announcements_;
  base::Nanos garp_interval_{}, gna_interval_{};
  bool claimed_ = false;

  struct Frame {
    int interface;
    base::IpAddr ip;
  };
  std::deque<Frame> frames_;
  base::Timer pace_, second_, refresh_, guard_;
  base::MonoTime guarded_{}, reasserted_{};
};

}  // namespace vrrpd
