// Replacement: a regular expression and what is to stand in place of what it matches, a log format with \1 in it. A
// text without %[…] is taken apart once, at load. Life: in the storage of the rules. Thread: any. Errors: at load, at
// the word; at run time when samples make a text that is no replacement. Manual: 4.2 http-request replace-header,
// replace-path.
#pragma once

#include <optional>

#include "lbd/expr/regex.h"
#include "lbd/rules/action.h"

namespace lbd::rules {

class Replacement {
 public:
  enum class Result : uint8_t { no_match, done, failed };
  // False: reported.
  bool parse(Parse& parse);
  // What takes the subject's place is appended.
  Result run(expr::Transaction& transaction, std::string_view subject, expr::TextBuilder& to) const;

 private:
  std::optional<expr::Regex> regex_;
  const expr::LogFormat* format_ = nullptr;
  std::optional<expr::Substitution> ready_;  // of a constant format
};

}  // namespace lbd::rules
