// Meter: what all compressors of the process together take and give, and the limits of it.
//
// Life: as long as the engine. Thread: any. Manual: 3.2 maxcomprate, maxcompcpuusage, maxzlibmem; `show info`.
#pragma once

#include <atomic>
#include <cstdint>

#include "base/shared_rate.h"
#include "base/time.h"

namespace lbd::compression {

struct Limits {
  uint32_t kilobytes_a_second = 0;  // into the compressors; 0: any
  uint64_t memory = 0;              // bytes; 0: any
  uint32_t cpu_percent = 100;       // of the processors' time that the process may take
  uint32_t threads = 1;
};

class Meter {
 public:
  explicit Meter(const Limits& limits) : most_kilobytes(limits.kilobytes_a_second), limits_(limits) {}
  std::atomic<uint32_t> most_kilobytes;  // a second; changes at run time
  uint64_t most_bytes() const { return uint64_t{most_kilobytes.load(std::memory_order_relaxed)} << 10; }
  base::SharedRate in, out;  // bytes

  // Too much is under way to begin, or to go on at full level.
  bool strained(base::MonoTime now);
  // Memory for one more; false: there is none. What is taken is given back.
  bool take_memory(uint64_t bytes);
  void give_memory(uint64_t bytes) { memory_.fetch_sub(bytes, std::memory_order_relaxed); }

 private:
  uint32_t cpu_percent(base::MonoTime now);

  const Limits limits_;
  std::atomic<uint64_t> memory_{0};
  // The last look at the clock of the process, at most one in a tenth of a second.
  std::atomic<int64_t> looked_{0}, cpu_then_{0};
  std::atomic<uint32_t> percent_{0};
};

}  // namespace lbd::compression
