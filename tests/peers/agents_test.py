#!/usr/bin/env python3
"""Agents of servers (`agent-check`) beside Debian's haproxy: the same words of an agent have the same effect on state,
weight and maxconn, are told in the same columns and logged in the same lines; and the commands about agents answer the same.

TANDEM_TESTED names another program than lbd.
"""

import contextlib
import os
import re
import socket
import sys
import tempfile
import threading
import unittest

sys.path.insert(0, os.path.dirname(os.path.dirname(os.path.abspath(__file__))))

from support import origin  # noqa: E402
from support.client import command  # noqa: E402
from support.origin import Origin  # noqa: E402
from support.process import Proxy, listening_socket, need_program, wait_for  # noqa: E402
from support.syslog import Syslog  # noqa: E402

CONFIG = """
global
  log {log} local0
  stats socket {d}/admin level admin
defaults
  mode http
  log global
  timeout client 10s
  timeout server 10s
  timeout connect 5s
  timeout check 5s
frontend web
  bind "fd@${{web}}"
  default_backend app
backend app
  {option}
  server a1 127.0.0.1:{port} weight 100 maxconn 50 agent-check agent-port {agent} agent-inter {inter} agent-send "app\\n" {more}
  server a2 127.0.0.1:{port} weight 10
"""

WORDS = [
    "up\n", "down\n", "up\n", "50%\n", "drain\n", "ready\n", "maint\n", "50%\n", "ready\n", "stopped#why so\n", "up 100%\n",
    "fail #x\n", "up", "maxconn:7\n", "nonsense\n", "", "up ready,75% maxconn:3\n", "0%\n", "100%\n", "\n", "200%\n", "up\r\n",
    "down # maintenance\n", "up drain\n", "ready\t30%,maxconn:11\n", "UP\n", "down up\n", "stopped\n", "up\ndown\n", "1000%\n",
    "-5%\n", "50\n", "300\n", "MAINT\n", "Ready\n", "5x%\n", "maxconn:x\n", "maint\n", "up\n", "down\n", "ready up\n", "#down\n", "up #\n", "down #  a  b \n",
]

COMMANDS = [
    "set server app/a1 agent nix", "set server app/a1 agent-port 99999",
    "set server app/a1 agent-addr nix", "set server app/a2 agent up", "set server app/a2 agent-addr 127.0.0.1",
    "set server app/a2 agent-port 80", "set server app/a2 agent-send xx", "enable agent app/a2", "disable agent app/a2",
    "enable agent app/nix", "enable agent nix",
]

COLUMNS = ("status weight slim last_agt agent_status agent_code agent_desc agent_rise agent_fall agent_health chkdown"
           " check_status act").split()


# A busy machine lets a process wait.
PATIENCE = 30


class Agent:
    """Answers every question with `text`; counts the questions and keeps what it was told."""

    def __init__(self):
        self.text = "up\n"
        self.asked = 0
        self.told = set()
        self.listener = listening_socket()
        self.port = self.listener.getsockname()[1]
        threading.Thread(target=self._run, daemon=True).start()

    def __enter__(self):
        return self

    def __exit__(self, *unused):
        with contextlib.suppress(OSError):
            self.listener.shutdown(socket.SHUT_RDWR)
        self.listener.close()

    def _run(self):
        while True:
            try:
                connection, _ = self.listener.accept()
            except OSError:
                return
            with connection, contextlib.suppress(OSError):
                connection.settimeout(5)
                told = connection.recv(100)
                connection.sendall(self.text.encode())
                self.told.add(told)
                self.asked += 1

    def say(self, text):
        self.text = text
        self.wait_asked()

    def wait_asked(self):
        """What stood there when it was last asked may still be on its way; the second answer from now on is not."""
        before = self.asked
        wait_for(lambda: self.asked >= before + 3, PATIENCE, "the agent to be asked")


class Tested:
    def __init__(self, binary, stack, more="", option="", inter="60ms"):
        self.directory = stack.enter_context(tempfile.TemporaryDirectory(prefix="tandem-test-"))
        self.syslog = stack.enter_context(Syslog())
        server = stack.enter_context(Origin(origin.answer()))
        self.agent = stack.enter_context(Agent())
        listener = stack.enter_context(listening_socket())
        config = CONFIG.format(d=self.directory, log=self.syslog.address, port=server.port, agent=self.agent.port, more=more,
                               option=option, inter=inter)
        stack.enter_context(Proxy(binary, config, {"web": listener}, directory=self.directory)).wait_serving(
            f"{self.directory}/admin")
        self.agent.wait_asked()

    def ask(self, text):
        return command(f"{self.directory}/admin", text)

    def view(self):
        lines = self.ask("show stat app 4 -1").strip().split("\n")
        row = dict(zip(lines[0].lstrip("# ").split(","), lines[1].split(",")))
        state = self.ask("show servers state app").split("\n")[2].split()
        view = {name: row[name] for name in COLUMNS} | {"operational": state[5], "admin": state[6], "weight set": state[7],
                                                       "agent": int(state[14]) & ~1, "address": state[-2]}
        # A question that is just under way.
        for name in ("agent_status", "check_status"):
            view[name] = view[name].removeprefix("* ")
        return view

    def log(self):
        return [f"<{line.severity}> " + re.sub(r"duration: \d+ms", "duration: Nms", line.text) for line in self.syslog.lines]


class Beside(unittest.TestCase):
    maxDiff = None

    def both(self, **more):
        stack = contextlib.ExitStack()
        self.addCleanup(stack.close)
        return (Tested(need_program("haproxy"), stack, **more),
                Tested(need_program(os.environ.get("TANDEM_TESTED", "lbd")), stack, **more))

    def assert_same_view(self, reference, tested):
        # While a question is under way haproxy shows nothing of the last one.
        for _ in range(200):
            expected, got = reference.view(), tested.view()
            if got == expected:
                break
        self.assertEqual(got, expected)

    def assert_same_log(self, reference, tested):
        wait_for(lambda: len(tested.log()) >= len(reference.log()), PATIENCE, "as many log lines")
        self.assertEqual(tested.log(), reference.log())

    def play(self, reference, tested):
        for text in WORDS:
            for proxy in (reference, tested):
                proxy.agent.say(text)
            # haproxy may take what its buffer had before for the rest of a line that has no end.
            if not text.endswith("\n") and reference.view()["last_agt"].startswith(f"agent reports an error : {text}"):
                continue
            with self.subTest(text):
                self.assert_same_view(reference, tested)
        self.assert_same_log(reference, tested)
        self.assertEqual(tested.agent.told, {b"app\n"})

    def test_words(self):
        self.play(*self.both())

    def test_words_beside_health_checks(self):
        reference, tested = self.both(more="check inter 1s", option="option log-health-checks",
                                      inter="300ms")
        for proxy in (reference, tested):
            wait_for(lambda p=proxy: "L4OK" in p.view()["check_status"], PATIENCE, "the first check")
        for text in ("up\n", "down\n", "up\n", "fail\n", "50%\n", "up\n", "drain\n", "ready\n"):
            for proxy in (reference, tested):
                proxy.agent.say(text)
            with self.subTest(text):
                self.assert_same_view(reference, tested)
        # Which of the two came first is chance.
        wait_for(lambda: len(tested.log()) >= len(reference.log()), PATIENCE, "as many log lines")
        self.assertEqual(sorted(tested.log()), sorted(reference.log()))

    def test_commands(self):
        reference, tested = self.both()
        for line in COMMANDS:
            with self.subTest(line):
                # Some of haproxy's answers lack the end of their line.
                self.assertEqual(tested.ask(line).rstrip("\n"), reference.ask(line).rstrip("\n"))
        for proxy in (reference, tested):
            proxy.ask("disable agent app/a1")
            proxy.agent.text = "down\n"
        self.assert_same_view(reference, tested)
        self.assertEqual(tested.view()["agent_status"], "")
        for proxy in (reference, tested):
            proxy.ask("enable agent app/a1")
            wait_for(lambda p=proxy: p.view()["status"] == "DOWN (agent)", PATIENCE, "the agent to be heard again")
            proxy.agent.say("50%\n")
            proxy.ask("set server app/a1 agent up")
        self.assert_same_view(reference, tested)
        for proxy in (reference, tested):
            proxy.ask("set server app/a1 agent-send other")
            wait_for(lambda p=proxy: b"other" in p.agent.told, PATIENCE, "the new text to be sent")
            proxy.ask("set server app/a1 agent-addr 127.0.0.2")
            wait_for(lambda p=proxy: p.view()["agent_status"] == "L4CON", PATIENCE, "the other address to be asked")
        self.assert_same_view(reference, tested)


if __name__ == "__main__":
    unittest.main()
