#include "vrrpd/metrics.h"

namespace vrrpd {
namespace {

using base::MetricKind;

template <auto Member>
uint64_t counter(const Instance& instance) {
  return (instance.counters().*Member).get();
}
template <Flaw Which>
uint64_t flaw(const Instance& instance) {
  return instance.counters().flaws[static_cast<size_t>(Which)].get();
}
using C = InstanceCounters;

constexpr InstanceMetric row(std::string_view name, std::string_view doc, uint64_t (*read)(const Instance&),
                             MetricKind kind = MetricKind::counter) {
  return {name, doc, {}, kind, base::kScopeInstance, 0, read};
}

constexpr InstanceMetric kRows[] = {
    row(
        "vrrp_state", "0 init, 1 backup, 2 master, 3 fault.",
        [](const Instance& i) { return static_cast<uint64_t>(i.state()); }, MetricKind::state),
    row(
        "vrrp_priority", "Effective priority.", [](const Instance& i) { return uint64_t{i.priority()}; },
        MetricKind::gauge),
    row(
        "vrrp_version", "2 or 3: the version of its adverts.",
        [](const Instance& i) { return uint64_t{i.config().version}; }, MetricKind::limit),
    row(
        "vrrp_advert_interval_us", "Microseconds between its adverts as master.",
        [](const Instance& i) {
          return static_cast<uint64_t>(std::chrono::duration_cast<base::Micros>(i.config().interval).count());
        },
        MetricKind::limit),
    row(
        "vrrp_preempt", "1: it takes over from a master of lower priority.",
        [](const Instance& i) { return uint64_t{i.config().preempt}; }, MetricKind::limit),
    row(
        "vrrp_accept", "1: as master it takes what is sent to the virtual addresses.",
        [](const Instance& i) { return uint64_t{i.config().accept.value_or(true)}; }, MetricKind::limit),
    row(
        "vrrp_wants_master", "1: its configuration has it begin as master.",
        [](const Instance& i) { return uint64_t{i.config().wants_master}; }, MetricKind::limit),
    row(
        "vrrp_auth_type", "0: none, 1: a password (version 2).",
        [](const Instance& i) { return uint64_t{i.config().auth_type}; }, MetricKind::limit),
    row(
        "vrrp_last_flaw",
        "What was wrong with the last advert that was: the place of its row among vrrp_flaw_*; 0: none was.",
        [](const Instance& i) { return uint64_t{i.last_flaw()}; }, MetricKind::state),
    row(
        "vrrp_up_us", "Microseconds since it has left INIT or FAULT.",
        [](const Instance& i) {
          return static_cast<uint64_t>(std::chrono::duration_cast<base::Micros>(i.up_time(base::mono_now())).count());
        },
        MetricKind::gauge),
    row(
        "vrrp_held_back", "1: it does not preempt, for a reason of the pair (lbctl status).",
        [](const Instance& i) { return uint64_t{!i.held_back().empty()}; }, MetricKind::gauge),
    row(
        "vrrp_unready", "What a backup lacks to serve as well as the master: how many things (lbctl status).",
        [](const Instance& i) { return uint64_t{i.lacks().size()}; }, MetricKind::gauge),
    row("vrrp_dual_active_us", "Microseconds in which there were two masters.",
        [](const Instance& i) {
          return static_cast<uint64_t>(std::chrono::duration_cast<base::Micros>(i.dual_active().total()).count());
        }),
    row("vrrp_became_master_unready", "Transitions to master of a node that lacked something.",
        counter<&C::became_master_unready>),
    row("vrrp_adverts_sent", "Adverts sent as master.", counter<&C::adverts_sent>),
    row("vrrp_adverts_received", "Valid adverts of other routers.", counter<&C::adverts_received>),
    row("vrrp_resignations_sent", "Adverts of priority 0 sent.", counter<&C::resignations_sent>),
    row("vrrp_resignations_received", "Adverts of priority 0 received.", counter<&C::resignations_received>),
    row("vrrp_became_master", "Transitions to master.", counter<&C::became_master>),
    row("vrrp_released_master", "Transitions from master.", counter<&C::released_master>),
    row("vrrp_became_fault", "Transitions to fault.", counter<&C::became_fault>),
    row("vrrp_lower_heard_as_master", "Adverts of a master of lower priority, heard as master: two masters at a time.",
        counter<&C::lower_heard_as_master>),
    row(
        "vrrp_foreign_master_priority", "In the last advert of another master that was heard as master; 0: none was.",
        [](const Instance& i) { return uint64_t{i.foreign_master().priority}; }, MetricKind::state),
    row(
        "vrrp_foreign_master_us", "When that was, in microseconds of the Unix clock.",
        [](const Instance& i) { return static_cast<uint64_t>(i.foreign_master().when.time_since_epoch().count()); },
        MetricKind::state),
    row("vrrp_unknown_sender", "Adverts of senders that are no unicast peers.", counter<&C::unknown_sender>),
    row("vrrp_own_echo", "Adverts that came back from the own address.", counter<&C::own_echo>),
    row("vrrp_send_errors", "Adverts that the kernel did not take.", counter<&C::send_errors>),
    row("vrrp_flaw_ttl", "Adverts whose TTL was not 255.", flaw<Flaw::ttl>),
    row("vrrp_flaw_truncated", "Adverts that were too short.", flaw<Flaw::truncated>),
    row("vrrp_flaw_version", "Adverts of another version.", flaw<Flaw::version>),
    row("vrrp_flaw_type", "Messages of unknown type.", flaw<Flaw::type>),
    row("vrrp_flaw_length", "Adverts whose length does not fit.", flaw<Flaw::length>),
    row("vrrp_flaw_checksum", "Adverts with a wrong checksum.", flaw<Flaw::checksum>),
    row("vrrp_flaw_no_addresses", "Adverts without addresses.", flaw<Flaw::no_addresses>),
    row("vrrp_flaw_interval", "Adverts with a wrong interval.", flaw<Flaw::interval>),
    row("vrrp_flaw_auth_type", "Adverts with another authentication type.", flaw<Flaw::auth_type>),
    row("vrrp_flaw_auth_data", "Adverts with a wrong password.", flaw<Flaw::auth_data>),
    row("vrrp_flaw_addresses", "Adverts with another list of addresses.", flaw<Flaw::addresses>),
};
const base::Registered<InstanceMetric> kEnrol(kRows);

tandem::StatsReply::Kind kind_of(MetricKind kind) {
  switch (kind) {
    case MetricKind::counter:
      return tandem::StatsReply::COUNTER;
    case MetricKind::gauge:
      return tandem::StatsReply::GAUGE;
    case MetricKind::maximum:
      return tandem::StatsReply::MAXIMUM;
    case MetricKind::limit:
      return tandem::StatsReply::LIMIT;
    case MetricKind::state:
      return tandem::StatsReply::STATE;
  }
  return tandem::StatsReply::COUNTER;
}

void append_address(tandem::StatsReply& reply, const Instance& instance, const char* name, const base::IpAddr& ip) {
  if (ip.length() == 0) return;
  auto* row = reply.add_rows();
  row->set_object("instance " + instance.name());
  row->set_name(name);
  row->set_kind(tandem::StatsReply::STATE);
  row->set_text(ip.to_string());
}

}  // namespace

void append_stats(const Instance& instance, tandem::StatsReply& reply) {
  base::Registered<InstanceMetric>::for_each([&](const InstanceMetric& metric) {
    auto* row = reply.add_rows();
    row->set_object("instance " + instance.name());
    row->set_name(std::string(metric.name));
    row->set_kind(kind_of(metric.kind));
    row->set_value(metric.read(instance));
    row->set_help(std::string(metric.doc));
    if (metric.name == "vrrp_state") row->set_text(std::string(to_string(instance.state())));
  });
  append_address(reply, instance, "vrrp_source_address", instance.source());
  append_address(reply, instance, "vrrp_master_address", instance.master());
  append_address(reply, instance, "vrrp_foreign_master_address", instance.foreign_master().source);
  if (instance.paths().size() < 2) return;
  const AdvertPath& second = instance.paths()[1];
  append_address(reply, instance, "vrrp_second_source_address", second.source());
  append_address(reply, instance, "vrrp_second_master_address", instance.master(second));
}

}  // namespace vrrpd
