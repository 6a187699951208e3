#include "lbd/expr/http_text.h"

#include "base/strings.h"

namespace lbd::expr {

namespace {

// Where the path begins; npos when there is none.
size_t path_start(std::string_view target) {
  if (!target.empty() && target.front() == '/') return 0;
  size_t scheme = target.find("://");
  if (scheme == std::string_view::npos) return std::string_view::npos;
  return target.find('/', scheme + 3);
}

}  // namespace

std::string_view path_and_query_of(std::string_view target) {
  size_t start = path_start(target);
  return start == std::string_view::npos ? std::string_view() : target.substr(start);
}

std::string_view path_of(std::string_view target) {
  std::string_view all = path_and_query_of(target);
  return all.substr(0, all.find('?'));
}

std::string_view query_of(std::string_view target) {
  size_t at = target.find('?');
  return at == std::string_view::npos ? std::string_view() : target.substr(at + 1);
}

std::string_view authority_of(std::string_view target) {
  if (!target.empty() && (target.front() == '/' || target == "*")) return {};
  size_t scheme = target.find("://");
  if (scheme != std::string_view::npos) target.remove_prefix(scheme + 3);
  return target.substr(0, target.find_first_of("/?"));
}

std::string_view version_text(http::Version version) {
  switch (version) {
    case http::Version::http_1_0:
      return "1.0";
    case http::Version::http_1_1:
      return "1.1";
    case http::Version::http_2:
      return "2.0";
  }
  return "";
}

bool next_list_value(std::string_view list, size_t& at, std::string_view& value) {
  if (at > list.size() || (at == list.size() && at != 0)) return false;
  bool quoted = false;
  size_t end = at;
  for (; end < list.size(); ++end) {
    char c = list[end];
    if (c == '"')
      quoted = !quoted;
    else if (quoted && c == '\\' && end + 1 < list.size())
      ++end;
    else if (c == ',' && !quoted)
      break;
  }
  value = base::trim(list.substr(at, end - at));
  at = end + 1;
  return true;
}

bool next_cookie(std::string_view field, size_t& at, Pair& cookie, bool set_cookie) {
  while (at < field.size() && (base::is_space(field[at]) || field[at] == ';' || field[at] == ',')) ++at;
  if (at >= field.size()) return false;
  size_t end = at;
  bool quoted = false;
  std::string_view stop = set_cookie ? ";," : ";";
  for (; end < field.size(); ++end) {
    if (field[end] == '"') quoted = !quoted;
    if (!quoted && stop.find(field[end]) != std::string_view::npos) break;
  }
  std::string_view pair = field.substr(at, end - at);
  size_t equal = pair.find('=');
  cookie.name = base::trim(pair.substr(0, equal));
  cookie.value = equal == std::string_view::npos ? std::string_view() : base::trim(pair.substr(equal + 1));
  if (set_cookie) {
    // The attributes (Path, Expires with its comma …) are no cookies.
    at = field.size();
  } else {
    at = end + 1;
  }
  return true;
}

bool next_param(std::string_view query, size_t& at, Pair& param, std::string_view delimiters) {
  if (at >= query.size()) return false;
  size_t end = query.find_first_of(delimiters, at);
  if (end == std::string_view::npos) end = query.size();
  std::string_view pair = query.substr(at, end - at);
  size_t equal = pair.find('=');
  param.name = pair.substr(0, equal);
  param.value = equal == std::string_view::npos ? std::string_view() : pair.substr(equal + 1);
  at = end + 1;
  return true;
}

}  // namespace lbd::expr
