#include "base/addr.h"

#include <arpa/inet.h>

#include <algorithm>
#include <cstddef>
#include <cstring>

#include "base/strings.h"

namespace base {

IpAddr IpAddr::v4(uint32_t host_order) {
  IpAddr a{Family::v4, {}};
  for (size_t i = 0; i < 4; ++i) a.bytes[i] = static_cast<uint8_t>(host_order >> (24 - 8 * i));
  return a;
}

uint32_t IpAddr::v4_host_order() const {
  return uint32_t{bytes[0]} << 24 | uint32_t{bytes[1]} << 16 | uint32_t{bytes[2]} << 8 | bytes[3];
}

Result<IpAddr> IpAddr::parse(std::string_view text) {
  char copy[64];
  IpAddr addr;
  if (!text.empty() && text.size() < sizeof copy) {
    std::memcpy(copy, text.data(), text.size());
    copy[text.size()] = 0;
    if (inet_pton(AF_INET, copy, addr.bytes.data()) == 1) {
      addr.family = Family::v4;
      return addr;
    }
    if (inet_pton(AF_INET6, copy, addr.bytes.data()) == 1) {
      addr.family = Family::v6;
      return addr;
    }
  }
  return Err("'" + std::string(text) + "' is not an IP address");
}

bool IpAddr::is_multicast() const {
  return is_v4() ? bytes[0] >> 4 == 14 : is_v6() && bytes[0] == 0xff;
}
bool IpAddr::is_link_local() const {
  return is_v4() ? bytes[0] == 169 && bytes[1] == 254 : is_v6() && bytes[0] == 0xfe && (bytes[1] & 0xc0) == 0x80;
}

char* IpAddr::print(char* to) const {
  if (is_v4()) {
    for (size_t i = 0; i < 4; ++i) {
      if (i) *to++ = '.';
      to = std::to_chars(to, to + 3, bytes[i]).ptr;
    }
    return to;
  }
  if (!is_v6()) return to;
  char text[INET6_ADDRSTRLEN];
  inet_ntop(AF_INET6, bytes.data(), text, sizeof text);
  size_t n = std::strlen(text);
  std::memcpy(to, text, n);
  return to + n;
}

std::string IpAddr::to_string() const {
  char text[INET6_ADDRSTRLEN];
  return {text, print(text)};
}

std::string IpPort::to_string() const {
  return ip.to_string() + ":" + std::to_string(port);
}

Result<IpPrefix> IpPrefix::parse(std::string_view text) {
  size_t slash = text.find('/');
  IpAddr ip = TRY(IpAddr::parse(text.substr(0, slash)));
  auto most = static_cast<uint8_t>(ip.length() * 8);
  if (slash == std::string_view::npos) return IpPrefix{ip, most};
  std::string_view mask = text.substr(slash + 1);
  if (ip.is_v4() && mask.find('.') != std::string_view::npos) {
    uint32_t bits = TRY(IpAddr::parse(mask)).v4_host_order();
    int length = __builtin_popcount(bits);
    if (bits != (length ? ~uint32_t{0} << (32 - length) : 0))
      return Err("'" + std::string(mask) + "' is not a network mask");
    return IpPrefix{ip, static_cast<uint8_t>(length)};
  }
  auto length = parse_int<unsigned>(mask);
  if (!length || *length > most) return Err("'" + std::string(mask) + "' is not a prefix length");
  return IpPrefix{ip, static_cast<uint8_t>(*length)};
}

bool IpPrefix::contains(const IpAddr& other) const {
  if (other.family != ip.family) return false;
  size_t whole = length / 8;
  if (std::memcmp(ip.bytes.data(), other.bytes.data(), whole) != 0) return false;
  unsigned rest = length % 8;
  return rest == 0 || (ip.bytes[whole] ^ other.bytes[whole]) >> (8 - rest) == 0;
}

std::string IpPrefix::to_string() const {
  return ip.to_string() + "/" + std::to_string(length);
}

SockAddr::SockAddr(const IpPort& from, uint32_t scope) {
  if (from.ip.is_v4()) {
    raw_.in.sin_family = AF_INET;
    raw_.in.sin_port = htons(from.port);
    std::memcpy(&raw_.in.sin_addr, from.ip.bytes.data(), 4);
    length_ = sizeof raw_.in;
  } else if (from.ip.is_v6()) {
    raw_.in6.sin6_family = AF_INET6;
    raw_.in6.sin6_port = htons(from.port);
    raw_.in6.sin6_scope_id = scope;
    std::memcpy(&raw_.in6.sin6_addr, from.ip.bytes.data(), 16);
    length_ = sizeof raw_.in6;
  } else {
    raw_.sa.sa_family = AF_UNSPEC;
  }
}

SockAddr SockAddr::unix_path(std::string_view path) {
  SockAddr a;
  a.raw_.un.sun_family = AF_UNIX;
  size_t n = std::min(path.size(), sizeof a.raw_.un.sun_path - 1);
  std::memcpy(a.raw_.un.sun_path, path.data(), n);
  a.length_ = static_cast<socklen_t>(offsetof(sockaddr_un, sun_path) + n + 1);
  return a;
}

SockAddr SockAddr::abstract(std::string_view name, bool zero_padded) {
  // HAProxy's abns@ fills the whole sun_path with zeros; abnsz@ uses only the bytes of the name.
  SockAddr a;
  a.raw_.un.sun_family = AF_UNIX;
  size_t n = std::min(name.size(), sizeof a.raw_.un.sun_path - 1);
  std::memcpy(a.raw_.un.sun_path + 1, name.data(), n);
  a.length_ = static_cast<socklen_t>(zero_padded ? sizeof a.raw_.un : offsetof(sockaddr_un, sun_path) + 1 + n);
  return a;
}

SockAddr SockAddr::from_raw(const sockaddr* sa, socklen_t length) {
  SockAddr a;
  a.length_ = std::min<socklen_t>(length, sizeof a.raw_);
  std::memcpy(&a.raw_, sa, a.length_);
  return a;
}

SockAddr SockAddr::local_of(int fd) {
  SockAddr a;
  a.length_ = sizeof a.raw_;
  if (::getsockname(fd, &a.raw_.sa, &a.length_) < 0) return {};
  return a;
}

SockAddr SockAddr::peer_of(int fd) {
  SockAddr a;
  a.length_ = sizeof a.raw_;
  if (::getpeername(fd, &a.raw_.sa, &a.length_) < 0) return {};
  return a;
}

IpPort SockAddr::ip_port() const {
  IpPort out;
  if (family() == AF_INET) {
    out.ip.family = Family::v4;
    std::memcpy(out.ip.bytes.data(), &raw_.in.sin_addr, 4);
    out.port = ntohs(raw_.in.sin_port);
  } else if (family() == AF_INET6) {
    out.port = ntohs(raw_.in6.sin6_port);
    if (IN6_IS_ADDR_V4MAPPED(&raw_.in6.sin6_addr)) {
      out.ip.family = Family::v4;
      std::memcpy(out.ip.bytes.data(), raw_.in6.sin6_addr.s6_addr + 12, 4);
    } else {
      out.ip.family = Family::v6;
      std::memcpy(out.ip.bytes.data(), &raw_.in6.sin6_addr, 16);
    }
  } else if (family() == AF_UNIX) {
    out.ip.family = Family::unix;
  }
  return out;
}

void SockAddr::set_port(uint16_t port) {
  if (family() == AF_INET) raw_.in.sin_port = htons(port);
  if (family() == AF_INET6) raw_.in6.sin6_port = htons(port);
}

std::string SockAddr::path() const {
  if (!is_unix()) return {};
  size_t head = offsetof(sockaddr_un, sun_path);
  if (length_ <= head) return {};
  if (raw_.un.sun_path[0]) return {raw_.un.sun_path, strnlen(raw_.un.sun_path, length_ - head)};
  std::string name(raw_.un.sun_path + 1, length_ - head - 1);
  name.resize(std::strlen(name.c_str()));
  return "@" + name;
}

std::string SockAddr::to_string() const {
  if (is_unix()) {
    std::string p = path();
    return p.starts_with('@') ? "abns" + p : p;
  }
  IpPort at = ip_port();
  if (family() == AF_INET6 && at.ip.is_v6()) return "[" + at.ip.to_string() + "]:" + std::to_string(at.port);
  return at.to_string();
}

}  // namespace base
