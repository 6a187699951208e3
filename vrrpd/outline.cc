#include "vrrpd/outline.h"

#include <fmt/format.h>

namespace vrrpd {

std::string outline(const Config& config) {
  std::string text;
  for (const InstanceConfig& instance : config.instances) {
    const auto fact = [&](std::string_view kind, const std::string& what, std::string_view device = "-") {
      fmt::format_to(std::back_inserter(text), "{}\t{}\t{}\t{}\t{}:{}\n", kind, instance.name, what, device,
                     instance.where.file(), instance.where.line);
    };
    fact("device", instance.interface);
    for (const auto* list : {&instance.addresses, &instance.addresses_excluded})
      for (const VirtualAddress& address : *list)
        fact("vip", address.ip.to_string(), address.device.empty() ? instance.interface : address.device);
    if (instance.source) fact("source", instance.source->to_string());
    for (const UnicastPeer& peer : instance.peers) fact("peer", peer.ip.to_string());
  }
  return text;
}

}  // namespace vrrpd
