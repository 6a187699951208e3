#include "syncd/nodes.h"

#include <fmt/format.h>

#include "base/log.h"

namespace syncd {
namespace {

// A hello and a proof are far smaller.
constexpr size_t kStrangersFrame = 4096;

}  // namespace

Nodes::Nodes(const Context& context) : context_(context) {
  for (const Config::Peer& peer : context.config.peers) nodes_.push_back(std::make_unique<Node>(context, peer));
}

base::Status Nodes::listen() {
  for (const Config::Place& place : context_.config.listen) {
    ipc::ServerOptions options{.hello = context_.hello, .channel = context_.channel};
    options.channel.frame_limit = kStrangersFrame;
    options.prove = !context_.config.secret.empty();
    options.fresh_nonce = true;
    auto server = std::make_unique<ipc::Server>(context_.loop, options, *this);
    TRY(place.fd >= 0 ? server->listen_fd(place.fd) : server->listen_tcp(place.address));
    servers_.push_back(std::move(server));
  }
  return {};
}

void Nodes::start() {
  for (auto& node : nodes_) node->start();
}

void Nodes::stop() {
  for (auto& node : nodes_) node->stop();
  for (auto& server : servers_) server->stop("stopping");
  visitors_.clear();
}

Node* Nodes::find(std::string_view name) const {
  for (const auto& node : nodes_)
    if (node->name() == name) return node.get();
  return nullptr;
}

void Nodes::refuse(const ipc::Peer& peer, const std::string& reason) {
  refused_.add();
  static base::LogLimit limit;
  base::log_limited(limit, base::Level::warning, "connection from {} refused: {}", peer.address().to_string(), reason);
}

std::string Nodes::on_peer(ipc::Peer& peer) {
  const Config& config = context_.config;
  Node* node = peer.hello().role() == tandem::ROLE_SYNCD ? find(peer.hello().node()) : nullptr;
  std::string reason;
  if (!node)
    reason = "no peer of this node";
  else if (config.secret.empty() && !config.allow_unauthenticated && !is_loopback(peer.address()))
    reason = "without a secret only loopback addresses are accepted";
  Handshake handshake(config.secret, false);
  if (reason.empty()) {
    handshake.begin(peer.channel());
    if (handshake.done()) reason = node->accept(peer);
  }
  if (!reason.empty()) {
    refuse(peer, reason);
    return reason;
  }
  visitors_.insert_or_assign(&peer, Stranger{node, handshake});
  return "";
}

void Nodes::on_envelope(ipc::Peer& peer, const tandem::Envelope& envelope) {
  auto visitor = visitors_.find(&peer);
  if (visitor == visitors_.end()) return;
  auto& [node, handshake] = visitor->second;
  if (handshake.done() && !envelope.has_proof()) return node->on_envelope(peer, envelope);
  std::string reason = envelope.has_proof() ? handshake.take(peer.channel(), envelope.proof()) : "no proof";
  if (reason.empty()) {
    peer.trust();
    reason = node->accept(peer);
  }
  if (reason.empty()) return;
  refuse(peer, reason);
  peer.drop(reason);
}

void Nodes::on_writable(ipc::Peer& peer) {
  auto visitor = visitors_.find(&peer);
  if (visitor != visitors_.end()) visitor->second.node->on_writable(peer);
}

void Nodes::on_peer_gone(ipc::Peer& peer, const std::string& reason) {
  auto visitor = visitors_.find(&peer);
  if (visitor == visitors_.end()) return;
  Node* node = visitor->second.node;
  visitors_.erase(visitor);
  node->on_gone(peer, reason);
}

}  // namespace syncd
