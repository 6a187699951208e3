#include "lbd/config/outline.h"

#include <fmt/format.h>

namespace lbd::config {
namespace {

std::string place(const cfg::Location& where) {
  return fmt::format("{}:{}", where.file(), where.line);
}

void append_listeners(std::string& to, std::string_view name, const std::vector<std::unique_ptr<Bind>>& binds) {
  for (const auto& bind : binds)
    for (const BindAddress& address : bind->addresses) {
      if (address.kind != BindAddress::Kind::ip) continue;
      const base::IpPort at = address.address.ip_port();
      const bool any = address.wildcard || at.ip.is_any();
      fmt::format_to(std::back_inserter(to), "listen\t{}\t{}\t{}\t{}\t{}\n", name, any ? "*" : at.ip.to_string(),
                     at.port, bind->transparent ? "transparent" : "bound", place(bind->location));
    }
}

}  // namespace

std::string outline(const Config& config) {
  std::string text;
  for (const auto& proxy : config.proxies)
    if (proxy->frontend && !proxy->disabled) append_listeners(text, proxy->name, proxy->binds);
  for (const LogForward& section : config.log_forwards) append_listeners(text, section.name, section.streams);
  for (const Peers& section : config.peers)
    for (const Peers::Peer& peer : section.peers) {
      const bool ours = peer.name == config.global.localpeer;
      const std::optional<base::IpPort>& at = ours && !peer.address ? section.bind : peer.address;
      fmt::format_to(std::back_inserter(text), "peer\t{}\t{}\t{}\t{}\t{}\t{}\n", section.name, peer.name,
                     ours ? "this" : "other", at ? at->ip.to_string() : "-", at ? at->port : 0, place(peer.location));
    }
  return text;
}

}  // namespace lbd::config
