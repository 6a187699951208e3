// capture: the value of an expression goes into a slot that the log shows (`len`: a new one, `id`: one that was
// declared).
#include <fmt/core.h>

#include "base/strings.h"
#include "lbd/rules/action.h"

namespace lbd::rules {
namespace {

class Capture final : public Action {
 public:
  Capture(const expr::Expr* expr, size_t slot, bool response) : expr_(expr), slot_(slot), response_(response) {}
  Verdict run(expr::Transaction& t, Outcome&) const override {
    const auto slots = response_ ? t.response_captures : t.request_captures;
    // A backend's rule may name a slot that this frontend has not.
    if (slot_ >= slots.size()) return Verdict::next;
    expr::Value value;
    if (expr_->eval_as(expr::Type::string, t, value) != expr::Found::yes) return Verdict::next;
    const uint32_t length = (response_ ? t.response_capture_lengths : t.request_capture_lengths)[slot_];
    slots[slot_] = t.arena.copy(value.view().substr(0, length));
    return Verdict::next;
  }

 private:
  const expr::Expr* expr_;
  size_t slot_;
  bool response_;
};

const Action* parse_capture(Parse& parse) {
  const bool response = parse.response();
  const expr::Expr* sample = parse.expression("an expression");
  if (!sample) return nullptr;
  const bool fresh = !response && parse.accept("len");
  if (!fresh && !parse.accept("id")) {
    parse.error(fmt::format("'capture' needs {} behind the expression", response ? "'id'" : "'len' or 'id'"),
                "capture req.hdr(User-Agent) len 64");
    return nullptr;
  }
  const cfg::Word* word = parse.take("a number");
  const auto number = word ? base::parse_int<uint32_t>(word->text) : std::nullopt;
  if (word && (!number || (fresh && *number == 0))) parse.error("a number is expected here");
  const config::Proxy& proxy = parse.context.proxy;
  if (fresh && !proxy.frontend)
    parse.error("a backend cannot make a slot", "'declare capture request len N' in the frontend, and 'id' here");
  size_t slot = number.value_or(0);
  const size_t slots = response ? parse.rules.response_slots : parse.rules.request_slots;
  if (!fresh && proxy.frontend && slot >= slots && !parse.failed())
    parse.error(fmt::format("there is no capture slot {}", slot),
                fmt::format("declare capture {} len N", response ? "response" : "request"));
  if (parse.failed()) return nullptr;
  if (fresh) {
    slot = parse.rules.request_captures.size();
    parse.rules.request_captures.push_back({"", *number});
  }
  return parse.context.storage.make<Capture>(sample, slot, response);
}

constexpr ActionRow kRows[] = {
    {"capture", "Puts a value into a slot for the log.", set::kHttp | set::kTcpContent, false, parse_capture},
};
const base::Registered<ActionRow> kEnrol(kRows);

}  // namespace
}  // namespace lbd::rules
