"""Two whole nodes, the addresses of which are handed over by plan: no new connection fails, and what is open goes on where
it is until it ends, or its time is over."""

import contextlib
import os
import socket
import sys
import threading
import time
import unittest

sys.path.insert(0, os.path.dirname(os.path.dirname(os.path.abspath(__file__))))

from support import netns  # noqa: E402
from support.link import ROLE_LBCTL, Link  # noqa: E402
from support.partners import PartnersWithLbd  # noqa: E402
from support.process import need_program, wait_for  # noqa: E402
from support.vrrp import VIP, VIP6, address, address6, instance  # noqa: E402

LBD = f"""global
  tandem-link-socket "${{DIRECTORY}}/lbd.sock"
  tandem-syncd-socket "${{DIRECTORY}}/syncd.sock"
defaults
  timeout connect 2s
  timeout client 30s
  timeout server 30s
frontend web
  mode http
  bind {VIP}:80 transparent
  http-request return status 200 content-type text/plain lf-string %[env(NODE)]
listen talk
  mode tcp
  bind {VIP}:81 transparent
  bind [{VIP6}]:81 transparent
  server s {address(9)}:9000
"""
CLIENTS = 4


class Talk:
    """A connection that stays open: each word comes back with the name of the node that it went through."""

    def __init__(self, test, to=VIP):
        with test.client.inside():
            self._socket = socket.create_connection((to, 81), timeout=10)
        test.addCleanup(self.close)

    def say(self, word="hello"):
        self._socket.sendall(word.encode() + b"\n")
        answer = b""
        while not answer.endswith(b"\n"):
            piece = self._socket.recv(1000)
            if not piece:
                raise ConnectionError("closed")
            answer += piece
        node, said = answer.decode().split()
        assert said == word, (said, word)
        return node

    def close(self):
        self._socket.close()


class Server(threading.Thread):
    """Where talk leads to."""

    def __init__(self, test):
        super().__init__(daemon=True)
        with test.client.inside():
            self._listener = socket.create_server((address(9), 9000))
        self._names = {address(1): "a", address(2): "b"}
        test.addCleanup(self._listener.close)
        self.start()

    def run(self):
        with contextlib.suppress(OSError):
            while True:
                threading.Thread(target=self._answer, args=self._listener.accept(), daemon=True).start()

    def _answer(self, connection, peer):
        with connection, contextlib.suppress(OSError), connection.makefile("rw", encoding="ascii") as lines:
            for line in lines:
                lines.write(f"{self._names[peer[0]]} {line}")
                lines.flush()


class HandOverCase(PartnersWithLbd, unittest.TestCase):
    INSTANCES = ("VI_1", "VI_6")

    def setUp(self):
        super().setUp()
        self.client.run("ip", "addr", "add", f"{address6(9)}/64", "dev", "eth0", "nodad")
        self.server = Server(self)
        for node in (self.a, self.b):
            self.start_lbd(node, LBD)
        for node, priority in ((self.b, 100), (self.a, 110)):
            self.start_both(node, priority)
        for name in self.INSTANCES:
            wait_for(lambda n=name: self.a.state(n) == "MASTER" and self.b.state(n) == "BACKUP", 15, "a alone")
        wait_for(lambda: not self.b.has(), what="one with the address")
        wait_for(lambda: "VI_1" in self.status(self.b) and "lacks" not in self.status(self.b), what="b to be ready")

    def start_both(self, node, priority):
        words = {"priority": priority, "advert_int": 0.4, "track_lbd": True}
        node.start(instance(**words) + instance("VI_6", (VIP6 + "/64",), **words),
                   [f"tandem_syncd_socket {node.directory}/syncd.sock"])

    def hand_over(self, node, *words):
        code, text = self.failover(node, *words)
        self.assertEqual(code, 0, text)
        return text

    @contextlib.contextmanager
    def traffic(self, what):
        """Clients with a new connection for each request; none may fail. Yields what waits for some more of it."""
        failures, longest, done = [], [0.0], threading.Event()
        counts = [0] * CLIENTS

        def client(number):
            while not done.is_set():
                begun = time.monotonic()
                try:
                    with self.client.inside():
                        connection = socket.create_connection((VIP, 80), timeout=10)
                    with connection:
                        connection.sendall(b"GET / HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n")
                        answer = b"".join(iter(lambda: connection.recv(4096), b""))
                    if not answer.startswith(b"HTTP/1.1 200 ") or answer[-1:] not in b"ab":
                        failures.append(answer)
                except OSError as error:
                    failures.append(error)
                counts[number] += 1
                longest[0] = max(longest[0], time.monotonic() - begun)

        def some():
            before = list(counts)
            wait_for(lambda: all(now > then + 20 for now, then in zip(counts, before)), 20, "traffic")

        threads = [threading.Thread(target=client, args=(i,)) for i in range(CLIENTS)]
        for thread in threads:
            thread.start()
        try:
            some()
            yield some
            some()
        finally:
            done.set()
            for thread in threads:
                thread.join()
        print(f"{what}: {sum(counts)} new connections, {len(failures)} failed, longest {longest[0] * 1000:.0f} ms")
        self.assertEqual(failures, [])

    def check_goes_on(self, to, vip, others=()):
        """`others` are open at a, too."""
        open_one = Talk(self, to)
        self.assertEqual(open_one.say(), "a")
        text = self.hand_over(self.a)
        self.assertIn("connections that are open go on here for 30 s at most", text)
        self.assertEqual(open_one.say("still"), "a")
        fresh = Talk(self, to)
        self.assertEqual(fresh.say(), "b")
        self.assertIn("connections that were open go on here for ", self.status(self.a))
        # Whoever asks where the address is learns it of b only, and a asks for clients in another name.
        for host in (self.client, self.a.host):
            host.run("ip", "neigh", "flush", "all")
        self.assertEqual((open_one.say("more"), fresh.say("more")), ("a", "b"))
        self.assertEqual(self.mac_known_of(to), self.mac(self.b))
        self.assertTrue(self.a.has(vip))
        open_one.close()
        for other in others:
            self.assertEqual((other.say("one"), fresh.say("two"), other.say("three")), ("a", "b", "a"))
            other.close()
        wait_for(lambda: not self.a.has(vip), what="a to be done")
        self.assertEqual(fresh.say("again"), "b")
        self.assertIn("drained: no connection is left", self.a.log())
        wait_for(lambda: "any more: none is left there" in self.b.log(), what="b to be told")

    def mac_known_of(self, ip):
        return self.client.run("ip", "neigh", "show", ip).split("lladdr ")[1].split()[0]

    @staticmethod
    def mac(node):
        return node.host.run("ip", "link", "show", "eth0").split("link/ether ")[1].split()[0]


class HandOverTest(HandOverCase):
    def test_new_connections_never_fail(self):
        old, new = self.a, self.b
        with self.traffic("hand-over") as some:
            for _ in range(4):
                some()
                self.hand_over(old)
                wait_for(lambda o=old, n=new: n.state() == "MASTER" and o.state() == "BACKUP", what="it to be done")
                old, new = new, old

    def test_who_comes_back_breaks_nothing(self):
        self.a.stop()
        wait_for(lambda: self.b.state() == "MASTER" and self.b.state("VI_6") == "MASTER", what="b to follow")
        open_one = Talk(self)
        self.assertEqual(open_one.say(), "b")
        with self.traffic("failback"):
            self.start_both(self.a, 110)
            for name in ("VI_1", "VI_6"):
                wait_for(lambda n=name: self.a.state(n) == "MASTER" and self.b.state(n) == "BACKUP", 15, "a to be back")
        self.assertEqual((open_one.say("still"), Talk(self).say()), ("b", "a"))
        self.assertIn("yields to node a: it has priority 110", self.b.log())
        self.assertNotIn("does not preempt: it was handed over", self.b.log())

    def test_what_is_open_goes_on(self):
        self.check_goes_on(VIP, VIP)

    def test_what_is_open_goes_on_over_ipv6(self):
        self.check_goes_on(VIP6, VIP6)

    def test_answers_end_connections_that_would_be_kept(self):
        with self.client.inside():
            kept = socket.create_connection((VIP, 80), timeout=10)
        self.addCleanup(kept.close)
        request = b"GET / HTTP/1.1\r\nHost: x\r\n\r\n"
        kept.sendall(request)
        self.assertNotIn(b"onnection: close", kept.recv(4096))
        self.hand_over(self.a)
        wait_for(lambda: "the addresses are on another node" in self.lbd[self.a].errors(), what=self.lbd[self.a].errors())
        kept.sendall(request)
        answer = b"".join(iter(lambda: kept.recv(4096), b""))
        self.assertIn(b"onnection: close", answer)
        self.assertTrue(answer.endswith(b"a"))
        wait_for(lambda: not self.a.has(), what="a to be done")

    def test_its_time_is_limited(self):
        open_one = Talk(self)
        self.assertEqual(open_one.say(), "a")
        self.hand_over(self.a, "--drain", "1")
        self.assertEqual(open_one.say(), "a")
        wait_for(lambda: not self.a.has(), what="the end of the time")
        self.assertIn("drained: the time is over", self.a.log())
        with self.assertRaises(OSError):
            for _ in range(10):
                open_one.say()

    def test_none_goes_on_where_the_operator_says_so(self):
        open_one = Talk(self)
        self.assertEqual(open_one.say(), "a")
        self.assertNotIn("go on", self.hand_over(self.a, "--drain", "0"))
        wait_for(lambda: not self.a.has(), what="a to be without")
        with self.assertRaises(OSError):
            for _ in range(10):
                open_one.say()

    def test_there_and_back(self):
        first = Talk(self)
        self.assertEqual(first.say(), "a")
        self.hand_over(self.a)
        second = Talk(self)
        self.assertEqual((first.say(), second.say()), ("a", "b"))
        self.hand_over(self.b)
        third = Talk(self)
        self.assertEqual((first.say(), second.say(), third.say()), ("a", "b", "a"))
        first.close()
        third.close()
        self.assertEqual(second.say(), "b")
        second.close()
        wait_for(lambda: not self.b.has(), what="b to be done")
        self.assertTrue(self.a.has())

    def test_what_went_on_is_there_when_the_new_master_dies(self):
        open_one = Talk(self)
        self.assertEqual(open_one.say(), "a")
        self.hand_over(self.a)
        self.assertEqual(open_one.say(), "a")
        self.b.host.link("eth0", False)
        self.a.wait_state("MASTER", timeout=10)
        self.assertEqual(open_one.say("still"), "a")
        self.assertEqual(Talk(self).say(), "a")

    def test_what_a_killed_process_leaves(self):
        open_one = Talk(self)
        self.hand_over(self.a)
        self.assertEqual(open_one.say(), "a")
        self.a.kill()
        self.assertTrue(self.a.has())
        self.start_both(self.a, 110)
        wait_for(lambda: not self.a.has(), what="the left address to go")
        self.a.wait_state("MASTER", timeout=10)
        # As master it answers who asks where the address is.
        self.client.run("ip", "neigh", "flush", "all")
        self.assertEqual(Talk(self).say(), "a")

    def test_wrong_words(self):
        self.assertEqual(self.failover(self.a, "--drain"), (2, "lbctl: --drain needs seconds, 0 to 86400\n"))
        self.assertEqual(self.failover(self.a, "--drain", "x")[0], 2)
        with Link(f"{self.a.directory}/vrrpd.sock", ROLE_LBCTL) as link:
            self.assertEqual(link.stats()["instance VI_1", "vrrp_state"], "MASTER")


class BothFamiliesTest(HandOverCase):
    """IPv4 and IPv6 addresses in one instance, those of IPv6 in adverts or not."""

    INSTANCES = ("VI_1",)
    EXCLUDED = False

    def start_both(self, node, priority):
        vips = (VIP + "/24", VIP6 + "/64")
        words = {"priority": priority, "advert_int": 0.4, "track_lbd": True,
                 "vips": vips[:1] if self.EXCLUDED else vips, "excluded": vips[1:] if self.EXCLUDED else ()}
        node.start(instance(**words), [f"tandem_syncd_socket {node.directory}/syncd.sock"])

    def test_what_is_open_goes_on(self):
        other = Talk(self)
        self.check_goes_on(VIP6, VIP6, others=(other,))


class ExcludedTest(BothFamiliesTest):
    EXCLUDED = True


def main():
    netns.enter_private()
    for program in ("lbd", "vrrpd", "syncd", "lbctl"):
        need_program(program)
    unittest.main()


if __name__ == "__main__":
    main()
