#include "vrrpd/announce_queue.h"

namespace vrrpd {

AnnounceQueue::Lane::Lane(AnnounceQueue& queue, base::Nanos garp, base::Nanos gna)
    : owner(queue), garp_interval(garp), gna_interval(gna), pace(queue.loop_) {
  pace.bind<&Lane::send>(this);
}

void AnnounceQueue::Lane::send() {
  while (!frames.empty()) {
    const Frame frame = frames.front();
    frames.pop_front();
    owner.announce(frame.interface, frame.ip);
    // Also behind the last one: the next may come from another instance.
    const base::Nanos pause = frame.ip.is_v6() ? gna_interval : garp_interval;
    if (pause.count()) return pace.start_after(pause);
  }
}

void AnnounceQueue::configure(const Config& config) {
  for (auto& [interface, lane] : lanes_)
    for (const Frame& frame : lane->frames) announce(frame.interface, frame.ip);
  lanes_.clear();
  garp_interval_ = config.global.garp_interval;
  gna_interval_ = config.global.gna_interval;
  for (const GarpGroup& group : config.garp_groups) {
    const auto lane = std::make_shared<Lane>(*this, group.garp_interval.value_or(garp_interval_),
                                             group.gna_interval.value_or(gna_interval_));
    for (const std::string& interface : group.interfaces) lanes_.emplace(interface, lane);
  }
}

AnnounceQueue::Lane& AnnounceQueue::lane_of(int interface) {
  const Interface* found = netlink_.find(interface);
  std::shared_ptr<Lane>& lane = lanes_[found ? found->name : std::string()];
  if (!lane) lane = std::make_shared<Lane>(*this, garp_interval_, gna_interval_);
  return *lane;
}

void AnnounceQueue::push(const void* owner, int interface, const base::IpAddr& ip) {
  Lane& lane = lane_of(interface);
  lane.frames.push_back({owner, interface, ip});
  if (!lane.pace.active()) lane.send();
}

void AnnounceQueue::announce(int interface, const base::IpAddr& ip) const {
  if (const Interface* found = netlink_.find(interface)) announcer_.announce(*found, ip);
}

void AnnounceQueue::drop(const void* owner) {
  for (auto& [interface, lane] : lanes_)
    std::erase_if(lane->frames, [&](const Frame& frame) { return frame.owner == owner; });
}

}  // namespace vrrpd
