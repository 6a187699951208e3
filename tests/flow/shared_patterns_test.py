"""Two nodes, each a real lbd with its real syncd: what is changed in a map or list on one, by the runtime API or by rules,
holds on the other, on a node that joins, and after a restart."""

import os
import time
import unittest

from support.client import get
from support.pair import make_pair
from support.process import wait_for

CONFIG = """frontend web
  bind "fd@${WEB}"
  acl banned req.hdr(x-id) -m str -f "${NODE}/banned.lst"
  acl inline path_beg /closed
  http-request deny if banned or inline
  http-request set-map("${NODE}/../hosts.map") %[path] %[query] if { path_beg /set }
  http-request del-map("${NODE}/../hosts.map") %[query] if { path /del }
  http-request return status 200 hdr x-server %[req.hdr(host),map("${NODE}/../hosts.map",none)]
"""


class SharedPatternsTest(unittest.TestCase):
    def setUp(self):
        # The same file at the same path, as on two machines.
        self.a, self.b = make_pair(self, CONFIG.replace("${NODE}/banned.lst", "${NODE}/../banned.lst"))
        self.folder = os.path.dirname(self.a.directory)
        for node in (self.a, self.b):
            node.config = node.config.replace("${NODE}/..", self.folder)
        self.write("hosts.map", "a one\nb two\nc three\n")
        self.write("banned.lst", "x1\nx2\n")
        self.hosts, self.banned = os.path.join(self.folder, "hosts.map"), os.path.join(self.folder, "banned.lst")

    def write(self, name, text, age=60):
        path = os.path.join(self.folder, name)
        with open(path, "w", encoding="ascii") as file:
            file.write(text)
        os.utime(path, (time.time() - age, time.time() - age))

    def start(self):
        for node in (self.a, self.b):
            node.start()
        for node in (self.a, self.b):
            wait_for(lambda n=node: "node lb" in n.syncd.errors() and "linked" in n.syncd.errors(), what="the link")

    def do(self, node, line):
        answer = node.cli(line)
        self.assertIn(answer.strip(), ("", "New version created: 1"), line)

    def shown(self, node, what):
        return sorted(" ".join(line.split(" ")[1:]) for line in node.cli(f"show {what}").splitlines() if line)

    def wait_shown(self, node, what, wanted):
        wait_for(lambda: self.shown(node, what) == sorted(wanted),
                 what=f"{node.name}: {what} to be {wanted}, it is {self.shown(node, what)}\n{self.a.log()}\n{self.b.log()}")

    def value(self, node, host):
        return get(node.service.getsockname(), host=host).header("x-server")

    def test_commands_hold_on_both_nodes(self):
        self.start()
        self.do(self.a, f"set map {self.hosts} a changed")
        self.do(self.a, f"del map {self.hosts} b")
        self.do(self.a, f"add map {self.hosts} d <<\nd four\ne five six\n")
        self.do(self.b, f"add acl {self.banned} y1")
        self.do(self.b, f"del acl {self.banned} x1")
        self.do(self.b, "add acl #1 /more")
        for node in (self.a, self.b):
            self.wait_shown(node, f"map {self.hosts}", ["a changed", "c three", "d four", "e five six"])
            self.wait_shown(node, f"acl {self.banned}", ["x2", "y1"])
            self.wait_shown(node, "acl #1", ["/more"])
            self.assertEqual(node.request(headers="x-id: y1\r\n"), [(403, None)])
            self.assertEqual(node.request(headers="x-id: x1\r\n"), [(200, "none")])
            self.assertEqual([self.value(node, host) for host in "abcde"], ["changed", "none", "three", "four", "five six"])

    def test_what_rules_change_holds_on_both_nodes(self):
        self.start()
        get(self.a.service.getsockname(), "/set1?v1")
        get(self.b.service.getsockname(), "/set2?v2")
        get(self.b.service.getsockname(), "/del?a")
        for node in (self.a, self.b):
            self.wait_shown(node, f"map {self.hosts}", ["/set1 v1", "/set2 v2", "b two", "c three"])

    def test_a_commit_and_a_clear_replace_the_whole(self):
        self.start()
        self.do(self.b, f"add map {self.hosts} old 1")
        self.wait_shown(self.a, f"map {self.hosts}", ["a one", "b two", "c three", "old 1"])
        self.do(self.a, f"prepare map {self.hosts}")
        self.do(self.a, f"add map @1 {self.hosts} n1 v1")
        self.do(self.a, f"add map @1 {self.hosts} n2 v2")
        self.do(self.a, f"commit map @1 {self.hosts}")
        self.do(self.a, f"set map {self.hosts} n2 v3")
        self.do(self.a, f"clear acl {self.banned}")
        for node in (self.a, self.b):
            self.wait_shown(node, f"map {self.hosts}", ["n1 v1", "n2 v3"])
            self.wait_shown(node, f"acl {self.banned}", [])

    def test_a_node_that_restarts_or_joins_knows_before_it_answers(self):
        self.a.start()
        self.do(self.a, f"del map {self.hosts} b")
        self.do(self.a, f"set map {self.hosts} c changed")
        self.do(self.a, f"clear acl {self.banned}")
        self.do(self.a, f"add acl {self.banned} z1")
        self.b.start()
        self.wait_shown(self.b, f"map {self.hosts}", ["a one", "c changed"])
        self.wait_shown(self.b, f"acl {self.banned}", ["z1"])
        for node in (self.a, self.b):
            node.kill_lbd()
            node.start_lbd()
            self.assertEqual(node.request(headers="x-id: z1\r\n"), [(403, None)], node.log())
            self.assertEqual(self.shown(node, f"map {self.hosts}"), ["a one", "c changed"])
        self.a.kill()
        self.b.kill_lbd()
        self.b.start_lbd()
        self.assertEqual(self.b.request(headers="x-id: z1\r\n"), [(403, None)], self.b.log())
        self.a.start()
        self.wait_shown(self.a, f"map {self.hosts}", ["a one", "c changed"])

    def test_what_was_changed_while_the_nodes_did_not_see_each_other(self):
        self.start()
        self.b.kill_syncd()
        self.do(self.a, f"set map {self.hosts} a first")
        self.do(self.b, f"set map {self.hosts} a second")
        self.do(self.b, f"add map {self.hosts} d four")
        self.do(self.a, f"set map {self.hosts} c third")
        self.b.start_syncd()
        for node in (self.a, self.b):
            self.wait_shown(node, f"map {self.hosts}", ["a second", "b two", "c third", "d four"])

    def test_an_edited_file_wins(self):
        self.start()
        self.do(self.a, f"set map {self.hosts} a set")
        self.do(self.a, f"set map {self.hosts} c set")
        self.wait_shown(self.b, f"map {self.hosts}", ["a set", "b two", "c set"])
        self.write("hosts.map", "a edited\nb two\nc three\n", age=-1)
        self.a.kill_lbd()
        self.a.start_lbd()
        self.wait_shown(self.a, f"map {self.hosts}", ["a edited", "b two", "c set"])
        self.assertEqual(self.shown(self.b, f"map {self.hosts}"), ["a set", "b two", "c set"])


if __name__ == "__main__":
    unittest.main()
