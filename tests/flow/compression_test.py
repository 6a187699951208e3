#!/usr/bin/env python3
"""What is compressed, how soon it is there, and what the limits do; what haproxy 2.6 has, too, is in tests/peers/compression_test.py."""

import gzip
import os
import sys
import tempfile
import threading
import unittest
import zlib

sys.path.insert(0, os.path.dirname(os.path.dirname(os.path.abspath(__file__))))

from support.client import Client, command  # noqa: E402
from support.h2 import H2Client  # noqa: E402
from support.h2_origin import H2Origin  # noqa: E402
from support.origin import Origin, answer, response  # noqa: E402
from support.process import Proxy, listening_socket, need_program, wait_for  # noqa: E402

LBD = need_program("lbd")
TEXT = b"".join(b"line %d of a text that can be made smaller\n" % i for i in range(4000))
CONFIG = """
global
    stats socket {directory}/admin level admin
    {globals}
cache small
    total-max-size 4
    max-object-size 500000
    max-age 60
defaults
    mode http
    timeout connect 5s
    timeout client 5s
    timeout server 5s
frontend fe
    bind "fd@${{fe}}"
    default_backend be
backend be
    {lines}
    server s1 127.0.0.1:{port} {server}
"""


class CompressionTest(unittest.TestCase):
    def start(self, lines, behaviour=None, more=(), origin=None, server=""):
        directory = tempfile.TemporaryDirectory(prefix="tandem-test-")
        self.addCleanup(directory.cleanup)
        self.directory = directory.name
        self.origin = origin or Origin(behaviour or answer(response(TEXT, headers=["Content-Type: text/html"])))
        self.addCleanup(self.origin.close)
        listener = listening_socket()
        self.addCleanup(listener.close)
        self.at = listener.getsockname()
        config = CONFIG.format(directory=self.directory, globals="\n    ".join(more), lines="\n    ".join(lines),
                               port=self.origin.port, server=server)
        proxy = Proxy(LBD, config, {"fe": listener}, directory=self.directory)
        self.addCleanup(proxy.close)
        proxy.wait_serving(f"{self.directory}/admin")

    def get(self, path="/", headers=("Accept-Encoding: gzip",)):
        with Client(self.at) as client:
            return client.get(path, headers=list(headers))

    def counts(self):
        cells = next(line.split(",") for line in command(f"{self.directory}/admin", "show stat").splitlines()
                     if line.startswith("be,BACKEND,"))
        return [int(cell) for cell in cells[51:55]]

    def test_what_a_server_says_bit_by_bit_is_there_bit_by_bit(self):
        go_on = threading.Semaphore(0)
        parts = [b"first part", b"and the second", b"the end"]

        def behaviour(peer):
            peer.head()
            peer.send(b"HTTP/1.1 200 OK\r\nContent-Type: text/event-stream\r\nTransfer-Encoding: chunked\r\n\r\n")
            for part in parts:
                peer.send(b"%x\r\n%s\r\n" % (len(part), part))
                go_on.acquire(timeout=10)
            peer.send(b"0\r\n\r\n")

        self.start(["compression algo gzip"], behaviour)
        with Client(self.at) as client:
            client.send(b"GET / HTTP/1.1\r\nHost: h\r\nAccept-Encoding: gzip\r\n\r\n")
            self.assertIn(b"content-encoding: gzip", client.read_until(b"\r\n\r\n"))
            inflate, text = zlib.decompressobj(15 + 16), b""
            for number, _ in enumerate(parts, 1):
                while text != b"".join(parts[:number]):
                    size = int(client.read_until(b"\r\n"), 16)
                    text += inflate.decompress(client.read_exactly(size))
                    client.read_exactly(2)
                go_on.release()
            while size := int(client.read_until(b"\r\n"), 16):
                text += inflate.decompress(client.read_exactly(size))
                client.read_exactly(2)
            self.assertTrue(inflate.eof)
            self.assertEqual(text, b"".join(parts))

    def test_a_large_body_and_http_2(self):
        self.start(["compression algo gzip"])
        got = self.get()
        self.assertEqual(gzip.decompress(got.body), TEXT)
        self.assertLess(len(got.body), len(TEXT) / 4)
        wait_for(lambda: self.counts() == [len(TEXT), len(got.body), 0, 1], what="the counters")
        with H2Client(self.at) as client:
            got = client.get("/", headers=[("accept-encoding", "gzip")])
            self.assertEqual(gzip.decompress(got.body), TEXT)
            self.assertIsNone(got.header("transfer-encoding"))

    def test_servers_of_http_2(self):
        """With a length and without, which HTTP/1 has to say otherwise."""
        def behaviour(request):
            request.head(200, [("content-type", "text/html"), *([("content-length", str(len(TEXT)))] if request.field(":path") == "/l" else [])])
            request.data(TEXT, end=True)

        self.start(["compression algo gzip"], origin=H2Origin(behaviour), server="proto h2")
        for path in ("/l", "/"):
            got = self.get(path)
            self.assertEqual((got.header("content-encoding"), got.all("transfer-encoding")), ("gzip", ["chunked"]))
            self.assertEqual(gzip.decompress(got.body), TEXT)
            with H2Client(self.at) as client:
                self.assertEqual(gzip.decompress(client.get(path, headers=[("accept-encoding", "gzip")]).body), TEXT)

    def test_words_of_later_versions(self):
        self.start(["compression algo-res gzip", "compression type-res text/html", "compression direction response",
                    "compression minsize-res 1024"],
                   answer(lambda head: response(TEXT if b"/large" in head else b"small", headers=["Content-Type: text/html"])))
        self.assertEqual(self.get("/large").header("content-encoding"), "gzip")
        self.assertIsNone(self.get("/small").header("content-encoding"))

    def test_what_a_cache_keeps_suits_everybody(self):
        self.start(["compression algo gzip", "http-request cache-use small", "http-response cache-store small"],
                   answer(response(TEXT, headers=["Content-Type: text/html", "Cache-Control: max-age=60"])))
        for _ in range(2):
            self.assertEqual(gzip.decompress(self.get().body), TEXT)
            self.assertEqual(self.get(headers=()).body, TEXT)
        wait_for(lambda: len(self.origin.seen) >= 1, what="a request at the origin")
        self.assertEqual(len(self.origin.seen), 1)

    def test_without_memory_answers_go_as_they_are(self):
        # One compressor takes 262 KiB with the usual settings: 1 MB has room for three.
        held = threading.Semaphore(0)

        def behaviour(peer):
            while (head := peer.head()) is not None:
                peer.send(b"HTTP/1.1 200 OK\r\nContent-Type: text/html\r\nTransfer-Encoding: chunked\r\n\r\n5\r\nhello\r\n")
                if b"/held" in head:
                    held.acquire(timeout=10)
                peer.send(b"0\r\n\r\n")

        self.start(["compression algo gzip"], behaviour, ["maxzlibmem 1"])
        clients = [Client(self.at) for _ in range(3)]
        for client in clients:
            self.addCleanup(client.close)
            client.send(b"GET /held HTTP/1.1\r\nHost: h\r\nAccept-Encoding: gzip\r\n\r\n")
            self.assertIn(b"content-encoding: gzip", client.read_until(b"\r\n\r\n"))
        got = self.get()
        self.assertEqual((got.header("content-encoding"), got.body), (None, b"hello"))
        for _ in clients:
            held.release()
        for client in clients:
            self.assertTrue(client.read_until(b"0\r\n\r\n"))
        self.assertEqual(gzip.decompress(self.get().body), b"hello")
        # The end of chunks counts one, as in %B [HAProxy].
        wait_for(lambda: self.counts()[2:] == [6, 4], what="five bytes that went as they were, and their end, four answers that did not")

    def test_no_more_than_so_many_bytes_a_second(self):
        self.start(["compression algo gzip"], more=["maxcomprate 1"])  # kilobytes
        self.assertEqual(gzip.decompress(self.get().body), TEXT)
        # Within the same second, or the next: nothing begins while more was compressed.
        second = self.get()
        if not second.header("content-encoding"):
            self.assertEqual(second.body, TEXT)
            wait_for(lambda: self.counts()[2] == len(TEXT), what="what went as it was to be counted")
        info = command(f"{self.directory}/admin", "show info")
        self.assertIn("CompressBpsRateLim: 1024\n", info)
        self.assertEqual(command(f"{self.directory}/admin", "set rate-limit http-compression global 5"), "\n")
        self.assertIn("CompressBpsRateLim: 5120\n", command(f"{self.directory}/admin", "show info"))
        self.assertEqual(command(f"{self.directory}/admin", "set rate-limit http-compression global 0"), "\n")
        wait_for(lambda: self.get().header("content-encoding") == "gzip", timeout=15, what="room again")

    # --- requests
    REQUESTS = ["compression direction request", "compression algo-req gzip"]

    @staticmethod
    def without_chunks(data):
        body = b""
        while data:
            size, data = data.split(b"\r\n", 1)
            body, data = body + data[:int(size, 16)], data[int(size, 16) + 2:]
        return body

    def start_echo(self, lines, **more):
        """The server answers with what it got, and what it was told of it."""
        def echo(peer):
            while (head := peer.head()) is not None:
                body = peer.body(head)
                lower = head.lower()
                if b"transfer-encoding: chunked" in lower:
                    body = self.without_chunks(body)
                coding = [line for line in lower.split(b"\r\n") if line.startswith(b"content-encoding:")]
                length = b"content-length:" in lower
                peer.send(response(body, headers=["X-Coding: " + b",".join(coding).decode(), f"X-Length: {length}"]))

        self.start(lines, echo, **more)

    def post(self, body=TEXT, headers=("Content-Type: text/plain",), **more):
        with Client(self.at) as client:
            got = client.get("/", method="POST", body=body, headers=list(headers), **more)
        return got.header("x-coding"), got.header("x-length"), got.body

    def test_requests(self):
        for coding, name, window in (("gzip", "gzip", 31), ("deflate", "deflate", 15), ("raw-deflate", "deflate", -15)):
            with self.subTest(coding):
                self.start_echo(["compression direction request", f"compression algo-req {coding}"])
                told, length, body = self.post()
                self.assertEqual((told, length), (f"content-encoding: {name}", "False"))
                self.assertEqual(zlib.decompress(body, window), TEXT)
                self.assertLess(len(body), len(TEXT) // 3)

    def test_requests_that_are_waited_for(self):
        for line in ("option http-buffer-request", "http-request wait-for-body time 5s"):
            with self.subTest(line):
                self.start_echo([*self.REQUESTS, line])
                self.assertEqual(gzip.decompress(self.post()[2]), TEXT)
                self.assertEqual(gzip.decompress(self.post(b"short text")[2]), b"short text")

    def test_requests_bit_by_bit(self):
        parts, decoder, seen = [b"first part", b"and the second", b"the end"], zlib.decompressobj(31), threading.Semaphore(0)

        def behaviour(peer):
            peer.head()
            found = b""
            while (size := int(peer.until(b"\r\n") or b"0", 16)) > 0:
                found += decoder.decompress(peer.exactly(size + 2)[:-2])
                if found in [b"".join(parts[:count]) for count in range(1, len(parts) + 1)]:
                    seen.release()
            peer.until(b"\r\n")
            peer.send(response(found))

        self.start(self.REQUESTS, behaviour)
        with Client(self.at) as client:
            client.send("POST / HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\n")
            for part in parts:
                client.send(b"%x\r\n%s\r\n" % (len(part), part))
                self.assertTrue(seen.acquire(timeout=10), "the server has not got the part")
            self.assertEqual(client.send(b"0\r\n\r\n").response().body, b"".join(parts))

    def test_requests_that_stay_as_they_are(self):
        of_types = [*self.REQUESTS, "compression type-req text/ application/json", "compression minsize-req 100"]
        for lines, body, headers in (
                (["compression direction response", "compression algo-req gzip"], TEXT, []),
                (["compression algo-req gzip"], TEXT, []),
                (["compression direction both", "compression algo gzip"], TEXT, []),
                (["compression direction request", "compression algo-req identity"], TEXT, []),
                (self.REQUESTS, TEXT, ["Content-Encoding: br"]),
                (self.REQUESTS, TEXT, ["Cache-Control: no-transform"]),
                (self.REQUESTS, TEXT, ["Content-Type: multipart/form-data"]),
                (of_types, TEXT, ["Content-Type: image/png"]),
                (of_types, TEXT, []),
                (of_types, TEXT[:99], ["Content-Type: text/plain"])):
            with self.subTest(lines=lines, headers=headers):
                self.start_echo(lines)
                told, length, got = self.post(body, headers)
                expected = "content-encoding: br" if "Content-Encoding: br" in headers else ""
                self.assertEqual((told, length, got), (expected, "True", body))
        self.start_echo(of_types)
        self.assertEqual(self.post(TEXT[:100], ["Content-Type: text/plain"])[:2], ("content-encoding: gzip", "False"))
        self.assertEqual(self.post(version="HTTP/1.0", headers=["Content-Type: text/plain"])[1:], ("True", TEXT))

    def test_without_a_body_nothing_is_said(self):
        self.start_echo(self.REQUESTS)
        with Client(self.at) as client:
            got = client.get("/")
            self.assertEqual((got.header("x-coding"), got.body), ("", b""))

    def test_both_directions(self):
        self.start_echo(["compression direction both", "compression algo gzip", "compression algo-req gzip"])
        told, _, body = self.post(headers=["Accept-Encoding: gzip"])
        self.assertEqual(told, "content-encoding: gzip")
        self.assertEqual(gzip.decompress(gzip.decompress(body)), TEXT)

    def test_only_requests(self):
        self.start(["compression direction request", "compression algo gzip", "compression algo-req gzip"])
        self.assertIsNone(self.get().header("content-encoding"))

    def test_a_request_that_goes_out_once_more(self):
        """It is the same for the second server: what was compressed is kept, and not compressed again."""
        short = TEXT[:5000]
        for line in ("option http-buffer-request", ""):
            for cause in ("empty-response", "503"):
                with self.subTest(line=line, cause=cause):
                    bodies = []

                    def behaviour(peer, cause=cause, bodies=bodies):
                        head = peer.head()
                        bodies.append(self.without_chunks(peer.body(head)))
                        if len(bodies) > 1:
                            peer.send(response(b"ok"))
                        elif cause == "503":
                            peer.send(response(b"", status="503 No"))

                    self.start([*self.REQUESTS, f"retry-on {cause}", "retries 2", line], behaviour)
                    with Client(self.at) as client:
                        self.assertEqual(client.get("/", method="POST", body=short).body, b"ok")
                    self.assertEqual([gzip.decompress(body) for body in bodies], [short, short])
                    self.assertEqual(bodies[0], bodies[1])

    def test_requests_of_h2(self):
        self.start_echo(self.REQUESTS)
        with H2Client(self.at) as client:
            got = client.get("/", method="POST", body=TEXT, headers=[("content-length", str(len(TEXT)))])
            self.assertEqual((got.header("x-coding"), gzip.decompress(bytes(got.body))), ("content-encoding: gzip", TEXT))

    def test_requests_to_h2(self):
        def echo(request):
            if request.wait():
                request.answer(bytes(request.body), headers=[("x-coding", request.field("content-encoding") or ""),
                                                             ("x-length", str(request.field("content-length"))),
                                                             ("x-chunked", str(request.field("transfer-encoding")))])

        self.start(self.REQUESTS, origin=H2Origin(echo), server="proto h2")
        with Client(self.at) as client:
            got = client.get("/", method="POST", body=TEXT)
        self.assertEqual([got.header(name) for name in ("x-coding", "x-length", "x-chunked")], ["gzip", "None", "None"])
        self.assertEqual(gzip.decompress(got.body), TEXT)


if __name__ == "__main__":
    unittest.main()
