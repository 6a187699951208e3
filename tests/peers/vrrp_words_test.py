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


class EveryWord(unittest.TestCase):
    def test_keepalived_knows_them(self):
        _, out, err = run([need_program("keepalived"), "-t", "-f", FILE])
        unknown = set(re.findall(r"Unknown keyword '(\S+)'", out + err))
        self.assertLessEqual(unknown, UNKNOWN_TO_DEBIAN, "the file is to be of keepalived's own words")

    def test_vrrpd_accepts_them(self):
        code, _, err = run([need_program("vrrpd"), "-t", "-f", FILE])
        errors = [line for line in err.splitlines() if re.match(r"\[(ALERT|ERROR)\]", line)]
        self.assertEqual((code, errors), (0, []))

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
