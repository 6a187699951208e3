#include "lbd/server/event_text.h"

#include <fmt/format.h>

#include <algorithm>

#include "lbd/server/health.h"

namespace lbd::server::event_text {
namespace {

std::string servers(const Backend& backend, std::string_view verb) {
  bool on_backup = backend.active_usable() == 0 && backend.backup_usable() > 0;
  return fmt::format(". {} active and {} backup servers {}.{}", backend.active_usable(), backend.backup_usable(), verb,
                     on_backup ? " Running on backup." : "");
}

}  // namespace

std::optional<int32_t> code_of(const CheckReport& report) {
  switch (report.status) {
    case CheckStatus::program_ok:
    case CheckStatus::program_error:
    case CheckStatus::program_timeout:
      return report.code;
    case CheckStatus::l7_ok:
    case CheckStatus::l7_conditional:
    case CheckStatus::l7_status:
      return std::max(0, report.code);
    default:
      return std::nullopt;
  }
}

std::string name(const Server& server) {
  return fmt::format("{}Server {}/{}", server.config().backup ? "Backup " : "", server.backend().name(), server.name());
}

std::string reason(const CheckReport& report) {
  std::string text = fmt::format(", reason: {}", long_name(report.status));
  if (const auto code = code_of(report)) text += fmt::format(", code: {}", *code);
  if (!report.detail.empty()) text += fmt::format(", info: \"{}\"", report.detail);
  if (report.duration.count() >= 0) text += fmt::format(", check duration: {}ms", report.duration.count());
  return text;
}

std::string left(const Server& server, uint32_t requeued) {
  return fmt::format("{} {} sessions active, {} requeued, {} remaining in queue.", servers(server.backend(), "left"),
                     server.served(), requeued, server.queue().size());
}

std::string online(const Server& server, uint32_t requeued) {
  return fmt::format("{} {} sessions requeued, {} total in queue.", servers(server.backend(), "online"), requeued,
                     server.backend().queue().size());
}

std::string health_check(std::string_view what, const Server& server, const HealthFacts& facts,
                         const CheckReport& report) {
  std::string_view result = report.result == CheckResult::passed        ? "succeeded"
                            : report.result == CheckResult::conditional ? "conditionally succeeded"
                                                                        : "failed";
  std::string status = healthy(facts) ? fmt::format("{}/{} UP", facts.health - facts.rise + 1, facts.fall)
                                      : fmt::format("{}/{} DOWN", facts.health, facts.rise);
  return fmt::format("{} check for {}server {}/{} {}{}, status: {}.", what, server.config().backup ? "backup " : "",
                     server.backend().name(), server.name(), result, reason(report), status);
}

}  // namespace lbd::server::event_text
