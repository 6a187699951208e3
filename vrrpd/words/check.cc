// What no single word can know: defaults that depend on other words, references between blocks, contradictions.
#include <algorithm>
#include <map>
#include <set>
#include <tuple>

#include "vrrpd/command.h"
#include "vrrpd/track/tracker.h"
#include "vrrpd/words/words.h"

namespace vrrpd {
namespace {

constexpr size_t kMostAddresses = 255;

class Checker {
 public:
  Checker(Config& config, cfg::Diagnostics& diagnostics) : config_(config), diagnostics_(diagnostics) {}

  void run() {
    complete_global();
    for (ScriptConfig& script : config_.scripts) check_script(script);
    for (const ProcessConfig& process : config_.processes)
      if (process.command.empty()) error(process.where, "'{}' names no process and is not used", process.name);
    for (const FileConfig& file : config_.files)
      if (file.path.empty()) error(file.where, "'{}' names no file and is not used", file.name);
    for (InstanceConfig& instance : config_.instances) {
      complete_family(instance);
      complete_interval(instance);
      check_authentication(instance);
      check_election(instance);
      check_strict(instance);
      complete_rest(instance);
      complete_trackers(instance.trackers, instance.name);
      check_required(instance);
    }
    check_duplicates();
    for (GroupConfig& group : config_.groups) check_group(group);
    std::erase_if(config_.groups, [](const GroupConfig& group) { return group.members.empty(); });
  }

 private:
  template <typename... Parts>
  void warn(const cfg::Location& where, fmt::format_string<Parts...> text, Parts&&... parts) {
    diagnostics_.warning(where, fmt::format(text, std::forward<Parts>(parts)...));
  }
  template <typename... Parts>
  void error(const cfg::Location& where, fmt::format_string<Parts...> text, Parts&&... parts) {
    diagnostics_.error(where, fmt::format(text, std::forward<Parts>(parts)...));
  }
  template <typename... Parts>
  void fatal(const cfg::Location& where, fmt::format_string<Parts...> text, Parts&&... parts) {
    diagnostics_.error(where, fmt::format(text, std::forward<Parts>(parts)...));
    config_.unusable = true;
  }

  void complete_global() {
    GlobalConfig& global = config_.global;
    if (!global.lower_prio_delay_set) global.announcements.lower_prio_delay = global.announcements.master_delay;
    if (!global.lower_prio_repeat_set) global.announcements.lower_prio_repeat = global.announcements.master_repeat;
  }

  void check_script(ScriptConfig& script) {
    if (!script.command) error(script.where, "script '{}' has no command and is not used", script.name);
  }

  // The first address tells the family. Version 3 has adverts of its own for the other; in version 2, which knows IPv4
  // only, they move along, unnamed.
  void complete_family(InstanceConfig& instance) {
    std::vector<VirtualAddress>& addresses = instance.addresses;
    if (!addresses.empty())
      instance.family = addresses.front().ip.family;
    else if (instance.source)
      instance.family = instance.source->family;
    complete_version(instance);
    const auto own = [&](const auto& each) { return each.ip.family == instance.family; };
    // RFC 9568 5.2.9: the link-local one comes first.
    std::stable_partition(addresses.begin(), addresses.end(),
                          [](const VirtualAddress& address) { return address.ip.is_link_local(); });
    const auto foreign = std::stable_partition(addresses.begin(), addresses.end(), own);
    const bool both = foreign != addresses.end() && instance.version == 3;
    if (foreign != addresses.end() && !both) {
      for (auto it = foreign; it != addresses.end(); ++it)
        error(instance.where,
              "{} is of another family than the first address of '{}'; it moves along but is in no advert of version 2",
              it->ip.to_string(), instance.name);
      exclude(instance, foreign, addresses.end());
    }
    std::erase_if(instance.peers, [&](const UnicastPeer& peer) {
      if (own(peer) || both) return false;
      error(instance.where, "unicast peer {} is of another family than '{}' and is left out", peer.ip.to_string(),
            instance.name);
      return true;
    });
    if (instance.source && instance.source->family != instance.family) {
      error(instance.where, "the source address of '{}' is of another family and is left out", instance.name);
      instance.source.reset();
    }
    // From behind, since what is left out moves the rest.
    const auto split = std::find_if_not(addresses.begin(), addresses.end(), own);
    const auto first = split - addresses.begin();
    limit_addresses(instance, first, addresses.end() - addresses.begin());
    limit_addresses(instance, 0, first);
  }

  void limit_addresses(InstanceConfig& instance, ptrdiff_t begin, ptrdiff_t end) {
    if (end - begin <= static_cast<ptrdiff_t>(kMostAddresses)) return;
    error(instance.where, "'{}' has {} addresses of a family; an advert names at most {}, the rest moves along unnamed",
          instance.name, end - begin, kMostAddresses);
    const auto from = instance.addresses.begin() + begin;
    exclude(instance, from + static_cast<ptrdiff_t>(kMostAddresses), from + (end - begin));
  }

  static void exclude(InstanceConfig& instance, std::vector<VirtualAddress>::iterator from,
                      std::vector<VirtualAddress>::iterator to) {
    instance.addresses_excluded.insert(instance.addresses_excluded.end(), from, to);
    instance.addresses.erase(from, to);
  }

  void complete_version(InstanceConfig& instance) {
    const bool v6 = instance.family == base::Family::v6;
    const uint8_t otherwise = v6 ? uint8_t{3} : config_.global.version.value_or(2);
    instance.version = instance.version_word.value_or(otherwise);
    if (!v6 || instance.version == 3) return;
    warn(instance.where, "'{}' has IPv6 addresses and speaks version 3", instance.name);
    instance.version = 3;
  }

  void complete_interval(InstanceConfig& instance) {
    const base::Nanos written = instance.interval;
    if (instance.version == 2) {
      instance.interval = std::max(std::chrono::round<base::Seconds>(written), base::Seconds(1));
    } else {
      instance.interval = std::clamp(std::chrono::round<Centis>(written), Centis(1), kMaxIntervalV3);
    }
    if (instance.interval != written)
      warn(instance.where, "advert_int of '{}' is {} s: version {} cannot say {} s", instance.name,
           base::to_seconds(instance.interval), instance.version, base::to_seconds(written));
  }

  void check_authentication(InstanceConfig& instance) {
    if (instance.auth_type && instance.auth_pass.empty()) {
      error(instance.where, "'{}' has authentication but no password and does without", instance.name);
      instance.auth_type = 0;
    }
    if (instance.auth_type && instance.version == 3) {
      warn(instance.where, "'{}' speaks version 3, which has no authentication", instance.name);
      instance.auth_type = 0;
    }
  }

  void check_election(InstanceConfig& instance) {
    const bool owner = instance.priority == kOwnerPriority;
    if (!instance.preempt && (instance.wants_master || owner)) {
      warn(instance.where, "nopreempt of '{}' needs 'state BACKUP' and a priority below 255; it is left out",
           instance.name);
      instance.preempt = true;
    }
    if (instance.preempt_delay.count() && (instance.wants_master || owner)) {
      warn(instance.where, "preempt_delay of '{}' needs 'state BACKUP' and a priority below 255; it is left out",
           instance.name);
      instance.preempt_delay = {};
    }
    if (!instance.preempt && instance.preempt_delay.count()) {
      warn(instance.where, "preempt_delay of '{}' means nothing with nopreempt", instance.name);
      instance.preempt_delay = {};
    }
  }

  void check_strict(InstanceConfig& instance) {
    if (!instance.strict.value_or(config_.global.strict)) return;
    if (instance.priority != kOwnerPriority && !instance.accept.value_or(false)) {
      diagnostics_.warning(instance.where,
                           fmt::format("strict mode: '{}' DROPS ALL PACKETS TO ITS ADDRESSES, so nothing can be "
                                       "served on them",
                                       instance.name),
                           "the RFC wants it so; remove vrrp_strict, or say 'accept' in the instance");
      instance.accept = false;
    }
    if (instance.auth_type) {
      warn(instance.where, "strict mode: '{}' does without authentication", instance.name);
      instance.auth_type = 0;
    }
    if (!instance.peers.empty())
      error(instance.where, "strict mode: unicast peers of '{}' are not in the RFC", instance.name);
    if (instance.addresses.empty()) fatal(instance.where, "strict mode: '{}' has no addresses", instance.name);
    // The letter is RFC 9568's, which answers a lower priority.
    instance.lower_prio_no_advert = instance.lower_prio_no_advert.value_or(false);
    instance.higher_prio_send_advert = instance.higher_prio_send_advert.value_or(false);
  }

  void complete_rest(InstanceConfig& instance) {
    const GlobalConfig& global = config_.global;
    if (instance.interface.empty() && instance.peers.empty()) instance.interface = global.default_interface;
    if (instance.down_adverts == 0) instance.down_adverts = global.down_adverts;
    if (!instance.group) instance.group = instance.family == base::Family::v6 ? global.group_v6 : global.group_v4;
    if (!instance.lower_prio_no_advert) instance.lower_prio_no_advert = global.lower_prio_no_advert;
    if (!instance.higher_prio_send_advert)
      instance.higher_prio_send_advert = global.higher_prio_send_advert.value_or(true);
    if (!instance.skip_check_addresses) instance.skip_check_addresses = global.skip_check_addresses;
    if (instance.vmac.on && instance.interface.empty()) {
      error(instance.where, "use_vmac of '{}' needs an interface and is left out", instance.name);
      instance.vmac.on = false;
    }
    if (instance.vmac.transmit_base && !instance.vmac.on)
      warn(instance.where, "vmac_xmit_base of '{}' means nothing without use_vmac", instance.name);
    instance.v3_checksum_plain |= global.v3_checksum_plain;
    instance.check_unicast_source &= global.check_unicast_source.value_or(true);
    instance.announcements = instance.announcement_words.over(global.announcements);
    if (instance.interval >= base::Seconds(1) && instance.priority > 1 && instance.priority < 200 &&
        instance.version == 3)
      diagnostics_.report(cfg::Severity::diag, instance.where,
                          fmt::format("a priority near 255 shortens the takeover of '{}': when a master fails in a "
                                      "way that it can tell, (256 - priority) / 256 of advert_int pass",
                                      instance.name));
  }

  void complete_trackers(std::vector<TrackerUse>& uses, const std::string& user) {
    std::erase_if(uses, [&](TrackerUse& use) {
      const auto own = base::Registered<TrackerRow>::find(use.kind)->own_weight(config_, use.name);
      if (!own) {
        error(use.where, "'{}' has {} {}, which does not exist", user, use.kind, use.name);
        return true;
      }
      if (!use.weight) {
        use.weight = own->weight;
        use.reverse |= own->reverse;
      }
      return false;
    });
  }

  void check_required(const InstanceConfig& instance) {
    if (instance.vrid == 0) fatal(instance.where, "'{}' needs a virtual_router_id", instance.name);
    if (instance.addresses.empty() && instance.addresses_excluded.empty()) {
      if (!instance.no_addresses) warn(instance.where, "'{}' has no addresses", instance.name);
    } else if (instance.addresses.empty()) {
      error(instance.where, "'{}' has no address to name in adverts; others will ignore them", instance.name);
    }
  }

  void check_duplicates() {
    std::map<std::tuple<std::string, base::Family, uint8_t, std::vector<base::IpAddr>>, const InstanceConfig*> seen;
    for (const InstanceConfig& instance : config_.instances) {
      std::vector<base::IpAddr> where;
      for (const UnicastPeer& peer : instance.peers) where.push_back(peer.ip);
      if (instance.group) where.push_back(*instance.group);
      for (const base::Family family : instance.families()) {
        if (!instance.speaks(family)) continue;
        const auto [it, fresh] =
            seen.emplace(std::make_tuple(instance.interface, family, instance.vrid, where), &instance);
        if (!fresh && instance.vrid)
          fatal(instance.where, "'{}' has the virtual_router_id {} of '{}' on the same interface", instance.name,
                instance.vrid, it->second->name);
      }
    }
  }

  void check_group(GroupConfig& group) {
    std::erase_if(group.members, [&](const cfg::Word& member) {
      if (!config_.find_instance(member.text)) {
        error(member.loc, "group '{}' names '{}', which is no vrrp_instance", group.name, member.text);
        return true;
      }
      if (!grouped_.insert(member.text).second) {
        error(member.loc, "'{}' is in two groups; it stays in the first", member.text);
        return true;
      }
      return false;
    });
    if (group.members.empty()) error(group.where, "group '{}' has no members and is left out", group.name);
    if (group.members.size() == 1) warn(group.where, "group '{}' has one member only", group.name);
    complete_trackers(group.trackers, group.name);
    for (const cfg::Word& member : group.members) drop_weights(group, member.text);
  }

  // Members with priorities of their own would pull the group apart.
  void drop_weights(const GroupConfig& group, std::string_view name) {
    if (group.tracking_weight) return;
    InstanceConfig& instance = *std::find_if(config_.instances.begin(), config_.instances.end(),
                                             [&](const InstanceConfig& each) { return each.name == name; });
    std::erase_if(instance.trackers, [&](const TrackerUse& use) {
      if (*use.weight == 0) return false;
      warn(use.where, "weights count for a whole group only: '{}' does not track '{}'", instance.name, use.name);
      return true;
    });
  }

  Config& config_;
  cfg::Diagnostics& diagnostics_;
  std::set<std::string> grouped_;
};

template <typename Item>
const Item* find_named(const std::vector<Item>& items, std::string_view name) {
  for (const Item& item : items)
    if (item.name == name) return &item;
  return nullptr;
}

}  // namespace

Announcements AnnouncementOverrides::over(Announcements defaults) const {
  Announcements all = defaults;
  if (master_delay) all.master_delay = all.lower_prio_delay = *master_delay;
  if (master_repeat) all.master_repeat = all.lower_prio_repeat = *master_repeat;
  if (refresh) all.refresh = *refresh;
  if (refresh_repeat) all.refresh_repeat = *refresh_repeat;
  if (lower_prio_delay) all.lower_prio_delay = *lower_prio_delay;
  if (lower_prio_repeat) all.lower_prio_repeat = *lower_prio_repeat;
  if (extra) all.extra = *extra;
  if (extra_everywhere) all.extra_everywhere = *extra_everywhere;
  return all;
}

std::vector<base::Family> InstanceConfig::families() const {
  const base::Family other = family == base::Family::v6 ? base::Family::v4 : base::Family::v6;
  const auto is_other = [other](const VirtualAddress& address) { return address.ip.family == other; };
  if (std::any_of(addresses.begin(), addresses.end(), is_other) ||
      std::any_of(addresses_excluded.begin(), addresses_excluded.end(), is_other))
    return {family, other};
  return {family};
}

bool InstanceConfig::speaks(base::Family of) const {
  return of == family || (!addresses.empty() && addresses.back().ip.family == of);
}

bool InstanceConfig::has_one_peer() const {
  return std::count_if(peers.begin(), peers.end(),
                       [this](const UnicastPeer& peer) { return peer.ip.family == family; }) == 1;
}

Password InstanceConfig::password() const {
  Password padded{};
  std::copy_n(auth_pass.begin(), std::min(auth_pass.size(), padded.size()), padded.begin());
  return padded;
}

const InstanceConfig* Config::find_instance(std::string_view name) const {
  return find_named(instances, name);
}
const ScriptConfig* Config::find_script(std::string_view name) const {
  return find_named(scripts, name);
}
const ProcessConfig* Config::find_process(std::string_view name) const {
  return find_named(processes, name);
}
const FileConfig* Config::find_file(std::string_view name) const {
  return find_named(files, name);
}

void check(Config& config, cfg::Diagnostics& diagnostics) {
  Checker(config, diagnostics).run();
}

base::Result<std::shared_ptr<Config>> load(const LoadContext& context, cfg::Diagnostics& diagnostics) {
  auto config = std::make_shared<Config>();
  cfg::BlockContext blocks;
  blocks.id = context.config_id;
  const std::vector<cfg::Block> tree = TRY(cfg::read_blocks(config->sources, context.path, blocks, diagnostics));
  apply_blocks(tree, *config, diagnostics);
  check(*config, diagnostics);
  check_commands(*config, diagnostics);
  return config;
}

}  // namespace vrrpd
