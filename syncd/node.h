// Node: another node and the one link that we have with it.
//
// Both nodes connect to each other; when both connections come about, the one that was begun by the node with the
// smaller name stays, and a newer life of the peer always replaces an older one. The side that accepted the better
// connection stops connecting as long as it lasts.
// Life: as long as the process. Thread: that of the loop. Errors: logged, retried for ever.
#pragma once

#include <memory>
#include <string>

#include "ipc/client.h"
#include "ipc/server.h"
#include "replica/link.h"
#include "syncd/config.h"
#include "syncd/handshake.h"

namespace syncd {

// What all nodes share.
struct Context {
  base::Loop& loop;
  const Config& config;
  replica::Store& store;
  tandem::Hello hello;
  ipc::ChannelOptions channel;
};

class Node final : public ipc::ClientEvents, public replica::LinkEvents {
 public:
  Node(const Context& context, const Config::Peer& peer);

  void start();
  void stop();
  // A proven connection from this node: the reason to refuse it, "" when it is ours now.
  std::string accept(ipc::Peer& peer);
  // What came over it, and its end.
  void on_envelope(ipc::Peer& peer, const tandem::Envelope& envelope);
  void on_writable(const ipc::Peer& peer);
  void on_gone(const ipc::Peer& peer, const std::string& reason);

  const std::string& name() const { return peer_.name; }
  const base::SockAddr& address() const { return peer_.place.address; }
  const replica::Link& link() const { return link_; }
  bool linked() const { return link_.attached(); }
  bool in_sync() const { return linked() && link_.session().complete(); }
  // "down", "greeting", "teaching", "live", "in sync".
  std::string_view state() const;
  const std::string& last_error() const { return last_error_; }
  uint64_t links() const { return links_.get(); }

 private:
  std::string on_up(ipc::Client& client, const tandem::Hello& hello) override;
  void on_envelope(ipc::Client& client, const tandem::Envelope& envelope) override;
  void on_writable(ipc::Client& client) override;
  void on_down(ipc::Client& client, const std::string& reason) override;
  void on_complete() override;
  void on_broken(const std::string& reason) override;

  bool dialed_is_better() const { return config_.node < peer_.name; }
  bool dialed_proven();
  void attach(ipc::Channel& channel, std::string_view how);
  void lost(const std::string& reason);

  const Config& config_;
  const Config::Peer& peer_;
  ipc::Client client_;
  Handshake handshake_;
  replica::Link link_;
  ipc::Channel* active_ = nullptr;  // the channel that the link runs over
  ipc::Peer* accepted_ = nullptr;   // whose it is, when they connected
  base::Counter links_;
  std::string last_error_;
};

}  // namespace syncd
