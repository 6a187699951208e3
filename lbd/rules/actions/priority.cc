// set-priority-class, set-priority-offset: the place in the queue of a server; set-nice, which asks for what there is
// not.
#include <algorithm>

#include "base/strings.h"
#include "lbd/config/section.h"
#include "lbd/rules/action.h"

namespace lbd::rules {
namespace {

// What the manual says, so that classes and times can be compared as one number.
constexpr int64_t kMostClass = 2047, kMostOffset = 524287;

template <int expr::Transaction::*Member, int64_t most>
class SetPriority final : public Action {
 public:
  explicit SetPriority(const expr::Expr* expr) : expr_(expr) {}
  Verdict run(expr::Transaction& t, Outcome&) const override {
    expr::Value value;
    if (expr_->eval_as(expr::Type::integer, t, value) == expr::Found::yes)
      t.*Member = static_cast<int>(std::clamp(value.integer, -most, most));
    return Verdict::next;
  }

 private:
  const expr::Expr* expr_;
};

class Nothing final : public Action {
 public:
  Verdict run(expr::Transaction&, Outcome&) const override { return Verdict::next; }
};

template <int expr::Transaction::*Member, int64_t most>
const Action* parse_priority(Parse& parse) {
  const expr::Expr* expr = parse.expression("an expression");
  return expr ? parse.context.storage.make<SetPriority<Member, most>>(expr) : nullptr;
}

const Action* parse_nice(Parse& parse) {
  const cfg::Word* word = parse.take("a number from -1024 to 1024");
  if (word && !base::parse_int<int32_t>(word->text)) parse.error("a number from -1024 to 1024 is expected");
  if (parse.failed()) return nullptr;
  config::advise_pending("set-nice", "the exchanges of a thread take turns evenly", parse.name.loc,
                         parse.context.diagnostics);
  return parse.context.storage.make<Nothing>();
}

constexpr uint32_t kSets = set::kHttpRequest | set::kTcpContent;
constexpr ActionRow kRows[] = {
    {"set-priority-class", "Who is served first of those that wait for a server: the lowest class.", kSets, false,
     parse_priority<&expr::Transaction::priority_class, kMostClass>},
    {"set-priority-offset", "How much later, in ms, it counts as having begun to wait.", kSets, false,
     parse_priority<&expr::Transaction::priority_offset, kMostOffset>},
    {"set-nice", "Accepted; there are no priorities among exchanges.",
     set::kHttpRequest | set::kHttpResponse | set::kTcpContent | set::kTcpResponse, false, parse_nice},
};
const base::Registered<ActionRow> kEnrol(kRows);

}  // namespace
}  // namespace lbd::rules
