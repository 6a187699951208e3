// Stage: a worker without listeners, for the tests of streams: clients and servers are the other ends of socket pairs,
// so that a test says byte by byte what each side does, and sees what it gets, in one thread and without waiting.
//
// client() is a new client of a frontend; servers[i] is the i-th connection that the worker opened to a server.
// settle() lets the worker do all that it can do now; until() is for what takes a timeout.
#pragma once

#include <sys/socket.h>

#include <array>
#include <memory>
#include <string>
#include <vector>

#include "lbd/log/targets.h"
#include "lbd/stream/worker.h"
#include "tests/support/load_config.h"

namespace lbd::stream {

struct Side {
  base::Fd fd;
  std::string got;     // since the last take()
  bool ended = false;  // the worker closed this direction
  std::string server;  // of a server's side: its name

  void send(std::string_view text) {
    CHECK(::send(fd.get(), text.data(), text.size(), MSG_NOSIGNAL) == static_cast<ssize_t>(text.size()));
  }
  void shut() { ::shutdown(fd.get(), SHUT_WR); }
  void close() { fd.reset(); }
  std::string take() { return std::exchange(got, {}); }
  // True when something new came.
  bool read() {
    if (!fd || ended || deaf) return false;
    std::array<char, 65536> room;
    ssize_t n = ::recv(fd.get(), room.data(), room.size(), MSG_DONTWAIT);
    if (n > 0) got.append(room.data(), static_cast<size_t>(n));
    ended = n == 0 || (n < 0 && errno != EAGAIN);
    return n >= 0 || ended;
  }
  bool deaf = false;  // reads nothing
};

class Stage : private StandIn {
 public:
  // Behind the five lines of defaults of load_http(): by default a frontend `fe`, and `be` with one server.
  explicit Stage(const std::string& config = "") { load(config); }
  virtual ~Stage() {
    clients_.clear();
    servers.clear();
    worker_.reset();
  }

  static std::string pair_of(const std::string& front, const std::string& back,
                             const std::string& servers = " server s1 127.0.0.1:81\n") {
    return "frontend fe\n bind :8080\n" + front + " default_backend be\nbackend be\n" + back + servers;
  }
  void load(const std::string& config) {
    clients_.clear();
    servers.clear();
    worker_.reset();
    loaded_ = support::load_http(config.empty() ? pair_of("", "") : config);
    CHECK(loaded_.said().empty());
    cfg::Diagnostics diagnostics;
    engine_ = std::make_unique<Engine>(*loaded_.config, 1000, 1, diagnostics);
    CHECK(!diagnostics.has_errors());
    const config::Config nothing;
    targets_ = std::make_unique<log::LogTargets>(nothing, diagnostics);
    engine_->open_logs(*targets_);
    counters_ = std::make_unique<server::Counters[]>(engine_->objects().slots());
    worker_ = std::make_unique<Worker>(*engine_, 0, counters_.get());
    worker_->stand_in = this;
    for (Site& site : engine_->sites())
      if (site.frontend)
        for (const auto& listener : site.frontend->listeners()) worker_->add_port(site, *listener, base::Fd());
  }

  // Of the first frontend.
  Side& client() {
    auto [ours, theirs] = pair();
    auto& side = *clients_.emplace_back(std::make_unique<Side>());
    side.fd = std::move(ours);
    Guest guest{
        {*base::IpAddr::parse("192.0.2.1"), 1234}, {*base::IpAddr::parse("198.51.100.1"), 8080}, false, nullptr, {}};
    worker_->welcome(std::move(theirs), guest, *worker_->ports().front());
    return side;
  }
  // A new client that sends this.
  Side& client(std::string_view text) {
    Side& side = client();
    side.send(text);
    settle();
    return side;
  }

  // Everybody goes, and the worker with them is as new; a client that is to be kept waiting is not waited for.
  void leave() {
    for (auto& side : clients_) side->close();
    until([&] {
      for (auto& side : servers) side->close();  // those of a second attempt, too
      return worker_->connections() == 0;
    });
    servers.clear();
    clients_.clear();
  }

  void settle() {
    for (int quiet = 0; quiet < 4;) {
      worker_->loop.run_nowait();
      quiet = read_all() ? 0 : quiet + 1;
    }
  }
  // False: it did not become true in five seconds.
  template <typename Condition>
  bool until(Condition condition) {
    late_ = false;
    base::Timer limit(worker_->loop);
    limit.bind<&Stage::on_late>(this);
    limit.start_after(base::Seconds(5));
    for (settle(); !condition() && !late_; settle()) worker_->loop.run_once();
    return condition();
  }

  server::Server& server(size_t index = 0) { return *engine_->objects().find_backend("be")->servers()[index]; }
  server::Counters& counters(size_t slot) { return counters_[slot]; }
  server::Counters& counters(const server::Server& of) { return counters(of.slot()); }

  std::vector<std::unique_ptr<Side>> servers;
  size_t refused = 0;          // so many connections to servers fail
  int refusal = ECONNREFUSED;  // like this
  std::unique_ptr<Engine> engine_;
  std::unique_ptr<Worker> worker_;

 private:
  static std::pair<base::Fd, base::Fd> pair() {
    int ends[2];
    CHECK(::socketpair(AF_UNIX, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0, ends) == 0);
    return {base::Fd(ends[0]), base::Fd(ends[1])};
  }
  bool speaks_h2() const override { return true; }
  base::Result<base::Fd> connect(const server::Server& to) override {
    if (refused > 0) {
      --refused;
      return base::Err(base::Error::from_errno("connect", refusal));
    }
    auto [ours, theirs] = pair();
    auto& side = *servers.emplace_back(std::make_unique<Side>());
    side.fd = std::move(ours);
    side.server = to.config().name;
    return std::move(theirs);
  }
  bool read_all() {
    bool any = false;
    for (auto& side : clients_) any = side->read() || any;
    for (auto& side : servers) any = side->read() || any;
    return any;
  }
  void on_late() { late_ = true; }

  support::LoadedConfig loaded_;
  std::unique_ptr<log::LogTargets> targets_;
  std::unique_ptr<server::Counters[]> counters_;
  std::vector<std::unique_ptr<Side>> clients_;
  bool late_ = false;
};

}  // namespace lbd::stream
