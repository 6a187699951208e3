// Names of servers at start: what `server s1 www.example.com:80` resolves to (init-addr, by default libc's resolver:
// /etc/hosts and DNS; `last`: the address that a file of states has), before anything runs.
//
// `-dr` or an init-addr with `none` lets a server start without address; it is then in maintenance (resolution).
// Thread: the main thread, blocking. Errors: diagnostics in HAProxy's words. Manual: 5.2 init-addr.
#pragma once

#include "cfg/diag.h"
#include "lbd/config/config.h"
#include "lbd/server_states.h"

namespace lbd {

// False: a server that must have an address has none.
bool resolve_servers(config::Config& config, const ServerStates& states, bool ignore_failures,
                     cfg::Diagnostics& diagnostics);

}  // namespace lbd
