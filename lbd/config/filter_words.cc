// `filter …` lines of proxies (manual 9): limits of bandwidth are filters here; of the others the line is kept.
#include <algorithm>

#include "lbd/config/proxy_word.h"

namespace lbd::config {
namespace {

void keep_filter(cfg::Args& args, Proxy& proxy) {
  args.rest();
  proxy.other_lines.push_back(args.statement());
}

// NAME default-limit SIZE default-period TIME [min-size SIZE], in any order; or, for a limit that streams share,
// NAME limit SIZE key EXPR [table NAME] [min-size SIZE].
template <bool Incoming>
void add_limit(cfg::Args& args, Proxy& proxy) {
  auto name = args.take<cfg::Word>();
  if (!name) return;
  BandwidthFilter filter;
  filter.name = name->text;
  filter.incoming = Incoming;
  filter.location = name->loc;
  for (const BandwidthFilter& other : proxy.bandwidth_filters)
    if (other.name == filter.name) return args.error("there is a filter '" + filter.name + "' already");
  const cfg::Range positive{1, std::numeric_limits<int64_t>::max()};
  bool own = false, shared = false;
  while (!args.at_end() && !args.failed()) {
    const std::string word = args.next()->text;
    if (word == "default-limit" || word == "limit") {
      (word == "limit" ? shared : own) = true;
      filter.limit = args.take_size(positive).value_or(0);
    } else if (word == "default-period") {
      own = true;
      filter.period = args.take<base::Millis>({1, cfg::kMaxMillis}).value_or(base::Millis(0));
    } else if (word == "key") {
      shared = true;
      filter.key = args.take<cfg::Word>();
    } else if (word == "table") {
      shared = true;
      filter.table_name = args.take<std::string>().value_or("");
    } else if (word == "min-size") {
      filter.least = args.take_size().value_or(0);
    } else {
      return args.error("'" + args.name() + "' does not know '" + word + "'");
    }
  }
  if (args.failed()) return;
  const cfg::Location end = args.statement().at(args.position());
  if (own && shared)
    return args.error_at(end,
                         "a limit is either each stream's own (default-limit, default-period) or shared (limit, key)");
  if (filter.limit == 0 || (shared ? !filter.key : filter.period.count() == 0))
    return args.error_at(
        end, "'" + args.name() + "' expects 'default-limit SIZE default-period TIME' or 'limit SIZE key EXPR'");
  proxy.bandwidth_filters.push_back(std::move(filter));
}

void add_cache(cfg::Args& args, Proxy& proxy) {
  if (auto name = args.take<cfg::Word>()) proxy.cache_filters.push_back(std::move(*name));
}

constexpr ProxyWord kRows[] = {
    {.name = "filter",
     .doc = "A filter on the data of the streams.",
     .sections = kInProxies,
     .set = keep_filter,
     .pending = "the filter is not run"},
    {.name = "filter bwlim-in",
     .doc = "A limit for what clients send, each stream or all of a key, that set-bandwidth-limit switches on.",
     .sections = kInProxies,
     .set = add_limit<true>},
    {.name = "filter bwlim-out",
     .doc = "A limit for what clients get, each stream or all of a key, that set-bandwidth-limit switches on.",
     .sections = kInProxies,
     .set = add_limit<false>},
    {.name = "filter cache",
     .doc = "The place of a cache among filters; cache-use and cache-store do without.",
     .sections = kInProxies,
     .set = add_cache,
     .flags = kHint},
    {.name = "filter compression",
     .doc = "The place of the compression among filters; it comes behind the cache.",
     .sections = kInProxies,
     .set = [](cfg::Args&, Proxy&) {},
     .flags = kHint},
};
const base::Registered<ProxyWord> kEnrol(kRows);

}  // namespace
}  // namespace lbd::config
