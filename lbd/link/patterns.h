// PatternShare: what is changed at run time in maps and lists of patterns, by the runtime API or by rules, is the same
// on all nodes (lbd/expr/pattern_journal.h says which change wins). Told are keys with all their values, not commands,
// so that it matters neither in which order nor how often something comes.
//
// A list is known to others by its name; that of an ACL's own words, which has none, by its words. Owner: PartsLink.
// Thread, errors: see Share; what a list cannot take is left out.
#pragma once

#include <map>
#include <optional>
#include <string>
#include <vector>

#include "lbd/expr/pattern_files.h"
#include "lbd/link/share.h"

namespace lbd::link {

// The value of a part; its key and version stand beside it. Nothing: it is none.
std::string encode(const expr::PatternChange& change);
std::optional<expr::PatternChange> decode(std::string_view key, uint64_t version, std::string_view value);

class PatternShare final : public Share {
 public:
  // The lists are complete; changes before this are not told.
  explicit PatternShare(expr::PatternFiles& files);

  bool owns(std::string_view list) const override { return list.starts_with(replica::kPatternLists); }
  bool inherited() const override { return true; }
  void mark_all() override;
  void collect(Teller& teller) override;
  void accept(const replica::PartStore::News& news) override;

 private:
  std::map<std::string, expr::PatternRef*, std::less<>> lists_;
};

}  // namespace lbd::link
