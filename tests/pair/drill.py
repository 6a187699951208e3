"""Two whole nodes (lbd, vrrpd, syncd) whose daemons are killed, frozen, restarted and cut off in random order, while a
client asks at the address; what was done and seen goes into a journal that drill_judge.py judges.

    a, b on one switch with the client (eth0), and linked by a cable of their own (sync0) for syncd.
"""

import contextlib
import os
import random
import secrets
import select
import signal
import socket
import statistics
import struct
import subprocess
import sys
import threading
import time

from pair.drill_judge import DAEMONS, RELINK, Journal
from support import netns
from support.process import need_program, wait_for

DIES_WITH_US = ["setpriv", "--pdeathsig", "KILL", "--"]
VIP = "10.77.0.100"
PROBE_MS = 10
HERE = os.path.dirname(os.path.abspath(__file__))
RTM_NEWADDR, RTM_DELADDR, RTMGRP_IPV4_IFADDR = 20, 21, 0x10

LBD = """global
    node {name}
    nbthread 2
    tandem-link-socket "${{DIRECTORY}}/lbd.sock"
    tandem-syncd-socket "${{DIRECTORY}}/syncd.sock"
defaults
    mode http
    timeout connect 1s
    timeout client 5s
    timeout server 5s
frontend web
    bind {vip}:80 transparent
    http-request return status 200 content-type text/plain lf-string %[env(NODE)]
"""
SYNCD = """node {name}
socket {directory}/syncd.sock
heartbeat 100ms
secret-file {directory}/secret
peer a 10.88.0.1:7890
peer b 10.88.0.2:7890
"""
VRRPD = """global_defs {{
  router_id {name}
  tandem_socket {directory}/vrrpd.sock
  tandem_lbd_socket {directory}/lbd.sock
  tandem_syncd_socket {directory}/syncd.sock
{realtime}}}
vrrp_instance VI_1 {{
  interface eth0
  virtual_router_id 51
  version 3
  advert_int {interval}
  priority {priority}
  {nopreempt}
  track_lbd
  virtual_ipaddress {{
    {vip}/24
  }}
}}
"""


class Node:
    """One of the two machines."""

    def __init__(self, drill, name, number):
        self.drill, self.name = drill, name
        self.directory = os.path.join(drill.directory, name)
        os.makedirs(self.directory)
        self.host = drill.network.host(name, f"10.77.0.{number}/24", private_run=True)
        self.processes, self.starts = {}, 0
        values = {"name": name, "directory": self.directory, "vip": VIP, "interval": drill.interval,
                  "priority": drill.priorities[number - 1], "nopreempt": "nopreempt" if drill.nopreempt else "",
                  "realtime": "  vrrp_rt_priority 50\n  vrrp_no_swap\n" if drill.realtime else ""}
        for daemon, text in (("lbd", LBD), ("syncd", SYNCD), ("vrrpd", VRRPD)):
            self.write(f"{daemon}.conf", text.format(**values))
        self.write("secret", drill.secret, 0o600)

    def write(self, name, text, mode=0o644):
        path = os.path.join(self.directory, name)
        with open(path, "w", encoding="ascii", opener=lambda p, flags: os.open(p, flags, mode)) as file:
            file.write(text)

    def start(self, daemon):
        arguments = {"lbd": ["-db"], "vrrpd": ["-n", "-l", "-G", "-p", f"{self.directory}/pid"], "syncd": []}[daemon]
        process = subprocess.Popen(
            [*self.host.prefix, *DIES_WITH_US, need_program(daemon), *arguments, "-f", f"{self.directory}/{daemon}.conf"],
            env={**os.environ, "DIRECTORY": self.directory, "NODE": self.name},
            stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL, stderr=subprocess.PIPE, text=True, errors="replace")
        self.processes[daemon] = process
        self.note(daemon, "starts" if daemon == "vrrpd" else "runs")
        self.drill.follow(self, daemon, process.stderr)

    def has_started(self, daemon):
        """It has tidied up after the one before it."""
        if self.drill.journal.at(f"{self.name}.{daemon}", time.monotonic()) == "starts":
            self.note(daemon, "runs")
            self.note("drains", False)

    def note(self, what, value):
        self.drill.note(f"{self.name}.{what}", value)

    def signal(self, daemon, number):
        self.processes[daemon].send_signal(number)

    def end(self, daemon, number):
        """Killed or asked to stop. An orderly stop may take its time; what it does meanwhile it does as one that runs."""
        process = self.processes[daemon]
        self.check(daemon)
        process.send_signal(number)
        if number == signal.SIGKILL or daemon != "vrrpd":
            self.note(daemon, "dead")
        process.wait(10)
        self.note(daemon, "dead")

    def check(self, daemon):
        code = self.processes[daemon].poll()
        assert code is None, f"{self.name}.{daemon} has ended by itself with {code}"

    def close(self):
        for process in self.processes.values():
            if process.poll() is None:
                process.send_signal(signal.SIGCONT)
                process.kill()
                process.wait(5)


class Drill:
    """A context manager. After run(), `journal`, `answers` and stall() are what the judge needs."""

    def __init__(self, directory, seed, interval, realtime=False):
        self.directory, self.interval, self.realtime = directory, interval, realtime
        self.random = random.Random(seed)
        self.priorities = self.random.choice([(110, 100), (100, 110), (150, 50), (100, 100)])
        self.nopreempt = self.random.random() < 0.5
        self.secret = secrets.token_hex(16)
        self.journal, self.answers, self.lines = Journal(), [], []
        self.deeds = 0
        self._lock = threading.Lock()
        self._naps = []  # (when, how late) of a thread that only sleeps
        self._stop = threading.Event()
        self._threads = []
        with contextlib.ExitStack() as undo:
            self._stack = undo
            self.network = undo.enter_context(netns.Network())
            self.nodes = [Node(self, name, number) for number, name in enumerate("ab", 1)]
            undo.callback(lambda: [node.close() for node in self.nodes])
            self.client = self.network.host("client", "10.77.0.9/24")
            self._link()
            self._begin()
            self._stack = undo.pop_all()

    def master_down(self):
        """Of the node that is slower to take over."""
        return (3 + (256 - min(self.priorities)) / 256) * self.interval

    def __enter__(self):
        return self

    def __exit__(self, *unused):
        self._stop.set()
        self._stack.close()
        for thread in self._threads:
            thread.join(5)

    def _link(self):
        a, b = (node.host for node in self.nodes)
        a.run("ip", "link", "add", "sync0", "type", "veth", "peer", "name", "sync0", "netns", str(b.pid))
        for number, host in enumerate((a, b), 1):
            host.run("ip", "addr", "add", f"10.88.0.{number}/24", "dev", "sync0")
            host.link("sync0", True)

    def _begin(self):
        for signal_name in ("adverts", "sync", *(f"{node.name}.cable" for node in self.nodes)):
            self.note(signal_name, True)
        for node in self.nodes:
            self.note(f"{node.name}.vip", False)
        self._thread(self._watch_addresses, [self._address_socket(node) for node in self.nodes])
        self._thread(self._nap)
        for node in self.nodes:
            for daemon in DAEMONS:
                node.start(daemon)
        prober = subprocess.Popen([*self.client.prefix, *DIES_WITH_US, sys.executable, os.path.join(HERE, "prober.py"), VIP,
                                   "80", str(PROBE_MS)], stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, text=True)
        self._stack.callback(lambda: (prober.terminate(), prober.wait(5)))
        self._thread(self._read_answers, prober.stdout)
        wait_for(lambda: self.answers, 20, "the first answer")

    def _thread(self, run, *arguments):
        thread = threading.Thread(target=run, args=arguments, daemon=True)
        thread.start()
        self._threads.append(thread)

    # --- what is seen
    def note(self, name, value):
        with self._lock:
            self.journal.put(time.monotonic(), name, value)

    def follow(self, node, daemon, stream):
        def read():
            with stream:
                for line in stream:
                    self.lines.append((time.monotonic(), f"{node.name} {daemon}: {line.rstrip()}"))
                    if "Entering" in line:
                        node.has_started(daemon)
                    if "connections that are open go on here for" in line:
                        self.note(f"{node.name}.drains", True)
                    if "drained: " in line:
                        self.note(f"{node.name}.drains", False)

        threading.Thread(target=read, daemon=True).start()

    @staticmethod
    def _address_socket(node):
        with node.host.inside():
            watch = socket.socket(socket.AF_NETLINK, socket.SOCK_RAW, 0)
            watch.bind((0, RTMGRP_IPV4_IFADDR))
        return watch, f"{node.name}.vip"

    def _watch_addresses(self, watches):
        names = dict(watches)
        while not self._stop.is_set():
            for watch in select.select(list(names), [], [], 0.1)[0]:
                for there in addresses_in(watch.recv(65536), VIP):
                    self.note(names[watch], there)
        for watch in names:
            watch.close()

    def _read_answers(self, stream):
        with stream:
            for line in stream:
                words = line.split()
                if len(words) == 3 and line.endswith("\n") and words[1] != "-":  # it may be killed within a line
                    self.answers.append(int(words[1]) / 1e9)

    def _nap(self):
        while not self._stop.is_set():
            begin = time.monotonic()
            time.sleep(0.005)
            late = time.monotonic() - begin - 0.005
            if late > 0.005:
                self._naps.append((begin, late))

    def stall(self, begin, end):
        """How long programs that wanted to run may have been kept from it, as one saw that only sleeps."""
        return sum(late for when, late in list(self._naps) if begin - 0.5 < when < end)

    def said(self, text, begin, end):
        """(time, line) of what the daemons said with that text in it."""
        return [(when, line) for when, line in list(self.lines) if begin <= when <= end and text in line]

    def is_whole(self):
        """One node has the address, the other one is its backup, and the two syncd are linked."""
        states = [line.split("Entering ")[1].split()[0] for line in
                  (([""] + [line for _, line in self.lines if line.startswith(node.name) and "Entering" in line])[-1]
                   for node in self.nodes) if line]
        return sorted(states) == ["BACKUP", "MASTER"] and len(self.said("in sync", 0, time.monotonic())) >= 4

    # --- what is done: each disturbance is begun, and ended by what it returns
    def kill(self, node, daemon):
        node.end(daemon, signal.SIGKILL)
        return lambda: node.start(daemon)

    def stop(self, node, daemon):
        node.end(daemon, signal.SIGTERM)
        return lambda: node.start(daemon)

    def freeze(self, node, daemon):
        before = self.journal.at(f"{node.name}.{daemon}", time.monotonic())
        node.note(daemon, "frozen")
        node.signal(daemon, signal.SIGSTOP)

        def thaw():
            node.signal(daemon, signal.SIGCONT)
            node.note(daemon, before)

        return thaw

    def reload(self, node, daemon):
        node.signal(daemon, signal.SIGHUP)
        return lambda: None

    def cut_cable(self, node):
        node.note("cable", False)
        self.network.cable(node.host, False)

        def repair():
            self.network.cable(node.host, True)
            node.note("cable", True)

        return repair

    def cut_adverts(self):
        """Multicast is lost, in both directions or in one; all else goes on."""
        deaf = self.random.choice([self.nodes, self.nodes, self.nodes[:1], self.nodes[1:]])
        self.told(f"deaf: {' '.join(node.name for node in deaf)}")
        self.note("adverts", False)
        self._flood(deaf, "off")

        def repair():
            self._flood(deaf, "on")
            self.note("adverts", True)

        return repair

    def _flood(self, nodes, value):
        for node in nodes:
            self.network.switch.run("bridge", "link", "set", "dev", node.host.port, "mcast_flood", value)

    def cut_sync(self):
        host = self.random.choice(self.nodes).host
        self.note("sync", False)
        host.link("sync0", False)

        def repair():
            host.link("sync0", True)
            self.note("sync", True)

        return repair

    def choices(self):
        """(weight, what it takes hold of, description, begin) of all disturbances."""
        for node in self.nodes:
            for daemon in DAEMONS:
                held = f"{node.name}.{daemon}"
                for weight, deed in ((2, self.kill), (2, self.freeze), (1, self.stop)):
                    yield weight, held, f"{deed.__name__} {held}", lambda d=deed, n=node, p=daemon: d(n, p)
            yield 1, f"{node.name}.vrrpd", f"reload {node.name}.vrrpd", lambda n=node: self.reload(n, "vrrpd")
            yield 2, f"{node.name}.cable", f"cut {node.name}.cable", lambda n=node: self.cut_cable(n)
        yield 4, "adverts", "cut adverts", self.cut_adverts
        yield 4, "sync", "cut sync", self.cut_sync

    def run(self, seconds, most=3):
        """Up to `most` disturbances at a time for so many seconds, then all are repaired and the pair settles."""
        end = time.monotonic() + seconds
        open_deeds = []  # (when it ends, what it holds, description, repair)
        while time.monotonic() < end:
            self._repair(open_deeds, time.monotonic())
            if len(open_deeds) < most and self.random.random() < 0.8:
                self._disturb(open_deeds)
            until = time.monotonic() + self.random.choice([0.05, 0.2, 0.5, 1.0, 2.0])
            while (now := time.monotonic()) < until:
                self._repair(open_deeds, now)
                time.sleep(0.01)
        self._repair(open_deeds, float("inf"))
        self.told("all is repaired")
        time.sleep(RELINK + 2 * self.master_down())  # what must not happen any more
        for node in self.nodes:
            for daemon in DAEMONS:
                node.check(daemon)
                state = self.journal.at(f"{node.name}.{daemon}", time.monotonic())
                assert state == "runs", f"{node.name}.{daemon} {state}"
        sanitized = [text for _, text in self.lines if "Sanitizer" in text or "runtime error:" in text]
        assert not sanitized, "\n".join(sanitized)  # of a build that has them

    def _disturb(self, open_deeds):
        held = {each[1] for each in open_deeds}
        free = [choice for choice in self.choices() if choice[1] not in held]
        _, what, text, begin = self.random.choices(free, [weight for weight, *_ in free])[0]
        self.deeds += 1
        self.told(text)
        repair = begin()
        lasts = self.random.choice([0.03, 0.15, 0.4, 1.0, 2.5, 6.0])
        open_deeds.append((time.monotonic() + lasts, what, text, repair))

    def _repair(self, open_deeds, now):
        for deed in [each for each in open_deeds if each[0] <= now]:
            open_deeds.remove(deed)
            self.told(f"end of: {deed[2]}")
            deed[3]()

    def told(self, text):
        self.lines.append((time.monotonic(), text))

    def story(self, begin, end):
        """What was done, said and seen in that time, a line each."""
        seen = [(when, f"{name} = {value}") for name, signal_ in self.journal.signals.items()
                if name.endswith((".vip", ".drains")) for when, value in signal_]
        return "\n".join(f"  {when - begin:+8.3f}  {text}" for when, text in sorted(self.lines + seen)
                         if begin - 4 <= when <= end + 1)

    def summary(self, begin, end):
        answers = [when for when in self.answers if begin <= when <= end]
        gaps = sorted((right - left for left, right in zip(answers, answers[1:])), reverse=True)[:1]
        naps = [late for _, late in self._naps] or [0.0]
        return (f"{self.deeds} disturbances in {end - begin:.0f} s, priorities {self.priorities[0]} and {self.priorities[1]}"
                f"{', nopreempt' if self.nopreempt else ''}, advert_int {self.interval}; {len(answers)} answers, longest time "
                f"without {gaps[0] * 1000 if gaps else 0:.0f} ms; programs waited up to {max(naps) * 1000:.0f} ms for a processor "
                f"(mean of {len(naps)}: {statistics.mean(naps) * 1000:.0f} ms)")


def addresses_in(messages, wanted):
    """True or False for each netlink message that says that the address has come or gone."""
    position = 0
    while position + 24 <= len(messages):
        length, kind = struct.unpack_from("=IH", messages, position)
        if length < 24:
            return
        attribute = position + 24
        while kind in (RTM_NEWADDR, RTM_DELADDR) and attribute + 4 <= position + length:
            size, name = struct.unpack_from("=HH", messages, attribute)
            if size < 4:
                break
            if name == 2 and messages[attribute + 4:attribute + size] == socket.inet_aton(wanted):  # IFA_LOCAL
                yield kind == RTM_NEWADDR
            attribute += (size + 3) & ~3
        position += (length + 3) & ~3
