#!/usr/bin/env python3
"""Every word of keepalived's VRRP configuration: vrrpd knows all that Debian's keepalived knows in the file
tests/data/vrrpd/every_word.conf, accepts the file, and says of each word without effect that it has none.
"""

import os
import re
import sys
import tempfile
import unittest

sys.path.insert(0, os.path.dirname(os.path.dirname(os.path.abspath(__file__))))

from support import netns  # noqa: E402
from support.process import need_program, run  # noqa: E402

FILE = os.path.join(os.path.dirname(os.path.dirname(os.path.abspath(__file__))), "data", "vrrpd", "every_word.conf")
# A keepalived that was built with nftables does not know this one.
UNKNOWN_TO_DEBIAN = {"vrrp_ipsets"}

# Words that would change what this test runs on, or that exclude others: each alone, in vrrpd only.
ALONE = ["global_defs {\n lvs_id old_name\n}", "net_namespace space", "net_namespace_ipvs space", "namespace_with_ipsets",
         "use_pid_dir", "child_wait_time 5", "global_defs {\n reload_file /run/reload\n}",
         "vrrp_instance i {\n interface eth0\n virtual_router_id 9\n use_ipvlan\n virtual_ipaddress {\n 192.0.2.9\n }\n}",
         "vrrp_instance i {\n interface eth0\n virtual_router_id 9\n vrf red\n virtual_ipaddress {\n 192.0.2.9\n }\n}",
         "vrrp_instance i {\n interface eth0\n virtual_router_id 9\n auth_hmac x\n"
         " virtual_ipaddress {\n 192.0.2.9\n }\n}"]


# Words that real files have and that do what keepalived's manual says: none of them may bring a warning that it has no
# effect. Where something is left out on purpose, the reason stands here.
WITH_EFFECT = """
    state interface virtual_router_id priority advert_int virtual_ipaddress authentication track_script unicast_src_ip
    unicast_peer nopreempt notify_master notify_backup notify_fault notify preempt_delay virtual_ipaddress_excluded
    track_interface version garp_master_delay garp_master_repeat garp_master_refresh garp_master_refresh_repeat
    mcast_src_ip dont_track_primary track_process track_file use_vmac vmac_xmit_base accept notify_stop
    notify_master_rx_lower_pri smtp_alert garp_lower_prio_delay garp_lower_prio_repeat lower_prio_no_advert
    higher_prio_send_advert strict_mode skip_check_adv_addr virtual_routes virtual_rules check_unicast_src unicast_ttl
    unicast_fault_no_peer track_src_ip native_ipv6 promote_secondaries down_timer_adverts notify_deleted preempt
    script interval fall rise weight timeout user init_fail group global_tracking process quorum delay full_command
    param_match file init_file router_id script_user enable_script_security vrrp_version vrrp_garp_master_delay
    vrrp_garp_master_repeat vrrp_garp_master_refresh vrrp_garp_master_refresh_repeat vrrp_garp_interval vrrp_gna_interval
    vrrp_strict vrrp_skip_check_adv_addr notification_email notification_email_from smtp_server smtp_connect_timeout
    vrrp_startup_delay dynamic_interfaces default_interface vrrp_check_unicast_src vrrp_mcast_group4 vrrp_mcast_group6
    vrrp_garp_lower_prio_delay vrrp_garp_lower_prio_repeat vrrp_higher_prio_send_advert vrrp_lower_prio_no_advert
    vrrp_min_garp vrrp_down_timer_adverts notify_fifo notify_fifo_script vrrp_notify_fifo vrrp_notify_fifo_script
    fifo_write_vrrp_states_on_reload vrrp_priority vrrp_rt_priority vrrp_no_swap vrrp_rlimit_rtime max_auto_priority
    min_auto_priority_delay vrrp_cpu_affinity reload_check_config log_unknown_vrids static_ipaddress static_routes
    static_rules garp_group interface_up_down_delays vrrp_script vrrp_sync_group vrrp_track_process vrrp_track_file
    vrrp_instance global_defs notify_priority_changes startup_script shutdown_script umask
""".split()


class EveryWord(unittest.TestCase):
    def test_keepalived_knows_them(self):
        _, out, err = run([need_program("keepalived"), "-t", "-f", FILE])
        unknown = set(re.findall(r"Unknown keyword '(\S+)'", out + err))
        self.assertLessEqual(unknown, UNKNOWN_TO_DEBIAN, "the file is to be of keepalived's own words")

    def test_vrrpd_accepts_them(self):
        code, _, err = run([need_program("vrrpd"), "-t", "-f", FILE])
        errors = [line for line in err.splitlines() if re.match(r"\[(ALERT|ERROR)\]", line)]
        self.assertEqual((code, errors), (0, []))

    def test_what_real_files_have_works(self):
        """Every word that deployments need stands in the file, and does something."""
        with open(FILE, encoding="ascii") as file:
            there = {line.split()[0] for line in file if line.split()}
        self.assertEqual([word for word in WITH_EFFECT if word not in there], [])
        _, _, err = run([need_program("vrrpd"), "-t", "-f", FILE])
        without = set(re.findall(r"'(\S+)' has no effect", err))
        # For a group, which has no priority of its own.
        self.assertEqual(sorted(without & (set(WITH_EFFECT) - {"notify_priority_changes"})), [])

    def test_vrrpd_knows_the_others(self):
        with tempfile.TemporaryDirectory() as directory:
            for text in ALONE:
                with self.subTest(text):
                    path = os.path.join(directory, "one.conf")
                    with open(path, "w", encoding="ascii") as file:
                        file.write(text + "\n")
                    _, _, err = run([need_program("vrrpd"), "-t", "-f", path])
                    self.assertNotIn("unknown word", err)


if __name__ == "__main__":
    need_program("vrrpd")
    need_program("keepalived")
    netns.enter_private()
    netns.run("ip", "link", "add", "eth0", "type", "veth", "peer", "name", "peer0")
    netns.run("ip", "addr", "add", "192.0.2.10/24", "dev", "eth0")
    for device in ("eth0", "peer0"):
        netns.run("ip", "link", "set", device, "up")
    unittest.main()
