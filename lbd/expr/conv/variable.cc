// Converters that keep what passes through them: in variables and in captures. Manual: 7.3.1 (set-var, capture-req).
#include <fmt/format.h>

#include "lbd/expr/context.h"
#include "lbd/expr/row.h"

namespace lbd::expr {
namespace {

bool prepare_conditions(Prepare& prepare) {
  auto* conditions = prepare.context.storage.make<VarConditions>();
  *prepare.data = conditions;
  for (size_t i = 1; i < prepare.args.size(); ++i) {
    if (!prepare.args[i].given() || conditions->add(prepare.args[i].text)) continue;
    prepare.error = fmt::format("there is no condition '{}'", prepare.args[i].text);
    return false;
  }
  return true;
}

bool set(const ConverterCall& call, Transaction& t, Value& value) {
  return set_var(t, call.arg(0).var, value, *static_cast<const VarConditions*>(call.data));
}

bool unset(const ConverterCall& call, Transaction& t, Value&) {
  unset_var(t, call.arg(0).var);
  return true;
}

constexpr ConverterRow kRows[] = {
    {.name = "set-var",
     .doc = "Sets a variable to the sample, if the conditions hold.",
     .args =
         {{{ArgKind::var}, {ArgKind::text, true}, {ArgKind::text, true}, {ArgKind::text, true}, {ArgKind::text, true}}},
     .in = Type::any,
     .out = Type::any,
     .run = set,
     .prepare = prepare_conditions},
    {.name = "unset-var",
     .doc = "Forgets a variable.",
     .args = {{{ArgKind::var}}},
     .in = Type::any,
     .out = Type::any,
     .run = unset},
};
const Converters kEnrol(kRows);

}  // namespace
}  // namespace lbd::expr
