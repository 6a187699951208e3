#include "lbd/expr/pattern_table.h"

#include "lbd/expr/pattern_hash.h"

namespace lbd::expr {
namespace {

// Slots: more than half a megabyte.
constexpr size_t kLarge = 65536;

}  // namespace

PatternTable::PatternTable(PatternEntries& entries, base::Grace& grace)
    : entries_(entries), grace_(grace), seed_(HashSecret::of_process().a), slots_(new Slots(8)) {}

PatternTable::~PatternTable() {
  Slots* slots = slots_.load(std::memory_order_relaxed);
  delete slots->older.load(std::memory_order_relaxed);
  delete slots;
}

void PatternTable::reserve(size_t count) {
  size_t size = 8;
  while (size < count + count / 2) size *= 2;
  if (size <= slots_.load(std::memory_order_relaxed)->size()) return;
  resize(size);
  move(SIZE_MAX);
}

void PatternTable::insert(uint32_t hash, const PatternEntry& entry) {
  if (4 * (used_ + gone_ + 1) > 3 * slots_.load(std::memory_order_relaxed)->size()) {
    size_t size = 8;
    while (size < 2 * (used_ + 1)) size *= 2;
    move(SIZE_MAX);
    resize(size);
  }
  place_in(*slots_.load(std::memory_order_relaxed), packed(hash, entry));
  ++used_;
  move(kMovedAtOnce);
}

void PatternTable::place_in(Slots& slots, uint64_t value) {
  // A gone slot is not used again: a reader that goes past it may have begun before.
  *slot_of(slots, place(static_cast<uint32_t>(value >> 32)), kEmpty) = value;
}

// The slot that holds the value, or the empty one where the search for it ends.
PatternTable::Slot* PatternTable::slot_of(Slots& slots, size_t from, uint64_t value) {
  for (size_t at = from & slots.mask;; at = (at + 1) & slots.mask) {
    const uint64_t there = slots.slot[at].load(std::memory_order_relaxed);
    if (there == value || there == kEmpty) return &slots.slot[at];
  }
}

void PatternTable::put(uint32_t hash, const PatternEntry& entry, uint64_t slot) {
  Slots* slots = slots_.load(std::memory_order_relaxed);
  for (Slots* one : {slots, slots->older.load(std::memory_order_relaxed)}) {
    if (!one) continue;
    Slot* at = slot_of(*one, place(hash), packed(hash, entry));
    if (at->load(std::memory_order_relaxed) != kEmpty) at->store(slot, std::memory_order_release);
  }
}

void PatternTable::move(size_t most) {
  Slots* slots = slots_.load(std::memory_order_relaxed);
  Slots* older = slots->older.load(std::memory_order_relaxed);
  if (!older) return;
  for (; most > 0 && moved_ < older->size(); --most, ++moved_) {
    const uint64_t slot = older->slot[moved_].load(std::memory_order_relaxed);
    if (slot != kEmpty && slot != kGone) place_in(*slots, slot);
  }
  if (moved_ < older->size()) return;
  slots->older.store(nullptr, std::memory_order_release);
  if (older->size() >= kLarge)
    grace_.retire_large([older] { delete older; });
  else
    grace_.retire(std::unique_ptr<Slots>(older));
}

void PatternTable::resize(size_t size) {
  auto larger = std::make_unique<Slots>(size);
  larger->older.store(slots_.load(std::memory_order_relaxed), std::memory_order_relaxed);
  gone_ = 0;
  moved_ = 0;
  slots_.store(larger.release(), std::memory_order_release);
}

std::vector<PatternEntry*> PatternTable::all(const PatternEntry* first) const {
  if (!first) return {};
  std::vector<PatternEntry*> found = {entries_.entry(first->index)};
  if (auto others = others_.find(first); others != others_.end())
    found.insert(found.end(), others->second.begin(), others->second.end());
  return found;
}

}  // namespace lbd::expr
