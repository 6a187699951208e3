#include "base/journal.h"

#include <time.h>

#include <charconv>

#include "base/fd.h"

namespace base {
namespace {

std::string plain(std::string_view text, size_t longest) {
  std::string out(text.substr(0, longest));
  for (char& c : out)
    if (c < 0x20 || c > 0x7e) c = '?';
  return out;
}

}  // namespace

Micros boot_now() {
  timespec now{};
  clock_gettime(CLOCK_BOOTTIME, &now);
  return Seconds(now.tv_sec) + Micros(now.tv_nsec / 1000);
}

uint64_t boot_id() {
  // "0c5b2ff5-1a3c-…": the first eight digits and the next four are random enough.
  const auto text = read_file("/proc/sys/kernel/random/boot_id", 64);
  if (!text) return 0;
  std::string digits;
  for (char c : *text)
    if (c != '-' && digits.size() < 16) digits += c;
  uint64_t id = 0;
  std::from_chars(digits.data(), digits.data() + digits.size(), id, 16);
  return id;
}

Journal& Journal::instance() {
  static Journal journal;
  return journal;
}

void Journal::add(std::string_view kind, std::string_view object, std::string_view text) {
  if (events_.size() == kKept) events_.pop_front();
  events_.push_back({.sequence = ++last_,
                     .boot = boot_now(),
                     .wall = wall_now(),
                     .kind = plain(kind, kLongestName),
                     .object = plain(object, kLongestName),
                     .text = plain(text, kLongestText)});
  if (listener_) listener_();
}

}  // namespace base
