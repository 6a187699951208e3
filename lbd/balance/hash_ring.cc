#include "lbd/balance/hash_ring.h"

#include <algorithm>

#include "lbd/expr/hash.h"

namespace lbd::balance {
namespace {

// More than any server has places (256 times 16): places of different ids do not meet.
constexpr uint32_t kPlacesPerId = 4096;

}  // namespace

HashRing::HashRing(std::span<const Member> members) {
  std::vector<uint64_t> all;  // place and member in one, to sort fast
  for (uint32_t i = 0; i < members.size(); ++i)
    for (uint32_t place = 0; place < members[i].places; ++place)
      all.push_back(uint64_t{expr::hash::avalanche(members[i].id * kPlacesPerId + place)} << 32 | i);
  std::sort(all.begin(), all.end());
  places_.reserve(all.size());
  members_.reserve(all.size());
  for (uint64_t one : all) {
    places_.push_back(static_cast<uint32_t>(one >> 32));
    members_.push_back(static_cast<uint32_t>(one));
  }
}

size_t HashRing::find(uint32_t hash) const {
  auto at = static_cast<size_t>(std::lower_bound(places_.begin(), places_.end(), hash) - places_.begin());
  size_t above = at < places_.size() ? at : 0;
  size_t below = at > 0 ? at - 1 : places_.size() - 1;
  // Distances around the ring: unsigned numbers wrap as it does.
  return hash - places_[below] < places_[above] - hash ? below : above;
}

}  // namespace lbd::balance
