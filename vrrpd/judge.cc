#include "vrrpd/judge.h"

#include <fmt/format.h>

#include <algorithm>

namespace vrrpd {
namespace {

// Both have the same servers, or it does not matter, because we have none.
bool comparable(const tandem::NodeFacts& own, const tandem::NodeFacts& other) {
  return other.serving() && (own.configuration() == other.configuration() || own.reach() == 0);
}

}  // namespace

void Judge::look(const std::optional<tandem::NodeFacts>& own, const Others& others, base::MonoTime now) {
  best_.clear();
  best_reach_ = 0;
  // Of an lbd that does not serve at all the trackers tell.
  if (!own || !own->serving()) {
    lost_ = false;
    worse_since_ = base::kNever;
    return;
  }
  own_reach_ = own->reach();
  for (const auto& [name, other] : others) {
    if (!comparable(*own, other) || (!best_.empty() && other.reach() <= best_reach_)) continue;
    best_ = name;
    best_reach_ = other.reach();
  }
  if (own_reach_ * 2 < best_reach_) {
    lost_ = true;
    if (worse_since_ == base::kNever) worse_since_ = now;
    return;
  }
  worse_since_ = base::kNever;
  constexpr uint32_t kAll = 1000;
  const uint32_t measure = best_.empty() ? kAll : best_reach_;
  if (own_reach_ * 10 >= measure * 9) lost_ = false;
}

std::string Judge::better(base::MonoTime now) const {
  const bool lasting = worse_since_ != base::kNever && now - worse_since_ >= kSustain;
  const bool allowed = now >= hold_until_ || (own_reach_ == 0 && now - last_ >= kAgain);
  return lasting && allowed ? best_ : std::string();
}

void Judge::handed_over(base::MonoTime now) {
  if (last_ == base::kNever || now - last_ > kForget) row_ = 0;
  last_ = now;
  ++all_;
  const base::Nanos hold = base::Nanos(kFirstHold) * (int64_t{1} << std::min(row_++, 10));
  hold_until_ = now + std::min<base::Nanos>(hold, kMostHold);
}

std::string Judge::hold(base::MonoTime now) const {
  if (lost_)
    return fmt::format("this node reaches {} % of the servers", own_reach_ / 10) +
           (best_.empty() ? "" : fmt::format(", node {} {} %", best_, best_reach_ / 10));
  if (now < hold_until_)
    return fmt::format("this node has given up {} times for its way to the servers: only when that has lasted", row_);
  return {};
}

base::MonoTime Judge::due(base::MonoTime now) const {
  base::MonoTime due = base::kNever;
  if (worse_since_ != base::kNever && now - worse_since_ < kSustain) due = worse_since_ + kSustain;
  if (now < hold_until_) due = std::min(due, hold_until_);
  return due;
}

}  // namespace vrrpd
