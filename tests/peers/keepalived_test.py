"""vrrpd beside Debian's keepalived, each in both roles and in every mode that both have: they elect the same master, hand
over at a clean stop, take over from silence, and neither finds fault with the other's adverts."""

import os
import sys
import time
import unittest

sys.path.insert(0, os.path.dirname(os.path.dirname(os.path.abspath(__file__))))

from support import netns  # noqa: E402
from support.process import need_program, run, wait_for  # noqa: E402
from support.vrrp import VIP, VIP6, Router, address, address6, instance, master_down, skew  # noqa: E402

PASSWORD = ("authentication {", "  auth_type PASS", "  auth_pass verysecret", "}")


def unicast(own, peer, naming=address):
    return {"unicast_src_ip": naming(own), "lines": ("unicast_peer {", f"  {naming(peer)}", "}")}


MODES = {
    "version 3": lambda own, peer: {},
    "version 2": lambda own, peer: {"version": 2, "advert_int": 1},
    "version 2 with a password": lambda own, peer: {"version": 2, "advert_int": 1, "lines": PASSWORD},
    "unicast": unicast,
    "unicast, version 2": lambda own, peer: {**unicast(own, peer), "version": 2, "advert_int": 1},
    "IPv6": lambda own, peer: {"vips": ("fe80::77:100/64", VIP6 + "/64")},
    "unicast IPv6": lambda own, peer: {**unicast(own, peer, address6), "vips": (VIP6 + "/64",)},
    "two families": lambda own, peer: {"excluded": (VIP6 + "/64",)},
}


class Beside(unittest.TestCase):
    def setUp(self):
        self.network = netns.Network()
        self.addCleanup(self.network.close)

    def pair(self, first, second):
        self.a = Router(self, self.network, "a", 1, first)
        self.b = Router(self, self.network, "b", 2, second)

    def elect(self, mode, a=None, b=None):
        words = MODES[mode]
        self.vip = VIP6 if "IPv6" in mode else VIP
        self.interval = words(1, 2).get("advert_int", 0.1)
        self.b.start(instance(priority=100, **words(2, 1), **(b or {})))
        self.a.start(instance(priority=150, **words(1, 2), **(a or {})))

    def alone(self, router):
        other = self.b if router is self.a else self.a
        return router.state() == "MASTER" and router.has(self.vip) and other.state() == "BACKUP" and not other.has(self.vip)

    def wait_alone(self, router, timeout=10):
        wait_for(lambda: self.alone(router), timeout,
                 f"{router.name} alone\na ({self.a.kind}):\n{self.a.log()}\nb ({self.b.kind}):\n{self.b.log()}")

    def wait_taken_over(self):
        wait_for(lambda: self.b.state() == "MASTER" and self.b.has(self.vip), 10, f"b to take over\n{self.b.log()}")


class Modes(Beside):
    def life(self, mode):
        """Election, hand-over at a clean stop, preemption, and again."""
        self.elect(mode)
        self.wait_alone(self.a)
        since = time.monotonic()
        self.a.program.signal(15)
        self.wait_taken_over()
        self.assertLess(time.monotonic() - since, skew(100, self.interval) + 0.4 * self.interval + 0.3)
        self.a.stop()
        self.a.start(instance(priority=150, **MODES[mode](1, 2)))
        self.wait_alone(self.a)
        for router in (self.a, self.b):
            for complaint in ("invalid", "nvalid", "ignored", "checksum", "mismatch", "wrong"):
                self.assertNotIn(complaint, router.log(), router.kind)


def add_tests():
    for mode in MODES:
        for first, second in (("vrrpd", "keepalived"), ("keepalived", "vrrpd")):
            def test(self, mode=mode, first=first, second=second):
                self.pair(first, second)
                self.life(mode)

            setattr(Modes, f"test_{first}_over_{second}_{mode.replace(' ', '_').replace(',', '')}", test)


class Silence(Beside):
    def silence(self, first, second):
        self.pair(first, second)
        self.elect("version 3")
        self.wait_alone(self.a)
        self.a.cable(False)
        since = time.monotonic()
        self.wait_taken_over()
        self.assertLess(time.monotonic() - since, master_down(100) + 0.3)
        self.a.cable(True)
        self.wait_alone(self.a)

    def test_keepalived_takes_over_from_a_silent_vrrpd(self):
        self.silence("vrrpd", "keepalived")

    def test_vrrpd_takes_over_from_a_silent_keepalived(self):
        self.silence("keepalived", "vrrpd")

    def split(self, first, second):
        self.pair(first, second)
        self.elect("version 3")
        self.wait_alone(self.a)
        self.b.isolate(True)
        self.b.wait_state("MASTER")
        self.b.isolate(False)
        self.wait_alone(self.a)

    def test_keepalived_gives_way_after_a_split(self):
        self.split("vrrpd", "keepalived")

    def test_vrrpd_gives_way_after_a_split(self):
        self.split("keepalived", "vrrpd")


class Files(unittest.TestCase):
    """Sample files of the keepalived package: what it takes, vrrpd takes."""

    SAMPLES = "/usr/share/doc/keepalived/samples"
    WRONG = ("keepalived.conf.vrrp.lvs_syncd",)  # a group without `group`: unknown keywords to keepalived too

    def test_samples(self):
        if not os.path.isdir(self.SAMPLES):
            self.skipTest("no samples here")
        vrrpd = need_program("vrrpd")
        for name in sorted(os.listdir(self.SAMPLES)):
            if not name.startswith("keepalived.conf") or name in self.WRONG:
                continue
            with self.subTest(name=name):
                code, out, err = run([vrrpd, "-t", "-f", f"{self.SAMPLES}/{name}"])
                self.assertEqual(out, "")
                self.assertNotIn("unknown word", err)
                self.assertNotIn("never closed", err)


add_tests()

if __name__ == "__main__":
    netns.enter_private()
    need_program("vrrpd")
    need_program("keepalived")
    unittest.main()
