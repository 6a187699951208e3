// HashIndex: where objects are, by the hash of their key: 256 open-addressed tables that grow each for itself, so that
// no insertion takes longer because there are many objects. The objects are their owner's, and so is comparing keys.
// Life: that of its owner. Thread: one. Errors: none.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <utility>
#include <vector>

namespace replica {

template <typename T>
class HashIndex {
 public:
  // same(const T&) tells whether it is the one that is sought. Null: there is none.
  template <typename Same>
  T* find(uint64_t hash, Same same) const {
    const Table& table = table_of(hash);
    if (table.slots.empty()) return nullptr;
    for (size_t i = hash & table.mask();; i = (i + 1) & table.mask()) {
      const Slot& slot = table.slots[i];
      if (!slot.object) return nullptr;
      if (slot.hash == hash && same(*slot.object)) return slot.object;
    }
  }
  void insert(uint64_t hash, T& object) {
    Table& table = table_of(hash);
    if (4 * (table.count + 1) > 3 * table.slots.size()) table.grow();
    table.place({hash, &object});
    ++table.count;
    ++size_;
  }
  void erase(uint64_t hash, const T& object) {
    Table& table = table_of(hash);
    size_t hole = hash & table.mask();
    while (table.slots[hole].object != &object) hole = (hole + 1) & table.mask();
    // Those behind it that would not be found over the hole move up.
    for (size_t i = (hole + 1) & table.mask(); table.slots[i].object; i = (i + 1) & table.mask()) {
      const size_t home = table.slots[i].hash & table.mask();
      if (((i - home) & table.mask()) >= ((i - hole) & table.mask())) {
        table.slots[hole] = table.slots[i];
        hole = i;
      }
    }
    table.slots[hole].object = nullptr;
    --table.count;
    --size_;
  }
  template <typename Visit>
  void for_each(Visit visit) const {
    for (const Table& table : tables_)
      for (const Slot& slot : table.slots)
        if (slot.object) visit(*slot.object);
  }
  size_t size() const { return size_; }

  // For who knows what he will look for: what is fetched early need not be waited for. First the place, later the
  // object that is likely to be there.
  void fetch_place(uint64_t hash) const {
    const Table& table = table_of(hash);
    if (!table.slots.empty()) __builtin_prefetch(&table.slots[hash & table.mask()]);
  }
  T* likely(uint64_t hash) const {
    const Table& table = table_of(hash);
    return table.slots.empty() ? nullptr : table.slots[hash & table.mask()].object;
  }

 private:
  struct Slot {
    uint64_t hash = 0;
    T* object = nullptr;
  };
  struct Table {
    std::vector<Slot> slots;  // a power of two of them
    size_t count = 0;
    size_t mask() const { return slots.size() - 1; }
    void place(const Slot& slot) {
      size_t i = slot.hash & mask();
      while (slots[i].object) i = (i + 1) & mask();
      slots[i] = slot;
    }
    void grow() {
      std::vector<Slot> before(slots.empty() ? kFirst : 2 * slots.size());
      before.swap(slots);
      for (const Slot& slot : before)
        if (slot.object) place(slot);
    }
  };
  static constexpr size_t kFirst = 8;
  Table& table_of(uint64_t hash) { return tables_[hash >> 56]; }
  const Table& table_of(uint64_t hash) const { return tables_[hash >> 56]; }

  std::array<Table, 256> tables_;
  size_t size_ = 0;
};

}  // namespace replica
