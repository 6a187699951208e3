#include "lbd/net/netscaler_header.h"

#include <algorithm>

namespace lbd::net {
namespace {

constexpr size_t kLegacyHead = 8;     // magic, length
constexpr size_t kStandardHead = 12;  // magic, length of all, type, length
// The longest IPv4 and TCP headers, and some more.
constexpr size_t kMost = 1024;

constexpr size_t kIpv4Least = 20, kIpv6Size = 40, kPorts = 4;
constexpr uint8_t kTcp = 6;

uint32_t number(std::string_view bytes, size_t at, size_t size) {
  uint32_t value = 0;
  for (size_t i = 0; i < size; ++i) value = value << 8 | static_cast<uint8_t>(bytes[at + i]);
  return value;
}

base::IpAddr address(std::string_view bytes, size_t at, base::Family family) {
  base::IpAddr ip = base::IpAddr::any(family);
  std::copy_n(bytes.begin() + static_cast<std::ptrdiff_t>(at), ip.length(), ip.bytes.begin());
  return ip;
}

NetscalerHeader wrong(NetscalerError error) {
  return {NetscalerHeader::State::error, error, 0, {}, {}};
}

// The headers of the client's packet: one of IP, and behind it one of TCP.
NetscalerHeader read_packet(std::string_view packet) {
  using base::Family;
  NetscalerHeader header{NetscalerHeader::State::complete, NetscalerError::none, 0, {}, {}};
  if (packet.empty()) return wrong(NetscalerError::bad_length);
  const int version = static_cast<uint8_t>(packet[0]) >> 4;
  if (version != 4 && version != 6) return wrong(NetscalerError::bad_protocol);
  const size_t least = version == 4 ? kIpv4Least : kIpv6Size;
  if (packet.size() < least) return wrong(NetscalerError::bad_length);
  const size_t ip_size = version == 4 ? (static_cast<uint8_t>(packet[0]) & 15) * size_t{4} : kIpv6Size;
  if (static_cast<uint8_t>(packet[version == 4 ? 9 : 6]) != kTcp) return wrong(NetscalerError::bad_protocol);
  if (ip_size < least || packet.size() < ip_size + kPorts) return wrong(NetscalerError::bad_length);
  const Family family = version == 4 ? Family::v4 : Family::v6;
  const size_t at = version == 4 ? 12 : 8;
  header.src.ip = address(packet, at, family);
  header.dst.ip = address(packet, at + header.src.ip.length(), family);
  header.src.port = static_cast<uint16_t>(number(packet, ip_size, 2));
  header.dst.port = static_cast<uint16_t>(number(packet, ip_size + 2, 2));
  return header;
}

}  // namespace

NetscalerHeader decode_netscaler_header(std::string_view bytes, uint32_t magic) {
  if (bytes.size() < sizeof magic) return {};
  if (number(bytes, 0, sizeof magic) != magic) return wrong(NetscalerError::bad_magic);
  if (bytes.size() <= kLegacyHead) return {};
  // Where the legacy form has the IP header with its version, the other has a small number.
  const bool legacy = static_cast<uint8_t>(bytes[kLegacyHead]) >> 4 != 0;
  const size_t head = legacy ? kLegacyHead : kStandardHead;
  if (bytes.size() < head) return {};
  const size_t length = legacy ? number(bytes, 4, 4) : number(bytes, 10, 2);
  if (length > kMost) return wrong(NetscalerError::bad_length);
  if (bytes.size() < head + length) return {};
  NetscalerHeader header = read_packet(bytes.substr(head, length));
  if (header.state == NetscalerHeader::State::complete) header.length = head + length;
  return header;
}

}  // namespace lbd::net
