// PatternFiles: all lists of patterns and maps of a process by name, each loaded once and shared by whatever names it:
// `-f FILE`, `map(FILE)`, `set-map(FILE)`; and the lists of the ACLs' own words, which have no name but a number.
//
// A name is the path of a file, which must be there; `file@PATH` is the same list; `opt@PATH` also, but the file may be
// missing; `virt@NAME` is a list without a file. Owner: the engine; outlives the rules and its readers. Thread: one at
// load; afterwards nothing is added, and the lists take care of themselves. Manual: 7.1 (-f, -M, -u), 3.x 2.7.
#pragma once

#include <map>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "base/grace.h"
#include "cfg/diag.h"
#include "lbd/expr/pattern_ref.h"

namespace lbd::expr {

class PatternFiles {
 public:
  // A name under which a rule changes a list, which may be loaded only later.
  struct Target {
    PatternRef* list = nullptr;  // null: nothing loads it, and the rule does nothing
    std::vector<cfg::Location> rules;
  };

  // The list of a file, loaded when it is asked for first; null: `error` says why.
  PatternRef* open(std::string_view name, bool is_map, std::string& error);
  // The list of the words of an ACL.
  PatternRef& make_list();
  // -u: false when somebody has it.
  bool claim_number(PatternRef& list, uint32_t number);
  const Target& target(std::string_view name, const cfg::Location& rule);
  // After all rules were compiled: numbers for the runtime API, and what can be said of targets.
  void finish(cfg::Diagnostics& diagnostics);

  // "#N" or the name of a file.
  PatternRef* find(std::string_view name) const;
  const std::vector<std::unique_ptr<PatternRef>>& lists() const { return lists_; }
  base::Grace& grace() { return grace_; }

 private:
  std::vector<std::unique_ptr<PatternRef>> lists_;  // in the order of their numbers, after finish()
  std::map<std::string, PatternRef*, std::less<>> by_name_;
  std::map<std::string, Target, std::less<>> targets_;
  std::map<uint32_t, PatternRef*> claimed_;
  base::Grace grace_;  // ends first: what waits in it belongs to lists
};

}  // namespace lbd::expr
