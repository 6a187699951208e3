#!/usr/bin/env python3
"""TLS that is passed through in mode tcp: the hello says where it goes, and nobody but the server reads the rest.

TANDEM_TESTED names another program than lbd.
"""

import os
import shutil
import ssl
import sys
import tempfile
import unittest

sys.path.insert(0, os.path.dirname(os.path.dirname(os.path.abspath(__file__))))

from support import origin, tls  # noqa: E402
from support.client import Client, command  # noqa: E402
from support.process import Proxy, listening_socket, need_program  # noqa: E402
from support.tls import TlsClient, TlsOrigin, client_context  # noqa: E402

BINARY = need_program(os.environ.get("TANDEM_TESTED", "lbd"))
CONFIG = """
global
    stats socket {directory}/stats.sock level admin
defaults
    mode tcp
    timeout client 10s
    timeout server 10s
    timeout connect 5s
frontend pass
    bind fd@${{front}}
    tcp-request inspect-delay 5s
    {frontend}
    default_backend other
backend one
    {backend}
    server s1 127.0.0.1:{one}
backend two
    server s2 127.0.0.1:{two}
backend other
    server s3 127.0.0.1:{other}
"""
HELLO = "tcp-request content accept if { req.ssl_hello_type 1 }"


class PassThrough(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        cls.folder = tempfile.mkdtemp(prefix="tandem-test-")
        cls.addClassCleanup(shutil.rmtree, cls.folder)
        cls.authority = tls.Authority(cls.folder)
        cls.certificate = cls.authority.issue("server.pem", "/CN=server", ["one.example", "www.two.example", "x.example"])

    def start(self, frontend, backend=""):
        self.origins = {}
        for name in ("one", "two", "other"):
            self.origins[name] = TlsOrigin(origin.name(name), self.certificate)
            self.addCleanup(self.origins[name].close)
        listener = listening_socket()
        self.addCleanup(listener.close)
        self.address = listener.getsockname()
        ports = {name: each.port for name, each in self.origins.items()}
        text = CONFIG.format(directory=self.folder, frontend="\n    ".join(frontend), backend=backend, **ports)
        proxy = Proxy(BINARY, text, {"front": listener})
        self.addCleanup(proxy.close)

    def reached(self, name, version=None):
        with TlsClient(self.address, client_context(version=version), name) as client:
            return client.get().body.decode()

    def test_by_server_name(self):
        self.start([HELLO, "use_backend one if { req.ssl_sni -i ONE.example }",
                    "use_backend two if { req_ssl_sni -m end .two.example }"])
        for version in (ssl.TLSVersion.TLSv1_2, ssl.TLSVersion.TLSv1_3):
            self.assertEqual(self.reached("one.example", version), "one")
            self.assertEqual(self.reached("www.two.example", version), "two")
            self.assertEqual(self.reached("x.example", version), "other")
        self.assertEqual(self.origins["two"].names, ["www.two.example"] * 2)

    def test_by_a_map(self):
        names = os.path.join(self.folder, "names.map")
        with open(names, "w", encoding="ascii") as file:
            file.write("one.example one\nwww.two.example two\n")
        self.start([HELLO, f"use_backend %[req.ssl_sni,lower,map({names},other)]"])
        self.assertEqual([self.reached(name) for name in ("one.example", "www.two.example", "x.example")],
                         ["one", "two", "other"])

    def test_by_a_variable(self):
        self.start(["tcp-request content set-var(sess.name) req.ssl_sni", HELLO,
                    "use_backend two if { var(sess.name) -m str www.two.example }"])
        self.assertEqual(self.reached("www.two.example"), "two")

    def test_hello_in_pieces(self):
        self.start([HELLO, "use_backend one if { req.ssl_sni one.example }"])
        incoming, outgoing = ssl.MemoryBIO(), ssl.MemoryBIO()
        session = client_context().wrap_bio(incoming, outgoing, server_hostname="one.example")
        with Client(self.address) as client:
            done = False
            while not done:
                try:
                    session.do_handshake()
                    done = True
                except ssl.SSLWantReadError:
                    pass
                for byte in outgoing.read():
                    client.send(bytes([byte]))
                if not done:
                    incoming.write(client.socket.recv(65536))
            session.write(b"GET / HTTP/1.0\r\n\r\n")
            client.send(outgoing.read())
            answer = b""
            while b"one" not in answer:
                incoming.write(client.socket.recv(65536))
                try:
                    answer += session.read(65536)
                except ssl.SSLWantReadError:
                    continue

    def test_what_is_no_hello(self):
        self.start(["tcp-request content reject unless { req.ssl_hello_type 1 }"])
        with Client(self.address) as client:
            client.send(b"GET / HTTP/1.1\r\nHost: one.example\r\n\r\n")
            self.assertEqual(client.read_to_end(), b"")
        self.assertEqual(self.origins["other"].connections, 0)
        self.assertEqual(self.reached("x.example"), "other")

    def test_sticking_to_a_name(self):
        self.start([HELLO, "use_backend one if TRUE"], "stick-table type string len 32 size 10 expire 1m\n    stick on req.ssl_sni")
        self.assertEqual(self.reached("one.example"), "one")
        self.assertIn("key=one.example use=0", command(f"{self.folder}/stats.sock", "show table one"))


if __name__ == "__main__":
    unittest.main()
