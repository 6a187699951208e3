// Indexes of numbers and of regular expressions, and which index a match method has.
#include <fmt/core.h>

#include <limits>
#include <map>

#include "base/strings.h"
#include "lbd/expr/pattern_hash.h"
#include "lbd/expr/pattern_index.h"
#include "lbd/expr/pattern_table.h"

namespace lbd::expr {
namespace {

// Single numbers are in a table; ranges are cut into pieces that do not overlap, each with the earliest entry that
// covers it.
class NumberIndex final : public PatternIndex {
  static auto same(int64_t number) {
    return [number](const PatternEntry& entry) {
      NumberRange range;
      return parse_range(entry.key(), range).empty() && range.low == number;
    };
  }

 public:
  NumberIndex(Match match, PatternEntries& entries, base::Grace& grace)
      : length_(match == Match::length), singles_(entries, grace), pieces_(grace) {}

  const PatternEntry* find(const Value& value) const override {
    int64_t number = length_ ? static_cast<int64_t>(value.text.size) : value.integer;
    const PatternEntry* single = singles_.find(hash(number), same(number));
    const auto* pieces = pieces_.get();
    if (!pieces) return single;
    auto above = std::upper_bound(pieces->begin(), pieces->end(), number,
                                  [](int64_t n, const Piece& piece) { return n < piece.low; });
    if (above == pieces->begin()) return single;
    const Piece& piece = *(above - 1);
    if (number > piece.high || (single && single->id < piece.entry->id)) return single;
    return piece.entry;
  }

  std::string add(PatternEntry& entry) override {
    NumberRange range;
    if (std::string error = parse_range(entry.key(), range); !error.empty()) return error;
    if (range.low == range.high)
      singles_.add(hash(range.low), entry, same(range.low));
    else {
      ranges_.emplace(entry.id, Piece{range.low, range.high, &entry});
      dirty_ = true;
    }
    return {};
  }

  void remove(PatternEntry& entry) override {
    NumberRange range;
    parse_range(entry.key(), range);
    if (range.low == range.high)
      singles_.remove(hash(range.low), entry, same(range.low));
    else
      dirty_ = ranges_.erase(entry.id) > 0 || dirty_;
    settle();
  }

  void reserve(size_t count) override { singles_.reserve(count); }

  void settle() override {
    if (!dirty_) return;
    dirty_ = false;
    // Events at which the set of covering ranges changes.
    std::multimap<int64_t, const Piece*> begins;
    std::vector<int64_t> cuts;
    for (const auto& [id, range] : ranges_) {
      begins.emplace(range.low, &range);
      cuts.push_back(range.low);
      if (range.high < kMost) cuts.push_back(range.high + 1);
    }
    std::sort(cuts.begin(), cuts.end());
    cuts.erase(std::unique(cuts.begin(), cuts.end()), cuts.end());
    std::vector<Piece> made;
    std::map<uint64_t, const Piece*> open;  // by id
    for (size_t i = 0; i < cuts.size(); ++i) {
      auto [from, to] = begins.equal_range(cuts[i]);
      for (auto it = from; it != to; ++it) open.emplace(it->second->entry->id, it->second);
      while (!open.empty() && open.begin()->second->high < cuts[i]) open.erase(open.begin());
      if (open.empty()) continue;
      made.push_back({cuts[i], i + 1 < cuts.size() ? cuts[i + 1] - 1 : kMost, open.begin()->second->entry});
    }
    pieces_.change([&](auto& pieces) { pieces = std::move(made); });
  }

 private:
  static constexpr int64_t kMost = std::numeric_limits<int64_t>::max();
  struct Piece {
    int64_t low, high;
    const PatternEntry* entry;
  };
  static uint32_t hash(int64_t number) {
    const HashSecret& secret = HashSecret::of_process();
    uint64_t mixed = hash_detail::fold(static_cast<uint64_t>(number) ^ secret.b, secret.a);
    return static_cast<uint32_t>(mixed ^ mixed >> 32);
  }
  const bool length_;
  PatternTable singles_;
  SharedList<Piece> pieces_;
  std::map<uint64_t, Piece> ranges_;  // by id
  bool dirty_ = false;
};

class RegexIndex final : public PatternIndex {
 public:
  RegexIndex(bool ignore_case, base::Grace& grace) : ignore_case_(ignore_case), list_(grace) {}

  const PatternEntry* find(const Value& value) const override {
    if (const auto* list = list_.get())
      for (const Item& item : *list)
        if (item.regex->matches(value.view())) return item.entry;
    return nullptr;
  }
  const PatternEntry* find_groups(std::string_view text, Regex::Groups& groups) const override {
    if (const auto* list = list_.get())
      for (const Item& item : *list)
        if (item.regex->match(text, 0, groups)) return item.entry;
    return nullptr;
  }
  std::string add(PatternEntry& entry) override {
    auto regex = Regex::compile(entry.key(), ignore_case_);
    if (!regex) return regex.error().text;
    list_.append({&entry, std::make_shared<const Regex>(std::move(*regex))}, !entry.alone);
    return {};
  }
  void remove(PatternEntry& entry) override {
    list_.change([&](auto& list) { std::erase_if(list, [&](const Item& item) { return item.entry == &entry; }); });
  }

 private:
  struct Item {
    const PatternEntry* entry;
    std::shared_ptr<const Regex> regex;
  };
  const bool ignore_case_;
  SharedList<Item> list_;
};

// Of methods that look at no pattern.
class NoIndex final : public PatternIndex {
 public:
  const PatternEntry* find(const Value&) const override { return nullptr; }
  std::string add(PatternEntry&) override { return {}; }
  void remove(PatternEntry&) override {}
};

}  // namespace

std::string parse_range(std::string_view pattern, NumberRange& range) {
  range = {std::numeric_limits<int64_t>::min(), std::numeric_limits<int64_t>::max()};
  size_t cut = pattern.find_first_of(":-");
  std::string_view first = pattern.substr(0, cut);
  // "lt 0" is written ":-1"; elsewhere a sign separates.
  bool may_be_negative = false;
  auto number = [&](std::string_view digits, int64_t& to) {
    bool ok = base::is_digit(digits.front()) || (may_be_negative && digits.front() == '-');
    auto n = ok ? base::parse_int<int64_t>(digits) : std::nullopt;
    if (n) to = *n;
    return n.has_value();
  };
  if (pattern.empty() || (!first.empty() && !number(first, range.low)))
    return fmt::format("'{}' is not a number", pattern);
  if (cut == std::string_view::npos) {
    range.high = range.low;
    return {};
  }
  std::string_view last = pattern.substr(cut + 1);
  may_be_negative = first.empty() && pattern[cut] == ':';
  bool ok = !last.empty() ? number(last, range.high) : !first.empty();
  return ok && range.low <= range.high ? "" : fmt::format("'{}' is not a valid number range", pattern);
}

std::unique_ptr<PatternIndex> make_number_index(Match match, PatternEntries& entries, base::Grace& grace) {
  return std::make_unique<NumberIndex>(match, entries, grace);
}

std::unique_ptr<PatternIndex> make_regex_index(bool ignore_case, base::Grace& grace) {
  return std::make_unique<RegexIndex>(ignore_case, grace);
}

std::unique_ptr<PatternIndex> PatternIndex::make(Match match, bool ignore_case, PatternEntries& entries,
                                                 base::Grace& grace) {
  switch (match) {
    case Match::boolean:
    case Match::found:
      return std::make_unique<NoIndex>();
    case Match::integer:
    case Match::length:
      return make_number_index(match, entries, grace);
    case Match::ip:
      return make_ip_index(entries, grace);
    case Match::regex:
      return make_regex_index(ignore_case, grace);
    default:
      return make_text_index(match, ignore_case, entries, grace);
  }
}

}  // namespace lbd::expr
