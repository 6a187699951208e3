#include "vrrpd/announce.h"

#include <linux/if_packet.h>
#include <net/ethernet.h>
#include <net/if.h>
#include <netinet/icmp6.h>
#include <sys/socket.h>

#include <algorithm>

#include "vrrpd/packet.h"

namespace vrrpd {
namespace {

constexpr MacAddress kBroadcast{0xff, 0xff, 0xff, 0xff, 0xff, 0xff};
constexpr MacAddress kAllNodes{0x33, 0x33, 0, 0, 0, 1};
constexpr size_t kIpv6Header = 40;
constexpr size_t kNaLength = 32;  // with the option that carries the MAC
constexpr uint8_t kRouter = 0x80, kOverride = 0x20;

class FrameBuilder {
 public:
  void bytes(const uint8_t* from, size_t count) { frame_.insert(frame_.end(), from, from + count); }
  void mac(const MacAddress& mac) { bytes(mac.data(), mac.size()); }
  void ip(const base::IpAddr& ip) { bytes(ip.bytes.data(), ip.length()); }
  void u8(uint8_t value) { frame_.push_back(value); }
  void u16(unsigned value) {
    u8(static_cast<uint8_t>(value >> 8));
    u8(static_cast<uint8_t>(value));
  }
  void zeros(size_t count) { frame_.insert(frame_.end(), count, 0); }
  std::vector<uint8_t> take() { return std::move(frame_); }

 private:
  std::vector<uint8_t> frame_;
};

bool forwards_ipv6(const std::string& interface) {
  const auto text = base::read_file("/proc/sys/net/ipv6/conf/" + interface + "/forwarding");
  return text && text->starts_with('1');
}

}  // namespace

std::vector<uint8_t> gratuitous_arp(const MacAddress& mac, const base::IpAddr& ip) {
  FrameBuilder frame;
  frame.mac(kBroadcast);
  frame.mac(mac);
  frame.u16(ETHERTYPE_ARP);
  frame.u16(1);  // Ethernet
  frame.u16(ETHERTYPE_IP);
  frame.u8(6);
  frame.u8(4);
  frame.u16(1);  // request
  frame.mac(mac);
  frame.ip(ip);
  frame.zeros(MacAddress().size());
  frame.ip(ip);
  return frame.take();
}

std::vector<uint8_t> unsolicited_na(const MacAddress& mac, const base::IpAddr& ip, bool router) {
  base::IpAddr all_nodes{base::Family::v6, {0xff, 0x02}};
  all_nodes.bytes[15] = 1;
  FrameBuilder frame;
  frame.mac(kAllNodes);
  frame.mac(mac);
  frame.u16(ETHERTYPE_IPV6);
  frame.u8(0x60);
  frame.zeros(3);
  frame.u16(kNaLength);
  frame.u8(IPPROTO_ICMPV6);
  frame.u8(255);
  frame.ip(ip);
  frame.ip(all_nodes);
  const size_t message = ETH_HLEN + kIpv6Header;
  frame.u8(ND_NEIGHBOR_ADVERT);
  frame.zeros(3);  // code, checksum
  frame.u8(static_cast<uint8_t>(kOverride | (router ? kRouter : 0)));
  frame.zeros(3);
  frame.ip(ip);
  frame.u8(ND_OPT_TARGET_LINKADDR);
  frame.u8(1);
  frame.mac(mac);

  std::vector<uint8_t> bytes = frame.take();
  uint32_t sum = checksum_add({ip.bytes.data(), 16});
  sum = checksum_add({all_nodes.bytes.data(), 16}, sum) + kNaLength + IPPROTO_ICMPV6;
  const uint16_t checksum = checksum_end(checksum_add(std::span<const uint8_t>(bytes).subspan(message), sum));
  bytes[message + 2] = static_cast<uint8_t>(checksum >> 8);
  bytes[message + 3] = static_cast<uint8_t>(checksum);
  return bytes;
}

base::Result<Announcer> Announcer::open() {
  Announcer opened;
  // Protocol 0: nothing is received.
  opened.fd_ = base::Fd(socket(AF_PACKET, SOCK_RAW | SOCK_CLOEXEC | SOCK_NONBLOCK, 0));
  if (!opened.fd_) return base::Err(base::Error::from_errno("packet socket"));
  return opened;
}

void Announcer::announce(const Interface& interface, const base::IpAddr& ip) const {
  if (!interface.has_mac || (interface.flags & IFF_NOARP)) return;
  const std::vector<uint8_t> frame =
      ip.is_v6() ? unsolicited_na(interface.mac, ip, forwards_ipv6(interface.name)) : gratuitous_arp(interface.mac, ip);
  sockaddr_ll to{};
  to.sll_family = AF_PACKET;
  to.sll_ifindex = interface.index;
  to.sll_halen = ETH_ALEN;
  std::copy_n(frame.begin(), ETH_ALEN, to.sll_addr);
  (void)sendto(fd_.get(), frame.data(), frame.size(), 0, reinterpret_cast<sockaddr*>(&to), sizeof to);
}

}  // namespace vrrpd
