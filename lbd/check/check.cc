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

std::unique_ptr<Plan> compile(const config::Proxy& proxy, cfg::Diagnostics& diagnostics) {
  const CheckRow* row = Checks::find(proxy.check.type);
  if (row) return row->compile(proxy, diagnostics);
  std::vector<std::string_view> known;
  Checks::for_each([&](const CheckRow& each) { known.push_back(each.name); });
  diagnostics.error(proxy.check.location, fmt::format("unknown health check '{}'", proxy.check.type),
                    cfg::did_you_mean(proxy.check.type, known));
  return nullptr;
}

void check(const config::Proxy& proxy, cfg::Diagnostics& diagnostics) {
  if (!proxy.backend) return;
  std::unique_ptr<Plan> plan = compile(proxy, diagnostics);
  if (!plan) return;
  for (const auto& server : proxy.servers) {
    if (server->agent_check && server->agent.port == 0)
      diagnostics.error(server->location, fmt::format("server '{}' does not have agent port", server->name),
                        "add 'agent-port <number>'");
    const config::ServerCheck& check = server->check;
    if (!check.enabled || server->address.is_unix()) continue;
    if (check.port == 0 && server->port == 0 && plan->begin_port() == 0)
      diagnostics.error(
          server->location,
          fmt::format("server '{}' has neither service port nor check port, so it cannot be checked", server->name),
          "add 'port <number>'");
  }
}

}  // namespace lbd::check
