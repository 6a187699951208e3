#!/usr/bin/env python3
"""What is sent again by `retry-on`, through Debian's haproxy and through lbd: answers, what the servers get, log lines, counters.

retry_on_test.py [--tested PROGRAM] [--reference PROGRAM] [--show] [NAME…]
"""

import os
import sys

sys.path.insert(0, os.path.dirname(os.path.dirname(os.path.abspath(__file__))))

from peers.log_lines_test import compare  # noqa: E402
from peers.retry_on_cases import RETRY_ON, SCENARIOS  # noqa: E402

THROWN_AWAY = "an answer that is thrown away ends its connection"
KNOWN = {
    **{f"{words}: reset": "haproxy counts a server that resets the connection twice (eresp)" for words in
       (words or "nothing" for words in RETRY_ON)},
    "a 503 on a connection that stays": THROWN_AWAY,
    "a 503 on a connection that stays, three requests": THROWN_AWAY,
    "cut behind a 100": "haproxy sends it once more and then answers 500 itself; here the next try is the answer",
}

if __name__ == "__main__":
    sys.exit(compare(SCENARIOS, KNOWN, "retry-on"))
