// VitalSign: the worker process of a master says once a second over its leash that all its threads turn; a master that
// does not hear it keeps that from systemd's watchdog, which then starts everything anew.
//
// Life: as long as the threads. Thread: control thread. Errors: a master that has gone is noticed elsewhere.
#pragma once

#include <string_view>
#include <vector>

#include "base/ev.h"
#include "lbd/link/pulse.h"

namespace lbd {

inline constexpr std::string_view kAlive = "A\n";

class VitalSign {
 public:
  // A thread may take kLongest for one turn; one that only waits for a processor may take any time.
  static constexpr base::Seconds kEvery{1}, kLongest{2};

  VitalSign(base::Loop& loop, const std::vector<base::Mailbox*>& workers, int leash);

 private:
  void on_due();

  link::Pulse pulse_;
  const int leash_;
  base::Timer due_;
};

}  // namespace lbd
