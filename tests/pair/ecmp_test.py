"""Two nodes that serve at the same time behind a router with BIRD (cfg/examples/ecmp, docs/growing.md): both get clients; one
whose lbd dies, hangs or whose power goes is withdrawn, and comes back; one is taken out by plan. What clients notice is
printed."""

import contextlib
import os
import signal
import sys
import tempfile
import time
import unittest

sys.path.insert(0, os.path.dirname(os.path.dirname(os.path.abspath(__file__))))

from pair.lab import DIES_WITH_US, ORIGINS, ROOT, Prober  # noqa: E402
from support import netns  # noqa: E402
from support.client import command  # noqa: E402
from support.process import Program, find_program, need_program, skip, wait_for  # noqa: E402

EXAMPLES = os.path.join(ROOT, "cfg", "examples", "ecmp")
SERVICE, ROUTER = "198.18.1.100", "198.18.0.1"
# How long a client may get no answer, in milliseconds; machines that are busy with other tests are slow.
DEATH, POWER = 1500, 3000


class Place:
    """A host with its programs; each has a folder for what they say."""

    def __init__(self, lab, name, *addresses):
        self.lab, self.name = lab, name
        self.host = lab.network.host(name, *(each + "/24" for each in addresses), private_run=True)
        self.directory = os.path.join(lab.directory, name)
        os.makedirs(self.directory)
        self.programs = {}
        lab.addCleanup(self.close)

    def start(self, name, argv, **env):
        if name in self.programs:
            self.programs[name].close()
        self.programs[name] = Program(argv, self.directory, prefix=[*self.host.prefix, *DIES_WITH_US], own_session=True, env=env)

    def bird(self, kind):
        self.start("bird", [find_program("bird"), "-f", "-c", os.path.join(EXAMPLES, f"bird-{kind}.conf"), "-s", "/run/bird.ctl"])

    def birdc(self, *words):
        return self.host.run(os.path.join(os.path.dirname(find_program("bird")), "birdc"), "-s", "/run/bird.ctl", *words)

    def close(self):
        for program in self.programs.values():
            program.close()


class Node(Place):
    def start_lbd(self):
        self.start("lbd", [need_program("lbd"), "-db", "-f", os.path.join(EXAMPLES, "lbd.cfg")], NODE=self.name)

    def start_all(self):
        self.start_lbd()
        self.start("vrrpd", [need_program("vrrpd"), "-n", "-l", "-G", "-i", self.name, "-p", "/run/vrrpd.pid", "-f",
                             os.path.join(EXAMPLES, "vrrpd.conf")])
        self.bird("node")

    def has_address(self):
        return f"{SERVICE}/32" in self.host.addresses("lo")


class Ecmp(unittest.TestCase):
    def setUp(self):
        stack = contextlib.ExitStack()
        self.addCleanup(stack.close)
        self.directory = stack.enter_context(tempfile.TemporaryDirectory(prefix="tandem-test-"))
        self.network = stack.enter_context(netns.Network())
        self.router = Place(self, "router", ROUTER)
        self.router.host.sysctl(net__ipv4__ip_forward=1, net__ipv4__fib_multipath_hash_policy=1,
                                net__ipv4__conf__all__send_redirects=0, net__ipv4__conf__eth0__send_redirects=0)
        self.router.bird("router")
        origins = Place(self, "origins", *ORIGINS)
        origins.start("lbd", [need_program("lbd"), "-db", "-f", os.path.join(ROOT, "tests", "pair", "origins.cfg")])
        self.nodes = [Node(self, "node1", "198.18.0.11"), Node(self, "node2", "198.18.0.12")]
        for node in self.nodes:
            node.start_all()
        self.client = self.network.host("client", "198.18.0.20/24")
        self.client.run("ip", "route", "add", f"{SERVICE}/32", "via", ROUTER)
        self.wait_hops(*self.nodes)
        self.prober = Prober(self.client, 5, [*self.client.prefix, *DIES_WITH_US, sys.executable,
                                              os.path.join(ROOT, "tests", "pair", "prober.py"), SERVICE, "80", "5"])
        self.addCleanup(self.prober.close)
        wait_for(lambda: self.prober.answered > 20, 20, "answers")

    def hops(self):
        """Which nodes the router's kernel sends clients to."""
        route = self.router.host.run("ip", "route", "show", SERVICE)
        return sorted(node.name for node in self.nodes if f"via {node.host.addresses('eth0')[0].split('/')[0]} " in route)

    def wait_hops(self, *nodes):
        wanted = sorted(node.name for node in nodes)
        wait_for(lambda: self.hops() == wanted, 30, f"routes to {wanted}: {self.hops()}", interval=0.02)

    def served(self, node):
        """How many clients it has had."""
        with contextlib.suppress(OSError, IndexError):
            lines = command(f"/proc/{node.host.pid}/root/run/tandem/lbd.sock", "show stat web 1 -1").split("\n")
            return int(dict(zip(lines[0].lstrip("# ").split(","), lines[1].split(",")))["stot"])
        return 0

    def wait_served(self, *nodes):
        """New clients come to each of them."""
        before = [self.served(node) for node in nodes]
        wait_for(lambda: all(self.served(node) > old for node, old in zip(nodes, before)), 20,
                 f"clients at {[node.name for node in nodes]}", interval=0.05)

    def outage(self, what, since, limit):
        longest, until = self.prober.outage_ms(since), time.monotonic_ns() + int(1.1e9)
        # What is lost is given up after a second.
        wait_for(lambda: self.prober.results[-1].sent > until, 20, "those that wait", interval=0.05)
        failed = len(self.prober.failures_since(since))
        print(f"{what}: {longest:.0f} ms without an answer, {failed} requests failed", flush=True)
        self.assertLessEqual(longest, limit)

    def test_clients_go_where_somebody_serves(self):
        one, two = self.nodes
        self.assertTrue(one.has_address() and two.has_address())
        self.wait_served(one, two)

        for name, number in (("dies", signal.SIGKILL), ("hangs", signal.SIGSTOP)):
            since = time.monotonic_ns()
            one.programs["lbd"].signal(number)
            self.wait_hops(two)
            self.outage(f"lbd of node1 {name}", since, DEATH)
            self.assertFalse(one.has_address())
            self.assertTrue(one.programs["vrrpd"].alive())
            one.programs["lbd"].signal(signal.SIGKILL)
            one.programs["lbd"].wait()
            one.start_lbd()
            self.wait_hops(one, two)
            self.wait_served(one, two)

        # By plan: nothing on the node stops, it gets no more clients.
        since = time.monotonic_ns()
        two.birdc("disable", "service")
        self.wait_hops(one)
        self.outage("node2 is taken out", since, DEATH)
        self.assertTrue(two.has_address())
        two.birdc("enable", "service")
        self.wait_hops(one, two)
        self.wait_served(one, two)

        # Its power goes: nobody is left who could withdraw anything. BFD sees it.
        since = time.monotonic_ns()
        self.network.cable(two.host, False)
        self.wait_hops(one)
        self.outage("node2 loses its power", since, POWER)
        self.network.cable(two.host, True)
        self.wait_hops(one, two)
        self.wait_served(one, two)


if __name__ == "__main__":
    if not find_program("bird"):
        skip("bird is not installed")
    netns.enter_private()
    unittest.main()
