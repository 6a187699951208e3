// Announcements: telling switches and neighbours where an address is now. IPv4: gratuitous ARP as a request with
// sender = target = the address (RFC 5227 2.3, RFC 9568 6.4.1); IPv6: unsolicited neighbour advertisement to all nodes
// with override set (RFC 4861 7.2.6, RFC 9568 6.4.1).
//
// The frames are built here byte by byte and sent through one packet socket, so an announcement needs neither a
// route nor an address that the kernel already deems usable. Pure builders, and a sender with the loop's thread.
// Errors: open() gives them; a frame that the interface does not take is lost, the next round follows.
#pragma once

#include <cstdint>
#include <vector>

#include "base/addr.h"
#include "base/fd.h"
#include "vrrpd/netlink.h"

namespace vrrpd {

// Ethernet frames.
std::vector<uint8_t> gratuitous_arp(const MacAddress& mac, const base::IpAddr& ip);
// `router`: the node forwards IPv6, the R flag.
std::vector<uint8_t> unsolicited_na(const MacAddress& mac, const base::IpAddr& ip, bool router);

class Announcer {
 public:
  static base::Result<Announcer> open();
  void announce(const Interface& interface, const base::IpAddr& ip) const;

 private:
  base::Fd fd_;
};

}  // namespace vrrpd
