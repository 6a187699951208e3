#include "syncd/local.h"

#include <fmt/format.h>
#include <unistd.h>

#include "base/log.h"
#include "base/process.h"

namespace syncd {

LocalLink::LocalLink(const Context& context, ipc::Peer& peer)
    : peer_(peer), pid_(peer.hello().pid()), link_(context.loop, context.store, context.hello.generation(), *this) {
  link_.attach(peer.channel(), peer.hello().generation());
}

void LocalLink::on_complete() {
  base::log(base::Level::info, "lbd {}: taught", pid_);
}

void LocalLink::on_broken(const std::string& reason) {
  peer_.channel().abort(reason);
}

Local::Local(const Context& context, const StatsSource& stats)
    : context_(context), stats_(stats), server_(context.loop, {.hello = context.hello, .channel = {}}, *this) {}

base::Status Local::listen() {
  const Config& config = context_.config;
  if (pid_t other = ipc::serving_pid(config.socket))
    return base::Err(fmt::format("process {} serves {} already", other, config.socket));
  ipc::SocketOwner owner;
  bool nothing_said = !config.socket_mode && config.socket_user.empty() && config.socket_group.empty();
  if (auto usual = base::find_group(kUsualGroup); nothing_said && usual && geteuid() == 0)
    owner = {.mode = 0660, .gid = *usual};
  if (config.socket_mode) owner.mode = *config.socket_mode;
  if (!config.socket_user.empty()) owner.uid = TRY(base::find_user(config.socket_user));
  if (!config.socket_group.empty()) owner.gid = TRY(base::find_group(config.socket_group));
  return server_.listen_unix(config.socket, owner);
}

std::string Local::on_peer(ipc::Peer& peer) {
  if (peer.hello().role() != tandem::ROLE_LBD) return "";
  base::log(base::Level::notice, "lbd {}: linked, version {}", peer.hello().pid(), peer.hello().version());
  links_.insert_or_assign(&peer, std::make_unique<LocalLink>(context_, peer));
  return "";
}

void Local::on_envelope(ipc::Peer& peer, const tandem::Envelope& envelope) {
  if (envelope.has_stats_request()) {
    tandem::Envelope reply;
    *reply.mutable_stats_reply() = stats_.stats();
    peer.send(reply);
    return;
  }
  auto link = links_.find(&peer);
  if (link != links_.end()) link->second->link().take(envelope);
}

void Local::on_writable(ipc::Peer& peer) {
  auto link = links_.find(&peer);
  if (link != links_.end()) link->second->link().on_writable();
}

void Local::on_peer_gone(ipc::Peer& peer, const std::string& reason) {
  if (links_.erase(&peer)) base::log(base::Level::notice, "lbd {}: gone: {}", peer.hello().pid(), reason);
}

}  // namespace syncd
