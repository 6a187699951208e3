// Planned: a hand-over that an operator has asked for (lbctl failover), here or on the node that is to follow, or a
// backup that would preempt. The node that
// is to follow must be able to: a backup of the same routers that is ready (readiness.h); or the operator insists. It
// is told first, so that it can prepare to send on what belongs to connections that are open here (passage.h), and then
// invited; the addresses stay here until it has them, and for those connections after that (drain.h).
//
// Whoever has given up for an operator does not preempt until it is master again, for whatever reason.
// Owner: the Daemon. Thread: that of the loop. Errors: texts for the operator; a node that does not follow leaves the
// addresses where they are.
#pragma once

#include <functional>
#include <map>
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

  explicit Planned(base::Loop& loop) : preparation_(loop), patience_(loop) {
    preparation_.bind<&Planned::give_up>(this);
    patience_.bind<&Planned::on_patience_over>(this);
  }

  // `own`: facts of this node. The reply comes when it is done or has failed, perhaps at once.
  void begin(const tandem::HandOver& wanted, const Instances& instances, const Partner& partner,
             const std::optional<tandem::NodeFacts>& own, Reply reply);
  // A backup of higher priority asks for what it may take: it gets it without a break, or takes it. Likewise one whose
  // operator recalls it.
  void give(Instance& instance, const std::string& node, const RouterWord& word, const Partner& partner,
            const std::optional<tandem::NodeFacts>& own);
  // The other node has spoken of an instance.
  void on_said(const Instance& instance, const std::string& node, const RouterWord& word);
  // An instance has another state.
  void on_state(const Instance& instance);
  // Why the instance does not preempt; "": it may.
  std::string hold(const Instance& instance) const;
  // The instances may go: what is being prepared is left.
  void abandon();
  // Who asked is gone.
  void forget_reply() { reply_ = nullptr; }

 private:
  static constexpr base::Millis kPreparation{300};
  static constexpr base::Seconds kPatience{3};
  static constexpr base::Seconds kDrain{30};  // where the operator says nothing
  void take(const std::vector<Instance*>& backups, const Partner& partner, bool force);
  void on_taken(const Instance& instance);
  void end(bool done, std::string text);
  void prepare(std::vector<Instance*> masters, base::Nanos drain);
  void give_up();
  void on_patience_over();

  std::set<std::string> given_;                // names of instances that have been handed over
  std::set<std::string> pending_;              // that still wait for the other node
  std::map<std::string, Instance*> recalled_;  // that are to come here
  std::string node_;
  std::string why_;
  Reply reply_;
  base::MonoTime begun_{};
  std::vector<Instance*> masters_;    // until they give up
  std::set<std::string> unprepared_;  // names of those for which the other node is not prepared yet
  base::Timer preparation_, patience_;
};

}  // namespace vrrpd
