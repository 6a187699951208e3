// Finding processes by name or command line, for track_process: one look through /proc. keepalived listens to the
// kernel's process connector, which exists in the first network namespace only; this works in any.
//
// matches() is pure. Processes that have ended and wait for their parent do not count, nor does this one.
#pragma once

#include <sys/types.h>

#include <string>
#include <string_view>
#include <vector>

#include "vrrpd/config.h"

namespace vrrpd {

// `name`: as in /proc/PID/comm, at most 15 characters. `arguments`: the command line, argv[0] first.
bool matches(const ProcessConfig& wanted, std::string_view name, const std::vector<std::string_view>& arguments);

std::vector<pid_t> find_processes(const ProcessConfig& wanted);

}  // namespace vrrpd
