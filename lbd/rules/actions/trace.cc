// trace: from here on the exchange tells the log what is decided and why. Tandem's own.
#include "lbd/rules/action.h"

namespace lbd::rules {
namespace {

class StartTrace final : public Action {
 public:
  Verdict run(expr::Transaction& t, Outcome&) const override {
    if (!t.trace) t.trace = t.log_trace;
    return Verdict::next;
  }
};

const Action* parse_trace(Parse& parse) {
  return parse.context.storage.make<StartTrace>();
}

constexpr ActionRow kRows[] = {
    {"trace", "Tandem: logs, from here on, each rule that this exchange meets, its samples and what it changed.",
     set::kHttp | set::kTcpContent, false, parse_trace},
};
const base::Registered<ActionRow> kEnrol(kRows);

}  // namespace
}  // namespace lbd::rules
