"""lbctl cert, and certificates in the verdict of lbctl status: two nodes, each a real lbd with its real syncd."""

import json
import os
import shutil
import tempfile
import time
import unittest

from support import tls
from support.pair import make_pair
from support.process import need_program, run, wait_for

LBCTL = need_program("lbctl")
CONFIG = """frontend web
  bind "fd@${WEB}" ssl crt "${NODE}/site.pem" crt-list "${NODE}/list"
  http-request return status 200
"""


class LbctlCertTest(unittest.TestCase):
    def setUp(self):
        directory = tempfile.TemporaryDirectory(prefix="tandem-cert-")
        self.addCleanup(directory.cleanup)
        self.authority = tls.Authority(directory.name)
        self.a, self.b = make_pair(self, CONFIG)
        self.nodes = (self.a, self.b)
        self.made = 0

    def issue(self, nodes, name, days):
        self.made += 1
        path = self.authority.issue(f"{self.made}.pem", f"/O=Acme/CN={name}.example", [f"{name}.example", f"www.{name}.example"], days)
        for node in nodes:
            shutil.copy(path, node.path(f"{name}.pem"))

    def start(self):
        for node in self.nodes:
            node.syncd_config = f"node {node.name}\nheartbeat 1s\n"  # this machine may be busy
            node.write("list", f"{node.path('shop.pem')}\n")
            node.start()
        for node, other in ((self.a, "lb2"), (self.b, "lb1")):
            wait_for(lambda n=node, o=other: f"node {o} at" in (text := self.lbctl(n, "status")[1]) and f"node {o} is" not in text, 20,
                     f"link\n{node.log()}")
            wait_for(lambda n=node, o=other: "not linked" not in self.lbctl(n, "status")[1].split(f"node {o} says")[-1].split("vrrpd")[0], 20,
                     "what the other node's lbd says")

    @staticmethod
    def lbctl(node, *words, patience="5"):
        return run([LBCTL, "-t", patience, "-l", node.path("link.sock"), "-r", node.path("vrrpd"), "-y", node.path("syncd.sock"), *words])

    def by_name(self, node, *words):
        """{(name of the file, nodes): certificate} of lbctl cert --json, and its exit code."""
        code, told = self.told_by_both(node, *words)
        return code, {(os.path.basename(one["path"]), *one["nodes"]): one for one in told["certificates"]}

    def told_by_both(self, node, *words):
        """What lbctl cert --json says, and its exit code, when both nodes have answered: this machine may be busy."""
        def told():
            code, out, err = self.lbctl(node, "cert", "--json", *words)
            self.assertEqual(err, "")
            everything = json.loads(out)
            return (code, everything) if all("error" not in each for each in everything["nodes"]) else None
        return wait_for(told, 20, "both nodes to tell")

    def status(self, node, *words):
        """Of lbctl status --json, when both nodes have answered."""
        def told():
            everything = json.loads(self.lbctl(node, "status", "--json", *words)[1])
            return everything if all("hello" in other.get("lbd", {}) for other in everything["others"]) else None
        return wait_for(told, 20, "both nodes to tell")

    def test_one_that_was_renewed_on_one_node_only(self):
        # The files of the nodes have paths of their own here; that both have the same path is told with one that is set.
        self.issue((self.a, self.b), "shop", 40)
        self.issue((self.a,), "site", 300)
        self.issue((self.b,), "site", 9)
        self.start()
        code, all_of_them = self.by_name(self.a)
        self.assertEqual(code, 3)
        self.assertEqual(set(all_of_them), {("shop.pem", "lb1"), ("shop.pem", "lb2"), ("site.pem", "lb1"), ("site.pem", "lb2")})
        near = all_of_them["site.pem", "lb2"]
        self.assertEqual((near["state"], near["subject"], near["issuer"], near["names"]),
                         ("near end", "site.example", "ca", ["site.example", "www.site.example"]))
        self.assertIn(near["days_left"], (8, 9))
        self.assertEqual([(use["proxy"], use["default"], use["crt_list"]) for use in near["uses"]], [("web", True, "")])
        self.assertEqual([use["crt_list"] for use in all_of_them["shop.pem", "lb1"]["uses"]], [self.a.path("list") + ":1"])
        self.assertEqual(all_of_them["shop.pem", "lb1"]["state"], "good")
        code, soon = self.by_name(self.b, "--days", "10")
        self.assertEqual((code, set(soon)), (3, {("site.pem", "lb2")}))
        code, soon = self.by_name(self.b, "--days", "2")
        self.assertEqual((code, soon), (0, {}))
        # Near its end it is no fault of the pair yet; the nodes say the same of each other.
        warning = f"certificate {self.b.path('site.pem')} ends in "
        for node, told in ((self.a, "lb2: " + warning), (self.b, warning)):
            wait_for(lambda n=node, t=told: t in self.lbctl(n, "status")[1].splitlines()[0], 20, told)
            everything = self.status(node)
            self.assertEqual([text[:len(told)] for text in everything["warnings"]], [told])
            self.assertNotIn("certificate", " ".join(everything["reasons"]))
            self.assertEqual(self.status(node, "--days", "2")["warnings"], [])
            self.assertEqual(len(self.status(node, "--days", "41")["warnings"]), 3)

    def test_one_that_has_ended(self):
        self.issue((self.a, self.b), "shop", 40)
        self.issue((self.a,), "site", 40)
        self.issue((self.b,), "site", -1)
        self.start()
        for node, told in ((self.b, "certificate "), (self.a, "lb2: certificate ")):
            code, all_of_them = self.by_name(node)
            self.assertEqual((code, all_of_them["site.pem", "lb2"]["state"]), (4, "ended"))
            reasons = self.status(node)["reasons"]
            self.assertTrue(any(text.startswith(f"{told}{self.b.path('site.pem')} ended 24 h ago") for text in reasons), reasons)
        # Another one is put in its place, and all is well again.
        with open(self.a.path("site.pem"), encoding="ascii") as file:
            payload = "".join(line + "\n" for line in file.read().split("\n") if line)
        path = self.b.path("site.pem")
        self.assertIn("ransaction created", self.b.cli(f"set ssl cert {path} <<\n{payload}"))
        self.assertIn("Success!", self.b.cli(f"commit ssl cert {path}"))
        code, all_of_them = self.by_name(self.a)
        self.assertEqual((code, all_of_them["site.pem", "lb2"]["state"]), (0, "good"))
        self.assertIn("replaced", all_of_them["site.pem", "lb2"])
        self.assertEqual(all_of_them["site.pem", "lb2"]["sha256"], all_of_them["site.pem", "lb1"]["sha256"])

    def test_text_details_and_mistakes(self):
        self.issue((self.a, self.b), "shop", 40)
        self.issue((self.a, self.b), "site", 40)
        self.start()
        self.told_by_both(self.a)
        code, out, err = self.lbctl(self.a, "cert")
        self.assertEqual((code, err), (0, ""), out)
        self.assertRegex(out, r"(?m)^certificate +state +not after +subject +names +issuer +shown by +on$")
        self.assertRegex(out, rf"(?m)^{self.a.path('site.pem')} +ends in (39|40) days .* site.example +site.example, www.site.example +ca +web fd@\d+ +lb1$")
        out = wait_for(lambda: "lb2 tells nothing" not in (text := self.lbctl(self.a, "cert", "shop.pem")[1]) and text, 20, "both nodes to tell")
        for line in ("subject     /O=Acme/CN=shop.example", "issuer      /CN=ca", "names       shop.example, www.shop.example", "key         EC256"):
            self.assertEqual(out.count(f"  {line}\n"), 2, out)
        self.assertEqual(self.lbctl(self.a, "cert", "none.pem"), (1, "", "lbctl: there is no certificate 'none.pem'\n"))
        for wrong in (("--days",), ("--days", "x"), ("--days", "40000"), ("--nonsense",), ("a", "b"), ("a", "--days", "3"), ("",)):
            self.assertEqual(self.lbctl(self.a, "cert", *wrong)[0], 2, wrong)
        for wrong in (("--days",), ("--days", "40000"), ("--days", "3", "4")):
            self.assertEqual(self.lbctl(self.a, "status", *wrong)[0], 3, wrong)
        # A node whose lbd is gone says nothing.
        self.b.kill_lbd()
        wait_for(lambda: "lb2 tells nothing of its certificates: lbd: " in self.lbctl(self.a, "cert")[1], what="it to be missed")
        self.assertEqual(self.lbctl(self.a, "cert")[0], 0)
        code, out, _ = self.lbctl(self.b, "cert")
        self.assertEqual(code, 1)
        self.assertIn("lb2 tells nothing of its certificates: lbd: ", out)

    def test_a_thousand_are_told_in_time(self):
        for name in ("shop", "site"):
            self.issue((self.a, self.b), name, 40)
        self.issue((), "many", 9)
        with open(os.path.join(self.authority.folder, f"{self.made}.pem"), "rb") as file:
            many = file.read()
        for node in self.nodes:
            os.mkdir(node.path("certs"))
            for number in range(1000):
                with open(node.path(f"certs/{number:04}.pem"), "wb") as file:
                    file.write(many)
            node.config = node.config.replace("crt-list", 'crt "${NODE}/certs" crt-list')
        self.start()
        for words in (("status",), ("cert",), ("cert", "--days", "14"), ("cert", "0007.pem")):
            begun = time.monotonic()
            code, out, _ = self.lbctl(self.a, *words, patience="0.25")
            took = time.monotonic() - begun
            if os.environ.get("TANDEM_SHOW_TIMES"):
                print(f"{' '.join(words)}: {took:.3f} s, {len(out)} bytes, exit code {code}")
            # It waits a quarter of a second at most; the rest is the start of a program on a machine that has others to run.
            self.assertLess(took, 5)
        warnings = self.status(self.a)["warnings"]
        self.assertIn("996 more certificates end soon", warnings)
        self.assertEqual(sum(text.startswith("lb2: certificate ") for text in warnings), 4)
        code, told = self.told_by_both(self.a)
        nodes = {node["node"]: node for node in told["nodes"]}
        self.assertEqual((code, nodes["lb1"]["count"], nodes["lb2"]["matching"]), (3, 1002, 1002))
        self.assertGreater(nodes["lb2"]["told"], 500)


if __name__ == "__main__":
    unittest.main()
