// track-sc0 and the like: which entry of a stick table counts what an exchange or its connection does; and the actions
// on general purpose counters and tags of that entry. Manual: 4.2 http-request track-sc0, sc-inc-gpc, sc-set-gpt.
#include <fmt/core.h>

#include <algorithm>

#include "base/strings.h"
#include "cfg/suggest.h"
#include "lbd/expr/process.h"
#include "lbd/expr/table_key.h"
#include "lbd/expr/trace.h"
#include "lbd/rules/action.h"
#include "lbd/rules/table_ref.h"

namespace lbd::rules {
namespace {

using config::DataEvent;
using table::Record;
using table::Table;

// Who tracks: the connection as a whole, or one exchange on it.
bool is_of_session(uint32_t kind) {
  return kind == set::kTcpConnection || kind == set::kTcpSession;
}

// The HTTP request, or response, that is there already counts, too.
void count_what_was(const table::Tracked& tracked, const expr::Transaction& t) {
  if (!t.request) return;
  table::raise(tracked, DataEvent::request, 1, t.now);
  const config::Global& global = t.process->config->global;
  config::for_events_of_status(t.response ? t.status : 0, global.error_codes, global.failure_codes,
                               [&](DataEvent event) { table::raise(tracked, event, 1, t.now); });
}

class Track final : public Action {
 public:
  Track(uint32_t number, const expr::Expr* key, const config::StickTable& table, bool of_session)
      : number_(number), key_(key), table_(table), of_session_(of_session) {}

  Verdict run(expr::Transaction& t, Outcome&) const override {
    if (expr::tracked_by(t, number_)) return Verdict::next;  // the first rule counts
    expr::Value value;
    if (key_->eval(t, value) != expr::Found::yes) return Verdict::next;
    Table& table = expr::table_of(t, table_);
    table::Key key;
    if (!expr::make_key(value, table, t.arena, key)) return Verdict::next;
    table::Tracks& tracks = of_session_ ? t.session.tracks : t.tracks;
    base::Arena* arena = of_session_ ? nullptr : &t.arena;
    if (expr::dry(t)) {
      tracks.watch(number_, table, key, arena);
    } else if (const table::Tracked* tracked = tracks.begin(number_, table, key, t.now, arena)) {
      if (!of_session_) count_what_was(*tracked, t);
    }
    return Verdict::next;
  }

 private:
  const uint32_t number_;
  const expr::Expr* const key_;
  const config::StickTable& table_;
  const bool of_session_;
};

// A number of a counter; false after an error.
bool read_number(Parse& parse, std::string_view text, uint32_t& number) {
  const uint32_t most = parse.context.config.global.tune.stick_counters;
  const auto read = base::parse_int<uint32_t>(text);
  if (read && *read < most) {
    number = *read;
    return true;
  }
  parse.error_at(parse.name,
                 most == 0 ? fmt::format("'{}': there are no stick counters", parse.name.text)
                           : fmt::format("'{}' needs the number of a counter, from 0 to {}", parse.name.text, most - 1),
                 "tune.stick-counters says how many there are");
  return false;
}

const Action* parse_track(Parse& parse) {
  constexpr std::string_view kName = "track-sc";
  uint32_t number = 0;
  if (!read_number(parse, std::string_view(parse.name.text).substr(kName.size()), number)) return nullptr;
  const expr::Expr* key = parse.expression("an expression that gives the key");
  if (!key) return nullptr;
  const cfg::Word* name = parse.accept("table") ? parse.take("the name of a stick table") : nullptr;
  if (parse.failed()) return nullptr;
  const config::StickTable* table = find_table(parse.context, name, parse.name);
  if (!table || !fits(parse.context, *key, *table, parse.words[0])) {
    parse.give_up();
    return nullptr;
  }
  return parse.context.storage.make<Track>(number, key, *table, is_of_session(parse.kind));
}

// The entry that a counter tracks, and an element of its data.
struct Element {
  uint32_t counter = 0;
  size_t type = 0, element = 0;
};

template <typename Visit>
void visit(const Element& element, expr::Transaction& t, Visit visit) {
  if (const table::Tracked* tracked = expr::tracked_by(t, element.counter))
    tracked->table->with(tracked->key, Table::Use::look, t.now, visit);
}

// A number, or an expression that gives one.
struct Amount {
  const expr::Expr* expr = nullptr;
  int64_t number = 1;
  bool read(expr::Transaction& t, uint64_t& out) const {
    expr::Value value;
    if (expr && expr->eval_as(expr::Type::integer, t, value) != expr::Found::yes) return false;
    out = static_cast<uint64_t>(expr ? value.integer : number);
    return true;
  }
};

class Add final : public Action {
 public:
  Add(const Element& element, const Amount& amount) : element_(element), amount_(amount) {}
  Verdict run(expr::Transaction& t, Outcome&) const override {
    uint64_t amount = 0;
    if (!expr::dry(t) && amount_.read(t, amount))
      visit(element_, t,
            [&](Record& record) { expr::raise_counter(t, record, element_.type, element_.element, amount); });
    return Verdict::next;
  }

 private:
  const Element element_;
  const Amount amount_;
};

class Set final : public Action {
 public:
  Set(const Element& element, const Amount& amount) : element_(element), amount_(amount) {}
  Verdict run(expr::Transaction& t, Outcome&) const override {
    uint64_t amount = 0;
    if (!expr::dry(t) && amount_.read(t, amount))
      visit(element_, t, [&](Record& record) {
        if (const table::Field* field = record.table().layout().find(element_.type, element_.element))
          record.set(*field, amount);
      });
    return Verdict::next;
  }

 private:
  const Element element_;
  const Amount amount_;
};

// "(counter)", or "(element,counter)" of an array.
bool read_element(Parse& parse, std::string_view type, Element& element) {
  element.type = config::data_type(type);
  const std::vector<std::string_view> parts = base::split(parse.bracket(), ',');
  const bool array = config::kDataTypes[element.type].array;
  if (parse.bracket().empty() || parts.size() != (array ? 2 : 1)) {
    parse.error_at(parse.name,
                   fmt::format("'{}' is followed by ({}COUNTER)", parse.name.text, array ? "ELEMENT," : ""));
    return false;
  }
  if (array) {
    const auto index = base::parse_int<uint32_t>(base::trim(parts[0]));
    if (!index || *index > 99) {
      parse.error_at(parse.name, fmt::format("'{}': an element is a number from 0 to 99", parse.name.text));
      return false;
    }
    element.element = *index;
  }
  return read_number(parse, base::trim(parts.back()), element.counter);
}

bool read_amount(Parse& parse, Amount& amount) {
  if (const auto number = base::parse_int<int64_t>(parse.peek())) {
    parse.take("");
    amount.number = *number;
    return true;
  }
  amount.expr = parse.expression("a number, or an expression that gives one");
  return amount.expr != nullptr;
}

constexpr std::string_view kGpc = "gpc", kGpc0 = "gpc0", kGpc1 = "gpc1", kGpt = "gpt", kGpt0 = "gpt0";

template <const std::string_view& type>
const Action* parse_inc(Parse& parse) {
  Element element;
  return read_element(parse, type, element) ? parse.context.storage.make<Add>(element, Amount{}) : nullptr;
}

template <typename Made, const std::string_view& type>
const Action* parse_with_amount(Parse& parse) {
  Element element;
  Amount amount;
  if (!read_element(parse, type, element) || !read_amount(parse, amount)) return nullptr;
  return parse.context.storage.make<Made>(element, amount);
}

constexpr uint32_t kTracking =
    set::kTcpConnection | set::kTcpSession | set::kTcpContent | set::kHttpRequest | set::kHttpResponse;
constexpr uint32_t kCounting = kTracking | set::kTcpResponse | set::kHttpAfterResponse;

constexpr ActionRow kRows[] = {
    {"track-sc", "track-sc0, track-sc1 …: an entry of a stick table counts what follows.", kTracking, false,
     parse_track},
    {"sc-inc-gpc", "Raises a general purpose counter of the array.", kCounting, false, parse_inc<kGpc>},
    {"sc-inc-gpc0", "Raises the first general purpose counter.", kCounting, false, parse_inc<kGpc0>},
    {"sc-inc-gpc1", "Raises the second general purpose counter.", kCounting, false, parse_inc<kGpc1>},
    {"sc-add-gpc", "Adds to a general purpose counter of the array.", kCounting, false, parse_with_amount<Add, kGpc>},
    {"sc-set-gpt", "Sets a general purpose tag of the array.", kCounting, false, parse_with_amount<Set, kGpt>},
    {"sc-set-gpt0", "Sets the first general purpose tag.", kCounting, false, parse_with_amount<Set, kGpt0>},
};
const base::Registered<ActionRow> kEnrol(kRows);

}  // namespace
}  // namespace lbd::rules
