#include "lbd/expr/process_variable.h"

#include <fmt/format.h>

#include "base/strings.h"
#include "cfg/diag.h"
#include "lbd/expr/expr.h"
#include "lbd/expr/logformat.h"
#include "lbd/expr/logformat_parser.h"
#include "lbd/expr/storage.h"
#include "lbd/expr/transaction.h"
#include "lbd/expr/value.h"

namespace lbd::expr {

base::Status set_process_variable(const Process& process, std::string_view name, std::string_view text, bool formatted,
                                  Phases where) {
  const auto parsed = parse_var_name(name);
  if (!parsed) return base::Err(fmt::format("'{}' is not the name of a variable", name));
  if (parsed->scope != Scope::proc)
    return base::Err(fmt::format("cannot set variable '{}', only scope 'proc' is permitted here.", name));
  const config::Proxy nowhere;
  Storage storage;
  cfg::Diagnostics diagnostics;
  CompileContext context(*process.config, nowhere, storage, diagnostics, process.patterns);
  const cfg::Word word{std::string(text), {}};
  LogFormat format;
  const Expr* expression = nullptr;
  if (formatted)
    format = parse_logformat(context, word, where, TextFor::variable);
  else
    expression = parse_expr(context, word, where);
  if (diagnostics.has_errors()) return base::Err(diagnostics.all().front().text);

  Session session;
  Transaction transaction(session, storage.arena());
  transaction.begin_inside(where == phase::kCli ? "CLI" : "CFG");
  transaction.process = &process;
  transaction.now = base::mono_now();
  Value value;
  if (formatted)
    value.set_text(format.print(transaction));
  else if (expression->eval(transaction, value) != Found::yes)
    return base::Err("the expression has no value");
  process.vars->set(*parsed, value);
  return {};
}

}  // namespace lbd::expr
