#!/usr/bin/env python3
"""HTTP/2 towards servers, on a running lbd with scripted servers of HTTP/2 and clients of both versions.
TANDEM_TESTED names another program than lbd; what haproxy 2.6 does otherwise is skipped with it."""

import os
import signal
import socket
import ssl
import sys
import tempfile
import threading
import unittest

sys.path.insert(0, os.path.dirname(os.path.dirname(os.path.abspath(__file__))))

from support import h2 as frames  # noqa: E402
from support.client import Client, command, get  # noqa: E402
from support.h2_case import LARGE, H2Case, pattern, unlike_haproxy  # noqa: E402
from support.h2_origin import H2Origin, Request, answer as answering  # noqa: E402
from support.process import listening_socket, wait_for  # noqa: E402


class Case(H2Case):
    """Clients of both versions, each with a port of its own."""

    def setUp(self):
        super().setUp()
        self.plain = listening_socket()
        self.addCleanup(self.plain.close)
        self.plain_address = self.plain.getsockname()

    def start(self, behaviour=None, in_backend="", on_server="proto h2", in_global="", in_defaults="", **origin):
        self.origin = H2Origin(behaviour, **origin)
        self.addCleanup(self.origin.close)
        self.start_proxy(self.origin.port, in_backend, on_server, in_global=in_global, in_defaults=in_defaults)

    def start_proxy(self, port, in_backend="", on_server="proto h2", **more):
        self.run_proxy(f"{in_backend}\n    server s1 127.0.0.1:{port} {on_server}", {"plain": self.plain},
                       on_bind='proto h2\n    bind "fd@${plain}"', **more)

    def client(self, **more):
        client = Client(self.plain_address, **more)
        self.addCleanup(client.close)
        return client

    def request(self, number=0) -> Request:
        wait_for(lambda: len(self.origin.requests) > number, what=f"request {number}")
        return self.origin.requests[number]


class Exchanges(Case):
    def test_get(self):
        self.start(answering(headers=[("x-a", "1")]), in_backend="option forwardfor")
        answer = self.client().get("/path?q=1", headers=["TE: trailers, gzip", "Connection: x-hop", "X-Hop: 1", "A: b"])
        self.assertEqual((answer.status, answer.body), (200, b"ok"))
        self.assertEqual(answer.header("x-a"), "1")
        request = self.request()
        self.assertEqual([request.field(name) for name in (":method", ":path", "a", "te")],
                         ["GET", "/path?q=1", "b", "trailers"])
        self.assertEqual(request.field("host") if self.reference else request.field(":authority"), "test")
        self.assertIn("x-forwarded-for", dict(request.fields))
        for name in ("connection", "keep-alive", "upgrade", "transfer-encoding"):
            self.assertIsNone(request.field(name))
        self.assertEqual(self.logged(), "200 ----")

    def test_from_h2(self):
        self.start()
        got = self.connect().get("/a", headers=[("cookie", "a=1"), ("cookie", "b=2")])
        self.assertEqual((got.status, bytes(got.body), got.ended), (200, b"ok", True))
        request = self.request()
        self.assertEqual([request.field(name) for name in (":method", ":scheme", ":path", ":authority", "cookie")],
                         ["GET", "http", "/a", "h2.test", "a=1; b=2"])

    def test_bodies(self):
        def echo(request):
            if request.wait():
                request.answer(bytes(request.body), headers=[("x-length", request.field("content-length") or "none")])

        self.start(echo)
        client = self.client()
        answer = client.get(method="POST", body=b"hello")
        self.assertEqual((answer.body, answer.header("x-length")), (b"hello", "5"))
        client.send("POST / HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\n3\r\nabc\r\n2\r\nde\r\n0\r\n\r\n")
        answer = client.response()
        self.assertEqual((answer.body, answer.header("x-length")), (b"abcde", "none"))
        got = self.connect().get(method="POST", body=b"over h2", headers=[("content-length", "7")])
        self.assertEqual((bytes(got.body), got.header("x-length")), (b"over h2", "7"))
        self.assertEqual(client.get(method="POST").body, b"")

    def test_head_and_answers_without_body(self):
        def behaviour(request):
            path = request.field(":path")
            if request.field(":method") == "HEAD":
                request.head(200, [("content-length", "5")], end=True)
            elif path == "/late-end":
                request.head(200, [("content-length", "0")])
                request.data(b"", end=True)
            else:
                request.head(int(path[1:]), [("etag", '"a"')], end=True)

        self.start(behaviour)
        client = self.client()
        answer = client.get(method="HEAD")
        self.assertEqual((answer.status, answer.header("content-length")), (200, "5"))
        for status in (204, 304, 404):
            answer = client.get(f"/{status}")
            self.assertEqual((answer.status, answer.body, answer.header("etag")), (status, b"", '"a"'))
        self.assertEqual(client.get("/late-end").body, b"")

    def test_body_of_unknown_length(self):
        def behaviour(request):
            request.head(200)
            request.data(b"one")
            request.data(b"two", end=True)

        self.start(behaviour)
        client = self.client()
        for _ in range(2):
            answer = client.get()
            self.assertEqual((answer.header("transfer-encoding"), answer.body), ("chunked", b"onetwo"))
        self.assertEqual(bytes(self.connect().get().body), b"onetwo")
        if not self.reference:  # haproxy sends chunks even here
            answer = self.client().get(version="HTTP/1.0")
            self.assertEqual((answer.header("transfer-encoding"), answer.body), (None, b"onetwo"))

    def test_head_goes_before_the_body_comes(self):
        def behaviour(request):
            request.head(200, [("content-length", "2")])

        self.start(behaviour)
        client = self.client().request()
        self.assertIn(b"200", client.read_until(b"\r\n\r\n"))
        self.request().data(b"ok", end=True)
        self.assertEqual(client.read_exactly(2), b"ok")

    def test_trailers(self):
        def behaviour(request):
            if request.wait():
                request.answer(b"x", length=False, trailers=[("x-sum", dict(request.trailers).get("x-sent", "none"))])

        self.start(behaviour)
        got = self.connect().get(method="POST", body=b"a", trailers=[("x-sent", "1")])
        self.assertEqual(dict(got.trailers), {"x-sum": "1"})
        client = self.client()
        client.send("POST / HTTP/1.1\r\nHost: a\r\nTE: trailers\r\nTransfer-Encoding: chunked\r\n\r\n"
                    "1\r\na\r\n0\r\nX-Sent: 2\r\n\r\n")
        raw = b""
        while not raw.endswith(b"\r\n\r\n") or b"\r\n0\r\n" not in raw:
            raw += client.socket.recv(65536)
        self.assertIn(b"\r\n0\r\nx-sum: 2\r\n\r\n", raw)

    def test_informational(self):
        def behaviour(request):
            request.inform(103, [("link", "</a>")])
            request.answer()

        self.start(behaviour)
        with self.client() as client:
            client.request()
            raw = b""
            while not raw.endswith(b"ok"):
                raw += client.socket.recv(65536)
            self.assertRegex(raw, rb"^HTTP/1.1 103 [^\r]*\r\nlink: </a>\r\n\r\nHTTP/1.1 200 ")

    def test_expect_continue(self):
        def behaviour(request):
            request.inform(100)
            if request.wait():
                request.answer(bytes(request.body))

        self.start(behaviour)
        client = self.client()
        client.send("POST / HTTP/1.1\r\nHost: a\r\nExpect: 100-continue\r\nContent-Length: 3\r\n\r\n")
        raw = b""
        while b"\r\n\r\n" not in raw:
            raw += client.socket.recv(100)
        self.assertTrue(raw.startswith(b"HTTP/1.1 100 "), raw)
        self.assertEqual(client.send(b"abc").response().body, b"abc")

    def test_large_download_and_upload(self):
        body = pattern(LARGE)
        self.start(lambda request: request.wait(20) and request.answer(body if request.field(":method") == "GET" else
                                                                       str(bytes(request.body) == body).encode()))
        client = self.client(timeout=20)
        self.assertEqual(client.get().body, body)
        self.assertEqual(client.get(method="POST", body=body).body, b"True")
        h2_client = self.connect(timeout=20)
        self.assertEqual(bytes(h2_client.get().body), body)
        got = h2_client.get(method="POST", body=body, headers=[("content-length", str(len(body)))])
        self.assertEqual(bytes(got.body), b"True")

    def test_early_answer(self):
        """The server answers without reading the body, and stops it."""
        def behaviour(request):
            request.answer(b"enough", status=413)
            request.reset("NO_ERROR")

        self.start(behaviour, credit=False)
        client = self.client()
        client.send(b"POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 10000000\r\n\r\n" + b"x" * 100000)
        answer = client.response()
        self.assertEqual((answer.status, answer.body), (413, b"enough"))

    def test_version_in_rules(self):
        self.start(in_backend="http-response set-header x-major %[bc_http_major]")
        self.assertEqual(get(self.plain_address).header("x-major"), "2")


class Sharing(Case):
    def hold(self, **more):
        """Requests are answered when a test says so."""
        self.start(lambda request: None, **more)

    def test_requests_share_a_connection(self):
        self.hold(in_backend="http-reuse always")
        first = self.client().request("/first")
        self.request(0)
        others = [self.client().request(f"/{number}") for number in range(20)]
        self.request(20)
        self.assertEqual(len(self.origin.peers), 1)
        for request in reversed(list(self.origin.requests)):
            request.answer(request.field(":path").encode())
        self.assertEqual(first.response().body, b"/first")
        for number, client in enumerate(others):
            self.assertEqual(client.response().body, b"/%d" % number)

    def test_safe_keeps_clients_apart_while_they_are_served(self):
        self.hold()
        client = self.client().request()
        self.request(0)
        other = self.client().request()
        self.request(1)
        self.assertEqual(len(self.origin.peers), 2)
        for request in self.origin.requests:
            request.answer()
        client.response(), other.response()
        client.request()
        self.request(2).answer()
        self.assertEqual(client.response().body, b"ok")
        self.assertEqual(len(self.origin.peers), 2)

    def test_streams_of_a_client_share_a_connection(self):
        self.hold()
        client = self.connect()
        streams = [client.open()]
        self.request(0)
        streams += [client.open() for _ in range(9)]
        self.request(9)
        self.assertEqual(len(self.origin.peers), 1)
        for request in self.origin.requests:
            request.answer()
        for stream in streams:
            self.assertEqual(client.answer(stream).status, 200)

    def test_never_shared(self):
        self.start(in_backend="http-reuse never")
        client = self.client()
        for _ in range(3):
            self.assertEqual(client.get().status, 200)
        self.assertEqual(len(self.origin.peers), 1, "its own client may go on with it")
        self.client().get()
        self.assertEqual(len(self.origin.peers), 2)

    @unlike_haproxy("2.6 lets some wait")
    def test_as_many_streams_as_the_server_permits(self):
        self.hold(settings={"MAX_CONCURRENT_STREAMS": 2}, in_backend="http-reuse always")
        warm = self.client().request()
        self.request(0)
        clients = [self.client().request() for _ in range(4)]
        self.request(4)
        counts = [len(peer.requests) for peer in self.origin.peers]
        self.assertEqual(sum(counts), 5)
        self.assertLessEqual(max(counts), 2)
        for request in self.origin.requests:
            request.answer()
        for client in [warm, *clients]:
            self.assertEqual(client.response().status, 200)

    def test_as_many_streams_as_we_permit(self):
        self.hold(in_global="tune.h2.max-concurrent-streams 3", in_backend="http-reuse always")
        clients = []
        for number in range(7):
            clients.append(self.client().request())
            self.request(number)
        self.assertEqual([len(peer.requests) for peer in self.origin.peers], [3, 3, 1])

    def test_max_reuse(self):
        self.start(on_server="proto h2 max-reuse 1")
        client = self.client()
        for _ in range(4):
            self.assertEqual(client.get().status, 200)
        self.assertEqual([len(peer.requests) for peer in self.origin.peers], [2, 2])

    def test_idle_connections_are_closed(self):
        self.start(on_server="proto h2 pool-purge-delay 100ms")
        self.client().get()
        wait_for(lambda: self.origin.peers[0].socket.fileno() < 0, what="the end of the idle connection")

    @unlike_haproxy("2.6 stops reading the whole connection")
    def test_a_slow_stream_does_not_hold_up_others(self):
        """A client that reads nothing, beside one that does, on one connection to the server."""
        body = pattern(LARGE)
        self.start(lambda request: request.wait() and request.answer(body), in_backend="http-reuse always",
                   in_defaults="timeout client 60s\n    timeout server 60s")
        slow = self.client()
        slow.request("/slow")
        request = self.request(0)
        other = self.client(timeout=20)
        for _ in range(2):
            self.assertEqual(len(other.get("/fast").body), LARGE)
        self.assertEqual(len(self.origin.peers), 1)
        self.assertFalse(request.over.is_set())
        slow.socket.settimeout(20)
        self.assertEqual(slow.response().body, body)


class Ends(Case):
    def test_goodbye(self):
        """What is under way ends as it should; what comes next goes elsewhere."""
        self.start(lambda request: None)
        client = self.client().request()
        request = self.request(0)
        request.peer.goodbye(last=request.stream)
        self.assertEqual(len(self.origin.peers), 1)
        other = self.client().request()
        self.request(1).answer()
        self.assertEqual(other.response().status, 200)
        self.assertEqual(len(self.origin.peers), 2)

    @unlike_haproxy("without retry-on it does not send refused requests again")
    def test_refused_streams_are_sent_again(self):
        tries = []

        def behaviour(request):
            tries.append(request)
            if len(tries) < 3:
                request.reset("REFUSED_STREAM")
            else:
                request.answer()

        self.start(behaviour)
        self.assertEqual(self.client().get().status, 200)
        self.assertEqual(len(tries), 3)

    @unlike_haproxy("without retry-on it does not send refused requests again")
    def test_refused_for_good(self):
        self.start(lambda request: request.reset("REFUSED_STREAM"), in_defaults="retries 2")
        self.assertEqual(self.client().get().status, 502)
        self.assertEqual(len(self.origin.requests), 3)
        self.assertEqual(self.logged(), "502 SH--")

    def test_sent_again_after_answers_and_resets(self):
        """`retry-on`: while others use the connection, and with the body of the request."""
        tries = []

        def behaviour(request):
            request.wait()
            tries.append(request)
            if len(tries) % 3 == 1:
                request.answer(b"x" * 3000, status=503)
            elif len(tries) % 3 == 2:
                request.reset("INTERNAL_ERROR")
            else:
                request.answer(b"good")

        self.start(behaviour, in_backend="retry-on 503 empty-response\n    http-reuse always")
        client = self.client()
        for number in range(5):
            got = client.get(method="POST", body=b"hello" * 200)
            self.assertEqual((got.status, got.body), (200, b"good"), number)
        self.assertEqual([bytes(one.body) for one in tries], [b"hello" * 200] * 15)

    def test_reset_before_the_answer(self):
        self.start(lambda request: request.reset("INTERNAL_ERROR"))
        self.assertEqual(self.client().get().status, 502)
        self.assertEqual(self.logged(), "502 SH--")

    @unlike_haproxy("2.6 ends the answer as if it were whole")
    def test_reset_in_the_answer(self):
        self.start(lambda request: request.head(200, [("content-length", "10")]) or request.data(b"12345"))
        client = self.connect()
        stream = client.open()
        client.until(lambda: bytes(client.answers[stream].body if stream in client.answers else b"") == b"12345")
        self.request().reset("INTERNAL_ERROR")
        client.until(lambda: client.answers[stream].reset or client.answers[stream].ended)
        self.assertFalse(client.answers[stream].ended)
        self.assertEqual(self.logged(), "200 SD--")

    def test_connection_lost(self):
        self.start(lambda request: request.peer.close())
        self.assertEqual(self.client().get().status, 502)
        self.assertEqual(self.logged(), "502 SH--")

    def test_connection_lost_while_idle(self):
        self.start()
        client = self.client()
        client.get()
        self.origin.peers[0].close()
        self.assertEqual(client.get().status, 200)
        self.assertEqual(len(self.origin.peers), 2)

    def test_client_leaves(self):
        self.start(lambda request: None, in_defaults="option abortonclose")
        client = self.connect()
        stream = client.open()
        request = self.request(0)
        client.reset(stream)
        self.assertTrue(request.over.wait(5), "the server is told")
        self.assertEqual(self.logged(), "-1 CD--")

    def test_server_timeout(self):
        self.start(lambda request: None, in_defaults="timeout server 200ms")
        self.assertEqual(self.client().get().status, 504)
        self.assertEqual(self.logged(), "504 sH--")
        self.assertTrue(self.request(0).over.wait(5))

    def test_not_http_2(self):
        """A server of HTTP/1 behind `proto h2`."""
        def close(peer):
            peer.socket.recv(1000)
            peer.socket.sendall(b"HTTP/1.1 400 Bad request\r\nContent-Length: 0\r\n\r\n")
            raise OSError("done")

        self.start(on_connection=close)
        self.assertEqual(self.client().get().status, 503 if self.reference else 502)

    def test_answers_that_are_none(self):
        self.start(lambda request: request.peer.do(lambda c: c.send_headers(request.stream, [("x", "y")])))
        self.assertEqual(self.client().get().status, 502)

    @unlike_haproxy("2.6 has no such limit")
    def test_floods_end_the_connection(self):
        def flood(request):
            for _ in range(2000):
                if not request.peer.do(lambda c: c.ping(b"12345678")):
                    break

        self.start(flood, in_global="tune.h2.be.glitches-threshold 100")
        self.assertEqual(self.client().get().status, 502)

    def test_stop_ends_idle_connections(self):
        self.start()
        client = self.client()
        client.get()
        client.close()
        self.proxy.signal(signal.SIGUSR1)
        self.assertEqual(self.proxy.process.wait(5), 0)


class Tunnels(Case):
    KEY = "dGhlIHNhbXBsZSBub25jZQ=="
    UPGRADE = ["Connection: Upgrade", "Upgrade: websocket", f"Sec-WebSocket-Key: {KEY}", "Sec-WebSocket-Version: 13"]

    @staticmethod
    def echo(request):
        request.head(200)
        at = 0
        while request.wait_body(at + 1):
            piece = bytes(request.body[at:])
            at += len(piece)
            request.data(piece.upper())

    def test_websocket(self):
        self.start(self.echo, settings={"ENABLE_CONNECT_PROTOCOL": 1})
        client = self.client()
        head = client.get("/chat", headers=self.UPGRADE)
        self.assertEqual((head.status, head.header("upgrade"), head.header("sec-websocket-accept")),
                         (101, "websocket", "s3pPLMBiTxaQ9kYGzzhZRbK+xOo="))
        request = self.request()
        self.assertEqual([request.field(name) for name in (":method", ":protocol", ":path", "sec-websocket-version")],
                         ["CONNECT", "websocket", "/chat", "13"])
        for text in (b"hello", b"again"):
            client.send(text)
            self.assertEqual(client.read_exactly(5), text.upper())

    def test_websocket_of_both_sides(self):
        self.start(self.echo, settings={"ENABLE_CONNECT_PROTOCOL": 1})
        client = self.connect()
        client.until(lambda: client.peer_settings)
        stream = client.next_stream
        client.next_stream += 2
        client.headers(stream, [(":method", "CONNECT"), (":protocol", "websocket"), (":scheme", "http"),
                                (":path", "/chat"), (":authority", "h2.test"), ("sec-websocket-version", "13")], end=False)
        self.assertEqual(client.head(stream).status, 200)
        client.data(stream, b"hello")
        client.until(lambda: bytes(client.answers[stream].body) == b"HELLO")

    def test_websocket_that_the_server_does_not_know(self):
        self.start(self.echo)
        self.assertEqual(self.client().get("/chat", headers=self.UPGRADE).status, 502)

    @unlike_haproxy("2.6 answers 502")
    def test_other_upgrades_are_plain_requests(self):
        self.start()
        self.assertEqual(self.client().get(headers=["Connection: Upgrade", "Upgrade: other"]).status, 200)
        self.assertIsNone(self.request().field("upgrade"))

    def test_connect(self):
        self.start(self.echo)
        client = self.client()
        client.send("CONNECT a.test:443 HTTP/1.1\r\nHost: a.test:443\r\n\r\n")
        raw = b""
        while b"\r\n\r\n" not in raw:
            raw += client.socket.recv(1000)
        self.assertTrue(raw.startswith(b"HTTP/1.1 200 "), raw)
        client.send(b"bytes")
        self.assertEqual(client.read_exactly(5), b"BYTES")
        fields = dict(self.request().fields)
        self.assertEqual((fields[":method"], fields[":authority"], ":path" in fields), ("CONNECT", "a.test:443", False))


class Tls(Case):
    def tls(self, *protocols):
        directory = tempfile.TemporaryDirectory(prefix="tandem-h2-")
        self.addCleanup(directory.cleanup)
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        context.load_cert_chain(frames.certificate(directory.name))
        context.set_alpn_protocols(list(protocols))
        return context

    @staticmethod
    def speak_http_1(connection):
        data = b""
        while True:
            while b"\r\n\r\n" not in data:
                more = connection.recv(65536)
                if not more:
                    return
                data += more
            head, data = data.split(b"\r\n\r\n", 1)
            if b"upgrade: websocket" in head.lower():
                connection.sendall(b"HTTP/1.1 101 Switching\r\nConnection: upgrade\r\nUpgrade: websocket\r\n"
                                   b"Sec-WebSocket-Accept: s3pPLMBiTxaQ9kYGzzhZRbK+xOo=\r\n\r\n")
                return
            connection.sendall(b"HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nh1")

    def test_alpn_chooses_h2(self):
        self.start(tls=self.tls("h2", "http/1.1"), on_server="ssl verify none alpn h2,http/1.1",
                   in_backend="http-response set-header x-alpn %[ssl_bc_alpn]")
        client = self.client()
        for _ in range(2):
            answer = client.get()
            self.assertEqual((answer.body, answer.header("x-alpn")), (b"ok", "h2"))
        self.assertEqual(len(self.origin.peers), 1)

    def test_alpn_chooses_http_1(self):
        self.start(tls=self.tls("http/1.1"), on_server="ssl verify none alpn h2,http/1.1", in_http_1=self.speak_http_1)
        self.assertEqual(self.client().get().body, b"h1")

    def test_without_alpn_it_is_http_1(self):
        self.start(tls=self.tls("h2", "http/1.1"), on_server="ssl verify none", in_http_1=self.speak_http_1)
        self.assertEqual(self.client().get().body, b"h1")

    def test_websockets_step_back(self):
        self.start(tls=self.tls("h2", "http/1.1"), on_server="ssl verify none alpn h2,http/1.1",
                   in_http_1=self.speak_http_1)
        self.assertEqual(self.client().get().body, b"ok")
        self.assertEqual(self.client().get("/chat", headers=Tunnels.UPGRADE).status, 101)
        self.assertEqual(len(self.origin.requests), 1, "over HTTP/2 came the plain request only")

    def test_websockets_in_h2_if_told_so(self):
        self.start(Tunnels.echo, settings={"ENABLE_CONNECT_PROTOCOL": 1}, tls=self.tls("h2", "http/1.1"),
                   on_server="ssl verify none alpn h2,http/1.1 ws h2")
        self.assertEqual(self.client().get("/chat", headers=Tunnels.UPGRADE).status, 101)
        self.assertEqual(self.request().field(":protocol"), "websocket")


class Checks(Case):
    STATS = "stats socket {}/sock mode 600 level admin"

    def check(self, behaviour=None, on_server="", in_backend="http-check send hdr Host check.test", **origin):
        directory = tempfile.TemporaryDirectory(prefix="tandem-h2-")
        self.addCleanup(directory.cleanup)
        self.socket = f"{directory.name}/sock"
        self.start(behaviour, in_global=self.STATS.format(directory.name),
                   in_backend=f"option httpchk GET /health\n    {in_backend}",
                   on_server=f"check inter 50ms {on_server}", **origin)
        self.proxy.wait_serving(self.socket)

    def status(self):
        lines = command(self.socket, "show stat").splitlines()
        names = lines[0].lstrip("# ").split(",")
        row = next(dict(zip(names, line.split(","))) for line in lines if line.startswith("be,s1"))
        return row["status"], row["check_status"].removeprefix("* "), row["check_code"]  # "* ": one is under way

    def becomes(self, *status):
        wait_for(lambda: self.status() == status, what=str(status))

    def test_by_the_protocol_of_the_server(self):
        answers = {"status": 200}
        self.check(lambda request: request.answer(status=answers["status"]), "proto h2")
        self.becomes("UP", "L7OK", "200")
        request = self.request()
        self.assertEqual([request.field(":method"), request.field(":path")], ["GET", "/health"])
        self.assertEqual(request.field(":authority") or request.field("host"), "check.test")
        answers["status"] = 503
        self.becomes("DOWN", "L7STS", "503")

    @unlike_haproxy("it sends no authority at all, which servers refuse")
    def test_without_a_host(self):
        self.check(on_server="proto h2", in_backend="")
        self.becomes("UP", "L7OK", "200")
        self.assertEqual(self.request().field(":authority"), f"127.0.0.1:{self.origin.port}")

    def test_by_a_protocol_of_their_own(self):
        self.check(on_server="check-proto h2")
        self.becomes("UP", "L7OK", "200")

    def test_by_the_protocol_of_the_step(self):
        self.check(in_backend="http-check connect proto h2\n    http-check send meth GET uri /step hdr Host check.test")
        self.becomes("UP", "L7OK", "200")
        self.assertEqual(self.request().field(":path"), "/step")

    @unlike_haproxy("2.6 does not come to an end with these checks")
    def test_body_and_what_is_expected(self):
        def behaviour(request):
            if request.wait():
                request.inform(103, [("link", "x")])
                request.answer(b"all is well" if bytes(request.body) == b"how?" else b"?", length=False)

        self.check(behaviour, "proto h2", "http-check send meth POST uri /health hdr Host check.test body how?\n"
                   "    http-check expect string well")
        self.becomes("UP", "L7OK", "200")

    def test_resets(self):
        self.check(lambda request: request.reset("INTERNAL_ERROR"), "proto h2")
        wait_for(lambda: self.status()[0] == "DOWN", what="the server is down")

    def test_no_answer(self):
        self.check(lambda request: None, "proto h2", "timeout check 100ms")
        self.becomes("DOWN", "L7TOUT", "")

    @unlike_haproxy("2.6 does not come to an end with these checks")
    def test_chosen_by_alpn(self):
        self.check(tls=Tls.tls(self, "h2", "http/1.1"), on_server="ssl verify none alpn h2,http/1.1")
        self.becomes("UP", "L7OK", "200")
        self.assertTrue(self.origin.requests)


class Grpc(Case):
    def test_calls(self):
        """Unary, and streams in each direction, by python3-grpcio on both sides."""
        try:
            import grpc  # pylint: disable=import-outside-toplevel
        except ImportError:
            self.skipTest("python3-grpcio is missing")
        from concurrent import futures  # pylint: disable=import-outside-toplevel

        class Echo(grpc.GenericRpcHandler):
            def service(self, call):
                name = call.method.rsplit("/", 1)[-1]
                if name == "Unary":
                    return grpc.unary_unary_rpc_method_handler(lambda text, _: text.upper())
                if name == "Down":
                    return grpc.unary_stream_rpc_method_handler(lambda text, _: (b"%s%d" % (text, n) for n in range(5)))
                if name == "Both":
                    return grpc.stream_stream_rpc_method_handler(lambda texts, _: (text.upper() for text in texts))
                if name == "Fail":
                    def fail(_, context):
                        context.abort(grpc.StatusCode.NOT_FOUND, "no such thing")
                    return grpc.unary_unary_rpc_method_handler(fail)
                return None

        server = grpc.server(futures.ThreadPoolExecutor(4), handlers=[Echo()])
        port = server.add_insecure_port("127.0.0.1:0")
        server.start()
        self.addCleanup(lambda: server.stop(None).wait())
        self.start_proxy(port)
        channel = grpc.insecure_channel("127.0.0.1:%d" % self.address[1])
        self.addCleanup(channel.close)
        self.assertEqual(channel.unary_unary("/s/Unary")(b"hello", timeout=10), b"HELLO")
        self.assertEqual(list(channel.unary_stream("/s/Down")(b"n", timeout=10)), [b"n%d" % n for n in range(5)])

        asked = []

        def questions():
            for number in range(20):
                if number:  # each question waits for the answer to the one before
                    turn.acquire(timeout=10)
                asked.append(number)
                yield b"q%d" % number

        turn = threading.Semaphore(0)
        for number, answer in enumerate(channel.stream_stream("/s/Both")(questions(), timeout=20)):
            self.assertEqual(answer, b"Q%d" % number)
            turn.release()
        self.assertEqual(len(asked), 20)
        with self.assertRaises(grpc.RpcError) as failed:
            channel.unary_unary("/s/Fail")(b"", timeout=10)
        self.assertEqual((failed.exception.code(), failed.exception.details()),
                         (grpc.StatusCode.NOT_FOUND, "no such thing"))
        large = b"x" * 3_000_000
        self.assertEqual(channel.unary_unary("/s/Unary")(large, timeout=20), large.upper())


@unlike_haproxy("2.6 does not know the word")
class IdlePing(Case):
    def start_pinging(self, **more):
        self.pings = []

        def watch(peer):
            before = peer.on_event
            peer.on_event = lambda event: (self.pings.append(event) if type(event).__name__ == "PingReceived" else None,
                                           before(event))

        self.start(in_backend="http-reuse always", on_server="proto h2 idle-ping 100ms", on_connection=watch, **more)

    def test_idle_connections_are_pinged(self):
        self.start_pinging()
        self.client().get("/")
        wait_for(lambda: len(self.pings) >= 3, what="pings")
        self.client().get("/")
        self.assertEqual(len(self.origin.peers), 1)

    def test_one_that_does_not_answer_is_closed(self):
        self.start_pinging()
        self.client().get("/")
        # Held up, the server hears nothing any more; its kernel does.
        with self.origin.peers[0].lock:
            wait_for(lambda: self.peer_gone(self.origin.peers[0].socket), what="the end of the connection")
            self.assertEqual(self.client().get("/").status, 200)
        self.assertEqual(len(self.origin.peers), 2)

    @staticmethod
    def peer_gone(connection):
        # TCP_INFO begins with the state: CLOSE_WAIT, when the other side has closed.
        return connection.getsockopt(socket.IPPROTO_TCP, socket.TCP_INFO, 1) == b"\x08"


if __name__ == "__main__":
    unittest.main()
