// `filter …` lines of proxies (manual 9): limits of bandwidth are filters here; of the others the line is kept.
#include <algorithm>

#include "lbd/config/proxy_word.h"

namespace lbd::config {
namespace {

void keep_filter(cfg::Args& args, Proxy& proxy) {
  args.rest();
  proxy.other_lines.push_back(args.statement());
}

// NAME default-limit SIZE default-period TIME [min-size SIZE], in any order; the form that streams share has
// limit SIZE key EXPR [table NAME].
template <bool Incoming>
void add_limit(cfg::Args& args, Proxy& proxy) {
  constexpr std::string_view kShared = "a limit that streams share needs stick tables, which are not kept yet";
  auto name = args.take<cfg::Word>();
  if (!name) return;
  BandwidthFilter filter{.name = name->text, .incoming = Incoming, .location = name->loc};
  for (const BandwidthFilter& other : proxy.bandwidth_filters)
    if (other.name == filter.name) return args.error("there is a filter '" + filter.name + "' already");
  const cfg::Range positive{1, std::numeric_limits<int64_t>::max()};
  while (!args.at_end()) {
    if (args.accept("default-limit")) {
      auto size = args.take_size(positive);
      if (!size) return;
      filter.limit = *size;
    } else if (args.accept("default-period")) {
      auto time = args.take<base::Millis>({1, cfg::kMaxMillis});
      if (!time) return;
      filter.period = *time;
    } else if (args.accept("min-size")) {
      auto size = args.take_size();
      if (!size) return;
      filter.least = *size;
    } else if (args.accept("limit") || args.accept("key") || args.accept("table")) {
      return args.error(std::string(kShared), "the form for each stream: default-limit SIZE default-period TIME");
    } else {
      args.take_choice({"default-limit", "default-period", "min-size"});
      return;
    }
  }
  if (filter.limit == 0 || filter.period.count() == 0)
    return args.error_at(args.statement().at(args.position()),
                         "'" + args.name() + "' expects 'default-limit SIZE default-period TIME'");
  proxy.bandwidth_filters.push_back(std::move(filter));
}

constexpr ProxyWord kRows[] = {
    {.name = "filter",
     .doc = "A filter on the data of the streams.",
     .sections = kInProxies,
     .set = keep_filter,
     .pending = "the filter is not run"},
    {.name = "filter bwlim-in",
     .doc = "A limit for what clients send, that set-bandwidth-limit switches on.",
     .sections = kInProxies,
     .set = add_limit<true>},
    {.name = "filter bwlim-out",
     .doc = "A limit for what clients get, that set-bandwidth-limit switches on.",
     .sections = kInProxies,
     .set = add_limit<false>},
};
const base::Registered<ProxyWord> kEnrol(kRows);

}  // namespace
}  // namespace lbd::config
