#include "lbd/expr/base64.h"

#include <algorithm>
#include <array>

namespace lbd::expr {

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

}  // namespace

std::string_view encode_base64(std::string_view bytes, Base64 alphabet, base::Arena& arena) {
  std::string_view digits = kDigits[static_cast<size_t>(alphabet)];
  char* begin = arena.alloc_chars((bytes.size() + 2) / 3 * 4);
  char* to = begin;
  for (size_t at = 0; at < bytes.size(); at += 3) {
    size_t there = std::min<size_t>(bytes.size() - at, 3);
    uint32_t group = 0;
    for (size_t i = 0; i < 3; ++i) group = group << 8 | (i < there ? static_cast<uint8_t>(bytes[at + i]) : 0);
    for (size_t i = 0; i <= there; ++i) *to++ = digits[group >> (18 - 6 * i) & 63];
    if (alphabet == Base64::standard)
      for (size_t i = there; i < 3; ++i) *to++ = '=';
  }
  return {begin, static_cast<size_t>(to - begin)};
}

std::optional<std::string_view> decode_base64(std::string_view text, Base64 alphabet, base::Arena& arena) {
  const auto& values = kValues[static_cast<size_t>(alphabet)];
  if (alphabet == Base64::standard && text.size() % 4 != 0) return std::nullopt;
  if (text.size() % 4 == 0)
    for (int i = 0; i < 2 && text.ends_with('='); ++i) text.remove_suffix(1);
  if (text.size() % 4 == 1) return std::nullopt;
  char* begin = arena.alloc_chars(text.size() / 4 * 3 + 3);
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
  return std::string_view(begin, static_cast<size_t>(to - begin));
}

}  // namespace lbd::expr
