// Events: what happened between two snapshots, in words and with numbers that have no gap, and the latest of it for the
// table of events.
//
// The first snapshot is how things are, not news. A daemon that was not there for a moment says nothing of what it has:
// its objects are compared with those it had before. When more than kMass servers change at once there is one event
// that says so in the place of one for each.
// Life: of the agent. Pure: the time is that of the snapshot. Thread: that of the loop. Errors: none.
#pragma once

#include <deque>
#include <map>
#include <string>
#include <vector>

#include "snmp/snapshot.h"

namespace snmp {

class Events {
 public:
  static constexpr size_t kKept = 256, kMass = 100;

  // What is new, in the order in which it is told.
  std::vector<Event> compare(const Snapshot& now);
  const std::deque<Event>& latest() const { return latest_; }

 private:
  void add(EventKind kind, const std::string& object, std::string text) { add_at(0, kind, object, std::move(text)); }
  // `time_us`: 0: now.
  void add_at(int64_t time_us, EventKind kind, const std::string& object, std::string text);
  void compare_reloads(const Snapshot& now);
  void compare_reloads(DaemonKind kind, const Reloads& now, Reloads& before);
  void add_failover(const std::string& router, VrrpState from, VrrpState to, const std::string& reason,
                    int64_t time_us);
  void compare_daemons(const Snapshot& now);
  void compare_routers(const Snapshot& now);
  void compare_nodes(const Snapshot& now);
  void compare_servers(const Snapshot& now);
  void compare_limits(const Snapshot& now);

  const Snapshot* now_ = nullptr;  // during compare()
  bool began_ = false;
  std::vector<Event> news_;
  uint32_t sequence_ = 0;
  std::deque<Event> latest_;

  std::array<Daemon, 3> daemons_;
  Reloads lbd_reloads_, vrrpd_reloads_;
  bool knows_proxies_ = false;
  std::map<std::string, bool> servers_, backends_;  // whether it is up
  struct Router {
    VrrpState state;
    int64_t foreign_masters;
  };
  std::map<std::string, Router> routers_;
  std::map<std::string, bool> nodes_;            // in sync
  std::map<std::string, int64_t> certificates_;  // the limit in days that was told last
  std::map<std::string, bool> tables_;           // full
  bool at_limit_ = false;
};

}  // namespace snmp
