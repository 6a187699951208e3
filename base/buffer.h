// Buffer: a chain of chunks. Moving bytes between two buffers relinks whole chunks and copies only the cut one, so a
// body passes through without being copied. A chunk belongs to exactly one buffer; an empty buffer holds no chunk.
//
// Thread: that of its pool. Units: bytes.
#pragma once

#include <sys/uio.h>

#include <span>
#include <string_view>
#include <utility>

#include "base/arena.h"

namespace base {

struct Chunk {
  Chunk* next;
  BlockPool* pool;
  uint32_t begin, end, capacity;
  char* data() { return reinterpret_cast<char*>(this + 1); }
  char* head() { return data() + begin; }
  uint32_t size() const { return end - begin; }
  uint32_t room() const { return capacity - end; }
};

// The chunks of one thread, in three sizes: usual ones (tune.bufsize), and larger ones for flows that fill the smaller
// again and again.
class ChunkPool {
 public:
  enum class Size : uint8_t { usual, medium, large };
  static constexpr size_t kMedium = 64 * 1024;
  static constexpr size_t kLarge = 256 * 1024;
  explicit ChunkPool(size_t chunk_size = 16384, size_t keep = 256)
      : usual_(chunk_size + sizeof(Chunk), keep),
        medium_(kMedium + sizeof(Chunk), 32),
        large_(kLarge + sizeof(Chunk), 16) {}
  Chunk* get(Size size = Size::usual);
  static void put(Chunk* chunk) { chunk->pool->put(chunk); }
  size_t chunk_size() const { return usual_.block_size() - sizeof(Chunk); }

 private:
  BlockPool usual_, medium_, large_;
};

class Buffer {
 public:
  Buffer() = default;
  Buffer(Buffer&& other) noexcept { swap(other); }
  Buffer& operator=(Buffer&& other) noexcept {
    clear();
    swap(other);
    return *this;
  }
  ~Buffer() { clear(); }

  bool empty() const { return size_ == 0; }
  size_t size() const { return size_; }
  void clear();
  void swap(Buffer& other) noexcept {
    std::swap(first_, other.first_);
    std::swap(last_, other.last_);
    std::swap(size_, other.size_);
  }

  // Room to read into, at least one byte: the tail of the last chunk if it has `least`, a new chunk otherwise.
  std::span<char> reserve(ChunkPool& pool, size_t least = 1, ChunkPool::Size size = ChunkPool::Size::usual);
  void commit(size_t n);
  // Gives back a tail chunk that reserve() added and into which nothing came.
  void release_unused();

  void append(ChunkPool& pool, std::string_view bytes);
  // The first contiguous piece.
  std::string_view front() const {
    return first_ ? std::string_view(first_->head(), first_->size()) : std::string_view();
  }
  std::span<char> front_mutable() {
    return first_ ? std::span<char>(first_->head(), first_->size()) : std::span<char>();
  }
  void consume(size_t n);
  // Moves the first n bytes to the end of `to`.
  void move_to(Buffer& to, size_t n, ChunkPool& pool);
  void move_all_to(Buffer& to);
  // The same, copying at most `most` bytes to make one piece of what waits in `to` and what comes: the new bytes behind
  // the old when they are few, or the old before the new where consumed bytes have left room.
  void join_to(Buffer& to, size_t most);
  // All bytes in one piece, copying only if they are not (then into one chunk: at most a chunk's size). Empty view
  // if they do not fit.
  std::string_view flatten(ChunkPool& pool);
  // The first bytes in one piece, as many as a chunk holds, copying only if they are not.
  std::string_view gather(ChunkPool& pool);
  // The same bytes again, before all others.
  void prepend(ChunkPool& pool, std::string_view bytes);
  // Takes the first chunk out of the chain with its content.
  Chunk* take_front();
  void push_back(Chunk* chunk);

  size_t iovecs(struct iovec* out, size_t most) const;
  void append_to(std::string& text) const;
  std::string to_string() const;

 private:
  void drop_front();
  void split_front(Buffer& to, size_t n, ChunkPool& pool);
  Chunk* first_ = nullptr;
  Chunk* last_ = nullptr;
  size_t size_ = 0;
};

}  // namespace base
