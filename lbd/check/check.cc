#include "lbd/check/check.h"

#include <fmt/format.h>

#include "cfg/suggest.h"
#include "lbd/expr/context.h"

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

std::unique_ptr<Plan> compile(const config::CheckSpec& spec, const config::Config& config, const config::Proxy& proxy,
                              cfg::Diagnostics& diagnostics, expr::PatternFiles* files) {
  if (const CheckRow* row = Checks::find(spec.type)) {
    auto storage = std::make_shared<expr::Storage>();
    expr::CompileContext context(config, proxy, *storage, diagnostics, files);
    std::unique_ptr<Plan> plan = row->compile(spec, context);
    if (plan) plan->keep(std::move(storage));
    return plan;
  }
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
  const config::Proxy nowhere;
  for (const auto& section : config.health_checks) (void)compile(section->spec, config, nowhere, diagnostics);
  for (const auto& proxy : config.proxies) check(config, *proxy, diagnostics);
}

void check(const config::Config& config, const config::Proxy& proxy, cfg::Diagnostics& diagnostics) {
  if (!proxy.backend) return;
  const std::unique_ptr<Plan> plan = compile(proxy.check, config, proxy, diagnostics);
  if (!plan) return;
  for (const auto& server : proxy.servers) {
    if (server->agent_check && server->agent.port == 0)
      diagnostics.error(server->location, fmt::format("server '{}' does not have agent port", server->name),
                        "add 'agent-port <number>'");
    const config::ServerCheck& check = server->check;
    if (!check.enabled || server->address.is_unix()) continue;
    cfg::Diagnostics told;  // where the section stands
    const std::unique_ptr<Plan> own = check.spec ? compile(*check.spec, config, proxy, told) : nullptr;
    if (check.spec && !own) continue;
    // SRV records give a port.
    if (check.port == 0 && server->port == 0 && !server->srv() && !(own ? *own : *plan).names_port())
      diagnostics.error(
          server->location,
          fmt::format("server '{}' has neither service port nor check port, so it cannot be checked", server->name),
          "add 'port <number>'");
  }
}

}  // namespace lbd::check
