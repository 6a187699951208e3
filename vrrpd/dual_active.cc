#include "vrrpd/dual_active.h"

#include <algorithm>

namespace vrrpd {
namespace {

// Adverts that are further apart are no longer those of one mastership.
constexpr int kMissed = 3;

}  // namespace

void DualActive::set_master(bool master, base::MonoTime now) {
  const bool was = own_ && own_.ended == base::kNever;
  if (was == master) return;
  if (master)
    own_ = {.began = now};
  else
    own_.ended = now;
  heard_ = base::kNever;
}

std::optional<base::Nanos> DualActive::compare(const Mastership& other, base::MonoTime now) {
  if (!own_ || !other) return std::nullopt;
  add(std::max(own_.began, other.began), std::min({own_.ended, other.ended, now}));
  const bool over = own_.ended != base::kNever || other.ended != base::kNever;
  if (!over || last() < kTold || told_ == last_.began) return std::nullopt;
  told_ = last_.began;
  return last();
}

void DualActive::heard(base::Nanos interval, base::MonoTime now) {
  const bool goes_on = heard_ != base::kNever && now - heard_ <= kMissed * interval;
  if (goes_on) add(heard_, now);
  heard_ = now;
}

// What is known of already is not counted twice; what lies before it is over and was counted.
void DualActive::add(base::MonoTime from, base::MonoTime to) {
  if (from >= to || (last_ && to < last_.began)) return;
  if (!last_ || from > last_.ended) {
    last_ = {from, to};
    total_ += to - from;
    return;
  }
  const base::Nanos before = last();
  last_ = {std::min(last_.began, from), std::max(last_.ended, to)};
  total_ += last() - before;
}

}  // namespace vrrpd
