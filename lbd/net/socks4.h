// Socks4: asks a SOCKS4 proxy for the way to a server, on a socket that is connected to the proxy. What the proxy says
// behind its answer is the server's and stays in the socket.
//
// Owner and thread: those of the connection. Errors: Step; only IPv4 has a place in the protocol. Manual: 5.2 socks4.
#pragma once

#include <array>
#include <cstdint>

#include "base/addr.h"

namespace lbd::net {

class Socks4 {
 public:
  explicit Socks4(const base::IpPort& to) : to_(to) {}
  // wait: for input, then receive(). failed: the connection ended, or there is no way to say this address.
  enum class Step : uint8_t { wait, granted, denied, failed };
  Step send(int fd);
  Step receive(int fd);

 private:
  base::IpPort to_;
  std::array<char, 8> answer_{};
  size_t received_ = 0;
};

}  // namespace lbd::net
