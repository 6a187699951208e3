#include "lbd/cli/server.h"

#include <sys/socket.h>

#include <algorithm>

namespace lbd::cli {

class Server::Listener {
 public:
  Listener(Server& server, base::Fd fd, Level level)
      : server_(server), fd_(std::move(fd)), level_(level), io_(server.loop_) {
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
    if (client) server_.accepted(std::move(client), level_);
  }
  Server& server_;
  base::Fd fd_;
  Level level_;
  base::IoWatcher io_;
};

Server::Server(base::Loop& loop, Services& services) : loop_(loop), services_(services) {}
Server::~Server() = default;

void Server::add(base::Fd fd, Level level) {
  listeners_.push_back(std::make_unique<Listener>(*this, std::move(fd), level));
  watch_listeners();
}

void Server::close_listeners() {
  listeners_.clear();
}

void Server::accepted(base::Fd fd, Level level) {
  sessions_.push_back(std::make_unique<Session>(loop_, std::move(fd), level, services_, *this));
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
