// Converters of the field Forwarded (RFC 7239). Manual: 7.3.1 of HAProxy 3 (rfc7239_*).
#include <algorithm>

#include "base/addr.h"
#include "base/strings.h"
#include "lbd/expr/row.h"

namespace lbd::expr {
namespace {

constexpr std::string_view kNames[] = {"proto", "host", "for", "by"};

bool is_token_char(char c) {
  return c > ' ' && c < 127 && std::string_view("\"(),/:;<=>?@[\\]{}").find(c) == std::string_view::npos;
}
bool is_obfuscated(std::string_view text) {
  if (text.size() < 2 || text[0] != '_') return false;
  return std::all_of(text.begin() + 1, text.end(), [](char c) {
    return base::is_digit(c) || (base::to_lower(c) >= 'a' && base::to_lower(c) <= 'z') || c == '.' || c == '_' ||
           c == '-';
  });
}

// A node: its name (an address with the brackets of IPv6, "unknown", "_x") and port ("80", "_x", empty without one).
struct Node {
  std::string_view name, port;
};
bool read_node(std::string_view text, Node& node) {
  size_t end = text.starts_with('[') ? text.find(']') : std::min(text.find(':'), text.size());
  if (end == std::string_view::npos) return false;
  if (text.starts_with('[')) ++end;
  node = {text.substr(0, end), {}};
  std::string_view rest = text.substr(end);
  if (!rest.empty()) {
    if (rest[0] != ':') return false;
    node.port = rest.substr(1);
    if (!base::parse_int<uint16_t>(node.port) && !is_obfuscated(node.port)) return false;
  }
  if (node.name == "unknown" || is_obfuscated(node.name)) return true;
  bool v6 = node.name.starts_with('[');
  auto ip = base::IpAddr::parse(v6 ? node.name.substr(1, node.name.size() - 2) : node.name);
  return ip && ip->is_v6() == v6;
}

// The next "name=value" of an element, quotes off; false: no more, and `text` is empty when all was well.
bool next_pair(std::string_view& text, std::string_view& name, std::string_view& value) {
  size_t equals = 0;
  while (equals < text.size() && is_token_char(text[equals])) ++equals;
  if (equals == 0 || equals >= text.size() || text[equals] != '=') return false;
  name = text.substr(0, equals);
  size_t at = equals + 1;
  if (at < text.size() && text[at] == '"') {
    size_t close = text.find('"', at + 1);
    if (close == std::string_view::npos) return false;
    value = text.substr(at + 1, close - at - 1);
    at = close + 1;
  } else {
    size_t end = at;
    while (end < text.size() && is_token_char(text[end])) ++end;
    value = text.substr(at, end - at);
    at = end;
  }
  if (value.empty() || (at < text.size() && text[at] != ';')) return false;
  text.remove_prefix(std::min(at + 1, text.size()));
  while (!text.empty() && base::is_space(text.front())) text.remove_prefix(1);
  return true;
}

// Whether it is one element of the field; the value of parameter `wanted`, if it has it.
bool read_element(std::string_view text, std::string_view wanted, std::string_view& found) {
  uint32_t seen = 0;
  std::string_view name, value;
  text = base::trim(text);
  bool any = !text.empty();
  while (next_pair(text, name, value)) {
    size_t which = 0;
    while (which < std::size(kNames) && !base::iequals(kNames[which], name)) ++which;
    if (which == std::size(kNames) || (seen >> which & 1)) return false;
    seen |= 1u << which;
    Node node;
    if (which >= 2 && !read_node(value, node)) return false;
    if (kNames[which] == wanted) found = value;
  }
  return any && text.empty();
}

bool is_valid(const ConverterCall&, Transaction&, Value& value) {
  std::string_view none;
  value.set_bool(read_element(value.view(), {}, none));
  return true;
}
bool prepare_field(Prepare& prepare) {
  if (std::find(std::begin(kNames), std::end(kNames), prepare.args[0].text) != std::end(kNames)) return true;
  prepare.error = "the field is proto, host, for or by";
  return false;
}
bool field(const ConverterCall& call, Transaction&, Value& value) {
  std::string_view found;
  if (!read_element(value.view(), call.arg(0).text, found) || found.empty()) return false;
  value.set_text(found);
  return true;
}
bool node_name(const ConverterCall&, Transaction&, Value& value) {
  Node node;
  if (!read_node(value.view(), node)) return false;
  std::string_view name = node.name;
  if (name.starts_with('[')) name = name.substr(1, name.size() - 2);
  if (auto ip = base::IpAddr::parse(name); ip)
    value.set_ip(*ip);
  else
    value.set_text(name);
  return true;
}
bool node_port(const ConverterCall&, Transaction&, Value& value) {
  Node node;
  if (!read_node(value.view(), node) || node.port.empty()) return false;
  if (auto port = base::parse_int<uint16_t>(node.port); port)
    value.set_int(*port);
  else
    value.set_text(node.port);
  return true;
}

constexpr ConverterRow kRows[] = {
    {.name = "rfc7239_is_valid",
     .doc = "Whether the text is one element of a field Forwarded.",
     .out = Type::boolean,
     .run = is_valid},
    {.name = "rfc7239_field",
     .doc = "proto, host, for or by of an element of a field Forwarded.",
     .args = {{{ArgKind::text}}},
     .run = field,
     .prepare = prepare_field},
    {.name = "rfc7239_n2nn",
     .doc = "The name of a node of Forwarded: an address, unknown, or _name.",
     .out = Type::any,
     .run = node_name},
    {.name = "rfc7239_n2np",
     .doc = "The port of a node of Forwarded: a number, or _name.",
     .out = Type::any,
     .run = node_port},
};
const Converters kEnrol(kRows);

}  // namespace
}  // namespace lbd::expr
