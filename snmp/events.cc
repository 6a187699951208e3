#include "snmp/events.h"

#include <fmt/format.h>

#include <algorithm>
#include <utility>

#include "snmp/system.h"

namespace snmp {
namespace {

constexpr std::string_view kStates[] = {"", "INIT", "BACKUP", "MASTER", "FAULT"};
// Below each of these many days a certificate is told of once.
constexpr int64_t kDays[] = {30, 14, 7, 3, 1, 0};

bool is_up(Status status) {
  return status != Status::down && status != Status::stopped;
}

int64_t days_told(int64_t left) {
  int64_t told = kNoCertificate;
  for (const int64_t days : kDays)
    if (left <= days) told = days;
  return told;
}

}  // namespace

void Events::add_at(int64_t time_us, EventKind kind, const std::string& object, std::string text) {
  if (!began_) return;
  const int64_t time = time_us ? time_us : now_->taken_wall.time_since_epoch().count();
  Event event{++sequence_, kind, time, now_->node, object, std::move(text)};
  latest_.push_back(event);
  if (latest_.size() > kKept) latest_.pop_front();
  news_.push_back(std::move(event));
}

std::vector<Event> Events::compare(const Snapshot& now) {
  now_ = &now;
  compare_reloads(now);
  compare_daemons(now);
  compare_routers(now);
  compare_nodes(now);
  compare_servers(now);
  compare_limits(now);
  began_ = true;
  return std::exchange(news_, {});
}

// A process that is new counts from 0; what one brings along that was not there a moment ago is no news.
void Events::compare_reloads(DaemonKind kind, const Reloads& now, Reloads& before) {
  const std::string name(kDaemonNames[static_cast<size_t>(kind)]);
  if (!daemons_[static_cast<size_t>(kind) - 1].up) before = now;
  if (now.failed < before.failed) before.failed = 0;
  if (now.succeeded < before.succeeded) before.succeeded = 0;
  if (now.failed > before.failed)
    add(EventKind::reload_failed, name,
        fmt::format("{}: a configuration is not used, the one before it goes on{}{}", name, now.why.empty() ? "" : ": ",
                    now.why));
  if (now.succeeded > before.succeeded)
    add(EventKind::reload_succeeded, name, fmt::format("{} has another configuration", name));
  before = now;
}

void Events::compare_reloads(const Snapshot& now) {
  if (now.daemon(DaemonKind::lbd).up) compare_reloads(DaemonKind::lbd, now.lbd_reloads, lbd_reloads_);
  if (now.daemon(DaemonKind::vrrpd).up) compare_reloads(DaemonKind::vrrpd, now.vrrpd_reloads, vrrpd_reloads_);
}

void Events::compare_daemons(const Snapshot& now) {
  for (const Daemon& daemon : now.daemons) {
    Daemon& before = daemons_[static_cast<size_t>(daemon.kind) - 1];
    const std::string name(kDaemonNames[static_cast<size_t>(daemon.kind)]);
    if (daemon.up && before.up && daemon.generation != before.generation) {
      if (daemon.kind == DaemonKind::lbd)
        add(EventKind::reload_succeeded, name, fmt::format("{}: process {} follows {}", name, daemon.pid, before.pid));
      else
        add(EventKind::daemon_state, name, fmt::format("{} has restarted: process {}", name, daemon.pid));
    } else if (daemon.configured && daemon.up != before.up) {
      add(EventKind::daemon_state, name,
          daemon.up ? fmt::format("{} is running: process {}", name, daemon.pid)
                    : fmt::format("{} is not running: {}", name, daemon.error));
    }
    before = daemon;
  }
}

void Events::add_failover(const std::string& router, VrrpState from, VrrpState to, const std::string& reason,
                          int64_t time_us) {
  add_at(time_us, EventKind::failover, router,
         fmt::format("virtual router {}: {} -> {}{}{}", router, kStates[static_cast<size_t>(from)],
                     kStates[static_cast<size_t>(to)], reason.empty() ? "" : ": ", reason));
}

void Events::compare_routers(const Snapshot& now) {
  // Each change that vrrpd has told, however soon the next one came.
  for (const Transition& one : now.transitions) {
    const auto before = routers_.find(one.router);
    if (before == routers_.end()) continue;
    const VrrpState from = std::exchange(before->second.state, one.state);
    if (from != one.state) add_failover(one.router, from, one.state, one.reason, one.time_us);
  }
  if (!now.daemon(DaemonKind::vrrpd).up) return;
  std::map<std::string, Router> seen;
  for (const VirtualRouter& router : now.routers) {
    const auto before = routers_.find(router.name);
    if (before != routers_.end() && before->second.state != router.state)
      add_failover(router.name, before->second.state, router.state, router.reason, router.since_us);
    if (before != routers_.end() && router.foreign_masters > before->second.foreign_masters)
      add(EventKind::split_brain_suspected, router.name,
          fmt::format("virtual router {}: another master of lower priority was heard", router.name));
    seen.emplace(router.name, Router{router.state, router.foreign_masters});
  }
  routers_ = std::move(seen);
}

void Events::compare_nodes(const Snapshot& now) {
  if (!now.daemon(DaemonKind::syncd).up) return;
  std::map<std::string, bool> seen;
  for (const Node& node : now.nodes) {
    const auto before = nodes_.find(node.name);
    if (before != nodes_.end() && before->second != node.in_sync)
      add(node.in_sync ? EventKind::sync_restored : EventKind::sync_lost, node.name,
          node.in_sync ? fmt::format("node {} is in sync", node.name)
                       : fmt::format("node {} is not in sync: {}{}{}", node.name, node.state,
                                     node.error.empty() ? "" : ": ", node.error));
    seen.emplace(node.name, node.in_sync);
  }
  nodes_ = std::move(seen);
}

void Events::compare_servers(const Snapshot& now) {
  if (!now.daemon(DaemonKind::lbd).up) return;
  std::map<std::string, bool> servers, backends;
  std::vector<const Server*> changed;
  size_t down = 0;
  for (const Server& server : now.servers) {
    const std::string name = server.backend_name + "/" + server.name;
    const bool up = is_up(server.status);
    const auto before = servers_.find(name);
    // One that is new and down is told as well.
    if (before != servers_.end() ? before->second != up : knows_proxies_ && !up) {
      changed.push_back(&server);
      down += !up;
    }
    servers.emplace(name, up);
  }
  if (changed.size() > kMass) {
    add(EventKind::mass_change, "", fmt::format("{} servers went down, {} came up", down, changed.size() - down));
  } else {
    for (const Server* server : changed) {
      const std::string name = server->backend_name + "/" + server->name;
      const bool up = is_up(server->status);
      add(up ? EventKind::server_up : EventKind::server_down, name,
          fmt::format("server {} is {}{}{}", name, server->status_text, server->check_text.empty() ? "" : ": ",
                      server->check_text));
    }
  }
  for (const Backend& backend : now.backends) {
    const bool up = is_up(backend.status);
    const auto before = backends_.find(backend.name);
    if (before != backends_.end() && before->second != up)
      add(up ? EventKind::backend_up : EventKind::backend_down, backend.name,
          up ? fmt::format("backend {} has {} servers", backend.name, backend[Figure::act] + backend[Figure::bck])
             : fmt::format("backend {} has no server available", backend.name));
    backends.emplace(backend.name, up);
  }
  servers_ = std::move(servers);
  backends_ = std::move(backends);
  knows_proxies_ = true;
}

void Events::compare_limits(const Snapshot& now) {
  if (!now.daemon(DaemonKind::lbd).up) return;
  const Process& process = now.process;
  const bool at_limit = process.max_connections > 0 && process.connections >= process.max_connections;
  if (at_limit && !at_limit_)
    add(EventKind::connection_limit, "lbd", fmt::format("all {} connections are in use", process.max_connections));
  at_limit_ = at_limit;
  std::map<std::string, bool> tables;
  for (const StickTable& table : now.tables) {
    const bool full = table.size > 0 && table.used * 100 >= table.size * kNearlyFull;
    if (full && !tables_[table.name])
      add(EventKind::table_full, table.name,
          fmt::format("stick table {} has {} of {} entries", table.name, table.used, table.size));
    tables.emplace(table.name, full);
  }
  tables_ = std::move(tables);
  std::map<std::string, int64_t> certificates;
  for (const Certificate& one : now.certificates) {
    if (!one.used || !one.not_after) continue;
    const int64_t left = one.days_left(now.unix_now()), told = days_told(left);
    const auto before = certificates_.find(one.path);
    // Also at the first sight of it: it is a fact that somebody has to act on.
    if (told != kNoCertificate && (before == certificates_.end() || told < before->second)) {
      const bool began = std::exchange(began_, true);
      add(EventKind::certificate_expiring, one.path,
          left < 0 ? fmt::format("certificate {} has expired", one.path)
                   : fmt::format("certificate {} expires in {} days", one.path, left));
      began_ = began;
    }
    certificates.emplace(one.path, told);
  }
  certificates_ = std::move(certificates);
}

}  // namespace snmp
