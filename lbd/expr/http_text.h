// What fetches of HTTP share beyond lbd/http.
#pragma once

#include <string_view>

#include "lbd/http/head.h"

namespace lbd::expr {

std::string_view version_text(http::Version version);  // "1.1"

// A field name as programs look it up: lower-case, with its token.
struct FieldName {
  std::string_view name;
  http::Token token = http::Token::other;
  bool operator()(const http::Header& header) const {
    if (token != http::Token::other) return header.token == token && !header.removed();
    return header.name == name;
  }
};

}  // namespace lbd::expr
