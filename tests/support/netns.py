"""Network namespaces for tests and for the lab: as root, or as an ordinary user inside a user namespace.

`enter_private()` puts the whole program into namespaces of its own (network, mounts, and users where it is not root), which
the kernel removes with the last process in them: whatever a test does to addresses, mounts or files below /run is gone with
it. `Network` builds hosts, links and bridges inside that place; its hosts are held by processes of their own and end with
them, so nothing can be left behind under /run/netns.
"""

import ctypes
import os
import subprocess
import sys

from support.process import skip

_MARK = "TANDEM_PRIVATE"
_CLONE_NEWNET = 0x40000000


def enter_private(mounts=True, required=True):
    """Re-executes this program inside new namespaces; returns inside them with the loopback up.

    Returns False when that is not possible and `required` is false; ends as skipped when it is required.
    """
    if os.environ.pop(_MARK, None):
        run("ip", "link", "set", "lo", "up")
        return True
    flags = ["--net"] + (["--mount"] if mounts else []) + (["--user", "--map-root-user"] if os.geteuid() != 0 else [])
    if subprocess.run(["unshare", *flags, "true"], stderr=subprocess.DEVNULL, check=False).returncode != 0:
        if required:
            skip("no right to make network namespaces (neither root nor user namespaces)")
        return False
    os.environ[_MARK] = "1"
    os.execvp("unshare", ["unshare", *flags, "--", sys.executable, *sys.argv])


def run(*argv, check=True):
    """Runs a command; with `check` its failure is an error that shows what it said."""
    done = subprocess.run(argv, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, check=False)
    if check and done.returncode != 0:
        raise RuntimeError(f"{' '.join(argv)}: {done.stdout.decode(errors='replace').strip()}")
    return done.stdout.decode(errors="replace")


def real_root():
    """True where user ids other than 0 exist too (not inside a user namespace that maps one user only)."""
    with open("/proc/self/uid_map", encoding="ascii") as file:
        return os.geteuid() == 0 and int(file.read().split()[2]) > 1


def hide(path, *, keep=()):
    """An empty private directory over `path`; `keep` are entries of the old one that stay visible (files only)."""
    held = {name: os.open(os.path.join(path, name), os.O_PATH) for name in keep}
    run("mount", "-t", "tmpfs", "-o", "mode=0755", "tandem", path)
    for name, fd in held.items():
        target = os.path.join(path, name)
        with open(target, "w", encoding="ascii"):
            pass
        run("mount", "--bind", f"/proc/{os.getpid()}/fd/{fd}", target)
        os.close(fd)


def overlay_file(path, text):
    """Makes `path` read as `text` inside this mount namespace; the file itself is untouched."""
    replacement = f"/run/tandem-{os.path.basename(path)}"
    with open(replacement, "w", encoding="utf-8") as file:
        file.write(text)
    run("mount", "--bind", replacement, path)


class Host:
    """One network namespace, held by a sleeping process of ours; commands and programs run inside by its id.

    With `private_run` it has a /run of its own too, so that the daemons of several hosts use their ordinary paths.
    """

    def __init__(self, name, private_run=False):
        self.name = name
        self._spaces = ["--net", "--mount"] if private_run else ["--net"]
        # The holder makes its namespaces, says so, and waits until its standard input (ours) closes or it is killed.
        script = "echo ready; exec cat >/dev/null"
        if private_run:
            script = "mount -t tmpfs -o mode=0755 tandem /run && mkdir -m 0755 /run/tandem && " + script
        self._holder = subprocess.Popen(["unshare", *self._spaces, "--", "sh", "-c", script], stdin=subprocess.PIPE,
                                        stdout=subprocess.PIPE, start_new_session=True)
        self._holder.stdout.readline()
        self.pid = self._holder.pid
        self.run("ip", "link", "set", "lo", "up")

    @property
    def prefix(self):
        """What goes before a command so that it runs in this host."""
        kinds = {"--net": "net", "--mount": "mnt"}
        return ["nsenter", *(f"{space}=/proc/{self.pid}/ns/{kinds[space]}" for space in self._spaces), "--"]

    def run(self, *argv, check=True):
        return run(*self.prefix, *argv, check=check)

    def inside(self):
        """A context manager: sockets that this thread makes meanwhile belong to this host."""
        return _Inside(f"/proc/{self.pid}/ns/net")

    def sysctl(self, **values):
        """sysctl(net__ipv4__ip_forward=1); names with __ for the dots."""
        for name, value in values.items():
            self.run("sh", "-c", f"echo {value} > /proc/sys/{name.replace('__', '/')}")

    def link(self, device, up):
        self.run("ip", "link", "set", device, "up" if up else "down")

    def addresses(self, device):
        """The addresses on a device, with their prefix lengths."""
        out = self.run("ip", "-o", "addr", "show", "dev", device, check=False)
        return [line.split()[3] for line in out.splitlines() if " inet" in line]

    def close(self):
        self._holder.stdin.close()
        self._holder.stdout.close()
        self._holder.terminate()
        self._holder.wait(5)


class _Inside:
    def __init__(self, path):
        self.path = path

    def __enter__(self):
        self.home = os.open("/proc/thread-self/ns/net", os.O_RDONLY)
        target = os.open(self.path, os.O_RDONLY)
        _setns(target)
        os.close(target)

    def __exit__(self, *unused):
        _setns(self.home)
        os.close(self.home)


_libc = ctypes.CDLL(None, use_errno=True)


def _setns(fd):
    if _libc.setns(fd, _CLONE_NEWNET) != 0:
        raise OSError(ctypes.get_errno(), "setns")


class Network:
    """A bridge (the switch) in a namespace of its own with hosts plugged into it; a context manager."""

    def __init__(self):
        self.switch = Host("switch")
        self.switch.run("ip", "link", "add", "sw0", "type", "bridge")
        self.switch.run("ip", "link", "set", "sw0", "up")
        self.hosts = {}
        self._outside = []

    def __enter__(self):
        return self

    def __exit__(self, *unused):
        self.close()

    def host(self, name, *addresses, device="eth0", private_run=False):
        """A new host with one link to the switch. Duplicate address detection is off, so addresses work at once."""
        host = Host(name, private_run)
        self.hosts[name] = host
        port = f"p{len(self.hosts)}"
        self.switch.run("ip", "link", "add", port, "type", "veth", "peer", "name", device, "netns", str(host.pid))
        self.switch.run("ip", "link", "set", port, "master", "sw0", "up")
        host.port = port
        host.run("sh", "-c", f"echo 0 > /proc/sys/net/ipv6/conf/{device}/accept_dad", check=False)
        host.link(device, True)
        for address in addresses:
            host.run("ip", "addr", "add", address, "dev", device)
        return host

    def cable(self, host, plugged):
        """Pulls a host's cable out of the switch, or puts it back: the host sees its carrier go, and come."""
        self.switch.link(host.port, plugged)

    def attach(self, device, address):
        """Gives this program's own namespace a link to the switch (it goes with the switch)."""
        run("ip", "link", "add", device, "type", "veth", "peer", "name", "outside", "netns", str(self.switch.pid))
        self.switch.run("ip", "link", "set", "outside", "master", "sw0", "up")
        run("ip", "addr", "add", address, "dev", device)
        run("ip", "link", "set", device, "up")
        self._outside.append(device)

    def close(self):
        for device in self._outside:  # the kernel takes its time with those of a namespace that is gone
            run("ip", "link", "del", device, check=False)
        for host in self.hosts.values():
            host.close()
        self.switch.close()
