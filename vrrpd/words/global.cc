// The words of global_defs that do something.
#include "base/strings.h"
#include "vrrpd/words/words.h"

namespace vrrpd {
namespace {

using Global = GlobalConfig;

constexpr GlobalWord kProtocol[] = {
    {.name = "router_id",
     .doc = "The name of this node.",
     .parse = [](Global& g, Args& a) { a.text(g.router_id, "a name"), a.expect_end(); }},
    {.name = "lvs_id",
     .doc = "Old name of router_id.",
     .parse = [](Global& g, Args& a) { a.text(g.router_id, "a name"), a.expect_end(); }},
    {.name = "vrrp_version",
     .doc = "Version of IPv4 instances that name none.",
     .parse = [](Global& g, Args& a) { a.number(g.version, 2, 3), a.expect_end(); }},
    {.name = "vrrp_mcast_group4",
     .doc = "Multicast group of IPv4.",
     .parse = [](Global& g, Args& a) { a.address(g.group_v4), a.expect_end(); }},
    {.name = "vrrp_mcast_group6",
     .doc = "Multicast group of IPv6.",
     .parse = [](Global& g, Args& a) { a.address(g.group_v6), a.expect_end(); }},
    {.name = "vrrp_skip_check_adv_addr",
     .doc = "Do not compare the addresses of adverts.",
     .parse = [](Global& g, Args& a) { a.boolean(g.skip_check_addresses), a.expect_end(); }},
    {.name = "vrrp_strict",
     .doc = "Follow the RFC to the letter.",
     .parse = [](Global& g, Args& a) { a.boolean(g.strict), a.expect_end(); }},
    {.name = "vrrp_check_unicast_src",
     .doc = "Take adverts from the unicast peers only; the default.",
     .parse = [](Global& g, Args& a) { a.boolean(g.check_unicast_source), a.expect_end(); }},
    {.name = "vrrp_lower_prio_no_advert",
     .doc = "Do not answer an advert of lower priority with an own one.",
     .parse = [](Global& g, Args& a) { a.boolean(g.lower_prio_no_advert), a.expect_end(); }},
    {.name = "vrrp_higher_prio_send_advert",
     .doc = "Advertise once more before giving way.",
     .parse = [](Global& g, Args& a) { a.boolean(g.higher_prio_send_advert), a.expect_end(); }},
    {.name = "v3_checksum_as_v2",
     .doc = "Checksum of VRRPv3 over IPv4 without pseudo-header.",
     .parse = [](Global& g, Args& a) { a.boolean(g.v3_checksum_plain), a.expect_end(); }},
    {.name = "vrrp_down_timer_adverts",
     .doc = "Missed adverts until the master counts as gone.",
     .parse = [](Global& g, Args& a) { a.number(g.down_adverts, 1, 100), a.expect_end(); }},
    {.name = "vrrp_startup_delay",
     .doc = "Seconds to wait before the first election.",
     .parse = [](Global& g, Args& a) { a.seconds(g.startup_delay, 0, 1000), a.expect_end(); }},
    {.name = "vrrp_delay_after_boot",
     .doc = "Seconds after the start of the machine before which there is no election.",
     .parse = [](Global& g, Args& a) { a.seconds(g.delay_after_boot, 0, 86400), a.expect_end(); }},
    {.name = "vmac_prefix",
     .doc = "What the names of interfaces with virtual MAC addresses begin with.",
     .parse = [](Global& g, Args& a) { a.text(g.vmac_prefix, "a name"), a.expect_end(); }},
    {.name = "default_interface",
     .doc = "Interface of what names none.",
     .parse = [](Global& g, Args& a) { a.text(g.default_interface, "an interface"), a.expect_end(); }},
};

void parse_min_garp(Global& global, Args& args) {
  bool on = false;
  args.boolean(on);
  args.expect_end();
  if (!on) return;
  global.announcements.master_repeat = 1;
  global.announcements.master_delay = {};
  global.announcements.lower_prio_repeat = 1;
  global.announcements.lower_prio_delay = {};
  global.lower_prio_delay_set = global.lower_prio_repeat_set = true;
}

void parse_lower_delay(Global& global, Args& args) {
  args.seconds(global.announcements.lower_prio_delay, 0, 3600);
  args.expect_end();
  global.lower_prio_delay_set = true;
}

void parse_lower_repeat(Global& global, Args& args) {
  args.number(global.announcements.lower_prio_repeat, 0, 255);
  args.expect_end();
  global.lower_prio_repeat_set = true;
}

constexpr GlobalWord kAnnouncing[] = {
    {.name = "vrrp_garp_master_delay",
     .doc = "Seconds until the second round of announcements.",
     .parse = [](Global& g, Args& a) { a.seconds(g.announcements.master_delay, 0, 3600), a.expect_end(); }},
    {.name = "vrrp_garp_master_repeat",
     .doc = "Announcements in a round.",
     .parse = [](Global& g, Args& a) { a.number(g.announcements.master_repeat, 0, 255), a.expect_end(); }},
    {.name = "vrrp_garp_extra_if",
     .doc = "Seconds between announcements on interfaces that no advert leaves by: those with a virtual MAC, or 'all'.",
     .parse =
         [](Global& g, Args& a) {
           g.announcements.extra_everywhere = a.take_if("all");
           a.seconds(g.announcements.extra, 0, 86400);
           a.expect_end();
         }},
    {.name = "vrrp_garp_master_refresh",
     .doc = "Seconds between announcements while master.",
     .parse = [](Global& g, Args& a) { a.seconds(g.announcements.refresh, 0, 86400), a.expect_end(); }},
    {.name = "vrrp_garp_master_refresh_repeat",
     .doc = "Announcements in such a round.",
     .parse = [](Global& g, Args& a) { a.number(g.announcements.refresh_repeat, 1, 255), a.expect_end(); }},
    {.name = "vrrp_garp_lower_prio_delay",
     .doc = "Seconds until the second round after a master of lower priority was heard.",
     .parse = parse_lower_delay},
    {.name = "vrrp_garp_lower_prio_repeat", .doc = "Announcements in such a round.", .parse = parse_lower_repeat},
    {.name = "vrrp_garp_interval",
     .doc = "Seconds between two gratuitous ARPs on an interface.",
     .parse = [](Global& g, Args& a) { a.seconds(g.garp_interval, 0, 1), a.expect_end(); }},
    {.name = "vrrp_gna_interval",
     .doc = "Seconds between two unsolicited NAs on an interface.",
     .parse = [](Global& g, Args& a) { a.seconds(g.gna_interval, 0, 1), a.expect_end(); }},
    {.name = "vrrp_min_garp", .doc = "One announcement and no second round.", .parse = parse_min_garp},
};

void parse_umask(Global& global, Args& args) {
  const auto word = args.next("an octal number");
  if (!word) return;
  const auto mask = base::parse_int<unsigned>(word->text, 8);
  if (mask && *mask <= 0777)
    global.umask = *mask;
  else
    args.error(word->loc, fmt::format("'{}' is not an octal number up to 777", word->text));
  args.expect_end();
}

constexpr GlobalWord kScripts[] = {
    {.name = "script_user",
     .doc = "Whose rights scripts get.",
     .parse =
         [](Global& g, Args& a) {
           a.text(g.script_user, "a user");
           if (a.more()) a.text(g.script_group, "a group");
           a.expect_end();
         }},
    {.name = "enable_script_security",
     .doc = "Run no script as root that others may change.",
     .parse = [](Global& g, Args&) { g.script_security = true; }},
    {.name = "set_supplementary_groups",
     .doc = "Scripts are in all groups of their user.",
     .parse = [](Global& g, Args&) { g.supplementary_groups = true; }},
    {.name = "reload_file",
     .doc = "File that exists while the configuration is read.",
     .parse =
         [](Global& g, Args& a) {
           g.reload_file = "/run/keepalived.reload";
           if (a.more()) a.text(g.reload_file, "a path");
           a.expect_end();
         }},
    {.name = "startup_script",
     .doc = "Script before the election begins.",
     .parse = [](Global& g, Args& a) { a.command(g.startup_script); }},
    {.name = "startup_script_timeout",
     .doc = "Seconds that it may take.",
     .parse = [](Global& g, Args& a) { a.seconds(g.startup_script_timeout, 0.01, 1000), a.expect_end(); }},
    {.name = "shutdown_script",
     .doc = "Script before the end.",
     .parse = [](Global& g, Args& a) { a.command(g.shutdown_script); }},
    {.name = "shutdown_script_timeout",
     .doc = "Seconds that it may take.",
     .parse = [](Global& g, Args& a) { a.seconds(g.shutdown_script_timeout, 0.01, 1000), a.expect_end(); }},
    {.name = "umask", .doc = "Rights that new files do not get.", .parse = parse_umask},
};

void parse_syncd_socket(Global& g, Args& a) {
  a.text(g.syncd_socket, "a path");
  if (g.syncd_socket == "none") g.syncd_socket.clear();
  a.expect_end();
}

constexpr GlobalWord kTandem[] = {
    {.name = "tandem_pair",
     .doc = "Tandem: every instance has one other router only.",
     .parse = [](Global& g, Args& a) { a.boolean(g.pair), a.expect_end(); }},
    {.name = "tandem_lbd_socket",
     .doc = "Tandem: where the local lbd answers.",
     .parse = [](Global& g, Args& a) { a.text(g.lbd_socket, "a path"), a.expect_end(); }},
    {.name = "tandem_socket",
     .doc = "Tandem: where vrrpd tells its states.",
     .parse = [](Global& g, Args& a) { a.text(g.socket, "a path"), a.expect_end(); }},
    {.name = "tandem_syncd_socket",
     .doc = "Tandem: where the local syncd answers, through which the vrrpd of the nodes speak to each other; none: "
            "nowhere.",
     .parse = parse_syncd_socket},
    {.name = "tandem_dump_file",
     .doc = "Tandem: what SIGUSR1 writes.",
     .parse = [](Global& g, Args& a) { a.text(g.dump_file, "a path"), a.expect_end(); }},
    {.name = "tandem_stats_file",
     .doc = "Tandem: what SIGUSR2 writes.",
     .parse = [](Global& g, Args& a) { a.text(g.stats_file, "a path"), a.expect_end(); }},
};

const base::Registered<GlobalWord> kEnrolProtocol(kProtocol);
const base::Registered<GlobalWord> kEnrolAnnouncing(kAnnouncing);
const base::Registered<GlobalWord> kEnrolScripts(kScripts);
const base::Registered<GlobalWord> kEnrolTandem(kTandem);

}  // namespace
}  // namespace vrrpd
