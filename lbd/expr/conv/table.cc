// table_X and in_table: what a stick table knows of the entry whose key comes in. Looking makes no entry younger.
// The rows follow from those of the data types. Manual: 7.3.1.
#include <utility>

#include "lbd/expr/process.h"
#include "lbd/expr/row.h"
#include "lbd/expr/table_key.h"
#include "lbd/expr/table_words.h"

namespace lbd::expr {
namespace {

using config::DataType;
using config::kDataTypes;
using table::Record;
using table::Table;

// False: the value is no key of the table. What is not there has not been visited.
template <typename Visit>
bool look(const config::StickTable& named, Transaction& t, const Value& value, Visit visit) {
  if (!t.process || !t.process->tables) return false;
  Table& table = table_of(t, named);
  table::Key key;
  if (!make_key(value, table, t.arena, key)) return false;
  table.with(key, Table::Use::look, t.now, visit);
  return true;
}

bool convert(const ConverterCall& call, Transaction& t, Value& value, size_t type) {
  const DataType& row = kDataTypes[type];
  const size_t element = row.array ? static_cast<size_t>(call.arg(0).number) : 0;
  const config::StickTable& named = *call.arg(row.array ? 1 : 0).table;
  if (!t.process || !t.process->tables) return false;
  const table::Field* field = table_of(t, named).layout().find(type, element);
  uint64_t number = 0;
  if (!field || !look(named, t, value, [&](Record& record) { number = record.get(*field); })) return false;
  value.set_int(static_cast<int64_t>(row.kilobytes ? number >> 10 : number));
  return true;
}

template <size_t type>
bool run(const ConverterCall& call, Transaction& t, Value& value) {
  return convert(call, t, value, type);
}

bool in_table(const ConverterCall& call, Transaction& t, Value& value) {
  bool found = false;
  if (!look(*call.arg(0).table, t, value, [&](Record&) { found = true; })) return false;
  value.set_bool(found);
  return true;
}

bool trackers(const ConverterCall& call, Transaction& t, Value& value) {
  uint32_t holders = 0;
  if (!look(*call.arg(0).table, t, value, [&](Record& record) { holders = record.holders(); })) return false;
  value.set_int(holders);
  return true;
}

// The time in milliseconds, or what the second argument says where there is no entry.
template <base::Millis (Record::*time)() const>
bool time_of(const ConverterCall& call, Transaction& t, Value& value) {
  bool found = false;
  int64_t millis = 0;
  auto visit = [&](Record& record) { found = true, millis = (record.*time)().count(); };
  if (!look(*call.arg(0).table, t, value, visit)) return false;
  if (!found && !call.arg(1).given()) return false;
  value.set_int(found ? millis : call.arg(1).number);
  return true;
}

template <size_t type>
constexpr void add_word(auto& add) {
  constexpr const DataType& row = kDataTypes[type];
  constexpr ArgSpec kTable = {ArgKind::table};
  if constexpr (!row.convert.empty())
    add(ConverterRow{.name = {},
                     .doc = row.doc,
                     .args = row.array ? ArgSpecs{{{ArgKind::number}, kTable}} : ArgSpecs{{kTable}},
                     .in = Type::any,
                     .out = Type::integer,
                     .run = run<type>,
                     .pure = false},
        "table_", row.convert, "");
}

constexpr auto kMake = [](auto add) {
  [&]<size_t... types>(std::index_sequence<types...>) {
    (add_word<types>(add), ...);
  }
  (std::make_index_sequence<config::kDataTypeCount>());
};

constinit const TableWords<ConverterRow, count_words<ConverterRow>(kMake)> kWords(kMake);
const base::Registered<ConverterRow> kEnrolWords(kWords.rows());

constexpr ArgSpecs kTable = {{{ArgKind::table}}};
constexpr ArgSpecs kTableOrNumber = {{{ArgKind::table}, {ArgKind::number, true}}};

constexpr ConverterRow kRows[] = {
    {.name = "in_table",
     .doc = "Whether the table has an entry of this key.",
     .args = kTable,
     .in = Type::any,
     .out = Type::boolean,
     .run = in_table,
     .pure = false},
    {.name = "table_trackers",
     .doc = "How many track the entry now.",
     .args = kTable,
     .in = Type::any,
     .out = Type::integer,
     .run = trackers,
     .pure = false},
    {.name = "table_expire",
     .doc = "Milliseconds until the entry expires; the second argument where there is none.",
     .args = kTableOrNumber,
     .in = Type::any,
     .out = Type::integer,
     .run = time_of<&Record::expires_in>,
     .pure = false},
    {.name = "table_idle",
     .doc = "Milliseconds since the entry was used; the second argument where there is none.",
     .args = kTableOrNumber,
     .in = Type::any,
     .out = Type::integer,
     .run = time_of<&Record::idle>,
     .pure = false},
};
const base::Registered<ConverterRow> kEnrol(kRows);

}  // namespace
}  // namespace lbd::expr
