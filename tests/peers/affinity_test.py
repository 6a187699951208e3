#!/usr/bin/env python3
"""To which server a client goes: prefer-last-server, max-keep-alive-queue, NTLM, persist rdp-cookie; through haproxy and lbd: answers,
what the origins get, log lines.

affinity_test.py [--tested PROGRAM] [--reference PROGRAM] [--show] [NAME…]
"""

import os
import sys

sys.path.insert(0, os.path.dirname(os.path.dirname(os.path.abspath(__file__))))

from peers.log_lines_test import compare  # noqa: E402
from peers.affinity_cases import SCENARIOS  # noqa: E402

KNOWN = {}

if __name__ == "__main__":
    sys.exit(compare(SCENARIOS, KNOWN, "affinity"))
