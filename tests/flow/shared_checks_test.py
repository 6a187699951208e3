"""Two nodes check one server: the one that is not active believes what the other found, but looks for itself when it hears
of trouble, when the other is silent, and when it becomes the active one."""

import socket
import threading
import time
import unittest

from support.link import ROLE_VRRPD, Link, field
from support.pair import make_pair
from support.process import wait_for

BACKUP, MASTER = 1, 2
VRRP_STATES = 11
CONFIG = """backend app
  option httpchk
  server s1 127.0.0.1:"${PORT}" check inter 50ms source "${SOURCE}"
"""
SOURCES = {"lb1": "127.0.0.11", "lb2": "127.0.0.12"}


class Checked:
    """A server that counts the checks of each source address and answers each as it is told."""

    def __init__(self):
        self.socket = socket.create_server(("127.0.0.1", 0))
        self.port = self.socket.getsockname()[1]
        self.checks = dict.fromkeys(SOURCES.values(), 0)
        self.status = dict.fromkeys(SOURCES.values(), 200)
        self.thread = threading.Thread(target=self.serve, daemon=True)
        self.thread.start()

    def serve(self):
        while True:
            try:
                client, (source, _) = self.socket.accept()
            except OSError:
                return
            with client:
                client.recv(4096)
                self.checks[source] += 1
                client.sendall(f"HTTP/1.0 {self.status[source]} x\r\n\r\n".encode())

    def close(self):
        self.socket.shutdown(socket.SHUT_RDWR)
        self.socket.close()
        self.thread.join()


class SharedChecksTest(unittest.TestCase):
    def make(self, config=CONFIG, first=""):
        self.server = Checked()
        self.addCleanup(self.server.close)
        self.a, self.b = make_pair(self, config)
        for node in (self.a, self.b):
            node.first += first
            node.environment = {"PORT": str(self.server.port), "SOURCE": SOURCES[node.name]}
            node.start()
        wait_for(lambda: all(self.server.checks.values()), what=f"checks\n{self.a.log()}\n{self.b.log()}")
        self.links = {}

    def tell(self, node, state):
        """What the node's vrrpd says: an instance and its state."""
        if node.name not in self.links:
            self.links[node.name] = Link(node.path("link.sock"), ROLE_VRRPD)
            self.addCleanup(self.links[node.name].close)
        self.links[node.name].send(field(VRRP_STATES, field(1, field(1, "VI_1") + field(2, state))))

    def count(self, node):
        return self.server.checks[SOURCES[node.name]]

    def share(self):
        """lb1 is the active node."""
        self.tell(self.a, MASTER)
        self.tell(self.b, BACKUP)
        self.wait_shared()

    def wait_shared(self):
        """Checks of lb2 have become rare."""
        def rare():
            before = self.count(self.a), self.count(self.b)
            wait_for(lambda: self.count(self.a) >= before[0] + 20, what="20 checks of lb1")
            self.rare = self.count(self.b) - before[1]
            return self.rare <= 5
        wait_for(rare, timeout=20, what=f"rare checks of lb2\n{self.b.log()}")

    def up(self, node):
        line = next(line for line in node.cli("show stat").splitlines() if line.startswith("app,s1,"))
        return line.split(",")[17].startswith("UP")

    def wait_up(self, node, up):
        wait_for(lambda: self.up(node) == up, what=f"{node.name} up: {up}\n{node.log()}")

    def test_the_active_node_checks_for_both(self):
        self.make()
        self.share()
        self.assertTrue(self.up(self.b))
        # One that stops working is seen by both, and one that works again.
        for source in SOURCES.values():
            self.server.status[source] = 500
        self.wait_up(self.a, False)
        self.wait_up(self.b, False)
        for source in SOURCES.values():
            self.server.status[source] = 200
        self.wait_up(self.a, True)
        self.wait_up(self.b, True)
        self.wait_shared()

    def test_a_node_that_lost_its_server_does_not_take_the_other_along(self):
        self.make()
        self.share()
        self.server.status[SOURCES["lb1"]] = 500
        self.wait_up(self.a, False)
        before = self.count(self.b)
        wait_for(lambda: self.count(self.b) >= before + 10, what="checks of lb2 for itself")
        self.assertTrue(self.up(self.b), self.b.log())
        self.assertNotIn("DOWN", self.b.lbd.errors())

    def test_a_node_that_lost_its_server_does_not_believe_the_other_for_long(self):
        self.make()
        self.share()
        self.server.status[SOURCES["lb2"]] = 500
        self.wait_up(self.b, False)
        self.assertTrue(self.up(self.a))

    def test_a_silent_checker_is_not_waited_for(self):
        self.make()
        self.share()
        self.a.kill()
        before = self.count(self.b)
        wait_for(lambda: self.count(self.b) >= before + 10, what="checks of lb2")
        self.assertTrue(self.up(self.b))

    def test_the_active_node_always_checks_for_itself(self):
        self.make()
        self.share()
        self.tell(self.b, MASTER)
        before = self.count(self.b)
        began = time.monotonic()
        wait_for(lambda: self.count(self.b) >= before + 20, what="checks of lb2")
        self.assertLess(time.monotonic() - began, 4)
        before = self.count(self.a), self.count(self.b)
        wait_for(lambda: self.count(self.a) >= before[0] + 10, what="checks of lb1")
        self.assertGreater(self.count(self.b) - before[1], 4)
        # Without a vrrpd nobody knows who is active: both check.
        self.share_again()
        self.links.pop("lb2").close()
        before = self.count(self.a), self.count(self.b)
        wait_for(lambda: self.count(self.b) >= before[1] + 10, what="checks of lb2")

    def share_again(self):
        self.tell(self.b, BACKUP)
        self.wait_shared()

    def test_each_node_for_itself_where_the_file_says_so(self):
        self.make(first="\n  tandem-checks own")
        self.tell(self.a, MASTER)
        self.tell(self.b, BACKUP)
        before = self.count(self.a), self.count(self.b)
        wait_for(lambda: self.count(self.a) >= before[0] + 30, what="checks of lb1")
        self.assertGreater(self.count(self.b) - before[1], 15)


if __name__ == "__main__":
    unittest.main()
