#include "lbd/http/cookie.h"

#include <algorithm>

#include "base/strings.h"
#include "lbd/http/value_list.h"

namespace lbd::http {
namespace {

size_t end_of_cookie(std::string_view field, size_t at, bool set_cookie) {
  bool quoted = false;
  for (; at < field.size(); ++at) {
    char c = field[at];
    if (c == '"')
      quoted = !quoted;
    else if (quoted && c == '\\' && at + 1 < field.size())
      ++at;
    else if (!quoted && (c == ';' || (c == ',' && !set_cookie)))
      break;
  }
  return at;
}

}  // namespace

bool next_cookie(std::string_view field, size_t& at, Pair& cookie, bool set_cookie) {
  while (at < field.size()) {
    size_t end = end_of_cookie(field, at, set_cookie);
    std::string_view pair = field.substr(at, end - at);
    at = set_cookie ? field.size() : end + 1;
    size_t equal = pair.find('=');
    if (equal == std::string_view::npos) continue;
    cookie = {base::trim(pair.substr(0, equal)), base::trim(pair.substr(equal + 1))};
    if (!cookie.name.starts_with('$')) return true;
  }
  return false;
}

std::string_view find_cookie(const Headers& headers, std::string_view name) {
  std::string_view found;
  for (const Header& field : headers) {
    if (field.token != Token::cookie || field.removed()) continue;
    Pair cookie;
    for (size_t at = 0; next_cookie(field.value, at, cookie, false);)
      if (cookie.name == name) found = cookie.value;
  }
  return found;
}

bool cookie_is_cacheable(Method method, const Head& response) {
  static constexpr uint16_t kCacheable[] = {200, 203, 204, 206, 300, 301, 404, 405, 410, 414, 501};
  static constexpr std::string_view kForbid[] = {"private", "no-store", "no-cache", "max-age=0", "s-maxage=0"};
  const bool safe =
      method == Method::get || method == Method::head || method == Method::options || method == Method::trace;
  bool cacheable =
      safe && std::find(std::begin(kCacheable), std::end(kCacheable), response.status) != std::end(kCacheable);
  bool lasting = false;  // says how long it is good, or how to ask whether it still is
  for (const Header& field : response.headers) {
    if (field.removed()) continue;
    if (field.name == "etag" || field.name == "last-modified" || field.name == "expires") lasting = true;
    if (field.name == "pragma" && base::iequals(field.value, "no-cache")) cacheable = false;
    if (field.token != Token::cache_control) continue;
    std::string_view value;
    for (size_t at = 0; next_list_value(field.value, at, value);) {
      const std::string word = base::lower(value);
      if (word == "public") cacheable = true;
      if (word.starts_with("max-age=") || word.starts_with("s-maxage=")) lasting = true;
      // no-cache="set-cookie" and no-cache="set-cookie, …" keep the cookie out of caches.
      if (word.starts_with("no-cache=\"set-cookie\"") || word.starts_with("no-cache=\"set-cookie,") ||
          std::find(std::begin(kForbid), std::end(kForbid), word) != std::end(kForbid))
        cacheable = false;
    }
  }
  return cacheable && lasting;
}

}  // namespace lbd::http
