#!/usr/bin/env python3
"""A server that leaves at each byte of its answer, in every way: the client gets the whole answer or sees that something is
wrong, never a silently short one. By length, in chunks, until the end; servers in clear and with TLS; clients of HTTP/1.1,
HTTP/1.0 and HTTP/2; compressed, and from the cache, too.

TANDEM_TESTED names another program than lbd. haproxy 2.6 fails: it ends in the usual way towards clients what ends with the
connection and was cut, and over HTTP/2 also what has a length."""

import gzip
import os
import re
import socket
import struct
import sys
import tempfile
import unittest
from concurrent.futures import ThreadPoolExecutor

sys.path.insert(0, os.path.dirname(os.path.dirname(os.path.abspath(__file__))))

from support import h2  # noqa: E402
from support.client import Client, Closed  # noqa: E402
from support.h2 import H2Client  # noqa: E402
from support.origin import Origin  # noqa: E402
from support.process import Proxy, listening_socket, need_program  # noqa: E402
from support.tls import Authority, TlsOrigin  # noqa: E402

CONFIG = """
global
    nbthread 2
defaults
    mode http
    timeout connect 20s
    timeout client 20s
    timeout server 20s
    retries 0
frontend h1
    bind "fd@${{h1}}"
    use_backend compressed if {{ path_beg /compressed }}
    use_backend cached if {{ path_beg /cached }}
    use_backend secure if {{ path_beg /secure }}
    default_backend plain
frontend h2
    bind "fd@${{h2}}" proto h2
    use_backend secure if {{ path_beg /secure }}
    default_backend plain
backend plain
    server s1 127.0.0.1:{plain}
backend secure
    server s1 127.0.0.1:{secure} ssl verify none
backend compressed
    compression algo gzip
    server s1 127.0.0.1:{plain}
backend cached
    http-request cache-use c
    http-response cache-store c
    server s1 127.0.0.1:{plain}
cache c
    total-max-size 4
"""
AT_ONCE = 4
FIELDS = b"Cache-Control: max-age=60\r\nETag: \"e\"\r\nContent-Type: text/html\r\n"
ANSWERS = {  # head, the rest, what is in it
    "length": (b"HTTP/1.1 200 OK\r\n" + FIELDS + b"Content-Length: 12\r\n\r\n", b"abcdefghijkl", b"abcdefghijkl"),
    "chunks": (b"HTTP/1.1 200 OK\r\n" + FIELDS + b"Transfer-Encoding: chunked\r\n\r\n",
               b"5\r\nabcde\r\n7;x=y\r\nfghijkl\r\n0\r\nX-Sum: 1\r\n\r\n", b"abcdefghijkl"),
    "close": (b"HTTP/1.1 200 OK\r\n" + FIELDS + b"\r\n", b"abcdefghijkl", b"abcdefghijkl"),
}
PATH = re.compile(rb"GET /\w+/(\w+)/(\d+)/(\w+)")
WRONG = "visibly wrong"


def close_notify(peer):
    """TLS says that this is the end; in clear there is only the end itself."""


def fin(peer):
    """The connection ends, but TLS has not said so."""
    socket.socket.shutdown(peer.socket, socket.SHUT_RDWR)


def reset(peer):
    peer.socket.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
    peer.socket.close()
    raise ConnectionError("left")  # nothing is said any more


ENDINGS = {ending.__name__: ending for ending in (close_notify, fin, reset)}


def cut(peer):
    """Answers as the path of the request wants it."""
    head = peer.head()
    if head is None:
        return
    kind, count, ending = (part.decode() for part in PATH.match(head).groups())
    start, rest, _ = ANSWERS[kind]
    peer.send((start + rest)[:int(count)])
    ENDINGS[ending](peer)


class StrictClient(Client):
    """A reset is no end."""

    def read_to_end(self):
        try:
            while True:
                self._more()
        except Closed as closed:
            if closed.reset:
                raise
            return closed.data


def outcome_h1(address, path, version, accept):
    with StrictClient(address, timeout=20) as client:
        client.request(path, version=version, headers=["Accept-Encoding: gzip"] if accept else [])
        try:
            answer = client.response()
        except Closed:
            return WRONG
        if answer.status != 200:
            return WRONG if answer.status == 502 else f"status {answer.status}"
        body = answer.body
        if answer.header("content-encoding") == "gzip":
            try:
                body = gzip.decompress(body)
            except (EOFError, gzip.BadGzipFile):
                return f"half a stream of gzip: {body}"
        return body, b"x-sum: 1" in answer.trailers.lower()


def outcome_h2(address, path):
    with H2Client(address, timeout=20) as client:
        answer = client.answer(client.open(path))
        if answer.reset or not answer.ended:
            return WRONG
        if answer.status != 200:
            return WRONG if answer.status == 502 else f"status {answer.status}"
        return bytes(answer.body), ("x-sum", "1") in (answer.trailers or [])


class CutAnswers(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        h2.need_hpack()
        cls.directory = tempfile.TemporaryDirectory(prefix="tandem-test-")
        cls.addClassCleanup(cls.directory.cleanup)
        certificate = Authority(cls.directory.name).issue("server", "/CN=server.test")
        plain, secure = Origin(cut), TlsOrigin(cut, certificate)
        listeners = {"h1": listening_socket(), "h2": listening_socket()}
        for resource in (plain, secure, *listeners.values()):
            cls.addClassCleanup(resource.close)
        cls.addresses = {name: listener.getsockname() for name, listener in listeners.items()}
        cls.program = need_program(os.environ.get("TANDEM_TESTED", "lbd"))
        proxy = Proxy(cls.program, CONFIG.format(plain=plain.port, secure=secure.port), listeners)
        cls.addClassCleanup(proxy.stop)

    def ask(self, where, client, kind, count, ending):
        path = f"/{where}/{kind}/{count}/{ending}"
        if client == "h2":
            return outcome_h2(self.addresses["h2"], path)
        return outcome_h1(self.addresses["h1"], path, client, where == "compressed")

    def right(self, where, client, kind, count, ending, seen):
        """What is wrong, or nothing."""
        head, rest, body = ANSWERS[kind]
        whole = count == len(head + rest)
        if seen == WRONG:
            # The rest may get lost when the connection breaks; where it ends well, what is whole arrives.
            return whole and ending == "close_notify" and "an error instead of the whole answer"
        # A cache does not keep them.
        trailers = kind == "chunks" and client != "HTTP/1.0" and (where != "cached" or seen[1])
        if kind == "close" and (ending == "close_notify" or (ending == "fin" and where != "secure")):
            return count < len(head) or seen[0] != rest[:count - len(head)]
        # Nothing but the end of the connection says where it ends, and that did not come as it should.
        if kind == "close":
            return "silently short"
        return seen != (body, trailers) and "silently short"

    def check(self, where, client, kind, endings):
        head, rest, _ = ANSWERS[kind]
        asked = [(count, ending) for count in range(len(head + rest) + 1) for ending in endings]
        with ThreadPoolExecutor(AT_ONCE) as pool:
            seen = list(pool.map(lambda one: self.ask(where, client, kind, *one), asked))
        wrong = [f"{count} bytes, {ending}: {what}" for (count, ending), what in zip(asked, seen)
                 if self.right(where, client, kind, count, ending, what)]
        self.assertEqual(wrong, [], f"{where} {client} {kind}")

    def all_kinds(self, where, client, endings):
        for kind in ANSWERS:
            with self.subTest(f"{where} {client} {kind}"):
                self.check(where, client, kind, endings)

    def test_plain_to_http_1_1(self):
        self.all_kinds("plain", "HTTP/1.1", ["close_notify", "reset"])

    def test_plain_to_http_1_0(self):
        self.all_kinds("plain", "HTTP/1.0", ["close_notify", "reset"])

    def test_plain_to_http_2(self):
        self.all_kinds("plain", "h2", ["close_notify", "reset"])

    def test_tls_to_http_1_1(self):
        self.all_kinds("secure", "HTTP/1.1", ["close_notify", "fin", "reset"])

    def test_tls_to_http_2(self):
        self.all_kinds("secure", "h2", ["close_notify", "fin", "reset"])

    def test_compressed(self):
        self.all_kinds("compressed", "HTTP/1.1", ["close_notify", "reset"])

    def test_what_was_cut_is_not_cached(self):
        for _ in range(2):
            self.all_kinds("cached", "HTTP/1.1", ["close_notify"])


if __name__ == "__main__":
    unittest.main()
