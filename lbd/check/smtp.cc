// option smtpchk: a mail server greets, takes a HELO or EHLO, and says goodbye. Manual: 4.2 option smtpchk; RFC 5321.
#include "base/strings.h"
#include "lbd/check/scripts.h"

namespace lbd::check {
namespace {

constexpr size_t kCode = 3, kLeast = 4;  // the code, and what shows whether more lines come

bool has_code(std::string_view line) {
  return line.size() >= kLeast && base::is_digit(line[0]) && base::is_digit(line[1]) && base::is_digit(line[2]);
}
bool ends_answer(char c) {
  return c == ' ' || c == '\r';
}
bool is_good(std::string_view line) {
  return has_code(line) && line[0] == '2' && ends_answer(line[3]);
}

// The code and the text of the first line, as far as they are there.
CheckReport told(CheckStatus status, std::string_view answer) {
  int code = 0;
  if (answer.size() >= kCode)
    for (char c : answer.substr(0, kCode)) {
      if (!base::is_digit(c)) break;
      code = code * 10 + (c - '0');
    }
  std::string text = answer.size() > kLeast ? first_line(answer.substr(kLeast)) : std::string();
  text.erase(0, text.find_first_not_of(' '));
  return report(status, std::move(text), code);
}

// One line: a greeting of several is invalid for HAProxy.
std::optional<CheckReport> judge_greeting(std::string_view answer, bool closed) {
  if (answer.size() < kLeast && !closed) return std::nullopt;
  if (!has_code(answer) || !ends_answer(answer[3])) return report(CheckStatus::l7_invalid, first_line(answer));
  return told(answer[0] == '2' ? CheckStatus::l7_ok : CheckStatus::l7_status, answer);
}

// Lines that say that more come, and one that does not.
std::optional<CheckReport> judge_hello(std::string_view answer, bool closed) {
  std::string_view rest = answer;
  while (has_code(rest) && rest[0] == '2' && rest[3] == '-') {
    const size_t end = rest.find('\r');
    if (end == std::string_view::npos || rest.substr(end, 2) != "\r\n") break;
    rest.remove_prefix(end + 2);
  }
  if (is_good(rest)) return told(CheckStatus::l7_ok, answer);
  if (!closed) return std::nullopt;
  return told(CheckStatus::l7_status, answer);
}

std::optional<CheckReport> judge_farewell(std::string_view answer, bool closed) {
  if (answer.size() < kLeast && !closed) return std::nullopt;
  const bool good = is_good(answer) || (has_code(answer) && answer[0] == '2' && answer[3] == '-');
  return told(good ? CheckStatus::l7_ok : CheckStatus::l7_status, answer);
}

std::unique_ptr<Plan> compile(const config::CheckSpec& spec, expr::CompileContext& context) {
  auto words = option_words(spec, 2, context.diagnostics);
  return words ? std::make_unique<TurnsPlan<scripts::smtp>>(std::move(*words)) : nullptr;
}

constexpr CheckRow kRows[] = {
    {.name = "smtpchk", .doc = "a mail server greets and takes a HELO", .compile = compile},
};
const base::Registered<CheckRow> kEnrol(kRows);

}  // namespace

// Any other command than these two is taken for the default, as are these without a domain.
Script scripts::smtp(const std::vector<std::string>& words) {
  const bool own = words.size() == 2 && (words[0] == "EHLO" || words[0] == "HELO");
  const std::string hello = own ? words[0] + " " + words[1] : "HELO localhost";
  return {.turns = {{.judge = judge_greeting},
                    {.question = hello + "\r\n", .judge = judge_hello, .if_silent = CheckStatus::l7_status, .step = 5},
                    {.question = "QUIT\r\n", .judge = judge_farewell, .if_silent = CheckStatus::l7_status, .step = 7}},
          .gentle = true};
}

}  // namespace lbd::check
