#include "lbd/balance/cookie_persistence.h"

#include <algorithm>
#include <cstring>

#include "base/strings.h"
#include "lbd/expr/trace.h"
#include "lbd/http/cookie.h"

namespace lbd::balance {
namespace {

using Mode = config::Cookie::Mode;

constexpr char kDateSign = '|';                // NAME=COOKIE|LAST|FIRST
constexpr std::string_view kPrefixSign = "~";  // NAME=COOKIE~VALUE
constexpr int64_t kDateUnit = 4;               // seconds
constexpr size_t kDateLength = 5;
constexpr int64_t kMostFuture = 86400;  // a clock that is set wrong is forgiven so many seconds
constexpr char kDigits[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
constexpr std::string_view kGone = "; Expires=Thu, 01-Jan-1970 00:00:01 GMT";

int64_t seconds(base::WallTime now) {
  return std::chrono::duration_cast<base::Seconds>(now.time_since_epoch()).count();
}

uint32_t date_of(base::WallTime now) {
  return static_cast<uint32_t>((seconds(now) + kDateUnit - 1) / kDateUnit);
}

// 0: none, or none that can be read. What stands behind it is not looked at.
uint32_t parse_date(std::string_view text) {
  if (text.size() < kDateLength) return 0;
  uint32_t date = 0;
  for (char c : text.substr(0, kDateLength)) {
    const char* digit = static_cast<const char*>(std::memchr(kDigits, c, sizeof kDigits - 1));
    if (!digit) return 0;
    date = date << 6 | static_cast<uint32_t>(digit - kDigits);
  }
  return date;
}

char* print_date(char* to, uint32_t date) {
  *to++ = kDateSign;
  for (unsigned shift = 6 * kDateLength; shift > 0;) *to++ = kDigits[date >> (shift -= 6) & 63];
  return to;
}

bool passed(uint32_t date, base::Seconds allowed, base::WallTime now) {
  if (date == 0 || allowed.count() == 0) return false;
  const int64_t age = seconds(now) - int64_t{date} * kDateUnit;
  return age > allowed.count() || -age > kMostFuture;
}

// NAME=VALUE of a Set-Cookie field, and what follows it.
struct SetCookie {
  http::Pair pair;
  std::string_view rest;
  bool found = false;
};
SetCookie first_pair(std::string_view field, std::string_view name) {
  SetCookie out;
  size_t at = 0;
  out.found = http::next_cookie(field, at, out.pair, true) && out.pair.name == name;
  if (out.found) out.rest = {out.pair.value.end(), static_cast<size_t>(field.end() - out.pair.value.end())};
  return out;
}

}  // namespace

CookiePersistence::CookiePersistence(const server::Backend& backend)
    : config_(*backend.config().cookie), backend_(backend) {
  for (const auto& server : backend.servers())
    if (!server->config().cookie.empty()) named_.push_back({server->config().cookie, server.get()});
  std::stable_sort(named_.begin(), named_.end(), [](const Named& a, const Named& b) { return a.cookie < b.cookie; });
}

void CookiePersistence::begin(expr::Termination& termination) const {
  if (config_.shown()) termination.cookie_request = termination.cookie_response = 'N';
}

std::string_view CookiePersistence::cookie_of(const server::Server& server, server::CookieKey::Room& room) const {
  const std::string& own = server.config().cookie;
  return own.empty() ? backend_.cookie_key.cookie(server.address(), room) : std::string_view(own);
}

char CookiePersistence::find(std::string_view value, base::WallTime now, bool even_if_down, CookieVisit& visit) const {
  uint32_t last = 0, first = 0;
  if (config_.mode == Mode::prefix) {
    value = value.substr(0, value.find(kPrefixSign));
  } else if (const size_t sign = value.find(kDateSign); sign != std::string_view::npos) {
    const std::string_view dates = value.substr(sign + 1);
    const size_t second = dates.find(kDateSign);
    last = parse_date(dates.substr(0, second));
    if (second != std::string_view::npos) first = parse_date(dates.substr(second + 1));
    value = value.substr(0, sign);
  }
  if (passed(first, config_.max_life, now)) return 'O';
  if (passed(last, config_.max_idle, now)) return 'E';
  if (value.empty()) return 'I';
  char flag = 'I';
  auto take = [&](server::Server& server) {
    flag = server.up() ? 'V' : 'D';
    if (!server.up() && !even_if_down) return false;
    visit.server = &server;
    visit.last_date = last;
    visit.first_date = first;
    return true;
  };
  auto [begin, end] = std::equal_range(named_.begin(), named_.end(), Named{value, nullptr},
                                       [](const Named& a, const Named& b) { return a.cookie < b.cookie; });
  for (; begin != end; ++begin)
    if (!begin->server->removed() && take(*begin->server)) return flag;
  if (backend_.cookie_key.in_use() && value.size() == server::CookieKey::kLength) {
    server::CookieKey::Room room;
    for (const auto& server : backend_.servers())
      if (server->config().cookie.empty() && cookie_of(*server, room) == value && take(*server)) return flag;
  }
  return flag;
}

// What is done with each cookie of a request.
class CookiePersistence::Reader final : public http::CookieEditor {
 public:
  Reader(const CookiePersistence& of, expr::Transaction& transaction, bool unused, bool even_if_down,
         CookieVisit& visit)
      : of_(of), transaction_(transaction), visit_(visit), unused_(unused), even_if_down_(even_if_down) {}

  http::CookieEdit edit(std::string_view value) override {
    look(value);
    using Do = http::CookieEdit::Do;
    const config::Cookie& config = of_.config_;
    if (config.mode == Mode::insert && config.indirect) return {Do::drop};
    const size_t sign = config.mode == Mode::prefix ? value.find(kPrefixSign) : std::string_view::npos;
    if (sign != std::string_view::npos) return {Do::replace, value.substr(sign + kPrefixSign.size())};
    return {};
  }

  void look(std::string_view value) {
    if (visit_.server) return;
    const char flag = unused_ ? 'U' : of_.find(value, base::wall_now(), even_if_down_, visit_);
    if (of_.config_.shown()) transaction_.termination.cookie_request = flag;
    if (transaction_.trace)
      transaction_.trace->say(expr::Trace::Depth::rule, "cookie {}={}: {}", of_.config_.name, value, meaning(flag));
  }

 private:
  static std::string_view meaning(char flag) {
    switch (flag) {
      case 'V':
        return "followed";
      case 'D':
        return "its server is down";
      case 'E':
        return "expired";
      case 'O':
        return "too old";
      case 'U':
        return "not used";
      default:
        return "no server has it";
    }
  }
  const CookiePersistence& of_;
  expr::Transaction& transaction_;
  CookieVisit& visit_;
  const bool unused_, even_if_down_;
};

void CookiePersistence::read(expr::Transaction& transaction, http::Head& request, bool unused, bool even_if_down,
                             CookieVisit& visit) const {
  Reader reader(*this, transaction, unused, even_if_down, visit);
  const bool edits = config_.mode == Mode::prefix || (config_.mode == Mode::insert && config_.indirect);
  for (http::Header& field : request.headers) {
    if (field.token != http::Token::cookie || field.removed()) continue;
    bool there = false;
    http::Pair cookie;
    for (size_t at = 0; http::next_cookie(field.value, at, cookie, false);) {
      if (cookie.name != config_.name) continue;
      there = true;
      if (!edits) reader.look(cookie.value);
    }
    if (!there || !edits) continue;
    field.value = http::edit_cookies(field.value, config_.name, reader, transaction.arena);
    if (field.value.empty()) field.name = {};
  }
}

void CookiePersistence::edit(expr::Transaction& transaction, http::Head& response, CookieVisit& visit) const {
  const bool drops = config_.mode == Mode::insert || (config_.indirect && visit.at_home && visit.server);
  char flag = 0;
  for (http::Header& field : response.headers) {
    if (field.token != http::Token::set_cookie && field.name != "set-cookie2") continue;
    const SetCookie cookie = first_pair(field.value, config_.name);
    if (!cookie.found) continue;
    flag = 'P';
    if (config_.preserve) continue;
    if (drops) {
      field.name = {};
      flag = 'D';
      continue;
    }
    if (config_.mode != Mode::rewrite && config_.mode != Mode::prefix) continue;
    server::CookieKey::Room room;
    const std::string_view own = cookie_of(*transaction.server, room);
    if (own.empty()) continue;
    flag = 'R';
    field.value = config_.mode == Mode::rewrite
                      ? transaction.arena.concat(config_.name, "=", own, cookie.rest)
                      : transaction.arena.concat(config_.name, "=", own, kPrefixSign, cookie.pair.value, cookie.rest);
  }
  visit.provided = flag == 'P';
  if (flag && config_.shown()) transaction.termination.cookie_response = flag;
}

// A date that is missing, too much, or not the present one any more.
bool CookiePersistence::must_refresh(const CookieVisit& visit, base::WallTime now) const {
  if (!config_.dated()) return false;
  return (config_.max_idle.count() > 0 && visit.last_date == 0) ||
         (config_.max_life.count() > 0) == (visit.first_date == 0) ||
         (visit.last_date != 0 && visit.last_date < date_of(now));
}

void CookiePersistence::insert(expr::Transaction& transaction, http::Method method, http::Head& response,
                               const CookieVisit& visit) const {
  if (config_.mode != Mode::insert || visit.provided || visit.ignored) return;
  if (config_.postonly && method != http::Method::post) return;
  const base::WallTime now = base::wall_now();
  const bool refreshes = visit.at_home && visit.server && must_refresh(visit, now);
  if (visit.at_home && !refreshes) return;
  server::CookieKey::Room room;
  const std::string_view own = cookie_of(*transaction.server, room);
  char dates[2 * (kDateLength + 1)];
  char* end = dates;
  if (!own.empty() && config_.dated()) {
    end = print_date(end, date_of(now));
    const uint32_t first = refreshes && visit.first_date ? visit.first_date : date_of(now);
    if (config_.max_life.count() > 0) end = print_date(end, first);
  }
  const std::string_view value =
      transaction.arena.concat(config_.name, "=", own, std::string_view(dates, static_cast<size_t>(end - dates)),
                               own.empty() ? kGone : std::string_view(), "; path=/", config_.attributes);
  const bool cacheable = config_.nocache && http::cookie_is_cacheable(method, response);
  response.headers.add("set-cookie", value, http::Token::set_cookie);
  if (cacheable) response.headers.add("cache-control", "private", http::Token::cache_control);
  transaction.termination.cookie_response = refreshes ? 'U' : 'I';
}

}  // namespace lbd::balance
