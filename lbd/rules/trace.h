// RuleTrace: tells the trace of a transaction, if it has one, of one rule: the line as written, whether it applied, and
// what its action changed in the message: found by comparing before and after, so that no action has to say it.
// Life: the evaluation of one rule. Thread: that of the exchange. Without a trace each call is one comparison.
#pragma once

#include <string_view>

#include "cfg/statement.h"
#include "lbd/expr/condition.h"
#include "lbd/expr/trace.h"
#include "lbd/rules/ruleset.h"

namespace lbd::rules {

class RuleTrace {
 public:
  RuleTrace(expr::Transaction& transaction, const cfg::Location& where, const cfg::Statement* statement) {
    if (transaction.trace) [[unlikely]]
      begin(transaction, where, statement);
  }
  ~RuleTrace() {
    if (running_) [[unlikely]]
      end();
  }
  RuleTrace(const RuleTrace&) = delete;
  RuleTrace& operator=(const RuleTrace&) = delete;

  void judged(expr::Truth truth) {
    if (running_) [[unlikely]]
      tell_judgement(truth);
  }
  void done(Verdict verdict, const Outcome& outcome) {
    if (running_) [[unlikely]]
      tell_effect(verdict, outcome);
  }
  // use_backend: what a computed name came to.
  void named(std::string_view name) {
    if (running_) [[unlikely]]
      tell_name(name);
  }

 private:
  struct Running;
  void begin(expr::Transaction& transaction, const cfg::Location& where, const cfg::Statement* statement);
  void tell_judgement(expr::Truth truth);
  void tell_effect(Verdict verdict, const Outcome& outcome);
  void tell_name(std::string_view name);

  void end();

  Running* running_ = nullptr;
};

}  // namespace lbd::rules
