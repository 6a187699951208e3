// CounterBlocks: the counters of all workers. Each worker writes its own array, one Counters per slot (frontend,
// backend, server); who shows a number sums it over the workers, and what was inherited at a reload. There is address
// space for servers that come later, which costs no memory until they do.
//
// Life: made before the workers start, as long as they run; addresses stay. Thread: at(worker, …) is written by that
// worker only, sums may be taken by any; open() by the control thread. Errors: none.
#pragma once

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <cstdlib>
#include <memory>
#include <new>
#include <type_traits>
#include <vector>

#include "base/result.h"
#include "lbd/server/counters.h"

namespace lbd::stats {

class CounterBlocks {
 public:
  // `most`: how many slots there may ever be.
  CounterBlocks(size_t workers, size_t slots, size_t most) {
    // One allocation a worker: blocks of two workers never share a cache line's neighbourhood but at the ends.
    for (size_t i = 0; i < workers + 1; ++i)
      arrays_.emplace_back(static_cast<server::Counters*>(std::calloc(most, sizeof(server::Counters))));
    for (const Array& array : arrays_) CHECK(array);
    while (slots_ < slots) open(slots_);
  }

  size_t workers() const { return arrays_.size() - 1; }
  // Control thread: of those that were ever opened.
  size_t slots() const { return slots_; }
  // Before anybody counts in it: the slot is empty.
  void open(size_t slot) {
    for (const Array& array : arrays_) new (array.get() + slot) server::Counters();
    slots_ = std::max(slots_, slot + 1);
  }
  server::Counters* of_worker(size_t worker) { return arrays_[worker].get(); }
  server::Counters& at(size_t worker, size_t slot) { return arrays_[worker].get()[slot]; }
  // What the processes before this one counted. Written by the control thread.
  server::Counters& inherited(size_t slot) { return arrays_.back().get()[slot]; }

  template <typename Read>
  uint64_t sum(size_t slot, Read read) const {
    uint64_t total = 0;
    for (const Array& array : arrays_) total += read(array.get()[slot]);
    return total;
  }
  template <typename Read>
  uint64_t highest(size_t slot, Read read) const {
    uint64_t most = 0;
    for (const Array& array : arrays_) most = std::max<uint64_t>(most, read(array.get()[slot]));
    return most;
  }

 private:
  static_assert(std::is_trivially_destructible_v<server::Counters>);
  struct Free {
    void operator()(void* memory) const { std::free(memory); }
  };
  using Array = std::unique_ptr<server::Counters[], Free>;
  size_t slots_ = 0;
  std::vector<Array> arrays_;  // of the workers, and what was inherited
};

}  // namespace lbd::stats
