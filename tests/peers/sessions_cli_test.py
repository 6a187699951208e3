#!/usr/bin/env python3
"""What the runtime API tells of exchanges, of bad messages and of the process, beside Debian's haproxy: `show sess`, `shutdown
session`, `show errors`, `set var`, `show startup-logs` and their neighbours, on the same traffic.

TANDEM_TESTED names another program than lbd.
"""

import contextlib
import json
import os
import re
import sys
import tempfile
import unittest

sys.path.insert(0, os.path.dirname(os.path.dirname(os.path.abspath(__file__))))

from support import origin  # noqa: E402
from support.client import Client, command, get  # noqa: E402
from support.origin import Origin  # noqa: E402
from support.process import Proxy, listening_socket, need_program, wait_for  # noqa: E402

CONFIG = """
global
  nbthread 2
  set-var proc.start int(7)
  set-var-fmt proc.text "a%[int(1)]b"
  stats socket {d}/admin level admin
  stats socket {d}/operator level operator
  stats socket {d}/user level user
defaults
  mode http
  timeout client 60s
  timeout server 60s
  timeout connect 5s
frontend web
  bind "fd@${{web}}"
  use_backend bad if {{ path /bad }}
  http-request return status 200 if {{ path /here }}
  default_backend be
backend be
  server s1 127.0.0.1:{silent}
backend bad
  server b1 127.0.0.1:{bad}
listen raw
  mode tcp
  bind "fd@${{raw}}"
  server t1 127.0.0.1:{silent}
"""

# Without traffic the answers are the same, byte for byte.
SAME = [
    "show sess 0x7f", "show sess 0x12345678", "shutdown session", "shutdown session nix", "shutdown session 0",
    "shutdown session 0x12345678", "shutdown session all", "show errors nix", "get var proc.start", "get var proc.text",
    "set var proc.a int(1)", "experimental-mode;experimental-mode on;experimental-mode;experimental-mode off;experimental-mode",
    "expert-mode;expert-mode on;expert-mode", "experimental-mode on;set var",
    "experimental-mode on;set var proc.a", "experimental-mode on;set var proc.a int(5);get var proc.a",
    "experimental-mode on;set var proc.a expr int(6),add(1);get var proc.a",
    "experimental-mode on;set var proc.a fmt x%[int(1)]y;get var proc.a",
    "experimental-mode on;set var proc.c fmt %f\\ %ft\\ %b\\ %s\\ %ts\\ %tsc\\ %Th\\ %Tt\\ %ST\\ %B\\ %ci\\ %fi;get var proc.c",
    "experimental-mode on;set var txn.a int(5)", "experimental-mode on;set var proc.b str(abc),length;get var proc.b",
]
OPERATORS = ["show sess", "show sess all", "show errors", "show fd", "show startup-logs"]
USERS = ["show events", "show activity", "show threads", "show pools", "show schema json"]
ADMINS = ["shutdown session 0x1", "expert-mode on", "experimental-mode on"]

BAD_REQUESTS = [
    b"GET / HTTP/1.1\r\nhost: x\r\nbad header\r\n\r\n", b"GE(T / HTTP/1.1\r\n\r\n", b"GET / HTTP/3.1x\r\n\r\n",
    b"GET /\x01 HTTP/1.1\r\n\r\n", b"GET / HTTP/1.1\r\nlong: " + b"x" * 200 + b"\r\n\\esc\x1bape\x80\r\n\r\n",
    b"GET / HTTP/1.1\r\ntab:\ta\tb\r\n c\r\n: d\r\n\r\n",
]


class Tested:
    def __init__(self, binary, stack):
        self.directory = stack.enter_context(tempfile.TemporaryDirectory(prefix="tandem-test-"))
        silent = stack.enter_context(Origin(origin.silent))
        bad = stack.enter_context(Origin(origin.raw_answer(b"HTTP/1.1 200 OK\r\nbad header\r\n\r\nsome \x01\xff text")))
        sockets = {name: stack.enter_context(listening_socket()) for name in ("web", "raw")}
        self.at = {name: sock.getsockname() for name, sock in sockets.items()}
        config = CONFIG.format(d=self.directory, silent=silent.port, bad=bad.port)
        self.proxy = stack.enter_context(Proxy(binary, config, sockets, directory=self.directory))
        for level in ("admin", "operator", "user"):
            self.proxy.wait_serving(f"{self.directory}/{level}")

    def ask(self, line, socket="admin"):
        return command(f"{self.directory}/{socket}", line)

    def sessions(self):
        """The lines of `show sess` but those of the runtime socket, by frontend."""
        lines = [line for line in self.ask("show sess").split("\n") if line and " fe=GLOBAL " not in line]
        return {re.search(r" fe=(\S+)", line)[1]: line for line in lines}

    def run_exchanges(self, stack):
        """One of each frontend that goes on, and a client who has not asked for anything."""
        web, raw, idle = (stack.enter_context(Client(self.at[name])) for name in ("web", "raw", "web"))
        web.request("/slow")
        raw.send("hello")
        wait_for(lambda: self.has_servers("web", "raw"), what="both exchanges to have a server")
        return web, raw, idle

    def has_servers(self, *names):
        lines = self.sessions()
        return set(names) <= set(lines) and all("srv=<none>" not in lines[name] for name in names)


def blur(text):
    """`show errors` without what differs from run to run, and without the flags of haproxy's own structures."""
    text = re.sub(r"\[\d+/\w+/\d+:[\d:.]+\]", "[DATE]", text)
    text = re.sub(r"(src [\d.]+):\d+", r"\1:PORT", text)
    text = re.sub(r"flags 0x[0-9a-f]+", "flags F", text)
    return re.sub(r"H1 msg state \S+,", "H1 msg state S,", text)


class Beside(unittest.TestCase):
    def setUp(self):
        need_program("haproxy")
        stack = contextlib.ExitStack()
        self.addCleanup(stack.close)
        self.reference = Tested("haproxy", stack)
        self.tested = Tested(os.environ.get("TANDEM_TESTED") or os.path.join(os.environ["TANDEM_BUILD"], "lbd"), stack)
        self.both = (self.reference, self.tested)
        self.stack = stack

    def test_answers_without_traffic(self):
        for line in SAME:
            with self.subTest(line):
                self.assertEqual(self.tested.ask(line), self.reference.ask(line))

    def test_levels(self):
        for lines, sockets in ((OPERATORS, ("user",)), (ADMINS, ("user", "operator"))):
            for line in lines:
                for socket in sockets:
                    with self.subTest(line, socket=socket):
                        self.assertEqual(self.reference.ask(line, socket), "Permission denied\n\n")
                        self.assertEqual(self.tested.ask(line, socket), "Permission denied\n\n")
        for line in USERS:
            for one in self.both:
                with self.subTest(line):
                    self.assertNotIn("denied", one.ask(line, "user"))

    def test_unknown_variable_expressions_are_refused(self):
        for line in ("set var proc.a nix", "set var proc.a fmt %[nix]", "set var proc.a fmt %HM", "set var proc.a int(x)"):
            answers = [one.ask("experimental-mode on;" + line + ";get var proc.a").split("\n\n") for one in self.both]
            with self.subTest(line):
                for answer in answers:
                    self.assertNotEqual(answer[0].strip("\n"), answer[1].strip("\n"), "an error is said")
                    self.assertIn("Variable not found.", "".join(answer))

    def test_list_of_sessions(self):
        expected, got = [], []
        for one, seen in zip(self.both, (expected, got)):
            one.run_exchanges(self.stack)
            lines = one.sessions()
            for name in sorted(lines):
                line = lines[name]
                facts = re.search(r"proto=\S+ src=127\.0\.0\.1:\d+ (fe=\S+ be=\S+ srv=\S+) ts=", line)
                seen.append((facts[1], re.findall(r"(\w+)(?==|\[)", line)))
                self.assertRegex(line, r"^0x[0-9a-f]+: ")
                self.assertRegex(line, r" age=\d+s .* rp\[.*rx=(\d+s|1m),")
            self.assertIn(" fe=GLOBAL be=<NONE> srv=<none> ", one.ask("show sess"))
        self.assertEqual(got, expected)

    def test_details_of_a_session(self):
        facts = []
        for one in self.both:
            one.run_exchanges(self.stack)
            line = one.sessions()["web"]
            text = one.ask("show sess " + line.split(":")[0])
            self.assertEqual(text.split(":")[0], line.split(":")[0])
            self.assertIn(text.split("\n")[2:5], [one.ask("show sess all").split("\n")[at + 2:at + 5] for at in (0, *[
                at for at, line in enumerate(one.ask("show sess all").split("\n")) if line.startswith("0x")])])
            facts.append(re.sub(r":\d+", ":PORT", "\n".join(text.split("\n")[2:5])))
            self.assertRegex(text, r"^0x[0-9a-f]+: \[\d+/\w+/\d+:[\d:]+\.\d{6}\] id=\d+ proto=tcpv4 source=127\.0\.0\.1:\d+\n")
        self.assertEqual(facts[1], facts[0])

    def test_a_session_is_shut_down(self):
        for one in self.both:
            web, raw, _ = one.run_exchanges(self.stack)
            ids = {name: line.split(":")[0] for name, line in one.sessions().items()}
            self.assertEqual(one.ask(f"shutdown session {ids['raw']}"), "\n")
            self.assertEqual(raw.read_to_end(), b"")
            wait_for(lambda o=one: set(o.sessions()) == {"web"}, what="the session to be gone")
            self.assertEqual(one.ask(f"shutdown session {ids['web']}"), "\n")
            wait_for(lambda o=one: not o.sessions(), what="both sessions to be gone")
            self.assertEqual(get(one.at["web"], "/here").status, 200)

    def test_bad_requests_are_shown(self):
        for data in BAD_REQUESTS:
            shown = []
            for one in self.both:
                with Client(one.at["web"]) as client:
                    client.send(data)
                    client.read_to_end()
                shown.append(blur(one.ask("show errors web request")))
                self.assertTrue(one.ask("show errors web response").startswith("Total events captured on ["))
                self.assertNotIn("invalid request", one.ask("show errors web response"))
            with self.subTest(data):
                self.assertIn("invalid request", shown[0])
                self.assertEqual(shown[1], shown[0])

    def test_bad_responses_are_shown(self):
        for which in ("show errors", "show errors bad", "show errors web response", "show errors -1 response", "show errors 3",
                      "show errors 4", "show errors be"):
            shown = []
            for one in self.both:
                if "bad header" not in one.ask("show errors"):
                    self.assertEqual(get(one.at["web"], "/bad").status, 502)
                shown.append(blur(one.ask(which)))
            with self.subTest(which):
                self.assertEqual(shown[1], shown[0])

    def test_descriptions_of_typed_figures(self):
        for line in ("show info typed desc", "show info desc", "show stat typed desc"):
            with self.subTest(line):
                for one in self.both:
                    for shown in one.ask(line).strip("\n").split("\n"):
                        self.assertRegex(shown, r':"[^"]+"$')

    def test_schema(self):
        for one in self.both:
            schema = json.loads(one.ask("show schema json"))
            self.assertEqual([kind["title"] for kind in schema["oneOf"]], ["Info", "Stat", "Error"])
            self.assertLessEqual({"field", "processNum", "tags", "typedValue"}, set(schema["definitions"]))


class OfTheProcess(unittest.TestCase):
    """What is lbd's own in the answers of `show activity`, `show threads`, `show fd`, `show pools`, `show events`."""

    def setUp(self):
        stack = contextlib.ExitStack()
        self.addCleanup(stack.close)
        self.tested = Tested(os.environ.get("TANDEM_TESTED") or os.path.join(os.environ["TANDEM_BUILD"], "lbd"), stack)

    def test_activity(self):
        for _ in range(3):
            get(self.tested.at["web"], "/here")
        text = self.tested.ask("show activity")
        figures = dict(re.findall(r"^(\w+): (\d+) \[ \d+ \d+ \]$", text, re.M))
        self.assertEqual(figures["accepted"], "3")
        self.assertGreater(int(figures["loops"]), 0)

    def test_many_sessions_are_listed_piece_by_piece(self):
        with contextlib.ExitStack() as stack:
            for _ in range(350):
                stack.enter_context(Client(self.tested.at["raw"])).send("hello")
            wait_for(lambda: self.tested.ask("show sess").count(" fe=raw be=raw srv=t1 ") == 350, what="all sessions")
            for line in ("show sess", "show sess all"):
                ids = re.findall(r"^(0x[1-9a-f][0-9a-f]*): ", self.tested.ask(line), re.M)
                self.assertEqual((len(ids), len(set(ids))), (350, 350))
            # One who leaves in the middle of it takes nothing along.
            with Client(f"{self.tested.directory}/admin") as reader:
                reader.send("show sess all\n")
                for identifier in ids[:50]:
                    self.tested.ask(f"shutdown session {identifier}")
            wait_for(lambda: self.tested.ask("show sess").count(" fe=raw ") == 300, what="those who stay")

    def test_threads_and_pools(self):
        self.assertEqual(len(re.findall(r"^ +Thread \d : id=\d+ ", self.tested.ask("show threads"), re.M)), 2)
        self.assertRegex(self.tested.ask("show pools"), r"\nTotal: \d+ pools, \d+ bytes allocated, \d+ used\.\n")

    def test_descriptors(self):
        with Client(self.tested.at["raw"]) as client:
            client.send("hello")
            port = client.socket.getsockname()[1]
            wait_for(lambda: f" rport={port}" in self.tested.ask("show fd"), what="the client's descriptor")
            line = next(line for line in self.tested.ask("show fd").split("\n") if f" rport={port}" in line)
            self.assertIn(f" fam=ipv4 lport={self.tested.at['raw'][1]} ", line)
            self.assertEqual(self.tested.ask("show fd " + line.split(":")[0].strip()), line + "\n\n")

    def test_events(self):
        self.assertIn("    buf0 ", self.tested.ask("show events"))
        self.assertEqual(self.tested.ask("show events nix"), "No such event sink\n\n")
        self.tested.ask("disable frontend web")
        self.assertRegex(self.tested.ask("show events buf0"), r"^<\d>\d+-\d+-\d+T\S+ Paused frontend web\.\n\n$")
        self.assertEqual(self.tested.ask("show events buf0 -n"), "\n")

    def test_events_are_waited_for(self):
        with Client(f"{self.tested.directory}/admin") as watcher:
            watcher.send("show events buf0 -nw\n")
            # What it waits for must come after it began to.
            wait_for(lambda: self.tested.ask("show sess").count(" fe=GLOBAL ") == 2, what="the watcher")
            text = b""
            while b"frontend web" not in text:
                self.tested.ask("disable frontend web;enable frontend web")
                text += watcher.socket.recv(4096)
            watcher.send("x\n")
            self.assertTrue(watcher.read_to_end().endswith(b"\n"), "it ends")


if __name__ == "__main__":
    unittest.main()
