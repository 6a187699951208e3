// DualActive: how long two routers were master of the same addresses at a time, as an operator wants to know after a
// split: clients had two answers for so long.
//
// Nodes that are linked tell each other when they became master and stopped being it, so the time is known to the
// millisecond though neither heard the other. Of a router that is no partner only its adverts tell: from the first that
// was heard as master to the last. A master that has resigned and keeps the addresses until its successor has them is
// none any more. Pure: the caller gives the time. Owner: Instance.
#pragma once

#include <optional>

#include "base/time.h"

namespace vrrpd {

// The time for which a router was master, or is.
struct Mastership {
  base::MonoTime began = base::kNever;  // never: it was not
  base::MonoTime ended = base::kNever;  // never: it still is
  explicit operator bool() const { return began != base::kNever; }
};

class DualActive {
 public:
  // Shorter ones are how preemption looks; they count but are not told.
  static constexpr base::Millis kTold{10};

  void set_master(bool master, base::MonoTime now);
  const Mastership& own() const { return own_; }
  // The last mastership of another node. How long both were master, when that is over and news.
  std::optional<base::Nanos> compare(const Mastership& other, base::MonoTime now);
  // An advert of another master, heard as master; `interval`: how often adverts come.
  void heard(base::Nanos interval, base::MonoTime now);

  base::Nanos total() const { return total_; }
  base::Nanos last() const { return last_ ? last_.ended - last_.began : base::Nanos(0); }
  base::MonoTime last_end() const { return last_.ended; }

 private:
  void add(base::MonoTime from, base::MonoTime to);

  Mastership own_, last_;  // last_: the time of both
  base::Nanos total_{};
  base::MonoTime heard_ = base::kNever, told_ = base::kNever;
};

}  // namespace vrrpd
