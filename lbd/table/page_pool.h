// PagePool: memory for the pages of one table, taken from the system in pieces that grow with what was taken before: a
// small table stays small, and a large one lies in huge pages, without which each look at it would search the
// translations of addresses, too.
//
// Life: that of its table; nothing is given back before. Thread: any. Errors: out of memory ends the process.
#pragma once

#include <cstddef>
#include <mutex>
#include <vector>

namespace lbd::table {

class PagePool {
 public:
  explicit PagePool(size_t page_bytes) : page_bytes_(page_bytes) {}
  PagePool(const PagePool&) = delete;
  PagePool& operator=(const PagePool&) = delete;
  ~PagePool();

  // Zeroed, at a multiple of 64.
  void* take();

 private:
  static constexpr size_t kHuge = 2 << 20;
  struct Piece {
    char* memory;
    size_t bytes;
  };
  void take_piece();

  const size_t page_bytes_;
  std::mutex lock_;
  std::vector<Piece> pieces_;
  size_t taken_ = 0;
  char *next_ = nullptr, *end_ = nullptr;
};

}  // namespace lbd::table
