#include "vrrpd/track/file_number.h"

#include <algorithm>
#include <charconv>

#include "base/strings.h"

namespace vrrpd {
namespace {

constexpr int64_t kMostPriority = 253;

}  // namespace

int64_t number_in(std::string_view text) {
  text = base::trim(text);
  if (text.starts_with('+')) text.remove_prefix(1);
  int64_t number = 0;
  std::from_chars(text.data(), text.data() + text.size(), number);
  return std::clamp(number, -kMostNumber, kMostNumber);
}

Verdict judge_number(int64_t number, int64_t weight, bool reverse) {
  if (weight == 0) return {.fault = (number != 0) != reverse};
  const int64_t moved = number * (reverse ? -weight : weight);
  return {.fault = moved < -kMostPriority,
          .priority = static_cast<int>(std::clamp(moved, -kMostPriority, kMostPriority))};
}

}  // namespace vrrpd
