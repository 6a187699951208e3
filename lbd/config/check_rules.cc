// Checks of the order of rule lines: HAProxy evaluates them by kind, whatever their order in the file, and says so.
#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <map>
#include <string>

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

bool has_condition(const cfg::Statement& rule) {
  return std::any_of(rule.words.begin(), rule.words.end(),
                     [](const cfg::Word& word) { return word == "if" || word == "unless"; });
}

// The condition as written; "" when another evaluation of the same words may give something else.
std::string steady_condition(const cfg::Statement& rule, size_t from) {
  std::string text;
  for (size_t i = from; i < rule.size(); ++i) text += std::string(rule[i]) + " ";
  return text.find("rand") == std::string::npos && text.find("uuid") == std::string::npos ? text : std::string();
}

// Switching rules that an earlier one leaves nothing to do. HAProxy says nothing of them.
void switching(const Config& config, cfg::Diagnostics& diagnostics) {
  for (const auto& proxy : config.proxies) {
    const cfg::Statement* final = nullptr;
    std::map<std::string, const cfg::Statement*> seen;
    for (const RuleLine& line : proxy->rules) {
      const cfg::Statement& rule = line.statement;
      if (rule[0] != "use_backend" || rule.size() < 2 || line.from_defaults) continue;
      if (final) {
        diagnostics.report(
            cfg::Severity::advice, rule.loc,
            fmt::format("the 'use_backend' at line {} has no condition: this one is never reached", final->loc.line));
        continue;
      }
      // A computed name that nobody has lets the next rule decide.
      if (rule[1].find('%') != std::string_view::npos) continue;
      if (!has_condition(rule)) {
        final = &rule;
        continue;
      }
      const std::string condition = steady_condition(rule, 2);
      auto [earlier, fresh] = seen.emplace(condition, &rule);
      if (!fresh && !condition.empty())
        diagnostics.report(cfg::Severity::advice, rule.loc,
                           fmt::format("the 'use_backend' at line {} has the same condition and comes first",
                                       earlier->second->loc.line));
    }
  }
}

// As above for the rules on connections, of which HAProxy says nothing.
void unreachable_tcp(const Config& config, cfg::Diagnostics& diagnostics) {
  for (const auto& proxy : config.proxies) {
    std::map<std::string, const cfg::Statement*> final;
    for (const RuleLine& line : proxy->rules) {
      const cfg::Statement& rule = line.statement;
      if (!rule[0].starts_with("tcp-re") || rule.size() < 3 || line.from_defaults) continue;
      const std::string kind = fmt::format("{} {}", rule[0], rule[1]);
      if (auto before = final.find(kind); before != final.end())
        diagnostics.report(
            cfg::Severity::advice, rule.loc,
            fmt::format("the '{}' rule at line {} is final and has no condition: this one is never reached", kind,
                        before->second->loc.line));
      else if ((rule[2] == "accept" || rule[2] == "reject" || rule[2] == "close") && !has_condition(rule))
        final.emplace(kind, &rule);
    }
  }
}

constexpr CheckRow kRows[] = {
    {"rules: switching", "No switching rule is hidden by another one.", switching},
    {"rules: unreachable on connections", "No tcp-request rule stands behind one that always ends.", unreachable_tcp},
    {"rules: order", "Rules stand in the order in which they are evaluated.", rule_order},
    {"rules: unreachable", "No rule stands behind one that always ends.", unreachable},
};
const base::Registered<CheckRow> kEnrol(kRows);

}  // namespace
}  // namespace lbd::config
