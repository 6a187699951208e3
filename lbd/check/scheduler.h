// Scheduler: when each server is checked. It runs the checks in the control thread's loop and hands what they found to
// the Supervisor, whose slowstart clock it drives as well.
//
// Starts are spread over the shortest interval of all servers; from then on each server has its own rhythm, measured
// from start to start: inter, fastinter or downinter as its health says, plus or minus `spread-checks` percent. Servers
// in maintenance, disabled health checks and servers that have no address are passed over.
// Another node that checks the same servers may be believed (trust.h): believe() says whether this node may, hear()
// what was found there. Life: from before workers start to the end; stop() ends all checks (soft stop). Thread: control
// thread. Errors: none; the plans were compiled when the configuration was checked. Manual: 5.2 inter, 3.2
// spread-checks.
#pragma once

#include <memory>
#include <random>
#include <unordered_map>
#include <vector>

#include "lbd/check/connection.h"
#include "lbd/server/supervisor.h"

namespace lbd::check {

// Who is told what the checks of this node found.
class FindingSink {
 public:
  virtual void found(const server::Server& server, const CheckReport& report) = 0;

 protected:
  ~FindingSink() = default;
};

class Scheduler final : public server::Checker {
 public:
  Scheduler(base::Loop& loop, const config::Config& config, const server::Objects& objects,
            server::Supervisor& supervisor, const tls::Contexts* tls = nullptr, const expr::Process* process = nullptr);
  ~Scheduler();

  void start();
  void stop();
  // While it runs; a server without `check` does not matter.
  void add(server::Server& server);
  void remove(const server::Server& server);
  void forget(const server::Backend& backend) { plans_.erase(&backend.config().check); }  // it has no servers any more
  void check_soon(server::Server& server) override;
  void hurry(server::Server& server) override;
  void set_sink(FindingSink* sink) { sink_ = sink; }  // null: nobody
  // From now on, or no more: then all that others have stood for is checked at once.
  void believe(bool believing);
  // What the check of another node found.
  void hear(server::Server& server, CheckReport report);
  // By what the checks of this node found last; without checks it is taken for granted.
  bool has_way_to(const server::Server& server) const;
  size_t checked_servers() const { return slots_.size(); }

 private:
  class Slot;
  void take(server::Server& server);
  base::Nanos spread(base::Nanos interval);
  void start_all(base::Nanos within);
  void arm_clock();
  void on_clock();

  base::Loop& loop_;
  const config::Config& config_;
  server::Supervisor& supervisor_;
  Setting setting_;
  const int spread_percent_;
  const base::Nanos max_spread_;  // between the first and the last start; 0: the shortest interval
  std::minstd_rand random_;
  std::unordered_map<const config::CheckSpec*, std::unique_ptr<Plan>> plans_;
  std::vector<std::unique_ptr<Slot>> slots_;
  std::unordered_map<const server::Server*, Slot*> slot_of_;
  base::Timer clock_;  // slowstart
  FindingSink* sink_ = nullptr;
  bool believing_ = false, running_ = false;
};

}  // namespace lbd::check
