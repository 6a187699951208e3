// The little that the bench programs share: an epoll set of owned sockets, each with a handler object.
// One thread; a handler is destroyed by Loop::drop() after the current batch of events, so a handler may drop itself or
// its partner. Errors of the set-up end the program with a message; errors of a socket are the handler's business.
#pragma once

#include <sys/epoll.h>
#include <sys/socket.h>
#include <unistd.h>

#include <array>
#include <cstdint>
#include <cstdio>
#include <cstdlib>
#include <memory>
#include <vector>

#include "base/fd.h"

namespace bench {

class Handler {
 public:
  explicit Handler(base::Fd fd) : fd_(std::move(fd)) {}
  Handler(const Handler&) = delete;
  Handler& operator=(const Handler&) = delete;
  virtual ~Handler() = default;
  virtual void ready(uint32_t events) = 0;

  int fd() const { return fd_.get(); }
  bool dropped() const { return dropped_; }

 private:
  friend class Loop;
  base::Fd fd_;
  bool dropped_ = false;
};

class Loop {
 public:
  Loop() : epoll_(epoll_create1(EPOLL_CLOEXEC)) {}

  // Edge-triggered for both directions unless told otherwise; the loop owns the handler from here on.
  void add(Handler* handler, uint32_t events = EPOLLIN | EPOLLOUT | EPOLLRDHUP | EPOLLET) {
    epoll_event event{};
    event.events = events;
    event.data.ptr = handler;
    if (epoll_ctl(epoll_.get(), EPOLL_CTL_ADD, handler->fd(), &event) != 0) {
      std::perror("epoll_ctl");
      std::exit(1);
    }
  }

  void drop(Handler* handler) {
    if (handler->dropped_) {
      return;
    }
    handler->dropped_ = true;
    handler->fd_.reset();
    graveyard_.emplace_back(handler);
  }

  [[noreturn]] void run() {
    std::array<epoll_event, 256> events;
    for (;;) {
      const int count = epoll_wait(epoll_.get(), events.data(), static_cast<int>(events.size()), -1);
      for (int i = 0; i < count; ++i) {
        auto* handler = static_cast<Handler*>(events[static_cast<size_t>(i)].data.ptr);
        if (!handler->dropped_) {
          handler->ready(events[static_cast<size_t>(i)].events);
        }
      }
      graveyard_.clear();
    }
  }

 private:
  base::Fd epoll_;
  std::vector<std::unique_ptr<Handler>> graveyard_;
};

}  // namespace bench
