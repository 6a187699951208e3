// What the daemon tells of itself and its instances over its socket: states and figures.
#include "vrrpd/daemon.h"
#include "vrrpd/metrics.h"

namespace vrrpd {
namespace {

void describe_dual_active(const DualActive& both, tandem::VrrpStates::Instance& to) {
  if (both.total() == base::Nanos(0)) return;
  const auto micros = [](base::Nanos span) {
    return static_cast<uint64_t>(std::chrono::duration_cast<base::Micros>(span).count());
  };
  to.set_dual_active_us(micros(both.total()));
  to.set_dual_active_last_us(micros(both.last()));
  const base::WallTime end =
      base::wall_now() - std::chrono::duration_cast<base::Micros>(base::mono_now() - both.last_end());
  to.set_dual_active_end_us(static_cast<uint64_t>(end.time_since_epoch().count()));
}

void describe_trackings(const std::vector<Tracking>& all, tandem::VrrpStates::Instance& to) {
  for (const Tracking& each : all) {
    auto* tracker = to.add_trackers();
    tracker->set_kind(std::string(each.tracker().kind()));
    tracker->set_name(each.tracker().name());
    tracker->set_up(each.tracker().up());
    tracker->set_weight(each.weight());
    const Verdict verdict = each.verdict();
    tracker->set_fault(verdict.fault);
    tracker->set_priority(verdict.priority);
  }
}

}  // namespace

tandem::VrrpStates Daemon::states() const {
  tandem::VrrpStates states;
  for (const auto& instance : instances_) {
    auto* to = states.add_instances();
    to->set_name(instance->name());
    to->set_state(proto_state(instance->state()));
    to->set_virtual_router_id(instance->config().vrid);
    to->set_priority(instance->priority());
    to->set_base_priority(instance->config().priority);
    to->set_interface(instance->config().interface);
    to->set_since_us(static_cast<uint64_t>(instance->since().time_since_epoch().count()));
    for (const VipSet::Vip& vip : instance->vips().vips()) to->add_addresses(vip.address.ip.to_string());
    to->set_reason(instance->reason());
    to->set_held_back(instance->held_back());
    for (const std::string& lack : instance->lacks()) to->add_lacks(lack);
    describe_dual_active(instance->dual_active(), *to);
    to->set_draining_ms(static_cast<uint32_t>(base::to_millis(instance->draining())));
    describe_trackings(instance->trackings(), *to);
    if (instance->group()) describe_trackings(instance->group()->trackings(), *to);
  }
  return states;
}

tandem::StatsReply Daemon::stats() const {
  tandem::StatsReply reply;
  for (const auto& instance : instances_) append_stats(*instance, reply);
  const auto add = [&](const char* name, uint64_t value, const char* help) {
    auto* row = reply.add_rows();
    row->set_name(name);
    row->set_value(value);
    row->set_help(help);
  };
  add("vrrp_foreign_adverts", foreign_.get(), "Adverts for VRIDs that are not configured here.");
  add("vrrp_reloads", reloads_.get(), "Configurations that were taken over while it ran.");
  add("vrrp_reloads_failed", reloads_failed_.get(), "Reloads at which the configuration stayed as it was.");
  if (!reload_error_.empty()) {
    auto* error = reply.add_rows();
    error->set_name("vrrp_reload_error");
    error->set_kind(tandem::StatsReply::STATE);
    error->set_text(reload_error_);
    error->set_help("Why the last reload that failed did.");
  }
  add("vrrp_path_hand_overs", judge_.hand_overs(), "Hand-overs to a node that reached more servers.");
  return reply;
}

tandem::Account Daemon::account() const {
  tandem::Account account;
  *account.mutable_stats() = stats();
  *account.mutable_vrrp() = states();
  return account;
}

}  // namespace vrrpd
