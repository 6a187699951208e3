#!/usr/bin/env python3
"""Dynamic cookies and the commands that change them beside Debian's haproxy: the same cookies, the same answers.

TANDEM_TESTED names another program than lbd.
"""

import contextlib
import os
import sys
import tempfile
import unittest

sys.path.insert(0, os.path.dirname(os.path.dirname(os.path.abspath(__file__))))

from support.client import command, get  # noqa: E402
from support.origin import Origin, answer  # noqa: E402
from support.process import Proxy, listening_socket, need_program  # noqa: E402

CONFIG = """
global
  nbthread 1
  stats socket {d}/admin level admin
  stats socket {d}/operator level operator
defaults
  mode http
  timeout client 5s
  timeout server 5s
  timeout connect 5s
frontend fe
  bind "fd@${{fe}}"
  use_backend %[path,field(2,/)]
backend dynamic
  cookie SRV insert dynamic
  dynamic-cookie-key one
  server s1 127.0.0.1:{port}
  server s2 127.0.0.1:{port} cookie fixed
backend fixed
  cookie SRV insert
  server s1 127.0.0.1:{port}
  server s2 127.0.0.1:{port}
backend keyless
  cookie SRV insert dynamic
  server s1 127.0.0.1:{port}
  server s2 127.0.0.1:{port}
backend plain
  server s1 127.0.0.1:{port}
  server s2 127.0.0.1:{port}
"""
STEPS = ["set dynamic-cookie-key backend {b} two", "disable dynamic-cookie backend {b}", "set dynamic-cookie-key backend {b} three",
         "enable dynamic-cookie backend {b}", "enable dynamic-cookie backend {b}", "set dynamic-cookie-key backend {b} one",
         "disable dynamic-cookie backend {b}", "set dynamic-cookie-key backend {b} one", "enable dynamic-cookie backend {b}",
         "set server {b}/s1 addr 127.0.0.1 port {other}", "set dynamic-cookie-key backend {b} two", "set server {b}/s1 addr 127.0.0.1 port {port}"]
REFUSED = ["set dynamic-cookie-key backend", "set dynamic-cookie-key backend nix x", "set dynamic-cookie-key backend plain",
           "set dynamic-cookie-key backend fe x", "enable dynamic-cookie backend", "enable dynamic-cookie backend nix",
           "disable dynamic-cookie backend", "disable dynamic-cookie backend nix"]


class Tested:
    def __init__(self, binary, port, stack):
        self.directory = stack.enter_context(tempfile.TemporaryDirectory(prefix="tandem-test-"))
        sock = stack.enter_context(listening_socket())
        self.at = sock.getsockname()
        proxy = stack.enter_context(Proxy(binary, CONFIG.format(d=self.directory, port=port), {"fe": sock}, directory=self.directory))
        proxy.wait_serving(f"{self.directory}/admin")

    def ask(self, line, level="admin"):
        return command(f"{self.directory}/{level}", line)

    def cookies(self, backend):
        """What two new clients are given, and whether each is known by it: then nothing is set again."""
        found = []
        for _ in range(2):
            given = get(self.at, f"/{backend}").header("set-cookie")
            again = given and get(self.at, f"/{backend}", headers=["Cookie: " + given.split(";")[0]]).header("set-cookie")
            found.append((given, again))
        return found

    def shown(self):
        lines = self.ask("show stat -1 4 -1").strip().split("\n")
        place = lines[0].split(",").index("cookie")
        return [line.split(",")[place] for line in lines[1:]]


class Beside(unittest.TestCase):
    maxDiff = None

    def setUp(self):
        stack = contextlib.ExitStack()
        self.addCleanup(stack.close)
        self.ports = {name: stack.enter_context(Origin(answer())).port for name in ("port", "other")}
        self.reference, self.tested = (Tested(need_program(name), self.ports["port"], stack)
                                       for name in ("haproxy", os.environ.get("TANDEM_TESTED", "lbd")))

    def test_cookies_follow_the_commands(self):
        seen = set()
        for backend in ("dynamic", "fixed", "keyless", "plain"):
            for step in ["", *STEPS]:
                line = step.format(b=backend, **self.ports)
                with self.subTest(line or f"at first: {backend}"):
                    if line:
                        self.assertEqual(self.tested.ask(line), self.reference.ask(line))
                    cookies = self.reference.cookies(backend)
                    self.assertEqual(self.tested.cookies(backend), cookies)
                    self.assertEqual(self.tested.shown(), self.reference.shown())
                    seen.update(given for given, _ in cookies)
        # Three secrets, another address, the fixed one, the one that is taken back, and none.
        self.assertGreaterEqual(len(seen), 7)

    def test_what_is_refused(self):
        for line in REFUSED:
            with self.subTest(line):
                self.assertEqual(self.tested.ask(line), self.reference.ask(line))
        for line in (STEPS[0], STEPS[1], STEPS[3]):
            with self.subTest(line):
                line = line.format(b="dynamic")
                self.assertEqual(self.tested.ask(line, "operator"), self.reference.ask(line, "operator"))


if __name__ == "__main__":
    unittest.main()
