"""What keepalived does wrong, as one sees from outside, and vrrpd does not. More of it stands where it belongs: strangers
in unicast and a file without its last brace in vrrp_modes_test.py, the address that somebody else deletes and the advert
with interval 0 in vrrp_election_test.py."""

import os
import sys
import time
import unittest

sys.path.insert(0, os.path.dirname(os.path.dirname(os.path.abspath(__file__))))

from support import netns  # noqa: E402
from support.process import need_program, wait_for  # noqa: E402
from support.vrrp import Router, Sniffer, address, advert, instance, send_advert  # noqa: E402


class Faults(unittest.TestCase):
    def setUp(self):
        self.network = netns.Network()
        self.addCleanup(self.network.close)
        self.a = Router(self, self.network, "a", 1)
        self.client = self.network.host("client", address(9) + "/24")

    def master(self, **words):
        self.a.start(instance(**words))
        self.a.wait_state("MASTER", timeout=10)

    def refuses(self, flaw, *messages):
        """None of them moves the master, and each is counted and told with this flaw."""
        for message in messages:
            for _ in range(3):
                send_advert(self.client, message, address(9))
            wait_for(lambda: flaw in self.a.log(), what=f"'{flaw}'\n{self.a.log()}")
        time.sleep(0.3)  # what must not happen
        self.assertEqual(self.a.states(), ["BACKUP", "MASTER"], self.a.log())

    def gives_way(self):
        """It may be master again soon: the sender is silent."""
        wait_for(lambda: "BACKUP" in self.a.states()[1:], what=f"it to give way\n{self.a.log()}")

    def test_a_wrong_checksum_without_pseudo_header(self):
        self.master(v3_checksum_as_v2=True)
        whole = advert(priority=200)
        self.refuses("checksum", whole[:6] + bytes([whole[6] ^ 0x40]) + whole[7:], whole[:6] + b"\0\0" + whole[8:])
        send_advert(self.client, whole, address(9))
        self.gives_way()

    def test_no_addresses(self):
        self.master()
        self.refuses("address", advert(priority=200, vips=()))

    def test_no_addresses_in_version_2(self):
        self.master(version=2, advert_int=1)
        self.refuses("address", advert(priority=200, version=2, centiseconds=100, vips=()))

    def test_other_addresses_in_version_2(self):
        self.master(version=2, advert_int=1)
        self.refuses("address", advert(priority=200, version=2, centiseconds=100, vips=("10.77.0.99",)),
                     advert(priority=200, version=2, centiseconds=100, vips=("10.77.0.100", "10.77.0.99")))
        send_advert(self.client, advert(priority=200, version=2, centiseconds=100), address(9))
        self.gives_way()

    def test_interval_0_in_both_versions(self):
        self.master()
        with Sniffer(self.client) as sniffer:
            self.refuses("interval", advert(priority=200, centiseconds=0))
            self.assertNotIn(0, [priority for _, priority, _ in sniffer.adverts(address(1))])
        self.a.stop()
        self.master(version=2, advert_int=1)
        self.refuses("interval", advert(priority=200, version=2, centiseconds=0))

    def test_state_backup_with_priority_255(self):
        self.a.start(instance(state="BACKUP", priority=255, advert_int=1))
        self.a.wait_state("MASTER")
        self.assertEqual(self.a.states(), ["MASTER"])  # it has not waited as a backup

    def test_an_owner_that_obeys_nobody(self):
        """Only if it is told so: of two owners the RFC lets the one with the lower address give way."""
        self.a.start(instance(priority=255, owner_ignore_adverts=True))
        self.a.wait_state("MASTER")
        for _ in range(5):
            send_advert(self.client, advert(priority=255), address(9))
            time.sleep(0.05)
        self.assertEqual(self.a.states(), ["MASTER"])
        self.a.stop()
        self.a.start(instance(priority=255))
        self.a.wait_state("MASTER")
        send_advert(self.client, advert(priority=255), address(9))
        self.gives_way()

    def test_its_own_limit_of_real_time(self):
        """So little that it is reached at once."""
        try:
            os.sched_setscheduler(0, os.SCHED_RR, os.sched_param(1))
        except PermissionError:
            self.skipTest("no right to real-time priority")
        os.sched_setscheduler(0, os.SCHED_OTHER, os.sched_param(0))
        for _ in range(5):
            self.a.start(instance(priority=255), ["vrrp_rt_priority 20", "vrrp_rlimit_rttime 1"])
            self.a.wait_state("MASTER")
            self.assertTrue(self.a.program.alive(), self.a.log())
            self.assertEqual(self.a.stop(), 0)


if __name__ == "__main__":
    netns.enter_private()
    need_program("vrrpd")
    unittest.main()
