#include "lbctl/text.h"

#include <fmt/chrono.h>
#include <fmt/format.h>

#include <algorithm>

namespace lbctl {

std::string printable(std::string_view text) {
  std::string out(text);
  for (char& c : out)
    if (static_cast<unsigned char>(c) < 0x20 || c == 0x7f) c = '?';
  return out;
}

std::string in_columns(const std::vector<std::vector<std::string>>& lines) {
  std::vector<size_t> wide;
  for (const auto& line : lines) {
    wide.resize(std::max(wide.size(), line.size()));
    for (size_t i = 0; i < line.size(); ++i) wide[i] = std::max(wide[i], line[i].size());
  }
  std::string text;
  for (const auto& line : lines) {
    std::string out;
    for (size_t i = 0; i < line.size(); ++i) out += fmt::format("{}{:<{}}", i == 0 ? "" : "  ", line[i], wide[i]);
    text += out.substr(0, out.find_last_not_of(' ') + 1) + '\n';
  }
  return text;
}

std::string span_text(base::Seconds time) {
  constexpr std::pair<int64_t, std::string_view> kUnits[] = {{86400, "days"}, {3600, "h"}, {60, "min"}};
  for (const auto& [seconds, name] : kUnits)
    if (time.count() >= 2 * seconds) return fmt::format("{} {}", time.count() / seconds, name);
  return fmt::format("{} s", time.count());
}

std::string utc_text(int64_t seconds) {
  constexpr int64_t kMost = 253'402'300'799;  // the end of the year 9999
  return fmt::format("{:%Y-%m-%d %H:%M:%S} UTC",
                     fmt::gmtime(static_cast<std::time_t>(std::clamp<int64_t>(seconds, -kMost, kMost))));
}

}  // namespace lbctl
