// Permits: the connections that a server with strict-maxconn may have, those that wait for the next request among them.
//
// Who opens a connection takes a permit and gives it back when the connection is gone. Who gets none waits in the
// queue, and asks the workers to close idle connections; no worker keeps one while somebody waits. As with slots
// (queue.h) no wake-up is lost: who waits looks for a free permit after it has queued, who gives one back looks at the
// queue. A waiter that is granted has the permit already.
//
// Owner: the Server. Thread: any. Errors: none. Manual (3.2): 5.2 strict-maxconn.
#pragma once

#include <atomic>
#include <cstdint>
#include <utility>

#include "lbd/server/queue.h"

namespace lbd::server {

class Server;

class Permits {
 public:
  explicit Permits(Server& server) : server_(server) {}
  bool take();
  // For a connection that is there already, in the process before us: whatever maxconn says.
  void take_over() { taken_.fetch_add(1); }
  void give();
  // Gives free permits to those that wait, as long as there are both.
  void fill();
  Queue& queue() { return queue_; }
  bool wanted() const { return queue_.size() > 0; }
  uint32_t taken() const { return taken_.load(); }

 private:
  Server& server_;
  std::atomic<uint32_t> taken_{0};
  Queue queue_;
};

// One of them, or none; it is given back when this goes.
class Permit {
 public:
  Permit() = default;
  // `permits`: one of these was taken.
  explicit Permit(Permits& permits) : permits_(&permits) {}
  Permit(Permit&& other) noexcept : permits_(std::exchange(other.permits_, nullptr)) {}
  Permit& operator=(Permit&& other) noexcept {
    std::swap(permits_, other.permits_);
    return *this;
  }
  ~Permit() {
    if (permits_) permits_->give();
  }
  explicit operator bool() const { return permits_ != nullptr; }

 private:
  Permits* permits_ = nullptr;
};

}  // namespace lbd::server
