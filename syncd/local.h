// Local: the Unix socket for the daemons of this node. An lbd that connects is a replication peer like another node:
// it is taught everything, and what its operator changes comes back. Others ask for statistics.
// Several lbd at once are normal: during a reload the old and the new one are both there.
// Life: as long as the process. Thread: that of the loop. Errors: failing to listen is the caller's to report.
#pragma once

#include <memory>
#include <unordered_map>

#include "ipc/server.h"
#include "replica/link.h"
#include "syncd/node.h"

namespace syncd {

class StatsSource {
 public:
  virtual tandem::StatsReply stats() const = 0;

 protected:
  ~StatsSource() = default;
};

// One connected lbd.
class LocalLink final : public replica::LinkEvents {
 public:
  LocalLink(const Context& context, ipc::Peer& peer);
  replica::Link& link() { return link_; }
  const replica::Link& link() const { return link_; }
  uint32_t pid() const { return pid_; }

 private:
  void on_complete() override;
  void on_broken(const std::string& reason) override;
  ipc::Peer& peer_;
  uint32_t pid_;
  replica::Link link_;
};

class Local final : public ipc::ServerEvents {
 public:
  Local(const Context& context, const StatsSource& stats);
  base::Status listen();
  void stop() {
    links_.clear();
    server_.stop("stopping");
  }
  template <typename Visit>
  void for_each(Visit visit) const {
    for (const auto& [peer, link] : links_) visit(*link);
  }
  size_t links() const { return links_.size(); }
  const ipc::LinkCounters& counters() const { return server_.counters(); }

 private:
  std::string on_peer(ipc::Peer& peer) override;
  void on_envelope(ipc::Peer& peer, const tandem::Envelope& envelope) override;
  void on_writable(ipc::Peer& peer) override;
  void on_peer_gone(ipc::Peer& peer, const std::string& reason) override;

  const Context& context_;
  const StatsSource& stats_;
  ipc::Server server_;
  std::unordered_map<const ipc::Peer*, std::unique_ptr<LocalLink>> links_;
};

}  // namespace syncd
