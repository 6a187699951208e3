// StickTables: what `show table` of lbd's runtime API answers, read, and as columns for a person. Pure.
// Errors: a line that is not understood is left as it is.
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace lbctl {

using TableData = std::vector<std::pair<std::string, std::string>>;  // by names: "http_req_rate(10000)", "12"

struct TableEntry {
  std::string key, uses, expires_ms;
  TableData data;
  struct Part {
    std::string node;  // "lb2", "lb2 (ended)": of a process that is gone
    TableData data;
  };
  std::vector<Part> parts;  // what each process counted
};

struct StickTable {
  std::string name, type, size, used;
  std::vector<TableEntry> entries;
  std::vector<std::string> unread;
};

// Nothing: it is no such answer.
std::optional<std::vector<StickTable>> read_tables(std::string_view answer);

// A line for each entry, and below it, where several processes counted, one for each node.
std::string render_entries(const StickTable& table);
// An object, with all entries.
std::string render_json(const StickTable& table);

}  // namespace lbctl
