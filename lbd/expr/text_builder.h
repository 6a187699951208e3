// TextBuilder: a text that grows piece by piece in an arena, at a cost in proportion to its length: the room doubles,
// and what was copied out of is left to the arena. Owner and thread: whoever evaluates. Errors: none.
#pragma once

#include <algorithm>
#include <cstring>
#include <string_view>

#include "base/arena.h"

namespace lbd::expr {

class TextBuilder {
 public:
  TextBuilder(base::Arena& arena, size_t expected) : arena_(arena), room_(std::max<size_t>(expected, 16)) {
    begin_ = arena.alloc_chars(room_);
  }
  void append(std::string_view text) {
    if (text.size() > room_ - size_) grow(text.size());
    if (!text.empty()) std::memcpy(begin_ + size_, text.data(), text.size());
    size_ += text.size();
  }
  std::string_view view() const { return {begin_, size_}; }

 private:
  void grow(size_t by) {
    room_ = std::max(2 * room_, size_ + by);
    char* larger = arena_.alloc_chars(room_);
    std::memcpy(larger, begin_, size_);
    begin_ = larger;
  }

  base::Arena& arena_;
  char* begin_;
  size_t size_ = 0, room_;
};

}  // namespace lbd::expr
