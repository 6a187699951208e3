// Connection: one run of a check over a socket: connects, sends the PROXY header where asked for, carries the bytes of
// the Dialogue, watches the deadlines, and reports once.
//
// Life: made by the Scheduler for one run; the Scheduler destroys it when it has reported, or earlier, which closes
// the socket silently. A check leaves with a reset (no TIME_WAIT) unless its target is to be left gently. With TLS, the
// handshake comes after the PROXY header. Thread: control thread. Errors: become reports (L4CON, L4TOUT, L6RSP, L6TOUT,
// SOCKERR). Manual: 5.2 check, timeout check, send-proxy, check-send-proxy; proxy-protocol.txt.
#pragma once

#include <memory>
#include <optional>
#include <string>

#include "base/ev.h"
#include "base/fd.h"
#include "lbd/check/check.h"
#include "lbd/check/h2_exchange.h"
#include "lbd/net/socks4.h"
#include "lbd/net/transport_ptr.h"

namespace lbd::check {

class Connection final : public Run {
 public:
  Connection(base::Loop& loop, const server::Server& server, std::unique_ptr<Dialogue> dialogue, Deadlines deadlines,
             const Setting& setting, RunClient& client);
  void start() override;

 private:
  void open(const Target& target);
  void on_io(int revents);
  void on_deadline();
  void on_connected();
  void ask_proxy();
  void hear_proxy(net::Socks4::Step step);
  std::string server_name() const;
  bool wants_tls() const;
  bool speaks_h2() const;
  void shake_hands();
  void talk();
  net::Transport& transport() const { return tls_ ? *tls_ : net::plain_transport(); }
  void read();
  void leave_gently();
  // False: the connection has reported.
  bool flush();
  void go_on(Progress progress);
  void finish(CheckReport report);
  void fail(int error, CheckStatus status);

  const server::Server& server_;
  std::unique_ptr<Dialogue> dialogue_;
  const Deadlines deadlines_;
  const Setting& setting_;
  RunClient& client_;
  base::Fd fd_;
  base::IoWatcher io_;
  base::Timer timer_;
  base::MonoTime started_;
  enum class Stage : uint8_t { connecting, proxy, handshake, talking } stage_ = Stage::talking;
  Target target_;
  net::TransportPtr tls_;              // null: in clear
  std::optional<net::Socks4> socks4_;  // check-via-socks4: the proxy comes first
  uint8_t proxy_header_ = 0;           // version to send first; 0: none
  std::unique_ptr<H2Exchange> h2_;     // null: the dialogue's bytes go as they are
  std::string in_, out_;
};

}  // namespace lbd::check
