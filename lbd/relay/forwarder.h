// Forwarder: a `log-forward` section at work. What comes in by datagrams (RFC 5426) and over streams (RFC 6587) goes to
// the `log` targets of the section, in the form that each asks for.
//
// A stream that frames nothing, or a message longer than tune.bufsize, is closed with a line in the log; a datagram is
// cut there. More connections than `maxconn` wait in the kernel's queue. Owner: the Relay. Thread: the control thread,
// which is enough for what comes in at a proxy's hosts; a flood of datagrams is dropped by the kernel.
// Errors: counted by the targets that could not send. Manual: 3.10.
#pragma once

#include <list>
#include <memory>
#include <string>
#include <vector>

#include "base/ev.h"
#include "lbd/config/relay.h"
#include "lbd/log/targets.h"
#include "lbd/net/listener.h"

namespace lbd::relay {

class Forwarder final : public net::AcceptHandler {
 public:
  // `received` counts messages.
  Forwarder(base::Loop& loop, const config::LogForward& section, const log::TargetList& targets,
            size_t most_of_a_message, uint64_t& received);
  ~Forwarder() override;
  void add_stream(base::Fd fd);
  void add_datagrams(base::Fd fd);
  // No more is taken in; datagrams that have come are passed on first, as far as that ends.
  void stop();

  bool accepted(base::Fd fd, const base::SockAddr& from) override;

 private:
  class Datagrams;
  class Stream;
  void pass_on(std::string_view message);
  void ended(const Stream& stream);

  base::Loop& loop_;
  const config::LogForward& section_;
  const log::TargetList& targets_;
  const size_t most_of_a_message_;
  uint64_t& received_;
  std::string buffer_, header_;
  std::vector<std::unique_ptr<net::Listener>> listeners_;
  std::vector<std::unique_ptr<Datagrams>> datagrams_;
  std::list<std::unique_ptr<Stream>> streams_;
};

}  // namespace lbd::relay
