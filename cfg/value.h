// Values of single words: numbers in a range, times with units, sizes with units, on/off.
//
// Pure text → value; the Error's text completes "'word' …" and names what was expected. Times: us ms s m h d
// (manual 2.5), the unit of a bare number depends on the word and is the caller's; fractions of the result's unit are
// rounded up so that "100us" is not "never". Sizes: k m g, times 1024. Thread: any.
#pragma once

#include <cstdint>
#include <limits>
#include <string>
#include <string_view>

#include "base/result.h"
#include "base/time.h"

namespace cfg {

struct Range {
  int64_t min = std::numeric_limits<int64_t>::min();
  int64_t max = std::numeric_limits<int64_t>::max();
  bool holds(int64_t value) const { return value >= min && value <= max; }
};

enum class TimeUnit : uint8_t { us, ms, s };

// The longest time that a word can hold: 2^31-1 ms, as in HAProxy.
inline constexpr int64_t kMaxMillis = 2147483647;

base::Result<int64_t> parse_number(std::string_view text, Range range = {});
base::Result<base::Micros> parse_time(std::string_view text, TimeUnit bare = TimeUnit::ms);
base::Result<uint64_t> parse_size(std::string_view text, Range range = {});
base::Result<bool> parse_on_off(std::string_view text);

// "between 1 and 64", "at least 1", "at most 64", or "" when any number will do.
std::string describe(Range range);

}  // namespace cfg
