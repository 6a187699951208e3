#include "lbd/relay/ring_feeder.h"

#include <poll.h>
#include <sys/socket.h>

#include <array>
#include <cstring>

#include "lbd/net/socket.h"
#include "lbd/relay/frame.h"
#include "lbd/tls/transport.h"

namespace lbd::relay {
namespace {

using State = net::IoResult::State;

constexpr base::Nanos kRest = base::Seconds(1);
constexpr size_t kLinesAtOnce = 256;

}  // namespace

RingFeeder::RingFeeder(base::Loop& loop, base::Mailbox& mailbox, const log::Ring& ring, const config::Ring& section,
                       const config::Server& server, const tls::Contexts& contexts)
    : ring_(ring), section_(section), server_(server), contexts_(contexts), mailbox_(mailbox), io_(loop), timer_(loop) {
  io_.bind<&RingFeeder::on_io>(this);
  timer_.bind<&RingFeeder::on_timeout>(this);
}

RingFeeder::~RingFeeder() {
  *self_ = nullptr;
}

void RingFeeder::connect() {
  const config::Server& line = server_;
  net::ConnectOptions options;
  if (line.source) options.source = &*line.source;
  auto fd = net::start_connect(line.address, options);
  if (!fd) return fail(fd.error().text);
  fd_ = std::move(*fd);
  stage_ = Stage::connecting;
  if (const auto patience = section_.proxy->timeouts.connect; patience && patience->count() > 0)
    timer_.start_after(*patience);
  io_.start(fd_.get(), EV_WRITE);
}

void RingFeeder::on_io(int revents) {
  switch (stage_) {
    case Stage::resting:
      return;
    case Stage::connecting: {
      int error = 0;
      socklen_t length = sizeof error;
      ::getsockopt(fd_.get(), SOL_SOCKET, SO_ERROR, &error, &length);
      return error ? fail(std::strerror(error)) : on_connected();
    }
    case Stage::handshake:
      return shake_hands();
    case Stage::feeding:
      if (revents & EV_READ) listen();
      if (stage_ == Stage::feeding) feed();
      return;
  }
}

void RingFeeder::on_connected() {
  if (SSL_CTX* context = contexts_.of(server_)) {
    auto* transport = new tls::TlsTransport(context, tls::TlsTransport::Side::server);
    tls_.reset(transport);
    contexts_.prepare(transport->ssl(), server_, contexts_.checker(), {});
    stage_ = Stage::handshake;
    return shake_hands();
  }
  stage_ = Stage::feeding;
  timer_.stop();
  feed();
}

void RingFeeder::shake_hands() {
  const net::IoResult result = tls_->handshake(fd_.get());
  if (result.state == State::blocked) return io_.start(fd_.get(), result.wants_room ? EV_READ | EV_WRITE : EV_READ);
  if (result.state != State::ok) return fail("the TLS handshake failed");
  stage_ = Stage::feeding;
  timer_.stop();
  feed();
}

// What a syslog server says means nothing, but for its end.
void RingFeeder::listen() {
  std::array<char, 4096> ignored;
  net::IoResult result;
  do {
    result = transport().read(fd_.get(), ignored);
  } while (result.state == State::ok && result.bytes > 0);
  if (result.state == State::end) fail("the connection was closed");
  if (result.state == State::error) fail(std::strerror(result.error));
}

void RingFeeder::take_lines() {
  const std::vector<log::Ring::Line> lines = ring_.from(next_, kLinesAtOnce);
  if (lines.empty()) return;
  if (lines.front().number > next_) ring_.count_dropped(lines.front().number - next_);
  next_ = lines.back().number + 1;
  const Framing framing = server_.log_proto == "octet-count" ? Framing::octet_count : Framing::legacy;
  for (const log::Ring::Line& line : lines) {
    append_framed(out_, framing, line.text);
    ends_.push_back(out_.size());
  }
}

void RingFeeder::feed() {
  if (lost_)
    base::log_limited(said_, base::Level::notice, "ring {}: server {} takes lines again", section_.name, server_.name);
  lost_ = false;
  for (;;) {
    if (out_.empty()) take_lines();
    if (out_.empty()) break;
    if (!flush()) return;
    if (!out_.empty()) return;  // when there is room
  }
  timer_.stop();
  io_.start(fd_.get(), EV_READ);
  if (std::exchange(watching_, true)) return;
  ring_.call_at(next_, [&mailbox = mailbox_, self = self_] {
    mailbox.post([self] {
      if (!*self) return;
      (*self)->watching_ = false;
      if ((*self)->stage_ == Stage::feeding) (*self)->feed();
    });
  });
}

bool RingFeeder::flush() {
  while (sent_ < out_.size()) {
    const iovec piece{out_.data() + sent_, out_.size() - sent_};
    const net::IoResult result = transport().write(fd_.get(), &piece, 1, false);
    if (result.state == State::blocked) {
      if (const auto patience = section_.proxy->timeouts.server; patience && patience->count() > 0)
        timer_.start_after(*patience);
      io_.start(fd_.get(), EV_READ | EV_WRITE);
      return true;
    }
    if (result.state != State::ok) {
      fail(result.error ? std::strerror(result.error) : "the connection was closed");
      return false;
    }
    sent_ += result.bytes;
  }
  out_.clear();
  ends_.clear();
  sent_ = 0;
  return true;
}

void RingFeeder::on_timeout() {
  if (stage_ == Stage::resting) return connect();
  fail(stage_ == Stage::feeding ? "it takes nothing" : "the connection takes too long");
}

// Lines that were not written whole are sent again.
void RingFeeder::fail(std::string why) {
  if (!lost_)
    base::log_limited(said_, base::Level::warning, "ring {}: server {} is lost: {}", section_.name, server_.name, why);
  lost_ = true;
  for (const size_t end : ends_)
    if (end > sent_) --next_;
  out_.clear();
  ends_.clear();
  sent_ = 0;
  io_.stop();
  tls_.reset();
  fd_.reset();
  stage_ = Stage::resting;
  timer_.start_after(kRest);
}

void RingFeeder::finish(base::MonoTime until) {
  while (stage_ == Stage::feeding && (!out_.empty() || next_ < ring_.next())) {
    feed();
    const auto left = std::chrono::duration_cast<base::Millis>(until - base::mono_now()).count();
    if (stage_ != Stage::feeding || out_.empty() || left <= 0) return;
    pollfd room{fd_.get(), POLLOUT, 0};
    ::poll(&room, 1, static_cast<int>(left));
  }
}

}  // namespace lbd::relay
