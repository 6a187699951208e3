// show table, set table, clear table: what stick tables hold. Texts are HAProxy's. Manual: management.txt 9.3.
#include <fmt/format.h>

#include <algorithm>
#include <optional>
#include <utility>
#include <vector>

#include "base/strings.h"
#include "lbd/cli/command.h"
#include "lbd/table/record_text.h"

namespace lbd::cli {
namespace {

using config::DataKind;
using config::StickTable;
using table::Field;
using table::Record;
using table::Table;

enum class Command : uint8_t { show, set, clear };
constexpr size_t kMostFilters = 4;
// Tables of so many entries are shown in the order of their keys; larger ones as they lie there, a piece at a time.
constexpr size_t kMostSorted = 5000;
constexpr size_t kPages = 10;  // of a piece: a few hundred entries

// value_of(const Field&) gives the numbers.
template <typename Value>
std::string data_of(const Table& table, Value value_of) {
  std::string line;
  table::for_each_field(table, [&](const std::string& name, const Field& field) {
    line += ' ' + name + '=' + table::value_text(table, field, value_of(field));
  });
  return line;
}

std::string line_of(const Record& record) {
  return fmt::format("{}: key={} use={} exp={}{}", record.address(), table::key_text(record), record.holders(),
                     record.expires_in().count(),
                     data_of(record.table(), [&](const Field& field) { return record.get(field); }));
}

// What each process counted of a shared entry, a line for each, in the order of the nodes' names. What a process had
// open is gone with it.
std::string part_lines_of(const Record& record, const table::Tables& tables) {
  std::vector<std::string> lines;
  record.each_part([&](uint64_t origin, const table::Part* part) {
    const auto process = tables.processes().find(origin);
    const bool known = process != tables.processes().end(), present = !part || (known && process->second.present);
    lines.push_back(fmt::format("\n\t{}{}:{}", known ? process->second.node : "-", present ? "" : " (ended)",
                                data_of(record.table(), [&](const Field& field) {
                                  const bool over = field.kind == DataKind::gauge && !present;
                                  return over ? 0 : record.get_of(part, field);
                                })));
  });
  std::sort(lines.begin(), lines.end());
  std::string text;
  for (const std::string& line : lines) text += line;
  return text;
}

void say_header(Invocation& invocation, const Table& table) {
  invocation.say(fmt::format("# table: {}, type: {}, size:{}, used:{}", table.name(),
                             config::name_of(table.config().key), table.config().size, table.used()));
}

// data.gpc0, data.gpc[1]: where it is; null with what is wrong in `error`.
const Field* read_field(const Table& table, std::string_view word, std::string_view& error) {
  std::string_view name = word.substr(std::string_view("data.").size());
  size_t element = 0;
  if (const size_t open = name.find('['); open != name.npos && name.ends_with(']')) {
    const auto number = base::parse_int<uint32_t>(name.substr(open + 1, name.size() - open - 2));
    error = "Data type not stored in this table";
    if (!number) return nullptr;
    element = *number;
    name = name.substr(0, open);
  }
  const size_t type = config::data_type(name);
  error = "Unknown data type";
  if (type == config::kDataTypeCount) return nullptr;
  error = "Data type not stored in this table";
  return table.layout().find(type, element);
}

// As atoll() reads it, but nothing else may stand there.
std::optional<int64_t> read_value(std::string_view text) {
  return base::parse_int<int64_t>(text);
}

struct Filter {
  const Field* field;
  std::string op;
  int64_t value;
  bool holds(const Record& record) const {
    const auto data = static_cast<int64_t>(record.get(*field));
    if (op == "eq") return data == value;
    if (op == "ne") return data != value;
    if (op == "le") return data <= value;
    if (op == "ge") return data >= value;
    return op == "lt" ? data < value : data > value;
  }
};

// data.X OP VALUE …, from the second argument on. False: answered.
bool read_filters(Invocation& invocation, const Table& table, std::vector<Filter>& filters) {
  for (size_t at = 1; at < invocation.argument_count(); at += 3) {
    const size_t number = filters.size() + 1;
    auto wrong = [&](std::string_view what) {
      invocation.say(fmt::format("Filter entry #{}: {}", number, what));
      return false;
    };
    if (!invocation.argument(at).starts_with("data.") || number > kMostFilters) return wrong("Unknown data type");
    std::string_view error;
    const Field* field = read_field(table, invocation.argument(at), error);
    if (!field) return wrong(error);
    const std::string_view op = invocation.argument(at + 1);
    constexpr std::string_view kOps[] = {"eq", "ne", "le", "ge", "lt", "gt"};
    if (std::find(std::begin(kOps), std::end(kOps), op) == std::end(kOps))
      return wrong("Require and operator among \"eq\", \"ne\", \"le\", \"ge\", \"lt\", \"gt\"");
    const auto value = read_value(invocation.argument(at + 2));
    if (!value) return wrong("Require a valid integer value to compare against");
    filters.push_back({field, std::string(op), *value});
  }
  return true;
}

bool all_hold(const std::vector<Filter>& filters, const Record& record) {
  return std::all_of(filters.begin(), filters.end(), [&](const Filter& filter) { return filter.holds(record); });
}

// No lock is held for more than a page, and what else the thread does gets its turn after each piece.
void show_large(Invocation& invocation, Table& table, std::vector<Filter> filters, bool nodes) {
  invocation.more = [&table, &tables = invocation.services.tables, filters = std::move(filters), nodes,
                     place = Table::Place()](std::string& answer) mutable {
    const bool more = table.for_each(place, kPages, base::mono_now(), [&](Record& record) {
      if (!all_hold(filters, record)) return;
      answer += line_of(record);
      if (nodes) answer += part_lines_of(record, tables);
      answer += '\n';
    });
    return more ? More::there_is : More::done;
  };
}

void clear_entries(Invocation& invocation, Table& table, std::vector<Filter> filters) {
  invocation.more = [&table, filters = std::move(filters), place = Table::Place()](std::string&) mutable {
    const bool more = table.remove_if(place, kPages, base::mono_now(),
                                      [&](const Record& record) { return all_hold(filters, record); });
    return more ? More::there_is : More::done;
  };
}

void show_sorted(Invocation& invocation, Table& table, const std::vector<Filter>& filters, bool nodes,
                 base::MonoTime now) {
  std::vector<std::pair<std::string, std::string>> lines;
  table.for_each(now, [&](Record& record) {
    if (!all_hold(filters, record)) return true;
    std::string key(record.key());
    if (table.config().key == StickTable::Key::integer) std::reverse(key.begin(), key.end());
    lines.emplace_back(std::move(key), line_of(record));
    if (nodes) lines.back().second += part_lines_of(record, invocation.services.tables);
    return true;
  });
  std::sort(lines.begin(), lines.end());
  for (const auto& [key, line] : lines) invocation.say(line);
}

void by_key(Invocation& invocation, Table& table, Command command, base::MonoTime now) {
  if (invocation.argument(2).empty()) return invocation.refuse("Key value expected");
  if (table.config().key == StickTable::Key::binary) {
    constexpr std::string_view kDoing[] = {"Showing keys from", "Inserting keys into", "Removing keys from"};
    return invocation.refuse(fmt::format("{} tables of type other than ip, ipv6, string and integer is not supported",
                                         kDoing[static_cast<size_t>(command)]));
  }
  const auto key = table::read_key(table, invocation.argument(2));
  if (!key) return invocation.refuse("Invalid key");
  if (command == Command::show) {
    if (invocation.session.level < Level::operator_)
      return invocation.say("# contents not dumped due to insufficient privileges");
    table.with(*key, Table::Use::look, now, [&](Record& record) {
      say_header(invocation, table);
      invocation.say(line_of(record));
    });
  } else if (command == Command::clear) {
    if (table.remove(*key, now) == Table::Removed::held) invocation.say("Entry currently in use, cannot remove");
  } else {
    std::vector<std::pair<const Field*, int64_t>> values;
    for (size_t at = 3; at < invocation.argument_count(); at += 2) {
      if (!invocation.argument(at).starts_with("data."))
        return invocation.refuse("\"data.<type>\" followed by a value expected");
      std::string_view error;
      const Field* field = read_field(table, invocation.argument(at), error);
      if (!field) return invocation.refuse(error);
      const auto value = read_value(invocation.argument(at + 1));
      if (!value || field->kind == DataKind::name) return invocation.refuse("Require a valid integer value to store");
      values.emplace_back(field, *value);
    }
    const bool made = table.with(*key, Table::Use::create, now, [&](Record& record) {
      for (const auto& [field, value] : values) record.set(*field, static_cast<uint64_t>(value));
    });
    if (!made) invocation.say("Unable to allocate a new entry");
  }
}

template <Command command>
void run(Invocation& invocation) {
  constexpr std::string_view kUsage[] = {
      "Optional argument only supports \"data.<store_data_type>\" <operator> <value> and key <key>",
      "Required arguments: <table> key <key> [data.<store_data_type> <value>]*",
      "Required arguments: <table> \"data.<store_data_type>\" <operator> <value> or <table> key <key>"};
  const std::string_view usage = kUsage[static_cast<size_t>(command)];
  const base::MonoTime now = base::mono_now();
  const auto& tables = invocation.services.tables;
  if (invocation.argument_count() == 0) {
    if (command != Command::show) return invocation.refuse(usage);
    // The last one comes first, as with HAProxy.
    for (auto table = tables.all().rbegin(); table != tables.all().rend(); ++table) say_header(invocation, **table);
    return;
  }
  Table* table = tables.find(invocation.argument(0));
  if (!table) return invocation.refuse("No such table");
  const std::string_view how = invocation.argument(1);
  if (how == "key") return by_key(invocation, *table, command, now);
  const bool nodes = command == Command::show && how == "nodes";
  if (!how.empty() && !nodes && !how.starts_with("data.")) return invocation.refuse(usage);
  if (command == Command::set) {
    if (!how.empty()) invocation.say("content-based lookup is only supported with the \"show\" and \"clear\" actions");
    return;
  }
  std::vector<Filter> filters;
  if (!nodes && !read_filters(invocation, *table, filters)) return;
  if (command == Command::clear) return clear_entries(invocation, *table, std::move(filters));
  say_header(invocation, *table);
  if (invocation.session.level < Level::operator_)
    return invocation.say("# contents not dumped due to insufficient privileges");
  if (table->used() > kMostSorted)
    show_large(invocation, *table, std::move(filters), nodes);
  else
    show_sorted(invocation, *table, filters, nodes, now);
}

constexpr CommandRow kRows[] = {
    {.name = "show table",
     .usage = "<table> [<filter>]* | <table> nodes",
     .doc = "report table usage stats or dump this table's contents; with 'nodes' what each node counted",
     .run = run<Command::show>},
    {.name = "set table",
     .usage = "<table> key <key> [data.<data_type> <value>]*",
     .doc = "update or create a table entry's data",
     .level = Level::operator_,
     .run = run<Command::set>},
    {.name = "clear table",
     .usage = "<table> [<filter>]*",
     .doc = "remove an entry from a table",
     .level = Level::operator_,
     .run = run<Command::clear>},
};
const base::Registered<CommandRow> kEnrol(kRows);

}  // namespace
}  // namespace lbd::cli
