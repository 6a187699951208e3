// show events, show startup-logs: what has happened to proxies and servers, and what was said at the start.
//
// Rings are sinks: buf0, the last lines that also go to the `log` targets of the proxies, and `ring` sections. With -w
// new ones are shown as they come, until the client sends something; -n leaves out the old ones. Manual:
// management.txt 9.3.
#include <fmt/format.h>

#include "lbd/cli/command.h"

namespace lbd::cli {
namespace {

constexpr size_t kPiece = 100;

const log::Ring* find_ring(const Services& services, std::string_view name) {
  for (const log::Ring* ring : services.rings)
    if (ring->options().name == name) return ring;
  return nullptr;
}

void list_rings(Invocation& invocation) {
  invocation.say("Supported events sinks are listed below. Add -w(wait), -n(new). Any key to stop");
  for (const log::Ring* ring : invocation.services.rings)
    invocation.say(fmt::format("    {:<10} : type=buffer, {} dropped, {}", ring->options().name, ring->dropped(),
                               ring->options().description));
}

void show_events(Invocation& invocation) {
  const std::string_view sink = invocation.argument(0);
  if (sink.empty()) return list_rings(invocation);
  const log::Ring* ring = find_ring(invocation.services, sink);
  if (!ring) return invocation.refuse("No such event sink");
  bool wait = false, only_new = false;
  for (size_t i = 1; i < invocation.argument_count(); ++i) {
    const std::string_view option = invocation.argument(i);
    if (!option.starts_with('-')) continue;
    wait = wait || option.find('w') != std::string_view::npos;
    only_new = only_new || option.find('n') != std::string_view::npos;
  }
  invocation.more = [ring, wait, at = only_new ? ring->next() : uint64_t{0},
                     wake = invocation.wake](std::string& answer) mutable {
    const auto lines = ring->from(at, kPiece);
    for (const log::Ring::Line& line : lines) {
      answer += line.text;
      answer += '\n';
      at = line.number + 1;
    }
    if (lines.size() == kPiece) return More::there_is;
    if (!wait) return More::done;
    ring->call_at(at, wake);
    return More::watches;
  };
}

void show_startup_logs(Invocation& invocation) {
  invocation.answer += invocation.services.startup_log;
  invocation.answer += '\n';
}

constexpr CommandRow kRows[] = {
    {.name = "show events", .usage = "[<sink>] [-w] [-n]", .doc = "show event sink state", .run = show_events},
    {.name = "show startup-logs",
     .doc = "report logs emitted during HAProxy startup",
     .level = Level::operator_,
     .run = show_startup_logs},
};
const base::Registered<CommandRow> kEnrol(kRows);

}  // namespace
}  // namespace lbd::cli
