// Small text helpers: ASCII only, no locale, no allocation unless the return type says so.
#pragma once

#include <charconv>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace base {

constexpr char to_lower(char c) {
  return c >= 'A' && c <= 'Z' ? static_cast<char>(c | 0x20) : c;
}
constexpr bool is_digit(char c) {
  return c >= '0' && c <= '9';
}
constexpr bool is_space(char c) {
  return c == ' ' || c == '\t';
}
constexpr int hex_digit(char c) {
  if (is_digit(c)) return c - '0';
  c = to_lower(c);
  return c >= 'a' && c <= 'f' ? c - 'a' + 10 : -1;
}

inline bool iequals(std::string_view a, std::string_view b) {
  if (a.size() != b.size()) return false;
  for (size_t i = 0; i < a.size(); ++i)
    if (to_lower(a[i]) != to_lower(b[i])) return false;
  return true;
}

// Blanks (space, tab) off both ends.
inline std::string_view trim(std::string_view s) {
  while (!s.empty() && is_space(s.front())) s.remove_prefix(1);
  while (!s.empty() && is_space(s.back())) s.remove_suffix(1);
  return s;
}

// Pieces between `sep`; an empty text gives one empty piece.
std::vector<std::string_view> split(std::string_view s, char sep);

std::string lower(std::string_view s);

// The whole text must be the number.
template <typename Int>
std::optional<Int> parse_int(std::string_view s, int radix = 10) {
  Int value{};
  auto [end, ec] = std::from_chars(s.data(), s.data() + s.size(), value, radix);
  if (ec != std::errc() || end != s.data() + s.size() || s.empty()) return std::nullopt;
  return value;
}

// Levenshtein distance with transpositions, cut off at `limit`: for "did you mean".
size_t edit_distance(std::string_view a, std::string_view b, size_t limit = 8);

}  // namespace base
