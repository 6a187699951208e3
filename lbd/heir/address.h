// Addresses as messages say them. Pure.
#pragma once

#include <cstring>
#include <optional>

#include "base/addr.h"
#include "proto/succession.pb.h"

namespace lbd::heir {

inline void put(tandem::Address& message, const base::IpPort& address) {
  message.set_ip(address.ip.bytes.data(), address.ip.length());
  message.set_port(address.port);
}

// Nothing: it is none.
inline std::optional<base::IpPort> address_of(const tandem::Address& message) {
  const std::string& bytes = message.ip();
  if ((bytes.size() != 4 && bytes.size() != 16) || message.port() > 0xffff) return std::nullopt;
  base::IpPort address;
  address.ip.family = bytes.size() == 4 ? base::Family::v4 : base::Family::v6;
  std::memcpy(address.ip.bytes.data(), bytes.data(), bytes.size());
  address.port = static_cast<uint16_t>(message.port());
  return address;
}

}  // namespace lbd::heir
