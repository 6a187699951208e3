// Trackers: what an instance depends on beside the protocol: interfaces, scripts, the local lbd. A kind is a row, in
// a file of its own with its words; nothing else knows the kinds.
//
// A Tracker is up or down, or has a number, and tells its users when that changes. What this means is the use's:
// without weight, down is a FAULT; with one it moves the priority (keepalived.conf(5), track_interface). One Tracker
// serves all its users. Life: the TrackerSet makes trackers for the uses of a configuration and keeps those that a
// reload did not change. Thread: that of the loop.
#pragma once

#include <functional>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/ev.h"
#include "base/registry.h"
#include "proto/stats.pb.h"
#include "proto/vrrp.pb.h"
#include "vrrpd/config.h"
#include "vrrpd/netlink.h"

namespace vrrpd {

// What a tracker does to one instance at the moment.
struct Verdict {
  bool fault = false;
  int priority = 0;
};
Verdict judge_tracker(bool up, int weight, bool reverse);

class Tracker;

class TrackerUser {
 public:
  virtual void on_tracker(const Tracker& tracker) = 0;

 protected:
  ~TrackerUser() = default;
};

class Tracker {
 public:
  Tracker(std::string_view kind, std::string name, bool up) : kind_(kind), name_(std::move(name)), up_(up) {}
  virtual ~Tracker() = default;
  Tracker(const Tracker&) = delete;
  Tracker& operator=(const Tracker&) = delete;

  std::string_view kind() const { return kind_; }
  const std::string& name() const { return name_; }
  bool up() const { return up_; }
  // "script chk", for logs.
  std::string describe() const;
  // What it means to a use with that weight.
  virtual Verdict judge(int weight, bool reverse) const { return judge_tracker(up_, weight, reverse); }
  // How well this node serves, for who knows it.
  virtual std::optional<tandem::NodeFacts> facts() const { return std::nullopt; }
  // For what has somebody at the other end who wants to know the states of the instances.
  virtual void tell(const tandem::VrrpStates&) {}
  void add_user(TrackerUser& user) { users_.push_back(&user); }
  // One use of it: at a reload a user has its new ones before it gives up the old.
  void remove_user(TrackerUser& user);

 protected:
  void set_up(bool up);
  void tell_users();

 private:
  const std::string_view kind_;
  const std::string name_;
  bool up_;
  std::vector<TrackerUser*> users_;
};

struct TrackerContext {
  base::Loop& loop;
  const Config& config;
  Netlink& netlink;
  std::function<void()> facts_changed;
  std::function<tandem::StatsReply()> stats;
};

struct OwnWeight {
  int weight = 0;
  bool reverse = false;
};

struct TrackerRow {
  std::string_view name;  // the word of vrrp_instance and vrrp_sync_group
  std::string_view doc;
  // Of the thing with that name; nothing when the configuration has none.
  std::optional<OwnWeight> (*own_weight)(const Config& config, std::string_view name) = nullptr;
  std::unique_ptr<Tracker> (*make)(const TrackerContext& context, const std::string& name) = nullptr;
  // Whether a tracker made from `before` may go on under `now`.
  bool (*same)(const Config& before, const Config& now, std::string_view name) = nullptr;
};

// A use with its tracker, as an instance or a group holds it; unsubscribes at its end.
class Tracking {
 public:
  Tracking(std::shared_ptr<Tracker> tracker, const TrackerUse& use, TrackerUser& user);
  Tracking(Tracking&& other) noexcept = default;
  Tracking& operator=(Tracking&&) = delete;
  ~Tracking();
  const Tracker& tracker() const { return *tracker_; }
  int weight() const { return weight_; }
  bool reverse() const { return reverse_; }
  Verdict verdict() const { return tracker_->judge(weight_, reverse_); }

 private:
  std::shared_ptr<Tracker> tracker_;
  int weight_;
  bool reverse_;
  TrackerUser* user_;
};

class TrackerSet {
 public:
  // `facts_changed`: of a tracker.
  TrackerSet(
      base::Loop& loop, Netlink& netlink, std::function<void()> facts_changed = [] {},
      std::function<tandem::StatsReply()> stats = [] { return tandem::StatsReply(); })
      : loop_(loop), netlink_(netlink), facts_changed_(std::move(facts_changed)), stats_(std::move(stats)) {}
  // From now on trackers are made of `config`; those that its change does not touch are kept.
  void configure(std::shared_ptr<const Config> config);
  std::shared_ptr<Tracker> get(const TrackerUse& use);
  // Forgets those without users.
  void sweep();
  void tell(const tandem::VrrpStates& states);
  std::optional<tandem::NodeFacts> facts() const;

 private:
  base::Loop& loop_;
  Netlink& netlink_;
  const std::function<void()> facts_changed_;
  const std::function<tandem::StatsReply()> stats_;
  std::shared_ptr<const Config> config_;
  std::map<std::pair<std::string_view, std::string>, std::shared_ptr<Tracker>> trackers_;
};

}  // namespace vrrpd
