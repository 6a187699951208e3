// VipSet: the virtual addresses of one instance: put up and taken down, guarded while they are up, announced.
//
// Announcing: a round of `repeat` at the claim and another after `delay`, then one each `refresh`. A guarded address
// that somebody else takes away is put back at once, but not more often than each kGuardPause, lest two programs fight
// at full speed. Life: of the instance; release() is the owner's to call. Thread: that of the loop. Errors: logged, the
// other addresses go on. An interface that is missing is tried again when it appears.
#pragma once

#include <set>
#include <string>
#include <vector>

#include "vrrpd/announce_queue.h"
#include "vrrpd/config.h"
#include "vrrpd/netlink.h"

namespace vrrpd {

class VipSet {
 public:
  VipSet(base::Loop& loop, Netlink& netlink, AnnounceQueue& announcements, std::string name);
  ~VipSet() { queue_.drop(this); }

  // `addresses` with every device filled in. While claimed, what is new is put up and what is missing is taken down.
  // `unadvertised`: the devices that no advert leaves by, and whose addresses are announced at the pace of
  // garp_extra_if.
  void configure(std::vector<VirtualAddress> addresses, const Announcements& announcements,
                 std::set<std::string> unadvertised = {});
  void claim();
  // Also takes down what an earlier process left behind. True: there was something up.
  bool release();
  bool claimed() const { return claimed_; }
  // Neither announced nor guarded any more, but those in `stays` stay up until release().
  void retire(const std::vector<base::IpAddr>& stays);
  // Announce once more because somebody else did: a round at once, if there was none just now, and another after
  // lower_prio_delay.
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
  void rest();
  bool put_up(Vip& vip);
  bool take_down(Vip& vip);
  void queue_round(unsigned repeat);
  void arm_repetitions();
  void on_second_round();
  void on_refresh();
  void on_extra();

  Netlink& netlink_;
  AnnounceQueue& queue_;
  const std::string name_;
  std::vector<Vip> vips_;
  std::set<std::string> unadvertised_;
  Announcements announcements_;
  bool claimed_ = false;

  base::Timer second_, refresh_, extra_, guard_;
  unsigned second_repeat_ = 0;
  base::MonoTime guarded_{}, reasserted_{};
};

}  // namespace vrrpd
