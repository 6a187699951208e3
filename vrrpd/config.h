// The configuration of vrrpd as it was written and checked: plain values, no text to parse later, no open things.
//
// Built by load() (words/ fills it, words/check.cc completes and judges it), then immutable; a reload builds another
// and the daemon moves over (reload.cc). Names follow keepalived.conf(5). Times are in their types; what a word left
// unset and something else decides is an optional. Owner: the daemon, as shared_ptr<const Config>.
#pragma once

#include <sys/types.h>

#include <array>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "base/addr.h"
#include "base/result.h"
#include "base/time.h"
#include "cfg/blocks.h"
#include "vrrpd/packet.h"
#include "vrrpd/route.h"

namespace vrrpd {

// A script with its arguments and whose rights it gets. Empty argv: none configured.
struct Command {
  std::vector<std::string> argv;
  std::string user;   // empty: global script_user
  std::string group;  // empty: the user's
  cfg::Location where;
  explicit operator bool() const { return !argv.empty(); }
  bool operator==(const Command& other) const {
    return argv == other.argv && user == other.user && group == other.group;
  }
};

// notify_* of an instance or a group.
struct NotifyScripts {
  Command master, backup, fault, stop, deleted, master_rx_lower_pri;
  bool tell_deleted = false;  // notify_deleted stands there: a deleted instance is DELETED, not in FAULT
  Command any;                // `notify`: run after the others, with TYPE NAME STATE PRIORITY behind its own arguments
};

// One line of virtual_ipaddress.
struct VirtualAddress {
  base::IpAddr ip;
  uint8_t prefix = 0;
  std::string device;  // empty: the instance's
  std::string label;
  std::optional<base::IpAddr> broadcast;
  bool broadcast_from_prefix = false;  // brd +
  std::optional<base::IpAddr> peer;
  uint8_t scope = 0;                      // RT_SCOPE_UNIVERSE
  std::optional<uint32_t> preferred_lft;  // seconds
  bool home = false;
  bool duplicate_detection = false;  // "-nodad"
  bool manage_temporary = false;
  bool no_prefix_route = false;
  bool auto_join = false;
  bool tracked = true;  // put back when somebody else removes it

  bool operator==(const VirtualAddress&) const = default;
};

// Unicast may be routed, so the TTL proves nothing unless it is asked for; that the sender is a peer is checked.
struct UnicastPeer {
  base::IpAddr ip;
  uint8_t min_ttl = 0;
  uint8_t max_ttl = kTtl;
  bool operator==(const UnicastPeer&) const = default;
};

// What a tracker means to one instance: without weight its failure is a FAULT, with one it moves the priority.
struct TrackerUse {
  std::string_view kind;  // the word, which is the name of a TrackerRow: "track_interface" …
  std::string name;
  std::optional<int> weight;  // unset: the tracker's own
  bool reverse = false;
  cfg::Location where;
  bool operator==(const TrackerUse& other) const {
    return kind == other.kind && name == other.name && weight == other.weight && reverse == other.reverse;
  }
};

// use_vmac: a virtual MAC address on an interface of its own.
struct VirtualMacConfig {
  bool on = false;
  std::string name;                           // empty: made of prefix and VRID
  std::optional<std::array<uint8_t, 6>> mac;  // nothing: the RFC's
  bool mac_ends_with_vrid = false;            // only five octets were given
  bool transmit_base = false;                 // adverts leave through the real interface
  bool operator==(const VirtualMacConfig&) const = default;
};

struct Announcements {
  base::Nanos master_delay = base::Seconds(5);  // until the second round; 0: none
  unsigned master_repeat = 5;
  base::Nanos refresh{};  // 0: never
  unsigned refresh_repeat = 1;
  base::Nanos lower_prio_delay = base::Seconds(5);
  unsigned lower_prio_repeat = 5;
  // Of addresses on interfaces that no advert leaves by, which switches would forget: those with a virtual MAC, or all.
  base::Nanos extra{};  // 0: never
  bool extra_everywhere = false;
  bool operator==(const Announcements&) const = default;
};
// The same with nothing filled in, for an instance over the global ones.
struct AnnouncementOverrides {
  std::optional<base::Nanos> master_delay, refresh, lower_prio_delay, extra;
  std::optional<bool> extra_everywhere;
  std::optional<unsigned> master_repeat, refresh_repeat, lower_prio_repeat;
  Announcements over(Announcements defaults) const;
};

struct InstanceConfig {
  std::string name;
  cfg::Location where;

  std::string interface;
  uint8_t vrid = 0;
  uint8_t priority = 100;
  bool owner_ignores = false;  // the owner obeys nobody
  bool no_addresses = false;   // and means it
  bool wants_master = false;   // state MASTER
  std::optional<uint8_t> version_word;
  uint8_t version = 3;
  base::Family family = base::Family::v4;
  base::Nanos interval = base::Seconds(1);
  unsigned down_adverts = 0;  // as written; check() fills in the global one

  std::optional<bool> pair;  // there are two routers only; unset: what the number of unicast peers says
  bool preempt = true;
  bool preempt_unready = false;
  base::Nanos preempt_delay{};
  std::optional<bool> lower_prio_no_advert;
  std::optional<bool> higher_prio_send_advert;

  std::vector<VirtualAddress> addresses;           // in adverts, in their order there; those of `family` first
  std::vector<VirtualAddress> addresses_excluded;  // not in adverts
  RoutesConfig routes;                             // virtual_routes, virtual_rules
  std::optional<base::IpAddr> source;
  bool track_source = false;
  std::vector<UnicastPeer> peers;
  bool unicast_meant = false;  // there is a unicast_peer, be it empty
  bool check_unicast_source = true;
  uint8_t unicast_ttl = kTtl;
  std::optional<base::IpAddr> group;  // multicast destination

  uint8_t auth_type = 0;
  std::string auth_pass;
  bool v3_checksum_plain = false;
  std::optional<bool> skip_check_addresses;

  VirtualMacConfig vmac;
  std::optional<bool> accept;
  std::optional<bool> strict;
  bool track_primary = true;
  bool fault_without_peer = false;
  std::optional<bool> notify_priority_changes;
  bool promote_secondaries = false;
  std::vector<TrackerUse> trackers;
  AnnouncementOverrides announcement_words;
  Announcements announcements;
  NotifyScripts notify;

  // That of the instance, and the other one if there are addresses of it.
  std::vector<base::Family> families() const;
  bool speaks(base::Family of) const;  // has adverts of it
  bool has_one_peer() const;           // of its own family
  // As adverts carry them.
  Password password() const;
};

struct GroupConfig {
  std::string name;
  cfg::Location where;
  std::vector<cfg::Word> members;
  std::vector<TrackerUse> trackers;
  bool tracking_weight = false;
  NotifyScripts notify;
};

struct ScriptConfig {
  std::string name;
  cfg::Location where;
  Command command;
  base::Nanos interval = base::Seconds(1);
  std::optional<base::Nanos> timeout;  // unset: the interval
  unsigned rise = 1;
  unsigned fall = 1;
  int weight = 0;
  bool reverse = false;
  bool init_fail = false;
};

// vrrp_track_process: processes of the node that are counted.
struct ProcessConfig {
  // How the parameters on a command line have to look; `ignored`: only the name of the process counts.
  enum class Parameters : uint8_t { ignored, exact, initial, partial };
  std::string name;
  cfg::Location where;
  std::vector<std::string> command;
  Parameters parameters = Parameters::ignored;
  unsigned quorum = 1;
  std::optional<unsigned> quorum_max;
  base::Nanos fork_delay{}, terminate_delay{};
  int weight = 1;
  bool reverse = false;
};

// track_file: a file whose number counts.
struct FileConfig {
  std::string name;
  cfg::Location where;
  std::string path;
  int64_t weight = 1;
  bool reverse = false;
  std::optional<int64_t> initial;  // written at the start
  bool overwrite = false;          // also over what is there
};

// notify_fifo, vrrp_notify_fifo.
struct FifoConfig {
  std::string path;  // empty: none
  std::string user, group;
  Command script;  // its reader
  bool operator==(const FifoConfig&) const = default;
};

struct ScheduleConfig {
  std::optional<int> niceness;
  std::optional<int> real_time;  // 1..99
  std::optional<base::Micros> real_time_limit;
  std::vector<int> processors;  // empty: all
  bool no_swap = false;
  int most_auto = 0;  // real-time priority that lateness may lead to; 0: none
  base::Nanos auto_delay = base::Seconds(1);
  bool operator==(const ScheduleConfig&) const = default;
};

// garp_group: interfaces whose announcements share a pace.
struct GarpGroup {
  std::optional<base::Nanos> garp_interval, gna_interval;  // unset: the global ones
  std::vector<std::string> interfaces;
};

// interface_up_down_delays: how long a link has to be down or up until it counts.
struct LinkDelays {
  base::Nanos down{}, up{};
};

struct GlobalConfig {
  std::string router_id;
  std::optional<uint8_t> version;
  Announcements announcements;
  bool lower_prio_delay_set = false, lower_prio_repeat_set = false;
  base::Nanos garp_interval{}, gna_interval{};
  bool lower_prio_no_advert = false;
  std::optional<bool> higher_prio_send_advert;
  bool skip_check_addresses = false;
  bool strict = false;
  bool v3_checksum_plain = false;
  std::optional<bool> check_unicast_source;
  bool pair = false;
  unsigned down_adverts = 3;
  base::Nanos startup_delay{};
  std::string default_interface = "eth0";
  std::string vmac_prefix = "vrrp";
  std::optional<base::IpAddr> group_v4, group_v6;

  std::string script_user, script_group;
  bool script_security = false;
  bool supplementary_groups = false;  // of the user of a script

  FifoConfig fifo, vrrp_fifo;
  bool notify_priority_changes = false;
  bool tell_states_on_reload = false;
  Command startup_script, shutdown_script;
  base::Nanos startup_script_timeout = base::Seconds(10), shutdown_script_timeout = base::Seconds(10);
  ScheduleConfig schedule;
  base::Nanos delay_after_boot{};
  std::optional<unsigned> umask;

  std::string reload_file;  // empty: none

  std::string lbd_socket = "/run/tandem/lbd-link.sock";
  std::string socket = "/run/tandem/vrrpd.sock";
  std::string syncd_socket = "/run/tandem/syncd.sock";
  std::string dump_file = "/tmp/keepalived.data";
  std::string stats_file = "/tmp/keepalived.stats";
};

struct Config {
  cfg::SourceSet sources;
  GlobalConfig global;
  std::vector<InstanceConfig> instances;
  std::vector<GroupConfig> groups;
  std::vector<ScriptConfig> scripts;
  std::vector<ProcessConfig> processes;
  std::vector<FileConfig> files;
  std::vector<GarpGroup> garp_groups;
  std::map<std::string, LinkDelays, std::less<>> link_delays;  // by interface
  std::vector<VirtualAddress> static_addresses;
  RoutesConfig static_routes;
  bool balancing_skipped = false;  // virtual_server and the like: one warning for all
  // Something without which an instance cannot be: such a file is not started on.
  bool unusable = false;

  const InstanceConfig* find_instance(std::string_view name) const;
  const ScriptConfig* find_script(std::string_view name) const;
  const ProcessConfig* find_process(std::string_view name) const;
  const FileConfig* find_file(std::string_view name) const;
};

struct LoadContext {
  std::string path;
  std::string config_id;
};
// Errors: only when `path` cannot be read. Everything else is in `diagnostics`: an alert is what a strict reader
// refuses (-t, a reload), and what a start goes on with.
base::Result<std::shared_ptr<Config>> load(const LoadContext& context, cfg::Diagnostics& diagnostics);

// From the tree on; for load() and tests.
void apply_blocks(const std::vector<cfg::Block>& blocks, Config& config, cfg::Diagnostics& diagnostics);
// Defaults that depend on other words, references between blocks, and what does not go together.
void check(Config& config, cfg::Diagnostics& diagnostics);

}  // namespace vrrpd
