// Master: the process of -W and -Ws. It carries no traffic; it starts a worker process (this program again), tells it
// apart from its predecessors, passes signals on, and reloads by starting a new one.
//
// SIGUSR2 and SIGHUP reload: the new worker reads the configuration anew; once it serves, the old one drains; when it
// fails, the old one goes on. SIGUSR1 drains and ends, SIGTERM and SIGINT end at once. When the current worker dies
// by itself, everything ends with its status. A worker notices the master's death by the end of its leash (a socket
// pair, over which it also says that it serves) and ends too.
// Life: the whole process. Thread: main, a libev loop. Errors: start errors are the worker's, on standard error.
// A reload that finds a newer program in the place of this one ends with the master following its worker into that.
// With -Ws systemd's watchdog hears that we turn, and that the current worker does (lbd/vital_sign.h).
// Manual: management.txt 3 (-W), 4; sd_notify(3).
#pragma once

#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "base/ev.h"
#include "base/fd.h"
#include "base/process.h"
#include "base/watchdog.h"
#include "lbd/command_line.h"
#include "lbd/handover.h"
#include "lbd/master_cli.h"
#include "proto/master.pb.h"

namespace lbd {

// What a master leaves in the environment of its worker: the number of the worker's end of the leash.
inline constexpr const char* kLeashVariable = "TANDEM_WORKER_LEASH";
// And that of the way to the worker before it, which hands over what it knows (lbd/heir).
inline constexpr const char* kPredecessorVariable = "TANDEM_PREDECESSOR";

// From a worker: what it had to say at its start, good or bad; and when it is about to serve, how many reloads its file
// lets workers survive (nothing: any).
void tell_startup_log(int leash, std::string_view said);
void tell_max_reloads(int leash, std::optional<uint32_t> most);
// To a worker: the one that was to follow it could not start. The text begins so, and why is what follows.
inline constexpr std::string_view kFailedReload = "F\n";

struct MasterOptions {
  std::string executable;
  std::vector<std::string> arguments;  // of this process, argv[0] first
  base::Fd directory;                  // where it was started
  bool daemon = false, systemd = false;
  std::string pidfile;
  std::optional<uint32_t> max_reloads;   // mworker-max-reloads; the file may say another number later
  std::vector<pid_t> finish, terminate;  // old processes
  std::vector<base::Fd> sockets;         // -S: listening
};

class Master final : public MasterHost {
 public:
  explicit Master(MasterOptions options);
  // In its next life (lbd/master_life.h): `options` has the executable and its arguments.
  Master(MasterOptions options, const tandem::MasterState& former);
  ~Master();

  // Returns the exit code of the process.
  int run();

  std::string process_table() const override;
  void reload(std::function<void(bool success)> done) override;
  const std::string& startup_log() const override { return startup_log_; }
  base::Result<base::Fd> talk_to(std::string_view target, pid_t* pid) override;

 private:
  struct Worker;

  bool spawn();
  // One end goes to the current worker; none: there is no worker, or it does not take it.
  base::Fd way_to_current();
  void on_reload();
  void on_drain();
  void on_terminate();
  void on_interrupt();
  void on_child();
  bool is_alive() const;
  void reaped(pid_t pid, int status);
  void became_ready(Worker& worker);
  void start_failed();
  void tell_failure() const;
  void signal_workers(int signum);
  void end(int code);
  void reload_over(bool success);
  void on_next_life();
  tandem::MasterState state() const;

  MasterOptions options_;
  base::Loop loop_;
  base::SignalWatcher hup_, usr2_, usr1_, term_, int_, child_;
  base::PidFile pidfile_;
  std::vector<std::unique_ptr<Worker>> workers_;
  Worker* current_ = nullptr;                   // serves
  Worker* next_ = nullptr;                      // is starting
  std::optional<base::Background> background_;  // -D, until the first worker serves
  std::vector<HandedSocket> stock_;             // the current worker's listening sockets, for the next one
  bool reload_again_ = false;                   // asked for while next_ was starting
  std::vector<std::function<void(bool)>> told_of_reload_, told_of_next_reload_;
  MasterCli cli_;
  base::MonoTime started_ = base::mono_now();
  uint32_t reloads_ = 0, failed_reloads_ = 0;  // the latter: since the last one that did not fail
  std::string startup_log_;                    // what the worker that was started last has said
  base::Watchdog watchdog_;
  base::Timer next_life_;
  int waits_ = 0;  // for who still talks with us
  bool ending_ = false;
  int exit_code_ = 0;
};

}  // namespace lbd
