#!/usr/bin/env python3
"""The checks that know a protocol (redis, mysql, pgsql, smtp, ldap, SSL) beside haproxy: servers of our own keep to a
script and write down what they are told. What each check says, how it leaves, and what `show stat` tells of it are equal."""

import contextlib
import csv
import os
import socket
import sys
import tempfile
import threading
import unittest

sys.path.insert(0, os.path.dirname(os.path.dirname(os.path.abspath(__file__))))

from peers.server_checks_cases import CASES, MISTAKES, SHUT  # noqa: E402
from support.client import command  # noqa: E402
from support.process import Proxy, listening_socket, need_program, run, wait_for  # noqa: E402

CONFIG = """
global
    stats socket {directory}/admin level admin
    max-spread-checks 100ms
defaults
    mode tcp
    timeout client 5s
    timeout server 5s
    timeout connect 20s
    timeout check 5s
    default-server inter 600s fastinter 600s downinter 600s fall 1
"""
COLUMNS = ("status", "check_status", "check_code", "last_chk", "check_desc")
# Seconds since 1970 in an SSL hello.
CLOCK = slice(11, 15)
PATIENCE = 120


class Scripted:
    """A server that plays its script with every connection, and keeps what the first one said and how it ended."""

    def __init__(self, script):
        self.script, self.heard, self.end = script, b"", None
        self.listener = listening_socket()
        self.port = self.listener.getsockname()[1]
        threading.Thread(target=self._run, daemon=True).start()

    def close(self):
        with contextlib.suppress(OSError):
            self.listener.shutdown(socket.SHUT_RDWR)
        self.listener.close()

    def _run(self):
        with contextlib.suppress(OSError):
            connection, _ = self.listener.accept()
            with connection:
                self.end = self._play(connection)

    def _play(self, connection):
        connection.settimeout(PATIENCE)
        try:
            for step in self.script:
                if isinstance(step, bytes):
                    connection.sendall(step)
                elif step == SHUT:
                    connection.shutdown(socket.SHUT_WR)
                elif isinstance(step, float):
                    threading.Event().wait(step)
                else:
                    while len(self.heard) < step:
                        if not self._hear(connection):
                            return "closed"
            while self._hear(connection):
                pass
            return "closed"
        except ConnectionError:
            return "reset"

    def _hear(self, connection):
        piece = connection.recv(65536)
        self.heard += piece
        return piece


def played(program):
    """{case: (what it said, how it left, columns)}"""
    with tempfile.TemporaryDirectory(prefix="tandem-test-") as directory, contextlib.ExitStack() as stack:
        servers = [Scripted(script) for _, _, script in CASES]
        config = CONFIG.format(directory=directory)
        for number, ((_, lines, _), server) in enumerate(zip(CASES, servers)):
            stack.callback(server.close)
            body = "".join(f"    {line}\n" for line in lines.split("\n"))
            config += f"backend b{number}\n{body}    server s 127.0.0.1:{server.port} check\n"
        proxy = stack.enter_context(Proxy(program, config))
        proxy.wait_serving(f"{directory}/admin", PATIENCE)

        def rows():
            lines = command(f"{directory}/admin", "show stat").strip("\n").split("\n")
            names = lines[0].lstrip("# ").split(",")
            return [row for row in (dict(zip(names, line)) for line in csv.reader(lines[1:])) if row["svname"] == "s"]

        wait_for(lambda: all(server.end for server in servers), PATIENCE, "every check to leave")
        wait_for(lambda: not any(row["check_status"] in ("INI", "") or "*" in row["check_status"] for row in rows()), PATIENCE,
                 "every check to end")
        found = {}
        for (name, lines, _), server, row in zip(CASES, servers, rows()):
            heard = bytearray(server.heard)
            if "ssl-hello" in lines:
                heard[CLOCK] = bytes(len(heard[CLOCK]))
            found[name] = (bytes(heard), server.end, *(row[column] for column in COLUMNS))
        return found


class ServerChecks(unittest.TestCase):
    maxDiff = None

    def test_results_are_those_of_haproxy(self):
        expected = played(need_program("haproxy"))
        got = played(need_program(os.environ.get("TANDEM_TESTED", "lbd")))
        for name, of_haproxy in expected.items():
            with self.subTest(name):
                self.assertEqual(got[name], of_haproxy)
        statuses = {case[3] for case in expected.values()}
        self.assertLessEqual({"L7OK", "L7STS", "L7RSP", "L7TOUT", "L6OK", "L6RSP", "L6TOUT"}, statuses)

    def test_who_never_says_local(self):
        said = {}
        for word in ("", "pp2-never-send-local"):
            for program in ("haproxy", os.environ.get("TANDEM_TESTED", "lbd")):
                server = Scripted([14, b"+PONG\r\n"])
                self.addCleanup(server.close)
                with tempfile.TemporaryDirectory(prefix="tandem-test-") as directory:
                    config = CONFIG.format(directory=directory).replace("global\n", f"global\n    {word}\n", 1)
                    config += ("backend b\n    option redis-check\n"
                               f"    server s 127.0.0.1:{server.port} check check-send-proxy send-proxy-v2\n")
                    with Proxy(need_program(program), config) as proxy:
                        proxy.wait_serving(f"{directory}/admin", PATIENCE)
                        wait_for(lambda s=server: s.end, PATIENCE, "the check to leave")
                heard = server.heard.replace(server.port.to_bytes(2, "big"), b"PP")
                # The port that the check comes from.
                said.setdefault(word, []).append(heard if b"PP" not in heard else heard[:24] + heard[26:])
        for word, (of_haproxy, of_ours) in said.items():
            self.assertEqual(of_ours, of_haproxy, word)
        self.assertIn(b"PP", said["pp2-never-send-local"][0])

    def test_mistakes_are_those_of_haproxy(self):
        with tempfile.TemporaryDirectory(prefix="tandem-test-") as directory:
            for line in MISTAKES:
                path = f"{directory}/proxy.cfg"
                with open(path, "w", encoding="ascii") as file:
                    file.write(CONFIG.format(directory=directory) + f"backend b\n  {line}\n"
                               "  server s 127.0.0.1:1 check\n")
                said = []
                for program in ("haproxy", os.environ.get("TANDEM_TESTED", "lbd")):
                    code, _, errors = run([need_program(program), "-c", "-f", path])
                    self.assertEqual(code, 1, (program, line))
                    told = [text for text in errors.split("\n") if f"{path}:" in text]
                    said.append(told[0].split("] : ", 1)[1].rstrip("."))
                with self.subTest(line):
                    self.assertEqual(said[1], said[0])


if __name__ == "__main__":
    unittest.main()
