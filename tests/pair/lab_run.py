#!/usr/bin/env python3
"""`make run`: the pair of tests/pair/lab.py, kept up until Ctrl-C, with a status line and a control socket.

lab_run.py [--state DIR] [--lbd PROGRAM] [--vrrpd PROGRAM] [--syncd PROGRAM]
lab_run.py --ask "failover node|lbd|link|stop" [--state DIR]      asks a running one, prints its answer
"""

import argparse
import contextlib
import os
import shutil
import signal
import socket
import sys
import time

sys.path.insert(0, os.path.dirname(os.path.dirname(os.path.abspath(__file__))))

from pair.lab import OUTSIDE, VIP, Pair, our_programs, snmp_programs  # noqa: E402
from support import netns  # noqa: E402
from support.process import build_dir, wait_for  # noqa: E402

FAILURES = {
    "node": ("kill -9 of all daemons", lambda pair: pair.kill()),
    "lbd": ("kill -9 of lbd", lambda pair: pair.kill("lbd")),
    "link": ("its cable pulled", Pair.unplug),
    "stop": ("a clean stop of its vrrpd", Pair.stop),
}

# The numbers of TANDEM-MIB's tandemSystem: names need the texts of the base MIBs, which Debian does not bring.
SNMPWALK = "scripts/node node1 snmpwalk -v2c -c public -On -m '' 127.0.0.1 .1.3.6.1.4.1.8072.9999.9999.1867.1.1"
WELCOME = """
A pair in network namespaces: node1 and node2 share {vip}; three origins; one client that asks every 5 ms.

  open   http://{vip}/                the service
         http://{vip}:8404/           statistics of the active node (node1: 198.18.0.11:8404, node2: 198.18.0.12:8404)
{how_to_open}
  try    make failover                      stops the active node (kill -9 of all its daemons), prints the outage
         make failover HOW=lbd              only its lbd; HOW=link pulls its cable, HOW=stop stops its vrrpd cleanly
         scripts/node node1 ip address      any command on node1, node2, client or origins
         scripts/node node1 socat readline /run/tandem/lbd.sock      its runtime socket: show stat, show info, help
{snmp}
  logs   {directory}/node1, {directory}/node2
  stop   Ctrl-C
"""


def free_device():
    """A name for this machine's link to the lab; None when its addresses mean something here already."""
    if "198.18.0" in netns.run("ip", "route", "show", "table", "all"):
        return None
    names = os.listdir("/sys/class/net")
    return next(f"tandem{number}" for number in range(100) if f"tandem{number}" not in names)


def ask(path, question):
    with socket.socket(socket.AF_UNIX) as client:
        try:
            client.connect(path)
        except OSError:
            sys.exit("nothing to ask: `make run` is not running")
        client.sendall(question.encode() + b"\n")
        while data := client.recv(4096):
            print(data.decode(), end="", flush=True)


class Status:
    """One line that says how the pair is; on a terminal it is rewritten in place, elsewhere printed when things change."""

    def __init__(self, pair):
        self.pair = pair
        self.terminal = sys.stdout.isatty()
        self.shown = None
        self.asked = (time.monotonic(), 0)

    def node(self, node):
        daemons = " ".join(daemon if node.alive(daemon) else daemon.upper() + " IS DOWN" for daemon in self.pair.programs)
        return f"{node.name} {'ACTIVE ' if node.has_vip() else 'standby'} ({daemons})"

    def show(self):
        state = " | ".join(self.node(node) for node in self.pair.nodes)
        prober, now = self.pair.prober, time.monotonic()
        rate = (prober.answered - self.asked[1]) / max(now - self.asked[0], 0.001)
        self.asked = (now, prober.answered)
        total = max(sum(prober.bodies.values()), 1)
        share = " ".join(f"{name} {count * 100 // total}%" for name, count in sorted(prober.bodies.items()))
        line = f"{state} | {rate:.0f} answers/s, {prober.failed} failed, {share}"
        if self.terminal:
            print("\r\033[K" + line[:shutil.get_terminal_size().columns - 1], end="", flush=True)
        elif state != self.shown:
            print(line, flush=True)
        self.shown = state

    def end_line(self):
        if self.terminal:
            print()


def failover(pair, how):
    if how not in FAILURES:
        return f"failover knows {', '.join(FAILURES)}\n"
    try:
        pair.wait_ready()
    except AssertionError:
        return "the pair is not whole (see the status line of make run); nothing done\n"
    text, fail = FAILURES[how]
    before = pair.active()
    outage = fail(pair)
    # A killed vrrpd leaves the address behind; started again it takes it away.
    wait_for(pair.active, what="one node to hold the address")
    return f"{before.name}: {text}; the client was without an answer for {outage:.0f} ms; {pair.active().name} is active now\n"


def serve(pair, listener, status):
    """Answers the control socket and shows the status until a signal ends it."""
    listener.settimeout(1.0)
    while True:
        status.show()
        try:
            client, _ = listener.accept()
        except TimeoutError:
            continue
        with client, contextlib.suppress(OSError):
            words = client.recv(4096).decode().split()
            try:
                answer = failover(pair, words[1]) if words[:1] == ["failover"] and len(words) == 2 else "unknown question\n"
            except AssertionError as error:
                answer = f"failover: {error}\n"
            status.end_line()
            print(answer, end="", flush=True)
            client.sendall(answer.encode())


def stop(*unused):
    raise KeyboardInterrupt


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--state", default=os.path.join(build_dir(), "lab"))
    parser.add_argument("--ask")
    for daemon in ("lbd", "vrrpd", "syncd"):
        parser.add_argument("--" + daemon)
    options = parser.parse_args()
    state = os.path.abspath(options.state)
    control = os.path.join(state, "control.sock")
    if options.ask:
        ask(control, options.ask)
        return 0

    programs = our_programs(lbd=options.lbd, vrrpd=options.vrrpd, syncd=options.syncd)
    if not programs:
        sys.exit("run: lbd or vrrpd is not built")
    as_root = os.geteuid() == 0
    if not as_root or os.environ.get("TANDEM_PRIVATE"):
        as_root = False
        if not netns.enter_private(mounts=False, required=False):
            sys.exit("run: needs root, or a kernel that lets ordinary users make namespaces (unshare --user --net)")
    for number in (signal.SIGTERM, signal.SIGHUP):
        signal.signal(number, stop)
    with socket.socket(socket.AF_UNIX) as probe:
        if probe.connect_ex(control) == 0:
            sys.exit("run: it runs already (make failover acts on it)")
    shutil.rmtree(state, ignore_errors=True)
    os.makedirs(state)

    device = free_device() if as_root else None
    status = None
    try:
        print("starting …", flush=True)
        snmp = snmp_programs()
        with Pair(state, programs, outside=device, snmp=snmp) as pair, socket.socket(socket.AF_UNIX) as listener:
            for name, host in pair.network.hosts.items():
                with open(os.path.join(state, name + ".spaces"), "w", encoding="ascii") as file:
                    file.write(f"-t {host.pid} {'' if as_root else '-U --preserve-credentials '}-n"
                               f"{' -m' if name.startswith('node') else ''}\n")
            listener.bind(control)
            listener.listen()
            how = (f"         (this machine is {OUTSIDE.split('/')[0]} there, by the device {device})" if device else
                   f"         from inside only: scripts/node client curl http://{VIP}/")
            walk = f"         {SNMPWALK}" if snmp else "         (install snmpd to see it by SNMP, too)"
            print(WELCOME.format(vip=VIP, how_to_open=how, snmp=walk, directory=os.path.relpath(state)), flush=True)
            status = Status(pair)
            serve(pair, listener, status)
    except KeyboardInterrupt:
        if status:
            status.end_line()
        print("stopped")
    except AssertionError as error:
        print(f"run: {error}; what the programs said is in {state}", file=sys.stderr)
        return 1
    finally:
        with contextlib.suppress(FileNotFoundError):
            os.unlink(control)
        for name in os.listdir(state):
            if name.endswith(".spaces"):
                os.unlink(os.path.join(state, name))
    return 0


if __name__ == "__main__":
    sys.exit(main())
