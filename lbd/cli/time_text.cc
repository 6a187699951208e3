#include "lbd/cli/time_text.h"

#include <fmt/format.h>
#include <time.h>

#include <algorithm>

namespace lbd::cli {

std::string duration_text(base::Nanos duration) {
  const int64_t seconds = std::max<int64_t>(0, std::chrono::duration_cast<base::Seconds>(duration).count());
  const auto units = [](int64_t large, char large_unit, int64_t small, char small_unit) {
    return small ? fmt::format("{}{}{}{}", large, large_unit, small, small_unit)
                 : fmt::format("{}{}", large, large_unit);
  };
  if (seconds < 60) return fmt::format("{}s", seconds);
  if (seconds < 3600) return units(seconds / 60, 'm', seconds % 60, 's');
  if (seconds < 86400) return units(seconds / 3600, 'h', seconds / 60 % 60, 'm');
  return units(seconds / 86400, 'd', seconds / 3600 % 24, 'h');
}

std::string remaining_text(base::MonoTime when, base::MonoTime now, const std::string& never) {
  return when == base::kNever ? never : duration_text(when - now);
}

std::string date_text(base::WallTime when, int digits) {
  const int64_t micros = when.time_since_epoch().count();
  const time_t seconds = static_cast<time_t>(micros / 1'000'000);
  tm parts{};
  localtime_r(&seconds, &parts);
  char text[32];
  strftime(text, sizeof text, "%d/%b/%Y:%H:%M:%S", &parts);
  const int64_t fraction = micros % 1'000'000;
  return digits == 3 ? fmt::format("{}.{:03}", text, fraction / 1000) : fmt::format("{}.{:06}", text, fraction);
}

}  // namespace lbd::cli
