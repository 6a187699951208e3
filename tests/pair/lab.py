"""A two-node pair in network namespaces: two nodes with lbd, vrrpd and syncd, three origins, and a client that never stops
asking. The configuration files are those of cfg/examples/pair, unchanged. Used by `make run` and by the tests.

    198.18.0.100 the service   .11 node1   .12 node2   .20 client   .31 .32 .33 origins   .1 this machine (when root)

Everything runs as a child of this program and dies with it, and the namespaces go with their last process.
"""

import collections
import contextlib
import os
import re
import secrets
import signal
import socket
import subprocess
import sys
import threading
import time

from support import netns
from support.client import command
from support.process import Program, find_program, wait_for

ROOT = os.path.dirname(os.path.dirname(os.path.dirname(os.path.abspath(__file__))))
EXAMPLES = os.path.join(ROOT, "cfg", "examples", "pair")
VIP = "198.18.0.100"
OUTSIDE = "198.18.0.1/24"
ORIGINS = ["198.18.0.31", "198.18.0.32", "198.18.0.33"]
SNMPD = """agentAddress udp:127.0.0.1:161,udp:{address}:161
rocommunity public
master agentx
agentXSocket /run/tandem/agentx
"""
DIES_WITH_US = ["setpriv", "--pdeathsig", "KILL", "--"]


class Node:
    """One of the two machines with its daemons."""

    def __init__(self, pair, name, address):
        self.pair = pair
        self.name = name
        self.address = address
        self.directory = os.path.join(pair.directory, name)
        os.makedirs(self.directory, exist_ok=True)
        self.host = pair.network.host(name, address + "/24", private_run=True)
        self.host.run("sh", "-c", f"umask 077; echo {pair.secret} > /run/tandem/secret")
        self.programs = {}
        self.monitors = []  # snmpd and its subagent

    def command(self, daemon):
        """What starts a daemon of this node; haproxy and keepalived may stand in for ours."""
        program = self.pair.programs[daemon]
        kind = os.path.basename(program)
        if kind in ("lbd", "haproxy"):
            return [program, "-db", "-f", os.path.join(EXAMPLES, "lbd.cfg")]
        if kind == "vrrpd":
            return [program, "-n", "-l", "-G", "-i", self.name, "-p", "/run/vrrpd.pid", "-f",
                    os.path.join(EXAMPLES, "vrrpd.conf")]
        if kind == "keepalived":
            return [program, "-n", "-l", "-P", "-i", self.name, "-f", self.pair.keepalived_conf]
        return [program, "-f", os.path.join(EXAMPLES, "syncd.conf")]

    def start(self, daemon):
        if daemon in self.programs and self.programs[daemon].alive():
            return
        if daemon in self.programs:
            self.programs[daemon].close()
        self.programs[daemon] = Program(
            self.command(daemon), self.directory, prefix=[*self.host.prefix, *DIES_WITH_US], own_session=True,
            env={"NODE": self.name, "NODE_ADDRESS": self.address})

    def start_all(self):
        for daemon in self.pair.programs:
            self.start(daemon)

    def start_snmp(self):
        """snmpd with a configuration and a state of its own, and lbsnmpd."""
        own = os.path.join(self.directory, "snmp")
        os.makedirs(own, exist_ok=True)
        with open(f"{own}/snmpd.conf", "w", encoding="ascii") as file:
            file.write(SNMPD.format(address=self.address))
        environment = {"SNMP_PERSISTENT_DIR": f"{own}/persistent", "SNMPCONFPATH": own, "MIBS": ""}
        for name, arguments in (
                ("snmpd", ["-f", "-C", "-c", f"{own}/snmpd.conf", "-Lf", f"{own}/snmpd.log", "-I",
                           "-smux,mteTrigger,mteTriggerConf"]),
                ("lbsnmpd", ["-x", "/run/tandem/agentx", "-s", "/run/tandem/lbd.sock", "-i", f"{own}/indices"])):
            self.monitors.append(Program([self.pair.snmp[name], *arguments], own,
                                         prefix=[*self.host.prefix, *DIES_WITH_US], own_session=True, env=environment))

    def signal(self, daemon, number):
        self.programs[daemon].signal(number)

    def alive(self, daemon):
        return daemon in self.programs and self.programs[daemon].alive()

    def has_vip(self):
        return any(address.startswith(VIP + "/") for address in self.host.addresses("eth0"))

    def serves(self):
        """lbd of this node answers at its own address (the statistics page)."""
        with self.host.inside():
            with socket.socket() as probe:
                probe.settimeout(0.5)
                return probe.connect_ex((self.address, 8404)) == 0

    def reaches_origins(self):
        """The way to the origins is open (the kernel may take a second after a cable is back), and lbd sees it so."""
        with self.host.inside():
            for address in ORIGINS:
                with socket.socket() as probe:
                    probe.settimeout(0.2)
                    if probe.connect_ex((address, 8080)) != 0:
                        return False
        with contextlib.suppress(OSError):
            return "DOWN" not in command(f"/proc/{self.host.pid}/root/run/tandem/lbd.sock", "show stat", timeout=1)
        return False

    def vrrp_state(self):
        """What vrrpd (or keepalived) said last that it is: BACKUP, MASTER, FAULT; None before it said anything."""
        said = re.findall(r"Entering (\w+) STATE", self.programs["vrrpd"].errors() + self.programs["vrrpd"].output())
        return said[-1] if said else None

    def close(self):
        for program in reversed(self.monitors):
            program.close()
        for daemon in ("vrrpd", "syncd", "lbd"):
            if daemon in self.programs:
                self.programs[daemon].close()


class Prober:
    """The client: one request each `interval` ms at the service's address; what became of each is in `results`."""

    Result = collections.namedtuple("Result", "sent received body")

    def __init__(self, host, interval, argv=None):
        """`argv`: what runs prober.py where it is not to run in a host of ours."""
        self.results = []  # the later ones; the counts are of all
        self.answered = self.failed = 0
        self.bodies = collections.Counter()
        self._process = subprocess.Popen(
            argv or [*host.prefix, *DIES_WITH_US, sys.executable, os.path.join(ROOT, "tests", "pair", "prober.py"), VIP, "80",
                     str(interval)], stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, text=True, start_new_session=True)
        self._thread = threading.Thread(target=self._read, daemon=True)
        self._thread.start()

    def _read(self):
        for line in self._process.stdout:
            sent, received, body = line.split()
            result = self.Result(int(sent), None if received == "-" else int(received), body)
            self.results.append(result)
            if result.received:
                self.answered += 1
                self.bodies[body] += 1
            else:
                self.failed += 1
            if len(self.results) > 200_000:
                del self.results[:100_000]

    def outage_ms(self, since_ns, settle=0.3, timeout=15.0):
        """The longest time without an answer around `since_ns`, once answers have come again for `settle` seconds."""

        def settled():
            later = [r.received for r in list(self.results) if r.received and r.received > since_ns]
            gap, gap_end = self._longest(since_ns, later)
            return later and time.monotonic_ns() - gap_end > settle * 1e9 and later[-1] - gap_end > settle * 0.8e9

        wait_for(settled, timeout, "answers to come again")
        later = [r.received for r in self.results if r.received and r.received > since_ns]
        return self._longest(since_ns, later)[0] / 1e6

    def _longest(self, since_ns, later):
        """(length, end) of the longest gap between answers, the first of which may lie before `since_ns`."""
        before = [r.received for r in self.results[-2000:] if r.received and r.received <= since_ns]
        times = sorted(([max(before)] if before else [since_ns]) + later)
        gaps = [(b - a, b) for a, b in zip(times, times[1:])]
        return max(gaps, default=(0, since_ns))

    def failures_since(self, since_ns):
        return [r for r in self.results if r.received is None and r.sent >= since_ns]

    def close(self):
        self._process.terminate()
        self._process.wait(5)
        self._thread.join(5)
        self._process.stdout.close()


class Pair:
    """The whole lab; a context manager. `programs` maps lbd, vrrpd and syncd to paths; syncd may be absent. `snmp` maps snmpd
    and lbsnmpd; without it the nodes have neither."""

    def __init__(self, directory, programs, outside=None, interval=5.0, snmp=None):
        self.snmp = snmp
        self.directory = directory
        self.programs = programs
        self.secret = secrets.token_hex(16)
        os.makedirs(directory, exist_ok=True)
        self._stack = contextlib.ExitStack()
        with contextlib.ExitStack() as undo:
            undo.callback(self._stack.close)
            self.network = self._stack.enter_context(netns.Network())
            if outside:
                self.network.attach(outside, OUTSIDE)
            self.keepalived_conf = self._for_keepalived()
            self.nodes = [Node(self, "node1", "198.18.0.11"), Node(self, "node2", "198.18.0.12")]
            for node in self.nodes:
                self._stack.callback(node.close)
            self.client = self.network.host("client", "198.18.0.20/24")
            origins = self.network.host("origins", *(address + "/24" for address in ORIGINS))
            self.origins = self._stack.enter_context(Program(
                [programs["lbd"], "-db", "-f", os.path.join(ROOT, "tests", "pair", "origins.cfg")],
                os.path.join(directory), prefix=[*origins.prefix, *DIES_WITH_US], own_session=True))
            for node in self.nodes:
                node.start_all()
            if snmp:
                for node in self.nodes:
                    node.start_snmp()
            self.wait_ready()
            self.prober = Prober(self.client, interval)
            self._stack.callback(self.prober.close)
            wait_for(lambda: any(result.received for result in list(self.prober.results)), 10, "the first answer")
            undo.pop_all()

    def __enter__(self):
        return self

    def __exit__(self, *unused):
        self.close()

    def close(self):
        self._stack.close()

    def _for_keepalived(self):
        """The same file without the words that keepalived does not know."""
        path = os.path.join(self.directory, "keepalived.conf")
        with open(os.path.join(EXAMPLES, "vrrpd.conf"), encoding="ascii") as source:
            lines = [line for line in source if not line.strip().startswith("track_lbd")]
        with open(path, "w", encoding="ascii") as file:
            file.writelines(lines)
        return path

    def active(self):
        """The node that holds the address; None while it is not exactly one."""
        holders = [node for node in self.nodes if node.has_vip()]
        return holders[0] if len(holders) == 1 else None

    def other(self, node):
        return self.nodes[1 - self.nodes.index(node)]

    def ready(self):
        """Both nodes whole, one of them active and the other one ready to be."""
        return (sorted(str(node.vrrp_state()) for node in self.nodes) == ["BACKUP", "MASTER"]
                and all(node.alive(daemon) for node in self.nodes for daemon in self.programs)
                and all(node.serves() and node.reaches_origins() for node in self.nodes)
                and self.active() is not None)

    def wait_ready(self, timeout=15):
        wait_for(self.ready, timeout, "one node to hold the address and the other to stand by", interval=0.05)

    # --- what may happen to the active node: each returns the outage that the client saw, in milliseconds
    def kill(self, *daemons):
        """kill -9 of daemons (all without a name) of the active node; they are started again afterwards."""
        node = self.active()
        since = time.monotonic_ns()
        for daemon in daemons or self.programs:
            node.signal(daemon, signal.SIGKILL)
        outage = self.prober.outage_ms(since)
        node.start_all()
        return outage

    def stop(self):
        """A clean stop of the active node's vrrpd."""
        node = self.active()
        since = time.monotonic_ns()
        node.signal("vrrpd", signal.SIGTERM)
        outage = self.prober.outage_ms(since)
        node.programs["vrrpd"].wait(5)
        node.start_all()
        return outage

    def unplug(self):
        """The active node's cable is pulled, and put back afterwards."""
        node = self.active()
        since = time.monotonic_ns()
        self.network.cable(node.host, False)
        try:
            return self.prober.outage_ms(since)
        finally:
            self.network.cable(node.host, True)


def snmp_programs():
    """Paths of snmpd and lbsnmpd; None when one of them is not there."""
    found = {name: find_program(name) for name in ("snmpd", "lbsnmpd")}
    return found if all(found.values()) else None


def our_programs(**instead):
    """Paths of lbd, vrrpd and syncd; {} when one that is needed is not built. `instead` names others to take."""
    programs = {}
    for daemon in ("lbd", "vrrpd", "syncd"):
        path = find_program(instead.get(daemon) or daemon)
        if path is None and daemon != "syncd":
            return {}
        if path:
            programs[daemon] = path
    return programs
