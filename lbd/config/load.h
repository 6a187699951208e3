// load(): configuration files → Config, with every error of every file in one run.
//
// Parsing opens nothing but the configuration files themselves: no socket, no certificate, no name lookup. After it
// link() resolves names and the check rows look across sections (prepare() is both). A Config with errors in the
// Diagnostics is returned too, for tools, but must not be run.
//   load → prepare → (rules, balance, checks compile their parts) → run
// Thread: any, one at a time per Config. Errors: Diagnostics; an unreadable file is one of them.
// Manual: HAProxy management guide, section 3 (-f), configuration manual, section 2.
#pragma once

#include <memory>
#include <string>
#include <vector>

#include "cfg/cond.h"
#include "cfg/diag.h"
#include "lbd/config/config.h"
#include "lbd/config/platform.h"

namespace lbd::config {

struct LoadOptions {
  cfg::Environment environment = cfg::Environment::of_process();
  cfg::Platform platform = language_platform();
  std::string local_peer;  // -L
};

// Files and directories in the order of the command line.
std::unique_ptr<Config> load(const std::vector<std::string>& paths, const LoadOptions& options,
                             cfg::Diagnostics& diagnostics);

// One text under a name, for tests and tools.
std::unique_ptr<Config> load_text(std::string name, std::string text, const LoadOptions& options,
                                  cfg::Diagnostics& diagnostics);

// link() and check(). False: there are errors.
bool prepare(Config& config, cfg::Diagnostics& diagnostics);

// False: nothing would listen; haproxy -c says so and exits 2.
bool has_listener(const Config& config);

}  // namespace lbd::config
