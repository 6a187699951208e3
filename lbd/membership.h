// Membership: servers that come to backends and go while lbd runs (`add server`, `del server`), in all the places that
// know of servers.
//
// A server that goes is taken out of its backend first, so that nobody can choose it any more; then each worker forgets
// it and says whether an exchange or a connection of its own still uses it. If so, it is put back; otherwise it is gone
// everywhere, and what it took is free. A server of the configuration goes in the same way, but the configuration
// still names it, so that its object stays.
//
// Owner: the Runtime. Thread: the control thread. Errors: in HAProxy's words; then nothing has changed.
// Manual: management.txt 9.3.
#pragma once

#include <functional>
#include <memory>
#include <span>
#include <string>
#include <unordered_set>
#include <vector>

#include "base/mailbox.h"
#include "lbd/check/agents.h"
#include "lbd/check/scheduler.h"
#include "lbd/stream/engine.h"

namespace lbd {

class Membership {
 public:
  struct Parts {
    stream::Engine& engine;
    server::Supervisor& supervisor;
    check::Scheduler& scheduler;
    check::Agents& agents;
    stats::Statistics& statistics;
    base::Mailbox& home;
  };
  explicit Membership(const Parts& parts) : parts_(parts) {}

  // What is said to who added it: warnings, each in a line.
  base::Result<std::string> add(server::Backend& backend, const std::string& name, std::span<const std::string> words);
  void remove(server::Server& server, std::function<void(base::Status)> done);

 private:
  class Departure;
  base::Result<server::Server*> leader_of(const config::Server& line, server::Backend& backend) const;
  base::Status choose_id(config::Server& line, const server::Backend& backend) const;
  base::Status may_go(const server::Server& server) const;
  bool used(const server::Server& server) const;
  bool known(const server::Backend& backend, const std::string& name) const;
  stream::Site& site_of(const server::Backend& backend) const;
  void finish(Departure& departure);
  void settle(const std::shared_ptr<server::Server>& server);

  Parts parts_;
  std::unordered_set<const server::Server*> added_;
  std::vector<Departure*> leaving_;
  std::vector<std::shared_ptr<server::Server>> parked_;  // of the configuration, gone
};

}  // namespace lbd
