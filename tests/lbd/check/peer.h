// A server to be checked: listens on a port of its own on the loopback, in the loop of the test, and answers each
// connection with a fixed text once something (or nothing, if so asked) was received.
#pragma once

#include <sys/socket.h>

#include <memory>
#include <string>
#include <vector>

#include "base/addr.h"
#include "base/ev.h"
#include "base/fd.h"

namespace lbd::check {

class Peer {
 public:
  explicit Peer(base::Loop& loop, std::string says = "") : answer(std::move(says)), loop_(loop), accept_(loop) {
    accept_.bind<&Peer::on_accept>(this);
    listen();
  }
  void listen() {
    listener_ = base::Fd(socket(AF_INET, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0));
    const int on = 1;
    setsockopt(listener_.get(), SOL_SOCKET, SO_REUSEADDR, &on, sizeof on);
    base::SockAddr at(base::IpPort{base::IpAddr::v4(0x7f000001), port_});
    CHECK(bind(listener_.get(), at.sa(), at.length()) == 0 && ::listen(listener_.get(), 64) == 0);
    port_ = base::SockAddr::local_of(listener_.get()).port();
    accept_.start(listener_.get(), EV_READ);
  }
  void stop_listening() {
    accept_.stop();
    listener_.reset();
  }
  base::SockAddr address() const { return base::SockAddr(base::IpPort{base::IpAddr::v4(0x7f000001), port_}); }

  std::string answer;
  bool closes = true;  // after the answer
  bool mute = false;   // no answer at all
  bool speaks_first = false;
  size_t accepted = 0;
  std::vector<std::string> requests;

 private:
  struct Client {
    Client(Peer& p, base::Fd f) : peer(p), fd(std::move(f)), io(p.loop_) {
      io.bind<&Client::on_io>(this);
      io.start(fd.get(), EV_READ);
      if (peer.speaks_first) speak();
    }
    void speak() {
      if (send(fd.get(), peer.answer.data(), peer.answer.size(), MSG_NOSIGNAL) < 0) return end();
      if (peer.closes) end();
    }
    void on_io() {
      char bytes[4096];
      ssize_t got = recv(fd.get(), bytes, sizeof bytes, MSG_DONTWAIT);
      if (got <= 0) return end();
      peer.requests.emplace_back(bytes, static_cast<size_t>(got));
      if (!peer.mute && !peer.speaks_first) speak();
    }
    void end() {
      io.stop();
      fd.reset();
    }
    Peer& peer;
    base::Fd fd;
    base::IoWatcher io;
  };
  void on_accept() {
    base::Fd fd(accept4(listener_.get(), nullptr, nullptr, SOCK_NONBLOCK | SOCK_CLOEXEC));
    if (!fd) return;
    ++accepted;
    clients_.push_back(std::make_unique<Client>(*this, std::move(fd)));
  }

  base::Loop& loop_;
  base::Fd listener_;
  base::IoWatcher accept_;
  uint16_t port_ = 0;
  std::vector<std::unique_ptr<Client>> clients_;
};

}  // namespace lbd::check
