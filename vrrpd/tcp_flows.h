// The TCP connections of this node that end at given addresses, as the kernel knows them (sock_diag(7)): those that
// are open or being closed, not those that only wait for the other end (FIN_WAIT2, TIME_WAIT). Thread: any; asks the
// kernel and waits for the answer, which takes some milliseconds for each hundred thousand connections. Errors: what
// the kernel says.
#pragma once

#include <vector>

#include "base/addr.h"
#include "base/result.h"

namespace vrrpd {

struct TcpFlow {
  base::IpPort remote, local;
  auto operator<=>(const TcpFlow&) const = default;
};

// At most `most`. `addresses` are of one family.
base::Result<std::vector<TcpFlow>> tcp_flows(const std::vector<base::IpAddr>& addresses, size_t most);

}  // namespace vrrpd
