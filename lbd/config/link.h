// link(): names → what they name, once everything is read.
//
// default_backend, error pages of http-errors sections, users and groups, host names of listening addresses and of
// SOCKS4 proxies (looked up here, as HAProxy does at start), numeric ids, and what unix-bind says about Unix sockets.
// Names in rules are resolved by the rules' compiler, host names of servers at run time.
// Thread: one load. Errors: at the word that names what is not there.
#pragma once

#include "cfg/diag.h"
#include "lbd/config/config.h"

namespace lbd::config {

void link(Config& config, cfg::Diagnostics& diagnostics);

}  // namespace lbd::config
