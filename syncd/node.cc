#include "syncd/node.h"

#include "base/log.h"

namespace syncd {
namespace {

// Who would lose anyway lets the other one begin.
constexpr base::Millis kPoliteDelay{300};

ipc::ClientOptions client_options(const Context& context, const Config::Peer& peer) {
  ipc::ClientOptions options{.to = peer.place.address, .hello = context.hello, .channel = context.channel};
  options.first_delay = base::Millis(100);
  options.most_delay = base::Seconds(2);
  options.fresh_nonce = true;
  return options;
}

}  // namespace

Node::Node(const Context& context, const Config::Peer& peer)
    : config_(context.config),
      peer_(peer),
      client_(context.loop, client_options(context, peer), *this),
      handshake_(context.config.secret, true),
      link_(context.loop, context.store, context.hello.generation(), *this) {}

void Node::start() {
  client_.start(dialed_is_better() ? base::Nanos(0) : kPoliteDelay);
}

void Node::stop() {
  link_.detach();
  active_ = nullptr;
  accepted_ = nullptr;
  client_.stop("stopping");
}

std::string_view Node::state() const {
  if (!linked()) return "down";
  switch (link_.session().state()) {
    case replica::Session::State::down:
      return "down";
    case replica::Session::State::greeting:
      return "greeting";
    case replica::Session::State::teaching:
      return "teaching";
    case replica::Session::State::live:
      return link_.session().complete() ? "in sync" : "live";
  }
  return "down";
}

void Node::attach(ipc::Channel& channel, std::string_view how) {
  active_ = &channel;
  links_.add();
  last_error_.clear();
  channel.set_frame_limit(ipc::ChannelOptions().frame_limit);
  base::log(base::Level::notice, "node {}: linked ({}), version {}", name(), how, channel.peer().version());
  link_.attach(channel, channel.peer().generation());
}

void Node::lost(const std::string& reason) {
  link_.detach();
  active_ = nullptr;
  accepted_ = nullptr;
  last_error_ = reason;
  base::log(base::Level::warning, "node {}: link lost: {}", name(), reason);
}

// Connections that they began.

std::string Node::accept(ipc::Peer& peer) {
  if (active_ && active_->peer().generation() == peer.hello().generation() && !accepted_ && dialed_is_better())
    return "linked already";
  link_.detach();
  if (accepted_)
    std::exchange(accepted_, nullptr)->drop("replaced");
  else if (active_)
    client_.stop("replaced");
  accepted_ = &peer;
  attach(peer.channel(), "accepted");
  if (dialed_is_better())
    client_.start(kPoliteDelay);
  else
    client_.stop();
  return "";
}

void Node::on_envelope(ipc::Peer& peer, const tandem::Envelope& envelope) {
  if (&peer == accepted_) link_.take(envelope);
}

void Node::on_writable(const ipc::Peer& peer) {
  if (&peer == accepted_) link_.on_writable();
}

void Node::on_gone(const ipc::Peer& peer, const std::string& reason) {
  if (&peer != accepted_) return;
  lost(reason);
  client_.start(dialed_is_better() ? base::Nanos(0) : kPoliteDelay);
}

// Connections that we began.

std::string Node::on_up(ipc::Client&, const tandem::Hello& hello) {
  if (hello.role() != tandem::ROLE_SYNCD || hello.node() != name()) {
    last_error_ = "there is '" + hello.node() + "' at " + address().to_string();
    return "wrong node";
  }
  handshake_ = Handshake(config_.secret, true);
  handshake_.begin(*client_.channel());
  if (handshake_.done() && !dialed_proven()) client_.stop("linked already");
  return "";
}

// False: what they began is the better one.
bool Node::dialed_proven() {
  if (accepted_) {
    if (!dialed_is_better() && active_->peer().generation() == client_.channel()->peer().generation()) return false;
    link_.detach();
    std::exchange(accepted_, nullptr)->drop("replaced");
  }
  attach(*client_.channel(), "connected");
  return true;
}

void Node::on_envelope(ipc::Client&, const tandem::Envelope& envelope) {
  if (envelope.has_proof()) {
    std::string error = handshake_.take(*client_.channel(), envelope.proof());
    if (!error.empty()) {
      last_error_ = error;
      static base::KeyedLogLimit limit;
      base::log_limited(limit, name(), base::Level::warning, "node {}: not linked: {}", name(), error);
      client_.restart(error);
    } else if (!dialed_proven()) {
      client_.stop("linked already");
    }
    return;
  }
  if (active_ && active_ == client_.channel()) link_.take(envelope);
}

void Node::on_writable(ipc::Client&) {
  if (active_ && active_ == client_.channel()) link_.on_writable();
}

void Node::on_down(ipc::Client&, const std::string& reason) {
  if (active_ && !accepted_)
    lost(reason);
  else if (!active_)
    last_error_ = reason;
}

void Node::on_complete() {
  base::log(base::Level::notice, "node {}: in sync", name());
}

void Node::on_broken(const std::string& reason) {
  if (active_) active_->abort(reason);
}

}  // namespace syncd
