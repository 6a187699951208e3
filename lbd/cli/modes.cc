// expert-mode, experimental-mode: what a session may do beyond the usual. Texts are HAProxy's. Manual:
// management.txt 9.3.
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

constexpr CommandRow kRows[] = {
    {.name = "expert-mode",
     .usage = "[on|off]",
     .doc = "display or change whether commands for experts are taken",
     .level = Level::admin,
     .run = set_mode<&SessionState::expert>},
    {.name = "experimental-mode",
     .usage = "[on|off]",
     .doc = "display or change whether experimental commands are taken",
     .level = Level::admin,
     .run = set_mode<&SessionState::experimental>},
};
const base::Registered<CommandRow> kEnrol(kRows);

}  // namespace
}  // namespace lbd::cli
