// Queue: streams that wait for a slot of a server (maxconn), first come first served, across all workers, but for those
// whose rules gave them another rank (set-priority-class, set-priority-offset).
//
// A Waiter belongs to its stream and to one worker. Whoever gives a slot back pops the first waiter and posts to that
// worker's mailbox; the slot stays taken for it on the way. The lock is taken only to queue, to leave and to pop, and
// size() lets the hot path see an empty queue without it. No wake-up is lost: who queues looks for a free slot after
// it has queued, who frees a slot looks at the queue after it has freed it, and both orders are sequentially
// consistent, so at least one of them sees the other (Server::fill). Manual: 5.2 maxconn, `timeout queue`.
#pragma once

#include <atomic>
#include <cstdint>
#include <mutex>

#include "base/intrusive.h"
#include "base/mailbox.h"
#include "lbd/server/counters.h"

namespace lbd::server {

class Server;
class Queue;

// After it left a queue on its own (leave() said true) nothing more comes. Otherwise exactly one of the calls below
// comes, in the worker's thread, and the waiter must live until then.
class Waiter : public base::ListHook<Waiter> {
 public:
  explicit Waiter(base::Mailbox& mailbox) : mailbox_(mailbox) {}
  virtual ~Waiter() = default;
  // A slot of `server` is ours (already counted in served()); it is given back by Server::give_slot().
  virtual void granted(Server& server) = 0;
  // The server that was waited for went down: a server is to be chosen anew.
  virtual void turned_away() = 0;
  // The lowest is served first; equal ones in the order in which they came. Before push().
  void set_rank(int64_t rank) { rank_ = rank; }
  Queue* queued_in() const { return queue_.load(std::memory_order_relaxed); }
  // How many were granted a slot between this one's coming and leaving; those that gave up before do not count.
  uint32_t granted_before() const { return granted_before_; }

 private:
  friend class Queue;
  int64_t rank_ = 0;
  uint32_t granted_before_ = 0;  // while it waits: those of the queue when it came
  base::Mailbox& mailbox_;
  std::atomic<Queue*> queue_{nullptr};
};

class Queue {
 public:
  // Returns how many stood before it.
  uint32_t push(Waiter& waiter);
  // False when it was popped meanwhile (granted() or turned_away() is under way and will come).
  bool leave(Waiter& waiter);
  // Grants the slot to the first waiter through its mailbox; false when nobody waits. Any thread.
  bool grant_next(Server& server);
  // Turns all away; returns how many there were.
  uint32_t turn_all_away();
  uint32_t size() const { return size_.load(); }
  uint32_t max_size() const { return max_size_.load(std::memory_order_relaxed); }
  void reset_max() { max_size_.store(size(), std::memory_order_relaxed); }
  void raise_max(uint32_t size) { raise_peak(max_size_, size); }

 private:
  Waiter* pop(bool for_grant);

  std::mutex mutex_;
  base::List<Waiter, Waiter> waiters_;
  uint32_t granted_ = 0;
  std::atomic<uint32_t> size_{0};
  std::atomic<uint32_t> max_size_{0};  // qmax
};

}  // namespace lbd::server
