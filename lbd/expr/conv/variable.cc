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
    if (!prepare.args[i].given()) {
      if (i + 1 == prepare.args.size() || !prepare.args[i + 1].given()) continue;
      prepare.error = "there is no condition ''";
      return false;
    }
    if (conditions->add(prepare.args[i].text)) continue;
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

// As much of the text as its slot takes; the sample itself goes on as it is.
template <std::span<std::string_view> Transaction::*slots, std::span<const uint32_t> Transaction::*lengths>
bool capture(const ConverterCall& call, Transaction& t, Value& value) {
  const auto slot = static_cast<size_t>(call.arg(0).number);
  if (slot >= (t.*slots).size() || slot >= (t.*lengths).size()) return false;
  (t.*slots)[slot] = t.arena.copy(value.view().substr(0, (t.*lengths)[slot]));
  t.arena.keep();
  return true;
}

constexpr ConverterRow kRows[] = {
    {.name = "capture-req",
     .doc = "Puts the text into a capture slot of the request.",
     .args = {{{ArgKind::number}}},
     .run = capture<&Transaction::request_captures, &Transaction::request_capture_lengths>,
     .pure = false},
    {.name = "capture-res",
     .doc = "Puts the text into a capture slot of the response.",
     .args = {{{ArgKind::number}}},
     .run = capture<&Transaction::response_captures, &Transaction::response_capture_lengths>,
     .pure = false},
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
