// Rate: a sliding window as it lies in an entry of a table: what the running period has so far, and of the one before
// it the share that a window of one period still covers. 12 bytes; times are milliseconds of a 32-bit clock that wraps.
//
// Thread: who holds the lock of the entry. Pure. Manual: 4.2 stick-table, http_req_rate and the like.
#pragma once

#include <cstdint>

namespace lbd::table {

struct Rate {
  uint32_t began = 0, current = 0, before = 0;

  void add(uint64_t amount, uint32_t now, uint32_t period) {
    turn(now, period);
    const uint64_t sum = current + amount;
    current = sum > UINT32_MAX ? UINT32_MAX : static_cast<uint32_t>(sum);
  }
  uint32_t read(uint32_t now, uint32_t period) const {
    Rate seen = *this;
    seen.turn(now, period);
    // A single event fades at once when its period is over, not in parts: so says who counts slowly.
    if (seen.current == 0 && seen.before <= 1) return seen.before;
    const uint64_t left = period - (now - seen.began);
    return static_cast<uint32_t>(seen.current + seen.before * left / period);
  }
  void set(uint32_t amount, uint32_t now) { *this = {now, amount, 0}; }

 private:
  void turn(uint32_t now, uint32_t period) {
    const uint32_t since = now - began;
    if (since < period) return;
    const bool next = since - period < period;
    before = next ? current : 0;
    current = 0;
    began = next ? began + period : now;
  }
};
static_assert(sizeof(Rate) == 12);

}  // namespace lbd::table
