#!/usr/bin/env python3
"""What health checks cost: thousands of servers that nobody asks anything, each checked every two seconds.

Prints which share of a core lbd and haproxy take, with checks that only connect and with HTTP. lbd is to stay below half a core
with 20,000 servers and checks that only connect; ends with 1 when it does not.
"""

import argparse
import os
import resource
import sys
import tempfile
import time

sys.path.insert(0, os.path.join(os.path.dirname(os.path.dirname(os.path.abspath(__file__))), "tests"))

from support.client import command  # noqa: E402
from support.process import Program, Proxy, build_dir, cpu_seconds, find_program, listening_socket, wait_for  # noqa: E402

MOST = 0.5
CONFIG = """
global
    nbthread 1
    no strict-limits
    maxconn 1000
    stats socket {directory}/admin
defaults
    mode http
    timeout connect 5s
    timeout client 5s
    timeout server 5s
frontend fe
    bind "fd@${{fe}}"
    default_backend be
backend be
    {check}
    default-server check inter 2s
{servers}
"""
CHECKS = {"connect": "", "http": "option httpchk\n    http-check send meth GET uri /1 ver HTTP/1.1 hdr Host bench"}


def share(binary, check, servers, seconds, address):
    """Of one core."""
    with tempfile.TemporaryDirectory(prefix="tandem-bench-") as directory, listening_socket() as front:
        lines = "\n".join(f"    server s{number} {address[0]}:{address[1]}" for number in range(servers))
        text = CONFIG.format(directory=directory, check=CHECKS[check], servers=lines)
        with Proxy(binary, text, {"fe": front}, directory=directory) as proxy:
            proxy.wait_serving(f"{directory}/admin", timeout=60)

            def all_checked():
                rows = command(f"{directory}/admin", "show stat be 4 -1", timeout=60).split("\n")
                place = rows[0].split(",").index("check_status")
                return all(row.split(",")[place].lstrip("* ") in ("L4OK", "L7OK") for row in rows[1:] if row)

            wait_for(all_checked, 60, "all servers to have been checked", interval=1)
            begun, before = time.monotonic(), cpu_seconds(proxy.pid)
            time.sleep(seconds)  # what is measured
            used = (cpu_seconds(proxy.pid) - before) / (time.monotonic() - begun)
            assert all_checked(), "servers went down meanwhile"
            return used


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--servers", type=int, default=20000)
    parser.add_argument("--seconds", type=int, default=10, help="of each measurement")
    options = parser.parse_args()
    most = resource.getrlimit(resource.RLIMIT_NOFILE)[1]
    resource.setrlimit(resource.RLIMIT_NOFILE, (most, most))
    with listening_socket(backlog=4096) as listener:
        with Program([os.path.join(build_dir(), "bench_origin"), str(listener.fileno())], sockets={"origin": listener}):
            found = {}
            for check in CHECKS:
                for name in ("lbd", "haproxy"):
                    binary = find_program(name)
                    if binary:
                        found[name, check] = share(binary, check, options.servers, options.seconds, listener.getsockname())
                        print(f"{name:8} {check:8} {options.servers} servers every 2 s: {100 * found[name, check]:5.1f} % of a core",
                              flush=True)
    return 0 if found["lbd", "connect"] <= MOST else 1


if __name__ == "__main__":
    sys.exit(main())
