#include "lbd/server/room_index.h"

#include <algorithm>
#include <bit>

#include "lbd/server/server.h"

namespace lbd::server {

RoomIndex::RoomIndex(size_t capacity) : ServerIndex(capacity) {
  size_t words = std::max<size_t>(capacity, 1);
  do {
    words = (words + kBits - 1) / kBits;
    levels_.emplace_back(words);
  } while (words > 1);
}

bool RoomIndex::has_room(const Server& server) {
  const uint32_t limit = server.maxconn();
  return server.in_rotation() && (limit == 0 || server.served() < limit);
}

bool RoomIndex::below(size_t level, size_t number) const {
  if (level > 0) return levels_[level - 1][number].load() != 0;
  const Server* server = server_at(number);
  return server && has_room(*server);
}

void RoomIndex::renew(size_t level, size_t number) {
  Word& word = levels_[level][number / kBits];
  const uint64_t bit = uint64_t{1} << number % kBits;
  for (bool want = below(level, number); ((word.load() & bit) != 0) != want; want = below(level, number)) {
    const uint64_t others = (want ? word.fetch_or(bit) : word.fetch_and(~bit)) & ~bit;
    // Whether the word has any is what the level above knows.
    if (others == 0 && level + 1 < levels_.size()) renew(level + 1, number / kBits);
  }
}

size_t RoomIndex::first() const {
  size_t number = 0;
  for (auto level = levels_.rbegin(); level != levels_.rend(); ++level) {
    const uint64_t word = (*level)[number].load(std::memory_order_relaxed);
    if (word == 0) return kNowhere;
    number = number * kBits + static_cast<size_t>(std::countr_zero(word));
  }
  return number;
}

}  // namespace lbd::server
