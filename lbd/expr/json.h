// JSON as converters need it: the value at a path in a text, found in one pass without building a tree, and text
// escaped for a JSON string. Pure.
//
// A path is "$", then ".key" and "[index]" steps; '\' before a character of a key takes it as it is. What stands behind
// the value that was found is not read. Errors: no such value, or text that is no JSON before it: false.
// Manual: 7.3.1 (json_query, json); RFC 8259.
#pragma once

#include <cstdint>
#include <string_view>

#include "base/arena.h"

namespace lbd::expr {

enum class JsonKind : uint8_t { string, number, boolean, null, array, object };

struct JsonValue {
  JsonKind kind = JsonKind::null;
  std::string_view text;  // as it stands there; of a string what is between the quotes
};

bool find_json(std::string_view json, std::string_view path, JsonValue& value);
// Whether a path is one.
bool is_json_path(std::string_view path);
// A string with its escapes undone, as UTF-8. False: an escape that is none.
bool unescape_json(std::string_view text, base::Arena& arena, std::string_view& plain);

// How bytes become characters, and what happens with those that are none.
struct JsonInput {
  bool utf8 = false;
  bool drop_errors = false;     // else they are an error
  bool allow_overlong = false;  // more bytes than the character needs
};
bool escape_json(std::string_view text, JsonInput input, base::Arena& arena, std::string_view& escaped);

}  // namespace lbd::expr
