#include "lbd/http/connection.h"

#include "base/strings.h"
#include "lbd/http/value_list.h"

namespace lbd::http {
namespace {

bool of_connection(std::string_view value) {
  return value.empty() || base::iequals(value, "close") || base::iequals(value, "keep-alive");
}

}  // namespace

void strip_connection(Headers& headers) {
  for (Header& field : headers) {
    if (field.token != Token::connection || field.removed()) continue;
    // Nearly always the only value.
    if (of_connection(field.value)) {
      field.name = {};
      continue;
    }
    std::string_view left, value;
    bool dropped = false;
    for (size_t at = 0; next_list_value(field.value, at, value);) {
      if (of_connection(value))
        dropped = true;
      else
        left = left.empty() ? value : headers.arena().concat(left, ", ", value);
    }
    if (!dropped) continue;
    if (left.empty())
      field.name = {};
    else
      field.value = left;
  }
}

std::string_view connection_value(bool keep, Version message, Version receiver) {
  if (keep) return message == Version::http_1_0 || receiver == Version::http_1_0 ? "keep-alive" : "";
  return message == Version::http_1_0 ? "" : "close";
}

}  // namespace lbd::http
