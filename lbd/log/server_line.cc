#include "lbd/log/server_line.h"

#include <fmt/format.h>

namespace lbd::log {

using server::Operational;

ServerChange::ServerChange(server::Server& server)
    : server_(server),
      admin_(server.admin()),
      operational_(server.operational()),
      was_up_(server.up()),
      backend_was_up_(server.backend().has_usable()),
      queued_(server.queue().size()) {}

std::string ServerChange::counts(bool down) const {
  const server::Backend& backend = server_.backend();
  uint32_t remaining = server_.queue().size();
  uint32_t requeued = queued_ > remaining ? queued_ - remaining : 0;
  if (down)
    return fmt::format(" {} active and {} backup servers left. {} sessions active, {} requeued, {} remaining in queue.",
                       backend.active_usable(), backend.backup_usable(), server_.served(), requeued, remaining);
  return fmt::format(" {} active and {} backup servers online. {} sessions requeued, {} total in queue.",
                     backend.active_usable(), backend.backup_usable(), requeued, remaining);
}

std::string ServerChange::admin_text() const {
  bool was_maintenance = admin_ & server::kMaintenance, maintenance = server_.admin() & server::kMaintenance;
  bool was_drain = admin_ & server::kDrain, drain = server_.admin() & server::kDrain;
  if (!was_maintenance && maintenance)
    return was_up_ ? "is going DOWN for maintenance." : "was DOWN and now enters maintenance.";
  if (was_maintenance && maintenance) return {};
  if (!was_drain && drain) return "enters drain state.";
  if (was_maintenance)
    return fmt::format("is {} (leaving forced maintenance).", server_.up() ? "UP/READY" : "DOWN/READY");
  if (was_drain && !drain) return fmt::format("is {} (leaving forced drain).", server_.up() ? "UP" : "DOWN");
  return {};
}

void ServerChange::write(const EventLog& events, std::string_view text, bool down) {
  const server::Backend& backend = server_.backend();
  // The loss of the last server is an alert.
  base::Level level = down && !backend.has_usable() ? base::Level::alert : base::Level::notice;
  events.write(backend.config(), level, fmt::format("Server {}/{} {}", backend.name(), server_.name(), text));
  if (backend_was_up_ && !backend.has_usable())
    events.write(backend.config(), base::Level::emerg,
                 fmt::format("backend {} has no server available!", backend.name()));
}

void ServerChange::log_admin(const EventLog& events) {
  std::string text = admin_text();
  if (text.empty()) return;
  bool down = was_up_ && !server_.up();
  if (down || text.starts_with("enters")) text += counts(down);
  write(events, text, down);
}

void ServerChange::log_health(const EventLog& events, std::string_view reason) {
  if (server_.operational() == operational_) return;
  bool down = server_.operational() == Operational::stopped;
  bool stopping = server_.operational() == Operational::stopping;
  write(events, fmt::format("is {}, {}.{}", down ? "DOWN" : stopping ? "stopping" : "UP", reason, counts(down)), down);
}

}  // namespace lbd::log
