// NameServer: sends questions to one name server and hands on what comes back: over UDP, or over one TCP connection on
// which questions are pipelined (RFC 7766). Nothing is kept of a question: who asked sends it again when no answer
// comes.
//
// Owner: Resolver. Thread: control thread. Errors: ask() says whether the question went out; a connection that fails is
// closed and opened again with the next question.
#pragma once

#include <string>
#include <string_view>

#include "base/ev.h"
#include "base/fd.h"
#include "lbd/config/resolvers.h"

namespace lbd::dns {

// As `show resolvers` has them.
struct NameServerCounters {
  uint64_t sent = 0, send_errors = 0, valid = 0, update = 0, cname = 0, cname_error = 0, any_error = 0, nx = 0,
           timeout = 0, refused = 0, other = 0, invalid = 0, too_big = 0, truncated = 0, outdated = 0;
};

class NameServer {
 public:
  class Client {
   public:
    virtual void answered(NameServer& from, std::string_view message, bool over_stream) = 0;

   protected:
    ~Client() = default;
  };

  NameServer(base::Loop& loop, const config::NameServer& config, Client& client);
  const config::NameServer& config() const { return config_; }
  bool ask(std::string_view query) { return config_.stream ? ask_over_stream(query) : ask_over_udp(query); }
  bool ask_over_stream(std::string_view query);
  NameServerCounters counters;

 private:
  bool ask_over_udp(std::string_view query);
  base::Fd open(int type) const;
  void on_datagram();
  void on_stream(int revents);
  bool send_waiting();
  bool receive();
  void close_stream();

  const config::NameServer& config_;
  Client& client_;
  base::Fd udp_, tcp_;
  base::IoWatcher udp_io_, tcp_io_;
  std::string out_, in_;  // of the TCP connection
};

}  // namespace lbd::dns
