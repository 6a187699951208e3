// Words of global_defs that keepalived knows and that do nothing here; each says why.
#include "vrrpd/words/words.h"

namespace vrrpd {
namespace {

using Global = GlobalConfig;

// For words of keepalived that have nothing to act on here.
void quiet(Global&, Args&) {}
void no_ipvs(Global&, Args& args) {
  args.no_effect("there is no IPVS here; lbd balances");
}
void no_bfd(Global&, Args& args) {
  args.no_effect("BFD is not spoken");
}
void own_firewall(Global&, Args& args) {
  args.no_effect("what no_accept refuses is in a table of its own, tandem_vrrpd");
}
void no_igmp(Global&, Args& args) {
  args.no_effect("reports of IGMP are the kernel's");
}
void no_bus(Global&, Args& args) {
  args.no_effect("use the metrics and lbctl");
}
void not_needed(Global&, Args& args) {
  args.no_effect("not needed here");
}
void not_yet(Global&, Args& args) {
  args.no_effect("not supported yet");
}

constexpr GlobalWord kMail[] = {
    {.name = "notification_email", .doc = "Receivers of mail.", .parse = [](Global&, Args& a) { no_mail(a); }},
    {.name = "notification_email_from", .doc = "Sender of mail.", .parse = [](Global&, Args& a) { no_mail(a); }},
    {.name = "smtp_server", .doc = "Mail server.", .parse = [](Global&, Args& a) { no_mail(a); }},
    {.name = "smtp_helo_name", .doc = "Name said to the mail server.", .parse = [](Global&, Args& a) { no_mail(a); }},
    {.name = "smtp_connect_timeout",
     .doc = "Patience with the mail server.",
     .parse = [](Global&, Args& a) { no_mail(a); }},
    {.name = "smtp_alert", .doc = "Mail.", .parse = [](Global&, Args& a) { no_mail(a); }},
    {.name = "smtp_alert_vrrp", .doc = "Mail.", .parse = [](Global&, Args& a) { no_mail(a); }},
    {.name = "smtp_alert_checker", .doc = "Mail.", .parse = [](Global&, Args& a) { no_mail(a); }},
    {.name = "no_email_faults", .doc = "Mail.", .parse = [](Global&, Args& a) { no_mail(a); }},
    {.name = "no_checker_emails", .doc = "Mail.", .parse = [](Global&, Args& a) { no_mail(a); }},
};

constexpr GlobalWord kWithoutEffect[] = {
    {.name = "vrrp_iptables", .doc = "Firewall.", .parse = own_firewall},
    {.name = "vrrp_ipsets", .doc = "Firewall.", .parse = own_firewall},
    {.name = "nftables", .doc = "Firewall.", .parse = own_firewall},
    {.name = "nftables_ipvs", .doc = "IPVS.", .parse = no_ipvs},
    {.name = "nftables_ipvs_priority", .doc = "IPVS.", .parse = no_ipvs},
    {.name = "nftables_ipvs_start_fwmark", .doc = "IPVS.", .parse = no_ipvs},
    {.name = "nftables_priority", .doc = "Firewall.", .parse = own_firewall},
    {.name = "nftables_counters", .doc = "Firewall.", .parse = own_firewall},
    {.name = "nftables_ifindex", .doc = "Firewall.", .parse = own_firewall},
    {.name = "disable_local_igmp", .doc = "No IGMP reports.", .parse = no_igmp},
    {.name = "vmac_addr_prefix", .doc = "Names of virtual MACs.", .parse = not_needed},
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
    {.name = "lvs_netlink_cmd_rcv_bufs", .doc = "IPVS.", .parse = no_ipvs},
    {.name = "lvs_netlink_cmd_rcv_bufs_force", .doc = "IPVS.", .parse = no_ipvs},
    {.name = "lvs_netlink_monitor_rcv_bufs", .doc = "IPVS.", .parse = no_ipvs},
    {.name = "lvs_netlink_monitor_rcv_bufs_force", .doc = "IPVS.", .parse = no_ipvs},
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
    {.name = "random_seed", .doc = "Of ${_RANDOM}.", .parse = not_needed},
    {.name = "use_pid_dir", .doc = "Place of pid files.", .parse = not_needed},
    {.name = "dynamic_interfaces", .doc = "Nothing: an interface may always appear later.", .parse = quiet},
    {.name = "log_unknown_vrids", .doc = "Nothing: foreign VRIDs are counted and logged.", .parse = quiet},
    {.name = "reload_check_config", .doc = "A wrong file is never loaded.", .parse = quiet},
    {.name = "include_check", .doc = "Say includer, includem, includew, includea.", .parse = not_needed},
    {.name = "use_symlink_paths", .doc = "Paths of scripts.", .parse = not_needed},
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

const base::Registered<GlobalWord> kEnrolMail(kMail);
const base::Registered<GlobalWord> kEnrolWithoutEffect(kWithoutEffect);

}  // namespace
}  // namespace vrrpd
