// Checks across sections, after link(): each is a row. They say what HAProxy says of the same file, and nothing more,
// since a warning may be fatal (-dW).
//
// Pure: they read the Config and write Diagnostics. Thread: one load.
#pragma once

#include <string_view>

#include "cfg/diag.h"
#include "lbd/config/config.h"

namespace lbd::config {

struct CheckRow {
  std::string_view name;
  std::string_view doc;
  void (*run)(const Config& config, cfg::Diagnostics& diagnostics);
};

// All of them, in the order of their names so that the output is stable.
void check(const Config& config, cfg::Diagnostics& diagnostics);

// What is told where there is room for one; null: there is none.
const cfg::Diagnostic* first_error(const cfg::Diagnostics& diagnostics);

// A check needs a port from somewhere.
bool can_be_checked(const Proxy& proxy, const Server& server);
// Whether its checks may speak TLS, also if they begin later: by a word of the line, or of a step.
bool may_be_checked_by_tls(const Proxy& proxy, const Server& server);

}  // namespace lbd::config
