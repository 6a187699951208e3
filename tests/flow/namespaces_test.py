#!/usr/bin/env python3
"""`namespace` of bind and server lines: sockets in another network namespace, made by this test inside namespaces of its own.
TANDEM_TESTED names another program than lbd (haproxy passes, too)."""

import contextlib
import csv
import ctypes
import os
import sys
import tempfile
import unittest

sys.path.insert(0, os.path.dirname(os.path.dirname(os.path.abspath(__file__))))

from support import netns  # noqa: E402
from support.client import Client, command  # noqa: E402
from support.origin import Origin, name as named  # noqa: E402
from support.process import Proxy, listening_socket, need_program, wait_for  # noqa: E402

CONFIG = """
global
    stats socket {directory}/admin level admin
defaults
    mode http
    timeout connect 5s
    timeout client 20s
    timeout server 20s
frontend fe
    bind "fd@${{fe}}"
    {bind}
    default_backend be
backend be
    {backend}
"""
LIBC = ctypes.CDLL(None, use_errno=True)
OTHER = "blue"


@contextlib.contextmanager
def inside(name):
    """The sockets that this thread makes meanwhile are of the namespace."""
    with open("/proc/self/ns/net", encoding="ascii") as own, open(f"/run/netns/{name}", encoding="ascii") as other:
        assert LIBC.setns(other.fileno(), 0) == 0, os.strerror(ctypes.get_errno())
        try:
            yield
        finally:
            assert LIBC.setns(own.fileno(), 0) == 0


class Namespaces(unittest.TestCase):
    def setUp(self):
        self.program = need_program(os.environ.get("TANDEM_TESTED", "lbd"))
        self.listener = listening_socket()
        self.addCleanup(self.listener.close)
        self.directory = self.enterContext(tempfile.TemporaryDirectory(prefix="tandem-test-"))

    def start(self, backend, bind=""):
        text = CONFIG.format(directory=self.directory, backend=backend, bind=bind)
        proxy = Proxy(self.program, text, {"fe": self.listener}, directory=self.directory)
        self.addCleanup(proxy.stop)
        return proxy

    def ask(self, address):
        with Client(address) as client:
            return client.get("/").body

    def row(self, name):
        rows = csv.DictReader(command(f"{self.directory}/admin", "show stat").lstrip("# ").splitlines())
        return next(row for row in rows if row["svname"] == name)

    def test_a_server_in_another_namespace(self):
        with inside(OTHER):
            origin = self.enterContext(Origin(named("there")))
        self.start(f"option httpchk\n    server s1 127.0.0.1:{origin.port} namespace {OTHER} check inter 200ms\n"
                   f"    server s2 127.0.0.1:{origin.port} check inter 200ms backup")
        self.assertEqual(self.ask(self.listener.getsockname()), b"there")
        # Checks go there, too, and what has no such word finds nobody.
        wait_for(lambda: self.row("s1")["check_status"] == "L7OK", what="the check in the namespace")
        wait_for(lambda: self.row("s2")["check_status"] == "L4CON", what="the check outside of it")
        self.assertTrue(self.row("s1")["status"].startswith("UP"))

    def test_a_listener_in_another_namespace(self):
        with Origin(named("here")) as origin:
            self.start(f"server s1 127.0.0.1:{origin.port}", bind=f"bind 127.0.0.1:80 namespace {OTHER}")
            self.assertEqual(self.ask(self.listener.getsockname()), b"here")
            with inside(OTHER):
                self.assertEqual(self.ask(("127.0.0.1", 80)), b"here")
            with self.assertRaises(ConnectionRefusedError):
                self.ask(("127.0.0.1", 80))

    def test_one_that_is_not_there(self):
        for lines in ({"backend": "server s1 127.0.0.1:80 namespace nowhere"},
                      {"backend": "", "bind": "bind 127.0.0.1:80 namespace nowhere"}):
            proxy = self.start(**lines)
            self.assertEqual(proxy.process.wait(10), 1)
            self.assertIn("Cannot open namespace 'nowhere'", proxy.errors())


if __name__ == "__main__":
    netns.enter_private()
    netns.hide("/run")
    netns.run("ip", "netns", "add", OTHER)
    netns.run("ip", "-n", OTHER, "link", "set", "lo", "up")
    unittest.main()
