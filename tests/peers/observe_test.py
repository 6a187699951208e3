#!/usr/bin/env python3
"""What `observe` sees in the traffic and what `on-error` does then, through Debian's haproxy and through lbd: answers, log lines,
`show stat` after each request.

observe_test.py [--tested PROGRAM] [--reference PROGRAM] [--show] [NAME…]
"""

import os
import sys

sys.path.insert(0, os.path.dirname(os.path.dirname(os.path.abspath(__file__))))

from peers.log_lines_test import compare  # noqa: E402
from peers.observe_cases import SCENARIOS  # noqa: E402

KNOWN = {}

if __name__ == "__main__":
    sys.exit(compare(SCENARIOS, KNOWN, "observe"))
