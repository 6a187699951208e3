#!/usr/bin/env python3
"""set-bandwidth-limit on real connections: how long bodies take, both ways, in mode http and in mode tcp. 2.6 of haproxy
does not have it, so there is nothing to compare with; the manual of 2.7 says what is expected (9.7)."""

import os
import sys
import tempfile
import threading
import time
import unittest

sys.path.insert(0, os.path.dirname(os.path.dirname(os.path.abspath(__file__))))

from support.client import Client  # noqa: E402
from support.origin import Origin, answer, echo, response  # noqa: E402
from support.process import Proxy, listening_socket, need_program, run  # noqa: E402

CONFIG = """
global
    nbthread 1
defaults
    mode http
    timeout connect 5s
    timeout client 20s
    timeout server 20s
frontend fe
    bind "fd@${fe}"
    filter bwlim-out down default-limit 100k default-period 200ms min-size 1400
    filter bwlim-in up default-limit 100k default-period 200ms
    http-request set-bandwidth-limit down if { path /down }
    http-request set-bandwidth-limit up if { path /up }
    http-request set-bandwidth-limit down limit url_param(limit) period int(100) if { path /own }
    http-request set-bandwidth-limit down limit int(1) if { path /reset }
    http-response set-bandwidth-limit down limit int(10000000) if { capture.req.uri /reset }
    filter bwlim-out shared limit 100k key url_param(user) table users
    http-request set-bandwidth-limit shared if { path /shared }
    default_backend be
backend users
    stick-table type string len 8 size 10 expire 1m store bytes_out_rate(200ms)
backend be
    server s1 127.0.0.1:@origin@
listen tcp
    mode tcp
    bind "fd@${tcp}"
    filter bwlim-in both default-limit 50k default-period 100ms
    tcp-request content set-bandwidth-limit both
    server s1 127.0.0.1:@echo@
"""
SIZE = 500 * 1024
BODY = bytes(range(256)) * (SIZE // 256)
# The first burst is a whole limit, and no period may have more than one: 500k at 100k in 200ms take 800 ms at least.
LEAST, MOST = 0.75, 4.0


class Bandwidth(unittest.TestCase):
    def setUp(self):
        self.listeners = {name: listening_socket() for name in ("fe", "tcp")}
        for listener in self.listeners.values():
            self.addCleanup(listener.close)
        origins = {"@origin@": Origin(answer(response(BODY))), "@echo@": Origin(echo)}
        text = CONFIG
        for mark, origin in origins.items():
            self.addCleanup(origin.close)
            text = text.replace(mark, str(origin.port))
        self.origin = origins["@origin@"]
        proxy = Proxy(need_program("lbd"), text, self.listeners)
        self.addCleanup(proxy.close)

    def timed(self, path, **more):
        began = time.monotonic()
        with Client(self.listeners["fe"].getsockname(), timeout=20) as client:
            self.assertEqual(client.get(path, **more).body, BODY)
        return time.monotonic() - began

    def test_what_clients_get(self):
        self.assertLess(self.timed("/"), LEAST)
        took = []
        threads = [threading.Thread(target=lambda: took.append(self.timed("/down"))) for _ in range(3)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
        self.assertEqual(len(took), 3)
        for one in took:  # each exchange has a limit of its own
            self.assertTrue(LEAST <= one <= MOST, took)

    def test_what_streams_share(self):
        began = time.monotonic()
        alone = threading.Thread(target=lambda: self.timed("/shared?user=b"))
        threads = [threading.Thread(target=lambda: self.timed("/shared?user=a")) for _ in range(2)] + [alone]
        for thread in threads:
            thread.start()
        alone.join()
        took_alone = time.monotonic() - began
        for thread in threads:
            thread.join()
        took = time.monotonic() - began
        self.assertTrue(LEAST <= took_alone <= MOST, took_alone)
        self.assertTrue(2 * LEAST <= took <= 2 * MOST, took)  # two times the bytes at the same limit

    def test_what_clients_send(self):
        took = self.timed("/up", method="POST", body=BODY)
        self.assertTrue(LEAST <= took <= MOST, took)
        self.assertEqual(self.origin.seen[-1], BODY)

    def test_own_limits(self):
        self.assertTrue(0.35 <= self.timed(f"/own?limit={100 * 1024}") <= MOST)
        self.assertLess(self.timed(f"/own?limit={10 * SIZE}"), LEAST)
        self.assertLess(self.timed("/reset"), LEAST)  # the last rule counts

    def test_mode_tcp(self):
        began = time.monotonic()
        with Client(self.listeners["tcp"].getsockname(), timeout=20) as client:
            sender = threading.Thread(target=lambda: client.send(BODY).half_close())
            sender.start()
            self.assertEqual(client.read_to_end(), BODY)
            sender.join()
        self.assertTrue(LEAST <= time.monotonic() - began <= MOST)

    def test_what_is_wrong(self):
        for lines, complaint in (
                ("filter bwlim-out f limit 1k key src default-period 1s", "either each stream's own"),
                ("filter bwlim-out f limit 1k", "expects 'default-limit SIZE default-period TIME' or 'limit SIZE key EXPR'"),
                ("filter bwlim-out f limit 1k key src\n    http-request set-bandwidth-limit f", "has no stick table"),
                ("filter bwlim-out f limit 1k key src table no\n    http-request set-bandwidth-limit f",
                 "there is no stick table 'no'"),
                ("stick-table type ip size 1k store gpc0\n    filter bwlim-out f limit 1k key src\n"
                 "    http-request set-bandwidth-limit f", "does not store 'bytes_out_rate'"),
                ("filter bwlim-out f default-limit 1k", "expects 'default-limit SIZE default-period TIME'"),
                ("filter bwlim-out f default-limit 0 default-period 1s", "at least 1"),
                ("filter bwlim-out f default-limit 1 default-period 1s\n    filter bwlim-in f default-limit 1 default-period 1s",
                 "there is a filter 'f' already"),
                ("http-request set-bandwidth-limit f", "this section has no bwlim filter 'f'"),
                ("filter bwlim-out f default-limit 1 default-period 1s\n    http-request set-bandwidth-limit f limit",
                 "needs an expression that gives bytes")):
            code, _, err = self.check(lines)
            self.assertEqual(code, 1, lines)
            self.assertIn(complaint, err)

    def check(self, lines):
        with tempfile.NamedTemporaryFile("w", suffix=".cfg") as file:
            file.write("listen l\n    mode http\n    bind 127.0.0.1:8080\n    " + lines + "\n")
            file.flush()
            return run([need_program("lbd"), "-c", "-f", file.name])


if __name__ == "__main__":
    unittest.main(verbosity=2)
