#include "lbd/balance/hash_ring.h"

#include <algorithm>
#include <bit>

#include "lbd/expr/hash.h"

namespace lbd::balance {
namespace {

// More than any server has places (256 times 16): places of different ids do not meet.
constexpr uint32_t kPlacesPerId = 4096;
// What is looked through for one, at most twice as many: a line of the processor's cache. The guide stays small.
constexpr size_t kPlacesPerEntry = 8;

}  // namespace

HashRing::HashRing(std::span<const Member> members) {
  std::vector<uint64_t> all;  // place and member in one, to sort fast
  for (uint32_t i = 0; i < members.size(); ++i)
    for (uint32_t place = 0; place < members[i].places; ++place)
      all.push_back(uint64_t{expr::hash::avalanche(members[i].id * kPlacesPerId + place)} << 32 | i);
  std::sort(all.begin(), all.end());
  places_.reserve(all.size());
  for (uint64_t one : all) places_.push_back({static_cast<uint32_t>(one >> 32), static_cast<uint32_t>(one)});
  shift_ = 32 - std::bit_width(places_.size() / kPlacesPerEntry);
  size_t next = 0;
  for (uint64_t begin = 0; begin >> 32 == 0; begin += uint64_t{1} << shift_) {
    while (next < places_.size() && places_[next].at < begin) ++next;
    guide_.push_back(static_cast<uint32_t>(next));
  }
}

size_t HashRing::find(uint32_t hash) const {
  size_t at = guide_[uint64_t{hash} >> shift_];
  while (at < places_.size() && places_[at].at < hash) ++at;
  const size_t above = at < places_.size() ? at : 0;
  const size_t below = at > 0 ? at - 1 : places_.size() - 1;
  // Distances around the ring: unsigned numbers wrap as it does.
  return hash - places_[below].at < places_[above].at - hash ? below : above;
}

}  // namespace lbd::balance
