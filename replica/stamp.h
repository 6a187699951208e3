// Stamp: when and where a field was last written, and the clock that makes stamps (a hybrid logical clock).
//
// A stamp is microseconds of wall time, pushed past every stamp that the writer has seen: whoever writes knowing of
// another write is later than it, even when the clocks of the nodes differ. Equal times are ordered by origin.
// Pure: the time is an argument. Thread: that of the store.
#pragma once

#include <xxhash.h>

#include <algorithm>
#include <compare>
#include <cstdint>
#include <string_view>

#include "base/time.h"

namespace replica {

struct Stamp {
  uint64_t time = 0;
  uint64_t origin = 0;
  auto operator<=>(const Stamp&) const = default;
};

// Nobody writes so late; a stamp beyond it would stop the clock for ever and is refused.
inline constexpr uint64_t kLastTime = 1ull << 62;

inline uint64_t origin_of(std::string_view node) {
  return XXH3_64bits(node.data(), node.size());
}

class HybridClock {
 public:
  uint64_t next(base::WallTime now) {
    last_ = std::max(last_ + 1, static_cast<uint64_t>(now.time_since_epoch().count()));
    return last_;
  }
  void observe(uint64_t time) { last_ = std::max(last_, time); }

 private:
  uint64_t last_ = 0;
};

}  // namespace replica
