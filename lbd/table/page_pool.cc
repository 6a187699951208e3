#include "lbd/table/page_pool.h"

#include <sys/mman.h>

#include <algorithm>

#include "base/result.h"

namespace lbd::table {

PagePool::~PagePool() {
  for (const Piece& piece : pieces_) ::munmap(piece.memory, piece.bytes);
}

void* PagePool::take() {
  const std::lock_guard<std::mutex> guard(lock_);
  if (static_cast<size_t>(end_ - next_) < page_bytes_) take_piece();
  char* page = next_;
  next_ += page_bytes_;
  return page;
}

void PagePool::take_piece() {
  constexpr size_t kSystemPage = 4096;
  // A sixth more than there is, from 64 KiB on.
  size_t bytes = std::max({taken_ / 6, size_t{64} << 10, page_bytes_});
  const bool huge = bytes >= kHuge;
  bytes = (bytes + (huge ? kHuge : kSystemPage) - 1) & ~((huge ? kHuge : kSystemPage) - 1);
  const size_t mapped = bytes + (huge ? kHuge : 0);
  void* memory = ::mmap(nullptr, mapped, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
  CHECK(memory != MAP_FAILED && "no memory for a stick table");
  pieces_.push_back({static_cast<char*>(memory), mapped});
  taken_ += bytes;
  next_ = static_cast<char*>(memory);
  if (huge) {
    next_ += (kHuge - reinterpret_cast<size_t>(memory) % kHuge) % kHuge;
    ::madvise(next_, bytes, MADV_HUGEPAGE);  // advice: where it is not taken nothing is lost but time
  }
  end_ = next_ + bytes;
}

}  // namespace lbd::table
