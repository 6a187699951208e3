#!/usr/bin/env python3
"""The same configuration and the same traffic through Debian's haproxy and through lbd: log lines, answers and what the
origins receive must be the same but for times, pids and ports.

log_lines_test.py [--tested PROGRAM] [--reference PROGRAM] [--show] [--known FILE] [NAME…]
"""

import argparse
import os
import sys

sys.path.insert(0, os.path.dirname(os.path.dirname(os.path.abspath(__file__))))

from support.compare import Run, differences  # noqa: E402
from support.process import need_program  # noqa: E402
from peers.scenarios import SCENARIOS  # noqa: E402


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("--reference", default="/usr/sbin/haproxy")
    parser.add_argument("--tested", default="lbd")
    parser.add_argument("--show", action="store_true", help="print what was seen through the reference")
    parser.add_argument("names", nargs="*", help="only scenarios whose name contains one of these")
    options = parser.parse_args()
    reference, tested = need_program(options.reference), need_program(options.tested)

    chosen = [s for s in SCENARIOS if not options.names or any(part in s.name for part in options.names)]
    different = []
    for scenario in chosen:
        expected = Run(reference, scenario).execute()
        if options.show:
            print(f"== {scenario.name}", *expected.transcript(), sep="\n   ")
            for text, timers in expected.log:
                print("   timers", *timers)
        diff = differences(expected, Run(tested, scenario).execute())
        print(f"{'DIFFERENT' if diff else 'same     '} {scenario.name}", flush=True)
        if diff:
            different.append(scenario.name)
            print(*diff, sep="\n    ", flush=True)
    print(f"log lines: {len(chosen) - len(different)} of {len(chosen)} scenarios are the same"
          + (f"; different: {', '.join(different)}" if different else ""))
    return 1 if different else 0


if __name__ == "__main__":
    sys.exit(main())
