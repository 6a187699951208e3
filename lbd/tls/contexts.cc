#include "lbd/tls/contexts.h"

#include "lbd/tls/settings.h"

namespace lbd::tls {

void Contexts::load(const config::Config& config, uint32_t, cfg::Diagnostics& diagnostics) {
  const config::Global& global = config.global;
  auto add = [&](const config::Bind& bind) {
    if (!bind.ssl) return;
    if (auto context = BindContext::make(bind, global, diagnostics)) binds_.emplace(&bind, std::move(context));
  };
  for (const config::Bind& bind : global.stats_sockets) add(bind);
  for (const auto& proxy : config.proxies) {
    if (proxy->disabled) continue;
    for (const auto& bind : proxy->binds) add(*bind);
    for (const auto& server : proxy->servers)
      if (server->ssl)
        if (auto context = make_context(inherit(server->tls, global.server_tls), server->location, diagnostics))
          servers_.emplace(server.get(), std::move(context));
  }
}

SSL_CTX* Contexts::of(const config::Bind& bind) const {
  auto found = binds_.find(&bind);
  return found == binds_.end() ? nullptr : found->second->context();
}

SSL_CTX* Contexts::of(const config::Server& server) const {
  auto found = servers_.find(&server);
  return found == servers_.end() ? nullptr : found->second.get();
}

}  // namespace lbd::tls
