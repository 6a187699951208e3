#include "lbd/config/status_codes.h"

#include <fmt/format.h>

#include <algorithm>

#include "base/strings.h"

namespace lbd::config {

StatusCodes StatusCodes::of_clients() {
  StatusCodes codes;
  codes.set(400, 499, true);
  return codes;
}

StatusCodes StatusCodes::of_servers() {
  StatusCodes codes;
  codes.set(500, 599, true);
  codes.set(501, 501, false);
  codes.set(505, 505, false);
  return codes;
}

void StatusCodes::set(int first, int last, bool on) {
  for (int status = first; status <= last; ++status) bits_.set(static_cast<size_t>(status - kFirst), on);
}

std::optional<std::string> StatusCodes::apply(std::string_view word) {
  const std::string_view whole = word;
  const bool plus = word.starts_with('+'), minus = word.starts_with('-');
  if (plus || minus) word.remove_prefix(1);
  StatusCodes result = plus || minus ? *this : StatusCodes();
  for (size_t at = 0; at <= word.size();) {
    const size_t end = std::min(word.find(',', at), word.size());
    const std::string_view range = word.substr(at, end - at);
    const size_t dash = std::min(range.find('-'), range.size());
    const auto first = base::parse_int<int>(range.substr(0, dash));
    const auto last = dash == range.size() ? first : base::parse_int<int>(range.substr(dash + 1));
    if (!first || !last || *first < kFirst || *last > kLast || *first > *last)
      return fmt::format("'{}' is no status or range of statuses from {} to {}", range.empty() ? whole : range, kFirst,
                         kLast);
    result.set(*first, *last, !minus);
    at = end + 1;
  }
  *this = result;
  return std::nullopt;
}

}  // namespace lbd::config
