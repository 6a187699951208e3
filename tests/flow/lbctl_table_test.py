"""lbctl table: stick tables of two nodes, each a real lbd with its real syncd, side by side."""

import json
import os
import signal
import time
import unittest

from support.pair import make_pair
from support.process import need_program, run, wait_for

LBCTL = need_program("lbctl")
CONFIG = """frontend web
  bind "fd@${WEB}"
  http-request return status 200
backend app
  stick-table type string len 20 size 200k expire 30m peers pair store gpt0,gpc0,http_req_rate(10s)
backend own
  stick-table type ip size 10 expire 30m store gpt0
"""


class LbctlTableTest(unittest.TestCase):
    def setUp(self):
        self.a, self.b = make_pair(self, CONFIG)
        for node in (self.a, self.b):
            node.syncd_config = f"node {node.name}\nheartbeat 1s\n"  # this machine may be busy
            node.start()

    @staticmethod
    def lbctl(node, *words):
        return run([LBCTL, "-t", "5", "-s", node.path("stats"), "-l", node.path("link.sock"), "-r", node.path("vrrpd"),
                    "-y", node.path("syncd.sock"), "table", *words])

    def tables(self, node):
        """{name: what lbctl table says of it}, when both have told."""
        def told():
            everything = json.loads(self.lbctl(node, "--json")[1])
            return {one["table"]: one for one in everything["tables"]} if not any(each["error"] for each in everything["nodes"]) else None
        return wait_for(told, 20, "both nodes to tell")

    def wait_lbctl(self, node, words, code, text):
        said = [None]

        def as_wanted():
            said[0] = self.lbctl(node, *words)
            return said[0][0] == code and text in said[0][1] + said[0][2]
        try:
            wait_for(as_wanted, 20)
        except AssertionError:
            self.fail(f"{words}: not {code} {text!r} but {said[0]}")
        return said[0][1]

    def test_side_by_side(self):
        self.assertEqual(self.lbctl(self.a, "set", "app", "a b;c", "gpt0=7", "gpc0=2"), (0, "", ""))
        self.assertEqual(self.lbctl(self.a, "set", "own", "192.0.2.1", "gpt0=1"), (0, "", ""))
        wait_for(lambda: self.tables(self.b)["app"]["used"] == {"lb1": 1, "lb2": 1}, 20, "it to be on the other node")
        for node in (self.a, self.b):
            self.wait_lbctl(node, ("diff", "app"), 0, "1 entries compared with ")
            told = self.tables(node)
            self.assertEqual((told["app"]["keys"], told["app"]["peers"], told["own"]["keys"]), ("the same", "pair", "not shared"))
        self.assertEqual(told["own"]["used"], {"lb1": 1, "lb2": 0})
        out = self.wait_lbctl(self.a, (), 0, "lb2 is in sync; on the way there ")
        self.assertRegex(out, r"(?m)^app +string +204800 +pair +1 +1 +the same$")
        # One entry as each has it, and what each counted.
        out = self.wait_lbctl(self.b, ("show", "app", "a b;c"), 0, "lb1 ")
        self.assertRegex(out, r"(?m)^a b;c +expires in +gpt0 +gpc0 +http_req_rate\(10000\)$")
        for name in ("lb1", "lb2"):
            self.assertRegex(out, rf"(?m)^{name} +(29|30) min +7 +2 +0$")
        code, out, _ = self.lbctl(self.b, "show", "app")
        self.assertEqual(code, 0)
        self.assertRegex(out, r"(?m)^a b;c +(29|30) min +0 +7 +2 +0$")
        self.assertEqual(self.lbctl(self.a, "clear", "app", "a b;c"), (0, "", ""))
        self.wait_lbctl(self.b, ("show", "app", "a b;c"), 1, "lbctl: there is no such entry\n")
        self.assertEqual(self.lbctl(self.a, "clear", "app", "a b;c"), (1, "", "lbctl: there is no such entry\n"))
        self.assertEqual(self.lbctl(self.a, "clear", "app", "--all"), (0, "", ""))

    def test_what_differs(self):
        # What is set in a table that is not shared is on one node only: a difference that lasts.
        self.assertEqual(self.lbctl(self.a, "set", "own", "192.0.2.1", "gpt0=1")[0], 0)
        for node, gpt0 in ((self.a, 3), (self.b, 4)):
            self.assertEqual(self.lbctl(node, "set", "own", "192.0.2.2", f"gpt0={gpt0}")[0], 0)
        out = self.wait_lbctl(self.a, ("diff", "own"), 3, "2 entries compared with lb2, 2 differ\n")
        self.assertIn("192.0.2.1: only on lb1\n", out)
        self.assertIn("192.0.2.2: gpt0 is 3 on lb1 and 4 on lb2\n", out)
        code, out, _ = self.lbctl(self.b, "diff", "own", "--json")
        self.assertEqual((code, json.loads(out)["compared"], len(json.loads(out)["differences"])), (3, 1, 2))
        # A frozen node is no difference.
        os.kill(self.b.lbd.pid, signal.SIGSTOP)
        self.addCleanup(os.kill, self.b.lbd.pid, signal.SIGCONT)
        code, out, err = run([LBCTL, "-t", "0.5", "-l", self.a.path("link.sock"), "-r", self.a.path("vrrpd"), "-y", self.a.path("syncd.sock"),
                              "table", "diff", "own"])
        self.assertEqual((code, out), (1, ""))
        self.assertIn("lbctl: lb2: ", err)

    def test_many_entries(self):
        commands = [f"set table app key {number:05} data.gpt0 {number}" for number in range(6000)]
        for begin in range(0, len(commands), 200):
            self.a.cli(";".join(commands[begin:begin + 200]))
        wait_for(lambda: self.tables(self.b)["app"]["used"] == {"lb1": 6000, "lb2": 6000}, 60, "them to be on the other node")
        out = self.wait_lbctl(self.b, ("diff", "app"), 0, ", a sample of them by their keys, no difference\n")
        self.assertGreater(int(out.split()[0]), 1000)
        if os.environ.get("TANDEM_SHOW_TIMES"):
            for words in ((), ("diff", "app"), ("show", "app", "00007")):
                begun = time.monotonic()
                self.lbctl(self.b, *words)
                print(f"table {' '.join(words)}: {time.monotonic() - begun:.3f} s")

    def test_mistakes(self):
        self.assertEqual(self.lbctl(self.a, "show", "nowhere"), (1, "", "lbctl: No such table\n"))
        self.wait_lbctl(self.a, ("diff", "nowhere"), 1, "lbctl: lb1: there is no such table\n")
        self.assertEqual(self.lbctl(self.a, "set", "app", "x", "nonsense=1"), (1, "", "lbctl: Unknown data type\n"))
        self.assertEqual(self.lbctl(self.a, "show", "own", "x"), (1, "", "lbctl: this is no key of a table of type ip\n"))
        self.assertEqual(self.lbctl(self.a, "show", "app", "data.gpc0", "gt", "5")[0], 0)
        for wrong in (("show",), ("clear", "app"), ("set", "app", "x"), ("set", "app", "x", "gpt0"), ("dance",), ("--all",), ("diff",),
                      ("clear", "app", "a", "b"), ("show", "app", "a", "b")):
            self.assertEqual(self.lbctl(self.a, *wrong)[0], 2, wrong)
        self.assertEqual(self.lbctl(self.a, "set", "app", "a\nb", "gpt0=1")[0], 1)


if __name__ == "__main__":
    unittest.main()
