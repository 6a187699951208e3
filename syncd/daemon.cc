#include "syncd/daemon.h"

#include <signal.h>

#include "base/log.h"
#include "base/process.h"
#include "base/version.h"

namespace syncd {

Daemon::Daemon(const Config& config)
    : config_(config),
      store_(config.entries, replica::origin_of(config.node)),
      context_{.loop = loop_,
               .config = config,
               .store = store_,
               .hello = ipc::make_hello(tandem::ROLE_SYNCD, base::kVersion, config.node),
               .channel = {}},
      nodes_([&]() -> const Context& {
        context_.channel.heartbeat = config.heartbeat;
        context_.channel.silence = 3 * config.heartbeat;
        return context_;
      }()),
      local_(context_, *this),
      term_(loop_),
      interrupt_(loop_),
      hangup_(loop_),
      started_(base::mono_now()) {
  term_.bind<&Daemon::on_stop>(this, SIGTERM);
  interrupt_.bind<&Daemon::on_stop>(this, SIGINT);
  hangup_.bind<&Daemon::on_hangup>(this, SIGHUP);
}

base::Status Daemon::start() {
  TRY(local_.listen());
  TRY(nodes_.listen());
  nodes_.start();
  return {};
}

void Daemon::run() {
  base::log(base::Level::notice, "syncd {} of node {} started, {} peer{}", base::kVersion, config_.node,
            config_.peers.size(), config_.peers.size() == 1 ? "" : "s");
  base::sd_notify("READY=1");
  loop_.run();
}

void Daemon::on_stop() {
  base::log(base::Level::notice, "stopping");
  base::sd_notify("STOPPING=1");
  nodes_.stop();
  local_.stop();
  loop_.stop();
}

// A restart costs nothing: lbd and the other node teach us anew.
void Daemon::on_hangup() {
  base::log(base::Level::notice, "SIGHUP: the configuration is read at start only, restart to change it");
}

tandem::StatsReply Daemon::stats() const {
  return make_stats(config_, {.store = store_, .nodes = nodes_, .local = local_, .started = started_});
}

}  // namespace syncd
