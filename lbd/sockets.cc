#include "lbd/sockets.h"

#include <fmt/format.h>

#include "lbd/net/socket.h"

namespace lbd {
namespace {

std::string name_of(const config::BindAddress& address) {
  switch (address.kind) {
    case config::BindAddress::Kind::ip:
      return fmt::format("{}@{}", address.address.family() == AF_INET6 ? "ipv6" : "ipv4", address.address.to_string());
    case config::BindAddress::Kind::unix:
      return "unix@" + address.address.path();
    default:
      return address.text;
  }
}

void open_proxy(const config::Proxy& proxy, size_t index, size_t workers, OpenSockets& to) {
  uint32_t number = 0;
  for (const auto& bind : proxy.binds) {
    for (const config::BindAddress& address : bind->addresses) {
      ++number;
      auto fds = net::open_listeners(*bind, address, workers);
      if (!fds) {
        to.errors.push_back(
            fmt::format("Starting {} {}: {}", proxy.backend ? "proxy" : "frontend", proxy.name, fds.error().text));
        continue;
      }
      to.binds.push_back({index, bind.get(), bind->id ? bind->id : number, std::move(*fds)});
    }
  }
}

}  // namespace

OpenSockets open_sockets(const config::Config& config, size_t workers) {
  OpenSockets sockets;
  for (size_t i = 0; i < config.proxies.size(); ++i)
    if (config.proxies[i]->frontend && !config.proxies[i]->disabled)
      open_proxy(*config.proxies[i], i, workers, sockets);
  for (const config::Bind& bind : config.global.stats_sockets) {
    for (const config::BindAddress& address : bind.addresses) {
      auto fds = net::open_listeners(bind, address, 1);
      if (fds)
        sockets.runtime.push_back({std::move(fds->front()), bind.level, name_of(address)});
      else
        sockets.errors.push_back(fmt::format("Starting frontend GLOBAL: {}", fds.error().text));
    }
  }
  return sockets;
}

}  // namespace lbd
