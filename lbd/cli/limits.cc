// set maxconn, set timeout, clear counters: limits that may change at run time, and what has been counted.
#include "base/strings.h"
#include "lbd/cli/command.h"

namespace lbd::cli {
namespace {

void set_maxconn_server(Invocation& invocation) {
  server::Server* server = find_server(invocation, invocation.argument(0));
  if (!server) return;
  if (invocation.argument(1).empty()) return invocation.refuse("Require <maxconn>.");
  auto limit = base::parse_int<uint32_t>(invocation.argument(1));
  if (!limit) return invocation.refuse("maxconn string empty or preceded by garbage");
  server->set_maxconn(*limit);
}

void set_maxconn_frontend(Invocation& invocation) {
  if (invocation.argument(0).empty()) return invocation.refuse("A frontend name is expected.");
  server::Frontend* frontend = invocation.services.objects.find_frontend(invocation.argument(0));
  if (!frontend) return invocation.refuse("No such frontend.");
  auto limit = base::parse_int<uint32_t>(invocation.argument(1));
  if (!limit) return invocation.refuse("Integer value expected.");
  frontend->maxconn = *limit;
  invocation.services.host.limits_raised();
}

void set_maxconn_global(Invocation& invocation) {
  auto limit = base::parse_int<uint32_t>(invocation.argument(0));
  if (!limit) return invocation.refuse("Expects an integer value.");
  stats::ProcessFacts& facts = invocation.services.statistics.facts();
  // What the limits of the process at start allow is the most.
  if (*limit > facts.hard_maxconn) return invocation.refuse("Value out of range.");
  facts.maxconn = *limit ? *limit : facts.hard_maxconn;
  if (invocation.services.process_maxconn) *invocation.services.process_maxconn = facts.maxconn;
  invocation.services.host.limits_raised();
}

void set_rate_limit(Invocation& invocation) {
  const Services& services = invocation.services;
  const std::string_view what = invocation.argument(0);
  std::atomic<uint32_t>* limit = what == "connections"        ? &services.rates->connections.most
                                 : what == "sessions"         ? &services.rates->sessions.most
                                 : what == "ssl-sessions"     ? &services.tls->meter().most_accepted
                                 : what == "http-compression" ? &services.compression->most_kilobytes
                                                              : nullptr;
  if (!limit || invocation.argument(1) != "global")
    return invocation.refuse(
        "'set rate-limit' only supports :\n"
        "   - 'connections global' to set the per-process maximum connection rate\n"
        "   - 'sessions global' to set the per-process maximum session rate\n"
        "   - 'ssl-sessions global' to set the per-process maximum SSL session rate\n"
        "   - 'http-compression global' to set the per-process maximum compression speed in kB/s");
  const auto rate = base::parse_int<uint32_t>(invocation.argument(2));
  if (!rate) return invocation.refuse("Expects an integer value.");
  *limit = *rate;
}

void set_timeout(Invocation& invocation) {
  if (invocation.argument(0) != "cli") return invocation.refuse("'set timeout' only supports 'cli'.");
  std::string_view text = invocation.argument(1);
  if (text.empty()) return invocation.refuse("Expects an integer value.");
  // A number of seconds, or with a unit.
  int64_t unit_ms = 1000;
  struct Unit {
    std::string_view suffix;
    int64_t milliseconds;
  };
  for (const Unit& unit : {Unit{"ms", 1}, Unit{"s", 1000}, Unit{"m", 60000}, Unit{"h", 3600000}, Unit{"d", 86400000}})
    if (text.ends_with(unit.suffix)) {
      unit_ms = unit.milliseconds;
      text.remove_suffix(unit.suffix.size());
      break;
    }
  auto count = base::parse_int<uint32_t>(text);
  if (!count || *count == 0) return invocation.refuse("Invalid timeout value.");
  invocation.session.timeout = base::Millis(*count * unit_ms);
}

// clear counters [all]
void clear_counters(Invocation& invocation) {
  bool all = invocation.argument(0) == "all";
  if (all && !invocation.allowed(Level::admin)) return;
  invocation.services.statistics.clear(all);
  invocation.services.host.clear_counters(all);
}

constexpr CommandRow kRows[] = {
    {.name = "clear counters",
     .usage = "[all]",
     .doc = "clear max statistics counters (or all counters)",
     .level = Level::operator_,
     .run = clear_counters},
    {.name = "set maxconn server",
     .usage = "<bk>/<srv>",
     .doc = "change a server's maxconn setting",
     .level = Level::admin,
     .run = set_maxconn_server},
    {.name = "set maxconn frontend",
     .usage = "<frontend> <value>",
     .doc = "change a frontend's maxconn setting",
     .level = Level::admin,
     .run = set_maxconn_frontend},
    {.name = "set maxconn global",
     .usage = "<value>",
     .doc = "change the per-process maxconn setting",
     .level = Level::admin,
     .run = set_maxconn_global},
    {.name = "set rate-limit",
     .usage = "<setting> <value>",
     .doc = "change a rate limiting value",
     .level = Level::admin,
     .run = set_rate_limit},
    {.name = "set timeout", .usage = "[cli] <delay>", .doc = "change a timeout setting", .run = set_timeout},
};
const base::Registered<CommandRow> kEnrol(kRows);

}  // namespace
}  // namespace lbd::cli
