#include "lbd/check/agent_words.h"

#include "base/strings.h"

namespace lbd::check {
namespace {

constexpr std::string_view kSeparators = " \t,";

std::string_view take_word(std::string_view& rest) {
  rest.remove_prefix(std::min(rest.find_first_not_of(kSeparators), rest.size()));
  const std::string_view word = rest.substr(0, rest.find_first_of(kSeparators));
  rest.remove_prefix(word.size());
  return word;
}

std::optional<server::OperatorState> admin_of(std::string_view word) {
  if (word == "ready") return server::OperatorState::ready;
  if (word == "drain") return server::OperatorState::drain;
  if (word == "maint") return server::OperatorState::maint;
  return std::nullopt;
}

bool is_state(std::string_view word) {
  return word == "up" || word == "down" || word == "fail" || word == "stopped";
}

// What stands behind a '#' is for people, and ends the line.
std::string take_description(std::string_view& rest) {
  const size_t begin = rest.find_first_not_of(kSeparators);
  if (begin == std::string_view::npos || rest[begin] != '#') return {};
  std::string_view text = rest.substr(begin + 1);
  rest = {};
  text.remove_prefix(std::min(text.find_first_not_of(kSeparators), text.size()));
  return std::string(text);
}

}  // namespace

AgentWords parse_agent_words(std::string_view line) {
  AgentWords words;
  while (true) {
    const std::string_view word = take_word(line);
    if (word.empty()) return words;
    if (auto admin = admin_of(word)) {
      words.admin = admin;
    } else if (is_state(word)) {
      words.up = word == "up";
      words.state = word;
      words.description = take_description(line);
    } else if (auto percent = word.ends_with('%') ? base::parse_int<uint32_t>(word.substr(0, word.size() - 1))
                                                  : std::nullopt) {
      words.percent = percent;
    } else if (auto most = word.starts_with("maxconn:") ? base::parse_int<uint32_t>(word.substr(8)) : std::nullopt) {
      words.maxconn = most;
    } else if (words.unknown.empty()) {
      words.unknown = word;
    }
  }
}

}  // namespace lbd::check
