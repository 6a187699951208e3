// Instance: one virtual router as it runs: the state machine, its timer, its adverts, its addresses, its trackers.
//
// Everything that happens becomes an Event for the machine (fsm.h), whose actions are performed here in their order.
// Whether the instance may run at all is reconsidered whenever something it stands on changes: its interface, its
// source address, its trackers, its group; that gives the events fail, recover and revised.
// Life: start() to stop(), which gives the mastership up; reconfigure() moves it to another configuration in place.
// Thread: that of the loop. Errors: logged with the instance's name in keepalived's form, "(VI_1) …".
#pragma once

#include <array>
#include <memory>
#include <string>
#include <vector>

#include "base/metric.h"
#include "vrrpd/advert_path.h"
#include "vrrpd/config.h"
#include "vrrpd/drain.h"
#include "vrrpd/firewall.h"
#include "vrrpd/fsm.h"
#include "vrrpd/notify.h"
#include "vrrpd/passage.h"
#include "vrrpd/readiness.h"
#include "vrrpd/route_set.h"
#include "vrrpd/track/tracker.h"
#include "vrrpd/vip.h"
#include "vrrpd/vmac.h"

namespace vrrpd {

class Instance;
class SyncGroup;

class InstanceEvents {
 public:
  virtual void on_state(Instance& instance, State from) = 0;
  virtual void on_priority(Instance& instance) = 0;
  virtual void on_tracking(Instance& instance) = 0;  // of its own or of its group
  virtual void on_resigned(Instance& instance) = 0;  // a successor is wanted
  virtual void on_lateness(base::Nanos late) = 0;    // of a timer
  // Whether the master can be asked to give the addresses by plan.
  virtual bool may_ask(const Instance& instance) const = 0;

 protected:
  ~InstanceEvents() = default;
};

// What all instances share.
struct InstanceContext {
  base::Loop& loop;
  Netlink& netlink;
  SocketPool& sockets;
  AnnounceQueue& announcements;
  TrackerSet& trackers;
  InstanceEvents& events;
  NotifyFifos& fifos;
  VmacPool& vmacs;
  Firewall& firewall;
};

struct InstanceCounters {
  base::Counter adverts_sent, adverts_received, resignations_sent, resignations_received;
  base::Counter became_master, became_master_unready, released_master, became_fault, words_heard;
  base::Counter lower_heard_as_master, unknown_sender, own_echo, send_errors;
  std::array<base::Counter, kFlaws> flaws;
};

class Instance final : private NetlinkObserver, private TrackerUser {
 public:
  Instance(const InstanceContext& context, std::shared_ptr<const Config> config, const InstanceConfig& own);
  ~Instance();

  void start();
  // A master first waits for its successor: state() is init when it is done. Again, it is at once.
  void stop(bool keep_addresses = false);
  void remove();  // as stop(), because the configuration has it no more
  // Once more, into the fifos.
  void tell_state();
  // `config` holds `own`. The state stays; what changed is moved. resume() follows when the groups are there, too.
  void reconfigure(std::shared_ptr<const Config> config, const InstanceConfig& own);
  void resume();
  void receive(std::span<const uint8_t> message, const Path& path);

  // What comes over the second path (partner.h).
  RouterId id() const;
  void describe(tandem::VrrpWord::Router& to) const;
  void hear(const RouterWord& word);
  void announce_again();
  void follow_up(const std::string& node);  // the master gave up in our favour
  // A master tells that node that it will yield to it, and that what is open then goes on here for as long as `drain`.
  void prepare(const std::string& node, base::Nanos drain);
  bool prepares() const { return drain_limit_ > base::Nanos(0); }
  // A master gives up in favour of that node, and keeps the addresses until it has them.
  void yield_to(const std::string& node, const std::string& why);
  // A backup tells whether its operator wants the addresses here: the master may give them by plan.
  void recall(bool on);
  const std::string& successor() const { return successor_; }  // chosen so; "": none
  // How long connections that were open when it gave up may still go on here.
  base::Nanos draining() const { return drain_.left(base::mono_now()); }
  // Not to preempt, for that reason; "": it may.
  void hold_back(const std::string& why);
  const std::string& held_back() const { return held_back_; }
  // What this node lacks to serve as well as the master; a backup that lacks something does not preempt either.
  void set_lacks(Lacks lacks);
  const Lacks& lacks() const { return lacks_; }
  // A word of another node.
  void said(const std::string& node, const RouterWord& word);
  const DualActive& dual_active() const { return dual_active_; }
  // Whether it stands on a tracker that knows how well this node serves.
  bool knows_facts() const;

  const std::string& name() const { return own_->name; }
  const InstanceConfig& config() const { return *own_; }
  const Config& whole_config() const { return *config_; }
  State state() const { return machine_.state; }
  const Machine& machine() const { return machine_; }
  uint8_t priority() const { return settings_.priority; }
  const std::string& reason() const { return reason_; }
  base::WallTime since() const { return since_; }
  const base::IpAddr& source() const { return paths_.front().source(); }
  // Where the adverts of the master come from on that path; none: nobody has been heard.
  const base::IpAddr& master(const AdvertPath& path) const {
    return state() == State::master ? path.source() : path.last_source();
  }
  const base::IpAddr& master() const { return master(paths_.front()); }
  const InstanceCounters& counters() const { return counters_; }
  // The last advert of another master that this one heard as master; no source: none.
  struct ForeignMaster {
    base::IpAddr source;
    uint8_t priority = 0;
    base::WallTime when{};
  };
  const ForeignMaster& foreign_master() const { return foreign_master_; }
  // The flaw of the last advert that had one, as a number from 1; 0: none had.
  unsigned last_flaw() const { return last_flaw_; }
  // Since it left INIT or FAULT; 0: it is there.
  base::Nanos up_time(base::MonoTime now) const { return up_since_ == base::kNever ? base::Nanos(0) : now - up_since_; }
  const VipSet& vips() const { return vips_; }
  // The first one is of the family of the instance.
  const std::vector<AdvertPath>& paths() const { return paths_; }
  const std::vector<Tracking>& trackings() const { return trackings_; }
  Notifier& notifier() { return notifier_; }

  // The group's side.
  void set_group(SyncGroup* group) { group_ = group; }
  const SyncGroup* group() const { return group_; }
  void follow(Event::Kind kind, std::string reason);  // promote, demote
  void tell_tracking() { context_.events.on_tracking(*this); }
  // Whether it could run if its group let it.
  bool healthy() const { return fault_.empty(); }
  void reconsider();

 private:
  static constexpr std::string_view kSilence = "the master is silent", kResigned = "the master resigned";

  void on_interface(const Interface& interface) override;
  void on_interface_gone(const Interface& interface) override;
  void on_address_gone(const Interface& interface, const base::IpAddr& ip) override;
  void on_tracker(const Tracker& tracker) override;
  void on_timer();

  void handle(const Event& event, std::string reason);
  void perform(Action action);
  void arm();
  void after_change(State from);
  void advertise(uint8_t priority);
  void count_flaw(Flaw flaw, const Path& path, bool fatal);

  void apply_config();
  void apply_accept();
  // Hand-over (instance_handover.cc).
  bool begin_drain();
  void end_drain(std::string_view why);
  void on_drained();
  bool asks_first(base::MonoTime now);
  void note_master(uint8_t priority);
  void open_passage(const std::string& node, const RouterWord& word);
  void close_passage(std::string_view why);
  std::vector<base::IpAddr> addresses_of(base::Family family) const;
  std::vector<DrainedAddresses> drained_addresses() const;
  void take_down();
  std::string vip_device() const;
  bool refresh_vmac(const Interface* interface);
  void refresh_path();
  void close_paths();
  std::string find_fault() const;
  uint8_t find_priority() const;
  AdvertPath* path_of(base::Family family);
  bool unicast() const { return !own_->peers.empty(); }

  const InstanceContext context_;
  std::shared_ptr<const Config> config_;
  const InstanceConfig* own_;
  Settings settings_;
  Machine machine_;
  bool started_ = false;
  bool leaving_ = false;
  bool keep_addresses_ = false;
  bool resigned_ = false;
  bool recalls_ = false;
  std::string successor_, held_back_;
  Lacks lacks_;
  DualActive dual_active_;
  std::string_view farewell_ = "STOP";
  SyncGroup* group_ = nullptr;

  std::unique_ptr<Vmac> vmac_;
  std::vector<AdvertPath> paths_;
  std::string path_fault_;  // why adverts cannot be sent; empty: they can
  unsigned last_flaw_ = 0;
  ForeignMaster foreign_master_;
  base::MonoTime up_since_ = base::kNever;

  std::string_view wait_reason_;  // why the wait of the backup will end
  std::string fault_;
  std::string reason_ = "start";
  base::WallTime since_ = base::wall_now();
  base::Timer timer_;
  VipSet vips_;
  RouteSet routes_;
  std::vector<Tracking> trackings_;
  Notifier notifier_;
  // Of a backup that is about to preempt: whether it has asked the master, and waits for the answer.
  bool asked_ = false;
  base::Timer asking_;
  base::MonoTime lower_heard_ = base::kNever;  // when a master of lower priority spoke last
  std::string heir_;                           // of a hand-over that was asked for
  base::Nanos drain_limit_{};                  // likewise
  Drain drain_;
  Passage passage_;
  std::string passage_node_;  // where it leads to
  InstanceCounters counters_;
};

}  // namespace vrrpd
