// sc_X, sc0_X, sc1_X, sc2_X and src_X: what stick tables know of the entries that are tracked, and of the source
// address. The rows follow from those of the data types. Manual: 7.3.3.
#include <fmt/format.h>

#include <algorithm>
#include <utility>

#include "lbd/expr/context.h"
#include "lbd/expr/process.h"
#include "lbd/expr/row.h"
#include "lbd/expr/table_key.h"
#include "lbd/expr/table_words.h"
#include "lbd/expr/trace.h"

namespace lbd::expr {
namespace {

using config::DataKind;
using config::DataType;
using config::kDataTypes;
using table::Record;
using table::Table;

// Whose entry: that of the counter in the arguments, of a counter with a number, of the source address.
enum class Of : uint8_t { counter, counter0, counter1, counter2, source };
enum class What : uint8_t { get, raise, clear };
constexpr Of kEach[] = {Of::counter, Of::counter0, Of::counter1, Of::counter2, Of::source};
constexpr std::string_view kPrefix[] = {"sc_", "sc0_", "sc1_", "sc2_", "src_"};

// The arguments in their order: [element,] [counter,] [table].
constexpr ArgSpecs specs(Of of, bool array) {
  ArgSpecs out{};
  size_t count = 0;
  if (array) out[count++] = {ArgKind::number};
  if (of == Of::counter) out[count++] = {ArgKind::number};
  out[count] = {ArgKind::table, true};
  return out;
}

uint32_t counter_of(const FetchCall& call, Of of, bool array) {
  if (of == Of::counter) return static_cast<uint32_t>(call.arg(array ? 1 : 0).number);
  return static_cast<uint32_t>(of) - static_cast<uint32_t>(Of::counter0);
}

const config::StickTable* table_arg(const FetchCall& call, Of of, bool array) {
  return call.arg((array ? 1u : 0u) + (of == Of::counter ? 1u : 0u)).table;
}

struct Target {
  Table* table = nullptr;
  table::Key key;
};

// False: nothing is tracked, or the address is no key.
bool find_target(const FetchCall& call, Transaction& t, Of of, bool array, Target& target) {
  const config::StickTable* named = table_arg(call, of, array);
  if (!t.process || !t.process->tables) return false;
  if (of == Of::source) {
    target.table = &table_of(t, *named);
    return make_key(Value::of_ip(t.src.ip), *target.table, t.arena, target.key);
  }
  const table::Tracked* tracked = tracked_by(t, counter_of(call, of, array));
  if (!tracked) return false;
  target.table = named ? &table_of(t, *named) : tracked->table;
  target.key = tracked->key;
  // The same key in another table, when it can be one there.
  return target.table == tracked->table || target.table->config().key == tracked->table->config().key;
}

Found fetch(const FetchCall& call, Transaction& t, Value& out, size_t type, Of of, What what) {
  const DataType& row = kDataTypes[type];
  const size_t element = row.array ? static_cast<size_t>(call.arg(0).number) : 0;
  Target target;
  if (!find_target(call, t, of, row.array, target)) return Found::no;
  const table::Field* field = target.table->layout().find(type, element);
  if (!field) return Found::no;
  uint64_t value = 0;
  const bool make = what == What::raise && of == Of::source && !dry(t);
  target.table->with(target.key, make ? Table::Use::create : Table::Use::look, t.now, [&](Record& record) {
    if (what == What::raise) {
      value = raise_counter(t, record, type, element, 1);
      return;
    }
    value = record.get(*field);
    if (what == What::clear && !dry(t)) record.set(*field, 0);
  });
  out.set_int(static_cast<int64_t>(row.kilobytes ? value >> 10 : value));
  return Found::yes;
}

template <size_t type, Of of, What what>
Found run(const FetchCall& call, Transaction& t, Cursor&, Value& out) {
  return fetch(call, t, out, type, of, what);
}

template <Of of>
Found run_tracked(const FetchCall& call, Transaction& t, Cursor&, Value& out) {
  Target target;
  out.set_bool(find_target(call, t, of, false, target) &&
               target.table->with(target.key, Table::Use::look, t.now, [](Record&) {}));
  return Found::yes;
}

template <Of of>
Found run_trackers(const FetchCall& call, Transaction& t, Cursor&, Value& out) {
  Target target;
  if (!find_target(call, t, of, false, target)) return Found::no;
  uint32_t holders = 0;
  target.table->with(target.key, Table::Use::look, t.now, [&](Record& record) { holders = record.holders(); });
  out.set_int(holders);
  return Found::yes;
}

Found run_update_conn_cnt(const FetchCall& call, Transaction& t, Cursor&, Value& out) {
  Target target;
  if (!find_target(call, t, Of::source, false, target)) return Found::no;
  const table::Field* field = target.table->layout().find(config::data_type("conn_cnt"));
  if (!field) return Found::no;
  uint64_t value = 0;
  target.table->with(target.key, dry(t) ? Table::Use::look : Table::Use::create, t.now, [&](Record& record) {
    if (!dry(t)) record.add(*field, 1);
    value = record.get(*field);
  });
  out.set_int(static_cast<int64_t>(value));
  return Found::yes;
}

template <Of of, bool array>
bool prepare(Prepare& prepare) {
  if (of == Of::counter || array) {
    const Arg& number = prepare.args[array && of == Of::counter ? 1 : 0];
    const int64_t most = prepare.context.config.global.tune.stick_counters;
    if (of == Of::counter && (number.number < 0 || number.number >= most))
      prepare.context.warning(prepare.location, fmt::format("there is no stick counter {}", number.number),
                              "tune.stick-counters says how many there are");
    if (array && (prepare.args[0].number < 0 || prepare.args[0].number > 99)) {
      prepare.error = "an element is a number from 0 to 99";
      return false;
    }
  }
  Arg& table = prepare.args[(array ? 1u : 0u) + (of == Of::counter ? 1u : 0u)];
  if (of != Of::source || table.given()) return true;
  table.table = prepare.context.proxy.stick_table.get();
  if (!table.table)
    prepare.error = fmt::format("{} '{}' has no stick table, and no other is named", prepare.context.proxy.kind(),
                                prepare.context.proxy.name);
  return table.table != nullptr;
}

using Run = Found (*)(const FetchCall&, Transaction&, Cursor&, Value&);
using PrepareRow = bool (*)(Prepare&);

template <size_t type, What what>
constexpr Run run_for(Of of) {
  switch (of) {
    case Of::counter:
      return run<type, Of::counter, what>;
    case Of::counter0:
      return run<type, Of::counter0, what>;
    case Of::counter1:
      return run<type, Of::counter1, what>;
    case Of::counter2:
      return run<type, Of::counter2, what>;
    case Of::source:
      break;
  }
  return run<type, Of::source, what>;
}

constexpr PrepareRow prepare_for(Of of, bool array) {
  if (of == Of::counter) return array ? prepare<Of::counter, true> : prepare<Of::counter, false>;
  if (of == Of::source) return array ? prepare<Of::source, true> : prepare<Of::source, false>;
  return prepare<Of::counter0, false>;
}

constexpr Phases valid_for(Of of) {
  return of == Of::source ? valid::kClient : valid::kInternal;
}

template <size_t type>
constexpr void add_words(auto& add) {
  constexpr const DataType& row = kDataTypes[type];
  if constexpr (!row.fetch.empty())
    for (Of of : kEach) {
      if (row.array && of != Of::counter && of != Of::source) continue;
      auto make = [&](Run run, std::string_view doc) {
        return FetchRow{.name = {},
                        .doc = doc,
                        .args = specs(of, row.array),
                        .out = Type::integer,
                        .valid = valid_for(of),
                        .run = run,
                        .prepare = prepare_for(of, row.array)};
      };
      const std::string_view prefix = kPrefix[static_cast<size_t>(of)];
      add(make(run_for<type, What::get>(of), row.doc), prefix, row.fetch, "");
      if (row.rate.empty()) continue;
      add(make(run_for<type, What::raise>(of), "Raises it by one."), prefix, "inc_", row.name);
      add(make(run_for<type, What::clear>(of), "Sets it to zero; what it was."), prefix, "clr_", row.name);
    }
}

constexpr auto kMake = [](auto add) {
  [&]<size_t... types>(std::index_sequence<types...>) {
    (add_words<types>(add), ...);
  }
  (std::make_index_sequence<config::kDataTypeCount>());
};

constinit const TableWords<FetchRow, count_words<FetchRow>(kMake)> kWords(kMake);
const base::Registered<FetchRow> kEnrolWords(kWords.rows());

// Of a table as a whole.
template <bool used>
Found run_entries(const FetchCall& call, Transaction& t, Cursor&, Value& out) {
  if (!t.process || !t.process->tables) return Found::no;
  const config::StickTable& config = *call.arg(0).table;
  const uint64_t there = table_of(t, config).used();
  out.set_int(static_cast<int64_t>(used ? there : config.size - std::min(there, config.size)));
  return Found::yes;
}

template <Of of>
constexpr FetchRow tracked_row(std::string_view name) {
  return {.name = name,
          .doc = "Whether this counter tracks an entry.",
          .args = specs(of, false),
          .out = Type::boolean,
          .valid = valid::kInternal,
          .run = run_tracked<of>,
          .prepare = prepare<of, false>};
}
template <Of of>
constexpr FetchRow trackers_row(std::string_view name) {
  return {.name = name,
          .doc = "How many track the same entry now.",
          .args = specs(of, false),
          .out = Type::integer,
          .valid = valid::kInternal,
          .run = run_trackers<of>,
          .prepare = prepare<of, false>};
}

constexpr FetchRow kRows[] = {
    tracked_row<Of::counter>("sc_tracked"),
    tracked_row<Of::counter0>("sc0_tracked"),
    tracked_row<Of::counter1>("sc1_tracked"),
    tracked_row<Of::counter2>("sc2_tracked"),
    trackers_row<Of::counter>("sc_trackers"),
    trackers_row<Of::counter0>("sc0_trackers"),
    trackers_row<Of::counter1>("sc1_trackers"),
    trackers_row<Of::counter2>("sc2_trackers"),
    {.name = "table_avl",
     .doc = "How many more entries a stick table can have.",
     .args = specs(Of::source, false),
     .out = Type::integer,
     .valid = valid::kInternal,
     .run = run_entries<false>,
     .prepare = prepare<Of::source, false>},
    {.name = "table_cnt",
     .doc = "How many entries a stick table has.",
     .args = specs(Of::source, false),
     .out = Type::integer,
     .valid = valid::kInternal,
     .run = run_entries<true>,
     .prepare = prepare<Of::source, false>},
    {.name = "src_updt_conn_cnt",
     .doc = "Raises the number of connections of the source address, in an entry made for it.",
     .args = specs(Of::source, false),
     .out = Type::integer,
     .valid = valid::kClient,
     .run = run_update_conn_cnt,
     .prepare = prepare<Of::source, false>},
};
const base::Registered<FetchRow> kEnrol(kRows);

}  // namespace
}  // namespace lbd::expr
