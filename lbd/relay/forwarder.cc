#include "lbd/relay/forwarder.h"

#include <sys/socket.h>

#include "lbd/relay/received.h"

namespace lbd::relay {
namespace {

// Of one socket, until others have their turn.
constexpr int kDatagramsPerTurn = 64;
constexpr int kLastTurns = 64;
constexpr uint32_t kAcceptsPerTurn = 8;

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
      if (size >= 0) owner_.received(std::string_view(buffer).substr(0, static_cast<size_t>(size)));
    }
    return true;
  }

 private:
  void on_readable(int) { take(); }

  Forwarder& owner_;
  base::Fd fd_;
  base::IoWatcher io_;
};

// A socket of a bind line.
class Forwarder::Port final : public net::AcceptHandler {
 public:
  Port(Forwarder& owner, base::Fd fd, const config::Bind& bind)
      : owner_(owner), bind_(bind), listener_(owner.loop_, std::move(fd), *this, kAcceptsPerTurn) {}
  net::Listener& listener() { return listener_; }
  bool accepted(base::Fd fd, const base::SockAddr& from) override {
    return owner_.accepted(std::move(fd), from, bind_);
  }

 private:
  Forwarder& owner_;
  const config::Bind& bind_;
  net::Listener listener_;
};

Forwarder::Forwarder(base::Loop& loop, const config::LogForward& section, const log::TargetList& targets,
                     tls::Contexts& contexts, size_t most_of_a_message, uint64_t& received)
    : loop_(loop),
      section_(section),
      targets_(targets),
      contexts_(contexts),
      most_of_a_message_(most_of_a_message),
      count_(received),
      buffer_(most_of_a_message, '\0') {}

Forwarder::~Forwarder() = default;

void Forwarder::add_stream(base::Fd fd, const config::Bind& bind) {
  ports_.push_back(std::make_unique<Port>(*this, std::move(fd), bind));
  if (section_.maxconn == 0) ports_.back()->listener().pause();
}

void Forwarder::add_datagrams(base::Fd fd) {
  datagrams_.push_back(std::make_unique<Datagrams>(*this, std::move(fd)));
}

void Forwarder::stop() {
  for (const auto& port : ports_) port->listener().close();
  for (const auto& socket : datagrams_)
    for (int turn = 0; turn < kLastTurns && socket->take(); ++turn) {
    }
  datagrams_.clear();
}

bool Forwarder::accepted(base::Fd fd, const base::SockAddr& from, const config::Bind& bind) {
  const SyslogClient::Options options{section_.name, section_.client_timeout, most_of_a_message_};
  clients_.push_back(std::make_unique<SyslogClient>(loop_, std::move(fd), from, bind, contexts_, options, *this));
  if (clients_.size() < section_.maxconn) return true;
  for (const auto& port : ports_) port->listener().pause();
  return false;
}

void Forwarder::ended(const SyslogClient& client) {
  std::erase_if(clients_, [&](const auto& one) { return one.get() == &client; });
  for (const auto& port : ports_) port->listener().resume();
}

void Forwarder::received(std::string_view bytes) {
  ++count_;
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
