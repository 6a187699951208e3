#!/usr/bin/env python3
"""The packages of `make deb` on two machines with systemd: packages.py [--keep]

Installed on both: units run, with the users and rights that they should have, curl is answered, a worker that hangs is
started anew. Then they become a pair: one has the address, a reload and an upgrade of one node after the other go by
without a failed request. At the end a purge leaves no file.
"""

import argparse
import glob
import os
import signal
import subprocess
import sys
import tempfile
import time

sys.path.insert(0, os.path.dirname(os.path.dirname(os.path.abspath(__file__))))

from boxes.box import Box, deb_dir, debian_tree  # noqa: E402
from pair.lab import ROOT, VIP, Prober  # noqa: E402
from support import netns  # noqa: E402
from support.process import build_dir, wait_for  # noqa: E402

DAEMONS = ("lbd", "vrrpd", "syncd")
USERS = {"lbd": "tandem-lbd", "vrrpd": "tandem", "syncd": "tandem", "lbsnmpd": "tandem-snmp"}
SECRET = "0123456789abcdef0123456789abcdef\n"
# What any installation of any package changes.
OTHERS = ("/var/cache", "/var/log", "/var/lib/dpkg", "/var/lib/systemd", "/var/lib/private", "/var/tmp", "/run", "/tmp", "/root",
          "/etc/passwd", "/etc/group", "/etc/shadow", "/etc/gshadow", "/etc/.pwd.lock", "/etc/subuid", "/etc/subgid",
          "/etc/hostname", "/etc/machine-id", "/etc/hosts", "/etc/systemd/system/multi-user.target.wants", "/var/lib/snmp",
          "/var/lib/logrotate", "/dev", "/etc/resolv.conf", "/var/lib/apt", "/etc/mtab",
          "/var/agentx", "/var/lib/dbus", "/var/lib/haproxy")
failed = []


def look(what, good, why=""):
    print(f"{'ok  ' if good else 'FAIL'}  {what}{'' if good else ': ' + str(why)}", flush=True)
    if not good:
        failed.append(what)


def packages(folder):
    found = {os.path.basename(path).split("_")[0]: path for path in glob.glob(os.path.join(folder, "*.deb"))}
    return [found["tandem"], found["tandem-snmp"]]


def next_version(folder):
    """The same programs once more, as a package of a later version."""
    out = os.path.join(folder, "next")
    for path in packages(deb_dir()):
        tree = os.path.join(out, os.path.basename(path) + ".d")
        os.makedirs(out, exist_ok=True)
        subprocess.run(["dpkg-deb", "--raw-extract", path, tree], check=True)
        control = os.path.join(tree, "DEBIAN/control")
        with open(control, encoding="utf-8") as file:
            text = file.read()
        version = next(line.split()[1] for line in text.splitlines() if line.startswith("Version:"))
        with open(control, "w", encoding="utf-8") as file:
            file.write(text.replace(version, version + "+next"))
        subprocess.run(["dpkg-deb", "--root-owner-group", "-Znone", "--build", tree,
                        os.path.join(out, os.path.basename(path))], check=True, stdout=subprocess.DEVNULL)
    return packages(out)


def install(box, debs):
    for path in debs:
        subprocess.run(["cp", path, box.path("/root/")], check=True)
    return box.run("dpkg", "--install", *("/root/" + os.path.basename(path) for path in debs))


def has_vip(box):
    return f"{VIP}/" in box.run("ip", "-o", "address", "show", "dev", "eth0")


def single_node(box, client):
    said = install(box, packages(deb_dir()))
    look("dpkg --install has nothing to complain of", "warning" not in said.lower() and "failed" not in said.lower(), said)
    for name in (*DAEMONS, "lbsnmpd", "tandem.target"):
        wait_for(lambda: box.run("systemctl", "is-active", name, check=False).strip() != "activating", 60, name)
        state = box.run("systemctl", "is-active", name, check=False).strip()
        look(f"{name} runs", state == "active", state + box.run("journalctl", "-n", "20", "-u", name, check=False))
        look(f"{name} starts at boot", box.run("systemctl", "is-enabled", name, check=False).strip() == "enabled")
    for name, user in USERS.items():
        pid, kind, watchdog = box.unit(name, "MainPID", "Type", "WatchdogUSec")
        owner = box.run("ps", "-o", "user:32=", "-p", pid).strip()
        look(f"{name} is the process of {user}, of type notify, with a watchdog",
             (owner, kind) == (user, "notify") and watchdog not in ("0", "infinity"), (owner, kind, watchdog))
    look("lbd answers", "Tandem works" in client.run("curl", "-s", "--max-time", "5", "http://198.18.0.11/"))
    look("lbctl status is good", box.succeeds("lbctl", "status"), box.run("lbctl", "status", check=False))
    said = box.run("lbctl", "status", check=False)
    look("lbctl status tells of all three", all(f"{name}" in said for name in DAEMONS), said)
    look("the runtime socket answers lbctl", "Uptime" in box.run("lbctl", "show", "info"))
    look("the manual is there", "keepalived.conf" in box.run("man", "vrrpd"))
    hang(box, "lbd", lambda pid: box.run("pgrep", "-P", pid).split()[0])
    hang(box, "syncd", lambda pid: pid)
    (restarts,) = box.unit("vrrpd", "NRestarts")
    look("vrrpd did not mind", restarts == "0", restarts)


def hang(box, name, which):
    """What hangs is started anew within the time of its watchdog."""
    pid, before = box.unit(name, "MainPID", "NRestarts")
    box.run("kill", "-STOP", which(pid))
    since = time.monotonic()
    try:
        wait_for(lambda: box.unit(name, "NRestarts", "ActiveState") == [str(int(before) + 1), "active"], 120, "the watchdog",
                 interval=0.5)
        look(f"{name}, stopped by SIGSTOP, is started anew after {time.monotonic() - since:.0f} s", True)
    except AssertionError as error:
        look(f"{name}, stopped by SIGSTOP, is started anew", False, error)


def make_pair(boxes):
    with open(os.path.join(ROOT, "packaging/etc/vrrpd.conf"), encoding="ascii") as file:
        vrrpd = "".join(line[1:] if line.startswith(("#vrrp", "#    ", "#}")) else line for line in file)
    with open(os.path.join(ROOT, "packaging/etc/syncd.conf"), encoding="ascii") as file:
        syncd = "".join(line[1:] if line.startswith(("#peer", "#secret")) else line for line in file)
    with open(os.path.join(ROOT, "packaging/etc/lbd.cfg"), encoding="ascii") as file:
        lbd = file.read()
    lbd = lbd.replace("    #bind 192.0.2.100:80 transparent", f"    bind {VIP}:8080 transparent")
    for box in boxes:
        box.write("/etc/tandem/vrrpd.conf", vrrpd.replace("192.0.2.100", VIP))
        box.write("/etc/tandem/syncd.conf", syncd.replace("192.0.2.11", "198.18.0.11").replace("192.0.2.12", "198.18.0.12"))
        box.write("/etc/tandem/lbd.cfg", lbd)
        box.write("/etc/tandem/secret", SECRET, 0o600)
        box.run("chown", "tandem:", "/etc/tandem/secret")
        box.run("systemctl", "restart", "syncd", "lbd", "vrrpd")
    wait_for(lambda: sorted(has_vip(box) for box in boxes) == [False, True], 60, "one node to have the address", interval=0.2)
    look("one of the two has the address", True)
    wait_for(lambda: all("up" in box.run("lbctl", "status", check=False) for box in boxes), 60, "the nodes to be linked")


def without_a_failure(what, prober, do):
    since = time.monotonic_ns()
    answered = prober.answered
    do()
    wait_for(lambda: prober.answered > answered + 50, 60, "answers")
    outage = prober.outage_ms(since, timeout=60)
    bad = prober.failures_since(since)
    look(f"{what}: no request failed of {prober.answered - answered}; longest silence {outage:.0f} ms", not bad, bad[:5])


def pair(boxes, prober, folder):
    def reload(box):
        before = box.run("pgrep", "-P", *box.unit("lbd", "MainPID")).split()
        box.run("systemctl", "reload", "lbd")
        wait_for(lambda: set(before).isdisjoint(box.run("pgrep", "-P", *box.unit("lbd", "MainPID")).split()), 60, "the old process to go")

    active = next(box for box in boxes if has_vip(box))
    without_a_failure("reload of lbd under load", prober, lambda: reload(active))
    look("a file with errors is refused", not breaks_reload(active))
    debs = next_version(folder)
    # The standby first, as one does; then the active one, which hands over.
    for box in sorted(boxes, key=has_vip):
        role = "active" if has_vip(box) else "standby"
        pids = [box.unit(name, "MainPID")[0] for name in DAEMONS]

        def upgrade():
            print("      " + install(box, debs).strip().replace("\n", "\n      "))

        without_a_failure(f"upgrade of the {role} node {box.name} under load", prober, upgrade)
        now = [box.unit(name, "MainPID")[0] for name in DAEMONS]
        wait_for(lambda: not box.run("readlink", f"/proc/{now[0]}/exe").strip().endswith("(deleted)"), 30, "lbd's master in the new version")
        look(f"{box.name}: lbd's master stayed, vrrpd and syncd are new", (now[0] == pids[0], now[1] != pids[1], now[2] != pids[2]) == (True, True, True),
             (pids, now))
        states = [box.unit(name, "ActiveState")[0] for name in (*DAEMONS, "lbsnmpd")]
        look(f"{box.name}: all runs", states == ["active"] * 4, states)
        wait_for(lambda: sorted(has_vip(each) for each in boxes) == [False, True], 60, "one node to have the address", interval=0.2)
    look("the address is on the other node now", not has_vip(active))


def change(boxes, prober):
    """lbctl apply with the units and rights that the package gives: on both nodes, and back."""
    path = "/etc/tandem/lbd.cfg"
    for box in boxes:
        look(f"{box.name}: applyd does not run unless it is wanted", box.unit("applyd", "ActiveState") == ["inactive"])
        box.run("systemctl", "enable", "--now", "applyd")
    first = boxes[0]
    wait_for(lambda: first.succeeds("lbctl", "history"), 60, "applyd on both")
    texts, owners = ([box.run(*words, path) for box in boxes] for words in (("cat",), ("stat", "-c", "%U %G %a")))
    # The files of both differ as long as each names its own addresses.
    names = [f"{box.name}=/root/{box.name}.cfg" for box in boxes]
    for box, text in zip(boxes, texts):
        first.write(f"/root/{box.name}.cfg", text + "# a change\n")

    def apply():
        said = first.run("lbctl", "apply", *(word for name in names for word in ("-f", name)), "--watch", "2", check=False)
        look("lbctl apply is done", "change done: revision 2" in said, said)
        look("both nodes have the change", all(box.run("cat", path).endswith("# a change\n") for box in boxes))
        look("the files are owned as before", [box.run("stat", "-c", "%U %G %a", path) for box in boxes] == owners)
        said = boxes[1].run("lbctl", "rollback", "--watch", "0", check=False)
        look("lbctl rollback on the other node is done", "change done: revision 3" in said, said)
        look("both nodes have what was there before", [box.run("cat", path) for box in boxes] == texts)

    without_a_failure("lbctl apply and rollback under load", prober, apply)


def breaks_reload(box):
    good = box.run("cat", "/etc/tandem/lbd.cfg")
    box.write("/etc/tandem/lbd.cfg", good + "\nbogus\n")
    taken = box.succeeds("systemctl", "reload", "lbd")
    box.write("/etc/tandem/lbd.cfg", good)
    return taken or box.unit("lbd", "ActiveState") != ["active"]


def purge(box):
    box.run("dpkg", "--purge", "tandem-snmp", "tandem")
    left = sorted(path for path in box.written() if not path.startswith(OTHERS) and os.path.lexists(box.path(path)))
    left += [path for path in box.written() if "tandem" in path and not path.startswith(("/var/lib/dpkg", "/root"))
             and os.path.lexists(box.path(path))]
    look(f"{box.name}: a purge leaves no file", not left, left)
    look(f"{box.name}: and no user, group or process",
         "tandem" not in box.run("cat", "/etc/passwd", "/etc/group") and not box.succeeds("pgrep", "lbd|vrrpd|syncd|applyd|lbsnmpd"))


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--keep", action="store_true", help="wait for Enter before everything is taken down")
    options = parser.parse_args()
    tree = debian_tree(os.path.join(build_dir(), "debian"))
    netns.enter_private()
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(1))
    with tempfile.TemporaryDirectory(prefix="tandem-test-", dir=build_dir()) as folder, netns.Network() as network:
        client = network.host("client", "198.18.0.20/24")
        boxes = []
        try:
            for number, name in enumerate(("lb1", "lb2")):
                host = network.host(name, f"198.18.0.1{number + 1}/24")
                boxes.append(Box(name, host, tree, folder))
            since = time.monotonic()
            for box in boxes:
                box.boot()
            print(f"two machines are up after {time.monotonic() - since:.0f} s", flush=True)
            single_node(boxes[0], client)
            install(boxes[1], packages(deb_dir()))
            make_pair(boxes)
            prober = Prober(client, 10)
            try:
                wait_for(lambda: prober.answered, 30, "the first answer")
                pair(boxes, prober, folder)
                change(boxes, prober)
            finally:
                prober.close()
            if options.keep:
                input(f"nsenter -t {boxes[0].leader} -a; Enter ends: ")
            for box in boxes:
                purge(box)
        finally:
            for box in boxes:
                box.close()
    print(f"deb-test: {len(failed)} failed: {', '.join(failed)}" if failed else "deb-test: all is well")
    return 1 if failed else 0


if __name__ == "__main__":
    sys.exit(main())
