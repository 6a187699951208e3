// Checks of the order of rule lines: HAProxy evaluates them by kind, whatever their order in the file, and says so.
#include <fmt/format.h>

#include <array>

#include "base/registry.h"
#include "lbd/config/check.h"

namespace lbd::config {
namespace {

// In the order of evaluation.
constexpr std::array<std::string_view, 8> kOrder = {"tcp-request connection",
                                                    "tcp-request session",
                                                    "tcp-request content",
                                                    "monitor fail",
                                                    "http-request",
                                                    "redirect",
                                                    "use_backend",
                                                    "use-server"};

size_t rank(const cfg::Statement& rule) {
  for (size_t i = 0; i < kOrder.size(); ++i) {
    const std::string_view kind = kOrder[i];
    const size_t blank = kind.find(' ');
    if (rule[0] == kind.substr(0, blank) && (blank == kind.npos || rule[1] == kind.substr(blank + 1))) return i;
  }
  return kOrder.size();
}

void rule_order(const Config& config, cfg::Diagnostics& diagnostics) {
  for (const auto& proxy : config.proxies) {
    std::array<bool, kOrder.size()> seen{};
    for (const RuleLine& line : proxy->rules) {
      const size_t own = rank(line.statement);
      if (line.from_defaults || own == kOrder.size()) continue;
      seen[own] = true;
      for (size_t later = own + 1; later < kOrder.size(); ++later) {
        if (!seen[later]) continue;
        diagnostics.warning(line.statement.loc,
                            fmt::format("a '{}' rule placed after a '{}' rule will still be processed before",
                                        line.statement[0], kOrder[later]));
        break;
      }
    }
  }
}

bool is_final(const cfg::Statement& rule) {
  const std::string_view action = rule[1];
  if (action != "allow" && action != "deny" && action != "tarpit" && action != "return" && action != "redirect" &&
      action != "auth")
    return false;
  for (const cfg::Word& word : rule.words)
    if (word == "if" || word == "unless") return false;
  return true;
}

// A rule right behind one that always ends the evaluation.
void unreachable(const Config& config, cfg::Diagnostics& diagnostics) {
  for (const auto& proxy : config.proxies) {
    if (proxy->mode != Mode::http) continue;
    for (std::string_view kind : {"http-request", "http-response", "http-after-response"}) {
      const cfg::Statement* before = nullptr;
      for (const RuleLine& line : proxy->rules) {
        if (line.statement[0] != kind || line.from_defaults) continue;
        if (before && is_final(*before))
          diagnostics.warning(
              line.statement.loc,
              fmt::format("the '{}' rule before is final and has no condition: this one is never reached", kind));
        before = &line.statement;
      }
    }
  }
}

constexpr CheckRow kRows[] = {
    {"rules: order", "Rules stand in the order in which they are evaluated.", rule_order},
    {"rules: unreachable", "No rule stands behind one that always ends.", unreachable},
};
const base::Registered<CheckRow> kEnrol(kRows);

}  // namespace
}  // namespace lbd::config
