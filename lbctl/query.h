// What lbctl asks the daemons: their hello, their statistics, and what vrrpd publishes, within a deadline.
// Thread: one. Errors: why a daemon did not answer.
#pragma once

#include <string>

#include "base/result.h"
#include "base/time.h"
#include "proto/envelope.pb.h"

namespace lbctl {

struct Answer {
  tandem::Hello hello;
  tandem::StatsReply stats;
  tandem::VrrpStates vrrp;  // of vrrpd only
  tandem::HandedOver handed_over;

  // "" and 0 when there is no such row.
  std::string text(const std::string& object, const std::string& name) const;
  uint64_t number(const std::string& object, const std::string& name) const;
};

base::Result<Answer> ask(const std::string& socket, base::Nanos patience = base::Seconds(2));

// Asks vrrpd to hand over, and waits for the end of that.
base::Result<tandem::HandedOver> hand_over(const std::string& socket, const tandem::HandOver& wanted);

// A command to the runtime API of lbd: one line, the answer as it comes.
base::Result<std::string> run_cli(const std::string& socket, const std::string& line);

}  // namespace lbctl
