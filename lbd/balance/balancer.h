// Balancer: gives a stream its server: the one that persistence names, or the one that the backend's algorithm
// chooses, or a place in a queue.
//
// One per backend, made before workers start. Thread: assign() is called by all workers at once; no lock is taken
// unless the stream has to queue. Errors: Outcome::no_server when nothing in the backend may be used.
// Manual: balance, 5.2 maxconn, maxqueue, backup; option persist, option redispatch.
#pragma once

#include <memory>
#include <vector>

#include "lbd/balance/algorithm.h"
#include "lbd/server/objects.h"

namespace lbd::balance {

enum class Outcome : uint8_t { assigned, queued, no_server };

struct Assignment {
  Outcome outcome = Outcome::no_server;
  server::Server* server = nullptr;  // assigned: its slot is taken and must be given back
};

struct Wish {
  server::Server* server = nullptr;       // by cookie, use-server or stick table
  bool even_if_down = false;              // option persist, force-persist
  const server::Server* avoid = nullptr;  // redispatch: it failed just now
};

class Balancer {
 public:
  // The configuration has passed check().
  Balancer(server::Backend& backend, const config::Config& config, uint32_t workers,
           expr::PatternFiles* files = nullptr);

  // Queued: `waiter` will be told; the positions are noted in the transaction. A waiter that gives up leaves
  // its queue (Waiter::queued_in). After turned_away() call this again.
  Assignment assign(expr::Transaction& transaction, server::Waiter& waiter, uint32_t worker, const Wish& wish = {});

  // Whether a key of the request says where it belongs.
  bool by_key() const { return algorithm_->by_key(); }

 private:
  bool assign_to(server::Server& server, const Wish& wish, server::Waiter& waiter, Assignment& result);

  server::Backend& backend_;
  std::unique_ptr<Algorithm> algorithm_;
};

// The balancers of all backends.
class Balancers {
 public:
  Balancers(const server::Objects& objects, const config::Config& config, uint32_t workers);
  Balancer& of(const server::Backend& backend) { return *by_slot_[backend.slot()]; }

 private:
  std::vector<std::unique_ptr<Balancer>> by_slot_;
};

// At load: the word behind `balance` is known and its arguments are right.
void check(const config::Config& config, const config::Proxy& proxy, cfg::Diagnostics& diagnostics);

// Whether servers may be added to the backend at run time.
bool takes_servers(const config::Proxy& proxy);

}  // namespace lbd::balance
