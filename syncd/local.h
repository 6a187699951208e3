// Local: the Unix socket for the daemons of this node. An lbd that connects is a replication peer like another node:
// it is taught everything, and what its operator changes comes back. Others ask for statistics.
// Several lbd at once are normal: during a reload the old and the new one are both there.
// Life: as long as the process. Thread: that of the loop. Errors: failing to listen is the caller's to report.
#pragma once

#include <memory>
#include <unordered_map>

#include "ipc/server.h"
#include "replica/link.h"
#include "replica/part_link.h"
#include "syncd/node.h"

namespace syncd {

class Nodes;

class StatsSource {
 public:
  virtual tandem::StatsReply stats() const = 0;

 protected:
  ~StatsSource() = default;
};

// One connected lbd.
class LocalLink final : public replica::LinkEvents, private Witness {
 public:
  LocalLink(const Context& context, ipc::Peer& peer);
  ~LocalLink();
  void take(const tandem::Envelope& envelope);
  void on_writable();
  void tell_present();
  void hold(bool held) { part_link_.hold(held); }
  const replica::Link& link() const { return link_; }
  const replica::Stream& parts() const { return part_link_.stream(); }
  uint32_t pid() const { return pid_; }

 private:
  void on_complete() override;
  void on_broken(const std::string& reason) override;
  std::optional<Refusal> ask(const tandem::Envelope& question) override {
    peer_.send(question);
    return {};
  }
  const Context& context_;
  ipc::Peer& peer_;
  uint32_t pid_;
  replica::Link link_;
  replica::PartLink part_link_;
};

// One connected vrrpd.
class LocalVrrpd final : private RelaySide, private Witness {
 public:
  LocalVrrpd(const Context& context, ipc::Peer& peer);
  ~LocalVrrpd();
  void take(const tandem::Envelope& envelope);

 private:
  void say(const tandem::Envelope& envelope) override { peer_.send(envelope); }
  std::optional<Refusal> ask(const tandem::Envelope& question) override {
    peer_.send(question);
    return {};
  }
  Relay& relay_;
  Views& views_;
  ipc::Peer& peer_;
};

// One connected applyd.
class LocalApplyd final : private Witness {
 public:
  LocalApplyd(const Context& context, ipc::Peer& peer) : changes_(context.changes), peer_(peer) {
    changes_.add_applyd(*this);
  }
  ~LocalApplyd() { changes_.remove(*this); }
  void take(const tandem::Envelope& envelope) {
    if (envelope.has_change_reply()) changes_.take(*this, envelope.change_reply());
  }

 private:
  std::optional<Refusal> ask(const tandem::Envelope& question) override {
    peer_.send(question);
    return {};
  }
  Changes& changes_;
  ipc::Peer& peer_;
};

class Local final : public ipc::ServerEvents, private RosterObserver {
 public:
  Local(const Context& context, const StatsSource& stats, Nodes& nodes);
  ~Local();
  base::Status listen();
  void stop() {
    context_.roster.remove_observer(*this);
    context_.views.stop();
    context_.changes.stop();
    links_.clear();
    vrrpds_.clear();
    applyds_.clear();
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
  void roster_changed() override;
  void take_order(ipc::Peer& peer, const tandem::ChangeRequest& order);
  // Those who came while other nodes were still telling what they know hear of the end of it.
  void settle();

  const Context& context_;
  const StatsSource& stats_;
  Nodes& nodes_;
  base::Timer settle_;
  ipc::Server server_;
  std::unordered_map<const ipc::Peer*, std::unique_ptr<LocalLink>> links_;
  std::unordered_map<const ipc::Peer*, std::unique_ptr<LocalVrrpd>> vrrpds_;
  std::unordered_map<const ipc::Peer*, std::unique_ptr<LocalApplyd>> applyds_;
};

}  // namespace syncd
