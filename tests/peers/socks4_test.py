#!/usr/bin/env python3
"""Servers behind a SOCKS4 proxy, through haproxy and through lbd: answers, what the proxy is asked,
`show stat`, log lines.

socks4_test.py [--tested PROGRAM] [--reference PROGRAM] [--show] [NAME…]
"""

import os
import sys

sys.path.insert(0, os.path.dirname(os.path.dirname(os.path.abspath(__file__))))

from peers.log_lines_test import compare  # noqa: E402
from peers.socks4_cases import SCENARIOS  # noqa: E402

KNOWN = {}

if __name__ == "__main__":
    sys.exit(compare(SCENARIOS, KNOWN, "socks4"))
