"""lbctl apply, rollback and history on two whole nodes: both have a change, or none."""

import json
import os
import re
import signal
import sys
import unittest

sys.path.insert(0, os.path.dirname(os.path.dirname(os.path.abspath(__file__))))

from support import netns  # noqa: E402
from support.partners import PartnersWithLbd  # noqa: E402
from support.process import Program, need_program, run, wait_for  # noqa: E402
from support.vrrp import VIP, instance  # noqa: E402

LBD = f"""global
  tandem-link-socket "${{DIRECTORY}}/lbd.sock"
  tandem-syncd-socket "${{DIRECTORY}}/syncd.sock"
  stats socket "${{DIRECTORY}}/admin.sock" level admin
defaults
  mode http
  timeout connect 2s
  timeout client 30s
  timeout server 30s
frontend web
  bind {VIP}:80 transparent
  http-request return status 200 content-type text/plain string %s
"""
# Good for every check; the folder is there on one node only.
LISTENS_IN_A_FOLDER = LBD + "frontend more\n  bind unix@${DIRECTORY}/folder/socket\n  http-request return status 200\n"
# Good for every check; nobody is at the port.
SERVER_DOWN = LBD + "backend dead\n  server s1 127.0.0.1:1 check inter 100ms fall 1\n"


class ApplyTest(PartnersWithLbd, unittest.TestCase):
    def setUp(self):
        super().setUp()
        self.applyd = {}
        for node, priority in ((self.b, 100), (self.a, 110)):
            self.start_lbd(node, LBD % "one")
            node.start(self.router(priority), [f"tandem_syncd_socket {node.directory}/syncd.sock"])
            self.start_applyd(node)
        wait_for(lambda: self.a.state() == "MASTER" and self.b.state() == "BACKUP", 15, "a alone")
        for node in (self.a, self.b):
            wait_for(lambda n=node: self.lbctl(n, "status")[0] == 0, 20, "a pair that is well")
            wait_for(lambda n=node: self.lbctl(n, "history")[0] == 0, 20, "applyd on both")

    @staticmethod
    def router(priority):
        return instance(priority=priority, advert_int=0.4, track_lbd=True)

    def start_lbd(self, node, text):
        path = f"{node.directory}/lbd.cfg"
        with open(path, "w", encoding="ascii") as file:
            file.write(text)
        self.lbd[node] = Program([need_program("lbd"), "-W", "-S", f"{node.directory}/master.sock", "-f", path], prefix=node.host.prefix,
                                 env=self.environment(node))
        self.addCleanup(self.lbd[node].close)
        wait_for(lambda: os.path.exists(f"{node.directory}/lbd.sock"), what=self.lbd[node].errors())

    def start_applyd(self, node):
        self.applyd[node] = Program([need_program("applyd"), "-f", f"{node.directory}/lbd.cfg", "-k", node.config_path,
                                     "-d", f"{node.directory}/state", *self.sockets(node)], prefix=node.host.prefix,
                                    env=self.environment(node))
        self.addCleanup(run, ["rm", "-rf", f"{node.directory}/state", f"{node.directory}/folder"])
        self.addCleanup(self.applyd[node].close)

    @staticmethod
    def environment(node):
        return {"DIRECTORY": node.directory, "NODE": node.name}

    @staticmethod
    def sockets(node):
        return [f"-{letter}{node.directory}/{name}" for letter, name in
                (("l", "lbd.sock"), ("m", "master.sock"), ("r", "vrrpd.sock"), ("y", "syncd.sock"))]

    def lbctl(self, node, *words):
        """(exit code, output, errors)"""
        return run([need_program("lbctl"), *self.sockets(node), "-t", "5", *words], timeout=90)

    def file(self, text):
        path = f"{self.a.directory}/new.cfg"
        with open(path, "w", encoding="ascii") as file:
            file.write(text)
        return path

    def apply(self, text, *words, on=None):
        return self.lbctl(on or self.a, "apply", "-f", self.file(text), "--watch", "1", *words)

    def in_place(self, node):
        with open(f"{node.directory}/lbd.cfg", encoding="ascii") as file:
            return file.read()

    def assert_all_as_at_first(self):
        for node in (self.a, self.b):
            self.assertEqual(self.in_place(node), LBD % "one")
            wait_for(lambda n=node: self.lbctl(n, "status")[0] == 0, 20, f"{node.name} as before")
            self.assertNotRegex(self.lbctl(node, "history")[1], r"(?m)^ +\d+ ")

    def test_a_change_is_on_both_and_back(self):
        code, out, err = self.apply(LBD % "two", "-m", "the second one")
        self.assertEqual((code, err), (0, ""), out)
        self.assertEqual(out, "check  b: good\ncheck  a: good\napply  b: in use\napply  a: in use\n"
                         "watch  as well as before, for 1 s\nkeep   b: revision 2\nkeep   a: revision 2\nchange done: revision 2\n")
        for node in (self.a, self.b):
            self.assertEqual(self.in_place(node), LBD % "two")
            code, out, _ = self.lbctl(node, "history")
            self.assertRegex(out, r"^   1  \S+ \S+  -: as it was found\n   2  \S+ \S+  \w+: the second one\n$")
        self.assertEqual(self.lbctl(self.b, "history", "1")[1], LBD % "one")
        # The lbd of both have it: their digests are the same, and another than before.
        self.assertEqual(self.lbctl(self.a, "status")[0], 0)
        self.assertEqual(self.client.run("curl", "-s", f"http://{VIP}/").strip(), "two")
        code, out, _ = self.lbctl(self.b, "rollback", "--watch", "0")
        self.assertEqual(code, 0, out)
        self.assertEqual(self.in_place(self.a), LBD % "one")
        self.assertEqual(self.client.run("curl", "-s", f"http://{VIP}/").strip(), "one")
        everything = json.loads(self.lbctl(self.a, "history", "--json")[1])
        self.assertEqual([(each["revision"]["number"], each["nodes"]) for each in everything["revisions"]],
                         [("1", ["a", "b"]), ("2", ["a", "b"]), ("3", ["a", "b"])])
        self.assertEqual(everything["revisions"][2]["revision"]["note"], "back to revision 1")
        told = self.lbctl(self.a, "events")[1]
        for name in ("a", "b"):
            self.assertRegex(told, rf"(?m) {name} applyd revision 2: stays; by \w+: the second one$")
        code, out, _ = self.apply(LBD % "one")
        self.assertEqual(code, 3)
        self.assertIn("these files are in use already", out)

    def test_what_is_not_good_is_on_none(self):
        code, out, _ = self.apply(LBD % "two" + "  nonsense\n")
        self.assertEqual(code, 3, out)
        self.assertIn("check  b: FAILED: the files are not good\n", out)
        self.assertRegex(out, rf"{re.escape(self.b.directory)}/lbd.cfg:13.*unknown keyword 'nonsense'")
        self.assertIn("change refused: nothing was changed\n", out)
        self.assert_all_as_at_first()

    def test_a_reload_that_fails_on_one_is_undone_on_both(self):
        for there, applied in ((self.a, "apply  b: FAILED: "), (self.b, "apply  b: in use\napply  a: FAILED: ")):
            os.mkdir(f"{there.directory}/folder")
            code, out, _ = self.apply(LISTENS_IN_A_FOLDER % "two")
            os.rmdir(f"{there.directory}/folder") if there is self.a else None
            self.assertEqual(code, 1, out)
            self.assertIn(applied, out)
            self.assertIn("lbd    not reloaded: it goes on with the files that it has", out)
            self.assertIn("change undone: the configuration is what it was before\n", out)
            self.assert_all_as_at_first()
        self.assertEqual(self.client.run("curl", "-s", f"http://{VIP}/").strip(), "one")

    def test_a_pair_that_does_worse_goes_back(self):
        code, out, _ = self.apply(SERVER_DOWN % "two", "--watch", "20")
        self.assertEqual(code, 1, out)
        self.assertIn("watch  FAILED: the pair does worse than before: ", out)
        self.assertIn("change undone: the configuration is what it was before\n", out)
        self.assert_all_as_at_first()

    def test_who_interrupts_it_has_what_was_before(self):
        applying = Program([need_program("lbctl"), *self.sockets(self.a), "apply", "-f", self.file(LBD % "two"), "--watch", "600"])
        self.addCleanup(applying.close)
        wait_for(lambda: all(self.in_place(node) == LBD % "two" for node in (self.a, self.b)), 20, "applied")
        applying.process.send_signal(signal.SIGINT)
        self.assertEqual(applying.wait(30), 1)
        self.assertIn("watch  FAILED: interrupted\nundo ", applying.output())
        self.assert_all_as_at_first()

    def test_a_death_of_applyd_in_between_is_undone(self):
        applying = Program([need_program("lbctl"), *self.sockets(self.a), "apply", "-f", self.file(LBD % "two"), "--watch", "600"])
        self.addCleanup(applying.close)
        wait_for(lambda: all(self.in_place(node) == LBD % "two" for node in (self.a, self.b)), 20, "applied")
        self.applyd[self.b].process.kill()
        self.applyd[self.b].wait()
        self.start_applyd(self.b)
        wait_for(lambda: self.in_place(self.b) == LBD % "one", 20, "undone at the start")
        applying.process.send_signal(signal.SIGINT)
        self.assertEqual(applying.wait(30), 1)
        wait_for(lambda: self.lbctl(self.b, "history")[0] == 0, 20, "applyd of b")
        self.assert_all_as_at_first()

    def test_routers_of_one_node_each(self):
        with open(self.b.config_path, encoding="ascii") as file:
            was = file.read()
        path = f"{self.a.directory}/router.conf"
        with open(path, "w", encoding="ascii") as file:
            file.write(was.replace("priority 100", "priority 105"))
        code, out, err = self.lbctl(self.a, "apply", "-k", f"b={path}", "--watch", "0")
        self.assertEqual((code, err), (0, ""), out)
        self.assertIn("check  b: good\napply  b: in use\n", out)
        self.assertNotIn(" a: ", out)
        wait_for(lambda: "priority 105" in self.lbctl(self.b, "status", "--json")[1] or
                 '"priority":105' in self.lbctl(self.b, "status", "--json")[1].replace(" ", ""), 10, "the new priority")
        self.assertIn("another configuration is in use", self.lbctl(self.b, "events")[1])

    def test_clear_errors(self):
        for words, what in ((("apply",), "which files?"), (("apply", "-f"), "-f needs an argument"),
                            (("apply", "-f", "/nowhere"), "/nowhere: No such file"), (("apply", "-x", "y"), "-x is not known"),
                            (("rollback", "x"), "'x' is not the number of a revision"), (("history", "0"), "'0' is not the number"),
                            (("rollback",), "there is no earlier revision")):
            code, _, err = self.lbctl(self.a, *words)
            self.assertIn(code, (1, 2))
            self.assertIn(what, err)
        self.applyd[self.b].close()
        wait_for(lambda: "applyd does not run, or is not linked with syncd" in self.lbctl(self.a, "history")[2], 10, "that it is gone")
        code, out, _ = self.apply(LBD % "two")
        self.assertEqual(code, 3)
        self.assertIn("check  b: FAILED: applyd does not run, or is not linked with syncd\n", out)
        self.assertEqual(self.in_place(self.a), LBD % "one")


def main():
    netns.enter_private()
    for program in ("lbd", "vrrpd", "syncd", "lbctl", "applyd"):
        need_program(program)
    unittest.main()


if __name__ == "__main__":
    main()
