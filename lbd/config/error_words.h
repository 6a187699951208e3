// Error answers: the statuses that may have one and the words that declare them (manual 4.2, errorfile …).
// Thread: one load.
#pragma once

#include <optional>

#include "cfg/args.h"
#include "lbd/config/proxy.h"

namespace lbd::config {

// The next word as a status that has an error page; an error otherwise.
std::optional<int> take_error_status(cfg::Args& args);

// CODE FILE, as in proxies and in http-errors sections.
std::optional<std::pair<int, ErrorAnswer>> take_errorfile(cfg::Args& args);

}  // namespace lbd::config
