// show reloads, show ids: what a monitoring program wants to know of the configuration: whether one that was to follow
// could not be used, and which numbers it gives to proxies, listeners and servers itself (`id`).
#include <fmt/format.h>

#include "lbd/cli/command.h"
#include "lbd/cli/time_text.h"

namespace lbd::cli {
namespace {

void show_reloads(Invocation& invocation) {
  const auto& failed = invocation.services.statistics.facts().failed_reloads;
  invocation.say(fmt::format("failed: {}", failed.count));
  if (!failed.why.empty()) invocation.say(fmt::format("last: {} {}", date_text(failed.last, 3), failed.why));
}

// Names have no blank.
void show_ids(Invocation& invocation) {
  for (const auto& proxy : invocation.services.statistics.source().config().proxies) {
    if (proxy->is_defaults) continue;
    if (proxy->own_id) invocation.say(fmt::format("proxy {} {}", proxy->name, proxy->id));
    if (const server::Frontend* frontend = invocation.services.objects.frontend(proxy.get()))
      for (const auto& listener : frontend->listeners())
        if (listener->bind.id)
          invocation.say(fmt::format("listener {}/{} {}", proxy->name, listener->name, listener->number()));
    if (const server::Backend* backend = invocation.services.objects.backend(proxy.get()))
      for (const auto& server : backend->servers())
        if (server->config().own_id)
          invocation.say(fmt::format("server {}/{} {}", proxy->name, server->name(), server->config().id));
  }
}

constexpr CommandRow kRows[] = {
    {.name = "show reloads", .doc = "report reloads that failed", .run = show_reloads},
    {.name = "show ids", .doc = "report the numbers that 'id' words give", .run = show_ids},
};
const base::Registered<CommandRow> kEnrol(kRows);

}  // namespace
}  // namespace lbd::cli
