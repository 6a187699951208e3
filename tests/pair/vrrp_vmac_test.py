"""use_vmac: two vrrpd, or vrrpd beside keepalived, whose addresses have the virtual MAC address of the RFC."""

import os
import sys
import time
import unittest

sys.path.insert(0, os.path.dirname(os.path.dirname(os.path.abspath(__file__))))

from support import netns  # noqa: E402
from support.process import find_program, wait_for  # noqa: E402
from support.vrrp import VIP, VIP6, Ping, Router, Sniffer, address, address6, instance, need_program  # noqa: E402

MAC4 = "00:00:5e:00:01:33"
MAC6 = "00:00:5e:00:02:33"


class VirtualMac(unittest.TestCase):
    def setUp(self):
        self.network = netns.Network()
        self.addCleanup(self.network.close)
        self.client = self.network.host("client", address(9) + "/24", address6(9) + "/64")

    def pair(self, first="vrrpd", second="vrrpd"):
        self.a = Router(self, self.network, "a", 1, first)
        self.b = Router(self, self.network, "b", 2, second)

    def has(self, router, vip, device="vrrp.51"):
        return vip in [each.split("/")[0] for each in router.host.addresses(device)]

    def wait_alone(self, router, vip=VIP, device="vrrp.51"):
        other = self.b if router is self.a else self.a
        wait_for(lambda: router.state() == "MASTER" and self.has(router, vip, device) and
                 not (self.has(other, vip, device) if other.program else False), 10,
                 f"{router.name} alone\n{self.a.log()}\n{self.b.log()}")

    def neighbour(self, vip=VIP):
        """The MAC address that the client has for the address."""
        words = self.client.run("ip", "neigh", "show", vip).split()
        return words[words.index("lladdr") + 1] if "lladdr" in words else None

    def fail_over(self, vip, device, mac, **words):
        self.b.start(instance(priority=100, use_vmac=True, **words))
        self.a.start(instance(priority=150, use_vmac=True, **words))
        self.wait_alone(self.a, vip, device)
        with Sniffer(self.client) as sniffer, Ping(self.client, vip) as ping:
            self.assertEqual(self.neighbour(vip), mac)
            wait_for(lambda: sniffer.frames, what="frames")
            since = time.monotonic()
            self.a.stop()
            self.wait_alone(self.b, vip, device)
            outage = ping.outage(since)
            self.assertLess(outage, 0.5)
            self.assertEqual(self.neighbour(vip), mac)
            sources = {frame[6:12].hex(":") for _, frame in sniffer.frames if self.is_vrrp(frame)}
            self.assertEqual(sources, {mac})
        self.assertEqual(self.a.host.run("ip", "-o", "link", "show", "type", "macvlan"), "", "what was made is removed")

    @staticmethod
    def is_vrrp(frame):
        return (frame[12:14] == b"\x08\x00" and frame[23] == 112) or (frame[12:14] == b"\x86\xdd" and frame[20] == 112)

    def test_ipv4(self):
        self.pair()
        self.fail_over(VIP, "vrrp.51", MAC4, vips=(VIP + "/32",))

    def test_ipv4_with_a_network(self):
        self.pair()
        self.fail_over(VIP, "vrrp.51", MAC4)

    def test_ipv6(self):
        self.pair()
        self.fail_over(VIP6, "vrrp6.51", MAC6, vips=("fe80::77:100/64", VIP6 + "/64"))

    def test_both_families(self):
        self.pair()
        self.fail_over(VIP6, "vrrp.51", MAC4, excluded=(VIP6 + "/64",))

    def test_version_2(self):
        self.pair()
        self.b.start(instance(priority=100, use_vmac=True, version=2, advert_int=1))
        self.a.start(instance(priority=150, use_vmac=True, version=2, advert_int=1))
        self.wait_alone(self.a)

    def test_several_instances(self):
        def config(one, other):
            return (instance("VI_1", priority=one, use_vmac=True) +
                    instance("VI_2", priority=other, use_vmac="second 00:00:5e:00:01", virtual_router_id=52,
                             vips=("10.77.0.101/24",)))

        self.pair()
        self.b.start(config(100, 150))
        self.a.start(config(150, 100))
        wait_for(lambda: self.has(self.a, VIP) and self.has(self.b, "10.77.0.101", "second") and
                 not self.has(self.b, VIP) and not self.has(self.a, "10.77.0.101", "second"), 10, "one each")
        with Ping(self.client, VIP), Ping(self.client, "10.77.0.101"):
            self.assertEqual((self.neighbour(VIP), self.neighbour("10.77.0.101")), (MAC4, "00:00:5e:00:01:34"))

    def test_adverts_by_the_real_interface(self):
        self.pair()
        words = {"use_vmac": True, "vmac_xmit_base": True}
        self.b.start(instance(priority=100, **words))
        self.a.start(instance(priority=150, **words))
        self.wait_alone(self.a)
        with Sniffer(self.client) as sniffer:
            wait_for(lambda: sniffer.adverts(address(1)), what="an advert")
            self.assertNotEqual(sniffer.adverts(address(1))[0][2][6:12].hex(":"), MAC4)

    def test_one_with_and_one_without(self):
        """A peer with the real MAC address is heard, and hears."""
        self.pair()
        self.b.start(instance(priority=100))
        self.a.start(instance(priority=150, use_vmac=True))
        wait_for(lambda: self.has(self.a, VIP) and not self.b.has(), what="a alone")
        self.a.stop()
        wait_for(self.b.has, what="b")
        self.a.start(instance(priority=150, use_vmac=True))
        wait_for(lambda: self.has(self.a, VIP) and not self.b.has(), what="a alone")

    def test_a_restart_after_kill(self):
        """What a killed process left is made anew, and the kernel's settings are put back at the end."""
        self.pair()
        ignore = "/proc/sys/net/ipv4/conf/eth0/arp_ignore"
        self.a.start(instance(priority=255, use_vmac=True))
        wait_for(lambda: self.has(self.a, VIP), what="the address")
        self.assertEqual(self.a.host.run("cat", ignore).strip(), "1")
        self.a.kill()
        self.a.start(instance(priority=100, use_vmac=True))
        self.a.wait_state("MASTER")
        wait_for(lambda: self.has(self.a, VIP), what="the address")
        self.a.stop()
        self.assertEqual(self.a.host.addresses("vrrp.51"), [])

    def test_arp_settings_are_put_back(self):
        self.pair()
        self.a.start(instance(priority=255, use_vmac=True))
        wait_for(lambda: self.has(self.a, VIP), what="the address")
        self.a.stop()
        for name in ("arp_ignore", "arp_announce"):
            self.assertEqual(self.a.host.run("cat", f"/proc/sys/net/ipv4/conf/eth0/{name}").strip(), "0")

    def test_a_backup_sends_nothing_with_the_virtual_mac(self):
        self.pair()
        self.a.start(instance(priority=150, use_vmac=True))
        self.wait_alone(self.a)
        with Sniffer(self.client) as sniffer:
            since = len(sniffer.frames)
            self.b.start(instance(priority=100, use_vmac=True))
            self.b.wait_state("BACKUP")
            wait_for(lambda: len(sniffer.adverts(address(1))) > 10, what="adverts")
            others = [frame for _, frame in sniffer.frames[since:]
                      if frame[6:12].hex(":") == MAC4 and not self.is_vrrp(frame)]
            others = [frame for frame in others if frame[12:14] != b"\x08\x06"]  # the master's announcements
            self.assertEqual(others, [])
            self.assertEqual(sniffer.adverts(address(2)), [])

    def test_beside_keepalived(self):
        if find_program("keepalived") is None:
            self.skipTest("no keepalived")
        for first, second in (("vrrpd", "keepalived"), ("keepalived", "vrrpd")):
            for vip, device, words in ((VIP, "vrrp.51", {}), (VIP6, "vrrp6.51", {"vips": ("fe80::77:100/64", VIP6 + "/64")})):
                with self.subTest(first=first, second=second, vip=vip):
                    self.doCleanups()
                    self.setUp()
                    self.pair(first, second)
                    self.fail_over_beside(vip, device, words)

    def fail_over_beside(self, vip, device, words):
        def has(router):
            out = router.host.run("ip", "-o", "addr", "show", check=False)
            return any(f" {vip}/" in line and "vrrp" in line for line in out.splitlines())

        self.b.start(instance(priority=100, use_vmac=device, **words))
        self.a.start(instance(priority=150, use_vmac=device, **words))
        wait_for(lambda: has(self.a) and not has(self.b), 10, f"a alone\n{self.a.log()}\n{self.b.log()}")
        if self.a.kind == "vrrpd":  # keepalived's real interface asks for neighbours in the name of the address
            with Ping(self.client, vip):
                self.assertIn(self.neighbour(vip), (MAC4, MAC6))
        self.a.stop()
        wait_for(lambda: has(self.b), 10, f"b to take over\n{self.b.log()}")


if __name__ == "__main__":
    netns.enter_private()
    need_program("vrrpd")
    unittest.main()
