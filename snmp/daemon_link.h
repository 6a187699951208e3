// DaemonLink: the link to vrrpd or syncd: it asks for the daemon's figures and keeps the last that it said.
//
// Life: of the collector. Thread: that of the loop. Errors: an absent daemon is a normal state: up() says so, error()
// why.
#pragma once

#include <functional>
#include <string>
#include <utility>
#include <vector>

#include "ipc/client.h"
#include "snmp/snapshot.h"

namespace snmp {

class DaemonLink final : private ipc::ClientEvents {
 public:
  struct Events {
    std::function<void()> answered;  // the figures are there
    std::function<void()> changed;   // it came, went, or its states are others
  };
  DaemonLink(base::Loop& loop, const std::string& path, Events events);
  void start() { client_.start(); }
  // False: it is not there.
  bool ask();

  bool up() const { return client_.up(); }
  const std::string& error() const { return client_.last_error(); }
  const tandem::Hello& hello() const { return hello_; }
  const tandem::StatsReply& stats() const { return stats_; }
  const tandem::VrrpStates& states() const { return states_; }
  // Of instances of vrrpd, in their order, since the last call.
  std::vector<Transition> take_transitions() { return std::exchange(transitions_, {}); }

 private:
  std::string on_up(ipc::Client& client, const tandem::Hello& hello) override;
  void on_envelope(ipc::Client& client, const tandem::Envelope& envelope) override;
  void on_down(ipc::Client& client, const std::string& reason) override;

  const Events events_;
  ipc::Client client_;
  tandem::Hello hello_;
  tandem::StatsReply stats_;
  tandem::VrrpStates states_;
  std::vector<Transition> transitions_;
};

}  // namespace snmp
