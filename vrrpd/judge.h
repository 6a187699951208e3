// Judge: which node reaches the servers. A node whose lbd has lost most of its servers, while that of another node with
// the same configuration still reaches them, should not serve; when all have lost them, moving would help nobody.
//
// Worse is who reaches less than half of what the other one does. It gives its addresses up when that has lasted for
// kSustain, and until it reaches nearly as much again it does not preempt. Each hand-over within kForget of another
// makes the next wait twice as long before it preempts: a path that comes and goes moves the addresses rarely. The
// limit holds as long as it reaches anything; a node that is silent is followed whatever is said here. Pure: reads no
// clock. Owner: the Daemon. Errors: none; where nothing is known of another node nothing is judged.
#pragma once

#include <map>
#include <optional>
#include <string>

#include "base/time.h"
#include "proto/vrrp.pb.h"

namespace vrrpd {

class Judge {
 public:
  static constexpr base::Millis kSustain{500};
  static constexpr base::Seconds kFirstHold{10}, kMostHold{600}, kForget{3600};
  // Who reaches nothing at all tries again after this, when nobody followed.
  static constexpr base::Seconds kAgain{5};

  using Others = std::map<std::string, tandem::NodeFacts>;  // by name
  // What is known now. `own`: nothing where no lbd is tracked.
  void look(const std::optional<tandem::NodeFacts>& own, const Others& others, base::MonoTime now);
  // The node that should serve in our place; "": we may.
  std::string better(base::MonoTime now) const;
  // We have given up in its favour.
  void handed_over(base::MonoTime now);
  // Why we may not preempt; "": we may.
  std::string hold(base::MonoTime now) const;
  // When to ask again although nothing was heard.
  base::MonoTime due(base::MonoTime now) const;
  uint64_t hand_overs() const { return all_; }

 private:
  std::string best_;  // of the others; "": none that can be compared
  uint32_t own_reach_ = 0, best_reach_ = 0;
  bool lost_ = false;
  base::MonoTime worse_since_ = base::kNever;
  base::MonoTime last_ = base::kNever, hold_until_{};
  int row_ = 0;  // hand-overs, each within kForget of the one before
  uint64_t all_ = 0;
};

}  // namespace vrrpd
