#include "lbd/relay/forwarder.h"

#include <sys/socket.h>

#include <algorithm>

#include "lbd/relay/frame.h"
#include "lbd/relay/received.h"

namespace lbd::relay {
namespace {

// Of one socket, until others have their turn.
constexpr int kDatagramsPerTurn = 64;
constexpr int kLastTurns = 64;
constexpr uint32_t kAcceptsPerTurn = 8;
constexpr size_t kPiece = 16384;

}  // namespace

class Forwarder::Datagrams {
 public:
  Datagrams(Forwarder& owner, base::Fd fd) : owner_(owner), fd_(std::move(fd)), io_(owner.loop_) {
    io_.bind<&Datagrams::on_readable>(this);
    io_.start(fd_.get(), EV_READ);
  }
  // False: there are no more now.
  bool take() {
    for (int i = 0; i < kDatagramsPerTurn; ++i) {
      std::string& buffer = owner_.buffer_;
      const ssize_t size = ::recv(fd_.get(), buffer.data(), owner_.most_of_a_message_, MSG_DONTWAIT);
      if (size < 0 && errno != EINTR) return false;
      if (size >= 0) owner_.pass_on(std::string_view(buffer).substr(0, static_cast<size_t>(size)));
    }
    return true;
  }

 private:
  void on_readable(int) { take(); }

  Forwarder& owner_;
  base::Fd fd_;
  base::IoWatcher io_;
};

class Forwarder::Stream {
 public:
  Stream(Forwarder& owner, base::Fd fd, const base::SockAddr& from)
      : owner_(owner), fd_(std::move(fd)), from_(from), io_(owner.loop_), timer_(owner.loop_) {
    io_.bind<&Stream::on_readable>(this);
    timer_.bind<&Stream::on_silence>(this);
    io_.start(fd_.get(), EV_READ);
    await();
  }

 private:
  void await() {
    if (owner_.section_.client_timeout.count() > 0) timer_.start_after(owner_.section_.client_timeout);
  }

  void on_readable(int) {
    const size_t held = in_.size();
    in_.resize(held + kPiece);
    const ssize_t size = ::recv(fd_.get(), in_.data() + held, kPiece, MSG_DONTWAIT);
    in_.resize(held + static_cast<size_t>(std::max<ssize_t>(size, 0)));
    if (size < 0 && (errno == EAGAIN || errno == EINTR)) return;
    if (size <= 0) return owner_.ended(*this);
    await();
    size_t done = 0;
    Frame frame;
    while ((frame = next_frame(std::string_view(in_).substr(done), owner_.most_of_a_message_)).state ==
           Frame::State::message) {
      owner_.pass_on(frame.message);
      done += frame.used;
    }
    in_.erase(0, done);
    if (frame.state != Frame::State::wrong) return;
    static base::KeyedLogLimit limit;
    base::log_limited(limit, owner_.section_.name, base::Level::warning,
                      "log-forward {}: what {} sends is no syslog message, or a longer one than tune.bufsize",
                      owner_.section_.name, from_.to_string());
    owner_.ended(*this);
  }

  void on_silence() { owner_.ended(*this); }

  Forwarder& owner_;
  base::Fd fd_;
  const base::SockAddr from_;
  base::IoWatcher io_;
  base::Timer timer_;
  std::string in_;
};

Forwarder::Forwarder(base::Loop& loop, const config::LogForward& section, const log::TargetList& targets,
                     size_t most_of_a_message, uint64_t& received)
    : loop_(loop),
      section_(section),
      targets_(targets),
      most_of_a_message_(most_of_a_message),
      received_(received),
      buffer_(most_of_a_message, '\0') {}

Forwarder::~Forwarder() = default;

void Forwarder::add_stream(base::Fd fd) {
  listeners_.push_back(std::make_unique<net::Listener>(loop_, std::move(fd), *this, kAcceptsPerTurn));
  if (section_.maxconn == 0) listeners_.back()->pause();
}

void Forwarder::add_datagrams(base::Fd fd) {
  datagrams_.push_back(std::make_unique<Datagrams>(*this, std::move(fd)));
}

void Forwarder::stop() {
  for (const auto& listener : listeners_) listener->close();
  for (const auto& socket : datagrams_)
    for (int turn = 0; turn < kLastTurns && socket->take(); ++turn) {
    }
  datagrams_.clear();
}

bool Forwarder::accepted(base::Fd fd, const base::SockAddr& from) {
  streams_.push_back(std::make_unique<Stream>(*this, std::move(fd), from));
  if (streams_.size() < section_.maxconn) return true;
  for (const auto& listener : listeners_) listener->pause();
  return false;
}

void Forwarder::ended(const Stream& stream) {
  std::erase_if(streams_, [&](const auto& one) { return one.get() == &stream; });
  for (const auto& listener : listeners_) listener->resume();
}

void Forwarder::pass_on(std::string_view bytes) {
  ++received_;
  while (!bytes.empty() && (bytes.back() == '\n' || bytes.back() == '\0')) bytes.remove_suffix(1);
  const ReceivedMessage message = parse_received(bytes);
  const base::WallTime now = base::wall_now();
  for (base::SyslogTarget* target : targets_) {
    if (!target->takes(message.level())) continue;
    header_.clear();
    append_header(header_, message, target->options(), now);
    target->deliver(header_, message.text);
  }
}

}  // namespace lbd::relay
