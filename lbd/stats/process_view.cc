// What ProcessView and IdleMeter compute; the lines of `show info` are in process.cc.
#include <time.h>

#include <algorithm>

#include "lbd/stats/process.h"

namespace lbd::stats {

using server::Counters;

namespace {

base::Nanos cpu_time() {
  timespec at{};
  clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &at);
  return base::Seconds(at.tv_sec) + base::Nanos(at.tv_nsec);
}

}  // namespace

void IdleMeter::tick(base::MonoTime now, uint32_t threads) {
  base::Nanos cpu = cpu_time();
  if (last_ != base::MonoTime{} && now > last_) {
    double busy = base::to_seconds(cpu - cpu_) / (base::to_seconds(now - last_) * std::max(1u, threads));
    percent_ = static_cast<uint32_t>(100 * (1 - std::clamp(busy, 0.0, 1.0)) + 0.5);
  }
  last_ = now;
  cpu_ = cpu;
}

uint64_t ProcessView::sum(server::Counter Counters::*counter) const {
  uint64_t total = 0;
  for (const auto& frontend : source.objects().frontends())
    total += source.blocks().sum(frontend->slot(), [&](const Counters& c) { return (c.*counter).get(); });
  return total;
}

uint64_t ProcessView::rate(server::RateCounter Counters::*counter) const {
  uint64_t total = 0;
  for (const auto& frontend : source.objects().frontends())
    total += source.blocks().sum(frontend->slot(), [&](const Counters& c) { return (c.*counter).rate(now); });
  return total;
}

uint64_t ProcessView::connections() const {
  uint64_t total = 0;
  for (const auto& frontend : source.objects().frontends()) total += frontend->connections.load();
  return total;
}

}  // namespace lbd::stats
