#include "lbd/expr/pattern_entry.h"

#include <algorithm>
#include <cstdlib>
#include <cstring>
#include <new>

#include "base/result.h"

namespace lbd::expr {
namespace {

constexpr size_t kLeastBlock = 512, kMostBlock = 256 * 1024;

void free_value(const PatternValue* value) {
  if (value && value->alone) ::operator delete(const_cast<PatternValue*>(value));
}

}  // namespace

PatternEntries::~PatternEntries() {
  for (uint32_t i = 0; i < next_; ++i) {
    PatternEntry* one = entry(i);
    if (!one) continue;
    free_value(one->value.load(std::memory_order_relaxed));
    if (one->alone) ::operator delete(one);
  }
  for (auto& chunk : chunks_) std::free(chunk.load(std::memory_order_relaxed));
}

void* PatternEntries::room(size_t bytes) {
  bytes = (bytes + 7) & ~size_t{7};
  if (static_cast<size_t>(block_end_ - cursor_) < bytes) {
    size_t size = std::max(bytes, std::min(kMostBlock, kLeastBlock << std::min<size_t>(blocks_.size(), 16)));
    blocks_.emplace_back(new char[size]);
    cursor_ = blocks_.back().get();
    block_end_ = cursor_ + size;
  }
  char* at = cursor_;
  cursor_ += bytes;
  return at;
}

uint32_t PatternEntries::take_index() {
  {
    std::lock_guard lock(free_mutex_);
    if (!free_.empty()) {
      uint32_t index = free_.back();
      free_.pop_back();
      return index;
    }
  }
  uint64_t at = uint64_t{next_} + (1u << kFirstBits);
  if ((at & (at - 1)) == 0) {
    auto chunk = static_cast<size_t>(63 - __builtin_clzll(at)) - kFirstBits;
    // Memory that was never written takes no time.
    auto* slots = static_cast<Slot*>(std::calloc(at, sizeof(Slot)));
    CHECK(slots);
    chunks_[chunk].store(slots, std::memory_order_release);
  }
  return next_++;
}

PatternEntry* PatternEntries::make(std::string_view key, uint64_t id, bool bulk) {
  size_t bytes = sizeof(PatternEntry) + key.size();
  auto* entry = new (bulk ? room(bytes) : ::operator new(bytes)) PatternEntry;
  entry->id = id;
  entry->size = static_cast<uint32_t>(key.size()) & 0x7fffffff;
  entry->alone = !bulk;
  if (!key.empty()) std::memcpy(static_cast<void*>(entry + 1), key.data(), key.size());
  entry->index = take_index();
  slot(entry->index).store(entry, std::memory_order_release);
  count_.fetch_add(1, std::memory_order_relaxed);
  return entry;
}

const PatternValue* PatternEntries::make_value(std::string_view text, bool bulk) {
  size_t bytes = sizeof(PatternValue) + text.size();
  auto* value = new (bulk ? room(bytes) : ::operator new(bytes)) PatternValue;
  value->size = static_cast<uint32_t>(text.size());
  value->alone = !bulk;
  if (!text.empty()) std::memcpy(static_cast<void*>(value + 1), text.data(), text.size());
  return value;
}

void PatternEntries::set_value(PatternEntry& entry, const PatternValue* value) {
  const PatternValue* old = entry.value.exchange(value, std::memory_order_acq_rel);
  if (old && old->alone) grace_.retire([old] { free_value(old); });
}

void PatternEntries::forget(PatternEntry& entry) {
  uint32_t index = entry.index;
  free_value(entry.value.load(std::memory_order_relaxed));
  if (entry.alone) ::operator delete(&entry);
  std::lock_guard lock(free_mutex_);
  free_.push_back(index);
}

void PatternEntries::remove(PatternEntry& entry) {
  count_.fetch_sub(1, std::memory_order_relaxed);
  slot(entry.index).store(nullptr, std::memory_order_release);
  grace_.retire([this, &entry] { forget(entry); });
}

void PatternEntries::drop(PatternEntry& entry) {
  count_.fetch_sub(1, std::memory_order_relaxed);
  slot(entry.index).store(nullptr, std::memory_order_release);
  forget(entry);
}

}  // namespace lbd::expr
