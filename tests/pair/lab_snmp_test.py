#!/usr/bin/env python3
"""`make run` has snmpd and lbsnmpd on both nodes, says how to ask them, and leaves nothing behind: as it was started here, and as
an ordinary user."""

import os
import re
import signal
import sys
import tempfile
import unittest

sys.path.insert(0, os.path.dirname(os.path.dirname(os.path.abspath(__file__))))

from pair.lab import our_programs  # noqa: E402
from support import netns  # noqa: E402
from support.process import Program, build_dir, need_program, run, skip, wait_for  # noqa: E402
from support.snmp import ARC, ROOT, as_number, parse  # noqa: E402

NOBODY = ["setpriv", "--reuid=65534", "--regid=65534", "--clear-groups"]


def in_group_of(text):
    """Processes whose command line or environment names this."""
    found = []
    for pid in filter(str.isdigit, os.listdir("/proc")):
        try:
            with open(f"/proc/{pid}/environ", "rb") as environ, open(f"/proc/{pid}/cmdline", "rb") as line:
                if text.encode() in environ.read() + line.read():
                    found.append(pid)
        except OSError:
            continue
    return found


class MakeRun(unittest.TestCase):
    def lab(self, prefix=()):
        directory = tempfile.TemporaryDirectory(prefix="tandem-lab-")
        self.addCleanup(directory.cleanup)
        os.chmod(directory.name, 0o777)
        state = os.path.join(directory.name, "lab")
        program = Program([sys.executable, os.path.join(ROOT, "tests/pair/lab_run.py"), "--state", state], directory.name,
                          env={"TANDEM_BUILD": build_dir(), "PYTHONDONTWRITEBYTECODE": "1"}, stop_signal=signal.SIGINT,
                          own_directory=False, prefix=prefix)
        self.addCleanup(program.close)
        wait_for(lambda: "Ctrl-C" in program.output() or not program.alive(), 90, "the pair")
        self.assertTrue(program.alive(), program.output() + program.errors())
        return program, state

    def ask(self, state, node, oid, prefix):
        with open(f"{state}/{node}.spaces", encoding="ascii") as file:
            spaces = file.read().split()
        _, out, _ = run([*prefix, "nsenter", *spaces, "--", need_program("snmpget"), "-v2c", "-c", "public", "-On", "-t", "1",
                         "-r", "1", "127.0.0.1", oid], env={"MIBS": "", "SNMP_PERSISTENT_DIR": f"{state}/client"})
        rows = parse(out)
        return as_number(rows[0][2]) if rows else None

    def check(self, prefix=()):
        program, state = self.lab(prefix)
        command = re.search(r"scripts/node node1 (snmpwalk .*)", program.output())
        self.assertIsNotNone(command, program.output())
        self.assertIn(ARC, command[1])
        for node in ("node1", "node2"):
            wait_for(lambda node=node: self.ask(state, node, f"{ARC}.1.1.12.0", prefix) == 3, 60, f"the servers of {node}")
            self.assertTrue(os.path.isdir(f"{state}/{node}/snmp/persistent"), "its state is in the folder of the run")
        # What lbsnmpd knows is a moment old.
        wait_for(lambda: {self.ask(state, node, f"{ARC}.1.1.4.0", prefix) for node in ("node1", "node2")} == {1, 2}, 60,
                 "one active, one backup")
        program.signal(signal.SIGINT)
        self.assertEqual(program.wait(30), 0, program.errors())
        self.assertIn("stopped", program.output())
        wait_for(lambda: not in_group_of(state), 20, "everybody to have ended")

    def test_as_it_is(self):
        self.check()

    def test_as_an_ordinary_user(self):
        if not netns.real_root():
            self.skipTest("only root can become somebody else")
        code, _, _ = run([*NOBODY, "unshare", "--user", "--map-root-user", "--net", "true"])
        readable = [run([*NOBODY, "test", "-x", program])[0] == 0 for program in (need_program("lbsnmpd"), sys.executable)]
        if code != 0 or not all(readable):
            self.skipTest("an ordinary user may not make namespaces, or not read the build directory or Python here")
        self.check(NOBODY)


if __name__ == "__main__":
    for name in ("snmpd", "snmpget", "lbsnmpd"):
        need_program(name)
    if not our_programs():
        skip("lbd and vrrpd are not both built")
    sys.exit(unittest.main(verbosity=1))
