#include "lbctl/stick_table.h"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>

#include "base/strings.h"
#include "lbctl/json.h"
#include "lbctl/text.h"

namespace lbctl {
namespace {

// "name=value name=value"; the values have no blank.
TableData read_data(std::string_view text) {
  TableData data;
  for (const std::string_view word : base::split(text, ' ')) {
    const size_t equals = word.find('=');
    if (equals != word.npos) data.emplace_back(word.substr(0, equals), word.substr(equals + 1));
  }
  return data;
}

// "# table: NAME, type: ip, size:1024, used:3"
std::optional<StickTable> read_header(std::string_view line) {
  constexpr std::string_view kBegin = "# table: ";
  if (!line.starts_with(kBegin)) return std::nullopt;
  StickTable table;
  line.remove_prefix(kBegin.size());
  std::string* const fields[] = {&table.name, &table.type, &table.size, &table.used};
  constexpr std::string_view kEnds[] = {", type: ", ", size:", ", used:"};
  for (size_t i = 0; i < std::size(fields); ++i) {
    const size_t end = i < std::size(kEnds) ? line.find(kEnds[i]) : line.size();
    if (end == line.npos) return std::nullopt;
    *fields[i] = line.substr(0, end);
    line.remove_prefix(std::min(line.size(), end + (i < std::size(kEnds) ? kEnds[i].size() : 0)));
  }
  return table;
}

// "0x55…: key=KEY use=0 exp=1234 name=value …": a key may have blanks.
std::optional<TableEntry> read_entry(std::string_view line) {
  const size_t key = line.find(": key="), use = line.rfind(" use="), expires = line.find(" exp=", use);
  if (!line.starts_with("0x") || key == line.npos || use == line.npos || use < key || expires == line.npos)
    return std::nullopt;
  constexpr size_t kKey = 6, kUse = 5, kExpires = 5;
  TableEntry entry;
  entry.key = line.substr(key + kKey, use - key - kKey);
  entry.uses = line.substr(use + kUse, expires - use - kUse);
  const std::string_view rest = line.substr(expires + kExpires);
  const size_t end = std::min(rest.find(' '), rest.size());
  entry.expires_ms = rest.substr(0, end);
  entry.data = read_data(rest.substr(end));
  return entry;
}

std::string life_text(const std::string& milliseconds) {
  const auto ms = base::parse_int<int64_t>(milliseconds);
  return ms ? span_text(std::chrono::duration_cast<base::Seconds>(base::Millis(*ms))) : milliseconds;
}

std::string value_of(const TableData& data, const std::string& name) {
  for (const auto& [each, value] : data)
    if (each == name) return value;
  return "";
}

std::string json_of(const TableData& data) {
  std::vector<std::string> members;
  for (const auto& [name, value] : data) members.push_back(json_text(name) + ":" + json_text(value));
  return fmt::format("{{{}}}", fmt::join(members, ","));
}

}  // namespace

std::optional<std::vector<StickTable>> read_tables(std::string_view answer) {
  std::vector<StickTable> tables;
  for (const std::string_view line : base::split(answer, '\n')) {
    if (line.empty()) continue;
    if (auto table = read_header(line)) {
      tables.push_back(std::move(*table));
      continue;
    }
    if (tables.empty()) return std::nullopt;
    StickTable& table = tables.back();
    if (auto entry = read_entry(line)) {
      table.entries.push_back(std::move(*entry));
    } else if (const size_t colon = line.find(':');
               line.starts_with('\t') && colon != line.npos && !table.entries.empty()) {
      table.entries.back().parts.push_back({std::string(line.substr(1, colon - 1)), read_data(line.substr(colon + 1))});
    } else {
      table.unread.emplace_back(line);
    }
  }
  return tables;
}

std::string render_entries(const StickTable& table) {
  std::string text =
      fmt::format("table {}, type {}, {} of {} entries\n", printable(table.name), table.type, table.used, table.size);
  for (const std::string& line : table.unread) text += printable(line) + '\n';
  if (table.entries.empty()) return text;
  std::vector<std::vector<std::string>> lines = {{"key", "expires", "uses"}};
  std::vector<std::string> names;
  for (const auto& [name, value] : table.entries.front().data) names.push_back(name);
  lines[0].insert(lines[0].end(), names.begin(), names.end());
  const auto add = [&](std::vector<std::string> line, const TableData& data) {
    for (const std::string& name : names) line.push_back(printable(value_of(data, name)));
    lines.push_back(std::move(line));
  };
  for (const TableEntry& entry : table.entries) {
    add({printable(entry.key), life_text(entry.expires_ms), entry.uses}, entry.data);
    if (entry.parts.size() > 1)
      for (const TableEntry::Part& part : entry.parts) add({"  " + printable(part.node), "", ""}, part.data);
  }
  return text + in_columns(lines);
}

std::string render_json(const StickTable& table) {
  std::vector<std::string> entries;
  for (const TableEntry& entry : table.entries) {
    std::vector<std::string> parts;
    for (const TableEntry::Part& part : entry.parts)
      parts.push_back(fmt::format("{{\"node\":{},\"data\":{}}}", json_text(part.node), json_of(part.data)));
    entries.push_back(fmt::format("{{\"key\":{},\"uses\":{},\"expires_ms\":{},\"data\":{},\"nodes\":[{}]}}",
                                  json_text(entry.key), json_text(entry.uses), json_text(entry.expires_ms),
                                  json_of(entry.data), fmt::join(parts, ",")));
  }
  return fmt::format("{{\"table\":{},\"type\":{},\"size\":{},\"used\":{},\"entries\":[{}]}}\n", json_text(table.name),
                     json_text(table.type), json_text(table.size), json_text(table.used), fmt::join(entries, ","));
}

}  // namespace lbctl
