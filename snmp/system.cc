#include "snmp/system.h"

#include <fmt/format.h>

#include <algorithm>

#include "snmp/object.h"

namespace snmp {
namespace {

class Findings {
 public:
  void add(Health health, std::string text) { all_.emplace_back(health, std::move(text)); }
  Verdict verdict() {
    std::stable_sort(all_.begin(), all_.end(), [](const auto& a, const auto& b) { return a.first > b.first; });
    Verdict verdict;
    if (!all_.empty()) verdict.health = all_.front().first;
    for (const auto& [health, text] : all_) verdict.reason += (verdict.reason.empty() ? "" : "; ") + text;
    return verdict;
  }

 private:
  std::vector<std::pair<Health, std::string>> all_;
};

}  // namespace

Role role_of(const Snapshot& snapshot) {
  if (snapshot.routers.empty()) return Role::none;
  const auto is = [&](VrrpState state) {
    return std::count_if(snapshot.routers.begin(), snapshot.routers.end(),
                         [&](const VirtualRouter& router) { return router.state == state; });
  };
  const auto all = static_cast<std::ptrdiff_t>(snapshot.routers.size());
  if (is(VrrpState::master) == all) return Role::master;
  if (is(VrrpState::backup) == all) return Role::backup;
  if (is(VrrpState::fault) == all) return Role::fault;
  return is(VrrpState::initialize) == all ? Role::initialize : Role::mixed;
}

SyncState sync_of(const Snapshot& snapshot) {
  if (!snapshot.daemon(DaemonKind::syncd).up || snapshot.nodes.empty()) return SyncState::none;
  const bool all = std::all_of(snapshot.nodes.begin(), snapshot.nodes.end(), [](const Node& n) { return n.in_sync; });
  if (all) return SyncState::in_sync;
  const bool lost = std::any_of(snapshot.nodes.begin(), snapshot.nodes.end(),
                                [](const Node& n) { return !n.in_sync && n.state == "down"; });
  return lost ? SyncState::lost : SyncState::synchronizing;
}

ConfigurationState configuration_of(const Snapshot& snapshot) {
  auto state = snapshot.nodes.empty() ? ConfigurationState::unknown : ConfigurationState::same;
  for (const Node& node : snapshot.nodes) {
    if (node.configuration == Node::Configuration::differs) return ConfigurationState::differs;
    if (node.configuration == Node::Configuration::unknown) state = ConfigurationState::unknown;
  }
  return state;
}

int64_t fewest_days_left(const Snapshot& snapshot) {
  int64_t fewest = kNoCertificate;
  for (const Certificate& one : snapshot.certificates)
    if (one.used && one.not_after) fewest = std::min(fewest, one.days_left(snapshot.unix_now()));
  return fewest;
}

Verdict judge(const Snapshot& snapshot) {
  if (!snapshot.taken.time_since_epoch().count()) return {Health::unknown, "nothing has been read yet"};
  Findings findings;
  for (const Daemon& daemon : snapshot.daemons)
    if (daemon.configured && !daemon.up)
      findings.add(daemon.kind == DaemonKind::syncd ? Health::warning : Health::critical,
                   fmt::format("{} is not running", kDaemonNames[static_cast<size_t>(daemon.kind)]));
  for (const Backend& backend : snapshot.backends)
    if (backend.servers > 0 && backend.status == Status::down)
      findings.add(Health::critical, fmt::format("backend {} has no server", backend.name));
  int64_t down = 0;
  for (const Server& server : snapshot.servers) down += server.status == Status::down;
  if (down > 0) findings.add(Health::warning, fmt::format("{} of {} servers are down", down, snapshot.servers.size()));
  for (const VirtualRouter& router : snapshot.routers)
    if (router.state == VrrpState::fault)
      findings.add(Health::critical, fmt::format("virtual router {} is in fault: {}", router.name, router.reason));
  if (sync_of(snapshot) == SyncState::lost) findings.add(Health::warning, "another node is not reached");
  if (configuration_of(snapshot) == ConfigurationState::differs)
    findings.add(Health::warning, "the nodes have different configurations");
  for (const Certificate& one : snapshot.certificates) {
    if (!one.used || !one.not_after) continue;
    const int64_t left = one.days_left(snapshot.unix_now());
    if (left < 0)
      findings.add(Health::critical, fmt::format("certificate {} has expired", one.path));
    else if (left <= kFewDays)
      findings.add(Health::warning, fmt::format("certificate {} expires in {} days", one.path, left));
    if (one.ocsp == Certificate::Ocsp::revoked)
      findings.add(Health::critical, fmt::format("certificate {} is revoked", one.path));
    if (one.ocsp == Certificate::Ocsp::expired)
      findings.add(Health::warning, fmt::format("the OCSP answer of {} is out of date", one.path));
  }
  const Process& process = snapshot.process;
  if (process.max_connections > 0 && process.connections * 100 >= process.max_connections * kNearlyFull)
    findings.add(Health::warning,
                 fmt::format("{} of {} connections are in use", process.connections, process.max_connections));
  return findings.verdict();
}

namespace {

constexpr Column kObjects[] = {
    scalar(1, "tandemHealth", Type::integer, [](const Snapshot& s) { return enumerated(judge(s).health); }),
    scalar(2, "tandemHealthReason", Type::octets, [](const Snapshot& s) { return admin_string(judge(s).reason); }),
    scalar(3, "tandemNodeName", Type::octets, [](const Snapshot& s) { return admin_string(s.node); }),
    scalar(4, "tandemFailoverState", Type::integer, [](const Snapshot& s) { return enumerated(role_of(s)); }),
    scalar(5, "tandemSyncState", Type::integer, [](const Snapshot& s) { return enumerated(sync_of(s)); }),
    scalar(6, "tandemConfigurationState", Type::integer,
           [](const Snapshot& s) { return enumerated(configuration_of(s)); }),
    scalar(7, "tandemFrontendNumber", Type::gauge, [](const Snapshot& s) { return s.frontends.size(); }),
    scalar(8, "tandemFrontendsDown", Type::gauge, [](const Snapshot& s) { return count_down(s.frontends); }),
    scalar(9, "tandemListenerNumber", Type::gauge, [](const Snapshot& s) { return s.listeners.size(); }),
    scalar(10, "tandemBackendNumber", Type::gauge, [](const Snapshot& s) { return s.backends.size(); }),
    scalar(11, "tandemBackendsDown", Type::gauge, [](const Snapshot& s) { return count_down(s.backends); }),
    scalar(12, "tandemServerNumber", Type::gauge, [](const Snapshot& s) { return s.servers.size(); }),
    scalar(13, "tandemServersDown", Type::gauge, [](const Snapshot& s) { return count_down(s.servers); }),
    scalar(14, "tandemStickTableNumber", Type::gauge, [](const Snapshot& s) { return s.tables.size(); }),
    scalar(15, "tandemNodeNumber", Type::gauge, [](const Snapshot& s) { return s.nodes.size(); }),
    scalar(16, "tandemVirtualRouterNumber", Type::gauge, [](const Snapshot& s) { return s.routers.size(); }),
    scalar(17, "tandemCertificateNumber", Type::gauge, [](const Snapshot& s) { return s.certificates.size(); }),
    scalar(18, "tandemCertificateDaysLeft", Type::integer, [](const Snapshot& s) { return fewest_days_left(s); }),
    scalar(19, "tandemCurrentConnections", Type::gauge, [](const Snapshot& s) { return s.process.connections; }),
    scalar(20, "tandemMaxConnections", Type::gauge, [](const Snapshot& s) { return s.process.max_connections; }),
    scalar(21, "tandemConnections", Type::counter64, [](const Snapshot& s) { return s.process.connections_total; }),
    scalar(22, "tandemRequests", Type::counter64, [](const Snapshot& s) { return s.process.requests_total; }),
    scalar(23, "tandemTlsConnections", Type::gauge, [](const Snapshot& s) { return s.process.tls_connections; }),
    scalar(24, "tandemIdlePercent", Type::gauge, [](const Snapshot& s) { return s.process.idle_percent; }),
    scalar(
        25, "tandemSnapshotAge", Type::ticks,
        [](const Snapshot& s) { return s.taken.time_since_epoch().count() ? ticks(base::mono_now() - s.taken) : 0; }),
    scalar(26, "tandemEventSequenceLast", Type::gauge,
           [](const Snapshot& s) { return s.events.empty() ? 0 : s.events.back().sequence; }),
    scalar(27, "tandemNotificationsSent", Type::counter64, [](const Snapshot& s) { return s.notifications_sent; }),
    scalar(28, "tandemNotificationsDropped", Type::counter64,
           [](const Snapshot& s) { return s.notifications_dropped; }),
    scalar(29, "tandemDiscontinuityTime", Type::ticks,
           [](const Snapshot& s) { return s.discontinuity(DaemonKind::lbd); }),
    scalar(30, "tandemNotificationsRepeated", Type::counter64,
           [](const Snapshot& s) { return s.notifications_repeated; }),
    scalar(31, "tandemReloadsFailed", Type::counter64,
           [](const Snapshot& s) { return s.lbd_reloads.failed + s.vrrpd_reloads.failed; }),
};

constexpr ScalarRow kRows[] = {
    {.name = "tandemSystem",
     .doc = "The node in single numbers.",
     .oid =
         [] {
           return own({1, 1});
         },
     .objects = kObjects},
};
const Scalars kEnrol(kRows);

}  // namespace
}  // namespace snmp
