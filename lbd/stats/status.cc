#include "lbd/stats/status.h"

#include <fmt/format.h>

namespace lbd::stats {
namespace {

using server::HealthFacts;
using server::Operational;
using server::Server;

// "UP", or "UP 2/3" when checks have begun to fail.
std::string falling(std::string_view word, const HealthFacts& health) {
  if (!is_checked(health) || health.health + 1 >= health.rise + health.fall) return std::string(word);
  uint32_t left = health.health >= health.rise ? health.health - health.rise + 1 : 0;
  return fmt::format("{} {}/{}", word, left, health.fall);
}

std::string server_status(const Server& server) {
  const HealthFacts& health = server.health;
  uint8_t admin = server.admin();
  if (admin & server::kMaintenance) {
    if (admin & server::kForcedMaintenance) return "MAINT";
    if (admin & server::kResolveMaintenance) return "MAINT (resolution)";
    return fmt::format("MAINT (via {})", server.config().track);
  }
  if (server.operational() == Operational::stopped) {
    if (is_checked(server.agent) && server.agent.health == 0) return "DOWN (agent)";
    if (is_checked(health) && health.health > 0) return fmt::format("DOWN {}/{}", health.health, health.rise);
    return "DOWN";
  }
  if (server.operational() == Operational::stopping) return falling("NOLB", health);
  if (admin & server::kDrain) return is_checked(server.agent) ? "DRAIN (agent)" : falling("DRAIN", health);
  if (!is_checked(health) && server.config().track.empty()) return "no check";
  return falling("UP", health);
}

}  // namespace

std::string status_text(const Object& object) {
  if (object.server) return server_status(*object.server);
  if (object.backend) return object.backend->has_usable() || object.backend->servers().empty() ? "UP" : "DOWN";
  if (object.listener) {
    const uint32_t most = object.frontend->maxconn.load();
    if (object.listener->full()) return "FULL";
    return most && object.frontend->connections.load() >= most ? "WAITING" : "OPEN";
  }
  using Admission = server::Frontend::Admission;
  const Admission admission = object.frontend ? object.frontend->admission.load() : Admission::open;
  if (object.proxy.disabled || admission == Admission::shut) return "STOP";
  return admission == Admission::paused ? "PAUSED" : "OPEN";
}

}  // namespace lbd::stats
