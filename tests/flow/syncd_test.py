"""Two real syncd on loopback, with lbd played by the test: what is set on one node arrives on the other, survives
restarts, and nobody without the secret gets anywhere."""

import contextlib
import grp
import os
import random
import signal
import socket
import stat
import tempfile
import time
import unittest

from support.link import (DRAIN, GOODBYE, HELLO, MAINT, PARTS, PRESENT, PROOF, READY, RESUME, ROLE_LBCTL, ROLE_LBD, ROLE_SYNCD, STATS_REQUEST,
                          TAUGHT, UPDATE, FakeLbd, Link, field, frame, hello, server_state)
from support import netns
from support.process import Program, listening_socket, need_program, run, wait_for

SYNCD = need_program("syncd")


class Node:
    """A syncd that can be stopped, killed and started again at the same addresses."""

    def __init__(self, test, name, directory, peers, secret, heartbeat="50ms"):
        self.test, self.name, self.directory = test, name, os.path.join(directory, name)
        os.mkdir(self.directory)
        self.listener = peers[name]
        self.path = os.path.join(self.directory, "syncd.sock")
        self.config = os.path.join(self.directory, "syncd.conf")
        lines = [f"node {name}", f'listen "fd@${{LISTEN}}"', f"socket {self.path}", f"heartbeat {heartbeat}"]
        lines += [f"peer {peer} 127.0.0.1:{sock.getsockname()[1]}" for peer, sock in peers.items() if peer != name]
        if secret:
            secret_path = os.path.join(self.directory, "secret")
            with open(secret_path, "w", encoding="ascii", opener=lambda p, f: os.open(p, f, 0o600)) as file:
                file.write(secret + "\n")
            lines.append(f"secret-file {secret_path}")
        with open(self.config, "w", encoding="ascii") as file:
            file.write("\n".join(lines) + "\n")
        self.program = None
        test.addCleanup(self.close)

    def start(self):
        self.program = Program([SYNCD, "-f", self.config], self.directory, {"LISTEN": self.listener})
        wait_for(lambda: os.path.exists(self.path), what=f"syncd\n{self.program.errors()}")
        return self

    def kill(self):
        self.program.process.kill()
        self.program.wait()
        self.program.close()
        os.unlink(self.path)

    def stats(self):
        with Link(self.path, ROLE_LBCTL) as link:
            return link.stats()

    def lbd(self):
        link = FakeLbd(self.path)
        self.test.addCleanup(link.close)
        return link

    def wait_in_sync(self, peer):
        wait_for(lambda: self.stats().get((f"node {peer}", "in_sync")) == 1,
                 what=f"{self.name} in sync with {peer}")

    def close(self):
        if self.program:
            self.program.close()


class PairCase(unittest.TestCase):
    """Two nodes that are not started yet."""
    secret = "correct horse battery staple"

    def setUp(self):
        directory = tempfile.TemporaryDirectory(prefix="tandem-syncd-")
        self.addCleanup(directory.cleanup)
        self.sockets = {name: listening_socket() for name in ("lb1", "lb2")}
        for sock in self.sockets.values():
            self.addCleanup(sock.close)
        self.nodes = [Node(self, name, directory.name, self.sockets, self.secret) for name in self.sockets]

    def start_both(self):
        a, b = (node.start() for node in self.nodes)
        a.wait_in_sync("lb2")
        b.wait_in_sync("lb1")
        return a, b


class ReplicationTest(PairCase):
    def test_what_is_set_on_one_node_arrives_on_the_other(self):
        a, b = self.start_both()
        on_a, on_b = a.lbd(), b.lbd()
        on_a.set("www", "s1", admin=MAINT)
        on_b.wait_state("www", "s1", admin=MAINT)
        on_b.set("www", "s1", weight=7)
        on_a.wait_state("www", "s1", weight=7)
        on_b.set("www", "s1", admin=READY)
        on_a.wait_state("www", "s1", admin=READY, weight=7)
        self.assertEqual(on_b.states, {("www", "s1"): {"admin": MAINT}}, "nothing comes back to who said it")

    def test_lbd_that_restarts_is_taught(self):
        a, b = self.start_both()
        first = a.lbd()
        first.set("www", "s1", admin=DRAIN, weight=3)
        first.set("www", "s2", weight=0)
        on_b = b.lbd()
        on_b.wait_state("www", "s2", weight=0)
        first.close()
        self.assertEqual(a.lbd().states, {("www", "s1"): {"admin": DRAIN, "weight": 3}, ("www", "s2"): {"weight": 0}})
        self.assertEqual(b.lbd().states, {("www", "s1"): {"admin": DRAIN, "weight": 3}, ("www", "s2"): {"weight": 0}})

    def test_old_and_new_lbd_of_a_reload_are_both_linked(self):
        a = self.nodes[0].start()
        old = a.lbd()
        old.set("www", "s1", weight=3)
        new = a.lbd()
        new.wait_state("www", "s1", weight=3)
        new.set("www", "s1", weight=4)
        old.wait_state("www", "s1", weight=4)

    def test_killed_syncd_is_taught_by_the_other_node(self):
        a, b = self.start_both()
        on_b = b.lbd()
        a.lbd().set("www", "s1", admin=MAINT)
        on_b.wait_state("www", "s1", admin=MAINT)
        a.kill()
        on_b.set("www", "s2", weight=9)
        a.start()
        a.wait_in_sync("lb2")
        self.assertEqual(a.lbd().states, {("www", "s1"): {"admin": MAINT}, ("www", "s2"): {"weight": 9}})

    def test_killed_syncd_is_taught_by_its_lbd_again(self):
        a = self.nodes[0].start()
        a.lbd().set("www", "s1", weight=5)
        a.kill()
        a.start()
        back = a.lbd()  # what a real lbd does when the link comes back: it tells what it knows
        self.assertEqual(back.states, {})
        back.set("www", "s1", weight=5)
        wait_for(lambda: a.stats()["", "entries"] == 1, what="entry")

    def test_partition_heals_and_the_later_write_wins(self):
        a, b = self.start_both()
        on_a, on_b = a.lbd(), b.lbd()
        os.kill(b.program.pid, signal.SIGSTOP)
        wait_for(lambda: a.stats()["node lb2", "state"] == "down", what="silence noticed")
        now = time.time_ns() // 1000
        on_a.set("www", "s1", weight=1, time_us=now + 1000)
        on_a.set("www", "s2", weight=1, time_us=now)
        os.kill(b.program.pid, signal.SIGCONT)
        on_b.set("www", "s1", weight=2, time_us=now)
        on_b.set("www", "s2", weight=2, time_us=now + 1000)
        on_b.wait_state("www", "s1", weight=1)
        on_a.wait_state("www", "s2", weight=2)
        self.assertEqual(a.lbd().states, {("www", "s1"): {"weight": 1}, ("www", "s2"): {"weight": 2}})
        self.assertEqual(b.lbd().states, a.lbd().states)

    def test_numbers(self):
        a, b = self.start_both()
        on_a = a.lbd()
        on_a.set("www", "s1", weight=1)
        b.lbd().wait_state("www", "s1", weight=1)

        def quiet():
            stats = a.stats()
            return stats["node lb2", "updates_on_the_way"] == 0 and stats["node lb2", "teachings"] == 1
        wait_for(quiet, what="acknowledgement, and the end of the teaching")
        stats = a.stats()
        expected = {"node": "lb1", "entries": 1, "entries_limit": 65536, "changes": 1, "changes_stale": 0,
                    "entries_refused": 0, "local_links": 1, "connections_refused": 0, "malformed": 0}
        self.assertEqual({name: stats["", name] for name in expected}, expected)
        self.assertIn(("", "uptime_seconds"), stats)
        expected = {"state": "in sync", "in_sync": 1, "links": 1, "updates_in": 0, "updates_out": 1,
                    "updates_on_the_way": 0, "updates_rejected": 0, "teachings": 1, "resyncs": 0}
        self.assertEqual({name: stats["node lb2", name] for name in expected}, expected)

    def test_many_objects(self):
        a, b = self.start_both()
        on_a = a.lbd()
        for i in range(2000):
            on_a.set("www", f"s{i}", weight=i % 256)
        wait_for(lambda: b.stats()["", "entries"] == 2000, what="2000 entries")
        self.assertEqual(len(b.lbd().states), 2000)

    def test_sigterm_stops_cleanly(self):
        a, b = self.start_both()
        on_a = a.lbd()
        self.assertEqual(a.program.stop(), 0)
        self.assertFalse(os.path.exists(a.path), "the socket is removed")
        self.assertEqual(a.program.errors().count("stopping"), 1)
        with self.assertRaises(EOFError):
            while True:
                on_a.receive()
        wait_for(lambda: b.stats()["node lb1", "state"] == "down", what="down")
        self.assertEqual(b.program.stop(), 0)

    def test_a_second_one_does_not_start(self):
        a = self.nodes[0].start()
        code, _, err = run([SYNCD, "-f", a.config], env={"LISTEN": str(a.listener.fileno())},
                           pass_fds=[a.listener.fileno()])
        self.assertEqual(code, 1)
        self.assertIn(f"process {a.program.pid} serves {a.path} already", err)
        self.assertEqual(a.lbd().states, {})

    def test_the_socket_is_for_those_who_run_the_pair(self):
        a = self.nodes[0].start()
        info = os.stat(a.path)
        try:
            usual = grp.getgrnam("haproxy").gr_gid if os.geteuid() == 0 else None
        except KeyError:
            usual = None
        expected = (0o600, os.getegid()) if usual is None else (0o660, usual)
        self.assertEqual((stat.S_IMODE(info.st_mode), info.st_gid), expected)
        a.program.stop()
        with open(a.config, "a", encoding="ascii") as file:
            file.write(f"socket {a.path} mode 640\n")
        a.start()
        info = os.stat(a.path)
        self.assertEqual((stat.S_IMODE(info.st_mode), info.st_gid), (0o640, os.getegid()))

    def test_changes_of_the_configuration_are_for_root(self):
        a = self.nodes[0].start()
        everybody = f"{a.directory}/everybody.sock"
        with open(a.config, "a", encoding="ascii") as file:
            file.write(f"socket {everybody} mode 666\n")
        a.program.close()
        a.path = everybody
        a.start()
        lbctl = [need_program("lbctl"), "-y", everybody, "history"]
        code, _, err = run(lbctl)
        self.assertEqual(code, 1)
        self.assertIn("lb1: applyd does not run, or is not linked with syncd\n", err)
        if not netns.real_root():
            return
        for folder in (a.directory, os.path.dirname(a.directory)):
            os.chmod(folder, 0o755)
        code, _, err = run(["setpriv", "--reuid=65534", "--regid=65534", "--clear-groups", *lbctl])
        self.assertEqual(code, 1)
        self.assertIn("lb1: only root may change the configuration\n", err)
        with Link(everybody, ROLE_LBCTL) as link:
            self.assertEqual(link.stats()["", "node"], "lb1", "how it is everybody may ask")

    def test_alone_it_serves_its_lbd(self):
        a = self.nodes[0].start()
        a.lbd().set("www", "s1", weight=5)
        wait_for(lambda: a.lbd().states == {("www", "s1"): {"weight": 5}}, what="state kept")
        self.assertNotIn("lb2", a.program.errors(), "an absent node is no news")


class StrangersTest(PairCase):
    def test_hostile_bytes_get_nowhere(self):
        a, b = self.start_both()
        address = self.sockets["lb1"].getsockname()
        rng = random.Random(7)
        attacks = [b"", b"\0" * 100000, b"\xff" * 100, b"GET / HTTP/1.0\r\n\r\n", frame(b""), frame(b"\xff\xff"),
                   frame(hello(ROLE_SYNCD, "lb2", protocol=99)), frame(hello(ROLE_SYNCD, "nobody")),
                   frame(hello(ROLE_LBD, "lb2")), frame(hello(ROLE_SYNCD, "lb1")), frame(hello(ROLE_LBCTL)) * 2,
                   frame(field(UPDATE, field(1, 1))), frame(b"\x0a\x05abc")]
        attacks += [rng.randbytes(rng.randrange(1, 300)) for _ in range(200)]
        attacks += [frame(rng.randbytes(rng.randrange(1, 300))) for _ in range(200)]
        for attack in attacks:
            with socket.create_connection(address, 5) as sock:
                try:
                    sock.sendall(attack)
                    sock.shutdown(socket.SHUT_WR)
                    sock.settimeout(5)
                    while sock.recv(65536):
                        pass
                except OSError:  # closed or reset while we talk
                    pass
        self.assertTrue(a.program.alive())
        stats = a.stats()
        self.assertEqual(stats["", "entries"], 0)
        self.assertEqual(stats["node lb2", "in_sync"], 1, "the true peer is not disturbed")
        self.assertGreater(stats["", "malformed"], 100)

    def test_names_alone_open_nothing(self):
        """Somebody who knows the protocol and the name of the peer, but not the secret."""
        a = self.nodes[0].start()
        address = self.sockets["lb1"].getsockname()
        update = field(UPDATE, field(1, 1) + field(3, server_state("www", "s1", admin=MAINT)))
        parts = field(PARTS, field(1, 1) + field(3, b"stick/ip/web") + field(4, field(2, b"lb2")) +
                      field(5, field(3, b"abcd") + field(4, 1) + field(7, b"x")))
        present = field(PRESENT, field(1, field(2, b"lb2")))
        for speech in ([field(RESUME, b""), update, field(TAUGHT, b"")], [field(PROOF, field(1, b"x" * 32)), update],
                       [field(RESUME, field(15, 1)), parts, present], [field(PROOF, b""), parts],
                       [field(PROOF, b""), update], [field(STATS_REQUEST, b"")]):
            with Link(address, ROLE_SYNCD, "lb2") as link:
                link.socket.sendall(b"".join(frame(payload) for payload in speech))
                heard = []
                with self.assertRaises(EOFError):
                    while True:
                        heard.append(link.receive()[0])
                self.assertIn(heard, ([GOODBYE], []), "not a byte of ours for him")
        self.assertEqual(a.stats()["", "entries"], 0)
        self.assertEqual(a.stats()["", "connections_refused"], 6)

    def test_idle_strangers_do_not_lock_the_peer_out(self):
        a = self.nodes[0].start()
        address = self.sockets["lb1"].getsockname()
        idle = [socket.create_connection(address, 5) for _ in range(60)]
        self.nodes[1].start()
        a.wait_in_sync("lb2")
        for sock in idle:
            sock.close()

    def test_no_link_and_a_reason(self):
        a = self.nodes[0].start()
        with open(os.path.join(self.nodes[1].directory, "secret"), "w", encoding="ascii") as file:
            file.write("another secret altogether\n")
        b = self.nodes[1].start()
        a.lbd().set("www", "s1", weight=5)
        wait_for(lambda: "the secrets differ" in a.program.errors(), what="reason")
        wait_for(lambda: a.stats()["", "connections_refused"] > 1, what="another attempt")
        self.assertEqual(b.stats()["", "entries"], 0)
        self.assertEqual(a.stats()["node lb2", "state"], "down")


class NoSecretTest(ReplicationTest):
    """On loopback a pair may do without; replication is the same."""
    secret = None

    def test_in_the_background(self):
        pidfile = os.path.join(self.nodes[0].directory, "pid")
        a = self.nodes[0]
        with open(a.config, "a", encoding="ascii") as file:
            file.write(f"pidfile {pidfile}\n")
        listen = {"env": {"LISTEN": str(a.listener.fileno())}, "pass_fds": [a.listener.fileno()]}
        code, out, err = run([SYNCD, "-D", "-f", a.config], **listen)
        self.assertEqual((code, out, err), (0, "", ""))
        with open(pidfile, encoding="ascii") as file:
            pid = int(file.read())
        try:
            self.assertEqual(a.stats()["", "entries"], 0, "ready when the command returns")
            code, _, err = run([SYNCD, "-D", "-f", a.config], **listen)
            self.assertEqual(code, 1)
            self.assertIn("already", err)
        finally:
            os.kill(pid, signal.SIGTERM)
            wait_for(lambda: not os.path.exists(pidfile), what="end")

    def test_pid_file_and_check(self):
        pidfile = os.path.join(self.nodes[0].directory, "pid")
        with open(self.nodes[0].config, "a", encoding="ascii") as file:
            file.write(f"pidfile {pidfile}\n")
        a = self.nodes[0].start()

        def written():
            with contextlib.suppress(FileNotFoundError), open(pidfile, encoding="ascii") as file:
                return file.read()
            return ""

        wait_for(lambda: written().endswith("\n"), what="pid file")
        self.assertEqual(written(), f"{a.program.pid}\n")
        a.program.stop()
        self.assertFalse(os.path.exists(pidfile))


class OtherVersionsTest(PairCase):
    """A node of another version: what it does not say is not asked of it, and what only it knows is left."""
    secret = None

    def exchange(self, greeting, *before):
        """Links as lb2, says `before`, then one server's weight; the numbers of what was heard until lb1's came."""
        a = self.nodes[0].start()
        on_a = a.lbd()
        on_a.set("www", "s1", weight=7)
        heard = []
        with Link(self.sockets["lb1"].getsockname(), ROLE_SYNCD, greeting=greeting) as lb2:
            for payload in before + (field(RESUME, b""), field(UPDATE, field(1, 1) + field(3, server_state("www", "s2", weight=9))),
                                     field(TAUGHT, field(1, 1))):
                lb2.send(payload)
            while UPDATE not in heard:
                heard.append(lb2.receive()[0])
            on_a.wait_state("www", "s2", weight=9)
            self.assertEqual(a.stats()["node lb2", "links"], 1)
        return heard

    def test_an_older_node(self):
        heard = self.exchange(hello(ROLE_SYNCD, "lb2"))
        self.assertEqual(heard.count(RESUME), 1, "no second stream for who does not know of it")
        self.assertNotIn(PARTS, heard)

    def test_a_newer_node(self):
        more = field(HELLO, field(8, 1) + field(8, 9) + field(10, 3) + field(60, b"new") + field(61, 5))
        heard = self.exchange(hello(ROLE_SYNCD, "lb2") + more, field(90, b"what is this"), field(91, field(1, 1)),
                              field(RESUME, field(15, 1) + field(70, b"new")), field(RESUME, field(15, 9)),
                              field(PRESENT, field(1, field(2, b"lb2") + field(70, 1))), field(TAUGHT, field(15, 1)))
        self.assertEqual(heard.count(RESUME), 2)
        self.assertNotIn("malformed", self.nodes[0].program.errors())


class CheckTest(unittest.TestCase):
    def check(self, text):
        with tempfile.NamedTemporaryFile("w", suffix=".conf") as file:
            file.write(text)
            file.flush()
            return run([SYNCD, "-c", "-f", file.name])

    def test_valid(self):
        code, out, err = self.check("node a\npeer a 127.0.0.1:7001\npeer b 127.0.0.1:7002\n")
        self.assertEqual((code, out, err), (0, "Configuration file is valid\n", ""))

    def test_an_open_port_must_be_asked_for(self):
        code, _, err = self.check("node a\nlisten 0.0.0.0:7001\n")
        self.assertEqual(code, 1)
        self.assertIn("without a secret anyone who reaches 0.0.0.0:7001 could change the servers", err)
        code, _, _ = self.check("node a\nlisten 0.0.0.0:7001\nallow-unauthenticated-peers\n")
        self.assertEqual(code, 0)

    def test_all_errors_in_one_run(self):
        code, _, err = self.check("pear b 127.0.0.1:1\nlisten x\nheartbeat 1\n")
        self.assertEqual(code, 1)
        self.assertEqual(err.count("[ALERT]"), 3)
        self.assertIn("did you mean 'peer'?", err)

    def test_missing_file(self):
        code, _, err = run([SYNCD, "-f", "/nonexistent"])
        self.assertEqual(code, 1)
        self.assertIn("/nonexistent", err)


if __name__ == "__main__":
    unittest.main()
