"""The ways in which two vrrpd may be configured: IPv6, unicast, version 2 with a password, groups, trackers, scripts,
reload."""

import os
import signal
import socket
import sys
import time
import unittest

sys.path.insert(0, os.path.dirname(os.path.dirname(os.path.abspath(__file__))))

from support import netns  # noqa: E402
from support.link import ROLE_LBCTL, Link, decode, first  # noqa: E402
from support.process import run, wait_for  # noqa: E402
from support.vrrp import (VIP, VIP6, Ping, Router, Sniffer, address, address6, advert, instance, need_program,  # noqa: E402
                          send_advert)

VRRP_STATES = 11


class Pair(unittest.TestCase):
    def setUp(self):
        self.network = netns.Network()
        self.addCleanup(self.network.close)
        self.a = Router(self, self.network, "a", 1)
        self.b = Router(self, self.network, "b", 2)

    def client(self):
        return self.network.host("client", address(9) + "/24", address6(9) + "/64")

    def start(self, a, b):
        self.b.start(b)
        self.a.start(a)
        self.wait_a()

    def alone(self, router, vip=VIP):
        other = self.b if router is self.a else self.a
        return router.state() == "MASTER" and router.has(vip) and other.state() != "MASTER" and not other.has(vip)

    def wait_a(self, vip=VIP):
        wait_for(lambda: self.alone(self.a, vip), 8, f"a alone\n{self.a.log()}\n{self.b.log()}")

    def wait_b(self, vip=VIP):
        wait_for(lambda: self.alone(self.b, vip), 8, f"b alone\n{self.a.log()}\n{self.b.log()}")


class Modes(Pair):
    def test_ipv6(self):
        vips = (VIP6 + "/64", "fe80::77:100/64")
        self.b.start(instance(vips=vips, priority=100))
        self.a.start(instance(vips=vips, priority=150))
        self.wait_a(VIP6)
        client = self.client()
        with Sniffer(client) as sniffer, Ping(client, VIP6) as ping:
            since = time.monotonic()
            self.a.stop()
            wait_for(lambda: self.b.has(VIP6) and self.b.state() == "MASTER", what="b to be master")
            self.assertLess(ping.outage(since), 0.3)
            frame = sniffer.neighbour_advertisements()[0][1]
            # Hop limit 255; override set, solicited not, router as the host forwards; the MAC goes along.
            self.assertEqual((frame[21], frame[58] & 0xE0, frame[-6:]), (255, 0x20, frame[6:12]))

    def test_both_families_in_one_instance(self):
        words = {"excluded": (VIP6 + "/64",)}
        self.start(instance(priority=150, **words), instance(**words))
        wait_for(lambda: self.a.has(VIP6), what="the IPv6 address")
        self.a.stop()
        wait_for(lambda: self.b.has(VIP) and self.b.has(VIP6), what="both addresses on b")

    def test_both_families_have_adverts(self):
        """One state behind the adverts of both; those of either family are enough to hear that the master lives."""
        words = {"vips": (VIP + "/24", VIP6 + "/64")}
        with Sniffer(self.client()) as sniffer:
            self.start(instance(priority=150, **words), instance(**words))
            wait_for(lambda: self.a.has(VIP6), what="the IPv6 address")

            def named(family):
                found = sniffer.adverts(address(1)) if family == 4 else sniffer.adverts6()
                return found[-1][2] if found else b""

            wait_for(lambda: named(4) and named(6), what="adverts of both families")
            before = self.b.states()
            self.assertEqual((named(4)[37], named(4)[42:46]), (1, socket.inet_aton(VIP)))
            self.assertEqual((named(6)[57], named(6)[62:78]), (1, socket.inet_pton(socket.AF_INET6, VIP6)))
            for each in (4, 6):
                with self.b.deaf_to(each):
                    since = time.monotonic()
                    wait_for(lambda s=since: sniffer.adverts(address(1))[-1][0] > s + 1, what="ten adverts")
                    self.assertEqual(self.b.states(), before)
            with self.b.deaf_to(4), self.b.deaf_to(6):
                wait_for(lambda: self.b.state() == "MASTER" and self.b.has(VIP) and self.b.has(VIP6), what="b to follow")
            self.wait_a()

    def test_between_equals_one_family_decides(self):
        """b has the greater IPv4 address, a the greater IPv6 address: nobody may obey the other in turn."""
        self.a.host.run("ip", "addr", "flush", "dev", "eth0", "scope", "link")
        self.a.host.run("ip", "addr", "add", "fe80:0:0:0:ffff::1/64", "dev", "eth0", "nodad")
        words = {"vips": (VIP + "/24", VIP6 + "/64")}
        self.a.start(instance(**words))
        self.a.wait_state("MASTER")
        with self.b.deaf_to(4), self.b.deaf_to(6):
            self.b.start(instance(**words))
            self.b.wait_state("MASTER")
        self.a.wait_state("BACKUP")
        with Sniffer(self.client()) as sniffer:
            wait_for(lambda: len(sniffer.adverts(address(2))) > 10, what="ten adverts of b")
            self.assertEqual(sniffer.adverts(address(1)), [])
        self.assertEqual(self.b.states()[-1], "MASTER")
        self.assertEqual(self.a.states().count("BACKUP"), 2, self.a.log())

    def test_version_2(self):
        lines = ("authentication {", "  auth_type PASS", "  auth_pass longerthan8", "}")
        words = {"version": 2, "advert_int": 1, "lines": lines}
        self.start(instance(priority=150, **words), instance(priority=254 - 150, **words))
        client = self.client()
        with Sniffer(client) as sniffer:
            wait_for(lambda: sniffer.adverts(address(1)), what="an advert")
            self.assertEqual(sniffer.adverts(address(1))[0][2][46:54], b"longerth")
            # Wrong or no password: nobody listens.
            for password in (None, b"another"):
                send_advert(client, advert(version=2, priority=254, centiseconds=100, password=password), address(9))
            time.sleep(0.2)
            self.assertEqual(self.a.state(), "MASTER")
            send_advert(client, advert(version=2, priority=254, centiseconds=100, password=b"longerth"), address(9))
            self.a.wait_state("BACKUP")

    def test_unicast(self):
        def config(own, peer, **words):
            return instance(lines=("unicast_peer {", f"  {address(peer)}", "}"), unicast_src_ip=address(own), **words)

        self.start(config(1, 2, priority=150), config(2, 1))
        client = self.client()
        with Sniffer(client) as sniffer:
            # A stranger deposes nobody.
            for _ in range(5):
                send_advert(client, advert(priority=254), address(9), address(1))
            time.sleep(0.3)
            self.assertEqual(self.a.states(), ["BACKUP", "MASTER"])
            self.assertEqual(sniffer.adverts(address(1)), [])
        self.a.stop()
        self.b.wait_state("MASTER")

    def test_unicast_ipv6(self):
        def config(own, peer, **words):
            return instance(vips=(VIP6 + "/64",), lines=("unicast_peer {", f"  {address6(peer)}", "}"),
                            unicast_src_ip=address6(own), **words)

        self.b.start(config(2, 1))
        self.a.start(config(1, 2, priority=150))
        self.wait_a(VIP6)
        self.a.stop()
        wait_for(lambda: self.b.has(VIP6), what="b to be master")

    def test_no_accept(self):
        """Packets to the addresses are dropped, but for neighbour discovery; with `accept` strict mode does no harm."""
        vips = {"vips": (VIP + "/24",), "excluded": (VIP6 + "/64",), "priority": 150}
        client = self.client()

        def reachable():
            """UDP to a closed port brings an error where it is accepted."""
            found = []
            for family, vip in ((socket.AF_INET, VIP), (socket.AF_INET6, VIP6)):
                with client.inside():
                    probe = socket.socket(family, socket.SOCK_DGRAM)
                with probe:
                    probe.settimeout(0.3)
                    probe.connect((vip, 9))
                    try:
                        probe.send(b"x")
                        probe.recv(1)
                    except ConnectionRefusedError:
                        found.append(vip)
                    except OSError:
                        pass
            return found

        for words, strict, expected in (({}, (), [VIP, VIP6]), ({"no_accept": True}, (), []), ({}, ("vrrp_strict",), []),
                                        ({"accept": True}, ("vrrp_strict",), [VIP, VIP6])):
            with self.subTest(words=words, strict=strict):
                self.a.start(instance(**vips, **words), strict)
                self.a.wait_state("MASTER")
                wait_for(lambda: self.a.has(VIP) and self.a.has(VIP6), what="the addresses")
                self.assertEqual(reachable(), expected, self.a.log())
                if not expected and strict:
                    self.assertIn("DROPS ALL PACKETS", self.a.log())
                self.a.stop()
        # Nothing stays behind: the addresses are this host's own now.
        for each in (VIP + "/24", VIP6 + "/64"):
            self.a.host.run("ip", "addr", "add", each, "dev", "eth0")
        wait_for(lambda: reachable() == [VIP, VIP6], what="answers")

    def test_a_group_moves_together(self):
        def config(priority, track=()):
            return (instance("VI_1", priority=priority, lines=track) +
                    instance("VI_2", priority=priority, virtual_router_id=52, vips=("10.77.0.101/24",)) +
                    "vrrp_sync_group G {\n group {\n VI_1\n VI_2\n }\n}\n")

        # Only VI_1 depends on the second interface.
        self.a.host.run("ip", "link", "add", "eth1", "type", "veth", "peer", "name", "eth1p")
        for device in ("eth1", "eth1p"):
            self.a.host.link(device, True)
        self.b.start(config(100))
        self.a.start(config(150, ("track_interface {", "  eth1", "}")))
        wait_for(lambda: self.a.has(VIP) and self.a.has("10.77.0.101") and not self.b.has(VIP), what="a to have both")
        self.a.host.link("eth1", False)
        wait_for(lambda: self.b.has(VIP) and self.b.has("10.77.0.101"), what="b to have both")
        self.assertEqual((self.a.state("VI_1"), self.a.state("VI_2")), ("FAULT", "FAULT"))
        self.assertFalse(self.a.has(VIP) or self.a.has("10.77.0.101"))
        self.a.host.link("eth1", True)
        wait_for(lambda: self.a.has(VIP) and self.a.has("10.77.0.101") and not self.b.has(VIP), what="a to have both")


class Tracking(Pair):
    def script(self, router, **words):
        text = "".join(f"  {word} {value}\n" for word, value in words.items())
        return f'vrrp_script chk {{\n  script "/usr/bin/test ! -e {router.directory}/bad"\n{text}}}\n'

    def spoil(self, router, bad):
        path = f"{router.directory}/bad"
        if bad:
            with open(path, "w", encoding="ascii"):
                pass
        else:
            os.unlink(path)

    def test_script_without_weight(self):
        track = ("track_script {", "  chk", "}")
        self.start(self.script(self.a, interval=0.05, fall=2) + instance(priority=150, lines=track), instance())
        self.spoil(self.a, True)
        self.wait_b()
        self.assertEqual(self.a.state(), "FAULT")
        self.spoil(self.a, False)
        self.wait_a()

    def test_script_with_weight(self):
        track = ("track_script {", "  chk", "}")
        self.start(self.script(self.a, interval=0.05, weight=-60) + instance(priority=150, lines=track), instance())
        self.spoil(self.a, True)
        self.wait_b()
        self.assertEqual(self.a.state(), "BACKUP")
        self.assertIn("Changing effective priority from 150 to 90", self.a.log())
        self.spoil(self.a, False)
        self.wait_a()

    def test_script_that_hangs_is_killed(self):
        with open(f"{self.a.directory}/hang", "w", encoding="ascii") as file:
            file.write("#!/bin/sh\nsleep 1000 &\nwait\n")
        os.chmod(file.name, 0o755)
        script = f'vrrp_script chk {{\n  script "{file.name}"\n  interval 0.1\n  timeout 0.1\n  fall 1\n}}\n'
        self.start(instance(priority=150), instance())
        self.a.write(script + instance(priority=150, lines=("track_script {", "  chk", "}")))
        self.a.program.signal(signal.SIGHUP)
        self.a.wait_state("FAULT")
        self.wait_b()
        self.a.stop()
        wait_for(lambda: "sleep" not in run(["ps", "-o", "args=", "--ppid", "1"])[1].replace(file.name, ""), 3,
                 "the script's child to be gone")

    def test_interface_with_weight(self):
        self.a.host.run("ip", "link", "add", "eth1", "type", "veth", "peer", "name", "eth1p")
        for device in ("eth1", "eth1p"):
            self.a.host.link(device, True)
        self.start(instance(priority=90, lines=("track_interface {", "  eth1 weight 60", "}")), instance())
        self.a.host.link("eth1p", False)
        self.wait_b()
        self.a.host.link("eth1p", True)
        self.wait_a()

    def test_an_interface_that_comes_later(self):
        self.a.host.run("ip", "link", "set", "eth0", "down")
        self.a.host.run("ip", "link", "set", "eth0", "name", "eth9")
        self.a.start(instance())
        self.a.wait_state("FAULT")
        self.a.host.run("ip", "link", "set", "eth9", "name", "eth0")
        self.a.host.link("eth0", True)
        self.a.wait_state("MASTER")


class Scripts(Pair):
    def test_notifications_are_in_order_and_never_at_once(self):
        log = f"{self.a.directory}/notified"
        with open(f"{self.a.directory}/notify", "w", encoding="ascii") as file:
            file.write(f'#!/bin/sh\necho "begin $*" >> {log}\nsleep 0.2\necho "end $*" >> {log}\n')
        os.chmod(file.name, 0o755)
        words = [f'notify "{file.name} own"', f'notify_master "{file.name} master"', f'notify_stop "{file.name} stop"',
                 f'notify_backup "{file.name} backup"', f'notify_fault "{file.name} fault"']
        self.a.start(instance(lines=words, advert_int=0.02))
        self.a.wait_state("MASTER")
        self.a.host.link("eth0", False)
        self.a.wait_state("FAULT")
        self.a.stop()
        expected = []
        for word, state in (("backup", "BACKUP"), ("master", "MASTER"), ("fault", "FAULT"), ("stop", "STOP")):
            for arguments in (word, f"own INSTANCE VI_1 {state} 100"):
                expected += [f"begin {arguments}", f"end {arguments}"]
        with open(log, encoding="ascii") as file:
            self.assertEqual(file.read().splitlines(), expected)

    def test_dump_and_statistics(self):
        self.a.start(instance(priority=150))
        self.a.wait_state("MASTER")
        self.a.program.signal(signal.SIGUSR1)
        self.a.program.signal(signal.SIGUSR2)
        texts = []
        for name in ("dump", "stats"):
            path = f"{self.a.directory}/{name}"
            wait_for(lambda p=path: os.path.exists(p) and os.path.getsize(p), what=name)
            with open(path, encoding="ascii") as file:
                texts.append(file.read())
        self.assertIn(" VRRP Instance = VI_1\n   VRRP Version = 3\n   State = MASTER\n", texts[0])
        self.assertIn("     10.77.0.100/24 dev eth0 set\n", texts[0])
        self.assertIn("  vrrp_became_master: 1\n", texts[1])

    def test_states_are_published(self):
        self.a.start(instance(priority=150))
        self.a.wait_state("MASTER")
        with Link(f"{self.a.directory}/vrrpd.sock", ROLE_LBCTL) as link:
            def published():
                body, fields = link.receive()
                assert body == VRRP_STATES, body
                fields = decode(fields[1][0])
                return first(fields, 1), first(fields, 2), first(fields, 4), first(fields, 8)

            self.assertEqual(published(), (b"VI_1", 2, 150, VIP.encode()))
            self.a.host.link("eth0", False)
            self.assertEqual(published()[1], 3)
            self.assertGreater(link.stats()["instance VI_1", "vrrp_adverts_sent"], 0)


class Reload(Pair):
    def reload(self, config):
        self.a.write(config)
        lines = self.a.log().count("Reloaded")
        self.a.program.signal(signal.SIGHUP)
        wait_for(lambda: self.a.log().count("Reloaded") > lines, what=f"the reload\n{self.a.log()}")

    def test_mastership_is_kept(self):
        self.start(instance(priority=150), instance())
        client = self.client()
        with Sniffer(client) as sniffer:
            self.reload(instance(priority=160, vips=(VIP + "/24", "10.77.0.102/24")))
            wait_for(lambda: self.a.has("10.77.0.102"), what="the new address")
            wait_for(lambda: [each for each in sniffer.adverts(address(1)) if each[1] == 160], what="the new priority")
            self.reload(instance(priority=160))
            self.assertTrue(self.a.has(VIP) and not self.a.has("10.77.0.102"))
            wait_for(lambda: len(sniffer.adverts(address(1))) > 8, what="adverts")
            times = [when for when, *_ in sniffer.adverts(address(1))]
            self.assertNotIn(0, [priority for _, priority, _ in sniffer.adverts(address(1))])
            self.assertLess(max(b - a for a, b in zip(times, times[1:])), 0.15)
        self.assertEqual(self.a.states(), ["BACKUP", "MASTER"])
        self.assertEqual(self.b.states()[-1], "BACKUP")

    def test_a_wrong_file_changes_nothing(self):
        self.start(instance(priority=150), instance())
        self.a.write(instance(priority=50).rstrip().removesuffix("}"))
        self.a.program.signal(signal.SIGHUP)
        wait_for(lambda: "the configuration stays as it is" in self.a.log(), what="the refusal")
        self.assertIn("this '{' is never closed", self.a.log())
        time.sleep(0.5)
        self.assertTrue(self.alone(self.a))

    def test_only_what_changed_is_announced(self):
        second = instance("VI_2", virtual_router_id=52, vips=("10.77.0.101/24",))
        self.a.start(instance(priority=150) + second)
        self.a.wait_state("MASTER")
        self.a.wait_state("MASTER", "VI_2")
        client = self.client()
        with Sniffer(client) as sniffer:
            self.reload(instance(priority=150, vips=(VIP + "/24", "10.77.0.102/24")) + second)
            wait_for(lambda: sniffer.gratuitous_arps("10.77.0.102"), what="the new address")
            wait_for(lambda: len(sniffer.adverts(address(1))) > 3, what="adverts")
            self.assertEqual((sniffer.gratuitous_arps(VIP), sniffer.gratuitous_arps("10.77.0.101")), ([], []))

    def test_a_group_in_fault_stays_there(self):
        config = (instance("VI_1", lines=("track_interface {", "  eth7", "}")) +
                  instance("VI_2", virtual_router_id=52, vips=("10.77.0.101/24",)) +
                  "vrrp_sync_group G {\n group {\n VI_1\n VI_2\n }\n}\n")
        self.a.start(config)
        self.a.wait_state("FAULT", "VI_1")
        self.a.wait_state("FAULT", "VI_2")
        before = self.a.states("VI_2")
        self.reload(config)
        time.sleep(0.5)
        self.assertEqual(self.a.states("VI_2"), before)

    def test_instances_come_and_go(self):
        second = instance("VI_2", virtual_router_id=52, vips=("10.77.0.101/24",))
        self.a.start(instance(priority=150))
        self.a.wait_state("MASTER")
        self.reload(instance(priority=150) + second)
        self.a.wait_state("MASTER", "VI_2")
        self.assertTrue(self.a.has("10.77.0.101"))
        self.reload(instance(priority=150))
        self.assertFalse(self.a.has("10.77.0.101"))
        self.assertTrue(self.a.has())


if __name__ == "__main__":
    netns.enter_private()
    need_program("vrrpd")
    unittest.main()
