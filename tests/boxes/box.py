"""Machines that boot Debian 12 with systemd: systemd-nspawn over a layer on a common tree, each in a network namespace of
tests/support/netns.py. What they write goes into the layer of each, which shows afterwards what an installation left.

Everything ends with this program: nspawn is killed with its parent, mounts and namespaces go with the last process.
"""

import os
import shutil
import signal
import subprocess

from support.process import build_dir, children, wait_for

PACKAGES = ("systemd,systemd-sysv,dbus,iproute2,curl,adduser,logrotate,rsyslog,procps,kmod,man-db,nftables,libev4,libssl3,"
            "libnl-3-200,libnl-route-3-200,libprotobuf32,libfmt9,libnghttp2-14,libpcre2-8-0,libxxhash0,libsnmp40,snmpd,snmp")
DIES_WITH_US = ["setpriv", "--pdeathsig", "KILL", "--"]
CGROUPS = "/sys/fs/cgroup"


def deb_dir():
    """Where the packages are."""
    return os.environ.get("TANDEM_DEB", os.path.join(build_dir(), "deb"))


def debian_tree(path, more="", options=()):
    """Debian 12 with what the packages depend on, from this machine's apt sources; made once. `more`: packages."""
    done = path + ".made"
    if not os.path.exists(done):
        shutil.rmtree(path, ignore_errors=True)
        sources = "/etc/apt/sources.list.d/debian.sources"
        source = sources if os.path.exists(sources) else "/etc/apt/sources.list"
        print(f"making a tree of Debian in {path}; minutes", flush=True)
        subprocess.run(["mmdebstrap", "--quiet", "--variant=minbase", "--aptopt=Acquire::Languages \"none\"",
                        f"--include={PACKAGES}{',' + more if more else ''}", *options, "bookworm", path, source], check=True)
        open(done, "w", encoding="ascii").close()
    return path


class Box:
    """One machine. `host` is its place in the network (support.netns.Host)."""

    def __init__(self, name, host, tree, directory):
        self.name, self.host = name, host
        self.directory = os.path.join(directory, name)
        self.layer = os.path.join(self.directory, "layer")
        self.root = os.path.join(self.directory, "root")
        for path in (self.layer, self.root, os.path.join(self.directory, "work")):
            os.makedirs(path)
        subprocess.run(["mount", "-t", "overlay", "overlay", "-o",
                        f"lowerdir={tree},upperdir={self.layer},workdir={self.directory}/work", self.root], check=True)
        self.write("/etc/hostname", name + "\n")
        self.write("/etc/machine-id", "")
        self.nspawn = None
        self.leader = None

    def path(self, inside):
        return self.root + inside

    def write(self, inside, text, mode=0o644):
        os.makedirs(os.path.dirname(self.path(inside)), exist_ok=True)
        with open(self.path(inside), "w", encoding="utf-8") as file:
            file.write(text)
        os.chmod(self.path(inside), mode)

    def _enter_cgroup(self):
        """Where the machine that we are on is no systemd's, each box gets a group of its own to rule."""
        for hierarchy in ("systemd", "unified"):
            group = f"{CGROUPS}/{hierarchy}"
            if os.path.exists(group):
                os.makedirs(f"{group}/tandem-{self.name}-{os.getppid()}", exist_ok=True)
                with open(f"{group}/tandem-{self.name}-{os.getppid()}/cgroup.procs", "w", encoding="ascii") as file:
                    file.write(str(os.getpid()))

    def boot(self, timeout=120):
        own = not os.path.isdir("/run/systemd/system")
        log = open(os.path.join(self.directory, "console"), "wb")
        self.nspawn = subprocess.Popen(
            [*DIES_WITH_US, "systemd-nspawn", "--quiet", "--boot", "--register=no", *(["--keep-unit"] if own else []),
             f"--directory={self.root}", f"--machine={self.name}", f"--network-namespace-path=/proc/{self.host.pid}/ns/net",
             "--capability=CAP_NET_ADMIN,CAP_NET_RAW", "--console=pipe", "--resolv-conf=off", "--timezone=off"],
            stdin=subprocess.DEVNULL, stdout=log, stderr=log, preexec_fn=self._enter_cgroup if own else None,
            env=dict(os.environ, SYSTEMD_NSPAWN_UNIFIED_HIERARCHY="1"))
        log.close()

        def up():
            assert self.nspawn.poll() is None, f"{self.name} does not boot:\n{self.console()}"
            self.leader = next(iter(children(self.nspawn.pid)), None)
            return self.leader and self.run("systemctl", "is-system-running", check=False).strip() in ("running", "degraded")

        wait_for(up, timeout, f"{self.name} to boot", interval=0.2)
        return self

    def console(self):
        with open(os.path.join(self.directory, "console"), encoding="utf-8", errors="replace") as file:
            return file.read()[-4000:]

    @property
    def prefix(self):
        return ["nsenter", f"--target={self.leader}", "--all", "--root", "--wd", "--", "env", "-i",
                "PATH=/usr/sbin:/usr/bin:/sbin:/bin", "DEBIAN_FRONTEND=noninteractive", "LC_ALL=C.UTF-8"]

    def run(self, *argv, check=True, timeout=300):
        """What the command said; AssertionError with it when it failed."""
        done = subprocess.run([*self.prefix, *argv], stdin=subprocess.DEVNULL, stdout=subprocess.PIPE,
                              stderr=subprocess.STDOUT, timeout=timeout, check=False)
        text = done.stdout.decode(errors="replace")
        assert not check or done.returncode == 0, f"{self.name}: {' '.join(argv)} ended with {done.returncode}:\n{text}"
        return text

    def succeeds(self, *argv):
        done = subprocess.run([*self.prefix, *argv], stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL,
                              stderr=subprocess.DEVNULL, timeout=300, check=False)
        return done.returncode == 0

    def unit(self, name, *properties):
        """Properties of a unit, as systemctl show tells them."""
        said = self.run("systemctl", "show", name, "--property", ",".join(properties))
        found = dict(line.split("=", 1) for line in said.splitlines())
        return [found.get(each, "") for each in properties]

    def written(self):
        """All paths below / that were made or changed since the box was made."""
        paths = set()
        for folder, _, names in os.walk(self.layer):
            paths.update(os.path.join(folder, name)[len(self.layer):] for name in names)
        return paths

    def kill(self):
        """All of it at once: with the first process of a container its others die."""
        if self.leader:
            os.kill(self.leader, signal.SIGKILL)
            self.nspawn.wait(20)
        else:
            self.nspawn.kill()
            self.nspawn.wait()

    def close(self):
        if self.nspawn and self.nspawn.poll() is None:
            if self.leader:
                # SIGRTMIN+4 is "power off" for systemd; nspawn ends with it.
                subprocess.run([*self.prefix, "systemctl", "poweroff", "--force", "--force"], check=False, timeout=60,
                               stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
            try:
                self.nspawn.wait(20)
            except subprocess.TimeoutExpired:
                self.kill()
        subprocess.run(["umount", "--lazy", self.root], check=False)
        for hierarchy in ("systemd", "unified"):
            group = f"{CGROUPS}/{hierarchy}/tandem-{self.name}-{os.getpid()}"
            for folder, _, _ in os.walk(group, topdown=False):
                try:
                    os.rmdir(folder)
                except OSError:
                    pass  # its last process is still on the way out; an empty group holds nothing
