#include "lbd/relay/relay.h"

namespace lbd::relay {
namespace {

constexpr base::Nanos kLastMoment = base::Millis(200);

}  // namespace

Relay::Relay(base::Loop& loop, base::Mailbox& mailbox, const config::Config& config, const log::LogTargets& targets,
             tls::Contexts& contexts, uint64_t& received) {
  for (const config::LogForward& section : config.log_forwards)
    forwarders_.push_back(std::make_unique<Forwarder>(loop, section, targets.of(section), contexts,
                                                      config.global.tune.bufsize, received));
  for (size_t i = 0; i < config.rings.size(); ++i)
    for (const auto& server : config.rings[i].proxy->servers)
      if (!server->disabled && server->address.family() != AF_UNSPEC)
        feeders_.push_back(
            std::make_unique<RingFeeder>(loop, mailbox, *targets.rings()[i], config.rings[i], *server, contexts));
}

void Relay::start() {
  for (const auto& feeder : feeders_) feeder->start();
}

void Relay::stop() {
  for (const auto& forwarder : forwarders_) forwarder->stop();
}

void Relay::finish() {
  const base::MonoTime until = base::mono_now() + kLastMoment;
  for (const auto& feeder : feeders_) feeder->finish(until);
}

}  // namespace lbd::relay
