#include "cfg/value.h"

#include <fmt/format.h>

#include "base/strings.h"

namespace cfg {
namespace {

// The digits at the front; false when there are none or too many.
bool take_digits(std::string_view& text, int64_t& value) {
  auto [end, ec] = std::from_chars(text.data(), text.data() + text.size(), value);
  if (ec != std::errc() || text.empty() || !base::is_digit(text[0])) return false;
  text.remove_prefix(static_cast<size_t>(end - text.data()));
  return true;
}

base::Result<int64_t> in_range(int64_t value, Range range) {
  if (!range.holds(value)) return base::Err(fmt::format("must be {} (was {})", describe(range), value));
  return value;
}

}  // namespace

std::string describe(Range range) {
  const bool low = range.min != Range{}.min, high = range.max != Range{}.max;
  if (low && high) return fmt::format("between {} and {}", range.min, range.max);
  if (low) return fmt::format("at least {}", range.min);
  if (high) return fmt::format("at most {}", range.max);
  return {};
}

base::Result<int64_t> parse_number(std::string_view text, Range range) {
  if (text.starts_with('+')) text.remove_prefix(1);
  auto value = base::parse_int<int64_t>(text);
  if (!value) return base::Err(fmt::format("expects a number, not '{}'", text));
  return in_range(*value, range);
}

base::Result<base::Micros> parse_time(std::string_view text, TimeUnit bare) {
  const std::string_view whole = text;
  int64_t value = 0;
  if (!take_digits(text, value))
    return base::Err(fmt::format("expects a time such as 500ms, 30s or 5m, not '{}'", whole));
  int64_t factor = 0;  // microseconds
  if (text.empty())
    factor = bare == TimeUnit::us ? 1 : bare == TimeUnit::ms ? 1000 : 1'000'000;
  else if (text == "us")
    factor = 1;
  else if (text == "ms")
    factor = 1000;
  else if (text == "s")
    factor = 1'000'000;
  else if (text == "m")
    factor = 60'000'000;
  else if (text == "h")
    factor = 3'600'000'000;
  else if (text == "d")
    factor = 86'400'000'000;
  else
    return base::Err(fmt::format("has the unknown time unit '{}' (known: us, ms, s, m, h, d)", text));
  if (value > kMaxMillis * 1000 / factor)
    return base::Err(fmt::format("is too long: '{}' (at most {} ms, about 24.8 days)", whole, kMaxMillis));
  return base::Micros(value * factor);
}

base::Result<uint64_t> parse_size(std::string_view text, Range range) {
  const std::string_view whole = text;
  int64_t value = 0;
  if (!take_digits(text, value)) return base::Err(fmt::format("expects a size such as 16384 or 16k, not '{}'", whole));
  int shift = 0;
  if (text.size() == 1) {
    const char unit = base::to_lower(text[0]);
    shift = unit == 'k' ? 10 : unit == 'm' ? 20 : unit == 'g' ? 30 : 0;
  }
  if (!text.empty() && shift == 0)
    return base::Err(fmt::format("has the unknown size unit '{}' (known: k, m, g)", text));
  if (value > (std::numeric_limits<int64_t>::max() >> shift))
    return base::Err(fmt::format("is too large: '{}'", whole));
  return static_cast<uint64_t>(TRY(in_range(value << shift, range)));
}

base::Result<bool> parse_on_off(std::string_view text) {
  if (text == "on") return true;
  if (text == "off") return false;
  return base::Err(fmt::format("expects 'on' or 'off', not '{}'", text));
}

}  // namespace cfg
