// PatternSet: what a sample is compared with, compiled: the patterns of one ACL line under one match method. Exact
// strings and networks are looked up in hashes, whatever their number; the rest are tried in turn.
//
// Life: in the Storage of its rules, immutable. Thread: any. Errors: at load, at the pattern. Manual: 7.1.
#pragma once

#include <string>
#include <string_view>
#include <unordered_map>
#include <unordered_set>
#include <vector>

#include "base/registry.h"
#include "lbd/expr/context.h"
#include "lbd/expr/regex.h"
#include "lbd/expr/value.h"

namespace lbd::expr {

enum class Match : uint8_t { boolean, integer, ip, binary, string, begin, end, sub, dir, domain, regex, length, found };

struct MatchRow {
  std::string_view name;  // behind -m, and the suffix of derived criteria (path_beg)
  std::string_view doc;
  Match match;
  Type takes;  // what the sample is cast to
};
using Matches = base::Registered<MatchRow>;

class PatternSet {
 public:
  PatternSet(Match match, bool ignore_case) : match_(match), ignore_case_(ignore_case) {}
  // The text of what is wrong with it; "" when it is taken. `comparison`: eq, ge, gt, le, lt for numbers.
  std::string add(std::string_view pattern, std::string_view comparison = "eq");
  bool empty() const { return count_ == 0; }
  size_t size() const { return count_; }
  Match match() const { return match_; }
  // The value has the type that the method takes.
  bool matches(const Value& value) const;

 private:
  struct Range {
    int64_t low, high;
  };
  bool matches_text(std::string_view text) const;
  std::string add_number(std::string_view pattern, std::string_view comparison);
  std::string add_network(std::string_view pattern);

  Match match_;
  bool ignore_case_;
  size_t count_ = 0;
  std::vector<Range> ranges_;
  std::unordered_set<std::string> exact_;
  std::vector<std::string> texts_;
  std::vector<Regex> regexes_;
  // Networks by family and prefix length, masked: as many look-ups as there are different lengths.
  std::unordered_map<unsigned, std::unordered_set<std::string>> networks_;
};

}  // namespace lbd::expr
