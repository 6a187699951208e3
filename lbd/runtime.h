// Runtime: a serving lbd: the workers that carry traffic and, in the thread that calls run(), everything that is there
// once: statistics, runtime API, links to the other daemons, signals.
//
// SIGUSR1 drains: no new connections, those that run end in their own time (at most hard-stop-after); SIGTERM and
// SIGINT end at once. Life: made after privileges were dropped, with sockets that are open already; run() returns when
// the last worker has ended. Thread: the main thread, which becomes the control thread. Errors: none any more.
#pragma once

#include <memory>
#include <optional>
#include <thread>
#include <vector>

#include "base/ev.h"
#include "base/mailbox.h"
#include "lbd/added_backends.h"
#include "lbd/check/agents.h"
#include "lbd/check/scheduler.h"
#include "lbd/cli/server.h"
#include "lbd/dns/names.h"
#include "lbd/heir/heir.h"
#include "lbd/heir/testator.h"
#include "lbd/limits.h"
#include "lbd/link/link.h"
#include "lbd/log/event.h"
#include "lbd/mailers.h"
#include "lbd/membership.h"
#include "lbd/page_actions.h"
#include "lbd/relay/relay.h"
#include "lbd/server/operator.h"
#include "lbd/server_states.h"
#include "lbd/sockets.h"
#include "lbd/stats/statistics.h"
#include "lbd/stream/engine.h"
#include "lbd/vital_sign.h"

namespace lbd {

class Runtime final : public server::EventSink, public cli::Host, private heir::TestatorHost {
 public:
  Runtime(const config::Config& config, stream::Engine& engine, const log::LogTargets& targets, OpenSockets sockets,
          link::Doors doors, const Limits& limits, const CommandLine& line);
  ~Runtime();

  // For `show startup-logs`.
  // What a process that learns nothing from one before it begins to count from.
  void take_stats_file(std::string text) { stats_file_ = std::move(text); }
  void take_states(const ServerStates& states) { states.apply(engine_.objects(), supervisor_); }
  void keep_startup_log(std::string text) { services_.startup_log = std::move(text); }
  // Who tells the process before us to go, once we are ready.
  enum class Farewell : uint8_t { none, by_master, soft, hard };
  // Before run(): the way to that process, if there is one.
  void inherit(base::Fd predecessor, Farewell farewell);
  // `leash`: of the worker of a master, told that traffic is accepted and watched for the master's end; -1: none.
  void run(int leash);

  void event(const server::Backend& backend, base::Level level, const std::string& text) override;
  void worth_a_mail(const server::Backend& backend, base::Level level, const std::string& text) override {
    mailers_.alert(backend.config(), level, text);
  }
  void shutdown_sessions(server::Server& server) override;
  void address_changed(server::Server& server) override;
  void address_in_doubt(server::Server& server) override { names_.hurry(server); }
  void limits_raised() override;
  void admission_changed(server::Frontend& frontend) override;
  void clear_counters(bool all) override;
  base::Status hand_over_listeners(int to) override;
  base::Status bequeath(int to) override;
  base::Result<std::string> add_server(server::Backend& backend, const std::string& name,
                                       std::span<const std::string> words) override {
    return membership_.add(backend, name, words);
  }
  void remove_server(server::Server& server, std::function<void(base::Status)> done) override {
    membership_.remove(server, std::move(done));
  }
  base::Status add_backend(const config::AddedBackendLine& line) override { return added_backends_.add(line); }
  void remove_backend(server::Backend& backend, std::function<void(base::Status)> done) override {
    added_backends_.remove(backend, std::move(done));
  }
  std::string explain(std::string_view question) override;

 private:
  void add_ports(OpenSockets& sockets);
  heir::Estate estate() { return {config_, engine_.objects(), statistics_, engine_.tables, engine_, *link_}; }
  // --- the process after us
  void welcome_heir(base::Fd fd);
  void leave(bool hard) override;
  void heir_gone() override;
  void worker_quiet();
  void on_errand();
  // --- the process before us
  bool learn();
  void read_stats_file();
  void await_predecessor();
  void adopt(stream::MovedConnection moved);
  void start_threads();
  std::vector<base::Mailbox*> mailboxes() const;
  void on_soft_stop();
  void on_hard_stop();
  void on_patience_over();
  void on_ignored_signal() {}
  void on_leash();
  void begin_drain();
  void on_leaving(bool leaving);
  void worker_ended();
  void say_stopped();
  void sweep_tables();

  const config::Config& config_;
  stream::Engine& engine_;
  base::Loop loop_;
  base::Mailbox mailbox_;
  log::EventLog events_;
  Mailers mailers_;
  server::Supervisor supervisor_;
  server::Operator operator_;
  PageActions page_actions_;
  check::Scheduler scheduler_;
  check::Agents agents_;
  dns::Names names_;
  stats::Statistics statistics_;
  Membership membership_;
  AddedBackends added_backends_;
  std::string stats_file_;
  relay::Relay relay_;
  tls::OcspUpdater ocsp_;
  cli::Services services_;
  cli::Server cli_;
  std::unique_ptr<link::Link> link_;
  std::vector<std::thread> threads_;
  size_t running_ = 0;
  bool draining_ = false;
  base::Timer grace_, patience_, despair_, sweep_;
  base::IoWatcher leash_;
  std::unique_ptr<heir::Testator> testator_;
  base::Timer errand_;  // while we drain and somebody takes over: what has become movable, and what was counted
  uint32_t errands_ = 0;
  size_t quiet_ = 0;  // workers that accept no more
  std::unique_ptr<heir::Heir> heir_;
  Farewell farewell_ = Farewell::none;
  base::Fd predecessor_;
  std::vector<OpenRuntimeSocket> runtime_sockets_;  // until we serve
  size_t next_worker_ = 0;                          // for connections of the process before us
  int leash_fd_ = -1;
  std::optional<VitalSign> vital_sign_;
  std::vector<NamedSocket> listeners_;  // those that are handed over; the workers' ports own them
  base::SignalWatcher usr1_, term_, int_, hup_, usr2_, quit_;
};

}  // namespace lbd
