// The words of global_defs that say how the process is scheduled.
#include <sched.h>

#include "vrrpd/words/words.h"

namespace vrrpd {
namespace {

using Global = GlobalConfig;

constexpr int kMostRealTime = 99;
constexpr int64_t kMostMicros = 10'000'000;

void parse_micros(base::Nanos& to, Args& args) {
  if (const auto value = args.integer(1, kMostMicros)) to = base::Micros(*value);
  args.expect_end();
}

void parse_limit(Global& global, Args& args) {
  if (const auto value = args.integer(2, kMostMicros)) global.schedule.real_time_limit = base::Micros(*value);
  args.expect_end();
}

void parse_auto(Global& global, Args& args) {
  int most = kMostRealTime;
  if (args.more()) args.number(most, -1, kMostRealTime);
  global.schedule.most_auto = std::max(most, 0);  // -1 only silences a warning of keepalived
  args.expect_end();
}

void parse_processors(Global& global, Args& args) {
  while (args.more())
    if (const auto value = args.integer(0, CPU_SETSIZE - 1))
      global.schedule.processors.push_back(static_cast<int>(*value));
}

constexpr GlobalWord kWords[] = {
    {.name = "vrrp_priority",
     .doc = "Niceness, -20 to 19.",
     .parse = [](Global& g, Args& a) { a.number(g.schedule.niceness, -20, 19), a.expect_end(); }},
    {.name = "vrrp_rt_priority",
     .doc = "Real-time priority, 1 to 99.",
     .parse = [](Global& g, Args& a) { a.number(g.schedule.real_time, 1, kMostRealTime), a.expect_end(); }},
    {.name = "vrrp_rlimit_rttime",
     .doc = "Microseconds without sleep after which the real-time priority ends.",
     .parse = parse_limit},
    {.name = "vrrp_rlimit_rtime", .doc = "The same, as it was misspelt once.", .parse = parse_limit},
    {.name = "vrrp_no_swap",
     .doc = "Stay in memory.",
     .parse = [](Global& g, Args& a) { a.boolean(g.schedule.no_swap), a.expect_end(); }},
    {.name = "vrrp_cpu_affinity", .doc = "Run on these processors only.", .parse = parse_processors},
    {.name = "max_auto_priority", .doc = "Real-time priority that lateness may lead to.", .parse = parse_auto},
    {.name = "min_auto_priority_delay",
     .doc = "Microseconds of lateness that raise it by one.",
     .parse = [](Global& g, Args& a) { parse_micros(g.schedule.auto_delay, a); }},
};
const base::Registered<GlobalWord> kEnrol(kWords);

}  // namespace
}  // namespace vrrpd
