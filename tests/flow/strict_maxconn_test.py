#!/usr/bin/env python3
"""strict-maxconn: a server never has more connections than its maxconn, those that wait for the next request among them, and no
request fails for it. No comparison: Debian's haproxy does not know the word."""

import contextlib
import os
import select
import socket
import sys
import tempfile
import threading
import unittest

sys.path.insert(0, os.path.dirname(os.path.dirname(os.path.abspath(__file__))))

from support.client import Client, command  # noqa: E402
from support.origin import Origin, response  # noqa: E402
from support.process import Proxy, listening_socket, need_program  # noqa: E402

CONFIG = """
global
    nbthread {threads}
    stats socket {directory}/admin level admin
defaults
    mode http
    timeout connect 20s
    timeout client 20s
    timeout server 20s
    timeout queue 20s
frontend fe
    bind "fd@${{fe}}"
    default_backend be
backend be
    http-reuse {reuse}
    server s 127.0.0.1:{port} {words}
"""


class CountingOrigin(Origin):
    """Knows how many connections were open at once: a proxy that closes one before it opens another has sent its end before."""

    def __init__(self):
        self.peak, self.now, self.guard = 0, [], threading.Lock()
        super().__init__(self.serve)

    @staticmethod
    def ended(peer):
        try:
            readable, _, _ = select.select([peer.socket], [], [], 0)
            return bool(readable) and not peer.socket.recv(1, socket.MSG_PEEK)
        except (OSError, ValueError):
            return True

    def serve(self, peer):
        with self.guard:
            self.now = [other for other in self.now if not self.ended(other)] + [peer]
            self.peak = max(self.peak, len(self.now))
        while peer.head() is not None:
            peer.send(response(b"ok"))


class StrictMaxconn(unittest.TestCase):
    def setUp(self):
        self.stack = contextlib.ExitStack()
        self.addCleanup(self.stack.close)

    def start(self, words, threads=1, reuse="always"):
        self.directory = self.stack.enter_context(tempfile.TemporaryDirectory(prefix="tandem-test-"))
        self.origin = self.stack.enter_context(CountingOrigin())
        listener = self.stack.enter_context(listening_socket())
        self.address = listener.getsockname()
        text = CONFIG.format(directory=self.directory, port=self.origin.port, words=words, threads=threads, reuse=reuse)
        proxy = Proxy(need_program("lbd"), text, {"fe": listener}, directory=self.directory)
        self.stack.enter_context(proxy).wait_serving(f"{self.directory}/admin")

    def client(self):
        return self.stack.enter_context(Client(self.address, timeout=20))

    def get(self, client, tenant="a"):
        answer = client.get("/", headers=[f"X-Tenant: {tenant}"])
        self.assertEqual((answer.status, answer.body), (200, b"ok"))

    def of_tenants(self, words):
        self.start(f"pool-conn-name req.hdr(x-tenant) {words}")
        client = self.client()
        for tenant in "abcbca":
            self.get(client, tenant)
        return self.origin.peak

    def test_an_idle_connection_goes_for_another(self):
        self.assertEqual(self.of_tenants("maxconn 1 strict-maxconn"), 1)
        self.assertEqual(self.of_tenants("maxconn 2 strict-maxconn"), 2)

    def test_by_itself_idle_ones_do_not_count(self):
        self.assertEqual(self.of_tenants("maxconn 1"), 3)

    def test_without_a_limit_there_is_none(self):
        self.assertEqual(self.of_tenants("strict-maxconn"), 3)

    def of_clients(self, words):
        """What each client has to the server is its own: nobody else can use it, and it is idle in between."""
        self.start(words, reuse="never")
        clients = [self.client() for _ in range(3)]
        for client in clients * 2:
            self.get(client)
        return self.origin.peak

    def test_private_connections_go_too(self):
        self.assertEqual(self.of_clients("maxconn 1 strict-maxconn"), 1)
        self.assertEqual(self.of_clients("maxconn 1"), 3)

    def test_between_threads(self):
        self.start("maxconn 3 strict-maxconn pool-conn-name req.hdr(x-tenant)", threads=4)
        failures = []

        def run(number):
            try:
                for turn in range(50):
                    with Client(self.address, timeout=20) as client:
                        self.get(client, "abcdef"[(number + turn) % 6])
            except Exception as error:  # noqa: BLE001  (told by the test's own thread)
                failures.append(error)

        threads = [threading.Thread(target=run, args=(number,)) for number in range(8)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
        self.assertEqual(failures, [])
        self.assertLessEqual(self.origin.peak, 3)
        self.assertGreater(self.origin.connections, 20, "tenants had to give way to each other")

    def test_a_higher_limit_counts_at_once(self):
        self.start("maxconn 1 strict-maxconn pool-conn-name req.hdr(x-tenant)")
        client = self.client()
        for tenant in "ab":
            self.get(client, tenant)
        self.assertEqual(self.origin.peak, 1)
        command(f"{self.directory}/admin", "set maxconn server be/s 2")
        for tenant in "abab":
            self.get(client, tenant)
        self.assertEqual((self.origin.peak, len(self.origin.now)), (2, 2))



if __name__ == "__main__":
    unittest.main()
