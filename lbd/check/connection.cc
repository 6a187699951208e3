#include "lbd/check/connection.h"

#include <fmt/format.h>
#include <netinet/tcp.h>
#include <sys/socket.h>

#include <cstring>

namespace lbd::check {
namespace {

// Version 2, command LOCAL: the proxy speaks for itself.
constexpr std::string_view kProxyV2Local("\r\n\r\n\0\r\nQUIT\n\x20\0\0\0", 16);

std::string proxy_header(uint8_t version, int fd) {
  if (version == 2) return std::string(kProxyV2Local);
  base::SockAddr from = base::SockAddr::local_of(fd), to = base::SockAddr::peer_of(fd);
  if (!from.is_ip() || !to.is_ip()) return "PROXY UNKNOWN\r\n";
  base::IpPort source = from.ip_port(), target = to.ip_port();
  return fmt::format("PROXY {} {} {} {} {}\r\n", source.ip.is_v4() ? "TCP4" : "TCP6", source.ip.to_string(),
                     target.ip.to_string(), source.port, target.port);
}

}  // namespace

Connection::Connection(base::Loop& loop, const server::Server& server, std::unique_ptr<Dialogue> dialogue,
                       Deadlines deadlines, size_t buffer_size, ConnectionClient& client)
    : server_(server),
      dialogue_(std::move(dialogue)),
      deadlines_(deadlines),
      buffer_size_(buffer_size),
      client_(client),
      io_(loop),
      timer_(loop) {
  io_.bind<&Connection::on_io>(this);
  timer_.bind<&Connection::on_deadline>(this);
}

void Connection::start() {
  started_ = base::mono_now();
  open(dialogue_->target());
}

void Connection::open(const Target& target) {
  const config::Server& config = server_.config();
  const config::ServerCheck& check = config.check;
  base::SockAddr address = server_.address();
  base::IpPort own = address.ip_port();
  bool elsewhere = check.port != 0 || !check.address.empty() || target.port != 0 || target.ip;
  if (auto other = base::IpAddr::parse(check.address)) address = base::SockAddr(base::IpPort{*other, own.port});
  if (target.ip) address = base::SockAddr(base::IpPort{*target.ip, own.port});
  if (uint16_t port = target.port ? target.port : check.port; port && address.is_ip()) address.set_port(port);
  // As HAProxy does: what the server line says of PROXY counts for checks that go to the server's own address.
  bool own_header = config.send_proxy > 0 && !elsewhere;
  proxy_header_ = own_header ? config.send_proxy : check.send_proxy || target.send_proxy ? 1 : 0;
  if (proxy_header_ == 1 && config.send_proxy == 2) proxy_header_ = 2;

  in_.clear();
  out_.clear();
  fd_ = base::Fd(socket(address.family(), SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0));
  if (!fd_) return fail(errno, CheckStatus::socket_error);
  const linger reset{1, 0};
  setsockopt(fd_.get(), SOL_SOCKET, SO_LINGER, &reset, sizeof reset);
  if (address.is_ip()) {
    const int on = 1, off = 0;
    setsockopt(fd_.get(), IPPROTO_TCP, TCP_NODELAY, &on, sizeof on);
    setsockopt(fd_.get(), IPPROTO_TCP, TCP_QUICKACK, &off, sizeof off);
    const std::optional<config::Source>& source = config.source ? config.source : server_.backend().config().source;
    if (source) {
      base::SockAddr from(source->address);
      if (source->address.port == 0) setsockopt(fd_.get(), IPPROTO_IP, IP_BIND_ADDRESS_NO_PORT, &on, sizeof on);
      setsockopt(fd_.get(), SOL_SOCKET, SO_REUSEADDR, &on, sizeof on);
      if (bind(fd_.get(), from.sa(), from.length()) != 0) return fail(errno, CheckStatus::socket_error);
    }
  }
  connecting_ = true;
  base::Nanos left = deadlines_.total - (base::mono_now() - started_);
  timer_.start_after(std::min(deadlines_.connect, left));
  if (connect(fd_.get(), address.sa(), address.length()) == 0) return on_connected();
  if (errno == EINPROGRESS) return io_.start(fd_.get(), EV_WRITE);
  bool refused = address.is_ip() && errno != EAGAIN && errno != EADDRNOTAVAIL && errno != EADDRINUSE;
  fail(errno, refused ? CheckStatus::l4_refused : CheckStatus::socket_error);
}

void Connection::fail(int error, CheckStatus status) {
  if (status == CheckStatus::socket_error)
    return finish(report(status, fmt::format("General socket error ({})", std::strerror(error))));
  finish(report(status, std::strerror(error) + dialogue_->where()));
}

void Connection::on_io(int revents) {
  if (connecting_) {
    int error = 0;
    socklen_t length = sizeof error;
    getsockopt(fd_.get(), SOL_SOCKET, SO_ERROR, &error, &length);
    if (error != 0) return fail(error, CheckStatus::l4_refused);
    return on_connected();
  }
  if (revents & EV_WRITE && !flush()) return;
  if (revents & EV_READ) read();
}

void Connection::on_connected() {
  connecting_ = false;
  timer_.start_after(deadlines_.total - (base::mono_now() - started_));
  if (proxy_header_) out_ = proxy_header(proxy_header_, fd_.get());
  go_on(dialogue_->connected(out_));
}

void Connection::go_on(Progress progress) {
  switch (progress.kind) {
    case Progress::Kind::more:
      if (flush()) io_.start(fd_.get(), out_.empty() ? EV_READ : EV_READ | EV_WRITE);
      break;
    case Progress::Kind::connect:
      io_.stop();
      open(progress.target);
      break;
    case Progress::Kind::done:
      // A last word (QUIT) goes out if the kernel takes it.
      if (!out_.empty() && send(fd_.get(), out_.data(), out_.size(), MSG_NOSIGNAL | MSG_DONTWAIT) > 0) {
        const linger gently{0, 0};
        setsockopt(fd_.get(), SOL_SOCKET, SO_LINGER, &gently, sizeof gently);
      }
      finish(std::move(progress.report));
      break;
  }
}

bool Connection::flush() {
  while (!out_.empty()) {
    ssize_t sent = send(fd_.get(), out_.data(), out_.size(), MSG_NOSIGNAL | MSG_DONTWAIT);
    if (sent >= 0) {
      out_.erase(0, static_cast<size_t>(sent));
      continue;
    }
    if (errno == EINTR) continue;
    // An answer may stand in the socket although the peer takes no more.
    if (errno == EAGAIN) break;
    out_.clear();
  }
  if (out_.empty() && io_.active()) io_.start(fd_.get(), EV_READ);
  return true;
}

void Connection::read() {
  bool closed = false;
  int error = 0;
  while (in_.size() < buffer_size_) {
    char piece[4096];
    ssize_t got = recv(fd_.get(), piece, std::min(sizeof piece, buffer_size_ - in_.size()), MSG_DONTWAIT);
    if (got > 0) {
      in_.append(piece, static_cast<size_t>(got));
      if (static_cast<size_t>(got) < sizeof piece) break;
      continue;
    }
    if (got < 0 && errno == EINTR) continue;
    if (got < 0 && errno == EAGAIN) break;
    closed = true;
    error = got < 0 ? errno : 0;
    break;
  }
  if (error && in_.empty()) return finish(report(CheckStatus::socket_error, std::strerror(error) + dialogue_->where()));
  // What does not fit the buffer is not looked at.
  closed = closed || in_.size() == buffer_size_;
  Progress progress = dialogue_->received(in_, closed, out_);
  if (progress.kind == Progress::Kind::more && closed) progress = Progress::done(report(CheckStatus::l7_invalid));
  go_on(std::move(progress));
}

void Connection::on_deadline() {
  if (!connecting_) return finish(dialogue_->timed_out());
  finish(report(CheckStatus::l4_timeout, dialogue_->where()));
}

void Connection::finish(CheckReport report) {
  io_.stop();
  timer_.stop();
  fd_.reset();
  report.duration = std::chrono::duration_cast<base::Millis>(base::mono_now() - started_);
  client_.check_done(std::move(report));
}

}  // namespace lbd::check
