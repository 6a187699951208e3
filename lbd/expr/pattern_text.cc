// Indexes of texts: str, bin, beg, end, sub, dir, dom.
#include <fmt/core.h>

#include <map>

#include "base/strings.h"
#include "lbd/expr/pattern_hash.h"
#include "lbd/expr/pattern_index.h"
#include "lbd/expr/pattern_table.h"

namespace lbd::expr {
namespace {

// So many are faster compared than looked up.
constexpr size_t kFew = 6;

bool equal(std::string_view a, std::string_view b, bool ignore_case) {
  return ignore_case ? base::iequals(a, b) : a == b;
}

bool contains(std::string_view text, std::string_view part, bool ignore_case) {
  if (!ignore_case) return text.find(part) != std::string_view::npos;
  for (size_t at = 0; at + part.size() <= text.size(); ++at)
    if (base::iequals(text.substr(at, part.size()), part)) return true;
  return false;
}

struct Delimiters {
  bool domain;  // also '.' and ':'
  bool has(char c) const { return c == '/' || c == '?' || (domain && (c == '.' || c == ':')); }
  // Those around the pattern do not count.
  std::string_view bare(std::string_view pattern) const {
    while (!pattern.empty() && has(pattern.front())) pattern.remove_prefix(1);
    while (!pattern.empty() && has(pattern.back())) pattern.remove_suffix(1);
    return pattern;
  }
  // Where a part of the text can begin, from `at` on; npos: nowhere any more.
  size_t next_start(std::string_view text, size_t at) const {
    if (at > 0)
      while (at < text.size() && !has(text[at - 1])) ++at;
    while (at < text.size() && has(text[at])) ++at;
    return at < text.size() ? at : std::string_view::npos;
  }
  bool ends_part(std::string_view text, size_t end) const { return end == text.size() || has(text[end]); }
};

const PatternEntry* earlier(const PatternEntry* a, const PatternEntry* b) {
  return !a || (b && b->id < a->id) ? b : a;
}

std::string bad_hex(std::string_view pattern) {
  if (pattern.size() % 2) return fmt::format("'{}' has an odd number of hexadecimal digits", pattern);
  for (char c : pattern)
    if (base::hex_digit(c) < 0) return fmt::format("'{}' is not hexadecimal", pattern);
  return {};
}

bool equals_hex(std::string_view bytes, std::string_view hex) {
  if (hex.size() != 2 * bytes.size()) return false;
  for (size_t i = 0; i < bytes.size(); ++i)
    if (base::hex_digit(hex[2 * i]) * 16 + base::hex_digit(hex[2 * i + 1]) != static_cast<unsigned char>(bytes[i]))
      return false;
  return true;
}

std::string from_hex(std::string_view hex) {
  std::string bytes;
  for (size_t i = 0; i + 1 < hex.size(); i += 2)
    bytes += static_cast<char>(base::hex_digit(hex[i]) * 16 + base::hex_digit(hex[i + 1]));
  return bytes;
}

class TextIndex final : public PatternIndex {
  bool has_parts() const { return match_ == Match::dir || match_ == Match::domain; }
  auto same(std::string_view text) const {
    return [this, text](const PatternEntry& entry) {
      if (match_ == Match::binary) return equals_hex(text, entry.key());
      return equal(text, has_parts() ? delimiters_.bare(entry.key()) : entry.key(), ignore_case_);
    };
  }

 public:
  TextIndex(Match match, bool ignore_case, PatternEntries& entries, base::Grace& grace)
      : match_(match),
        ignore_case_(ignore_case && match != Match::binary),
        delimiters_{match == Match::domain},
        entries_(entries),
        grace_(grace),
        few_(grace),
        lengths_(grace) {}
  ~TextIndex() override { delete table_.load(std::memory_order_relaxed); }

  const PatternEntry* find(const Value& value) const override {
    std::string_view text = value.view();
    if (const PatternTable* table = table_.load(std::memory_order_acquire)) return look_up(*table, text);
    const auto* list = few_.get();
    if (!list) return nullptr;
    const PatternEntry* longest = nullptr;
    for (const PatternEntry* entry : *list) {
      if (!matches(text, entry->key())) continue;
      if (match_ != Match::begin) return entry;
      if (!longest || entry->size > longest->size) longest = entry;
    }
    return longest;
  }

  std::string add(PatternEntry& entry) override {
    if (match_ == Match::binary)
      if (std::string error = bad_hex(entry.key()); !error.empty()) return error;
    PatternTable* table = table_.load(std::memory_order_relaxed);
    if (!table) {
      few_.append(&entry, !entry.alone);
      if (match_ != Match::sub && few_.get()->size() > kFew) make_table();
      return {};
    }
    put(*table, entry);
    return {};
  }

  void remove(PatternEntry& entry) override {
    PatternTable* table = table_.load(std::memory_order_relaxed);
    if (!table) return few_.change([&](auto& list) { std::erase(list, &entry); });
    std::string own;
    std::string_view pattern = searched(entry, own);
    if (pattern.empty() && has_parts()) return;
    table->remove(hash(pattern), entry, same(pattern));
    if (by_length() && --length_counts_[pattern.size()] == 0) {
      length_counts_.erase(pattern.size());
      lengths_.change([&](auto& lengths) { std::erase(lengths, pattern.size()); });
    }
  }

  void reserve(size_t count) override {
    expected_ = count;
    if (PatternTable* table = table_.load(std::memory_order_relaxed)) table->reserve(count);
  }
  bool in_list() const override {
    return ignore_case_ || (match_ != Match::string && match_ != Match::binary && match_ != Match::begin);
  }

 private:
  bool by_length() const { return match_ != Match::string && match_ != Match::binary; }

  // What is looked for of an entry; `own` keeps what is made for it.
  std::string_view searched(const PatternEntry& entry, std::string& own) const {
    if (match_ == Match::binary) return own = from_hex(entry.key());
    return has_parts() ? delimiters_.bare(entry.key()) : entry.key();
  }
  uint32_t hash(std::string_view pattern) const {
    if (match_ == Match::end)
      return PieceHash<true>(pattern, ignore_case_, HashSecret::of_process()).at(pattern.size());
    return hash_text(pattern, ignore_case_);
  }
  bool matches(std::string_view text, std::string_view pattern) const {
    switch (match_) {
      case Match::string:
        return equal(text, pattern, ignore_case_);
      case Match::binary:
        return equals_hex(text, pattern);
      case Match::begin:
        return pattern.size() <= text.size() && equal(text.substr(0, pattern.size()), pattern, ignore_case_);
      case Match::end:
        return pattern.size() <= text.size() && equal(text.substr(text.size() - pattern.size()), pattern, ignore_case_);
      case Match::sub:
        return contains(text, pattern, ignore_case_);
      default:
        break;
    }
    pattern = delimiters_.bare(pattern);
    if (pattern.empty()) return false;
    for (size_t at = delimiters_.next_start(text, 0); at != text.npos; at = delimiters_.next_start(text, at + 1))
      if (at + pattern.size() <= text.size() && delimiters_.ends_part(text, at + pattern.size()) &&
          equal(text.substr(at, pattern.size()), pattern, ignore_case_))
        return true;
    return false;
  }

  const PatternEntry* look_up(const PatternTable& table, std::string_view text) const {
    const HashSecret& secret = HashSecret::of_process();
    if (!by_length()) return table.find(PieceHash<false>(text, ignore_case_, secret).at(text.size()), same(text));
    const auto* lengths = lengths_.get();
    if (!lengths) return nullptr;
    const PatternEntry* best = nullptr;
    if (match_ == Match::begin) {
      PieceHash<false> pieces(text, ignore_case_, secret);
      for (size_t length : *lengths) {
        if (length > text.size()) break;
        if (const auto* entry = table.find(pieces.at(length), same(text.substr(0, length)))) best = entry;
      }
      return best;
    }
    if (match_ == Match::end) {
      PieceHash<true> pieces(text, ignore_case_, secret);
      for (size_t length : *lengths) {
        if (length > text.size()) break;
        best = earlier(best, table.find(pieces.at(length), same(text.substr(text.size() - length))));
      }
      return best;
    }
    for (size_t at = delimiters_.next_start(text, 0); at != text.npos; at = delimiters_.next_start(text, at + 1)) {
      PieceHash<false> pieces(text.substr(at), ignore_case_, secret);
      for (size_t length : *lengths) {
        if (at + length > text.size()) break;
        if (!delimiters_.ends_part(text, at + length)) continue;
        best = earlier(best, table.find(pieces.at(length), same(text.substr(at, length))));
      }
    }
    return best;
  }

  void make_table() {
    auto table = std::make_unique<PatternTable>(entries_, grace_);
    table->reserve(expected_);
    for (const PatternEntry* entry : *few_.get()) put(*table, *entries_.entry(entry->index));
    table_.store(table.release(), std::memory_order_release);
    few_.change([](auto& list) { list.clear(); });
  }

  void put(PatternTable& table, PatternEntry& entry) {
    std::string own;
    std::string_view pattern = searched(entry, own);
    if (pattern.empty() && has_parts()) return;  // nothing but delimiters: in no text
    if (by_length() && length_counts_[pattern.size()]++ == 0)
      lengths_.change([&](auto& lengths) {
        lengths.insert(std::lower_bound(lengths.begin(), lengths.end(), pattern.size()), pattern.size());
      });
    table.add(hash(pattern), entry, same(pattern));
  }

  const Match match_;
  const bool ignore_case_;
  const Delimiters delimiters_;
  PatternEntries& entries_;
  base::Grace& grace_;
  SharedList<const PatternEntry*> few_;  // while there is no table; Match::sub: always
  std::atomic<PatternTable*> table_{nullptr};
  SharedList<size_t> lengths_;  // that patterns of the table have, rising
  std::map<size_t, size_t> length_counts_;
  size_t expected_ = 0;
};

}  // namespace

std::unique_ptr<PatternIndex> make_text_index(Match match, bool ignore_case, PatternEntries& entries,
                                              base::Grace& grace) {
  return std::make_unique<TextIndex>(match, ignore_case, entries, grace);
}

}  // namespace lbd::expr
