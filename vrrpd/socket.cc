#include "vrrpd/socket.h"

#include <arpa/inet.h>
#include <fmt/format.h>
#include <netinet/ip.h>
#include <netinet/ip6.h>
#include <sys/socket.h>

#include <algorithm>
#include <array>
#include <cstring>

namespace vrrpd {
namespace {

constexpr uint8_t kInternetControl = 0xc0;  // precedence of routing protocols
constexpr size_t kHeaderV4 = sizeof(iphdr);
constexpr int kMostPerTurn = 64;
constexpr int kReceiveBuffer = 512 * 1024;

template <typename Value>
base::Status set(int fd, int level, int option, const Value& value, std::string_view what) {
  if (setsockopt(fd, level, option, &value, sizeof value) == 0) return {};
  return base::Err(base::Error::from_errno(what));
}

in_addr in_addr_of(const base::IpAddr& ip) {
  in_addr address;
  std::memcpy(&address, ip.bytes.data(), sizeof address);
  return address;
}
in6_addr in6_addr_of(const base::IpAddr& ip) {
  in6_addr address;
  std::memcpy(&address, ip.bytes.data(), sizeof address);
  return address;
}

// On the real interface.
base::Status join(int fd, const SocketKey& key) {
  const std::string what = "join " + key.group.to_string();
  if (key.family == base::Family::v6) {
    ipv6_mreq group{};
    group.ipv6mr_multiaddr = in6_addr_of(key.group);
    group.ipv6mr_interface = static_cast<unsigned>(key.interface);
    return set(fd, IPPROTO_IPV6, IPV6_JOIN_GROUP, group, what);
  }
  ip_mreqn group{};
  group.imr_multiaddr = in_addr_of(key.group);
  group.imr_ifindex = key.interface;
  return set(fd, IPPROTO_IP, IP_ADD_MEMBERSHIP, group, what);
}

}  // namespace

base::Result<std::unique_ptr<AdvertSocket>> AdvertSocket::open(base::Loop& loop, const SocketKey& key,
                                                               AdvertReceiver& receiver) {
  std::unique_ptr<AdvertSocket> opened(new AdvertSocket(loop, key, receiver));
  const int family = key.family == base::Family::v6 ? AF_INET6 : AF_INET;
  opened->fd_ = base::Fd(socket(family, SOCK_RAW | SOCK_CLOEXEC | SOCK_NONBLOCK, kProtocol));
  if (!opened->fd_) return base::Err(base::Error::from_errno("raw socket for VRRP"));
  const int fd = opened->fd_.get();
  const std::string& device = key.via ? key.via_name : key.interface_name;
  if (!device.empty() &&
      setsockopt(fd, SOL_SOCKET, SO_BINDTODEVICE, device.data(), static_cast<socklen_t>(device.size())) != 0)
    return base::Err(base::Error::from_errno("bind to " + device));
  auto status = set(fd, SOL_SOCKET, SO_RCVBUF, kReceiveBuffer, "receive buffer");
  if (status) status = set(fd, SOL_SOCKET, SO_PRIORITY, int{6}, "priority");
  if (status) status = family == AF_INET6 ? opened->prepare_v6() : opened->prepare_v4();
  if (status && key.capture) status = opened->open_capture_sockets();
  if (!status) return base::Err(status.error());
  opened->io_.bind<&AdvertSocket::drain>(opened.get());
  opened->io_.start(key.capture ? opened->capture_.get() : fd, EV_READ);
  return opened;
}

base::Status AdvertSocket::open_capture_sockets() {
  if (auto status = close_reception(fd_.get()); !status) return status;
  auto capture = open_capture(key_.family, key_.interface);
  if (!capture) return base::Err(capture.error());
  capture_ = std::move(capture).value();
  if (!key_.via) return {};
  const bool v6 = key_.family == base::Family::v6;
  member_ = base::Fd(socket(v6 ? AF_INET6 : AF_INET, SOCK_DGRAM | SOCK_CLOEXEC, 0));
  if (!member_) return base::Err(base::Error::from_errno("socket"));
  return join(member_.get(), key_);
}

base::Status AdvertSocket::prepare_v4() {
  const int fd = fd_.get();
  if (auto status = set(fd, IPPROTO_IP, IP_HDRINCL, int{1}, "IP_HDRINCL"); !status) return status;
  if (key_.group.family == base::Family::none) return {};
  if (!key_.via) {
    if (auto status = join(fd, key_); !status) return status;
  }
  ip_mreqn group{};
  group.imr_ifindex = key_.via ? key_.via : key_.interface;
  if (auto status = set(fd, IPPROTO_IP, IP_MULTICAST_IF, group, "multicast interface"); !status) return status;
  if (auto status = set(fd, IPPROTO_IP, IP_MULTICAST_ALL, int{0}, "IP_MULTICAST_ALL"); !status) return status;
  return set(fd, IPPROTO_IP, IP_MULTICAST_LOOP, int{0}, "multicast loop");
}

base::Status AdvertSocket::prepare_v6() {
  const int fd = fd_.get();
  if (auto status = set(fd, IPPROTO_IPV6, IPV6_RECVHOPLIMIT, int{1}, "IPV6_RECVHOPLIMIT"); !status) return status;
  if (auto status = set(fd, IPPROTO_IPV6, IPV6_RECVPKTINFO, int{1}, "IPV6_RECVPKTINFO"); !status) return status;
  if (auto status = set(fd, IPPROTO_IPV6, IPV6_TCLASS, int{kInternetControl}, "traffic class"); !status) return status;
  if (key_.group.family == base::Family::none) return {};
  if (key_.via) {
    // The source is an address of the real interface.
    if (auto status = set(fd, IPPROTO_IPV6, IPV6_FREEBIND, int{1}, "IPV6_FREEBIND"); !status) return status;
  } else {
    if (auto status = join(fd, key_); !status) return status;
  }
  const int out = key_.via ? key_.via : key_.interface;
  if (auto status = set(fd, IPPROTO_IPV6, IPV6_MULTICAST_IF, out, "multicast interface"); !status) return status;
  return set(fd, IPPROTO_IPV6, IPV6_MULTICAST_LOOP, int{0}, "multicast loop");
}

base::Status AdvertSocket::send(std::span<const uint8_t> message, const Path& path) {
  return key_.family == base::Family::v6 ? send_v6(message, path) : send_v4(message, path);
}

base::Status AdvertSocket::send_v4(std::span<const uint8_t> message, const Path& path) {
  iphdr header{};
  header.version = 4;
  header.ihl = kHeaderV4 / 4;
  header.tos = kInternetControl;
  header.tot_len = htons(static_cast<uint16_t>(kHeaderV4 + message.size()));
  header.ttl = path.ttl;
  header.protocol = kProtocol;
  header.saddr = in_addr_of(path.source).s_addr;
  header.daddr = in_addr_of(path.destination).s_addr;
  // The kernel fills in identification and checksum.
  iovec parts[] = {{&header, sizeof header}, {const_cast<uint8_t*>(message.data()), message.size()}};
  const base::SockAddr to({path.destination, 0});
  msghdr envelope{};
  envelope.msg_name = const_cast<sockaddr*>(to.sa());
  envelope.msg_namelen = to.length();
  envelope.msg_iov = parts;
  envelope.msg_iovlen = 2;
  if (sendmsg(fd_.get(), &envelope, 0) < 0)
    return base::Err(base::Error::from_errno("send to " + path.destination.to_string()));
  return {};
}

base::Status AdvertSocket::send_v6(std::span<const uint8_t> message, const Path& path) {
  alignas(cmsghdr) std::array<char, CMSG_SPACE(sizeof(in6_pktinfo)) + CMSG_SPACE(sizeof(int))> control{};
  iovec part{const_cast<uint8_t*>(message.data()), message.size()};
  const base::SockAddr to({path.destination, 0}, static_cast<uint32_t>(key_.via ? key_.via : key_.interface));
  msghdr envelope{};
  envelope.msg_name = const_cast<sockaddr*>(to.sa());
  envelope.msg_namelen = to.length();
  envelope.msg_iov = &part;
  envelope.msg_iovlen = 1;
  envelope.msg_control = control.data();
  envelope.msg_controllen = control.size();

  cmsghdr* item = CMSG_FIRSTHDR(&envelope);
  item->cmsg_level = IPPROTO_IPV6;
  item->cmsg_type = IPV6_PKTINFO;
  item->cmsg_len = CMSG_LEN(sizeof(in6_pktinfo));
  in6_pktinfo source{};
  source.ipi6_addr = in6_addr_of(path.source);
  source.ipi6_ifindex = static_cast<unsigned>(key_.via ? key_.via : key_.interface);
  std::memcpy(CMSG_DATA(item), &source, sizeof source);

  item = CMSG_NXTHDR(&envelope, item);
  item->cmsg_level = IPPROTO_IPV6;
  item->cmsg_type = IPV6_HOPLIMIT;
  item->cmsg_len = CMSG_LEN(sizeof(int));
  const int hops = path.ttl;
  std::memcpy(CMSG_DATA(item), &hops, sizeof hops);
  if (sendmsg(fd_.get(), &envelope, 0) < 0)
    return base::Err(base::Error::from_errno("send to " + path.destination.to_string()));
  return {};
}

void AdvertSocket::drain() {
  std::array<uint8_t, kMaxMessage + 60 + 64> packet;
  alignas(cmsghdr) std::array<char, 256> control;
  for (int i = 0; i < kMostPerTurn; ++i) {
    iovec part{packet.data(), packet.size()};
    sockaddr_storage from{};
    msghdr envelope{};
    envelope.msg_name = &from;
    envelope.msg_namelen = sizeof from;
    envelope.msg_iov = &part;
    envelope.msg_iovlen = 1;
    envelope.msg_control = control.data();
    envelope.msg_controllen = control.size();
    const ssize_t n = recvmsg(key_.capture ? capture_.get() : fd_.get(), &envelope, MSG_DONTWAIT);
    if (n < 0 && errno == EINTR) continue;
    if (n < 0) return;
    if (envelope.msg_flags & MSG_TRUNC) continue;

    const auto taken = receive({packet.data(), static_cast<size_t>(n)}, envelope);
    if (taken && wanted(taken->path)) receiver_.on_message(*this, taken->message, taken->path);
  }
}

// A packet of any of the three kinds of sockets.
std::optional<CapturedPacket> AdvertSocket::receive(std::span<const uint8_t> packet, msghdr& envelope) const {
  if (key_.capture) return take_packet(key_.family, packet);
  return key_.family == base::Family::v4 ? receive_v4(packet) : receive_v6(packet, envelope);
}

std::optional<CapturedPacket> AdvertSocket::receive_v4(std::span<const uint8_t> packet) {
  if (packet.size() < kHeaderV4) return std::nullopt;
  const size_t header = static_cast<size_t>(packet[0] & 0xf) * 4;
  if (header < kHeaderV4 || packet.size() < header) return std::nullopt;
  CapturedPacket taken{packet.subspan(header), {}};
  Path& path = taken.path;
  path.ttl = packet[8];
  path.source.family = path.destination.family = base::Family::v4;
  std::copy_n(packet.begin() + 12, 4, path.source.bytes.begin());
  std::copy_n(packet.begin() + 16, 4, path.destination.bytes.begin());
  return taken;
}

// The kernel has taken the header off.
CapturedPacket AdvertSocket::receive_v6(std::span<const uint8_t> packet, msghdr& envelope) {
  CapturedPacket taken{packet, {}};
  Path& path = taken.path;
  path.source = base::SockAddr::from_raw(static_cast<sockaddr*>(envelope.msg_name), envelope.msg_namelen).ip_port().ip;
  path.ttl = 0;
  for (cmsghdr* item = CMSG_FIRSTHDR(&envelope); item; item = CMSG_NXTHDR(&envelope, item)) {
    if (item->cmsg_level != IPPROTO_IPV6) continue;
    if (item->cmsg_type == IPV6_HOPLIMIT) {
      int hops = 0;
      std::memcpy(&hops, CMSG_DATA(item), sizeof hops);
      path.ttl = static_cast<uint8_t>(hops);
    } else if (item->cmsg_type == IPV6_PKTINFO) {
      in6_pktinfo to;
      std::memcpy(&to, CMSG_DATA(item), sizeof to);
      path.destination.family = base::Family::v6;
      std::memcpy(path.destination.bytes.data(), &to.ipi6_addr, sizeof to.ipi6_addr);
    }
  }
  return taken;
}

// Raw sockets get what any socket of the node joined, too.
bool AdvertSocket::wanted(const Path& path) const {
  if (key_.group.family == base::Family::none) return !path.destination.is_multicast();
  return path.destination == key_.group;
}

base::Result<std::shared_ptr<AdvertSocket>> SocketPool::get(const SocketKey& key) {
  std::weak_ptr<AdvertSocket>& slot = sockets_[key];
  if (auto open = slot.lock()) return open;
  std::shared_ptr<AdvertSocket> opened = TRY(AdvertSocket::open(loop_, key, receiver_));
  slot = opened;
  return opened;
}

}  // namespace vrrpd
