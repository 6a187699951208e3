#!/usr/bin/env python3
"""What the statistics page answers to a POST beside Debian's haproxy: the same answers and the same states of the servers;
and what lbd adds: a request from a page of another site changes nothing.

TANDEM_TESTED names another program than lbd.
"""

import contextlib
import os
import sys
import tempfile
import unittest

sys.path.insert(0, os.path.dirname(os.path.dirname(os.path.abspath(__file__))))

from support import origin  # noqa: E402
from support.client import Client, command, get  # noqa: E402
from support.origin import Origin  # noqa: E402
from support.process import Proxy, listening_socket, need_program, wait_for  # noqa: E402

CONFIG = """
global
  stats socket {d}/admin level admin
defaults
  mode http
  timeout client 10s
  timeout server 10s
  timeout connect 5s
frontend web
  bind "fd@${{web}}"
  stats uri /stats
  stats refresh 5s
  stats admin if {{ hdr(x-admin) yes }}
  default_backend be
backend be
  id 77
  server s1 127.0.0.1:{port}
  server s2 127.0.0.1:{port} check inter 200ms
"""

# Where, what, the servers' states behind it.
FORMS = [
    ("/stats", "s=s1&action=drain&b=be"), ("/stats", "s=s1&action=ready&b=be"), ("/stats", "s=s1&s=s2&action=maint&b=be"),
    ("/stats", "s=s1&s=s2&action=ready&b=be"), ("/stats", "s=s1&action=stop&b=be"), ("/stats", "s=s1&action=start&b=be"),
    ("/stats", "b=be&s=s1&action=nonsense"), ("/stats", "b=nix&s=s1&action=drain"), ("/stats", "b=be&s=nix&action=drain"),
    ("/stats", "b=be&s=nix&s=s1&action=maint"), ("/stats", "s=s1&action=ready&b=%62e"), ("/stats", "b=be&action=drain"),
    ("/stats", ""), ("/stats", "s=s1&action=drain"), ("/stats;up", "s=s1&action=ready&b=be"),
    ("/stats;norefresh", "s=s1&action=ready&b=be"), ("/stats;up;norefresh", "s=s1&action=ready&b=be"),
    ("/stats;st=DONE", "s=s1&action=ready&b=be"), ("/stats", "s=s1&action=dhlth&b=be"), ("/stats", "s=s2&action=dhlth&b=be"),
    ("/stats", "s=s2&action=hnolb&b=be"), ("/stats", "s=s2&action=hdown&b=be"), ("/stats", "s=s2&action=hrunn&b=be"),
    ("/stats", "s=s2&action=ehlth&b=be"), ("/stats", "s=s2&action=dagent&b=be"), ("/stats", "s=s2&action=shutdown&b=be"),
    ("/stats", "s=s1&action=drain&b=%2377"), ("/stats", "s=s1&action=drain&b=#77"), ("/stats", "s=s1&action=ready&b=be&"),
    ("/stats", "x" * 20000),
]


class Tested:
    def __init__(self, binary, stack):
        self.directory = stack.enter_context(tempfile.TemporaryDirectory(prefix="tandem-test-"))
        server = stack.enter_context(Origin(origin.answer()))
        listener = stack.enter_context(listening_socket())
        self.at = listener.getsockname()
        config = CONFIG.format(d=self.directory, port=server.port)
        stack.enter_context(Proxy(binary, config, {"web": listener}, directory=self.directory)).wait_serving(
            f"{self.directory}/admin")
        wait_for(lambda: "L4OK" in command(f"{self.directory}/admin", "show stat"), what="the first check")

    def states(self):
        lines = command(f"{self.directory}/admin", "show stat").strip().split("\n")
        names = lines[0].lstrip("# ").split(",")
        rows = [dict(zip(names, line.split(","))) for line in lines[1:]]
        # How many checks are missing depends on the moment; haproxy says "no check" while checks are disabled, too.
        words = {row["svname"]: row["status"].split()[0] for row in rows if row["pxname"] == "be"}
        return {name: "UP" if word == "no" else word for name, word in words.items()}

    def post(self, path, body, admin="yes", headers=()):
        with Client(self.at) as client:
            client.request(path, "POST", body=body.encode(), headers=[f"X-Admin: {admin}", *headers])
            return client.response("POST")


class Posts(unittest.TestCase):
    def setUp(self):
        stack = contextlib.ExitStack()
        self.addCleanup(stack.close)
        self.stack = stack
        self.tested = Tested(os.environ.get("TANDEM_TESTED") or os.path.join(os.environ["TANDEM_BUILD"], "lbd"), stack)

    def test_answers_are_haproxys(self):
        need_program("haproxy")
        reference = Tested("haproxy", self.stack)
        for path, body in FORMS:
            expected, got = reference.post(path, body), self.tested.post(path, body)
            with self.subTest(path, body=body[:40]):
                self.assertEqual((got.status, got.reason, sorted(got.headers)),
                                 (expected.status, expected.reason, sorted(expected.headers)))
                self.assertEqual(self.tested.states(), reference.states())
        for one in (reference, self.tested):
            answer = one.post("/stats", "s=s1&action=maint&b=be", admin="no")
            self.assertEqual((answer.status, answer.header("location")), (303, "/stats;st=DENY"))
            self.assertNotIn("MAINT", one.states()["s1"])

    def test_another_site_changes_nothing(self):
        for header in ("Sec-Fetch-Site: cross-site", "Sec-Fetch-Site: same-site", "Origin: https://evil.example",
                       "Origin: null"):
            with self.subTest(header):
                answer = self.tested.post("/stats", "s=s1&action=maint&b=be", headers=[header])
                self.assertEqual(answer.header("location"), "/stats;st=DENY")
                self.assertEqual(self.tested.states()["s1"], "UP")
        answer = self.tested.post("/stats", "s=s1&action=maint&b=be", headers=["Sec-Fetch-Site: same-origin"])
        self.assertEqual(answer.header("location"), "/stats;st=DONE")
        self.assertEqual(self.tested.states()["s1"], "MAINT")

    def test_the_form_is_for_administrators(self):
        shown = get(self.tested.at, "/stats;st=DONE", headers=["X-Admin: yes"]).body
        self.assertIn(b'<input type=checkbox name=s value="s1">', shown)
        self.assertIn(b'<input type=hidden name=b value="#77">', shown)
        self.assertIn(b"Action processed successfully.", shown)
        self.assertNotIn(b"<form method=post>", get(self.tested.at, "/stats").body)


if __name__ == "__main__":
    unittest.main()
