#include "syncd/node.h"

#include <fmt/format.h>

#include "base/journal.h"
#include "base/log.h"
#include "base/strings.h"

namespace syncd {
namespace {

// Who would lose anyway lets the other one begin.
constexpr base::Millis kPoliteDelay{300};
constexpr const char* kNoOrders =
    "the link proves nothing, or others could read it: the configuration is changed over links with a secret or TLS "
    "only";

ipc::ClientOptions client_options(const Context& context, const Config::Peer& peer) {
  ipc::ClientOptions options{.to = peer.place.address, .hello = context.hello, .channel = context.channel};
  options.first_delay = base::Millis(100);
  options.most_delay = base::Seconds(2);
  options.channel.key_exchange = true;
  options.channel.wrap = context.tls.get();
  return options;
}

std::string in_hex(std::string_view bytes) {
  std::string out;
  for (char c : bytes) out += fmt::format("{:02x}", static_cast<uint8_t>(c));
  return out;
}

}  // namespace

Node::Node(const Context& context, Config::Peer peer)
    : context_(context),
      config_(context.config),
      peer_(std::move(peer)),
      client_(context.loop, client_options(context, peer_), *this),
      handshake_(context.config.secret, true),
      link_(context.loop, context.store, context.hello.generation(), *this),
      part_link_(context.loop, context.parts, context.hello.generation(), *this),
      drift_(context.loop),
      clock_(context.loop) {
  part_link_.limit(peer_.shard, context.shards);
  drift_.bind<&Node::on_drift>(this);
  clock_.bind<&Node::ask_time>(this);
  context_.roster.add_observer(*this);
  context_.relay.add_node(*this);
  context_.views.add_node(*this, name());
  context_.changes.add_node(*this, name());
}

Node::~Node() {
  context_.roster.remove_observer(*this);
  context_.relay.remove_node(*this);
  context_.views.remove(*this);
  context_.changes.remove(*this);
}

void Node::start() {
  begun_ = base::mono_now();
  client_.start(dialed_is_better() ? base::Nanos(0) : kPoliteDelay);
}

void Node::stop() {
  link_.detach();
  part_link_.detach();
  clock_.stop();
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
  told_present_.clear();
  links_.add();
  last_error_.clear();
  channel.set_frame_limit(ipc::ChannelOptions().frame_limit);
  base::log(base::Level::notice, "node {}: linked ({}), version {}", name(), how, channel.peer().version());
  link_.attach(channel, channel.peer().generation());
  if (active_) part_link_.attach(channel, channel.peer(), confidential());
  say(context_.chronicle.local());
  record(fmt::format("linked, version {}", channel.peer().version()));
  asked_time_ = {};
  ask_time();
  roster_changed();
}

bool Node::confidential() const {
  return context_.tls || is_loopback(address()) || (!config_.secret.empty() && active_->may_encrypt());
}

Node::Configuration Node::configuration() const {
  const tandem::Origin *ours = context_.roster.latest_local(), *theirs = context_.roster.latest(this);
  if (!ours || !theirs || ours->configuration().empty() || theirs->configuration().empty())
    return Configuration::unknown;
  return ours->configuration() == theirs->configuration() ? Configuration::same : Configuration::another;
}

void Node::compare_configurations() {
  const Configuration now = configuration();
  if (now == Configuration::another && !drifted_ && !drift_.active()) drift_.start_after(kDriftTime);
  if (now != Configuration::another) drift_.stop();
  if (now != Configuration::same || !std::exchange(drifted_, false)) return;
  base::log(base::Level::notice, "node {}: the configurations are the same again", name());
  record("its lbd has the configuration of ours again");
}

void Node::on_drift() {
  drifted_ = true;
  base::log(base::Level::warning, "node {}: lbd has another configuration there ({}) than here ({})", name(),
            in_hex(context_.roster.latest(this)->configuration()),
            in_hex(context_.roster.latest_local()->configuration()));
  record("its lbd has another configuration than ours");
}

void Node::roster_changed() {
  compare_configurations();
  if (!active_) return;
  tandem::Envelope envelope;
  *envelope.mutable_present() = context_.roster.local();
  if (std::string now = envelope.SerializeAsString(); now != told_present_) {
    told_present_ = std::move(now);
    active_->send(envelope);
  }
}

void Node::say(const tandem::Envelope& envelope) {
  if (active_) active_->send(envelope);
}

std::optional<Witness::Refusal> Node::ask(const tandem::Envelope& question) {
  if (!active_)
    return Refusal{last_error_.empty() ? "not linked" : fmt::format("not linked: {}", last_error_), false, true};
  const bool orders = question.has_change_request();
  if (active_->peer().dialect() < (orders ? ipc::kChangesDialect : ipc::kViewsDialect))
    return Refusal{fmt::format("its syncd is of an older version ({}) and does not tell", active_->peer().version()),
                   true};
  if (orders && !may_order()) return Refusal{kNoOrders};
  active_->send(question);
  return {};
}

// Files hold passwords, and who sends them decides what runs here.
bool Node::may_order() const {
  return context_.authenticated() && confidential();
}

void Node::take_order(const tandem::ChangeRequest& order) {
  const auto answer = [this](const tandem::Envelope& reply) { say(reply); };
  if (may_order() && order.node() == context_.hello.node()) {
    if (order.step() != tandem::ChangeRequest::TELL)
      base::log(base::Level::notice, "node {}: a change of the configuration: {}", name(),
                base::lower(tandem::ChangeRequest::Step_Name(order.step())));
    return context_.changes.order(order, context_.hello.node(), this, answer);
  }
  tandem::Envelope refusal;
  refusal.mutable_change_reply()->set_number(order.number());
  refusal.mutable_change_reply()->set_error(may_order() ? "the order is for another node" : kNoOrders);
  say(refusal);
}

void Node::record(const std::string& text) const {
  base::record("link", "node " + name(), text);
}

// Theirs and ours are never set, but differ, and do not run at quite the same speed.
void Node::ask_time() {
  clock_.start_after(kClock);
  if (!active_) return;
  tandem::Envelope question;
  asked_time_ = base::boot_now();
  question.mutable_clock_question()->set_asked_us(static_cast<uint64_t>(asked_time_.count()));
  active_->send(question);
}

void Node::tell_time(const tandem::ClockQuestion& question) {
  tandem::Envelope answer;
  answer.mutable_clock_answer()->set_asked_us(question.asked_us());
  answer.mutable_clock_answer()->set_answered_us(static_cast<uint64_t>(base::boot_now().count()));
  answer.mutable_clock_answer()->set_boot(context_.chronicle.boot());
  say(answer);
}

void Node::take_time(const tandem::ClockAnswer& answer) {
  const base::Micros asked = std::exchange(asked_time_, base::Micros(0));
  if (asked == base::Micros(0) || answer.asked_us() != static_cast<uint64_t>(asked.count()) ||
      answer.answered_us() > INT64_MAX)
    return;
  if (std::exchange(their_boot_, answer.boot()) != answer.boot()) difference_ = {};
  difference_.take(asked, base::Micros(answer.answered_us()), base::boot_now());
  context_.chronicle.set_clock(name(), their_boot_, difference_);
}

void Node::take(const tandem::Envelope& envelope) {
  if (envelope.has_present())
    context_.roster.set(this, envelope.present(), false);
  else if (envelope.has_view_request())
    context_.views.ask_daemons(envelope.view_request(), this, [this](const tandem::Envelope& view) { say(view); });
  else if (envelope.has_view())
    context_.views.take(*this, envelope.view());
  else if (envelope.has_change_request())
    take_order(envelope.change_request());
  else if (envelope.has_change_reply())
    context_.changes.take(*this, envelope.change_reply());
  else if (envelope.has_events())
    context_.chronicle.add_remote(name(), envelope.events());
  else if (envelope.has_clock_question())
    tell_time(envelope.clock_question());
  else if (envelope.has_clock_answer())
    take_time(envelope.clock_answer());
  else if (envelope.has_vrrp_word())
    context_.relay.from_node(name(), context_.hello.node(), in_sync(), envelope.vrrp_word());
  else if (!part_link_.take(envelope))
    link_.take(envelope);
}

void Node::on_writable_link() {
  link_.on_writable();
  part_link_.on_writable();
}

void Node::lost(const std::string& reason) {
  link_.detach();
  part_link_.detach();
  context_.roster.remove(this);
  context_.relay.from_node(name(), context_.hello.node(), false, Relay::gone());
  active_ = nullptr;
  accepted_ = nullptr;
  clock_.stop();
  context_.views.forget(this);
  context_.views.lost(*this);
  context_.changes.forget(this);
  context_.changes.lost(*this);
  last_error_ = reason;
  base::log(base::Level::warning, "node {}: link lost: {}", name(), reason);
  record(fmt::format("link lost: {}", reason));
}

// Connections that they began.

std::string Node::accept(ipc::Peer& peer) {
  if (active_ && active_->peer().generation() == peer.hello().generation() && !accepted_ && dialed_is_better())
    return "linked already";
  link_.detach();
  part_link_.detach();
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
  if (&peer == accepted_) take(envelope);
}

void Node::on_writable(const ipc::Peer& peer) {
  if (&peer == accepted_) on_writable_link();
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
  if (context_.tls && !client_.channel()->wrap()->peer_is(name())) {
    not_linked(fmt::format("the certificate at {} is not for '{}'", address().to_string(), name()));
    return "wrong certificate";
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
    part_link_.detach();
    std::exchange(accepted_, nullptr)->drop("replaced");
  }
  attach(*client_.channel(), "connected");
  return true;
}

void Node::on_envelope(ipc::Client&, const tandem::Envelope& envelope) {
  if (envelope.has_proof()) {
    std::string error = handshake_.take(*client_.channel(), envelope.proof());
    if (!error.empty()) {
      not_linked(error);
      client_.restart(error);
    } else if (!dialed_proven()) {
      client_.stop("linked already");
    }
    return;
  }
  if (active_ && active_ == client_.channel()) take(envelope);
}

void Node::on_writable(ipc::Client&) {
  if (active_ && active_ == client_.channel()) on_writable_link();
}

void Node::not_linked(const std::string& reason) {
  last_error_ = reason;
  static base::KeyedLogLimit limit;
  base::log_limited(limit, name(), base::Level::warning, "node {}: not linked: {}", name(), reason);
}

// A node that is not there is no news; one whose certificate is wrong, or that does not like ours, is.
void Node::on_failed(ipc::Client&, const base::Error& error) {
  const bool about_tls = error.text.find("TLS") != error.text.npos || error.text.find("certificate") != error.text.npos;
  if (context_.tls && !active_ && about_tls) not_linked(error.text);
}

void Node::on_down(ipc::Client&, const std::string& reason) {
  if (active_ && !accepted_)
    lost(reason);
  else if (!active_)
    last_error_ = reason;
}

void Node::on_complete() {
  if (!in_sync()) return;
  base::log(base::Level::notice, "node {}: in sync", name());
  record("in sync");
}

void Node::on_withheld() {
  base::log(
      base::Level::warning,
      "node {}: the secrets of TLS (keys of tickets, sessions, certificates set at run time) are not told: others "
      "could read them on the way",
      name());
}

void Node::on_broken(const std::string& reason) {
  if (active_) active_->abort(reason);
}

}  // namespace syncd
