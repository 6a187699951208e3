"""Runs one scenario through two proxies and compares what everybody saw.

Compared are: what the client noted, every byte that the origins received, and each log line with its priority and tag.
Set equal before that: dates, process ids, the ports that the kernel chose, generated paths. Timers in log lines are
numbers of a running machine: -1 and the "+" of logasap must be the same, other values may differ by the tolerance.
"""

import contextlib
import difflib
import hashlib
import re
import signal
import socket
import tempfile

from support.client import Client, Closed
from support.origin import Origin
from support.process import Proxy, listening_socket, refused_port, wait_for
from support.syslog import Syslog

TIMER_TOLERANCE_MS = 150

# For `blur` of a scenario: how long something took is not the matter, but whether it took place.
TIMERS = (r"(?<= )(-?\d+/){2,4}-?\d+(?= (-?\d+ -?\d+ - - |-?\d+ [-A-Za-z]{2} ))",
          lambda found: "/".join("-1" if part == "-1" else "t" for part in found[0].split("/")))

TEMPLATE = """
global
    log @log@ local0
    nbthread 1
    @global@
defaults
    mode http
    log global
    option httplog
    timeout connect 2s
    timeout client 2s
    timeout server 2s
    @defaults@
frontend fe
    bind "fd@${fe}" @bind@
    @frontend@
    default_backend be
backend be
    @backend@
@more@
"""


class Scenario:
    """`client(run)` plays the client; the other fields fill TEMPLATE (or `config` replaces it whole).

    `blur` are (pattern, replacement) for what differs from run to run in this scenario only.

    `origins` are behaviours of tests/support/origin.py, reachable as @o1@, @o2@ …; @refused@ is a port that refuses,
    @hang@ one whose SYN is never answered; @dir@ is the run's directory. `lines` is the number of log lines to wait for.
    """

    def __init__(self, client, name=None, origins=(), lines=1, config=None, files=None, blur=(), **parts):
        self.client = client
        self.name = name or client.__name__
        self.origins = origins
        self.lines = lines
        self.config = config
        self.files = files or {}
        self.blur = blur
        self.parts = parts

    def text(self, values):
        text = self.config or TEMPLATE
        for part in ("global", "defaults", "bind", "frontend", "backend", "more"):
            value = self.parts.get(part, "")
            if isinstance(value, (list, tuple)):
                value = "\n    ".join(value)
            if part == "backend" and not value and "backend" not in self.parts and self.origins:
                value = "server s1 127.0.0.1:@o1@"
            text = text.replace(f"@{part}@", value)
        for name, value in values.items():
            text = text.replace(f"@{name}@", str(value))
        return text + ("" if text.endswith("\n") else "\n")


class HangingPort:
    """A listening port whose accept queue is full: the kernel drops further SYNs, so a connect to it waits."""

    def __init__(self):
        self.listener = listening_socket(backlog=0)
        self.port = self.listener.getsockname()[1]
        self.fillers = []
        while True:
            filler = socket.socket()
            filler.setblocking(False)
            filler.connect_ex(self.listener.getsockname())
            self.fillers.append(filler)
            with contextlib.suppress(AssertionError):
                wait_for(lambda f=filler: self._connected(f), timeout=0.05)
                continue
            return

    @staticmethod
    def _connected(filler):
        with contextlib.suppress(OSError):
            return bool(filler.getpeername())
        return False

    def close(self):
        for filler in self.fillers:
            filler.close()
        self.listener.close()


class Run:
    """One scenario on one proxy; what the client script gets. `noted` is what the client saw, in order."""

    def __init__(self, binary, scenario):
        self.binary = binary
        self.scenario = scenario
        self.noted = []
        self.log = []
        self.seen = []
        self._clients = []

    # --- for the client script
    def connect(self, timeout=5.0, listener="fe"):
        client = Client(self.listeners[listener].getsockname(), timeout)
        self._clients.append(client)
        return client

    def note(self, *facts):
        self.noted.append(" ".join(str(fact) for fact in facts))

    def note_response(self, client, method="GET"):
        """Reads one answer and notes every line of it; also when it ends too early."""
        try:
            answer = client.response(method)
        except Closed as closed:
            self.note("closed early" + (" by reset" if closed.reset else ""), "after", closed.data[:2000])
            return None
        except TimeoutError:
            self.note("no answer in time")
            return None
        body = answer.body if len(answer.body) <= 2000 else f"{len(answer.body)} bytes"
        self.note("answer", answer.head.decode("latin-1"), body, answer.trailers)
        return answer

    def get(self, path="/", method="GET", client=None, **more):
        """One request on `client` (a new connection otherwise), its answer noted."""
        own = client or self.connect()
        own.request(path, method, **more)
        answer = self.note_response(own, method)
        return answer

    def note_end(self, client, timeout=3.0):
        """Notes what still comes and whether the proxy closes the connection."""
        client.socket.settimeout(timeout)
        try:
            self.note("end", client.read_to_end()[:2000])
        except TimeoutError:
            self.note("stays open", client.pending[:2000])

    def send_raw(self, data):
        """Sends bytes on a new connection, notes the answer and whether the connection ends."""
        client = self.connect()
        with contextlib.suppress(OSError):
            client.send(data)
        self.note_end(client, 1.0)
        return client

    def wait_log(self, pattern, count=1):
        return self.syslog.wait(pattern, count=count)

    def wait_seen(self, count=1, origin=0):
        wait_for(lambda: len(self.origins[origin].seen) >= count, what="request at the origin")

    # --- for the test
    def execute(self):
        scenario = self.scenario
        with contextlib.ExitStack() as stack:
            self.directory = stack.enter_context(tempfile.TemporaryDirectory(prefix="tandem-test-"))
            self.syslog = stack.enter_context(Syslog())
            self.origins = [stack.enter_context(Origin(behaviour)) for behaviour in scenario.origins]
            refused, keeper = refused_port()
            stack.callback(keeper.close)
            self.listeners = {"fe": listening_socket(), "fe2": listening_socket()}
            for listener in self.listeners.values():
                stack.callback(listener.close)
            values = {f"o{index + 1}": origin.port for index, origin in enumerate(self.origins)}
            values |= {"log": self.syslog.address, "refused": refused, "dir": self.directory}
            text = scenario.text({})
            if "@hang@" in text:
                hanging = HangingPort()
                stack.callback(hanging.close)
                values["hang"] = hanging.port
            for name, content in scenario.files.items():
                with open(f"{self.directory}/{name}", "wb") as file:
                    file.write(content if isinstance(content, bytes) else content.encode())
            self.names = {str(value): f"<{name}>" for name, value in values.items()}
            self.names |= {str(sock.getsockname()[1]): f"<{name}>" for name, sock in self.listeners.items()}
            proxy = stack.enter_context(Proxy(self.binary, scenario.text(values), self.listeners, directory=self.directory))
            self.pid = proxy.pid
            try:
                scenario.client(self)
                for client in self._clients:
                    client.close()
                wait_for(lambda: len(self.traffic()) >= scenario.lines, what=f"{scenario.lines} log lines")
            except (AssertionError, Closed, OSError) as error:
                self.note("failed:", type(error).__name__, error)
            self.note("alive" if proxy.alive() else f"ended with {proxy.process.returncode}: {proxy.errors()}")
            code = proxy.stop()
            self.note("stopped" if code in (0, -signal.SIGTERM) else f"exit code {code}")
            for origin in self.origins:
                origin.close()
                self.seen.append([data.decode("latin-1") if len(data) < 5000 else
                                  f"{len(data)} bytes, {hashlib.sha256(data).hexdigest()}" for data in origin.seen])
                self.note(f"connections at the origin: {origin.connections}")
            self.syslog.close()
            self.log = [self.normal_line(line) for line in self.traffic()]
        return self

    def traffic(self):
        """The log lines but those that say that a proxy starts or stops."""
        started = re.compile(r"Proxy \S+ (started|stopped)|Stopping (frontend|backend|proxy)|Exiting|Paused|Loading")
        return [line for line in list(self.syslog.lines) if not started.match(line.text)]

    def normal(self, text):
        text = re.sub(r"127\.0\.0\.1:(\d+)", lambda m: "127.0.0.1:" + self.names.get(m[1], "<port>"), text)
        text = text.replace(self.directory, "<dir>")
        for pattern, replacement in self.scenario.blur:
            text = re.sub(pattern, replacement, text)
        return re.sub(r"\[\d\d/\w{3}/\d{4}:\d\d:\d\d:\d\d(\.\d{3})?( [+-]\d{4})?\]", "[date]", text)

    def normal_line(self, line):
        """(text without timers, [timers])."""
        pid = "[pid]" if line.pid == self.pid else "[other pid]" if line.pid else ""
        text = self.normal(f"<{line.priority}>{line.tag}{pid}: {line.text}")
        timers = []

        def take(match):
            timers.append(match[0])
            return "/".join("-1" if part == "-1" else "+t" if part[0] == "+" else "t" for part in match[0].split("/"))

        text = re.sub(r"check duration: (\d+)ms", lambda m: "check duration: " + take(m) + "ms", text)
        return re.sub(r"(?<= )[+-]?\d+(/[+-]?\d+){2,4}(?= [+\d-])", take, text, count=1), timers

    def transcript(self):
        """Everything but the timers as text lines."""
        lines = [self.normal(fact) for fact in self.noted]
        for index, data in enumerate(self.seen):
            lines += [self.normal(f"origin {index + 1} got {part}") for part in data]
        return "\n".join(lines + [text for text, _ in self.log]).splitlines()


def _near(one, other):
    one, other = re.findall(r"[+-]?\d+", one), re.findall(r"[+-]?\d+", other)
    return len(one) == len(other) and all(abs(int(a) - int(b)) <= TIMER_TOLERANCE_MS for a, b in zip(one, other))


def _allow_reuse(expected, seen):
    """lbd may use an idle connection of another client for a request that it can send again:
    fewer connections at the origin are no difference, more are."""
    word = "connections at the origin: "
    wanted = [line for line in expected if line.startswith(word)]
    result = []
    for line in seen:
        if line.startswith(word) and wanted:
            other = wanted.pop(0)
            if 0 < int(line[len(word):]) < int(other[len(word):]):
                line = other
        result.append(line)
    return result


def differences(reference, tested):
    """Readable differences of two finished runs of the same scenario; empty when they agree."""
    expected, seen = reference.transcript(), tested.transcript()
    diff = [line for line in difflib.unified_diff(expected, _allow_reuse(expected, seen), "reference", "tested",
                                                  lineterm="", n=1)]
    for (text, one), (_, other) in zip(reference.log, tested.log):
        if len(one) == len(other) and not all(_near(a, b) for a, b in zip(one, other)):
            diff.append(f"timers of {text}: {one} and {other}")
    return diff
