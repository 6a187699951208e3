#!/usr/bin/env python3
"""A pair whose daemons are killed, frozen and cut off in random order, with an lbsnmpd, a snmpd and a receiver of notifications on
each node: what the notifications tell is the story of the node, in order and without a gap.

snmp_drill_test.py [--seconds N] [--seed N]
"""

import argparse
import contextlib
import os
import random
import re
import sys
import tempfile
import time
import unittest

sys.path.insert(0, os.path.dirname(os.path.dirname(os.path.abspath(__file__))))

from pair.drill import Drill  # noqa: E402
from support import netns  # noqa: E402
from support.process import Program, need_program, wait_for  # noqa: E402
from support.snmp import ARC, Receiver, Snmpd  # noqa: E402

FAILOVER = re.compile(r"^virtual router VI_1: (\w+) -> (\w+)")


class Monitor:
    """What a node's network management sees of it."""

    def __init__(self, stack, node):
        self.node = node
        self.directory = stack.enter_context(tempfile.TemporaryDirectory(prefix="tandem-snmp-"))
        with node.host.inside():
            self.traps = Receiver()
        stack.callback(self.traps.close)
        self.snmpd = Snmpd(self.directory, self.traps.port, prefix=node.host.prefix)
        stack.callback(self.snmpd.stop)
        self.agent = stack.enter_context(Program(
            [need_program("lbsnmpd"), "-x", self.snmpd.agentx, "-s", "", "-r", f"{node.directory}/vrrpd.sock", "-y",
             f"{node.directory}/syncd.sock", "-i", f"{self.directory}/indices"], self.directory, own_directory=False,
            prefix=node.host.prefix))

    def number(self, number):
        return self.snmpd.number(f"{ARC}.1.1.{number}.0")

    def story(self):
        """(sequence, text) of the notifications, as they came."""
        return [(self.traps.field(one, 2), self.traps.field(one, 7).decode()) for one in self.traps.ours()]

    def failovers(self):
        """(from, to) of them."""
        return [match.groups() for _, text in self.story() if (match := FAILOVER.match(text))]

    def entered(self):
        """The states of the node as its vrrpd logged them, those of all its processes one after the other."""
        return re.findall(r"Entering (\w+) STATE", "\n".join(line for _, line in list(self.node.drill.lines)
                                                            if line.startswith(f"{self.node.name} vrrpd:")))

    def settled(self):
        """Everything that has happened was told."""
        return self.number(27) == self.number(26) == len(self.traps.ours()) and self.number(28) == 0


class TheStory(unittest.TestCase):
    seconds, seed = 15.0, None

    def monitors(self, drill):
        stack = contextlib.ExitStack()
        self.addCleanup(stack.close)
        monitors = [Monitor(stack, node) for node in drill.nodes]
        wait_for(drill.is_whole, 60, "the pair")
        for monitor in monitors:
            wait_for(lambda monitor=monitor: monitor.number(4) in (1, 2), 60,
                     f"the first state\n{monitor.agent.errors()}\n{monitor.snmpd.log()}")
        return monitors

    def check(self, monitor, first):
        """The chain of its states, from that of the beginning to that of now."""
        wait_for(monitor.settled, 60, f"the last notification\n{monitor.story()}\n{monitor.agent.errors()}")
        numbers = [number for number, _ in monitor.story()]
        self.assertEqual(numbers, list(range(1, len(numbers) + 1)), "in order, without a gap")
        state = first
        for before, after in monitor.failovers():
            self.assertEqual(before, state, monitor.story())
            state = after
        self.assertEqual(state, {1: "MASTER", 2: "BACKUP"}[monitor.number(4)], monitor.story())

    def drill(self):
        seed = random.SystemRandom().randrange(1_000_000) if self.seed is None else self.seed
        print(f"drill: seed {seed}", flush=True)
        directory = tempfile.TemporaryDirectory(prefix="tandem-test-")
        self.addCleanup(directory.cleanup)
        stack = contextlib.ExitStack()
        self.addCleanup(stack.close)
        return stack.enter_context(Drill(directory.name, seed, 0.1))

    def state_of(self, monitor):
        return {1: "MASTER", 2: "BACKUP"}.get(monitor.number(4))

    def test_random_order(self):
        drill = self.drill()
        monitors = self.monitors(drill)
        first = [self.state_of(monitor) for monitor in monitors]
        drill.run(self.seconds)
        for monitor, state in zip(monitors, first):
            wait_for(lambda monitor=monitor: self.state_of(monitor), 60, f"a state\n{monitor.agent.errors()}")
            self.check(monitor, state)
        print(f"drill: {drill.deeds} disturbances, {[len(monitor.story()) for monitor in monitors]} notifications", flush=True)

    def test_no_transition_is_left_out(self):
        """While vrrpd lives, each state that it enters is told, however soon it leaves it."""
        drill = self.drill()
        monitors = self.monitors(drill)
        before = [len(monitor.entered()) for monitor in monitors]
        told = [len(monitor.failovers()) for monitor in monitors]
        for _ in range(6):
            master = next(node for node in drill.nodes if drill.journal.at(f"{node.name}.vip", time.monotonic()))
            other = drill.nodes[1 - drill.nodes.index(master)]
            repair = drill.kill(master, "lbd")
            wait_for(lambda other=other: drill.journal.at(f"{other.name}.vip", time.monotonic()), 30, "the failover")
            repair()
            wait_for(lambda master=master: monitors[drill.nodes.index(master)].entered()[-1] != "FAULT", 30, "its return")
        for monitor, entered, failovers in zip(monitors, before, told):
            wait_for(lambda m=monitor, e=entered, f=failovers: [after for _, after in m.failovers()[f:]] == m.entered()[e:], 60,
                     f"{monitor.entered()[entered:]} to be told\n{monitor.story()}")
            wait_for(monitor.settled, 60, "the last notification")


def main():
    netns.enter_private()
    for program in ("lbd", "vrrpd", "syncd", "lbsnmpd", "snmpd", "snmpget"):
        need_program(program)
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--seconds", type=float, default=TheStory.seconds)
    parser.add_argument("--seed", type=int)
    options, rest = parser.parse_known_args()
    TheStory.seconds, TheStory.seed = options.seconds, options.seed
    unittest.main(argv=[sys.argv[0], *rest])


if __name__ == "__main__":
    main()
