#include "lbd/expr/hash.h"

#include <array>
#include <bit>

namespace lbd::expr::hash {

namespace {

constexpr std::array<uint32_t, 256> crc_table(uint32_t polynomial) {
  std::array<uint32_t, 256> table{};
  for (uint32_t i = 0; i < 256; ++i) {
    uint32_t crc = i;
    for (int bit = 0; bit < 8; ++bit) crc = crc & 1 ? crc >> 1 ^ polynomial : crc >> 1;
    table[i] = crc;
  }
  return table;
}

uint32_t crc(std::string_view data, const std::array<uint32_t, 256>& table) {
  uint32_t crc = ~0u;
  for (char c : data) crc = crc >> 8 ^ table[(crc ^ static_cast<uint8_t>(c)) & 0xff];
  return ~crc;
}

}  // namespace

uint32_t crc32(std::string_view data) {
  static constexpr auto kTable = crc_table(0xedb88320);
  return crc(data, kTable);
}

uint32_t crc32c(std::string_view data) {
  static constexpr auto kTable = crc_table(0x82f63b78);
  return crc(data, kTable);
}

uint32_t djb2(std::string_view data) {
  uint32_t hash = 5381;
  for (char c : data) hash = hash * 33 + static_cast<uint8_t>(c);
  return hash;
}

uint32_t sdbm(std::string_view data, uint32_t from) {
  uint32_t hash = from;
  for (char c : data) hash = static_cast<uint8_t>(c) + (hash << 6) + (hash << 16) - hash;
  return hash;
}

uint32_t wt6(std::string_view data) {
  uint32_t h0 = 0xa53c965a, h1 = 0x5ca6953a;
  unsigned step0 = 6, step1 = 18;
  for (char c : data) {
    h0 = ~(h0 ^ static_cast<uint8_t>(c));
    h1 = ~(h1 + static_cast<uint8_t>(c));
    uint32_t turned = std::rotl(h1, static_cast<int>(step0));
    h1 = std::rotl(h0, static_cast<int>(step1));
    h0 = turned;
    uint32_t steps = ((h0 >> 16) ^ h1) & 0xffff;
    step0 = steps & 0x1f;
    step1 = steps >> 11;
  }
  return h0 ^ h1;
}

// Bob Jenkins' full avalanche of 32 bits, then spread by a prime near three quarters of the range.
uint32_t avalanche(uint32_t a) {
  a = a + 0x7ed55d16 + (a << 12);
  a = a ^ 0xc761c23c ^ (a >> 19);
  a = a + 0x165667b1 + (a << 5);
  a = (a + 0xd3a2646c) ^ (a << 9);
  a = a + 0xfd7046c5 + (a << 3);
  a = a ^ 0xb55a4f09 ^ (a >> 16);
  return a * 3221225473u;
}

}  // namespace lbd::expr::hash
