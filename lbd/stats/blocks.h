// CounterBlocks: the counters of all workers. Each worker writes its own array, one Counters per slot (frontend,
// backend, server); who shows a number sums it over the workers, and what was inherited at a reload.
//
// Life: made before the workers start, as long as they run; addresses stay. Thread: at(worker, …) is written by that
// worker only, sums may be taken by any. Errors: none.
#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>
#include <vector>

#include "lbd/server/counters.h"

namespace lbd::stats {

class CounterBlocks {
 public:
  CounterBlocks(size_t workers, size_t slots) : slots_(slots) {
    // One allocation a worker: blocks of two workers never share a cache line's neighbourhood but at the ends.
    for (size_t i = 0; i < workers; ++i) workers_.push_back(std::make_unique<server::Counters[]>(slots));
    inherited_ = std::make_unique<server::Counters[]>(slots);
  }

  size_t workers() const { return workers_.size(); }
  size_t slots() const { return slots_; }
  server::Counters* of_worker(size_t worker) { return workers_[worker].get(); }
  server::Counters& at(size_t worker, size_t slot) { return workers_[worker][slot]; }
  // What the processes before this one counted. Written by the control thread.
  server::Counters& inherited(size_t slot) { return inherited_[slot]; }

  template <typename Read>
  uint64_t sum(size_t slot, Read read) const {
    uint64_t total = read(inherited_[slot]);
    for (const auto& worker : workers_) total += read(worker[slot]);
    return total;
  }
  template <typename Read>
  uint64_t highest(size_t slot, Read read) const {
    uint64_t most = read(inherited_[slot]);
    for (const auto& worker : workers_) most = std::max<uint64_t>(most, read(worker[slot]));
    return most;
  }

 private:
  size_t slots_;
  std::vector<std::unique_ptr<server::Counters[]>> workers_;
  std::unique_ptr<server::Counters[]> inherited_;
};

}  // namespace lbd::stats
