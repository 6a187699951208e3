// set-bandwidth-limit: switches a bwlim filter of this section on for the exchange, with its own limit and period or
// with others; or with the limit that all streams of a key share by an entry of a stick table. Manual (2.7 and
// later): 9.7, http-request set-bandwidth-limit.
#include <fmt/core.h>

#include "cfg/suggest.h"
#include "cfg/value.h"
#include "lbd/expr/process.h"
#include "lbd/expr/table_key.h"
#include "lbd/expr/trace.h"
#include "lbd/rules/action.h"
#include "lbd/rules/table_ref.h"

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

class SetSharedLimit final : public Action {
 public:
  SetSharedLimit(const config::BandwidthFilter& filter, const expr::Expr* key, const config::StickTable& table,
                 base::Millis period)
      : filter_(filter), key_(key), table_(table), period_(period) {}

  Verdict run(expr::Transaction& t, Outcome&) const override {
    if (expr::dry(t)) return Verdict::next;
    for (const expr::BandwidthLimit* one = t.bandwidth; one; one = one->next)
      if (one->filter == &filter_) return Verdict::next;
    expr::Value value;
    table::Table& table = expr::table_of(t, table_);
    std::string_view key;
    if (key_->eval(t, value) != expr::Found::yes || !expr::make_key(value, table, t.arena, key)) return Verdict::next;
    auto* limit = t.arena.make<expr::BandwidthLimit>();
    limit->filter = &filter_;
    limit->bytes = filter_.limit;
    limit->period = period_;
    limit->table = &table;
    limit->key = t.arena.copy(key);
    limit->next = t.bandwidth;
    t.bandwidth = limit;
    return Verdict::next;
  }

 private:
  const config::BandwidthFilter& filter_;
  const expr::Expr* key_;
  const config::StickTable& table_;
  const base::Millis period_;
};

// The period is that of the rate in the table.
const Action* make_shared_limit(Parse& parse, const config::BandwidthFilter& filter) {
  expr::CompileContext& context = parse.context;
  const cfg::Word name{.text = filter.table_name, .loc = filter.location};
  const cfg::Word word{.text = filter.name, .loc = filter.location};
  const config::StickTable* table = find_table(context, filter.table_name.empty() ? nullptr : &name, word);
  const expr::Expr* key = table ? expr::parse_expr(context, *filter.key, parse.where) : nullptr;
  if (!key || !fits(context, *key, *table, *filter.key)) {
    parse.give_up();
    return nullptr;
  }
  const std::string_view rate = filter.incoming ? "bytes_in_rate" : "bytes_out_rate";
  const config::StickTable::Stored* stored = table->find(config::data_type(rate));
  if (!stored) {
    context.error(filter.location, fmt::format("the stick table '{}' does not store '{}', which the filter '{}' needs",
                                               table->name, rate, filter.name));
    parse.give_up();
    return nullptr;
  }
  return context.storage.make<SetSharedLimit>(filter, key, *table, stored->period);
}

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
  if (filter && filter->key && (limit || period))
    parse.error("a limit that streams share has the limit of its filter, and the period of its table");
  if (parse.failed()) return nullptr;
  if (filter->key) return make_shared_limit(parse, *filter);
  return parse.context.storage.make<SetBandwidthLimit>(*filter, limit, period);
}

constexpr ActionRow kRows[] = {
    {"set-bandwidth-limit", "Limits how fast the payload goes, by a bwlim filter.",
     set::kHttpRequest | set::kHttpResponse | set::kTcpContent | set::kTcpResponse, false, parse_bandwidth},
};
const base::Registered<ActionRow> kEnrol(kRows);

}  // namespace
}  // namespace lbd::rules
