// SharedRate: events or bytes a second, counted by several threads: what the running second has, and the one before.
// At most 64 GB a second.
//
// RateLimit: one that is compared with a limit, and counted only while there is one.
// Thread: any. No errors. HAProxy's meaning of a rate: management manual 9.3, `show info`.
#pragma once

#include <atomic>
#include <cstdint>

#include "base/time.h"

namespace base {

class SharedRate {
 public:
  void add(MonoTime now, uint64_t amount = 1) {
    const uint64_t second = second_of(now);
    uint64_t seen = current_.load(std::memory_order_relaxed);
    for (;;) {
      const bool same = seen >> kShift == second;
      const uint64_t next = same ? seen + amount : second << kShift | amount;
      if (!current_.compare_exchange_weak(seen, next, std::memory_order_relaxed)) continue;
      if (!same) before_.store(seen, std::memory_order_relaxed);
      return raise(next & kCount);
    }
  }
  // HAProxy's meaning: the running second, and of the one before the part that lies less than a second back.
  uint64_t rate(MonoTime now) const {
    const uint64_t second = second_of(now), seen = current_.load(std::memory_order_relaxed);
    const uint64_t closed = seen >> kShift == second ? before_.load(std::memory_order_relaxed) : seen;
    const uint64_t last = (closed >> kShift) + 1 == second ? closed & kCount : 0;
    const auto into = std::chrono::duration_cast<Millis>(now.time_since_epoch() - Seconds(second)).count();
    return (seen >> kShift == second ? seen & kCount : 0) + (last * static_cast<uint64_t>(1000 - into) + 999) / 1000;
  }
  // The most of any second.
  uint64_t peak() const { return peak_.load(std::memory_order_relaxed); }

 private:
  static constexpr int kShift = 36;  // of a word: the second above, the count below
  static constexpr uint64_t kCount = (uint64_t{1} << kShift) - 1;
  static uint64_t second_of(MonoTime now) {
    return static_cast<uint64_t>(std::chrono::duration_cast<Seconds>(now.time_since_epoch()).count());
  }
  void raise(uint64_t count) {
    uint64_t seen = peak_.load(std::memory_order_relaxed);
    while (count > seen && !peak_.compare_exchange_weak(seen, count, std::memory_order_relaxed)) {
    }
  }

  std::atomic<uint64_t> current_{0}, before_{0}, peak_{0};
};

class RateLimit {
 public:
  std::atomic<uint32_t> most{0};  // a second; 0: no limit

  void add(MonoTime now) {
    if (most.load(std::memory_order_relaxed)) rate_.add(now);
  }
  bool reached(MonoTime now) const {
    const uint32_t limit = most.load(std::memory_order_relaxed);
    return limit && rate_.rate(now) >= limit;
  }

 private:
  SharedRate rate_;
};

}  // namespace base
