#include "vrrpd/words/words.h"

#include <gtest/gtest.h>

#include <functional>
#include <set>

#include "vrrpd/track/tracker.h"

namespace vrrpd {
namespace {

using base::Family;
using base::Millis;
using base::Seconds;

struct Loaded {
  std::shared_ptr<Config> config = std::make_shared<Config>();
  cfg::Diagnostics diagnostics;

  explicit Loaded(const std::string& text) {
    cfg::BlockContext context;
    context.id = "main";
    const cfg::Source* source = config->sources.add("test.conf", text);
    apply_blocks(cfg::parse_blocks(config->sources, *source, context, diagnostics), *config, diagnostics);
    check(*config, diagnostics);
  }
};

// The only instance of a file that has these lines in it.
struct Instance : Loaded {
  explicit Instance(const std::string& lines, const std::string& before = "")
      : Loaded(before + "vrrp_instance VI_1 {\n virtual_router_id 51\n interface eth0\n" + lines +
               (lines.find("virtual_ipaddress ") == std::string::npos ? "\n virtual_ipaddress { 10.0.0.1/24 }\n}\n"
                                                                      : "\n}\n")) {}
  const InstanceConfig& operator*() const { return config->instances.at(0); }
  const InstanceConfig* operator->() const { return &config->instances.at(0); }
};

TEST(Words, ARealFile) {
  Loaded loaded(R"(! Configuration File for keepalived
global_defs {
   notification_email {
     sysadmin@example.com
   }
   notification_email_from keepalived@example.com
   smtp_server 127.0.0.1
   smtp_connect_timeout 30
   router_id LVS_DEVEL
   vrrp_skip_check_adv_addr
   vrrp_garp_interval 0.5
   vrrp_gna_interval 0
   script_user root
   enable_script_security
}
vrrp_script chk_haproxy
{
    script "killall -0 haproxy"
    interval 2
    weight 2
    fall 3
}
vrrp_instance VI_1 {
    state MASTER
    interface eth0
    virtual_router_id 51
    priority 101
    advert_int 1
    authentication {
        auth_type PASS
        auth_pass 1111
    }
    virtual_ipaddress {
        192.168.200.16
        192.168.200.17/24 brd 192.168.200.255 dev eth1 label eth1:1 scope link
    }
    track_script {
        chk_haproxy
    }
    track_interface {
        eth1 weight -20
    }
    notify_master "/etc/keepalived/notify.sh master 'two words'" nobody nogroup
    garp_master_delay 10
}
)");
  EXPECT_EQ(loaded.diagnostics.render(), "");
  const GlobalConfig& global = loaded.config->global;
  EXPECT_EQ(global.router_id, "LVS_DEVEL");
  EXPECT_EQ(global.script_user, "root");
  EXPECT_TRUE(global.script_security);
  EXPECT_EQ(global.garp_interval, Millis(500));

  const InstanceConfig& i = loaded.config->instances.at(0);
  EXPECT_TRUE(i.wants_master);
  EXPECT_EQ(i.vrid, 51);
  EXPECT_EQ(i.priority, 101);
  EXPECT_EQ(i.version, 2);
  EXPECT_EQ(i.interval, Seconds(1));
  EXPECT_EQ(i.password(), (Password{'1', '1', '1', '1'}));
  EXPECT_TRUE(*i.skip_check_addresses);
  ASSERT_EQ(i.addresses.size(), 2u);
  EXPECT_EQ(i.addresses[0].prefix, 32);
  EXPECT_EQ(i.addresses[1].ip.to_string(), "192.168.200.17");
  EXPECT_EQ(i.addresses[1].prefix, 24);
  EXPECT_EQ(i.addresses[1].broadcast->to_string(), "192.168.200.255");
  EXPECT_EQ(i.addresses[1].device, "eth1");
  EXPECT_EQ(i.addresses[1].label, "eth1:1");
  EXPECT_EQ(i.addresses[1].scope, 253);
  ASSERT_EQ(i.trackers.size(), 2u);
  EXPECT_EQ(i.trackers[0].kind, "track_script");
  EXPECT_EQ(*i.trackers[0].weight, 2);  // the script's own
  EXPECT_EQ(*i.trackers[1].weight, -20);
  EXPECT_EQ(i.notify.master.argv, (std::vector<std::string>{"/etc/keepalived/notify.sh", "master", "two words"}));
  EXPECT_EQ(i.notify.master.user, "nobody");
  EXPECT_EQ(i.announcements.master_delay, Seconds(10));
  EXPECT_EQ(i.announcements.lower_prio_delay, Seconds(10));
  EXPECT_EQ(loaded.config->scripts.at(0).fall, 3u);
}

TEST(Words, ValuesOfAnInstance) {
  struct Case {
    const char* line;
    std::function<bool(const InstanceConfig&)> holds;
  };
  const Case cases[] = {
      {"version 3\nadvert_int 0.05", [](auto& i) { return i.version == 3 && i.interval == Millis(50); }},
      {"virtual_router_id 0x33", [](auto& i) { return i.vrid == 51; }},
      {"nopreempt", [](auto& i) { return !i.preempt; }},
      {"nopreempt\npreempt", [](auto& i) { return i.preempt; }},
      {"preempt_delay 4.12", [](auto& i) { return i.preempt_delay == Millis(4120); }},
      {"mcast_src_ip 10.0.0.9", [](auto& i) { return i.source->to_string() == "10.0.0.9"; }},
      {"unicast_peer {\n10.0.0.7 min_ttl 3 max_ttl 9\n10.0.0.8\n}",
       [](auto& i) { return i.peers.size() == 2 && i.peers[0].min_ttl == 3 && i.peers[0].max_ttl == 9; }},
      {"unicast_peer { 10.0.0.7 10.0.0.8 }", [](auto& i) { return i.peers.size() == 2; }},
      {"track_script {\n}\ntrack_lbd weight -30", [](auto& i) { return *i.trackers.at(0).weight == -30; }},
      {"track_lbd", [](auto& i) { return i.trackers.at(0).kind == "track_lbd" && *i.trackers[0].weight == 0; }},
      {"track_interface {\neth1 weight 5 reverse\n}", [](auto& i) { return i.trackers.at(0).reverse; }},
      {"dont_track_primary", [](auto& i) { return !i.track_primary; }},
      {"lower_prio_no_advert", [](auto& i) { return *i.lower_prio_no_advert; }},
      {"lower_prio_no_advert off", [](auto& i) { return !*i.lower_prio_no_advert; }},
      {"down_timer_adverts 5", [](auto& i) { return i.down_adverts == 5; }},
      {"v3_checksum_as_v2", [](auto& i) { return i.v3_checksum_plain; }},
      {"check_unicast_src no", [](auto& i) { return !i.check_unicast_source; }},
      {"virtual_ipaddress { fd00::1 }",
       [](auto& i) { return i.family == Family::v6 && i.version == 3 && i.addresses[0].prefix == 128; }},
      // The link-local address comes first, whatever the file says.
      {"virtual_ipaddress {\nfd00::1/64\nfe80::1/64\n}", [](auto& i) { return i.addresses[0].ip.is_link_local(); }},
      {"version 3\nvirtual_ipaddress {\n10.0.0.1\nfd00::1\nfe80::1\n10.0.0.2\n}",
       [](auto& i) {
         return i.family == Family::v4 && i.families().size() == 2 && i.addresses.size() == 4 &&
                i.addresses[1].ip.family == Family::v4 && i.addresses[2].ip.is_link_local() && i.speaks(Family::v6);
       }},
      {"version 3\nvirtual_ipaddress { 10.0.0.1 }\nvirtual_ipaddress_excluded { fd00::1 }",
       [](auto& i) { return i.families().size() == 2 && !i.speaks(Family::v6); }},
      {"version 3\nvirtual_ipaddress {\n10.0.0.1\nfd00::1\n}\nunicast_peer {\n10.0.0.7\nfd00::7\n}",
       [](auto& i) { return i.peers.size() == 2 && i.has_one_peer(); }},
      {"garp_master_repeat 1\ngarp_lower_prio_repeat 2",
       [](auto& i) { return i.announcements.master_repeat == 1 && i.announcements.lower_prio_repeat == 2; }},
  };
  for (const Case& c : cases) {
    SCOPED_TRACE(c.line);
    Instance instance(c.line);
    EXPECT_EQ(instance.diagnostics.render(), "");
    EXPECT_TRUE(c.holds(*instance));
  }
}

TEST(Words, WhatIsWrongIsSaidAndLeavesTheDefault) {
  struct Case {
    const char* line;
    cfg::Severity severity;
    const char* text;
    const char* hint;
    std::function<bool(const InstanceConfig&)> holds;
  };
  const auto any = [](auto&) { return true; };
  const Case cases[] = {
      {"advert_in 1", cfg::Severity::alert, "unknown word 'advert_in' in vrrp_instance VI_1",
       "did you mean 'advert_int'?", any},
      {"state SLAVE", cfg::Severity::alert, "unknown state 'SLAVE', taken as BACKUP", "MASTER or BACKUP",
       [](auto& i) { return !i.wants_master; }},
      {"priority 300", cfg::Severity::alert, "'300' is not a number from 1 to 255", "",
       [](auto& i) { return i.priority == 100; }},
      {"priority", cfg::Severity::alert, "'priority' needs a number from 1 to 255", "", any},
      {"priority 50 60", cfg::Severity::warning, "'60' has no effect here",
       "every word of a block stands on a line of its own", [](auto& i) { return i.priority == 50; }},
      {"advert_int soon", cfg::Severity::alert, "'soon' is not a time from 0.01 to 255 seconds", "", any},
      {"version 2\nadvert_int 0.5", cfg::Severity::warning, "advert_int of 'VI_1' is 1 s: version 2 cannot say 0.5 s",
       "", [](auto& i) { return i.interval == Seconds(1); }},
      {"version 3\npriority 250\nadvert_int 50", cfg::Severity::warning,
       "advert_int of 'VI_1' is 40.95 s: version 3 cannot say 50 s", "", any},
      {"authentication {\nauth_type AH\n}", cfg::Severity::alert, "authentication 'AH' is not supported",
       "PASS is the only type that VRRP implementations still share", [](auto& i) { return i.auth_type == 0; }},
      {"authentication {\nauth_type PASS\nauth_pass 123456789\n}", cfg::Severity::warning,
       "only the first 8 characters of the password count", "", [](auto& i) { return i.auth_pass == "12345678"; }},
      {"authentication {\nauth_type PASS\n}", cfg::Severity::alert,
       "'VI_1' has authentication but no password and does without", "", [](auto& i) { return i.auth_type == 0; }},
      {"version 3\npriority 250\nauthentication {\nauth_type PASS\nauth_pass 1\n}", cfg::Severity::warning,
       "'VI_1' speaks version 3, which has no authentication", "", [](auto& i) { return i.auth_type == 0; }},
      {"state MASTER\nnopreempt", cfg::Severity::warning,
       "nopreempt of 'VI_1' needs 'state BACKUP' and a priority below 255; it is left out", "",
       [](auto& i) { return i.preempt; }},
      {"track_script {\nchk\n}", cfg::Severity::alert, "'VI_1' has track_script chk, which does not exist", "",
       [](auto& i) { return i.trackers.empty(); }},
      {"virtual_ipaddress {\n10.0.0.1\nfd00::1\n}", cfg::Severity::alert,
       "fd00::1 is of another family than the first address of 'VI_1'; it moves along but is in no advert of version 2",
       "", [](auto& i) { return i.addresses.size() == 1 && i.addresses_excluded.size() == 1; }},
      {"virtual_ipaddress {\n10.0.0.1 laber x\n}", cfg::Severity::alert, "unknown option 'laber' of an address",
       "did you mean 'label'?", any},
      {"unicast_peer {\nfd00::1\n}", cfg::Severity::alert,
       "unicast peer fd00::1 is of another family than 'VI_1' and is left out", "",
       [](auto& i) { return i.peers.empty(); }},
  };
  for (const Case& c : cases) {
    SCOPED_TRACE(c.line);
    Instance instance(c.line);
    ASSERT_EQ(instance.diagnostics.all().size(), 1u) << instance.diagnostics.render();
    const cfg::Diagnostic& diagnostic = instance.diagnostics.all()[0];
    EXPECT_EQ(diagnostic.severity, c.severity);
    EXPECT_EQ(diagnostic.text, c.text);
    EXPECT_EQ(diagnostic.hint, c.hint);
    EXPECT_GT(diagnostic.line, 0u);
    EXPECT_TRUE(c.holds(*instance));
    EXPECT_FALSE(instance.config->unusable);
  }
}

TEST(Words, WithoutTheseNothingStarts) {
  for (const char* text :
       {"vrrp_instance A {\n interface eth0\n virtual_ipaddress { 10.0.0.1 }\n}\n",
        "vrrp_instance A {\n interface eth0\n virtual_router_id 1\n virtual_ipaddress { 10.0.0.1 }\n}\n"
        "vrrp_instance B {\n interface eth0\n virtual_router_id 1\n virtual_ipaddress { 10.0.0.2 }\n}\n"}) {
    Loaded loaded(text);
    EXPECT_TRUE(loaded.config->unusable) << text;
    EXPECT_TRUE(loaded.diagnostics.has_errors());
  }
  Loaded taken(
      "vrrp_instance A {\n interface eth0\n virtual_router_id 1\n version 3\n"
      " virtual_ipaddress {\n 10.0.0.1\n fd00::1\n }\n}\n"
      "vrrp_instance B {\n interface eth0\n virtual_router_id 1\n virtual_ipaddress { fd00::2 }\n}\n");
  EXPECT_TRUE(taken.config->unusable) << "A has adverts of both families";
  // One VRID for both families is usual, and so is one on two interfaces.
  Loaded both(
      "vrrp_instance A {\n interface eth0\n virtual_router_id 1\n virtual_ipaddress { 10.0.0.1 }\n}\n"
      "vrrp_instance B {\n interface eth0\n virtual_router_id 1\n virtual_ipaddress { fd00::1 }\n}\n"
      "vrrp_instance C {\n interface eth1\n virtual_router_id 1\n virtual_ipaddress { 10.0.0.3 }\n}\n");
  EXPECT_EQ(both.diagnostics.render(), "");
}

TEST(Words, GlobalDefaultsReachInstances) {
  Instance instance("",
                    "global_defs {\n vrrp_version 3\n vrrp_garp_master_delay 1\n vrrp_down_timer_adverts 4\n"
                    " vrrp_lower_prio_no_advert\n vrrp_higher_prio_send_advert\n vrrp_mcast_group4 224.0.0.99\n}\n");
  EXPECT_EQ(instance.diagnostics.render(), "");
  EXPECT_EQ(instance->version, 3);
  EXPECT_EQ(instance->announcements.master_delay, Seconds(1));
  EXPECT_EQ(instance->announcements.lower_prio_delay, Seconds(1));
  EXPECT_EQ(instance->down_adverts, 4u);
  EXPECT_TRUE(*instance->lower_prio_no_advert);
  EXPECT_TRUE(*instance->higher_prio_send_advert);
  EXPECT_EQ(instance->group->to_string(), "224.0.0.99");
}

TEST(Words, MinimalAnnouncements) {
  Instance instance("", "global_defs {\n vrrp_min_garp\n}\n");
  EXPECT_EQ(instance->announcements.master_repeat, 1u);
  EXPECT_EQ(instance->announcements.master_delay, base::Nanos(0));
}

TEST(Words, Groups) {
  const std::string instances =
      "vrrp_instance A {\n virtual_router_id 1\n virtual_ipaddress { 10.0.0.1 }\n"
      " track_interface {\n eth1\n eth2 weight 5\n }\n}\n"
      "vrrp_instance B {\n virtual_router_id 2\n virtual_ipaddress { 10.0.0.2 }\n}\n";
  Loaded loaded(instances + "vrrp_sync_group G { group { A B } }\n");
  EXPECT_EQ(loaded.config->groups.at(0).members.size(), 2u);
  EXPECT_EQ(loaded.config->instances[0].trackers.size(), 1u);  // weights would pull the group apart
  EXPECT_NE(loaded.diagnostics.render().find("'A' does not track 'eth2'"), std::string::npos);

  Loaded free(instances + "vrrp_sync_group G {\n group {\n A\n B\n }\n sync_group_tracking_weight\n}\n");
  EXPECT_EQ(free.diagnostics.render(), "");
  EXPECT_EQ(free.config->instances[0].trackers.size(), 2u);

  Loaded wrong(instances + "vrrp_sync_group G { group { A C } }\nvrrp_sync_group H { group { A } }\n");
  const std::string said = wrong.diagnostics.render();
  EXPECT_NE(said.find("group 'G' names 'C', which is no vrrp_instance"), std::string::npos);
  EXPECT_NE(said.find("'A' is in two groups"), std::string::npos);
  EXPECT_EQ(wrong.config->groups.size(), 1u);
}

TEST(Words, BalancingIsSkippedWholeWithOneWarning) {
  Loaded loaded(
      "virtual_server 10.0.0.1 80 {\n lb_algo rr\n real_server 10.0.0.2 80 {\n  TCP_CHECK {\n  }\n }\n}\n"
      "virtual_server 10.0.0.1 443 {\n bogus\n}\n");
  ASSERT_EQ(loaded.diagnostics.all().size(), 1u);
  EXPECT_EQ(loaded.diagnostics.warnings(), 1u);
}

TEST(Words, StrictModeIsExplainedLoudly) {
  Instance instance("", "global_defs {\n vrrp_strict\n}\n");
  EXPECT_NE(instance.diagnostics.render().find("DROPS ALL PACKETS"), std::string::npos);
  EXPECT_EQ(instance->accept, false);
  Instance accepting("accept", "global_defs {\n vrrp_strict\n}\n");
  EXPECT_EQ(accepting.diagnostics.render(), "");
  EXPECT_EQ(accepting->accept, true);
}

TEST(Words, ScriptsAreSplitAsTheShellWould) {
  EXPECT_EQ(split_command("/bin/a  b\t'c d' e'f g'h ''"),
            (std::vector<std::string>{"/bin/a", "b", "c d", "ef gh", ""}));
  EXPECT_TRUE(split_command("  ").empty());
}

TEST(Words, VirtualMac) {
  Instance plain("use_vmac");
  EXPECT_EQ(plain.diagnostics.render(), "");
  EXPECT_TRUE(plain->vmac.on);
  EXPECT_FALSE(plain->vmac.mac);
  Instance whole("use_vmac gw0 00:01:02:03:04:05\n vmac_xmit_base");
  EXPECT_EQ(whole->vmac.name, "gw0");
  EXPECT_EQ((*whole->vmac.mac)[5], 5);
  EXPECT_FALSE(whole->vmac.mac_ends_with_vrid);
  EXPECT_TRUE(whole->vmac.transmit_base);
  Instance five("use_vmac 00:01:02:03:04");
  EXPECT_TRUE(five->vmac.mac_ends_with_vrid);
  EXPECT_EQ(five->vmac.name, "");
  Instance wrong("use_vmac gw0 gw1");
  EXPECT_TRUE(wrong.diagnostics.has_errors());
  EXPECT_FALSE(wrong->vmac.on);
}

TEST(Words, APair) {
  EXPECT_FALSE(Instance("")->pair);
  EXPECT_EQ(Instance("tandem_pair")->pair, true);
  EXPECT_EQ(Instance("tandem_pair off")->pair, false);
  Loaded global("global_defs {\n tandem_pair\n vrrp_delay_after_boot 60\n reload_file /run/x\n}\n");
  EXPECT_EQ(global.diagnostics.render(), "");
  EXPECT_TRUE(global.config->global.pair);
  EXPECT_EQ(global.config->global.delay_after_boot, Seconds(60));
  EXPECT_EQ(global.config->global.reload_file, "/run/x");
}

TEST(Words, PaceAndPatience) {
  Loaded loaded(R"(garp_group {
 garp_interval 0.5
 interfaces {
  eth0
  eth1
 }
 interface eth2
}
interface_up_down_delays {
 eth0 0.2 1.5
 eth1 3
})");
  EXPECT_EQ(loaded.diagnostics.render(), "");
  const GarpGroup& group = loaded.config->garp_groups.at(0);
  EXPECT_EQ(*group.garp_interval, Millis(500));
  EXPECT_FALSE(group.gna_interval);
  EXPECT_EQ(group.interfaces, (std::vector<std::string>{"eth0", "eth1", "eth2"}));
  const auto& delays = loaded.config->link_delays;
  EXPECT_EQ(delays.at("eth0").down, Millis(200));
  EXPECT_EQ(delays.at("eth0").up, Millis(1500));
  EXPECT_EQ(delays.at("eth1").up, Seconds(3));
  EXPECT_NE(Loaded("garp_group {\n garp_interva 1\n}").diagnostics.render().find("did you mean 'garp_interval'?"),
            std::string::npos);
}

// A master that gives way says so, unless the letter of the RFC or the file forbids it.
TEST(Words, TheLastAdvertOfALoser) {
  EXPECT_EQ(Instance("")->higher_prio_send_advert, true);
  EXPECT_EQ(Instance("higher_prio_send_advert off")->higher_prio_send_advert, false);
  EXPECT_EQ(Instance("", "global_defs {\n vrrp_higher_prio_send_advert off\n}\n")->higher_prio_send_advert, false);
  EXPECT_EQ(Instance("strict_mode\n accept")->higher_prio_send_advert, false);
}

TEST(Words, FifosAndSchedule) {
  Loaded loaded(R"(global_defs {
 notify_fifo /run/a nobody nogroup
 notify_fifo_script "/bin/reader x"
 vrrp_rt_priority 50
 vrrp_rlimit_rttime 20000
 vrrp_cpu_affinity 1 3
 vrrp_no_swap
 max_auto_priority 20
 min_auto_priority_delay 5000
 umask 027
})");
  EXPECT_EQ(loaded.diagnostics.render(), "");
  const GlobalConfig& global = loaded.config->global;
  EXPECT_EQ(global.fifo.path, "/run/a");
  EXPECT_EQ(global.fifo.group, "nogroup");
  EXPECT_EQ(global.fifo.script.argv, (std::vector<std::string>{"/bin/reader", "x"}));
  EXPECT_EQ(*global.schedule.real_time, 50);
  EXPECT_EQ(*global.schedule.real_time_limit, base::Micros(20000));
  EXPECT_EQ(global.schedule.processors, (std::vector<int>{1, 3}));
  EXPECT_TRUE(global.schedule.no_swap);
  EXPECT_EQ(global.schedule.most_auto, 20);
  EXPECT_EQ(global.schedule.auto_delay, Millis(5));
  EXPECT_EQ(*global.umask, 027u);
}

TEST(Words, TrackedProcessesAndFiles) {
  Loaded loaded(R"(vrrp_track_process p {
 process /usr/sbin/a -f "two words"
 quorum 2
 delay 0.5
 weight -10 reverse
}
vrrp_track_process q {
 process b
 quorum_max 3
 fork_delay 0.1
}
track_file f {
 file "/etc/x"
 weight 100000
 init_file 3 overwrite
})");
  EXPECT_EQ(loaded.diagnostics.render(), "");
  const ProcessConfig& p = loaded.config->processes.at(0);
  EXPECT_EQ(p.command, (std::vector<std::string>{"/usr/sbin/a", "-f", "two words"}));
  EXPECT_EQ(p.parameters, ProcessConfig::Parameters::exact);
  EXPECT_EQ(p.quorum, 2u);
  EXPECT_EQ(p.terminate_delay, Millis(500));
  EXPECT_EQ(p.weight, -10);
  EXPECT_TRUE(p.reverse);
  EXPECT_EQ(loaded.config->processes.at(1).parameters, ProcessConfig::Parameters::ignored);
  EXPECT_EQ(loaded.config->processes.at(1).weight, 1);
  EXPECT_EQ(*loaded.config->processes.at(1).quorum_max, 3u);
  EXPECT_EQ(loaded.config->processes.at(1).fork_delay, Millis(100));
  EXPECT_EQ(loaded.config->processes.at(1).terminate_delay, Millis(0));
  const FileConfig& f = loaded.config->files.at(0);
  EXPECT_EQ(f.weight, 100000);
  EXPECT_EQ(*f.initial, 3);
  EXPECT_TRUE(f.overwrite);
}

TEST(Words, WhatDoesNothingHereSaysWhy) {
  Loaded loaded("global_defs {\n use_symlink_paths\n}");
  ASSERT_EQ(loaded.diagnostics.all().size(), 1u) << loaded.diagnostics.render();
  EXPECT_EQ(loaded.diagnostics.all()[0].text, "'use_symlink_paths' has no effect: not needed here");
}

TEST(Words, AnInstanceMayMeanToHaveNoAddresses) {
  const std::string head = "vrrp_instance A {\n interface eth0\n virtual_router_id 1\n";
  EXPECT_NE(Loaded(head + "}").diagnostics.render().find("'A' has no addresses"), std::string::npos);
  EXPECT_EQ(Loaded(head + "no_virtual_ipaddress\n}").diagnostics.render(), "");
}

TEST(Words, GroupsOfScripts) {
  EXPECT_FALSE(Loaded("").config->global.supplementary_groups);
  Loaded loaded("global_defs {\n set_supplementary_groups\n}");
  EXPECT_EQ(loaded.diagnostics.render(), "");
  EXPECT_TRUE(loaded.config->global.supplementary_groups);
}

TEST(Words, WordsOfBalancingAreSkipped) {
  for (const char* word :
       {"nftables_ipvs", "nftables_ipvs_priority", "nftables_ipvs_start_fwmark", "lvs_netlink_cmd_rcv_bufs",
        "lvs_netlink_cmd_rcv_bufs_force", "lvs_netlink_monitor_rcv_bufs", "lvs_netlink_monitor_rcv_bufs_force"}) {
    Loaded loaded(fmt::format("global_defs {{\n {} 1\n}}", word));
    ASSERT_EQ(loaded.diagnostics.all().size(), 1u) << loaded.diagnostics.render();
    EXPECT_EQ(loaded.diagnostics.all()[0].severity, cfg::Severity::warning);
  }
}

TEST(Words, ExtraAnnouncements) {
  Instance own("garp_extra_if all 7");
  EXPECT_EQ(own->announcements.extra, base::Seconds(7));
  EXPECT_TRUE(own->announcements.extra_everywhere);
  Instance global("", "global_defs {\n vrrp_garp_extra_if 9\n}\n");
  EXPECT_EQ(global->announcements.extra, base::Seconds(9));
  EXPECT_FALSE(global->announcements.extra_everywhere);
}

TEST(Words, WhatIsSoAnywayNeedsNoWarning) {
  EXPECT_EQ(Instance("timer_expired_backup").diagnostics.render(), "");
}

// No row without words of its own: a doc that says something, a function, and one name in its block.
template <typename Row>
size_t check_rows() {
  std::set<std::string_view> names;
  base::Registered<Row>::for_each([&](const Row& row) {
    EXPECT_TRUE(names.insert(row.name).second) << row.name;
    EXPECT_FALSE(row.doc.empty()) << row.name;
  });
  return names.size();
}

TEST(Words, EveryRowIsWhole) {
  EXPECT_GT(check_rows<GlobalWord>(), 100u);
  EXPECT_GT(check_rows<InstanceWord>(), 60u);
  EXPECT_GT(check_rows<GroupWord>(), 10u);
  EXPECT_GT(check_rows<ScriptWord>(), 7u);
  EXPECT_GT(check_rows<ProcessWord>(), 8u);
  EXPECT_EQ(check_rows<FileWord>(), 3u);
  EXPECT_GT(check_rows<TopWord>(), 10u);
  EXPECT_EQ(check_rows<TrackerRow>(), 5u);
}

// Every word alone, without a value and with one that fits nowhere, is read without harm.
template <typename Row, typename Target>
void read_all() {
  base::Registered<Row>::for_each([&](const Row& row) {
    for (const char* rest : {"", " x y z", " {\n x y\n}"}) {
      cfg::SourceSet sources;
      cfg::Diagnostics diagnostics;
      const auto blocks = cfg::parse_blocks(sources, *sources.add("t", std::string(row.name) + rest), {}, diagnostics);
      Target target;
      Args args(blocks.at(0), diagnostics);
      row.parse(target, args);
    }
  });
}

TEST(Words, NoWordBreaksOnNonsense) {
  read_all<GlobalWord, GlobalConfig>();
  read_all<InstanceWord, InstanceConfig>();
  read_all<GroupWord, GroupConfig>();
  read_all<ScriptWord, ScriptConfig>();
  read_all<ProcessWord, ProcessConfig>();
  read_all<FileWord, FileConfig>();
  read_all<TopWord, Config>();
}

}  // namespace
}  // namespace vrrpd
