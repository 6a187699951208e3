#!/usr/bin/env python3
"""TLS 1.3 early data (0-RTT, RFC 8446, 8470) of the openssl command, whose handshake stops where a test says.

haproxy 2.6 takes early data, but gives nothing of it to anybody before the handshake is over, so that neither
ssl_fc_has_early nor Early-Data are ever seen; TANDEM_TESTED=haproxy runs what is the same.
"""

import contextlib
import os
import shutil
import socket
import subprocess
import sys
import tempfile
import threading
import unittest

sys.path.insert(0, os.path.dirname(os.path.dirname(os.path.abspath(__file__))))

from support import h2, origin, tls  # noqa: E402
from support.origin import Origin  # noqa: E402
from support.process import Proxy, listening_socket, need_program, wait_for  # noqa: E402

BINARY = need_program(os.environ.get("TANDEM_TESTED", "lbd"))
OURS = os.path.basename(BINARY) == "lbd"
OPENSSL = need_program("openssl")
APPLICATION_DATA = 23


class Wire:
    """Between a client and a proxy: passes on all that comes, but from the client no more records than its first ones up
    to `early` records of application data, until release()."""

    def __init__(self, address, early=1):
        self._target, self._early = address, early
        self._released, self.stopped = threading.Event(), threading.Event()
        self._listener = listening_socket()
        self.port = self._listener.getsockname()[1]
        self.passed = b""
        self._sockets = [self._listener]
        threading.Thread(target=self._carry, daemon=True).start()

    def __enter__(self):
        return self

    def __exit__(self, *unused):
        self.release()
        for each in self._sockets:
            with contextlib.suppress(OSError):
                each.shutdown(socket.SHUT_RDWR)
            each.close()

    def release(self):
        self._released.set()

    def _carry(self):
        with contextlib.suppress(OSError):
            client, _ = self._listener.accept()
            server = socket.create_connection(self._target)
            self._sockets += [client, server]
            threading.Thread(target=self._down, args=(server, client), daemon=True).start()
            self._up(client, server)

    @staticmethod
    def _down(server, client):
        with contextlib.suppress(OSError):
            while data := server.recv(65536):
                client.sendall(data)
            client.shutdown(socket.SHUT_WR)

    def _up(self, client, server):
        pending, left = b"", self._early
        while data := client.recv(65536):
            pending += data
            while len(pending) >= 5 and len(pending) >= (size := 5 + int.from_bytes(pending[3:5], "big")):
                if left == 0:
                    self.stopped.set()
                    self._released.wait()
                if pending[0] == APPLICATION_DATA:
                    left = max(left - 1, 0)
                self.passed += pending[:size]
                server.sendall(pending[:size])
                pending = pending[size:]
        self._released.wait()
        server.shutdown(socket.SHUT_WR)


class EarlyClient:
    """openssl s_client; `out` is what it has received."""

    def __init__(self, port, *more):
        self.process = subprocess.Popen([OPENSSL, "s_client", "-quiet", "-connect", f"127.0.0.1:{port}", *more],
                                        stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL)
        self.out = b""
        self._reader = threading.Thread(target=self._read, daemon=True)
        self._reader.start()

    def __enter__(self):
        return self

    def __exit__(self, *unused):
        self.process.kill()
        self.process.wait()
        self._reader.join()
        self.process.stdin.close()
        self.process.stdout.close()

    def _read(self):
        while data := self.process.stdout.read1(65536):
            self.out += data

    def send(self, data):
        self.process.stdin.write(data)
        self.process.stdin.flush()

    def wait(self, what, count=1):
        wait_for(lambda: self.out.count(what) >= count, what=f"{what} in {self.out}")

    def wait_end(self):
        self._reader.join(5)
        assert not self._reader.is_alive(), "the connection is still open"


class Flow(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        cls.folder = tempfile.mkdtemp(prefix="tandem-test-")
        cls.addClassCleanup(shutil.rmtree, cls.folder)
        cls.authority = tls.Authority(cls.folder)
        cls.certificate = cls.authority.issue("server.pem", "/CN=server", ["server.example"])
        cls.other = cls.authority.issue("other.pem", "/CN=other", ["other.example"])

    def setUp(self):
        self.stack = contextlib.ExitStack()
        self.addCleanup(self.stack.close)

    def path(self, name, data=None):
        path = os.path.join(self.folder, name)
        if data is not None:
            with open(path, "wb") as file:
                file.write(data)
        return path

    def proxy(self, bind="allow-0rtt", rules="", behaviour=None, globals="", mode="http"):
        self.origin = self.stack.enter_context(Origin(behaviour or origin.answer(origin.response(b"answered"))))
        listener = self.stack.enter_context(contextlib.closing(listening_socket()))
        self.address = listener.getsockname()
        self.running = self.stack.enter_context(Proxy(BINARY, f"""
global
    {globals}
defaults
    mode {mode}
    timeout client 10s
    timeout server 10s
    timeout connect 5s
frontend f
    bind fd@${{F}} ssl crt {self.certificate} {bind}
    {rules}
    default_backend b
backend b
    server s 127.0.0.1:{self.origin.port}
""", {"F": listener}))

    def ticket(self, *more, port=None):
        """The path of a session that may be resumed with early data."""
        path = self.path("coming", b"")

        def whole():
            with open(path, "rb") as file:
                text = file.read()
            return text if text.endswith(b"END SSL SESSION PARAMETERS-----\n") else None

        with EarlyClient(port or self.address[1], "-sess_out", path, *more):
            session = wait_for(whole, what="a ticket")  # openssl writes each that comes to the same file
        return self.path("session", session)

    def early(self, request, *more, early=1, port=None):
        """A client that has sent the request as early data; its handshake ends when self.wire lets it."""
        ticket = self.ticket(*more)
        self.wire = self.stack.enter_context(Wire(self.address, early))
        return self.stack.enter_context(EarlyClient(self.wire.port, "-sess_in", ticket, "-early_data",
                                                    self.path("request", request), *more))

    def seen(self, count=1):
        wait_for(lambda: len(self.origin.seen) >= count, what=f"{count} requests at the origin")
        self.assertEqual(len(self.origin.seen), count)
        return self.origin.seen[-1]


def request(path="/", more=b""):
    return b"GET %s HTTP/1.1\r\nHost: test\r\n%s\r\n" % (path.encode(), more)


SHOW = "http-request set-header x-early %[ssl_fc_has_early]\n http-response set-header x-early %[ssl_fc_has_early]"


@unittest.skipUnless(OURS, "haproxy 2.6 waits for the end of the handshake")
class BeforeTheHandshakeIsOver(Flow):
    def test_request_and_response(self):
        self.proxy(rules=SHOW)
        client = self.early(request())
        client.wait(b"answered")
        head = self.seen()
        self.assertIn(b"\r\nearly-data: 1\r\n", head)
        self.assertIn(b"\r\nx-early: 1\r\n", head)
        self.assertIn(b"\r\nx-early: 1\r\n", client.out)
        # Then it is a connection like any other.
        self.wire.release()
        client.send(request())
        client.wait(b"answered", 2)
        self.assertNotIn(b"early-data", self.seen(2))
        self.assertIn(b"\r\nx-early: 0\r\n", self.origin.seen[1])

    def test_who_says_so_already(self):
        self.proxy()
        self.early(request(more=b"Early-Data: 1\r\n")).wait(b"answered")
        self.assertEqual(self.seen().count(b"early-data"), 1)

    def test_waiting(self):
        self.proxy(rules="http-request wait-for-handshake if { path /wait }\n " + SHOW)
        client = self.early(request("/wait"))
        # It has come for certain, since another one on another connection goes the same way and further.
        other = self.stack.enter_context(EarlyClient(self.address[1]))
        other.send(request("/other"))
        other.wait(b"answered")
        self.assertTrue(self.seen().startswith(b"GET /other "))
        self.wire.release()
        client.wait(b"answered")
        self.assertTrue(self.seen(2).startswith(b"GET /wait "))
        self.assertNotIn(b"early-data", self.origin.seen[1])
        self.assertIn(b"\r\nx-early: 0\r\n", self.origin.seen[1])

    def test_waiting_with_the_next_request_behind(self):
        self.proxy(rules="http-request wait-for-handshake")
        client = self.early(request("/1") + request("/2"))
        wait_for(self.wire.stopped.is_set, what="early data")
        self.wire.release()
        client.wait(b"answered", 2)
        self.assertEqual([head.split()[1] for head in self.origin.seen], [b"/1", b"/2"])

    def test_waiting_in_vain(self):
        self.proxy(rules="timeout client 200ms\n http-request wait-for-handshake")
        client = self.early(request())
        client.wait(b"HTTP/1.1 408 ")
        self.assertEqual(self.origin.seen, [])

    def test_body(self):
        def echo(peer):
            head = peer.head()
            body = peer.body(head)
            peer.send(b"HTTP/1.1 200 OK\r\ncontent-length: %d\r\n\r\n%s" % (len(body), body))

        self.proxy(behaviour=echo)
        body = b"0123456789" * 1200
        client = self.early(b"PUT / HTTP/1.1\r\nHost: test\r\nContent-Length: %d\r\n\r\n%s" % (len(body), body), early=2)
        client.wait(body[-5000:])
        self.assertIn(b"early-data: 1", self.origin.seen[0])

    def test_a_connection_that_ends_says_so(self):
        self.proxy()
        client = self.early(request(more=b"Connection: close\r\n"))
        client.wait(b"answered")
        self.wire.release()
        client.wait_end()
        self.assertEqual(client.process.wait(), 0)

    def test_rejected_by_the_server(self):
        def too_early(peer):
            while head := peer.head():
                peer.send(origin.response(b"", "425 Too Early") if b"early-data: 1" in head else origin.response(b"late"))

        self.proxy(behaviour=too_early)
        client = self.early(request())
        client.wait(b"HTTP/1.1 425 ")
        self.wire.release()
        client.send(request())
        client.wait(b"late")

    @unittest.skipUnless(h2.hpack, "no python3-hpack")
    def test_http2(self):
        self.proxy("allow-0rtt alpn h2", rules="http-request wait-for-handshake if { path /wait }\n " + SHOW)
        encoder = h2.hpack.Encoder()
        text = h2.PREFACE + h2.frame(h2.SETTINGS)
        for stream, path in ((1, "/now"), (3, "/wait")):
            fields = [(":method", "GET"), (":scheme", "https"), (":authority", "test"), (":path", path)]
            text += h2.frame(h2.HEADERS, h2.END_HEADERS | h2.END_STREAM, stream, encoder.encode(fields))
        client = self.early(text, "-alpn", "h2")
        client.wait(b"answered")
        self.assertTrue(self.seen().startswith(b"GET /now "))
        self.assertIn(b"early-data: 1", self.origin.seen[0])
        self.wire.release()
        client.wait(b"answered", 2)
        self.assertTrue(self.seen(2).startswith(b"GET /wait "))
        self.assertNotIn(b"early-data", self.origin.seen[1])

    def test_tcp(self):
        self.proxy(mode="tcp")
        self.early(request()).wait(b"answered")
        self.assertEqual(self.seen(), request())


@unittest.skipUnless(OURS, "haproxy 2.6 takes it again")
class Replay(Flow):
    def again(self):
        """Everything that the client has sent before it could know anything, once more."""
        with socket.create_connection(self.address) as thief:
            thief.settimeout(5)
            thief.sendall(self.wire.passed)
            thief.shutdown(socket.SHUT_WR)
            while thief.recv(65536):
                pass

    def test_same_process(self):
        self.proxy()
        self.early(request()).wait(b"answered")
        for _ in range(2):
            self.again()
        self.seen(1)

    def test_ticket_of_another_process(self):
        keys = self.path("keys", b"".join(tls.openssl("rand", "-base64", "48").encode() for _ in range(3)))
        self.proxy(f"allow-0rtt tls-ticket-keys {keys}")
        ticket = self.ticket()
        self.running.close()
        self.proxy(f"allow-0rtt tls-ticket-keys {keys}", rules="http-request set-header x-resumed %[ssl_fc_is_resumed]")
        with EarlyClient(self.address[1], "-sess_in", ticket, "-early_data", self.path("request", request("/early"))) as client:
            client.send(request("/late"))
            client.wait(b"answered")
            self.assertTrue(self.seen().startswith(b"GET /late "))
            self.assertIn(b"x-resumed: 1", self.seen())


class Taken(Flow):
    """What is the same in haproxy: whether it is taken."""

    def test_by_word(self):
        self.proxy("allow-0rtt")
        client = self.early(request())
        self.wire.release()
        client.wait(b"answered")
        self.seen()

    def allowed(self, *more):
        """How many bytes of it a ticket allows."""
        shown = tls.openssl("sess_id", "-noout", "-text", "-in", self.ticket(*more))
        return int(shown.split("Max Early Data: ")[1].split()[0]) if "Max Early Data" in shown else 0

    def test_bytes(self):
        self.proxy("allow-0rtt")
        self.assertEqual(self.allowed(), 15360)
        self.running.close()
        self.proxy("allow-0rtt", globals="tune.bufsize 32768\n tune.maxrewrite 2048")
        self.assertEqual(self.allowed(), 30720)

    def test_not_without(self):
        self.proxy("")
        self.assertEqual(self.allowed(), 0)

    @unittest.skipUnless(OURS, "haproxy 2.6 takes none then, whatever its manual says")
    def test_of_a_line_of_a_list(self):
        listed = self.path("list", f"{self.certificate}\n{self.other} [allow-0rtt]\n".encode())
        self.proxy(f"crt-list {listed}")
        for name, size in (("server.example", 0), ("other.example", 15360)):
            self.assertEqual(self.allowed("-servername", name), size)


if __name__ == "__main__":
    unittest.main()
