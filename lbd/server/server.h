// Server, Backend, Frontend: what runs of a server line and of a proxy section.
//
// They are made from the immutable Config before any worker starts (objects.h) and live until the process ends, but for
// servers that come and go at run time (lbd/membership.h). Shared between all threads: what workers need is atomic,
// everything else belongs to the control thread (checks, CLI, links). Errors: none. Manual: 5.2, management.txt 9.3
// ("set server", "add server", "show servers state").
#pragma once

#include <atomic>
#include <cstdint>
#include <memory>
#include <mutex>
#include <string>
#include <vector>

#include "base/addr.h"
#include "base/time.h"
#include "lbd/config/config.h"
#include "lbd/server/check_report.h"
#include "lbd/server/cookie_key.h"
#include "lbd/server/counters.h"
#include "lbd/server/listener.h"
#include "lbd/server/permits.h"
#include "lbd/server/queue.h"
#include "lbd/server/server_index.h"

namespace lbd::server {

class Backend;

// What the health checks say (operational state), numbered as in `show servers state`.
enum class Operational : uint8_t { stopped, starting, running, stopping };

// What the administrator says: bits, several may hold, numbered as in `show servers state`.
enum Admin : uint8_t {
  kForcedMaintenance = 0x01,
  kInheritedMaintenance = 0x02,  // of the server that it tracks
  kConfigMaintenance = 0x04,     // the word `disabled`
  kForcedDrain = 0x08,
  kInheritedDrain = 0x10,
  kResolveMaintenance = 0x20,  // its name has no address
  kHostSetAtRunTime = 0x40,
  // masks
  kMaintenance = kForcedMaintenance | kInheritedMaintenance | kResolveMaintenance,
  kDrain = kForcedDrain | kInheritedDrain,
};

class Server {
 public:
  // `admin`: in which maintenance it begins.
  Server(const config::Server& config, Backend& backend, uint32_t index, uint32_t slot, uint8_t admin = 0);
  const config::Server& config() const { return config_; }
  Backend& backend() const { return backend_; }
  const std::string& name() const { return config_.name; }
  // Its own for ever; it grows in the order in which servers came to the backend.
  uint32_t index() const { return index_; }
  uint32_t slot() const { return slot_; }  // of its Counters in every worker's array, and of its idle pool

  // Of Backend::index(), in the order in which servers came, but that places are taken again. kNowhere: none.
  uint32_t leaf() const { return leaf_.load(std::memory_order_relaxed); }

  // It belongs to its backend no more. What was made before workers started may still have it.
  bool removed() const { return removed_.load(std::memory_order_relaxed); }

  // Read by workers.
  bool up() const { return up_.load(); }          // may be connected to (persistence)
  bool usable() const { return usable_.load(); }  // may get new traffic: up, not drained, weight above 0
  // Usable and of the kind whose turn it is: an active server, or a backup when no active one is usable.
  bool in_rotation() const { return in_rotation_.load(); }
  uint32_t weight() const { return weight_.load(std::memory_order_relaxed); }  // effective, scaled by kWeightScale
  // May change at run time; the reference stays good for ever. Family AF_UNSPEC: it has none.
  const base::SockAddr& address() const { return *address_.load(std::memory_order_acquire); }

  // One stream more on this server; false when maxconn is reached. Each taken slot is given back once.
  bool take_slot();
  bool take_slot_if(uint32_t served);  // only if so many are taken now
  void give_slot();                    // hands the slot to the next that waits, if any
  // Gives free slots to those that wait, as long as there are both. Called after queueing; any thread.
  void fill();
  // Whether a balancing algorithm may send one more here without queueing.
  bool has_room() const;
  uint32_t served() const { return served_.load(); }
  uint32_t served_peak() const { return served_peak_.load(std::memory_order_relaxed); }
  void reset_peak() { served_peak_.store(served(), std::memory_order_relaxed); }
  void raise_served_peak(uint32_t served) { raise_peak(served_peak_, served); }
  // For a stream that has its slot already, in the process before us: whatever maxconn says.
  void take_over_slot();
  uint32_t max_connections() const;  // 0: no limit; else maxconn, or the dynamic value between minconn and it
  Queue& queue() { return queue_; }
  const Queue& queue() const { return queue_; }
  Permits* permits() const { return permits_.get(); }  // null: without strict-maxconn

  static constexpr uint32_t kWeightScale = 16;
  static constexpr uint32_t kMaxWeight = 256;

  // Control thread only (the main thread before workers start): each recomputes what workers read and fills slots.
  Operational operational() const { return operational_; }
  void set_operational(Operational state);
  uint8_t admin() const { return admin_; }
  void set_admin(uint8_t bits);
  uint32_t user_weight() const { return user_weight_; }  // as configured or set: 0 … kMaxWeight
  void set_user_weight(uint32_t weight);
  // Slowstart: the share of weight and maxconn, 1 … 100.
  uint32_t ramp_percent() const { return ramp_.load(std::memory_order_relaxed); }
  void set_ramp(uint32_t percent);
  void set_address(const base::SockAddr& address);
  // Whether it has one: a name that does not resolve any more leaves the last one to those who still need it.
  bool has_address() const { return !(admin_ & kResolveMaintenance); }
  uint32_t maxconn() const { return maxconn_.load(std::memory_order_relaxed); }
  void set_maxconn(uint32_t limit);
  // `observe`: failures of its traffic since it last went well. Any thread.
  std::atomic<uint32_t> failures_in_a_row{0};

  // Control thread.
  HealthFacts health;  // written by lbd/check
  AgentFacts agent;    // likewise
  std::string host;    // the name whose address it has: that of its line, or from an SRV record; "": none
  Downtime downtime;   // of this server

 private:
  friend class Backend;
  void recompute();
  bool hand_over();
  void note_load();

  // What workers look at for each request, in one line of the processor's cache: farms may be large.
  alignas(64) const config::Server& config_;
  Backend& backend_;
  const uint32_t index_, slot_;
  std::atomic<bool> up_{true}, usable_{true}, in_rotation_{false}, removed_{false};
  std::atomic<uint32_t> weight_{kWeightScale};
  std::atomic<uint32_t> maxconn_{0}, minconn_{0}, ramp_{100};
  std::atomic<uint32_t> leaf_{ServerIndex::kNowhere};  // of the backend's index
  std::atomic<const base::SockAddr*> address_;
  std::atomic<uint32_t> served_{0}, served_peak_{0};
  Queue queue_;
  const std::unique_ptr<Permits> permits_;
  // control thread
  Operational operational_ = Operational::running;
  uint8_t admin_ = 0;
  uint32_t user_weight_;
  // Every address it has ever had: readers keep references.
  std::vector<std::unique_ptr<const base::SockAddr>> addresses_;
};

class Backend {
 public:
  // `fullconn`: the configured value, or that computed from the frontends.
  Backend(const config::Proxy& config, uint32_t slot, uint32_t fullconn = 0);
  const config::Proxy& config() const { return config_; }
  const std::string& name() const { return config_.name; }
  uint32_t slot() const { return slot_; }
  // In the order of index(). At run time another list may take the place of this one: who looks twice keeps the
  // reference, and workers do so within one turn.
  using Servers = std::vector<std::shared_ptr<Server>>;
  const Servers& servers() const { return *servers_.load(std::memory_order_acquire); }
  Server& add_server(const config::Server& config, uint32_t slot);  // before workers start
  Server* find_server(std::string_view name) const;                 // null when there is none
  Server* find_server(uint32_t index) const;                        // likewise

  // While workers run, by the control thread: the list that was there before, for who keeps it until nobody can be
  // looking at it. `back`: it was erased before. Only servers in maintenance are erased.
  [[nodiscard]] std::unique_ptr<const Servers> insert(std::shared_ptr<Server> server, bool back = false);
  [[nodiscard]] std::unique_ptr<const Servers> erase(Server& server);
  uint32_t next_index() { return next_index_++; }
  // Where all traffic goes without balancing (dispatch, option transparent); null in nearly all backends.
  Server* direct() const { return direct_.get(); }
  void make_direct(const config::Server& config, uint32_t slot);
  CookieKey cookie_key;              // what cookies of servers are made with, where `cookie … dynamic` says so
  Queue& queue() { return queue_; }  // streams that no server has room for
  const Queue& queue() const { return queue_; }
  std::atomic<bool> published{true};      // rules may choose it (`unpublish backend`)
  std::atomic<uint32_t> streams{0};       // %bc
  std::atomic<uint32_t> streams_peak{0};  // raise_peak() by who counts streams up
  uint32_t fullconn() const { return fullconn_; }
  // Some server has a minconn below its maxconn.
  bool has_dynamic_limits() const { return dynamic_limits_.load(std::memory_order_relaxed); }

  // Servers that may get new traffic, as log lines and statistics count them.
  uint32_t active_usable() const { return active_usable_.load(std::memory_order_relaxed); }
  uint32_t backup_usable() const { return backup_usable_.load(std::memory_order_relaxed); }
  bool has_usable() const { return active_usable() + backup_usable() > 0; }
  // Gives every free slot in the rotation to those that wait for the backend.
  void fill();
  Downtime downtime;  // control thread; down: no usable server, though it has some

  // For algorithms that look for the least load or for room: kept from the first call on, which comes before workers
  // start. It may make room for a new one when servers come.
  void keep_index(ServerIndex::Make make);
  ServerIndex* index() const { return index_.load(); }

  // Counts up with each change of a server's state or weight; algorithms rebuild their schedule when it moved.
  uint32_t generation() const { return generation_.load(std::memory_order_acquire); }

 private:
  friend class Server;
  // Control thread: `server` changed; `was_usable` is what it was before.
  void server_changed(Server& server, bool was_usable);
  void elect();
  void give_leaf(Server& server);
  void grow_index(size_t capacity);
  std::unique_ptr<const Servers> publish(std::unique_ptr<Servers> servers);

  const config::Proxy& config_;
  const uint32_t slot_, fullconn_;
  std::atomic<bool> dynamic_limits_ = false;
  uint32_t next_index_ = 0;
  std::unique_ptr<Servers> own_servers_ = std::make_unique<Servers>();
  std::atomic<const Servers*> servers_{own_servers_.get()};
  std::unique_ptr<Server> direct_;
  Queue queue_;
  std::atomic<uint32_t> active_usable_{0}, backup_usable_{0};
  ServerIndex::Make make_index_ = nullptr;
  std::atomic<ServerIndex*> index_{nullptr};
  std::vector<std::unique_ptr<ServerIndex>> all_indexes_;  // those before, too: somebody may still be reading one
  std::atomic<uint32_t> generation_{1};
};

class Frontend {
 public:
  // Whether it takes clients: not while an operator has disabled it, and never again when it was shut down.
  enum class Admission : uint8_t { open, paused, shut };
  Frontend(const config::Proxy& config, uint32_t slot);
  const config::Proxy& config() const { return config_; }
  const std::string& name() const { return config_.name; }
  uint32_t slot() const { return slot_; }
  // In the order of the configuration.
  const std::vector<std::unique_ptr<Listener>>& listeners() const { return listeners_; }
  // Of one of the configuration's addresses.
  Listener& listener_of(const config::BindAddress& address) const;
  std::atomic<uint32_t> connections{0};       // %fc
  std::atomic<uint32_t> connections_peak{0};  // raise_peak() by who counts connections up
  std::atomic<uint32_t> maxconn{0};           // may be changed at run time
  std::atomic<Admission> admission{Admission::open};

 private:
  const config::Proxy& config_;
  uint32_t slot_;
  std::vector<std::unique_ptr<Listener>> listeners_;
};

}  // namespace lbd::server
