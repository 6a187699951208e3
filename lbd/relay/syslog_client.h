// SyslogClient: one connection that log messages come in by: the PROXY or NetScaler header and the TLS handshake that
// its bind line asks for, then messages in the framings of RFC 6587.
//
// Owner: the Forwarder, whom it tells of each message and once of its end; then it is gone. Thread: the control thread.
// Errors: a header or handshake that fails, and what frames nothing or is longer than a message may be, end it with a
// line in the log. Manual: 3.10, 5.1; RFC 5425, 6587.
#pragma once

#include <functional>
#include <memory>
#include <string>
#include <string_view>

#include "base/ev.h"
#include "base/fd.h"
#include "lbd/config/bind.h"
#include "lbd/net/transport_ptr.h"
#include "lbd/tls/contexts.h"

namespace lbd::relay {

class SyslogClient;

// What its owner does for it.
class SyslogServer {
 public:
  virtual void received(std::string_view message) = 0;
  virtual void ended(const SyslogClient& client) = 0;

 protected:
  ~SyslogServer() = default;
};

class SyslogClient {
 public:
  struct Options {
    std::string_view section;  // its name, for the log
    base::Nanos patience{0};   // longest silence; 0: any
    size_t most_of_a_message = 0;
  };
  SyslogClient(base::Loop& loop, base::Fd fd, const base::SockAddr& from, const config::Bind& bind,
               tls::Contexts& contexts, const Options& options, SyslogServer& server);

 private:
  enum class Stage : uint8_t { proxy, netscaler, handshake, messages };
  net::Transport& transport() const { return tls_ ? *tls_ : net::plain_transport(); }
  void await();
  void on_io(int revents);
  void on_silence();
  net::IoResult read();
  void go_on(bool more);
  // False: more has to come, or it has ended.
  bool take_header();
  bool shake_hands();
  void take_messages(bool more);
  void refuse(std::string_view why);

  base::Fd fd_;
  base::SockAddr from_;
  const config::Bind& bind_;
  tls::Contexts& contexts_;
  const Options options_;
  SyslogServer& server_;
  base::IoWatcher io_;
  base::Timer timer_;
  Stage stage_ = Stage::messages;
  net::TransportPtr tls_;  // null: in clear
  std::string in_;
};

}  // namespace lbd::relay
