#include "syncd/nodes.h"

#include <fmt/format.h>

#include <algorithm>

#include "base/log.h"
#include "base/strings.h"

namespace syncd {
namespace {

// A hello and a proof are far smaller.
constexpr size_t kStrangersFrame = 4096;
constexpr size_t kLongestName = 255;
constexpr size_t kMostTables = 10'000;

// IP:port; the last colon is that of the port.
std::optional<base::SockAddr> read_address(std::string_view text) {
  const size_t colon = text.rfind(':');
  if (colon == text.npos) return std::nullopt;
  std::string_view host = text.substr(0, colon);
  if (host.starts_with('[') && host.ends_with(']')) host = host.substr(1, host.size() - 2);
  auto ip = base::IpAddr::parse(host);
  auto port = base::parse_int<uint16_t>(text.substr(colon + 1));
  if (!ip || !port || *port == 0) return std::nullopt;
  return base::SockAddr(base::IpPort{*ip, *port});
}

}  // namespace

Nodes::Nodes(Context& context) : context_(context) {
  for (const Config::Peer& peer : context.config.peers) nodes_.push_back(std::make_unique<Node>(context, peer));
}

base::Status Nodes::listen(const Config::Place& place) {
  ipc::ServerOptions options{.hello = context_.hello, .channel = context_.channel};
  options.channel.frame_limit = kStrangersFrame;
  options.prove = !context_.config.secret.empty();
  options.channel.key_exchange = true;
  options.channel.wrap = context_.tls.get();
  options.channel.accepts = true;
  auto server = std::make_unique<ipc::Server>(context_.loop, options, *this);
  TRY(place.fd >= 0 ? server->listen_fd(place.fd) : server->listen_tcp(place.address));
  servers_.push_back(std::move(server));
  return {};
}

base::Status Nodes::listen() {
  for (const Config::Place& place : context_.config.listen) TRY(listen(place));
  return {};
}

bool Nodes::permitted(const base::SockAddr& address, std::string_view what, const std::string& section) {
  const Config& config = context_.config;
  if (context_.authenticated() || config.allow_unauthenticated || is_loopback(address)) return true;
  base::log(base::Level::err,
            "peers section '{}': {} {} is not used: without a secret anyone who reaches it could change the tables "
            "('secret-file' or 'certificate' in syncd.conf)",
            section, what, address.to_string());
  return false;
}

// What the own file says of TLS holds. An lbd that starts anew may bring renewed files.
void Nodes::take_certificate(const tandem::PeerSection& section) {
  if (section.certificate().empty() || context_.config.tls) return;
  const bool first = !context_.tls;
  if (first && (!nodes_.empty() || !servers_.empty())) return;
  auto tls = first ? std::make_shared<TlsContext>() : context_.tls;
  const base::Status loaded = tls->load(section.certificate(), section.certificate(), section.ca_file());
  if (!loaded)
    base::log(base::Level::err, "peers section '{}': {}", section.name(), loaded.error().text);
  else
    context_.tls = std::move(tls);
}

// Where the own file names no node, the name that lbd goes by is ours, and the address behind it is where we listen.
void Nodes::add_section(const tandem::PeerSection& section) {
  const bool named_here = !context_.config.node_given && context_.config.listen.empty() && nodes_.empty();
  if (named_here && servers_.empty() && !section.local().empty()) context_.hello.set_node(section.local());
  take_certificate(section);
  for (const std::string& table : section.tables()) {
    if (section.shards() > 0 && context_.shards.size() < kMostTables) context_.shards[table] = section.shards();
  }
  for (const auto& node : section.nodes()) {
    auto address = read_address(node.address());
    if (!address || node.name() == section.local() || node.name() == context_.hello.node() || find(node.name()))
      continue;
    if (nodes_.size() >= kMost || node.name().empty() || node.name().size() > kLongestName) {
      static base::LogLimit limit;
      base::log_limited(limit, base::Level::err, "peers section '{}': a node was left out: {}", section.name(),
                        nodes_.size() >= kMost ? "there are too many" : "its name is no name");
      continue;
    }
    if (!permitted(*address, "node", section.name())) continue;
    base::log(base::Level::notice, "node {}: at {}, says the peers section '{}'", node.name(), address->to_string(),
              section.name());
    nodes_.push_back(std::make_unique<Node>(
        context_, Config::Peer{node.name(), Config::Place{.address = *address, .location = {}}, node.shard()}));
    if (started_) nodes_.back()->start();
  }
  auto ours = read_address(section.listen());
  if (!ours || !context_.config.listen.empty() || !permitted(*ours, "address", section.name())) return;
  for (const auto& server : servers_)
    if (server->address().ip_port() == ours->ip_port()) return;
  if (auto listening = listen({.address = *ours, .location = {}}); !listening)
    base::log(base::Level::err, "peers section '{}': {}", section.name(), listening.error().text);
}

bool Nodes::settled() const {
  return std::all_of(nodes_.begin(), nodes_.end(), [](const auto& node) { return node->settled(); });
}

void Nodes::start() {
  started_ = true;
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
  else if (context_.tls && !peer.channel().wrap()->peer_is(node->name()))
    reason = fmt::format("its certificate is not for '{}'", node->name());
  else if (!context_.authenticated() && !config.allow_unauthenticated && !is_loopback(peer.address()))
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

// That somebody looked whether the port is open is no news; a node whose certificate is wrong is.
void Nodes::on_stranger_gone(ipc::Peer& peer, const std::string& reason) {
  if (reason.find("TLS") == reason.npos) return;
  static base::LogLimit limit;
  base::log_limited(limit, base::Level::warning, "connection from {} ended: {}", peer.address().to_string(), reason);
}

}  // namespace syncd
