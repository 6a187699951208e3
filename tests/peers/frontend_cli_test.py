#!/usr/bin/env python3
"""The runtime API's commands on frontends, sessions and variables beside Debian's haproxy: the same answers, the same states
in `show stat`, and the same fate of clients.

TANDEM_TESTED names another program than lbd.
"""

import contextlib
import os
import sys
import tempfile
import unittest

sys.path.insert(0, os.path.dirname(os.path.dirname(os.path.abspath(__file__))))

from support.client import Client, Closed, command, get  # noqa: E402
from support.process import Proxy, listening_socket, need_program, wait_for  # noqa: E402

CONFIG = """
global
  nbthread 2
  stats socket {d}/admin level admin
  stats socket {d}/operator level operator
  stats socket {d}/user level user
defaults
  mode http
  timeout client 5s
  timeout server 5s
  timeout connect 5s
frontend fe
  bind "fd@${{fe}}"
  http-request set-var(proc.number) int(5)
  http-request set-var(proc.text) path
  http-request return status 200 if {{ path /here }}
  default_backend be
frontend other
  bind "fd@${{other}}"
  http-request return status 200
backend be
  server s1 127.0.0.1:{port}
"""

COMMANDS = [
    "disable frontend", "disable frontend nix", "disable frontend be", "enable frontend", "enable frontend nix", "enable frontend fe",
    "disable frontend fe", "disable frontend fe", "enable frontend fe", "enable frontend fe", "shutdown frontend",
    "shutdown frontend nix", "shutdown frontend other", "shutdown frontend other", "enable frontend other", "disable frontend other",
    "shutdown sessions server", "shutdown sessions server be/s1", "shutdown sessions server be/nix",
    "shutdown sessions server nix/a", "shutdown sessions server be", "enable agent", "enable agent be/s1", "disable agent be/s1",
    "disable agent be/nix", "get var", "get var proc.nix", "get var txn.a", "get var abc",
]


class Tested:
    def __init__(self, binary, stack):
        directory = stack.enter_context(tempfile.TemporaryDirectory(prefix="tandem-test-"))
        self.directory = directory
        self.name = os.path.basename(binary)
        sockets = {name: stack.enter_context(listening_socket()) for name in ("fe", "other", "origin")}
        self.at = {name: sock.getsockname() for name, sock in sockets.items()}
        self.origin = sockets.pop("origin")
        self.origin.settimeout(5)
        config = CONFIG.format(d=directory, port=self.at["origin"][1])
        self.proxy = stack.enter_context(Proxy(binary, config, sockets, directory=directory))
        self.proxy.wait_serving(f"{directory}/admin")
        # The test's own copies would go on to listen.
        for sock in sockets.values():
            sock.close()

    def ask(self, line, socket="admin"):
        return command(f"{self.directory}/{socket}", line)

    def status(self, frontend):
        lines = self.ask("show stat").strip().split("\n")
        names = lines[0].lstrip("# ").split(",")
        rows = [dict(zip(names, line.split(","))) for line in lines[1:]]
        return next(row["status"] for row in rows if (row["pxname"], row["svname"]) == (frontend, "FRONTEND"))

    def answers(self, name):
        try:
            return get(self.at[name], "/here").status
        except (ConnectionError, Closed) as error:
            return type(error).__name__


class Beside(unittest.TestCase):
    maxDiff = None

    def setUp(self):
        stack = contextlib.ExitStack()
        self.addCleanup(stack.close)
        self.both = [Tested(need_program("haproxy"), stack), Tested(need_program(os.environ.get("TANDEM_TESTED", "lbd")), stack)]

    def test_answers(self):
        reference, tested = self.both
        for line in COMMANDS:
            with self.subTest(line):
                self.assertEqual(tested.ask(line), reference.ask(line))
        for level in ("operator", "user"):
            for line in ("disable frontend fe", "shutdown frontend fe", "shutdown sessions server be/s1", "get var proc.nix"):
                with self.subTest((level, line)):
                    self.assertEqual(tested.ask(line, level), reference.ask(line, level))

    def test_a_disabled_frontend_serves_nobody_until_it_is_enabled(self):
        for one in self.both:
            for _ in range(3):
                one.ask("disable frontend fe")
                # An inherited socket goes on to listen.
                with Client(one.at["fe"]) as client:
                    client.request("/here")
                    self.assertEqual((one.status("fe"), one.status("other"), one.answers("other")), ("PAUSED", "OPEN", 200))
                    client.socket.settimeout(0.2)
                    with self.assertRaises(TimeoutError):
                        client.response()
                    one.ask("enable frontend fe")
                    self.assertEqual(one.status("fe"), "OPEN")
                    client.socket.settimeout(5)
                    self.assertEqual(client.response().status, 200)

    def test_a_frontend_that_was_shut_down(self):
        for one in self.both:
            one.ask("shutdown frontend other")
            wait_for(lambda o=one: o.answers("other") == "ConnectionRefusedError", what="clients to be refused")
            self.assertEqual((one.status("other"), one.answers("fe")), ("STOP", 200))

    def test_sessions_of_a_server_end(self):
        for one in self.both:
            with self.subTest(one.name), Client(one.at["fe"]) as client:
                client.request("/slow")
                held, _ = one.origin.accept()
                with held:
                    held.recv(65536)
                    one.ask("shutdown sessions server be/s1")
                    # haproxy answers 502, lbd 503, as it does when sessions end with a server that went down.
                    self.assertIn(client.response().status, (502, 503))

    def test_variables(self):
        for one in self.both:
            one.answers("fe")
        self.assertEqual(self.both[1].ask("get var proc.number"), self.both[0].ask("get var proc.number"))
        self.assertEqual(self.both[1].ask("get var proc.text"), self.both[0].ask("get var proc.text"))
        self.assertIn("type=sint value=<5>", self.both[1].ask("get var proc.number"))


if __name__ == "__main__":
    unittest.main()
