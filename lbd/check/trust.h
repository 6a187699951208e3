// Trust: when this node lets another node's check of a server stand for its own.
//
// A good result of the other is believed as long as our own last check was good, too, and is not older than kOwnEvery
// intervals: so whoever believes checks a tenth as often, and notices that its own way to the server is broken. A bad
// result is never believed but makes us look for ourselves at once. So a node that has lost its servers does not take
// along one that still reaches them.
//
// It also says whether this node has a way to the server, sooner than the server's state does, which waits for `fall`
// checks: so the nodes of a pair can tell which one reaches more (vrrpd/judge.h).
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
  // So many bad checks in a row are no bad luck.
  static constexpr int kBadLuck = 2;

  enum class Advice : uint8_t {
    ignore,   // we check for ourselves, in our own rhythm
    check,    // look now
    believe,  // it counts as our own
  };

  // A check of our own has ended that was begun at `begun`.
  void own(server::CheckResult result, base::MonoTime begun) {
    good_ = is_good(result);
    begun_ = begun;
    bad_in_row_ = good_ ? 0 : bad_in_row_ + 1;
    if (good_) doubted_ = false;
  }
  // Another node found this: until we have seen for ourselves, a bad result leaves open whether we have a way.
  void doubt(server::CheckResult result) { doubted_ = doubted_ || !is_good(result); }
  // Our last check may have been bad luck, and another node finds the server well: worth a look.
  bool disputed_by(server::CheckResult result) const { return bad_in_row_ == 1 && is_good(result); }
  bool has_way() const { return !doubted_ && bad_in_row_ < kBadLuck; }
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
  bool doubted_ = false;
  int bad_in_row_ = 0;
  base::MonoTime begun_{};
};

}  // namespace lbd::check
