#!/usr/bin/env python3
"""Persistence by cookies through Debian's haproxy and through lbd: answers, what the servers get, and log lines.

cookie_test.py [--tested PROGRAM] [--reference PROGRAM] [--show] [NAME…]
"""

import os
import sys

sys.path.insert(0, os.path.dirname(os.path.dirname(os.path.abspath(__file__))))

from peers.cookie_cases import SCENARIOS  # noqa: E402
from peers.log_lines_test import compare  # noqa: E402

KNOWN = {
    "answered_by_the_backend": "who is refused is logged with no server; haproxy names the one that the cookie names",
}

if __name__ == "__main__":
    sys.exit(compare(SCENARIOS, KNOWN, "cookies"))
