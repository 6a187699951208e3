// Views into HTTP text that fetches, actions and tags share: the parts of a request target, list values of a field,
// cookies, parameters. Pure; nothing is copied. RFC 9110, 9112, 6265; manual 7.3.6.
#pragma once

#include <cstddef>
#include <string_view>

#include "lbd/http/head.h"

namespace lbd::expr {

// Null data: the target has no such part ("*", an authority).
std::string_view path_of(std::string_view target);            // "/a/b"
std::string_view path_and_query_of(std::string_view target);  // "/a/b?x=1"
std::string_view query_of(std::string_view target);           // "x=1"; empty but not null after a lone '?'
// Between "//" and the path of an absolute target, or the whole of an authority.
std::string_view authority_of(std::string_view target);

std::string_view version_text(http::Version version);  // "1.1"

// The next value of a comma-separated list, from `at` on; quoted strings are kept whole. False: no more.
bool next_list_value(std::string_view list, size_t& at, std::string_view& value);

struct Pair {
  std::string_view name, value;
};
// Cookie: "a=1; b=2". Set-Cookie: only the first pair of the field counts, further cookies follow a comma.
bool next_cookie(std::string_view field, size_t& at, Pair& cookie, bool set_cookie);
// "x=1&y=2"; `delimiters` end a parameter.
bool next_param(std::string_view query, size_t& at, Pair& param, std::string_view delimiters = "&;");

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
