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

std::string_view edit_cookies(std::string_view field, std::string_view name, CookieEditor& editor, base::Arena& arena) {
  char* const text = arena.alloc_chars(field.size() + 2);  // a separator may become two bytes
  char* end = text;
  auto append = [&](std::string_view piece) { end = std::copy(piece.begin(), piece.end(), end); };
  bool gap = false, last_dropped = false;
  for (size_t at = 0; at < field.size();) {
    const size_t begin = at;
    const size_t stop = end_of_cookie(field, begin, false);
    at = stop + 1;
    const std::string_view piece = field.substr(begin, stop - begin);
    const std::string_view cookie = base::trim(piece);
    const size_t equal = cookie.find('=');
    CookieEdit edit;
    if (equal != std::string_view::npos && base::trim(cookie.substr(0, equal)) == name)
      edit = editor.edit(base::trim(cookie.substr(equal + 1)));
    else if (last_dropped && cookie.starts_with('$'))
      edit.what = CookieEdit::Do::drop;
    last_dropped = edit.what == CookieEdit::Do::drop;
    gap = gap || last_dropped;
    if (last_dropped) continue;
    if (end != text && gap) append("; ");
    if (end != text && !gap) append(field.substr(begin - 1, 1 + static_cast<size_t>(cookie.data() - piece.data())));
    gap = false;
    if (edit.what == CookieEdit::Do::replace) {
      append(name), append("="), append(edit.value);
    } else {
      append(cookie);
    }
  }
  return {text, static_cast<size_t>(end - text)};
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
