// `stats …` lines of proxies: the statistics page (manual 4.2). Every one of them switches the page on.
#include "lbd/config/proxy_word.h"

namespace lbd::config {
namespace {

template <auto Member>
struct On {
  cfg::Range range;
  template <typename Model>
  static void run(cfg::Args& args, Model& proxy, const cfg::Range& range) {
    proxy.stats.enabled = true;
    cfg::detail::store(args, proxy.stats.*Member, range);
  }
};
template <auto Member>
constexpr On<Member> stats_field() {
  return {};
}

void enable(cfg::Args&, Proxy& proxy) {
  proxy.stats.enabled = true;
}

void add_auth(cfg::Args& args, Proxy& proxy) {
  auto user = args.take<std::string>();
  if (!user) return;
  if (user->find(':') == std::string::npos) return args.error("'stats auth' expects user:password");
  proxy.stats.enabled = true;
  proxy.stats.auths.push_back(std::move(*user));
}

// Without a text: the name of the node, the description of `global`.
template <auto Member>
void set_shown(cfg::Args& args, Proxy& proxy) {
  std::string text;
  for (const cfg::Word& word : args.rest()) text += (text.empty() ? "" : " ") + word.text;
  proxy.stats.enabled = true;
  proxy.stats.*Member = text;
}

void set_scope(cfg::Args& args, Proxy& proxy) {
  auto name = args.take<std::string>();
  if (!name) return;
  proxy.stats.enabled = true;
  proxy.stats.scope += (proxy.stats.scope.empty() ? "" : " ") + *name;
}

template <auto Member>
void add_rule(cfg::Args& args, Proxy& proxy) {
  args.rest();
  proxy.stats.enabled = true;
  (proxy.stats.*Member).push_back(args.statement());
}

constexpr ProxyWord kRows[] = {
    {.name = "stats admin",
     .doc = "Who may change servers on the page.",
     .sections = kInProxies,
     .set = add_rule<&StatsPage::admin_rules>},
    {.name = "stats auth", .doc = "A user:password for the page.", .sections = kEverySide, .set = add_auth},
    {.name = "stats enable", .doc = "The statistics page, with defaults.", .sections = kEverySide, .set = enable},
    {.name = "stats hide-version",
     .doc = "Do not show the version.",
     .sections = kEverySide,
     .set = stats_field<&StatsPage::hide_version>()},
    {.name = "stats http-request",
     .doc = "Rules for the page: allow, deny, auth.",
     .sections = kInProxies,
     .set = add_rule<&StatsPage::http_request_rules>},
    {.name = "stats realm",
     .doc = "Realm that the browser asks a password for.",
     .sections = kEverySide,
     .set = stats_field<&StatsPage::realm>()},
    {.name = "stats refresh",
     .doc = "The page reloads itself this often.",
     .sections = kEverySide,
     .set = stats_field<&StatsPage::refresh>()},
    {.name = "stats scope",
     .doc = "Sections that the page shows; '.' is this one.",
     .sections = kEverySide,
     .set = set_scope},
    {.name = "stats show-desc",
     .doc = "Show a description.",
     .sections = kEverySide,
     .set = set_shown<&StatsPage::description>},
    {.name = "stats show-legends",
     .doc = "Explain more on the page, which always does.",
     .sections = kEverySide,
     .set = stats_field<&StatsPage::show_legends>(),
     .flags = kHint},
    {.name = "stats show-modules",
     .doc = "Show figures of modules; there are none.",
     .sections = kEverySide,
     .set = stats_field<&StatsPage::show_modules>(),
     .flags = kHint},
    {.name = "stats show-node",
     .doc = "Show the name of the node.",
     .sections = kEverySide,
     .set = set_shown<&StatsPage::node>},
    {.name = "stats uri", .doc = "Where the page is.", .sections = kEverySide, .set = stats_field<&StatsPage::uri>()},
};
const base::Registered<ProxyWord> kEnrol(kRows);

}  // namespace
}  // namespace lbd::config
