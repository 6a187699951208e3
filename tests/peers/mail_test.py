#!/usr/bin/env python3
"""email-alert and mailers beside Debian's haproxy: the same conversation with the mail server, byte for byte but for the
date, for the same changes of servers; and a mail server that does not answer delays nothing.

TANDEM_TESTED names another program than lbd.
"""

import contextlib
import os
import re
import subprocess
import sys
import tempfile
import unittest

sys.path.insert(0, os.path.dirname(os.path.dirname(os.path.abspath(__file__))))

from support import origin  # noqa: E402
from support.client import command, get  # noqa: E402
from support.origin import Origin  # noqa: E402
from support.process import Proxy, listening_socket, need_program, wait_for  # noqa: E402

CONFIG = """
global
  nbthread 1
  stats socket {d}/admin level admin
mailers post
  timeout mail {timeout}
  mailer first 127.0.0.1:{mail}
defaults
  mode http
  timeout client 20s
  timeout server 20s
  timeout connect 5s
  email-alert mailers post
  email-alert from from@test
  email-alert to to@test
frontend web
  bind "fd@${{web}}"
  default_backend noted
backend noted
  email-alert level notice
  email-alert myhostname my.host
  server s1 127.0.0.1:{port} check inter 100ms port {checks}
  server s2 127.0.0.1:{port} track s1
  server s3 127.0.0.1:{port}
backend info
  email-alert level info
  email-alert myhostname my.host
  option log-health-checks
  server s1 127.0.0.1:{port} check inter 100ms port {checks}
  server s2 127.0.0.1:{port}
backend alert
  email-alert myhostname my.host
  server s1 127.0.0.1:{port} check inter 100ms port {checks}
  server s2 127.0.0.1:{port}
"""


class Post:
    """A mail server: `mails` are the conversations that came to an end, what the client said in them."""

    def __init__(self, replies=(b"250-hello\r\n250 well\r\n",), greeting=b"220 here\r\n"):
        self.mails, self.replies, self.greeting = [], replies, greeting

    def __call__(self, peer):
        peer.send(self.greeting)
        said = b""
        while line := peer.until(b"\r\n"):
            said += line
            if line == b"DATA\r\n":
                peer.send(b"354 go on\r\n")
                said += peer.until(b"\r\n.\r\n")
                peer.send(b"250 taken\r\n")
            elif line == b"QUIT\r\n":
                self.mails.append(re.sub(rb"\r\nDate: [^\r]+", b"\r\nDate: now", said).decode())
                peer.send(b"221 bye\r\n")
                return
            else:
                peer.send(self.replies[0])


def told(mail):
    """The proxy of which a mail is."""
    return re.search(r"Server|Health", mail) and re.search(r"[Ss]erver (\w+)/", mail)[1]


class Mail(unittest.TestCase):
    maxDiff = None

    def setUp(self):
        self.stack = contextlib.ExitStack()
        self.addCleanup(self.stack.close)

    def start(self, binary, post, timeout="5s"):
        directory = self.stack.enter_context(tempfile.TemporaryDirectory(prefix="tandem-test-"))
        server = self.stack.enter_context(Origin(post))
        main = self.stack.enter_context(Origin(origin.answer()))
        checks = Origin(origin.answer())
        self.addCleanup(checks.close)
        web = self.stack.enter_context(listening_socket())
        config = CONFIG.format(d=directory, mail=server.port, port=main.port, checks=checks.port, timeout=timeout)
        process = self.stack.enter_context(Proxy(need_program(binary), config, {"web": web}, directory=directory))
        process.wait_serving(f"{directory}/admin")
        return process, f"{directory}/admin", checks, web.getsockname()

    def run_through(self, binary):
        post = Post()
        _, admin, checks, _ = self.start(binary, post)

        def status(backend):
            return next(line.split(",")[17] for line in command(admin, "show stat").split("\n")
                        if line.startswith(f"{backend},s1,"))

        def came(backend, count):
            wait_for(lambda: len([one for one in post.mails if told(one) == backend]) >= count, timeout=20,
                     what=f"{count} mails of {backend} at {binary}: {post.mails}")
        wait_for(lambda: all(status(one) == "UP" for one in ("noted", "info", "alert")), what="checks")
        came("info", 1)  # that a check has passed
        for line in ("set server noted/s3 state drain", "set server noted/s3 state ready", "set server noted/s3 state maint",
                     "set server noted/s3 state ready", "set server alert/s2 state drain", "set server alert/s2 state ready"):
            command(admin, line)
        came("noted", 1)
        checks.close()
        came("noted", 3)
        came("alert", 1)
        wait_for(lambda: any("is DOWN" in one for one in post.mails if told(one) == "info"), what="the mail of the end")
        return post.mails

    def test_mails_are_haproxys(self):
        got = {}
        for binary in ("haproxy", os.environ.get("TANDEM_TESTED", "lbd")):
            mails = self.run_through(binary)
            for backend in ("noted", "alert", "info"):
                # How long a check took, and how many of them failed before the last, is of the moment.
                own = [re.sub(r"check duration: \d+ms", "check duration: N", one) for one in mails if told(one) == backend]
                got.setdefault(backend, []).append([one for one in own if "failed" not in one])
        for backend, (expected, ours) in got.items():
            with self.subTest(backend):
                self.assertEqual(ours, expected)

    def test_bad_mail_servers_cost_nothing(self):
        """One that says nothing, one that refuses: the mail is dropped, the next is tried, and traffic goes on."""
        for behaviour, why, timeout in ((origin.silent, "took too long", "200ms"),
                                        (Post(greeting=b"554 no\r\n"), "it says: 554 no", "60s"),
                                        (lambda peer: None, "closed", "60s"),
                                        (Post(replies=(b"550 not you\r\n",)), "550 not you", "60s")):
            with self.subTest(why):
                process, admin, _, web = self.start(os.environ.get("TANDEM_TESTED", "lbd"), behaviour, timeout)
                for turn in range(2):
                    command(admin, "set server noted/s3 state drain")
                    self.assertEqual(get(web, "/").status, 200)
                    command(admin, "set server noted/s3 state ready")
                    wait_for(lambda: process.errors().count("mailer post/first: a mail was not delivered") > turn,
                             timeout=30, what=f"the complaint that {why}")
                self.assertIn(why, process.errors())

    def test_nobody_waits_for_a_silent_one(self):
        """Traffic, checks and commands go on while a mail server says nothing for longer than this test lasts."""
        process, admin, _, web = self.start(os.environ.get("TANDEM_TESTED", "lbd"), origin.silent, "600s")
        for _ in range(20):
            command(admin, "set server noted/s3 state drain")
            self.assertEqual(get(web, "/").status, 200)
            command(admin, "set server noted/s3 state ready")
        self.assertNotIn("not delivered", process.errors())

    def test_verdicts(self):
        """What is wrong is told at load."""
        lbd = need_program("lbd")
        for text, expected in (
                ("mailers m\n  mailer a\n", "'mailer' expects a name and an address"),
                ("mailers m\n  mailer a 127.0.0.1\n", "cannot use the address"),
                ("mailers m\n  timeout mail 0\n", "'timeout mail' needs a time above 0"),
                ("backend b\n  email-alert foo x\n", "'email-alert' knows no 'foo'"),
                ("backend b\n  email-alert level loud\n", "unknown log level 'loud'"),
                ("backend b\n  email-alert to x\n", "it needs 'email-alert from'"),
                ("backend b\n  email-alert to x\n  email-alert from x\n  email-alert mailers m\n",
                 "unable to find the mailers section 'm'")):
            with self.subTest(text), tempfile.NamedTemporaryFile("w", suffix=".cfg") as file:
                file.write(text)
                file.flush()
                done = subprocess.run([lbd, "-c", "-f", file.name], capture_output=True, text=True, timeout=30)
                self.assertIn(expected, done.stderr + done.stdout)


if __name__ == "__main__":
    unittest.main()
