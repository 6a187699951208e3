#include "vrrpd/track/tracker.h"

#include <fmt/format.h>

#include <algorithm>

namespace vrrpd {

std::string Tracker::describe() const {
  std::string_view kind = kind_;
  kind.remove_prefix(std::min(kind.size(), std::string_view("track_").size()));
  return kind == name_ ? name_ : fmt::format("{} {}", kind, name_);
}

void Tracker::remove_user(TrackerUser& user) {
  const auto use = std::find(users_.begin(), users_.end(), &user);
  if (use != users_.end()) users_.erase(use);
}

void Tracker::set_up(bool up) {
  if (up == up_) return;
  up_ = up;
  tell_users();
}

void Tracker::tell_users() {
  // A user that moves to another state may make others unsubscribe.
  const std::vector<TrackerUser*> users = users_;
  for (TrackerUser* user : users)
    if (std::find(users_.begin(), users_.end(), user) != users_.end()) user->on_tracker(*this);
}

Verdict judge_tracker(bool up, int weight, bool reverse) {
  if (weight == 0) return {.fault = up == reverse};
  const int sign = reverse ? -1 : 1;
  if (weight > 0) return {.priority = up ? sign * weight : 0};
  return {.priority = up ? 0 : sign * weight};
}

Tracking::Tracking(std::shared_ptr<Tracker> tracker, const TrackerUse& use, TrackerUser& user)
    : tracker_(std::move(tracker)), weight_(use.weight.value_or(0)), reverse_(use.reverse), user_(&user) {
  tracker_->add_user(user);
}

Tracking::~Tracking() {
  if (tracker_) tracker_->remove_user(*user_);
}

void TrackerSet::configure(std::shared_ptr<const Config> config) {
  std::erase_if(trackers_, [&](const auto& item) {
    const auto& [kind, name] = item.first;
    return !base::Registered<TrackerRow>::find(kind)->same(*config_, *config, name);
  });
  config_ = std::move(config);
}

std::shared_ptr<Tracker> TrackerSet::get(const TrackerUse& use) {
  std::shared_ptr<Tracker>& tracker = trackers_[{use.kind, use.name}];
  if (!tracker)
    tracker = base::Registered<TrackerRow>::find(use.kind)->make({loop_, *config_, netlink_, facts_changed_, stats_},
                                                                 use.name);
  return tracker;
}

void TrackerSet::tell(const tandem::VrrpStates& states) {
  for (auto& [key, tracker] : trackers_) tracker->tell(states);
}

std::optional<tandem::NodeFacts> TrackerSet::facts() const {
  for (const auto& [key, tracker] : trackers_)
    if (auto facts = tracker->facts()) return facts;
  return std::nullopt;
}

void TrackerSet::sweep() {
  std::erase_if(trackers_, [](const auto& item) { return item.second.use_count() == 1; });
}

}  // namespace vrrpd
