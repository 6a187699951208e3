#!/usr/bin/env python3
"""Health checks with variables and formats beside haproxy: set-var, send-lf, string-lf, on-success, status-code and the
like. What each check says, how it ends and what `show stat` tells of it are equal, and so are lines that are refused."""

import os
import re
import sys
import tempfile
import unittest

sys.path.insert(0, os.path.dirname(os.path.dirname(os.path.abspath(__file__))))

from peers.check_expressions_cases import CASES, INHERITED, MISTAKES, RIGHT  # noqa: E402
from peers.scripted import CONFIG, PATIENCE, Scripted, played  # noqa: E402
from support.client import command  # noqa: E402
from support.process import Proxy, need_program, run, wait_for  # noqa: E402

WITH_VARIABLE = CONFIG.replace("global\n", "global\n    set-var proc.start int(5)\n", 1).replace("check 5s", "check 2s")


class CheckExpressions(unittest.TestCase):
    maxDiff = None

    def test_results_are_those_of_haproxy(self):
        expected = played(need_program("haproxy"), CASES, WITH_VARIABLE)
        got = played(need_program(os.environ.get("TANDEM_TESTED", "lbd")), CASES, WITH_VARIABLE)
        # A choice: what is said last is not lost by a reset.
        last_words = {name for name, lines, _ in CASES if lines.split("\n")[-1].startswith("tcp-check send")}
        for name, of_haproxy in expected.items():
            if "TANDEM_TESTED" not in os.environ and name in last_words and of_haproxy[2] == "UP":
                of_haproxy = (of_haproxy[0], ["closed"], *of_haproxy[2:])
            with self.subTest(name):
                self.assertEqual(got[name], of_haproxy)
        statuses = {case[3] for case in expected.values()}
        self.assertLessEqual({"L4OK", "L6OK", "L7OK", "L7OKC", "L7STS", "L7RSP", "L7TOUT"}, statuses)

    def test_steps_of_a_section_replace_those_of_its_defaults(self):
        for defaults, cases in INHERITED:
            config = WITH_VARIABLE + defaults
            expected = played(need_program("haproxy"), cases, config)
            got = played(need_program(os.environ.get("TANDEM_TESTED", "lbd")), cases, config)
            for name, of_haproxy in expected.items():
                with self.subTest(name):
                    self.assertEqual(got[name], of_haproxy)

    def test_how_long_variables_live(self):
        """sess. and check. begin anew with every check, proc. goes on."""
        said = {}
        for program in ("haproxy", os.environ.get("TANDEM_TESTED", "lbd")):
            server = Scripted([1, b"x"])
            self.addCleanup(server.close)
            with tempfile.TemporaryDirectory(prefix="tandem-test-") as directory:
                config = CONFIG.format(directory=directory).replace("600s", "20ms")
                steps = "".join(f"    tcp-check set-var-fmt({name}.n) %[var({name}.n)]{name[0]}\n" for name in ("sess", "proc", "check"))
                config += (f"backend b\n    option tcp-check\n{steps}    tcp-check send-lf %[var(sess.n)]%[var(proc.n)]%[var(check.n)]\n"
                           f"    tcp-check expect string x\n    server s 127.0.0.1:{server.port} check\n")
                with Proxy(need_program(program), config):
                    wait_for(lambda s=server: len(s.ends) > 3, PATIENCE, "four checks")
                said[program] = server.heard[:3]
        self.assertEqual(set(map(tuple, said.values())), {(b"spc", b"sppc", b"spppc")})

    def test_variables_of_checks_are_those_of_the_process(self):
        server = Scripted([1, b"x"])
        self.addCleanup(server.close)
        with tempfile.TemporaryDirectory(prefix="tandem-test-") as directory:
            config = CONFIG.format(directory=directory)
            config += ("backend b\n    option tcp-check\n    tcp-check send y\n    tcp-check expect string x\n"
                       f"    tcp-check set-var(proc.seen) res.len\n    server s 127.0.0.1:{server.port} check\n")
            for program in ("haproxy", os.environ.get("TANDEM_TESTED", "lbd")):
                with self.subTest(program), Proxy(need_program(program), config) as proxy:
                    proxy.wait_serving(f"{directory}/admin", PATIENCE)
                    wait_for(lambda: "<1>" in command(f"{directory}/admin", "get var proc.seen"), PATIENCE, "the variable")

    def test_the_same_lines_are_refused(self):
        with tempfile.TemporaryDirectory(prefix="tandem-test-") as directory:
            path = f"{directory}/proxy.cfg"
            for line in MISTAKES + RIGHT:
                option = "tcp-check" if line.startswith("tcp") else "httpchk"
                with open(path, "w", encoding="ascii") as file:
                    file.write(CONFIG.format(directory=directory) + f"backend b\n  mode http\n  option {option}\n" +
                               "".join(f"  {one}\n" for one in line.split("\n")) + "  server s 127.0.0.1:1 check\n")
                for program in ("haproxy", os.environ.get("TANDEM_TESTED", "lbd")):
                    code, _, errors = run([need_program(program), "-c", "-f", path])
                    with self.subTest(line, program=program):
                        self.assertEqual(code == 1, line in MISTAKES, errors)
                        if code == 1:  # it is said where
                            last = re.findall(r"proxy\.cfg:(\d+)", errors)
                            self.assertTrue(last, errors)


if __name__ == "__main__":
    unittest.main()
