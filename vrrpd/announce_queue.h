// AnnounceQueue: the pace of announcements. Each interface, or each garp_group of interfaces, is a lane; between two
// frames of a lane lie at least garp_interval (gna_interval for IPv6), whichever instances they are of. Without an
// interval frames leave at once. Life: the daemon's; an owner drops its frames before it goes. Thread: that of the
// loop.
#pragma once

#include <deque>
#include <map>
#include <memory>
#include <string>

#include "vrrpd/announce.h"
#include "vrrpd/config.h"

namespace vrrpd {

class AnnounceQueue {
 public:
  AnnounceQueue(base::Loop& loop, const Netlink& netlink, const Announcer& announcer)
      : loop_(loop), netlink_(netlink), announcer_(announcer) {}
  // What waits is sent at once.
  void configure(const Config& config);
  void push(const void* owner, int interface, const base::IpAddr& ip);
  // Now, before everything that waits.
  void announce(int interface, const base::IpAddr& ip) const;
  void drop(const void* owner);

 private:
  struct Frame {
    const void* owner;
    int interface;
    base::IpAddr ip;
  };
  struct Lane {
    Lane(AnnounceQueue& queue, base::Nanos garp, base::Nanos gna);
    void send();
    AnnounceQueue& owner;
    const base::Nanos garp_interval, gna_interval;
    std::deque<Frame> frames;
    base::Timer pace;
  };
  Lane& lane_of(int interface);

  base::Loop& loop_;
  const Netlink& netlink_;
  const Announcer& announcer_;
  base::Nanos garp_interval_{}, gna_interval_{};
  std::map<std::string, std::shared_ptr<Lane>> lanes_;  // by interface; those of a group share one
};

}  // namespace vrrpd
