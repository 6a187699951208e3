// Text for a terminal: what comes from elsewhere made harmless, columns, spans of time. Pure; any thread.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "base/time.h"

namespace lbctl {

// What comes from elsewhere is no sequence of commands for our terminal.
std::string printable(std::string_view text);

// A line for each, with columns as wide as they must be.
std::string in_columns(const std::vector<std::vector<std::string>>& lines);

// "9 days", "5 h", "12 min", "30 s"; no unit for less than two of it.
std::string span_text(base::Seconds time);

// "2026-12-02 12:00:00 UTC", of seconds since 1970.
std::string utc_text(int64_t seconds);

}  // namespace lbctl
