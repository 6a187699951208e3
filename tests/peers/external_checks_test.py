#!/usr/bin/env python3
"""Programs as health checks (`option external-check`) beside haproxy: what a program is given, what its end is taken for,
that one that does not end is ended with all it started, and what is missing or forbidden. Traffic goes on meanwhile."""

import csv
import json
import os
import sys
import tempfile
import unittest

sys.path.insert(0, os.path.dirname(os.path.dirname(os.path.abspath(__file__))))

from support import origin  # noqa: E402
from support.client import command, get  # noqa: E402
from support.origin import Origin  # noqa: E402
from support.process import Proxy, listening_socket, need_program, wait_for  # noqa: E402

# Writes down what it is given, and ends as the name of its server says.
PROGRAM = """#!{python} -IS
import json, os, signal, sys, time
name = os.environ["HAPROXY_SERVER_NAME"]
given = dict(arguments=sys.argv[1:], environment=dict(os.environ), group=os.getpgrp() == os.getpid())
given["streams"] = [os.readlink("/proc/self/fd/0")]
with open("/proc/self/status", encoding="ascii") as status:
    given["plain"] = [line.split()[1] for line in status if line.startswith("NoNewPrivs")]
given["others"] = [fd for fd in os.listdir("/proc/self/fd") if int(fd) > 2 and os.path.exists("/proc/self/fd/" + fd)]
with open("{directory}/" + os.environ["HAPROXY_PROXY_NAME"] + "." + name + ".new", "w", encoding="ascii") as file:
    json.dump(given, file)
os.rename(file.name, file.name[:-4])
if name.startswith("bad"):
    sys.exit(3)
if name.startswith("killed"):
    os.kill(os.getpid(), signal.SIGKILL)
if name.startswith("slow"):
    child = os.fork()
    with open("{directory}/slow." + str(os.getpid()), "w", encoding="ascii"):
        signal.signal(signal.SIGTERM, signal.SIG_IGN)
    time.sleep(600)
"""
CONFIG = """
global
    stats socket {directory}/admin level admin
    external-check
    {more}
    max-spread-checks 50ms
defaults
    mode http
    timeout client 5s
    timeout server 5s
    timeout connect 5s
    default-server inter 10m fastinter 10m downinter 10m fall 1 maxconn 77
listen front
    bind "fd@${{front}}"
    server s 127.0.0.1:{origin}
listen lis
    bind {directory}/lis.sock
    option external-check
    external-check command {directory}/check
    server good 127.0.0.1:{origin} check
    server ssl 127.0.0.1:{origin} check ssl verify none proto h2
backend app
    mode tcp
    id 4711
    option external-check
    external-check command check
    external-check path /nonexistent:{directory}:/usr/bin
    server good 127.0.0.1:81 check id 99 maxconn 0
    server bad 127.0.0.1:82 check
    server killed 127.0.0.1:83 check
    server six [::1]:84 check port 99 addr 127.0.0.2
    server path unix@{directory}/other.sock check
    server slow 127.0.0.1:85 check inter {slow}
backend missing
    option external-check
    external-check command {directory}/nothing
    server s 127.0.0.1:81 check
backend forbidden
    option external-check
    external-check command {directory}/admin
    server s 127.0.0.1:81 check
"""
COLUMNS = ("pxname", "svname", "status", "check_status", "check_code", "last_chk", "check_desc")
PATIENCE = 60


class Tested:
    def __init__(self, program, directory, more="insecure-fork-wanted", slow="3s"):
        self.directory = directory
        with open(f"{directory}/check", "w", encoding="ascii") as file:
            file.write(PROGRAM.replace("{python}", sys.executable).replace("{directory}", directory))
        os.chmod(f"{directory}/check", 0o755)
        self.front = listening_socket()
        self.origin = Origin(origin.answer()).__enter__()
        config = CONFIG.format(directory=directory, origin=self.origin.port, more=more, slow=slow)
        self.proxy = Proxy(program, config, {"front": self.front})
        self.proxy.wait_serving(f"{directory}/admin", PATIENCE)

    def close(self):
        self.proxy.close()
        self.origin.__exit__(None, None, None)
        self.front.close()

    def rows(self):
        lines = command(f"{self.directory}/admin", "show stat").strip("\n").split("\n")
        names = lines[0].lstrip("# ").split(",")
        rows = [dict(zip(names, line)) for line in csv.reader(lines[1:])]
        return [row for row in rows if row["svname"] not in ("FRONTEND", "BACKEND") and row["pxname"] != "front"]

    def results(self):
        wait_for(lambda: not any(row["check_status"] in ("INI", "") or "*" in row["check_status"] for row in self.rows()), PATIENCE,
                 "every check to end")
        return [tuple(row[column] for column in COLUMNS) for row in self.rows()]

    def given(self):
        """{who: what its program was given}, without what the folder of the test is called."""
        found = {}
        for name in ("lis.good", "lis.ssl", "app.good", "app.bad", "app.killed", "app.six", "app.path"):
            with open(f"{self.directory}/{name}", encoding="ascii") as file:
                given = json.loads(file.read().replace(self.directory, "DIRECTORY").replace(str(self.origin.port), "ORIGIN"))
            given["environment"] = {key: value for key, value in given["environment"].items() if key not in ("LC_CTYPE",)}
            del given["group"], given["plain"], given["others"]
            found[name] = given
        return found

    def programs(self):
        """Those of the slow checks that are still there."""
        left = []
        for name in os.listdir(self.directory):
            if name.startswith("slow."):
                left += [pid for pid in os.listdir("/proc") if pid.isdigit() and self._group(pid) == name[5:]]
        return left

    @staticmethod
    def _group(pid):
        try:
            with open(f"/proc/{pid}/stat", encoding="ascii", errors="replace") as file:
                return file.read().rsplit(") ", 1)[1].split()[2]
        except OSError:
            return None


class ExternalChecks(unittest.TestCase):
    maxDiff = None

    def started(self, program, **more):
        directory = tempfile.TemporaryDirectory(prefix="tandem-test-")
        self.addCleanup(directory.cleanup)
        os.chmod(directory.name, 0o755)
        tested = Tested(need_program(program), directory.name, **more)
        self.addCleanup(tested.close)
        return tested

    def test_beside_haproxy(self):
        reference, tested = self.started("haproxy"), self.started(os.environ.get("TANDEM_TESTED", "lbd"))
        self.assertEqual(tested.results(), reference.results())
        self.assertEqual(tested.given(), reference.given())

    def test_what_it_is_given_besides(self):
        tested = self.started(os.environ.get("TANDEM_TESTED", "lbd"))
        tested.results()
        with open(f"{tested.directory}/app.good", encoding="ascii") as file:
            given = json.load(file)
        self.assertTrue(given["group"], "it leads a process group")
        self.assertEqual(given["plain"], ["1"], "programs with setuid stay who they are")
        self.assertEqual(given["others"], [], "no descriptor of ours")

    def test_setuid_programs(self):
        tested = self.started(os.environ.get("TANDEM_TESTED", "lbd"), more="insecure-fork-wanted\n    insecure-setuid-wanted")
        tested.results()
        with open(f"{tested.directory}/app.good", encoding="ascii") as file:
            self.assertEqual(json.load(file)["plain"], ["0"])

    def test_the_environment_of_lbd(self):
        """preserve-env, of newer versions than Debian's haproxy."""
        os.environ["TANDEM_SPECIAL"] = "kept"
        self.addCleanup(os.environ.pop, "TANDEM_SPECIAL")
        for words, expected in (("insecure-fork-wanted", None), ("insecure-fork-wanted\n    external-check preserve-env", "kept")):
            tested = self.started("lbd", more=words)
            tested.results()
            with open(f"{tested.directory}/app.good", encoding="ascii") as file:
                environment = json.load(file)["environment"]
            self.assertEqual(environment.get("TANDEM_SPECIAL"), expected)
            self.assertEqual(environment["PATH"], f"/nonexistent:{tested.directory}:/usr/bin")

    def test_what_takes_too_long_is_ended_and_nobody_waits(self):
        tested = self.started(os.environ.get("TANDEM_TESTED", "lbd"))
        while True:
            self.assertEqual(get(tested.front.getsockname()).status, 200)
            row = next(row for row in tested.rows() if row["svname"] == "slow")
            if row["check_status"] not in ("INI", "* INI"):
                break
        self.assertEqual((row["check_status"].lstrip("* "), row["status"]), ("PROCTOUT", "DOWN"))
        wait_for(lambda: not tested.programs(), PATIENCE, "all of them to be gone")

    def test_they_end_with_lbd(self):
        tested = self.started(os.environ.get("TANDEM_TESTED", "lbd"), slow="10m")
        wait_for(lambda: len(tested.programs()) == 2, PATIENCE, "the slow program and its child")
        tested.proxy.stop()
        wait_for(lambda: not tested.programs(), PATIENCE, "all of them to be gone")

    def test_without_permission(self):
        tested = self.started(os.environ.get("TANDEM_TESTED", "lbd"), more="")
        self.assertEqual({row[2:] for row in tested.results()},
                         {("DOWN", "SOCKERR", "", "Resource temporarily unavailable", "Socket error")})
        self.assertEqual([name for name in os.listdir(tested.directory) if name.startswith(("app.", "lis.g"))], [])


if __name__ == "__main__":
    unittest.main()
