"""lbctl on two whole nodes: what it says of both, what it tells of what happened on both, and the rehearsal."""

import json
import os
import signal
import socket
import sys
import time
import unittest

sys.path.insert(0, os.path.dirname(os.path.dirname(os.path.abspath(__file__))))

from support import netns  # noqa: E402
from support.partners import PartnersWithLbd  # noqa: E402
from support.process import Program, need_program, run, wait_for  # noqa: E402
from support.vrrp import VIP, address, instance  # noqa: E402

LBD = f"""global
  tandem-link-socket "${{DIRECTORY}}/lbd.sock"
  tandem-syncd-socket "${{DIRECTORY}}/syncd.sock"
  stats socket "${{DIRECTORY}}/admin.sock" level admin
defaults
  timeout connect 2s
  timeout client 30s
  timeout server 30s
frontend web
  mode http
  bind {VIP}:80 transparent
  http-request return status 200 content-type text/plain lf-string %[env(NODE)]
backend app
  mode http
  server s1 {address(9)}:9000
  server s2 {address(9)}:9001
"""


def sockets_of(node):
    return [f"-{letter}{node.directory}/{name}" for letter, name in
            (("l", "lbd.sock"), ("r", "vrrpd.sock"), ("y", "syncd.sock"), ("s", "admin.sock"))]


class LbctlPairCase(PartnersWithLbd, unittest.TestCase):
    def setUp(self):
        super().setUp()
        for node in (self.a, self.b):
            self.start_lbd(node, LBD)
        for node, priority in ((self.b, 100), (self.a, 110)):
            self.start_both(node, priority)
        wait_for(lambda: self.a.state() == "MASTER" and self.b.state() == "BACKUP", 15, "a alone")
        for node in (self.a, self.b):
            self.wait_verdict(node, 0, "pair   well\n")

    @staticmethod
    def start_both(node, priority):
        node.start(instance(priority=priority, advert_int=0.4, track_lbd=True), [f"tandem_syncd_socket {node.directory}/syncd.sock"])

    @staticmethod
    def lbctl(node, *words, patience=5):
        """(exit code, output, errors); with more patience than people have, since this machine may be busy."""
        return run([need_program("lbctl"), *sockets_of(node), *(["-t", str(patience)] if patience else []), *words])

    def wait_verdict(self, node, code, text):
        said = [None]

        def as_wanted():
            said[0] = self.lbctl(node, "status")
            return said[0][0] == code and text in said[0][1]
        try:
            wait_for(as_wanted, 20)
        except AssertionError:
            self.fail(f"not {code} {text!r} but {said[0]}")
        return said[0][1]

    def stop(self, program):
        """Frozen until the end of the test."""
        os.kill(program.pid, signal.SIGSTOP)
        self.addCleanup(os.kill, program.pid, signal.SIGCONT)


class StatusTest(LbctlPairCase):
    def test_both_say_how_they_are(self):
        text = self.wait_verdict(self.a, 0, "pair   well\n")
        here, there = text.split("node b says of itself:\n")
        self.assertIn("VI_1 MASTER for ", here)
        self.assertIn("  lbd    serving, pid ", there)
        self.assertIn("  vrrpd  running, pid ", there)
        self.assertIn("VI_1 BACKUP for ", there)
        self.assertIn("  syncd  node b, pid ", there)
        code, out, _ = self.lbctl(self.b, "status", "--json")
        everything = json.loads(out)
        self.assertEqual((code, everything["verdict"], everything["reasons"]), (0, "well", []))
        other, = everything["others"]
        self.assertEqual(other["node"], "a")
        self.assertEqual(other["vrrpd"]["vrrp"]["instances"][0]["state"], "VRRP_MASTER")
        self.assertEqual(other["lbd"]["hello"]["pid"], self.lbd[self.a].pid)

    def test_what_is_wrong_there_is_told_here(self):
        self.lbd[self.b].close()
        self.wait_verdict(self.a, 1, "b: lbd is not linked with its syncd")
        self.wait_verdict(self.b, 2, "failed: ")
        self.start_lbd(self.b, LBD)
        self.wait_verdict(self.a, 0, "pair   well\n")
        self.b.close()
        self.wait_verdict(self.a, 1, "b: vrrpd is not linked with its syncd")

    def test_a_frozen_daemon_there(self):
        self.stop(self.lbd[self.b].process)
        code, out, _ = self.lbctl(self.a, "status", patience=1)
        self.assertEqual(code, 1, out)
        self.assertIn("b: lbd does not answer", out)
        self.assertIn("  lbd    does not answer\n", out)
        self.assertIn("  vrrpd  running, pid ", out)

    def test_a_frozen_node_costs_no_time(self):
        for program in (self.syncd[self.b], self.lbd[self.b]):
            self.stop(program.process)
        begun = time.monotonic()
        code, out, _ = self.lbctl(self.a, "status", patience=None)
        took = time.monotonic() - begun
        self.assertEqual(code, 1, out)
        self.assertIn("node b tells nothing of itself: ", out)
        # It waits a quarter of a second; the rest is the start of a program on a machine that has others to run.
        self.assertLess(took, 3)
        self.wait_verdict(self.a, 1, "node b is down")


class CheckTest(LbctlPairCase):
    def check(self, node):
        """What lbctl check says last of each node, of the files of that one: {who: text}."""
        _, out, _ = run([need_program("lbctl"), "-t", "5", *sockets_of(node), "check", "-f", f"{node.directory}/lbd.cfg", "-k",
                         node.config_path], env={"DIRECTORY": node.directory, "NODE": node.name})
        return {line[:12].strip().replace("this node", "here"): line[13:] for line in out.splitlines()}

    def wait_check(self, node, **wanted):
        said = [None]

        def as_wanted():
            said[0] = self.check(node)
            return all(said[0].get(who) == text for who, text in wanted.items())
        try:
            wait_for(as_wanted, 20)
        except AssertionError:
            self.fail(f"not {wanted} but {said[0]}")

    def test_the_files_of_both_nodes(self):
        self.wait_check(self.a, here="runs these files", b="runs these files")
        self.wait_check(self.b, here="runs these files", a="runs these files")
        path = f"{self.a.directory}/lbd.cfg"
        with open(path, "w", encoding="ascii") as file:
            file.write("# blanks and comments are no difference\n" + LBD)
        self.wait_check(self.a, here="runs these files", b="runs these files")
        with open(path, "w", encoding="ascii") as file:
            file.write(LBD.replace("server s2", "server s3"))
        self.wait_check(self.a, here=f"warning: runs another configuration: {path} differs; a reload is due",
                        b=f"warning: runs another configuration: {path} differs")
        # The other way round, the files of b are what both run.
        self.wait_check(self.b, here="runs these files", a="runs these files")
        self.lbd[self.a].close()
        self.start_lbd(self.a, LBD.replace("server s2", "server s3"))
        self.wait_check(self.a, here="runs these files", b=f"warning: runs another configuration: {path} differs")

    def test_what_the_other_node_has_not(self):
        self.a.write(instance(priority=110, advert_int=0.4, track_lbd=True).replace(VIP, address(77)))
        self.wait_check(self.a, b=f"warning: vrrpd has the virtual address {VIP}, which is not in this file")
        self.lbd[self.b].close()
        self.wait_check(self.a, here="runs these files", b=f"warning: vrrpd has the virtual address {VIP}, which is not in this file")
        self.b.host.link("sync0", False)
        wait_for(lambda: self.check(self.a).get("b", "").startswith("warning: not reached: not linked"), 20, "b to be missed")


class EventsTest(LbctlPairCase):
    def events(self, node, *words):
        code, out, err = self.lbctl(node, "events", "--json", *words)
        self.assertEqual((code, err), (0, ""), out)
        return [json.loads(line) for line in out.splitlines()]

    def wait_story(self, node, *story):
        """Until the lines (node, daemon, a part of the text) are there on that node, in this order."""
        told = []

        def all_there():
            told[:] = self.events(node)
            rest = iter(told)
            return all(any((one["node"], one["daemon"]) == (name, daemon) and text in f"{one['object']}: {one['text']}" for one in rest)
                       for name, daemon, text in story)
        try:
            wait_for(all_there, 20)
        except AssertionError:
            self.fail("\n".join(map(str, [*story, "is not so in", *told])))
        times = [one["time"] for one in told]
        self.assertEqual(times, sorted(times))

    def test_a_hand_over_is_one_story_on_both(self):
        code, text = self.failover(self.a)
        self.assertEqual(code, 0, text)
        for node in (self.a, self.b):
            self.wait_story(node, ("a", "lbd", "lbd: process "), ("a", "vrrpd", "VI_1: BACKUP -> MASTER"),
                            ("a", "vrrpd", "VI_1: yields to node b: an operator wants it"), ("b", "vrrpd", "VI_1: BACKUP -> MASTER: node a has given"),
                            ("a", "vrrpd", "VI_1: MASTER -> BACKUP"))
            self.wait_story(node, ("a", "syncd", "syncd: process "), ("a", "syncd", "node b: linked"), ("a", "syncd", "node b: in sync"))
            self.wait_story(node, ("b", "syncd", "syncd: process "), ("b", "syncd", "node a: linked"), ("b", "syncd", "node a: in sync"))

    def test_a_death_is_told_with_its_consequence(self):
        pid = self.lbd[self.a].pid
        self.lbd[self.a].process.kill()
        for node in (self.a, self.b):
            self.wait_story(node, ("a", "vrrpd", f"lbd: process {pid} is gone"), ("a", "vrrpd", "VI_1: MASTER -> FAULT: "),
                            ("b", "vrrpd", "VI_1: BACKUP -> MASTER"))
            self.wait_story(node, ("a", "syncd", f"lbd {pid}: linked"), ("a", "syncd", f"lbd {pid}: gone"))
        self.assertEqual(self.events(self.a, "--since", "1d")[0]["kind"], "daemon")
        for wrong in (("--since", "1"), ("--since",), ("--nonsense",)):
            self.assertEqual(self.lbctl(self.a, "events", *wrong)[0], 2)

    def test_what_a_node_that_died_saw_last(self):
        self.assertEqual(self.lbctl(self.b, "cli", "set", "server", "app/s1", "state", "maint")[0], 0)
        self.wait_story(self.a, ("b", "lbd", "app/s1: is going DOWN for maintenance"))
        for program in (self.syncd[self.b].process, self.lbd[self.b].process, self.b.program.process):
            program.kill()
        self.wait_story(self.a, ("b", "lbd", "app/s1: is going DOWN for maintenance"), ("a", "syncd", "node b: link lost"))
        # It starts anew and tells what is new; what was known is not told twice.
        self.start_syncd(self.b)
        self.wait_story(self.a, ("a", "syncd", "node b: link lost"), ("b", "syncd", "syncd: process "), ("a", "syncd", "node b: in sync"))
        told = [one["text"] for one in self.events(self.a) if one["node"] == "b" and one["object"] == "app/s1"]
        self.assertEqual(len(told), 1, told)

    def test_following(self):
        follow = Program([need_program("lbctl"), "-t", "5", *sockets_of(self.a), "events", "--follow", "--json"], self.a.directory,
                         own_directory=False)
        self.addCleanup(follow.close)

        def told():
            return [json.loads(line) for line in follow.output().splitlines(keepends=True) if line.endswith("\n")]

        def times(daemon, line):
            return sum(one["daemon"] == daemon and line in f"{one['object']}: {one['text']}" for one in told())

        def wait_told(daemon, line, count=1):
            wait_for(lambda: times(daemon, line) >= count, 20, f"{daemon} {line} {count} times")

        wait_told("vrrpd", "VI_1: BACKUP -> MASTER")
        self.b.write("nonsense\n")
        self.b.program.signal(signal.SIGHUP)
        wait_told("vrrpd", "vrrpd: failed, the configuration stays as it is")
        # The daemons themselves, and then another syncd, tell all once more, but nobody wants to read it twice.
        self.syncd[self.a].close()
        wait_for(lambda: "what happened on other nodes is not known" in follow.errors(), what="it to be missed")
        self.start_syncd(self.a)
        wait_told("syncd", "syncd: process ", 3)
        wait_told("syncd", "node b: in sync", 2)
        known = [(one["daemon"], one["pid"], one["sequence"]) for one in told()]
        self.assertEqual(len(known), len(set(known)), known)

    def test_without_syncd(self):
        self.syncd[self.a].close()
        code, out, err = self.lbctl(self.a, "events")
        self.assertEqual(code, 0, err)
        self.assertIn("what happened on other nodes is not known", err)
        self.assertRegex(out, r"vrrpd VI_1: BACKUP -> MASTER")
        self.assertRegex(out, r"lbd   lbd: process \d+ serves, version")


class DrillTest(LbctlPairCase):
    def test_there_and_back(self):
        code, out, err = self.lbctl(self.a, "drill", "--stay", "1", "--json")
        report = json.loads(out)
        self.assertEqual((code, err, report["outcome"], report["node"]), (0, "", "done", "b"), out)
        self.assertEqual([step["step"] for step in report["steps"]], ["ready", "quiet", "away", "there", "back", "here"])
        self.assertTrue(all(step["took_us"] > 0 for step in report["steps"] if step["step"] in ("away", "back")), out)
        self.assertEqual((self.a.state(), self.b.state()), ("MASTER", "BACKUP"))
        # Nothing is left of it.
        for node in (self.a, self.b):
            self.assertNotIn("does not preempt", self.wait_verdict(node, 0, "pair   well\n"))
        code, out, _ = self.lbctl(self.a, "drill", "VI_1", "--stay", "0")
        self.assertEqual(code, 0, out)
        self.assertIn("drill  done: node b had the addresses, and this node has them again\n", out)

    def test_it_refuses(self):
        code, out, _ = self.lbctl(self.b, "drill")
        self.assertEqual(code, 3, out)
        self.assertIn("ready  not good: this node is not MASTER", out)
        self.stop(self.lbd[self.b].process)
        code, out, _ = self.lbctl(self.a, "drill", patience=1)
        self.assertEqual(code, 3, out)
        self.assertIn("ready  not good: the pair is degraded: ", out)
        self.assertEqual((self.a.state(), self.lbctl(self.a, "drill", "--stay", "x")[0]), ("MASTER", 2))

    def test_no_quiet_moment(self):
        with self.client.inside():
            open_one = socket.create_connection((VIP, 80), timeout=10)
        self.addCleanup(open_one.close)
        wait_for(lambda: self.node_stat(self.a, "current_connections") == 1, what="the connection")
        code, out, _ = self.lbctl(self.a, "drill", "--quiet", "0", "--wait", "1")
        self.assertEqual(code, 4, out)
        self.assertIn("quiet  not good: 1 connections are open, 0 are wanted at most\n", out)

    def test_the_other_node_takes(self):
        self.assertEqual(self.failover(self.a, "--take"), (1, "lbctl: this node is backup of nothing that it could take\n"))
        self.assertEqual(self.failover(self.b, "--take", "--drain", "3")[0], 2)
        code, text = self.failover(self.b, "--take")
        self.assertEqual(code, 0, text)
        self.assertRegex(text, r"^this node has it after [\d.]+ ms; until then node a had it\n$")
        wait_for(lambda: (self.a.state(), self.b.state()) == ("BACKUP", "MASTER"), what="it to be done")
        # a has the higher priority: it does not take them again by itself.
        self.assertIn("does not preempt: it was handed over to node b by an operator", self.status(self.a))
        self.assertIn("yields to node b: an operator there wants it", self.a.log())
        self.b.host.link("sync0", False)
        wait_for(lambda: self.failover(self.a, "--take")[1] == "lbctl: no linked node is master of VI_1\n", what="b to be missed")


def main():
    netns.enter_private()
    for program in ("lbd", "vrrpd", "syncd", "lbctl"):
        need_program(program)
    unittest.main()


if __name__ == "__main__":
    main()
