// Metrics of health: status, checks, downtime, agents.
#include <fmt/format.h>

#include "lbd/server/event_text.h"
#include "lbd/server/tracking.h"
#include "lbd/stats/readers.h"
#include "lbd/stats/status.h"

namespace lbd::stats {
namespace {

using server::CheckStatus;
using server::HealthFacts;

// Of servers that track one another; longer chains are circles, which the configuration is checked for.
constexpr int kLongestTrack = 1000;

// A reader for servers that are checked.
template <Value (*Read)(const HealthFacts&)>
Value checked(const Object& object) {
  const HealthFacts& health = object.server->health;
  return is_checked(health) ? Read(health) : Value::nothing();
}

// The same for what checks find out; in maintenance there are none.
template <Value (*Read)(const HealthFacts&)>
Value found(const Object& object) {
  return (object.server->admin() & server::kMaintenance) ? Value::nothing() : checked<Read>(object);
}

bool has_ended(const HealthFacts& health) {
  return health.last.status != CheckStatus::initial && health.last.status != CheckStatus::unknown;
}

Value failures(const HealthFacts& health) {
  return Value::u64(health.failed);
}

Value times_down(const Object& object) {
  if (object.backend && !object.server) return Value::u64(object.backend->downtime.went_down);
  return is_checked(object.server->health) ? Value::u64(object.server->downtime.went_down) : Value::nothing();
}

uint64_t whole_seconds(base::Nanos duration) {
  return static_cast<uint64_t>(std::chrono::duration_cast<base::Seconds>(duration).count());
}

Value last_change(const Object& object) {
  base::MonoTime changed = object.server ? object.server->downtime.changed : object.backend->downtime.changed;
  if (changed == base::MonoTime{}) changed = object.source.started();
  return Value::u32(whole_seconds(object.now - changed));
}

Value downtime(const Object& object) {
  if (object.server) {
    if (!is_checked(object.server->health)) return Value::nothing();
    return Value::u32(whole_seconds(object.server->downtime.total(object.now, !object.server->up())));
  }
  if (object.backend->servers().empty()) return Value::nothing();
  return Value::u32(whole_seconds(object.backend->downtime.total(object.now, !object.backend->has_usable())));
}

Value check_status(const HealthFacts& health) {
  return Value::of(fmt::format("{}{}", health.running ? "* " : "", short_name(health.last.status)));
}

Value check_code(const HealthFacts& health) {
  if (const auto code = server::event_text::code_of(health.last)) return Value::u32(static_cast<uint32_t>(*code));
  return health.last.code >= 0 ? Value::u32(static_cast<uint32_t>(health.last.code)) : Value::nothing();
}

Value check_duration(const HealthFacts& health) {
  if (!has_ended(health) || health.last.duration.count() < 0) return Value::nothing();
  return Value::u64(static_cast<uint64_t>(health.last.duration.count()));
}

Value traffic_errors(const Object& object) {
  // Of one that tracks another: whether that one is observed, as with HAProxy.
  const server::Server* observed = object.server;
  for (int left = kLongestTrack; left > 0; --left) {
    const server::Server* leader = server::find_tracked(object.source.objects(), *observed);
    if (!leader) break;
    observed = leader;
  }
  const std::string& observe = observed->config().observe;
  if (observe.empty() || observe == "none") return Value::nothing();
  return Value::u64(object.server->health.traffic_errors);
}

Value check_detail(const HealthFacts& health) {
  return Value::of(health.last.detail);
}
Value check_text(const HealthFacts& health) {
  return Value::of(std::string(long_name(health.last.status)));
}
Value rise(const HealthFacts& health) {
  return Value::u32(health.rise);
}
Value fall(const HealthFacts& health) {
  return Value::u32(health.fall);
}
Value health_level(const HealthFacts& health) {
  return Value::u32(health.health);
}

// A reader for servers whose agent is asked.
template <Value (*Read)(const HealthFacts&)>
Value agent(const Object& object) {
  const HealthFacts& facts = object.server->agent;
  return is_checked(facts) ? Read(facts) : Value::nothing();
}

constexpr Metric kRows[] = {
    {.name = "status",
     .doc = "UP, DOWN, NOLB, MAINT, DRAIN, no check; OPEN for a frontend",
     .position = 17,
     .tags = "SGP",
     .scopes = kAll,
     .prometheus = "status",
     .read = [](const Object& object) { return Value::of(status_text(object)); }},
    {.name = "chkfail",
     .doc = "Checks that failed while the server was up",
     .position = 21,
     .scopes = kServer,
     .prometheus = "check_failures_total",
     .read = checked<failures>},
    {.name = "chkdown",
     .doc = "Times it went from up to down",
     .position = 22,
     .scopes = kBackside,
     .prometheus = "check_up_down_total",
     .read = times_down},
    {.name = "lastchg",
     .doc = "Seconds since the last change of state",
     .position = 23,
     .tags = "MAP",
     .scopes = kBackside,
     .prometheus = "check_last_change_seconds",
     .read = last_change},
    {.name = "downtime",
     .doc = "Seconds that it was down",
     .position = 24,
     .scopes = kBackside,
     .prometheus = "downtime_seconds_total",
     .read = downtime},
    {.name = "check_status",
     .doc = "Outcome of the last check",
     .position = 36,
     .tags = "MOP",
     .scopes = kServer,
     .prometheus = "check_status",
     .read = found<check_status>},
    {.name = "check_code",
     .doc = "Status or exit code that the last check got",
     .position = 37,
     .tags = "MOP",
     .scopes = kServer,
     .prometheus = "check_code",
     .read = found<check_code>},
    {.name = "check_duration",
     .doc = "Milliseconds that the last check took",
     .position = 38,
     .tags = "MDP",
     .scopes = kServer,
     .prometheus = "check_duration_seconds",
     .read = found<check_duration>},
    {.name = "hanafail",
     .doc = "Errors that `observe` saw in the traffic",
     .position = 45,
     .scopes = kServer,
     .read = traffic_errors},
    {.name = "last_chk",
     .doc = "What the last check got, in words",
     .position = 56,
     .tags = "MOP",
     .scopes = kServer,
     .read = found<check_detail>},
    {.name = "last_agt",
     .doc = "What the agent said",
     .position = 57,
     .tags = "MOP",
     .scopes = kServer,
     .read = agent<check_detail>},
    {.name = "agent_status",
     .doc = "Outcome of the last agent check",
     .position = 62,
     .tags = "MOP",
     .scopes = kServer,
     .read = agent<check_status>},
    {.name = "agent_code",
     .doc = "0 when the agent said up or down",
     .position = 63,
     .tags = "MOP",
     .scopes = kServer,
     .read = agent<check_code>},
    {.name = "agent_duration",
     .doc = "Milliseconds that the last agent check took",
     .position = 64,
     .tags = "MDP",
     .scopes = kServer,
     .read = agent<check_duration>},
    {.name = "check_desc",
     .doc = "Meaning of check_status",
     .position = 65,
     .tags = "MOP",
     .scopes = kServer,
     .read = found<check_text>},
    {.name = "agent_desc",
     .doc = "Meaning of agent_status",
     .position = 66,
     .tags = "MOP",
     .scopes = kServer,
     .read = agent<check_text>},
    {.name = "check_rise",
     .doc = "Checks that must pass to come up",
     .position = 67,
     .tags = "CGS",
     .scopes = kServer,
     .read = found<rise>},
    {.name = "check_fall",
     .doc = "Checks that must fail to go down",
     .position = 68,
     .tags = "CGS",
     .scopes = kServer,
     .read = found<fall>},
    {.name = "check_health",
     .doc = "0 to rise + fall - 1; up from rise",
     .position = 69,
     .tags = "CGS",
     .scopes = kServer,
     .read = found<health_level>},
    {.name = "agent_rise",
     .doc = "As check_rise",
     .position = 70,
     .tags = "CGS",
     .scopes = kServer,
     .read = agent<rise>},
    {.name = "agent_fall",
     .doc = "As check_fall",
     .position = 71,
     .tags = "CGS",
     .scopes = kServer,
     .read = agent<fall>},
    {.name = "agent_health",
     .doc = "As check_health",
     .position = 72,
     .tags = "CGS",
     .scopes = kServer,
     .read = agent<health_level>},
};
const base::Registered<Metric> kEnrol(kRows);

}  // namespace
}  // namespace lbd::stats
