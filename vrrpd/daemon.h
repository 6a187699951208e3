// Daemon: everything that vrrpd is between its start and its end: the instances and groups of the configuration, what
// they share, signals, and the move from one configuration to the next.
//
// Life: open(), run(), destruction; run() returns after SIGTERM or SIGINT when the mastership has been given up and
// the last notify scripts have ended (or kPatience has passed). Thread: that of the loop.
// Errors: open() gives what makes work impossible (no rights for raw sockets, an unusable configuration).
#pragma once

#include <map>
#include <memory>
#include <set>
#include <string>
#include <vector>

#include "vrrpd/announce.h"
#include "vrrpd/group.h"
#include "vrrpd/instance.h"
#include "vrrpd/judge.h"
#include "vrrpd/planned.h"
#include "vrrpd/publish.h"
#include "vrrpd/schedule.h"

namespace vrrpd {

struct DaemonOptions {
  LoadContext load;
  bool keep_addresses = false;  // -V: leave the addresses at the stop
};

class Daemon final : private AdvertReceiver, private InstanceEvents {
 public:
  Daemon(base::Loop& loop, DaemonOptions options);
  ~Daemon();
  // `diagnostics`: of that configuration; a reload does not stumble over alerts that it was started with.
  base::Status open(std::shared_ptr<const Config> config, const cfg::Diagnostics& diagnostics);
  void run();

  // For dump.cc.
  const Config& config() const { return *config_; }
  const std::vector<std::unique_ptr<Instance>>& instances() const { return instances_; }
  const std::vector<std::unique_ptr<SyncGroup>>& groups() const { return groups_; }
  const Netlink& netlink() const { return *netlink_; }
  uint64_t foreign_adverts() const { return foreign_.get(); }

 private:
  void on_message(AdvertSocket& socket, std::span<const uint8_t> message, const Path& path) override;
  void on_state(Instance& instance, State from) override;
  void on_priority(Instance& instance) override;
  void on_tracking(Instance& instance) override;
  void on_resigned(Instance& instance) override;
  void on_lateness(base::Nanos late) override { schedule_.on_lateness(late); }
  bool may_ask(const Instance& instance) const override { return !partner_->master_of(instance.id()).empty(); }

  void apply_static();
  void begin();
  void start_instances();
  bool run_script(const Command& command, base::Nanos timeout, void (Daemon::*then)());
  void end();
  void on_stop();
  void on_reload();
  void reload_failed(std::string why);
  void on_dump();
  void on_stats();
  void on_ending();
  void apply(std::shared_ptr<const Config> config);
  Instance* find(std::string_view name) const;
  bool all_idle() const;
  // Who serves better (judge.h).
  void on_facts();
  void judge();
  void look_ready(Instance& instance, bool judged);
  std::string reason_to_hold(const Instance& instance, bool judged, base::MonoTime now) const;
  // To the other nodes (partner.h).
  void on_word();
  void on_linked();
  void say(const Instance* resigned);
  Instance* find(const RouterId& id) const;
  tandem::VrrpStates states() const;
  tandem::StatsReply stats() const;
  tandem::Account account() const;

  base::Loop& loop_;
  const DaemonOptions options_;
  std::shared_ptr<const Config> config_;
  std::set<std::string> known_errors_;

  Schedule schedule_;
  NotifyFifos fifos_;
  base::Child script_;  // startup_script, shutdown_script
  std::unique_ptr<Netlink> netlink_;
  Firewall firewall_;
  std::unique_ptr<VmacPool> vmacs_;
  Announcer announcer_;
  std::unique_ptr<AnnounceQueue> announcements_;
  SocketPool sockets_;
  std::unique_ptr<VipSet> static_addresses_;
  std::unique_ptr<RouteSet> static_routes_;
  std::unique_ptr<TrackerSet> trackers_;
  std::vector<std::unique_ptr<Instance>> instances_;
  std::vector<std::unique_ptr<Instance>> deleted_;  // until their last scripts have ended
  std::vector<std::unique_ptr<SyncGroup>> groups_;
  std::vector<std::shared_ptr<Notifier>> deleted_notifiers_;  // of groups, likewise
  Planned planned_;
  std::unique_ptr<Publisher> publisher_;  // whose clients ask for the planned
  std::unique_ptr<Partner> partner_;
  Judge judge_;
  base::Counter foreign_, reloads_, reloads_failed_;
  std::string reload_error_;  // of the last that failed

  base::SignalWatcher term_, int_, hup_, usr1_, usr2_;
  base::Timer startup_, ending_, word_, judging_;
  bool started_ = false;
  bool left_ = false;  // every instance has given up what it had
  base::MonoTime stop_until_ = base::kNever;
};

}  // namespace vrrpd
