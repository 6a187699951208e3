#include "lbd/http/value_list.h"

#include "base/strings.h"

namespace lbd::http {

bool next_list_value(std::string_view list, size_t& at, std::string_view& value) {
  if (at > list.size()) return false;
  // Most fields hold one value.
  if (list.find(',', at) == std::string_view::npos) {
    value = base::trim(list.substr(at));
    at = list.size() + 1;
    return true;
  }
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

bool list_has(std::string_view list, std::string_view token) {
  std::string_view value;
  for (size_t at = 0; next_list_value(list, at, value);)
    if (base::iequals(value, token)) return true;
  return false;
}

}  // namespace lbd::http
