// Rules of one section compiled from configuration text, and run on the transaction of the expression tests.
#pragma once

#include "lbd/rules/rule.h"
#include "lbd/rules/ruleset.h"
#include "tests/lbd/expr/fixture.h"

namespace lbd::rules {

class RulesTest : public expr::ExprTest {
 protected:
  // The rules of a listen section "l" with these lines; what was said is in said_.
  const ProxyRules& rules(const std::string& lines, const std::string& before = "") {
    if (rules_) kept_.emplace_back(std::move(section_), std::move(rules_));
    section_ = support::load_http(before + "backend other\n server s 127.0.0.1:1\nlisten l\n bind 127.0.0.1:8080\n" +
                                  lines + "\n server s1 127.0.0.1:81\n server s2 127.0.0.1:82\n");
    for (const auto& proxy : section_.config->proxies)
      if (proxy->name == "l") rules_ = lbd::rules::compile(*proxy, *section_.config, section_.diagnostics);
    said_ = section_.said();
    return *rules_;
  }
  // The first complaint about such lines.
  std::string complaint_about(const std::string& lines, const std::string& before = "") {
    rules(lines, before);
    for (const cfg::Diagnostic& d : section_.diagnostics.all())
      if (d.severity == cfg::Severity::alert) return d.text;
    return "none";
  }
  Verdict run(const RuleSet& set) {
    outcome_ = {};
    size_t at = 0;
    return evaluate(set, *t_, outcome_, at);
  }
  // The same for lines of http-request (or what `set` says).
  Verdict http_request(const std::string& lines) { return run(rules(lines).http_request); }
  Verdict http_response(const std::string& lines) { return run(rules(lines).http_response); }
  static std::string fields(const http::Headers& headers) {
    std::string out;
    for (const http::Header& field : headers)
      if (!field.removed()) out += std::string(field.name) + ": " + std::string(field.value) + "\n";
    return out;
  }
  std::string request_fields() { return fields(request_->head.headers); }
  std::string reply() {
    return outcome_.reply ? std::to_string(outcome_.reply->status) + "\n" + fields(outcome_.reply->headers) + "\n" +
                                std::string(outcome_.reply->body)
                          : "none";
  }
  std::string var(std::string_view name) {
    const expr::Value* value = t_->vars.find(*expr::parse_var_name(name));
    return value ? show(*value) : "-";
  }

  // The fields that rules have set view their rules.
  std::vector<std::pair<support::LoadedConfig, std::unique_ptr<ProxyRules>>> kept_;
  support::LoadedConfig section_;
  std::unique_ptr<ProxyRules> rules_;
  std::string said_;
  Outcome outcome_;
};

}  // namespace lbd::rules
