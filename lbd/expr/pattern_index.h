// PatternIndex: the entries of one version of a list, made fast to search for one match method (and with or without
// regard to case). Exact texts, prefixes, suffixes, parts of paths and domains, numbers and networks are looked up in
// hash tables whatever their number; what remains (sub, reg, and lists of a few) is tried in order.
//
// Which of several matches is found is as in HAProxy: the longest prefix (beg), the most specific network (ip), else
// the earliest entry. Thread: find() any, within a turn of base::Grace; all else under the lock of the list. An entry
// that does not stand alone in memory is added before anybody reads. Errors: a pattern that the method cannot read is
// said by add(), which then changes nothing. Manual: 7.1.
#pragma once

#include <atomic>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "lbd/expr/pattern_entry.h"
#include "lbd/expr/regex.h"
#include "lbd/expr/value.h"

namespace lbd::expr {

enum class Match : uint8_t { boolean, integer, ip, binary, string, begin, end, sub, dir, domain, regex, length, found };

class PatternIndex {
 public:
  virtual ~PatternIndex() = default;
  // The value has the type that the method takes.
  virtual const PatternEntry* find(const Value& value) const = 0;
  // "" when it was taken.
  virtual std::string add(PatternEntry& entry) = 0;
  virtual void remove(PatternEntry& entry) = 0;
  virtual void reserve(size_t) {}
  // After a change: what is cheaper to make once for many.
  virtual void settle() {}
  // Of Match::regex: the groups of the match, too.
  virtual const PatternEntry* find_groups(std::string_view, Regex::Groups&) const { return nullptr; }
  // How HAProxy's `get map` calls it.
  virtual bool in_list() const { return true; }

  static std::unique_ptr<PatternIndex> make(Match match, bool ignore_case, PatternEntries& entries, base::Grace& grace);
};

std::unique_ptr<PatternIndex> make_text_index(Match match, bool ignore_case, PatternEntries&, base::Grace&);
std::unique_ptr<PatternIndex> make_ip_index(PatternEntries&, base::Grace&);
std::unique_ptr<PatternIndex> make_number_index(Match match, PatternEntries&, base::Grace&);
std::unique_ptr<PatternIndex> make_regex_index(bool ignore_case, base::Grace&);

// What "5", "5:7", "5:", ":5" means, with '-' as good as ':'; "" when it is well-formed.
struct NumberRange {
  int64_t low, high;
};
std::string parse_range(std::string_view pattern, NumberRange& range);

// A list in the order of ids that readers go through while a writer replaces it.
template <typename Item>
class SharedList {
 public:
  explicit SharedList(base::Grace& grace) : grace_(grace) {}
  ~SharedList() { delete list_.load(std::memory_order_relaxed); }
  // Null when empty.
  const std::vector<Item>* get() const { return list_.load(std::memory_order_acquire); }
  template <typename Change>
  void change(const Change& apply) {
    const auto* old = list_.load(std::memory_order_relaxed);
    auto made = old ? std::make_unique<std::vector<Item>>(*old) : std::make_unique<std::vector<Item>>();
    apply(*made);
    list_.store(made->empty() ? nullptr : made.release(), std::memory_order_release);
    if (old) grace_.retire(std::unique_ptr<const std::vector<Item>>(old));
  }
  // At the end; without a copy when nobody reads yet.
  void append(Item item, bool unshared) {
    if (!unshared) return change([&](auto& list) { list.push_back(std::move(item)); });
    auto* list = const_cast<std::vector<Item>*>(list_.load(std::memory_order_relaxed));
    if (!list) list_.store(list = new std::vector<Item>, std::memory_order_release);
    list->push_back(std::move(item));
  }

 private:
  base::Grace& grace_;
  std::atomic<const std::vector<Item>*> list_{nullptr};
};

}  // namespace lbd::expr
