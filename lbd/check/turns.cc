#include "lbd/check/turns.h"

#include <fmt/format.h>

namespace lbd::check {

Target Turns::target() const {
  Target target;
  target.gentle = script_.gentle;
  return target;
}

Progress Turns::connected(std::string& out) {
  out += script_.turns[0].question;
  return Progress::more();
}

Progress Turns::received(std::string_view bytes, bool closed, std::string& out) {
  for (;;) {
    const Turn& turn = script_.turns[at_];
    const std::string_view answer = bytes.substr(seen_);
    if (answer.empty()) {
      if (!closed) return Progress::more();
      return Progress::done(report(turn.if_silent, fmt::format("TCPCHK got an empty response at step {}", turn.step)));
    }
    std::optional<CheckReport> found = turn.judge(answer, closed);
    if (!found) return closed ? Progress::done(report(CheckStatus::l7_invalid)) : Progress::more();
    if (found->result != CheckResult::passed || at_ + 1 == script_.turns.size())
      return Progress::done(std::move(*found));
    seen_ = bytes.size();
    out += script_.turns[++at_].question;
  }
}

std::optional<std::vector<std::string>> option_words(const config::CheckSpec& spec, size_t most,
                                                     cfg::Diagnostics& diagnostics) {
  const auto& arguments = spec.arguments;
  if (arguments.size() > most) {
    diagnostics.error(arguments[most].loc, fmt::format("'option {}' cannot handle unexpected argument '{}'", spec.type,
                                                       arguments[most].text));
    return std::nullopt;
  }
  std::vector<std::string> words;
  for (const cfg::Word& word : arguments) words.push_back(word.text);
  return words;
}

std::string first_line(std::string_view bytes) {
  return std::string(bytes.substr(0, bytes.find_first_of(std::string_view("\r\n\0", 3))));
}

}  // namespace lbd::check
