#include "lbd/net/listener.h"

#include <cerrno>

namespace lbd::net {
namespace {

constexpr base::Millis kMoment{10};
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
  if (!disabled_) watch_.start(fd_.get(), EV_READ);
}

// A TCP socket stops listening and keeps its address.
void Listener::disable(bool refuse) {
  if (!fd_) return;
  refuse = refuse && is_tcp();
  if (refuse && !disabled_) drain();
  disabled_ = true;
  watch_.stop();
  nap_.stop();
  if (refuse) ::shutdown(fd_.get(), SHUT_RD);
}

void Listener::enable() {
  if (!disabled_ || !fd_) return;
  disabled_ = false;
  // It may have been another worker's copy of the same socket that began to listen again.
  if (is_tcp() && ::listen(fd_.get(), kMostQueued) < 0) return;
  if (!paused_) watch_.start(fd_.get(), EV_READ);
}

bool Listener::is_tcp() const {
  int domain = 0;
  socklen_t size = sizeof domain;
  return ::getsockopt(fd_.get(), SOL_SOCKET, SO_DOMAIN, &domain, &size) == 0 &&
         (domain == AF_INET || domain == AF_INET6);
}

void Listener::close() {
  watch_.stop();
  nap_.stop();
  fd_.reset();
}

void Listener::nap(base::Nanos time) {
  watch_.stop();
  nap_.start_after(time);
}

void Listener::on_nap_over() {
  if (fd_ && !paused_ && !disabled_) watch_.start(fd_.get(), EV_READ);
}

void Listener::on_readable() {
  accept(accepts_per_turn_);
}

void Listener::drain() {
  accept(kMostQueued);
}

void Listener::accept(uint32_t most) {
  for (uint32_t i = 0; i < most && fd_ && !paused_; ++i) {
    if (!handler_.wants_more()) return nap(kMoment);
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
        nap(base::Millis(100));
        return;
      default:
        return;
    }
  }
}

}  // namespace lbd::net
