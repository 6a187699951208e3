// show peers: the nodes that the `peers` sections name, and which of them are there. What they say to each other goes
// through the syncd of both nodes, so that there is no state of a protocol to show. Manual: management.txt 9.3.
#include <fmt/format.h>

#include <algorithm>

#include "lbd/cli/command.h"
#include "lbd/cli/time_text.h"

namespace lbd::cli {
namespace {

// Some lbd of that node is known to be there.
bool is_there(const stats::Others& others, std::string_view node) {
  return std::any_of(others.all().begin(), others.all().end(),
                     [&](const auto& process) { return process.second.node == node; });
}

void show_section(Invocation& invocation, const config::Peers& section) {
  const stats::Others& others = invocation.services.statistics.others();
  const std::string& local = invocation.services.config.global.localpeer;
  invocation.say(fmt::format("[{}] id={} disabled={} shards={}", date_text(base::wall_now(), 3).substr(0, 20),
                             section.name, section.disabled ? 1 : 0, section.shards));
  for (const config::Peers::Peer& peer : section.peers) {
    const bool here = peer.name == local;
    const std::string address = peer.address   ? peer.address->to_string()
                                : section.bind ? section.bind->to_string()
                                               : "-";
    const std::string_view status = here || section.disabled ? "NONE" : is_there(others, peer.name) ? "ESTA" : "CONN";
    invocation.say(fmt::format("  id={}({}) addr={} status={}", peer.name, here ? "local" : "remote", address, status));
  }
  for (const config::StickTable* table : invocation.services.config.stick_tables)
    if (table->peers == section.name) invocation.say(fmt::format("    table id={}", table->name));
}

void show_peers(Invocation& invocation) {
  size_t at = invocation.argument(0) == "dict" || invocation.argument(0) == "-" ? 1 : 0;
  const std::string_view wanted = invocation.argument(at);
  bool found = false;
  for (const config::Peers& section : invocation.services.config.peers) {
    if (!wanted.empty() && section.name != wanted) continue;
    show_section(invocation, section);
    found = true;
  }
  if (!wanted.empty() && !found) invocation.refuse("No such peers");
}

constexpr CommandRow kRows[] = {
    {.name = "show peers",
     .usage = "[dict|-] [section]",
     .doc = "dump some information about all the peers or this peers section",
     .run = show_peers},
};
const base::Registered<CommandRow> kEnrol(kRows);

}  // namespace
}  // namespace lbd::cli
