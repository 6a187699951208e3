#!/usr/bin/env python3
"""How many bytes requests and answers count for, through haproxy and through lbd: %U and %B of log lines, `show stat`.

bytes_test.py [--tested PROGRAM] [--reference PROGRAM] [--show] [NAME…]
"""

import os
import sys

sys.path.insert(0, os.path.dirname(os.path.dirname(os.path.abspath(__file__))))

from peers.bytes_cases import SCENARIOS  # noqa: E402
from peers.log_lines_test import compare  # noqa: E402

KNOWN = {}

if __name__ == "__main__":
    sys.exit(compare(SCENARIOS, KNOWN, "bytes"))
