// Startup: from the command line to a serving process, in haproxy's order:
//   read and check the configuration → open logs and sockets → background, pid file → tell old processes to go →
//   chroot, user and group → threads.
//
// Life: one per process. Thread: main. Errors: said on standard error; run() returns the exit code of the process.
// Manual: management.txt 3 and 4.
#pragma once

#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "base/process.h"
#include "lbd/command_line.h"
#include "lbd/handover.h"
#include "lbd/limits.h"
#include "lbd/master.h"
#include "lbd/report.h"
#include "lbd/server_states.h"
#include "lbd/stream/engine.h"

namespace lbd {

class Startup {
 public:
  // `leash`: the worker of a master has one, and leaves background, pid file and old processes to the master.
  Startup(const CommandLine& line, std::string executable, base::Fd leash);
  ~Startup();

  // Reads and checks the configuration. Anything but 0 is the exit code of the process.
  int load();
  // After load() of -c: says what was found; the exit code.
  int finish_check();
  // After load() of --explain: an answer for each question, which a blank line ends; the exit code.
  int explain();
  // After load(): serves until told to stop; the exit code.
  int serve();

  const config::Config& config() const { return *config_; }
  // After load(): -W or `master-worker`, and this is not the worker yet.
  bool wants_master() const { return !leash_ && (line_.master_worker || config_->global.master_worker); }
  MasterOptions master_options() const;
  // -S; false: said what is wrong.
  bool open_master_sockets(MasterOptions& options);

 private:
  int read_configuration();
  int open_and_run();
  bool compile(cfg::Diagnostics& diagnostics);
  void apply_switches();
  bool wants_background() const { return (line_.daemon || config_->global.daemon) && !line_.foreground; }
  bool go_to_background();
  bool write_pidfile();
  void leave_terminal();
  bool drop_rights();
  std::vector<pid_t> predecessors() const;
  // All but the one that will be told otherwise (-x).
  void dismiss_old_processes(pid_t but);
  Predecessor find_predecessor();
  ListenerStock inherit_listeners();
  std::string read_stats_file();

  const CommandLine& line_;
  Report report_;
  base::Fd leash_;
  std::unique_ptr<config::Config> config_;
  ServerStates states_;
  std::unique_ptr<stream::Engine> engine_;
  Limits limits_;
  base::PidFile pidfile_;
  std::optional<base::Background> background_;  // until we serve
  bool has_warnings_ = false;
};

}  // namespace lbd
