// Agent: net-snmp's AgentX subagent inside our loop: its session with snmpd, all registered subtrees, and the
// notifications that it sends.
//
// The library keeps its state in globals, so there is one Agent in a process. It reconnects by itself, through a ping a
// second; a registration that the master refused, because it has not noticed yet that our last session is dead, is made
// again. A master that does not answer stalls the loop for at most kTimeout at a time, and nothing but this process.
// Life: made once, before the loop runs, to the end of the process. Thread: that of the loop.
// Errors: no master is a normal state; net-snmp's messages go to our log.
#pragma once

#include <memory>
#include <string>
#include <vector>

#include "base/ev.h"
#include "snmp/notification_queue.h"
#include "snmp/subtree.h"

namespace snmp {

class Agent {
 public:
  // `socket`: of the master, as agentXSocket in snmpd.conf: a path, tcp:HOST:PORT.
  Agent(base::Loop& loop, const std::string& socket, OnRequest on_request);
  ~Agent();
  void load(const SnapshotPtr& snapshot);
  void notify(std::vector<Event> events);
  const NotificationQueue& queue() const { return queue_; }
  // When sysUpTime was 0.
  base::MonoTime epoch() const { return epoch_; }

 private:
  static constexpr base::Seconds kTimeout{1};

  struct Watched;
  void on_prepare();
  void on_timer();
  void on_tick();
  void on_retry();
  void watch(int fd);
  void read_ready();
  static int on_log(int major, int minor, void* server, void* self);
  static int on_index_start(int major, int minor, void* server, void* self);
  static int on_index_stop(int major, int minor, void* server, void* self);
  bool connected() const;

  base::Loop& loop_;
  base::Prepare prepare_;
  base::Timer timer_, tick_, retry_;
  std::vector<std::unique_ptr<Watched>> watched_;
  std::vector<std::unique_ptr<Subtree>> subtrees_;
  NotificationQueue queue_;
  SnapshotPtr snapshot_;
  base::MonoTime epoch_{};
  int session_ = -1;  // the descriptor of what is registered with the master; none: it is not there
};

}  // namespace snmp
