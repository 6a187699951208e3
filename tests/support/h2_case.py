"""What the tests of HTTP/2 towards clients share: an lbd on a port that speaks HTTP/2, a scripted server of HTTP/1, the log.

TANDEM_TESTED names another program than lbd."""

import os
import re
import unittest

from support import h2
from support.h2 import H2Client
from support.origin import Origin, answer
from support.process import Proxy, listening_socket, need_program
from support.syslog import Syslog

CONFIG = """
global
    nbthread 1
    log {log} local0
    {in_global}
defaults
    mode http
    log global
    option httplog
    timeout connect 5s
    timeout client 5s
    timeout server 5s
    {in_defaults}
frontend fe
    bind "fd@${{fe}}" {on_bind}
    {in_frontend}
    default_backend be
backend be
    {in_backend}
"""
HEAD = b"HTTP/1.1 200 OK\r\n"
LARGE = 10 << 20


def pattern(size):
    return (b"0123456789abcdef" * 4096 * (size // 65536 + 1))[:size]


def unlike_haproxy(reason):
    """haproxy 2.6 does otherwise, for this reason; its own run leaves the test out."""
    return unittest.skipIf("haproxy" in os.environ.get("TANDEM_TESTED", ""), reason)


class H2Case(unittest.TestCase):
    def setUp(self):
        self.program = need_program(os.environ.get("TANDEM_TESTED", "lbd"))
        self.reference = "haproxy" in self.program
        h2.need_hpack()
        self.listener = listening_socket()
        self.addCleanup(self.listener.close)
        self.address = self.listener.getsockname()
        self.log = Syslog()
        self.addCleanup(self.log.close)

    def start(self, behaviour=None, in_backend="", **more):
        self.origin = Origin(behaviour or answer())
        self.addCleanup(self.origin.close)
        return self.run_proxy(f"{in_backend}\n    server s1 127.0.0.1:{self.origin.port}", **more)

    def run_proxy(self, in_backend, sockets=None, in_global="", in_defaults="", in_frontend="", on_bind="proto h2"):
        text = CONFIG.format(log=self.log.address, in_global=in_global, in_defaults=in_defaults, in_frontend=in_frontend,
                             on_bind=on_bind, in_backend=in_backend)
        self.proxy = Proxy(self.program, text, {"fe": self.listener, **(sockets or {})})
        self.addCleanup(self.proxy.close)
        return self.proxy

    def connect(self, **more):
        client = H2Client(self.address, **more)
        self.addCleanup(client.close)
        return client

    def logged(self, expression=r"fe be/|fe~ be/|fe fe/|fe~ fe/"):
        """The termination state and status of the next log line that matches."""
        line = self.log.wait(expression).text
        found = re.search(r" (\d+|-1) [+]?\d+ - - (\S{4}) ", line)
        return f"{found[1]} {found[2]}"
