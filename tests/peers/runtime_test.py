#!/usr/bin/env python3
"""The figures of the runtime socket beside Debian's haproxy, after the same traffic: `show info` has the same names in the
same order, `show stat` the same columns, objects and, but for times and rates, values; typed and JSON forms agree with them.

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
from support.process import Proxy, listening_socket, need_program, refused_port, wait_for  # noqa: E402

CONFIG = """
global
    nbthread 1
    stats socket {directory}/stats.sock mode 600 level admin
defaults
    mode http
    timeout connect 2s
    timeout client 2s
    timeout server 2s
    retries 0
frontend web
    bind "fd@${{fe}}"
    http-request deny if {{ path /denied }}
    use_backend broken if {{ path /broken }}
    default_backend good
backend good
    option httpchk
    server s1 127.0.0.1:{port} check inter 100
    server s2 127.0.0.1:{port} disabled
backend broken
    server s1 127.0.0.1:{refused}
"""

# In `show info` of haproxy 2.6 these stand too, but only where it was built for it.
BUILD_DEPENDENT = {"Build info", "DebugCommandsIssued"}
# Columns whose values are times, rates, sizes of what is measured, or process-dependent.
# smax: whether the client before has been counted out when the next one comes.
VARYING = {"smax", "rate", "rate_max", "req_rate", "req_rate_max", "conn_rate", "conn_rate_max", "lastsess", "check_duration", "lastchg",
           "qtime", "ctime", "rtime", "ttime", "qtime_max", "ctime_max", "rtime_max", "ttime_max", "last_chk", "pid",
           "check_desc", "check_rise", "check_health", "slim", "downtime", "addr"}

INFO_NAMES = """
Name, Version, Release_date, Nbthread, Nbproc, Process_num, Pid, Uptime, Uptime_sec, Memmax_MB, PoolAlloc_MB,
PoolUsed_MB, PoolFailed, Ulimit-n, Maxsock, Maxconn, Hard_maxconn, CurrConns, CumConns, CumReq, MaxSslConns,
CurrSslConns, CumSslConns, Maxpipes, PipesUsed, PipesFree, ConnRate, ConnRateLimit, MaxConnRate, SessRate,
SessRateLimit, MaxSessRate, SslRate, SslRateLimit, MaxSslRate, SslFrontendKeyRate, SslFrontendMaxKeyRate,
SslFrontendSessionReuse_pct, SslBackendKeyRate, SslBackendMaxKeyRate, SslCacheLookups, SslCacheMisses, CompressBpsIn,
CompressBpsOut, CompressBpsRateLim, Tasks, Run_queue, Idle_pct, node, Stopping, Jobs, Unstoppable Jobs, Listeners,
ActivePeers, ConnectedPeers, DroppedLogs, BusyPolling, FailedResolutions, TotalBytesOut, TotalSplicdedBytesOut,
BytesOutRate, CumRecvLogs, Memmax_bytes, PoolAlloc_bytes, PoolUsed_bytes, Start_time_sec, Tainted
""".replace("\n", " ").strip().split(", ")


class Runtime:
    """One proxy after the traffic of the test."""

    def __init__(self, binary, stack):
        server = stack.enter_context(Origin(origin.answer()))
        refused, keeper = refused_port()
        stack.callback(keeper.close)
        listener = stack.enter_context(listening_socket())
        directory = stack.enter_context(tempfile.TemporaryDirectory(prefix="tandem-test-"))
        self.socket = f"{directory}/stats.sock"
        stack.enter_context(Proxy(binary, CONFIG.format(directory=directory, port=server.port, refused=refused),
                                  {"fe": listener}, directory=directory)).wait_serving(self.socket)
        self.address = address = listener.getsockname()
        wait_for(lambda: "L7OK" in self.ask("show stat"), what="the first check")
        with Client(address) as client:
            for _ in range(3):
                client.get("/", method="GET")
            client.get("/", method="POST", body=b"a" * 100)
        get(address, "/denied")
        get(address, "/broken")
        with Client(address) as client:
            client.send("garbage\r\n\r\n")
            client.read_to_end()
        wait_for(lambda: self.rows()["web", "FRONTEND"]["req_tot"] == "7", what="all seven requests to be counted")

    def ask(self, text):
        return command(self.socket, text)

    def info(self):
        return dict(re.findall(r"^([^:\n]+): ?(.*)$", self.ask("show info"), re.M))

    def rows(self):
        lines = self.ask("show stat").strip("\n").split("\n")
        names = lines[0].lstrip("# ").split(",")
        return {(row["pxname"], row["svname"]): row for row in (dict(zip(names, line.split(","))) for line in lines[1:])}


class Beside(unittest.TestCase):
    maxDiff = None

    @classmethod
    def setUpClass(cls):
        cls.stack = contextlib.ExitStack()
        cls.addClassCleanup(cls.stack.close)
        cls.reference = Runtime(need_program("haproxy"), cls.stack)
        cls.tested = Runtime(need_program(os.environ.get("TANDEM_TESTED", "lbd")), cls.stack)

    def test_names_of_show_info(self):
        names = [name for name in self.reference.info() if name not in BUILD_DEPENDENT]
        self.assertEqual(names, [name for name in INFO_NAMES if name in names], "the list above is haproxy's")
        ours = [name for name in self.tested.info() if name not in BUILD_DEPENDENT]
        self.assertEqual([name for name in ours if name in INFO_NAMES], names)

    def test_counts_of_show_info(self):
        for name in ("CurrConns", "Listeners", "Nbthread", "Stopping", "PoolFailed"):
            with self.subTest(name):
                # The connection of the question before may still be counted.
                wait_for(lambda: self.tested.info()[name] == self.reference.info()[name], what=f"the same {name}")

    def test_requests_are_counted(self):
        grown = []
        for runtime in (self.reference, self.tested):
            before = runtime.info()
            get(runtime.address, "/denied")
            after = runtime.info()
            grown.append({name: int(after[name]) - int(before[name]) for name in ("CumConns", "CumReq")})
        self.assertEqual(grown[1], grown[0])

    def test_columns_of_show_stat(self):
        header = self.reference.ask("show stat").split("\n")[0].rstrip(",")
        self.assertTrue(self.tested.ask("show stat").split("\n")[0].startswith(header))

    def test_values_of_show_stat(self):
        def at_rest(runtime):
            rows = runtime.rows()
            return None if any(row["check_status"].startswith("*") for row in rows.values()) else rows

        expected, got = (wait_for(lambda: at_rest(runtime), what="no check under way", interval=0.05)
                         for runtime in (self.reference, self.tested))
        self.assertEqual(list(got), list(expected))
        for key, row in expected.items():
            differ = {name: (value, got[key].get(name)) for name, value in row.items()
                      if name not in VARYING and not name.startswith("h1_") and got[key].get(name) != value}
            with self.subTest(key):
                self.assertEqual(differ, {}, "(haproxy, ours)")

    def test_typed_form(self):
        def typed(runtime):
            return [re.sub(r":[^:]*$", "", line) for line in runtime.ask("show stat typed").strip().split("\n")]

        def kinds(lines):
            """Without the process number: F.2.0.0.pxname.1:KNSV:str."""
            return {re.sub(r"^(\w)\.(\d+)\.(\d+)\.(\d+)\.(\w+)\.\d+", r"\1.\4.\5", line) for line in lines}

        missing = kinds(typed(self.reference)) - kinds(typed(self.tested))
        self.assertEqual(missing, set())

    def test_json_form(self):
        table = json.loads(self.tested.ask("show stat json"))
        fields = {field["field"]["name"] for line in table for field in line}
        self.assertLessEqual({"pxname", "svname", "scur", "stot", "status", "weight"}, fields)
        self.assertTrue(json.loads(self.tested.ask("show info json")))

    def test_what_an_operator_says_last_holds(self):
        """Each two of the ways to say how a server shall be, one after the other."""
        ways = ["enable server broken/s1", "disable server broken/s1",
                *(f"set server broken/s1 state {state}" for state in ("ready", "drain", "maint"))]

        def states(runtime):
            found = {}
            for first in ways:
                for second in ways:
                    for command in ("set server broken/s1 state ready", first, second):
                        runtime.ask(command)
                    row = next(line.split() for line in runtime.ask("show servers state broken").split("\n") if " s1 " in line)
                    found[first, second] = row[5:7]
            runtime.ask("set server broken/s1 state ready")
            return found
        self.assertEqual(states(self.tested), states(self.reference))


if __name__ == "__main__":
    unittest.main()
