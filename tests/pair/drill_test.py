#!/usr/bin/env python3
"""Two nodes whose daemons are killed, frozen, restarted and cut off in random order: never two masters for longer than an
advert while a path between the nodes lives, never none for longer than Master_Down and 50 ms while one could serve.

drill_test.py [--minutes N] [--seed N] [--interval SECONDS] [--strict]
"""

import argparse
import os
import random
import sys
import tempfile
import time
import unittest

sys.path.insert(0, os.path.dirname(os.path.dirname(os.path.abspath(__file__))))

from pair.drill import Drill  # noqa: E402
from pair.drill_judge import Journal, Judge  # noqa: E402
from support import netns  # noqa: E402
from support.process import need_program  # noqa: E402

# Beyond what the stalls of the machine explain: the strict run is for a machine of its own.
SLACK = {True: 0.02, False: 0.5}


class TheJudge(unittest.TestCase):
    """Sees what it is to see, and nothing else."""

    def setUp(self):
        self.journal = Journal()
        for node in "ab":
            for daemon in ("lbd", "vrrpd", "syncd"):
                self.journal.put(0, f"{node}.{daemon}", "runs")
            self.journal.put(0, f"{node}.cable", True)
            self.journal.put(0, f"{node}.vip", node == "a")
        self.journal.put(0, "adverts", True)
        self.journal.put(0, "sync", True)
        self.judge = Judge(self.journal, interval=0.1, master_down=0.36, slack=0.0)

    def verdicts(self, answers=None):
        answers = [number / 100 for number in range(10000)] if answers is None else answers
        return [violation.text.split(" for ")[0] for violation in self.judge.all(10, 100, answers)]

    def put(self, *notes):
        for when, name, value in notes:
            self.journal.put(when, name, value)

    def test_peace(self):
        self.assertEqual(self.verdicts(), [])

    def test_two_masters(self):
        self.put((20, "b.vip", True), (20.3, "b.vip", False))
        self.assertEqual(self.verdicts(), ["two masters with a path between them"])

    def test_two_masters_for_an_advert(self):
        self.put((20, "b.vip", True), (20.09, "b.vip", False))
        self.assertEqual(self.verdicts(), [])

    def test_who_drains_is_no_master(self):
        self.put((20, "b.vip", True), (20, "a.drains", True), (21, "a.vip", False), (21, "a.drains", False))
        self.assertEqual(self.verdicts(), [])

    def test_two_masters_over_the_second_path_only(self):
        self.put((20, "adverts", False), (30, "b.vip", True), (31, "b.vip", False))
        self.assertEqual(self.verdicts(), ["two masters with a path between them"])

    def test_two_masters_without_a_path(self):
        self.put((20, "adverts", False), (20, "sync", False), (30, "b.vip", True), (31, "adverts", True),
                 (31.05, "b.vip", False))
        self.assertEqual(self.verdicts(), [])

    def test_a_frozen_master_is_none(self):
        self.put((20, "a.vrrpd", "frozen"), (20.4, "b.vip", True), (25, "a.vrrpd", "runs"), (25.05, "a.vip", False))
        self.assertEqual(self.verdicts(), [])

    def test_none(self):
        self.put((20, "a.lbd", "dead"), (20.05, "a.vip", False), (20.5, "b.vip", True))
        self.assertEqual(self.verdicts(), ["nobody serves though one could"])

    def test_none_is_able(self):
        self.put((20, "b.lbd", "frozen"), (30, "a.lbd", "dead"), (30.05, "a.vip", False), (40, "b.lbd", "runs"),
                 (42.1, "b.vip", True))
        self.assertEqual(self.verdicts(), [])

    def test_the_client_is_not_answered(self):
        answers = [number / 100 for number in range(10000) if not 5000 < number < 5050]
        self.assertEqual(self.verdicts(answers), ["a client is not answered by the only master"])


class TheDrill(unittest.TestCase):
    seconds, seed, interval, strict = 45.0, None, 0.1, False

    def test_random_order(self):
        seed = random.SystemRandom().randrange(1_000_000) if self.seed is None else self.seed
        print(f"drill: seed {seed}", flush=True)
        with tempfile.TemporaryDirectory(prefix="tandem-test-") as directory, Drill(directory, seed, self.interval) as drill:
            begin = time.monotonic()
            drill.run(self.seconds)
            end = time.monotonic()
            judge = Judge(drill.journal, drill.interval, drill.master_down(), SLACK[self.strict], drill.stall)
            violations = judge.all(begin, end, list(drill.answers))
            print(f"drill: {drill.summary(begin, end)}", flush=True)
            for violation in violations:
                print(f"drill: {violation.text}\n{drill.story(violation.begin, violation.end)}", flush=True)
        self.assertEqual([violation.text for violation in violations], [], f"seed {seed}")


def main():
    netns.enter_private()
    for program in ("lbd", "vrrpd", "syncd"):
        need_program(program)
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--minutes", type=float)
    parser.add_argument("--seed", type=int)
    parser.add_argument("--interval", type=float, default=TheDrill.interval)
    parser.add_argument("--strict", action="store_true")
    options, rest = parser.parse_known_args()
    TheDrill.seed, TheDrill.interval, TheDrill.strict = options.seed, options.interval, options.strict
    if options.minutes:
        TheDrill.seconds = options.minutes * 60
    unittest.main(argv=[sys.argv[0], *rest])


if __name__ == "__main__":
    main()
