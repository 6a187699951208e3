"""Who becomes master of two vrrpd and when: priorities, addresses, preemption, silence, splits, hostile adverts."""

import os
import random
import signal
import socket
import sys
import time
import unittest

sys.path.insert(0, os.path.dirname(os.path.dirname(os.path.abspath(__file__))))

from support import netns  # noqa: E402
from support.process import wait_for  # noqa: E402
from support.vrrp import (VIP, AdvertSender, Ping, Router, Sniffer, address, advert, checksum, instance,  # noqa: E402
                          master_down, need_program, send_advert)

FOREVER = 1.0  # of what must not happen, at an interval of 0.1 s: three times Master_Down_Interval


def right_by_chance(message, source):
    pseudo = socket.inet_aton(source) + socket.inet_aton("224.0.0.18") + bytes([0, 112]) + len(message).to_bytes(2, "big")
    return 0 in (checksum(message), checksum(pseudo + message))


class Election(unittest.TestCase):
    def setUp(self):
        self.network = netns.Network()
        self.addCleanup(self.network.close)
        self.a = Router(self, self.network, "a", 1)
        self.b = Router(self, self.network, "b", 2)

    def stays(self, condition, seconds=FOREVER):
        end = time.monotonic() + seconds
        while time.monotonic() < end:
            self.assertTrue(condition(), f"a:\n{self.a.log()}\nb:\n{self.b.log()}")
            time.sleep(0.02)

    def only_a(self):
        return self.a.state() == "MASTER" and self.a.has() and self.b.state() == "BACKUP" and not self.b.has()

    def test_the_higher_priority_wins(self):
        self.a.start(instance(priority=150))
        self.a.wait_state("MASTER")
        self.b.start(instance(priority=100))
        wait_for(self.only_a, what="a alone")
        self.stays(self.only_a)
        self.assertEqual(self.b.states(), ["BACKUP"])

    def test_the_greater_address_wins_a_tie(self):
        """Both start at once and become master at once; the one with the greater address stays."""
        self.a.isolate(True)
        for router in (self.a, self.b):
            router.start(instance())
        self.a.wait_state("MASTER")
        self.b.wait_state("MASTER")
        self.a.isolate(False)
        wait_for(lambda: self.a.state() == "BACKUP" and not self.a.has() and self.b.has(), what="b alone")
        self.assertEqual(self.b.states(), ["BACKUP", "MASTER"])

    def test_a_split_is_repaired_within_an_advert(self):
        self.a.start(instance(priority=150))
        self.b.start(instance(priority=100))
        wait_for(self.only_a, what="a alone")
        self.b.isolate(True)
        self.b.wait_state("MASTER")
        client = self.network.host("client", address(9) + "/24")
        with Sniffer(client) as sniffer:
            self.b.isolate(False)
            since = time.monotonic()
            wait_for(self.only_a, what="a alone")
            self.assertLess(time.monotonic() - since, 0.35)
            # The right one announces the address again, for whoever had learnt the wrong one.
            wait_for(sniffer.gratuitous_arps, what="gratuitous ARP")
        self.assertEqual(self.a.states(), ["BACKUP", "MASTER"])

    def test_after_a_split_clients_find_the_right_one(self):
        """Whichever of the two is heard first."""
        self.a.start(instance(priority=150))
        self.b.start(instance(priority=100))
        wait_for(self.only_a, what="a alone")
        client = self.network.host("client", address(9) + "/24")
        longest = 0
        with Ping(client) as ping:
            for _ in range(5):
                self.a.isolate(True)
                self.b.wait_state("MASTER")
                ping.outage(time.monotonic())  # b has answered for a while
                since = time.monotonic()
                self.a.isolate(False)
                wait_for(self.only_a, what="a alone")
                longest = max(longest, ping.outage(since))
        print(f"vrrp: clients after a split: at most {longest * 1000:.0f} ms", flush=True)
        self.assertLess(longest, 0.15)

    def test_preempts_a_lower_master(self):
        self.b.start(instance(priority=100))
        self.b.wait_state("MASTER")
        since = time.monotonic()
        self.a.start(instance(priority=150))
        wait_for(self.only_a, what="a alone")
        self.assertGreater(time.monotonic() - since, master_down(150) - 0.01)

    def test_nopreempt(self):
        self.b.start(instance(priority=100))
        self.b.wait_state("MASTER")
        self.a.start(instance(priority=150, nopreempt=True))
        self.a.wait_state("BACKUP")
        self.stays(lambda: self.a.state() == "BACKUP" and self.b.state() == "MASTER")
        self.b.stop()
        self.a.wait_state("MASTER")

    def test_preempt_delay(self):
        self.b.start(instance(priority=100))
        self.b.wait_state("MASTER")
        since = time.monotonic()
        self.a.start(instance(priority=150, preempt_delay=1))
        wait_for(self.only_a, what="a alone")
        took = time.monotonic() - since
        self.assertGreater(took, 1)
        self.assertLess(took, 1 + master_down(150) + 0.5)

    def test_the_owner_is_master_at_once(self):
        self.b.start(instance(priority=254))
        self.b.wait_state("MASTER")
        since = time.monotonic()
        self.a.start(instance(priority=255))
        self.a.wait_state("MASTER")
        self.assertLess(time.monotonic() - since, 0.3)
        wait_for(self.only_a, what="a alone")

    def test_the_interval_is_learnt(self):
        self.a.start(instance(priority=150, advert_int=0.5))
        self.a.wait_state("MASTER")
        self.b.start(instance(priority=100, advert_int=0.1))
        self.b.wait_state("BACKUP")
        with Sniffer(self.b.host) as sniffer:  # until the first advert b knows its own interval only
            wait_for(lambda: sniffer.adverts(address(1)), what="an advert of a")
        wait_for(self.only_a, what="a alone")
        self.stays(self.only_a, 2)

    def test_adverts_are_on_time(self):
        client = self.network.host("client", address(9) + "/24")
        self.a.start(instance(advert_int=0.05))
        self.a.wait_state("MASTER")
        with Sniffer(client) as sniffer:
            wait_for(lambda: len(sniffer.adverts(address(1))) > 40, what="adverts")
            times = [when for when, *_ in sniffer.adverts(address(1))]
        self.assertAlmostEqual((times[-1] - times[0]) / (len(times) - 1), 0.05, delta=0.002)

    def test_silence_for_the_master_down_interval_exactly(self):
        client = self.network.host("client", address(9) + "/24")
        self.b.start(instance(priority=100))
        late = []
        with Sniffer(client) as sniffer:
            for _ in range(5):
                wait_for(lambda: sniffer.adverts(address(2)), what="the first advert of b")
                for _ in range(3):
                    send_advert(client, advert(priority=200), address(7))
                    time.sleep(0.03)
                self.b.wait_state("BACKUP")
                last = max(when for when, *_ in sniffer.adverts(address(7)))
                sniffer.frames.clear()
                wait_for(lambda: sniffer.adverts(address(2)), what="the first advert of b")
                late.append(min(when for when, *_ in sniffer.adverts(address(2))) - last - master_down(100))
        print(f"vrrp: Master_Down_Timer: {min(late) * 1000:.1f} to {max(late) * 1000:.1f} ms late", flush=True)
        self.assertGreater(min(late), -0.002)
        self.assertLess(min(late), 0.005)

    def test_a_frozen_backup_does_not_take_over_when_it_wakes(self):
        self.a.start(instance(priority=150))
        self.b.start(instance(priority=100))
        wait_for(self.only_a, what="a alone")
        self.b.program.signal(signal.SIGSTOP)
        time.sleep(1)  # asleep beyond its Master_Down_Interval: that is what is tested
        self.b.program.signal(signal.SIGCONT)
        self.stays(self.only_a)
        self.assertEqual(self.b.states()[-1], "BACKUP")
        self.assertEqual(self.a.states(), ["BACKUP", "MASTER"])

    def frozen_master(self, **words):
        self.a.start(instance(priority=150, **words))
        self.a.wait_state("MASTER")
        self.b.start(instance(priority=100))
        wait_for(self.only_a, what="a alone")
        self.a.program.signal(signal.SIGSTOP)
        self.b.wait_state("MASTER")
        time.sleep(0.3)  # asleep for longer than its Master_Down_Interval
        self.a.program.signal(signal.SIGCONT)
        self.a.wait_state("BACKUP")
        wait_for(lambda: not self.a.has(), what="the address to go")

    def test_a_frozen_master_does_not_demote_its_successor(self):
        self.frozen_master(nopreempt=True)
        self.stays(lambda: self.b.state() == "MASTER" and self.b.has() and not self.a.has())
        self.assertEqual(self.b.states(), ["BACKUP", "MASTER"])

    def test_a_frozen_master_comes_back_as_any_backup_does(self):
        client = self.network.host("client", address(9) + "/24")
        self.frozen_master()
        with Sniffer(client) as sniffer:
            wait_for(self.only_a, what="a alone")
            wait_for(sniffer.gratuitous_arps, what="gratuitous ARP")

    def test_hostile_adverts_change_nothing(self):
        client = self.network.host("client", address(9) + "/24")
        self.a.start(instance(priority=100))
        self.a.wait_state("MASTER")
        whole = advert(priority=200)
        bad = [
            (whole, {"ttl": 254}),
            (whole[:7], {}),
            (advert(priority=200, vips=()), {}),
            (advert(priority=200, centiseconds=0), {}),
            (advert(priority=200, version=2, centiseconds=100), {}),
            (advert(priority=200, vrid=52), {}),
            (whole[:2] + b"\xff" + whole[3:], {}),
            (whole + b"\0", {}),
        ]
        for message, how in bad:
            send_advert(client, message, address(9), **how)
        numbers = random.Random(1)
        with AdvertSender(client) as sender:
            for _ in range(20000):
                mutated = bytearray(whole)
                for _ in range(numbers.randint(1, 4)):
                    mutated[numbers.randrange(len(mutated))] = numbers.randrange(256)
                del mutated[numbers.randint(0, 3 * len(mutated)):]
                # One in some 30,000 is right by chance, with or without the pseudo-header.
                if not right_by_chance(bytes(mutated), address(9)):
                    sender.send(bytes(mutated), address(9))
        self.stays(lambda: self.a.state() == "MASTER" and self.a.has(), 0.3)
        self.assertEqual(self.a.states(), ["BACKUP", "MASTER"])
        send_advert(client, whole, address(9))
        self.a.wait_state("BACKUP")

    def test_an_address_removed_by_somebody_else_is_put_back(self):
        client = self.network.host("client", address(9) + "/24")
        self.a.start(instance())
        self.a.wait_state("MASTER")
        wait_for(self.a.has, what="the address")
        with Sniffer(client) as sniffer:
            since = time.monotonic()
            self.a.host.run("ip", "addr", "del", VIP + "/24", "dev", "eth0")
            wait_for(self.a.has, what="the address again")
            self.assertLess(time.monotonic() - since, 0.1)
            wait_for(sniffer.gratuitous_arps, what="gratuitous ARP")
            self.assertEqual([p for _, p, _ in sniffer.adverts(address(1)) if p == 0], [])
        self.assertEqual(self.a.states(), ["BACKUP", "MASTER"])

    def test_an_address_left_behind_is_taken_down(self):
        self.b.start(instance(priority=150))
        self.b.wait_state("MASTER")
        self.a.host.run("ip", "addr", "add", VIP + "/24", "dev", "eth0")
        self.a.start(instance(priority=100))
        self.a.wait_state("BACKUP")
        wait_for(lambda: not self.a.has(), what="the address to go")

    def test_a_clean_stop_resigns_and_tidies_up(self):
        client = self.network.host("client", address(9) + "/24")
        self.a.start(instance())
        self.a.wait_state("MASTER")
        with Sniffer(client) as sniffer:
            self.assertEqual(self.a.stop(), 0)
            self.assertFalse(self.a.has())
            wait_for(lambda: [p for _, p, _ in sniffer.adverts(address(1))][-1:] == [0], what="priority 0")


if __name__ == "__main__":
    netns.enter_private()
    need_program("vrrpd")
    unittest.main()
