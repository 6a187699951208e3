// set-var, set-var-fmt, unset-var: variables of every scope.
#include <fmt/core.h>

#include "lbd/expr/expr.h"
#include "lbd/expr/value.h"
#include "lbd/expr/vars.h"
#include "lbd/rules/action.h"

namespace lbd::rules {
namespace {

class SetVar final : public Action {
 public:
  SetVar(expr::VarName name, const expr::Expr* expr, const expr::LogFormat* format)
      : name_(name), expr_(expr), format_(format) {}
  Verdict run(expr::Transaction& t, Outcome&) const override {
    expr::Value value;
    if (format_)
      value.set_text(format_->print(t));
    else if (expr_->eval(t, value) != expr::Found::yes)
      return Verdict::next;
    expr::set_var(t, name_, value);  // what does not fit is not set, as in HAProxy
    return Verdict::next;
  }

 private:
  expr::VarName name_;
  const expr::Expr* expr_;
  const expr::LogFormat* format_;
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

const Action* parse_var(Parse& parse) {
  std::string_view text = parse.bracket();
  auto name = expr::parse_var_name(text.substr(0, text.find(',')));
  if (!name || text.find(',') != std::string_view::npos) {
    parse.error(name ? "conditions of set-var (ifexists, ifset …) are not available yet"
                     : fmt::format("'{}' is not the name of a variable", text),
                "set-var(txn.name); scopes are proc, sess, txn, req, res");
    return nullptr;
  }
  std::string_view action = std::string_view(parse.name.text).substr(0, parse.name.text.find('('));
  if (action == "unset-var") return parse.context.storage.make<UnsetVar>(*name);
  if (action == "set-var-fmt") {
    const expr::LogFormat* format = parse.format("a text", expr::TextFor::variable);
    return format ? parse.context.storage.make<SetVar>(*name, nullptr, format) : nullptr;
  }
  const cfg::Word* word = parse.take("an expression");
  const expr::Expr* value = word ? expr::parse_expr(parse.context, *word, parse.where) : nullptr;
  return value ? parse.context.storage.make<SetVar>(*name, value, nullptr) : nullptr;
}

constexpr uint32_t kEverywhere = set::kHttp | set::kTcp;
constexpr ActionRow kRows[] = {
    {"set-var", "Sets a variable to the value of an expression.", kEverywhere, false, parse_var},
    {"set-var-fmt", "Sets a variable to a text with %[expressions].", kEverywhere, false, parse_var},
    {"unset-var", "Forgets a variable.", kEverywhere, false, parse_var},
};
const base::Registered<ActionRow> kEnrol(kRows);

}  // namespace
}  // namespace lbd::rules
