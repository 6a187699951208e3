// Converters of seconds, milliseconds and microseconds since 1970 to dates. Manual: 7.3.1 (http_date, ltime, utime).
#include <cstring>
#include <ctime>

#include "lbd/expr/row.h"
#include "lbd/expr/text_builder.h"
#include "lbd/http/date.h"

namespace lbd::expr {
namespace {

constexpr int64_t kSecond = 1, kMilli = 1000, kMicro = 1'000'000;

int64_t add(int64_t a, int64_t b) {
  int64_t sum;
  return __builtin_add_overflow(a, b, &sum) ? a : sum;
}

bool prepare_unit(Prepare& prepare) {
  std::string_view unit = prepare.args[1].text;
  prepare.args[1].number = unit == "us" ? kMicro : unit == "ms" ? kMilli : kSecond;
  if (unit.empty() || unit == "s" || unit == "ms" || unit == "us") return true;
  prepare.error = "the unit must be s, ms or us";
  return false;
}

// With a fraction of the second in the digits of its unit, as HAProxy has it; dates before 1970 are dates, too.
bool http_date(const ConverterCall& call, Transaction& t, Value& value) {
  int64_t unit = call.arg(1).number, time = add(value.integer, call.arg(0).number);
  int64_t seconds = time / unit - (time % unit < 0), rest = time - seconds * unit;
  constexpr int64_t kLeast = -62167219200, kMost = 253402300799;  // years 0 to 9999
  if (seconds < kLeast || seconds > kMost) return false;
  constexpr size_t kZone = 4;  // " GMT"
  char* to = t.arena.alloc_chars(http::kDateSize + 7);
  char* end = http::print_date(seconds, to);
  if (unit != kSecond) {
    size_t digits = unit == kMilli ? 3 : 6;
    end -= kZone;
    *end = '.';
    for (size_t i = digits; i > 0; --i, rest /= 10) end[i] = static_cast<char>('0' + rest % 10);
    end += 1 + digits;
    std::memcpy(end, " GMT", kZone);
    end += kZone;
  }
  value.set_text({to, static_cast<size_t>(end - to)});
  return true;
}

// %N of date(1), which strftime(3) does not have: the fraction of the second, 9 digits or as many as stand before it.
// Returns the length of the sequence at `at`, 0 when it is none.
size_t fraction(std::string_view format, size_t at, int64_t rest, int64_t unit, TextBuilder& done) {
  size_t end = at + 1;
  size_t digits = 0;
  while (end < format.size() && format[end] >= '0' && format[end] <= '9' && digits < 10)
    digits = digits * 10 + static_cast<size_t>(format[end++] - '0');
  if (end >= format.size() || format[end] != 'N') return 0;
  digits = digits == 0 || digits > 9 ? 9 : digits;
  int64_t nanos = rest * (1'000'000'000 / unit);
  char text[9];
  for (size_t i = 9; i-- > 0; nanos /= 10) text[i] = static_cast<char>('0' + nanos % 10);
  done.append({text, digits});
  return end + 1 - at;
}

template <int64_t unit, bool local>
bool format_time(const ConverterCall& call, Transaction& t, Value& value) {
  int64_t input = add(value.integer, call.arg(1).number);
  int64_t seconds = input / unit, rest = input % unit;
  if (rest < 0) {
    rest += unit;
    --seconds;
  }
  tm fields{};
  time_t clock = seconds;
  if (!(local ? localtime_r(&clock, &fields) : gmtime_r(&clock, &fields))) return false;
  std::string_view format = call.arg(0).text;
  if constexpr (unit != kSecond) {
    TextBuilder expanded(t.arena, format.size() + 16);
    for (size_t at = 0; at < format.size();) {
      size_t used = format[at] == '%' ? fraction(format, at, rest, unit, expanded) : 0;
      if (used == 0) {
        used = format[at] == '%' && at + 1 < format.size() ? 2 : 1;
        expanded.append(format.substr(at, used));
      }
      at += used;
    }
    format = expanded.view();
  }
  // strftime wants a terminated format, and 0 is also what it says for an empty result: the mark tells them apart.
  TextBuilder marked(t.arena, format.size() + 2);
  marked.append(format);
  marked.append(std::string_view("|\0", 2));
  std::string_view terminated = marked.view();
  size_t room = 4 * terminated.size() + 256;
  char* to = t.arena.alloc_chars(room);
#pragma GCC diagnostic push
#pragma GCC diagnostic ignored "-Wformat-nonliteral"
  size_t size = std::strftime(to, room, terminated.data(), &fields);
#pragma GCC diagnostic pop
  if (size == 0) return false;
  value.set_text({to, size - 1});
  return true;
}

constexpr ArgSpecs kFormat = {{{ArgKind::text}, {ArgKind::number, true}}};
constexpr Type kInt = Type::integer, kText = Type::string;
constexpr ConverterRow kRows[] = {
    {.name = "http_date",
     .doc = "A date as HTTP writes it, of s, ms or us since 1970, plus an offset.",
     .args = {{{ArgKind::number, true}, {ArgKind::text, true}}},
     .in = kInt,
     .out = kText,
     .run = http_date,
     .prepare = prepare_unit},
    {.name = "ltime",
     .doc = "Seconds since 1970 in local time, in a format of strftime, plus an offset.",
     .args = kFormat,
     .in = kInt,
     .out = kText,
     .run = format_time<kSecond, true>},
    {.name = "utime",
     .doc = "Seconds since 1970 in UTC, in a format of strftime, plus an offset.",
     .args = kFormat,
     .in = kInt,
     .out = kText,
     .run = format_time<kSecond, false>},
    {.name = "ms_ltime",
     .doc = "As ltime, of milliseconds; %N is the fraction (%3N: 3 digits).",
     .args = kFormat,
     .in = kInt,
     .out = kText,
     .run = format_time<kMilli, true>},
    {.name = "ms_utime",
     .doc = "As utime, of milliseconds; %N is the fraction (%3N: 3 digits).",
     .args = kFormat,
     .in = kInt,
     .out = kText,
     .run = format_time<kMilli, false>},
    {.name = "us_ltime",
     .doc = "As ltime, of microseconds; %N is the fraction (%6N: 6 digits).",
     .args = kFormat,
     .in = kInt,
     .out = kText,
     .run = format_time<kMicro, true>},
    {.name = "us_utime",
     .doc = "As utime, of microseconds; %N is the fraction (%6N: 6 digits).",
     .args = kFormat,
     .in = kInt,
     .out = kText,
     .run = format_time<kMicro, false>},
};
const Converters kEnrol(kRows);

}  // namespace
}  // namespace lbd::expr
