// `server`, `default-server` and `server-template` lines: name, address, then words, each a Keyword<Server> row
// (manual 5.2).
//
// A server starts as a copy of its proxy's default_server. A host name is kept for the resolution at run time.
// Thread: one load. Errors: at the word.
#pragma once

#include <memory>
#include <span>
#include <string>

#include "base/result.h"
#include "cfg/keyword.h"
#include "lbd/config/proxy.h"
#include "lbd/config/section.h"

namespace lbd::config {

using ServerWord = cfg::Keyword<Server>;

// flags: the word is NAME(ARGUMENT).
inline constexpr uint32_t kParenthesis = 1;
// The word may stand in `add server`.
inline constexpr uint32_t kRuntime = 1u << 16;

void parse_server_line(cfg::Args& args, Proxy& proxy);
void parse_server_template(cfg::Args& args, Proxy& proxy);
void parse_default_server(cfg::Args& args, Proxy& proxy);

// What `add server` is given behind the name: an address and words. No default-server takes part. Warnings go to
// `diagnostics`; an error is in haproxy's words, as far as it has its own. Manual: management.txt 9.3.
struct AddedServer {
  std::unique_ptr<Server> line;
  bool enabled = false;  // the word: it need not be taken out of maintenance
};
base::Result<AddedServer> parse_added_server(const std::string& name, std::span<const std::string> words,
                                             cfg::Environment environment, cfg::Diagnostics& diagnostics);

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
