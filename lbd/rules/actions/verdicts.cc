// allow, accept, reject, silent-drop: actions that only end a set.
#include "lbd/rules/action.h"

namespace lbd::rules {
namespace {

class End final : public Action {
 public:
  End(Verdict verdict, bool denied) : verdict_(verdict), denied_(denied) {}
  Verdict run(expr::Transaction&, Outcome& outcome) const override {
    outcome.denied = denied_;
    return verdict_;
  }

 private:
  Verdict verdict_;
  bool denied_;
};

template <Verdict verdict, bool denied>
const Action* make(Parse& parse) {
  return parse.context.storage.make<End>(verdict, denied);
}

constexpr ActionRow kRows[] = {
    {"allow", "Ends the rules; the message goes on.", set::kHttp | set::kStats, true, make<Verdict::accept, false>},
    {"accept", "Ends the rules; the connection goes on.", set::kTcp, true, make<Verdict::accept, false>},
    {"reject", "Closes the connection without an answer.", set::kTcp | set::kHttpRequest, true,
     make<Verdict::close, true>},
    {"silent-drop", "Forgets the connection; the client is not told.",
     set::kTcp | set::kHttpRequest | set::kHttpResponse, true, make<Verdict::silent_drop, true>},
};
const base::Registered<ActionRow> kEnrol(kRows);

}  // namespace
}  // namespace lbd::rules
