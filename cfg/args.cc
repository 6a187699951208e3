#include "cfg/args.h"

#include <algorithm>

#include "cfg/suggest.h"

namespace cfg {

Args::Args(const Statement& statement, size_t used, Diagnostics& diagnostics, Environment& environment, Form form)
    : statement_(statement), diagnostics_(diagnostics), environment_(environment), next_(used), form_(form) {
  for (size_t i = form == Form::plain ? 0 : 1; i < used && i < statement.size(); ++i) {
    if (!name_.empty()) name_ += ' ';
    name_ += statement[i];
  }
}

bool Args::accept(std::string_view word) {
  if (at_end() || statement_[next_] != word) return false;
  ++next_;
  return true;
}

std::vector<Word> Args::rest() {
  auto from = statement_.words.begin() + static_cast<std::ptrdiff_t>(std::min(next_, statement_.size()));
  next_ = statement_.size();
  return {from, statement_.words.end()};
}

void Args::begin(const Word& word) {
  name_ = word.text;
}

const Word* Args::need(std::string_view what) {
  if (const Word* word = next()) return word;
  error_at(statement_.at(statement_.size()), "'" + name_ + "' expects " + std::string(what));
  return nullptr;
}

std::optional<uint64_t> Args::take_size(Range range) {
  const Word* word = need("a size");
  if (!word) return std::nullopt;
  return report(parse_size(word->text, range));
}

std::optional<size_t> Args::take_choice(const std::vector<std::string_view>& choices) {
  std::string list;
  for (std::string_view choice : choices) {
    if (!list.empty()) list += choice == choices.back() ? " or " : ", ";
    list += '\'' + std::string(choice) + '\'';
  }
  const Word* word = need(list);
  if (!word) return std::nullopt;
  auto found = std::find(choices.begin(), choices.end(), word->text);
  if (found != choices.end()) return static_cast<size_t>(found - choices.begin());
  error("'" + name_ + "' expects " + list + ", not '" + word->text + "'", did_you_mean(word->text, choices));
  return std::nullopt;
}

void Args::expect_end() {
  if (failed_ || at_end()) return;
  const Word& extra = statement_.words[next_];
  error_at(extra.loc, "'" + name_ + "' cannot handle the unexpected argument '" + extra.text + "'");
}

void Args::error(std::string text, std::string hint) {
  error_at(last(), std::move(text), std::move(hint));
}

void Args::error_at(const Location& where, std::string text, std::string hint) {
  failed_ = true;
  diagnostics_.error(where, std::move(text), std::move(hint));
}

void Args::warning(std::string text, std::string hint) {
  diagnostics_.warning(last(), std::move(text), std::move(hint));
}

}  // namespace cfg
