// Stick tables of both nodes side by side: which there are, how full they are, whether their entries are the same, and
// how much is on its way between them.
//
// Two nodes tell of a large table the entries whose keys have the smallest hashes: those are compared that both told.
// Numbers that are of one node or of one moment (what is open, rates) are shown, not compared. What differs may be on
// its way: only what differs at two looks is a difference.
// Pure; any thread. Errors: a node that tells nothing is named.
#pragma once

#include <map>
#include <string>
#include <vector>

#include "lbctl/query.h"

namespace lbctl {

struct NodeTables {
  std::string node;
  std::string error;  // why nothing is known
  tandem::TableList list;
};
// This node first.
std::vector<NodeTables> tables_of(const PairAnswers& pair);

// What was sent between this node and another one and is not known to have arrived.
struct Lag {
  std::string node, state;  // "in sync"
  uint64_t there = 0, here = 0;
};
std::vector<Lag> lags_of(const PairAnswers& pair);

struct EntryDifference {
  std::string key;
  std::string text;  // "only on lb1", "gpt0 is 7 on lb1 and 3 on lb2"
};
struct Comparison {
  size_t compared = 0;                              // entries of the first node
  bool all = true;                                  // otherwise they were too many, and this is a sample
  std::map<uint64_t, EntryDifference> differences;  // by the hash of the key
};
// Of the entries of the table that both told.
Comparison compare(const NodeTables& a, const NodeTables& b);
// What is different in both.
Comparison lasting(const Comparison& before, Comparison now);

std::string render_tables(const std::vector<NodeTables>& nodes, const std::vector<Lag>& lags);
std::string render_tables_json(const std::vector<NodeTables>& nodes, const std::vector<Lag>& lags);
// One entry, as each node has it.
std::string render_entry(const std::vector<NodeTables>& nodes);
std::string render_entry_json(const std::vector<NodeTables>& nodes);
std::string render_comparison(const std::string& other, const Comparison& comparison);
std::string render_comparison_json(const std::string& other, const Comparison& comparison);

}  // namespace lbctl
