#!/usr/bin/env python3
"""Statistics of listeners (`option socket-stats`) beside Debian's haproxy: after the same traffic the same lines of `show stat` in
all of its formats, the same families for Prometheus, the same lines on the page, the same limits.

TANDEM_TESTED names another program than lbd.
"""

import contextlib
import csv
import io
import json
import os
import re
import socket
import sys
import tempfile
import unittest

sys.path.insert(0, os.path.dirname(os.path.dirname(os.path.abspath(__file__))))

from support.client import Client, command, get  # noqa: E402
from support.origin import Origin  # noqa: E402
from support.process import Proxy, listening_socket, need_program, run, wait_for  # noqa: E402
from support.tls import Authority  # noqa: E402

CONFIG = """
global
  stats socket {d}/admin level admin
  stats socket {d}/user level user
defaults
  mode http
  timeout client 10s
  timeout server 10s
  timeout connect 5s
  option socket-stats
frontend web
  bind "fd@${{one}}" name first
  bind "fd@${{two}}",{d}/web.sock
  bind "fd@${{refused}}" id 77 name refused
  bind "fd@${{narrow}}" maxconn 1 id 2
  bind "fd@${{secure}}" ssl crt {d}/site.pem
  tcp-request connection reject if {{ so_id 77 }}
  tcp-request session reject if {{ src_port {port} }}
  http-request deny if {{ path /deny }}
  http-request return status 200 content-type text/plain string ok if {{ path /ok }}
  http-response deny if {{ res.hdr(x-from) frontend }}
  http-response set-header x-listener %[so_id]/%[so_name]
  default_backend app
frontend metrics
  bind "fd@${{metrics}}"
  no option socket-stats
  stats uri /stats
  http-request use-service prometheus-exporter if {{ path /metrics }}
listen raw
  mode tcp
  bind "fd@${{raw}}"
  server r1 127.0.0.1:{origin}
backend app
  http-request deny if {{ path /back }}
  http-response deny if {{ res.hdr(x-from) backend }}
  server s1 127.0.0.1:{origin}
"""
LISTENERS = ("one", "two", "refused", "narrow", "secure", "metrics", "raw")


def serve(peer):
    while (head := peer.head()) is not None:
        path = head.split()[1].decode()
        origin = {"/frontend": b"X-From: frontend\r\n", "/backend": b"X-From: backend\r\n"}.get(path, b"")
        peer.send(b"HTTP/1.1 200 OK\r\n" + origin + b"Content-Length: 5\r\n\r\nhello")


class Tested(contextlib.ExitStack):
    def __init__(self, binary):
        super().__init__()
        self.directory = self.enter_context(tempfile.TemporaryDirectory(prefix="tandem-test-"))
        Authority(self.directory).issue("site.pem", "/CN=www.example.org", ["www.example.org"])
        self.sockets = {name: self.enter_context(listening_socket()) for name in LISTENERS}
        self.at = {name: sock.getsockname() for name, sock in self.sockets.items()}
        # The port of a client whose session is refused.
        self.own = socket.socket()
        self.own.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        self.own.bind(("127.0.0.1", 0))
        self.callback(self.own.close)
        origin = self.enter_context(Origin(serve))
        text = CONFIG.format(d=self.directory, origin=origin.port, port=self.own.getsockname()[1])
        self.program = self.enter_context(Proxy(binary, text, self.sockets, directory=self.directory))
        self.program.wait_serving(f"{self.directory}/admin")

    def ask(self, line, socket_name="admin"):
        return command(f"{self.directory}/{socket_name}", line)

    def rows(self, line="show stat -1 8 -1", socket_name="admin"):
        """{(proxy, name): {column: value}} of what has one, addresses but for the port."""
        rows = {}
        for row in csv.DictReader(io.StringIO(self.ask(line, socket_name).lstrip("# "))):
            values = {name: value for name, value in row.items() if value}
            values["addr"] = re.sub(r":\d+$", ":", row["addr"] or "")
            rows[values.pop("pxname"), values.pop("svname")] = values
        return rows

    def settled(self):
        wait_for(lambda: all(row.get("scur") == "0" for row in self.rows().values()), what="everybody to have left")
        return self

    def traffic(self):
        for path in ("/", "/ok", "/deny", "/back", "/frontend", "/backend"):
            get(self.at["one"], path)
        with Client(self.at["one"]) as client:
            for _ in range(3):
                client.get("/")
        with Client(self.at["two"]) as client:
            client.send(b"GET / HTTX\r\n\r\n")
            assert client.read_until(b"\r\n").startswith(b"HTTP/1.1 400")
        with Client(f"{self.directory}/web.sock") as client:
            assert client.get("/").header("x-listener").startswith("4/")
        with socket.socket() as refused:
            for client, name in ((refused, "refused"), (self.own, "two")):
                with contextlib.suppress(ConnectionError):
                    client.connect(self.at[name])
                    assert not client.recv(1)
        get(self.at["raw"], "/")
        code, _, _ = run(["curl", "-sk", f"https://127.0.0.1:{self.at['secure'][1]}/"])
        assert code == 0
        with Client(self.at["secure"]) as client:
            client.send(b"no TLS at all\r\n\r\n")
            with contextlib.suppress(ConnectionError):
                while client.socket.recv(1000):
                    pass
        return self.settled()

    def metrics(self):
        text = get(self.at["metrics"], "/metrics?scope=listener").body.decode()
        return dict(re.findall(r"^# TYPE (\S+) (\S+)$", text, re.M)), dict(re.findall(r"^([a-z][^ ]*) (\S+)$", text, re.M))


class Beside(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        reference = need_program("haproxy")
        tested = os.environ.get("TANDEM_TESTED") or os.path.join(os.environ["TANDEM_BUILD"], "lbd")
        cls.stack = contextlib.ExitStack()
        cls.addClassCleanup(cls.stack.close)
        cls.both = [cls.stack.enter_context(Tested(binary)).traffic() for binary in (reference, tested)]
        cls.reference, cls.tested = cls.both

    def test_lines(self):
        expected, got = self.reference.rows(), self.tested.rows()
        self.assertEqual(list(got), list(expected), "in the same order")
        self.assertEqual(len(expected), 7)
        for name, values in expected.items():
            self.assertEqual(got[name], values, name)

    def test_all_lines_stand_in_the_same_order(self):
        self.assertEqual(list(self.tested.rows("show stat")), list(self.reference.rows("show stat")))

    def test_proxies_count_what_their_listeners_do(self):
        columns = ("scur", "smax", "stot", "bin", "bout", "dreq", "dresp", "ereq", "dcon", "dses", "wrew", "eint")
        expected, got = (one.rows("show stat web 1 -1")["web", "FRONTEND"] for one in self.both)
        self.assertEqual({name: got[name] for name in columns}, {name: expected[name] for name in columns})

    def test_who_may_not_see_addresses_does_not(self):
        self.assertEqual(self.tested.rows(socket_name="user"), self.reference.rows(socket_name="user"))

    def test_lines_are_chosen_by_number(self):
        for line in ("show stat web -1 77", "show stat web 8 2", "show stat web 8 99", "show stat raw 9 1"):
            expected = self.reference.rows(line)
            self.assertEqual(list(self.tested.rows(line)), list(expected), line)

    def test_typed_and_json(self):
        def typed(one):
            lines = one.ask("show stat -1 8 -1 typed").split("\n")
            return [re.sub(r"(:str:127\.0\.0\.1):\d+$", r"\1", line) for line in lines]

        def parsed(one):
            fields = [field for row in json.loads(one.ask("show stat -1 8 -1 json")) for field in row]
            return [(field["objType"], field["id"], field["field"]["name"], field["tags"]) for field in fields]
        self.assertEqual(typed(self.tested), typed(self.reference))
        self.assertEqual(parsed(self.tested), parsed(self.reference))

    def test_metrics(self):
        expected, got = self.reference.metrics(), self.tested.metrics()
        self.assertEqual(got, expected)
        self.assertIn('haproxy_listener_status{proxy="web",listener="first",state="OPEN"}', got[1])

    def test_page(self):
        def names(one):
            page = get(one.at["metrics"], "/stats").body.decode()
            return re.findall(r'<a name="?([^">]+)"?></a>', page)
        ours = names(self.tested)
        self.assertEqual([name for name in ours if "+" in name], [name for name in names(self.reference) if "+" in name])
        page = get(self.tested.at["metrics"], "/stats").body.decode()
        if os.environ.get("TANDEM_TESTED"):
            return  # the rest is how our own page is made
        row = re.search(r'<tr class=socket><td class=name><a name="web/\+first"></a>first</td>(.*?)</tr>', page)[1]
        cells = re.findall(r"<td[^>]*>(.*?)</td>", row)
        figures = self.tested.rows()["web", "first"]
        for name in ("smax", "stot", "bin", "bout", "dreq"):
            self.assertIn(figures[name], cells, name)

    def test_begin_anew(self):
        for one in self.both:
            one.ask("clear counters all")
            # The workers clear their own in their next turn.
            wait_for(lambda one=one: one.rows()["web", "first"]["stot"] == "0", what="cleared counters")
        self.assertEqual(self.tested.rows(), self.reference.rows())


class Limits(unittest.TestCase):
    def test_a_listener_is_full(self):
        for binary in (need_program("haproxy"), os.environ.get("TANDEM_TESTED") or need_program("lbd")):
            with Tested(binary) as one:
                def status(one=one):
                    row = one.rows()["web", "sock-2"]
                    return row["scur"], row["slim"], row["status"]
                with Client(one.at["narrow"]) as first:
                    first.get("/ok")
                    self.assertEqual(status(), ("1", "1", "FULL"))
                    with Client(one.at["narrow"]) as second:
                        second.request("/ok")
                        self.assertEqual(get(one.at["one"], "/ok").status, 200)
                        self.assertEqual(status(), ("1", "1", "FULL"))
                        first.close()
                        self.assertEqual(second.response().status, 200)
                wait_for(lambda: status() == ("0", "1", "OPEN"), what="room")  # noqa: B023

    def test_a_frontend_is_full(self):
        for binary in (need_program("haproxy"), os.environ.get("TANDEM_TESTED") or need_program("lbd")):
            with Tested(binary) as one:
                one.ask("set maxconn frontend web 1")
                with Client(one.at["one"]) as client:
                    client.get("/ok")
                    self.assertEqual(one.rows()["web", "first"]["status"], "WAITING")
                    self.assertEqual(one.rows()["raw", "sock-1"]["status"], "OPEN")


if __name__ == "__main__":
    sys.exit(unittest.main(verbosity=1))
