#!/usr/bin/env python3
"""Balancing by a hash beside Debian's haproxy: the same requests go to the same servers, for every algorithm and hash-type,
with unequal weights and when a server goes and comes back. Operators who swap the program keep their caches warm. Only a
request without the key, which goes round robin, may begin elsewhere.

TANDEM_TESTED names another program than lbd.
"""

import contextlib
import os
import sys
import tempfile
import unittest

sys.path.insert(0, os.path.dirname(os.path.dirname(os.path.abspath(__file__))))

from support import origin  # noqa: E402
from support.client import Client, command  # noqa: E402
from support.origin import Origin  # noqa: E402
from support.process import Proxy, listening_socket, need_program  # noqa: E402

TYPES = ["map-based", "consistent", "map-based djb2", "map-based wt6 avalanche", "map-based crc32", "consistent sdbm",
         "consistent crc32 avalanche", "consistent djb2"]
ALGORITHMS = ["source", "uri", "uri whole", "uri path-only", "uri len 5", "uri depth 2", "url_param id",
              "url_param id check_post", "hdr(X-Key)", "hdr(Host) use_domain_only", "hash req.hdr(x-key)", "hash src",
              "static-rr"]


def config(directory, port):
    text = f"""global
  nbthread 1
  stats socket {directory}/stats.sock mode 600 level admin
defaults
  mode http
  timeout connect 2s
  timeout client 5s
  timeout server 5s
frontend fe
  bind "fd@${{fe}}"
"""
    backends = [(algorithm, kind) for algorithm in ALGORITHMS for kind in (TYPES if algorithm != "static-rr" else TYPES[:1])]
    for number in range(len(backends)):
        text += f"  use_backend b{number} if {{ req.hdr(x-backend) b{number} }}\n"
    for number, (algorithm, kind) in enumerate(backends):
        text += f"""backend b{number}
  balance {algorithm}
  hash-type {kind}
  http-response set-header X-Server %s
  option http-buffer-request
  server s1 127.0.0.1:{port} weight 10
  server s2 127.0.0.1:{port} weight 20
  server s3 127.0.0.1:{port} weight 15
  server s4 127.0.0.1:{port} weight 10 id 12
"""
    return text, backends


REQUESTS = [(f"/some/path{n}/deeper/{n * n}?id=key{n % 17}&x={n}", f"value-{n * 7919}", f"www.site{n}.example.org:80")
            for n in range(40)] + [("http://a.example/abs?id=5", "one, two", "a.example"), ("/none", None, "localhost")]


class Subject:
    def __init__(self, binary, port, stack):
        listener = stack.enter_context(listening_socket())
        directory = stack.enter_context(tempfile.TemporaryDirectory(prefix="tandem-test-"))
        text, self.backends = config(directory, port)
        self.stats, self.address = f"{directory}/stats.sock", listener.getsockname()
        stack.enter_context(Proxy(binary, text, {"fe": listener}, directory=directory)).wait_serving(self.stats)

    def servers(self, number):
        """Which server each request goes to."""
        chosen = []
        keyless = self.backends[number][0] in ("url_param id", "url_param id check_post", "hdr(X-Key)", "hash req.hdr(x-key)")
        for n, source in enumerate(("127.0.0.1", "127.0.0.9", "127.3.2.1", "127.99.100.101")):
            with Client(self.address, source=(source, 0)) as client:
                for path, key, host in REQUESTS[n::4] if n else REQUESTS:
                    headers = [f"X-Backend: b{number}"] + ([f"X-Key: {key}"] if key is not None else [])
                    server = client.get(path, headers=headers, host=host).header("x-server")
                    chosen.append(bool(server) if keyless and key is None else server)
                if "check_post" in self.backends[number][0]:
                    for form in range(12):
                        chosen.append(client.get("/form", method="POST", headers=[f"X-Backend: b{number}"],
                                                 body=f"a=b&id=user{form}&c".encode()).header("x-server"))
        return chosen

    def run(self, line):
        command(self.stats, line)


class BalanceBesideHaproxy(unittest.TestCase):
    maxDiff = None

    def test_same_servers(self):
        with contextlib.ExitStack() as stack:
            server = stack.enter_context(Origin(origin.answer()))
            one, other = (Subject(need_program(name), server.port, stack)
                          for name in ("/usr/sbin/haproxy", os.environ.get("TANDEM_TESTED", "lbd")))
            told_apart = {}
            for number, (algorithm, kind) in enumerate(one.backends):
                with self.subTest(f"balance {algorithm}, hash-type {kind}"):
                    expected = one.servers(number)
                    told_apart[algorithm] = told_apart.get(algorithm, set()).union(expected)
                    self.assertEqual(other.servers(number), expected)
                    for state in ("maint", "ready") if algorithm != "static-rr" else ():
                        for subject in (one, other):
                            subject.run(f"set server b{number}/s2 state {state}")
                        self.assertEqual(other.servers(number), one.servers(number), f"s2 {state}")
            for algorithm, servers in told_apart.items():
                self.assertGreater(len(servers), 2, f"the requests tell {algorithm} nothing apart")


if __name__ == "__main__":
    unittest.main(verbosity=1)
