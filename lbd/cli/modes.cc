// expert-mode, experimental-mode, set severity-output: what a session may do and is told beyond the usual. Texts are
// HAProxy's. Manual: management.txt 9.3.
#include <fmt/format.h>

#include "lbd/cli/command.h"

namespace lbd::cli {
namespace {

template <bool SessionState::*Member>
void set_mode(Invocation& invocation) {
  const std::string_view word = invocation.argument(0);
  bool& mode = invocation.session.*Member;
  if (word.empty()) return invocation.say(fmt::format("{} is {}", invocation.words[0], mode ? "ON" : "OFF"));
  mode = word == "on";
}

void set_severity(Invocation& invocation) {
  const std::string_view word = invocation.argument(0);
  if (word != "none" && word != "number" && word != "string")
    return invocation.refuse("one of 'none', 'number', 'string' is a required argument");
  invocation.session.severity = parse_severity(word);
}

constexpr CommandRow kRows[] = {
    {.name = "expert-mode",
     .usage = "[on|off]",
     .doc = "display or change whether commands for experts are taken",
     .level = Level::admin,
     .run = set_mode<&SessionState::expert>},
    {.name = "set severity-output",
     .usage = "[none|number|string]",
     .doc = "set presence of severity level in feedback information",
     .run = set_severity},
    {.name = "experimental-mode",
     .usage = "[on|off]",
     .doc = "display or change whether experimental commands are taken",
     .level = Level::admin,
     .run = set_mode<&SessionState::experimental>},
};
const base::Registered<CommandRow> kEnrol(kRows);

}  // namespace
}  // namespace lbd::cli
