// RateWindow: how much was spent during the last period, without remembering when each bit was: what the current period
// has so far, and of the one before it the share that a window of one period still covers.
//
// So no window of a period sees more than what its user allows, but for the assumption that the period before was even.
// Life: a member of whoever spends. Thread: one. Errors: none; a clock that stands still spends into the same period.
#pragma once

#include <cstdint>

#include "base/time.h"

namespace base {

class RateWindow {
 public:
  void spend(uint64_t amount, MonoTime now, Nanos period) {
    turn(now, period);
    current_ += amount;
  }

  uint64_t spent(MonoTime now, Nanos period) {
    turn(now, period);
    return current_ + static_cast<uint64_t>(static_cast<double>(before_) * left(now, period));
  }

  // How long until spent() is at most `most`, if nothing more is spent.
  Nanos until(uint64_t most, MonoTime now, Nanos period) {
    if (spent(now, period) <= most) return Nanos::zero();
    const Nanos inside = now - began_;
    if (current_ <= most) return part(period, 1 - share(most - current_, before_)) - inside;
    // Not in this period: in the next one, when what is current has become what was before.
    return period - inside + part(period, 1 - share(most, current_));
  }

 private:
  static double share(uint64_t of, uint64_t whole) { return static_cast<double>(of) / static_cast<double>(whole); }
  static Nanos part(Nanos period, double share) {
    return Nanos(static_cast<int64_t>(static_cast<double>(period.count()) * share));
  }
  double left(MonoTime now, Nanos period) const {
    return 1 - static_cast<double>((now - began_).count()) / static_cast<double>(period.count());
  }
  void turn(MonoTime now, Nanos period) {
    const Nanos since = now - began_;
    if (since < period) return;
    const bool next = since < 2 * period;
    before_ = next ? current_ : 0;
    current_ = 0;
    began_ = next ? began_ + period : now;
  }

  MonoTime began_{};
  uint64_t current_ = 0, before_ = 0;
};

}  // namespace base
