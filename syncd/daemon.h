// Daemon: syncd put together: the store, the other nodes, the local socket, signals.
// Life: run() returns after SIGTERM or SIGINT. Thread: one. Errors: start() says what could not be opened.
#pragma once

#include "syncd/local.h"
#include "syncd/metrics.h"
#include "syncd/nodes.h"

namespace syncd {

class Daemon final : public StatsSource {
 public:
  explicit Daemon(const Config& config);
  base::Status start();
  void run();

 private:
  tandem::StatsReply stats() const override;
  tandem::Account account() const;
  void on_journal();
  void on_stop();
  void read_snapshot();
  base::Status write_snapshot();
  void on_snapshot();
  bool writing(bool wait);
  void on_hangup();
  void reload_certificates();
  void sweep();

  const Config& config_;
  base::Loop loop_;
  replica::Store store_;
  replica::PartStore parts_;
  Roster roster_;
  Relay relay_;
  Views views_;
  Changes changes_;
  Chronicle chronicle_;
  Context context_;
  Nodes nodes_;
  Local local_;
  base::Timer sweep_, snapshot_;
  pid_t writer_ = 0;  // the process that writes a snapshot
  base::SignalWatcher term_, interrupt_, hangup_;
  base::MonoTime started_;
  uint64_t told_ = 0;  // of the journal
};

}  // namespace syncd
