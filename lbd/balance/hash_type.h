// HashType: the words of `hash-type`: where a hash leads (map-based, consistent), how it is made of a key, and whether
// it is mixed once more. Pure. Manual: 4.2 hash-type.
#pragma once

#include <cstdint>
#include <string_view>
#include <vector>

#include "cfg/words.h"

namespace lbd::balance {

struct HashType {
  bool consistent = false;
  enum class Function : uint8_t { sdbm, djb2, wt6, crc32, none } function = Function::sdbm;
  bool avalanche = false;

  // The words have been checked by the configuration. Without a function, consistent means sdbm with avalanche.
  static HashType from(const std::vector<cfg::Word>& words);

  uint32_t of_bytes(std::string_view key) const;
  // Of a key that is a number already (an address): only mixed.
  uint32_t of_number(uint32_t key) const;
};

}  // namespace lbd::balance
