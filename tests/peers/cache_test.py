#!/usr/bin/env python3
"""The cache of Debian's haproxy and of lbd: answers, what the server gets, and log lines.

cache_test.py [--tested PROGRAM] [--reference PROGRAM] [--show] [NAME…]
"""

import os
import sys

sys.path.insert(0, os.path.dirname(os.path.dirname(os.path.abspath(__file__))))

from peers.cache_cases import SCENARIOS  # noqa: E402
from peers.log_lines_test import compare  # noqa: E402

KEPT = "an encoding that nobody knows is given to those who name it; haproxy gives it to others, too"
REFERER = "haproxy does not find again what varies by Referer alone"
KNOWN = {
    "answer_age_young": "the Age of an answer goes on to the client (RFC 9111, 5.1); haproxy takes it out",
    "host_in_capitals": "names of hosts are the same in capitals",
    "absolute": "an absolute address is the same as its path; haproxy keeps them apart",
    **dict.fromkeys((f"vary_{name}_zz" for name in ("gzip_then_none", "none_then_gzip", "same", "more", "less", "order", "refused",
                                                    "any")), KEPT),
    **dict.fromkeys((f"vary_referer_{name}_identity" for name in ("same", "other", "missing")), REFERER),
    "vary_with_many": REFERER,
}

if __name__ == "__main__":
    sys.exit(compare(SCENARIOS, KNOWN, "cache"))
