// The help of the runtime API: the commands with their usage, all or those that resemble what was typed.
// Pure. Thread: the control thread.
#pragma once

#include <string>
#include <vector>

#include "lbd/cli/command.h"

namespace lbd::cli {

// For `help` and `help words…`: those that a session of this level may use.
std::string help_text(const std::vector<std::string>& words, Level level);
// The answer to a line that is no command.
std::string unknown_command(const std::vector<std::string>& words, Level level);

}  // namespace lbd::cli
