#!/usr/bin/env python3
"""Compression of answers through Debian's haproxy and through lbd: heads, decoded bodies, what servers get, counters.

compression_test.py [--tested PROGRAM] [--reference PROGRAM] [--show] [NAME…]
"""

import os
import sys

sys.path.insert(0, os.path.dirname(os.path.dirname(os.path.abspath(__file__))))

from peers.compression_cases import SCENARIOS  # noqa: E402
from peers.log_lines_test import compare  # noqa: E402

KNOWN = {}

if __name__ == "__main__":
    sys.exit(compare(SCENARIOS, KNOWN, "compression"))
