// `log` lines, in `global`, proxies and other sections: manual 4.2, "log".
//
// The target is only taken apart far enough to be sure that it can be one; base::log opens it later.
// Thread: one load. Errors: at the word.
#pragma once

#include "cfg/args.h"
#include "lbd/config/global.h"

namespace lbd::config {

// What stands behind `log`, but for `log global`. Nothing after an error.
std::optional<LogTarget> parse_log_line(cfg::Args& args);

}  // namespace lbd::config
