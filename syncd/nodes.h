// Nodes: the listening end for other nodes: who connects must name a configured peer, and prove the secret where
// there is one, before a byte of his changes anything. Strangers get small frames, little time and few places.
// Life: as long as the process. Thread: that of the loop. Errors: failing to listen is the caller's to report.
#pragma once

#include <memory>
#include <unordered_map>
#include <vector>

#include "ipc/server.h"
#include "syncd/node.h"

namespace syncd {

class Nodes final : public ipc::ServerEvents {
 public:
  static constexpr size_t kMost = 64;  // that sections may name

  explicit Nodes(Context& context);
  base::Status listen();
  // What haproxy.cfg says of the nodes; what the own file says of them holds before it.
  void add_section(const tandem::PeerSection& section);
  void start();
  void stop();
  const std::vector<std::unique_ptr<Node>>& all() const { return nodes_; }
  // Every node has told what it knows, or does not answer.
  bool settled() const;
  uint64_t refused() const { return refused_.get(); }
  const std::vector<std::unique_ptr<ipc::Server>>& servers() const { return servers_; }

 private:
  std::string on_peer(ipc::Peer& peer) override;
  void on_envelope(ipc::Peer& peer, const tandem::Envelope& envelope) override;
  void on_writable(ipc::Peer& peer) override;
  void on_peer_gone(ipc::Peer& peer, const std::string& reason) override;
  void on_stranger_gone(ipc::Peer& peer, const std::string& reason) override;
  Node* find(std::string_view name) const;
  base::Status listen(const Config::Place& place);
  void take_certificate(const tandem::PeerSection& section);
  bool permitted(const base::SockAddr& address, std::string_view what, const std::string& section);
  void refuse(const ipc::Peer& peer, const std::string& reason);

  struct Stranger {
    Node* node;
    Handshake handshake;
  };
  Context& context_;
  bool started_ = false;
  std::vector<std::unique_ptr<Node>> nodes_;
  std::vector<std::unique_ptr<ipc::Server>> servers_;  // one an address
  std::unordered_map<const ipc::Peer*, Stranger> visitors_;
  base::Counter refused_;
};

}  // namespace syncd
