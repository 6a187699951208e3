#include "lbd/cli/help.h"

#include <fmt/format.h>

#include <algorithm>
#include <iterator>

#include "base/strings.h"

namespace lbd::cli {
namespace {

// Of the whole session; the list ends with them.
bool is_of_session(std::string_view name) {
  return name == "help" || name == "prompt" || name == "quit";
}

// Commands for experts are told of when asked for by name.
std::vector<const CommandRow*> rows_for(Level level, bool expert = false) {
  std::vector<const CommandRow*> rows;
  base::Registered<CommandRow>::for_each([&](const CommandRow& row) {
    // What begins with '_' is for programs.
    if (row.level <= level && row.expert <= expert && !row.name.starts_with('_')) rows.push_back(&row);
  });
  std::sort(rows.begin(), rows.end(), [](const CommandRow* a, const CommandRow* b) {
    return std::pair(is_of_session(a->name), a->name) < std::pair(is_of_session(b->name), b->name);
  });
  return rows;
}

// Whether a command is one that the words may have meant: it begins with them, or differs by a slip of the fingers.
bool resembles(const CommandRow& row, const std::vector<std::string>& words) {
  auto own = base::split(row.name, ' ');
  size_t common = std::min(own.size(), words.size());
  for (size_t i = 0; i < common; ++i)
    if (!own[i].starts_with(words[i]) && base::edit_distance(own[i], words[i], 3) > 2) return false;
  return true;
}

std::string list(const std::vector<const CommandRow*>& rows) {
  std::string text;
  for (const CommandRow* row : rows) {
    std::string left = row->usage.empty() ? std::string(row->name) : fmt::format("{} {}", row->name, row->usage);
    fmt::format_to(std::back_inserter(text), "  {:<40}: {}\n", left, row->doc);
  }
  return text;
}

std::vector<const CommandRow*> resembling(std::vector<std::string> words, Level level) {
  const auto rows = rows_for(level, !words.empty() && words[0] == "debug");
  while (true) {
    auto found = rows;
    std::erase_if(found, [&](const CommandRow* row) { return !is_of_session(row->name) && !resembles(*row, words); });
    if (words.size() < 2 || !is_of_session(found.front()->name)) return found;
    // Of "show nonsense" it is the first word that was meant.
    words.pop_back();
  }
}

void help(Invocation& invocation) {
  std::vector<std::string> words(invocation.words.begin() + 1, invocation.words.end());
  invocation.answer += help_text(words, invocation.session.level);
}

constexpr CommandRow kRows[] = {
    {.name = "help", .usage = "[<command>]", .doc = "list matching or all commands", .run = help},
    {.name = "prompt",
     .doc = "toggle interactive mode with prompt",
     .run = [](Invocation& invocation) { invocation.session.interactive = !invocation.session.interactive; }},
    {.name = "quit", .doc = "disconnect", .run = [](Invocation& invocation) { invocation.session.quit = true; }},
    {.name = "operator",
     .doc = "lower the level of the current CLI session to operator",
     .level = Level::operator_,
     .run = [](Invocation& invocation) { invocation.session.level = Level::operator_; }},
    {.name = "user",
     .doc = "lower the level of the current CLI session to user",
     .run = [](Invocation& invocation) { invocation.session.level = Level::user; }},
};
const base::Registered<CommandRow> kEnrol(kRows);

}  // namespace

std::string help_text(const std::vector<std::string>& words, Level level) {
  return "The following commands are valid at this level:\n" +
         list(words.empty() ? rows_for(level) : resembling(words, level));
}

std::string unknown_command(const std::vector<std::string>& words, Level level) {
  auto rows = words.empty() ? rows_for(level) : resembling(words, level);
  bool some = std::any_of(rows.begin(), rows.end(), [](const CommandRow* row) { return !is_of_session(row->name); });
  if (words.empty() || !some)
    return "Unknown command. Please enter one of the following commands only:\n" + list(rows_for(level));
  return "Unknown command, but maybe one of the following ones is a better match:\n" + list(rows);
}

}  // namespace lbd::cli
