// Addresses. IpAddr and IpPort are small values (they are kept per connection); SockAddr is what goes to the kernel
// and also knows Unix and abstract sockets; IpPrefix is a network.
#pragma once

#include <netinet/in.h>
#include <sys/socket.h>
#include <sys/un.h>

#include <array>
#include <compare>
#include <cstdint>
#include <string>
#include <string_view>

#include "base/result.h"

namespace base {

enum class Family : uint8_t { none, v4, v6, unix };

struct IpAddr {
  Family family = Family::none;
  std::array<uint8_t, 16> bytes{};  // network order; IPv4 uses the first four

  static IpAddr v4(uint32_t host_order);
  static IpAddr any(Family family) { return {family, {}}; }
  static Result<IpAddr> parse(std::string_view text);  // no brackets, no name lookup
  uint32_t v4_host_order() const;
  bool is_v4() const { return family == Family::v4; }
  bool is_v6() const { return family == Family::v6; }
  bool is_any() const { return bytes == std::array<uint8_t, 16>{}; }
  bool is_multicast() const;
  bool is_link_local() const;
  size_t length() const { return is_v4() ? 4 : is_v6() ? 16 : 0; }
  std::string to_string() const;  // "" for none
  char* print(char* to) const;    // at most 46 bytes, not terminated; returns the end
  auto operator<=>(const IpAddr&) const = default;
};

struct IpPort {
  IpAddr ip;
  uint16_t port = 0;              // host order
  std::string to_string() const;  // "1.2.3.4:80", "::1:80" as HAProxy writes it
  auto operator<=>(const IpPort&) const = default;
};

struct IpPrefix {
  IpAddr ip;
  uint8_t length = 0;
  static Result<IpPrefix> parse(std::string_view text);  // ADDR or ADDR/LEN (or dotted mask for IPv4)
  bool contains(const IpAddr& other) const;
  std::string to_string() const;
  auto operator<=>(const IpPrefix&) const = default;
};

class SockAddr {
 public:
  SockAddr() { raw_.sa.sa_family = AF_UNSPEC; }
  explicit SockAddr(const IpPort& from, uint32_t scope = 0);
  static SockAddr unix_path(std::string_view path);  // at most 107 bytes
  static SockAddr abstract(std::string_view name, bool zero_padded = false);
  static SockAddr from_raw(const sockaddr* sa, socklen_t length);
  static SockAddr local_of(int fd);
  static SockAddr peer_of(int fd);

  const sockaddr* sa() const { return &raw_.sa; }
  socklen_t length() const { return length_; }
  int family() const { return raw_.sa.sa_family; }
  bool is_ip() const { return family() == AF_INET || family() == AF_INET6; }
  bool is_unix() const { return family() == AF_UNIX; }
  IpPort ip_port() const;  // Family::unix or none otherwise; an IPv4-mapped address comes out as IPv4
  uint16_t port() const { return ip_port().port; }
  void set_port(uint16_t port);
  std::string path() const;       // of a Unix socket; an abstract one starts with '@'
  std::string to_string() const;  // "1.2.3.4:80", "[::1]:80", "/run/x.sock", "abns@name"

 private:
  union {
    sockaddr sa;
    sockaddr_in in;
    sockaddr_in6 in6;
    sockaddr_un un;
  } raw_{};
  socklen_t length_ = sizeof(sockaddr);
};

}  // namespace base
