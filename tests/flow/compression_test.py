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


if __name__ == "__main__":
    unittest.main()
