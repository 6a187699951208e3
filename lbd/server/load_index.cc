#include "lbd/server/load_index.h"

#include <algorithm>
#include <bit>

#include "lbd/server/server.h"

namespace lbd::server {
namespace {

struct Change {
  uint64_t before, now;
};

// Sets `place` to `value`, or to what `make` gives, for as long as that is another: what it is made of may move.
template <typename Make>
Change renew(std::atomic<uint64_t>& place, uint64_t value, Make make) {
  Change change{place.load(), value};
  for (uint64_t there = change.before; there != change.now; change.now = make()) {
    place.store(change.now);
    there = change.now;
  }
  return change;
}

}  // namespace

LoadIndex::Block::Block() {
  for (std::atomic<uint64_t>& node : nodes) node.store(kFull, std::memory_order_relaxed);
}

LoadIndex::LoadIndex(size_t capacity) : ServerIndex(capacity) {
  size_t nodes = std::max<size_t>(capacity, 1);
  do {
    nodes = (nodes + kBranches - 1) / kBranches;
    levels_.emplace_back(nodes);
  } while (nodes > 1);
}

uint64_t LoadIndex::load_of(const Server& server) {
  const uint32_t served = server.served(), limit = server.maxconn();
  if (!server.in_rotation() || (limit > 0 && served >= limit)) return kFull;
  if (served == 0) return 0;
  // A quotient is rounded the same way whatever it is made of, and numbers that are not negative stand in the order of
  // their bits.
  return std::bit_cast<uint64_t>(static_cast<double>(served) / std::max(1u, server.weight()));
}

uint64_t LoadIndex::least_of(const Block& block) {
  uint64_t least = kFull;
  for (const std::atomic<uint64_t>& node : block.nodes) least = std::min(least, node.load());
  return least;
}

void LoadIndex::update(size_t leaf) {
  const auto load = [&] {
    const Server* server = server_at(leaf);
    return server ? load_of(*server) : kFull;
  };
  Change below = renew(levels_[0].node(leaf), load(), load);
  size_t node = leaf;
  for (size_t level = 1; below.before != below.now && level < levels_.size(); ++level) {
    node /= kBranches;
    const Block& block = levels_[level - 1].blocks[node];
    std::atomic<uint64_t>& place = levels_[level].node(node);
    const uint64_t least = place.load();
    // It was not the least and is not: who has made another that puts it right himself.
    if (below.before > least && below.now >= least) return;
    const auto ask = [&] { return least_of(block); };
    below = renew(place, below.now < least ? below.now : ask(), ask);
  }
}

// From a node that has it, down to a leaf.
size_t LoadIndex::descend(size_t level, size_t node, uint64_t most) const {
  while (level-- > 0) {
    const auto& below = levels_[level].blocks[node].nodes;
    size_t branch = 0;
    while (branch < kBranches && below[branch].load(std::memory_order_relaxed) > most) ++branch;
    if (branch == kBranches) return kNowhere;
    node = node * kBranches + branch;
  }
  return node < capacity() ? node : kNowhere;
}

// Up until some node to the right has it, and down there.
size_t LoadIndex::find_from(size_t start, uint64_t most) const {
  size_t node = start;
  for (size_t level = 0; level < levels_.size(); ++level) {
    // Those of its block that are left; where it is the first, the node above tells of all.
    const bool last = level + 1 == levels_.size();
    for (; last ? node < kBranches : node % kBranches != 0; ++node)
      if (levels_[level].node(node).load(std::memory_order_relaxed) <= most) return descend(level, node, most);
    node /= kBranches;
  }
  return kNowhere;
}

size_t LoadIndex::find(size_t start, uint64_t most) const {
  const size_t found = find_from(start, most);
  return found == kNowhere && start > 0 ? find_from(0, most) : found;
}

}  // namespace lbd::server
