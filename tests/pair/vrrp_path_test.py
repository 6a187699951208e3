"""Two whole nodes, one of which loses its way to the servers: it hands over to the one that still reaches them, and to
nobody when all have lost them; what comes back waits before it preempts; who is silent is followed all the same."""

import os
import sys
import time
import unittest

sys.path.insert(0, os.path.dirname(os.path.dirname(os.path.abspath(__file__))))

from support import netns  # noqa: E402
from support.partners import PartnersWithLbd  # noqa: E402
from support.process import need_program, wait_for  # noqa: E402
from support.vrrp import VIP, Ping, address  # noqa: E402

SERVERS = 4
# From the loss of the way to the answer of the other node; keepalived never moves.
PROMISE = 2.0
TIMES = """defaults
  mode http
  timeout connect 1s
  timeout client 5s
  timeout server 5s
"""
ORIGIN = TIMES + "".join(f"frontend s{i}\n  bind :{8000 + i}\n  http-request return status 200\n" for i in range(SERVERS))
LBD = """global
  nbthread 2
  tandem-link-socket "${DIRECTORY}/lbd.sock"
  tandem-syncd-socket "${DIRECTORY}/syncd.sock"
""" + TIMES + f"""frontend web
  bind {VIP}:80 transparent
  default_backend app
backend app
  default-server check inter 200ms fall 3 rise 2
""" + "".join(f"  server s{i} {address(20 + i)}:{8000 + i}\n" for i in range(SERVERS))


class PathTest(PartnersWithLbd, unittest.TestCase):
    def setUp(self):
        super().setUp()
        for i in range(SERVERS):
            self.client.run("ip", "addr", "add", f"{address(20 + i)}/24", "dev", "eth0")
        self.origin = self.start_program(self.a.directory, "origin.cfg", ORIGIN, self.client)
        for node in (self.a, self.b):
            self.start_lbd(node, LBD)
            self.wait_up(node, SERVERS)
        self.start_router(self.b, priority=100, track_lbd=True)
        self.start_router(self.a, priority=110, track_lbd=True)
        wait_for(lambda: self.a.state() == "MASTER" and self.b.state() == "BACKUP" and not self.b.has(), 15, "a alone")
        # Each knows what the other reaches.
        for node in (self.a, self.b):
            wait_for(lambda n=node: self.node_stat(n, "reach") == 1000, what="all servers reached")

    @staticmethod
    def cut(node, servers, action="add"):
        """What is sent to these servers goes to a router that is not there."""
        for i in servers:
            node.host.run("ip", "route", action, f"{address(20 + i)}/32", "via", address(250))

    def test_hands_over_to_the_node_that_reaches_the_servers(self):
        with Ping(self.client) as ping:
            since = time.monotonic()
            self.cut(self.a, range(SERVERS - 1))
            self.b.wait_state("MASTER")
            took = time.monotonic() - since
            wait_for(lambda: self.a.state() == "BACKUP" and not self.a.has(), what="a to be without the address")
            gap = ping.outage(since)
        print(f"path loss: handed over after {took:.3f} s, no answer for {1000 * gap:.0f} ms")
        self.assertLess(took, PROMISE)
        stats = self.router_stats(self.a)
        self.assertEqual((stats["", "vrrp_path_hand_overs"], stats["instance VI_1", "vrrp_held_back"]), (1, 1))
        self.assertIn("does not preempt: this node reaches 25 % of the servers, node b 100 %", self.status(self.a))
        self.assertIn("yields to node b: this node reaches 25 % of the servers, node b 100 %", self.a.log())
        # The way is there again: not at once, but at last.
        back = time.monotonic()
        self.cut(self.a, range(SERVERS - 1), "del")
        wait_for(lambda: self.node_stat(self.a, "reach") == 1000, what="all servers reached again")
        self.a.wait_state("MASTER", timeout=25)
        self.assertGreater(time.monotonic() - since, 10)
        self.assertGreater(time.monotonic() - back, 5)
        wait_for(lambda: self.b.state() == "BACKUP", what="b to give way")

    def test_nothing_moves_when_all_have_lost_the_servers(self):
        self.origin.close()
        for node in (self.a, self.b):
            self.wait_up(node, 0)
        self.cut(self.a, range(SERVERS))
        time.sleep(1.5)  # what must not happen takes half a second
        self.assertEqual((self.a.state(), self.b.states()[-1]), ("MASTER", "BACKUP"))
        self.assertNotIn("yields", self.a.log())

    def test_no_planned_hand_over_to_a_node_that_reaches_less(self):
        self.cut(self.b, range(SERVERS - 1))
        wait_for(lambda: self.node_stat(self.b, "reach") == 250, 10, "b to have lost servers")
        wait_for(lambda: self.failover(self.a) == (1, "lbctl: node b is not ready: it reaches 25 % of the servers, "
                                                      "not 100 % (--force: all the same)\n"), what="a to know")
        self.assertEqual(self.a.state(), "MASTER")
        self.cut(self.b, range(SERVERS - 1), "del")
        wait_for(lambda: self.failover(self.a)[0] == 0, 10, "b to be able again")
        self.b.wait_state("MASTER")

    def test_nothing_moves_for_one_server_of_four(self):
        self.cut(self.a, [0])
        self.wait_up(self.a, SERVERS - 1)
        time.sleep(1.5)
        self.assertEqual(self.a.state(), "MASTER")
        self.assertNotIn("of the servers", self.a.log())

    def test_who_is_silent_is_followed_all_the_same(self):
        self.cut(self.a, range(SERVERS - 1))
        self.b.wait_state("MASTER")
        self.a.wait_state("BACKUP")
        self.b.kill()
        self.a.wait_state("MASTER", timeout=10)
        wait_for(self.a.has, what="the address")


def main():
    netns.enter_private()
    for program in ("lbd", "vrrpd", "syncd"):
        need_program(program)
    unittest.main()


if __name__ == "__main__":
    main()
