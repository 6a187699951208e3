#include "lbd/net/transport.h"

#include <sys/socket.h>

#include <cerrno>

namespace lbd::net {
namespace {

IoResult failure(int err) {
  if (err == EAGAIN || err == EINTR) return {IoResult::State::blocked, 0, 0};
  return {IoResult::State::error, 0, err};
}

class PlainTransport final : public Transport {
 public:
  IoResult read(int fd, std::span<char> to) override {
    ssize_t n = ::recv(fd, to.data(), to.size(), 0);
    if (n > 0) [[likely]]
      return {IoResult::State::ok, static_cast<size_t>(n), 0};
    if (n == 0) return {IoResult::State::end, 0, 0};
    return failure(errno);
  }

  IoResult write(int fd, const struct iovec* pieces, int count, bool more) override {
    int flags = MSG_NOSIGNAL | MSG_DONTWAIT | (more ? MSG_MORE : 0);
    ssize_t n;
    if (count == 1) {
      n = ::send(fd, pieces[0].iov_base, pieces[0].iov_len, flags);
    } else {
      msghdr message{};
      message.msg_iov = const_cast<struct iovec*>(pieces);
      message.msg_iovlen = static_cast<size_t>(count);
      n = ::sendmsg(fd, &message, flags);
    }
    if (n >= 0) [[likely]]
      return {IoResult::State::ok, static_cast<size_t>(n), 0};
    return failure(errno);
  }

  IoResult handshake(int) override { return {IoResult::State::ok}; }
  void shutdown_write(int fd) override { ::shutdown(fd, SHUT_WR); }
  void say_goodbye(int) override {}
  void release() override {}
};

}  // namespace

Transport& plain_transport() {
  static PlainTransport plain;
  return plain;
}

}  // namespace lbd::net
