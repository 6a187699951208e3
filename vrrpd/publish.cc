#include "vrrpd/publish.h"

#include <sys/stat.h>

#include <utility>

#include "base/log.h"
#include "base/version.h"
#include "ipc/journal_feed.h"
#include "ipc/rights.h"

namespace vrrpd {

Publisher::Publisher(base::Loop& loop, std::string node, Source source)
    : loop_(loop), node_(std::move(node)), source_(std::move(source)), soon_(loop) {
  soon_.bind<&Publisher::send_all>(this);
}

void Publisher::listen(const std::string& path) {
  if (path == path_) return;
  path_ = path;
  ipc::ServerOptions options;
  options.hello = hello_ = ipc::make_hello(tandem::ROLE_VRRPD, base::kVersion, node_);
  server_.reset(new ipc::Server(loop_, options, *this));
  if (const size_t slash = path.rfind('/'); slash != std::string::npos && slash > 0)
    ::mkdir(path.substr(0, slash).c_str(), 0755);  // /run/tandem does not outlive a reboot
  if (auto status = server_->listen_unix(path, ipc::usual_owner()); !status)
    base::log(base::Level::warning, "the states are not published: {}", status.error().text);
}

void Publisher::publish() {
  if (!soon_.active()) soon_.start_after(base::Nanos(0));
}

void Publisher::entered(const std::string& instance, Entered state) {
  entered_[instance].push_back(std::move(state));
  publish();
}

tandem::Envelope Publisher::states() const {
  tandem::Envelope envelope;
  *envelope.mutable_vrrp_states() = source_.states();
  return envelope;
}

void Publisher::send_all() {
  const tandem::Envelope now = states();
  for (const auto& [instance, states] : std::exchange(entered_, {}))
    if (states.size() > 1) send_passed(now, instance, states);
  if (server_) server_->broadcast(now);
  source_.published(now.vrrp_states());
}

// The last one is that of now.
void Publisher::send_passed(tandem::Envelope then, const std::string& instance, const std::vector<Entered>& states) {
  for (tandem::VrrpStates::Instance& one : *then.mutable_vrrp_states()->mutable_instances()) {
    if (one.name() != instance) continue;
    for (size_t i = 0; i + 1 < states.size(); ++i) {
      one.set_state(states[i].state);
      one.set_since_us(static_cast<uint64_t>(states[i].since.time_since_epoch().count()));
      one.set_reason(states[i].reason);
      if (server_) server_->broadcast(then);
    }
  }
}

std::string Publisher::on_peer(ipc::Peer& peer) {
  peer.send(states());
  return "";
}

void Publisher::on_peer_gone(ipc::Peer& peer, const std::string&) {
  if (asker_ != &peer) return;
  asker_ = nullptr;
  source_.asker_gone();
}

void Publisher::on_envelope(ipc::Peer& peer, const tandem::Envelope& envelope) {
  if (envelope.has_hand_over()) {
    const auto reply = [&peer](const tandem::HandedOver& result) {
      tandem::Envelope answer;
      *answer.mutable_handed_over() = result;
      peer.send(answer);
    };
    if (!ipc::is_trusted_user(peer.channel().fd())) {
      tandem::HandedOver refusal;
      refusal.set_text("only root, or the user of vrrpd, may hand over");
      return reply(refusal);
    }
    if (!asker_) {
      asker_ = &peer;
      return source_.hand_over(envelope.hand_over(), [this, reply](const tandem::HandedOver& result) {
        asker_ = nullptr;
        reply(result);
      });
    }
    tandem::HandedOver busy;
    busy.set_text("another hand-over is under way");
    return reply(busy);
  }
  if (envelope.has_events_request()) peer.send(ipc::journal_reply(envelope.events_request(), hello_));
  if (!envelope.has_stats_request()) return;
  tandem::Envelope reply;
  *reply.mutable_stats_reply() = source_.stats();
  peer.send(reply);
}

}  // namespace vrrpd
