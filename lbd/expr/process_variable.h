// Sets a variable of the process from a text: `set-var` and `set-var-fmt` of the global section, `set var` of the
// runtime socket. The expression may only use what needs no exchange.
// Thread: any. Errors: what is wrong with the name or the expression. Manual: 3.1, management.txt 9.3.
#pragma once

#include <string_view>

#include "base/result.h"
#include "lbd/expr/phase.h"
#include "lbd/expr/process.h"

namespace lbd::expr {

// `formatted`: the text is a log format rather than an expression. `where`: phase::kConfig or phase::kCli.
base::Status set_process_variable(const Process& process, std::string_view name, std::string_view text, bool formatted,
                                  Phases where);

}  // namespace lbd::expr
