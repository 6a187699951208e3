// The hash functions of the language: converters and fetches give exactly the numbers of HAProxy, which uses the same
// ones for balancing. Pure. Manual: 7.3.1 (crc32, djb2, sdbm, wt6), 4.2 hash-type.
#pragma once

#include <cstdint>
#include <string_view>

namespace lbd::expr::hash {

uint32_t crc32(std::string_view data);
uint32_t crc32c(std::string_view data);
uint32_t djb2(std::string_view data);
uint32_t sdbm(std::string_view data, uint32_t from = 0);
uint32_t wt6(std::string_view data);
uint32_t avalanche(uint32_t hash);

}  // namespace lbd::expr::hash
