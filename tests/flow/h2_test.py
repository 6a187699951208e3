#!/usr/bin/env python3
"""HTTP/2 towards clients, on a running lbd with scripted servers of HTTP/1: exchanges, flow control, tunnels.
TANDEM_TESTED names another program than lbd; what haproxy 2.6 does otherwise is skipped with it."""

import base64
import hashlib
import os
import re
import subprocess
import sys
import threading
import unittest

sys.path.insert(0, os.path.dirname(os.path.dirname(os.path.abspath(__file__))))

from support import h2  # noqa: E402
from support.client import Client  # noqa: E402
from support.h2_case import HEAD, LARGE, H2Case, pattern, unlike_haproxy  # noqa: E402
from support.origin import answer, raw_answer, response  # noqa: E402
from support.process import resident_kib  # noqa: E402


class Exchanges(H2Case):
    def test_get(self):
        self.start()
        client = self.connect()
        got = client.get("/path?query=1", headers=[("user-agent", "test"), ("accept", "*/*")])
        self.assertEqual((got.status, bytes(got.body), got.ended), (200, b"ok", True))
        head = self.origin.seen[0].lower()
        self.assertTrue(head.startswith(b"get /path?query=1 http/1.1\r\nhost: h2.test\r\n"), head)
        self.assertIn(b"user-agent: test\r\n", head)
        line = self.log.wait("fe be/s1").text
        self.assertIn('"GET http://h2.test/path?query=1 HTTP/2.0"', line)
        self.assertIn(" ---- ", line)

    def test_several_on_one_connection(self):
        self.start(answer(lambda head: response(head.split(b" ")[1])))
        client = self.connect()
        streams = [client.open(f"/{number}") for number in range(50)]
        for number, stream in enumerate(streams):
            self.assertEqual(bytes(client.answer(stream).body), b"/%d" % number)

    def test_head(self):
        self.start(answer(response(b"12345")))
        client = self.connect()
        got = client.get(method="HEAD")
        self.assertEqual((got.status, bytes(got.body), got.ended), (200, b"", True))
        self.assertEqual(got.header("content-length"), "5")
        self.assertEqual(client.get().body, b"12345")

    def test_answers_without_body(self):
        for status in ("204 No Content", "304 Not Modified"):
            with self.subTest(status):
                self.setUp()
                self.start(answer(response(status=status, body=b"", length=False, headers=["ETag: \"a\""])))
                got = self.connect().get()
                self.assertEqual((got.status, got.ended, got.header("etag")), (int(status[:3]), True, '"a"'))

    def test_empty_body_with_length(self):
        self.start(answer(response(b"")))
        got = self.connect().get()
        self.assertEqual((got.status, got.ended, got.header("content-length")), (200, True, "0"))

    def test_fields_of_connections_stay_with_them(self):
        self.start(answer(response(b"ok", headers=["Connection: keep-alive, x-hop", "Keep-Alive: timeout=5", "X-Hop: 1",
                                                   "Proxy-Connection: keep-alive", "X-End: 2"])))
        got = self.connect().get()
        names = [name for name, _ in got.fields]
        self.assertEqual(names.count("x-end"), 1)
        for name in ("connection", "keep-alive", "proxy-connection", "transfer-encoding", "upgrade"):
            self.assertNotIn(name, names)
        self.assertTrue(all(name == name.lower() for name in names), names)

    def test_post_with_length(self):
        self.start()
        client = self.connect()
        got = client.get("/", "POST", [("content-length", "5")], b"hello")
        self.assertEqual(got.status, 200)
        self.assertIn(b"content-length: 5\r\n", self.origin.seen[0].lower())
        self.assertEqual(self.origin.seen[1], b"hello")

    def test_post_without_length_is_chunked(self):
        self.start()
        client = self.connect()
        self.assertEqual(client.get("/", "POST", body=b"hello").status, 200)
        self.assertIn(b"transfer-encoding: chunked\r\n", self.origin.seen[0].lower())
        self.assertEqual(self.origin.seen[1], b"5\r\nhello\r\n0\r\n\r\n")

    def test_post_without_body(self):
        self.start()
        got = self.connect().get("/", "POST")
        self.assertEqual(got.status, 200)
        self.assertNotIn(b"chunked", self.origin.seen[0])

    def test_trailers_of_the_client(self):
        self.start()
        client = self.connect()
        self.assertEqual(client.get("/", "POST", [("trailer", "x-sum")], b"hello", [("x-sum", "1")]).status, 200)
        self.assertEqual(self.origin.seen[1].lower(), b"5\r\nhello\r\n0\r\nx-sum: 1\r\n\r\n")

    def test_trailers_of_the_server(self):
        self.start(answer(HEAD + b"Transfer-Encoding: chunked\r\nTrailer: X-Sum\r\n\r\n4\r\nabcd\r\n0\r\nX-Sum: 1\r\n\r\n"))
        got = self.connect().get(headers=[("te", "trailers")])
        self.assertEqual((bytes(got.body), got.trailers, got.ended), (b"abcd", [("x-sum", "1")], True))
        self.assertIsNone(got.header("transfer-encoding"))

    def test_only_trailers_after_no_body(self):
        self.start(answer(HEAD + b"Transfer-Encoding: chunked\r\n\r\n0\r\nX-Sum: 1\r\n\r\n"))
        got = self.connect().get()
        self.assertEqual((bytes(got.body), got.trailers, got.ended), (b"", [("x-sum", "1")], True))

    def test_early_hints(self):
        hints = b"HTTP/1.1 103 Early Hints\r\nLink: </a.css>; rel=preload\r\n\r\n"
        self.start(answer(hints + response()))
        got = self.connect().get()
        self.assertEqual(got.informational, [[(":status", "103"), ("link", "</a.css>; rel=preload")]])
        self.assertEqual((got.status, bytes(got.body)), (200, b"ok"))

    def test_continue(self):
        def hesitant(peer):
            head = peer.head()
            peer.send(b"HTTP/1.1 100 Continue\r\n\r\n")
            peer.body(head)
            peer.send(response(b"thanks"))
            peer.wait_close()

        self.start(hesitant)
        client = self.connect()
        stream = client.open("/", "POST", [("expect", "100-continue"), ("content-length", "5")], end=False)
        client.until(lambda: client.answers.get(stream) and client.answers[stream].informational)
        self.assertEqual(client.answers[stream].informational[0][0], (":status", "100"))
        client.send_body(stream, b"hello")
        self.assertEqual(bytes(client.answer(stream).body), b"thanks")

    def test_large_download(self):
        body = pattern(LARGE)
        self.start(answer(response(body)))
        got = self.connect(timeout=20).get()
        self.assertEqual(hashlib.sha256(got.body).digest(), hashlib.sha256(body).digest())

    def test_large_download_in_chunks(self):
        piece = pattern(100_000)
        chunks = b"".join(b"%x\r\n%s\r\n" % (len(piece), piece) for _ in range(50)) + b"0\r\n\r\n"
        self.start(answer(HEAD + b"Transfer-Encoding: chunked\r\n\r\n" + chunks))
        got = self.connect(timeout=20).get()
        self.assertEqual(hashlib.sha256(got.body).digest(), hashlib.sha256(piece * 50).digest())
        self.assertTrue(got.ended)

    def test_download_until_close(self):
        body = pattern(1 << 20)
        self.start(raw_answer(b"HTTP/1.0 200 OK\r\n\r\n", body))
        client = self.connect()
        got = client.get()
        self.assertEqual((len(got.body), got.ended), (1 << 20, True))
        self.assertEqual(client.get().status, 200)  # the client's connection stays

    def upload(self, headers):
        sums = []

        def taking(peer):
            head = peer.head()
            body = peer.body(head)
            if b"chunked" in head.lower():
                plain, rest = b"", body
                while (size := int(rest.split(b"\r\n", 1)[0], 16)) > 0:
                    rest = rest.split(b"\r\n", 1)[1]
                    plain, rest = plain + rest[:size], rest[size + 2:]
                body = plain
            sums.append(hashlib.sha256(body).digest())
            peer.send(response(b"taken"))

        self.start(taking)
        body = pattern(LARGE)
        client = self.connect(timeout=30)
        got = client.get("/", "POST", headers, body)
        self.assertEqual(bytes(got.body), b"taken")
        self.assertEqual(sums, [hashlib.sha256(body).digest()])

    def test_large_upload_with_length(self):
        self.upload([("content-length", str(LARGE))])

    def test_hundreds_of_streams(self):
        self.start(answer(lambda head: response(head.split(b" ")[1] * 100)), in_global="tune.h2.max-concurrent-streams 1000")
        client = self.connect(timeout=20)
        streams = {client.open(f"/{number}"): number for number in range(600)}
        for stream, number in streams.items():
            self.assertEqual(bytes(client.answer(stream).body), b"/%d" % number * 100)

    def test_cookie_crumbs_are_joined(self):
        self.start()
        self.connect().get(headers=[("cookie", "a=1"), ("x", "y"), ("cookie", "b=2"), ("cookie", "c=3")])
        head = self.origin.seen[0].lower()
        self.assertEqual(head.count(b"cookie:"), 1)
        self.assertIn(b"cookie: a=1; b=2; c=3\r\n", head)

    def test_te_trailers(self):
        self.start()
        self.assertEqual(self.connect().get(headers=[("te", "trailers")]).status, 200)
        self.assertIn(b"te: trailers\r\n", self.origin.seen[0].lower())

    def test_host_without_authority(self):
        self.start()
        self.assertEqual(self.connect().get(authority=None, headers=[("host", "other.test")]).status, 200)
        self.assertEqual(self.origin.seen[0].lower().count(b"host: other.test\r\n"), 1)

    def test_authority_is_the_host(self):
        self.start()
        self.assertEqual(self.connect().get(headers=[("host", "other.test")]).status, 200)
        self.assertEqual(self.origin.seen[0].lower().count(b"host:"), 1)
        self.assertIn(b"host: h2.test\r\n", self.origin.seen[0].lower())

    def test_options_of_the_server(self):
        self.start()
        self.assertEqual(self.connect().get("*", "OPTIONS").status, 200)
        self.assertTrue(self.origin.seen[0].startswith(b"OPTIONS * HTTP/1.1\r\n"), self.origin.seen)

    def test_many_fields_both_ways(self):
        fields = [(f"x-field-{number}", "v" * 80) for number in range(80)]
        self.start(answer(lambda head: response(b"", headers=[f"{name}: {value}" for name, value in fields])))
        got = self.connect().get(headers=fields)
        self.assertEqual([field for field in got.fields if field[0].startswith("x-field-")], fields)
        self.assertEqual(self.origin.seen[0].lower().count(b"x-field-"), 80)

    def test_head_larger_than_a_frame(self):
        value = "v" * 40_000
        self.start(answer(lambda head: response(b"", headers=["X-Large: " + value])), in_global="tune.bufsize 131072")
        got = self.connect().get(headers=[("x-large", value)])
        self.assertEqual(got.header("x-large"), value)
        self.assertIn(value.encode(), self.origin.seen[0])

    def test_head_larger_than_the_framing_layer_expects(self):
        fields = [f"X-Large-{number}: {'v' * 9000}" for number in range(10)]
        self.start(answer(lambda head: response(b"", headers=fields)), in_global="tune.bufsize 131072")
        got = self.connect().get()
        self.assertEqual(sum(len(value) for name, value in got.fields if name.startswith("x-large")), 90_000)


class FlowControl(H2Case):
    def test_window_of_one_byte(self):
        self.start(answer(response(b"abcdefgh" * 4)))
        client = self.connect(settings={h2.INITIAL_WINDOW_SIZE: 1}, credit=False)
        stream = client.open()
        for count in range(1, 33):
            client.until(lambda: len(client.answers[stream].body) == count if stream in client.answers else False)
            client.window_update(stream, 1)
        self.assertEqual(bytes(client.answer(stream).body), b"abcdefgh" * 4)

    def test_window_opens_by_settings(self):
        self.start(answer(response(b"x" * 1000)))
        client = self.connect(settings={h2.INITIAL_WINDOW_SIZE: 0}, credit=False)
        stream = client.open()
        client.head(stream)
        self.assertTrue(client.settled())
        self.assertEqual(client.answers[stream].body, b"")
        client.settings({h2.INITIAL_WINDOW_SIZE: 1000})
        self.assertEqual(len(client.answer(stream).body), 1000)

    def test_no_more_than_the_windows(self):
        self.start(answer(response(pattern(300_000))))
        client = self.connect(credit=False)
        stream = client.open()
        client.until(lambda: stream in client.answers and len(client.answers[stream].body) >= 65535)
        self.assertTrue(client.settled())
        self.assertEqual(len(client.answers[stream].body), 65535)
        client.window_update(stream, 1 << 20)
        self.assertTrue(client.settled())
        self.assertEqual(len(client.answers[stream].body), 65535)  # the connection's is used up
        client.window_update(0, 1 << 20)
        self.assertEqual(len(client.answer(stream).body), 300_000)

    def test_a_stream_that_does_not_read_stalls_no_other(self):
        self.start(answer(lambda head: response(pattern(8 << 20) if b" /large" in head else b"small")))
        client = self.connect(credit=False, timeout=10)
        client.window_update(0, 1 << 30)
        first = client.get("/small")
        self.assertEqual(bytes(first.body), b"small")
        before = resident_kib(self.proxy.pid)
        stalled = [client.open("/large") for _ in range(20)]
        for stream in stalled:
            client.until(lambda s=stream: s in client.answers and len(client.answers[s].body) >= 65535)
        for _ in range(50):
            self.assertEqual(bytes(client.get("/small").body), b"small")
        self.assertLess(resident_kib(self.proxy.pid) - before, 12 * 1024)
        for stream in stalled:
            client.reset(stream)
        self.assertEqual(bytes(client.get("/small").body), b"small")

    def test_a_server_that_does_not_read_stalls_no_other(self):
        holding = threading.Event()

        def deaf(peer):
            head = peer.head()
            while head and b" /deaf" not in head:
                peer.body(head)
                peer.send(response(b"small"))
                head = peer.head()
            holding.wait(10)

        self.start(deaf)
        client = self.connect(timeout=10)
        self.assertEqual(bytes(client.get("/small").body), b"small")
        before = resident_kib(self.proxy.pid)
        slow = [client.open("/deaf", "POST", end=False) for _ in range(3)]
        # As much as the proxy permits, which is not for ever.
        sent = 0
        for stream in slow:
            unchanged = 0
            while unchanged < 20 and sent < 256 << 20:
                if room := min(client.window, client.stream_window(stream), 16384):
                    client.data(stream, b"x" * room)
                    client.window -= room
                    client.stream_windows[stream] -= room
                    sent, unchanged = sent + room, 0
                else:
                    self.assertTrue(client.settled())
                    unchanged += 1
        self.assertLess(sent, 64 << 20)
        got = client.get("/up", "POST", [("content-length", "100000")], b"y" * 100_000)
        self.assertEqual(bytes(got.body), b"small")
        self.assertLess(resident_kib(self.proxy.pid) - before, 12 * 1024)
        holding.set()


class Tunnels(H2Case):
    @staticmethod
    def accept(peer, head):
        key = re.search(rb"\r\nsec-websocket-key: *(\S+)\r\n", head, re.I)[1]
        accept = base64.b64encode(hashlib.sha1(key + b"258EAFA5-E914-47DA-95CA-C5AB0DC85B11").digest())
        peer.send(b"HTTP/1.1 101 Switching Protocols\r\nConnection: Upgrade\r\nUpgrade: websocket\r\n"
                  b"Sec-WebSocket-Accept: " + accept + b"\r\nSec-WebSocket-Protocol: chat\r\n\r\n")

    def websocket(self, peer):
        self.accept(peer, peer.head())
        while peer.pending or peer._more():
            data, peer.pending = peer.pending, b""
            peer.send(b"echo " + data)
            if b"last" in data:
                break

    def extended(self, client):
        fields = [(":method", "CONNECT"), (":protocol", "websocket"), (":scheme", "http"), (":path", "/chat"),
                  (":authority", "h2.test"), ("sec-websocket-version", "13"), ("sec-websocket-protocol", "chat")]
        stream = client.next_stream
        client.headers(stream, fields, end=False)
        return stream

    def test_websocket(self):
        self.start(self.websocket)
        client = self.connect()
        client.until(lambda: h2.ENABLE_CONNECT_PROTOCOL in client.peer_settings)
        stream = self.extended(client)
        got = client.head(stream)
        self.assertEqual((got.status, got.header("sec-websocket-protocol")), (200, "chat"))
        for name in ("upgrade", "connection", "content-length", *(() if self.reference else ("sec-websocket-accept",))):
            self.assertIsNone(got.header(name))
        head = self.origin.seen[0].lower()
        self.assertTrue(head.startswith(b"get /chat http/1.1\r\n"), head)
        self.assertIn(b"upgrade: websocket\r\n", head)
        for text in (b"one", b"two"):
            client.data(stream, text)
            client.until(lambda: bytes(got.body).endswith(b"echo " + text))
        client.data(stream, b"last")
        client.answer(stream)
        self.assertEqual((bytes(got.body), got.ended), (b"echo oneecho twoecho last", True))

    def test_websocket_that_is_refused(self):
        self.start(answer(response(b"no", "403 Forbidden")))
        client = self.connect()
        got = client.answer(self.extended(client))
        self.assertEqual((got.status, bytes(got.body), got.ended), (403, b"no", True))

    def test_websocket_that_the_client_ends(self):
        over = threading.Event()

        def watching(peer):
            head = peer.head()
            self.accept(peer, head)
            peer.wait_close()
            over.set()

        self.start(watching)
        client = self.connect()
        stream = self.extended(client)
        self.assertEqual(client.head(stream).status, 200)
        client.data(stream, b"", end=True)
        self.assertTrue(over.wait(5))

    def test_connect(self):
        def tunnel(peer):
            peer.head()
            peer.send(b"HTTP/1.1 200 Connection established\r\n\r\n")
            while peer.pending or peer._more():
                data, peer.pending = peer.pending, b""
                peer.send(b"echo " + data)

        self.start(tunnel)
        client = self.connect()
        client.headers(1, [(":method", "CONNECT"), (":authority", "there.test:443")], end=False)
        got = client.head(1)
        self.assertEqual(got.status, 200)
        self.assertTrue(self.origin.seen[0].startswith(b"CONNECT there.test:443 HTTP/1.1\r\n"), self.origin.seen)
        client.data(1, b"hello")
        client.until(lambda: bytes(got.body) == b"echo hello")
        client.data(1, b"", end=True)
        self.assertTrue(client.answer(1).ended)

    def test_switching_that_nobody_asked_for(self):
        self.start(raw_answer(b"HTTP/1.1 101 Switching Protocols\r\nConnection: Upgrade\r\nUpgrade: x\r\n\r\n", hold=True))
        got = self.connect().get()
        self.assertNotEqual(got.status, 101)
        self.assertEqual(got.status, 502)


@unlike_haproxy("it ignores `Upgrade: h2c`")
class Upgrades(H2Case):
    def test_upgrade(self):
        """The first request by HTTP/1, which asks for HTTP/2 (RFC 7540, 3.2)."""
        self.start(on_bind="")
        for program in (["nghttp", "-u", "-v"], ["curl", "-sv", "--http2", "-o", os.devnull]):
            with self.subTest(program=program[0]):
                address = "http://127.0.0.1:%d/path" % self.address[1]
                run = subprocess.run([*program, address], capture_output=True, timeout=10)
                said = (run.stdout + run.stderr).decode(errors="replace")
                self.assertEqual(run.returncode, 0, said)
                self.assertRegex(said, r"101 Switching Protocols")
                self.assertRegex(said, r"HTTP/2 200|:status: 200")
        self.assertTrue(self.origin.seen[0].startswith(b"GET /path HTTP/1.1\r\n"), self.origin.seen)
        for head in self.origin.seen:
            self.assertNotIn(b"upgrade", head)
            self.assertNotIn(b"http2-settings", head)

    def upgraded(self, fields, method="GET", body=b""):
        client = Client(self.address)
        self.addCleanup(client.close)
        client.request("/", method, ["Connection: Upgrade, HTTP2-Settings", "Upgrade: h2c", *fields], body)
        return client

    def test_upgrade_goes_on_as_http_2(self):
        self.start(on_bind="")
        client = self.upgraded(["HTTP2-Settings: AAMAAABkAAQAoAAAAAIAAAAA"])
        self.assertEqual(client.read_until(b"\r\n\r\n").split(b"\r\n")[0], b"HTTP/1.1 101 Switching Protocols")
        client.send(b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n" + bytes(3) + b"\x04\x00" + bytes(4))
        settings = client.read_exactly(9)
        self.assertEqual(settings[3], 4, "the proxy's settings come first")

    def test_what_is_no_upgrade(self):
        settings = "HTTP2-Settings: AAMAAABkAAQAoAAAAAIAAAAA"
        self.start(on_bind="")
        for name, fields, more in (("none", [], {}), ("two", [settings, settings], {}), ("nonsense", ["HTTP2-Settings: !"], {}),
                                   ("cut", ["HTTP2-Settings: AAMA"], {}), ("body", [settings], {"method": "POST", "body": b"x"})):
            with self.subTest(name):
                self.assertEqual(self.upgraded(fields, **more).response().status, 200)
                # A server that did it would be asked past all rules.
                self.assertNotIn(b"h2c", self.origin.seen[-2 if more else -1].lower())


if __name__ == "__main__":
    unittest.main()
