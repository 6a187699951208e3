#include "base/watchdog.h"

#include <stdlib.h>
#include <unistd.h>

#include <utility>

#include "base/process.h"
#include "base/strings.h"

namespace base {

Nanos watchdog_patience() {
  const char* micros = getenv("WATCHDOG_USEC");
  const char* whose = getenv("WATCHDOG_PID");
  if (!micros || (whose && parse_int<pid_t>(whose) != getpid())) return {};
  return Micros(parse_int<uint32_t>(micros).value_or(0));
}

Watchdog::Watchdog(Loop& loop, std::function<bool()> alive)
    : every_(watchdog_patience() / 2), alive_(std::move(alive)), due_(loop) {
  due_.bind<&Watchdog::on_due>(this);
  if (enabled()) due_.start_after(Nanos(0));
}

void Watchdog::on_due() {
  if (!alive_ || alive_()) sd_notify("WATCHDOG=1");
  due_.start_after(every_);
}

}  // namespace base
