// The header of the NetScaler client IP insertion protocol, that stands before everything else on a connection: the IP
// and TCP headers of the client, legacy (before 10.5) and standard form. Bytes in, addresses out. Pure.
//
// Decoding is called again with more bytes while it says `partial`. Manual: accept-netscaler-cip, and
// netscaler-client-ip-insertion-protocol.txt of HAProxy's documentation.
#pragma once

#include <cstdint>
#include <string_view>

#include "base/addr.h"

namespace lbd::net {

enum class NetscalerError : uint8_t {
  none,
  bad_magic,     // not the number that both ends have agreed on
  bad_protocol,  // neither IPv4 nor IPv6, or not TCP
  bad_length,    // no room for the headers that it says, or more than any would take
};

struct NetscalerHeader {
  enum class State : uint8_t { partial, complete, error } state = State::partial;
  NetscalerError error = NetscalerError::none;
  size_t length = 0;  // complete: its bytes
  base::IpPort src, dst;
};

NetscalerHeader decode_netscaler_header(std::string_view bytes, uint32_t magic);

}  // namespace lbd::net
