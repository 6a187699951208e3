// Node: another node and the one link that we have with it.
//
// Both nodes connect to each other; when both connections come about, the one that was begun by the node with the
// smaller name stays, and a newer life of the peer always replaces an older one. The side that accepted the better
// connection stops connecting as long as it lasts.
// Life: as long as the process. Thread: that of the loop. Errors: logged, retried for ever.
#pragma once

#include <map>
#include <memory>
#include <string>

#include "ipc/client.h"
#include "ipc/server.h"
#include "replica/link.h"
#include "replica/part_link.h"
#include "syncd/changes.h"
#include "syncd/chronicle.h"
#include "syncd/config.h"
#include "syncd/handshake.h"
#include "syncd/relay.h"
#include "syncd/roster.h"
#include "syncd/views.h"

namespace syncd {

// What all nodes share.
struct Context {
  base::Loop& loop;
  const Config& config;
  replica::Store& store;
  replica::PartStore& parts;
  Roster& roster;
  Relay& relay;
  Views& views;
  Changes& changes;
  Chronicle& chronicle;
  tandem::Hello hello;  // with the name of this node
  ipc::ChannelOptions channel;
  std::shared_ptr<TlsContext> tls = config.tls;  // or, where the file names none, that of a peers section
  std::map<std::string, uint32_t> shards = {};   // of the lists of parts that are in several
  // Whoever is linked has proven something.
  bool authenticated() const { return tls || !config.secret.empty(); }
};

class Node final : public ipc::ClientEvents,
                   public replica::LinkEvents,
                   private RosterObserver,
                   private RelaySide,
                   private Witness {
 public:
  Node(const Context& context, Config::Peer peer);
  ~Node();

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
  const replica::Stream& parts() const { return part_link_.stream(); }
  bool linked() const { return link_.attached(); }
  bool in_sync() const { return linked() && link_.session().complete() && (!parts().attached() || parts().complete()); }
  // It has told what it knows, or has had its time to, or is not there.
  bool settled() const {
    if (in_sync() || (!linked() && !client_.last_error().empty())) return true;
    return base::mono_now() - begun_ > (linked() ? kTellTime : kAnswerTime);
  }
  // Whether the lbd of both nodes were started with the same files; unknown where one of them is not there.
  enum class Configuration : uint8_t { unknown, same, another };
  Configuration configuration() const;
  // They have differed for longer than a change of both takes, and were not seen to be the same since.
  bool drifted() const { return drifted_; }
  // "down", "greeting", "teaching", "live", "in sync".
  std::string_view state() const;
  const std::string& last_error() const { return last_error_; }
  uint64_t links() const { return links_.get(); }

 private:
  std::string on_up(ipc::Client& client, const tandem::Hello& hello) override;
  void on_envelope(ipc::Client& client, const tandem::Envelope& envelope) override;
  void on_writable(ipc::Client& client) override;
  void on_failed(ipc::Client& client, const base::Error& error) override;
  void on_down(ipc::Client& client, const std::string& reason) override;
  void on_complete() override;
  void roster_changed() override;
  void on_withheld() override;
  void say(const tandem::Envelope& envelope) override;
  std::optional<Refusal> ask(const tandem::Envelope& question) override;
  void on_broken(const std::string& reason) override;

  // How often its clock is looked at.
  static constexpr base::Seconds kClock{2};
  // How long a start waits for a node that does not answer, and for one that tells much.
  static constexpr base::Millis kAnswerTime{600}, kTellTime{5000};
  // How long configurations may differ before it is told: who changes both does it one behind the other.
  static constexpr base::Millis kDriftTime{1000};

  bool dialed_is_better() const { return context_.hello.node() < peer_.name; }
  bool dialed_proven();
  void compare_configurations();
  void on_drift();
  void record(const std::string& text) const;
  void ask_time();
  void tell_time(const tandem::ClockQuestion& question);
  void take_time(const tandem::ClockAnswer& answer);
  void take_order(const tandem::ChangeRequest& order);
  void not_linked(const std::string& reason);
  void attach(ipc::Channel& channel, std::string_view how);
  void lost(const std::string& reason);
  void take(const tandem::Envelope& envelope);
  void on_writable_link();
  // Nobody but the node itself reads what goes to it.
  bool confidential() const;
  bool may_order() const;

  const Context& context_;
  const Config& config_;
  const Config::Peer peer_;
  ipc::Client client_;
  Handshake handshake_;
  replica::Link link_;
  replica::PartLink part_link_;
  ipc::Channel* active_ = nullptr;  // the channel that the link runs over
  ipc::Peer* accepted_ = nullptr;   // whose it is, when they connected
  std::string told_present_;        // over this link
  base::MonoTime begun_{};
  base::Counter links_;
  std::string last_error_;
  base::Timer drift_;
  bool drifted_ = false;
  base::Timer clock_;
  base::Micros asked_time_{};  // 0: no answer is awaited
  uint64_t their_boot_ = 0;
  ClockDifference difference_;
};

}  // namespace syncd
