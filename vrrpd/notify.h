// Notifier: runs the notify scripts of one instance or group: in the order in which they were asked for, one after
// the other, each killed when it takes longer than the limit. What is asked while one runs waits.
//
// What it tells goes into the notify fifos, too, at once.
// Life: of the instance; destroying it kills the running script. Thread: that of the loop.
// Errors: logged; a script that fails stops nothing.
#pragma once

#include <deque>
#include <string>
#include <string_view>
#include <vector>

#include "base/process.h"
#include "vrrpd/config.h"
#include "vrrpd/fifo.h"

namespace vrrpd {

class Notifier {
 public:
  Notifier(base::Loop& loop, NotifyFifos& fifos, std::string name)
      : fifos_(fifos), name_(std::move(name)), child_(loop), next_(loop) {
    next_.bind<&Notifier::run_next>(this);
  }

  // `extra` goes behind the script's own arguments.
  void run(const Command& command, const GlobalConfig& global, const std::vector<std::string>& extra = {});
  // The notify_… of the state, then `notify` with TYPE NAME STATE PRIORITY.
  struct Change {
    std::string_view type;   // INSTANCE, GROUP
    std::string_view state;  // MASTER, BACKUP, FAULT, STOP, DELETED
    uint8_t priority;
  };
  void tell(const NotifyScripts& scripts, const GlobalConfig& global, const Change& change);
  // Into the fifos only.
  void tell_fifos(const Change& change) { fifos_.tell(change.type, name_, change.state, change.priority); }
  bool idle() const { return !child_.running() && waiting_.empty(); }

 private:
  void run_next();

  NotifyFifos& fifos_;
  const std::string name_;
  base::Child child_;
  base::Timer next_;
  std::deque<base::SpawnOptions> waiting_;
};

}  // namespace vrrpd
