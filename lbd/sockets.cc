#include "lbd/sockets.h"

#include <fmt/format.h>

#include "lbd/net/net_namespace.h"
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

// Those of the predecessor, shared out so that each worker has one, or new ones.
base::Result<std::vector<base::Fd>> open_or_take(const config::Bind& bind, const config::BindAddress& address,
                                                 size_t workers, std::vector<base::Fd> handed) {
  if (handed.empty()) return net::open_listeners(bind, address, workers);
  size_t had = handed.size();
  for (size_t i = had; i < workers; ++i) handed.push_back(TRY(handed[i % had].dup()));
  // The predecessor may have disabled its frontend.
  for (base::Fd& fd : handed) net::listen_again(fd.get(), bind);
  return handed;
}

void open_proxy(const config::Proxy& proxy, size_t index, size_t workers, ListenerStock& stock, OpenSockets& to) {
  for (const auto& bind : proxy.binds) {
    for (const config::BindAddress& address : bind->addresses) {
      std::string key = key_of(*bind, address);
      auto fds = open_or_take(*bind, address, workers, stock.take(key));
      if (!fds) {
        to.errors.push_back(
            fmt::format("Starting {} {}: {}", proxy.backend ? "proxy" : "frontend", proxy.name, fds.error().text));
        continue;
      }
      to.binds.push_back({index, bind.get(), &address, std::move(*fds), key});
    }
  }
}

// A key of its own for datagrams: both may have the same address.
std::string datagram_key(const config::Bind& bind, const config::BindAddress& address) {
  return "datagrams " + key_of(bind, address);
}

void open_log_forward(const config::LogForward& section, size_t index, ListenerStock& stock, OpenSockets& to) {
  const auto complain = [&](const base::Error& error) {
    to.errors.push_back(fmt::format("Starting log forwarder {}: {}", section.name, error.text));
  };
  for (const auto& bind : section.streams)
    for (const config::BindAddress& address : bind->addresses) {
      std::string key = key_of(*bind, address);
      auto fds = open_or_take(*bind, address, 1, stock.take(key));
      if (!fds) {
        complain(fds.error());
        continue;
      }
      to.logs.push_back({index, bind.get(), std::move(fds->front()), std::move(key)});
    }
  for (const auto& bind : section.datagrams)
    for (const config::BindAddress& address : bind->addresses) {
      std::string key = datagram_key(*bind, address);
      auto handed = stock.take(key);
      base::Result<base::Fd> fd = handed.empty() ? net::open_datagrams(*bind, address) : std::move(handed.front());
      if (!fd) {
        complain(fd.error());
        continue;
      }
      to.logs.push_back({index, nullptr, std::move(*fd), std::move(key)});
    }
}

}  // namespace

base::Status open_namespaces(const config::Config& config) {
  auto open = [](const config::Proxy& proxy, const std::string& name) -> base::Status {
    if (name.empty()) return {};
    if (auto opened = net::open_namespace(name); !opened)
      return base::Err(fmt::format("Starting {} {}: {}.", proxy.kind(), proxy.name, opened.error().text));
    return {};
  };
  for (const auto& proxy : config.proxies) {
    for (const auto& bind : proxy->binds) TRY(open(*proxy, bind->namespace_name));
    for (const auto& server : proxy->servers) TRY(open(*proxy, server->namespace_name));
  }
  return {};
}

OpenSockets open_sockets(const config::Config& config, size_t workers, ListenerStock& stock) {
  OpenSockets sockets;
  for (size_t i = 0; i < config.proxies.size(); ++i)
    if (config.proxies[i]->frontend && !config.proxies[i]->disabled)
      open_proxy(*config.proxies[i], i, workers, stock, sockets);
  for (size_t i = 0; i < config.log_forwards.size(); ++i) open_log_forward(config.log_forwards[i], i, stock, sockets);
  for (const config::Bind& bind : config.global.stats_sockets) {
    for (const config::BindAddress& address : bind.addresses) {
      auto fds = net::open_listeners(bind, address, 1);
      if (fds)
        sockets.runtime.push_back(
            {std::move(fds->front()), bind.level, bind.expose_listeners, bind.severity_output, name_of(address)});
      else
        sockets.errors.push_back(fmt::format("Starting frontend GLOBAL: {}", fds.error().text));
    }
  }
  return sockets;
}

}  // namespace lbd
