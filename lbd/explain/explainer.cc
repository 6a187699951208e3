#include "lbd/explain/explainer.h"

#include <fmt/format.h>
#include <sys/socket.h>

#include <array>

#include "base/strings.h"
#include "lbd/http/uri.h"

namespace lbd::explain {
namespace {

struct Ends {
  base::Fd ours, theirs;
};

base::Result<Ends> socket_pair() {
  int ends[2];
  if (::socketpair(AF_UNIX, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0, ends) < 0)
    return base::Err(base::Error::from_errno("socketpair"));
  return Ends{base::Fd(ends[0]), base::Fd(ends[1])};
}

// What is there now; `ended`: the other side has closed.
std::string receive_all(int fd, bool& ended) {
  std::string all;
  std::array<char, 16384> room;
  for (;;) {
    ssize_t got = ::recv(fd, room.data(), room.size(), 0);
    if (got > 0) {
      all.append(room.data(), static_cast<size_t>(got));
      continue;
    }
    ended = got == 0 || (errno != EAGAIN && errno != EINTR);
    return all;
  }
}

bool takes(const config::BindAddress& address, const base::IpPort& dst, uint16_t port) {
  if (address.kind != config::BindAddress::Kind::ip || address.address.port() != port) return false;
  return dst.ip.length() == 0 || address.wildcard || address.address.ip_port().ip == dst.ip;
}

}  // namespace

// The server's end of a connection: takes the request, answers as the question says.
class Explainer::Origin {
 public:
  Origin(Explainer& owner, base::Fd fd) : owner_(owner), fd_(std::move(fd)), watch_(owner.worker_.loop) {
    watch_.bind<&Origin::on_readable>(this);
    watch_.start(fd_.get(), EV_READ);
  }

 private:
  void on_readable(int) {
    bool ended = false;
    received_ += receive_all(fd_.get(), ended);
    size_t head = received_.find("\r\n\r\n");
    if (!answered_ && (head != std::string::npos || ended)) {
      answered_ = true;
      owner_.line(Depth::section, "the server gets");
      owner_.lines(std::string_view(received_).substr(0, head));
      [[maybe_unused]] ssize_t sent = ::send(fd_.get(), owner_.answer_.data(), owner_.answer_.size(), MSG_NOSIGNAL);
      ::shutdown(fd_.get(), SHUT_WR);
    }
    if (ended) watch_.stop();
  }

  Explainer& owner_;
  base::Fd fd_;
  base::IoWatcher watch_;
  std::string received_;
  bool answered_ = false;
};

Explainer::Explainer(stream::Engine& engine, base::Nanos patience)
    : engine_(engine),
      counters_(std::make_unique<server::Counters[]>(engine.objects().slots())),
      worker_(engine, static_cast<uint32_t>(engine.workers.size()), counters_.get()),
      most_(patience),
      patience_(worker_.loop) {
  worker_.stand_in = this;
  patience_.bind<&Explainer::on_patience_over>(this);
}

Explainer::~Explainer() = default;

stream::Port& Explainer::port_of(stream::Site& site, server::Listener& place) {
  for (const auto& port : worker_.ports())
    if (&port->place() == &place) return *port;
  worker_.add_port(site, place, base::Fd());
  return *worker_.ports().back();
}

// The listener that the client would reach: by the name of its frontend, by address and port; the only one there is.
Explainer::Door Explainer::door_for(const Question& question) {
  uint16_t wanted = question.dst.port ? question.dst.port : question.port();
  stream::Port* only = nullptr;
  size_t frontends = 0;
  std::string known;
  for (stream::Site& site : engine_.sites()) {
    if (!site.frontend || site.proxy->binds.empty()) continue;
    if (!question.frontend.empty() && site.proxy->name != question.frontend) continue;
    stream::Port* first = nullptr;
    for (const auto& place : site.frontend->listeners()) {
      if (!first) first = &port_of(site, *place);
      // TLS ends here, or is passed through.
      const bool fits = place->bind.ssl == question.tls() || (question.tls() && site.proxy->mode == config::Mode::tcp);
      if (takes(place->address, question.dst, wanted) && fits) return {&port_of(site, *place), {}};
    }
    only = first;
    ++frontends;
    known += (known.empty() ? "" : ", ") + site.proxy->name;
  }
  if (frontends == 1 && only) return {only, {}};
  if (!question.frontend.empty()) return {nullptr, fmt::format("no frontend is called '{}'", question.frontend)};
  return {nullptr, fmt::format("no frontend listens on port {} for {}; frontend= names one of: {}", wanted,
                               question.tls() ? "https" : "http", known)};
}

void Explainer::line(Depth depth, std::string_view text) {
  text_ += fmt::format("{:{}}{}\n", "", 2 * static_cast<int>(depth), text);
}

// Those of a head.
void Explainer::lines(std::string_view text) {
  if (text.empty()) return;
  constexpr char kHandshake = 22;  // RFC 8446, 5.1
  if (text.front() == kHandshake) return line(Depth::detail, fmt::format("{} bytes of TLS", text.size()));
  for (std::string_view each : base::split(text, '\n')) {
    if (each.ends_with('\r')) each.remove_suffix(1);
    line(Depth::detail, each);
  }
}

base::Result<base::Fd> Explainer::connect(const server::Server& server) {
  Ends ends = TRY(socket_pair());
  server_ = server.backend().config().name + "/" + server.config().name;
  origins_.push_back(std::make_unique<Origin>(*this, std::move(ends.ours)));
  return std::move(ends.theirs);
}

bool Explainer::run_until(const bool& done) {
  while (!done && !impatient_) worker_.loop.run_once();
  return done;
}

std::string Explainer::receive_answer(int fd) {
  bool ended = false;
  std::string all = receive_all(fd, ended);
  if (!all.empty()) line(Depth::section, "the client gets");
  size_t head = all.find("\r\n\r\n");
  lines(std::string_view(all).substr(0, head));
  if (head != std::string::npos && all.size() > head + 4)
    line(Depth::detail, fmt::format("and {} bytes", all.size() - head - 4));
  return all.substr(0, all.find('\r'));
}

std::string Explainer::explain(const Question& question) {
  Door door = door_for(question);
  if (!door.port) return fmt::format("=> {}\n", door.why_not);
  auto ends = socket_pair();
  if (!ends) return fmt::format("=> {}\n", ends.error().text);
  over_ = impatient_ = false;
  server_.clear();
  text_.clear();
  answer_ = question.answer();

  const bool passed_through =
      question.tls() && !door.port->bind().ssl && door.port->site().proxy->mode == config::Mode::tcp;
  if (passed_through) answer_.clear();
  const std::string name = question.server_name();
  stream::Guest guest{question.src, question.dst, question.tls() && !passed_through, this, name};
  if (guest.dst.ip.length() == 0) {
    auto literal = base::IpAddr::parse(http::split_authority(question.authority()).host);
    guest.dst = {literal.value_or(*base::IpAddr::parse("192.0.2.254")), question.port()};
  }
  const config::Proxy& proxy = *door.port->site().proxy;
  line(Depth::section,
       fmt::format("{} {} from {} to {}", question.method, question.url, guest.src.to_string(), guest.dst.to_string()));
  line(Depth::section, fmt::format("frontend {} ({})", proxy.name, expr::shown(proxy.location)));
  std::string request = passed_through ? question.hello() : question.request();
  int client = ends->ours.get();
  [[maybe_unused]] ssize_t sent = ::send(client, request.data(), request.size(), MSG_NOSIGNAL);
  if (proxy.mode == config::Mode::tcp) ::shutdown(client, SHUT_WR);
  patience_.start_after(most_);
  worker_.welcome(std::move(ends->theirs), guest, *door.port);
  if (!over_ && worker_.connections() == 0) line(Depth::section, "the connection is refused");
  bool refused = worker_.connections() == 0;
  bool decided = refused || run_until(over_);
  std::string status = receive_answer(client);
  if (!decided) line(Depth::section, "it still waits for something, and is given up");

  ends->ours.reset();
  bool gone = false;
  while (!(gone = worker_.connections() == 0) && !impatient_) worker_.loop.run_once();
  patience_.stop();
  if (worker_.connections() > 0) worker_.stop_clients(true);
  origins_.clear();
  worker_.loop.run_nowait();  // buries the dead
  line(Depth::section,
       fmt::format("=> {} from {}", status.empty() ? "no answer" : status, server_.empty() ? "the proxy" : server_));
  return std::move(text_);
}

}  // namespace lbd::explain
