#!/usr/bin/env python3
"""Limits of TLS and what is counted of it: maxsslconn, maxsslrate, tune.ssl.maxrecord, tune.ssl.hard-maxrecord; the figures
of `show info` and `show stat` after known connections. TANDEM_TESTED=haproxy gives the proof of what is expected."""

import contextlib
import os
import re
import shutil
import socket
import ssl
import struct
import sys
import tempfile
import threading
import time
import unittest

sys.path.insert(0, os.path.dirname(os.path.dirname(os.path.abspath(__file__))))

from support import origin, tls  # noqa: E402
from support.client import Client, command  # noqa: E402
from support.origin import Origin  # noqa: E402
from support.process import Proxy, listening_socket, need_program, wait_for  # noqa: E402
from support.tls import TlsClient, TlsOrigin, client_context  # noqa: E402

BINARY = need_program(os.environ.get("TANDEM_TESTED", "lbd"))
IS_OURS = os.path.basename(BINARY) == "lbd"
CONFIG = """
global
    stats socket {directory}/sock mode 600 level admin
    nbthread 2
    {globals}
defaults
    mode http
    timeout client 10s
    timeout server 10s
    timeout connect 5s
"""
CERTIFICATE = None


def setUpModule():
    global CERTIFICATE
    folder = tempfile.mkdtemp(prefix="tandem-test-")
    unittest.addModuleCleanup(shutil.rmtree, folder)
    CERTIFICATE = tls.Authority(folder).issue("one.pem", "/CN=one", ["one.example"])


class Flow(unittest.TestCase):
    def setUp(self):
        self.stack = contextlib.ExitStack()
        self.addCleanup(self.stack.close)

    def proxy(self, globals="", lines=" http-request return status 200\n"):
        sockets = {name: self.stack.enter_context(contextlib.closing(listening_socket())) for name in ("TLS", "PLAIN")}
        self.secure, self.plain = (sockets[name].getsockname() for name in ("TLS", "PLAIN"))
        directory = self.stack.enter_context(tempfile.TemporaryDirectory(prefix="tandem-test-"))
        self.socket = f"{directory}/sock"
        text = CONFIG.format(directory=directory, globals=globals) + \
            f"listen f\n bind fd@${{TLS}} ssl crt {CERTIFICATE}\n bind fd@${{PLAIN}}\n{lines}"
        self.stack.enter_context(Proxy(BINARY, text, sockets, directory=directory)).wait_serving(self.socket)

    def info(self):
        return {name: int(value) for name, value in re.findall(r"^(\w*Ssl\w*): (\d+)$", command(self.socket, "show info"), re.M)}


class Connections(Flow):
    @unittest.skipUnless(IS_OURS, "haproxy looks only now and then whether there is room again")
    def test_no_more_than_maxsslconn(self):
        """Others wait; connections in clear do not count."""
        self.proxy("maxsslconn 2")
        held = [self.stack.enter_context(TlsClient(self.secure)) for _ in range(2)]
        for client in held:
            self.assertEqual(client.get("/").status, 200)
        waiting = self.stack.enter_context(contextlib.closing(socket.create_connection(self.secure)))
        waiting.settimeout(5)
        done = []

        def shake():
            with client_context().wrap_socket(waiting) as secure:
                secure.sendall(b"GET / HTTP/1.0\r\n\r\n")
                done.append(secure.recv(12))

        thread = threading.Thread(target=shake)
        thread.start()
        with Client(self.plain) as client:
            self.assertEqual(client.get("/").status, 200)
        self.assertEqual([self.info()[name] for name in ("MaxSslConns", "CurrSslConns", "CumSslConns")], [2, 2, 2])
        self.assertEqual(done, [])
        held[0].socket.close()
        thread.join()
        self.assertEqual(done, [b"HTTP/1.1 200"])

    def test_no_faster_than_maxsslrate(self):
        self.proxy("maxsslrate 10")
        begin = time.monotonic()
        for _ in range(25):
            with TlsClient(self.secure) as client:
                client.get("/")
        took = time.monotonic() - begin
        self.assertGreater(took, 1.2)
        self.assertLess(took, 4)
        info = self.info()
        self.assertEqual((info["SslRateLimit"], info["CumSslConns"]), (10, 25))
        self.assertLessEqual(info["MaxSslRate"], 10)
        command(self.socket, "set rate-limit ssl-sessions global 0")
        self.assertEqual(self.info()["SslRateLimit"], 0)
        begin = time.monotonic()
        for _ in range(25):
            with TlsClient(self.secure) as client:
                client.get("/")
        self.assertLess(time.monotonic() - begin, 1)

    def test_words_of_set_rate_limit(self):
        self.proxy()
        self.assertIn("Expects an integer value.", command(self.socket, "set rate-limit ssl-sessions global"))
        self.assertIn("'set rate-limit' only supports :", command(self.socket, "set rate-limit"))


class Bursts(Flow):
    def test_streams_do_not_wait_for_a_burst_of_handshakes(self):
        """150 hellos at once for a key of 4096 bits, a hundred times the time of a request, to one worker."""
        global CERTIFICATE
        kept, CERTIFICATE = CERTIFICATE, os.path.join(self.stack.enter_context(tempfile.TemporaryDirectory()), "large.pem")
        self.addCleanup(globals().__setitem__, "CERTIFICATE", kept)
        tls.openssl("req", "-x509", "-newkey", "rsa:4096", "-nodes", "-subj", "/CN=large", "-keyout", CERTIFICATE, "-out",
                    CERTIFICATE + ".crt")
        with open(CERTIFICATE, "a", encoding="ascii") as out, open(CERTIFICATE + ".crt", encoding="ascii") as part:
            out.write(part.read())
        self.proxy("nbthread 1")
        coming, going = ssl.MemoryBIO(), ssl.MemoryBIO()
        with contextlib.suppress(ssl.SSLWantReadError):
            client_context().wrap_bio(coming, going).do_handshake()
        hello = going.read()
        others = [self.stack.enter_context(contextlib.closing(socket.create_connection(self.secure))) for _ in range(150)]
        with Client(self.plain) as client:
            client.get("/")
            for other in others:
                other.sendall(hello)
            longest, answered = 0, 0
            while answered < 20:
                begin = time.monotonic()
                client.get("/")
                longest = max(longest, time.monotonic() - begin)
                answered += 1
        self.assertLess(longest, 0.15)


class Counting(Flow):
    def test_what_connections_leave_behind(self):
        server = self.stack.enter_context(TlsOrigin(origin.answer(), CERTIFICATE))
        self.proxy(lines=f" http-reuse never\n server s 127.0.0.1:{server.port} ssl verify none no-ssl-reuse\n")
        context = client_context(version=ssl.TLSVersion.TLSv1_2)
        context.options |= ssl.OP_NO_TICKET
        session = None
        for _ in range(4):
            with TlsClient(self.secure, context, session=session) as client:
                client.get("/")
                session = session or client.socket.session
        with socket.create_connection(self.secure) as garbage:
            garbage.settimeout(5)
            garbage.sendall(b"GET / HTTP/1.0\r\n\r\n")
            with contextlib.suppress(OSError):
                garbage.recv(100)
        wait_for(lambda: self.info()["CurrSslConns"] == 0, what="all connections to be counted out")
        info = self.info()
        self.assertEqual((info["CumSslConns"], info["SslCacheLookups"], info["SslCacheMisses"]), (9, 3, 0))
        # A second may have begun in between, and of the one before a part counts.
        self.assertEqual(info["SslFrontendMaxKeyRate"], 1)
        self.assertIn(info["SslFrontendSessionReuse_pct"], range(75, 101))
        self.assertIn(info["SslRate"], range(3, 7))
        self.assertIn(info["MaxSslRate"], range(3, 6))
        self.assertIn(info["SslBackendMaxKeyRate"], range(2, 5))
        self.assertGreaterEqual(info["SslBackendKeyRate"], 1)
        lines = command(self.socket, "show stat").strip().split("\n")
        names = lines[0].lstrip("# ").split(",")
        rows = {row["svname"]: row for row in (dict(zip(names, line.split(","))) for line in lines[1:])}
        counted = {name: tuple(int(row[column]) for column in ("ssl_sess", "ssl_reused_sess", "ssl_failed_handshake"))
                   for name, row in rows.items()}
        self.assertEqual(counted, {"FRONTEND": (1, 3, 1), "s": (4, 0, 0), "BACKEND": (4, 0, 0)})


class Records(Flow):
    BODY = b"x" * 300000

    def records(self, globals, pause=0):
        """The sizes of the records of an answer of 300 kB; with a pause in its midst, before and behind it."""
        server = self.stack.enter_context(Origin(origin.answer(origin.response(body=self.BODY))))
        self.proxy(globals, f" server s 127.0.0.1:{server.port}\n")
        coming, going = ssl.MemoryBIO(), ssl.MemoryBIO()
        secure = client_context(version=ssl.TLSVersion.TLSv1_2).wrap_bio(coming, going)
        raw = b""
        with socket.create_connection(self.secure) as plain:
            plain.settimeout(5)

            def run(call):
                nonlocal raw
                while True:
                    try:
                        result = call()
                        plain.sendall(going.read())
                        return result
                    except ssl.SSLWantReadError:
                        plain.sendall(going.read())
                        data = plain.recv(65536)
                        assert data
                        raw += data
                        coming.write(data)

            def fetch():
                nonlocal raw
                raw = b""
                run(lambda: secure.write(b"GET / HTTP/1.1\r\nHost: x\r\n\r\n"))
                left = len(self.BODY)
                while left > 0:
                    left -= len(run(lambda: secure.read(65536)))
                sizes, at = [], 0
                while at < len(raw):
                    kind, _, length = struct.unpack(">BHH", raw[at:at + 5])
                    if kind == 23:
                        sizes.append(length)
                    at += 5 + length
                return sizes

            run(secure.do_handshake)
            first = fetch()
            if not pause:
                return first
            time.sleep(pause)
            return first, fetch()

    def test_as_large_as_can_be(self):
        self.assertGreater(max(self.records("")), 15000)

    @unittest.skipUnless(IS_OURS, "haproxy 2.6 has no hard limit")
    def test_hard_limit(self):
        sizes = self.records("tune.ssl.hard-maxrecord 2000")
        self.assertLess(max(sizes), 2100)
        self.assertGreater(max(sizes), 1900)

    @unittest.skipUnless(IS_OURS, "haproxy's buffers decide when a flow is a bulk flow")
    def test_small_while_young(self):
        before, behind = self.records("tune.ssl.maxrecord 1419\n tune.idletimer 50", pause=0.1)
        for sizes in (before, behind):
            self.assertLess(max(sizes[:20]), 1500)
            self.assertGreater(max(sizes), 15000)


if __name__ == "__main__":
    unittest.main()
