// PatternTable: a hash table from keys to pattern entries that readers search while a writer changes it: open
// addressing, eight bytes a slot (32 bits of the key's hash and the entry's index), so that a look-up touches one line
// of the table however large it is. A table that has become too small moves into a larger one piece by piece, with each
// entry that comes, so that none of them has to wait for all. Of entries with one key the one with the lowest id is
// found; the others wait.
//
// The table knows no keys: `same` says whether an entry has the key in question. Thread: find() any, within a turn of
// base::Grace; all else the writer. Life: a version of a list.
#pragma once

#include <algorithm>
#include <atomic>
#include <cstdlib>
#include <memory>
#include <type_traits>
#include <unordered_map>
#include <vector>

#include "base/result.h"
#include "lbd/expr/pattern_entry.h"

namespace lbd::expr {

class PatternTable {
 public:
  PatternTable(PatternEntries& entries, base::Grace& grace);
  ~PatternTable();

  void reserve(size_t count);
  size_t size() const { return used_; }

  template <typename Same>
  const PatternEntry* find(uint32_t hash, const Same& same) const {
    const Slots* slots = slots_.load(std::memory_order_acquire);
    // Asked for first: when it is gone by now, all has been moved.
    const Slots* older = slots->older.load(std::memory_order_acquire);
    const PatternEntry* entry = find_in(*slots, hash, same);
    return entry || !older ? entry : find_in(*older, hash, same);
  }

  template <typename Same>
  void add(uint32_t hash, PatternEntry& entry, const Same& same) {
    PatternEntry* first = locate(hash, same);
    if (!first) return insert(hash, entry);
    auto& others = others_[first];
    if (entry.id < first->id) {
      put(hash, *first, packed(hash, entry));
      std::vector<PatternEntry*> moved = std::move(others);
      others_.erase(first);
      moved.push_back(first);
      others_[&entry] = std::move(moved);
    } else {
      others.push_back(&entry);
    }
  }

  // Before the entry is taken out of the entries.
  template <typename Same>
  void remove(uint32_t hash, PatternEntry& entry, const Same& same) {
    PatternEntry* first = locate(hash, same);
    if (!first) return;
    auto others = others_.find(first);
    if (first != &entry) {
      if (others != others_.end()) std::erase(others->second, &entry);
      return;
    }
    if (others == others_.end() || others->second.empty()) {
      if (others != others_.end()) others_.erase(others);
      put(hash, entry, kGone);
      ++gone_;
      --used_;
      return;
    }
    std::vector<PatternEntry*> rest = std::move(others->second);
    others_.erase(others);
    auto next = std::min_element(rest.begin(), rest.end(), [](auto* a, auto* b) { return a->id < b->id; });
    PatternEntry* heir = *next;
    rest.erase(next);
    put(hash, entry, packed(hash, *heir));
    others_[heir] = std::move(rest);
  }

  // Those with one key: the one that find() gives, and the others.
  std::vector<PatternEntry*> all(const PatternEntry* first) const;

 private:
  using Slot = std::atomic<uint64_t>;
  struct Slots {
    // Memory that was never written takes no time.
    explicit Slots(size_t size) : mask(size - 1), slot(static_cast<Slot*>(std::calloc(size, sizeof(Slot)))) {
      CHECK(slot);
    }
    ~Slots() { std::free(slot); }
    Slots(const Slots&) = delete;
    Slots& operator=(const Slots&) = delete;
    size_t size() const { return mask + 1; }
    size_t mask;
    Slot* slot;
    std::atomic<Slots*> older{nullptr};  // from which not all has been moved
  };
  static_assert(std::is_trivially_destructible_v<Slot> && sizeof(Slot) == sizeof(uint64_t));
  static constexpr uint64_t kEmpty = 0, kGone = 1;
  static constexpr size_t kMovedAtOnce = 16;
  static uint64_t packed(uint32_t hash, const PatternEntry& entry) { return uint64_t{hash} << 32 | (entry.index + 2); }
  size_t place(uint32_t hash) const {
    uint64_t mixed = (hash ^ seed_) * 0x9e3779b97f4a7c15;
    return (mixed ^ mixed >> 29) * 0xbf58476d1ce4e5b9 >> 32;
  }
  template <typename Same>
  const PatternEntry* find_in(const Slots& slots, uint32_t hash, const Same& same) const {
    for (size_t at = place(hash) & slots.mask;; at = (at + 1) & slots.mask) {
      uint64_t slot = slots.slot[at].load(std::memory_order_acquire);
      if (slot == kEmpty) return nullptr;
      if (slot >> 32 != hash || slot == kGone) continue;
      const PatternEntry* entry = entries_.at(static_cast<uint32_t>(slot) - 2);
      if (entry && same(*entry)) return entry;
    }
  }
  template <typename Same>
  PatternEntry* locate(uint32_t hash, const Same& same) {
    return const_cast<PatternEntry*>(find(hash, same));
  }
  // In place of the slot of an entry that is there.
  void put(uint32_t hash, const PatternEntry& entry, uint64_t slot);
  static Slot* slot_of(Slots& slots, size_t from, uint64_t value);
  void insert(uint32_t hash, const PatternEntry& entry);
  void place_in(Slots& slots, uint64_t value);
  // From the one before into the one that is used: up to `most` slots.
  void move(size_t most);
  void resize(size_t size);

  PatternEntries& entries_;
  base::Grace& grace_;
  uint64_t seed_;
  std::atomic<Slots*> slots_;
  size_t used_ = 0, gone_ = 0;
  size_t moved_ = 0;  // of the one before
  std::unordered_map<const PatternEntry*, std::vector<PatternEntry*>> others_;
};

}  // namespace lbd::expr
