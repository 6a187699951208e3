// early-hint: fields of a 103 response (RFC 8297) that goes to the client while the request is still on its way. Hints
// of several rules go in one response, when the rules have ended or wait.
#include "lbd/rules/action.h"

namespace lbd::rules {
namespace {

class EarlyHint final : public Action {
 public:
  EarlyHint(std::string_view name, const expr::LogFormat* value) : name_(name), value_(value) {}
  Verdict run(expr::Transaction& t, Outcome& outcome) const override {
    if (!outcome.hints) outcome.hints = t.arena.make<http::Headers>(t.arena);
    outcome.hints->add(name_, value_->print(t));
    return Verdict::next;
  }

 private:
  std::string_view name_;
  const expr::LogFormat* value_;
};

const Action* parse_hint(Parse& parse) {
  const cfg::Word* name = parse.take("the name of a header field");
  const expr::LogFormat* value = name ? parse.format("a value") : nullptr;
  return value ? parse.context.storage.make<EarlyHint>(lower_name(parse, name->text), value) : nullptr;
}

constexpr ActionRow kRows[] = {
    {"early-hint", "Tells the client a field before there is an answer (103).", set::kHttpRequest, false, parse_hint},
};
const base::Registered<ActionRow> kEnrol(kRows);

}  // namespace
}  // namespace lbd::rules
