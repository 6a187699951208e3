// Strong time types. Monotonic time drives everything; wall time is only for logs and dates. Pure code takes `now`
// as an argument. Units are in the type: no naked `int timeout`, no double.
#pragma once

#include <chrono>
#include <cstdint>

namespace base {

using Nanos = std::chrono::nanoseconds;
using Micros = std::chrono::microseconds;
using Millis = std::chrono::milliseconds;
using Seconds = std::chrono::seconds;

// CLOCK_MONOTONIC.
using MonoTime = std::chrono::time_point<std::chrono::steady_clock, Nanos>;
// CLOCK_REALTIME, microseconds are enough for every log.
using WallTime = std::chrono::time_point<std::chrono::system_clock, Micros>;

inline constexpr MonoTime kNever = MonoTime::max();

inline MonoTime mono_now() {
  return std::chrono::steady_clock::now();
}
inline WallTime wall_now() {
  return std::chrono::time_point_cast<Micros>(std::chrono::system_clock::now());
}

inline int64_t to_millis(Nanos d) {
  return std::chrono::duration_cast<Millis>(d).count();
}
inline double to_seconds(Nanos d) {
  return std::chrono::duration<double>(d).count();
}

}  // namespace base
