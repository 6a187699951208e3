// HTTP dates (RFC 9110, 5.6.7): "Sun, 06 Nov 1994 08:49:37 GMT". Pure; no locale, no time zone data.
#pragma once

#include <cstdint>
#include <optional>
#include <string_view>

namespace lbd::http {

inline constexpr size_t kDateSize = 29;

// Seconds since 1970 as kDateSize bytes at `to`; returns the end. Years 0 to 9999.
char* print_date(int64_t seconds, char* to);

// All three formats that a recipient must understand; nothing when it is none of them or no real date.
std::optional<int64_t> parse_date(std::string_view text);

}  // namespace lbd::http
