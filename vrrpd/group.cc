#include "vrrpd/group.h"

#include <fmt/format.h>

#include <algorithm>

#include "base/log.h"

namespace vrrpd {

SyncGroup::SyncGroup(TrackerSet& trackers, std::shared_ptr<Notifier> notifier, std::shared_ptr<const Config> config,
                     const GroupConfig& own, std::vector<Instance*> members)
    : config_(std::move(config)), own_(&own), members_(std::move(members)), notifier_(std::move(notifier)) {
  for (const TrackerUse& use : own.trackers) trackings_.push_back(Tracking(trackers.get(use), use, *this));
  for (Instance* member : members_) member->set_group(this);
  if (!members_.empty()) state_ = members_.front()->state();
}

SyncGroup::~SyncGroup() {
  for (Instance* member : members_)
    if (member->group() == this) member->set_group(nullptr);
}

std::string SyncGroup::fault() const {
  for (const Tracking& tracking : trackings_)
    if (tracking.verdict().fault)
      return fmt::format("{} is {}", tracking.tracker().describe(), tracking.tracker().up() ? "up" : "down");
  for (const Instance* member : members_)
    if (!member->healthy()) return fmt::format("{} of its group cannot run", member->name());
  return {};
}

int SyncGroup::priority() const {
  int sum = 0;
  for (const Tracking& tracking : trackings_) sum += tracking.verdict().priority;
  return sum;
}

void SyncGroup::on_member_state(Instance& member) {
  if (moving_) return;
  moving_ = true;
  const State to = member.state();
  const std::string reason = fmt::format("with {} of group {}", member.name(), name());
  for (Instance* other : members_) {
    if (other == &member) continue;
    if (to == State::master && other->state() == State::backup) other->follow(Event::Kind::promote, reason);
    if (to == State::backup && other->state() == State::master) other->follow(Event::Kind::demote, reason);
  }
  moving_ = false;
  settle();
}

void SyncGroup::on_member_health() {
  again_ = true;
  if (std::exchange(moving_, true)) return;
  while (std::exchange(again_, false))
    for (Instance* member : members_) member->reconsider();
  moving_ = false;
  settle();
}

void SyncGroup::on_tracker(const Tracker&) {
  for (Instance* member : members_) member->tell_tracking();
  on_member_health();
}

// The group has a state when all members have it.
void SyncGroup::settle() {
  const State first = members_.front()->state();
  const bool same =
      std::all_of(members_.begin(), members_.end(), [&](const Instance* member) { return member->state() == first; });
  if (!same || first == state_) return;
  state_ = first;
  if (first == State::init) return;
  base::log(base::Level::notice, "VRRP_Group({}) Syncing instances to {} state", name(), to_string(first));
  notifier_->tell(own_->notify, config_->global, {"GROUP", to_string(first), 0});
}

void SyncGroup::tell_state() {
  notifier_->tell_fifos({"GROUP", to_string(state_), 0});
}

void SyncGroup::tell_stop() {
  notifier_->tell(own_->notify, config_->global, {"GROUP", "STOP", 0});
}

}  // namespace vrrpd
