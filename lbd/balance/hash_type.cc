#include "lbd/balance/hash_type.h"

#include "base/strings.h"
#include "lbd/expr/hash.h"

namespace lbd::balance {
namespace {

// The key is the hash: a number in digits, or up to four bytes in network order.
uint32_t as_it_is(std::string_view key) {
  if (auto number = base::parse_int<uint64_t>(key)) return static_cast<uint32_t>(*number);
  uint32_t value = 0;
  for (char c : key.substr(0, 4)) value = value << 8 | static_cast<uint8_t>(c);
  return value;
}

}  // namespace

HashType HashType::from(const std::vector<cfg::Word>& words) {
  HashType type;
  if (words.empty()) return type;
  type.consistent = words[0] == "consistent";
  type.avalanche = words.size() > 2 || (type.consistent && words.size() == 1);
  if (words.size() < 2) return type;
  std::string_view name = words[1].text;
  type.function = name == "djb2"    ? Function::djb2
                  : name == "wt6"   ? Function::wt6
                  : name == "crc32" ? Function::crc32
                  : name == "none"  ? Function::none
                                    : Function::sdbm;
  return type;
}

uint32_t HashType::of_bytes(std::string_view key) const {
  switch (function) {
    case Function::sdbm:
      return of_number(expr::hash::sdbm(key));
    case Function::djb2:
      return of_number(expr::hash::djb2(key));
    case Function::wt6:
      return of_number(expr::hash::wt6(key));
    case Function::crc32:
      return of_number(expr::hash::crc32(key));
    case Function::none:
      break;
  }
  return of_number(as_it_is(key));
}

uint32_t HashType::of_number(uint32_t key) const {
  return avalanche ? expr::hash::avalanche(key) : key;
}

}  // namespace lbd::balance
