#include "lbd/http/date.h"

#include <algorithm>
#include <chrono>

#include "base/strings.h"

namespace lbd::http {
namespace {

using std::chrono::days;
using std::chrono::sys_days;
using std::chrono::year_month_day;

constexpr std::string_view kMonths = "JanFebMarAprMayJunJulAugSepOctNovDec";
constexpr std::string_view kDays = "SunMonTueWedThuFriSat";

char* digits(char* to, unsigned value, int width) {
  for (int i = width - 1; i >= 0; --i, value /= 10) to[i] = static_cast<char>('0' + value % 10);
  return to + width;
}

char* text(char* to, std::string_view what) {
  return std::copy(what.begin(), what.end(), to);
}

// Takes pieces of a date off the front; failed as soon as one did not fit.
class Reader {
 public:
  explicit Reader(std::string_view text) : rest_(text) {}

  Reader& literal(std::string_view what) {
    if (good_ && rest_.starts_with(what))
      rest_.remove_prefix(what.size());
    else
      good_ = false;
    return *this;
  }
  Reader& number(size_t width, int& out) {
    if (!good_ || rest_.size() < width) return fail();
    out = 0;
    for (size_t i = 0; i < width; ++i) {
      // asctime pads the day of the month with a blank.
      if (rest_[i] == ' ' && i == 0 && width == 2) continue;
      if (!base::is_digit(rest_[i])) return fail();
      out = out * 10 + (rest_[i] - '0');
    }
    rest_.remove_prefix(width);
    return *this;
  }
  Reader& month(int& out) {
    size_t at = good_ && rest_.size() >= 3 ? kMonths.find(rest_.substr(0, 3)) : std::string_view::npos;
    if (at == std::string_view::npos || at % 3) return fail();
    out = static_cast<int>(at / 3) + 1;
    rest_.remove_prefix(3);
    return *this;
  }
  Reader& time(int& hour, int& minute, int& second) {
    return number(2, hour).literal(":").number(2, minute).literal(":").number(2, second);
  }
  bool done() const { return good_ && rest_.empty(); }

 private:
  Reader& fail() {
    good_ = false;
    return *this;
  }
  std::string_view rest_;
  bool good_ = true;
};

}  // namespace

char* print_date(int64_t seconds, char* to) {
  auto moment = std::chrono::sys_seconds(std::chrono::seconds(seconds));
  auto day = std::chrono::floor<days>(moment);
  year_month_day date(day);
  std::chrono::hh_mm_ss time(moment - day);
  to = text(to, kDays.substr(std::chrono::weekday(day).c_encoding() * 3, 3));
  to = digits(text(to, ", "), static_cast<unsigned>(date.day()), 2);
  to = text(text(to, " "), kMonths.substr((static_cast<unsigned>(date.month()) - 1) * 3, 3));
  to = digits(text(to, " "), static_cast<unsigned>(static_cast<int>(date.year())), 4);
  to = digits(text(to, " "), static_cast<unsigned>(time.hours().count()), 2);
  to = digits(text(to, ":"), static_cast<unsigned>(time.minutes().count()), 2);
  to = digits(text(to, ":"), static_cast<unsigned>(time.seconds().count()), 2);
  return text(to, " GMT");
}

std::optional<int64_t> parse_date(std::string_view date) {
  // The name of the day says nothing that the date does not; its length tells the formats apart.
  size_t name = std::min(date.find_first_of(", "), date.size());
  Reader reader(date.substr(name));
  int year = 0, month = 0, day = 0, hour = 0, minute = 0, second = 0;
  if (date.substr(name).starts_with(',')) {
    if (name == 3) {
      reader.literal(", ").number(2, day).literal(" ").month(month).literal(" ").number(4, year).literal(" ");
    } else {
      reader.literal(", ").number(2, day).literal("-").month(month).literal("-").number(2, year).literal(" ");
      year += year < 70 ? 2000 : 1900;
    }
    reader.time(hour, minute, second).literal(" GMT");
  } else {
    reader.literal(" ").month(month).literal(" ").number(2, day).literal(" ").time(hour, minute, second);
    reader.literal(" ").number(4, year);
  }
  if (!reader.done()) return std::nullopt;
  year_month_day when(std::chrono::year(year), std::chrono::month(static_cast<unsigned>(month)),
                      std::chrono::day(static_cast<unsigned>(day)));
  if (!when.ok() || hour > 23 || minute > 59 || second > 60) return std::nullopt;
  return sys_days(when).time_since_epoch().count() * 86400LL + hour * 3600 + minute * 60 + second;
}

}  // namespace lbd::http
