// Hashes of texts for pattern look-ups, keyed by a secret of the process so that nobody can choose keys that collide.
//
// PieceHash reads a text from one end and gives the hash of its first (or last) N bytes for rising N, at a cost of the
// text's length in all: prefixes and suffixes of many lengths are looked up in one pass. Letters may count as the
// same in both cases (ASCII). Pure but for the secret.
#pragma once

#include <sys/random.h>

#include <cstdint>
#include <cstring>
#include <string_view>

namespace lbd::expr {

struct HashSecret {
  uint64_t a = 0x243f6a8885a308d3, b = 0x13198a2e03707344;
  static const HashSecret& of_process() {
    static const HashSecret secret = [] {
      HashSecret made;
      // Without random numbers the constants do, only less well.
      if (getrandom(&made, sizeof made, GRND_NONBLOCK) != sizeof made) made = {};
      made.a |= 1;
      return made;
    }();
    return secret;
  }
};

namespace hash_detail {
inline uint64_t fold(uint64_t a, uint64_t b) {
  __uint128_t product = static_cast<__uint128_t>(a) * b;
  return static_cast<uint64_t>(product) ^ static_cast<uint64_t>(product >> 64);
}
// A to Z in each byte to lower case.
inline uint64_t lower8(uint64_t x) {
  constexpr uint64_t kOnes = 0x0101010101010101;
  uint64_t low = x & (kOnes * 0x7f);
  uint64_t from_a = low + kOnes * (0x80 - 'A'), above_z = low + kOnes * (0x7f - 'Z');
  return x | ((~x & (from_a ^ above_z) & (kOnes * 0x80)) >> 2);
}
}  // namespace hash_detail

template <bool Backward>
class PieceHash {
 public:
  PieceHash(std::string_view text, bool ignore_case, const HashSecret& secret)
      : text_(text), ignore_case_(ignore_case), secret_(secret), state_(secret.b) {}

  // Of the first (last) `length` bytes; lengths do not fall, and none is longer than the text.
  uint32_t at(size_t length) {
    for (; done_ + 8 <= length; done_ += 8) state_ = hash_detail::fold(state_ ^ read(done_, 8), secret_.a);
    uint64_t rest = length > done_ ? read(done_, length - done_) : 0;
    uint64_t hash = hash_detail::fold(state_ ^ rest, secret_.a ^ (uint64_t{length} << 1));
    return static_cast<uint32_t>(hash ^ hash >> 32);
  }

 private:
  uint64_t read(size_t from, size_t count) const {
    uint64_t value = 0;
    const char* at = Backward ? text_.data() + text_.size() - from - count : text_.data() + from;
    if (count == 8) {
      std::memcpy(&value, at, 8);
    } else if (from + count >= 8) {
      // With bytes that were read before, which are then cut off.
      std::memcpy(&value, Backward ? at : at - (8 - count), 8);
      value = Backward ? value & ((uint64_t{1} << (8 * count)) - 1) : value >> (8 * (8 - count));
    } else {
      for (size_t i = 0; i < count; ++i) value |= uint64_t{static_cast<unsigned char>(at[i])} << (8 * i);
    }
    return ignore_case_ ? hash_detail::lower8(value) : value;
  }

  std::string_view text_;
  bool ignore_case_;
  const HashSecret& secret_;
  uint64_t state_;
  size_t done_ = 0;
};

inline uint32_t hash_text(std::string_view text, bool ignore_case) {
  return PieceHash<false>(text, ignore_case, HashSecret::of_process()).at(text.size());
}

}  // namespace lbd::expr
