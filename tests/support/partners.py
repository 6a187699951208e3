"""Two nodes with a vrrpd each, whose syncd are linked over a cable of their own, and a client beside them."""

import os

from support import netns
from support.link import ROLE_LBCTL, Link
from support.process import Program, need_program, run, wait_for
from support.vrrp import Router, address, instance

SECRET = "0123456789abcdef0123456789abcdef"


class Partners:
    """Of a TestCase."""

    def setUp(self):
        super().setUp()
        self.network = netns.Network()
        self.addCleanup(self.network.close)
        self.a = Router(self, self.network, "a", 1)
        self.b = Router(self, self.network, "b", 2)
        self.client = self.network.host("client", address(9) + "/24")
        self.a.host.run("ip", "link", "add", "sync0", "type", "veth", "peer", "name", "sync0", "netns", str(self.b.host.pid))
        self.syncd = {}
        for number, node in enumerate((self.a, self.b), 1):
            node.host.run("ip", "addr", "add", f"10.88.0.{number}/24", "dev", "sync0")
            node.host.link("sync0", True)
            with open(f"{node.directory}/secret", "w", encoding="ascii", opener=lambda p, f: os.open(p, f, 0o600)) as file:
                file.write(SECRET)
            with open(f"{node.directory}/syncd.conf", "w", encoding="ascii") as file:
                file.write(f"node {node.name}\nsocket {node.directory}/syncd.sock\nheartbeat 100ms\n"
                           f"secret-file {node.directory}/secret\n"
                           "peer a 10.88.0.1:7890\npeer b 10.88.0.2:7890\n")
        for node in (self.a, self.b):
            self.start_syncd(node)
        for node, other in ((self.a, "b"), (self.b, "a")):
            wait_for(lambda n=node, o=other: self.stats(n)[f"node {o}", "in_sync"], what="linked syncd")

    def start_syncd(self, node):
        self.syncd[node] = Program([need_program("syncd"), "-f", f"{node.directory}/syncd.conf"], node.directory,
                                   prefix=node.host.prefix, own_directory=False)
        self.addCleanup(self.syncd[node].close)
        wait_for(lambda: os.path.exists(f"{node.directory}/syncd.sock"), what=self.syncd[node].errors())

    @staticmethod
    def failover(node, *words):
        """lbctl failover on that node: (exit code, what it says)."""
        code, out, error = run([need_program("lbctl"), "-r", f"{node.directory}/vrrpd.sock", "failover", *words])
        return code, out + error

    @staticmethod
    def stats(node):
        with Link(f"{node.directory}/syncd.sock", ROLE_LBCTL) as link:
            return link.stats()

    def start_router(self, node, **words):
        node.start(instance(**{"advert_int": 1, **words}), [f"tandem_syncd_socket {node.directory}/syncd.sock"])

    @staticmethod
    def router_stats(node):
        with Link(f"{node.directory}/vrrpd.sock", ROLE_LBCTL) as link:
            return link.stats()

    @staticmethod
    def status(node):
        """What lbctl status shows of that node's vrrpd."""
        return run([need_program("lbctl"), "-t", "5", "-r", f"{node.directory}/vrrpd.sock", "status"])[1]


class PartnersWithLbd(Partners):
    """And each with an lbd, whose sockets are where ${DIRECTORY} says."""

    def setUp(self):
        super().setUp()
        self.lbd = {}

    def start_lbd(self, node, text):
        self.lbd[node] = self.start_program(node.directory, "lbd.cfg", text, node.host, node.name)
        wait_for(lambda: os.path.exists(f"{node.directory}/lbd.sock"), what=self.lbd[node].errors())

    def start_program(self, directory, name, text, host, node_name=""):
        path = f"{directory}/{name}"
        with open(path, "w", encoding="ascii") as file:
            file.write(text)
        program = Program([need_program("lbd"), "-db", "-f", path], prefix=host.prefix, env={"DIRECTORY": directory, "NODE": node_name})
        self.addCleanup(program.close)
        return program

    @staticmethod
    def node_stat(node, name):
        with Link(f"{node.directory}/lbd.sock", ROLE_LBCTL) as link:
            return link.stats()["", name]

    def wait_up(self, node, count):
        def up():
            return os.path.exists(f"{node.directory}/lbd.sock") and self.node_stat(node, "servers_up") == count
        try:
            wait_for(up, 10)
        except AssertionError:
            self.fail(f"not {count} servers up of {node.name}\n{self.lbd[node].errors()}")
