#include "lbd/compression/meter.h"

#include <ctime>

namespace lbd::compression {
namespace {

constexpr base::Nanos kBetweenLooks = base::Millis(100);

int64_t cpu_of_process() {
  timespec spent{};
  clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &spent);
  return base::Nanos(base::Seconds(spent.tv_sec)).count() + spent.tv_nsec;
}

}  // namespace

bool Meter::strained(base::MonoTime now) {
  if (const uint64_t most = most_bytes(); most && in.rate(now) >= most) return true;
  return limits_.cpu_percent < 100 && cpu_percent(now) > limits_.cpu_percent;
}

uint32_t Meter::cpu_percent(base::MonoTime now) {
  const int64_t at = base::Nanos(now.time_since_epoch()).count();
  int64_t before = looked_.load(std::memory_order_relaxed);
  if (at - before < kBetweenLooks.count() || !looked_.compare_exchange_strong(before, at, std::memory_order_relaxed))
    return percent_.load(std::memory_order_relaxed);
  const int64_t cpu = cpu_of_process();
  const int64_t spent = cpu - cpu_then_.exchange(cpu, std::memory_order_relaxed);
  if (before == 0) return 0;
  const auto percent = static_cast<uint32_t>(spent * 100 / (at - before) / limits_.threads);
  percent_.store(percent, std::memory_order_relaxed);
  return percent;
}

bool Meter::take_memory(uint64_t bytes) {
  const uint64_t before = memory_.fetch_add(bytes, std::memory_order_relaxed);
  if (limits_.memory == 0 || before + bytes <= limits_.memory) return true;
  give_memory(bytes);
  return false;
}

}  // namespace lbd::compression
