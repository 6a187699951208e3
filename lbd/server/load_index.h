// LoadIndex: which server of a backend has the least load for its weight, known without asking all of them.
//
// A tree of eight branches a node over the servers: a leaf has the load of its server, a node the least below it. Who
// takes a slot or gives one back brings the leaf up to date and what changes above it, mostly nothing; who looks for
// the least goes down one path: five nodes of ten thousand servers.
//
// Owner, thread, life, errors: as ServerIndex.
#pragma once

#include "lbd/server/server_index.h"

namespace lbd::server {

class LoadIndex : public ServerIndex {
 public:
  static constexpr uint64_t kFull = ~uint64_t{0};  // or not in the rotation: it may get nothing

  explicit LoadIndex(size_t capacity);
  void update(size_t leaf) override;

  // Streams for a weight: equal quotients of streams and weights are equal numbers, and greater ones greater. Those
  // that wait do not count: where somebody waits there is no room. A limit that changes with the load of the backend,
  // or with time, is not looked at.
  static uint64_t load_of(const Server& server);
  // kFull: none may get anything.
  uint64_t least() const { return least_of(levels_.back().blocks[0]); }
  // The first leaf from `start` on with at most this load, else the first of all. kNowhere: there is none, or not any
  // more.
  size_t find(size_t start, uint64_t most) const;

 private:
  static constexpr size_t kBranches = 8;
  // The branches of a node, side by side; the last level is one of them.
  struct alignas(64) Block {
    Block();
    std::atomic<uint64_t> nodes[kBranches];
  };
  struct Level {
    explicit Level(size_t count) : blocks(count) {}
    std::atomic<uint64_t>& node(size_t number) { return blocks[number / kBranches].nodes[number % kBranches]; }
    const std::atomic<uint64_t>& node(size_t number) const {
      return blocks[number / kBranches].nodes[number % kBranches];
    }
    std::vector<Block> blocks;
  };
  static uint64_t least_of(const Block& block);
  size_t find_from(size_t start, uint64_t most) const;
  size_t descend(size_t level, size_t node, uint64_t most) const;

  std::vector<Level> levels_;  // the leaves first
};

}  // namespace lbd::server
