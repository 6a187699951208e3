#include "base/base64.h"

#include <algorithm>
#include <array>

#include "base/strings.h"

namespace base {

namespace {

constexpr std::string_view kDigits[] = {"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/",
                                        "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_"};
constexpr uint8_t kNone = 64;

constexpr std::array<uint8_t, 256> values_of(std::string_view digits) {
  std::array<uint8_t, 256> values{};
  for (uint8_t& value : values) value = kNone;
  for (uint8_t i = 0; i < 64; ++i) values[static_cast<uint8_t>(digits[i])] = i;
  return values;
}
constexpr std::array<uint8_t, 256> kValues[] = {values_of(kDigits[0]), values_of(kDigits[1])};

constexpr size_t encoded_size(size_t bytes) {
  return (bytes + 2) / 3 * 4;
}

constexpr size_t decoded_size(size_t text) {
  return text / 4 * 3 + 3;
}

// How much was written.
size_t encode(std::string_view bytes, Base64 alphabet, char* begin) {
  std::string_view digits = kDigits[static_cast<size_t>(alphabet)];
  char* to = begin;
  for (size_t at = 0; at < bytes.size(); at += 3) {
    size_t there = std::min<size_t>(bytes.size() - at, 3);
    uint32_t group = 0;
    for (size_t i = 0; i < 3; ++i) group = group << 8 | (i < there ? static_cast<uint8_t>(bytes[at + i]) : 0);
    for (size_t i = 0; i <= there; ++i) *to++ = digits[group >> (18 - 6 * i) & 63];
    if (alphabet == Base64::standard)
      for (size_t i = there; i < 3; ++i) *to++ = '=';
  }
  return static_cast<size_t>(to - begin);
}

std::optional<size_t> decode(std::string_view text, Base64 alphabet, char* begin) {
  const auto& values = kValues[static_cast<size_t>(alphabet)];
  if (alphabet == Base64::standard && text.size() % 4 != 0) return std::nullopt;
  if (text.size() % 4 == 0)
    for (int i = 0; i < 2 && text.ends_with('='); ++i) text.remove_suffix(1);
  if (text.size() % 4 == 1) return std::nullopt;
  char* to = begin;
  for (size_t at = 0; at < text.size(); at += 4) {
    size_t there = std::min<size_t>(text.size() - at, 4);
    uint32_t group = 0;
    for (size_t i = 0; i < 4; ++i) {
      uint8_t value = i < there ? values[static_cast<uint8_t>(text[at + i])] : 0;
      if (value == kNone) return std::nullopt;
      group = group << 6 | value;
    }
    for (size_t i = 0; i + 1 < there; ++i) *to++ = static_cast<char>(group >> (16 - 8 * i));
  }
  return static_cast<size_t>(to - begin);
}

}  // namespace

std::string_view encode_base64(std::string_view bytes, Base64 alphabet, Arena& arena) {
  char* room = arena.alloc_chars(encoded_size(bytes.size()));
  return {room, encode(bytes, alphabet, room)};
}

std::optional<std::string_view> decode_base64(std::string_view text, Base64 alphabet, Arena& arena) {
  char* room = arena.alloc_chars(decoded_size(text.size()));
  const auto size = decode(text, alphabet, room);
  if (!size) return std::nullopt;
  return std::string_view(room, *size);
}

std::string encode_base64(std::string_view bytes) {
  std::string out(encoded_size(bytes.size()), '\0');
  out.resize(encode(bytes, Base64::standard, out.data()));
  return out;
}

std::optional<std::string> decode_base64_lines(std::string_view text) {
  std::string line;
  line.reserve(text.size());
  for (char c : text)
    if (!is_space(c) && c != '\n' && c != '\r') line += c;
  std::string out(decoded_size(line.size()), '\0');
  const auto size = decode(line, Base64::standard, out.data());
  if (!size || *size == 0) return std::nullopt;
  out.resize(*size);
  return out;
}

}  // namespace base
