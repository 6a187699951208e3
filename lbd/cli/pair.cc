// show pair, show all: the pair that this node belongs to, and everything that there is to know, for programs.
#include <fmt/format.h>

#include "lbd/cli/command.h"
#include "lbd/cli/time_text.h"
#include "lbd/stats/render.h"

namespace lbd::cli {
namespace {

void show_pair(Invocation& invocation) {
  const stats::Pair& pair = invocation.services.statistics.pair();
  if (invocation.argument(0) == "json") return invocation.say(render_pair_json(pair));
  invocation.say(fmt::format("vrrpd: {}", pair.vrrpd.linked ? "linked" : "not there"));
  for (const stats::Pair::Instance& instance : pair.instances)
    invocation.say(fmt::format("  instance={} role={} priority={}/{} since={} reason=\"{}\"", instance.name,
                               name_of(instance.role), instance.priority, instance.base_priority,
                               date_text(instance.since, 3), instance.reason));
  invocation.say(fmt::format("syncd: {}", !pair.syncd.linked ? "not there" : pair.in_sync ? "in sync" : "linked"));
  for (const std::string& node : pair.syncd.objects("node")) {
    const std::string object = "node " + node;
    invocation.say(fmt::format(
        "  node={} state=\"{}\" in_sync={} updates_on_the_way={} configuration={}", node,
        pair.syncd.text(object, "state"), pair.syncd.number(object, "in_sync"),
        pair.syncd.number(object, "updates_on_the_way") + pair.syncd.number(object, "table_parts_on_the_way"),
        pair.syncd.text(object, "configuration")));
  }
}

void show_all(Invocation& invocation) {
  if (invocation.argument(0) != "json") return invocation.refuse("Expects 'json'.");
  invocation.answer += render_everything(invocation.services.statistics.view(), {});
}

constexpr CommandRow kRows[] = {
    {.name = "show pair", .usage = "[json]", .doc = "report the pair that this node belongs to", .run = show_pair},
    {.name = "show all", .usage = "json", .doc = "report process, pair and proxies in one object", .run = show_all},
};
const base::Registered<CommandRow> kEnrol(kRows);

}  // namespace
}  // namespace lbd::cli
