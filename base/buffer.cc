#include "base/buffer.h"

#include <algorithm>

namespace base {

Chunk* ChunkPool::get(Size size) {
  BlockPool& pool = size == Size::usual ? usual_ : size == Size::medium ? medium_ : large_;
  auto capacity = static_cast<uint32_t>(pool.block_size() - sizeof(Chunk));
  return new (pool.get()) Chunk{nullptr, &pool, 0, 0, capacity};
}

void Buffer::clear() {
  while (first_) drop_front();
  size_ = 0;
}

void Buffer::drop_front() {
  Chunk* chunk = first_;
  first_ = chunk->next;
  if (!first_) last_ = nullptr;
  ChunkPool::put(chunk);
}

void Buffer::push_back(Chunk* chunk) {
  chunk->next = nullptr;
  size_ += chunk->size();
  if (last_)
    last_->next = chunk;
  else
    first_ = chunk;
  last_ = chunk;
}

Chunk* Buffer::take_front() {
  Chunk* chunk = first_;
  if (!chunk) return nullptr;
  first_ = chunk->next;
  if (!first_) last_ = nullptr;
  size_ -= chunk->size();
  chunk->next = nullptr;
  return chunk;
}

std::span<char> Buffer::reserve(ChunkPool& pool, size_t least, ChunkPool::Size size) {
  if (!last_ || last_->room() < std::max<size_t>(least, 1)) push_back(pool.get(size));
  return {last_->data() + last_->end, last_->room()};
}

void Buffer::commit(size_t n) {
  last_->end += static_cast<uint32_t>(n);
  size_ += n;
}

void Buffer::release_unused() {
  if (!last_ || last_->size() > 0) return;
  if (first_ == last_) {
    drop_front();
    return;
  }
  Chunk* before = first_;
  while (before->next != last_) before = before->next;
  ChunkPool::put(last_);
  before->next = nullptr;
  last_ = before;
}

void Buffer::append(ChunkPool& pool, std::string_view bytes) {
  while (!bytes.empty()) {
    std::span<char> room = reserve(pool);
    size_t n = std::min(room.size(), bytes.size());
    std::memcpy(room.data(), bytes.data(), n);
    commit(n);
    bytes.remove_prefix(n);
  }
}

void Buffer::consume(size_t n) {
  size_ -= n;
  while (first_) {
    size_t here = std::min<size_t>(n, first_->size());
    first_->begin += static_cast<uint32_t>(here);
    n -= here;
    if (first_->size() > 0) return;
    drop_front();
  }
}

void Buffer::move_all_to(Buffer& to) {
  if (!first_) return;
  if (to.last_)
    to.last_->next = first_;
  else
    to.first_ = first_;
  to.last_ = last_;
  to.size_ += size_;
  first_ = last_ = nullptr;
  size_ = 0;
}

void Buffer::join_to(Buffer& to, size_t most) {
  if (first_ && to.first_) {
    if (size_ <= most && first_ == last_ && to.last_->room() >= size_) {
      std::memcpy(to.last_->data() + to.last_->end, first_->head(), size_);
      to.commit(size_);
      clear();
      return;
    }
    if (to.size_ <= most && to.first_ == to.last_ && first_->begin >= to.size_) {
      first_->begin -= static_cast<uint32_t>(to.size_);
      std::memcpy(first_->head(), to.first_->head(), to.size_);
      size_ += to.size_;
      to.clear();
    }
  }
  move_all_to(to);
}

void Buffer::move_to(Buffer& to, size_t n, ChunkPool& pool) {
  while (n > 0 && first_) {
    if (first_->size() <= n) {
      n -= first_->size();
      to.push_back(take_front());
      continue;
    }
    split_front(to, n, pool);
    return;
  }
}

// The cut chunk: the smaller part is copied, the larger one keeps its place in memory.
void Buffer::split_front(Buffer& to, size_t n, ChunkPool& pool) {
  size_t rest = first_->size() - n;
  if (n <= rest || rest > pool.chunk_size()) {
    to.append(pool, {first_->head(), n});
    consume(n);
    return;
  }
  Chunk* tail = pool.get();
  std::memcpy(tail->data(), first_->head() + n, rest);
  tail->end = static_cast<uint32_t>(rest);
  Chunk* front = take_front();
  front->end -= static_cast<uint32_t>(rest);
  to.push_back(front);
  tail->next = first_;
  first_ = tail;
  if (!last_) last_ = tail;
  size_ += rest;
}

std::string_view Buffer::flatten(ChunkPool& pool) {
  if (!first_) return {};
  if (first_ == last_) return front();
  if (size_ > pool.chunk_size()) return {};
  Chunk* whole = pool.get();
  while (Chunk* piece = take_front()) {
    std::memcpy(whole->data() + whole->end, piece->head(), piece->size());
    whole->end += piece->size();
    ChunkPool::put(piece);
  }
  push_back(whole);
  return front();
}

std::string_view Buffer::gather(ChunkPool& pool) {
  if (first_ == last_ || first_->size() >= pool.chunk_size()) return front();
  Chunk* whole = pool.get();
  while (first_ && whole->room() > 0) {
    const size_t n = std::min<size_t>(whole->room(), first_->size());
    std::memcpy(whole->data() + whole->end, first_->head(), n);
    whole->end += static_cast<uint32_t>(n);
    consume(n);
  }
  Buffer rest = std::move(*this);
  push_back(whole);
  rest.move_all_to(*this);
  return front();
}

void Buffer::prepend(ChunkPool& pool, std::string_view bytes) {
  Buffer rest = std::move(*this);
  append(pool, bytes);
  rest.move_all_to(*this);
}

size_t Buffer::iovecs(struct iovec* out, size_t most) const {
  size_t count = 0;
  for (Chunk* chunk = first_; chunk && count < most; chunk = chunk->next)
    if (chunk->size() > 0) out[count++] = {chunk->head(), chunk->size()};
  return count;
}

void Buffer::append_to(std::string& text) const {
  for (Chunk* chunk = first_; chunk; chunk = chunk->next) text.append(chunk->head(), chunk->size());
}

std::string Buffer::to_string() const {
  std::string all;
  append_to(all);
  return all;
}

}  // namespace base
