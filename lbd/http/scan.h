// Byte scanning for the HTTP/1 parser: which bytes may stand where, and finding the first that may not.
//
// Pure, internal to lbd/http. SSE2 is the baseline of x86-64; elsewhere the plain loops do. A block that would reach
// behind the end is loaded so that it ends there instead (the bytes before are the head's own), so nothing is read out
// of bounds and short tails are no slow path. Character classes: RFC 9110, 5.5 and 5.6.2; RFC 3986.
#pragma once

#include <array>
#include <bit>
#include <cstddef>
#include <cstdint>

#ifdef __SSE2__
#include <emmintrin.h>
#endif

namespace lbd::http::scan {

// What a byte of a field name becomes: itself in lower case, or 0 if it may not stand in a token.
inline constexpr std::array<char, 256> kTokenLower = [] {
  std::array<char, 256> table{};
  for (int c = 'a'; c <= 'z'; ++c)
    table[static_cast<size_t>(c)] = table[static_cast<size_t>(c - 32)] = static_cast<char>(c);
  for (int c = '0'; c <= '9'; ++c) table[static_cast<size_t>(c)] = static_cast<char>(c);
  for (char c : {'!', '#', '$', '%', '&', '\'', '*', '+', '-', '.', '^', '_', '`', '|', '~'})
    table[static_cast<size_t>(c)] = c;
  return table;
}();
constexpr char token_lower(char c) {
  return kTokenLower[static_cast<uint8_t>(c)];
}
constexpr bool is_token(char c) {
  return token_lower(c) != 0;
}

// A byte that ends or spoils a field value. Other control bytes are let by, as RFC 9110, 5.5 allows and HAProxy does.
constexpr bool stops_value(char c) {
  return c == '\r' || c == '\n' || c == '\0';
}
// A byte that ends or spoils a request target: blank, control, fragment, not ASCII.
constexpr bool stops_target(char c) {
  return static_cast<uint8_t>(c) <= 0x20 || static_cast<uint8_t>(c) >= 0x7f || c == '#';
}

#ifdef __SSE2__

struct Block {
  __m128i bytes;
  size_t skip;  // lanes before the wanted byte
  char* at;
};

// The 16 bytes from p, or the last 16 if fewer are left. Needs end - begin >= 16 and p < end.
inline Block load(char* p, char* end) {
  size_t left = static_cast<size_t>(end - p);
  size_t skip = left >= 16 ? 0 : 16 - left;
  char* at = p - skip;
  return {_mm_loadu_si128(reinterpret_cast<const __m128i*>(at)), skip, at};
}

inline __m128i all(char c) {
  return _mm_set1_epi8(c);
}

// Lanes between two bytes, both excluded; signed, so bytes from 0x80 are below everything.
inline __m128i between(__m128i v, char low, char high) {
  return _mm_and_si128(_mm_cmpgt_epi8(v, all(low)), _mm_cmplt_epi8(v, all(high)));
}

template <typename Stops>
inline char* first(char* p, char* begin, char* end, Stops stops, bool (*stops_byte)(char)) {
  if (end - begin < 16) [[unlikely]] {
    while (p < end && !stops_byte(*p)) ++p;
    return p;
  }
  while (p < end) {
    Block block = load(p, end);
    auto mask = static_cast<uint32_t>(_mm_movemask_epi8(stops(block.bytes))) >> block.skip;
    if (mask) return p + std::countr_zero(mask);
    p = block.at + 16;
  }
  return end;
}

// First byte from p that may not stand in a field value (a line end, in good ones).
inline char* value_end(char* p, char* begin, char* end) {
  return first(
      p, begin, end,
      [](__m128i v) {
        return _mm_or_si128(_mm_or_si128(_mm_cmpeq_epi8(v, all('\r')), _mm_cmpeq_epi8(v, all('\n'))),
                            _mm_cmpeq_epi8(v, all('\0')));
      },
      [](char c) { return stops_value(c); });
}

// First byte from p that may not stand in a request target (the blank behind it, in good ones).
inline char* target_end(char* p, char* begin, char* end) {
  return first(
      p, begin, end,
      [](__m128i v) {
        __m128i low = _mm_cmplt_epi8(v, all(0x21));
        return _mm_or_si128(low, _mm_or_si128(_mm_cmpeq_epi8(v, all(0x7f)), _mm_cmpeq_epi8(v, all('#'))));
      },
      [](char c) { return stops_target(c); });
}

// Sixteen lanes of ones, then sixteen of zeros: a load at 16 - n gives n lanes of ones.
alignas(16) inline constexpr std::array<char, 32> kLanes = [] {
  std::array<char, 32> lanes{};
  for (size_t i = 0; i < 16; ++i) lanes[i] = -1;
  return lanes;
}();
inline __m128i first_lanes(size_t n) {
  return _mm_loadu_si128(reinterpret_cast<const __m128i*>(kLanes.data() + 16 - n));
}

// First byte from p that may not stand in a field name (the colon, in good ones); what is before it is lower-cased.
inline char* name_end(char* p, char* begin, char* end) {
  if (end - begin < 16) [[unlikely]] {
    for (; p < end && is_token(*p); ++p) *p = token_lower(*p);
    return p;
  }
  while (p < end) {
    Block block = load(p, end);
    __m128i v = block.bytes;
    __m128i upper = between(v, 'A' - 1, 'Z' + 1);
    __m128i lower = _mm_or_si128(v, _mm_and_si128(upper, all(0x20)));
    __m128i common = _mm_or_si128(_mm_or_si128(between(lower, 'a' - 1, 'z' + 1), between(v, '0' - 1, '9' + 1)),
                                  _mm_or_si128(_mm_cmpeq_epi8(v, all('-')), _mm_cmpeq_epi8(v, all('_'))));
    uint32_t rare = (static_cast<uint32_t>(~_mm_movemask_epi8(common)) & 0xffff) >> block.skip;
    size_t length = rare ? static_cast<size_t>(std::countr_zero(rare)) : 16 - block.skip;
    char* stop = p + length;
    // Read before the block is written back: a load behind a store waits for it.
    bool colon = rare && *stop == ':';
    __m128i ours = first_lanes(block.skip + length);
    if (block.skip) [[unlikely]]
      ours = _mm_andnot_si128(first_lanes(block.skip), ours);
    _mm_storeu_si128(reinterpret_cast<__m128i*>(block.at),
                     _mm_or_si128(v, _mm_and_si128(ours, _mm_and_si128(upper, all(0x20)))));
    p = stop;
    if (colon) [[likely]]
      return p;
    if (!rare) continue;
    if (!is_token(*p)) return p;
    ++p;  // one of the rare punctuation marks, without a lower case
  }
  return end;
}

#else

inline char* value_end(char* p, char*, char* end) {
  while (p < end && !stops_value(*p)) ++p;
  return p;
}
inline char* target_end(char* p, char*, char* end) {
  while (p < end && !stops_target(*p)) ++p;
  return p;
}
inline char* name_end(char* p, char*, char* end) {
  for (; p < end && is_token(*p); ++p) *p = token_lower(*p);
  return p;
}

#endif

}  // namespace lbd::http::scan
