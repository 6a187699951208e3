#include "lbd/check/check.h"

#include <fmt/format.h>

#include "cfg/suggest.h"

namespace lbd::check {
namespace {

constexpr size_t kMaxDetail = 127;

}  // namespace

CheckResult result_of(CheckStatus status) {
  switch (status) {
    case CheckStatus::l4_ok:
    case CheckStatus::l6_ok:
    case CheckStatus::l7_ok:
    case CheckStatus::program_ok:
      return CheckResult::passed;
    case CheckStatus::l7_conditional:
      return CheckResult::conditional;
    default:
      return CheckResult::failed;
  }
}

CheckReport report(CheckStatus status, std::string detail, int code) {
  CheckReport made;
  made.status = status;
  made.result = result_of(status);
  made.code = code;
  if (detail.size() > kMaxDetail) detail.resize(kMaxDetail);
  made.detail = std::move(detail);
  return made;
}

std::unique_ptr<Plan> compile(const config::CheckSpec& spec, cfg::Diagnostics& diagnostics) {
  const CheckRow* row = Checks::find(spec.type);
  if (row) return row->compile(spec, diagnostics);
  std::vector<std::string_view> known;
  Checks::for_each([&](const CheckRow& each) { known.push_back(each.name); });
  diagnostics.error(spec.location, fmt::format("unknown health check '{}'", spec.type),
                    cfg::did_you_mean(spec.type, known));
  return nullptr;
}

const config::CheckSpec& spec_of(const config::Proxy& proxy, const config::Server& server) {
  return server.check.spec ? *server.check.spec : proxy.check;
}

void check(const config::Config& config, cfg::Diagnostics& diagnostics) {
  for (const auto& section : config.health_checks) (void)compile(section->spec, diagnostics);
  for (const auto& proxy : config.proxies) check(*proxy, diagnostics);
}

void check(const config::Proxy& proxy, cfg::Diagnostics& diagnostics) {
  if (!proxy.backend) return;
  const std::unique_ptr<Plan> plan = compile(proxy.check, diagnostics);
  if (!plan) return;
  for (const auto& server : proxy.servers) {
    if (server->agent_check && server->agent.port == 0)
      diagnostics.error(server->location, fmt::format("server '{}' does not have agent port", server->name),
                        "add 'agent-port <number>'");
    const config::ServerCheck& check = server->check;
    if (!check.enabled || server->address.is_unix()) continue;
    cfg::Diagnostics told;  // where the section stands
    const std::unique_ptr<Plan> own = check.spec ? compile(*check.spec, told) : nullptr;
    if (check.spec && !own) continue;
    if (check.port == 0 && server->port == 0 && (own ? *own : *plan).begin_port() == 0)
      diagnostics.error(
          server->location,
          fmt::format("server '{}' has neither service port nor check port, so it cannot be checked", server->name),
          "add 'port <number>'");
  }
}

}  // namespace lbd::check
