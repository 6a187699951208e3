#include "lbd/keyword_list.h"

#include <fmt/format.h>

#include <algorithm>
#include <iterator>
#include <vector>

#include "base/registry.h"
#include "base/strings.h"
#include "lbd/balance/algorithm.h"
#include "lbd/check/check.h"
#include "lbd/cli/command.h"
#include "lbd/config/bind_line.h"
#include "lbd/config/global_section.h"
#include "lbd/config/proxy_word.h"
#include "lbd/config/section.h"
#include "lbd/config/server_line.h"
#include "lbd/expr/log_tag.h"
#include "lbd/expr/pattern.h"
#include "lbd/expr/row.h"
#include "lbd/rules/action.h"
#include "lbd/rules/services.h"
#include "lbd/stats/metric.h"

namespace lbd {
namespace {

struct Entry {
  std::string word, more, doc;  // "field(integer,string[,integer])", "str => str", what it does
};

template <typename Row>
std::vector<const Row*> sorted_rows() {
  std::vector<const Row*> rows;
  base::Registered<Row>::for_each([&](const Row& row) { rows.push_back(&row); });
  std::sort(rows.begin(), rows.end(), [](const Row* a, const Row* b) { return a->name < b->name; });
  return rows;
}

template <typename Row, typename Describe>
std::vector<Entry> entries_of(Describe describe) {
  std::vector<Entry> entries;
  for (const Row* row : sorted_rows<Row>()) entries.push_back(describe(*row));
  return entries;
}

template <typename Row>
std::vector<Entry> plain() {
  return entries_of<Row>([](const Row& row) { return Entry{std::string(row.name), "", std::string(row.doc)}; });
}

// "(integer,string[,integer])"
std::string arguments(const expr::ArgSpecs& specs) {
  std::string text;
  size_t open = 0;
  for (const expr::ArgSpec& spec : specs) {
    if (spec.kind == expr::ArgKind::none) break;
    if (spec.optional) {
      text += "[";
      ++open;
    }
    if (text != "" && text != "[") text += ",";
    text += expr::name_of(spec.kind);
  }
  return text.empty() ? text : "(" + text + std::string(open, ']') + ")";
}

std::string places(expr::Phases valid) {
  struct Named {
    expr::Phases set;
    std::string_view name;
  };
  constexpr Named kNamed[] = {{expr::valid::kAll, "everywhere"},
                              {expr::valid::kInternal, "everywhere"},
                              {expr::valid::kRequest, "request"},
                              {expr::valid::kResponse, "response"},
                              {expr::valid::kEither, "request, response"},
                              {expr::valid::kRequestKept, "from the request on"},
                              {expr::valid::kResponseKept, "from the response on"},
                              {expr::valid::kTls, "from the session on"},
                              {expr::valid::kFrontend, "from the connection on"},
                              {expr::valid::kClient, "from the connection on"},
                              {expr::valid::kServer, "from the server on"},
                              {expr::valid::kBackend, "from the backend on"}};
  for (const Named& named : kNamed)
    if (named.set == valid) return std::string(named.name);
  return fmt::format("from the {} on", expr::name_of_phase(valid));
}

std::vector<Entry> fetches() {
  return entries_of<expr::FetchRow>([](const expr::FetchRow& row) {
    return Entry{std::string(row.name) + arguments(row.args),
                 fmt::format("{}; {}", expr::name_of(row.out), places(row.valid)), std::string(row.doc)};
  });
}

std::vector<Entry> converters() {
  return entries_of<expr::ConverterRow>([](const expr::ConverterRow& row) {
    return Entry{std::string(row.name) + arguments(row.args),
                 fmt::format("{} => {}", expr::name_of(row.in), expr::name_of(row.out)), std::string(row.doc)};
  });
}

std::vector<Entry> actions() {
  struct Set {
    uint32_t bit;
    std::string_view name;
  };
  constexpr Set kSets[] = {{rules::set::kTcpConnection, "tcp-request connection"},
                           {rules::set::kTcpSession, "tcp-request session"},
                           {rules::set::kTcpContent, "tcp-request content"},
                           {rules::set::kTcpResponse, "tcp-response content"},
                           {rules::set::kHttpRequest, "http-request"},
                           {rules::set::kHttpResponse, "http-response"},
                           {rules::set::kHttpAfterResponse, "http-after-response"}};
  return entries_of<rules::ActionRow>([&](const rules::ActionRow& row) {
    std::string sets;
    for (const Set& set : kSets)
      if (row.sets & set.bit) sets += (sets.empty() ? "" : ", ") + std::string(set.name);
    return Entry{std::string(row.name), sets, std::string(row.doc)};
  });
}

// The words of a configuration section, and what there is to know of them beside the doc line.
template <typename Word>
void add_words(std::vector<Entry>& to, std::string_view section) {
  for (const Word* row : sorted_rows<Word>()) {
    std::string doc(row->doc);
    if (!row->pending.empty()) doc += fmt::format(" No effect yet: {}.", row->pending);
    if (row->flags & config::kHint) doc += " A hint.";
    to.push_back({std::string(row->name), std::string(section), doc});
  }
}

std::vector<Entry> words() {
  std::vector<Entry> all = plain<config::SectionRow>();
  for (Entry& entry : all) entry.more = "section";
  add_words<config::GlobalWord>(all, "global");
  add_words<config::ProxyWord>(all, "defaults, frontend, backend, listen");
  add_words<config::BindWord>(all, "bind");
  add_words<config::ServerWord>(all, "server, default-server");
  return all;
}

struct KeywordClass {
  std::string_view name, title;
  std::vector<Entry> (*entries)();
};

constexpr KeywordClass kClasses[] = {
    {"cfg", "Words of the configuration", words},
    {"smp", "Sample fetches", fetches},
    {"cnv", "Converters", converters},
    {"acl", "Matching methods (-m, and as _suffix of a fetch)", plain<expr::MatchRow>},
    {"act", "Actions of rules", actions},
    {"log", "Log format tags", plain<expr::LogTagRow>},
    {"lb", "Balancing algorithms", plain<balance::AlgorithmRow>},
    {"chk", "Health checks", plain<check::CheckRow>},
    {"svc", "Services", plain<rules::ServiceRow>},
    {"cli", "Commands of the runtime API", plain<cli::CommandRow>},
    {"metrics", "Columns of the statistics", plain<stats::Metric>},
};

std::string text_of(const KeywordClass& one) {
  std::string text = fmt::format("# {}:\n", one.title);
  for (const Entry& entry : one.entries()) {
    std::string word = entry.word + (entry.more.empty() ? "" : ": " + entry.more);
    fmt::format_to(std::back_inserter(text), "{:<40} {}\n", word, entry.doc);
  }
  return text;
}

std::string cell(std::string_view text) {
  std::string out;
  for (char c : text) {
    if (c == '|' || c == '<') out += '\\';
    out += c;
  }
  return out;
}

std::string markdown() {
  std::string text =
      "# Words\n\nEvery word that `lbd` knows, written from its own tables by `make words`. The meaning is that of "
      "HAProxy's "
      "manual.\n";
  for (const KeywordClass& one : kClasses) {
    fmt::format_to(std::back_inserter(text), "\n## {}\n\n| word | | what it is |\n|---|---|---|\n", one.title);
    for (const Entry& entry : one.entries())
      fmt::format_to(std::back_inserter(text), "| `{}` | {} | {} |\n", entry.word, cell(entry.more), cell(entry.doc));
  }
  return text;
}

}  // namespace

std::string keyword_text(std::string_view classes) {
  if (classes == "markdown") return markdown();
  std::string text;
  for (std::string_view wanted : base::split(classes, ','))
    for (const KeywordClass& one : kClasses)
      if (wanted == one.name || wanted == "all") text += text_of(one);
  if (!text.empty()) return text;
  text = "# List of supported keyword classes:\nall: list all keywords\nmarkdown: the same as a page\n";
  for (const KeywordClass& one : kClasses) text += fmt::format("{}: {}\n", one.name, one.title);
  return text;
}

}  // namespace lbd
