"""Two real lbd, each with its real syncd: what is set on the runtime socket of one node holds on the other, and after
lbd was killed."""

import os
import signal
import tempfile
import time
import unittest

from support.link import ROLE_LBCTL, Link
from support.pair import Node
from support.process import children, listening_socket, need_program, run, wait_for

LBCTL = need_program("lbctl")


class WebNode(Node):
    """Its syncd.conf names the nodes."""

    def __init__(self, test, name, directory, syncs):
        lines = [f"node {name}", 'listen "fd@${LISTEN}"']
        lines += [f"peer {peer} 127.0.0.1:{sock.getsockname()[1]}" for peer, sock in syncs.items() if peer != name]
        super().__init__(test, name, directory, "\n".join(lines) + "\n", sockets={"LISTEN": syncs[name]})
        self.origin = listening_socket()  # accepts into its backlog and never answers: enough for a TCP check
        test.addCleanup(self.origin.close)
        self.environment["ORIGIN"] = str(self.origin.getsockname()[1])
        self.weight = 10

    def start_lbd(self, *options):
        self.config = f"""frontend web
  bind "fd@${{WEB}}"
  http-request return status 200
backend www
  server s1 127.0.0.1:"${{ORIGIN}}" weight {self.weight}
  server s2 127.0.0.1:"${{ORIGIN}}" weight {self.weight}
"""
        super().start_lbd(*options)
        # The listening socket is the test's own: a request waits in its backlog until lbd accepts traffic.
        assert self.request() == [(200, None)], self.log()

    def set(self, server, what):
        answer = self.cli(f"set server www/{server} {what}")
        assert answer.strip() == "", answer

    def state(self, server):
        """(administrative bits, weight)"""
        for line in self.cli("show servers state www").splitlines():
            words = line.split()
            if len(words) > 8 and words[3] == server:
                return int(words[6]), int(words[7])
        raise AssertionError(f"no server {server}")

    def wait_state(self, server, admin, weight):
        wait_for(lambda: self.state(server) == (admin, weight),
                 what=f"{self.name}: {server} to be {admin, weight}, it is {self.state(server)}\n{self.lbd.errors()}")


READY, MAINT, DRAIN = 0, 1, 8


class ReplicationTest(unittest.TestCase):
    def setUp(self):
        directory = tempfile.TemporaryDirectory(prefix="tandem-replication-")
        self.addCleanup(directory.cleanup)
        syncs = {name: listening_socket() for name in ("lb1", "lb2")}
        for sock in syncs.values():
            self.addCleanup(sock.close)
        self.a, self.b = (WebNode(self, name, directory.name, syncs) for name in syncs)

    def start(self):
        for node in (self.a, self.b):
            node.start_syncd()
            node.start_lbd()

    def test_set_on_one_node_holds_on_both(self):
        self.start()
        self.a.set("s1", "state maint")
        self.a.set("s2", "weight 3")
        self.b.wait_state("s1", MAINT, 10)
        self.b.wait_state("s2", READY, 3)
        self.b.set("s1", "state drain")
        self.b.set("s2", "weight 50%")
        self.a.wait_state("s1", DRAIN, 10)
        self.a.wait_state("s2", READY, 5)
        self.b.set("s1", "state ready")
        self.a.wait_state("s1", READY, 10)

    def test_a_killed_lbd_knows_again_before_it_answers(self):
        self.start()
        self.a.set("s1", "state maint")
        self.b.set("s2", "weight 0")
        self.a.wait_state("s2", READY, 0)
        self.b.wait_state("s1", MAINT, 10)
        for node in (self.a, self.b):
            node.kill_lbd()
            node.start_lbd()  # has answered a request when this returns
            self.assertEqual((node.state("s1"), node.state("s2")), ((MAINT, 10), (READY, 0)))

    def test_what_was_set_without_syncd_is_told_later(self):
        self.a.start_lbd()
        self.b.start_lbd()
        self.a.set("s1", "state maint")
        self.assertEqual(self.b.state("s1"), (READY, 10))
        self.a.start_syncd()
        self.b.start_syncd()
        self.b.wait_state("s1", MAINT, 10)

    def test_a_weight_edited_in_the_file_wins(self):
        self.start()
        self.a.set("s1", "weight 3")
        self.b.wait_state("s1", READY, 3)
        self.a.kill_lbd()
        self.a.weight = 20
        self.a.start_lbd()
        self.assertEqual(self.a.state("s1"), (READY, 20))
        self.assertEqual(self.b.state("s1"), (READY, 3))

    def test_configurations_that_differ_are_seen_on_both_nodes(self):
        self.b.weight = 20
        self.start()
        began = time.monotonic()
        for node in (self.a, self.b):
            wait_for(lambda n=node: "lbd has another configuration there" in n.syncd.errors(), what="the word")
        self.assertLess(time.monotonic() - began, 2.5)
        _, status, _ = run([LBCTL, "-t", "5", "-l", self.a.path("x"), "-r", self.a.path("x"), "-y", self.a.path("syncd.sock"), "status"])
        self.assertIn("its lbd has another configuration", status)
        with Link(self.a.path("syncd.sock"), ROLE_LBCTL) as link:
            self.assertEqual(link.stats()["node lb2", "configuration_differs"], 1)
        self.b.kill_lbd()
        self.b.weight = 10
        self.b.start_lbd()
        for node in (self.a, self.b):
            wait_for(lambda n=node: "the configurations are the same again" in n.syncd.errors(), what="the word")
            self.assertEqual(node.syncd.errors().count("another configuration"), 1)

    @unittest.skipUnless(os.geteuid() == 0, "only root may change the root directory")
    def test_in_a_chroot_and_after_a_reload_there(self):
        for node in (self.a, self.b):
            node.start_syncd()
            os.chmod(node.path("syncd.sock"), 0o666)
            os.chmod(node.directory, 0o755)
            os.mkdir(node.path("jail"))
            node.first = f"chroot {node.path('jail')}\n  user nobody"
            node.start_lbd("-W")
        self.a.set("s1", "state maint")
        self.b.wait_state("s1", MAINT, 10)
        before = children(self.a.lbd.pid)
        self.a.lbd.signal(signal.SIGUSR2)
        wait_for(lambda: len(children(self.a.lbd.pid)) == 1 and children(self.a.lbd.pid) != before, what="the new worker")
        self.assertEqual(self.a.state("s1"), (MAINT, 10))
        self.a.set("s2", "weight 3")
        self.b.wait_state("s2", READY, 3)

    def test_stopping_leaves_nothing(self):
        self.start()
        self.assertEqual(self.a.lbd.stop(), 0)
        self.assertFalse(os.path.exists(self.a.path("link.sock")))
        self.assertEqual(self.a.syncd.stop(), 0)
        self.assertFalse(os.path.exists(self.a.path("syncd.sock")))


if __name__ == "__main__":
    unittest.main()
