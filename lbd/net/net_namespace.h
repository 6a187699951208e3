// Network namespaces of `bind` and `server` lines: opened by name at start, while the process has all its rights;
// sockets are made in them later. Making one needs CAP_SYS_ADMIN, as in HAProxy.
//
// Owner: the process; they stay open. Thread: open_namespace() the main one before others start, socket_in() any.
// Errors: names that are not below /run/netns, and what the system refuses. Manual: 5.1, 5.2 namespace; ip-netns(8).
#pragma once

#include <string>

#include "base/fd.h"
#include "base/result.h"

namespace lbd::net {

// Those that are open already stay so.
base::Status open_namespace(const std::string& name);

// As socket(2), not blocking and closed on exec; in the namespace of the process when the name is empty. errno says
// why there is none.
base::Fd socket_in(const std::string& name, int family, int type);

}  // namespace lbd::net
