#!/usr/bin/env python3
"""What happens to a pair of machines, and how long a client notices: scenarios.py [--vm|--vagrant] [--list] [NAME…]

The machines are two containers that boot (tests/boxes/box.py) with the packages of `make deb`; with --vm they have kernels of
their own, emulated where there is no KVM (tests/boxes/vm.py); with --vagrant they are those of vagrant/Vagrantfile, which must
be up. A client asks every 10 ms; the outage is the longest time between two answers. Each
scenario has a limit, and at its end one node has the address, and the other one stands by.
"""

import argparse
import contextlib
import dataclasses
import glob
import os
import shlex
import signal
import subprocess
import sys
import tempfile
import time
from typing import Callable

sys.path.insert(0, os.path.dirname(os.path.dirname(os.path.abspath(__file__))))

from boxes.box import Box, deb_dir, debian_tree  # noqa: E402
from boxes.vm import Vm, has_kvm, image  # noqa: E402
from pair.lab import ROOT, VIP, Prober  # noqa: E402
from support import netns  # noqa: E402
from support.process import build_dir, wait_for  # noqa: E402

ADDRESSES = {"lb1": "198.18.0.11", "lb2": "198.18.0.12", "client": "198.18.0.20", "origin1": "198.18.0.31", "origin2": "198.18.0.32"}
PATIENCE = 45  # seconds


# --- the machines of namespaces
class BoxNode(Box):
    real_clock = False  # it is that of this machine
    package = "/opt/tandem.deb"

    def __init__(self, name, host, network, tree, folder):
        super().__init__(name, host, tree, folder)
        self.network = network

    def copy(self, source, target):
        subprocess.run(["cp", source, self.path(target)], check=True)

    def power_off(self):
        self.network.cable(self.host, False)
        self.kill()
        self.host.run("ip", "address", "flush", "dev", "eth0")

    def power_on(self):
        self.host.run("ip", "address", "add", ADDRESSES[self.name] + "/24", "dev", "eth0")
        self.network.cable(self.host, True)
        self.boot()

    def _all(self, number):
        for pid in self.run("ps", "-eo", "pid=").split():
            if pid != "1":
                self.run("kill", f"-{number}", pid, check=False)

    def freeze(self):
        self.network.cable(self.host, False)
        self._all("STOP")

    def thaw(self):
        self._all("CONT")
        self.network.cable(self.host, True)

    def unplug(self):
        self.network.cable(self.host, False)

    def plug(self):
        self.network.cable(self.host, True)


class Boxes:
    """Two containers, and the origins and the client as plain namespaces."""

    slower = 1  # than machines of our time: limits are so many times longer
    interval = "0.1"  # advert_int
    keeps_all = True  # where no request may fail, none does

    def __enter__(self):
        self.stack = contextlib.ExitStack()
        self.folder = self.stack.enter_context(tempfile.TemporaryDirectory(prefix="tandem-test-", dir=build_dir()))
        folder, network = self.folder, self.stack.enter_context(netns.Network())
        client = network.host("client", ADDRESSES["client"] + "/24")
        for name in ("origin1", "origin2"):
            host = network.host(name, ADDRESSES[name] + "/24")
            config = os.path.join(folder, name + ".cfg")
            with open(config, "w", encoding="ascii") as file:
                file.write(f"global\n tandem-link-socket {folder}/{name}.sock\n tandem-syncd-socket {folder}/none.sock\n"
                           "defaults\n mode http\n timeout connect 5s\n timeout client 30s\n timeout server 30s\nfrontend web\n"
                           f" bind :8080\n http-request return status 200 content-type text/plain string {name}\n")
            origin = subprocess.Popen([*host.prefix, "setpriv", "--pdeathsig", "KILL", "--", os.path.join(build_dir(), "lbd"),
                                       "-db", "-f", config])
            self.stack.callback(origin.wait)
            self.stack.callback(origin.terminate)
        self.nodes = []
        for name in ("lb1", "lb2"):
            self.nodes.append(self.make(name, network))
            self.stack.callback(self.nodes[-1].close)
        self.boot()
        for node in self.nodes:
            deb = glob.glob(os.path.join(deb_dir(), "tandem_*.deb"))[0]
            for source, target in ((deb, "/opt/tandem.deb"), (os.path.join(ROOT, "vagrant/provision"), "/opt/provision")):
                node.copy(source, target)
            node.run("dpkg", "--install", "/opt/tandem.deb")
            node.run("sh", "/opt/provision", "balancer", ADDRESSES[node.name], "eth0", self.interval)
        self.prober = Prober(client, 10)
        self.stack.callback(self.prober.close)
        return self

    def make(self, name, network):
        host = network.host(name, ADDRESSES[name] + "/24")
        return BoxNode(name, host, network, os.path.join(build_dir(), "debian"), self.folder)

    def boot(self):
        for node in self.nodes:
            node.boot()

    def __exit__(self, *unused):
        self.stack.close()


# --- emulated ones
class VmNode(Vm):
    real_clock = True
    package = "/opt/tandem.deb"

    def wait_booted(self, timeout=300):
        super().wait_booted(timeout)
        self.run("ip", "address", "replace", ADDRESSES[self.name] + "/24", "dev", "eth0")
        self.run("ip", "link", "set", "eth0", "up")


class Vms(Boxes):
    """An emulated processor stands still for longer than a router waits for a word at 0.1 s, and than clients wait."""

    slower = 1 if has_kvm() else 4
    interval = "0.1" if has_kvm() else "0.5"
    keeps_all = has_kvm()

    def make(self, name, network):
        return VmNode(name, network, len(self.nodes) + 1, self.folder)

    def boot(self):
        """At the same time."""
        begun = time.monotonic()
        for node in self.nodes:
            node.start()
        for node in self.nodes:
            node.wait_booted()
        print(f"both machines have booted in {time.monotonic() - begun:.0f} s, {'with' if has_kvm() else 'without'} KVM", flush=True)


# --- those of Vagrant
class VagrantNode:
    real_clock = True
    package = "/var/tmp/tandem.deb"

    def __init__(self, name):
        self.name = name

    def run(self, *argv, check=True, timeout=300):
        done = subprocess.run(["vagrant", "ssh", self.name, "-c", "sudo " + shlex.join(argv)], stdin=subprocess.DEVNULL,
                              stdout=subprocess.PIPE, stderr=subprocess.STDOUT, timeout=timeout, check=False)
        text = done.stdout.decode(errors="replace")
        assert not check or done.returncode == 0, f"{self.name}: {shlex.join(argv)} ended with {done.returncode}:\n{text}"
        return text

    def _device(self):
        lines = self.run("ip", "-o", "address", "show").splitlines()
        return next(line.split()[1] for line in lines if f" {ADDRESSES[self.name]}/" in line)

    def power_off(self):
        subprocess.run(["vagrant", "halt", "--force", self.name], check=True)

    def power_on(self):
        subprocess.run(["vagrant", "up", "--no-provision", self.name], check=True)

    def freeze(self):
        subprocess.run(["vagrant", "suspend", self.name], check=True)

    def thaw(self):
        subprocess.run(["vagrant", "resume", self.name], check=True)

    def unplug(self):
        self.device = self._device()
        self.run("ip", "link", "set", self.device, "down")

    def plug(self):
        self.run("ip", "link", "set", self.device, "up")


class Vagrant:
    slower = Vms.slower
    keeps_all = Vms.keeps_all

    def __enter__(self):
        os.chdir(os.path.join(ROOT, "vagrant"))
        self.nodes = [VagrantNode("lb1"), VagrantNode("lb2")]
        self.prober = Prober(None, 10, ["vagrant", "ssh", "client", "-c", f"exec python3 /var/tmp/prober.py {VIP} 80 10"])
        return self

    def __exit__(self, *unused):
        self.prober.close()


# --- what both can
class Lab:
    def __init__(self, machines):
        self.nodes, self.prober, self.slower, self.keeps_all = machines.nodes, machines.prober, machines.slower, machines.keeps_all

    def has_vip(self, node):
        return f" {VIP}/" in node.run("ip", "-o", "address", "show", check=False)

    def holder(self):
        holders = [node for node in self.nodes if self.has_vip(node)]
        return holders[0] if len(holders) == 1 else None

    def active(self):
        return wait_for(self.holder, PATIENCE, "one node to have the address", interval=0.1)

    def other(self, node):
        return self.nodes[1 - self.nodes.index(node)]

    def ready(self):
        if not self.holder():
            return False
        for node in self.nodes:
            if node.run("systemctl", "is-active", "lbd", "vrrpd", "syncd", check=False).split() != ["active"] * 3:
                return False
        return True

    def wait_ready(self):
        try:
            wait_for(self.ready, PATIENCE, "one node to have the address and all daemons to run", interval=0.3)
        except AssertionError as error:
            told = [f"--- {node.name}\n" + node.run("sh", "-c", "systemctl --no-pager --failed; ip -br address; lbctl status;"
                                                    " journalctl -b -n 15 -o cat -u vrrpd -u lbd -u syncd", check=False)
                    for node in self.nodes]
            raise AssertionError(f"{error}\n" + "\n".join(told)) from None

    def now(self):
        """On the clock of the client."""
        wait_for(lambda: self.prober.results, 30, "the first answer")
        return self.prober.results[-1].sent

    def moved(self, away_from):
        wait_for(lambda: self.has_vip(self.other(away_from)), PATIENCE, "the other node to have the address", interval=0.1)

    def outage(self, since):
        return self.prober.outage_ms(since, timeout=PATIENCE)


def pid(node, unit):
    """Of what serves: lbd's worker, not its master."""
    main = node.run("systemctl", "show", "--property", "MainPID", "--value", unit).strip()
    return node.run("pgrep", "-P", main).split()[0] if unit == "lbd" else main


def planned(lab):
    active = lab.active()
    wait_for(lambda: "ready" in active.run("lbctl", "failover", check=False) or not lab.has_vip(active), PATIENCE, "a hand-over",
             interval=0.5)
    lab.moved(active)


def power(lab):
    active = lab.active()
    active.power_off()
    since = lab.now()
    wait_for(lambda: lab.has_vip(lab.other(active)), PATIENCE, "the other node", interval=0.1)
    lab.outage(since)
    active.power_on()


def freeze(lab):
    active = lab.active()
    active.freeze()
    lab.moved(active)
    time.sleep(2)  # what a machine sleeps through is the scenario
    active.thaw()


def cable(lab):
    active = lab.active()
    active.unplug()
    lab.moved(active)
    active.plug()


def send(unit, number):
    def scenario(lab):
        active = lab.active()
        which = pid(active, unit)
        active.run("kill", f"-{number}", which)
        if number == "STOP":  # its watchdog ends it
            wait_for(lambda: not active.run("ps", "-o", "pid=", "-p", which, check=False).strip(), PATIENCE, "the watchdog",
                     interval=0.3)
    return scenario


def partition(*rules):
    def scenario(lab):
        node = lab.active()
        node.run("nft", "add table inet lab; add chain inet lab in { type filter hook input priority 0; };"
                        " add chain inet lab out { type filter hook output priority 0; }")
        try:
            for rule in rules:
                node.run("nft", f"add rule inet lab in {rule} drop; add rule inet lab out {rule} drop")
            time.sleep(3)  # thirty adverts
        finally:
            node.run("nft", "delete", "table", "inet", "lab")
    return scenario


VRRP = "ip protocol 112"
SYNC = ("tcp dport 7890", "tcp sport 7890")


def reload(lab):
    for _ in range(5):
        lab.active().run("systemctl", "reload", "lbd")


def upgrade(lab):
    """The same package once more, as dpkg upgrades: the standby first."""
    for node in sorted(lab.nodes, key=lab.has_vip):
        node.run("dpkg", "--install", node.package)
        lab.wait_ready()


def disk(lab):
    """Nothing more can be written where syncd and the logs write."""
    active = lab.active()
    for place in ("/var/lib/tandem", "/var/log"):
        active.run("mount", "-t", "tmpfs", "-o", "size=64k", "full", place)
        active.run("sh", "-c", f"cat /dev/zero >{place}/fill || true")
    try:
        active.run("systemctl", "reload", "lbd")
        active.run("systemctl", "restart", "syncd")
    finally:
        for place in ("/var/lib/tandem", "/var/log"):
            active.run("umount", "--lazy", place)
        active.run("systemctl", "restart", "syncd")


def clock(lab):
    active = lab.active()
    for step in ("+1 hour", "-1 hour"):
        active.run("date", "--set", step)
        time.sleep(1)


@dataclasses.dataclass
class Scenario:
    name: str
    doc: str
    limit_ms: int
    do: Callable
    no_failure: bool = False  # not one request may fail
    real_clock: bool = False  # needs a machine with a clock of its own


SCENARIOS = [
    Scenario("planned", "lbctl failover", 1000, planned, no_failure=True),
    Scenario("power", "the active node loses its power, and comes back", 1500, power),
    Scenario("freeze", "the active node is frozen, and thaws after seconds", 1500, freeze),
    Scenario("cable", "the active node's cable is pulled, and put back", 1500, cable),
    Scenario("kill-lbd", "kill -9 of the active node's lbd", 800, send("lbd", "KILL")),
    Scenario("kill-vrrpd", "kill -9 of the active node's vrrpd", 1500, send("vrrpd", "KILL")),
    Scenario("kill-syncd", "kill -9 of the active node's syncd", 1000, send("syncd", "KILL"), no_failure=True),
    Scenario("stop-lbd", "SIGSTOP of the active node's lbd, until its watchdog ends it", 1500, send("lbd", "STOP")),
    Scenario("stop-vrrpd", "SIGSTOP of the active node's vrrpd, until its watchdog ends it", 1500, send("vrrpd", "STOP")),
    Scenario("stop-syncd", "SIGSTOP of the active node's syncd, until its watchdog ends it", 1000, send("syncd", "STOP"), no_failure=True),
    Scenario("partition-vrrp", "the nodes do not hear each other's adverts", 1000, partition(VRRP), no_failure=True),
    Scenario("partition-sync", "the syncd of the nodes do not hear each other", 1000, partition(*SYNC), no_failure=True),
    Scenario("partition-both", "the nodes do not hear each other at all, while clients reach both", 3000, partition(VRRP, *SYNC)),
    Scenario("reload", "five reloads of the active node's lbd", 1000, reload, no_failure=True),
    Scenario("upgrade", "both nodes get the package anew, one after the other", 1000, upgrade, no_failure=True),
    Scenario("disk", "the active node's disk is full", 1000, disk, no_failure=True),
    Scenario("clock", "the active node's clock jumps an hour forth and back", 1000, clock, no_failure=True, real_clock=True),
]


def play(lab, scenario):
    """True when it went as it should."""
    lab.wait_ready()
    since = lab.now()
    before = lab.active()
    scenario.do(lab)
    lab.wait_ready()
    outage = lab.outage(since)
    bad = lab.prober.failures_since(since)
    limit = scenario.limit_ms * lab.slower
    good = outage <= limit and not (scenario.no_failure and lab.keeps_all and bad)
    moved = "moved" if lab.active() is not before else "stayed"
    permitted = " (none may)" if scenario.no_failure and lab.keeps_all else ""
    print(f"{'kept  ' if good else 'BROKEN'} {scenario.name:15} {outage:6.0f} ms of {limit}, {len(bad)} requests failed"
          f"{permitted}, the address {moved}", flush=True)
    return good


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--vm", action="store_true", help="machines with kernels of their own, in qemu")
    parser.add_argument("--vagrant", action="store_true", help="the machines of vagrant/Vagrantfile")
    parser.add_argument("--list", action="store_true", help="tell what there is, and end")
    parser.add_argument("names", nargs="*", help="play these only")
    options = parser.parse_args()
    wanted = [each for each in SCENARIOS if not options.names or each.name in options.names]
    if options.list:
        for each in SCENARIOS:
            print(f"{each.name:15} {each.doc}; at most {each.limit_ms} ms{', no request may fail' if each.no_failure else ''}")
        return 0
    if not wanted:
        parser.error(f"there is none of {options.names}; --list tells them")
    if options.vm:
        image()
    elif not options.vagrant:
        debian_tree(os.path.join(build_dir(), "debian"))
    if not options.vagrant:
        netns.enter_private()
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(1))
    broken = []
    with Vagrant() if options.vagrant else Vms() if options.vm else Boxes() as machines:
        lab = Lab(machines)
        for scenario in wanted:
            if scenario.real_clock and not lab.nodes[0].real_clock:
                print(f"skipped {scenario.name}: these machines have no clock of their own")
                continue
            try:
                if not play(lab, scenario):
                    broken.append(scenario.name)
            except AssertionError as error:
                print(f"BROKEN {scenario.name}: {error}", flush=True)
                broken.append(scenario.name)
    print(f"scenarios: broken: {', '.join(broken)}" if broken else "scenarios: all kept")
    return 1 if broken else 0


if __name__ == "__main__":
    sys.exit(main())
