#!/usr/bin/env python3
"""Clients beyond a rate wait: maxconnrate, maxsessrate, rate-limit sessions, and `set rate-limit` at run time.
TANDEM_TESTED names another program than lbd."""

import os
import re
import sys
import tempfile
import time
import unittest

sys.path.insert(0, os.path.dirname(os.path.dirname(os.path.abspath(__file__))))

from support.client import command, get  # noqa: E402
from support.process import Proxy, listening_socket, need_program  # noqa: E402

CONFIG = """
global
    stats socket {directory}/sock mode 600 level admin
    nbthread 2
    {in_global}
defaults
    mode http
    timeout client 10s
    timeout server 10s
    timeout connect 5s
frontend f
    bind "fd@${{f}}"
    {in_frontend}
    http-request return status 200
frontend g
    bind "fd@${{g}}"
    http-request return status 200
"""
RATE = 20


class Limits(unittest.TestCase):
    def start(self, in_global="", in_frontend=""):
        self.listeners = {name: listening_socket() for name in "fg"}
        for listener in self.listeners.values():
            self.addCleanup(listener.close)
        directory = tempfile.TemporaryDirectory(prefix="tandem-rate-")
        self.addCleanup(directory.cleanup)
        self.socket = f"{directory.name}/sock"
        proxy = Proxy(need_program(os.environ.get("TANDEM_TESTED", "lbd")),
                      CONFIG.format(directory=directory.name, in_global=in_global, in_frontend=in_frontend), self.listeners,
                      directory=directory.name)
        self.addCleanup(proxy.close)
        proxy.wait_serving(self.socket)

    def time_of(self, count, frontend="f"):
        """How long as many connections take, one after the other."""
        begin = time.monotonic()
        for _ in range(count):
            self.assertEqual(get(self.listeners[frontend].getsockname()).status, 200)
        return time.monotonic() - begin

    def limited(self, frontend="f"):
        took = self.time_of(3 * RATE, frontend)
        self.assertGreater(took, 1.5)
        self.assertLess(took, 8)

    def info(self, name):
        return int(re.search(rf"^{name}: (\d+)$", command(self.socket, "show info"), re.M)[1])

    def test_maxconnrate(self):
        self.start(in_global=f"maxconnrate {RATE}")
        self.assertEqual(self.info("ConnRateLimit"), RATE)
        self.limited()
        self.limited("g")

    def test_maxsessrate(self):
        self.start(in_global=f"maxsessrate {RATE}")
        self.assertEqual(self.info("SessRateLimit"), RATE)
        self.limited()

    def test_rate_limit_sessions(self):
        self.start(in_frontend=f"rate-limit sessions {RATE}")
        self.limited()
        self.assertLess(self.time_of(3 * RATE, "g"), 1)
        lines = command(self.socket, "show stat").splitlines()
        names = lines[0].lstrip("# ").split(",")
        row = next(dict(zip(names, line.split(","))) for line in lines if line.startswith("f,FRONTEND"))
        self.assertEqual(row["rate_lim"], str(RATE))

    def test_at_run_time(self):
        self.start()
        self.assertLess(self.time_of(3 * RATE), 1)
        for what, line in (("connections", "ConnRateLimit"), ("sessions", "SessRateLimit")):
            with self.subTest(what):
                self.assertEqual(command(self.socket, f"set rate-limit {what} global {RATE}").strip(), "")
                self.assertEqual(self.info(line), RATE)
                self.limited()
                command(self.socket, f"set rate-limit {what} global 0")
                self.assertLess(self.time_of(3 * RATE), 1)
        self.assertIn("Expects an integer value.", command(self.socket, "set rate-limit sessions global"))
        self.assertIn("'set rate-limit' only supports :", command(self.socket, "set rate-limit nothing global 1"))


if __name__ == "__main__":
    unittest.main()
