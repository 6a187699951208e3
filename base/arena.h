// Arena: bump allocation for what lives as long as one request: header strings, expression values, serialised heads.
// Nothing is freed singly; reset() gives all blocks back to the pool of the thread. Views into an arena must not
// outlive the exchange that owns it. Thread: that of its pool.
#pragma once

#include <cstddef>
#include <cstdint>
#include <cstdlib>
#include <cstring>
#include <string_view>
#include <type_traits>

#include "base/result.h"

namespace base {

// Keeps freed blocks of one size for reuse, up to `keep`.
class BlockPool {
 public:
  explicit BlockPool(size_t block_size, size_t keep) : size_(block_size), keep_(keep) {}
  ~BlockPool() { trim(0); }
  BlockPool(const BlockPool&) = delete;
  BlockPool& operator=(const BlockPool&) = delete;

  void* get() {
    if (free_) {
      Link* link = free_;
      free_ = link->next;
      --kept_;
      return link;
    }
    void* block = std::malloc(size_);
    CHECK(block);
    return block;
  }
  void put(void* block) {
    if (kept_ >= keep_) {
      std::free(block);
      return;
    }
    auto* link = static_cast<Link*>(block);
    link->next = free_;
    free_ = link;
    ++kept_;
  }
  void trim(size_t down_to) {
    while (kept_ > down_to) {
      Link* link = free_;
      free_ = link->next;
      --kept_;
      std::free(link);
    }
  }
  size_t block_size() const { return size_; }

 private:
  struct Link {
    Link* next;
  };
  size_t size_, keep_;
  size_t kept_ = 0;
  Link* free_ = nullptr;
};

class Arena {
 public:
  explicit Arena(BlockPool& pool) : pool_(&pool) {}
  ~Arena() { reset(); }
  Arena(const Arena&) = delete;
  Arena& operator=(const Arena&) = delete;

  void* alloc(size_t size, size_t align = alignof(std::max_align_t)) {
    auto at = (reinterpret_cast<uintptr_t>(cursor_) + align - 1) & ~(align - 1);
    if (cursor_ && at + size <= reinterpret_cast<uintptr_t>(end_)) [[likely]] {
      cursor_ = reinterpret_cast<char*>(at + size);
      return reinterpret_cast<void*>(at);
    }
    return alloc_slow(size, align);
  }
  template <typename T, typename... Args>
  T* make(Args&&... args) {
    static_assert(std::is_trivially_destructible_v<T>, "an arena runs no destructors");
    return new (alloc(sizeof(T), alignof(T))) T{static_cast<Args&&>(args)...};
  }
  char* alloc_chars(size_t size) { return static_cast<char*>(alloc(size, 1)); }
  std::string_view copy(std::string_view text) {
    if (text.empty()) return {};
    char* to = alloc_chars(text.size());
    std::memcpy(to, text.data(), text.size());
    return {to, text.size()};
  }
  template <typename... Parts>
  std::string_view concat(const Parts&... parts) {
    size_t size = (std::string_view(parts).size() + ...);
    char* to = alloc_chars(size);
    char* at = to;
    auto append = [&at](std::string_view part) {
      if (!part.empty()) std::memcpy(at, part.data(), part.size());
      at += part.size();
    };
    (append(parts), ...);
    return {to, size};
  }
  void reset();

  // What an evaluation that must be made again has allocated is given back: mark() before it, rewind() behind it. When
  // something of it is to stay after all (a variable that was set), keep() makes that rewind() do nothing.
  struct Mark {
    void* block;
    char *cursor, *end;
    uint32_t kept;
  };
  Mark mark() const { return {blocks_, cursor_, end_, kept_}; }
  void keep() { ++kept_; }
  void rewind(const Mark& mark);

 private:
  struct Block {
    Block* next;
    bool pooled;
  };
  void drop_first();
  void* alloc_slow(size_t size, size_t align);

  BlockPool* pool_;
  Block* blocks_ = nullptr;
  char* cursor_ = nullptr;
  char* end_ = nullptr;
  uint32_t kept_ = 0;
};

}  // namespace base
