// Planned: a hand-over that an operator has asked for (lbctl failover). The node that is to follow must be able to:
// a backup of the same routers, whose lbd serves, with the same configuration, and reaches the servers as well; or the
// operator insists. It is told at once, and the addresses stay here until it has them.
//
// Whoever has given up by plan does not preempt until it is master again, for whatever reason.
// Owner: the Daemon. Thread: that of the loop. Errors: texts for the operator; a node that does not follow leaves the
// addresses where they are.
#pragma once

#include <functional>
#include <set>
#include <string>
#include <vector>

#include "base/ev.h"
#include "vrrpd/instance.h"

namespace vrrpd {

class Planned {
 public:
  using Reply = std::function<void(const tandem::HandedOver&)>;
  using Instances = std::vector<std::unique_ptr<Instance>>;

  explicit Planned(base::Loop& loop) : patience_(loop) { patience_.bind<&Planned::on_patience_over>(this); }

  // `own`: facts of this node. The reply comes when it is done or has failed, perhaps at once.
  void begin(const tandem::HandOver& wanted, const Instances& instances, const Partner& partner,
             const std::optional<tandem::NodeFacts>& own, Reply reply);
  // An instance has another state.
  void on_state(const Instance& instance);
  // Why the instance does not preempt; "": it may.
  std::string hold(const Instance& instance) const;
  // Who asked is gone.
  void forget_reply() { reply_ = nullptr; }

 private:
  static constexpr base::Seconds kPatience{3};
  void end(bool done, std::string text);
  void on_patience_over();

  std::set<std::string> given_;    // names of instances that have been handed over
  std::set<std::string> pending_;  // that still wait for the other node
  std::string node_;
  Reply reply_;
  base::MonoTime begun_{};
  base::Timer patience_;
};

}  // namespace vrrpd
