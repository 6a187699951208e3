// LbdPulse: whether the lbd at the other end of a link hangs, from what it tells of itself and from its silence. lbd
// publishes its health ten times a second, with how long each of its workers has not answered.
//
// A program that lbd competes with for processors must not look like a hang of lbd: silence alone counts only when the
// kernel says that the process is stopped, or when it lasts for two seconds; and silence in which this process was not
// scheduled itself does not count at all. Pure: the caller gives the time. Units: nanoseconds, monotonic.
#pragma once

#include "base/time.h"

namespace vrrpd {

class LbdPulse {
 public:
  static constexpr base::Millis kTick{50};  // tick() is to be called so often while the link is up

  void on_link(base::MonoTime now);
  // `stall`: of the worker that has not answered for the longest time.
  void on_health(base::Nanos stall, base::MonoTime now);
  // `stopped`: the process is stopped by a signal or a debugger.
  void tick(bool stopped, base::MonoTime now);
  // Asks for `stopped` to be found out, which costs a look into /proc.
  bool suspicious(base::MonoTime now) const;
  bool hangs() const { return hangs_; }

 private:
  void judge(bool bad, base::MonoTime now);

  bool publishes_ = false;  // this lbd does; otherwise only the end of the link counts
  base::MonoTime heard_{}, ticked_{}, good_since_{};
  base::Nanos stall_{};
  unsigned bad_ticks_ = 0;
  bool hangs_ = false;
};

}  // namespace vrrpd
