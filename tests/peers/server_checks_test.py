#!/usr/bin/env python3
"""The checks that know a protocol (redis, mysql, pgsql, smtp, ldap, SSL) beside haproxy: servers of our own keep to a
script and write down what they are told. What each check says, how it leaves, and what `show stat` tells of it are equal."""

import os
import sys
import tempfile
import unittest

sys.path.insert(0, os.path.dirname(os.path.dirname(os.path.abspath(__file__))))

from peers.scripted import CONFIG, PATIENCE, Scripted, played  # noqa: E402
from peers.server_checks_cases import CASES, MISTAKES  # noqa: E402
from support.process import Proxy, need_program, run, wait_for  # noqa: E402

# Seconds since 1970 in an SSL hello.
CLOCK = slice(11, 15)


def outcomes(program):
    """{case: (what it said, how it left, columns)}"""
    found = {}
    said = {name: lines for name, lines, _ in CASES}
    for name, (heard, ends, *columns) in played(program, CASES).items():
        first = bytearray(heard[0])
        if "ssl-hello" in said[name]:
            first[CLOCK] = bytes(len(first[CLOCK]))
        found[name] = (bytes(first), ends[0], *columns)
    return found


class ServerChecks(unittest.TestCase):
    maxDiff = None

    def test_results_are_those_of_haproxy(self):
        expected = outcomes(need_program("haproxy"))
        got = outcomes(need_program(os.environ.get("TANDEM_TESTED", "lbd")))
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
                        wait_for(lambda s=server: s.ends and s.ends[0], PATIENCE, "the check to leave")
                heard = server.heard[0].replace(server.port.to_bytes(2, "big"), b"PP")
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
