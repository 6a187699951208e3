// A script as it can be run: found, with the ids it gets, and judged (keepalived.conf(5), SCRIPTS).
//
// Without script_user scripts run as keepalived_script if that user exists, as root otherwise. With
// set_supplementary_groups they are in all groups of their user, else in its first one only. With
// enable_script_security nothing is run as root that somebody else could have changed. Reads the file system and the
// user database; no state. Errors: Result, with the reason in words.
#pragma once

#include <string>
#include <vector>

#include "base/process.h"
#include "vrrpd/config.h"

namespace vrrpd {

struct Runnable {
  std::vector<std::string> argv;  // argv[0] is absolute
  uid_t uid = 0;
  gid_t gid = 0;
  std::vector<gid_t> groups;  // with set_supplementary_groups
  bool operator==(const Runnable&) const = default;
};

base::Result<Runnable> resolve(const Command& command, const GlobalConfig& global);
base::SpawnOptions spawn_options(const Runnable& runnable);

// Reports every script of the configuration that could not be run.
void check_commands(const Config& config, cfg::Diagnostics& diagnostics);

}  // namespace vrrpd
