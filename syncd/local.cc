#include "syncd/local.h"

#include <fmt/format.h>
#include <unistd.h>

#include "base/journal.h"
#include "base/log.h"
#include "base/process.h"
#include "ipc/rights.h"
#include "syncd/nodes.h"

namespace syncd {
namespace {

constexpr base::Millis kSettle{10};

}  // namespace

LocalLink::LocalLink(const Context& context, ipc::Peer& peer)
    : context_(context),
      peer_(peer),
      pid_(peer.hello().pid()),
      link_(context.loop, context.store, context.hello.generation(), *this),
      part_link_(context.loop, context.parts, context.hello.generation(), *this) {
  link_.attach(peer.channel(), peer.hello().generation());
  part_link_.attach(peer.channel(), peer.hello(), true);
  tandem::Present present;
  tandem::Origin& origin = *present.add_origins();
  origin.set_id(peer.hello().origin());
  // The name that the operator gave the node goes before the one that lbd goes by: that of the host may be the same on
  // both.
  const bool ours = context.config.node_given || peer.hello().node().empty();
  origin.set_node(ours ? context.hello.node() : peer.hello().node());
  origin.set_generation(peer.hello().generation());
  origin.set_configuration(peer.hello().configuration());
  context.views.add_daemon(*this, tandem::ROLE_LBD, peer.hello().generation());
  if (origin.id() != 0) context.roster.set(this, present, true);
  tell_present();  // with itself among them
}

LocalLink::~LocalLink() {
  context_.views.remove(*this);
  context_.roster.remove(this);
}

void LocalLink::take(const tandem::Envelope& envelope) {
  if (envelope.has_account())
    context_.views.take(*this, envelope.account());
  else if (!part_link_.take(envelope))
    link_.take(envelope);
}

void LocalLink::on_writable() {
  link_.on_writable();
  part_link_.on_writable();
}

void LocalLink::tell_present() {
  tandem::Envelope envelope;
  *envelope.mutable_present() = context_.roster.all();
  peer_.send(envelope);
}

void LocalLink::on_complete() {
  base::log(base::Level::info, "lbd {}: taught", pid_);
}

void LocalLink::on_broken(const std::string& reason) {
  peer_.channel().abort(reason);
}

LocalVrrpd::LocalVrrpd(const Context& context, ipc::Peer& peer)
    : relay_(context.relay), views_(context.views), peer_(peer) {
  relay_.add_local(*this);
  views_.add_daemon(*this, tandem::ROLE_VRRPD, peer.hello().generation());
}

void LocalVrrpd::take(const tandem::Envelope& envelope) {
  if (envelope.has_vrrp_word())
    relay_.from_here(envelope);
  else if (envelope.has_account())
    views_.take(*this, envelope.account());
}

LocalVrrpd::~LocalVrrpd() {
  views_.remove(*this);
  relay_.remove_local(*this);
  tandem::Envelope envelope;
  *envelope.mutable_vrrp_word() = Relay::gone();
  relay_.from_here(envelope);
}

Local::Local(const Context& context, const StatsSource& stats, Nodes& nodes)
    : context_(context),
      stats_(stats),
      nodes_(nodes),
      settle_(context.loop),
      server_(context.loop, {.hello = context.hello, .channel = {}}, *this) {
  settle_.bind<&Local::settle>(this);
  context_.roster.add_observer(*this);
}

void Local::settle() {
  const bool settled = nodes_.settled();
  for (auto& [peer, link] : links_) link->hold(!settled);
  if (!settled) settle_.start_after(kSettle);
}

Local::~Local() {
  stop();
}

void Local::roster_changed() {
  for (auto& [peer, link] : links_) link->tell_present();
}

base::Status Local::listen() {
  const Config& config = context_.config;
  if (pid_t other = ipc::serving_pid(config.socket))
    return base::Err(fmt::format("process {} serves {} already", other, config.socket));
  const bool nothing_said = !config.socket_mode && config.socket_user.empty() && config.socket_group.empty();
  ipc::SocketOwner owner = nothing_said ? ipc::usual_owner() : ipc::SocketOwner();
  if (config.socket_mode) owner.mode = *config.socket_mode;
  if (!config.socket_user.empty()) owner.uid = TRY(base::find_user(config.socket_user));
  if (!config.socket_group.empty()) owner.gid = TRY(base::find_group(config.socket_group));
  return server_.listen_unix(config.socket, owner);
}

std::string Local::on_peer(ipc::Peer& peer) {
  if (peer.hello().role() == tandem::ROLE_VRRPD) {
    // Its word moves addresses: not for whoever may share tables.
    if (!ipc::is_trusted_user(peer.channel().fd())) return "only root, or our own user, may be vrrpd";
    base::log(base::Level::notice, "vrrpd {}: linked, version {}", peer.hello().pid(), peer.hello().version());
    base::record("link", fmt::format("vrrpd {}", peer.hello().pid()), "linked");
    vrrpds_.insert_or_assign(&peer, std::make_unique<LocalVrrpd>(context_, peer));
  }
  if (peer.hello().role() == tandem::ROLE_APPLYD) {
    if (!ipc::is_trusted_user(peer.channel().fd())) return "only root, or our own user, may be applyd";
    base::log(base::Level::notice, "applyd {}: linked, version {}", peer.hello().pid(), peer.hello().version());
    applyds_.insert_or_assign(&peer, std::make_unique<LocalApplyd>(context_, peer));
  }
  if (peer.hello().role() != tandem::ROLE_LBD) return "";
  base::log(base::Level::notice, "lbd {}: linked, version {}", peer.hello().pid(), peer.hello().version());
  base::record("link", fmt::format("lbd {}", peer.hello().pid()), "linked");
  links_.insert_or_assign(&peer, std::make_unique<LocalLink>(context_, peer));
  links_.at(&peer)->hold(true);
  settle_.start_after(kSettle);
  return "";
}

void Local::on_envelope(ipc::Peer& peer, const tandem::Envelope& envelope) {
  if (envelope.has_stats_request()) {
    tandem::Envelope reply;
    *reply.mutable_stats_reply() = stats_.stats();
    peer.send(reply);
    return;
  }
  if (envelope.has_view_request())
    return context_.views.ask_nodes(envelope.view_request(), &peer,
                                    [&peer](const tandem::Envelope& views) { peer.send(views); });
  if (envelope.has_events_request()) {
    for (const tandem::Envelope& reply : context_.chronicle.reply(envelope.events_request(), context_.hello.node()))
      peer.send(reply);
    return;
  }
  if (envelope.has_change_request()) return take_order(peer, envelope.change_request());
  if (envelope.has_events() && (links_.contains(&peer) || vrrpds_.contains(&peer) || applyds_.contains(&peer)))
    return context_.chronicle.add_local(peer.hello(), envelope.events());
  if (auto applyd = applyds_.find(&peer); applyd != applyds_.end()) return applyd->second->take(envelope);
  if (auto vrrpd = vrrpds_.find(&peer); vrrpd != vrrpds_.end()) return vrrpd->second->take(envelope);
  auto link = links_.find(&peer);
  if (link == links_.end()) return;
  if (envelope.has_peer_section())
    nodes_.add_section(envelope.peer_section());
  else
    link->second->take(envelope);
}

// What runs on both nodes is not for whoever may ask how they are.
void Local::take_order(ipc::Peer& peer, const tandem::ChangeRequest& order) {
  if (ipc::is_trusted_user(peer.channel().fd()))
    return context_.changes.order(order, context_.hello.node(), &peer,
                                  [&peer](const tandem::Envelope& reply) { peer.send(reply); });
  tandem::Envelope refusal;
  refusal.mutable_change_reply()->set_number(order.number());
  refusal.mutable_change_reply()->set_error("only root may change the configuration");
  peer.send(refusal);
}

void Local::on_writable(ipc::Peer& peer) {
  auto link = links_.find(&peer);
  if (link != links_.end()) link->second->on_writable();
}

void Local::on_peer_gone(ipc::Peer& peer, const std::string& reason) {
  context_.views.forget(&peer);
  context_.changes.forget(&peer);
  const auto gone = [&](const char* daemon) {
    base::log(base::Level::notice, "{} {}: gone: {}", daemon, peer.hello().pid(), reason);
    base::record("link", fmt::format("{} {}", daemon, peer.hello().pid()), "gone: " + reason);
  };
  if (vrrpds_.erase(&peer)) gone("vrrpd");
  if (links_.erase(&peer)) gone("lbd");
  if (applyds_.erase(&peer)) base::log(base::Level::notice, "applyd {}: gone: {}", peer.hello().pid(), reason);
}

}  // namespace syncd
