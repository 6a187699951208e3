#include "cfg/reader.h"

#include "cfg/suggest.h"

namespace cfg {

std::optional<Statement> Reader::next(std::string_view section) {
  while (line_ <= source_.line_count()) {
    // Lines of a block that is off may be anything: their mistakes stay unsaid.
    Diagnostics unsaid;
    LexedLine line = lex_line(source_, line_, {&environment_, section}, skipping() ? unsaid : diagnostics_);
    line_ += line.lines;
    // HAProxy takes a line that begins with an empty word for an empty one.
    if (!line.ok || line.words.empty() || line.words.front().text.empty()) continue;
    Statement statement;
    statement.words = std::move(line.words);
    statement.loc = statement.words.front().loc;
    if (directive(statement) || skipping()) continue;
    return statement;
  }
  finish();
  return std::nullopt;
}

void Reader::finish() {
  if (finished_) return;
  finished_ = true;
  for (const Block& block : blocks_) diagnostics_.error(block.where, "this '.if' block is not closed by '.endif'");
  if (!source_.ends_with_newline()) {
    const uint32_t last = source_.line_count();
    const auto column = static_cast<uint32_t>(source_.line(last).size() + 1);
    diagnostics_.error({&source_, last, column, 1}, "the last line has no line feed: the file may be truncated");
  }
}

bool Reader::condition(const Statement& statement) {
  // Blanks between the words belong to the condition again.
  std::string text;
  std::vector<size_t> starts;
  for (size_t i = 1; i < statement.size(); ++i) {
    if (i > 1) text += ' ';
    starts.push_back(text.size());
    text += statement[i];
  }
  CondResult result = evaluate(text, {environment_, platform_});
  if (result.ok) return result.value;
  size_t word = 0;
  while (word + 1 < starts.size() && starts[word + 1] <= result.error_at) ++word;
  Location where = statement.at(statement.size());
  if (!starts.empty() && result.error_at < text.size())
    where = statement.words[word + 1].at(result.error_at - starts[word]);
  diagnostics_.error(where, result.error + " in '" + std::string(statement[0]) + "'", result.hint);
  return false;
}

void Reader::open_block(const Statement& statement) {
  Block block{Branch::done, false, statement.loc};
  if (!skipping()) block.branch = condition(statement) ? Branch::taken : Branch::waiting;
  blocks_.push_back(block);
}

void Reader::change_branch(const Statement& statement, bool is_else) {
  const std::string name(statement[0]);
  if (blocks_.empty()) {
    diagnostics_.error(statement.loc, "'" + name + "' without '.if'");
    return;
  }
  Block& block = blocks_.back();
  if (block.had_else) {
    diagnostics_.error(statement.loc, "'" + name + "' after '.else' is not permitted");
    return;
  }
  block.had_else = is_else;
  if (block.branch == Branch::taken)
    block.branch = Branch::done;
  else if (block.branch == Branch::waiting && (is_else || condition(statement)))
    block.branch = Branch::taken;
}

void Reader::say(const Statement& statement, Severity severity) {
  if (skipping()) return;
  if (statement.size() > 2) {
    diagnostics_.error(statement.at(2), "'" + std::string(statement[0]) + "' takes one argument",
                       "put the message between quotes");
    return;
  }
  diagnostics_.report(severity, statement.loc, std::string(statement[1]));
}

bool Reader::directive(const Statement& statement) {
  const std::string_view word = statement[0];
  if (!word.starts_with('.')) return false;
  if (word == ".if") {
    open_block(statement);
  } else if (word == ".elif") {
    change_branch(statement, false);
  } else if (word == ".else") {
    change_branch(statement, true);
  } else if (word == ".endif") {
    if (blocks_.empty())
      diagnostics_.error(statement.loc, "'.endif' without '.if'");
    else
      blocks_.pop_back();
  } else if (word == ".diag") {
    say(statement, Severity::diag);
  } else if (word == ".notice") {
    say(statement, Severity::notice);
  } else if (word == ".warning") {
    say(statement, Severity::warning);
  } else if (word == ".alert") {
    say(statement, Severity::alert);
  } else if (!skipping()) {
    diagnostics_.error(
        statement.loc, "unknown directive '" + std::string(word) + "'",
        did_you_mean(word, {".if", ".elif", ".else", ".endif", ".diag", ".notice", ".warning", ".alert"}));
  }
  return true;
}

}  // namespace cfg
