// Value: what an object says, before it becomes a variable of a message; its column says of which type it is.
//
// Numbers beyond a type's range are the highest that it has (Gauge32, Integer32) or go on from 0 (Counter32): nothing
// wraps that should not. Thread: values. Errors: none. Manual: RFC 2578, RFC 2579.
#pragma once

#include <cstdint>
#include <limits>
#include <string>
#include <string_view>

#include "base/time.h"

namespace snmp {

enum class Type : uint8_t { integer, gauge, counter, counter64, ticks, octets, address };

struct Value {
  int64_t number = 0;
  std::string text;

  template <typename Number>
  requires std::is_integral_v<Number> Value(Number n)
      : number(static_cast<int64_t>(n)) {}  // NOLINT: readers return plain numbers
  Value(std::string_view t) : text(t) {}    // NOLINT
  Value(const std::string& t) : text(t) {}  // NOLINT
  Value(const char* t) : text(t) {}         // NOLINT
};

// An enumeration of ours, whose values begin at 1 in the MIB and in C++.
template <typename Enum>
Value enumerated(Enum value) {
  return Value(static_cast<int64_t>(value));
}
inline Value truth(bool value) {
  return Value(value ? 1 : 2);
}

// As a message carries it.
constexpr int32_t as_integer(int64_t n) {
  constexpr int64_t low = std::numeric_limits<int32_t>::min(), high = std::numeric_limits<int32_t>::max();
  return static_cast<int32_t>(n < low ? low : n > high ? high : n);
}
constexpr uint32_t as_gauge(int64_t n) {
  constexpr int64_t high = std::numeric_limits<uint32_t>::max();
  return static_cast<uint32_t>(n < 0 ? 0 : n > high ? high : n);
}

// TimeTicks: hundredths of a second.
constexpr int64_t ticks(base::Nanos time) {
  return time.count() < 0 ? 0 : time.count() / 10'000'000;
}

// DateAndTime in UTC, 11 octets; of no time at all 8 that are zero.
std::string date_and_time(int64_t unix_seconds, int deciseconds = 0);

// SnmpAdminString: at most 255 octets, and no half character at the end.
std::string admin_string(std::string_view text);

}  // namespace snmp
