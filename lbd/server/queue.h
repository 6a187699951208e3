// Queue: streams that wait for a slot of a server (maxconn), first come first served, across all workers.
//
// A Waiter belongs to its stream and to one worker. Whoever gives a slot back pops the first waiter and posts to that
// worker's mailbox; the slot stays taken for it on the way. The lock is taken only to queue, to leave and to pop, and
// size() lets the hot path see an empty queue without it. Manual: 5.2 maxconn, `timeout queue`.
#pragma once

#include <atomic>
#include <cstdint>
#include <mutex>

#include "base/intrusive.h"
#include "base/mailbox.h"

namespace lbd::server {

class Server;
class Queue;

class Waiter : public base::ListHook<Waiter> {
 public:
  explicit Waiter(base::Mailbox& mailbox) : mailbox_(mailbox) {}
  virtual ~Waiter() = default;
  // In the worker's thread: a slot of `server` is ours (already counted in served()).
  virtual void granted(Server& server) = 0;
  Queue* queued_in() const { return queue_; }

 private:
  friend class Queue;
  base::Mailbox& mailbox_;
  Queue* queue_ = nullptr;
};

class Queue {
 public:
  // Returns how many stood before it.
  uint32_t push(Waiter& waiter);
  // False when it was popped meanwhile (granted() is under way and will come).
  bool leave(Waiter& waiter);
  // Grants the slot to the first waiter through its mailbox; false when nobody waits. Any thread.
  bool grant_next(Server& server);
  uint32_t size() const { return size_.load(std::memory_order_relaxed); }

 private:
  std::mutex mutex_;
  base::List<Waiter, Waiter> waiters_;
  std::atomic<uint32_t> size_{0};
};

}  // namespace lbd::server
