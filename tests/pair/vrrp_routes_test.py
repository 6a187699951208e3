"""Routes and rules that move with the addresses, and static ones, as the kernel shows them; beside keepalived the same."""

import os
import re
import signal
import sys
import unittest

sys.path.insert(0, os.path.dirname(os.path.dirname(os.path.abspath(__file__))))

from support import netns  # noqa: E402
from support.process import find_program, wait_for  # noqa: E402
from support.vrrp import VIP, VIP6, Router, instance, need_program  # noqa: E402

ROUTES = ["198.51.100.0/24 via 10.77.0.200 dev eth0", f"default via 10.77.0.200 dev eth0 src {VIP} table 100",
          "blackhole 203.0.113.0/24", "203.0.113.128/25 dev eth0 scope link metric 7 mtu 1400",
          "198.51.101.0/24 nexthop via 10.77.0.200 dev eth0 weight 2 nexthop via 10.77.0.201 dev eth0",
          "2001:db8:1::/48 via fd77::200 dev eth0", "2001:db8:2::/48 dev eth0 table 300 metric 9"]
RULES = [f"from {VIP} table 100", "to 203.0.113.0/24 fwmark 5/7 table 300 preference 50",
         "from 2001:db8:1::/48 table 300", "from 192.0.2.0/24 ipproto tcp dport 80-90 iif eth0 prohibit priority 60"]


def block(name, lines):
    return (f"{name} {{", *(f"  {line}" for line in lines), "}")


class Routes(unittest.TestCase):
    maxDiff = None

    def setUp(self):
        self.network = netns.Network()
        self.addCleanup(self.network.close)

    def router(self, kind="vrrpd", number=1):
        return Router(self, self.network, f"{kind}{number}", number, kind)

    @staticmethod
    def shown(router):
        """The routes and rules that are nobody else's."""
        lines = []
        for family in ("-4", "-6"):
            routes = router.host.run("ip", family, "-o", "route", "show", "table", "all", check=False)
            for line in routes.splitlines():
                line = line.replace("\\", " ")
                if "proto kernel" not in line and "table local" not in line and "proto ra" not in line:
                    lines.append(" ".join(line.split()))
            rules = router.host.run("ip", family, "rule", "show", check=False)
            lines += [" ".join(line.split()) for line in rules.splitlines()]
        return sorted(re.sub(r"^\d{5}:", "N:", line) for line in lines)

    def config(self, **words):
        return instance(excluded=(VIP6 + "/64",), lines=(*block("virtual_routes", ROUTES), *block("virtual_rules", RULES)),
                        **words)

    def test_they_come_and_go_with_the_mastership(self):
        a = self.router()
        before = self.shown(a)
        a.start(self.config(priority=255))
        a.wait_state("MASTER")
        wait_for(lambda: len(self.shown(a)) == len(before) + len(ROUTES) + len(RULES), what=f"all: {self.shown(a)}\n{a.log()}")
        a.host.link("eth0", False)
        a.wait_state("FAULT")
        self.assertEqual([line for line in self.shown(a) if line not in before], [], a.log())
        a.host.link("eth0", True)
        a.wait_state("MASTER")
        wait_for(lambda: len(self.shown(a)) == len(before) + len(ROUTES) + len(RULES), what=f"all: {self.shown(a)}\n{a.log()}")
        a.stop()
        self.assertEqual(self.shown(a), before)

    def test_what_somebody_else_removes_is_put_back(self):
        a = self.router()
        a.start(self.config(priority=255))
        a.wait_state("MASTER")
        wait_for(lambda: any("198.51.100.0" in line for line in self.shown(a)), what="the route")
        before = self.shown(a)
        a.host.run("ip", "route", "del", "198.51.100.0/24")
        a.host.run("ip", "rule", "del", "preference", "50")
        wait_for(lambda: self.shown(a) == before, 1, "route and rule again")
        a.host.run("ip", "addr", "del", VIP + "/24", "dev", "eth0")  # the kernel takes the route with this source along
        wait_for(lambda: self.shown(a) == before and a.has(), 1, "address and route again")

    def test_a_reload_moves_what_changed(self):
        a = self.router()
        a.start(self.config(priority=255))
        a.wait_state("MASTER")
        wait_for(lambda: any("198.51.100.0" in line for line in self.shown(a)), what="the route")
        a.write(instance(priority=255, lines=(*block("virtual_routes", ["198.51.102.0/24 dev eth0"]),
                                              *block("virtual_rules", RULES[:1]))))
        a.program.signal(signal.SIGHUP)
        wait_for(lambda: any("198.51.102.0" in line for line in self.shown(a)), what="the new route")
        wait_for(lambda: not any("198.51.100.0" in line for line in self.shown(a)), what="the old route to go")
        self.assertTrue(any(f"from {VIP} lookup 100" in line for line in self.shown(a)))
        self.assertEqual(a.states(), ["MASTER"])

    def test_static_ones(self):
        a = self.router()
        before = self.shown(a)
        text = "\n".join((*block("static_ipaddress", ["10.77.1.1/24 dev eth0"]),
                          *block("static_routes", ["198.51.100.0/24 via 10.77.1.2 dev eth0"]),
                          *block("static_rules", ["from 10.77.1.1 table 100"]), ""))
        a.start(text + instance(priority=100))
        a.wait_state("BACKUP")
        wait_for(lambda: a.has("10.77.1.1") and len(self.shown(a)) == len(before) + 2, what="all three")
        a.stop()
        self.assertFalse(a.has("10.77.1.1"))
        self.assertEqual(self.shown(a), before)

    def test_the_same_as_keepalived(self):
        if find_program("keepalived") is None:
            self.skipTest("no keepalived")
        shown = []
        for number, kind in enumerate(("keepalived", "vrrpd"), 1):
            router = self.router(kind, number)
            router.start(self.config(priority=255))
            router.wait_state("MASTER")
            wait_for(lambda r=router: len([line for line in self.shown(r) if "lookup 300" in line]) == 2, what="the rules")
            wait_for(lambda r=router: any("198.51.101.0" in line for line in self.shown(r)), what="the routes")
            shown.append([re.sub(r"^N: from all lookup (local|main|default)$", "", line) for line in self.shown(router)])
            router.stop()
        self.assertEqual(shown[1], shown[0])


if __name__ == "__main__":
    netns.enter_private()
    need_program("vrrpd")
    unittest.main()
