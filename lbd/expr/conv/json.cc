// Converters from and to JSON, and to what is inside of JSON web tokens. Manual: 7.3.1 (json, json_query, jwt_*).
#include "lbd/expr/json.h"

#include <fmt/format.h>

#include <algorithm>
#include <charconv>
#include <cmath>
#include <limits>

#include "base/base64.h"
#include "lbd/expr/context.h"
#include "lbd/expr/row.h"

namespace lbd::expr {
namespace {

constexpr JsonInput kInputs[] = {
    {}, {true, false, false}, {true, true, false}, {true, false, true}, {true, true, true}};
constexpr std::string_view kInputNames[] = {"ascii", "utf8", "utf8s", "utf8p", "utf8ps"};

bool prepare_json(Prepare& prepare) {
  std::string_view name = prepare.args[0].given() ? prepare.args[0].text : "ascii";
  for (size_t i = 0; i < std::size(kInputNames); ++i)
    if (kInputNames[i] == name) *prepare.data = &kInputs[i];
  if (!*prepare.data) prepare.error = "the input code is ascii, utf8, utf8s, utf8p or utf8ps";
  return *prepare.data != nullptr;
}
bool escape(const ConverterCall& call, Transaction& t, Value& value) {
  std::string_view escaped;
  if (!escape_json(value.view(), *static_cast<const JsonInput*>(call.data), t.arena, escaped)) return false;
  value.set_text(escaped);
  return true;
}

bool prepare_query(Prepare& prepare) {
  if (!is_json_path(prepare.args[0].text))
    prepare.error = fmt::format("'{}' is no JSON path such as $.key[0].more", prepare.args[0].text);
  else if (!prepare.args[1].text.empty() && prepare.args[1].text != "int")
    prepare.error = "the output type can only be int";
  return prepare.error.empty();
}
bool prepare_token_query(Prepare& prepare) {
  return !prepare.args[0].given() || prepare_query(prepare);
}

// A whole number keeps all its digits; others are printed as a double has them.
bool set_number(std::string_view text, bool integer, base::Arena& arena, Value& value) {
  int64_t whole;
  const char* end = text.data() + text.size();
  auto [stop, error] = std::from_chars(text.data(), end, whole);
  if (error == std::errc() && stop == end) {
    integer ? value.set_int(whole) : value.set_text(text);
    return true;
  }
  double number = 0;
  if (std::from_chars(text.data(), end, number).ec != std::errc()) return false;
  if (integer) {
    if (!(std::abs(number) < 9.2e18)) return false;
    value.set_int(static_cast<int64_t>(number));
    return true;
  }
  char room[40];
  auto printed = fmt::format_to_n(room, sizeof room, "{:.15g}", number);
  value.set_text(arena.copy({room, printed.size}));
  return true;
}

bool query(std::string_view json, const ConverterCall& call, Transaction& t, Value& value) {
  JsonValue found;
  if (!find_json(json, call.arg(0).text, found)) return false;
  switch (found.kind) {
    case JsonKind::string: {
      std::string_view plain;
      if (!unescape_json(found.text, t.arena, plain)) return false;
      value.set_text(plain);
      return true;
    }
    case JsonKind::number:
      return set_number(found.text, !call.arg(1).text.empty(), t.arena, value);
    case JsonKind::boolean:
      value.set_bool(found.text == "true");
      return true;
    case JsonKind::array:
      value.set_text(found.text);
      return true;
    case JsonKind::null:
    case JsonKind::object:
      return false;
  }
  return false;
}
bool json_query(const ConverterCall& call, Transaction& t, Value& value) {
  return query(value.view(), call, t, value);
}

// Part 0 or 1 of a token, decoded, or what a path finds in it.
template <int part>
bool token_query(const ConverterCall& call, Transaction& t, Value& value) {
  std::string_view token = value.view();
  size_t first = token.find('.');
  if (first == std::string_view::npos) return false;
  size_t second = std::min(token.find('.', first + 1), token.size());
  auto json = base::decode_base64(part == 0 ? token.substr(0, first) : token.substr(first + 1, second - first - 1),
                                  base::Base64::url, t.arena);
  if (!json) return false;
  if (call.arg(0).given()) return query(*json, call, t, value);
  value.set_text(*json);
  return true;
}

constexpr ArgSpecs kQuery = {{{ArgKind::text}, {ArgKind::text, true}}};
constexpr ArgSpecs kTokenQuery = {{{ArgKind::text, true}, {ArgKind::text, true}}};
constexpr ConverterRow kRows[] = {
    {.name = "json",
     .doc = "Escapes a text for a JSON string, read as ascii, utf8, utf8s, utf8p or utf8ps.",
     .args = {{{ArgKind::text, true}}},
     .run = escape,
     .prepare = prepare_json},
    {.name = "json_query",
     .doc = "The value at a JSON path, as an integer with int.",
     .args = kQuery,
     .out = Type::any,
     .run = json_query,
     .prepare = prepare_query},
    {.name = "jwt_header_query",
     .doc = "The header of a JSON web token, or the value at a path in it.",
     .args = kTokenQuery,
     .out = Type::any,
     .run = token_query<0>,
     .prepare = prepare_token_query},
    {.name = "jwt_payload_query",
     .doc = "The payload of a JSON web token, or the value at a path in it.",
     .args = kTokenQuery,
     .out = Type::any,
     .run = token_query<1>,
     .prepare = prepare_token_query},
};
const Converters kEnrol(kRows);

}  // namespace
}  // namespace lbd::expr
