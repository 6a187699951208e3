#include "lbd/expr/log_encoding.h"

#include "lbd/expr/json.h"
#include "lbd/expr/log_tag.h"

namespace lbd::expr {
namespace {

// CBOR: major types and the bytes that stand for themselves (RFC 8949, 3).
constexpr uint8_t kUnsigned = 0, kNegative = 1, kBytes = 2, kText = 3;
constexpr uint8_t kListBegins = 0x9f, kMapBegins = 0xbf, kFalse = 0xf4, kTrue = 0xf5, kNull = 0xf6, kEnd = 0xff;

}  // namespace

void Encoder::byte(uint8_t value) {
  if (raw_)
    out_.raw(static_cast<char>(value));
  else
    out_.hex(value, 2);
}

void Encoder::all(std::string_view value) {
  for (char c : value) byte(static_cast<uint8_t>(c));
}

void Encoder::head(uint8_t major, uint64_t value) {
  const auto kind = static_cast<uint8_t>(major << 5);
  if (value < 24) return byte(static_cast<uint8_t>(kind | value));
  unsigned log = value < 1u << 8 ? 0 : value < 1u << 16 ? 1 : value < uint64_t{1} << 32 ? 2 : 3;
  byte(static_cast<uint8_t>(kind | (24 + log)));
  for (unsigned shift = 8u << log; shift > 0;) {
    shift -= 8;
    byte(static_cast<uint8_t>(value >> shift));
  }
}

void Encoder::null() {
  json_ ? out_.raw("null") : byte(kNull);
}

void Encoder::boolean(bool value) {
  if (json_) return out_.raw(value ? "true" : "false");
  byte(value ? kTrue : kFalse);
}

void Encoder::number(int64_t value) {
  if (json_) return out_.number(value);
  const auto bits = static_cast<uint64_t>(value);
  value < 0 ? head(kNegative, ~bits) : head(kUnsigned, bits);
}

void Encoder::text(std::string_view value) {
  if (!json_) {
    head(kText, value.size());
    return all(value);
  }
  std::string_view escaped;
  if (!escape_json(value, {.utf8 = true}, arena_, escaped)) (void)escape_json(value, {}, arena_, escaped);
  out_.raw('"');
  for (size_t at = 0; at < escaped.size(); ++at) {
    // Slashes need no escape, and logs are full of them.
    if (escaped[at] == '\\' && escaped[++at] != '/') out_.raw('\\');
    out_.raw(escaped[at]);
  }
  out_.raw('"');
}

void Encoder::bytes(std::string_view value) {
  if (!json_) {
    head(kBytes, value.size());
    return all(value);
  }
  out_.raw('"');
  for (char c : value) out_.hex(static_cast<uint8_t>(c), 2);
  out_.raw('"');
}

void Encoder::begin_map() {
  first_ = true;
  json_ ? out_.raw('{') : byte(kMapBegins);
}

void Encoder::key(std::string_view name) {
  item();
  text(name);
  if (json_) out_.raw(": ");
}

void Encoder::end_map() {
  json_ ? out_.raw('}') : byte(kEnd);
}

void Encoder::begin_list() {
  first_ = true;
  json_ ? out_.raw('[') : byte(kListBegins);
}

void Encoder::item() {
  if (json_ && !first_) out_.raw(", ");
  first_ = false;
}

void Encoder::end_list() {
  json_ ? out_.raw(']') : byte(kEnd);
  first_ = false;
}

}  // namespace lbd::expr
