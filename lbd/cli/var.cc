// get var: variables of the process. Texts are HAProxy's. Manual: management.txt 9.3.
#include <fmt/format.h>

#include "lbd/cli/command.h"
#include "lbd/expr/value.h"

namespace lbd::cli {
namespace {

void get_var(Invocation& invocation) {
  const std::string_view name = invocation.argument(0);
  if (name.empty()) return invocation.say("Missing process-wide variable identifier.");
  const auto parsed = expr::parse_var_name(name);
  base::BlockPool pool(4096, 1);
  base::Arena arena(pool);
  expr::Value value;
  if (!parsed || parsed->scope != expr::Scope::proc || !invocation.services.variables ||
      !invocation.services.variables->get(*parsed, value, arena))
    return invocation.say("Variable not found.");
  const expr::Type type = value.type;
  if (!expr::cast(value, expr::Type::string, arena)) return invocation.say("Variable not found.");
  // Without an end of the line, as HAProxy answers.
  invocation.answer += fmt::format("{}: type={} value=<{}>", name, expr::name_of(type), value.view());
}

constexpr CommandRow kRows[] = {
    {.name = "get var",
     .usage = "<name>",
     .doc = "retrieve contents of a process-wide variable",
     .level = Level::operator_,
     .run = get_var},
};
const base::Registered<CommandRow> kEnrol(kRows);

}  // namespace
}  // namespace lbd::cli
