#include "lbd/relay/syslog_client.h"

#include <sys/socket.h>

#include "base/log.h"
#include "lbd/net/netscaler_header.h"
#include "lbd/net/proxy_header.h"
#include "lbd/relay/frame.h"
#include "lbd/tls/transport.h"

namespace lbd::relay {
namespace {

using State = net::IoResult::State;

constexpr size_t kPiece = 16384;

}  // namespace

SyslogClient::SyslogClient(base::Loop& loop, base::Fd fd, const base::SockAddr& from, const config::Bind& bind,
                           tls::Contexts& contexts, const Options& options, SyslogServer& server)
    : fd_(std::move(fd)),
      from_(from),
      bind_(bind),
      contexts_(contexts),
      options_(options),
      server_(server),
      io_(loop),
      timer_(loop) {
  io_.bind<&SyslogClient::on_io>(this);
  timer_.bind<&SyslogClient::on_silence>(this);
  if (bind.ssl) stage_ = Stage::handshake;
  if (bind.netscaler_cip) stage_ = Stage::netscaler;
  if (bind.accept_proxy) stage_ = Stage::proxy;
  io_.start(fd_.get(), EV_READ);
  await();
}

void SyslogClient::await() {
  if (options_.patience.count() > 0) timer_.start_after(options_.patience);
}

void SyslogClient::on_silence() {
  server_.ended(*this);
}

net::IoResult SyslogClient::read() {
  const size_t held = in_.size();
  in_.resize(held + kPiece);
  const net::IoResult result = transport().read(fd_.get(), {in_.data() + held, kPiece});
  in_.resize(held + (result.state == State::ok ? result.bytes : 0));
  return result;
}

void SyslogClient::on_io(int) {
  if (stage_ == Stage::handshake && tls_) {
    await();
    return go_on(true);
  }
  const net::IoResult result = read();
  if (result.state == State::blocked) return io_.start(fd_.get(), result.wants_room ? EV_READ | EV_WRITE : EV_READ);
  if (result.state != State::ok) return server_.ended(*this);
  await();
  go_on(result.more);
}

void SyslogClient::go_on(bool more) {
  if (stage_ < Stage::handshake && !take_header()) return;
  if (stage_ == Stage::handshake) {
    if (!shake_hands()) return;
    more = true;
  }
  take_messages(more);
}

bool SyslogClient::take_header() {
  size_t length = 0;
  bool partial = false, wrong = false;
  if (stage_ == Stage::proxy) {
    net::ProxyHeader header;
    const net::ProxyDecoded decoded = net::decode_proxy_header(in_, header);
    partial = decoded.state == net::ProxyDecoded::State::partial;
    wrong = decoded.state == net::ProxyDecoded::State::error;
    length = decoded.length;
    if (header.addressed) from_ = base::SockAddr(header.src);
  } else {
    const net::NetscalerHeader header = net::decode_netscaler_header(in_, bind_.netscaler_cip.value_or(0));
    partial = header.state == net::NetscalerHeader::State::partial;
    wrong = header.state == net::NetscalerHeader::State::error;
    length = header.length;
    if (!partial && !wrong) from_ = base::SockAddr(header.src);
  }
  if (wrong) refuse("begins with no header of the PROXY or NetScaler protocol");
  if (partial || wrong) return false;
  in_.erase(0, length);
  stage_ = bind_.ssl ? Stage::handshake : Stage::messages;
  return true;
}

bool SyslogClient::shake_hands() {
  if (!tls_) {
    auto* transport = new tls::TlsTransport(contexts_.of(bind_), tls::TlsTransport::Side::client);
    tls_.reset(transport);
    // It has come with the header before it.
    transport->give_hello(in_);
    if (contexts_.meter().too_many()) {
      refuse("is one too many for maxsslconn");
      return false;
    }
  }
  const net::IoResult result = tls_->handshake(fd_.get());
  if (result.state == State::blocked) {
    io_.start(fd_.get(), result.wants_room ? EV_READ | EV_WRITE : EV_READ);
    return false;
  }
  if (result.state != State::ok) {
    refuse("fails the TLS handshake");
    return false;
  }
  in_.clear();
  stage_ = Stage::messages;
  io_.start(fd_.get(), EV_READ);
  return true;
}

// `more`: TLS may have some at hand that the socket will not announce.
void SyslogClient::take_messages(bool more) {
  for (;;) {
    size_t done = 0;
    Frame frame;
    while ((frame = next_frame(std::string_view(in_).substr(done), options_.most_of_a_message)).state ==
           Frame::State::message) {
      server_.received(frame.message);
      done += frame.used;
    }
    in_.erase(0, done);
    if (frame.state == Frame::State::wrong) return refuse("sends no syslog message, or a longer one than tune.bufsize");
    if (!more) return;
    const net::IoResult result = read();
    if (result.state == State::blocked) return;
    if (result.state != State::ok) return server_.ended(*this);
    more = result.more;
  }
}

void SyslogClient::refuse(std::string_view why) {
  static base::KeyedLogLimit limit;
  base::log_limited(limit, options_.section, base::Level::warning, "log-forward {}: {} {}", options_.section,
                    from_.to_string(), why);
  server_.ended(*this);
}

}  // namespace lbd::relay
