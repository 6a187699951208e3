#!/usr/bin/env python3
"""A reload loses nothing: counters go on, states, maps and tables are there, tunnels and idle connections live on in
the new process, and the old one is gone at once. With a master, and with -x and -sf without one.

What haproxy loses of this (counters, states, tunnels) is what is asked here, so it is asked of lbd alone.
"""

import array
import contextlib
import csv
import io
import json
import os
import signal
import socket
import sys
import tempfile
import threading
import unittest

sys.path.insert(0, os.path.dirname(os.path.dirname(os.path.abspath(__file__))))

from support.client import Client, Closed, command  # noqa: E402
from support.origin import Origin, answer, echo  # noqa: E402
from support.process import Program, children, listening_socket, need_program, reserved_port, resident_kib  # noqa: E402
from support.process import wait_for  # noqa: E402
from support.syslog import Syslog  # noqa: E402

BINARY = need_program("lbd")
QUICKLY = 3  # seconds in which an old process has to be gone

CONFIG = """
global
    log {log} local0
    stats socket {directory}/lbd.sock mode 600 level admin expose-fd listeners
    tandem-link-socket {directory}/link.sock
    tandem-syncd-socket {directory}/no-syncd.sock
defaults
    mode http
    timeout connect 5s
    timeout client 60s
    timeout server 60s
    timeout tunnel 1h
    log global
    option socket-stats
frontend web
    bind 127.0.0.1:{web}
    option httplog
    http-request track-sc0 src table seen
    http-request set-var(txn.color) str(green)
    http-request set-header X-Color %[path,map({directory}/colors.map,none)]
    http-request capture req.hdr(Upgrade) len 20
    use_backend sockets if {{ hdr(upgrade) -i websocket }}
    default_backend app
backend app
    server s1 127.0.0.1:{origin}
    server s2 127.0.0.1:{origin}
backend sockets
    server w1 127.0.0.1:{websocket}
backend seen
    stick-table type ip size 1k expire 1h store http_req_cnt,http_req_rate(1h),conn_cur,gpc0
listen raw
    mode tcp
    option tcplog
    bind 127.0.0.1:{raw}
    tcp-request connection track-sc1 src table seen
    server r1 127.0.0.1:{echo} maxconn 100
"""


def websocket(peer):
    """Says yes to whoever asks, then echoes."""
    if peer.head() is None:
        return
    peer.send(b"HTTP/1.1 101 Switching Protocols\r\nConnection: Upgrade\r\nUpgrade: websocket\r\n"
              b"Sec-WebSocket-Accept: s3pPLMBiTxaQ9kYGzzhZRbK+xOo=\r\n\r\n")
    while data := peer.socket.recv(65536):
        peer.send(data)


def talk(client, text):
    client.send(text)
    return client.read_exactly(len(text))


class Case(unittest.TestCase):
    def setUp(self):
        self.stack = contextlib.ExitStack()
        self.addCleanup(self.stack.close)
        self.directory = self.stack.enter_context(tempfile.TemporaryDirectory(prefix="tandem-test-"))
        self.log = self.stack.enter_context(Syslog())
        self.ports = {}
        for name in ("web", "raw"):
            self.ports[name], keeper = reserved_port()
            self.stack.callback(keeper.close)
        for name, behaviour in (("origin", answer()), ("websocket", websocket), ("echo", echo)):
            server = self.stack.enter_context(Origin(behaviour))
            self.ports[name] = server.address[1]
        self.web, self.raw = ("127.0.0.1", self.ports["web"]), ("127.0.0.1", self.ports["raw"])
        self.socket = self.path("lbd.sock")
        self.write("colors.map", "/a red\n")
        self.write("lbd.cfg", CONFIG.format(directory=self.directory, log=self.log.address, **self.ports))

    def path(self, name):
        return os.path.join(self.directory, name)

    def write(self, name, text):
        with open(self.path(name), "w", encoding="utf-8") as file:
            file.write(text)

    def ask(self, text):
        return command(self.socket, text)

    def info(self, name):
        return next(row["value"]["value"] for row in json.loads(self.ask("show info json"))
                    if row["field"]["name"] == name)

    def stat(self, proxy, server, column):
        rows = csv.DictReader(io.StringIO(self.ask("show stat").lstrip("# ")))
        for row in rows:
            if (row["pxname"], row["svname"]) == (proxy, server):
                return int(row[column] or 0)
        raise AssertionError(f"no {proxy}/{server}")

    def client(self, address):
        return self.stack.enter_context(Client(address))

    def tunnel(self):
        client = self.client(self.raw)
        self.assertEqual(talk(client, b"hello"), b"hello")
        return client

    def web_socket(self):
        client = self.client(self.web)
        client.request(headers=("Connection: Upgrade", "Upgrade: websocket",
                                "Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ=="))
        self.assertIn(b"101", client.read_until(b"\r\n\r\n"))
        self.assertEqual(talk(client, b"hello"), b"hello")
        return client


class WithMaster(Case):
    def setUp(self):
        super().setUp()
        self.master = self.stack.enter_context(
            Program([BINARY, "-W", "-db", "-S", self.path("master.sock"), "-f", self.path("lbd.cfg")]))
        wait_for(self.serves, what="the first worker")

    def serves(self):
        assert self.master.alive(), self.master.errors()
        with contextlib.suppress(OSError):
            return "Pid" in self.ask("show info")
        return False

    def workers(self):
        return sorted(children(self.master.pid))

    def reload(self):
        """A new worker serves, and the old one is gone."""
        before = self.workers()
        reply = command(self.path("master.sock"), "reload", timeout=30)
        self.assertTrue(reply.startswith("Success=1"), reply + self.master.errors())
        wait_for(lambda: len(self.workers()) == 1 and self.workers() != before, QUICKLY,
                 f"the end of the old worker\n{self.master.errors()}")

    def test_counters_go_on(self):
        with Client(self.web) as client:
            for _ in range(5):
                self.assertEqual(client.get("/").status, 200)
        self.tunnel()
        for round_ in (1, 2):
            before = {key: self.stat(*key) for key in (("web", "FRONTEND", "stot"), ("web", "FRONTEND", "req_tot"),
                                                       ("app", "s1", "lbtot"), ("app", "BACKEND", "hrsp_2xx"),
                                                       ("web", "FRONTEND", "bin"), ("raw", "FRONTEND", "stot"),
                                                       ("web", "sock-1", "stot"), ("web", "sock-1", "bin"),
                                                       ("web", "sock-1", "smax"))}
            connections, requests = self.info("CumConns"), self.info("CumReq")
            self.reload()
            for key, value in before.items():
                self.assertGreaterEqual(self.stat(*key), value, f"{key} at reload {round_}")
            self.assertGreaterEqual(self.info("CumConns"), connections)
            self.assertGreaterEqual(self.info("CumReq"), requests)
            wait_for(lambda: self.stat("web", "FRONTEND", "scur") == 0, what="the client that left")
            wait_for(lambda: self.stat("raw", "r1", "scur") == 1, what="the tunnel")
            self.assertEqual(self.stat("raw", "FRONTEND", "scur"), 1)
            self.assertEqual(self.stat("raw", "FRONTEND", "stot"), 1)
            self.assertEqual([self.stat("raw", "sock-1", column) for column in ("scur", "stot")], [1, 1])
        self.assertEqual(self.stat("web", "sock-1", "stot"), 1)
        self.ask("clear counters all")
        wait_for(lambda: self.stat("web", "FRONTEND", "req_tot") == 0, what="cleared counters")
        self.reload()
        self.assertEqual(self.stat("web", "FRONTEND", "req_tot"), 0)

    def test_what_the_old_process_still_does_is_counted(self):
        with Client(self.raw) as tunnel, Client(self.web) as client:
            self.assertEqual(talk(tunnel, b"hello"), b"hello")
            client.send("GET / HTTP/1.1\r\nHost: h\r\nContent-Length: 5\r\n\r\nab")
            wait_for(lambda: self.stat("app", "BACKEND", "scur") == 1, what="the request to be under way")
            before = self.workers()
            self.assertTrue(command(self.path("master.sock"), "reload", timeout=30).startswith("Success=1"))
            wait_for(lambda: self.stat("raw", "FRONTEND", "scur") == 1, what="the tunnel to move")
            self.assertEqual(len(self.workers()), 2)
            self.assertEqual(self.stat("app", "BACKEND", "hrsp_2xx"), 0)
            client.send("cde")
            self.assertEqual(client.response().status, 200)
        wait_for(lambda: len(self.workers()) == 1, QUICKLY, "the end of the old worker")
        self.assertNotIn(self.workers()[0], before)
        wait_for(lambda: self.stat("app", "BACKEND", "hrsp_2xx") == 1, what="the answer to be counted")

    def test_states_are_there(self):
        with Client(self.web) as client:
            for _ in range(3):
                client.get("/")
        colors = self.path("colors.map")
        self.ask("set server app/s2 state maint")
        self.ask("set server app/s1 weight 7")
        self.ask("set server sockets/w1 addr 127.0.0.2")
        self.ask("set maxconn server raw/r1 50")
        self.ask(f"add map {colors} /b blue")
        self.ask(f"set map {colors} /a black")
        for _ in range(2):
            self.reload()
            state = {line.split()[3]: line.split() for line in self.ask("show servers state").splitlines()[2:] if line}
            self.assertEqual(state["s2"][6], "1", state["s2"])
            self.assertEqual(state["s1"][7], "7", state["s1"])
            self.assertEqual(state["w1"][4], "127.0.0.2", state["w1"])
            self.assertEqual(self.stat("raw", "r1", "slim"), 50)
            self.assertIn("/b blue", self.ask(f"show map {colors}"))
            self.assertIn("/a black", self.ask(f"show map {colors}"))
            self.assertRegex(self.ask("show table seen"),
                             r"key=127.0.0.1 .*conn_cur=0 .*http_req_cnt=3 .*\(3600000\)=3")
        # What an operator has edited since holds.
        with open(self.path("lbd.cfg"), encoding="utf-8") as file:
            text = file.read()
        line = f"server s1 127.0.0.1:{self.ports['origin']}"
        self.write("lbd.cfg", text.replace(line, line + " weight 3"))
        self.reload()
        state = {line.split()[3]: line.split() for line in self.ask("show servers state").splitlines()[2:] if line}
        self.assertEqual(state["s1"][7], "3", state["s1"])
        self.assertEqual(state["s2"][6], "1", state["s2"])

    def test_added_servers_are_not_of_the_files(self):
        """They go with the old process, their idle connections and figures too; the backend's figures stay."""
        with Client(self.web) as client:
            for turn in range(2):
                self.ask(f"add server app/more 127.0.0.1:{self.ports['origin']} enabled")
                self.assertEqual(self.stat("app", "more", "stot"), 0)
                for _ in range(6):
                    self.assertEqual(client.get("/").status, 200)
                self.assertEqual(self.stat("app", "more", "stot"), 2)
                self.reload()
                self.assertEqual(client.get("/").status, 200)
                self.assertNotIn(",more,", self.ask("show stat"))
                self.assertGreaterEqual(self.stat("app", "BACKEND", "stot"), 6 * (turn + 1))
        self.ask(f"add server app/more 127.0.0.1:{self.ports['origin']} enabled")
        tunnel = self.tunnel()
        self.reload()
        self.assertEqual(talk(tunnel, b"still"), b"still")

    def test_connections_move(self):
        tunnel, web_socket = self.tunnel(), self.web_socket()
        idle, silent = self.client(self.web), self.client(self.web)
        self.assertEqual(idle.get("/").status, 200)
        for _ in range(3):
            self.reload()
            self.assertEqual(talk(tunnel, b"x" * 1000), b"x" * 1000)
            self.assertEqual(talk(web_socket, b"y" * 1000), b"y" * 1000)
            self.assertEqual(idle.get("/").status, 200)
            wait_for(lambda: "conn_cur=2 " in self.ask("show table seen"), what="the tunnels, and nobody else")
        self.assertEqual(silent.get("/").status, 200)
        self.assertEqual(self.stat("raw", "r1", "scur"), 1)
        self.assertEqual(self.stat("sockets", "w1", "scur"), 1)
        tunnel.half_close()
        self.assertEqual(tunnel.read_to_end(), b"")
        line = self.log.wait(" raw raw/r1 ").text
        self.assertRegex(line, r" raw raw/r1 0/\d+/\d+ 3005 -- ")
        web_socket.close()
        line = self.log.wait(" sockets/w1 ").text
        self.assertRegex(line, r'web sockets/w1 0/0/\d+/\d+/\d+ 101 \d{4} - - ---- .* \{websocket\} "GET / HTTP/1.1"')
        wait_for(lambda: self.stat("raw", "FRONTEND", "scur") == 0, what="the end of the tunnel")
        self.assertEqual(self.stat("raw", "FRONTEND", "bin"), 3005)

    def test_many_reloads_under_load(self):
        failures, stop, served = [], threading.Event(), [0]

        def load():
            while not stop.is_set():
                try:
                    with Client(self.web, timeout=30) as client:
                        for _ in range(20):
                            reply = client.get("/")
                            served[0] += 1
                            if reply.status != 200:
                                failures.append(repr(reply))
                            if reply.header("connection") == "close":
                                break
                except (OSError, Closed) as error:
                    failures.append(repr(error))

        tunnels = [self.tunnel() for _ in range(10)] + [self.web_socket() for _ in range(10)]
        threads = [threading.Thread(target=load) for _ in range(3)]
        for thread in threads:
            thread.start()
        try:
            first = resident_kib(self.workers()[0])
            requests = 0
            for _ in range(20):
                self.reload()
                before, requests = requests, self.stat("web", "FRONTEND", "req_tot")
                self.assertGreaterEqual(requests, before)
                for tunnel in tunnels:
                    self.assertEqual(talk(tunnel, b"still"), b"still")
        finally:
            stop.set()
            for thread in threads:
                thread.join()
        self.assertEqual(failures, [], f"of {served[0]} requests")
        self.assertGreater(served[0], 100)
        wait_for(lambda: self.stat("web", "FRONTEND", "req_tot") == served[0] + 10, what="every request to be counted")
        now = resident_kib(self.workers()[0])
        print(f"20 reloads: {served[0]} requests, {len(tunnels)} tunnels, {first} KiB at first, {now} KiB at last")
        self.assertLess(now, 1.2 * first)


class WithoutMaster(Case):
    def start(self, *args):
        program = self.stack.enter_context(Program([BINARY, "-db", *args, "-f", self.path("lbd.cfg")]))

        def serves():
            assert program.alive(), program.errors()
            with contextlib.suppress(OSError):
                return f"Pid: {program.pid}\n" in self.ask("show info")
            return False
        wait_for(serves, what="the process")
        return program

    def test_everything_goes_over(self):
        old = self.start()
        tunnel, idle = self.tunnel(), self.client(self.web)
        self.assertEqual(idle.get("/").status, 200)
        self.ask("set server app/s2 state drain")
        # Without -x it is found behind the runtime socket that both files name.
        for way in (("-x", self.socket), ("-x", self.socket), ()):
            new = self.start(*way, "-sf", str(old.pid))
            self.assertEqual(old.wait(QUICKLY), 0)
            self.assertEqual(talk(tunnel, b"again"), b"again")
            self.assertEqual(idle.get("/").status, 200)
            self.assertGreaterEqual(self.stat("web", "FRONTEND", "req_tot"), 2)
            self.assertRegex(self.ask("show servers state"), r"app 2 s2 127.0.0.1 2 8 ")
            old = new

    def test_stop_at_once(self):
        old = self.start()
        with Client(self.web) as client:
            client.get("/")
        self.start("-x", self.socket, "-st", str(old.pid))
        self.assertEqual(old.wait(QUICKLY), 0)
        self.assertEqual(self.stat("web", "FRONTEND", "req_tot"), 1)

    def test_strangers_are_refused(self):
        """Who speaks another language, nonsense, or nothing, hands nothing over; this one starts all the same."""
        greeting = b"\x0a\x02\x08\x63"  # Bequest.greeting.language = 99
        told = b"\x3a\x00"  # Bequest.told
        for said in (b"".join(len(frame).to_bytes(4, "big") + frame for frame in (greeting, told)),
                     b"\xff" * 100, (1 << 20).to_bytes(4, "big"), b""):
            with self.subTest(said=said), contextlib.ExitStack() as stack:
                path = self.path("stranger.sock")
                with contextlib.suppress(FileNotFoundError):
                    os.unlink(path)
                door = stack.enter_context(listening_socket(socket.AF_UNIX, path))

                def serve():
                    while True:
                        with contextlib.suppress(OSError):
                            visitor, _ = door.accept()
                            with visitor:
                                if visitor.recv(100) != b"_inherit\n":
                                    continue
                                ours, theirs = socket.socketpair()
                                fds = array.array("i", [theirs.fileno()])
                                visitor.sendmsg([b"1\nheir\n"], [(socket.SOL_SOCKET, socket.SCM_RIGHTS, fds)])
                                theirs.close()
                                ours.sendall(said)
                                with ours:
                                    while said and ours.recv(65536):
                                        pass
                                return

                thread = threading.Thread(target=serve, daemon=True)
                thread.start()
                new = self.start("-x", path)
                with Client(self.web) as client:
                    self.assertEqual(client.get("/").status, 200)
                new.stop()
                thread.join(5)


if __name__ == "__main__":
    unittest.main(verbosity=1)
