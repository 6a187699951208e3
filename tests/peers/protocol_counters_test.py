#!/usr/bin/env python3
"""The columns of `show stat` that count HTTP/1 and HTTP/2, beside Debian's haproxy: the same frames through both.

TANDEM_TESTED names another program than lbd.
"""

import contextlib
import os
import sys
import tempfile
import unittest

sys.path.insert(0, os.path.dirname(os.path.dirname(os.path.abspath(__file__))))

from support.client import Client, command  # noqa: E402
from support.h2 import H2Client  # noqa: E402
from support.h2_origin import H2Origin  # noqa: E402
from support.origin import Origin, answer  # noqa: E402
from support.process import Proxy, listening_socket, need_program, wait_for  # noqa: E402

CONFIG = """
global
    stats socket {directory}/stats.sock level admin
defaults
    mode http
    timeout connect 2s
    timeout client 10s
    timeout server 10s
frontend two
    bind fd@${{two}} proto h2
    default_backend {backend}
frontend one
    bind fd@${{one}}
    default_backend {backend}
backend plain
    server s 127.0.0.1:{plain}
backend multiplexed
    server s 127.0.0.1:{multiplexed} proto h2
"""
COLUMNS = ["h2_headers_rcvd", "h2_data_rcvd", "h2_settings_rcvd", "h2_rst_stream_rcvd", "h2_goaway_rcvd",
           "h2_detected_conn_protocol_errors", "h2_detected_strm_protocol_errors", "h2_rst_stream_resp", "h2_goaway_resp",
           "h2_open_connections", "h2_backend_open_streams", "h2_total_connections", "h2_backend_total_streams",
           "h1_open_connections", "h1_open_streams", "h1_total_connections", "h1_total_streams"]


class Side(contextlib.ExitStack):
    """One proxy with its servers."""

    def __init__(self, binary, backend):
        super().__init__()
        self.directory = self.enter_context(tempfile.TemporaryDirectory(prefix="tandem-test-"))
        plain, multiplexed = self.enter_context(Origin(answer())), H2Origin()
        self.callback(multiplexed.close)
        self.listeners = {name: self.enter_context(listening_socket()) for name in ("one", "two")}
        text = CONFIG.format(directory=self.directory, plain=plain.port, multiplexed=multiplexed.port, backend=backend)
        self.enter_context(Proxy(binary, text, self.listeners, directory=self.directory))

    def h2(self):
        return self.enter_context(H2Client(self.listeners["two"].getsockname()))

    def counters(self, name, side):
        lines = command(f"{self.directory}/stats.sock", "show stat").splitlines()
        columns = lines[0].lstrip("# ").split(",")
        for line in lines[1:]:
            row = dict(zip(columns, line.split(",")))
            if (row["pxname"], row["svname"]) == (name, side):
                return {column: int(row[column]) for column in COLUMNS}
        raise AssertionError(f"{name}/{side} is not in the table")


class ProtocolCounters(unittest.TestCase):
    def both(self, act, name="two", side="FRONTEND", backend="plain", settled=lambda counters: True, without=()):
        """What act() makes of the counters is the same on both; some come a moment after the answer."""
        seen = []
        for binary in ("/usr/sbin/haproxy", os.environ.get("TANDEM_TESTED", "lbd")):
            with Side(need_program(binary), backend) as proxy:
                act(proxy)
                wait_for(lambda proxy=proxy: settled(proxy.counters(name, side)), what=f"counters of {binary}")
                seen.append(proxy.counters(name, side))
        ours = dict(seen[1])
        # haproxy counts an acknowledgement of its settings twice.
        self.assertEqual(ours["h2_settings_rcvd"], 2 if ours["h2_total_connections"] else 0)
        for counters in seen:
            for column in ("h2_settings_rcvd", *without):
                del counters[column]
        self.assertEqual(*seen)
        return ours

    def test_exchanges(self):
        def act(proxy):
            client = proxy.h2()
            for _ in range(3):
                client.answer(client.open())
            stream = client.open(method="POST", end=False)
            client.send_body(stream, b"x" * 40000)
            client.answer(stream)
        # haproxy counts a frame again each time that a part of it has come.
        counters = self.both(act, settled=lambda c: c["h2_backend_open_streams"] == 0, without=["h2_data_rcvd"])
        self.assertEqual(counters["h2_total_connections"], 1)
        self.assertEqual(counters["h2_open_connections"], 1)
        self.assertEqual(counters["h2_backend_total_streams"], 4)
        self.assertEqual(counters["h2_data_rcvd"], 3)
        self.assertEqual(counters["h1_total_streams"], 0)

    def test_reset_by_the_client(self):
        def act(proxy):
            client = proxy.h2()
            stream = client.open(method="POST", end=False)
            client.answer(client.open())
            client.reset(stream)
        counters = self.both(act, settled=lambda c: c["h2_rst_stream_rcvd"] == 1 and c["h2_backend_open_streams"] == 0)
        self.assertEqual(counters["h2_headers_rcvd"], 2)

    def test_goodbye_of_the_client(self):
        def act(proxy):
            client = proxy.h2()
            client.answer(client.open())
            client.frame(7, 0, 0, bytes(8))
            client.close()
        self.both(act, settled=lambda c: c["h2_open_connections"] == 0)

    def test_connection_error(self):
        def act(proxy):
            client = proxy.h2()
            client.answer(client.open())
            client.data(0, b"on no stream")
            while client.read():
                pass
        counters = self.both(act, settled=lambda c: c["h2_open_connections"] == 0)
        self.assertEqual(counters["h2_detected_conn_protocol_errors"], 1)
        self.assertEqual(counters["h2_goaway_resp"], 1)

    def test_http_1(self):
        def act(proxy):
            client = proxy.enter_context(Client(proxy.listeners["one"].getsockname()))
            for _ in range(2):
                client.get()
        counters = self.both(act, name="one", settled=lambda c: c["h1_open_streams"] == 0)
        self.assertEqual((counters["h1_total_connections"], counters["h1_total_streams"]), (1, 2))
        self.assertEqual(counters["h2_total_connections"], 0)

    def test_towards_servers(self):
        def act(proxy):
            client = proxy.enter_context(Client(proxy.listeners["one"].getsockname()))
            for _ in range(2):
                client.get()
        counters = self.both(act, name="multiplexed", side="BACKEND", backend="multiplexed",
                             settled=lambda c: c["h2_backend_open_streams"] == 0)
        self.assertEqual((counters["h2_total_connections"], counters["h2_backend_total_streams"]), (1, 2))
        self.assertEqual(counters["h2_headers_rcvd"], 2)


if __name__ == "__main__":
    unittest.main()
