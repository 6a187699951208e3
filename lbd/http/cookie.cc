#include "lbd/http/cookie.h"

#include "base/strings.h"

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

}  // namespace lbd::http
