// `bind` and `stats socket` lines: addresses, then words, each a Keyword<Bind> row (manual 5.1).
//
// Thread: one load. Errors: at the word. Sockets are opened by lbd/net, names resolved by link().
#pragma once

#include "cfg/keyword.h"
#include "lbd/config/bind.h"
#include "lbd/config/section.h"

namespace lbd::config {

using BindWord = cfg::Keyword<Bind>;

enum class BindUse : uint8_t { traffic, runtime_api, datagrams };

// The words behind the keyword; false when the addresses are wrong (words are still read). `scope` of advise_pending().
bool parse_bind_line(cfg::Args& args, Bind& bind, BindUse use, std::string_view scope);

}  // namespace lbd::config
