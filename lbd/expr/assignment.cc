#include "lbd/expr/assignment.h"

#include <fmt/format.h>

#include "base/strings.h"
#include "lbd/expr/trace.h"
#include "lbd/expr/value.h"

namespace lbd::expr {

void Assignment::run(Transaction& t) const {
  Value value;
  if (format)
    value.set_text(format->print(t));
  else if (!expression)
    return unset_var(t, name);
  else if (expression->eval(t, value) != Found::yes)
    return;
  const bool done = set_var(t, name, value, conditions);
  if (t.trace) t.trace->say(Trace::Depth::detail, "{} {} {}", text, done ? "=" : "is not set to", shown(value));
}

bool parse_variable(CompileContext& context, const cfg::Word& word, std::string_view bracket, bool may_have_conditions,
                    bool health_check, Assignment& assignment) {
  const std::vector<std::string_view> parts = base::split(bracket, ',');
  const std::string_view text = parts.empty() ? std::string_view() : base::trim(parts[0]);
  const auto name = parse_var_name(text);
  if (!name || (parts.size() > 1 && !may_have_conditions)) {
    context.error(word.loc, fmt::format("'{}' is not the name of a variable", name ? bracket : text),
                  fmt::format("set-var(txn.name); scopes are {}", kVarScopes));
    return false;
  }
  if (!has_scope(health_check, name->scope))
    context.warning(word.loc, fmt::format("'{}' will never be set: there is no such scope here", text),
                    health_check ? "health checks have check, sess and proc" : "check is a scope of health checks");
  assignment.text = context.storage.copy(text);
  assignment.name = *name;
  for (size_t i = 1; i < parts.size(); ++i) {
    const std::string_view condition = base::trim(parts[i]);
    if (condition.empty()) {
      // As HAProxy reads it, an empty condition is the end of them.
      if (i + 1 < parts.size())
        context.diagnostics.report(cfg::Severity::advice, word.loc,
                                   "the conditions behind an empty one are not looked at", "");
      break;
    }
    if (assignment.conditions.add(condition)) continue;
    context.error(word.loc, fmt::format("set-var knows no condition '{}'", condition),
                  "there are ifexists, ifnotexists, ifempty, ifnotempty, ifset, ifnotset, ifgt, iflt");
    return false;
  }
  return true;
}

}  // namespace lbd::expr
