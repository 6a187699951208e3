// Sections: what reads the lines below `global`, `frontend NAME` and the like.
//
// A SectionRow is a kind of section; opening it gives a Section that gets every statement until the next one.
// Loading is what one load shares between them. run_word() is the usual way to read a line: it finds the keyword's
// row in the registry of the section's model, runs its setter and reports what is unknown, left over or has no effect.
// Thread: one load. Life: one load. Errors: in Diagnostics, at the word.
#pragma once

#include <memory>
#include <set>
#include <string>
#include <string_view>

#include "cfg/keyword.h"
#include "lbd/config/config.h"

namespace lbd::config {

struct Loading {
  Config& config;
  cfg::Diagnostics& diagnostics;
  // The last defaults section, which proxies without `from` start from; null before the first.
  const Proxy* defaults = nullptr;
  // Defaults sections that a proxy named with `from`, which none may then start from silently.
  std::set<const Proxy*> named_defaults;
};

class Section {
 public:
  virtual ~Section() = default;
  virtual void line(const cfg::Statement& statement) = 0;
  virtual void close() {}
};

struct SectionRow {
  std::string_view name;
  std::string_view doc;
  // Null when the header line is wrong beyond use; the lines below are then skipped.
  std::unique_ptr<Section> (*open)(const cfg::Statement& header, Loading& loading);
};

// The name behind a section's keyword, checked; "" after an error.
std::string section_name(const cfg::Statement& header, Loading& loading, size_t max_words = 2);

// Says that what a word asks for has no effect yet, once in each `scope` for what is missing: a hundred servers of a
// backend, or ten words about the same, bring one warning. Scope "": the whole configuration.
void advise_pending(std::string_view word, std::string_view pending, const cfg::Location& where,
                    cfg::Diagnostics& diagnostics, std::string_view scope = {});

// "no X" or "default X" where X knows no such form.
void report_form(const cfg::Statement& statement, std::string_view name, Loading& loading);

// Where no row was found: the error with its suggestion. `candidates` from Keywords<Model>.
void report_unknown(const cfg::Statement& statement, size_t which, const std::vector<std::string_view>& candidates,
                    std::string_view section, Loading& loading);

// flags of rows, in every section: "no X" and "default X" are permitted.
inline constexpr uint32_t kNegatable = 1;

// flags of rows, of every model: nobody reads what the word stores, and nothing is lost, because things are so anyway
// or it speaks of machinery that is not here. The doc line says which. The opposite is a row that is `pending`.
inline constexpr uint32_t kHint = 1u << 8;

struct Everywhere {
  template <typename Row>
  bool operator()(const Row&, const cfg::Statement&) const {
    return true;
  }
};

// `permitted(row, statement)` says, and reports, whether the word may stand in this section.
template <typename Model, typename Permitted = Everywhere>
void run_word(const cfg::Statement& statement, Model& model, std::string_view section, Loading& loading,
              Permitted permitted = {}) {
  const cfg::Form form = statement[0] == "no"        ? cfg::Form::no
                         : statement[0] == "default" ? cfg::Form::default_
                                                     : cfg::Form::plain;
  const size_t from = form == cfg::Form::plain ? 0 : 1;
  auto match = cfg::Keywords<Model>::match(statement, from);
  if (!match.row) {
    size_t which = 0;
    auto candidates = cfg::Keywords<Model>::candidates(statement, from, which);
    report_unknown(statement, which, candidates, section, loading);
    return;
  }
  const cfg::Keyword<Model>& row = *match.row;
  if (form != cfg::Form::plain && !(row.flags & kNegatable)) {
    report_form(statement, row.name, loading);
    return;
  }
  if (!permitted(row, statement)) return;
  cfg::Args args(statement, from + match.words, loading.diagnostics, loading.config.environment, form);
  row.set(args, model);
  args.expect_end();
  if (!row.pending.empty() && !args.failed() && form == cfg::Form::plain)
    advise_pending(row.name, row.pending, statement.loc, loading.diagnostics);
}

}  // namespace lbd::config
