"""Two real lbd, each with its real syncd: what is set on the runtime socket of one node holds on the other, and after
lbd was killed."""

import os
import signal
import socket
import tempfile
import unittest

from support.process import Program, children, listening_socket, need_program, wait_for

LBD, SYNCD = need_program("lbd"), need_program("syncd")


def command(path, line):
    with socket.socket(socket.AF_UNIX, socket.SOCK_STREAM) as client:
        client.settimeout(5)
        client.connect(path)
        client.sendall(line.encode() + b"\n")
        answer = b""
        while data := client.recv(65536):
            answer += data
    return answer.decode()


class Node:
    def __init__(self, test, name, directory, syncs):
        self.name, self.directory = name, os.path.join(directory, name)
        os.mkdir(self.directory)
        self.listener = syncs[name]
        self.service = listening_socket()
        self.origin = listening_socket()  # accepts into its backlog and never answers: enough for a TCP check
        lines = [f"node {name}", 'listen "fd@${LISTEN}"', f"socket {self.path('syncd.sock')}", "heartbeat 50ms"]
        lines += [f"peer {peer} 127.0.0.1:{sock.getsockname()[1]}" for peer, sock in syncs.items() if peer != name]
        self.write("syncd.conf", "\n".join(lines) + "\n")
        self.lbd = self.syncd = None
        self.weight = 10
        for closing in (self.service.close, self.origin.close, self.stop):
            test.addCleanup(closing)

    def path(self, name):
        return os.path.join(self.directory, name)

    def write(self, name, text):
        with open(self.path(name), "w", encoding="ascii") as file:
            file.write(text)

    def start_syncd(self):
        self.syncd = Program([SYNCD, "-f", self.path("syncd.conf")], self.directory, {"LISTEN": self.listener})
        wait_for(lambda: os.path.exists(self.path("syncd.sock")), what=f"syncd\n{self.syncd.errors()}")

    def start_lbd(self, *options, first=""):
        origin = self.origin.getsockname()[1]
        self.write("lbd.cfg", f"""global
  {first}
  stats socket {self.path('stats')} level admin
  tandem-link-socket {self.path('link.sock')}
  tandem-syncd-socket {self.path('syncd.sock')}
defaults
  mode http
  timeout client 5s
  timeout server 5s
  timeout connect 5s
frontend web
  bind "fd@${{WEB}}"
  http-request return status 200
backend www
  server s1 127.0.0.1:{origin} weight {self.weight}
  server s2 127.0.0.1:{origin} weight {self.weight}
""")
        self.lbd = Program([LBD, "-db", *options, "-f", self.path("lbd.cfg")], self.directory, {"WEB": self.service})
        self.assert_serves()

    def assert_serves(self):
        """The listening socket is the test's own: a request waits in its backlog until lbd accepts traffic."""
        with socket.create_connection(self.service.getsockname(), 5) as client:
            client.sendall(b"GET / HTTP/1.0\r\n\r\n")
            answer = client.recv(100)
        assert answer.startswith(b"HTTP/1.1 200 "), (answer, self.lbd.errors())

    def kill_lbd(self):
        self.lbd.process.kill()
        self.lbd.wait()
        self.lbd.close()

    def set(self, server, what):
        answer = command(self.path("stats"), f"set server www/{server} {what}")
        assert answer.strip() == "", answer

    def state(self, server):
        """(administrative bits, weight)"""
        for line in command(self.path("stats"), "show servers state www").splitlines():
            words = line.split()
            if len(words) > 8 and words[3] == server:
                return int(words[6]), int(words[7])
        raise AssertionError(f"no server {server}")

    def wait_state(self, server, admin, weight):
        wait_for(lambda: self.state(server) == (admin, weight),
                 what=f"{self.name}: {server} to be {admin, weight}, it is {self.state(server)}\n{self.lbd.errors()}")

    def stop(self):
        for program in (self.lbd, self.syncd):
            if program:
                program.close()


READY, MAINT, DRAIN = 0, 1, 8


class ReplicationTest(unittest.TestCase):
    def setUp(self):
        directory = tempfile.TemporaryDirectory(prefix="tandem-replication-")
        self.addCleanup(directory.cleanup)
        syncs = {name: listening_socket() for name in ("lb1", "lb2")}
        for sock in syncs.values():
            self.addCleanup(sock.close)
        self.a, self.b = (Node(self, name, directory.name, syncs) for name in syncs)

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

    @unittest.skipUnless(os.geteuid() == 0, "only root may change the root directory")
    def test_in_a_chroot_and_after_a_reload_there(self):
        for node in (self.a, self.b):
            node.start_syncd()
            os.chmod(node.path("syncd.sock"), 0o666)
            os.chmod(node.directory, 0o755)
            os.mkdir(node.path("jail"))
            node.start_lbd("-W", first=f"chroot {node.path('jail')}\n  user nobody")
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
