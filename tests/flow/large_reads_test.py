#!/usr/bin/env python3
"""What is read in large pieces is taken apart as what comes in small ones: pipelined requests, chunked bodies, and heads
whose ends lie anywhere in what a peer, known for sending much, has sent at once."""

import contextlib
import random
import socket
import sys
import os
import unittest

sys.path.insert(0, os.path.dirname(os.path.dirname(os.path.abspath(__file__))))

from support.origin import Origin, response  # noqa: E402
from support.process import Proxy, listening_socket, need_program  # noqa: E402

CONFIG = """
global
  nbthread 1
defaults
  mode http
  timeout client 20s
  timeout server 20s
  timeout connect 5s
frontend web
  bind "fd@${{web}}"
  http-request return status 200 content-type text/plain string ok if {{ path_beg /own }}
  default_backend be
backend be
  http-reuse always
  server s1 127.0.0.1:{port}
"""


def chunked(body, sizes):
    """The body in chunks of these sizes, again and again."""
    out, at, turn = [], 0, 0
    while at < len(body):
        piece = body[at:at + sizes[turn % len(sizes)]]
        out.append(b"%x\r\n%s\r\n" % (len(piece), piece))
        at += len(piece)
        turn += 1
    return b"".join(out) + b"0\r\n\r\n"


def unchunked(data):
    """(body, what is behind it)."""
    body = b""
    while True:
        size, data = data.split(b"\r\n", 1)
        length = int(size, 16)
        body, data = body + data[:length], data[length + 2:]
        if length == 0:
            return body, data


class LargeReads(unittest.TestCase):
    def start(self, behaviour):
        stack = contextlib.ExitStack()
        self.addCleanup(stack.close)
        origin, web = stack.enter_context(Origin(behaviour)), stack.enter_context(listening_socket())
        stack.enter_context(Proxy(need_program(os.environ.get("TANDEM_TESTED", "lbd")), CONFIG.format(port=origin.port), {"web": web}))
        client = stack.enter_context(socket.create_connection(web.getsockname()))
        client.settimeout(20)
        return client

    def read(self, client, enough):
        seen = b""
        while not enough(seen):
            piece = client.recv(65536)
            self.assertTrue(piece, seen[-300:])
            seen += piece
        return seen

    def test_pipelined_requests(self):
        client = self.start(response())
        for length in (900, 37, 5000):
            request = b"GET /own" + b"y" * length + b" HTTP/1.1\r\nHost: a\r\n\r\n"
            count = 40000 // len(request)
            for _ in range(60):
                client.sendall(request * count)
                seen = self.read(client, lambda data: data.count(b"\r\n\r\nok") == count)
                self.assertEqual(seen.count(b"HTTP/1.1 200 OK\r\n"), count)

    def test_chunked_uploads(self):
        """The origin says how long each body was, and what it was made of."""
        def behaviour(peer):
            while (head := peer.head()) is not None:
                body, rest = unchunked(peer.body(head))
                assert rest == b""
                peer.send(response(b"%d %d;" % (len(body), sum(body) & 0xffff)))

        client = self.start(behaviour)
        draw = random.Random(5)
        for turn in range(40):
            bodies = [draw.randbytes(draw.choice([1, 100, 20000, 70000])) for _ in range(5)]
            sizes = [draw.randint(1, 3000) for _ in range(7)]
            client.sendall(b"".join(b"POST /%d HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\n" % turn + chunked(body, sizes)
                                    for body in bodies))
            seen = self.read(client, lambda data: data.count(b";") == len(bodies))
            answers = [piece.split(b"\r\n\r\n")[-1] for piece in seen.split(b";")[:-1]]
            self.assertEqual(answers, [b"%d %d" % (len(body), sum(body) & 0xffff) for body in bodies])

    def test_chunked_answers(self):
        """To a client that takes its time, so that much waits in the proxy."""
        draw = random.Random(6)
        bodies = [draw.randbytes(draw.choice([10, 50000, 300000])) for _ in range(16)]
        sizes = [draw.randint(1, 3000) for _ in range(7)]

        def behaviour(peer):
            while (head := peer.head()) is not None:
                body = bodies[int(head.split(b" ")[1][1:])]
                peer.send(b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n" + chunked(body, sizes))

        client = self.start(behaviour)
        client.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 65536)
        for number, body in enumerate(bodies):
            client.sendall(b"GET /%d HTTP/1.1\r\nHost: a\r\n\r\n" % number)
            seen = b""
            while not seen.endswith(b"\r\n0\r\n\r\n"):
                piece = client.recv(draw.choice([3000, 60000]))
                self.assertTrue(piece, f"answer {number}")
                seen += piece
            self.assertEqual(unchunked(seen.split(b"\r\n\r\n", 1)[1]), (body, b""))


if __name__ == "__main__":
    unittest.main()
