#!/usr/bin/env python3
"""Commands of the runtime socket for scripts and for developers beside Debian's haproxy: severities in front of messages,
figures with fractions, profiling, what only experts may do; and those of HAProxy 3, which Debian's does not have.

TANDEM_TESTED names another program than lbd.
"""

import contextlib
import os
import re
import sys
import tempfile
import threading
import time
import unittest

sys.path.insert(0, os.path.dirname(os.path.dirname(os.path.abspath(__file__))))

from support import origin  # noqa: E402
from support.client import Client, command  # noqa: E402
from support.origin import Origin  # noqa: E402
from support.process import Proxy, listening_socket, need_program, wait_for  # noqa: E402

CONFIG = """
global
  nbthread 1
  stats socket {d}/admin level admin
  stats socket {d}/operator level operator
  stats socket {d}/user level user
  stats socket {d}/numbers level admin severity-output number
  stats socket {d}/words level admin severity-output string
  stats timeout 1s
defaults
  mode http
  timeout client 20s
  timeout server 20s
  timeout connect 5s
frontend web
  bind "fd@${{web}}"
  default_backend app
backend app
  server a1 127.0.0.1:{port}
  server a2 127.0.0.1:{port} disabled
"""

# The same, byte for byte.
SAME = [
    "set severity-output", "set severity-output nix",
    "set severity-output number;get weight app/xx;get weight nix/a1;get weight a1;get weight app/a1",
    "set severity-output string;get weight app/xx;set server app/a1 weight 300;set server app/a1 addr 127.0.0.1",
    "set severity-output number;enable agent app/a1;set server app/a1 state nix;disable frontend nix;enable health app/a1",
    "set severity-output number;show table nix;show map nix;add map nix a b;set timeout cli nix;show errors nix",
    "set severity-output number;set severity-output none;get weight app/xx",
    "set server app/a1 agent up", "set server app/a1 agent-send x",
    "set profiling", "set profiling nix on", "set profiling tasks nix", "set profiling memory on",
    "show peers", "show peers nix", "show tls-keys", "debug dev log hello",
    "debug dev exit 3", "debug dev panic", "trace 0", "trace nix", "show trace nix",
]
USERS = ["show libs", "debug dev log x", "set profiling tasks on", "show peers"]
OPERATORS = ["debug dev log x", "debug dev exit", "set profiling tasks on"]


class Tested:
    def __init__(self, binary, stack):
        self.directory = stack.enter_context(tempfile.TemporaryDirectory(prefix="tandem-test-"))
        server = stack.enter_context(Origin(origin.silent))
        listener = stack.enter_context(listening_socket())
        self.at = listener.getsockname()
        self.process = stack.enter_context(Proxy(binary, CONFIG.format(d=self.directory, port=server.port), {"web": listener},
                                                 directory=self.directory))
        for level in ("admin", "operator", "user", "numbers", "words"):
            self.process.wait_serving(f"{self.directory}/{level}")

    def ask(self, text, level="admin", timeout=5.0):
        return command(f"{self.directory}/{level}", text, timeout)


class Commands(unittest.TestCase):
    maxDiff = None

    def setUp(self):
        self.stack = contextlib.ExitStack()
        self.addCleanup(self.stack.close)
        self.tested = Tested(need_program(os.environ.get("TANDEM_TESTED", "lbd")), self.stack)

    def reference(self):
        return Tested(need_program("haproxy"), self.stack)

    def test_answers_are_haproxys(self):
        reference = self.reference()
        for line in SAME:
            with self.subTest(line):
                # Some of haproxy's messages end with one line end more or less than others.
                expected, got = (re.sub(r"\n+", "\n", one.ask(line)) for one in (reference, self.tested))
                self.assertEqual(got, expected)

    def test_permissions(self):
        reference = self.reference()
        for level, lines in (("user", USERS), ("operator", OPERATORS)):
            for line in lines:
                with self.subTest(level, line=line):
                    first = [one.ask(line, level).strip().split("\n")[0] for one in (reference, self.tested)]
                    self.assertEqual(first[1], first[0])

    def test_severity_of_the_socket(self):
        reference = self.reference()
        for level in ("numbers", "words"):
            for line in ("get weight app/xx", "set server app/a1 addr 127.0.0.1", "set severity-output none;get weight app/xx"):
                with self.subTest(level, line=line):
                    expected, got = (re.sub(r"\n+", "\n", one.ask(line, level)) for one in (reference, self.tested))
                    self.assertEqual(got, expected)

    def test_trace(self):
        """As haproxy tells of it, but that there are no sources."""
        for line in ("trace", "show trace"):
            first = [one.ask(line).split("\n")[0] for one in (self.reference(), self.tested)]
            self.assertEqual(first[1], first[0])
            self.assertNotIn("h1", self.tested.ask(line))

    def test_unknown_commands(self):
        reference = self.reference()
        for line in ("show nonsense", "set nix", "enable foo bar", "show info2"):
            with self.subTest(line):
                first = [one.ask(line).split("\n")[0] for one in (reference, self.tested)]
                self.assertEqual(first[1], first[0])
        self.assertIn("show info", self.tested.ask("show nonsense"))
        self.assertNotIn("set server", self.tested.ask("show nonsense"))
        self.assertRegex(self.tested.ask("set severity-output number;nonsense"), r"\[6\]: Unknown command")

    def test_figures_with_fractions(self):
        reference = self.reference()

        def types(proxy):
            found = re.findall(r"^\d+\.([^.]+)\.1:\w+:(\w+):(.*)$", proxy.ask("show info typed float"), re.M)
            return {name: kind for name, kind, _ in found}

        expected, got = types(reference), types(self.tested)
        self.assertEqual({name: kind for name, kind in got.items() if kind == "flt"},
                         {name: kind for name, kind in expected.items() if kind == "flt"})
        uptime = re.search(r"^Uptime_sec: (\d+\.\d{1,6})$", self.tested.ask("show info float"), re.M)
        self.assertTrue(uptime)
        self.assertLess(float(uptime[1]), 100)
        self.assertRegex(self.tested.ask("show info"), r"(?m)^Uptime_sec: \d+$")

    def test_developers(self):
        self.assertRegex(self.tested.ask("show libs"), r"(?m)^0x[0-9a-f]{12}-0x[0-9a-f]{12} \(0x[0-9a-f]{7}\) /.*libc\.so")
        self.assertIn("Per-task CPU profiling              : off ", self.tested.ask("show profiling"))
        self.assertEqual(self.tested.ask("set profiling tasks on").strip(), "Task profiling not compiled in.")
        self.assertEqual(self.tested.ask("set profiling tasks off"), "\n")
        self.assertNotIn("debug dev", self.tested.ask("help"))
        self.assertIn("debug dev log", self.tested.ask("help debug"))
        self.tested.ask("expert-mode on;debug dev log hello there;debug dev delay 1")
        wait_for(lambda: "hello there" in self.tested.process.errors(), what="the message")
        self.assertEqual(len(self.tested.ask("expert-mode on;debug dev write 1000").strip("\n")), 1000)
        self.tested.ask("expert-mode on;debug dev exit 3")
        self.assertEqual(self.tested.process.wait(), 3)

    def test_wait(self):
        """Of HAProxy 3: longer than the timeout of the socket, and nobody else waits."""
        begun = time.monotonic()
        self.assertEqual(self.tested.ask("wait 1500ms;get weight app/a1"), "\n1 (initial 1)\n\n")
        self.assertGreaterEqual(time.monotonic() - begun, 1.5)
        for line, answer in (("wait", "Expects a duration in milliseconds."), ("wait nix", "Invalid duration."),
                             ("wait 1s nix", "Unknown condition. Use 'wait -h' for help."),
                             ("wait 1s srv-removable app/nix", "No such server."),
                             ("wait 1s srv-removable app/a1", "Server must be in maintenance mode."),
                             ("wait 1s srv-removable app/a2", "Done.")):
            with self.subTest(line):
                self.assertEqual(self.tested.ask(line).strip(), answer)
        self.assertIn("srv-removable", self.tested.ask("wait -h"))
        with Client(self.tested.at) as client:
            client.request("/")
            wait_for(lambda: "1" == self.tested.ask("show servers conn app").split("\n")[1].split()[6], what="the request")
            self.tested.ask("set server app/a1 state maint")
            self.assertEqual(self.tested.ask("wait 200 srv-removable app/a1").strip(), "Wait delay exceeded.")
            answers = []
            waiting = threading.Thread(
                target=lambda: answers.append(self.tested.ask("wait 20s srv-removable app/a1", timeout=30)))
            waiting.start()
            self.assertEqual(self.tested.ask("get weight app/a1"), "1 (initial 1)\n\n")
        waiting.join(30)
        self.assertEqual([one.strip() for one in answers], ["Done."])


if __name__ == "__main__":
    unittest.main()
