"""What each node counted, and the sum of both, on either of them."""

import csv
import unittest

from support.pair import free_ports, make_pair
from support.process import wait_for

CONFIG = """frontend web
  bind "fd@${WEB}"
  default_backend app
backend app
  server s1 127.0.0.1:ORIGIN
listen origin
  bind 127.0.0.1:ORIGIN
  http-request return status 200
"""


class SharedCountersTest(unittest.TestCase):
    def setUp(self):
        self.a, self.b = make_pair(self, CONFIG)

    @staticmethod
    def lines(node):
        """{(proxy, object): {node: {column: text}}}"""
        text = node.cli("show stat nodes").removeprefix("# ")
        out = {}
        for line in csv.DictReader(text.splitlines()):
            if line["node"]:
                out.setdefault((line["pxname"], line["svname"]), {})[line["node"]] = line
        return out

    def wait(self, node, **wanted):
        """The requests of server s1, by node."""
        def seen():
            return {name: int(line["req_tot"] or 0) for name, line in self.lines(node)["app", "s1"].items()}
        wait_for(lambda: seen() == wanted, what=f"{wanted} at {node.name}, not {seen()}")

    def test_nodes_of_one_host_name(self):
        """What syncd.conf calls them goes before what lbd goes by."""
        ports = free_ports(self, 2)
        for number, node in enumerate((self.a, self.b)):
            node.first = "localpeer same"
            node.config = node.config.replace(node.config[:node.config.index("frontend")], "")
            node.syncd_config = f"node {node.name}\npeer lb1 127.0.0.1:{ports[0]}\npeer lb2 127.0.0.1:{ports[1]}\n"
            node.start()
            node.request(number + 1)
        for node in (self.a, self.b):
            self.wait(node, lb1=1, lb2=2, sum=3)

    def test_each_node_and_the_sum(self):
        self.a.start()
        self.b.start()
        self.a.request(3)
        self.b.request(5)
        for node in (self.a, self.b):
            self.wait(node, lb1=3, lb2=5, sum=8)
        web = self.lines(self.a)["web", "FRONTEND"]
        self.assertEqual({name: web[name]["req_tot"] for name in web}, {"lb1": "3", "lb2": "5", "sum": "8"})
        self.assertEqual((web["lb1"]["status"], web["lb2"]["status"]), ("OPEN", ""))
        self.a.request(2)
        self.wait(self.b, lb1=5, lb2=5, sum=10)
        # A part of the objects, as in `show stat`.
        only = self.b.cli("show stat nodes app 4 -1").removeprefix("# ")
        self.assertEqual({line["svname"] for line in csv.DictReader(only.splitlines()) if line["node"]}, {"s1"})
        # A process that ended takes its counters along.
        self.b.kill()
        self.wait(self.a, lb1=5, sum=5)
        self.b.start()
        self.b.request(1)
        for node in (self.a, self.b):
            self.wait(node, lb1=5, lb2=1, sum=6)


if __name__ == "__main__":
    unittest.main()
