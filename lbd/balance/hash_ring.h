// HashRing: consistent hashing. Each server stands at many places of a ring, sixteen for each unit of its weight, that
// follow from its id alone; a hash belongs to the nearest place. So a server that comes or goes moves only its own
// share, and two load balancers with the same ids agree. The places are HAProxy's. Pure.
#pragma once

#include <cstdint>
#include <span>
#include <vector>

namespace lbd::balance {

class HashRing {
 public:
  struct Member {
    uint32_t id;      // of the server line: decides where it stands
    uint32_t places;  // weight, scaled
  };
  explicit HashRing(std::span<const Member> members);

  bool empty() const { return places_.empty(); }
  // Position on the ring of the place that the hash belongs to.
  size_t find(uint32_t hash) const;
  size_t next(size_t position) const { return position + 1 < places_.size() ? position + 1 : 0; }
  // Index into `members`.
  uint32_t member(size_t position) const { return places_[position].member; }
  size_t size() const { return places_.size(); }

 private:
  struct Place {
    uint32_t at, member;
  };
  std::vector<Place> places_;  // ascending
  // By the first bits of a hash: the first place that has the same or greater ones. Places are spread evenly, so that
  // the one that is looked for is never far.
  std::vector<uint32_t> guide_;
  unsigned shift_ = 0;
};

}  // namespace lbd::balance
