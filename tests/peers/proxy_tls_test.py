#!/usr/bin/env python3
"""What the PROXY v2 header tells a server of the client's TLS: `send-proxy-v2-ssl`, `send-proxy-v2-ssl-cn` and every
`proxy-v2-options`, for clients of many kinds, byte for byte as Debian's haproxy tells it.

TANDEM_TESTED names another program than lbd.
"""

import contextlib
import os
import shutil
import socket
import ssl
import sys
import tempfile
import threading
import unittest

sys.path.insert(0, os.path.dirname(os.path.dirname(os.path.abspath(__file__))))

from support import tls  # noqa: E402
from support.process import Proxy, listening_socket, need_program, wait_for  # noqa: E402
from support.tls import TlsClient, client_context  # noqa: E402

CONFIG = """
defaults
    mode tcp
    timeout connect 2s
    timeout client 2s
    timeout server 2s
    unique-id-format abc
listen f
    bind fd@${{TLS}} ssl crt {certificate} verify optional ca-file {ca} crt-ignore-err all ca-ignore-err all alpn h2,http/1.1 ssl-min-ver TLSv1.2
    bind fd@${{PLAIN}}
    server s 127.0.0.1:{port} {words}
"""
WORDS = ("send-proxy-v2", "send-proxy-v2-ssl", "send-proxy-v2-ssl-cn",
         "send-proxy-v2-ssl-cn no-send-proxy-v2-ssl-cn send-proxy-v2",
         *(f"send-proxy-v2 proxy-v2-options {options}" for options in
           ("ssl", "cert-cn", "cert-key", "cert-sig", "ssl-cipher", "authority", "ssl,cert-key,cert-sig,ssl-cipher,cert-cn",
            "crc32c,authority,ssl,unique-id")), "send-proxy-v2-ssl proxy-v2-options cert-key")
SIGNATURE = b"\r\n\r\n\0\r\nQUIT\n"
PKI = None


class Pki:
    def __init__(self):
        self.folder = tempfile.mkdtemp(prefix="tandem-test-")
        self.authority, other = tls.Authority(self.folder), tls.Authority(self.folder, "other")
        self.certificates = [self.authority.issue("ecdsa.pem", "/CN=one", ["one.example"]),
                             self.authority.issue("rsa.pem", "/CN=two", ["two.example"], kind="rsa")]
        self.client = self.authority.issue("client.pem", "/O=Acme/CN=client/CN=second")
        self.nameless = self.authority.issue("nameless.pem", "/O=Acme")
        self.stranger = other.issue("stranger.pem", "/CN=stranger")


def setUpModule():
    global PKI
    PKI = Pki()
    unittest.addModuleCleanup(shutil.rmtree, PKI.folder)


def clients():
    """(what, context, server name)."""
    v1_2 = ssl.TLSVersion.TLSv1_2
    return [("in clear", None, None), ("tls", client_context(), None), ("a name", client_context(), "one.example"),
            ("a certificate", client_context(certificate=PKI.client), None),
            ("one without a name", client_context(certificate=PKI.nameless), None),
            ("one of a stranger", client_context(certificate=PKI.stranger), None),
            ("alpn", client_context(alpn=["h2"]), "one.example"), ("1.2", client_context(version=v1_2), None),
            ("resumed", client_context(certificate=PKI.client, version=v1_2), None)]


class Told:
    """The headers that one proxy sends for each client."""

    def __init__(self, binary, certificate, words):
        self.headers, self.got = {}, []
        with contextlib.ExitStack() as stack:
            server, secure, plain = (stack.enter_context(contextlib.closing(listening_socket())) for _ in range(3))
            thread = threading.Thread(target=self.serve, args=(server,))
            thread.start()
            stack.callback(thread.join)
            stack.callback(server.shutdown, socket.SHUT_RDWR)
            stack.enter_context(Proxy(binary, CONFIG.format(certificate=certificate, ca=PKI.authority.path,
                                                            port=server.getsockname()[1], words=words),
                                      {"TLS": secure, "PLAIN": plain}))
            for what, context, name in clients():
                session = self.visit((secure if context else plain).getsockname(), context, name, None)
                if what == "resumed":
                    self.visit(secure.getsockname(), context, name, session)
                self.headers[what] = self.told(self.got[-1])

    def serve(self, listener):
        while True:
            try:
                client, _ = listener.accept()
            except OSError:
                return
            with client, contextlib.suppress(OSError):
                client.settimeout(5)
                header = client.recv(4096)
                self.got.append(header)

    def visit(self, address, context, name, session):
        before = len(self.got)
        if not context:
            with socket.create_connection(address) as client:
                client.sendall(b"x")
                wait_for(lambda: len(self.got) > before, what="a header")
            return None
        with TlsClient(address, context, name, session=session) as client:
            client.socket.sendall(b"x")
            wait_for(lambda: len(self.got) > before, what="a header")
            return client.socket.session

    @staticmethod
    def told(header):
        """What stands behind the addresses, but for the checksum, which is of the ports too."""
        assert header.startswith(SIGNATURE), header
        length = int.from_bytes(header[14:16], "big")
        tlvs = header[16 + 12:16 + length]
        return header[12:14], tlvs[:3] + tlvs[7:] if tlvs[:1] == b"\x03" else tlvs


class Beside(unittest.TestCase):
    def test_headers(self):
        for certificate in PKI.certificates:
            for words in WORDS:
                reference = Told(need_program("haproxy"), certificate, words)
                tested = Told(need_program(os.environ.get("TANDEM_TESTED", "lbd")), certificate, words)
                for what, header in reference.headers.items():
                    with self.subTest(f"{os.path.basename(certificate)} {words}, {what}"):
                        self.assertEqual(tested.headers[what], header)


if __name__ == "__main__":
    unittest.main()
