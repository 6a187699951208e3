"""Two nodes, each a real lbd with its real syncd: a certificate that is set at run time on one is shown by both, and by an
lbd that starts anew; an edited file wins."""

import os
import ssl
import subprocess
import tempfile
import time
import unittest

from support import tls
from support.pair import make_pair
from support.process import wait_for

CONFIG = """frontend web
  bind "fd@${WEB}" ssl crt %s
  http-request return status 200
"""


class SharedCertificatesTest(unittest.TestCase):
    def setUp(self):
        directory = tempfile.TemporaryDirectory(prefix="tandem-tls-")
        self.addCleanup(directory.cleanup)
        self.directory = directory.name
        authority = tls.Authority(self.directory)
        for name in ("one", "two", "three"):
            authority.issue(f"{name}.pem", f"/CN={name}", [f"{name}.example"])
        self.path = self.file("one.pem")
        self.age(60)
        self.a, self.b = make_pair(self, CONFIG % self.path)

    def file(self, name):
        return os.path.join(self.directory, name)

    def read(self, name):
        with open(self.file(name), encoding="ascii") as file:
            return file.read()

    def age(self, seconds):
        os.utime(self.path, (time.time() - seconds, time.time() - seconds))

    def set(self, node, name):
        payload = "".join(line + "\n" for line in self.read(name).split("\n") if line)
        self.assertIn("ransaction created", node.cli(f"set ssl cert {self.path} <<\n{payload}"))
        self.assertIn("Success!", node.cli(f"commit ssl cert {self.path}"))

    def shown(self, node):
        """The common name that a client is shown."""
        pem = ssl.get_server_certificate(node.service.getsockname(), timeout=5)
        out = subprocess.run(["openssl", "x509", "-noout", "-subject"], input=pem.encode(), stdout=subprocess.PIPE, check=True)
        return out.stdout.decode().split("= ")[-1].strip()

    def wait_shown(self, node, name):
        wait_for(lambda: self.shown(node) == name, what=f"{name} at {node.name}\n{self.a.log()}\n{self.b.log()}")

    def restart(self, node):
        node.kill_lbd()
        node.start_lbd()

    def test_what_is_committed_is_shown_on_both_nodes(self):
        self.a.start()
        self.b.start()
        self.assertEqual((self.shown(self.a), self.shown(self.b)), ("one", "one"))
        self.set(self.a, "two.pem")
        self.wait_shown(self.b, "two")
        self.assertIn(f"certificate '{self.path}' is the one set at run time on node lb1", self.b.log())
        for node in (self.a, self.b):
            self.restart(node)
            self.assertEqual(self.shown(node), "two", node.log())
        self.set(self.b, "three.pem")
        self.wait_shown(self.a, "three")
        self.wait_shown(self.b, "three")

    def test_the_later_one_wins_after_a_time_without_each_other(self):
        self.a.start()
        self.b.start_lbd()
        self.set(self.b, "two.pem")
        self.set(self.a, "three.pem")
        self.b.start_syncd()
        self.wait_shown(self.b, "three")
        self.assertEqual(self.shown(self.a), "three")

    def test_an_edited_file_wins(self):
        self.a.start()
        self.b.start()
        self.set(self.a, "two.pem")
        self.wait_shown(self.b, "two")
        with open(self.path, "w", encoding="ascii") as file:
            file.write(self.read("three.pem"))
        self.age(-1)
        self.restart(self.b)
        self.wait_shown(self.b, "three")
        self.assertEqual(self.shown(self.a), "two")


if __name__ == "__main__":
    unittest.main()
