// set-bandwidth-limit: switches a bwlim filter of this section on for the exchange, with its own limit and period or
// with others. Manual (2.7 and later): 9.7, http-request set-bandwidth-limit.
#include <fmt/core.h>

#include "cfg/suggest.h"
#include "cfg/value.h"
#include "lbd/expr/trace.h"
#include "lbd/rules/action.h"

namespace lbd::rules {
namespace {

class SetBandwidthLimit final : public Action {
 public:
  SetBandwidthLimit(const config::BandwidthFilter& filter, const expr::Expr* limit, const expr::Expr* period)
      : filter_(filter), limit_(limit), period_(period) {}

  Verdict run(expr::Transaction& t, Outcome&) const override {
    if (expr::dry(t)) return Verdict::next;
    expr::BandwidthLimit*& limit = set_for(t);
    if (!limit) {
      limit = t.arena.make<expr::BandwidthLimit>();
      limit->filter = &filter_;
    }
    limit->bytes = value_of(limit_, t, filter_.limit);
    limit->period = base::Millis(value_of(period_, t, static_cast<uint64_t>(filter_.period.count())));
    return Verdict::next;
  }

 private:
  expr::BandwidthLimit*& set_for(expr::Transaction& t) const {
    expr::BandwidthLimit** at = &t.bandwidth;
    while (*at && (*at)->filter != &filter_) at = &(*at)->next;
    return *at;
  }
  static uint64_t value_of(const expr::Expr* expr, expr::Transaction& t, uint64_t otherwise) {
    expr::Value value;
    if (!expr || expr->eval_as(expr::Type::integer, t, value) != expr::Found::yes || value.integer <= 0)
      return otherwise;
    return static_cast<uint64_t>(std::min(value.integer, cfg::kMaxMillis));
  }

  const config::BandwidthFilter& filter_;
  const expr::Expr *limit_, *period_;
};

const Action* parse_bandwidth(Parse& parse) {
  const cfg::Word* name = parse.take("the name of a filter");
  if (!name) return nullptr;
  const config::BandwidthFilter* filter = nullptr;
  std::vector<std::string_view> known;
  for (const config::BandwidthFilter& one : parse.context.proxy.bandwidth_filters) {
    known.push_back(one.name);
    if (one.name == name->text) filter = &one;
  }
  if (!filter)
    parse.error(fmt::format("this section has no bwlim filter '{}'", name->text), cfg::did_you_mean(name->text, known));
  const expr::Expr *limit = nullptr, *period = nullptr;
  while (!parse.done() && !parse.failed()) {
    if (parse.accept("limit")) {
      limit = parse.expression("an expression that gives bytes");
    } else if (parse.accept("period")) {
      period = parse.expression("an expression that gives milliseconds");
    } else {
      parse.take("");
      parse.error("'set-bandwidth-limit' is written 'set-bandwidth-limit NAME [limit EXPR] [period EXPR]'");
    }
  }
  return parse.failed() ? nullptr : parse.context.storage.make<SetBandwidthLimit>(*filter, limit, period);
}

constexpr ActionRow kRows[] = {
    {"set-bandwidth-limit", "Limits how fast the payload goes, by a bwlim filter.",
     set::kHttpRequest | set::kHttpResponse | set::kTcpContent | set::kTcpResponse, false, parse_bandwidth},
};
const base::Registered<ActionRow> kEnrol(kRows);

}  // namespace
}  // namespace lbd::rules
