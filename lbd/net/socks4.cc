#include "lbd/net/socks4.h"

#include <sys/socket.h>

#include <cerrno>
#include <string>
#include <string_view>

namespace lbd::net {
namespace {

constexpr char kVersion = 4, kConnect = 1, kGranted = 0x5a;
// With the zero that ends it; proxies that ask for a name know HAProxy by this one.
constexpr std::string_view kUser("HAProxy", 8);

}  // namespace

Socks4::Step Socks4::send(int fd) {
  if (!to_.ip.is_v4()) return Step::failed;
  std::string request{kVersion, kConnect, static_cast<char>(to_.port >> 8), static_cast<char>(to_.port)};
  for (size_t i = 0; i < 4; ++i) request += static_cast<char>(to_.ip.bytes[i]);
  request += kUser;
  // A new socket has room for so few bytes.
  const ssize_t sent = ::send(fd, request.data(), request.size(), MSG_NOSIGNAL);
  return sent == static_cast<ssize_t>(request.size()) ? Step::wait : Step::failed;
}

Socks4::Step Socks4::receive(int fd) {
  while (received_ < answer_.size()) {
    const ssize_t got = ::recv(fd, answer_.data() + received_, answer_.size() - received_, 0);
    if (got < 0 && errno == EINTR) continue;
    if (got < 0 && (errno == EAGAIN || errno == EWOULDBLOCK)) return Step::wait;
    if (got <= 0) return Step::failed;
    received_ += static_cast<size_t>(got);
  }
  return answer_[1] == kGranted ? Step::granted : Step::denied;
}

}  // namespace lbd::net
