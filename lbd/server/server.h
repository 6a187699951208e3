// Server, Backend, Frontend: what runs of a server line and of a proxy section.
//
// They are made from the immutable Config before any worker starts and live until the process ends. Shared between
// all threads: what workers need is atomic, everything else belongs to the control thread (checks, CLI, links).
// Errors: none. Manual: 5.2, management.txt 9.3 ("set server").
#pragma once

#include <array>
#include <atomic>
#include <cstdint>
#include <memory>
#include <string>
#include <vector>

#include "base/addr.h"
#include "lbd/config/config.h"
#include "lbd/server/counters.h"
#include "lbd/server/queue.h"

namespace lbd::server {

class Backend;

// What the health checks say (operational state), as in `show servers state`.
enum class Operational : uint8_t { stopped, starting, running, stopping };
// What the administrator says: bits, several may hold.
enum Admin : uint8_t { kMaintenance = 1, kDrain = 2 };

class Server {
 public:
  Server(const config::Server& config, Backend& backend, uint32_t index, uint32_t slot);
  const config::Server& config() const { return config_; }
  Backend& backend() const { return backend_; }
  const std::string& name() const { return config_.name; }
  uint32_t index() const { return index_; }  // position in its backend
  uint32_t slot() const { return slot_; }    // of its Counters in every worker's array, and of its idle pool

  // Read by workers.
  bool up() const { return up_.load(std::memory_order_acquire); }              // may be connected to
  bool usable() const { return usable_.load(std::memory_order_acquire); }      // may get new traffic: up, not drained, weight
  uint32_t weight() const { return weight_.load(std::memory_order_relaxed); }  // effective, scaled (see kWeightScale)
  base::SockAddr address() const;                                              // may change at run time

  // One stream more on this server; false when maxconn is reached. Each taken slot is given back once.
  bool take_slot();
  void give_slot();  // hands the slot to the next that waits, if any
  uint32_t served() const { return served_.load(std::memory_order_relaxed); }
  uint32_t max_connections() const;  // maxconn, or the dynamic value between minconn and maxconn
  Queue& queue() { return queue_; }

  static constexpr uint32_t kWeightScale = 16;

  // Control thread only: health, admin state and weight; each recomputes up_ and usable_ and tells the backend.
  // Filled in by server.cc; see health.h for the pure state machine.
  Operational operational() const { return operational_; }
  uint8_t admin() const { return admin_; }
  void set_operational(Operational state);
  void set_admin(uint8_t bits);
  void set_user_weight(uint32_t weight);  // as configured: 0…256
  uint32_t user_weight() const { return user_weight_; }
  void set_address(const base::SockAddr& address);

 private:
  void recompute();

  const config::Server& config_;
  Backend& backend_;
  uint32_t index_, slot_;
  std::atomic<bool> up_{true}, usable_{true};
  std::atomic<uint32_t> weight_{kWeightScale};
  std::atomic<uint32_t> served_{0};
  Queue queue_;
  // control thread
  Operational operational_ = Operational::running;
  uint8_t admin_ = 0;
  uint32_t user_weight_ = 1;
  mutable std::mutex address_mutex_;
  base::SockAddr address_;
};

class Backend {
 public:
  Backend(const config::Proxy& config, uint32_t slot);
  const config::Proxy& config() const { return config_; }
  const std::string& name() const { return config_.name; }
  uint32_t slot() const { return slot_; }
  std::vector<std::unique_ptr<Server>>& servers() { return servers_; }
  const std::vector<std::unique_ptr<Server>>& servers() const { return servers_; }
  Queue& queue() { return queue_; }  // streams that no server has room for
  std::atomic<uint32_t> streams{0};  // %bc

  // Counts up with each change of a server's state or weight; algorithms rebuild their schedule when it moved.
  uint32_t generation() const { return generation_.load(std::memory_order_acquire); }
  void changed() { generation_.fetch_add(1, std::memory_order_acq_rel); }

 private:
  const config::Proxy& config_;
  uint32_t slot_;
  std::vector<std::unique_ptr<Server>> servers_;
  Queue queue_;
  std::atomic<uint32_t> generation_{1};
};

class Frontend {
 public:
  Frontend(const config::Proxy& config, uint32_t slot) : config_(config), slot_(slot) {}
  const config::Proxy& config() const { return config_; }
  const std::string& name() const { return config_.name; }
  uint32_t slot() const { return slot_; }
  std::atomic<uint32_t> connections{0};  // %fc
  std::atomic<uint32_t> maxconn{0};      // may be changed at run time

 private:
  const config::Proxy& config_;
  uint32_t slot_;
};

}  // namespace lbd::server
