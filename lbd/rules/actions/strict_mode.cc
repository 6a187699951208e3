// strict-mode: whether a rewrite that cannot be carried out is an error (the usual case) or left out. Until the end of
// its set.
#include "lbd/rules/action.h"

namespace lbd::rules {
namespace {

class StrictMode final : public Action {
 public:
  explicit StrictMode(bool on) : on_(on) {}
  Verdict run(expr::Transaction& t, Outcome&) const override {
    t.strict_rewrites = on_;
    return Verdict::next;
  }

 private:
  bool on_;
};

const Action* parse_strict_mode(Parse& parse) {
  const bool on = parse.accept("on");
  if (!on && !parse.accept("off")) {
    if (parse.take("'on' or 'off'")) parse.error("'strict-mode' is 'on' or 'off'");
    return nullptr;
  }
  return parse.context.storage.make<StrictMode>(on);
}

constexpr ActionRow kRows[] = {
    {"strict-mode", "Whether a rewrite that fails is an error.", set::kHttp, false, parse_strict_mode},
};
const base::Registered<ActionRow> kEnrol(kRows);

}  // namespace
}  // namespace lbd::rules
