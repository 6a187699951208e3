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
  void on_stop();
  void on_hangup();

  const Config& config_;
  base::Loop loop_;
  replica::Store store_;
  Context context_;
  Nodes nodes_;
  Local local_;
  base::SignalWatcher term_, interrupt_, hangup_;
  base::MonoTime started_;
};

}  // namespace syncd
