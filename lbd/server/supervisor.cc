#include "lbd/server/supervisor.h"

#include <fmt/format.h>

#include <algorithm>

#include "base/journal.h"
#include "base/strings.h"
#include "lbd/server/event_text.h"

namespace lbd::server {
namespace {

bool says(uint8_t bits, uint8_t mask) {
  return (bits & mask) != 0;
}
// It gets no new traffic already, but for its weight.
bool leaving(const Server& server) {
  return says(server.admin(), kDrain) || server.operational() == Operational::stopping;
}
bool is_up(const Server& server) {
  return server.operational() == Operational::running || server.operational() == Operational::starting;
}
// Whether its agent keeps it down.
bool held_by_agent(const Server& server) {
  return is_checked(server.agent) && !healthy(server.agent);
}
bool logs_checks(const Server& server) {
  return server.backend().config().has(config::Option::log_health_checks);
}
std::string via_text(const Server* via) {
  return via ? fmt::format(" via {}/{}", via->backend().name(), via->name()) : std::string();
}
std::string_view forced(bool is) {
  return is ? "forced " : "";
}

// What the state of a leader means for those that track it.
uint8_t inherited_bits(const Server& leader) {
  return static_cast<uint8_t>((says(leader.admin(), kMaintenance) ? kInheritedMaintenance : 0) |
                              (says(leader.admin(), kDrain) ? kInheritedDrain : 0));
}
uint8_t with_inherited(uint8_t bits, const Server& leader) {
  return static_cast<uint8_t>((bits & ~(kInheritedMaintenance | kInheritedDrain)) | inherited_bits(leader));
}

// A hundred steps of slowstart, but none shorter than this: each makes the workers rebuild the backend's schedule.
base::Nanos step_of(const Server& server) {
  return std::max<base::Nanos>(base::Millis(100), server.config().slowstart / 100);
}

// Manual: init-state. Without checks nobody could ever say that it is up.
uint32_t first_health(const Server& server) {
  const HealthFacts& facts = server.health;
  const std::string_view state = facts.checked ? std::string_view(server.config().init_state) : std::string_view();
  if (state == "fully-up") return full_health(facts);
  if (state == "down") return facts.rise - 1;
  if (state == "fully-down") return 0;
  return facts.rise;
}

Operational up_state(const Server& server) {
  return server.config().slowstart.count() > 0 ? Operational::starting : Operational::running;
}

}  // namespace

Supervisor::Supervisor(const Objects& objects, EventSink& sink) : sink_(sink), tracking_(objects) {
  for (const auto& backend : objects.backends())
    for (const auto& server : backend->servers()) begin(*server);
  // Before anything runs nothing is logged: who is disabled in the file is down, and so are its followers.
  for (const auto& backend : objects.backends())
    for (const auto& server : backend->servers()) {
      if (const Server* root = tracking_.root_of(*server)) server->set_admin(with_inherited(server->admin(), *root));
      if (says(server->admin(), kMaintenance))
        server->health.health = 0;
      else if (healthy(server->health))
        continue;
      server->set_operational(Operational::stopped);
      server->downtime.went_down = 0;
    }
}

void Supervisor::begin(Server& server) {
  const config::Server& line = server.config();
  HealthFacts& facts = server.health;
  facts.checked = line.check.enabled;
  facts.rise = line.check.rise;
  facts.fall = line.check.fall;
  facts.health = first_health(server);
  server.agent.checked = line.agent_check;
  server.agent.send = line.agent.send;
  server.agent.address = line.agent.address;
  server.agent.port = line.agent.port;
}

void Supervisor::add(Server& server, Server* leader) {
  begin(server);
  server.health.paused = server.agent.paused = true;
  if (leader) {
    tracking_.add(server, *leader);
    server.set_admin(with_inherited(server.admin(), *tracking_.root_of(server)));
  }
  if (!says(server.admin(), kMaintenance)) return;
  server.health.health = 0;
  server.set_operational(Operational::stopped);
  server.downtime = {};
  server.downtime.changed = base::mono_now();
}

void Supervisor::remove(const Server& server) {
  tracking_.remove(server);
  std::erase_if(ramps_, [&](const Ramp& ramp) { return ramp.server == &server; });
}

void Supervisor::log(const Server& server, base::Level level, std::string_view text) {
  sink_.event(server.backend(), level, fmt::format("{}{}", event_text::name(server), text));
  base::record("server", fmt::format("{}/{}", server.backend().name(), server.name()), base::trim(text));
}

void Supervisor::announce(const Server& server, base::Level level, std::string_view text) {
  log(server, level, text);
  sink_.worth_a_mail(server.backend(), level, fmt::format("{}{}", event_text::name(server), text));
}

void Supervisor::log_check(const Server& server, const std::string& text) {
  sink_.event(server.backend(), base::Level::notice, text);
  sink_.worth_a_mail(server.backend(), base::Level::info, text);
}

void Supervisor::log_emptied(const Backend& backend, bool had_usable) {
  if (!had_usable || backend.has_usable()) return;
  base::record("backend", backend.name(), "has no server available");
  sink_.event(
      backend, base::Level::emerg,
      fmt::format("{} {} has no server available!", backend.config().frontend ? "proxy" : "backend", backend.name()));
}

void Supervisor::check_soon(Server& server) {
  if (checker_) checker_->check_soon(server);
}

uint32_t Supervisor::requeue(Server& server) {
  const config::Proxy& config = server.backend().config();
  bool may_go = config.redispatch && !config.has(config::Option::persist);
  return may_go ? server.queue().turn_all_away() : 0;
}

void Supervisor::restore(Server& server, const SavedServer& saved, base::MonoTime now) {
  HealthFacts& facts = server.health;
  facts.paused = facts.checked && saved.checks_paused;
  server.agent.paused = server.agent.checked && saved.agent_paused;
  facts.last.status = saved.status;
  facts.last.result = saved.result;
  if (!saved.agent_address.empty() && base::IpAddr::parse(saved.agent_address))
    server.agent.address = saved.agent_address;
  if (saved.agent_port > 0) server.agent.port = saved.agent_port;
  if (saved.port && server.address().is_ip() && server.has_address())
    server.set_address(base::SockAddr(base::IpPort{server.address().ip_port().ip, *saved.port}));
  if (saved.configured_weight == server.config().weight) server.set_user_weight(saved.weight);
  if (saved.operational == Operational::running) {
    facts.health = full_health(facts);
    server.set_operational(says(server.admin(), kMaintenance) ? server.operational() : Operational::running);
  }
  // Who tracks another one goes with it.
  if (!says(server.admin(), kMaintenance) && !tracking_.leader_of(server)) {
    const Cause cause{.text = ", changed from server-state after a reload", .via = nullptr};
    if (saved.operational == Operational::stopped) facts.health = 0;
    if (saved.operational == Operational::stopped || saved.operational == Operational::stopping)
      change(server, saved.operational, cause, now);
  }
  restore_admin(server, saved.admin, now);
  server.downtime.changed = now - saved.since;
}

// Silent but for what HAProxy says.
void Supervisor::restore_admin(Server& server, uint8_t saved, base::MonoTime now) {
  if (says(saved, kConfigMaintenance) != says(server.admin(), kConfigMaintenance)) return;
  constexpr uint8_t kSaid = kForcedMaintenance | kForcedDrain;
  const auto bits = static_cast<uint8_t>((server.admin() & ~kSaid) | (saved & kSaid));
  if (bits == server.admin()) return;
  if (says(server.admin(), kMaintenance) && !says(bits, kMaintenance)) return set_admin(server, bits, now);
  server.set_admin(bits);
  if (says(bits, kMaintenance)) {
    server.health.health = 0;
    server.set_operational(Operational::stopped);
  } else if (says(bits, kDrain)) {
    log(server, base::Level::notice, " remains in forced drain mode.");
  }
  for (Server* follower : tracking_.followers(server)) {
    follower->set_admin(with_inherited(follower->admin(), server));
    if (!says(follower->admin(), kMaintenance) || follower->operational() == Operational::stopped) continue;
    follower->health.health = 0;
    follower->set_operational(Operational::stopped);
  }
}

void Supervisor::checked(Server& server, CheckReport report, base::MonoTime now) {
  if (says(server.admin(), kMaintenance)) return;
  HealthFacts& facts = server.health;
  bool was_healthy = healthy(facts);
  uint32_t before = facts.health;
  bool new_status = facts.last.status != report.status;
  if (report.result == CheckResult::conditional && server.operational() == Operational::stopped) return;

  HealthChange step = apply(facts, server.operational(), report.result);
  if (report.result == CheckResult::failed && was_healthy) ++facts.failed;
  Cause cause;
  if (logs_checks(server)) {
    if (new_status || facts.health != before)
      log_check(server, event_text::health_check("Health", server, facts, report));
  } else {
    cause.text = event_text::reason(report);
  }
  if (report.status == CheckStatus::l4_timeout) sink_.address_in_doubt(server);
  facts.last = std::move(report);
  switch (step) {
    case HealthChange::none:
      break;
    case HealthChange::down:
      ++facts.went_down;
      change(server, Operational::stopped, cause, now);
      break;
    case HealthChange::up:
      if (server.operational() == Operational::stopping || !held_by_agent(server))
        change(server, up_state(server), cause, now);
      break;
    case HealthChange::stopping:
      change(server, Operational::stopping, cause, now);
      break;
  }
}

// on-error. However healthy the server is, sudden-death leaves it one more failure, and mark-down none.
void Supervisor::traffic_failed(Server& server, std::string_view last, base::MonoTime now) {
  const config::Server& line = server.config();
  HealthFacts& facts = server.health;
  ++facts.traffic_errors;
  if (says(server.admin(), kMaintenance)) {
    if (line.on_error == "mark-down") ++facts.failed;  // HAProxy counts it
    return;
  }
  if (line.on_error != "fastinter") {
    if (line.on_error == "sudden-death" && facts.health > facts.rise) facts.health = facts.rise + 1;
    if (line.on_error == "mark-down") facts.health = facts.rise;
    CheckReport report;
    report.status = CheckStatus::traffic;
    report.result = CheckResult::failed;
    report.detail = fmt::format("Detected {} consecutive errors, last one was: {}", line.error_limit, last);
    checked(server, std::move(report), now);
  }
  if (checker_) checker_->hurry(server);
}

void Supervisor::agent_said(Server& server, CheckReport report, base::MonoTime now) {
  AgentFacts& facts = server.agent;
  const uint32_t before = facts.health;
  const bool new_status = facts.last.status != report.status;
  const bool says_up = report.status == CheckStatus::l7_ok, says_down = report.status == CheckStatus::l7_status;
  if (says_up || says_down) facts.health = says_up ? 1 : 0;
  Cause cause;
  if (!logs_checks(server))
    cause.text = event_text::reason(report);
  else if ((says_up || says_down) && (new_status || facts.health != before))
    log_check(server, event_text::health_check("Agent", server, facts, report));
  facts.last = std::move(report);
  if (says(server.admin(), kMaintenance)) return;
  if (says_down && server.operational() != Operational::stopped) change(server, Operational::stopped, cause, now);
  const bool may_rise = !is_checked(server.health) || healthy(server.health);
  if (says_up && server.operational() == Operational::stopped && may_rise) change(server, up_state(server), cause, now);
}

void Supervisor::change(Server& server, Operational state, const Cause& cause, base::MonoTime now) {
  Backend& backend = server.backend();
  bool had_usable = backend.has_usable(), was_leaving = leaving(server);
  std::string why = via_text(cause.via) + cause.text;
  if (state == Operational::starting) start_ramp(server, now);
  uint32_t waiting = backend.queue().size();
  server.set_operational(state);
  switch (state) {
    case Operational::stopped: {
      uint32_t requeued = requeue(server);
      announce(server, was_leaving ? base::Level::notice : base::Level::alert,
               " is DOWN" + why + event_text::left(server, requeued));
      if (server.config().on_marked_down == "shutdown-sessions") sink_.shutdown_sessions(server);
      break;
    }
    case Operational::stopping:
      announce(server, base::Level::notice, " is stopping" + why + event_text::online(server, 0));
      break;
    case Operational::starting:
    case Operational::running: {
      uint32_t still = backend.queue().size();
      announce(server, base::Level::notice,
               " is UP" + why + event_text::online(server, waiting > still ? waiting - still : 0));
      if (server.config().on_marked_up == "shutdown-backup-sessions" && !server.config().backup && server.usable())
        for (const auto& other : backend.servers())
          if (other->config().backup) sink_.shutdown_sessions(*other);
      break;
    }
  }
  log_emptied(backend, had_usable);
  if (says(server.admin(), kDrain)) log(server, base::Level::notice, " remains in forced drain mode.");
  for (Server* follower : tracking_.followers(server)) follow(*follower, server, now);
}

void Supervisor::follow(Server& follower, const Server& leader, base::MonoTime now) {
  if (says(follower.admin(), kMaintenance)) return;
  Operational state = leader.operational();
  if (state == Operational::starting || state == Operational::running) state = up_state(follower);
  if (state == follower.operational() || (state == up_state(follower) && is_up(follower))) return;
  change(follower, state, {.text = {}, .via = &leader}, now);
}

void Supervisor::set_admin(Server& server, uint8_t bits, base::MonoTime now) {
  set_admin_via(server, bits, nullptr, now);
}

void Supervisor::set_admin_via(Server& server, uint8_t bits, const Server* via, base::MonoTime now,
                               std::string_view why) {
  const uint8_t old = server.admin();
  if (bits == old) return;
  bool was_out = says(old, kMaintenance), is_out = says(bits, kMaintenance);
  bool was_drained = says(old, kDrain), is_drained = says(bits, kDrain);
  if (!was_out && is_out) {
    enter_maintenance(server, bits, why.empty() ? via_text(via) : fmt::format(" ({})", why));
  } else if (was_out && !is_out) {
    leave_maintenance(server, bits, now);
  } else if (is_out) {
    server.set_admin(bits);
    if (says(old & ~bits, kResolveMaintenance))
      log(server, base::Level::notice, fmt::format(" ('{}') resolves again but remains in maintenance.", server.host));
    else if (says(old & ~bits, kMaintenance))
      log(server, base::Level::notice, fmt::format(" remains in {}maintenance.", forced(bits & kForcedMaintenance)));
  } else if (!was_drained && is_drained) {
    bool had_usable = server.backend().has_usable();
    server.set_admin(bits);
    bool down = server.operational() == Operational::stopped;
    announce(
        server, base::Level::notice,
        " enters drain state" + via_text(via) + (down ? event_text::left(server, 0) : event_text::online(server, 0)));
    log_emptied(server.backend(), had_usable);
  } else {
    server.set_admin(bits);
    if (is_drained)
      log(server, base::Level::notice, fmt::format(" remains in {}drain mode.", forced(bits & kForcedDrain)));
    else if (was_drained)
      log(server, base::Level::notice,
          server.operational() == Operational::stopped ? " is DOWN (leaving forced drain)."
                                                       : " is UP (leaving forced drain).");
  }
  for (Server* follower : tracking_.followers(server))
    set_admin_via(*follower, with_inherited(follower->admin(), server), &server, now);
}

void Supervisor::enter_maintenance(Server& server, uint8_t bits, const std::string& cause) {
  bool had_usable = server.backend().has_usable(), was_leaving = leaving(server);
  bool was_down = server.operational() == Operational::stopped;
  server.set_admin(bits);
  server.set_operational(Operational::stopped);
  uint32_t requeued = requeue(server);
  if (was_down) {
    log(server, base::Level::notice, fmt::format(" was DOWN and now enters maintenance{}.", cause));
    return;
  }
  log(server, was_leaving ? base::Level::notice : base::Level::alert,
      fmt::format(" is going DOWN for maintenance{}{}", cause, event_text::left(server, requeued)));
  if (server.config().on_marked_down == "shutdown-sessions") sink_.shutdown_sessions(server);
  log_emptied(server.backend(), had_usable);
}

void Supervisor::leave_maintenance(Server& server, uint8_t bits, base::MonoTime now) {
  bool was_forced = says(server.admin(), kForcedMaintenance);
  bool resolves = says(server.admin(), kResolveMaintenance);
  server.health.health = first_health(server);
  const Server* leader = tracking_.leader_of(server);
  bool stays_down = leader ? leader->operational() == Operational::stopped : !healthy(server.health);
  if (!stays_down && up_state(server) == Operational::starting) start_ramp(server, now);
  server.set_admin(bits);
  if (!stays_down) server.set_operational(up_state(server));
  const std::string name = resolves ? fmt::format(" ('{}')", server.host) : std::string();
  const std::string why = resolves ? "resolves again" : fmt::format("leaving {}maintenance", forced(was_forced));
  log(server, base::Level::notice,
      fmt::format("{} is {}/{} ({}).", name, stays_down ? "DOWN" : "UP", says(bits, kDrain) ? "DRAIN" : "READY", why));
  if (says(bits, kDrain))
    log(server, base::Level::notice, fmt::format(" remains in {}drain mode.", forced(bits & kForcedDrain)));
  check_soon(server);
}

void Supervisor::set_weight(Server& server, uint32_t weight) {
  if (weight == server.user_weight()) return;
  server.set_user_weight(weight);
  if (says(server.admin(), kDrain)) log(server, base::Level::notice, " remains in forced drain mode.");
}

base::Status Supervisor::set_health(Server& server, Operational state, base::MonoTime now) {
  if (!server.config().track.empty()) return base::Err("cannot change health on a tracking server.");
  HealthFacts& facts = server.health;
  facts.health = state == Operational::stopped ? 0 : full_health(facts);
  bool wants_up = state == Operational::running;
  if (!says(server.admin(), kMaintenance) && state != server.operational() && !(wants_up && is_up(server)))
    change(server, wants_up ? up_state(server) : state, {.text = ", changed from CLI", .via = nullptr}, now);
  check_soon(server);
  return {};
}

base::Status Supervisor::set_agent(Server& server, bool up, base::MonoTime now) {
  if (!is_checked(server.agent)) return base::Err("agent checks are not enabled on this server.");
  server.agent.health = up ? 1 : 0;
  if (!says(server.admin(), kMaintenance) && up != is_up(server))
    change(server, up ? up_state(server) : Operational::stopped, {.text = ", changed from CLI", .via = nullptr}, now);
  return {};
}

void Supervisor::pause_checks(Server& server, bool paused) {
  server.health.paused = paused;
  if (!paused) check_soon(server);
}

void Supervisor::pause_agent(Server& server, bool paused) {
  server.agent.paused = paused;
}

void Supervisor::start_ramp(Server& server, base::MonoTime now) {
  std::erase_if(ramps_, [&](const Ramp& ramp) { return ramp.server == &server; });
  server.set_ramp(1);
  ramps_.push_back({&server, now, now + step_of(server)});
}

base::MonoTime Supervisor::next_tick() const {
  base::MonoTime next = base::kNever;
  for (const Ramp& ramp : ramps_) next = std::min(next, ramp.next);
  return next;
}

void Supervisor::tick(base::MonoTime now) {
  std::erase_if(ramps_, [&](Ramp& ramp) {
    Server& server = *ramp.server;
    if (now < ramp.next) return false;
    ramp.next = now + step_of(server);
    if (server.operational() != Operational::starting) {
      server.set_ramp(100);
      return true;
    }
    auto percent = (now - ramp.start) * 100 / base::Nanos(server.config().slowstart);
    if (percent < 100) {
      server.set_ramp(std::max<uint32_t>(1, static_cast<uint32_t>(percent)));
      return false;
    }
    server.set_ramp(100);
    server.set_operational(Operational::running);
    return true;
  });
}

}  // namespace lbd::server
