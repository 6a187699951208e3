// How this process is scheduled: niceness, real-time priority, processors, staying in memory (vrrp_priority,
// vrrp_rt_priority, vrrp_cpu_affinity, vrrp_no_swap, vrrp_rlimit_rttime, max_auto_priority; sched(7), mlockall(2)).
//
// Scripts never inherit the real-time priority. The limit of vrrp_rlimit_rttime, which is there so that a program gone
// wild does not take a processor for good, ends the real-time priority with a word in the log and not the program.
// Life: the daemon's. Thread: that of the loop. Errors: logged; without the rights everything goes on as before.
#pragma once

#include "vrrpd/config.h"

namespace vrrpd {

class Schedule {
 public:
  // What differs from `before` is changed.
  void apply(const ScheduleConfig& config);
  // A timer was called so late: raises the real-time priority step by step as far as max_auto_priority permits.
  void on_lateness(base::Nanos late);

 private:
  void set_real_time(int priority);

  ScheduleConfig config_;
  int real_time_ = 0;
  bool locked_ = false;
};

}  // namespace vrrpd
