// Watchdog: as long as a loop turns, systemd is told so; when it does not any more, the unit's WatchdogSec ends the
// process and starts it anew. How often follows from WATCHDOG_USEC and WATCHDOG_PID (sd_watchdog_enabled(3)): twice in
// that time. Without them, or for another process, it does nothing.
//
// Life: a member of what runs the loop. Thread: that of its loop. Errors: none; nobody listens, nobody is told.
#pragma once

#include <functional>

#include "base/ev.h"

namespace base {

// What systemd grants this process; zero: it does not look.
Nanos watchdog_patience();

class Watchdog {
 public:
  // `alive`, when given, says whether to tell: the loop turns, but somebody else may not.
  explicit Watchdog(Loop& loop, std::function<bool()> alive = {});
  bool enabled() const { return every_.count() > 0; }

 private:
  void on_due();

  const Nanos every_;
  std::function<bool()> alive_;
  Timer due_;
};

}  // namespace base
