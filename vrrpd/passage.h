// Passage: how connections that another node has open go on there after this node has got the addresses by plan. For a
// while every TCP segment that comes here for the addresses and is of a connection that did not begin here goes to that
// node, which has them up still, in silence (drain.h), and answers the clients itself.
//
// A table of nftables at the ingress of the interface: a SYN makes its connection ours, what is ours stays, the rest is
// sent to the neighbour. Life: open() to close(), to the limit, or to destruction, which removes the table.
// Thread: that of the loop. Errors: open() says what is missing; then those connections break, as without it.
#pragma once

#include <functional>
#include <string>
#include <vector>

#include "base/addr.h"
#include "base/ev.h"
#include "base/result.h"
#include "vrrpd/tcp_flows.h"

namespace vrrpd {

struct PassageRoute {
  // Of one family.
  struct Hop {
    base::IpAddr neighbour;
    std::vector<base::IpAddr> addresses;
  };
  std::string device;
  uint32_t interface = 0;
  std::vector<Hop> hops{};
};
// The transaction; pure. `kept`: connections that are ours already.
std::vector<uint8_t> passage_batch(const std::string& table, const PassageRoute& route,
                                   const std::vector<TcpFlow>& kept);

class Passage {
 public:
  // `over`: it has closed itself at its limit.
  Passage(base::Loop& loop, std::string table, std::function<void()> over);
  ~Passage() { close(); }
  // `has_own`: this node may have connections to the addresses already, which stay.
  base::Status open(const PassageRoute& route, base::Nanos limit, bool has_own);
  void close();
  // What a process that was killed has left.
  void clear();
  bool active() const { return limit_.active(); }

 private:
  void on_limit();

  const std::string table_;
  const std::function<void()> over_;
  base::Timer limit_;
};

}  // namespace vrrpd
