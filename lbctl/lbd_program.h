// lbd as a program that answers questions: `lbd --explain` beside this lbctl, or in PATH.
// Thread: main; it blocks until lbd has ended. Errors: lbd cannot be started, or refuses the configuration (what it
// says about that goes to standard error as it does at a start).
#pragma once

#include <string>
#include <vector>

#include "base/result.h"

namespace lbctl {

// `questions`: each with a blank line behind it. The answers, each with a blank line behind it.
base::Result<std::string> explain_with_lbd(const std::vector<std::string>& files, const std::string& questions);

}  // namespace lbctl
