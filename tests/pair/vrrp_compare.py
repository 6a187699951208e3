#!/usr/bin/env python3
"""How long clients miss the address: two vrrpd and two keepalived side by side, in alternating rounds, in namespaces.

    python3 tests/pair/vrrp_compare.py [--rounds 15] [--intervals 1,0.1,0.01] [--scenarios clean_stop,cable] [--unicast]

Prints median and worst of each scenario for both: until the other node serves, and when the first is repaired. The client sends an ICMP echo each millisecond.
"""

import argparse
import os
import signal
import statistics
import sys
import time
import unittest

sys.path.insert(0, os.path.dirname(os.path.dirname(os.path.abspath(__file__))))

from support import netns  # noqa: E402
from support.process import need_program, wait_for  # noqa: E402
from support.vrrp import Ping, Router, address, instance  # noqa: E402

PRIORITIES = (150, 100)


class Bench(unittest.TestCase):
    """A pair of one kind that can fail in several ways and be repaired."""

    def prepare(self, kind, interval, unicast):
        self.network = netns.Network()
        self.addCleanup(self.network.close)
        self.client = self.network.host("client", address(9) + "/24")
        self.a = Router(self, self.network, "a", 1, kind)
        self.b = Router(self, self.network, "b", 2, kind)
        self.switch = os.path.join(self.a.directory, "alive")
        self.interval, self.unicast = interval, unicast
        self.repair_script()
        self.b.start(self.config(2, PRIORITIES[1]))
        self.restart()
        self.settle()

    def config(self, number, priority):
        peer = ("unicast_peer {", f"  {address(3 - number)}", "}") if self.unicast else ()
        track = ("track_script {", "  chk", "}") if number == 1 else ()
        words = {"unicast_src_ip": address(number)} if self.unicast else {}
        script = f'vrrp_script chk {{\n  script "/usr/bin/test -e {self.switch}"\n  interval 1\n  fall 1\n  rise 1\n}}\n'
        return (script if number == 1 else "") + instance(priority=priority, advert_int=self.interval,
                                                          lines=(*peer, *track), **words)

    def settle(self):
        wait_for(lambda: self.a.state() == "MASTER" and self.a.has() and not self.b.has(), 30,
                 f"a alone\n{self.a.log()}\n{self.b.log()}", 0.01)
        time.sleep(4 * self.interval + 0.2)  # both have heard each other, and nothing moves

    def restart(self):
        self.a.start(self.config(1, PRIORITIES[0]))

    # Ways to fail, and what repairs them.
    def clean_stop(self):
        self.a.stop()

    repair_clean_stop = restart

    def cable(self):
        self.a.cable(False)

    def repair_cable(self):
        self.a.cable(True)

    def lost(self):
        self.a.isolate(True)

    def repair_lost(self):
        self.a.isolate(False)

    def kill(self):
        self.a.kill()

    repair_kill = restart

    def script(self):
        os.unlink(self.switch)

    def repair_script(self):
        with open(self.switch, "w", encoding="ascii"):
            pass

    def measure(self, scenario):
        since = time.monotonic()
        getattr(self, scenario)()
        wait_for(lambda: self.b.state() == "MASTER", 30, "b to be master", 0.01)
        outage = self.ping.outage(since)
        since = time.monotonic()
        getattr(self, f"repair_{scenario}")()
        self.settle()
        return outage, self.ping.outage(since)

    def run_rounds(self, scenario, rounds):
        with Ping(self.client, interval=0.001) as self.ping:
            return [self.measure(scenario) for _ in range(rounds)]


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("--rounds", type=int, default=15)
    parser.add_argument("--intervals", default="1,0.1,0.01")
    parser.add_argument("--scenarios", default="clean_stop,cable,lost,script")
    parser.add_argument("--unicast", action="store_true")
    options = parser.parse_args()
    kinds = ("vrrpd", "keepalived")
    print(f"{'scenario':12} {'advert_int':>10} " + " ".join(f"{kind + ' median / worst ms':>28}" for kind in kinds), flush=True)
    for scenario in options.scenarios.split(","):
        for interval in map(float, options.intervals.split(",")):
            figures = {}
            for kind in kinds:
                bench = Bench()
                bench.prepare(kind, interval, options.unicast)
                try:
                    figures[kind] = bench.run_rounds(scenario, options.rounds)
                finally:
                    bench.doCleanups()
            for what, column in ((scenario, 0), ("  repaired", 1)):
                cells = []
                for kind in kinds:
                    seconds = [each[column] for each in figures[kind]]
                    cells.append(f"{statistics.median(seconds) * 1000:.0f} / {max(seconds) * 1000:.0f}")
                print(f"{what:12} {interval:10g} " + " ".join(f"{cell:>28}" for cell in cells), flush=True)


if __name__ == "__main__":
    netns.enter_private()
    for program in ("vrrpd", "keepalived"):
        need_program(program)
    signal.signal(signal.SIGTERM, lambda *unused: sys.exit(1))
    main()
