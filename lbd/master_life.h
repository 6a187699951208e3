// MasterLife: a master goes on in a newer program: after an upgrade of the package a reload has brought a worker of the
// new version, and the master, which only looks after workers, follows it by exec, with the same pid, descriptors and
// children. The state travels in a file in memory whose descriptor is named in the environment.
// Thread: main. Errors: when the exec fails all stays as it is, and the caller goes on.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "base/result.h"
#include "proto/master.pb.h"

namespace lbd {

// Another program is at that path than the one that this process runs.
bool is_newer_program(const std::string& executable);

// Signals wait, until the next life listens to them. Returns only when it could not be done.
base::Error begin_next_life(const std::string& executable, std::vector<std::string> arguments,
                            const tandem::MasterState& state);

// What the former life of this process left; nothing: there was none.
std::optional<tandem::MasterState> former_life();

}  // namespace lbd
