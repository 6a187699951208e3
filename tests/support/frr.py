"""frr's vrrpd beside ours: zebra and vrrpd on a host, with the macvlan that they want for each family.

    frr = Frr(test, host, 51, ["10.77.0.100"], ["version 3", "priority 200"])
    frr.start()
    frr.wait_state("Master", "IPv4")
"""

import os
import pwd
import re
import shutil
import tempfile

from support import netns
from support.process import Program, skip, wait_for

FOLDER = "/usr/lib/frr"
USER = "frr"


def need_frr():
    if not os.access(f"{FOLDER}/vrrpd", os.X_OK):
        skip("no frr here")
    try:
        pwd.getpwnam(USER)
    except KeyError:
        skip(f"frr is here, its user {USER} is not")
    if not netns.real_root():
        skip(f"frr becomes the user {USER}, which takes a real root")


class Frr:
    def __init__(self, test, host, vrid, addresses, words):
        """`words` are the rest of what is said to `vrrp VRID`."""
        self.host, self.vrid = host, vrid
        self.directory = tempfile.mkdtemp(prefix="tandem-test-")
        test.addCleanup(shutil.rmtree, self.directory, True)
        self.programs = {}
        test.addCleanup(self.stop)
        lines = ["interface eth0"] + [f" vrrp {vrid} {word}" for word in words]
        for address in addresses:
            family = "ipv6" if ":" in address else "ip"
            lines.append(f" vrrp {vrid} {family} {address}")
            self._macvlan(family, address)
        for name, text in (("zebra", ""), ("vrrpd", "\n".join([*lines, ""]))):
            with open(f"{self.directory}/{name}.conf", "w", encoding="ascii") as file:
                file.write(text)
        shutil.chown(self.directory, USER, USER)
        for name in os.listdir(self.directory):
            shutil.chown(f"{self.directory}/{name}", USER, USER)

    def _macvlan(self, family, address):
        """frr takes the place of an interface with the virtual MAC, which has the address already and is down as backup."""
        name, kind, length = ("vrrp6", 2, 64) if family == "ipv6" else ("vrrp4", 1, 24)
        self.host.run("ip", "link", "add", name, "link", "eth0", "address", f"00:00:5e:00:{kind:02x}:{self.vrid:02x}", "type",
                      "macvlan", "mode", "bridge")
        self.host.run("ip", "addr", "add", f"{address}/{length}", "dev", name, *(["nodad"] if kind == 2 else []))
        self.host.link(name, True)

    def start(self):
        self.stop()
        for name in ("zebra", "vrrpd"):
            self.programs[name] = Program(
                [f"{FOLDER}/{name}", "-f", f"{self.directory}/{name}.conf", "-i", f"{self.directory}/{name}.pid", "-z",
                 f"{self.directory}/zserv", "--vty_socket", self.directory, "-P", "0", "--log", "stdout", "--log-level", "debug",
                 "-u", USER, "-g", USER], self.directory, prefix=self.host.prefix, own_directory=False, own_session=True)
            path = f"{self.directory}/{'zserv' if name == 'zebra' else 'vrrpd.vty'}"
            wait_for(lambda p=path: os.path.exists(p), 20, name)

    def log(self, name="vrrpd"):
        return self.programs[name].output() + self.programs[name].errors()

    def states(self, family):
        """Those that it entered, in order; family: IPv4 or IPv6."""
        return re.findall(rf"\[{family}\] \w+ -> (\w+)", self.log())

    def state(self, family):
        return (self.states(family) or ["Initialize"])[-1]

    def wait_state(self, state, family, timeout=15):
        wait_for(lambda: self.state(family) == state, timeout, f"frr to be {state}\n{self.log()}")

    def kill(self):
        self.programs["vrrpd"].process.kill()
        self.programs["vrrpd"].wait()

    def resign(self):
        """An orderly stop of vrrpd."""
        self.programs["vrrpd"].stop()

    def stop(self):
        for name in ("vrrpd", "zebra"):
            if name in self.programs:
                self.programs.pop(name).close()
