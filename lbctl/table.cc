// table: stick tables of both nodes side by side; entries shown, compared, set and cleared.
#include <fmt/format.h>
#include <stdio.h>
#include <unistd.h>

#include <algorithm>

#include "base/registry.h"
#include "lbctl/command.h"
#include "lbctl/query.h"
#include "lbctl/stick_table.h"
#include "lbctl/tables.h"

namespace lbctl {
namespace {

constexpr std::string_view kUsage =
    "lbctl table [--json]\n"
    "lbctl table show NAME [KEY | data.TYPE OPERATOR VALUE…] [--json]\n"
    "lbctl table diff NAME [--json]\n"
    "lbctl table set NAME KEY TYPE=VALUE…\n"
    "lbctl table clear NAME KEY | data.TYPE OPERATOR VALUE… | --all\n";
enum Exit : int { kDone = 0, kFailed = 1, kMistaken = 2, kDiffer = 3 };
// Longer than what is told takes to arrive.
constexpr useconds_t kSecondLook = 300'000;

// As one word of the runtime API; nothing: it can be none.
std::optional<std::string> quoted(const std::string& word) {
  std::string out;
  for (char c : word) {
    if (static_cast<unsigned char>(c) < 0x20) return std::nullopt;
    if (c == ' ' || c == ';' || c == '\\') out += '\\';
    out += c;
  }
  return word.empty() ? std::nullopt : std::optional(out);
}

// Answers end with empty lines.
std::string_view stripped(std::string_view text) {
  constexpr std::string_view kBlank = " \n";
  const size_t begin = std::min(text.find_first_not_of(kBlank), text.size());
  return text.substr(begin, text.find_last_not_of(kBlank) + 1 - begin);
}

int complain(std::string_view text) {
  print(stderr, fmt::format("lbctl: {}\n", stripped(text)));
  return kFailed;
}

int usage() {
  print(stderr, kUsage);
  return kMistaken;
}

class Tables {
 public:
  explicit Tables(const Invocation& invocation) : sockets_(invocation.sockets), words_(invocation.words) {
    json_ = std::erase(words_, "--json") > 0;
    all_ = std::erase(words_, "--all") > 0;
  }

  int run() {
    const std::string verb = words_.size() > 1 ? words_[1] : "";
    if (words_.size() == 1 && !all_) return list();
    if (verb == "show" && words_.size() > 2 && !all_) return show();
    if (verb == "diff" && words_.size() == 3 && !all_) return diff();
    if (verb == "set" && words_.size() > 4 && !all_ && !json_) return set();
    if (verb == "clear" && words_.size() > (all_ ? 2u : 3u) && !json_) return clear();
    return usage();
  }

 private:
  // What the command of the runtime API answers; `words` are not quoted yet.
  base::Result<std::string> ask(std::string command, const std::vector<std::string>& words) const {
    for (const std::string& word : words) {
      const auto safe = quoted(word);
      if (!safe) return base::Err(fmt::format("'{}' cannot be asked for", word));
      command += ' ' + *safe;
    }
    return run_cli(sockets_.stats, command);
  }
  PairAnswers ask_both(const std::string& table, const std::string& key = {}) const {
    tandem::StatsRequest wanted;
    wanted.mutable_tables()->set_table(table);
    wanted.mutable_tables()->set_key(key);
    return ask_pair(sockets_, wanted);
  }
  bool has_filter() const { return words_.size() > 3 && words_[3].starts_with("data."); }
  // "key KEY", or the filter.
  std::vector<std::string> chosen() const {
    std::vector<std::string> words = {words_[2]};
    if (words_.size() > 3 && !has_filter()) words.emplace_back("key");
    words.insert(words.end(), words_.begin() + std::min<ptrdiff_t>(3, std::ssize(words_)), words_.end());
    return words;
  }

  int list() const {
    const PairAnswers pair = ask_both("");
    const std::vector<NodeTables> nodes = tables_of(pair);
    print(stdout, json_ ? render_tables_json(nodes, lags_of(pair)) : render_tables(nodes, lags_of(pair)));
    return nodes.front().error.empty() ? kDone : kFailed;
  }

  int show() const {
    if (words_.size() > 3 && !has_filter()) return words_.size() > 4 ? usage() : show_entry();
    std::vector<std::string> words = chosen();
    if (words.size() == 1) words.emplace_back("nodes");
    const auto answer = ask("show table", words);
    if (!answer) return complain(answer.error().text);
    const auto tables = read_tables(*answer);
    if (!tables || tables->size() != 1) return complain(*answer);
    print(stdout, json_ ? render_json(tables->front()) : render_entries(tables->front()));
    return kDone;
  }

  // As each node has it.
  int show_entry() const {
    const std::vector<NodeTables> nodes = tables_of(ask_both(words_[2], words_[3]));
    if (!nodes.front().error.empty()) return complain(nodes.front().error);
    const bool there = std::any_of(nodes.begin(), nodes.end(), [](const NodeTables& node) {
      return !node.list.tables().empty() && !node.list.tables(0).entries().empty();
    });
    if (!there) return complain("there is no such entry");
    print(stdout, json_ ? render_entry_json(nodes) : render_entry(nodes));
    return kDone;
  }

  // With each other node.
  int diff() const {
    std::vector<NodeTables> nodes = tables_of(ask_both(words_[2]));
    if (nodes.size() == 1 && nodes[0].error.empty()) return complain("there is no other node");
    std::vector<Comparison> before;
    bool same = true;
    for (const NodeTables& node : nodes) {
      if (!node.error.empty()) return complain(fmt::format("{}: {}", node.node, node.error));
      before.push_back(compare(nodes[0], node));
      same = same && before.back().differences.empty();
    }
    if (!same) {
      usleep(kSecondLook);
      nodes = tables_of(ask_both(words_[2]));
    }
    bool differ = false;
    for (size_t i = 1; i < nodes.size(); ++i) {
      if (!nodes[i].error.empty() || !nodes[0].error.empty() || i >= before.size())
        return complain(fmt::format("{}: it tells nothing any more", nodes[i].node));
      const Comparison now = same ? before[i] : lasting(before[i], compare(nodes[0], nodes[i]));
      differ = differ || !now.differences.empty();
      print(stdout, json_ ? render_comparison_json(nodes[i].node, now) : render_comparison(nodes[i].node, now));
    }
    return differ ? kDiffer : kDone;
  }

  int set() {
    if (has_filter()) return usage();
    std::vector<std::string> words = {words_[2], "key", words_[3]};
    for (size_t i = 4; i < words_.size(); ++i) {
      const size_t equals = words_[i].find('=');
      if (equals == std::string::npos) return usage();
      words.push_back("data." + words_[i].substr(0, equals));
      words.push_back(words_[i].substr(equals + 1));
    }
    const auto answer = ask("set table", words);
    if (!answer) return complain(answer.error().text);
    return stripped(*answer).empty() ? kDone : complain(*answer);
  }

  int clear() const {
    if ((all_ && words_.size() > 3) || (!all_ && !has_filter() && words_.size() > 4)) return usage();
    // Of a key that is not there the API says nothing.
    if (!all_ && !has_filter()) {
      const auto there = ask("show table", chosen());
      if (there && stripped(*there).empty()) return complain("there is no such entry");
    }
    const auto answer = ask("clear table", chosen());
    if (!answer) return complain(answer.error().text);
    return stripped(*answer).empty() ? kDone : complain(*answer);
  }

  const Sockets& sockets_;
  std::vector<std::string> words_;
  bool json_ = false, all_ = false;
};

constexpr CommandRow kRows[] = {
    {.name = "table",
     .doc = "[show NAME [KEY | FILTER] | diff NAME | set NAME KEY TYPE=VALUE… | clear NAME KEY | FILTER | --all] "
            "[--json]: stick tables of both nodes side by side; their entries with what each node counted; one entry "
            "as each has it; what differs, with exit code 3. A filter is 'data.TYPE gt 10' as with 'show table'",
     .run = [](const Invocation& invocation) { return Tables(invocation).run(); }}};
const base::Registered<CommandRow> kEnrol(kRows);

}  // namespace
}  // namespace lbctl
