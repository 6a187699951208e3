#!/usr/bin/env python3
"""Counters that outlive a stop: dump stats-file, and stats-file of the next process."""

import contextlib
import os
import signal
import sys
import tempfile
import unittest

sys.path.insert(0, os.path.dirname(os.path.dirname(os.path.abspath(__file__))))

from support.client import command, get  # noqa: E402
from support.origin import Origin, name  # noqa: E402
from support.process import Proxy, listening_socket, need_program, wait_for  # noqa: E402

CONFIG = """
global
  stats socket {d}/admin level admin
  stats socket {d}/user level user
  stats-file {d}/counters
defaults
  mode http
  timeout client 20s
  timeout server 20s
  timeout connect 5s
frontend web
  guid fe:web
  option socket-stats
  bind "fd@${{web}}" name here guid li:web
  default_backend app
backend app
  guid be:app
  server s1 127.0.0.1:{port} guid srv:app/s1
  server spare 127.0.0.1:{port} disabled
"""
GROWING = ("stot", "bin", "bout", "hrsp_2xx", "hrsp_4xx", "req_tot", "lbtot", "conn_tot", "connect", "reuse", "rtime_max", "ttime_max")


class StatsFile(unittest.TestCase):
    maxDiff = None

    def setUp(self):
        self.stack = contextlib.ExitStack()
        self.addCleanup(self.stack.close)
        self.directory = self.stack.enter_context(tempfile.TemporaryDirectory(prefix="tandem-test-"))
        self.config = CONFIG.format(d=self.directory, port=self.stack.enter_context(Origin(name("one"))).port)
        self.write("")

    def write(self, text):
        with open(f"{self.directory}/counters", "w", encoding="utf-8") as file:
            file.write(text)

    def start(self, *args):
        web = self.stack.enter_context(listening_socket())
        proxy = self.stack.enter_context(Proxy(need_program("lbd"), self.config, {"web": web}, directory=self.directory,
                                               args=args or ("-db",)))
        proxy.wait_serving(f"{self.directory}/admin")
        return proxy, web.getsockname()

    def ask(self, line, socket="admin"):
        return command(f"{self.directory}/{socket}", line)

    def counters(self):
        lines = self.ask("show stat").strip().split("\n")
        names = lines[0].lstrip("# ").split(",")
        rows = [dict(zip(names, line.split(","))) for line in lines[1:]]
        return {(row["pxname"], row["svname"]): {column: row[column] for column in GROWING} for row in rows}

    def test_counters_go_on_after_a_stop(self):
        proxy, web = self.start()
        for _ in range(7):
            self.assertEqual(get(web, "/").status, 200)
        wait_for(lambda: self.counters()[("app", "BACKEND")]["hrsp_2xx"] == "7", what="seven answers")
        before, file = self.counters(), self.ask("dump stats-file")
        for line in ("#fe guid,", "\nfe:web,7,", "\n#be guid,", "\nbe:app,7,", "\n#li guid,", "\nli:web,7,", "\n#srv guid,", "\nsrv:app/s1,7,"):
            self.assertIn(line, file if line.startswith("\n") else "\n" + file)
        self.assertNotIn("spare", file)
        self.assertEqual(self.ask("dump stats-file", "user"), "Permission denied\n\n")
        proxy.stop()
        self.write(file)
        proxy, web = self.start()
        self.assertEqual(self.counters(), before)
        get(web, "/")
        wait_for(lambda: self.counters()[("web", "FRONTEND")]["req_tot"] == "8", what="one more")
        self.assertEqual(self.counters()[("app", "s1")]["lbtot"], "8")

    def test_a_reload_does_not_count_twice(self):
        proxy, web = self.start("-W", "-S", f"{self.directory}/master")
        for _ in range(3):
            get(web, "/")
        wait_for(lambda: self.counters()[("app", "BACKEND")]["hrsp_2xx"] == "3", what="three answers")
        self.write(self.ask("dump stats-file"))
        pid = self.ask("show info").split("Pid: ")[1].split()[0]
        proxy.signal(signal.SIGUSR2)

        def reloaded():
            with contextlib.suppress(OSError, IndexError):
                return self.ask("show info").split("Pid: ")[1].split()[0] != pid
        wait_for(reloaded, timeout=20, what="the next worker")
        wait_for(lambda: self.counters()[("app", "BACKEND")]["hrsp_2xx"] == "3", what="three answers still")
        get(web, "/")
        wait_for(lambda: self.counters()[("app", "BACKEND")]["hrsp_2xx"] == "4", what="one more")

    def test_what_cannot_be_read_is_said(self):
        self.write("#fe guid,bin\nfe:web,many\n#zz\n")
        proxy, web = self.start()
        self.assertEqual(get(web, "/").status, 200)
        proxy.stop()
        self.assertRegex(proxy.errors(), r"stats-file '.*/counters', line 2: 'many' is not a number")
        os.remove(f"{self.directory}/counters")
        proxy, web = self.start()
        self.assertEqual(get(web, "/").status, 200)
        proxy.stop()
        self.assertIn("cannot read the stats-file", proxy.errors())


if __name__ == "__main__":
    unittest.main()
