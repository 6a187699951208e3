#include "ipc/channel.h"

#include <fmt/format.h>
#include <google/protobuf/arena.h>
#include <google/protobuf/stubs/logging.h>
#include <sys/socket.h>
#include <unistd.h>

#include <algorithm>
#include <array>

namespace ipc {
namespace {

constexpr size_t kReadSize = 64 * 1024;
constexpr size_t kReadsPerTurn = 16;  // then others have their turn
constexpr size_t kMostPiece = 64 * 1024;

// What hostile bytes make protobuf write on standard error is ours to count and to log once.
[[maybe_unused]] const auto kSilenced = google::protobuf::SetLogHandler(nullptr);

}  // namespace

tandem::Hello make_hello(tandem::Role role, std::string_view version, std::string_view node) {
  tandem::Hello hello;
  hello.set_role(role);
  hello.set_version(std::string(version));
  // Time and pid: no two starts on one machine share both, and it grows from start to start.
  auto micros = static_cast<uint64_t>(base::wall_now().time_since_epoch().count());
  hello.set_generation(micros << 8 | (static_cast<uint64_t>(getpid()) & 0xff));
  hello.set_protocol(kProtocol);
  hello.set_dialect(kDialect);
  hello.set_node(std::string(node));
  hello.set_pid(static_cast<uint32_t>(getpid()));
  return hello;
}

std::string_view role_name(tandem::Role role) {
  static constexpr std::array<std::string_view, 6> kNames = {"unknown", "lbd", "vrrpd", "syncd", "lbctl", "snmp"};
  auto index = static_cast<size_t>(role);
  return index < kNames.size() ? kNames[index] : kNames[0];
}

Channel::Channel(base::Loop& loop, base::Fd fd, const tandem::Hello& own, const ChannelOptions& options,
                 LinkCounters& counters, ChannelEvents& events)
    : io_(loop),
      heartbeat_(loop),
      silence_(loop),
      fd_(std::move(fd)),
      options_(options),
      counters_(counters),
      events_(events),
      decoder_(options.frame_limit) {
  io_.bind<&Channel::on_io>(this);
  heartbeat_.bind<&Channel::on_heartbeat>(this);
  silence_.bind<&Channel::on_silence>(this);
  counters_.connections.add();
  io_.start(fd_.get(), EV_READ);
  heartbeat_.start_after(options_.heartbeat);
  if (options_.silence > base::Nanos(0)) silence_.set_after(options_.silence);
  if (options_.wrap) wrap_ = options_.wrap->make(options_.accepts);
  tandem::Envelope hello;
  *hello.mutable_hello() = own;
  if (options_.key_exchange) {
    exchange_.emplace();
    hello.mutable_hello()->set_nonce(exchange_->share());
    hello.mutable_hello()->set_seal(kEncryptingSeal);
  }
  own_hello_ = hello.SerializeAsString();
  send(hello);
}

Channel::~Channel() {
  if (destroyed_) *destroyed_ = true;
}

void Channel::send(const tandem::Envelope& envelope) {
  if (!fd_ || !failure_.empty()) return;
  std::string payload = envelope.SerializeAsString();
  if (seal_out_) seal_out_->seal(payload);
  if (wrap_) {
    std::string frame;
    append_frame(frame, payload);
    if (auto put = wrap_->put(frame); !put) {
      fail(put.error().text);
      return;
    }
    wrap_->drain(out_);
  } else {
    append_frame(out_, payload);
  }
  counters_.frames_out.add();
  sent_since_heartbeat_ = true;
  if (queued() > options_.queue_limit) {
    fail("the peer is too slow");
    return;
  }
  // Several sends of one turn leave in one write.
  io_.start(fd_.get(), EV_READ | EV_WRITE);
}

void Channel::close(std::string_view reason, bool successor) {
  if (!fd_) return;
  if (failure_.empty() && !reason.empty()) {
    tandem::Envelope last;
    last.mutable_goodbye()->set_reason(std::string(reason));
    last.mutable_goodbye()->set_successor(successor);
    send(last);
    (void)flush();
  }
  io_.stop();
  heartbeat_.stop();
  silence_.clear();
  fd_.reset();
}

void Channel::abort(const std::string& reason) {
  close(reason);
  fail(reason);
}

// Told from the loop, so that a sender is not called back from inside send().
bool Channel::fail(std::string reason) {
  if (failure_.empty()) {
    failure_ = std::move(reason);
    io_.feed(EV_READ);
  }
  return false;
}

bool Channel::malformed(std::string_view what) {
  counters_.malformed.add();
  return fail(fmt::format("malformed: {}", what));
}

bool Channel::flush() {
  while (queued() > 0) {
    ssize_t n = ::send(fd_.get(), out_.data() + written_, queued(), MSG_DONTWAIT | MSG_NOSIGNAL);
    if (n < 0 && errno == EINTR) continue;
    if (n < 0 && errno == EAGAIN) break;
    if (n < 0) return fail(base::Error::from_errno("write").text);
    written_ += static_cast<size_t>(n);
    counters_.bytes_out.add(static_cast<uint64_t>(n));
  }
  if (queued() == 0 || written_ > kReadSize) {
    out_.erase(0, written_);
    written_ = 0;
  }
  if (out_.empty() && out_.capacity() > kReadSize) out_.shrink_to_fit();
  return true;
}

// False when the channel was closed or destroyed by a handler, or has failed.
bool Channel::take(std::string_view payload) {
  counters_.frames_in.add();
  if (seal_in_ && !seal_in_->open(payload)) return malformed("wrong seal");
  // What a message of many small ones needs is taken in a few large pieces.
  google::protobuf::ArenaOptions pieces;
  pieces.start_block_size = std::clamp(4 * payload.size(), size_t{512}, kMostPiece);
  pieces.max_block_size = kMostPiece;
  google::protobuf::Arena arena(pieces);
  auto& envelope = *google::protobuf::Arena::CreateMessage<tandem::Envelope>(&arena);
  if (!envelope.ParseFromArray(payload.data(), static_cast<int>(payload.size()))) return malformed("not an envelope");
  const bool* destroyed = destroyed_;
  if (!greeted_) {
    if (!envelope.has_hello()) {
      if (envelope.has_goodbye()) goodbye_ = envelope.goodbye().reason();
      return goodbye_.empty() ? malformed("no hello") : fail("refused: " + goodbye_);
    }
    if (envelope.hello().protocol() != kProtocol) {
      counters_.refused.add();
      close(fmt::format("protocol {} is spoken here", kProtocol));
      return fail(fmt::format("the peer speaks protocol {}, not {}", envelope.hello().protocol(), kProtocol));
    }
    greeted_ = true;
    peer_ = envelope.hello();
    peer_hello_ = payload;
    std::string refusal = events_.on_hello(*this, peer_);
    if (*destroyed || !fd_) return false;
    if (refusal.empty()) return true;
    counters_.refused.add();
    close(refusal);
    return fail("refused: " + refusal);
  }
  switch (envelope.body_case()) {
    case tandem::Envelope::kHeartbeat:
      return true;
    case tandem::Envelope::kGoodbye:
      goodbye_ = envelope.goodbye().reason();
      break;
    case tandem::Envelope::kHello:
      return malformed("a second hello");
    default:
      break;
  }
  events_.on_envelope(*this, envelope);
  return !*destroyed && fd_;
}

bool Channel::take_all(std::string_view bytes) {
  decoder_.feed(bytes);
  for (;;) {
    auto payload = decoder_.next();
    if (!payload) return malformed(payload.error().text);
    if (!*payload) return true;
    if (!take(**payload)) return false;
  }
}

bool Channel::unwrap(std::string_view bytes) {
  std::string plain;
  const base::Status taken = wrap_->take(bytes, plain);
  wrap_->drain(out_);
  if (queued() > 0) io_.start(fd_.get(), EV_READ | EV_WRITE);
  if (taken) return take_all(plain);
  (void)flush();  // why we end it, as far as the kernel takes it
  return malformed(taken.error().text);
}

bool Channel::read_some() {
  char bytes[kReadSize];
  for (size_t i = 0; i < kReadsPerTurn; ++i) {
    ssize_t n = recv(fd_.get(), bytes, sizeof bytes, MSG_DONTWAIT);
    if (n < 0 && errno == EINTR) continue;
    if (n < 0 && errno == EAGAIN) return true;
    if (n < 0) return fail(base::Error::from_errno("read").text);
    if (n == 0) return fail(goodbye_.empty() ? "closed by the peer" : "closed by the peer: " + goodbye_);
    counters_.bytes_in.add(static_cast<uint64_t>(n));
    if (options_.silence > base::Nanos(0)) silence_.set_after(options_.silence);
    const std::string_view came(bytes, static_cast<size_t>(n));
    if (!(wrap_ ? unwrap(came) : take_all(came))) return false;
    if (static_cast<size_t>(n) < sizeof bytes) return true;
  }
  return true;
}

void Channel::on_io(int revents) {
  bool destroyed = false;
  destroyed_ = &destroyed;
  if (failure_.empty() && (revents & EV_WRITE) && flush() && queued() == 0) {
    io_.start(fd_.get(), EV_READ);
    events_.on_writable(*this);
    if (destroyed) return;
  }
  if (failure_.empty() && fd_ && (revents & EV_READ)) {
    (void)read_some();
    if (destroyed) return;
  }
  destroyed_ = nullptr;
  if (!failure_.empty()) tell_closed();
}

void Channel::tell_closed() {
  io_.stop();
  heartbeat_.stop();
  silence_.clear();
  fd_.reset();
  events_.on_closed(*this, failure_);  // may destroy this
}

void Channel::on_heartbeat() {
  heartbeat_.start_after(options_.heartbeat);
  if (std::exchange(sent_since_heartbeat_, false)) return;
  tandem::Envelope alive;
  alive.mutable_heartbeat();
  send(alive);
  sent_since_heartbeat_ = false;
}

void Channel::on_silence() {
  counters_.silent.add();
  fail(fmt::format("nothing heard for {} ms", base::to_millis(options_.silence)));
}

}  // namespace ipc
