#include "vrrpd/capture.h"

#include <arpa/inet.h>
#include <linux/filter.h>
#include <linux/if_ether.h>
#include <linux/if_packet.h>
#include <sys/socket.h>

#include <algorithm>
#include <array>

namespace vrrpd {
namespace {

constexpr size_t kHeaderV4 = 20, kHeaderV6 = 40;
constexpr uint32_t kWhole = 0x40000;
constexpr int kReceiveBuffer = 512 * 1024;
constexpr int kOn = 1;

constexpr uint32_t ancillary(int what) {
  return static_cast<uint32_t>(SKF_AD_OFF + what);
}

sock_filter statement(int code, uint32_t value) {
  return {static_cast<uint16_t>(code), 0, 0, value};
}
// Goes on when equal, else `skip` further.
sock_filter unless_equal(uint32_t value, uint8_t skip) {
  return {BPF_JMP | BPF_JEQ | BPF_K, 0, skip, value};
}

base::Status attach(int fd, std::span<sock_filter> program) {
  const sock_fprog attached{static_cast<unsigned short>(program.size()), program.data()};
  if (setsockopt(fd, SOL_SOCKET, SO_ATTACH_FILTER, &attached, sizeof attached) == 0) return {};
  return base::Err(base::Error::from_errno("packet filter"));
}

unsigned word(std::span<const uint8_t> bytes, size_t at) {
  return static_cast<unsigned>(bytes[at] << 8 | bytes[at + 1]);
}

base::IpAddr ip_at(base::Family family, std::span<const uint8_t> packet, size_t at) {
  base::IpAddr ip;
  ip.family = family;
  std::copy_n(packet.begin() + static_cast<ptrdiff_t>(at), ip.length(), ip.bytes.begin());
  return ip;
}

std::optional<CapturedPacket> take_v4(std::span<const uint8_t> packet) {
  if (packet.size() < kHeaderV4 || packet[0] >> 4 != 4) return std::nullopt;
  const size_t header = static_cast<size_t>(packet[0] & 0xf) * 4;
  const size_t total = word(packet, 2);
  if (header < kHeaderV4 || total < header || packet.size() < total || packet[9] != kProtocol) return std::nullopt;
  if (word(packet, 6) & 0x3fff) return std::nullopt;  // a fragment
  if (checksum_end(checksum_add(packet.first(header))) != 0) return std::nullopt;
  return CapturedPacket{packet.subspan(header, total - header),
                        {ip_at(base::Family::v4, packet, 12), ip_at(base::Family::v4, packet, 16), packet[8]}};
}

std::optional<CapturedPacket> take_v6(std::span<const uint8_t> packet) {
  if (packet.size() < kHeaderV6 || packet[0] >> 4 != 6 || packet[6] != kProtocol) return std::nullopt;
  const size_t length = word(packet, 4);
  if (packet.size() < kHeaderV6 + length) return std::nullopt;
  return CapturedPacket{packet.subspan(kHeaderV6, length),
                        {ip_at(base::Family::v6, packet, 8), ip_at(base::Family::v6, packet, 24), packet[7]}};
}

}  // namespace

base::Result<base::Fd> open_capture(base::Family family, int interface) {
  // Protocol 0: nothing is received before the filter is there.
  base::Fd opened(socket(AF_PACKET, SOCK_DGRAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0));
  if (!opened) return base::Err(base::Error::from_errno("packet socket"));
  const bool v6 = family == base::Family::v6;
  // The data begin at the IP header. Tagged frames belong to VLAN interfaces.
  std::array<sock_filter, 8> program = {
      statement(BPF_LD | BPF_W | BPF_ABS, ancillary(SKF_AD_PROTOCOL)),
      unless_equal(v6 ? ETH_P_IPV6 : ETH_P_IP, 5),
      statement(BPF_LD | BPF_B | BPF_ABS, ancillary(SKF_AD_VLAN_TAG_PRESENT)),
      unless_equal(0, 3),
      statement(BPF_LD | BPF_B | BPF_ABS, v6 ? 6 : 9),
      unless_equal(kProtocol, 1),
      statement(BPF_RET | BPF_K, kWhole),
      statement(BPF_RET | BPF_K, 0),
  };
  if (auto status = attach(opened.get(), program); !status) return base::Err(status.error());
  if (setsockopt(opened.get(), SOL_PACKET, PACKET_IGNORE_OUTGOING, &kOn, sizeof kOn) != 0 ||
      setsockopt(opened.get(), SOL_SOCKET, SO_RCVBUF, &kReceiveBuffer, sizeof kReceiveBuffer) != 0)
    return base::Err(base::Error::from_errno("packet socket"));
  sockaddr_ll where{};
  where.sll_family = AF_PACKET;
  where.sll_protocol = htons(ETH_P_ALL);
  where.sll_ifindex = interface;
  if (bind(opened.get(), reinterpret_cast<sockaddr*>(&where), sizeof where) != 0)
    return base::Err(base::Error::from_errno("packet socket"));
  return opened;
}

base::Status close_reception(int fd) {
  std::array<sock_filter, 1> program = {statement(BPF_RET | BPF_K, 0)};
  return attach(fd, program);
}

std::optional<CapturedPacket> take_packet(base::Family family, std::span<const uint8_t> packet) {
  return family == base::Family::v6 ? take_v6(packet) : take_v4(packet);
}

}  // namespace vrrpd
