#include "lbd/heir/standing.h"

#include <algorithm>

#include "lbd/heir/address.h"
#include "lbd/server/health.h"

namespace lbd::heir {
namespace {

using server::Operational;
using server::Server;

constexpr int kServersOfMessage = 512;
// What is said of a server by an operator, and through the one that it tracks. That its name has no address is found
// out anew.
constexpr uint8_t kSaid = server::kForcedMaintenance | server::kForcedDrain;
constexpr uint8_t kFollowed = server::kInheritedMaintenance | server::kInheritedDrain;

bool is_resolved(const config::Server& line) {
  return !line.resolvers.empty();
}

// Somebody says whether it is up.
bool watched(const Server& server) {
  return server.health.checked || !server.config().track.empty();
}

void put(tandem::Standing::Downtime& message, const server::Downtime& downtime) {
  message.set_changed(downtime.changed.time_since_epoch().count());
  message.set_before(downtime.before.count());
  message.set_went_down(downtime.went_down);
}

// Of an object whose state is the same here as it was there.
void take(const tandem::Standing::Downtime& message, bool same, server::Downtime& downtime) {
  downtime.before = base::Nanos(std::max<int64_t>(0, message.before()));
  downtime.went_down = message.went_down();
  const base::MonoTime changed{base::Nanos(message.changed())};
  if (same && changed <= base::mono_now()) downtime.changed = changed;
}

void put(tandem::Standing::Server& message, const Server& server) {
  const config::Server& line = server.config();
  message.set_backend(server.backend().name());
  message.set_server(server.name());
  message.set_admin(server.admin() & (kSaid | kFollowed));
  message.set_configured_disabled(line.disabled);
  message.set_weight(server.user_weight());
  message.set_configured_weight(line.weight);
  message.set_maxconn(server.maxconn());
  message.set_configured_maxconn(line.maxconn);
  if (server.address().is_ip() && !is_resolved(line)) {
    heir::put(*message.mutable_address(), server.address().ip_port());
    heir::put(*message.mutable_configured_address(), line.address.ip_port());
  }
  const server::HealthFacts& health = server.health;
  message.set_checked(watched(server));
  message.set_operational(static_cast<uint32_t>(server.operational()));
  message.set_rise(health.rise);
  message.set_health(health.health);
  message.set_status(static_cast<uint32_t>(health.last.status));
  message.set_result(static_cast<uint32_t>(health.last.result));
  message.set_code(health.last.code);
  message.set_duration_ms(health.last.duration.count());
  message.set_detail(health.last.detail);
  message.set_failed(health.failed);
  message.set_went_down(health.went_down);
  message.set_traffic_errors(health.traffic_errors);
  message.set_checks_paused(health.paused);
  put(*message.mutable_downtime(), server.downtime);
}

void take_health(const tandem::Standing::Server& message, Server& server) {
  server::HealthFacts& health = server.health;
  health.failed = message.failed();
  health.went_down = message.went_down();
  health.traffic_errors = message.traffic_errors();
  if (!message.checked() || !watched(server) || message.operational() > static_cast<uint32_t>(Operational::stopping))
    return;
  health.paused = health.checked && message.checks_paused();
  // A server that was warming up is warm enough.
  auto state = static_cast<Operational>(message.operational());
  if (state == Operational::starting) state = Operational::running;
  const bool up = state != Operational::stopped;
  const uint32_t full = server::full_health(health);
  // The same number of successes or failures is missing as there, as far as there are as many here.
  if (up)
    health.health = std::clamp(message.health() + health.rise - std::min(message.rise(), message.health()), health.rise,
                               std::max(full, health.rise));
  else
    health.health = std::min(message.health(), health.rise - 1);
  if (message.status() != static_cast<uint32_t>(server::CheckStatus::unknown)) {
    health.last.status = static_cast<server::CheckStatus>(message.status());
    health.last.result = static_cast<server::CheckResult>(message.result());
    health.last.code = message.code();
    health.last.duration = base::Millis(message.duration_ms());
    health.last.detail = message.detail();
  }
  if (server.operational() != state) server.set_operational(state);
}

void take(const tandem::Standing::Server& message, Server& server, bool in_sync) {
  const config::Server& line = server.config();
  if (const auto address = address_of(message.address());
      address && !is_resolved(line) && line.address.is_ip() && *address != server.address().ip_port() &&
      address_of(message.configured_address()) == line.address.ip_port())
    server.set_address(base::SockAddr(*address));
  if (message.has_maxconn() && message.configured_maxconn() == line.maxconn && message.maxconn() != server.maxconn())
    server.set_maxconn(message.maxconn());
  if (!in_sync && message.configured_disabled() == line.disabled) {
    const uint8_t mask = line.track.empty() ? kSaid : kSaid | kFollowed;
    const auto bits = static_cast<uint8_t>((server.admin() & ~mask) | (message.admin() & mask));
    if (bits != server.admin()) server.set_admin(bits);
  }
  if (!in_sync && message.has_weight() && message.configured_weight() == line.weight &&
      message.weight() <= Server::kMaxWeight && message.weight() != server.user_weight())
    server.set_user_weight(message.weight());
  take_health(message, server);
  take(message.downtime(), server.up() == (message.operational() != 0), server.downtime);
}

}  // namespace

void tell_standing(const server::Objects& objects, const std::function<void(const tandem::Bequest&)>& tell) {
  tandem::Bequest bequest;
  tandem::Standing& standing = *bequest.mutable_standing();
  for (const auto& backend : objects.backends()) {
    for (const auto& server : backend->servers()) {
      put(*standing.add_servers(), *server);
      if (standing.servers_size() < kServersOfMessage) continue;
      tell(bequest);
      standing.Clear();
    }
    tandem::Standing::Backend& message = *standing.add_backends();
    message.set_name(backend->name());
    put(*message.mutable_downtime(), backend->downtime);
  }
  tell(bequest);
}

void take_standing(server::Objects& objects, const tandem::Standing& standing, bool in_sync) {
  for (const tandem::Standing::Server& message : standing.servers()) {
    server::Backend* backend = objects.find_backend(message.backend());
    if (Server* server = backend ? backend->find_server(message.server()) : nullptr) take(message, *server, in_sync);
  }
  for (const tandem::Standing::Backend& message : standing.backends())
    if (server::Backend* backend = objects.find_backend(message.name()))
      take(message.downtime(), true, backend->downtime);
}

}  // namespace lbd::heir
