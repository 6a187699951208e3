#include "lbd/check/agent_words.h"

#include "base/strings.h"

namespace lbd::check {
namespace {

constexpr std::string_view kSeparators = " \t,", kMaxconn = "maxconn:";

std::string_view take_word(std::string_view& rest) {
  rest.remove_prefix(std::min(rest.find_first_not_of(kSeparators), rest.size()));
  const std::string_view word = rest.substr(0, rest.find_first_of(kSeparators));
  rest.remove_prefix(word.size());
  return word;
}

std::optional<server::OperatorState> admin_of(std::string_view word) {
  if (base::iequals(word, "ready")) return server::OperatorState::ready;
  if (base::iequals(word, "drain")) return server::OperatorState::drain;
  if (base::iequals(word, "maint")) return server::OperatorState::maint;
  return std::nullopt;
}

bool is_state(std::string_view word) {
  for (std::string_view one : {"up", "down", "fail", "stopped"})
    if (base::iequals(word, one)) return true;
  return false;
}

void read_weight(std::string_view word, AgentWords& words) {
  const size_t digits = word.find_first_not_of("0123456789");
  words.percent = base::parse_int<uint32_t>(word.substr(0, digits));
  if (words.percent && word.substr(digits) == "%") return;
  words.percent.reset();
  words.complaint = "agent warns : Trailing garbage in weight string";
}

void read_maxconn(std::string_view text, AgentWords& words) {
  if (const auto most = base::parse_int<uint32_t>(text))
    words.maxconn = most;
  else
    words.complaint = "agent warns : maxconn string empty or preceded by garbage";
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
    if (word.empty() || word[0] == '#') return words;
    if (auto admin = admin_of(word)) {
      words.admin = admin;
    } else if (is_state(word)) {
      words.up = base::iequals(word, "up");
      words.state = word;
      words.description = take_description(line);
    } else if (word[0] >= '0' && word[0] <= '9' && word.find('%') != std::string_view::npos) {
      read_weight(word, words);
    } else if (base::iequals(word.substr(0, kMaxconn.size()), kMaxconn)) {
      read_maxconn(word.substr(kMaxconn.size()), words);
    } else if (words.complaint.empty()) {
      words.complaint = "agent reports an error : " + std::string(word);
    }
  }
}

}  // namespace lbd::check
