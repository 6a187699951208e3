// Converters between bytes and their texts: parts, hexadecimal, decimal, base64. Manual: 7.3.1.
#include <fmt/format.h>

#include <algorithm>
#include <charconv>

#include "base/base64.h"
#include "base/strings.h"
#include "lbd/expr/operand.h"
#include "lbd/expr/text_builder.h"

namespace lbd::expr {
namespace {

constexpr std::string_view kHexDigits = "0123456789ABCDEF";

// Beyond the end there is nothing, which is not an error.
bool bytes(const ConverterCall& call, Transaction& t, Value& value) {
  int64_t offset, length = -1;
  if (!number_operand(call.arg(0), t, offset)) return false;
  if (call.arg(1).given() && !number_operand(call.arg(1), t, length)) return false;
  std::string_view text = value.view();
  if (offset < 0 || static_cast<uint64_t>(offset) >= text.size()) {
    value.set_text("", Type::binary);
    return true;
  }
  text.remove_prefix(static_cast<size_t>(offset));
  if (length >= 0) text = text.substr(0, static_cast<size_t>(length));
  value.set_text(text, Type::binary);
  return true;
}

bool hex(const ConverterCall&, Transaction& t, Value& value) {
  std::string_view from = value.view();
  char* begin = t.arena.alloc_chars(2 * from.size());
  char* to = begin;
  for (char c : from) {
    auto byte = static_cast<uint8_t>(c);
    *to++ = kHexDigits[byte >> 4];
    *to++ = kHexDigits[byte & 15];
  }
  value.set_text({begin, 2 * from.size()});
  return true;
}

// The lowest 64 bits of a number of any length.
bool hex_to_integer(const ConverterCall&, Transaction&, Value& value) {
  uint64_t number = 0;
  for (char c : value.view()) {
    int digit = base::hex_digit(c);
    if (digit < 0) return false;
    number = number << 4 | static_cast<uint64_t>(digit);
  }
  value.set_int(static_cast<int64_t>(number));
  return true;
}

bool prepare_chunks(Prepare& prepare, int64_t least, int64_t most) {
  int64_t size = prepare.args[1].number;
  if (size >= least && size <= most) return true;
  prepare.error = most < 100 ? fmt::format("the chunk size is {} to {}", least, most) : "the chunk size is positive";
  return false;
}
bool prepare_be2dec(Prepare& prepare) {
  return prepare_chunks(prepare, 1, 8);
}
bool prepare_be2hex(Prepare& prepare) {
  if (prepare.args[0].text.empty() && !prepare.args[1].given()) return true;
  return prepare_chunks(prepare, 1, 1 << 30);
}

// Chunks of bytes, each written by `write`, with a separator between them; a last one that is short is left out when
// `truncate` says so.
template <typename Write>
void chunked(const ConverterCall& call, Transaction& t, Value& value, size_t size, Write write) {
  std::string_view from = value.view(), separator = call.arg(0).text;
  if (call.arg(2).number != 0) from = from.substr(0, from.size() / size * size);
  TextBuilder done(t.arena, 3 * from.size());
  for (size_t at = 0; at < from.size(); at += size) {
    if (at > 0) done.append(separator);
    write(from.substr(at, size), done);
  }
  value.set_text(done.view());
}

bool be2dec(const ConverterCall& call, Transaction& t, Value& value) {
  chunked(call, t, value, static_cast<size_t>(call.arg(1).number), [](std::string_view chunk, TextBuilder& done) {
    uint64_t number = 0;
    for (char c : chunk) number = number << 8 | static_cast<uint8_t>(c);
    char room[24];
    done.append({room, static_cast<size_t>(std::to_chars(room, room + sizeof room, number).ptr - room)});
  });
  return true;
}

bool be2hex(const ConverterCall& call, Transaction& t, Value& value) {
  size_t size = call.arg(1).given() ? static_cast<size_t>(call.arg(1).number) : 1;
  chunked(call, t, value, size, [](std::string_view chunk, TextBuilder& done) {
    for (char c : chunk) {
      auto byte = static_cast<uint8_t>(c);
      char digits[] = {kHexDigits[byte >> 4], kHexDigits[byte & 15]};
      done.append({digits, 2});
    }
  });
  return true;
}

bool network_order(const ConverterCall&, Transaction& t, Value& value) {
  char* to = t.arena.alloc_chars(4);
  for (int i = 0; i < 4; ++i) to[i] = static_cast<char>(value.integer >> (24 - 8 * i));
  value.set_text({to, 4}, Type::binary);
  return true;
}

template <base::Base64 alphabet>
bool to_base64(const ConverterCall&, Transaction& t, Value& value) {
  value.set_text(base::encode_base64(value.view(), alphabet, t.arena));
  return true;
}
template <base::Base64 alphabet>
bool from_base64(const ConverterCall&, Transaction& t, Value& value) {
  auto bytes = base::decode_base64(value.view(), alphabet, t.arena);
  if (bytes) value.set_text(*bytes, Type::binary);
  return bytes.has_value();
}

constexpr ArgSpecs kChunks = {{{ArgKind::text, true}, {ArgKind::number, true}, {ArgKind::number, true}}};
constexpr Type kBytes = Type::binary;
constexpr ConverterRow kRows[] = {
    {.name = "bytes",
     .doc = "The bytes from an offset on, of a length if one is given.",
     .args = {{{ArgKind::number_or_var}, {ArgKind::number_or_var, true}}},
     .in = kBytes,
     .out = kBytes,
     .run = bytes},
    {.name = "hex", .doc = "Two hexadecimal digits for each byte.", .in = kBytes, .run = hex},
    {.name = "hex2i", .doc = "The number that hexadecimal digits say.", .out = Type::integer, .run = hex_to_integer},
    {.name = "be2dec",
     .doc = "A decimal number for each chunk of bytes (most significant first): separator, size, truncate.",
     .args = kChunks,
     .in = kBytes,
     .run = be2dec,
     .prepare = prepare_be2dec},
    {.name = "be2hex",
     .doc = "Hexadecimal digits in chunks of bytes: separator, size, truncate.",
     .args = kChunks,
     .in = kBytes,
     .run = be2hex,
     .prepare = prepare_be2hex},
    {.name = "htonl",
     .doc = "The lower 32 bits of a number as 4 bytes, most significant first.",
     .in = Type::integer,
     .out = kBytes,
     .run = network_order},
    {.name = "base64", .doc = "Bytes as base64.", .in = kBytes, .run = to_base64<base::Base64::standard>},
    {.name = "ub64enc",
     .doc = "Bytes as base64url, without padding.",
     .in = kBytes,
     .run = to_base64<base::Base64::url>},
    {.name = "b64dec", .doc = "The bytes that base64 says.", .out = kBytes, .run = from_base64<base::Base64::standard>},
    {.name = "ub64dec", .doc = "The bytes that base64url says.", .out = kBytes, .run = from_base64<base::Base64::url>},
};
const Converters kEnrol(kRows);

}  // namespace
}  // namespace lbd::expr
