// Window: the updates that were sent and not yet acknowledged: bounds what is on the way to a slow peer. Holds
// sequence numbers only; what is lost with a link is sent again from the store, as it is then. Pure.
#pragma once

#include <cstddef>
#include <cstdint>
#include <deque>

namespace replica {

class Window {
 public:
  explicit Window(size_t size) : size_(size) {}
  bool full() const { return on_the_way_.size() >= size_; }
  bool empty() const { return on_the_way_.empty(); }
  size_t count() const { return on_the_way_.size(); }
  void sent(uint64_t sequence) { on_the_way_.push_back(sequence); }
  // Everything up to `sequence` arrived. False: it was never sent, the peer is out of its mind.
  bool acknowledged(uint64_t sequence) {
    if (sequence > acknowledged_ && (on_the_way_.empty() || sequence > on_the_way_.back())) return false;
    while (!on_the_way_.empty() && on_the_way_.front() <= sequence) on_the_way_.pop_front();
    if (sequence > acknowledged_) acknowledged_ = sequence;
    return true;
  }
  // Up to which the peer certainly has all.
  uint64_t acknowledged() const { return acknowledged_; }
  void reset(uint64_t sequence) {
    on_the_way_.clear();
    acknowledged_ = sequence;
  }

 private:
  size_t size_;
  uint64_t acknowledged_ = 0;
  std::deque<uint64_t> on_the_way_;
};

}  // namespace replica
