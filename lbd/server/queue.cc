#include "lbd/server/queue.h"

namespace lbd::server {

uint32_t Queue::push(Waiter& waiter) {
  std::lock_guard lock(mutex_);
  waiter.queue_.store(this, std::memory_order_relaxed);
  waiter.granted_before_ = granted_;
  waiters_.insert_ordered(waiter, [](const Waiter& a, const Waiter& b) { return a.rank_ < b.rank_; });
  uint32_t before = size_.fetch_add(1);
  if (before + 1 > max_size_.load(std::memory_order_relaxed)) max_size_.store(before + 1, std::memory_order_relaxed);
  return before;
}

bool Queue::leave(Waiter& waiter) {
  std::lock_guard lock(mutex_);
  if (waiter.queue_.load(std::memory_order_relaxed) != this) return false;
  waiter.queue_.store(nullptr, std::memory_order_relaxed);
  waiter.granted_before_ = granted_ - waiter.granted_before_;
  waiter.unlink();
  size_.fetch_sub(1);
  return true;
}

Waiter* Queue::pop(bool for_grant) {
  std::lock_guard lock(mutex_);
  Waiter* first = waiters_.pop_front();
  if (!first) return nullptr;
  first->queue_.store(nullptr, std::memory_order_relaxed);
  first->granted_before_ = granted_ - first->granted_before_;
  granted_ += for_grant;
  size_.fetch_sub(1);
  return first;
}

bool Queue::grant_next(Server& server) {
  if (size() == 0) return false;
  Waiter* first = pop(true);
  if (!first) return false;
  first->mailbox_.post([first, &server] { first->granted(server); });
  return true;
}

uint32_t Queue::turn_all_away() {
  // Only those that wait now: one that is turned away may come back to this very queue.
  uint32_t turned = 0;
  for (uint32_t left = size(); left > 0; --left) {
    Waiter* first = pop(false);
    if (!first) break;
    first->mailbox_.post([first] { first->turned_away(); });
    ++turned;
  }
  return turned;
}

}  // namespace lbd::server
