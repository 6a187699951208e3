#!/usr/bin/env python3
"""The same configuration and the same traffic through Debian's haproxy and through lbd: log lines, answers and what the
origins receive must be the same but for times, pids and ports.

log_lines_test.py [--tested PROGRAM] [--reference PROGRAM] [--show] [--known FILE] [NAME…]
"""

import argparse
import os
import sys
from concurrent.futures import ThreadPoolExecutor

sys.path.insert(0, os.path.dirname(os.path.dirname(os.path.abspath(__file__))))

from support.compare import Run, differences  # noqa: E402
from support.process import need_program  # noqa: E402
from peers.scenarios import SCENARIOS  # noqa: E402


AT_ONCE = 3
BLOCKED = "the blocked answer is a 502, as the manual says; haproxy leaves the status of the server"

# Scenarios in which lbd is meant to differ, or differs in a way that is known, with the reason.
KNOWN = {
    "checkcache_blocks": BLOCKED,
    "checkcache_and_age": BLOCKED,
    "checkcache_and_expires": BLOCKED,
    "checkcache_and_public": BLOCKED,
    "checkcache_and_no_cache_of_more": BLOCKED,
    "checkcache_and_both": BLOCKED,
    "chunked_answer_to_http_1_0_client": "HTTP/1.0 knows no chunks: the body is decoded (RFC 9112, 7.1)",
    "timeout_client_in_body": "the silent client is told 408; haproxy lets the server time out and answers 504",
    "redirect_with_expression": "the request's body is here already, so the connection need not be closed",
    "stats_page_denied": "a denied page is 403, as any denied request; haproxy says 400",
    "errorfile": "a page without length gets one and the connection stays",
    "bad_request_null_in_header": "a NUL is refused (RFC 9110, 5.5)",
}


def what_it_does(reference, scenario):
    """A reference that does not get through has lost a race (with a server that closes a connection which it is about
    to use again), and says nothing of what is right: it is asked again."""
    for _ in range(3):
        run = Run(reference, scenario).execute()
        if not any(str(line).startswith("failed:") for line in run.transcript()):
            break
    return run


def compare(scenarios, known_differences, what):
    """The command line and all of a test that runs scenarios through both."""
    parser = argparse.ArgumentParser()
    parser.add_argument("--reference", default="/usr/sbin/haproxy")
    parser.add_argument("--tested", default="lbd")
    parser.add_argument("--show", action="store_true", help="print what was seen through the reference")
    parser.add_argument("names", nargs="*", help="only scenarios whose name contains one of these")
    options = parser.parse_args()
    reference, tested = need_program(options.reference), need_program(options.tested)

    chosen = [s for s in scenarios if not options.names or any(part in s.name for part in options.names)]

    def run_both(scenario):
        """What the reference does, the differences, and those that were there once only."""
        expected = what_it_does(reference, scenario)
        diff, once = differences(expected, Run(tested, scenario).execute()), []
        if diff and scenario.name not in known_differences:
            # A machine that is busy with something else loses races and stretches timers: what is different stays so.
            again = differences(what_it_does(reference, scenario), Run(tested, scenario).execute())
            diff, once = again, [] if again else diff
        return expected, diff, once

    different = []
    # Most of the time of a scenario is somebody's timeout.
    pool = ThreadPoolExecutor(AT_ONCE)
    for scenario, (expected, diff, once) in zip(chosen, pool.map(run_both, chosen)):
        if options.show:
            print(f"== {scenario.name}", *expected.transcript(), sep="\n   ")
            for text, timers in expected.log:
                print("   timers", *timers)
        if once:
            print(f"once      {scenario.name}", *once, sep="\n    ", flush=True)
        known = known_differences.get(scenario.name) if diff else None
        print(f"{'known    ' if known else 'DIFFERENT' if diff else 'same     '} {scenario.name}"
              + (f" ({known})" if known else ""), flush=True)
        if diff and not known:
            different.append(scenario.name)
            print(*diff, sep="\n    ", flush=True)
    print(f"{what}: {len(chosen) - len(different)} of {len(chosen)} scenarios are the same or differ as known"
          + (f"; different: {', '.join(different)}" if different else ""))
    return 1 if different else 0


if __name__ == "__main__":
    sys.exit(compare(SCENARIOS, KNOWN, "log lines"))
