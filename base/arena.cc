#include "base/arena.h"

namespace base {

void* Arena::alloc_slow(size_t size, size_t align) {
  size_t usable = pool_->block_size() - sizeof(Block) - align;
  bool pooled = size <= usable;
  // An object larger than a block gets a block of its own; the current block stays in use behind it.
  void* raw = pooled ? pool_->get() : std::malloc(sizeof(Block) + align + size);
  CHECK(raw);
  auto* block = new (raw) Block{blocks_, pooled};
  blocks_ = block;
  char* start = static_cast<char*>(raw) + sizeof(Block);
  auto at = (reinterpret_cast<uintptr_t>(start) + align - 1) & ~(align - 1);
  if (pooled) {
    cursor_ = reinterpret_cast<char*>(at + size);
    end_ = static_cast<char*>(raw) + pool_->block_size();
  }
  return reinterpret_cast<void*>(at);
}

void Arena::drop_first() {
  Block* block = blocks_;
  blocks_ = block->next;
  if (block->pooled)
    pool_->put(block);
  else
    std::free(block);
}

void Arena::reset() {
  while (blocks_) drop_first();
  cursor_ = end_ = nullptr;
}

void Arena::rewind(const Mark& mark) {
  if (mark.kept != kept_) return;
  while (blocks_ != mark.block) drop_first();
  cursor_ = mark.cursor;
  end_ = mark.end;
}

}  // namespace base
