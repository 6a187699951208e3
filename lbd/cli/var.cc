// get var, set var: variables of the process. Texts are HAProxy's. Manual: management.txt 9.3.
#include <fmt/format.h>

#include "lbd/cli/command.h"
#include "lbd/expr/process_variable.h"
#include "lbd/expr/value.h"
#include "lbd/stream/engine.h"

namespace lbd::cli {
namespace {

void get_var(Invocation& invocation) {
  const std::string_view name = invocation.argument(0);
  if (name.empty()) return invocation.refuse("Missing process-wide variable identifier.");
  const auto parsed = expr::parse_var_name(name);
  base::BlockPool pool(4096, 1);
  base::Arena arena(pool);
  expr::Value value;
  if (!parsed || parsed->scope != expr::Scope::proc || !invocation.services.variables ||
      !invocation.services.variables->get(*parsed, value, arena))
    return invocation.refuse("Variable not found.");
  const expr::Type type = value.type;
  if (!expr::cast(value, expr::Type::string, arena)) return invocation.refuse("Variable not found.");
  // Without an end of the line, as HAProxy answers.
  invocation.answer += fmt::format("{}: type={} value=<{}>", name, expr::name_of(type), value.view());
}

// set var <name> [expr] <expression> | fmt <format>
void set_var(Invocation& invocation) {
  if (!invocation.session.experimental)
    return invocation.refuse("This command is restricted to experimental mode only.");
  if (!invocation.allowed(Level::operator_)) return;
  const std::string_view name = invocation.argument(0);
  if (name.empty()) return invocation.refuse("Missing process-wide variable identifier.");
  const std::string_view how = invocation.argument(1);
  if (how.empty()) return invocation.refuse("Missing either 'expr', 'fmt' or expression.");
  const bool keyword = (how == "expr" || how == "fmt") && !invocation.argument(2).empty();
  const auto parsed = expr::parse_var_name(name);
  if (parsed && parsed->scope != expr::Scope::proc) {
    // Without an end of the line, as HAProxy answers.
    invocation.answer += fmt::format("'set var': cannot set variable '{}', only scope 'proc' is permitted here.", name);
    return;
  }
  if (!invocation.services.engine) return;
  const base::Status done = expr::set_process_variable(
      invocation.services.engine->facts, name, invocation.argument(keyword ? 2 : 1), how == "fmt", expr::phase::kCli);
  if (!done) invocation.say(done.error().text);
}

constexpr CommandRow kRows[] = {
    {.name = "get var",
     .usage = "<name>",
     .doc = "retrieve contents of a process-wide variable",
     .level = Level::operator_,
     .run = get_var},
    {.name = "set var",
     .usage = "<name> [fmt|expr] {<fmt>|<expr>}",
     .doc = "set variable from an expression or a format",
     .run = set_var},
};
const base::Registered<CommandRow> kEnrol(kRows);

}  // namespace
}  // namespace lbd::cli
