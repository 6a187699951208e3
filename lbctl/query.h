// What lbctl asks the daemons: their hello, their statistics, and what vrrpd publishes, within a deadline; and, through
// the syncd of both nodes, the same of the other node.
// Thread: one. Errors: why a daemon did not answer; Code::timeout: it is there, but does not answer;
// Code::closed: so its syncd says.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "base/result.h"
#include "base/time.h"
#include "lbctl/command.h"
#include "proto/envelope.pb.h"

namespace lbctl {

struct Answer {
  tandem::Hello hello;
  tandem::StatsReply stats;
  tandem::VrrpStates vrrp;  // of vrrpd only
  tandem::HandedOver handed_over;
  tandem::Views views;  // of syncd only
  std::vector<tandem::EventsReply> events;
  tandem::ChangeReply change;

  // "" and 0 when there is no such row.
  std::string text(const std::string& object, const std::string& name) const;
  uint64_t number(const std::string& object, const std::string& name) const;
};

base::Result<Answer> ask(const std::string& socket, base::Nanos patience = base::Seconds(2));

// What the daemons of a node say.
struct NodeAnswers {
  base::Result<Answer> lbd, vrrpd, syncd;
};

struct OtherNode {
  std::string name;
  std::string error;  // why nothing is known
  bool linked = false, older = false;
  std::optional<NodeAnswers> said;
};

struct PairAnswers {
  NodeAnswers here;
  std::vector<OtherNode> others;
};

// All at once: it takes no longer than the patience. `wanted`: of each lbd beside its rows.
PairAnswers ask_pair(const Sockets& sockets, const tandem::StatsRequest& wanted = {});
// As the other node calls it.
std::string name_of_this_node(const PairAnswers& pair);
// Of what the syncd of this node said.
std::vector<OtherNode> others_of(const base::Result<Answer>& syncd);

// What has happened: of syncd that of all nodes, of others their own.
base::Result<std::vector<tandem::EventsReply>> ask_events(const std::string& socket,
                                                          const tandem::EventsRequest& request, base::Nanos patience);

// Asks vrrpd to hand over, and waits for the end of that.
base::Result<tandem::HandedOver> hand_over(const std::string& socket, const tandem::HandOver& wanted);

// A step of a change of the configuration, through syncd: what the applyd of that node answers.
base::Result<tandem::ChangeReply> order(const std::string& syncd, const tandem::ChangeRequest& request);

// A command to the runtime API of lbd: one line, the answer as it comes.
base::Result<std::string> run_cli(const std::string& socket, const std::string& line);

}  // namespace lbctl
