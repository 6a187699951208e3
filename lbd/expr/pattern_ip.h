// Networks as patterns write them: "10.0.0.0/8", "10.0.0.0/255.0.0.0", abbreviated "127.1", "2001:db8::/32". Pure.
// Manual: 7.1.6.
#pragma once

#include <optional>
#include <string_view>

#include "base/addr.h"

namespace lbd::expr {

struct PatternNetwork {
  base::IpAddr ip;     // masked
  uint8_t length = 0;  // of the mask, when it has one
  uint32_t mask = 0;   // of IPv4
  bool holes = false;  // the mask is not a prefix
};
std::optional<PatternNetwork> parse_network(std::string_view text);

}  // namespace lbd::expr
