// Subagent: the parts of lbsnmpd together: what the Collector has gathered goes through Events to the Agent.
//
// Life: that of main(). Thread: main. Errors: a file of indices that cannot be used is told, and lbsnmpd works without.
#pragma once

#include <string>

#include "snmp/agent.h"
#include "snmp/collector.h"
#include "snmp/events.h"
#include "snmp/indices.h"
#include "snmp/options.h"

namespace snmp {

class Subagent final {
 public:
  explicit Subagent(const Options& options);
  ~Subagent();
  void run();

 private:
  void take(std::shared_ptr<Snapshot> snapshot);
  void restore_indices();
  void save_indices();

  const Options options_;
  base::Loop loop_;
  base::SignalWatcher interrupt_, terminate_;
  Indices indices_;
  Events events_;
  Agent agent_;
  Collector collector_;
};

// Each object on a line: number, name, type.
std::string list_objects();

}  // namespace snmp
