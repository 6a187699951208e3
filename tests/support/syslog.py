"""A syslog receiver on UDP or on a Unix datagram socket."""

import os
import re
import socket
import threading

from support.process import wait_for

_LINE = re.compile(r"<(\d+)>(?:[A-Z][a-z]{2} [ \d]\d \d\d:\d\d:\d\d )(?:([^\s:\[]+) )?([^\s:\[]+)(?:\[(\d+)\])?: ?(.*)", re.DOTALL)


class Line:
    """One message taken apart: `priority`, `tag`, `pid` and `text`; `raw` is the datagram."""

    def __init__(self, raw):
        self.raw = raw.decode("latin-1").rstrip("\n")
        match = _LINE.fullmatch(self.raw)
        self.priority = int(match[1]) if match else -1
        self.tag = match[3] if match else ""
        self.pid = int(match[4]) if match and match[4] else 0
        self.text = match[5] if match else self.raw

    @property
    def severity(self):
        return self.priority & 7

    def __repr__(self):
        return self.raw


class Syslog:
    """Collects in a thread; `lines` is the list so far. `address` is what goes behind `log` in a configuration.

    Without `path` and `udp` it is a UDP port of 127.0.0.1 that the kernel chooses; `udp` names one."""

    def __init__(self, path=None, udp=("127.0.0.1", 0)):
        self.lines = []
        if path:
            self.socket = socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM)
            self.socket.bind(path)
            os.chmod(path, 0o666)
            self.address = path
        else:
            self.socket = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
            self.socket.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 4 << 20)
            self.socket.bind(udp)
            self.address = "127.0.0.1:%d" % self.socket.getsockname()[1]
        self._stopping = threading.Event()
        self._thread = threading.Thread(target=self._receive, daemon=True)
        self._thread.start()

    def __enter__(self):
        return self

    def __exit__(self, *unused):
        self.close()

    def _receive(self):
        self.socket.settimeout(0.02)
        while True:
            try:
                self.lines.append(Line(self.socket.recv(65536)))
            except TimeoutError:
                if self._stopping.is_set():
                    return
            except OSError:
                return

    def wait(self, pattern, timeout=5.0, count=1):
        """The first `count` lines whose text matches; AssertionError when they do not come in time."""
        found = []

        def matching():
            found[:] = [line for line in list(self.lines) if re.search(pattern, line.text)]
            return len(found) >= count

        try:
            wait_for(matching, timeout, f"log line {pattern!r}")
        except AssertionError as error:
            raise AssertionError(f"{error}; got:\n" + "\n".join(line.raw for line in self.lines)) from None
        return found[:count] if count > 1 else found[0]

    def close(self):
        """Takes what is still in the socket and ends."""
        self._stopping.set()
        self._thread.join(5)
        self.socket.close()
