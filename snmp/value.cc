#include "snmp/value.h"

#include <ctime>

namespace snmp {

std::string date_and_time(int64_t unix_seconds, int deciseconds) {
  if (unix_seconds <= 0) return std::string(8, '\0');
  const time_t at = unix_seconds;
  tm parts{};
  gmtime_r(&at, &parts);
  const int year = parts.tm_year + 1900;
  std::string text;
  for (const int octet : {year >> 8, year & 0xff, parts.tm_mon + 1, parts.tm_mday, parts.tm_hour, parts.tm_min,
                          parts.tm_sec, deciseconds, int{'+'}, 0, 0})
    text += static_cast<char>(octet);
  return text;
}

std::string admin_string(std::string_view text) {
  constexpr size_t kMost = 255;
  if (text.size() <= kMost) return std::string(text);
  size_t end = kMost;
  while (end > 0 && (static_cast<unsigned char>(text[end]) & 0xc0) == 0x80) --end;
  return std::string(text.substr(0, end));
}

}  // namespace snmp
