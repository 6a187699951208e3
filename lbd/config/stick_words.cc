// `stick-table` of proxies (manual 4.2). What refers to tables (`stick …`, track-sc, fetches) is compiled by lbd/rules.
#include <fmt/format.h>

#include "lbd/config/proxy_word.h"

namespace lbd::config {
namespace {

void add_table(cfg::Args& args, Proxy& proxy) {
  if (proxy.stick_table) {
    args.rest();
    return args.error_at(args.statement().loc,
                         fmt::format("{} '{}' has a stick table already", proxy.kind(), proxy.name),
                         "a section has one; another one may stand in a backend of its own");
  }
  auto table = std::make_unique<StickTable>();
  table->name = proxy.name;
  table->location = args.statement().loc;
  if (read_stick_table(args, *table)) proxy.stick_table = std::move(table);
}

constexpr ProxyWord kRows[] = {
    {.name = "stick-table",
     .doc = "A table of what clients do, or where they belong.",
     .sections = kInProxies,
     .set = add_table,
     .flags = kStrict},
};
const base::Registered<ProxyWord> kEnrol(kRows);

}  // namespace
}  // namespace lbd::config
