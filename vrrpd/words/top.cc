// The blocks of the file that are no tracker's.
#include <utility>

#include "vrrpd/words/words.h"

namespace vrrpd {
namespace {

void no_balancing(Config& config, Args& args) {
  if (std::exchange(config.balancing_skipped, true)) return;
  args.diagnostics().warning(args.block().words[0].loc,
                             fmt::format("'{}' is skipped: there is no IPVS here", args.block()[0]),
                             "lbd does the balancing");
}
void parse_garp_group(Config& config, Args& args) {
  args.expect_end();
  GarpGroup group;
  for (const cfg::Block& line : args.block().body) {
    if (line.words.empty()) continue;
    Args inner(line, args.diagnostics());
    if (line[0] == "garp_interval") {
      inner.seconds(group.garp_interval, 0, 1);
    } else if (line[0] == "gna_interval") {
      inner.seconds(group.gna_interval, 0, 1);
    } else if (line[0] == "interface") {
      inner.text(group.interfaces.emplace_back(), "an interface");
    } else if (line[0] == "interfaces") {
      for (const cfg::Word& word : inner.list()) group.interfaces.push_back(word.text);
    } else {
      inner.error(line.words[0].loc, fmt::format("unknown word '{}' in garp_group", line[0]),
                  cfg::did_you_mean(line[0], {"garp_interval", "gna_interval", "interface", "interfaces"}));
      continue;
    }
    inner.expect_end();
  }
  config.garp_groups.push_back(std::move(group));
}

void parse_link_delays(Config& config, Args& args) {
  constexpr double kMost = 255;
  args.expect_end();
  for (const cfg::Block& line : args.block().body) {
    if (line.words.empty()) continue;
    Args inner(line, args.diagnostics());
    LinkDelays delays;
    inner.seconds(delays.down, 0, kMost);
    delays.up = delays.down;
    if (inner.more()) inner.seconds(delays.up, 0, kMost);
    inner.expect_end();
    config.link_delays[std::string(line[0])] = delays;
  }
}

void later(Config&, Args& args) {
  args.no_effect("not supported yet");
}

constexpr TopWord kTop[] = {
    {.name = "global_defs",
     .doc = "What holds for all.",
     .parse = [](Config& c, Args& a) { apply_words(a.block().body, c.global, "global_defs", a.diagnostics()); }},
    {.name = "vrrp_instance",
     .doc = "A virtual router.",
     .parse = [](Config& c, Args& a) { parse_item(c.instances, a); }},
    {.name = "vrrp_sync_group",
     .doc = "Virtual routers that move together.",
     .parse = [](Config& c, Args& a) { parse_item(c.groups, a); }},
    {.name = "vrrp_script",
     .doc = "A script that is run again and again.",
     .parse = [](Config& c, Args& a) { parse_item(c.scripts, a); }},
    {.name = "virtual_server", .doc = "IPVS.", .parse = no_balancing},
    {.name = "virtual_server_group", .doc = "IPVS.", .parse = no_balancing},
    {.name = "lvs_sync_daemon", .doc = "IPVS.", .parse = no_balancing},
    {.name = "bfd_instance", .doc = "BFD.", .parse = [](Config&, Args& a) { a.no_effect("BFD is not spoken"); }},
    {.name = "static_ipaddress",
     .doc = "Addresses that stay.",
     .parse = [](Config& c, Args& a) { parse_addresses(c.static_addresses, a); }},
    {.name = "static_routes",
     .doc = "Routes that stay.",
     .parse = [](Config& c, Args& a) { parse_routes(c.static_routes.routes, a); }},
    {.name = "static_rules",
     .doc = "Rules of policy routing that stay.",
     .parse = [](Config& c, Args& a) { parse_rules(c.static_routes.rules, a); }},
    {.name = "track_group", .doc = "Instances that static routes follow.", .parse = later},
    {.name = "garp_group", .doc = "Pace of announcements.", .parse = parse_garp_group},
    {.name = "interface_up_down_delays", .doc = "Patience with links.", .parse = parse_link_delays},
    {.name = "linkbeat_interfaces",
     .doc = "Links to poll.",
     .parse = [](Config&, Args& a) { a.no_effect("the kernel tells of every link"); }},
    {.name = "linkbeat_use_polling",
     .doc = "Poll links.",
     .parse = [](Config&, Args& a) { a.no_effect("the kernel tells of every link"); }},
    {.name = "net_namespace", .doc = "Network namespace.", .parse = later},
    {.name = "net_namespace_ipvs", .doc = "IPVS.", .parse = no_balancing},
    {.name = "namespace_with_ipsets", .doc = "Firewall.", .parse = later},
    {.name = "instance", .doc = "Name of this process.", .parse = later},
    {.name = "use_pid_dir", .doc = "Place of pid files.", .parse = later},
    {.name = "child_wait_time", .doc = "Patience with processes.", .parse = later},
};

const base::Registered<TopWord> kEnrolTop(kTop);

}  // namespace

void apply_blocks(const std::vector<cfg::Block>& blocks, Config& config, cfg::Diagnostics& diagnostics) {
  apply_words(blocks, config, "the file", diagnostics);
}

}  // namespace vrrpd
