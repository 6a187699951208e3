// The configuration of vrrpd as it was written and checked: plain values, no text to parse later, no open things.
//
// Built by load() (words_*.cc fill it, check.cc completes and judges it), then immutable; a reload builds another and
// the daemon moves over (reload.cc). Names follow keepalived.conf(5). Times are in their types; what a word left
// unset and something else decides is an optional. Owner: the daemon, as shared_ptr<const Config>.
#pragma once

#include <sys/types.h>

#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "base/addr.h"
#include "base/result.h"
#include "base/time.h"
#include "cfg/blocks.h"
#include "vrrpd/packet.h"

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
  Command any;  // `notify`: run after the others, with TYPE NAME STATE PRIORITY behind its own arguments
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

struct Announcements {
  base::Nanos master_delay = base::Seconds(5);  // until the second round; 0: none
  unsigned master_repeat = 5;
  base::Nanos refresh{};  // 0: never
  unsigned refresh_repeat = 1;
  base::Nanos lower_prio_delay = base::Seconds(5);
  unsigned lower_prio_repeat = 5;
  bool operator==(const Announcements&) const = default;
};
// The same with nothing filled in, for an instance over the global ones.
struct AnnouncementOverrides {
  std::optional<base::Nanos> master_delay, refresh, lower_prio_delay;
  std::optional<unsigned> master_repeat, refresh_repeat, lower_prio_repeat;
  Announcements over(Announcements defaults) const;
};

struct InstanceConfig {
  std::string name;
  cfg::Location where;

  std::string interface;
  uint8_t vrid = 0;
  uint8_t priority = 100;
  bool wants_master = false;  // state MASTER
  std::optional<uint8_t> version_word;
  uint8_t version = 3;
  base::Family family = base::Family::v4;
  base::Nanos interval = base::Seconds(1);
  unsigned down_adverts = 0;  // as written; check() fills in the global one

  bool preempt = true;
  base::Nanos preempt_delay{};
  std::optional<bool> lower_prio_no_advert;
  std::optional<bool> higher_prio_send_advert;

  std::vector<VirtualAddress> addresses;           // in adverts, in their order there
  std::vector<VirtualAddress> addresses_excluded;  // not in adverts
  std::optional<base::IpAddr> source;
  bool track_source = false;
  std::vector<UnicastPeer> peers;
  bool check_unicast_source = true;
  uint8_t unicast_ttl = kTtl;
  std::optional<base::IpAddr> group;  // multicast destination

  uint8_t auth_type = 0;
  std::string auth_pass;
  bool v3_checksum_plain = false;
  std::optional<bool> skip_check_addresses;

  std::optional<bool> accept;
  std::optional<bool> strict;
  bool track_primary = true;
  std::vector<TrackerUse> trackers;
  AnnouncementOverrides announcement_words;
  Announcements announcements;
  NotifyScripts notify;

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

struct GlobalConfig {
  std::string router_id;
  std::optional<uint8_t> version;
  Announcements announcements;
  bool lower_prio_delay_set = false, lower_prio_repeat_set = false;
  base::Nanos garp_interval{}, gna_interval{};
  bool lower_prio_no_advert = false;
  bool higher_prio_send_advert = false;
  bool skip_check_addresses = false;
  bool strict = false;
  bool v3_checksum_plain = false;
  std::optional<bool> check_unicast_source;
  unsigned down_adverts = 3;
  base::Nanos startup_delay{};
  std::string default_interface = "eth0";
  std::optional<base::IpAddr> group_v4, group_v6;

  std::string script_user, script_group;
  bool script_security = false;

  std::string lbd_socket = "/run/tandem/lbd-link.sock";
  std::string socket = "/run/tandem/vrrpd.sock";
  std::string dump_file = "/tmp/keepalived.data";
  std::string stats_file = "/tmp/keepalived.stats";
};

struct Config {
  cfg::SourceSet sources;
  GlobalConfig global;
  std::vector<InstanceConfig> instances;
  std::vector<GroupConfig> groups;
  std::vector<ScriptConfig> scripts;
  bool balancing_skipped = false;  // virtual_server and the like: one warning for all
  // Something without which an instance cannot be: such a file is not started on.
  bool unusable = false;

  const InstanceConfig* find_instance(std::string_view name) const;
  const ScriptConfig* find_script(std::string_view name) const;
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
