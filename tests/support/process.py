"""Starting, watching and stopping the programs under test.

Every program runs in a directory of its own, is stopped by its process id, and gets its listening sockets already bound
to a port that the kernel chose (`fd@${NAME}` in the configuration), so no test owns a fixed port and no client races the
start. Waiting is always for a condition, never for an amount of time.
"""

import contextlib
import os
import shutil
import signal
import socket
import subprocess
import sys
import tempfile
import time

SKIPPED = 77  # the exit code that ctest shows as "skipped"


def skip(reason):
    """Ends this test program as skipped: the machine cannot run it."""
    print(f"skipped: {reason}")
    sys.exit(SKIPPED)


def wait_for(condition, timeout=5.0, what="condition", interval=0.002):
    """The first true value of condition(); AssertionError after `timeout` seconds."""
    deadline = time.monotonic() + timeout
    while True:
        value = condition()
        if value:
            return value
        if time.monotonic() > deadline:
            raise AssertionError(f"waited {timeout} s for: {what}")
        time.sleep(interval)


def build_dir():
    root = os.path.dirname(os.path.dirname(os.path.dirname(os.path.abspath(__file__))))
    return os.environ.get("TANDEM_BUILD", os.path.join(root, "build"))


def find_program(name):
    """The path of one of our programs (from the build directory) or of one of Debian's; None when absent."""
    if os.sep in name:
        return name if os.access(name, os.X_OK) else None
    own = os.path.join(build_dir(), name)
    if os.access(own, os.X_OK) and os.path.isfile(own):
        return own
    return shutil.which(name, path=os.environ.get("PATH", "") + ":/usr/sbin:/sbin")


def need_program(name):
    path = find_program(name)
    if path is None:
        skip(f"no {name} here")
    return path


def listening_socket(family=socket.AF_INET, address=None, backlog=1024):
    """A bound, listening, inheritable TCP or Unix socket; port 0 lets the kernel choose."""
    listener = socket.socket(family, socket.SOCK_STREAM)
    if family != socket.AF_UNIX:
        listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        address = address or (("::1", 0) if family == socket.AF_INET6 else ("127.0.0.1", 0))
    listener.bind(address)
    listener.listen(backlog)
    listener.set_inheritable(True)
    return listener


def refused_port():
    """A port of 127.0.0.1 that refuses connections, and the bound socket that keeps it from anyone else."""
    keeper = socket.socket(socket.AF_INET, socket.SOCK_STREAM)
    keeper.bind(("127.0.0.1", 0))
    return keeper.getsockname()[1], keeper


def reserved_port(address="127.0.0.1"):
    """A port for a program that binds by itself, and the bound (not listening) socket that reserves it meanwhile: both
    share it through SO_REUSEPORT, connections reach only the one that listens."""
    family = socket.AF_INET6 if ":" in address else socket.AF_INET
    keeper = socket.socket(family, socket.SOCK_STREAM)
    keeper.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    keeper.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEPORT, 1)
    keeper.bind((address, 0))
    return keeper.getsockname()[1], keeper


def resident_kib(pid):
    with open(f"/proc/{pid}/status", encoding="ascii") as status:
        for line in status:
            if line.startswith("VmRSS:"):
                return int(line.split()[1])
    return 0


def children(pid):
    """Process ids of the direct children of all threads of pid."""
    found = []
    with contextlib.suppress(FileNotFoundError):
        for thread in os.listdir(f"/proc/{pid}/task"):
            with contextlib.suppress(FileNotFoundError):
                with open(f"/proc/{pid}/task/{thread}/children", encoding="ascii") as file:
                    found += [int(child) for child in file.read().split()]
    return found


def thread_cpu_seconds(pid):
    """CPU time of each thread of a process by thread id, in seconds, from the scheduler's nanosecond account."""
    spent = {}
    for thread in os.listdir(f"/proc/{pid}/task"):
        with contextlib.suppress(FileNotFoundError, ProcessLookupError):
            with open(f"/proc/{pid}/task/{thread}/schedstat", encoding="ascii") as file:
                spent[int(thread)] = int(file.read().split()[0]) / 1e9
    return spent


def cpu_seconds(pid):
    """CPU time of all threads of a process."""
    return sum(thread_cpu_seconds(pid).values())


class Program:
    """One running process with its output in files of its own directory; a context manager that stops it."""

    def __init__(self, argv, directory=None, sockets=None, env=None, stop_signal=signal.SIGTERM, prefix=(),
                 own_directory=None, own_session=False):
        self.directory = directory or tempfile.mkdtemp(prefix="tandem-test-")
        self._own_directory = directory is None if own_directory is None else own_directory
        self._stop_signal = stop_signal
        sockets = sockets or {}
        environment = dict(os.environ, **(env or {}))
        environment.update({name: str(sock.fileno()) for name, sock in sockets.items()})
        self.argv = list(prefix) + list(argv)
        name = os.path.basename(argv[0])
        self._out = open(os.path.join(self.directory, name + ".out"), "wb")
        self._err = open(os.path.join(self.directory, name + ".err"), "wb")
        self.process = subprocess.Popen(
            self.argv, stdin=subprocess.DEVNULL, stdout=self._out, stderr=self._err, env=environment,
            pass_fds=[sock.fileno() for sock in sockets.values()], start_new_session=own_session)
        self.pid = self.process.pid

    def __enter__(self):
        return self

    def __exit__(self, *unused):
        self.close()

    def alive(self):
        return self.process.poll() is None

    def output(self):
        self._out.flush()
        with open(self._out.name, "rb") as file:
            return file.read().decode(errors="replace")

    def errors(self):
        with open(self._err.name, "rb") as file:
            return file.read().decode(errors="replace")

    def signal(self, number):
        if self.alive():
            self.process.send_signal(number)

    def wait(self, timeout=5):
        return self.process.wait(timeout)

    def stop(self, timeout=5):
        """Asks it to end, kills it when it does not; returns the exit code."""
        self.signal(self._stop_signal)
        try:
            return self.process.wait(timeout)
        except subprocess.TimeoutExpired:
            self.process.kill()
            return self.process.wait(timeout)

    def close(self):
        if self.alive():
            self.stop()
        self._out.close()
        self._err.close()
        if self._own_directory:
            shutil.rmtree(self.directory, ignore_errors=True)


class Proxy(Program):
    """haproxy or lbd on a configuration text. `sockets` are listening sockets by the name used in `fd@${name}`."""

    def __init__(self, binary, config, sockets=None, args=("-db",), directory=None, env=None, prefix=()):
        own_directory = directory is None
        directory = directory or tempfile.mkdtemp(prefix="tandem-test-")
        self.config_path = os.path.join(directory, "proxy.cfg")
        with open(self.config_path, "w", encoding="utf-8") as file:
            file.write(config)
        super().__init__([binary, *args, "-f", self.config_path], directory, sockets, env, prefix=prefix,
                         own_directory=own_directory)

    def wait_serving(self, address, timeout=5):
        """Until the proxy accepts connections at `address` (only needed where it binds by itself)."""
        wait_for(lambda: self._connects(address), timeout, f"{self.argv[0]} to listen at {address}\n{self.errors()}")

    def _connects(self, address):
        assert self.alive(), f"{self.argv[0]} ended with {self.process.poll()}:\n{self.errors()}"
        family = socket.AF_UNIX if isinstance(address, str) else socket.AF_INET6 if ":" in address[0] else socket.AF_INET
        with socket.socket(family, socket.SOCK_STREAM) as probe:
            return probe.connect_ex(address) == 0


def run(argv, timeout=10, env=None, pass_fds=(), cwd=None):
    """Runs a command to its end: (exit code, stdout, stderr)."""
    done = subprocess.run(argv, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.PIPE, timeout=timeout,
                          env=dict(os.environ, **(env or {})), pass_fds=pass_fds, cwd=cwd, check=False)
    return done.returncode, done.stdout.decode(errors="replace"), done.stderr.decode(errors="replace")

