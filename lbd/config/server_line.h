// `server`, `default-server` and `server-template` lines: name, address, then words, each a Keyword<Server> row
// (manual 5.2).
//
// A server starts as a copy of its proxy's default_server. A host name is kept for the resolution at run time.
// Thread: one load. Errors: at the word.
#pragma once

#include "cfg/keyword.h"
#include "lbd/config/proxy.h"
#include "lbd/config/section.h"

namespace lbd::config {

using ServerWord = cfg::Keyword<Server>;

// flags: the word is NAME(ARGUMENT).
inline constexpr uint32_t kParenthesis = 1;

void parse_server_line(cfg::Args& args, Proxy& proxy);
void parse_server_template(cfg::Args& args, Proxy& proxy);
void parse_default_server(cfg::Args& args, Proxy& proxy);

// ADDR[:PORT] of a server into the fields that hold it.
bool read_server_address(cfg::Args& args, Server& server);

// A version of HTTP: h1, h2, or none; "" when it is none of them and has been reported.
std::string take_protocol(cfg::Args& args);
template <auto... Path>
void set_protocol(cfg::Args& args, Server& server) {
  cfg::reach<Path...>(server) = take_protocol(args);
}

// The last word of the line so far with its argument, for the compiler of expressions.
void keep_expression(cfg::Args& args, Server& server);

}  // namespace lbd::config
