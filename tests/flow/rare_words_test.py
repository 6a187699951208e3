#!/usr/bin/env python3
"""Words whose effect only a running process shows: source … usesrc, thread, strict-limits, idle-close-on-response,
close-spread-time. TANDEM_TESTED names another program than lbd (haproxy passes, too)."""

import os
import signal
import sys
import time
import unittest

sys.path.insert(0, os.path.dirname(os.path.dirname(os.path.abspath(__file__))))

from support.client import Client  # noqa: E402
from support.origin import Origin, response  # noqa: E402
from support.process import Proxy, listening_socket, need_program, thread_cpu_seconds, wait_for  # noqa: E402

CONFIG = """
global
    nbthread 1
    {in_global}
defaults
    mode http
    timeout connect 5s
    timeout client 20s
    timeout server 20s
    {in_defaults}
frontend fe
    bind "fd@${{fe}}" {on_bind}
    http-request return status 200 content-type text/plain string "ok" if {{ path /own }}
    default_backend be
backend be
    {in_backend}
"""


def whose(peer):
    """An origin that answers with the address that it sees."""
    while peer.head() is not None:
        peer.send(response(peer.socket.getpeername()[0].encode()))


class RareWords(unittest.TestCase):
    def setUp(self):
        self.program = need_program(os.environ.get("TANDEM_TESTED", "lbd"))
        self.listener = listening_socket()
        self.addCleanup(self.listener.close)
        self.address = self.listener.getsockname()

    def start(self, in_global="", in_defaults="", in_backend="", on_bind=""):
        text = CONFIG.format(in_global=in_global, in_defaults=in_defaults, in_backend=in_backend, on_bind=on_bind)
        proxy = Proxy(self.program, text, {"fe": self.listener})
        self.addCleanup(proxy.stop)
        return proxy

    def ask(self, path="/", client=None, **more):
        own = client or Client(self.address)
        if client is None:
            self.addCleanup(own.close)
        return own.request(path, **more).response()

    def test_the_server_sees_the_address_of_the_header(self):
        with Origin(whose) as origin:
            self.start(in_backend=f"server s1 127.0.0.1:{origin.port} source 0.0.0.0 usesrc hdr_ip(x-client)")
            client = Client(self.address)
            self.addCleanup(client.close)
            for seen in ("127.0.0.9", "127.0.0.10"):
                answer = self.ask(client=client, headers=[f"X-Client: 127.0.0.3, {seen}"])
                self.assertEqual(answer.body.decode(), seen)
            # As the manual says; haproxy 2.6 answers 500 here.
            if "haproxy" not in self.program:
                self.assertEqual(self.ask(client=client).body.decode(), "127.0.0.1")

    def test_the_server_sees_the_address_of_the_client(self):
        with Origin(whose) as origin:
            self.start(in_backend=f"server s1 127.0.0.1:{origin.port}\n    source 0.0.0.0 usesrc clientip",
                       in_defaults="http-reuse always")
            for source in ("127.0.0.21", "127.0.0.22"):
                client = Client(self.address, source=(source, 0))
                self.addCleanup(client.close)
                self.assertEqual(self.ask(client=client).body.decode(), source)

    def test_limits_that_cannot_be_had(self):
        proxy = self.start("maxconn 10000000")
        self.assertEqual(proxy.process.wait(5), 1)
        self.assertIn("FD limit", proxy.errors())
        self.start("maxconn 10000000\n    no strict-limits")
        self.assertEqual(self.ask("/own").body, b"ok")

    def test_clients_with_privileged_ports_may_be_refused(self):
        if "haproxy" in self.program:
            self.skipTest("haproxy 2.6 does not know the word")
        self.start("harden.reject-privileged-ports.tcp on")
        client = None
        for port in range(1023, 900, -1):
            try:
                client = Client(self.address, source=("127.0.0.1", port))
                break
            except PermissionError:
                self.skipTest("privileged ports cannot be bound here")
            except OSError:
                continue
        self.addCleanup(client.close)
        self.assertEqual(client.read_to_end(), b"")
        self.assertEqual(self.ask("/own").body, b"ok")

    def test_only_the_threads_of_the_bind_line_accept(self):
        proxy = self.start("nbthread 2", on_bind="thread 2")
        clients = self.kept(1)
        before = thread_cpu_seconds(proxy.pid)
        clients += self.kept(7)
        for _ in range(200):
            for client in clients:
                self.ask("/own", client)
        spent = sorted(cpu - before.get(thread, 0) for thread, cpu in thread_cpu_seconds(proxy.pid).items())
        self.assertLess(spent[-2], spent[-1] / 20, "another thread worked too")

    def kept(self, count):
        clients = [Client(self.address) for _ in range(count)]
        for client in clients:
            self.addCleanup(client.close)
            self.ask("/own", client)
        return clients

    @staticmethod
    def ended(client):
        client.socket.setblocking(False)
        try:
            return client.socket.recv(1) == b""
        except BlockingIOError:
            return False
        except ConnectionError:
            return True

    def test_an_idle_client_gets_one_more_answer_after_a_soft_stop(self):
        proxy = self.start(in_defaults="option idle-close-on-response")
        client, = self.kept(1)
        proxy.process.send_signal(signal.SIGUSR1)
        wait_for(lambda: "topp" in proxy.errors(), what="the soft stop")
        answer = self.ask("/own", client)
        self.assertIn(b"connection: close", answer.head.lower())
        self.assertEqual(proxy.process.wait(5), 0)

    def test_idle_clients_are_closed_over_a_time(self):
        proxy = self.start("close-spread-time 600ms")
        clients = self.kept(30)
        proxy.process.send_signal(signal.SIGUSR1)
        begin, moments = time.monotonic(), []

        def look():
            for client in [each for each in clients if self.ended(each)]:
                clients.remove(client)
                moments.append(time.monotonic() - begin)
            return not clients

        wait_for(look, what="the end of all idle connections")
        self.assertGreater(moments[-1] - moments[0], 0.2)
        self.assertEqual(proxy.process.wait(5), 0)


if __name__ == "__main__":
    unittest.main()
