// bench_floor FD PORT: the cheapest possible proxy: each client connection gets its own connection to 127.0.0.1:PORT,
// and bytes are copied both ways through one shared buffer, with nothing parsed, timed, counted or logged. What a proxy
// costs beside it is the price of being a proxy; what both cost is the price of the sockets.
#include <netinet/in.h>
#include <netinet/tcp.h>

#include <string>
#include <vector>

#include "bench/epoll.h"

namespace {

bench::Loop loop;
std::vector<char> buffer(512 << 10);

class Side final : public bench::Handler {
 public:
  using Handler::Handler;

  static void pair(Side* one, Side* other) {
    one->other_ = other;
    other->other_ = one;
  }

  void ready(uint32_t events) override {
    if ((events & EPOLLOUT) != 0 && !flush()) {
      return;
    }
    if ((events & (EPOLLIN | EPOLLRDHUP)) != 0) {
      readable_ = true;
      end_seen_ = end_seen_ || (events & EPOLLRDHUP) != 0;
    }
    if ((events & (EPOLLERR | EPOLLHUP)) != 0) {
      close_both();
      return;
    }
    pump();
    if (!dropped() && (events & EPOLLOUT) != 0) {
      other_->pump();
    }
  }

 private:
  void pump() {
    while (readable_ && other_->unsent_.empty()) {
      const ssize_t got = recv(fd(), buffer.data(), buffer.size(), 0);
      if (got < 0) {
        readable_ = false;
        if (errno != EAGAIN) {
          close_both();
        }
        return;
      }
      if (got == 0) {
        readable_ = false;
        ended_ = true;
        if (other_->ended_) {
          close_both();
        } else {
          shutdown(other_->fd(), SHUT_WR);
        }
        return;
      }
      readable_ = end_seen_ || static_cast<size_t>(got) == buffer.size();
      if (!other_->write(buffer.data(), static_cast<size_t>(got))) {
        return;
      }
    }
  }

  bool write(const char* data, size_t size) {
    ssize_t sent = send(fd(), data, size, MSG_NOSIGNAL);
    if (sent < 0) {
      if (errno != EAGAIN && errno != ENOTCONN) {
        close_both();
        return false;
      }
      sent = 0;
    }
    unsent_.assign(data + sent, size - static_cast<size_t>(sent));
    return true;
  }

  bool flush() {
    while (sent_ < unsent_.size()) {
      const ssize_t sent = send(fd(), unsent_.data() + sent_, unsent_.size() - sent_, MSG_NOSIGNAL);
      if (sent < 0) {
        if (errno != EAGAIN) {
          close_both();
        }
        return false;
      }
      sent_ += static_cast<size_t>(sent);
    }
    unsent_.clear();
    sent_ = 0;
    return true;
  }

  void close_both() {
    loop.drop(other_);
    loop.drop(this);
  }

  Side* other_ = nullptr;
  std::string unsent_;  // what the kernel did not take at once
  size_t sent_ = 0;     // of it
  bool readable_ = false;
  bool end_seen_ = false;  // EPOLLRDHUP came: read on to the end, no further edge will tell
  bool ended_ = false;
};

class Listener final : public bench::Handler {
 public:
  Listener(base::Fd fd, uint16_t port) : Handler(std::move(fd)) {
    origin_.sin_family = AF_INET;
    origin_.sin_port = htons(port);
    origin_.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  }

  void ready(uint32_t) override {
    for (;;) {
      base::Fd client(accept4(fd(), nullptr, nullptr, SOCK_NONBLOCK | SOCK_CLOEXEC));
      if (!client) {
        return;
      }
      base::Fd server(socket(AF_INET, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0));
      const int on = 1;
      setsockopt(client.get(), IPPROTO_TCP, TCP_NODELAY, &on, sizeof on);
      setsockopt(server.get(), IPPROTO_TCP, TCP_NODELAY, &on, sizeof on);
      if (connect(server.get(), reinterpret_cast<const sockaddr*>(&origin_), sizeof origin_) != 0 &&
          errno != EINPROGRESS) {
        continue;
      }
      auto* near = new Side(std::move(client));
      auto* far = new Side(std::move(server));
      Side::pair(near, far);
      loop.add(far);
      loop.add(near);
    }
  }

 private:
  sockaddr_in origin_{};
};

}  // namespace

int main(int argc, char** argv) {
  if (argc != 3) {
    std::fprintf(stderr, "usage: bench_floor FD PORT   (an inherited listening socket, the origin's port)\n");
    return 2;
  }
  base::Fd listener(std::atoi(argv[1]));
  if (!base::Fd::set_nonblock(listener.get())) {
    std::perror("bench_floor");
    return 1;
  }
  loop.add(new Listener(std::move(listener), static_cast<uint16_t>(std::atoi(argv[2]))), EPOLLIN);
  loop.run();
}
