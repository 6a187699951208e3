// set-var, set-var-fmt, unset-var: variables of every scope.
#include <fmt/core.h>

#include "base/strings.h"
#include "lbd/expr/expr.h"
#include "lbd/expr/trace.h"
#include "lbd/expr/value.h"
#include "lbd/expr/vars.h"
#include "lbd/rules/action.h"

namespace lbd::rules {
namespace {

class SetVar final : public Action {
 public:
  Verdict run(expr::Transaction& t, Outcome&) const override {
    expr::Value value;
    if (format)
      value.set_text(format->print(t));
    else if (expr->eval(t, value) != expr::Found::yes)
      return Verdict::next;
    bool done = expr::set_var(t, name, value, conditions);  // what does not fit is not set, as in HAProxy
    if (t.trace)
      t.trace->say(expr::Trace::Depth::detail, "{} {} {}", text, done ? "=" : "is not set to", expr::shown(value));
    return Verdict::next;
  }

  std::string_view text;  // the name as written
  expr::VarName name;
  expr::VarConditions conditions;
  const expr::Expr* expr = nullptr;
  const expr::LogFormat* format = nullptr;
};

class UnsetVar final : public Action {
 public:
  explicit UnsetVar(expr::VarName name) : name_(name) {}
  Verdict run(expr::Transaction& t, Outcome&) const override {
    expr::unset_var(t, name_);
    return Verdict::next;
  }

 private:
  expr::VarName name_;
};

// The name in the brackets; nothing after an error.
std::optional<expr::VarName> parse_name(Parse& parse, std::string_view text) {
  auto name = expr::parse_var_name(text);
  if (!name)
    parse.error_at(parse.name, fmt::format("'{}' is not the name of a variable", text),
                   "set-var(txn.name); scopes are proc, sess, txn, req, res");
  return name;
}

const Action* parse_unset(Parse& parse) {
  auto name = parse_name(parse, parse.bracket());
  return name ? parse.context.storage.make<UnsetVar>(*name) : nullptr;
}

// set-var(NAME[,CONDITION…]) EXPRESSION, set-var-fmt(…) FORMAT
template <bool formatted>
const Action* parse_set(Parse& parse) {
  auto* action = parse.context.storage.make<SetVar>();
  std::vector<std::string_view> parts = base::split(parse.bracket(), ',');
  auto name = parse_name(parse, parts.empty() ? std::string_view() : base::trim(parts[0]));
  if (!name) return nullptr;
  action->text = parse.context.storage.copy(base::trim(parts[0]));
  action->name = *name;
  for (size_t i = 1; i < parts.size(); ++i) {
    if (base::trim(parts[i]).empty()) {
      // As HAProxy reads it, an empty condition is the end of them.
      if (i + 1 < parts.size())
        parse.context.diagnostics.report(cfg::Severity::advice, parse.name.loc,
                                         "the conditions behind an empty one are not looked at", "");
      break;
    }
    if (action->conditions.add(base::trim(parts[i]))) continue;
    parse.error_at(parse.name, fmt::format("set-var knows no condition '{}'", base::trim(parts[i])),
                   "there are ifexists, ifnotexists, ifempty, ifnotempty, ifset, ifnotset, ifgt, iflt");
  }
  if (formatted) {
    action->format = parse.format("a text", expr::TextFor::variable);
  } else if (const cfg::Word* word = parse.take("an expression")) {
    action->expr = expr::parse_expr(parse.context, *word, parse.where);
  }
  return parse.failed() || (!action->format && !action->expr) ? nullptr : action;
}

constexpr uint32_t kEverywhere = set::kHttp | set::kTcp;
constexpr ActionRow kRows[] = {
    {"set-var", "Sets a variable to the value of an expression.", kEverywhere, false, parse_set<false>},
    {"set-var-fmt", "Sets a variable to a text with %[expressions].", kEverywhere, false, parse_set<true>},
    {"unset-var", "Forgets a variable.", kEverywhere, false, parse_unset},
};
const base::Registered<ActionRow> kEnrol(kRows);

}  // namespace
}  // namespace lbd::rules
