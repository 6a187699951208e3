// Relay: log messages that this process passes on: from `log-forward` listeners to their targets, and from rings to
// syslog servers.
//
// Life: made before workers start, sockets are given before start(). Thread: the control thread.
// Errors: see RingFeeder and Forwarder. Manual: 3.9, 3.10.
#pragma once

#include <memory>
#include <vector>

#include "lbd/relay/forwarder.h"
#include "lbd/relay/ring_feeder.h"

namespace lbd::relay {

class Relay {
 public:
  Relay(base::Loop& loop, base::Mailbox& mailbox, const config::Config& config, const log::LogTargets& targets,
        tls::Contexts& contexts, uint64_t& received);
  // By its position in Config::log_forwards.
  Forwarder& forwarder(size_t section) { return *forwarders_[section]; }
  void start();
  // Nothing more comes in.
  void stop();
  // At the end of the process: what was logged last still goes out, where that takes no longer than a moment.
  void finish();

 private:
  std::vector<std::unique_ptr<Forwarder>> forwarders_;
  std::vector<std::unique_ptr<RingFeeder>> feeders_;
};

}  // namespace lbd::relay
