// `source` of a proxy section and of a server line: where connections to servers come from.
//
//   source ADDR[:PORT[-PORT]] [usesrc ADDR2[:PORT2] | client | clientip | hdr_ip(NAME[,N])] [interface NAME]
// Thread: one load. Errors: at the word. Manual: 4.2 and 5.2, `source`.
#pragma once

#include "cfg/args.h"
#include "lbd/config/server.h"

namespace lbd::config {

// Nothing after an error.
std::optional<Source> read_source(cfg::Args& args);

}  // namespace lbd::config
