#!/usr/bin/env python3
"""HTTP/2 towards clients, on a running lbd with scripted servers of HTTP/1: the ways in which exchanges and connections end,
rules and answers of the proxy's own, limits, and how a connection becomes one of HTTP/2. TANDEM_TESTED: see h2_test.py."""

import contextlib
import hashlib
import os
import signal
import socket
import sys
import tempfile
import threading
import unittest

sys.path.insert(0, os.path.dirname(os.path.dirname(os.path.abspath(__file__))))

from support import h2  # noqa: E402
from support.client import Client  # noqa: E402
from support.h2_case import HEAD, H2Case, pattern, unlike_haproxy  # noqa: E402
from support.origin import answer, raw_answer, response, silent  # noqa: E402
from support.process import wait_for  # noqa: E402


class Ends(H2Case):
    def test_client_cancels_before_the_answer(self):
        over = threading.Event()

        def watching(peer):
            peer.head()
            peer.wait_close()
            over.set()

        self.start(watching)
        client = self.connect()
        stream = client.open()
        wait_for(lambda: self.origin.seen, what="the request")
        client.reset(stream)
        self.assertTrue(over.wait(5))
        self.assertEqual(self.logged(), "-1 CD--")
        self.assertTrue(client.settled())

    def test_client_cancels_in_the_body(self):
        over = threading.Event()

        def watching(peer):
            peer.head()
            peer.send(HEAD + b"Content-Length: 100\r\n\r\nhalf")
            peer.wait_close()
            over.set()

        self.start(watching)
        client = self.connect()
        stream = client.open()
        client.until(lambda: stream in client.answers and client.answers[stream].body == b"half")
        client.reset(stream)
        self.assertTrue(over.wait(5))
        self.assertEqual(self.logged(), "200 CD--")

    def test_client_closes_the_connection(self):
        self.start(silent)
        client = self.connect()
        for _ in range(3):
            client.open()
        wait_for(lambda: len(self.origin.seen) == 3, what="the requests")
        client.reset_connection()
        lines = self.log.wait("fe be/s1", count=3)
        for line in lines:
            self.assertRegex(line.text, r" C[HD]-- ")

    @unlike_haproxy("it ends the body as if it were whole")
    def test_server_closes_in_the_body(self):
        for reset in (False, True):
            for framing, body in ((b"Content-Length: 100", b"half"), (b"Transfer-Encoding: chunked", b"4\r\nhalf\r\n")):
                with self.subTest(framing=framing, reset=reset):
                    self.setUp()
                    sent = threading.Event()

                    def breaking(peer):
                        peer.head()
                        peer.send(HEAD + framing + b"\r\n\r\n" + body)
                        sent.wait(5)
                        if reset:
                            peer.reset()

                    self.start(breaking)
                    client = self.connect()
                    stream = client.open()
                    client.until(lambda: stream in client.answers and client.answers[stream].body == b"half")
                    sent.set()
                    got = client.answer(stream)
                    self.assertFalse(got.ended)
                    self.assertIn(got.reset, ("CANCEL", "INTERNAL_ERROR"))
                    self.assertEqual(self.logged(), "200 SD--")
                    self.assertTrue(client.settled())

    @unlike_haproxy("it resets the stream")
    def test_server_gives_no_answer(self):
        self.start(raw_answer())
        got = self.connect().get("/", "POST", body=b"x")
        self.assertEqual((got.status, got.ended), (502, True))
        self.assertEqual(self.logged(), "502 SH--")

    def test_server_is_too_slow(self):
        self.start(silent, in_defaults="timeout server 100ms")
        self.assertEqual(self.connect().get().status, 504)
        self.assertEqual(self.logged(), "504 sH--")

    def test_no_server(self):
        self.start(in_backend="option redispatch\n    http-request set-var(txn.a) int(1)\n    server gone 127.0.0.1:1 disabled")
        self.origin.close()
        self.assertEqual(self.connect().get().status, 503)

    def test_server_answers_before_the_body_has_come(self):
        self.start(raw_answer(response(b"too large", "413 Content Too Large"), hold=False))
        client = self.connect()
        stream = client.open("/", "POST", [("content-length", "1000000")], end=False)
        got = client.answer(stream)
        self.assertEqual((got.status, bytes(got.body)), (413, b"too large"))
        self.assertTrue(got.ended)
        # The client may go on sending for a while without harm.
        client.data(stream, b"x" * 10_000)
        self.assertTrue(client.settled())

    @unlike_haproxy("it answers after the timeout of the server only")
    def test_client_is_silent_in_its_body(self):
        self.start(silent, in_defaults="timeout client 200ms")
        client = self.connect()
        stream = client.open("/", "POST", [("content-length", "1000")], end=False)
        client.data(stream, b"x")
        got = client.answer(stream)
        self.assertEqual((got.status, got.ended), (408, True))
        self.assertRegex(self.logged(), "408 c[HD]--")

    @unlike_haproxy("it ends the body as if it were whole")
    def test_client_opens_no_window(self):
        self.start(answer(response(b"x" * 100_000)), in_defaults="timeout client 200ms")
        client = self.connect(settings={h2.INITIAL_WINDOW_SIZE: 10}, credit=False)
        got = client.answer(client.open())
        self.assertFalse(got.ended)
        self.assertEqual(len(got.body), 10)
        self.assertEqual(self.logged(), "200 cD--")


class Rules(H2Case):
    def test_answers_of_the_proxy(self):
        page = os.path.join(self.id() + ".http")
        self.addCleanup(lambda: os.path.exists(page) and os.unlink(page))
        with open(page, "wb") as file:
            file.write(b"HTTP/1.0 403 Forbidden\r\nContent-Type: text/plain\r\n\r\nown page\n")
        self.start(in_frontend=f"""
    errorfile 403 {os.path.abspath(page)}
    http-request deny deny_status 429 if {{ path /deny }}
    http-request deny if {{ path /page }}
    http-request redirect location /there code 307 if {{ path /redirect }}
    http-request return status 200 content-type text/plain string "here" if {{ path /return }}
    http-request auth realm x if {{ path /auth }}""")
        client = self.connect()
        for path, status, body in (("/deny", 429, None), ("/page", 403, b"own page\n"), ("/redirect", 307, b""),
                                   ("/return", 200, b"here"), ("/auth", 401, None), ("/", 200, b"ok")):
            got = client.get(path)
            self.assertEqual((got.status, got.ended), (status, True), path)
            if body is not None:
                self.assertEqual(bytes(got.body), body, path)
            if path == "/redirect":
                self.assertEqual(got.header("location"), "/there")
        got = client.get("/return", "HEAD")
        self.assertEqual((got.status, bytes(got.body), got.ended, got.header("content-length")), (200, b"", True, "4"))
        self.assertEqual(client.get("/deny", "POST", body=b"x" * 1000).status, 429)
        self.assertEqual(client.get("/").status, 200)

    def test_denied_in_the_body(self):
        self.start(in_frontend="http-request deny if { path /deny }")
        client = self.connect()
        stream = client.open("/deny", "POST", [("content-length", "1000000")], end=False)
        got = client.answer(stream)
        self.assertEqual((got.status, got.ended), (403, True))
        self.assertEqual(client.get("/").status, 200)

    def test_tarpit(self):
        self.start(in_frontend="timeout tarpit 200ms\n    http-request tarpit deny_status 500 if { path /tar }")
        client = self.connect()
        stream = client.open("/tar")
        self.assertEqual(client.get("/").status, 200)
        self.assertFalse(stream in client.answers and client.answers[stream].ended)
        self.assertEqual(client.answer(stream).status, 500)
        self.assertEqual(self.logged(r"fe[~]? fe/<NOSRV>"), "500 PT--")

    def test_silent_drop(self):
        self.start(in_frontend="http-request silent-drop if { path /drop }")
        client = self.connect(timeout=2)
        stream = client.open("/drop")
        self.log.wait("fe fe/<NOSRV>")
        self.assertFalse(stream in client.answers)
        # The client learns nothing: no frame comes, and no end either but where the kernel lets none be hidden.
        with contextlib.suppress(TimeoutError):
            client.wait_closed(0.2)
        self.assertEqual((client.answers.get(stream), client.goaway), (None, None))

    def test_header_rules(self):
        self.start(in_frontend="http-request set-header X-Version %[req.ver]\n    http-request set-header X-Fc %[fc_http_major]\n"
                               "    http-response set-header X-Added Yes\n    http-after-response set-header X-Last 1")
        got = self.connect().get()
        self.assertIn(b"x-version: 2.0\r\n", self.origin.seen[0].lower())
        self.assertIn(b"x-fc: 2\r\n", self.origin.seen[0].lower())
        self.assertEqual((got.header("x-added"), got.header("x-last")), ("Yes", "1"))

    def test_wait_for_body(self):
        self.start(in_frontend="http-request wait-for-body time 5s at-least 5\n    http-request deny if { req.body -m sub evil }\n"
                               "    http-request set-header X-Body %[req.body]")
        client = self.connect()
        stream = client.open("/", "POST", end=False)
        client.data(stream, b"he")
        self.assertTrue(client.settled())
        self.assertEqual(self.origin.seen, [])
        client.data(stream, b"llo")
        wait_for(lambda: self.origin.seen, what="the request")
        self.assertIn(b"x-body: hello\r\n", self.origin.seen[0].lower())
        client.data(stream, b"", end=True)
        self.assertEqual(client.answer(stream).status, 200)
        self.assertEqual(client.get("/", "POST", body=b"evil plan").status, 403)

    def test_buffered_request(self):
        self.start(in_backend="option http-buffer-request")
        client = self.connect()
        self.assertEqual(client.get("/", "POST", body=b"hello").status, 200)
        self.assertEqual(client.get("/", "POST", body=b"x" * 100_000).status, 200)

    def test_wait_for_body_in_vain(self):
        self.start(in_frontend="http-request wait-for-body time 100ms")
        client = self.connect()
        stream = client.open("/", "POST", end=False)
        client.data(stream, b"he")
        self.assertEqual(client.answer(stream).status, 408)

    def test_statistics_page(self):
        self.start(in_frontend="stats enable\n    stats uri /stats")
        client = self.connect()
        got = client.get("/stats")
        self.assertEqual((got.status, got.ended), (200, True))
        self.assertIn(b"<html", bytes(got.body).lower())
        self.assertTrue(bytes(client.get("/stats;csv").body).startswith(b"# pxname,"))

    @unlike_haproxy("it knows none")
    def test_bandwidth_limit(self):
        self.start(answer(response(b"x" * 60_000)),
                   in_frontend="filter bwlim-out slow default-limit 200k default-period 1s\n    http-response set-bandwidth-limit slow")
        self.assertEqual(len(self.connect().get().body), 60_000)

    def test_captures(self):
        self.start(in_frontend="capture request header host len 20\n    capture cookie sess len 20")
        self.assertEqual(self.connect().get(headers=[("cookie", "x=y"), ("cookie", "sess=abc")]).status, 200)
        line = self.log.wait("fe be/s1").text
        self.assertIn("{h2.test}", line)
        self.assertIn("sess=abc", line)


class Connections(H2Case):
    def test_first_frame_is_settings(self):
        self.start()
        client = self.connect()
        self.assertEqual(client.read().kind, h2.SETTINGS)

    def test_settings_say_what_the_configuration_says(self):
        self.start(in_global="tune.h2.max-concurrent-streams 7\n    tune.h2.initial-window-size 1000\n    tune.h2.header-table-size 8192")
        client = self.connect()
        client.until(lambda: client.peer_settings)
        self.assertEqual(client.peer_settings[h2.MAX_CONCURRENT_STREAMS], 7)
        self.assertEqual(client.peer_settings[h2.INITIAL_WINDOW_SIZE], 1000)
        self.assertEqual(client.peer_settings[h2.HEADER_TABLE_SIZE], 8192)
        self.assertEqual(client.get("/", "POST", body=b"x" * 10_000).status, 200)

    def test_too_many_streams_are_refused(self):
        self.start(silent, in_global="tune.h2.max-concurrent-streams 3")
        client = self.connect()
        client.until(lambda: client.peer_settings)
        client.settled()
        streams = [client.open() for _ in range(4)]
        refused = client.answer(streams[3]).reset or client.goaway[1]
        self.assertIn(refused, ("REFUSED_STREAM", "PROTOCOL_ERROR"))
        self.assertLessEqual(len(self.origin.seen), 3)

    def test_prior_knowledge_on_a_clear_port(self):
        self.start(on_bind="")
        self.assertEqual(bytes(self.connect().get().body), b"ok")
        with Client(self.address) as client:
            self.assertEqual(client.get().status, 200)

    def test_preface_in_pieces(self):
        for bind in ("", "proto h2"):
            with self.subTest(bind):
                self.setUp()
                self.start(on_bind=bind)
                client = self.connect(preface=False)
                for byte in h2.PREFACE:
                    client.send(bytes([byte]))
                client.settings({})
                self.assertEqual(bytes(client.get().body), b"ok")

    def test_http_1_on_an_h2_port(self):
        self.start()
        client = Client(self.address)
        self.addCleanup(client.close)
        client.request()
        got = client.read_to_end()
        self.assertNotIn(b"HTTP/1", got)

    def test_alpn(self):
        with tempfile.TemporaryDirectory() as directory:
            crt = h2.certificate(directory)
            self.start(on_bind=f"ssl crt {crt} alpn h2,http/1.1")
            for offered, chosen in ((["h2", "http/1.1"], "h2"), (["http/1.1", "h2"], "h2"), (["h2"], "h2"),
                                    (["http/1.1"], "http/1.1"), ([], None)):
                client = self.connect(tls=offered, preface=chosen == "h2")
                self.assertEqual(client.alpn, chosen)
                if chosen == "h2":
                    self.assertEqual(bytes(client.get(scheme="https").body), b"ok")
                else:
                    client.send(b"GET / HTTP/1.1\r\nHost: h2.test\r\n\r\n")
                    self.assertTrue(client.socket.recv(4096).startswith(HEAD))
            line = self.log.wait(r"HTTP/2\.0").text
            self.assertIn('"GET https://h2.test/ HTTP/2.0"', line)

    def test_large_bodies_over_tls(self):
        with tempfile.TemporaryDirectory() as directory:
            body = pattern(4 << 20)
            self.start(answer(response(body)), on_bind=f"ssl crt {h2.certificate(directory)} alpn h2")
            client = self.connect(tls=["h2"], timeout=20)
            got = client.get("/", "POST", body=body, scheme="https")
            self.assertEqual(hashlib.sha256(got.body).digest(), hashlib.sha256(body).digest())

    def test_idle_timeout(self):
        self.start(in_defaults="timeout client 200ms")
        client = self.connect()
        client.get()
        self.assertTrue(client.wait_closed(3))
        self.assertEqual(client.goaway, (1, "NO_ERROR"))

    def test_keep_alive_timeout(self):
        self.start(in_defaults="timeout http-keep-alive 200ms")
        client = self.connect()
        client.get()
        self.assertTrue(client.wait_closed(3))
        self.assertEqual(client.goaway, (1, "NO_ERROR"))

    def test_timeout_without_a_request(self):
        self.start(in_defaults="timeout client 200ms\n    timeout http-request 200ms")
        client = self.connect()
        self.assertTrue(client.wait_closed(3))

    def test_goaway_of_the_client(self):
        self.start()
        client = self.connect()
        stream = client.open()
        client.frame(h2.GOAWAY, 0, 0, b"\0" * 8)
        got = client.answer(stream)
        self.assertEqual(bytes(got.body), b"ok")

    def test_half_closed_client_gets_its_answer(self):
        released = threading.Event()

        def slow(peer):
            peer.head()
            released.wait(5)
            peer.send(response(b"late"))

        self.start(slow)
        client = self.connect()
        stream = client.open()
        wait_for(lambda: self.origin.seen, what="the request")
        client.socket.shutdown(socket.SHUT_WR)
        released.set()
        self.assertEqual(bytes(client.answer(stream).body), b"late")
        self.assertTrue(client.wait_closed())

    @unlike_haproxy("it knows none")
    def test_max_total_streams(self):
        self.start(in_global="tune.h2.fe.max-total-streams 3")
        client = self.connect()
        for _ in range(3):
            self.assertEqual(client.get().status, 200)
        self.assertTrue(client.wait_closed())
        self.assertEqual(client.goaway, (5, "NO_ERROR"))

    @unlike_haproxy("it knows none")
    def test_glitches(self):
        self.start(in_global="tune.h2.fe.glitches-threshold 50")
        client = self.connect()
        self.assertEqual(client.get().status, 200)
        for _ in range(60):
            client.reset(client.open())
        self.assertTrue(client.wait_closed())
        self.assertEqual(client.goaway[1], "ENHANCE_YOUR_CALM")

    @unlike_haproxy("it leaves the connection to the client")
    def test_soft_stop(self):
        released = threading.Event()

        def slow(peer):
            peer.head()
            released.wait(5)
            peer.send(response(b"late"))

        self.start(slow)
        busy, idle = self.connect(), self.connect()
        self.assertTrue(idle.settled())
        stream = busy.open()
        wait_for(lambda: self.origin.seen, what="the request")
        self.proxy.signal(signal.SIGUSR1)
        self.assertTrue(idle.wait_closed())
        self.assertEqual(idle.goaway[1], "NO_ERROR")
        busy.until(lambda: busy.goaway)
        self.assertEqual(busy.goaway[1], "NO_ERROR")
        self.assertGreaterEqual(busy.goaway[0], stream)
        released.set()
        got = busy.answer(stream)
        self.assertEqual((bytes(got.body), got.ended), (b"late", True))
        self.assertTrue(busy.wait_closed())
        self.assertEqual(self.proxy.wait(), 0)

    def test_hard_stop(self):
        self.start(silent)
        client = self.connect()
        client.open()
        wait_for(lambda: self.origin.seen, what="the request")
        self.proxy.signal(signal.SIGTERM)
        self.assertTrue(client.wait_closed())
        self.assertIn(self.proxy.wait(), (0, -signal.SIGTERM, 128 + signal.SIGTERM))

if __name__ == "__main__":
    unittest.main()
