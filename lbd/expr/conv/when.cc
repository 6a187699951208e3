// The converter that lets a sample through only in some cases, mostly for log lines that shall say more of errors.
// Manual of HAProxy 3.1: 7.3.1 (when).
#include "lbd/expr/process.h"
#include "lbd/expr/row.h"

namespace lbd::expr {
namespace {

bool is_forwarded(const Transaction& t) {
  return t.at.connected != base::kNever;
}
// A client that went away after its answer is no error; neither is what a rule decided.
bool is_error(const Transaction& t) {
  switch (t.termination.cause) {
    case '-':
    case 'L':
      return false;
    default:
      return true;
  }
}
bool is_normal(const Transaction& t) {
  return !is_error(t) && t.retries == 0 && !t.redispatched;
}
bool is_to_applet(const Transaction& t) {
  return !t.service.empty();
}
bool is_processed(const Transaction& t) {
  return is_forwarded(t) || is_to_applet(t);
}
bool is_stopping(const Transaction& t) {
  const Process* process = t.process;
  return process && process->stopping && process->stopping->load(std::memory_order_relaxed);
}

struct Case {
  std::string_view name;
  bool (*holds)(const Transaction& transaction);
};
constexpr Case kCases[] = {{"error", is_error},         {"forwarded", is_forwarded}, {"normal", is_normal},
                           {"processed", is_processed}, {"stopping", is_stopping},   {"toapplet", is_to_applet}};

// number: 1 when the case is negated.
bool prepare_when(Prepare& prepare) {
  Arg& arg = prepare.args[0];
  std::string_view name = arg.text;
  arg.number = name.starts_with('!');
  if (arg.number) name.remove_prefix(1);
  for (const Case& one : kCases)
    if (one.name == name) *prepare.data = &one;
  if (!*prepare.data) prepare.error = "the case is error, forwarded, normal, processed, stopping or toapplet, or !case";
  return *prepare.data != nullptr;
}

bool when(const ConverterCall& call, Transaction& t, Value&) {
  return static_cast<const Case*>(call.data)->holds(t) != (call.arg(0).number != 0);
}

constexpr ConverterRow kRows[] = {
    {.name = "when",
     .doc = "The sample in a case (error, forwarded, normal, processed, stopping, toapplet), or unless: !case.",
     .args = {{{ArgKind::text}}},
     .in = Type::any,
     .out = Type::any,
     .run = when,
     .prepare = prepare_when,
     .pure = false},
};
const Converters kEnrol(kRows);

}  // namespace
}  // namespace lbd::expr
