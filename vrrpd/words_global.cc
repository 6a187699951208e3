// The words of global_defs, and the blocks of the file.
#include <utility>

#include "vrrpd/words.h"

namespace vrrpd {
namespace {

using Global = GlobalConfig;

// For words of keepalived that have nothing to act on here.
void quiet(Global&, Args&) {}
void no_mail(Global&, Args& args) {
  args.diagnostics().report(cfg::Severity::diag, args.block().words[0].loc, "no mail is sent; use notify scripts");
}
void no_ipvs(Global&, Args& args) {
  args.no_effect("there is no IPVS here; lbd balances");
}
void no_bfd(Global&, Args& args) {
  args.no_effect("BFD is not spoken");
}
void no_firewall(Global&, Args& args) {
  args.no_effect("no firewall rules are made");
}
void no_fifo(Global&, Args& args) {
  args.no_effect("there is no notify fifo yet; use notify scripts");
}
void no_bus(Global&, Args& args) {
  args.no_effect("use the metrics and lbctl");
}
void no_vmac(Global&, Args& args) {
  args.no_effect("virtual MAC addresses are not supported yet");
}
void no_schedule(Global&, Args& args) {
  args.no_effect("scheduling is not changed yet");
}
void not_needed(Global&, Args& args) {
  args.no_effect("not needed here");
}
void not_yet(Global&, Args& args) {
  args.no_effect("not supported yet");
}

constexpr GlobalWord kMail[] = {
    {.name = "notification_email", .doc = "Receivers of mail.", .parse = no_mail},
    {.name = "notification_email_from", .doc = "Sender of mail.", .parse = no_mail},
    {.name = "smtp_server", .doc = "Mail server.", .parse = no_mail},
    {.name = "smtp_helo_name", .doc = "Name said to the mail server.", .parse = no_mail},
    {.name = "smtp_connect_timeout", .doc = "Patience with the mail server.", .parse = no_mail},
    {.name = "smtp_alert", .doc = "Mail.", .parse = no_mail},
    {.name = "smtp_alert_vrrp", .doc = "Mail.", .parse = no_mail},
    {.name = "smtp_alert_checker", .doc = "Mail.", .parse = no_mail},
    {.name = "no_email_faults", .doc = "Mail.", .parse = no_mail},
    {.name = "no_checker_emails", .doc = "Mail.", .parse = no_mail},
};

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
    {.name = "default_interface",
     .doc = "Interface of what names none.",
     .parse = [](Global& g, Args& a) { a.text(g.default_interface, "an interface"), a.expect_end(); }},
    {.name = "dynamic_interfaces", .doc = "Nothing: an interface may always appear later.", .parse = quiet},
    {.name = "log_unknown_vrids", .doc = "Nothing: foreign VRIDs are counted and logged.", .parse = quiet},
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
    {.name = "vrrp_garp_extra_if", .doc = "Announcements on further interfaces.", .parse = not_needed},
};

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
    {.name = "notify_fifo", .doc = "Notifications into a fifo.", .parse = no_fifo},
    {.name = "notify_fifo_script", .doc = "The reader of that fifo.", .parse = no_fifo},
    {.name = "vrrp_notify_fifo", .doc = "Notifications into a fifo.", .parse = no_fifo},
    {.name = "vrrp_notify_fifo_script", .doc = "The reader of that fifo.", .parse = no_fifo},
    {.name = "fifo_write_vrrp_states_on_reload", .doc = "States into the fifo.", .parse = no_fifo},
    {.name = "vrrp_notify_priority_changes", .doc = "Priorities into the fifo.", .parse = no_fifo},
    {.name = "startup_script", .doc = "Script at the start.", .parse = not_yet},
    {.name = "startup_script_timeout", .doc = "Its time limit.", .parse = not_yet},
    {.name = "shutdown_script", .doc = "Script at the end.", .parse = not_yet},
    {.name = "shutdown_script_timeout", .doc = "Its time limit.", .parse = not_yet},
};

constexpr GlobalWord kTandem[] = {
    {.name = "tandem_lbd_socket",
     .doc = "Tandem: where the local lbd answers.",
     .parse = [](Global& g, Args& a) { a.text(g.lbd_socket, "a path"), a.expect_end(); }},
    {.name = "tandem_socket",
     .doc = "Tandem: where vrrpd tells its states.",
     .parse = [](Global& g, Args& a) { a.text(g.socket, "a path"), a.expect_end(); }},
    {.name = "tandem_dump_file",
     .doc = "Tandem: what SIGUSR1 writes.",
     .parse = [](Global& g, Args& a) { a.text(g.dump_file, "a path"), a.expect_end(); }},
    {.name = "tandem_stats_file",
     .doc = "Tandem: what SIGUSR2 writes.",
     .parse = [](Global& g, Args& a) { a.text(g.stats_file, "a path"), a.expect_end(); }},
};

constexpr GlobalWord kWithoutEffect[] = {
    {.name = "max_auto_priority", .doc = "Rise to real-time priority.", .parse = no_schedule},
    {.name = "min_auto_priority_delay", .doc = "When to.", .parse = no_schedule},
    {.name = "vrrp_priority", .doc = "Niceness.", .parse = no_schedule},
    {.name = "vrrp_rt_priority", .doc = "Real-time priority.", .parse = no_schedule},
    {.name = "vrrp_rlimit_rttime", .doc = "Limit of real-time.", .parse = no_schedule},
    {.name = "vrrp_rlimit_rtime", .doc = "Limit of real-time.", .parse = no_schedule},
    {.name = "vrrp_no_swap", .doc = "Keep in memory.", .parse = no_schedule},
    {.name = "vrrp_cpu_affinity", .doc = "Stay on these processors.", .parse = no_schedule},
    {.name = "vrrp_iptables", .doc = "Firewall.", .parse = no_firewall},
    {.name = "vrrp_ipsets", .doc = "Firewall.", .parse = no_firewall},
    {.name = "nftables", .doc = "Firewall.", .parse = no_firewall},
    {.name = "nftables_priority", .doc = "Firewall.", .parse = no_firewall},
    {.name = "nftables_counters", .doc = "Firewall.", .parse = no_firewall},
    {.name = "nftables_ifindex", .doc = "Firewall.", .parse = no_firewall},
    {.name = "disable_local_igmp", .doc = "No IGMP reports.", .parse = no_firewall},
    {.name = "vmac_prefix", .doc = "Names of virtual MACs.", .parse = no_vmac},
    {.name = "vmac_addr_prefix", .doc = "Names of virtual MACs.", .parse = no_vmac},
    {.name = "enable_snmp_vrrp", .doc = "SNMP.", .parse = no_bus},
    {.name = "enable_snmp_keepalived", .doc = "SNMP.", .parse = no_bus},
    {.name = "enable_snmp_checker", .doc = "SNMP.", .parse = no_bus},
    {.name = "enable_snmp_rfc", .doc = "SNMP.", .parse = no_bus},
    {.name = "enable_snmp_rfcv2", .doc = "SNMP.", .parse = no_bus},
    {.name = "enable_snmp_rfcv3", .doc = "SNMP.", .parse = no_bus},
    {.name = "enable_traps", .doc = "SNMP.", .parse = no_bus},
    {.name = "snmp_socket", .doc = "SNMP.", .parse = no_bus},
    {.name = "enable_dbus", .doc = "D-Bus.", .parse = no_bus},
    {.name = "dbus_service_name", .doc = "D-Bus.", .parse = no_bus},
    {.name = "lvs_sync_daemon", .doc = "IPVS.", .parse = no_ipvs},
    {.name = "lvs_timeouts", .doc = "IPVS.", .parse = no_ipvs},
    {.name = "lvs_flush", .doc = "IPVS.", .parse = no_ipvs},
    {.name = "lvs_flush_on_stop", .doc = "IPVS.", .parse = no_ipvs},
    {.name = "lvs_notify_fifo", .doc = "IPVS.", .parse = no_ipvs},
    {.name = "lvs_notify_fifo_script", .doc = "IPVS.", .parse = no_ipvs},
    {.name = "checker_priority", .doc = "IPVS.", .parse = no_ipvs},
    {.name = "checker_rt_priority", .doc = "IPVS.", .parse = no_ipvs},
    {.name = "checker_rlimit_rttime", .doc = "IPVS.", .parse = no_ipvs},
    {.name = "checker_no_swap", .doc = "IPVS.", .parse = no_ipvs},
    {.name = "checker_cpu_affinity", .doc = "IPVS.", .parse = no_ipvs},
    {.name = "checker_log_all_failures", .doc = "IPVS.", .parse = no_ipvs},
    {.name = "bfd_priority", .doc = "BFD.", .parse = no_bfd},
    {.name = "bfd_rt_priority", .doc = "BFD.", .parse = no_bfd},
    {.name = "bfd_rlimit_rttime", .doc = "BFD.", .parse = no_bfd},
    {.name = "bfd_no_swap", .doc = "BFD.", .parse = no_bfd},
    {.name = "bfd_cpu_affinity", .doc = "BFD.", .parse = no_bfd},
    {.name = "process_names", .doc = "Names of processes.", .parse = not_needed},
    {.name = "process_name", .doc = "Names of processes.", .parse = not_needed},
    {.name = "vrrp_process_name", .doc = "Names of processes.", .parse = not_needed},
    {.name = "checker_process_name", .doc = "Names of processes.", .parse = not_needed},
    {.name = "bfd_process_name", .doc = "Names of processes.", .parse = not_needed},
    {.name = "child_wait_time", .doc = "Patience with processes.", .parse = not_needed},
    {.name = "tmp_config_directory", .doc = "Copy of the file.", .parse = not_needed},
    {.name = "config_save_dir", .doc = "Copies of the file.", .parse = not_needed},
    {.name = "umask", .doc = "Rights of files.", .parse = not_yet},
    {.name = "random_seed", .doc = "Of ${_RANDOM}.", .parse = not_needed},
    {.name = "use_pid_dir", .doc = "Place of pid files.", .parse = not_needed},
    {.name = "reload_check_config", .doc = "A wrong file is never loaded.", .parse = quiet},
    {.name = "include_check", .doc = "Say includer, includem, includew, includea.", .parse = not_needed},
    {.name = "reload_file", .doc = "File that marks a reload.", .parse = not_yet},
    {.name = "reload_time_file", .doc = "Reload at a time.", .parse = not_yet},
    {.name = "reload_repeat", .doc = "Reload at a time.", .parse = not_yet},
    {.name = "data_use_instance", .doc = "Names of dumps.", .parse = not_needed},
    {.name = "vrrp_rx_bufs_policy", .doc = "Receive buffers.", .parse = not_needed},
    {.name = "vrrp_rx_bufs_multiplier", .doc = "Receive buffers.", .parse = not_needed},
    {.name = "vrrp_netlink_cmd_rcv_bufs", .doc = "Receive buffers.", .parse = not_needed},
    {.name = "vrrp_netlink_cmd_rcv_bufs_force", .doc = "Receive buffers.", .parse = not_needed},
    {.name = "vrrp_netlink_monitor_rcv_bufs", .doc = "Receive buffers.", .parse = not_needed},
    {.name = "vrrp_netlink_monitor_rcv_bufs_force", .doc = "Receive buffers.", .parse = not_needed},
    {.name = "process_monitor_rcv_bufs", .doc = "Receive buffers.", .parse = not_needed},
    {.name = "process_monitor_rcv_bufs_force", .doc = "Receive buffers.", .parse = not_needed},
};

// Names of blocks must be there, and there once: the first stays.
template <typename Item>
Item* begin_item(std::vector<Item>& items, Args& args) {
  const auto name = args.next("a name");
  if (!name) return nullptr;
  args.expect_end();
  for (const Item& item : items) {
    if (item.name != name->text) continue;
    args.error(name->loc, fmt::format("{} '{}' is there twice; this one is ignored", args.block()[0], name->text));
    return nullptr;
  }
  Item& item = items.emplace_back();
  item.name = name->text;
  item.where = name->loc;
  return &item;
}

template <typename Item>
void parse_item(std::vector<Item>& items, Args& args) {
  Item* item = begin_item(items, args);
  if (item)
    apply_words(args.block().body, *item, fmt::format("{} {}", args.block()[0], item->name), args.diagnostics());
}

void no_balancing(Config& config, Args& args) {
  if (std::exchange(config.balancing_skipped, true)) return;
  args.diagnostics().warning(args.block().words[0].loc,
                             fmt::format("'{}' is skipped: there is no IPVS here", args.block()[0]),
                             "lbd does the balancing");
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
    {.name = "vrrp_track_process", .doc = "A process that must run.", .parse = later},
    {.name = "vrrp_track_file", .doc = "A file whose number counts.", .parse = later},
    {.name = "track_file", .doc = "A file whose number counts.", .parse = later},
    {.name = "static_ipaddress", .doc = "Addresses that stay.", .parse = later},
    {.name = "static_routes", .doc = "Routes that stay.", .parse = later},
    {.name = "static_rules", .doc = "Rules that stay.", .parse = later},
    {.name = "track_group", .doc = "Instances that static routes follow.", .parse = later},
    {.name = "garp_group", .doc = "Pace of announcements.", .parse = later},
    {.name = "interface_up_down_delays", .doc = "Patience with links.", .parse = later},
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

const base::Registered<GlobalWord> kEnrolMail(kMail);
const base::Registered<GlobalWord> kEnrolProtocol(kProtocol);
const base::Registered<GlobalWord> kEnrolAnnouncing(kAnnouncing);
const base::Registered<GlobalWord> kEnrolScripts(kScripts);
const base::Registered<GlobalWord> kEnrolTandem(kTandem);
const base::Registered<GlobalWord> kEnrolWithoutEffect(kWithoutEffect);
const base::Registered<TopWord> kEnrolTop(kTop);

}  // namespace

void apply_blocks(const std::vector<cfg::Block>& blocks, Config& config, cfg::Diagnostics& diagnostics) {
  apply_words(blocks, config, "the file", diagnostics);
}

}  // namespace vrrpd
