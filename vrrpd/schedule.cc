#include "vrrpd/schedule.h"

#include <fmt/format.h>
#include <sched.h>
#include <signal.h>
#include <sys/mman.h>
#include <sys/resource.h>

#include <algorithm>

#include "base/log.h"

namespace vrrpd {
namespace {

using base::Level;

void fail(std::string_view what) {
  base::log(Level::warning, "{}", base::Error::from_errno(what).text);
}

// The limit was reached: this process has not slept for that long. Only what a signal handler may do.
void on_limit(int) {
  const sched_param ordinary{};
  (void)sched_setscheduler(0, SCHED_OTHER, &ordinary);
}

void set_limit(std::optional<base::Micros> limit) {
  rlimit to{RLIM_INFINITY, RLIM_INFINITY};
  if (limit) {
    struct sigaction action {};
    action.sa_handler = on_limit;
    action.sa_flags = SA_RESTART;
    (void)sigaction(SIGXCPU, &action, nullptr);
    to.rlim_cur = static_cast<rlim_t>(limit->count());  // the hard limit would be a SIGKILL
  }
  if (setrlimit(RLIMIT_RTTIME, &to) != 0) fail("limit of real-time");
}

void set_processors(const std::vector<int>& processors) {
  cpu_set_t set;
  CPU_ZERO(&set);
  for (int processor = 0; processor < CPU_SETSIZE; ++processor) {
    const bool wanted = std::find(processors.begin(), processors.end(), processor) != processors.end();
    if (processors.empty() || wanted) CPU_SET(static_cast<size_t>(processor), &set);
  }
  if (sched_setaffinity(0, sizeof set, &set) != 0) fail("processors");
}

}  // namespace

void Schedule::apply(const ScheduleConfig& config) {
  const ScheduleConfig before = std::exchange(config_, config);
  if (config.processors != before.processors) set_processors(config.processors);
  if (config.niceness != before.niceness && setpriority(PRIO_PROCESS, 0, config.niceness.value_or(0)) != 0)
    fail("niceness");
  if (config.no_swap != locked_) {
    // MCL_ONFAULT: what is never touched need not be in memory.
    const int result = config.no_swap ? mlockall(MCL_CURRENT | MCL_FUTURE | MCL_ONFAULT) : munlockall();
    if (result == 0)
      locked_ = config.no_swap;
    else
      fail("lock in memory");
  }
  if (config.real_time_limit != before.real_time_limit) set_limit(config.real_time_limit);
  if (config.real_time != before.real_time) set_real_time(config.real_time.value_or(0));
}

void Schedule::set_real_time(int priority) {
  // Not inherited: a notify script must not run before everything else.
  const sched_param to{.sched_priority = priority};
  if (sched_setscheduler(0, priority ? SCHED_RR | SCHED_RESET_ON_FORK : SCHED_OTHER, &to) == 0)
    real_time_ = priority;
  else
    fail("real-time priority");
}

void Schedule::on_lateness(base::Nanos late) {
  if (late < config_.auto_delay || real_time_ >= config_.most_auto) return;
  set_real_time(real_time_ + 1);
  base::log(Level::warning, "a timer was {} ms late; real-time priority is now {}", base::to_millis(late), real_time_);
}

}  // namespace vrrpd
