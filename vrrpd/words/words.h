// Words: what each keyword of keepalived.conf does to the configuration. A word is a row in the registry of its
// block; the files beside this one hold the rows, nothing lists them.
//
//   constexpr InstanceWord kRows[] = {{.name = "priority", .doc = "…", .parse = [](auto& c, Args& a) { … }}};
//   const base::Registered<InstanceWord> kEnrol(kRows);
//
// A value that is wrong is reported and leaves the default, an unknown word is reported with the nearest known one;
// both are alerts, and the rest of the file is read all the same (keepalived starts on such files).
// Thread: load only.
#pragma once

#include <fmt/format.h>

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/registry.h"
#include "cfg/suggest.h"
#include "vrrpd/config.h"

namespace vrrpd {

// The words of one statement behind its keyword, taken one after the other. A setter leaves its target alone when the
// value is missing or wrong.
class Args {
 public:
  Args(const cfg::Block& block, cfg::Diagnostics& diagnostics, size_t from = 1)
      : block_(block), diagnostics_(diagnostics), next_(from) {}

  const cfg::Block& block() const { return block_; }
  cfg::Diagnostics& diagnostics() const { return diagnostics_; }
  bool more() const { return next_ < block_.words.size(); }
  std::string_view peek() const { return block_[next_]; }
  bool take_if(std::string_view word);
  std::optional<cfg::Word> next(std::string_view what);
  // Whatever stands behind has no effect, as in keepalived; it gets a word.
  void expect_end();

  void text(std::string& to, std::string_view what);
  template <typename Int>
  void number(Int& to, int64_t least, int64_t most) {
    if (const auto value = integer(least, most)) to = static_cast<Int>(*value);
  }
  template <typename Int>
  void number(std::optional<Int>& to, int64_t least, int64_t most) {
    if (const auto value = integer(least, most)) to = static_cast<Int>(*value);
  }
  // Decimal seconds.
  template <typename Time>
  void seconds(Time& to, double least, double most) {
    if (const auto value = duration(least, most)) to = *value;
  }
  // on off true false yes no; nothing is on.
  template <typename Bool>
  void boolean(Bool& to) {
    if (const auto value = flag()) to = *value;
  }
  template <typename Address>
  void address(Address& to) {
    if (const auto value = ip()) to = *value;
  }

  std::optional<int64_t> integer(int64_t least, int64_t most);
  std::optional<base::Nanos> duration(double least, double most);
  std::optional<bool> flag();
  std::optional<base::IpAddr> ip();
  // "SCRIPT args" [user [group]]; the quoted text is split again at blanks, 'single quotes' hold together.
  void command(Command& to);
  // The lines of the block: each word of each of them, or each line.
  std::vector<cfg::Word> list() const;

  void error(const cfg::Location& where, std::string text, std::string hint = {});
  // For a word that is known and does nothing here.
  void no_effect(std::string_view why);

 private:
  const cfg::Block& block_;
  cfg::Diagnostics& diagnostics_;
  size_t next_;
};

template <typename Target>
struct WordRow {
  std::string_view name;
  std::string_view doc;
  void (*parse)(Target&, Args&) = nullptr;
};
using GlobalWord = WordRow<GlobalConfig>;
using InstanceWord = WordRow<InstanceConfig>;
using GroupWord = WordRow<GroupConfig>;
using ScriptWord = WordRow<ScriptConfig>;
using ProcessWord = WordRow<ProcessConfig>;
using FileWord = WordRow<FileConfig>;
using TopWord = WordRow<Config>;  // the blocks of the file

// Each statement of `blocks` goes to its row.
template <typename Target>
void apply_words(const std::vector<cfg::Block>& blocks, Target& target, std::string_view where,
                 cfg::Diagnostics& diagnostics) {
  using Row = WordRow<Target>;
  for (const cfg::Block& block : blocks) {
    if (block.words.empty()) continue;  // a stray '{', reported by the lexer
    Args args(block, diagnostics);
    if (const Row* row = base::Registered<Row>::find(block[0])) {
      row->parse(target, args);
      continue;
    }
    std::vector<std::string_view> known;
    base::Registered<Row>::for_each([&](const Row& each) { known.push_back(each.name); });
    args.error(block.words[0].loc, fmt::format("unknown word '{}' in {}", block[0], where),
               cfg::did_you_mean(block[0], known));
  }
}

// Names of blocks must be there, and there once: the first stays.
template <typename Item>
Item* begin_item(std::vector<Item>& items, Args& args) {
  const auto name = args.next("a name");
  if (!name) return nullptr;
  args.expect_end();
  for (const Item& item : items) {
    if (item.name != name->text) continue;
    args.error(name->loc, fmt::format("{} '{}' is there twice; this one is ignored", args.block()[0], name->text));
    return nullptr;
  }
  Item& item = items.emplace_back();
  item.name = name->text;
  item.where = name->loc;
  return &item;
}

template <typename Item>
void parse_item(std::vector<Item>& items, Args& args) {
  Item* item = begin_item(items, args);
  if (item)
    apply_words(args.block().body, *item, fmt::format("{} {}", args.block()[0], item->name), args.diagnostics());
}

// Shared by several blocks.
void parse_routes(std::vector<Route>& to, Args& args);
void parse_rules(std::vector<Rule>& to, Args& args);
void parse_addresses(std::vector<VirtualAddress>& to, Args& args);
// For words about mail, which stand in every sample file: said only to who asks for everything.
void no_mail(Args& args);
// A track_… block: NAME [weight N [reverse]] a line.
void parse_trackers(std::vector<TrackerUse>& to, Args& args);

// Splits a script and its arguments as keepalived does.
std::vector<std::string> split_command(std::string_view text);

}  // namespace vrrpd
