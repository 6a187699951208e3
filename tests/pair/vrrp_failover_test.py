"""How long a client misses the virtual address when the active of two vrrpd goes, at advert_int 0.1 s: ten rounds of each
way to go, median and worst printed; the median must keep the promise, nine of ten with a little slack."""

import os
import signal
import socket
import sys
import threading
import time
import unittest

sys.path.insert(0, os.path.dirname(os.path.dirname(os.path.abspath(__file__))))

from support import netns  # noqa: E402
from support.link import ROLE_LBD, frame, hello  # noqa: E402
from support.process import wait_for  # noqa: E402
from support.vrrp import (VIP, Ping, Router, Sniffer, address, figures, instance, master_down, need_program,  # noqa: E402
                          skew)

ROUNDS = int(os.environ.get("TANDEM_ROUNDS", "5"))
SLACK = 0.03


class FakeLbd:
    """The link socket of an lbd: says hello, and dies on demand as the kernel lets it die."""

    def __init__(self, path):
        self.listener = socket.socket(socket.AF_UNIX)
        self.listener.bind(path)
        self.listener.listen()
        self.path = path
        self.links = []
        self.thread = threading.Thread(target=self._accept, daemon=True)
        self.thread.start()

    def _accept(self):
        while True:
            try:
                link, _ = self.listener.accept()
            except OSError:
                return
            try:
                link.sendall(frame(hello(ROLE_LBD)))
            except BrokenPipeError:  # Before vrrpd links up, it asks with a connection of no words whether one is here.
                link.close()
            else:
                self.links.append(link)

    def die(self):
        os.unlink(self.path)
        self.listener.shutdown(socket.SHUT_RDWR)
        self.listener.close()
        self.thread.join()
        for link in self.links:
            link.close()


class Failover(unittest.TestCase):
    def setUp(self):
        self.network = netns.Network()
        self.addCleanup(self.network.close)
        self.a = Router(self, self.network, "a", 1)
        self.b = Router(self, self.network, "b", 2)
        self.client = self.network.host("client", address(9) + "/24", "fd77::9/64")

    def start(self):
        self.b.start(instance(priority=100))
        self.a.start(instance(priority=110))
        self.a.wait_state("MASTER")
        wait_for(lambda: self.b.state() == "BACKUP" and not self.b.has(), what="b to give way")

    def measure(self, what, promise, fail, repair, vip=VIP):
        outages = []
        with Ping(self.client, vip) as ping:
            for _ in range(ROUNDS):
                since = time.monotonic()
                fail()
                self.b.wait_state("MASTER")
                outages.append(ping.outage(since))
                repair()
                self.a.wait_state("MASTER")
                wait_for(lambda: self.b.state() == "BACKUP", what="b to give way")
        median, _ = figures(what, outages, promise)
        self.assertLessEqual(median, promise)
        # A busy machine may keep any process from running for a while, but not in two rounds of ten.
        self.assertLessEqual(sorted(outages)[-2], promise + SLACK)

    def restart(self):
        self.a.start(instance(priority=110))

    def test_clean_stop(self):
        self.start()
        # The skew passes with the address on the old master: nobody waits for it.
        self.measure("clean stop", 0.01, self.a.stop, self.restart)

    def test_clean_stop_at_one_second(self):
        """Nor does anybody at an interval at which the skew takes 0.6 s."""
        self.b.start(instance(priority=100, advert_int=1))
        self.a.start(instance(priority=255, advert_int=1))
        self.a.wait_state("MASTER")
        wait_for(lambda: self.b.state() == "BACKUP", what="b to give way")
        self.measure("clean stop at 1 s", 0.01, self.a.stop, lambda: self.a.start(instance(priority=255, advert_int=1)))

    def test_clean_stop_of_version_2(self):
        self.b.start(instance(priority=100, advert_int=1, version=2))
        self.a.start(instance(priority=255, advert_int=1, version=2))
        self.a.wait_state("MASTER")
        wait_for(lambda: self.b.state() == "BACKUP", what="b to give way")
        self.measure("clean stop, version 2", 0.01, self.a.stop,
                     lambda: self.a.start(instance(priority=255, advert_int=1, version=2)))

    def test_a_lone_master_stops_soon(self):
        """It waits for a successor as long as one may take, and not longer."""
        self.a.start(instance(priority=255))
        self.a.wait_state("MASTER")
        since = time.monotonic()
        self.assertEqual(self.a.stop(), 0)
        self.assertLess(time.monotonic() - since, 0.1 + 0.05 + 0.3)
        self.assertFalse(self.a.has())

    def test_killed(self):
        """kill -9: the address stays on the dead one's host, but the client is told where it lives now."""
        self.start()
        self.measure("kill -9 of vrrpd", master_down(100) + 0.05, self.a.kill, self.restart)

    def test_killed_and_started_again(self):
        """The new process takes down what the old one left and says so: nobody waits for a master that is no more."""
        self.b.start(instance(priority=100, advert_int=1))
        self.a.start(instance(priority=110, advert_int=1))
        self.a.wait_state("MASTER", timeout=10)
        wait_for(lambda: self.b.state() == "BACKUP" and self.a.has(), what="b to give way")
        with Sniffer(self.client) as sniffer:
            self.a.kill()
            self.a.start(instance(priority=110, advert_int=1))
            self.b.wait_state("MASTER", timeout=10)
            wait_for(lambda: sniffer.adverts(address(2)), what="an advert of b")
            resigned = [when for when, priority, _ in sniffer.adverts(address(1)) if priority == 0]
            followed = [when for when, *_ in sniffer.adverts(address(2))]
        self.assertEqual(len(resigned), 1)
        self.assertIn("(the master resigned)", self.b.log())
        self.assertLess(followed[0] - resigned[0], skew(100, 1) + 1)  # by the other timer it were three seconds

    def test_a_master_that_slept_is_not_believed_any_more(self):
        """It has answered for the address beside the new master. Giving way it says so, and the clients learn again."""
        self.start()
        with Sniffer(self.client) as sniffer:
            self.a.program.signal(signal.SIGSTOP)
            self.b.wait_state("MASTER")
            mac = bytes.fromhex(self.b.host.run("ip", "-br", "link", "show", "eth0").split()[2].replace(":", ""))
            time.sleep(3 * master_down(110))  # a sleep that is long enough to doubt
            since = time.monotonic()
            self.a.program.signal(signal.SIGCONT)
            wait_for(lambda: any(when > since and frame[6:12] == mac for when, frame in sniffer.gratuitous_arps()), 3,
                     f"b to announce itself again\n{self.a.log()}")
            self.assertIn(0, [priority for when, priority, _ in sniffer.adverts(address(1)) if when > since])
        self.a.wait_state("MASTER")

    def test_cable_out(self):
        self.start()
        self.measure("cable out", master_down(100) + 0.05, lambda: self.a.cable(False), lambda: self.a.cable(True))

    def test_interface_down(self):
        self.start()

        def repair():
            self.a.host.link("eth0", True)

        self.measure("interface down", master_down(100) + 0.05, lambda: self.a.host.link("eth0", False), repair)

    def test_lbd_dies_at_one_second(self):
        """The only peer of a unicast instance waits for nobody when the master resigns."""
        def config(own, peer, **words):
            return instance(lines=("unicast_peer {", f"  {address(peer)}", "}"), unicast_src_ip=address(own), advert_int=1,
                            **words)

        lbd = [FakeLbd(f"{self.a.directory}/lbd.sock")]
        self.addCleanup(lambda: lbd[0].die())
        self.b.start(config(2, 1, priority=100))
        self.a.start(config(1, 2, priority=255, track_lbd=True))
        self.a.wait_state("MASTER")
        wait_for(lambda: self.b.state() == "BACKUP", what="b to give way")

        def repair():
            lbd[0] = FakeLbd(f"{self.a.directory}/lbd.sock")

        self.measure("lbd dies at 1 s, a pair", 0.03, lambda: lbd[0].die(), repair)

    def test_lbd_dies(self):
        """track_lbd: the end of the link to lbd is enough."""
        lbd = [FakeLbd(f"{self.a.directory}/lbd.sock")]
        self.addCleanup(lambda: lbd[0].die())
        self.b.start(instance(priority=100))
        self.a.start(instance(priority=110, track_lbd=True))
        self.a.wait_state("MASTER")

        def repair():
            lbd[0] = FakeLbd(f"{self.a.directory}/lbd.sock")

        self.measure("lbd dies", skew(100) + 0.015, lambda: lbd[0].die(), repair)


def main():
    netns.enter_private()
    need_program("vrrpd")
    unittest.main()


if __name__ == "__main__":
    main()
