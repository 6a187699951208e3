#include "lbd/http/connection.h"

#include <algorithm>

#include "base/strings.h"

namespace lbd::http {
namespace {

bool of_connection(std::string_view value, bool& closes) {
  if (base::iequals(value, "close")) return closes = true;
  return value.empty() || base::iequals(value, "keep-alive");
}

// What stands before the first item taken out stays as it is, blanks and empty items included; so HAProxy does it.
std::string_view without_connection_values(base::Arena& arena, std::string_view value, bool& closes) {
  if (value.find_first_not_of(", \t") == std::string_view::npos) return {};
  char* left = nullptr;
  size_t size = 0;
  for (size_t at = 0; at <= value.size();) {
    size_t comma = std::min(value.find(',', at), value.size());
    std::string_view item = base::trim(value.substr(at, comma - at));
    if (!item.empty() && of_connection(item, closes)) {
      if (!left) {
        left = arena.alloc_chars(value.size());
        size = value.copy(left, at ? at - 1 : 0);
      }
    } else if (left) {
      if (size) left[size++] = ',';
      size += item.copy(left + size, item.size());
    }
    at = comma + 1;
  }
  return left ? base::trim({left, size}) : value;
}

}  // namespace

bool strip_connection(Headers& headers) {
  bool closes = false;
  for (Header& field : headers) {
    if (field.token != Token::connection || field.removed()) continue;
    // Nearly always the only value.
    if (of_connection(field.value, closes)) {
      field.name = {};
      continue;
    }
    field.value = without_connection_values(headers.arena(), field.value, closes);
    if (field.value.empty()) field.name = {};
  }
  return closes;
}

std::string_view connection_value(bool keep, Version message, Version receiver) {
  if (keep) return message == Version::http_1_0 || receiver == Version::http_1_0 ? "keep-alive" : "";
  return message == Version::http_1_0 ? "" : "close";
}

}  // namespace lbd::http
