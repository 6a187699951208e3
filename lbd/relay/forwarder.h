// Forwarder: a `log-forward` section at work. What comes in by datagrams (RFC 5426) and over streams (RFC 6587) goes to
// the `log` targets of the section, in the form that each asks for.
//
// A datagram longer than tune.bufsize is cut there; for streams see SyslogClient. More connections than `maxconn` wait
// in the kernel's queue. Owner: the Relay. Thread: the control thread, which is enough for what comes in at a proxy's
// hosts; a flood of datagrams is dropped by the kernel. Errors: counted by the targets that could not send.
// Manual: 3.10.
#pragma once

#include <list>
#include <memory>
#include <string>
#include <vector>

#include "base/ev.h"
#include "lbd/config/relay.h"
#include "lbd/log/targets.h"
#include "lbd/net/listener.h"
#include "lbd/relay/syslog_client.h"

namespace lbd::relay {

class Forwarder final : public SyslogServer {
 public:
  // `received` counts messages.
  Forwarder(base::Loop& loop, const config::LogForward& section, const log::TargetList& targets,
            tls::Contexts& contexts, size_t most_of_a_message, uint64_t& received);
  ~Forwarder();
  void add_stream(base::Fd fd, const config::Bind& bind);
  void add_datagrams(base::Fd fd);
  // No more is taken in; datagrams that have come are passed on first, as far as that ends.
  void stop();

  void received(std::string_view message) override;
  void ended(const SyslogClient& client) override;

 private:
  class Datagrams;
  class Port;
  // False: as many as maxconn are here.
  bool accepted(base::Fd fd, const base::SockAddr& from, const config::Bind& bind);

  base::Loop& loop_;
  const config::LogForward& section_;
  const log::TargetList& targets_;
  tls::Contexts& contexts_;
  const size_t most_of_a_message_;
  uint64_t& count_;
  std::string buffer_, header_;
  std::vector<std::unique_ptr<Port>> ports_;
  std::vector<std::unique_ptr<Datagrams>> datagrams_;
  std::list<std::unique_ptr<SyslogClient>> clients_;
};

}  // namespace lbd::relay
