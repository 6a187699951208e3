#include "lbctl/tables.h"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>

#include "lbctl/json.h"
#include "lbctl/text.h"

namespace lbctl {
namespace {

using Entry = tandem::TableList::Entry;
using Table = tandem::TableList::Table;

NodeTables told(std::string node, const base::Result<Answer>& lbd) {
  if (!lbd) return {std::move(node), fmt::format("lbd: {}", lbd.error().text), {}};
  if (!lbd->stats.has_tables())
    return {
        std::move(node), fmt::format("lbd is of an older version ({}) and does not tell", lbd->hello.version()), {}};
  return {std::move(node), lbd->stats.tables().error(), lbd->stats.tables()};
}

const Table* find(const NodeTables& node, const std::string& name, const std::string& type) {
  for (const Table& table : node.list.tables())
    if (table.name() == name && table.type() == type) return &table;
  return nullptr;
}

std::string difference(const Entry& a, const Entry& b, const std::string& node_a, const std::string& node_b) {
  std::vector<std::string> texts;
  for (const auto& value : a.values()) {
    if (value.own()) continue;
    const auto same = std::find_if(b.values().begin(), b.values().end(),
                                   [&](const auto& other) { return other.name() == value.name(); });
    if (same == b.values().end())
      texts.push_back(fmt::format("{} is only on {}", value.name(), node_a));
    else if (same->text() != value.text())
      texts.push_back(
          fmt::format("{} is {} on {} and {} on {}", value.name(), value.text(), node_a, same->text(), node_b));
  }
  return fmt::format("{}", fmt::join(texts, ", "));
}

// Of a table on all nodes: "the same", or what keeps one from saying so.
std::string sameness(const std::vector<NodeTables>& nodes, const Table& table) {
  if (table.peers().empty()) return "not shared";
  std::string text = "the same";
  for (const NodeTables& node : nodes) {
    if (!node.error.empty()) return "not known";
    const Table* theirs = find(node, table.name(), table.type());
    if (!theirs) return fmt::format("not on {}", printable(node.node));
    if (theirs->digest() == 0 || table.digest() == 0) return "too many to look";
    if (theirs->digest() != table.digest()) text = "differ";
  }
  return nodes.size() > 1 ? text : "alone";
}

// Each by its name and type once, with the first node that has it.
std::vector<const Table*> all_tables(const std::vector<NodeTables>& nodes) {
  std::vector<const Table*> all;
  for (const NodeTables& node : nodes)
    for (const Table& table : node.list.tables())
      if (std::none_of(all.begin(), all.end(), [&](const Table* known) {
            return known->name() == table.name() && known->type() == table.type();
          }))
        all.push_back(&table);
  return all;
}

std::string render_errors(const std::vector<NodeTables>& nodes) {
  std::string text;
  for (const NodeTables& node : nodes)
    if (!node.error.empty()) text += fmt::format("{}: {}\n", printable(node.node), printable(node.error));
  return text;
}

std::string json_of_values(const Entry& entry) {
  std::vector<std::string> members;
  for (const auto& value : entry.values()) members.push_back(json_text(value.name()) + ":" + json_text(value.text()));
  return fmt::format("{{{}}}", fmt::join(members, ","));
}

}  // namespace

std::vector<NodeTables> tables_of(const PairAnswers& pair) {
  std::vector<NodeTables> nodes = {told(name_of_this_node(pair), pair.here.lbd)};
  for (const OtherNode& other : pair.others)
    nodes.push_back(other.said ? told(other.name, other.said->lbd) : NodeTables{other.name, other.error, {}});
  return nodes;
}

std::vector<Lag> lags_of(const PairAnswers& pair) {
  std::vector<Lag> lags;
  if (!pair.here.syncd) return lags;
  constexpr const char* kOnTheWay = "table_parts_on_the_way";
  for (const OtherNode& other : pair.others) {
    const std::string theirs = "node " + other.name, ours = "node " + name_of_this_node(pair);
    lags.push_back({.node = other.name,
                    .state = pair.here.syncd->text(theirs, "state"),
                    .there = pair.here.syncd->number(theirs, kOnTheWay),
                    .here = other.said && other.said->syncd ? other.said->syncd->number(ours, kOnTheWay) : 0});
  }
  return lags;
}

Comparison compare(const NodeTables& a, const NodeTables& b) {
  Comparison out;
  if (a.list.tables().empty() || b.list.tables().empty()) return out;
  const Table &here = a.list.tables(0), &there = b.list.tables(0);
  const uint64_t covers = std::min(here.covers(), there.covers());
  out.all = covers == UINT64_MAX;
  std::map<uint64_t, const Entry*> theirs;
  for (const Entry& entry : there.entries())
    if (entry.hash() <= covers) theirs.emplace(entry.hash(), &entry);
  for (const Entry& entry : here.entries()) {
    if (entry.hash() > covers) continue;
    ++out.compared;
    const auto same = theirs.find(entry.hash());
    std::string text =
        same == theirs.end() ? fmt::format("only on {}", a.node) : difference(entry, *same->second, a.node, b.node);
    if (!text.empty()) out.differences[entry.hash()] = {entry.key(), std::move(text)};
    if (same != theirs.end()) theirs.erase(same);
  }
  for (const auto& [hash, entry] : theirs) out.differences[hash] = {entry->key(), fmt::format("only on {}", b.node)};
  return out;
}

Comparison lasting(const Comparison& before, Comparison now) {
  std::erase_if(now.differences, [&](const auto& each) { return !before.differences.contains(each.first); });
  return now;
}

std::string render_tables(const std::vector<NodeTables>& nodes, const std::vector<Lag>& lags) {
  std::vector<std::vector<std::string>> lines = {{"table", "type", "size", "peers"}};
  for (const NodeTables& node : nodes) lines[0].push_back("on " + printable(node.node));
  lines[0].emplace_back("keys");
  for (const Table* table : all_tables(nodes)) {
    std::vector<std::string> line = {printable(table->name()), table->type(), std::to_string(table->size()),
                                     table->peers().empty() ? "-" : printable(table->peers())};
    for (const NodeTables& node : nodes) {
      const Table* own = find(node, table->name(), table->type());
      line.push_back(own ? std::to_string(own->used()) : "-");
    }
    line.push_back(sameness(nodes, *table));
    lines.push_back(std::move(line));
  }
  std::string text = lines.size() > 1 ? in_columns(lines) : "there are none\n";
  for (const Lag& lag : lags)
    text += fmt::format("{} is {}; on the way there {}, from there {}\n", printable(lag.node), lag.state, lag.there,
                        lag.here);
  return text + render_errors(nodes);
}

std::string render_tables_json(const std::vector<NodeTables>& nodes, const std::vector<Lag>& lags) {
  std::vector<std::string> tables, told_by, ways;
  for (const Table* table : all_tables(nodes)) {
    std::vector<std::string> used;
    for (const NodeTables& node : nodes)
      if (const Table* own = find(node, table->name(), table->type()))
        used.push_back(fmt::format("{}:{}", json_text(node.node), own->used()));
    tables.push_back(fmt::format("{{\"table\":{},\"type\":{},\"size\":{},\"peers\":{},\"used\":{{{}}},\"keys\":{}}}",
                                 json_text(table->name()), json_text(table->type()), table->size(),
                                 json_text(table->peers()), fmt::join(used, ","), json_text(sameness(nodes, *table))));
  }
  for (const NodeTables& node : nodes)
    told_by.push_back(fmt::format("{{\"node\":{},\"error\":{}}}", json_text(node.node), json_text(node.error)));
  for (const Lag& lag : lags)
    ways.push_back(fmt::format("{{\"node\":{},\"state\":{},\"on_the_way_there\":{},\"on_the_way_here\":{}}}",
                               json_text(lag.node), json_text(lag.state), lag.there, lag.here));
  return fmt::format("{{\"nodes\":[{}],\"tables\":[{}],\"replication\":[{}]}}\n", fmt::join(told_by, ","),
                     fmt::join(tables, ","), fmt::join(ways, ","));
}

std::string render_entry(const std::vector<NodeTables>& nodes) {
  std::vector<std::vector<std::string>> lines = {{""}};
  for (const NodeTables& node : nodes) {
    if (node.list.tables().empty()) continue;
    const auto& entries = node.list.tables(0).entries();
    lines.push_back({printable(node.node)});
    if (entries.empty()) {
      lines.back().emplace_back("has it not");
      continue;
    }
    const Entry& entry = entries[0];
    if (lines[0].size() < 2) {
      lines[0] = {printable(entry.key()), "expires in"};
      for (const auto& value : entry.values()) lines[0].push_back(value.name());
    }
    lines.back().push_back(span_text(base::Seconds(static_cast<int64_t>(entry.expires_ms() / 1000))));
    for (const auto& value : entry.values()) lines.back().push_back(printable(value.text()));
  }
  return (lines[0].size() > 1 ? in_columns(lines) : "") + render_errors(nodes);
}

std::string render_entry_json(const std::vector<NodeTables>& nodes) {
  std::vector<std::string> told_by;
  for (const NodeTables& node : nodes) {
    std::string text = fmt::format("{{\"node\":{}", json_text(node.node));
    if (!node.error.empty()) text += fmt::format(",\"error\":{}", json_text(node.error));
    if (!node.list.tables().empty() && !node.list.tables(0).entries().empty()) {
      const Entry& entry = node.list.tables(0).entries(0);
      text += fmt::format(",\"key\":{},\"expires_ms\":{},\"data\":{}", json_text(entry.key()), entry.expires_ms(),
                          json_of_values(entry));
    }
    told_by.push_back(text + "}");
  }
  return fmt::format("{{\"nodes\":[{}]}}\n", fmt::join(told_by, ","));
}

std::string render_comparison(const std::string& other, const Comparison& comparison) {
  std::string text;
  for (const auto& [hash, each] : comparison.differences)
    text += fmt::format("{}: {}\n", printable(each.key), printable(each.text));
  return text + fmt::format("{} entries compared with {}{}, {}\n", comparison.compared, printable(other),
                            comparison.all ? "" : ", a sample of them by their keys",
                            comparison.differences.empty() ? "no difference"
                                                           : fmt::format("{} differ", comparison.differences.size()));
}

std::string render_comparison_json(const std::string& other, const Comparison& comparison) {
  std::vector<std::string> differences;
  for (const auto& [hash, each] : comparison.differences)
    differences.push_back(fmt::format("{{\"key\":{},\"text\":{}}}", json_text(each.key), json_text(each.text)));
  return fmt::format("{{\"node\":{},\"compared\":{},\"all\":{},\"differences\":[{}]}}\n", json_text(other),
                     comparison.compared, comparison.all, fmt::join(differences, ","));
}

}  // namespace lbctl
