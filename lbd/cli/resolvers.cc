// show resolvers.
#include <fmt/format.h>

#include "lbd/cli/command.h"
#include "lbd/dns/names.h"

namespace lbd::cli {
namespace {

void show(Invocation& invocation, const dns::Resolver& resolver) {
  invocation.say(fmt::format("Resolvers section {}", resolver.config().name));
  for (const auto& server : resolver.name_servers()) {
    const dns::NameServerCounters& c = server->counters;
    const std::pair<std::string_view, uint64_t> lines[] = {
        {"sent:", c.sent},       {"snd_error:", c.send_errors},   {"valid:", c.valid},       {"update:", c.update},
        {"cname:", c.cname},     {"cname_error:", c.cname_error}, {"any_err:", c.any_error}, {"nx:", c.nx},
        {"timeout:", c.timeout}, {"refused:", c.refused},         {"other:", c.other},       {"invalid:", c.invalid},
        {"too_big:", c.too_big}, {"truncated:", c.truncated},     {"outdated:", c.outdated},
    };
    invocation.say(fmt::format(" nameserver {}:", server->config().name));
    for (const auto& [name, count] : lines) invocation.say(fmt::format("  {:<12} {}", name, count));
  }
}

void show_resolvers(Invocation& invocation) {
  const std::string_view wanted = invocation.argument(0);
  bool found = wanted.empty();
  if (const dns::Names* names = invocation.services.names)
    for (const auto& resolver : names->resolvers()) {
      if (!wanted.empty() && resolver->config().name != wanted) continue;
      found = true;
      show(invocation, *resolver);
    }
  if (!found) invocation.say("Can't find that resolvers section");
  if (invocation.services.names && !invocation.services.names->resolvers().empty() && found) invocation.say("");
}

constexpr CommandRow kRows[] = {
    {.name = "show resolvers",
     .usage = "[id]",
     .doc = "dumps counters from all resolvers section and associated name servers",
     .run = show_resolvers},
};
const base::Registered<CommandRow> kEnrol(kRows);

}  // namespace
}  // namespace lbd::cli
