// Daemon: applyd put together: the deputy, its link with syncd, over which the orders come, signals.
// Life: run() returns after SIGTERM or SIGINT. Thread: one. Errors: start() says what could not be opened; without
// syncd it waits for it.
#pragma once

#include <map>
#include <string>

#include "applyd/programs.h"
#include "ipc/client.h"
#include "ipc/journal_feed.h"

namespace applyd {

struct Options {
  std::map<std::string, std::string> files;
  std::string folder;
  Sockets sockets;
};

class Daemon final : private ipc::ClientEvents {
 public:
  explicit Daemon(const Options& options);
  ~Daemon();
  base::Status start();
  void run();

 private:
  std::string on_up(ipc::Client& client, const tandem::Hello& hello) override;
  void on_envelope(ipc::Client& client, const tandem::Envelope& envelope) override;
  void on_down(ipc::Client& client, const std::string& reason) override;
  void on_stop();

  base::Loop loop_;
  const Files files_;
  Archive archive_;
  Programs programs_;
  Deputy deputy_;
  ipc::Client client_;
  ipc::JournalFeed journal_;
  base::SignalWatcher term_, interrupt_;
};

}  // namespace applyd
