#include "lbd/expr/pattern_table.h"

#include "lbd/expr/pattern_hash.h"

namespace lbd::expr {

PatternTable::PatternTable(PatternEntries& entries, base::Grace& grace)
    : entries_(entries), grace_(grace), seed_(HashSecret::of_process().a), slots_(new Slots(8)) {}

PatternTable::~PatternTable() {
  delete slots_.load(std::memory_order_relaxed);
}

void PatternTable::reserve(size_t count) {
  size_t size = 8;
  while (size < count + count / 2) size *= 2;
  if (size > slots_.load(std::memory_order_relaxed)->mask + 1) resize(size);
}

void PatternTable::insert(uint32_t hash, const PatternEntry& entry) {
  Slots* slots = slots_.load(std::memory_order_relaxed);
  if (4 * (used_ + gone_ + 1) > 3 * (slots->mask + 1)) {
    size_t size = 8;
    while (size < 2 * (used_ + 1)) size *= 2;
    resize(size);
    slots = slots_.load(std::memory_order_relaxed);
  }
  size_t at = place(hash) & slots->mask;
  // A gone slot is not used again: a reader that goes past it may have begun before.
  while (slots->slot[at].load(std::memory_order_relaxed) != kEmpty) at = (at + 1) & slots->mask;
  slots->slot[at].store(packed(hash, entry), std::memory_order_release);
  ++used_;
}

void PatternTable::resize(size_t size) {
  Slots* old = slots_.load(std::memory_order_relaxed);
  auto larger = std::make_unique<Slots>(size);
  for (size_t i = 0; i <= old->mask; ++i) {
    uint64_t slot = old->slot[i].load(std::memory_order_relaxed);
    if (slot == kEmpty || slot == kGone) continue;
    size_t at = place(static_cast<uint32_t>(slot >> 32)) & larger->mask;
    while (larger->slot[at].load(std::memory_order_relaxed) != kEmpty) at = (at + 1) & larger->mask;
    larger->slot[at].store(slot, std::memory_order_relaxed);
  }
  gone_ = 0;
  slots_.store(larger.release(), std::memory_order_release);
  grace_.retire(std::unique_ptr<Slots>(old));
}

std::vector<PatternEntry*> PatternTable::all(const PatternEntry* first) const {
  if (!first) return {};
  std::vector<PatternEntry*> found = {entries_.entry(first->index)};
  if (auto others = others_.find(first); others != others_.end())
    found.insert(found.end(), others->second.begin(), others->second.end());
  return found;
}

}  // namespace lbd::expr
