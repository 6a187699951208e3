#include "lbd/net/listener.h"

#include <cerrno>

namespace lbd::net {
namespace {

constexpr uint32_t kMostQueued = 4096;  // what Linux lets wait in a queue unless it is told otherwise

}  // namespace

Listener::Listener(base::Loop& loop, base::Fd fd, AcceptHandler& handler, uint32_t accepts_per_turn)
    : fd_(std::move(fd)), handler_(handler), accepts_per_turn_(accepts_per_turn), watch_(loop), nap_(loop) {
  watch_.bind<&Listener::on_readable>(this);
  nap_.bind<&Listener::on_nap_over>(this);
  // Clients that left are counted out before others are counted in: the workers share by these numbers.
  watch_.call_last();
  if (fd_) watch_.start(fd_.get(), EV_READ);
}

void Listener::pause() {
  paused_ = true;
  watch_.stop();
}

void Listener::resume() {
  if (!paused_ || !fd_) return;
  paused_ = false;
  watch_.start(fd_.get(), EV_READ);
}

void Listener::close() {
  watch_.stop();
  nap_.stop();
  fd_.reset();
}

void Listener::on_nap_over() {
  if (fd_ && !paused_) watch_.start(fd_.get(), EV_READ);
}

void Listener::on_readable() {
  accept(accepts_per_turn_);
}

void Listener::drain() {
  accept(kMostQueued);
}

void Listener::accept(uint32_t most) {
  for (uint32_t i = 0; i < most && fd_ && !paused_; ++i) {
    sockaddr_storage from;
    socklen_t length = sizeof from;
    base::Fd client(::accept4(fd_.get(), reinterpret_cast<sockaddr*>(&from), &length, SOCK_NONBLOCK | SOCK_CLOEXEC));
    if (client) {
      if (!handler_.accepted(std::move(client), base::SockAddr::from_raw(reinterpret_cast<sockaddr*>(&from), length)))
        return;
      continue;
    }
    switch (errno) {
      case EINTR:
      case ECONNABORTED:
        continue;
      case EMFILE:
      case ENFILE:
      case ENOBUFS:
      case ENOMEM:
        watch_.stop();
        nap_.start_after(base::Millis(100));
        return;
      default:
        return;
    }
  }
}

}  // namespace lbd::net
