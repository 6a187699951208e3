// PatternSet: what a sample is compared with: the words of one ACL line, which are a list of their own, and the files
// that it names, which it shares with others. MatchRow: a match method.
//
// Life: in the Storage of its rules. Thread: any, within a turn of base::Grace (the lists change at run time). Errors:
// at load, as texts, "" for none. Manual: 7.1.
#pragma once

#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "base/registry.h"
#include "lbd/expr/context.h"
#include "lbd/expr/pattern_index.h"
#include "lbd/expr/pattern_ref.h"
#include "lbd/expr/value.h"

namespace lbd::expr {

struct MatchRow {
  std::string_view name;  // behind -m, and the suffix of derived criteria (path_beg)
  std::string_view doc;
  Match match;
  Type takes;  // what the sample is cast to
};
using Matches = base::Registered<MatchRow>;
const MatchRow& row_of(Match match);

class PatternSet {
 public:
  // With a list of its own that nobody else knows.
  PatternSet(Match match, bool ignore_case);
  // Of lists that others know, too.
  explicit PatternSet(Match match) : match_(match) {}

  std::string use(PatternRef& list, bool ignore_case);
  // Into the list that was made or used last.
  std::string add(std::string_view pattern) { return add(pattern, "eq"); }
  // `comparison`: eq, ge, gt, le, lt for numbers.
  std::string add(std::string_view pattern, std::string_view comparison);

  bool empty() const;
  size_t size() const;
  Match match() const { return match_; }
  // The value has the type that the method takes.
  bool matches(const Value& value) const {
    if (match_ == Match::found) return true;
    if (match_ == Match::boolean) return value.integer != 0;
    for (const Part& part : parts_)
      if (part.list->find(part.use, value)) return true;
    return false;
  }

 private:
  struct Part {
    PatternRef* list;
    size_t use;
  };
  Match match_;
  std::vector<Part> parts_;
  std::unique_ptr<base::Grace> grace_;  // of the own list, which changes only at load
  std::unique_ptr<PatternRef> own_;
};

// "gt 5" as the range "6:", for numbers; ranges ignore the comparison, as in HAProxy. "": nothing can match.
std::string as_range(std::string_view pattern, std::string_view comparison);
// "3.1" as the number that stands for that version, also in ranges: major times 65536 and minor. "" when it is none.
std::string from_dotted(std::string_view pattern);

}  // namespace lbd::expr
