#include "lbd/check/connection.h"

#include <fmt/format.h>
#include <netinet/tcp.h>
#include <sys/socket.h>

#include <cstring>

#include "base/strings.h"
#include "lbd/expr/connection_error.h"
#include "lbd/net/net_namespace.h"
#include "lbd/net/proxy_header.h"
#include "lbd/net/socket.h"
#include "lbd/tls/contexts.h"
#include "lbd/tls/transport.h"

namespace lbd::check {
namespace {

// Version 2, command LOCAL: the proxy speaks for itself.
constexpr std::string_view kProxyV2Local("\r\n\r\n\0\r\nQUIT\n\x20\0\0\0", 16);

std::string proxy_header(uint8_t version, int fd, bool never_local) {
  if (version == 2 && !never_local) return std::string(kProxyV2Local);
  base::SockAddr from = base::SockAddr::local_of(fd), to = base::SockAddr::peer_of(fd);
  if (version == 2) {
    std::string header;
    if (from.is_ip() && to.is_ip()) net::append_proxy_v2(header, from.ip_port(), to.ip_port());
    return header.empty() ? std::string(kProxyV2Local) : header;
  }
  if (!from.is_ip() || !to.is_ip()) return "PROXY UNKNOWN\r\n";
  base::IpPort source = from.ip_port(), target = to.ip_port();
  return fmt::format("PROXY {} {} {} {} {}\r\n", source.ip.is_v4() ? "TCP4" : "TCP6", source.ip.to_string(),
                     target.ip.to_string(), source.port, target.port);
}

}  // namespace

Connection::Connection(base::Loop& loop, const server::Server& server, std::unique_ptr<Dialogue> dialogue,
                       Deadlines deadlines, const Setting& setting, RunClient& client)
    : server_(server),
      dialogue_(std::move(dialogue)),
      deadlines_(deadlines),
      setting_(setting),
      client_(client),
      io_(loop),
      timer_(loop) {
  io_.bind<&Connection::on_io>(this);
  timer_.bind<&Connection::on_deadline>(this);
}

std::unique_ptr<Run> DialoguePlan::run(base::Loop& loop, server::Server& server, Deadlines deadlines,
                                       const Setting& setting, RunClient& client) const {
  return std::make_unique<Connection>(loop, server, begin(server, setting), deadlines, setting, client);
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
  if (target.bare) proxy_header_ = 0;

  target_ = target;
  dialogue_->attach({});
  in_.clear();
  out_.clear();
  tls_.reset();
  h2_.reset();
  socks4_.reset();
  if ((check.via_socks4 || target.via_socks4) && config.socks4 && address.is_ip()) {
    socks4_.emplace(address.ip_port());
    address = base::SockAddr(config.socks4->address);
  }
  fd_ = net::socket_in(config.namespace_name, address.family(), SOCK_STREAM);
  if (!fd_) return fail(errno, CheckStatus::socket_error);
  const linger reset{target.gentle ? 0 : 1, 0};
  setsockopt(fd_.get(), SOL_SOCKET, SO_LINGER, &reset, sizeof reset);
  if (address.is_ip()) {
    const int on = 1, off = 0;
    setsockopt(fd_.get(), IPPROTO_TCP, TCP_NODELAY, &on, sizeof on);
    setsockopt(fd_.get(), IPPROTO_TCP, TCP_QUICKACK, &off, sizeof off);
    if (!config.tcp_md5sig.empty() && !net::sign_segments(fd_.get(), address, config.tcp_md5sig))
      return fail(errno, CheckStatus::socket_error);
    const std::optional<config::Source>& source = config.source ? config.source : server_.backend().config().source;
    if (source) {
      base::SockAddr from(source->address);
      if (source->address.port == 0) setsockopt(fd_.get(), IPPROTO_IP, IP_BIND_ADDRESS_NO_PORT, &on, sizeof on);
      setsockopt(fd_.get(), SOL_SOCKET, SO_REUSEADDR, &on, sizeof on);
      if (bind(fd_.get(), from.sa(), from.length()) != 0) return fail(errno, CheckStatus::socket_error);
    }
  }
  stage_ = Stage::connecting;
  const base::Nanos left = deadlines_.total - (base::mono_now() - started_);
  timer_.start_after(deadlines_.answer.count() > 0 ? deadlines_.connect : std::min(deadlines_.connect, left));
  if (connect(fd_.get(), address.sa(), address.length()) == 0) return socks4_ ? ask_proxy() : on_connected();
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
  switch (stage_) {
    case Stage::connecting: {
      int error = 0;
      socklen_t length = sizeof error;
      getsockopt(fd_.get(), SOL_SOCKET, SO_ERROR, &error, &length);
      if (error != 0) return fail(error, CheckStatus::l4_refused);
      return socks4_ ? ask_proxy() : on_connected();
    }
    case Stage::proxy:
      return hear_proxy(socks4_->receive(fd_.get()));
    case Stage::handshake:
      return shake_hands();
    case Stage::talking:
      break;
  }
  if (revents & EV_WRITE && !flush()) return;
  if (revents & EV_READ) read();
}

void Connection::ask_proxy() {
  stage_ = Stage::proxy;
  hear_proxy(socks4_->send(fd_.get()));
}

void Connection::hear_proxy(net::Socks4::Step step) {
  switch (step) {
    case net::Socks4::Step::wait:
      return io_.start(fd_.get(), EV_READ);
    case net::Socks4::Step::granted:
      return on_connected();
    case net::Socks4::Step::denied:
      return finish(report(CheckStatus::socket_error, "SOCKS4 Proxy deny the request" + dialogue_->where()));
    case net::Socks4::Step::failed:
      return finish(report(CheckStatus::socket_error, "SOCKS4 Proxy read error during handshake" + dialogue_->where()));
  }
}

// For TLS. An address is no name.
std::string Connection::server_name() const {
  const config::ServerCheck& check = server_.config().check;
  if (!target_.sni.empty()) return target_.sni;
  if (!check.sni.empty() || !check.sni_auto) return check.sni;
  const std::string asked = dialogue_->host();
  std::string_view name = asked;
  if (const size_t at = name.find_last_of(":]"); at != std::string_view::npos && name[at] == ':')
    name = name.substr(0, at);
  const std::string host = base::lower(name);
  return base::IpAddr::parse(host) || host.starts_with('[') ? std::string() : host;
}

// Said in the step, or for all checks, or by a server line whose own address is checked.
bool Connection::wants_tls() const {
  const config::Server& config = server_.config();
  const config::ServerCheck& check = config.check;
  const bool own_address = check.port == 0 && check.address.empty() && target_.port == 0 && !target_.ip;
  return !target_.bare && setting_.tls && setting_.tls->of(config) &&
         (target_.tls || check.ssl || (config.ssl && own_address));
}

void Connection::on_connected() {
  timer_.start_after(deadlines_.answer.count() > 0 ? deadlines_.answer
                                                   : deadlines_.total - (base::mono_now() - started_));
  if (proxy_header_) out_ = proxy_header(proxy_header_, fd_.get(), setting_.never_local);
  if (!wants_tls()) return talk();
  // The few bytes of a PROXY header always have room in a new socket.
  flush();
  const config::Server& config = server_.config();
  auto* transport = new tls::TlsTransport(setting_.tls->of(config), tls::TlsTransport::Side::server);
  tls_.reset(transport);
  setting_.tls->prepare(transport->ssl(), config, setting_.tls->checker(), server_name());
  const std::string& own = target_.alpn.empty() ? config.check.alpn : target_.alpn;
  transport->offer(own.empty() && dialogue_->is_http() && config.tls.alpn ? config.tls.alpn->text : own);
  stage_ = Stage::handshake;
  shake_hands();
}

void Connection::shake_hands() {
  const net::IoResult result = tls_->handshake(fd_.get());
  switch (result.state) {
    case net::IoResult::State::ok:
      return talk();
    case net::IoResult::State::blocked:
      return io_.start(fd_.get(), result.wants_room ? EV_READ | EV_WRITE : EV_READ);
    case net::IoResult::State::end:
      return finish(report(CheckStatus::l6_invalid, "Connection closed during SSL handshake" + dialogue_->where()));
    case net::IoResult::State::error: {
      using Error = expr::ConnectionError;
      SSL* ssl = static_cast<tls::TlsTransport&>(*tls_).ssl();
      const bool asked_by_name = SSL_get_servername(ssl, TLSEXT_NAMETYPE_host_name) != nullptr;
      const auto error = SSL_get_verify_result(ssl) != X509_V_ERR_HOSTNAME_MISMATCH ? Error::tls_handshake
                         : asked_by_name                                            ? Error::tls_server_name
                                                                                    : Error::tls_server_certificate;
      return finish(report(CheckStatus::l6_invalid, std::string(expr::text_of(error)) + dialogue_->where()));
    }
  }
}

// What ALPN has chosen, or what the server line says of checks, or of the server.
bool Connection::speaks_h2() const {
  if (!dialogue_->is_http()) return false;
  if (tls_) {
    const std::string_view chosen = static_cast<tls::TlsTransport&>(*tls_).protocol();
    if (!chosen.empty()) return chosen == "h2";
  }
  const config::Server& config = server_.config();
  if (!target_.proto.empty()) return target_.proto == "h2";
  return (config.check.proto.empty() ? config.proto : config.check.proto) == "h2";
}

void Connection::talk() {
  stage_ = Stage::talking;
  dialogue_->attach({fd_.get(), tls_ ? static_cast<tls::TlsTransport*>(tls_.get()) : nullptr});
  if (!speaks_h2()) return go_on(dialogue_->connected(out_));
  h2_ = std::make_unique<H2Exchange>(server_.address().to_string(), tls_ != nullptr);
  std::string request;
  Progress progress = dialogue_->connected(request);
  if (!request.empty()) h2_->ask(request);
  h2_->produce(out_);
  go_on(std::move(progress));
}

void Connection::go_on(Progress progress) {
  switch (progress.kind) {
    case Progress::Kind::more:
      if (flush()) io_.start(fd_.get(), out_.empty() ? EV_READ : EV_READ | EV_WRITE);
      break;
    case Progress::Kind::connect:
      io_.stop();
      if (dialogue_->is_http()) leave_gently();
      open(progress.target);
      break;
    case Progress::Kind::done:
      // A last word (QUIT) goes out if the kernel takes it.
      if (!out_.empty() && flush() && out_.empty()) leave_gently();
      finish(std::move(progress.report));
      break;
  }
}

void Connection::leave_gently() {
  const linger gently{0, 0};
  setsockopt(fd_.get(), SOL_SOCKET, SO_LINGER, &gently, sizeof gently);
}

bool Connection::flush() {
  while (!out_.empty()) {
    const struct iovec piece = {out_.data(), out_.size()};
    const net::IoResult result = transport().write(fd_.get(), &piece, 1, false);
    if (result.state == net::IoResult::State::ok) {
      out_.erase(0, result.bytes);
      continue;
    }
    // An answer may stand in the socket although the peer takes no more.
    if (result.state == net::IoResult::State::blocked) break;
    out_.clear();
  }
  if (out_.empty() && io_.active()) io_.start(fd_.get(), EV_READ);
  return true;
}

void Connection::read() {
  bool closed = false;
  int error = 0;
  while (in_.size() < setting_.buffer_size) {
    char piece[4096];
    const net::IoResult result =
        transport().read(fd_.get(), {piece, std::min(sizeof piece, setting_.buffer_size - in_.size())});
    if (result.state == net::IoResult::State::ok) {
      in_.append(piece, result.bytes);
      if (result.bytes < sizeof piece && !result.more) break;
      continue;
    }
    if (result.state == net::IoResult::State::blocked) break;
    closed = true;
    error = result.error;
    break;
  }
  if (error && in_.empty()) return finish(report(CheckStatus::socket_error, std::strerror(error) + dialogue_->where()));
  // Who has closed first has the TIME_WAIT.
  if (closed && !error) leave_gently();
  // What does not fit the buffer is not looked at.
  closed = closed || in_.size() == setting_.buffer_size;
  if (h2_) {
    h2_->receive(std::exchange(in_, {}));
    h2_->produce(out_);
    closed = closed || h2_->over() || h2_->answer().size() >= setting_.buffer_size;
  }
  std::string dropped;  // over HTTP/2 there is one request only
  Progress progress = dialogue_->received(h2_ ? h2_->answer() : in_, closed, h2_ ? dropped : out_);
  if (progress.kind == Progress::Kind::more && closed) progress = Progress::done(report(CheckStatus::l7_invalid));
  go_on(std::move(progress));
}

void Connection::on_deadline() {
  if (stage_ == Stage::talking) return finish(dialogue_->timed_out());
  if (stage_ == Stage::proxy) return finish(report(CheckStatus::l7_timeout));
  if (stage_ == Stage::handshake) return finish(report(CheckStatus::l6_timeout, dialogue_->where()));
  finish(report(CheckStatus::l4_timeout, dialogue_->where()));
}

void Connection::finish(CheckReport report) {
  io_.stop();
  timer_.stop();
  if (stage_ == Stage::talking && report.status == CheckStatus::l4_ok && tls_) report.status = CheckStatus::l6_ok;
  dialogue_->attach({});
  tls_.reset();
  fd_.reset();
  report.duration = std::chrono::duration_cast<base::Millis>(base::mono_now() - started_);
  client_.check_done(std::move(report));
}

}  // namespace lbd::check
