#!/usr/bin/env python3
"""Two whole nodes in peace beside programs that want all processors: nothing may happen. Counts what vrrpd took for a
hang of lbd, what changed its state, and how long programs waited for a processor.

busy.py [--minutes N] [--loops N] [--favoured N] [--interval SECONDS] [--realtime]     `--favoured` loops run at nice -5
"""

import argparse
import os
import subprocess
import sys
import tempfile
import time

sys.path.insert(0, os.path.dirname(os.path.dirname(os.path.abspath(__file__))))

from pair.drill import Drill  # noqa: E402
from support import netns  # noqa: E402
from support.process import need_program, wait_for  # noqa: E402

FAVOUR = -5


class Loops:
    """Programs that never wait; a context manager."""

    def __init__(self, count, favoured):
        self.running = [subprocess.Popen([*(["nice", "-n", str(FAVOUR)] if number < favoured else []), "sh", "-c",
                                          "while :; do :; done"], stderr=subprocess.DEVNULL) for number in range(count)]
        self.favoured = 0

    def __enter__(self):
        time.sleep(0.2)
        self.favoured = sum(os.getpriority(os.PRIO_PROCESS, loop.pid) == FAVOUR for loop in self.running)
        return self

    def __exit__(self, *unused):
        for loop in self.running:
            loop.kill()
            loop.wait()


def used():
    """(busy, all) processor time of the machine so far."""
    with open("/proc/stat", encoding="ascii") as file:
        times = [int(each) for each in file.readline().split()[1:9]]
    return sum(times) - times[3] - times[4], sum(times)


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--minutes", type=float, default=15)
    parser.add_argument("--loops", type=int, default=6)
    parser.add_argument("--favoured", type=int, default=2)
    parser.add_argument("--interval", type=float, default=0.1)
    parser.add_argument("--realtime", action="store_true", help="vrrpd with vrrp_rt_priority and vrrp_no_swap")
    options = parser.parse_args()
    netns.enter_private()
    for program in ("lbd", "vrrpd", "syncd"):
        need_program(program)
    with (tempfile.TemporaryDirectory(prefix="tandem-test-") as directory,
          Drill(directory, 0, options.interval, realtime=options.realtime) as drill):
        wait_for(drill.is_whole, 20, "one master and one backup")
        with Loops(options.loops, options.favoured) as loops:
            begin, before = time.monotonic(), used()
            time.sleep(options.minutes * 60)
            end, after = time.monotonic(), used()
        hangs, changes = drill.said("hangs", begin, end), drill.said("Entering", begin, end)
        print(f"busy: {options.minutes:g} minutes beside {options.loops} busy loops, {loops.favoured} of them at nice {FAVOUR}; "
              f"processors {100 * (after[0] - before[0]) / max(1, after[1] - before[1]):.0f} % busy; "
              f"{drill.summary(begin, end)}")
        print(f"busy: {len(hangs)} times lbd was taken for hung, {len(changes)} changes of state")
        for when, text in hangs + changes:
            print(f"  {when - begin:9.3f}  {text}")
    return 1 if hangs or changes else 0


if __name__ == "__main__":
    sys.exit(main())
