// Agents: asks the agents of servers (`agent-check`) how they are, each every `agent-inter`, and does what they say: up
// and down through the Supervisor, administrative state, weight and maxconn at once.
//
// That an agent cannot be reached changes nothing: that a server lives is what health checks are for. What an agent
// wants is not replicated: each node asks itself. Life: from before workers start to the end; stop() ends all questions
// (soft stop). Thread: control thread. Errors: stand in `agent_status` and `last_agt`. Manual: 5.2 agent-check.
#pragma once

#include <memory>
#include <vector>

#include "lbd/check/connection.h"
#include "lbd/server/supervisor.h"

namespace lbd::check {

class Agents {
 public:
  Agents(base::Loop& loop, const server::Objects& objects, server::Supervisor& supervisor);
  ~Agents();
  void start();
  void stop();
  // While they run; a server without `agent-check` does not matter.
  void add(server::Server& server);
  void remove(const server::Server& server);

 private:
  class Slot;
  base::Loop& loop_;
  server::Supervisor& supervisor_;
  const Setting setting_ = {};
  std::vector<std::unique_ptr<Slot>> slots_;
  bool running_ = false;
};

}  // namespace lbd::check
