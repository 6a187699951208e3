#include "lbd/cli/server.h"

#include <sys/socket.h>

#include <algorithm>

namespace lbd::cli {

class Server::Listener {
 public:
  Listener(Server& server, base::Fd fd, const Access& access)
      : server_(server), fd_(std::move(fd)), access_(access), io_(server.loop_) {
    io_.bind<&Listener::on_readable>(this);
  }
  void watch(bool on) {
    if (on)
      io_.start(fd_.get(), EV_READ);
    else
      io_.stop();
  }

 private:
  void on_readable() {
    base::Fd client(::accept4(fd_.get(), nullptr, nullptr, SOCK_CLOEXEC | SOCK_NONBLOCK));
    if (client) server_.adopt(std::move(client), access_);
  }
  Server& server_;
  base::Fd fd_;
  Access access_;
  base::IoWatcher io_;
};

Server::Server(base::Loop& loop, Services& services) : loop_(loop), services_(services) {}
Server::~Server() = default;

void Server::add(base::Fd fd, const Access& access) {
  listeners_.push_back(std::make_unique<Listener>(*this, std::move(fd), access));
  watch_listeners();
}

void Server::close_listeners() {
  listeners_.clear();
}

void Server::adopt(base::Fd fd, const Access& access) {
  ++services_.statistics.facts().cli_sessions;
  sessions_.push_back(std::make_unique<Session>(loop_, std::move(fd), access, services_, *this));
  watch_listeners();
}

void Server::session_done(Session& session) {
  std::erase_if(sessions_, [&](const auto& one) { return one.get() == &session; });
  watch_listeners();
}

void Server::watch_listeners() {
  bool room = sessions_.size() < services_.config.global.stats_maxconn;
  for (const auto& listener : listeners_) listener->watch(room);
}

}  // namespace lbd::cli
