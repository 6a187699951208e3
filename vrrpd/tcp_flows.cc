#include "vrrpd/tcp_flows.h"

#include <arpa/inet.h>
#include <linux/inet_diag.h>
#include <linux/netlink.h>
#include <linux/sock_diag.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <netlink/msg.h>
#include <sys/socket.h>

#include <algorithm>
#include <array>
#include <cstring>

#include "base/fd.h"

namespace vrrpd {
namespace {

// Not FIN_WAIT2: all that this end had to say has arrived.
constexpr uint32_t kStates = 1U << TCP_ESTABLISHED | 1U << TCP_SYN_RECV | 1U << TCP_FIN_WAIT1 | 1U << TCP_CLOSE_WAIT |
                             1U << TCP_LAST_ACK | 1U << TCP_CLOSING;
constexpr timeval kPatience{1, 0};

base::Status ask(int fd, uint8_t family) {
  struct {
    nlmsghdr header;
    inet_diag_req_v2 request;
  } question{};
  question.header = {.nlmsg_len = sizeof question,
                     .nlmsg_type = SOCK_DIAG_BY_FAMILY,
                     .nlmsg_flags = NLM_F_REQUEST | NLM_F_DUMP,
                     .nlmsg_seq = 1,
                     .nlmsg_pid = 0};
  question.request.sdiag_family = family;
  question.request.sdiag_protocol = IPPROTO_TCP;
  question.request.idiag_states = kStates;
  if (send(fd, &question, sizeof question, 0) < 0) return base::Err(base::Error::from_errno("sock_diag"));
  return {};
}

base::IpPort end_of(const __be32* address, __be16 port, base::Family family) {
  base::IpPort end{base::IpAddr::any(family), ntohs(port)};
  std::memcpy(end.ip.bytes.data(), address, end.ip.length());
  return end;
}

// Sockets for both families carry IPv4 in addresses of IPv6.
void unmap(base::IpPort& end) {
  constexpr std::array<uint8_t, 12> kMapped{0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0xff, 0xff};
  if (!end.ip.is_v6() || !std::equal(kMapped.begin(), kMapped.end(), end.ip.bytes.begin())) return;
  base::IpAddr v4 = base::IpAddr::any(base::Family::v4);
  std::copy(end.ip.bytes.begin() + kMapped.size(), end.ip.bytes.end(), v4.bytes.begin());
  end.ip = v4;
}

// Those of one kind of socket; false: there is enough.
base::Result<bool> add_flows(int kind, const std::vector<base::IpAddr>& addresses, size_t most,
                             std::vector<TcpFlow>& flows) {
  const base::Fd fd(socket(AF_NETLINK, SOCK_RAW | SOCK_CLOEXEC, NETLINK_SOCK_DIAG));
  if (!fd) return base::Err(base::Error::from_errno("sock_diag"));
  setsockopt(fd.get(), SOL_SOCKET, SO_RCVTIMEO, &kPatience, sizeof kPatience);
  TRY(ask(fd.get(), static_cast<uint8_t>(kind)));
  const base::Family family = kind == AF_INET6 ? base::Family::v6 : base::Family::v4;
  alignas(nlmsghdr) std::array<char, 32768> buffer;
  while (true) {
    const ssize_t n = recv(fd.get(), buffer.data(), buffer.size(), 0);
    if (n <= 0) return base::Err(base::Error::from_errno("sock_diag"));
    auto left = static_cast<int>(n);
    for (auto* header = reinterpret_cast<nlmsghdr*>(buffer.data()); nlmsg_ok(header, left);
         header = nlmsg_next(header, &left)) {
      if (header->nlmsg_type == NLMSG_DONE) return true;
      if (header->nlmsg_type == NLMSG_ERROR) return base::Err("sock_diag: the kernel does not tell");
      if (nlmsg_datalen(header) < static_cast<int>(sizeof(inet_diag_msg))) continue;
      const auto* found = static_cast<const inet_diag_msg*>(nlmsg_data(header));
      TcpFlow flow{end_of(found->id.idiag_dst, found->id.idiag_dport, family),
                   end_of(found->id.idiag_src, found->id.idiag_sport, family)};
      unmap(flow.remote);
      unmap(flow.local);
      if (std::find(addresses.begin(), addresses.end(), flow.local.ip) == addresses.end()) continue;
      flows.push_back(flow);
      if (flows.size() >= most) return false;
    }
  }
}

}  // namespace

base::Result<std::vector<TcpFlow>> tcp_flows(const std::vector<base::IpAddr>& addresses, size_t most) {
  std::vector<TcpFlow> flows;
  if (addresses.empty()) return flows;
  bool more = true;
  if (addresses.front().is_v4()) more = TRY(add_flows(AF_INET, addresses, most, flows));
  if (more) TRY(add_flows(AF_INET6, addresses, most, flows));
  return flows;
}

}  // namespace vrrpd
