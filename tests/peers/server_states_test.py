#!/usr/bin/env python3
"""Files with states of servers (`server-state-file` and its words) beside haproxy: what both make of the same files, as
`show servers state` and their warnings tell it, and that each reads what the other wrote."""

import os
import re
import sys
import tempfile
import unittest

sys.path.insert(0, os.path.dirname(os.path.dirname(os.path.abspath(__file__))))

from peers.server_states_cases import CASES, TEXTS  # noqa: E402
from support.client import command  # noqa: E402
from support.process import Proxy, need_program, run  # noqa: E402

CONFIG = """
global
    stats socket {directory}/admin level admin
    {globals}
defaults
    mode http
    timeout client 5s
    timeout server 5s
    timeout connect 5s
    default-server inter 600s
    load-server-state-from-file {load}
backend aaa
    load-server-state-from-file none
    server first 127.0.0.1:1 check
backend app
    {more}
    server a 127.0.0.1:1 check weight 10
    server b 127.0.0.1:2 weight 20
    server c 127.0.0.1:3 check disabled
    server d 127.0.0.1:4 id 44 check agent-check agent-port 99 agent-inter 600s
    server t 127.0.0.1:6 track a
backend two
    id 77
    server a 127.0.0.1:1 check
"""
# Where the first check of all servers stands.
FIRST = "first"
PATIENCE = 60


def columns(text):
    lines = text.strip("\n").split("\n")
    names = lines[1].lstrip("# ").split(" ")
    rows = [dict(zip(names, line.split(" "))) for line in lines[2:]]
    return names, {f"{row['be_name']}/{row['srv_name']}": row for row in rows if row["srv_name"] != FIRST}


class Tested:
    def __init__(self, program, state, globals_="server-state-file {directory}/state", load="global", more=""):
        with tempfile.TemporaryDirectory(prefix="tandem-test-") as directory:
            with open(f"{directory}/state", "w", encoding="latin-1") as file:
                file.write(state)
            config = CONFIG.format(directory=directory, globals=globals_.format(directory=directory), load=load, more=more)
            with Proxy(program, config, directory=directory) as proxy:
                proxy.wait_serving(f"{directory}/admin", PATIENCE)
                self.text = command(f"{directory}/admin", "show servers state")
                errors = proxy.errors().replace(directory, "DIRECTORY")
        self.names, self.rows = columns(self.text)
        for row in self.rows.values():
            # The times since are those of the file or of the start, which differ by a few seconds; haproxy may say -1.
            row["srv_time_since_last_change"] = (int(row["srv_time_since_last_change"]) + 100) // 1000
            # Whether a number stands in the file is no state.
            del row["bk_f_forced_id"], row["srv_f_forced_id"]
            row["srv_check_state"] = int(row["srv_check_state"]) & ~1
            row["srv_agent_state"] = int(row["srv_agent_state"]) & ~1
        warnings = [re.sub(r"^\[\w+\] +\(\d+\) : (config : )*", "", line) for line in errors.split("\n") if "state" in line]
        self.warnings = [line for line in warnings if "partially" not in line]


class Beside(unittest.TestCase):
    maxDiff = None

    @classmethod
    def setUpClass(cls):
        cls.programs = [need_program("haproxy"), need_program(os.environ.get("TANDEM_TESTED", "lbd"))]
        cls.names, cls.start = columns(Tested(cls.programs[0], "1\n").text)

    def line(self, server, **changed):
        row = self.start[server] | {name: str(value) for name, value in changed.items()}
        return " ".join(row[name] for name in self.names)

    def compare(self, state, **more):
        reference, tested = (Tested(program, state, **more) for program in self.programs)
        differences = {f"{who}.{name}": (value, reference.rows.get(who, {}).get(name)) for who, row in tested.rows.items()
                       for name, value in row.items() if reference.rows.get(who, {}).get(name) != value}
        self.assertEqual(differences, {})
        self.assertEqual(set(tested.rows), set(reference.rows))
        self.assertEqual(tested.warnings, reference.warnings)
        return tested

    def test_states(self):
        for name, changed in CASES:
            with self.subTest(name):
                lines = [self.line(server, **columns_) for server, columns_ in changed.items()]
                self.compare("1\n" + "\n".join(lines) + "\n")

    def test_texts(self):
        line, other, again = self.line("app/a", srv_uweight=3), self.line("app/b", srv_uweight=4), self.line("app/a", srv_uweight=5)
        for name, text in TEXTS:
            with self.subTest(name):
                self.compare(text.format(line=line, other=other, again=again, short=" ".join(line.split(" ")[:19]),
                                         shortest=" ".join(line.split(" ")[:20]), wide=line.replace(" ", " \t ")))

    def test_where_the_file_is(self):
        state = "1\n" + self.line("app/a", srv_uweight=3) + "\n"
        base = "server-state-base {directory}"
        for name, more in {
                "in a folder": {"globals_": base + "\n    server-state-file state"},
                "in a folder with a slash": {"globals_": base + "/\n    server-state-file state"},
                "absent": {"globals_": "server-state-file {directory}/nothing"},
                "not said": {"globals_": ""},
                "own, by the name of the backend": {"globals_": base, "load": "local"},
                "own, by name": {"globals_": base, "load": "local", "more": "server-state-file-name state"},
                "not wanted": {"load": "none"},
        }.items():
            with self.subTest(name):
                self.compare(state, **more)

    def test_each_reads_the_other(self):
        state = "1\n" + self.line("app/a", srv_uweight=3, srv_admin_state=8) + "\n" + self.line("two/a", srv_op_state=0) + "\n"
        for writer in self.programs:
            written = Tested(writer, state).text
            self.assertIn(" 3 10 ", written)
            self.compare(written.strip("\n") + "\n")

    def test_the_last_address_of_a_name(self):
        state = "1\n# x\n2 app 7 h 127.0.0.9 2 0 1 1 0 1 0 2 0 0 0 0 nobody.invalid 1 - 0 0 - - 0\n"
        more = "server h nobody.invalid:1 init-addr last"
        self.assertEqual(self.compare(state, more=more).rows["app/h"]["srv_addr"], "127.0.0.9")

    def test_a_check_of_the_file_warns(self):
        for program in self.programs:
            with tempfile.TemporaryDirectory(prefix="tandem-test-") as directory:
                with open(f"{directory}/proxy.cfg", "w", encoding="ascii") as file:
                    file.write(CONFIG.format(directory=directory, globals=f"server-state-file {directory}/nothing",
                                             load="global", more=""))
                code, out, errors = run([program, "-c", "-f", f"{directory}/proxy.cfg"])
            self.assertEqual(code, 0 if "haproxy" not in program else code, errors)
            self.assertIn("Can't open global server state file", out + errors)


if __name__ == "__main__":
    unittest.main()
