#!/usr/bin/env python3
"""lbsnmpd with a real snmpd, lbd and syncd: objects, counts, indices, versions of SNMP, restarts, a frozen snmpd,
notifications, and the plugins of others."""

import contextlib
import os
import re
import signal
import socket
import sys
import tempfile
import threading
import time
import unittest

sys.path.insert(0, os.path.dirname(os.path.dirname(os.path.abspath(__file__))))

import yaml  # noqa: E402

from support.client import command, get  # noqa: E402
from support.process import Program, Proxy, find_program, listening_socket, need_program, run, wait_for  # noqa: E402
from support.snmp import ARC, ROOT, USER, Receiver, Snmpd, TrapDaemon, as_number  # noqa: E402
from support.tls import Authority  # noqa: E402

TYPES = {"INTEGER": "INTEGER", "Gauge32": "Gauge32", "Counter64": "Counter64", "TimeTicks": "Timeticks",
         "OCTET STRING": "STRING"}
CONFIG = """
global
  node lb1
  localpeer lb1
  stats socket {d}/admin level admin
  tandem-link-socket {d}/link
  tandem-syncd-socket {d}/syncd
defaults
  mode http
  timeout client 10s
  timeout server 10s
  timeout connect 5s
frontend web
  bind "fd@${{web}}"
  stick-table type ip size 100 store gpc0
  http-request return status 200 content-type text/plain string ok if {{ path /ok }}
  default_backend app
{backends}"""
APP = "backend app\n  balance roundrobin\n" + "".join(f"  server s{i} 127.0.0.1:1 weight {i}\n" for i in range(1, 4))
SPARE = "backend spare\n  server b1 127.0.0.1:1 backup\n"


class Agent(unittest.TestCase):
    BACKENDS = APP + SPARE

    def setUp(self):
        self.stack = stack = contextlib.ExitStack()
        self.addCleanup(stack.close)
        self.directory = stack.enter_context(tempfile.TemporaryDirectory(prefix="tandem-snmp-"))
        self.traps = Receiver()
        stack.callback(self.traps.close)
        self.snmpd = Snmpd(self.directory, self.traps.port)
        stack.callback(self.snmpd.stop)
        with open(f"{self.directory}/syncd.conf", "w", encoding="ascii") as file:
            file.write(f"node lb1\npeer lb2 127.0.0.1:1\nsocket {self.directory}/syncd\n")
        self.syncd = stack.enter_context(Program([need_program("syncd"), "-f", f"{self.directory}/syncd.conf"],
                                                 self.directory, own_directory=False))
        wait_for(lambda: os.path.exists(f"{self.directory}/syncd"), what="syncd")
        listener = stack.enter_context(listening_socket())
        self.at, self.web = listener.getsockname(), {"web": listener}
        self.lbd = None
        stack.callback(lambda: self.lbd and self.lbd.close())
        self.start_lbd(self.BACKENDS)
        self.agent = None
        stack.callback(lambda: self.agent and self.agent.close())
        self.start_agent()

    def start_lbd(self, backends):
        if self.lbd:
            self.lbd.close()
        self.lbd = Proxy(need_program("lbd"), CONFIG.format(d=self.directory, backends=backends), self.web,
                         directory=self.directory)
        self.lbd.wait_serving(f"{self.directory}/admin")

    def start_agent(self):
        if self.agent:
            self.agent.close()
        d = self.directory
        self.agent = Program([need_program("lbsnmpd"), "-x", self.snmpd.agentx, "-s", f"{d}/admin", "-r", "", "-y",
                              f"{d}/syncd", "-i", f"{d}/indices"], d, own_directory=False)
        self.wait_data()

    def wait_data(self, servers=4):
        wait_for(lambda: self.number(12) == servers, 20, f"the servers\n{self.agent.errors()}\n{self.snmpd.log()}")

    def scalar(self, number):
        return self.snmpd.get(f"{ARC}.1.1.{number}.0")

    def number(self, number):
        value = self.scalar(number)
        return None if value is None else as_number(value[1])

    def column(self, table, column):
        return self.snmpd.column(f"{ARC}.1.{table}.1.{column}")

    def ask(self, line):
        return command(f"{self.directory}/admin", line)

    def health(self, server, state):
        self.ask(f"set server {server} health {state}")


class Objects(Agent):
    def test_each_is_there_with_its_type_and_in_order(self):
        self.health("app/s1", "down")
        wait_for(lambda: self.number(26), 20, "an event")
        rows = self.snmpd.walk(ARC)
        path = [tuple(map(int, name[1:].split("."))) for name, _, _ in rows]
        self.assertEqual(path, sorted(set(path)))
        # Strings that cannot be printed, dates among them, are shown as hexadecimal numbers.
        got = {name: "STRING" if kind == "Hex-STRING" else kind for name, kind, _ in rows}
        _, out, _ = run([need_program("lbsnmpd"), "-o"])
        expected, tables = {}, {}
        for line in out.splitlines():
            oid, _, kind = line.split(" ", 2)
            if not ("." + oid).startswith(ARC):
                continue
            if ("." + oid).startswith(ARC + ".1.1."):
                expected[f".{oid}.0"] = TYPES[kind]
            else:
                tables.setdefault(oid.rsplit(".", 1)[0], []).append((oid, TYPES[kind]))
        empty = set()
        for entry, columns in tables.items():
            first = "." + columns[0][0]
            index = [name[len(first):] for name in got if name.startswith(first + ".")]
            if not index:
                empty.add(entry.rsplit(".", 2)[1])
            expected |= {f".{oid}{row}": kind for oid, kind in columns for row in index}
        self.assertEqual(got, expected)
        # lbd has no statistics of listeners, and there are no virtual routers and no certificates here.
        self.assertEqual(empty, {"4", "9", "10", "12"})

    def test_counts_are_those_of_the_tables_and_of_the_runtime_api(self):
        lines = [line.split(",") for line in self.ask("show stat").splitlines()[1:] if line]
        stat = {line[0] + "/" + line[1]: line for line in lines}
        for number, table, column in ((7, 3, 2), (9, 4, 2), (10, 5, 2), (12, 6, 2), (14, 7, 2), (15, 8, 2), (16, 9, 2),
                                      (17, 10, 2)):
            self.assertEqual(self.number(number), len(self.column(table, column)), table)
        names, backends = self.column(6, 2), self.column(6, 3)
        servers = {f"{backends[index]}/{names[index]}" for index in names}
        self.assertEqual(servers, {name for name, line in stat.items() if line[32] == "2"})
        self.assertEqual(set(self.column(5, 2).values()), {"app", "spare"})
        self.assertEqual(set(self.column(3, 2).values()), {"web"})
        weights = self.column(6, 7)
        self.assertEqual({names[index]: as_number(weights[index]) for index in weights}, {"s1": 1, "s2": 2, "s3": 3, "b1": 1})
        self.assertEqual(self.scalar(3)[1], "lb1")
        self.assertEqual(self.column(8, 2).popitem()[1], "lb2")

    def test_figures_follow(self):
        for _ in range(5):
            self.assertEqual(get(self.at, "/ok").status, 200)
        index = next(iter(self.column(3, 2)))
        wait_for(lambda: as_number(self.column(3, 16)[index]) == 5, 20, "5 requests")
        self.health("app/s1", "down")
        wait_for(lambda: self.number(13) == 1, 20, "a server that is down")
        self.assertEqual(self.number(1), 2, "a warning")
        self.assertIn("1 of 4 servers are down", self.scalar(2)[1])
        for server in ("app/s2", "app/s3"):
            self.health(server, "down")
        wait_for(lambda: self.number(11) == 1, 20, "a backend that is down")
        self.assertEqual(self.number(1), 3, "critical")

    def test_indices_stay_when_the_configuration_changes(self):
        before = {**self.column(5, 2), **self.column(6, 2)}
        self.start_lbd(SPARE + "backend new\n  server n 127.0.0.1:1\n"
                       "backend app\n  server s3 127.0.0.1:1\n  server s0 127.0.0.1:1\n  server s1 127.0.0.1:1\n")
        self.wait_data(5)
        after = {**self.column(5, 2), **self.column(6, 2)}
        kept = {index: name for index, name in after.items() if name not in ("new", "n", "s0")}
        self.assertEqual(kept, {index: name for index, name in before.items() if name != "s2"})

    def test_version_3_says_the_same_and_needs_the_password(self):
        plain = {name: value for name, _, value in self.snmpd.walk(f"{ARC}.1.6.1.2")}
        self.assertEqual({name: value for name, _, value in self.snmpd.walk(f"{ARC}.1.6.1.2", USER)}, plain)
        self.assertTrue(plain)
        wrong = [word.replace("authentication", "authentikation") for word in USER]
        self.assertNotEqual(self.snmpd.tool("snmpget", [f"{ARC}.1.1.1.0"], wrong)[0], 0)

    def test_nothing_can_be_set(self):
        index = next(iter(self.column(6, 7)))
        for oid, kind, value in ((f"{ARC}.1.1.1.0", "i", "1"), (f"{ARC}.1.6.1.7.{index}", "u", "9"),
                                 (f"{ARC}.1.6.1.7.1.1", "u", "9"), (".1.3.6.1.4.1.29385.106.1.0.0.1.1", "s", "x")):
            code, _, err = self.snmpd.tool("snmpset", [oid, kind, value], ["-v2c", "-c", "writer"])
            self.assertNotEqual(code, 0)
            self.assertRegex(err, "notWritable|noAccess|noCreation")
        self.assertEqual(self.number(12), 4)

    def test_what_is_not_there_has_no_value(self):
        for oid in (f"{ARC}.1.1.99.0", f"{ARC}.1.6.1.2.1.1", f"{ARC}.1.6.1.2", f"{ARC}.1.6.1.99.1.1", f"{ARC}.99",
                    ".1.3.6.1.4.1.29385.106.1.0.3.1.1"):
            self.assertIsNone(self.snmpd.get(oid), oid)

    def test_daemons_come_and_go(self):
        self.assertEqual([as_number(value) for value in self.column(2, 3).values()], [1, 3, 1])
        self.syncd.stop()
        wait_for(lambda: as_number(self.column(2, 3)["3"]) == 2, 20, "syncd to be absent")
        wait_for(lambda: "syncd is not running" in self.scalar(2)[1], 20, "the reason")
        self.lbd.stop()
        wait_for(lambda: as_number(self.column(2, 3)["1"]) == 2 and self.number(12) == 0, 20, "lbd to be absent")
        self.assertEqual(self.number(1), 3, "critical")


class Master(Agent):
    def test_data_are_back_after_restarts_of_snmpd(self):
        worst = 0.0
        for i in range(int(os.environ.get("TANDEM_ROUNDS", "8"))):
            self.snmpd.restart(signal.SIGKILL if i % 2 else signal.SIGTERM)
            begun = time.monotonic()
            self.wait_data()
            worst = max(worst, time.monotonic() - begun)
            self.assertEqual(len(self.column(6, 2)), 4)
        print(f"data are back after at most {worst:.1f} s")
        self.assertNotIn("registering pdu failed", self.agent.errors())

    def test_snmpd_may_come_later(self):
        self.snmpd.stop()
        self.start_agent_without_master()
        self.snmpd.start()
        self.wait_data()

    def start_agent_without_master(self):
        self.wait_data = lambda: None
        self.start_agent()
        del self.wait_data

    def test_it_ends_in_peace(self):
        self.assertEqual(self.agent.stop(), 0, self.agent.errors())

    def test_a_frozen_snmpd_holds_up_nobody_else(self):
        self.snmpd.program.signal(signal.SIGSTOP)
        self.addCleanup(lambda: self.snmpd.program and self.snmpd.program.signal(signal.SIGCONT))
        # Events while nobody takes notifications, so that lbsnmpd has something to say.
        states = ["down", "up"] * 40
        for i, state in enumerate(states):
            self.health("app/s1", state)
            self.assertEqual(get(self.at, "/ok").status, 200)
            self.assertIn("Pid:", self.ask("show info"))
            self.assertEqual(run([need_program("lbctl"), "-t", "5", "-l", f"{self.directory}/link", "-r", "/nowhere", "-y",
                                  f"{self.directory}/syncd", "status"])[0], 1, "vrrpd is not there")
        self.assertTrue(self.agent.alive())
        self.snmpd.program.signal(signal.SIGCONT)
        self.wait_data()
        self.health("app/s2", "down")
        wait_for(lambda: any(self.traps.field(one, 6) == b"app/s2" for one in self.traps.of(1)), 20,
                 f"a notification\n{self.agent.errors()}")

    def test_a_frozen_lbsnmpd_holds_up_nobody(self):
        self.agent.signal(signal.SIGSTOP)
        self.addCleanup(lambda: self.agent.signal(signal.SIGCONT))
        for _ in range(20):
            self.assertEqual(get(self.at, "/ok").status, 200)
            self.assertIn("Pid:", self.ask("show info"))

    def test_it_runs_without_rights(self):
        if os.geteuid() != 0:
            self.skipTest("only root can become somebody else")
        for path in ("admin", "syncd", "agentx"):
            os.chmod(f"{self.directory}/{path}", 0o666)
        os.chmod(self.directory, 0o755)
        self.agent.close()
        self.agent = Program([need_program("lbsnmpd"), "-x", self.snmpd.agentx, "-s", f"{self.directory}/admin", "-r", "",
                              "-y", f"{self.directory}/syncd", "-u", "nobody"], self.directory, own_directory=False)
        self.wait_data()
        with open(f"/proc/{self.agent.pid}/status", encoding="ascii") as status:
            facts = dict(line.rstrip("\n").split(":\t", 1) for line in status if ":\t" in line)
        self.assertNotIn("0", facts["Uid"].split())
        self.assertEqual(int(facts["CapEff"], 16), 0)


class Notifications(Agent):
    BACKENDS = "backend app\n" + "".join(f"  server s{i} 127.0.0.1:1\n" for i in range(1, 91))

    def wait_data(self, servers=90):
        super().wait_data(servers)

    def wait_events(self, count):
        wait_for(lambda: len(self.traps.sequences()) >= count, 30, f"{count} notifications\n{self.agent.errors()}")

    def test_they_tell_the_story_in_order(self):
        self.health("app/s1", "down")
        self.wait_events(1)
        self.health("app/s1", "up")
        self.wait_events(2)
        self.lbd.stop()
        self.wait_events(3)
        self.start_lbd(self.BACKENDS)
        self.wait_events(4)
        self.assertEqual(self.traps.sequences(), [1, 2, 3, 4])
        kinds = [self.traps.field(one, 3) for one in self.traps.ours()]
        self.assertEqual(kinds, [1, 2, 12, 12])
        down = self.traps.of(1)[0]
        self.assertEqual(self.traps.field(down, 3), 1)
        self.assertEqual(self.traps.field(down, 5), b"lb1")
        self.assertEqual(self.traps.field(down, 6), b"app/s1")
        self.assertRegex(self.traps.field(down, 7).decode(), r"^server app/s1 is DOWN")
        self.assertEqual(len(self.traps.field(down, 4)), 11, "DateAndTime")
        self.assertEqual([as_number(value) for value in self.column(11, 2).values()], [1, 2, 3, 4])
        self.assertEqual(list(self.column(11, 7).values())[2].split(":")[0], "lbd is not running")

    def test_each_of_a_burst_arrives(self):
        for state in ("down", "up", "down"):
            before = len(self.traps.sequences())
            self.ask(";".join(f"set server app/s{i} health {state}" for i in range(1, 91)))
            self.wait_events(before + 90)
            wait_for(lambda: self.number(26) == len(self.traps.sequences()), 30, "all of them")
        sequences = self.traps.sequences()
        self.assertEqual(sequences, list(range(1, len(sequences) + 1)))
        self.assertEqual(self.number(28), 0, "none was dropped")


class Listeners(Agent):
    """The table of listeners, and numbers that the configuration gives."""
    BACKENDS = ("frontend counted\n  id 71\n  option socket-stats\n  bind 127.0.0.1:0 name first\n"
                "  bind 127.0.0.1:0 id 33\n  default_backend app\n" + APP.replace("weight 2", "weight 2 id 4711"))

    def wait_data(self, servers=3):
        super().wait_data(servers)

    def test_they_are_rows(self):
        self.assertEqual(sorted(self.column(4, 2).values()), ["first", "sock-33"])
        self.assertEqual(self.number(9), 2)
        # Where they really are.
        self.assertEqual(len({address for address in self.column(4, 4).values() if re.fullmatch(r"127\.0\.0\.1:[1-9]\d*", address)}), 2)
        # There are no statistics of the listeners of `web`, which has no such option.
        frontends = {name: index for index, name in self.column(3, 2).items()}
        self.assertEqual({index.split(".")[0] for index in self.column(4, 2)}, {frontends["counted"]})

    def test_numbers_are_those_of_the_configuration(self):
        self.assertEqual(self.ask("show ids").split("\n")[:3],
                         ["proxy counted 71", "listener counted/sock-33 33", "server app/s2 4711"])
        self.assertEqual(self.column(3, 2)["71"], "counted")
        self.assertEqual(self.column(4, 2)["71.33"], "sock-33")
        servers = {name: index for index, name in self.column(6, 2).items()}
        self.assertEqual(servers["s2"].split(".")[1], "4711")
        self.assertGreater(int(servers["s1"].split(".")[1]), 10000, "that of its name")
        # Without the word it is that of the name again, and nothing else moves.
        self.start_lbd(self.BACKENDS.replace(" id 4711", "").replace("id 71", "id 72"))
        wait_for(lambda: "72" in self.column(3, 2), 20, "the new number")
        after = {name: index for index, name in self.column(6, 2).items()}
        self.assertEqual({name: after[name] for name in ("s1", "s3")}, {name: servers[name] for name in ("s1", "s3")})
        self.assertGreater(int(after["s2"].split(".")[1]), 10000)


class Reloads(Agent):
    """lbd with a master, whose configuration becomes wrong."""

    def start_lbd(self, backends):
        if self.lbd:
            return
        self.lbd = Proxy(need_program("lbd"), CONFIG.format(d=self.directory, backends=backends), self.web, args=("-W",),
                         directory=self.directory)
        self.lbd.wait_serving(f"{self.directory}/admin")

    def write(self, text):
        with open(self.lbd.config_path, "w", encoding="ascii") as file:
            file.write(text)

    def reload(self):
        self.lbd.signal(signal.SIGUSR2)

    def test_those_that_fail_are_told(self):
        with open(self.lbd.config_path, encoding="ascii") as file:
            good = file.read()
        self.assertEqual(self.ask("show reloads").strip(), "failed: 0")
        self.write(good + "frontend broken\n  nonsense\n")
        self.reload()
        wait_for(lambda: self.traps.of(10), 30, f"the notification\n{self.lbd.errors()}\n{self.agent.errors()}")
        told = self.traps.of(10)[0]
        self.assertEqual(self.traps.field(told, 6), b"lbd")
        self.assertRegex(self.traps.field(told, 7).decode(), r"the one before it goes on: .*nonsense")
        self.assertEqual(get(self.at, "/ok").status, 200, "the former process serves")
        wait_for(lambda: self.number(31) == 1, 20, "tandemReloadsFailed")
        self.write(good)
        self.reload()
        wait_for(lambda: self.traps.of(11), 30, f"the other notification\n{self.lbd.errors()}\n{self.agent.errors()}")
        self.assertEqual(len(self.traps.of(10)), 1)
        # The new process knows of what failed before it came.
        wait_for(lambda: self.ask("show reloads").strip() == "failed: 1", 20, "what it was taught")
        self.assertEqual(self.traps.sequences(), list(range(1, len(self.traps.sequences()) + 1)))


class FakeLbd:
    """A runtime socket with as many backends as a test wants, in the state that it wants."""

    def __init__(self, path, backends):
        self.backends, self.status = backends, "UP"
        self.listener = socket.socket(socket.AF_UNIX)
        self.listener.bind(path)
        self.listener.listen(64)
        threading.Thread(target=self._serve, daemon=True).start()

    def _serve(self):
        while True:
            try:
                client, _ = self.listener.accept()
            except OSError:
                return
            with client, contextlib.suppress(OSError):
                client.sendall(self.answer(client.recv(1000).decode().strip()).encode())

    def answer(self, line):
        if line == "show info":
            return "Pid: 77\nUptime_sec: 5\nnode: lb1\n\n"
        if not line.startswith("show stat"):
            return "\n"
        backends, status = self.backends, self.status  # of all rows the same: the test may change it meanwhile
        rows = "".join(f"b{i},BACKEND,1,{status},1\n" for i in range(backends))
        return "# pxname,svname,type,status,act\n" + rows + "\n"

    def close(self):
        self.listener.shutdown(socket.SHUT_RDWR)
        self.listener.close()


class Burst(unittest.TestCase):
    """More at once than the queue holds, through a real snmpd to a real snmptrapd."""
    BACKENDS = 10_400  # of which the queue has room for 10,000

    def setUp(self):
        self.stack = stack = contextlib.ExitStack()
        self.addCleanup(stack.close)
        self.directory = stack.enter_context(tempfile.TemporaryDirectory(prefix="tandem-snmp-"))
        self.sink = TrapDaemon(self.directory)
        stack.callback(self.sink.close)
        self.snmpd = Snmpd(self.directory, more=f"trap2sink tcp:127.0.0.1:{self.sink.port} public\n")
        stack.callback(self.snmpd.stop)
        self.lbd = FakeLbd(f"{self.directory}/admin", self.BACKENDS)
        stack.callback(self.lbd.close)
        self.agent = stack.enter_context(Program(
            [need_program("lbsnmpd"), "-x", self.snmpd.agentx, "-s", f"{self.directory}/admin", "-r", "", "-y", "", "-i", ""],
            self.directory, own_directory=False))
        wait_for(lambda: self.number(10) == self.BACKENDS, 60, f"the backends\n{self.agent.errors()}")

    def number(self, number):
        return self.snmpd.number(f"{ARC}.1.1.{number}.0")

    def settled(self):
        """All that was not dropped was given to snmpd, and told."""
        sent, dropped, last = self.number(27), self.number(28), self.number(26)
        if None in (sent, dropped, last):
            return False  # snmpd has no time
        return last and sent + dropped == last and len(set(self.sink.sequences())) == sent

    def test_all_arrive_or_are_counted(self):
        self.lbd.status = "DOWN"
        wait_for(lambda: (self.number(26) or 0) >= self.BACKENDS, 240, f"the events\n{self.agent.errors()[-2000:]}")
        wait_for(self.settled, 240, f"all of them\n{self.agent.errors()[-2000:]}")
        self.assertGreater(self.number(28), 0, "those for which there was no room")
        sequences = self.sink.sequences()
        self.assertEqual(sequences[:10_000], list(range(1, 10_001)), "in order, each once")
        self.assertEqual(sequences, sorted(set(sequences)))

    def test_those_in_a_dead_socket_are_told_again(self):
        self.snmpd.program.signal(signal.SIGSTOP)
        self.addCleanup(lambda: self.snmpd.program and self.snmpd.program.signal(signal.SIGCONT))
        self.lbd.backends = 300
        self.lbd.status = "DOWN"
        wait_for(lambda: self.agent.errors().count("has no server available") >= 300, 240, "the events")
        before = len(self.sink.sequences())
        self.assertEqual(before, 0)
        self.snmpd.restart(signal.SIGKILL)
        wait_for(lambda: (self.number(26) or 0) >= 300 and self.settled(), 240,
                 f"all of them\n{self.agent.errors()[-2000:]}")
        self.assertEqual(sorted(set(self.sink.sequences()))[:300], list(range(1, 301)))


class Certificates(Agent):
    BACKENDS = ""

    def setUp(self):
        with contextlib.ExitStack() as stack:
            folder = stack.enter_context(tempfile.TemporaryDirectory(prefix="tandem-snmp-"))
            self.path = self.issue(folder)
            self.BACKENDS = f"frontend tls\n  bind 127.0.0.1:0 ssl crt {self.path}\n" + APP
            self.addCleanup(stack.pop_all().close)
        super().setUp()

    def issue(self, folder):
        return Authority(folder).issue("site.pem", "/CN=www.example.org", ["www.example.org"], days=20)

    def wait_data(self, servers=3):
        super().wait_data(servers)

    def test_they_are_told(self):
        # 20 days of 24 hours, less what has passed since it was made.
        wait_for(lambda: self.number(18) == 19, 20, "its days")
        self.assertNotIn("certificate", self.scalar(2)[1], "more than two weeks are left")
        row = {column: next(iter(self.column(10, column).values())) for column in range(2, 12)}
        self.assertEqual(row[2], self.path)
        self.assertIn("www.example.org", row[3])
        self.assertIn("ca", row[4])
        self.assertEqual([as_number(row[column]) for column in (6, 10)], [1, 19])
        self.assertEqual(len(bytes.fromhex(row[8].replace(" ", ""))), 11, "DateAndTime")
        wait_for(lambda: self.traps.of(9), 20, "a notification")
        text = self.traps.field(self.traps.of(9)[0], 7).decode()
        self.assertRegex(text, rf"^certificate {re.escape(self.path)} expires in (19|20) days$")
        self.assertEqual([as_number(self.column(10, column)[index]) for column, index in
                          ((12, next(iter(self.column(10, 12)))),)], [1], "no OCSP answer")


class Stapled(Certificates):
    def issue(self, folder):
        authority = Authority(folder)
        path = authority.issue("site.pem", "/CN=www.example.org", ["www.example.org"], days=20)
        with open(path, "a", encoding="ascii") as file, open(authority.path, encoding="ascii") as issuer:
            file.write(issuer.read())
        authority.ocsp(path)
        return path

    def test_they_are_told(self):
        wait_for(lambda: [as_number(value) for value in self.column(10, 12).values()] == [2], 20, "a good answer")
        self.assertEqual([as_number(value) for value in self.column(10, 11).values()], [1])
        self.assertEqual(len(bytes.fromhex(next(iter(self.column(10, 13).values())).replace(" ", ""))), 11, "DateAndTime")


class Haproxy(Agent):
    """haproxy in the place of lbd."""

    def start_lbd(self, backends):
        binary = find_program("haproxy")
        if not binary or not backends:
            self.skipTest("no haproxy here")
        config = re.sub(r"^  (tandem-|http-request return).*\n", "", CONFIG, flags=re.M)
        config = config.replace("defaults\n", "defaults\n  option socket-stats\n")
        self.lbd = Proxy(binary, config.format(d=self.directory, backends=backends), self.web, directory=self.directory)
        self.lbd.wait_serving(f"{self.directory}/admin")

    def test_it_is_read_as_well(self):
        names, backends = self.column(6, 2), self.column(6, 3)
        self.assertEqual({f"{backends[index]}/{names[index]}" for index in names},
                         {"app/s1", "app/s2", "app/s3", "spare/b1"})
        self.assertEqual(len(self.column(4, 2)), 1, "a listener")
        self.ask("set server app/s2 state maint")
        wait_for(lambda: "3" in self.column(6, 4).values(), 20, "maintenance")
        self.assertEqual(self.number(9), 1)


class Packaging(Agent):
    FOLDER = os.path.join(ROOT, "packaging/snmp")

    def read(self, name):
        with open(os.path.join(self.FOLDER, name), encoding="ascii") as file:
            return file.read()

    def test_the_view_of_the_snippet_has_what_is_served_and_no_more(self):
        views = re.findall(r"^(view .*)$", self.read("tandem.conf"), re.M)
        self.snmpd.stop()
        self.snmpd.more = "\n".join([*views, "rocommunity limited 127.0.0.1 -V tandem", ""])
        self.snmpd.start()
        self.wait_data()
        who = ["-v2c", "-c", "limited"]
        for oid in (ARC, ".1.3.6.1.2.1.207", ".1.3.6.1.4.1.29385", ".1.3.6.1.4.1.23263"):
            self.assertEqual([row[0] for row in self.snmpd.walk(oid, who)], [row[0] for row in self.snmpd.walk(oid)], oid)
            self.assertTrue(self.snmpd.walk(oid), oid)
        self.assertTrue(self.snmpd.walk(".1.3.6.1.2.1.2"), "interfaces")
        self.assertEqual(self.snmpd.walk(".1.3.6.1.2.1.2", who), [])

    def test_snmpd_takes_every_word_of_the_snippet(self):
        self.snmpd.stop()
        # Its sockets and users are those of a real machine.
        self.snmpd.more = "\n".join(line for line in self.read("tandem.conf").splitlines()
                                    if not line.startswith(("master", "agentXSocket", "agentXPerms"))) + "\n"
        self.snmpd.start()
        self.wait_data()
        self.assertNotRegex(self.snmpd.log(), r"(?i)unknown token|error")

    def test_templates_name_objects_that_there_are(self):
        rows = [name for name, _, _ in self.snmpd.walk(ARC)]
        for name in ("snmp_exporter.yml", "zabbix.yaml"):
            oids = re.findall(re.escape(ARC[1:]) + r"[0-9.]*[0-9]", self.read(name))
            self.assertGreater(len(oids), 5)
            for oid in oids:
                # Tables that are empty here have a subtree, but no rows.
                empty = re.match(re.escape(ARC[1:]) + r"\.1\.(4|9|10|12)\b", oid)
                self.assertTrue(empty or any((row + ".").startswith(f".{oid}.") for row in rows), oid)

    def test_columns_of_templates_are_those_of_the_mib(self):
        """Also of tables that are empty here."""
        _, out, _ = run([need_program("lbsnmpd"), "-o"])
        served = {line.split(" ")[0] for line in out.splitlines()}
        for oid in re.findall(re.escape(ARC[1:]) + r"\.1\.(?!1\.)\d+\.1\.\d+", self.read("zabbix.yaml")):
            self.assertIn(oid, served)

    def test_the_template_of_zabbix_is_whole(self):
        template = yaml.safe_load(self.read("zabbix.yaml"))["zabbix_export"]["templates"][0]
        identities, maps = [], {one["name"] for one in template["valuemaps"]}

        def walk(node):
            if isinstance(node, list):
                for each in node:
                    walk(each)
            elif isinstance(node, dict):
                identities.extend([node["uuid"]] if "uuid" in node else [])
                for each in node.values():
                    walk(each)
        walk(template)
        self.assertEqual(len(set(identities)), len(identities))
        for identity in identities:
            self.assertRegex(identity, r"^[0-9a-f]{12}4[0-9a-f]{3}[89ab][0-9a-f]{15}$", "a UUID of version 4")
        items = [*template["items"], *(one for rule in template["discovery_rules"] for one in rule["item_prototypes"])]
        keys = [item["key"] for item in items]
        self.assertEqual(len(set(keys)), len(keys))
        for item in items:
            self.assertIn(item.get("valuemap", {}).get("name", next(iter(maps))), maps)
            for trigger in [*item.get("triggers", []), *item.get("trigger_prototypes", [])]:
                self.assertIn(f"/Tandem by SNMP/{item['key']}", trigger["expression"])


PLUGIN = "/usr/lib/nagios/plugins/centreon_plugins.pl"


class Templates(Agent):
    def setUp(self):
        if not os.path.exists(PLUGIN):
            self.skipTest("no centreon-plugins here")
        super().setUp()

    def centreon(self, plugin, mode, *words):
        code, out, err = run(["perl", PLUGIN, f"--plugin={plugin}", f"--mode={mode}", "--hostname=127.0.0.1",
                              f"--snmp-port={self.snmpd.port}", "--snmp-version=2c", "--snmp-community=public",
                              f"--statefile-dir={self.directory}", *words], timeout=60)
        return code, out + err

    def test_haproxy_modes_of_centreon(self):
        for mode, name in (("frontend-usage", "web"), ("backend-usage", "app")):
            self.centreon("apps::haproxy::snmp::plugin", mode)  # makes its cache
            code, text = self.centreon("apps::haproxy::snmp::plugin", mode, "--verbose")
            self.assertIn(f"'{name}'", text)
            self.assertIn(code, (0, 1, 2), text)
            self.assertRegex(text, r"status : (UP|OPEN)")


if __name__ == "__main__":
    sys.exit(unittest.main(verbosity=1))
