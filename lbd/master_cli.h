// The runtime socket of a master (-S): commands about the processes, and commands for a worker, which are passed to it
// and answered by it: `@1 show info`, `@!PID …`, `@master …`; `@1` alone is meant for all that follows.
//
// Life: as the master. A session works on one command at a time and waits for a worker's answer without blocking.
// Thread: the master's. Errors: what cannot be done is the answer. Manual: management.txt 9.4.
#pragma once

#include <functional>
#include <memory>
#include <string>
#include <vector>

#include "base/ev.h"
#include "base/fd.h"

namespace lbd {

class MasterHost {
 public:
  virtual std::string process_table() const = 0;
  // `done` is called once, when the new worker serves or has failed.
  virtual void reload(std::function<void(bool success)> done) = 0;
  // What the worker that was started last has said at its start.
  virtual const std::string& startup_log() const = 0;
  // A session with a worker: `number` counts from 1, or is a process id. The Error is the answer.
  virtual base::Result<base::Fd> talk_to(std::string_view target, pid_t* pid) = 0;

 protected:
  ~MasterHost() = default;
};

class MasterCli {
 public:
  MasterCli(base::Loop& loop, MasterHost& host);
  ~MasterCli();
  void add(base::Fd listener);
  std::vector<int> listeners() const;
  bool has_sessions() const { return !sessions_.empty(); }

 private:
  class Listener;
  class Session;
  void accepted(base::Fd fd);
  void done(Session& session);

  base::Loop& loop_;
  MasterHost& host_;
  std::vector<std::unique_ptr<Listener>> listeners_;
  std::vector<std::unique_ptr<Session>> sessions_;
};

}  // namespace lbd
