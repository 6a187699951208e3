// PatternEntry: one pattern of a list or one line of a map, and PatternEntries: all of one version of a list, found by
// a small number of their own, which is what the indexes hold.
//
// An entry never changes but for its value, which is replaced as a whole. Readers look entries up without a lock;
// writers hold the lock of the PatternRef and give back what they took out through base::Grace. Those of a file lie
// one behind the other in blocks, those added later alone. Life: a version of a list.
#pragma once

#include <array>
#include <atomic>
#include <cstdint>
#include <memory>
#include <mutex>
#include <string_view>
#include <utility>
#include <vector>

#include "base/grace.h"

namespace lbd::expr {

// The text of a map's second column; an entry of a plain list has none.
struct PatternValue {
  uint32_t size;
  bool alone;  // has its own piece of memory
  std::string_view text() const { return {reinterpret_cast<const char*>(this + 1), size}; }
};

struct PatternEntry {
  std::atomic<const PatternValue*> value{nullptr};
  uint64_t id = 0;     // unique in its list and rising: the order of the entries
  uint32_t index = 0;  // in PatternEntries
  uint32_t size : 31;
  uint32_t alone : 1;
  std::string_view key() const { return {reinterpret_cast<const char*>(this + 1), size}; }
};

class PatternEntries {
 public:
  explicit PatternEntries(base::Grace& grace) : grace_(grace) {}
  ~PatternEntries();
  PatternEntries(const PatternEntries&) = delete;
  PatternEntries& operator=(const PatternEntries&) = delete;

  static constexpr uint32_t kMost = 0xfffffff0;

  // Any thread. Null: taken out meanwhile.
  const PatternEntry* at(uint32_t index) const { return slot(index).load(std::memory_order_acquire); }
  size_t count() const { return count_.load(std::memory_order_relaxed); }

  // Writers.
  PatternEntry* entry(uint32_t index) { return slot(index).load(std::memory_order_relaxed); }
  uint32_t end() const { return next_; }  // above the highest index
  // `bulk`: in a block with others, freed with all.
  PatternEntry* make(std::string_view key, uint64_t id, bool bulk);
  const PatternValue* make_value(std::string_view text, bool bulk);
  void set_value(PatternEntry& entry, const PatternValue* value);
  // When no index holds it any more.
  void remove(PatternEntry& entry);
  // At once, for an entry that no reader has seen.
  void drop(PatternEntry& entry);

 private:
  using Slot = std::atomic<PatternEntry*>;
  static constexpr unsigned kFirstBits = 4;  // the first chunk has 16 slots, each next one twice as many
  static constexpr size_t kChunks = 32 - kFirstBits;
  const Slot& slot(uint32_t index) const {
    uint64_t at = uint64_t{index} + (1u << kFirstBits);
    auto bits = static_cast<unsigned>(63 - __builtin_clzll(at));
    return chunks_[bits - kFirstBits].load(std::memory_order_acquire)[at - (uint64_t{1} << bits)];
  }
  Slot& slot(uint32_t index) { return const_cast<Slot&>(std::as_const(*this).slot(index)); }
  uint32_t take_index();
  void* room(size_t bytes);
  void forget(PatternEntry& entry);

  base::Grace& grace_;
  std::array<std::atomic<Slot*>, kChunks> chunks_{};
  uint32_t next_ = 0;
  std::atomic<size_t> count_{0};
  std::mutex free_mutex_;       // the grace period ends in any thread
  std::vector<uint32_t> free_;  // indexes to use again
  std::vector<std::unique_ptr<char[]>> blocks_;
  char *cursor_ = nullptr, *block_end_ = nullptr;
};

}  // namespace lbd::expr
