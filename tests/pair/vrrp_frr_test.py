"""Our vrrpd and frr's as two routers of one address: each in both roles, in both versions and families."""

import os
import sys
import time
import unittest

sys.path.insert(0, os.path.dirname(os.path.dirname(os.path.abspath(__file__))))

from support import netns  # noqa: E402
from support.frr import Frr, need_frr  # noqa: E402
from support.process import need_program, wait_for  # noqa: E402
from support.vrrp import VIP, VIP6, Router, Sniffer, address, address6, instance  # noqa: E402

VRID = 51


class Beside(unittest.TestCase):
    version, family, interval, vip, length = 3, "IPv4", 0.2, VIP, 24

    def setUp(self):
        self.network = netns.Network()
        self.addCleanup(self.network.close)
        self.ours = Router(self, self.network, "a", 1)
        self.theirs = self.network.host("b", address(2) + "/24", address6(2) + "/64", private_run=True)

    def frr(self, priority):
        frr = Frr(self, self.theirs, VRID, [self.vip],
                  [f"version {self.version}", f"priority {priority}", f"advertisement-interval {self.interval * 1000:.0f}"])
        frr.start()
        return frr

    def start_ours(self, priority):
        self.ours.start(instance(priority=priority, version=self.version, advert_int=self.interval,
                                 vips=(f"{self.vip}/{self.length}",)))

    def wait_adverts(self):
        """frr says that it is master before the kernel lets it send from the address that its macvlan has just got."""

        def adverts():
            return [frame for _, frame in sniffer.frames if (frame[12:14], frame[20]) == (b"\x86\xdd", 112)
                    or (frame[12:14], frame[23]) == (b"\x08\x00", 112)]

        with Sniffer(self.ours.host) as sniffer:
            wait_for(lambda: len(adverts()) >= 2, 15, "adverts of frr")

    def rests(self, states, state):
        """It comes to rest in this state: nothing happens for eight adverts, which can only be waited for."""
        for _ in range(5):
            before = states()
            time.sleep(8 * self.interval)
            if states() == before:
                break
        self.assertEqual(states()[-1], state)
        self.assertEqual(states(), before)

    def check_heard(self):
        """Nothing of what the other says is thrown away."""
        self.assertNotIn("ignored", self.ours.log())

    def test_ours_stands_by(self):
        frr = self.frr(200)
        frr.wait_state("Master", self.family)
        self.wait_adverts()
        self.start_ours(100)
        self.ours.wait_state("BACKUP")
        self.rests(self.ours.states, "BACKUP")
        frr.resign()
        self.ours.wait_state("MASTER", timeout=15)  # frr may have been silent for too long before it said so
        self.assertRegex(self.ours.log(), r"MASTER STATE \(the master (resigned|is silent)\)")
        frr.start()
        frr.wait_state("Master", self.family)
        self.ours.wait_state("BACKUP", timeout=15)
        self.wait_adverts()
        frr.kill()
        self.ours.wait_state("MASTER", timeout=15)
        self.assertIn("(the master is silent)", self.ours.log().rsplit("Entering MASTER", 1)[1])
        self.check_heard()

    def test_theirs_stands_by(self):
        self.start_ours(200)
        self.ours.wait_state("MASTER", timeout=15)
        frr = self.frr(100)
        frr.wait_state("Backup", self.family)
        self.rests(lambda: frr.states(self.family), "Backup")
        self.assertEqual(self.ours.stop(), 0)
        frr.wait_state("Master", self.family)
        self.start_ours(200)
        self.ours.wait_state("MASTER", timeout=15)
        frr.wait_state("Backup", self.family)
        wait_for(lambda: self.ours.has(self.vip), what="the address")
        self.ours.kill()
        frr.wait_state("Master", self.family)

    def test_equal_priorities(self):
        """Nobody takes the place of a master that is as good, be its address the lower one."""
        self.start_ours(100)
        self.ours.wait_state("MASTER", timeout=15)
        frr = self.frr(100)
        frr.wait_state("Backup", self.family)
        self.rests(lambda: frr.states(self.family), "Backup" if self.ours.state() == "MASTER" else "Master")
        # frr may be deaf while it starts, and take the place of a master that it has not heard.
        if "Master" not in frr.states(self.family):
            self.assertEqual(self.ours.states(), ["BACKUP", "MASTER"])
        self.check_heard()


class BesideVersion2(Beside):
    version, interval = 2, 1


class BesideIpv6(Beside):
    family, vip, length = "IPv6", VIP6, 64


if __name__ == "__main__":
    netns.enter_private()
    need_program("vrrpd")
    need_frr()
    unittest.main()
