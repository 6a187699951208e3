// RingFeeder: sends every line of a ring to one of its servers, over TCP or TLS, in the framing of `log-proto`.
//
// It starts with what the ring holds. When the connection ends it is made anew, each second, and goes on with the first
// line that was not written whole; lines that were overwritten meanwhile are counted as dropped (`show events`). What
// the server says is not listened to. Owner: the Relay. Thread: the control thread. Errors: in the log, one line when
// the server is lost and one when it is there again. Manual: 3.9.
#pragma once

#include <deque>
#include <memory>
#include <string>

#include "base/ev.h"
#include "base/fd.h"
#include "base/mailbox.h"
#include "lbd/config/relay.h"
#include "lbd/log/ring.h"
#include "lbd/net/transport_ptr.h"
#include "lbd/tls/contexts.h"

namespace lbd::relay {

class RingFeeder {
 public:
  RingFeeder(base::Loop& loop, base::Mailbox& mailbox, const log::Ring& ring, const config::Ring& section,
             const config::Server& server, const tls::Contexts& contexts);
  ~RingFeeder();
  void start() { connect(); }
  // Waits until the server has all that the ring holds, or until then.
  void finish(base::MonoTime until);

 private:
  enum class Stage : uint8_t { resting, connecting, handshake, feeding };

  net::Transport& transport() const { return tls_ ? *tls_ : net::plain_transport(); }
  void connect();
  void on_io(int revents);
  void on_timeout();
  void on_connected();
  void shake_hands();
  void feed();
  // False: the connection has failed.
  bool flush();
  void take_lines();
  void listen();
  void fail(std::string why);

  const log::Ring& ring_;
  const config::Ring& section_;
  const config::Server& server_;
  const tls::Contexts& contexts_;
  base::Mailbox& mailbox_;
  // Whoever writes into the ring may call us when we are gone.
  std::shared_ptr<RingFeeder*> self_ = std::make_shared<RingFeeder*>(this);
  Stage stage_ = Stage::resting;
  base::Fd fd_;
  base::IoWatcher io_;
  base::Timer timer_;
  net::TransportPtr tls_;  // null: in clear
  uint64_t next_ = 0;      // the first line that is not in out_
  std::string out_;
  size_t sent_ = 0;                            // of out_
  std::deque<size_t> ends_;                    // where in out_ each line ends
  bool watching_ = false;                      // the ring calls us
  bool lost_ = false;                          // said so
  base::LogLimit said_{4, base::Seconds(60)};  // a server may come and go each second
};

}  // namespace lbd::relay
