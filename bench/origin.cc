// bench_origin FD: a minimal HTTP/1.1 origin on an inherited listening socket, so fast that it never is what a
// measurement measures. GET /N answers with N bytes (/100, /16k, /1m); connections stay open unless the request says
// close. It reads request heads only (no bodies) and understands no header but Connection: close.
#include <netinet/in.h>
#include <netinet/tcp.h>

#include <cstring>
#include <map>
#include <string>
#include <string_view>

#include "bench/epoll.h"

namespace {

bench::Loop loop;

// The whole answer for one path, made once.
const std::string& answer(std::string_view path) {
  static std::map<std::string, std::string, std::less<>> made;
  if (auto it = made.find(path); it != made.end()) {
    return it->second;
  }
  size_t size = 0;
  for (const char c : path.substr(path.empty() ? 0 : 1)) {
    if (c >= '0' && c <= '9') {
      size = size * 10 + static_cast<size_t>(c - '0');
    } else if (c == 'k' || c == 'm') {
      size <<= c == 'k' ? 10 : 20;
    } else {
      break;
    }
  }
  std::string text =
      "HTTP/1.1 200 OK\r\nServer: bench\r\nContent-Type: text/plain\r\nContent-Length: " + std::to_string(size) +
      "\r\n\r\n";
  return made.emplace(path, text + std::string(size, 'x')).first->second;
}

class Connection final : public bench::Handler {
 public:
  using Handler::Handler;

  void ready(uint32_t events) override {
    if (!unsent_.empty() && !flush()) {
      return;
    }
    if (!pending_.empty()) {
      pending_.erase(0, serve(pending_));
    }
    if (!dropped() && (events & (EPOLLIN | kEnd)) != 0) {
      read_requests((events & kEnd) != 0);
    }
  }

 private:
  static constexpr uint32_t kEnd = EPOLLRDHUP | EPOLLHUP | EPOLLERR;

  void read_requests(bool end_seen) {
    char buffer[16384];
    for (;;) {
      const ssize_t got = recv(fd(), buffer, sizeof buffer, 0);
      if (got <= 0) {
        if (got == 0 || errno != EAGAIN) {
          loop.drop(this);
        }
        return;
      }
      const std::string_view data(buffer, static_cast<size_t>(got));
      if (pending_.empty()) {
        const size_t used = serve(data);
        if (dropped()) {
          return;
        }
        pending_.assign(data.substr(used));
      } else {
        pending_.append(data);
        const size_t used = serve(pending_);
        if (dropped()) {
          return;
        }
        pending_.erase(0, used);
      }
      if (static_cast<size_t>(got) < sizeof buffer && !end_seen) {
        return;
      }
    }
  }

  // Answers every complete request in `data`; the number of bytes that they took.
  size_t serve(std::string_view data) {
    size_t used = 0;
    while (unsent_.empty()) {
      const size_t end = data.find("\r\n\r\n", used);
      if (end == std::string_view::npos) {
        break;
      }
      const std::string_view head = data.substr(used, end - used);
      used = end + 4;
      const size_t path = head.find(' ');
      const size_t path_end = head.find(' ', path + 1);
      close_ = head.find("onnection: close") != std::string_view::npos;
      if (path == std::string_view::npos || path_end == std::string_view::npos) {
        loop.drop(this);
        return used;
      }
      unsent_ = answer(head.substr(path + 1, path_end - path - 1));
      if (!flush()) {
        break;
      }
    }
    return used;
  }

  // True when all is sent and the connection goes on.
  bool flush() {
    while (!unsent_.empty()) {
      const ssize_t sent = send(fd(), unsent_.data(), unsent_.size(), MSG_NOSIGNAL);
      if (sent < 0) {
        if (errno != EAGAIN) {
          loop.drop(this);
        }
        return false;
      }
      unsent_.remove_prefix(static_cast<size_t>(sent));
    }
    if (close_) {
      loop.drop(this);
      return false;
    }
    return true;
  }

  std::string pending_;
  std::string_view unsent_;  // into answer()'s text
  bool close_ = false;
};

class Listener final : public bench::Handler {
 public:
  using Handler::Handler;

  void ready(uint32_t) override {
    for (;;) {
      base::Fd client(accept4(fd(), nullptr, nullptr, SOCK_NONBLOCK | SOCK_CLOEXEC));
      if (!client) {
        return;
      }
      const int on = 1;
      setsockopt(client.get(), IPPROTO_TCP, TCP_NODELAY, &on, sizeof on);
      loop.add(new Connection(std::move(client)));
    }
  }
};

}  // namespace

int main(int argc, char** argv) {
  if (argc != 2) {
    std::fprintf(stderr, "usage: bench_origin FD   (an inherited listening socket)\n");
    return 2;
  }
  base::Fd listener(std::atoi(argv[1]));
  if (!base::Fd::set_nonblock(listener.get())) {
    std::perror("bench_origin");
    return 1;
  }
  loop.add(new Listener(std::move(listener)), EPOLLIN);
  loop.run();
}
