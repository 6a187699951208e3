// Publisher: vrrpd's own socket, where syncd, lbctl and the SNMP agent learn who is master: the states of all
// instances after the hello and at each change, numbers when asked. (lbd is told on the link that it serves.)
//
// Life: of the daemon. Thread: that of the loop. Errors: a socket that cannot be opened is logged; vrrpd works
// without it.
#pragma once

#include <functional>
#include <map>
#include <memory>
#include <string>
#include <vector>

#include "ipc/server.h"

namespace vrrpd {

class Publisher final : private ipc::ServerEvents {
 public:
  struct Source {
    std::function<tandem::VrrpStates()> states;
    std::function<tandem::StatsReply()> stats;
    std::function<void(const tandem::VrrpStates&)> published;  // for others who want to know
    std::function<void(const tandem::HandOver&, std::function<void(const tandem::HandedOver&)>)> hand_over;
    std::function<void()> asker_gone;  // of the hand-over
  };
  Publisher(base::Loop& loop, std::string node, Source source);
  // Moves to `path` when it is another one.
  void listen(const std::string& path);
  // Sends the states to everybody at the end of this turn of the loop.
  void publish();
  struct Entered {
    tandem::VrrpState state;
    base::WallTime since;
    std::string reason;
  };
  // The same, and what was entered is told even where it has been left again by then.
  void entered(const std::string& instance, Entered state);

 private:
  std::string on_peer(ipc::Peer& peer) override;
  void on_envelope(ipc::Peer& peer, const tandem::Envelope& envelope) override;
  void on_peer_gone(ipc::Peer& peer, const std::string& reason) override;
  void send_all();
  void send_passed(tandem::Envelope then, const std::string& instance, const std::vector<Entered>& states);
  tandem::Envelope states() const;

  base::Loop& loop_;
  const std::string node_;
  const Source source_;
  std::string path_;
  tandem::Hello hello_;
  std::unique_ptr<ipc::Server> server_;
  base::Timer soon_;
  std::map<std::string, std::vector<Entered>> entered_;  // by instances, in this turn
  ipc::Peer* asker_ = nullptr;                           // who waits for a hand-over
};

}  // namespace vrrpd
