// set-var, set-var-fmt, unset-var: variables of every scope.
#include "lbd/expr/assignment.h"
#include "lbd/rules/action.h"

namespace lbd::rules {
namespace {

class SetVar final : public Action {
 public:
  Verdict run(expr::Transaction& t, Outcome&) const override {
    assignment.run(t);
    return Verdict::next;
  }

  expr::Assignment assignment;
};

// unset-var(NAME)
const Action* parse_unset(Parse& parse) {
  auto* action = parse.context.storage.make<SetVar>();
  return expr::parse_variable(parse.context, parse.name, parse.bracket(), false, false, action->assignment) ? action
                                                                                                            : nullptr;
}

// set-var(NAME[,CONDITION…]) EXPRESSION, set-var-fmt(…) FORMAT
template <bool formatted>
const Action* parse_set(Parse& parse) {
  auto* action = parse.context.storage.make<SetVar>();
  expr::Assignment& assignment = action->assignment;
  if (!expr::parse_variable(parse.context, parse.name, parse.bracket(), true, false, assignment)) return nullptr;
  if (formatted) {
    assignment.format = parse.format("a text", expr::TextFor::variable);
  } else if (const cfg::Word* word = parse.take("an expression")) {
    assignment.expression = expr::parse_expr(parse.context, *word, parse.where);
  }
  return parse.failed() || (!assignment.format && !assignment.expression) ? nullptr : action;
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
