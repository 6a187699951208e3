#!/usr/bin/env python3
"""Actions beside Debian's haproxy: each case of actions_cases.py is a frontend and a backend of its own in one
configuration that both load; the same bytes go to both, and what the client gets, what the origin receives and the log line
must be the same.

actions_test.py [--tested PROGRAM] [--show] [PART-OF-CASE…]
"""

import argparse
import contextlib
import difflib
import os
import re
import sys
import tempfile

sys.path.insert(0, os.path.dirname(os.path.dirname(os.path.abspath(__file__))))

from peers import actions_cases, actions_more_cases  # noqa: E402
from peers.actions_cases import ERROR_FILE, Case, answer_for, speak_first  # noqa: E402
from peers.actions_more_cases import ABSENT, KNOWN, REFUSED  # noqa: E402
from support import origin  # noqa: E402
from support.client import Client, Closed  # noqa: E402
from support.origin import Origin  # noqa: E402
from support.process import Proxy, listening_socket, need_program, run  # noqa: E402
from support.syslog import Syslog  # noqa: E402

CASES = actions_cases.CASES + actions_more_cases.CASES

HEAD = """
global
    nbthread 1
    expose-experimental-directives
    log {log} local0
defaults
    log global
    timeout connect 2s
    timeout client 2s
    timeout server 2s
    timeout tarpit 100ms
    timeout http-keep-alive 2s
http-errors pages
    errorfile 403 {directory}/page.http
    errorfile 500 {directory}/page.http
userlist users
    group admins users clear
    user clear insecure-password secret
    user hashed password $5$salt$kpa26zwgX83BPSR8d7w93OIXbFt/d3UOTZaAu5vsTM6 groups staff
    group staff
"""

SECTION = """
frontend c{n}
    mode {mode}
    bind "fd@${{c{n}}}"
    log-format "c{n} {format}"
    {front}
    default_backend b{n}
backend b{n}
    mode {mode}
    {back}
    server s1 127.0.0.1:{port}
"""
AT_ONCE = 200  # sections of one process
LOG = {"http": "%ST %tsc %{+Q}r %hr %hs %s", "tcp": "%ts %s"}


class Subject:
    """One program: which cases it loads, and what happens in them."""

    def __init__(self, binary, directory, ports):
        self.binary = binary
        self.directory = directory
        self.ports = ports

    def text(self, cases, log):
        text = HEAD.format(log=log, directory=self.directory)
        for n, case in cases:
            text += case.before + SECTION.format(n=n, mode=case.mode, front=case.front, back=case.back,
                                                 port=self.ports[case.speaks], format=case.log or LOG[case.mode])
        return text.replace("@dir@", self.directory)

    def accepted(self, cases):
        """Those that load; by halves, as most of them do."""
        path = os.path.join(self.directory, "check.cfg")
        with open(path, "w", encoding="utf-8") as file:
            file.write(self.text(cases, "127.0.0.1:514"))
        with contextlib.ExitStack() as stack:
            listener = stack.enter_context(listening_socket())
            code, _, _ = run([self.binary, "-c", "-q", "-f", path], pass_fds=[listener.fileno()],
                             env={f"c{n}": str(listener.fileno()) for n, _ in cases})
        if code == 0:
            return cases
        if len(cases) == 1:
            return []
        half = len(cases) // 2
        return self.accepted(cases[:half]) + self.accepted(cases[half:])

    def results(self, cases, origins):
        """{number of the case: lines of what was seen}."""
        with contextlib.ExitStack() as stack:
            log = stack.enter_context(Syslog())
            listeners = {f"c{n}": stack.enter_context(listening_socket()) for n, _ in cases}
            proxy = stack.enter_context(Proxy(self.binary, self.text(cases, log.address), listeners))
            seen = {}
            for n, case in cases:
                at = origins[case.speaks]
                before = len(at.seen)
                seen[n] = self.play(case, listeners[f"c{n}"])
                with contextlib.suppress(AssertionError):
                    lines = log.wait(f"^c{n} ", count=case.lines, timeout=3.0) if case.lines else []
                    lines = lines if isinstance(lines, list) else [lines]
                    seen[n] += [f"log {line.severity} {line.text[len(str(n)) + 2:]}" for line in lines]
                if not case.race:
                    seen[n] += [f"origin got {data!r}" for data in at.seen[before:]]
                assert proxy.alive(), f"{self.binary} died in: {case.name}\n{proxy.errors()}"
        return seen

    @staticmethod
    def play(case, listener):
        noted = []
        try:
            with Client(listener.getsockname(), timeout=3.0) as client:
                for piece in case.send:
                    client.send(piece)
                    if case.speaks == "http":
                        noted += answers(client, piece.split(b" ", 1)[0].decode())
                if case.speaks == "tcp":
                    noted.append(f"got {client.read_to_end()!r}")
        except Closed as closed:
            noted.append(f"closed after {closed.data!r}")
        except TimeoutError:
            noted.append("stays open")
        except (ConnectionResetError, BrokenPipeError):
            noted.append("got b''" if case.speaks == "tcp" else "closed after b''")  # before all was sent
        return noted


def answers(client, method):
    """The final answer and the informational ones before it."""
    noted = []
    while True:
        answer = client.response(method)
        noted += [*answer.head.decode("latin-1").split("\r\n")[:-2], repr(answer.body)]
        if answer.status >= 200:
            return noted


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--tested", default="lbd")
    parser.add_argument("--show", action="store_true")
    parser.add_argument("parts", nargs="*")
    options = parser.parse_args()
    reference, tested = need_program("/usr/sbin/haproxy"), need_program(options.tested)
    cases = [(n, case) for n, case in enumerate(CASES) if not options.parts or any(p in case.name for p in options.parts)]
    wrong = []
    with contextlib.ExitStack() as stack:
        origins = {"http": stack.enter_context(Origin(origin.answer(answer_for))),
                   "tcp": stack.enter_context(Origin(speak_first))}
        directory = stack.enter_context(tempfile.TemporaryDirectory(prefix="tandem-test-"))
        with open(os.path.join(directory, "page.http"), "wb") as file:
            file.write(ERROR_FILE)
        with open(os.path.join(directory, "body.txt"), "wb") as file:
            file.write(b"body of %[path]\n")
        with open(os.path.join(directory, "empty.txt"), "wb"):
            pass
        ports = {mode: at.port for mode, at in origins.items()}
        one, other = Subject(reference, directory, ports), Subject(tested, directory, ports)
        known = one.accepted(cases)
        wrong += [f"haproxy refuses the case: {case.name}" for n, case in cases
                  if not case.newer and (n, case) not in known]
        ours = other.accepted(cases)
        missing = [case.name for n, case in cases if (n, case) not in ours]
        wrong += [f"lbd refuses: {name}" for name in missing]
        if not options.parts:
            for name, subject in (("haproxy", one), ("lbd", other)):
                wrong += [f"{name} takes: {case.name}" for case in REFUSED if subject.accepted([(0, case)])]
            wrong += [f"lbd takes: {line}" for line in ABSENT if other.accepted([(0, Case(line))])]
        both = [item for item in known if item in ours]
        expected, got = {}, {}
        for start in range(0, len(both), AT_ONCE):
            expected |= one.results(both[start:start + AT_ONCE], origins)
            got |= other.results(both[start:start + AT_ONCE], origins)
        same = 0
        for n, case in both:
            if options.show:
                print(f"== {case.name}", *expected[n], sep="\n   ")
            if expected[n] == got[n]:
                same += 1
            elif case.name in KNOWN:
                print(f"known: {case.name}: {KNOWN[case.name]}")
            else:
                diff = difflib.unified_diff(expected[n], got[n], lineterm="", n=0)
                wrong.append("\n    ".join([case.name, *(line for line in diff if not re.match(r"---|\+\+\+|@@", line))]))
    print(*wrong, sep="\n")
    print(f"actions: {len(both)} cases run, {same} the same, {len(wrong)} wrong, {len(ABSENT)} not there on purpose")
    return 1 if wrong else 0


if __name__ == "__main__":
    sys.exit(main())
