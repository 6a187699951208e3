// Connection: one run of a check over a socket: connects, sends the PROXY header where asked for, carries the bytes of
// the Dialogue, watches the deadlines, and reports once.
//
// Life: made by the Scheduler for one run; the Scheduler destroys it when it has reported, or earlier, which closes
// the socket silently. A check leaves with a reset (no TIME_WAIT). Thread: control thread. Errors: become reports
// (L4CON, L4TOUT, SOCKERR). Manual: 5.2 check, timeout check, send-proxy, check-send-proxy; proxy-protocol.txt.
#pragma once

#include <memory>
#include <string>

#include "base/ev.h"
#include "base/fd.h"
#include "lbd/check/check.h"

namespace lbd::check {

struct Deadlines {
  base::Nanos connect;  // to connect
  base::Nanos total;    // connecting included
};

class ConnectionClient {
 public:
  // May destroy the connection.
  virtual void check_done(CheckReport report) = 0;

 protected:
  ~ConnectionClient() = default;
};

class Connection {
 public:
  Connection(base::Loop& loop, const server::Server& server, std::unique_ptr<Dialogue> dialogue, Deadlines deadlines,
             size_t buffer_size, ConnectionClient& client);
  // May report, and with it be destroyed, before it returns.
  void start();

 private:
  void open(const Target& target);
  void on_io(int revents);
  void on_deadline();
  void on_connected();
  void read();
  // False: the connection has reported.
  bool flush();
  void go_on(Progress progress);
  void finish(CheckReport report);
  void fail(int error, CheckStatus status);

  const server::Server& server_;
  std::unique_ptr<Dialogue> dialogue_;
  const Deadlines deadlines_;
  const size_t buffer_size_;
  ConnectionClient& client_;
  base::Fd fd_;
  base::IoWatcher io_;
  base::Timer timer_;
  base::MonoTime started_;
  bool connecting_ = false;
  uint8_t proxy_header_ = 0;  // version to send first; 0: none
  std::string in_, out_;
};

}  // namespace lbd::check
