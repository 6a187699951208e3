#include "snmp/pair_reader.h"

#include <net/if.h>

#include <algorithm>
#include <optional>
#include <set>
#include <tuple>
#include <unordered_map>

#include "ipc/figures.h"

namespace snmp {
namespace {

VrrpState state_of(tandem::VrrpState state) {
  switch (state) {
    case tandem::VRRP_BACKUP:
      return VrrpState::backup;
    case tandem::VRRP_MASTER:
      return VrrpState::master;
    case tandem::VRRP_FAULT:
      return VrrpState::fault;
    default:
      return VrrpState::initialize;
  }
}

base::IpAddr address_of(const std::string& text) {
  const auto prefix = base::IpPrefix::parse(text.substr(0, text.find(' ')));
  return prefix ? prefix->ip : base::IpAddr();
}

// The rows of one object, by name.
class Figures {
 public:
  Figures(const tandem::StatsReply& stats, std::string_view object) {
    for (const auto& row : stats.rows())
      if (row.object() == object) rows_.emplace(row.name(), &row);
  }
  int64_t number(const char* name, int64_t absent = 0) const {
    const auto row = rows_.find(name);
    return row == rows_.end() ? absent : static_cast<int64_t>(row->second->value());
  }
  std::string text(const char* name) const {
    const auto row = rows_.find(name);
    return row == rows_.end() ? std::string() : row->second->text();
  }

 private:
  std::unordered_map<std::string_view, const tandem::StatsReply::Row*> rows_;
};

void read_counters(const Figures& figures, VirtualRouter& to) {
  to.version = static_cast<uint32_t>(figures.number("vrrp_version", 3));
  to.advert_interval_us = figures.number("vrrp_advert_interval_us");
  to.up_us = figures.number("vrrp_up_us");
  to.auth_type = static_cast<uint32_t>(figures.number("vrrp_auth_type"));
  to.last_flaw = static_cast<uint32_t>(figures.number("vrrp_last_flaw"));
  to.preempt = figures.number("vrrp_preempt", 1) != 0;
  to.accept = figures.number("vrrp_accept", 1) != 0;
  to.wanted = figures.number("vrrp_wants_master") ? VrrpState::master : VrrpState::backup;
  to.source = address_of(figures.text("vrrp_source_address"));
  to.master = to.state == VrrpState::master ? to.source : address_of(figures.text("vrrp_master_address"));
  to.second_source = address_of(figures.text("vrrp_second_source_address"));
  to.second_master = address_of(figures.text("vrrp_second_master_address"));
  to.foreign_master = address_of(figures.text("vrrp_foreign_master_address"));
  to.foreign_priority = figures.number("vrrp_foreign_master_priority");
  to.foreign_us = figures.number("vrrp_foreign_master_us");
  to.adverts_sent = figures.number("vrrp_adverts_sent");
  to.adverts_received = figures.number("vrrp_adverts_received");
  to.resignations_sent = figures.number("vrrp_resignations_sent");
  to.resignations_received = figures.number("vrrp_resignations_received");
  to.became_master = figures.number("vrrp_became_master");
  to.released_master = figures.number("vrrp_released_master");
  to.became_fault = figures.number("vrrp_became_fault");
  to.foreign_masters = figures.number("vrrp_lower_heard_as_master");
  to.dual_active_us = figures.number("vrrp_dual_active_us");
  to.flaw_checksum = figures.number("vrrp_flaw_checksum");
  to.flaw_version = figures.number("vrrp_flaw_version");
  to.flaw_ttl = figures.number("vrrp_flaw_ttl");
  to.flaw_interval = figures.number("vrrp_flaw_interval");
  to.flaw_type = figures.number("vrrp_flaw_type");
  to.flaw_length = figures.number("vrrp_flaw_length") + figures.number("vrrp_flaw_truncated");
  to.flaw_addresses = figures.number("vrrp_flaw_addresses") + figures.number("vrrp_flaw_no_addresses");
  to.flaw_auth_type = figures.number("vrrp_flaw_auth_type");
  to.flaw_auth_data = figures.number("vrrp_flaw_auth_data");
}

void read_trackers(const tandem::VrrpStates::Instance& instance, Indices& indices, VirtualRouter& to) {
  for (const auto& one : instance.trackers()) {
    Tracker tracker;
    tracker.kind = one.kind();
    tracker.name = one.name();
    tracker.up = one.up();
    tracker.weight = one.weight();
    tracker.fault = one.fault();
    tracker.priority = one.priority();
    to.trackers.push_back(std::move(tracker));
  }
  const auto key = [](const Tracker& tracker) { return std::tie(tracker.kind, tracker.name); };
  std::stable_sort(to.trackers.begin(), to.trackers.end(),
                   [&](const Tracker& a, const Tracker& b) { return key(a) < key(b); });
  // An instance and its group may stand on the same thing.
  to.trackers.erase(std::unique(to.trackers.begin(), to.trackers.end(),
                                [&](const Tracker& a, const Tracker& b) { return key(a) == key(b); }),
                    to.trackers.end());
  for (Tracker& tracker : to.trackers)
    tracker.index = indices.of("tracker " + to.name, tracker.kind + " " + tracker.name);
}

// The part of it that is a virtual router of this family; nothing: it is none.
std::optional<VirtualRouter> of_family(const VirtualRouter& router, bool ipv6) {
  const bool own = router.ipv6 == ipv6;
  VirtualRouter part = router;
  std::erase_if(part.addresses, [&](const base::IpAddr& ip) { return ip.is_v6() != ipv6; });
  if (!own && part.addresses.empty()) return std::nullopt;
  part.ipv6 = ipv6;
  if (!own) {
    part.source = router.second_source;
    part.master = router.second_master;
  }
  return part;
}

}  // namespace

std::vector<Transition> transitions_between(const tandem::VrrpStates& before, const tandem::VrrpStates& now) {
  std::vector<Transition> all;
  for (const auto& instance : now.instances()) {
    const auto same = std::find_if(before.instances().begin(), before.instances().end(),
                                   [&](const auto& other) { return other.name() == instance.name(); });
    if (same != before.instances().end() && same->since_us() == instance.since_us() &&
        same->state() == instance.state())
      continue;
    all.push_back(
        {instance.name(), instance.reason(), state_of(instance.state()), static_cast<int64_t>(instance.since_us())});
  }
  return all;
}

void read_vrrp(const tandem::VrrpStates& states, const tandem::StatsReply& stats, Indices& indices, Snapshot& to) {
  for (const auto& instance : states.instances()) {
    VirtualRouter router;
    router.name = instance.name();
    router.interface = instance.interface();
    router.if_index = if_nametoindex(instance.interface().c_str());
    router.reason = instance.reason();
    router.held_back = instance.held_back();
    router.state = state_of(instance.state());
    router.vrid = instance.virtual_router_id();
    router.priority = instance.priority();
    router.base_priority = instance.base_priority();
    router.since_us = static_cast<int64_t>(instance.since_us());
    for (const std::string& address : instance.addresses())
      if (const base::IpAddr ip = address_of(address); ip.length() > 0) router.addresses.push_back(ip);
    router.lacks.assign(instance.lacks().begin(), instance.lacks().end());
    read_trackers(instance, indices, router);
    read_counters(Figures(stats, "instance " + instance.name()), router);
    router.ipv6 = router.source.length() > 0 || router.addresses.empty() ? router.source.is_v6()
                                                                         : router.addresses.front().is_v6();
    router.dual_active_us = std::max(router.dual_active_us, static_cast<int64_t>(instance.dual_active_us()));
    to.routers.push_back(std::move(router));
  }
  to.foreign_adverts = static_cast<int64_t>(ipc::number_of(stats, "", "vrrp_foreign_adverts"));
  std::sort(to.routers.begin(), to.routers.end(),
            [](const VirtualRouter& a, const VirtualRouter& b) { return a.name < b.name; });
  for (VirtualRouter& router : to.routers) {
    router.index = indices.of("router", router.name);
    for (const bool ipv6 : {false, true})
      if (auto part = of_family(router, ipv6)) to.families.push_back(std::move(*part));
  }
  to.vrrpd_reloads.failed = static_cast<int64_t>(ipc::number_of(stats, "", "vrrp_reloads_failed"));
  to.vrrpd_reloads.succeeded = static_cast<int64_t>(ipc::number_of(stats, "", "vrrp_reloads"));
  to.vrrpd_reloads.why = ipc::text_of(stats, "", "vrrp_reload_error");
}

void read_sync(const tandem::StatsReply& stats, Indices& indices, Snapshot& to) {
  std::set<std::string> objects;  // sorted
  for (const auto& row : stats.rows())
    if (row.object().starts_with("node ")) objects.insert(row.object());
  if (const std::string node = ipc::text_of(stats, "", "node"); !node.empty()) to.node = node;
  for (const std::string& object : objects) {
    const Figures figures(stats, object);
    Node node;
    node.name = object.substr(std::string_view("node ").size());
    node.index = indices.of("node", node.name);
    node.address = figures.text("address");
    node.state = figures.text("state");
    node.error = figures.text("last_error");
    node.in_sync = figures.number("in_sync") != 0;
    const std::string configuration = figures.text("configuration");
    node.configuration = configuration == "same"      ? Node::Configuration::same
                         : configuration == "another" ? Node::Configuration::differs
                                                      : Node::Configuration::unknown;
    node.links = figures.number("links");
    node.updates_in = figures.number("updates_in") + figures.number("table_parts_in");
    node.updates_out = figures.number("updates_out") + figures.number("table_parts_out");
    node.on_the_way = figures.number("updates_on_the_way") + figures.number("table_parts_on_the_way");
    node.resyncs = figures.number("resyncs");
    node.teachings = figures.number("teachings");
    node.rejected = figures.number("updates_rejected");
    to.nodes.push_back(std::move(node));
  }
}

}  // namespace snmp
