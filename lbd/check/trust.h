// Trust: when this node lets another node's check of a server stand for its own.
//
// A good result of the other is believed as long as our own last check was good, too, and is not older than kOwnEvery
// intervals: so whoever believes checks a tenth as often, and notices that its own way to the server is broken. A bad
// result is never believed but makes us look for ourselves at once. So a node that has lost its servers does not take
// along one that still reaches them.
// Pure. One for each checked server; thread: control thread. Manual: docs/replication.md.
#pragma once

#include <algorithm>

#include "base/time.h"
#include "lbd/server/check_report.h"

namespace lbd::check {

class Trust {
 public:
  static constexpr int kOwnEvery = 10;
  // Whose checking is not heard of for so many intervals is silent: we check.
  static constexpr int kPatience = 2;

  enum class Advice : uint8_t {
    ignore,   // we check for ourselves, in our own rhythm
    check,    // look now
    believe,  // it counts as our own
  };

  // A check of our own has ended that was begun at `begun`.
  void own(server::CheckResult result, base::MonoTime begun) {
    good_ = is_good(result);
    begun_ = begun;
  }
  Advice hear(server::CheckResult result, base::MonoTime now, base::Nanos interval) const {
    if (!good_) return Advice::ignore;
    if (!is_good(result)) return Advice::check;
    return now < own_due(interval) ? Advice::believe : Advice::ignore;
  }
  // When we check next after having believed at `now`, unless we hear again.
  base::MonoTime next(base::MonoTime now, base::Nanos interval) const {
    return std::min(now + kPatience * interval, own_due(interval));
  }

 private:
  static bool is_good(server::CheckResult result) {
    return result == server::CheckResult::passed || result == server::CheckResult::conditional;
  }
  base::MonoTime own_due(base::Nanos interval) const { return begun_ + kOwnEvery * interval; }

  bool good_ = false;  // no check of our own: nothing is believed yet
  base::MonoTime begun_{};
};

}  // namespace lbd::check
