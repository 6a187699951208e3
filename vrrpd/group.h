// SyncGroup: instances that move together (keepalived.conf(5), vrrp_sync_group). When a member becomes master or
// backup the others follow at once; while one cannot run, or something that the group tracks is down, none may.
//
// Life: of the daemon's configuration; members outlive it. Thread: that of the loop.
#pragma once

#include <memory>
#include <string>
#include <vector>

#include "vrrpd/instance.h"

namespace vrrpd {

class SyncGroup final : private TrackerUser {
 public:
  // `notifier` may be that of the group's predecessor, so that a reload cuts no script short.
  SyncGroup(TrackerSet& trackers, std::shared_ptr<Notifier> notifier, std::shared_ptr<const Config> config,
            const GroupConfig& own, std::vector<Instance*> members);
  ~SyncGroup();

  const std::string& name() const { return own_->name; }
  State state() const { return state_; }
  const std::vector<Instance*>& members() const { return members_; }
  const std::vector<Tracking>& trackings() const { return trackings_; }

  // Why no member may run; empty: they may.
  std::string fault() const;
  int priority() const;
  // From the daemon: a member has moved, or has found another health.
  void on_member_state(Instance& member);
  void on_member_health();
  void tell_stop();
  void tell_state();  // once more, into the fifos
  const std::shared_ptr<Notifier>& notifier() const { return notifier_; }

 private:
  void on_tracker(const Tracker& tracker) override;
  void settle();

  std::shared_ptr<const Config> config_;
  const GroupConfig* own_;
  const std::vector<Instance*> members_;
  std::vector<Tracking> trackings_;
  State state_ = State::init;
  bool moving_ = false;  // the members are being told
  bool again_ = false;   // and have to be told once more
  const std::shared_ptr<Notifier> notifier_;
};

}  // namespace vrrpd
