// Firewall: keeps packets to virtual addresses from this node, where it may not accept them (no_accept, vrrp_strict;
// RFC 9568 6.1, Accept_Mode): a table of nftables with one chain on input and a rule for each address. IPv6 keeps
// ICMPv6, since neighbour discovery must go on (RFC 9568 8.2.2).
//
// Every change replaces the whole table in one transaction, so there is never half of it. The table exists while there
// is something to refuse. Life: the daemon's; its end removes the table. Thread: that of the loop.
// Errors: logged; an address that cannot be refused is accepted, and that is said.
#pragma once

#include <map>
#include <string>
#include <vector>

#include "base/addr.h"
#include "base/result.h"

namespace vrrpd {

inline constexpr const char* kFirewallTable = "tandem_vrrpd";

class Firewall {
 public:
  Firewall() = default;
  ~Firewall();
  Firewall(const Firewall&) = delete;
  Firewall& operator=(const Firewall&) = delete;

  // What this owner refuses from now on; empty: nothing.
  void refuse(const void* owner, std::vector<base::IpAddr> addresses);

 private:
  std::map<const void*, std::vector<base::IpAddr>> refused_;
};

// The transaction, as bytes for a netlink socket; pure. `addresses` empty: no table.
std::vector<uint8_t> firewall_batch(const std::vector<base::IpAddr>& addresses);

}  // namespace vrrpd
