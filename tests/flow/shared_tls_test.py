"""Two nodes, each a real lbd with its real syncd: what a TLS client got from one node it resumes on the other."""

import os
import subprocess
import tempfile
import unittest

from support import tls
from support.pair import make_pair
from support.process import wait_for

CONFIG = """frontend web
  bind "fd@${WEB}" ssl crt %s %s
  http-request return status 200
"""


class SharedTlsTest(unittest.TestCase):
    def setUp(self):
        directory = tempfile.TemporaryDirectory(prefix="tandem-tls-")
        self.addCleanup(directory.cleanup)
        self.directory = directory.name
        self.certificate = tls.Authority(self.directory).issue("server.pem", "/CN=server", ["server.example"])

    def make(self, words=""):
        self.a, self.b = make_pair(self, CONFIG % (self.certificate, words))

    def connect(self, node, version, name, resume):
        """Whether openssl says that the session was reused; the session is kept under the name."""
        path = os.path.join(self.directory, name)
        argv = ["openssl", "s_client", f"-{version}", "-connect", "%s:%d" % node.service.getsockname(),
                "-sess_in" if resume else "-sess_out", path, "-ign_eof"]
        done = subprocess.run(argv, input=b"GET / HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n", timeout=20,
                              stdout=subprocess.PIPE, stderr=subprocess.STDOUT, check=False)
        text = done.stdout.decode(errors="replace")
        self.assertIn("HTTP/1.1 200", text)
        return "Reused, " in text

    def resumed_on(self, node, version, count, prefix):
        return sum(self.connect(node, version, f"{prefix}{i}", True) for i in range(count))

    def get_on(self, node, version, count, prefix):
        for i in range(count):
            self.assertFalse(self.connect(node, version, f"{prefix}{i}", False))

    def test_tickets_of_one_node_are_good_on_the_other(self):
        self.make()
        self.a.start()
        self.b.start()  # while it starts it learns the keys
        for version in ("tls1_2", "tls1_3"):
            with self.subTest(version):
                self.get_on(self.a, version, 5, f"a-{version}-")
                self.assertEqual(self.resumed_on(self.b, version, 5, f"a-{version}-"), 5)
                self.get_on(self.b, version, 5, f"b-{version}-")
                self.a.kill()
                self.assertEqual(self.resumed_on(self.b, version, 5, f"a-{version}-"), 5)
                self.a.start()
                self.assertEqual(self.resumed_on(self.a, version, 5, f"b-{version}-"), 5)

    def test_sessions_without_tickets_too(self):
        self.make("no-tls-tickets")
        self.a.start()
        self.b.start()
        for version in ("tls1_2", "tls1_3"):
            with self.subTest(version):
                self.get_on(self.a, version, 5, version)
                # The last one is told within the next tick.
                wait_for(lambda v=version: self.connect(self.b, v, f"{v}4", True), what="the last session")
                self.assertEqual(self.resumed_on(self.b, version, 4, version), 4)

    def test_two_strangers_agree_and_lose_nothing(self):
        """Both served before they knew each other."""
        self.make()
        self.a.start_lbd()
        self.b.start_lbd()
        self.get_on(self.a, "tls1_2", 1, "a")
        self.get_on(self.b, "tls1_2", 1, "b")
        self.a.start_syncd()
        self.b.start_syncd()
        count = 0

        def agreed():
            nonlocal count
            count += 1
            self.get_on(self.a, "tls1_2", 1, f"new{count}-")
            return self.connect(self.b, "tls1_2", f"new{count}-0", True)
        wait_for(agreed, what="both to have the same keys")
        self.assertTrue(self.connect(self.a, "tls1_2", "a0", True))
        self.assertTrue(self.connect(self.b, "tls1_2", "b0", True))


if __name__ == "__main__":
    unittest.main()
