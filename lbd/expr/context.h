// CompileContext: what the compilers of expressions, conditions, formats and rules need to know of the section that
// they compile, and where they leave their products and complaints. Life: one load of one proxy.
#pragma once

#include <map>
#include <memory>
#include <string>
#include <string_view>

#include "cfg/diag.h"
#include "cfg/words.h"
#include "lbd/config/config.h"
#include "lbd/expr/phase.h"
#include "lbd/expr/storage.h"
#include "lbd/expr/transaction.h"

namespace lbd::expr {

class PatternFiles;

struct CompileContext {
  // `files`: the pattern files of the process; null: the storage gets some of its own.
  CompileContext(const config::Config& c, const config::Proxy& p, Storage& s, cfg::Diagnostics& d,
                 PatternFiles* files = nullptr)
      : config(c), proxy(p), storage(s), diagnostics(d), files_(files) {}

  const config::Config& config;
  const config::Proxy& proxy;
  Storage& storage;
  cfg::Diagnostics& diagnostics;

  PatternFiles& pattern_files();
  bool http() const { return proxy.mode == config::Mode::http; }
  void error(const cfg::Location& where, std::string text, std::string hint = {}) {
    diagnostics.error(where, std::move(text), std::move(hint));
  }
  void warning(const cfg::Location& where, std::string text, std::string hint = {}) {
    diagnostics.warning(where, std::move(text), std::move(hint));
  }

 private:
  PatternFiles* files_;
};

// A piece of a word under parsing, so that messages can point into it.
struct Text {
  const cfg::Word* word = nullptr;
  std::string_view all;  // the text of the word
  size_t at = 0;

  explicit Text(const cfg::Word& w) : word(&w), all(w.text) {}
  bool done() const { return at >= all.size(); }
  char peek() const { return done() ? '\0' : all[at]; }
  std::string_view rest() const { return all.substr(at); }
  cfg::Location location(size_t from, size_t length = 1) const { return word->at(from, length); }
};

}  // namespace lbd::expr
