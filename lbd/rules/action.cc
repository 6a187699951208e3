#include "lbd/rules/action.h"

#include <fmt/core.h>

#include "base/strings.h"

namespace lbd::rules {

const cfg::Word* Parse::take(std::string_view what) {
  if (!done()) return &words[at_++];
  const cfg::Location& where_at = words.empty() ? name.loc : words.back().loc;
  fail(where_at, fmt::format("'{}' needs {}", name.text, what), {});
  return nullptr;
}

bool Parse::accept(std::string_view word) {
  if (peek() != word || done()) return false;
  ++at_;
  return true;
}

void Parse::fail(const cfg::Location& at, std::string text, std::string hint) {
  failed_ = true;
  context.error(at, std::move(text), std::move(hint));
}

void Parse::error(std::string text, std::string hint) {
  fail(at_ ? words[at_ - 1].loc : name.loc, std::move(text), std::move(hint));
}

const expr::Expr* Parse::expression(std::string_view what) {
  const cfg::Word* word = take(what);
  const expr::Expr* made = word ? expr::parse_expr(context, *word, where) : nullptr;
  failed_ = failed_ || !made;
  return made;
}

const expr::LogFormat* Parse::format(std::string_view what, expr::TextFor use) {
  const cfg::Word* word = take(what);
  if (!word) return nullptr;
  // HAProxy refuses it too: most often a variable of the environment is not set.
  if (word->text.empty()) {
    error(fmt::format("{} is expected, this is empty", what), "%[str()] when nothing at all is meant");
    return nullptr;
  }
  return format_of(*word, use);
}

const expr::LogFormat* Parse::format_of(const cfg::Word& word, expr::TextFor use) {
  size_t before = context.diagnostics.errors();
  auto* made = context.storage.make<expr::LogFormat>(expr::parse_logformat(context, word, where, use));
  if (context.diagnostics.errors() == before) return made;
  failed_ = true;
  return nullptr;
}

std::string_view Parse::bracket() const {
  std::string_view text = name.text;
  size_t open = text.find('(');
  if (open == std::string_view::npos || text.back() != ')') return {};
  return text.substr(open + 1, text.size() - open - 2);
}

std::string_view lower_name(Parse& parse, std::string_view name) {
  return parse.context.storage.copy(base::lower(name));
}

}  // namespace lbd::rules
