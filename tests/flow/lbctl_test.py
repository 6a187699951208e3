"""lbctl against a real syncd, absent daemons, and the runtime API of Debian's haproxy, which lbd's is a copy of."""

import os
import tempfile
import unittest

from support.process import Program, find_program, need_program, run, wait_for

LBCTL = need_program("lbctl")


class LbctlTest(unittest.TestCase):
    def setUp(self):
        directory = tempfile.TemporaryDirectory(prefix="tandem-lbctl-")
        self.addCleanup(directory.cleanup)
        self.directory = directory.name

    def path(self, name):
        return os.path.join(self.directory, name)

    def lbctl(self, *words):
        return run([LBCTL, "-l", self.path("lbd"), "-r", self.path("vrrpd"), "-y", self.path("syncd"),
                    "-s", self.path("stats"), *words])

    def start(self, program, config, awaited):
        with open(self.path("conf"), "w", encoding="ascii") as file:
            file.write(config)
        started = Program([need_program(program), "-f", self.path("conf")], self.directory)
        self.addCleanup(started.close)
        wait_for(lambda: os.path.exists(self.path(awaited)), what=f"{program}\n{started.errors()}")

    def test_nothing_runs(self):
        code, out, _ = self.lbctl("status")
        self.assertEqual(code, 1)
        self.assertEqual([line.split(" (")[0] for line in out.splitlines()],
                         ["lbd    not running", "vrrpd  not running", "syncd  not running"])

    def test_status_of_syncd(self):
        self.start("syncd", f"node lb1\npeer lb2 127.0.0.1:1\nsocket {self.path('syncd')}\n", "syncd")
        code, out, _ = self.lbctl("status")
        self.assertEqual(code, 0)
        self.assertIn("lbd    not running", out)
        self.assertIn("syncd  node lb1, pid ", out)
        self.assertIn("node lb2 at 127.0.0.1:1: down", out)

    def test_show_and_cli_reach_the_runtime_api(self):
        if not find_program("haproxy"):
            self.skipTest("no haproxy here")
        self.start("haproxy", f"global\n stats socket {self.path('stats')} level admin\n"
                   "defaults\n timeout client 1s\n timeout server 1s\n timeout connect 1s\n"
                   f"listen l\n bind unix@{self.path('listen')}\n server s 127.0.0.1:1\n", "stats")
        code, out, _ = self.lbctl("show", "servers", "state", "l")
        self.assertEqual(code, 0)
        self.assertIn(" s 127.0.0.1 ", out)
        self.assertEqual(self.lbctl("cli", "set", "server", "l/s", "weight", "7")[:2], (0, "\n"))
        self.assertEqual(self.lbctl("cli", "get", "weight", "l/s")[:2], (0, "7 (initial 1)\n\n"))

    def test_mistakes(self):
        code, _, err = self.lbctl("show", "info")
        self.assertEqual(code, 1)
        self.assertIn("No such file", err)
        self.assertEqual(self.lbctl("dance")[0], 2)
        self.assertEqual(self.lbctl()[0], 2)


if __name__ == "__main__":
    unittest.main()
