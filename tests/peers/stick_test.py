#!/usr/bin/env python3
"""Stick tables beside Debian's haproxy: the same configuration, the same traffic, the same commands; what answers tell
and what the tables then hold is the same.

TANDEM_TESTED names another program than lbd.
"""

import contextlib
import os
import re
import sys
import tempfile
import time
import unittest

sys.path.insert(0, os.path.dirname(os.path.dirname(os.path.abspath(__file__))))

from support import origin  # noqa: E402
from support.client import Client, command, get  # noqa: E402
from support.origin import Origin  # noqa: E402
from support.process import Proxy, listening_socket, need_program, refused_port, run, wait_for  # noqa: E402

DATA = ("conn_cnt,conn_cur,conn_rate(1m),sess_cnt,sess_rate(1m),http_req_cnt,http_req_rate(1m),http_err_cnt,"
        "http_err_rate(1m),http_fail_cnt,http_fail_rate(1m),bytes_in_cnt,bytes_out_cnt")
TABLE = f"stick-table type ip size 10 expire 30m store {DATA}"
RULES = """
    http-request deny if {{ path /deny }}
    http-request auth if {{ path /auth }}
    http-request return status 404 if {{ path /return404 }}
    http-request return status 500 if {{ path /return500 }}
    http-request redirect location / if {{ path /redirect }}
    use_backend nobody if {{ path /nobody }}
    use_backend refusing if {{ path /refused }}
    default_backend back
"""
FRONTENDS = ["connection", "session", "content", "request", "response", "words", "tcp", "both", "sticky", "follow",
             "rates", "general"]
CONFIG = f"""
global
    nbthread 1
    stats socket {{directory}}/stats.sock mode 600 level admin
defaults
    mode http
    timeout connect 500ms
    timeout client 30s
    timeout server 500ms
    retries 0
peers cluster
    peer {{peer}} 127.0.0.1:{{peer_port}}
    table shared type string len 8 size 20 expire 5m
frontend connection
    bind fd@${{{{connection}}}}
    tcp-request connection track-sc0 src
    {TABLE}
    {RULES}
frontend session
    bind fd@${{{{session}}}}
    tcp-request session track-sc0 src
    {TABLE}
    {RULES}
frontend content
    bind fd@${{{{content}}}}
    tcp-request inspect-delay 5s
    tcp-request content track-sc0 src if {{{{ method GET }}}}
    {TABLE}
    {RULES}
frontend request
    bind fd@${{{{request}}}}
    http-request track-sc0 src
    {TABLE}
    {RULES}
frontend response
    bind fd@${{{{response}}}}
    http-response track-sc0 src
    {TABLE}
    {RULES}
frontend both
    bind fd@${{{{both}}}}
    tcp-request connection track-sc0 src
    http-request track-sc0 src table second
    http-request track-sc1 hdr(x-key) table second
    {TABLE}
    default_backend back
backend second
    stick-table type string len 4 size 10 expire 30m store {DATA}
frontend tcp
    mode tcp
    bind fd@${{{{tcp}}}}
    tcp-request connection track-sc0 src
    tcp-request content track-sc1 dst_port table ports
    {TABLE}
    default_backend plain
backend ports
    stick-table type integer size 10 expire 30m store {DATA}
frontend words
    bind fd@${{{{words}}}}
    http-request track-sc1 hdr(x-user) table users if {{{{ hdr(x-user) -m found }}}}
    http-request set-var(txn.in) hdr(x-user),in_table(users)
    http-request set-var(txn.req) hdr(x-user),table_http_req_cnt(users)
    http-request set-var(txn.kb) hdr(x-user),table_kbytes_out(users)
    http-request return status 200 hdr x-in "%[var(txn.in)],%[var(txn.req)],%[var(txn.kb)]" hdr x-sc \
"%[sc1_tracked],%[sc1_http_req_cnt],%[sc_http_req_cnt(1)],%[sc_http_req_cnt(1,users)],%[sc_conn_cur(1)],%[sc1_trackers],\
%[sc0_tracked]" hdr x-src "%[src_http_req_cnt(users)],%[src_updt_conn_cnt(addresses)],%[src_conn_cnt(addresses)],\
%[src_inc_gpc0(addresses)],%[src_get_gpc0(addresses)],%[src_clr_gpc0(addresses)],%[src_get_gpc0(addresses)],\
%[table_cnt(users)],%[table_avl(users)],%[table_cnt(addresses)]"
backend users
    stick-table type string len 10 size 100 expire 30m store http_req_cnt,bytes_out_cnt,conn_cur
backend addresses
    stick-table type ip size 100 expire 30m store conn_cnt,gpc0,gpt0
frontend general
    bind fd@${{{{general}}}}
    http-request track-sc0 src table arrays
    http-request track-sc1 src table legacy
    http-request sc-inc-gpc(1,0)
    http-request sc-inc-gpc0(0) if {{{{ path /zero }}}}
    http-request sc-set-gpt(2,0) 77
    http-request sc-set-gpt0(0) req.hdrs,length
    http-request sc-inc-gpc0(1)
    http-request sc-inc-gpc1(1)
    http-request sc-set-gpt0(1) 12
    http-request return status 200 hdr x-arrays "%[sc_get_gpc(0,0)],%[sc_get_gpc(1,0)],%[sc_get_gpc(5,0)],\
%[sc_get_gpt(2,0)],%[sc0_get_gpc0],%[sc0_get_gpc1],%[sc0_get_gpt0],%[sc_gpc_rate(1,0)],%[sc0_gpc1_rate],\
%[src,table_gpc(1,arrays)],%[src,table_gpt(2,arrays)],%[src,table_gpc_rate(1,arrays)]" hdr x-legacy "%[sc1_get_gpc0],\
%[sc1_get_gpc1],%[sc1_get_gpt0],%[sc1_gpc0_rate],%[sc_get_gpc(0,1)],%[sc1_inc_gpc0],%[sc1_clr_gpc0],%[sc1_get_gpc0],\
%[src,table_gpc1(legacy)]"
backend arrays
    stick-table type ip size 10 expire 30m store gpc(3),gpc_rate(3,1m),gpt(3)
backend legacy
    stick-table type ip size 10 expire 30m store gpc0,gpc0_rate(1m),gpc1,gpt0
frontend rates
    bind fd@${{{{rates}}}}
    http-request track-sc0 hdr(x-key) table fast if {{{{ path /count }}}}
    http-request return status 200 hdr x-rate "%[hdr(x-key),table_http_req_rate(fast)]"
backend fast
    stick-table type string len 8 size 10 expire 1m store http_req_rate(600ms)
frontend sticky
    bind fd@${{{{sticky}}}}
    default_backend sticking
backend sticking
    balance roundrobin
    stick-table type string len 8 size 20 expire 5m
    stick on hdr(x-user)
    stick on hdr(x-shared) table cluster/shared
    stick match hdr(x-session) table sessions
    stick store-response res.hdr(x-session) table sessions if {{{{ res.hdr(x-session) -m found }}}}
    server a 127.0.0.1:{{port}}
    server b 127.0.0.1:{{port}}
    server c 127.0.0.1:{{port}} non-stick
    server d 127.0.0.1:{{port}}
    http-response set-header x-server %s
backend sessions
    stick-table type string len 20 size 20 expire 5m
frontend follow
    bind fd@${{{{follow}}}}
    default_backend following
backend following
    balance roundrobin
    stick match hdr(x-user) table sticking
    server z 127.0.0.1:{{port}} id 9
    server d 127.0.0.1:{{port}} id 4
    http-response set-header x-server %s
backend back
    server one 127.0.0.1:{{port}}
backend refusing
    server one 127.0.0.1:{{refused}}
backend nobody
backend plain
    mode tcp
    server one 127.0.0.1:{{port}}
backend numbers
    stick-table type integer size 10 expire 1m store gpc0
backend bytes
    stick-table type binary len 4 size 10 expire 1m store gpc0
backend six
    stick-table type ipv6 size 10 expire 1m store gpc0,gpt(2)
"""


def serve(peer):
    """Answers with the status that the path names; other paths are ways not to answer well."""
    while (head := peer.head()) is not None:
        peer.body(head)
        path = head.split(b" ")[1].decode().lstrip("/")
        if path == "silent":
            return peer.wait_close()
        if path == "close":
            return None
        if path == "garbage":
            return peer.send(b"garbage\r\n\r\n")
        extra = ["X-Session: " + path] if path.startswith("session") else []
        status = path if re.fullmatch(r"\d{3}", path) else "200"
        peer.send(origin.response(status=status + " Some", headers=extra))
    return None


class Tables:
    """One proxy and its tables."""

    def __init__(self, binary, stack):
        server = stack.enter_context(Origin(serve))
        refused, keeper = refused_port()
        stack.callback(keeper.close)
        listeners = {name: stack.enter_context(listening_socket()) for name in FRONTENDS}
        directory = stack.enter_context(tempfile.TemporaryDirectory(prefix="tandem-test-"))
        self.socket = f"{directory}/stats.sock"
        self.addresses = {name: listener.getsockname() for name, listener in listeners.items()}
        text = CONFIG.format(directory=directory, port=server.port, refused=refused, peer="another", peer_port=refused)
        self.proxy = stack.enter_context(Proxy(binary, text, listeners, directory=directory))
        self.proxy.wait_serving(self.socket)

    def ask(self, text):
        return command(self.socket, text)

    def show(self, table):
        """The lines of its entries, without addresses and times."""
        lines = [line for line in self.ask("show table " + table).split("\n") if line and not line.startswith("#")]
        return [re.sub(r" exp=\d+( shard=\d+)?", "", line.split(": ", 1)[1]) for line in lines]

    def released(self, table):
        """When nobody tracks any more."""
        wait_for(lambda: all(" use=0 " in line for line in self.show(table)), what=f"{table} to be released")
        return self.show(table)

    def clear(self, table):
        wait_for(lambda: (self.ask("clear table " + table), self.show(table))[1] == [], what=f"{table} to be empty")


class Beside(unittest.TestCase):
    maxDiff = None

    @classmethod
    def setUpClass(cls):
        cls.stack = contextlib.ExitStack()
        cls.addClassCleanup(cls.stack.close)
        cls.reference = Tables(need_program("haproxy"), cls.stack)
        cls.tested = Tables(need_program(os.environ.get("TANDEM_TESTED", "lbd")), cls.stack)

    def both(self, action):
        """What the action gives is equal for both; returns it."""
        expected = action(self.reference)
        self.assertEqual(action(self.tested), expected)
        return expected


class Tracking(Beside):
    def exchange(self, name, *requests, half_close=False):
        """Requests on one connection to a frontend; statuses, and its table while the client is there and later."""

        def traffic(tables):
            statuses = []
            with Client(tables.addresses[name], timeout=3) as client:
                for request in requests:
                    client.send(request)
                    if half_close:
                        client.half_close()
                    statuses.append(client.response().status)
                time.sleep(0.05)  # what counts at the end of an exchange comes just behind its last byte
                during = tables.show(name)
            after = tables.released(name)
            tables.clear(name)
            return statuses, during, after

        with self.subTest(frontend=name, requests=requests):
            return self.both(traffic)
        return [], [], [""]

    def test_requests_that_go_well(self):
        for name in ("connection", "session", "content", "request", "response"):
            _, _, after = self.exchange(name, "GET / HTTP/1.1\r\nhost: x\r\n\r\n", "GET /x HTTP/1.1\r\nhost: x\r\n\r\n")
            self.assertIn("http_req_cnt=2", after[0])

    def test_bodies_count(self):
        self.exchange("request", "POST / HTTP/1.1\r\nhost: x\r\ncontent-length: 1000\r\n\r\n" + "x" * 1000)

    def test_errors_and_failures(self):
        for path in ("404", "400", "500", "501", "503", "505", "deny", "auth", "return404", "return500", "redirect",
                     "nobody", "refused", "silent", "close", "garbage"):
            for name in ("session", "request"):
                self.exchange(name, f"GET /{path} HTTP/1.1\r\nhost: x\r\n\r\n")
        for path in ("404", "503"):
            self.exchange("response", f"GET /{path} HTTP/1.1\r\nhost: x\r\n\r\n")

    def test_requests_that_are_none(self):
        self.exchange("session", "nonsense\r\n\r\n")
        self.exchange("session", "GET / HTTP/1.1\r\nhost", half_close=True)
        self.exchange("request", "nonsense\r\n\r\n")

    def test_a_client_that_says_nothing(self):
        def traffic(tables):
            with Client(tables.addresses["session"]):
                wait_for(lambda: tables.show("session"), what="the entry")
                during = tables.show("session")
            after = tables.released("session")
            tables.clear("session")
            return during, after

        self.both(traffic)

    def test_the_first_rule_counts(self):
        def traffic(tables):
            with Client(tables.addresses["both"]) as client:
                for key in ("longer", "long", "abc"):
                    client.get("/", headers=["x-key: " + key])
            return tables.released("both"), tables.released("second")

        _, second = self.both(traffic)
        self.assertEqual(len(second), 2)  # keys of four bytes

    def test_tcp(self):
        def traffic(tables):
            get(tables.addresses["tcp"], "/404")
            ports = [re.sub(r"key=\d+", "key=N", line) for line in tables.released("ports")]
            return tables.released("tcp"), ports

        self.both(traffic)

    def test_many_at_a_time(self):
        def traffic(tables):
            with contextlib.ExitStack() as stack:
                clients = [stack.enter_context(Client(tables.addresses["session"])) for _ in range(5)]
                for client in clients:
                    client.get("/")
                wait_for(lambda: "bytes_out_cnt=0" not in tables.show("session")[0], what="the end of the exchanges")
                during = [re.sub(r"bytes.*", "", line) for line in tables.show("session")]
            after = tables.released("session")
            tables.clear("session")
            return during, after

        during, _ = self.both(traffic)
        self.assertIn("conn_cur=5", during[0])


class Words(Beside):
    def test_of_counters_and_tables(self):
        def traffic(tables):
            answers = []
            for user in ("ann", "bob", "ann", None, "a-very-long-name", "a-very-lonx"):
                answer = get(tables.addresses["words"], "/", headers=["x-user: " + user] if user else [])
                answers.append([answer.header(name) for name in ("x-in", "x-sc", "x-src")])
            return answers, tables.released("users"), tables.show("addresses")

        answers, _, _ = self.both(traffic)
        self.assertTrue(answers[2][1].startswith("1,2,2,2"), answers)

    def test_of_general_purpose(self):
        def traffic(tables):
            answers = []
            for path in ("/", "/zero", "/zero"):
                answer = get(tables.addresses["general"], path)
                answers.append([answer.header(name) for name in ("x-arrays", "x-legacy")])
            return answers, tables.released("arrays"), tables.released("legacy")

        self.both(traffic)

    def test_rates_slide(self):
        """Both are asked at the same moments; a moment is wide."""
        def count(key):
            for tables in (self.reference, self.tested):
                get(tables.addresses["rates"], "/count", headers=["x-key: " + key])

        def rates(key):
            found = [get(tables.addresses["rates"], "/", headers=["x-key: " + key]).header("x-rate")
                     for tables in (self.reference, self.tested)]
            return [int(rate) for rate in found]

        began = time.monotonic()
        for _ in range(40):
            count("many")
        count("once")
        seen = []
        for moment in (0.1, 0.3, 0.5, 0.7, 0.8, 0.9, 1.0, 1.1, 1.4, 1.9):
            time.sleep(max(0.0, began + moment - time.monotonic()))
            seen.append((moment, rates("many"), rates("once")))
        for moment, (expected, got), once in seen:
            self.assertAlmostEqual(got, expected, delta=6, msg=f"after {moment} s of {seen}")
            if 0.65 < moment < 1.15:
                self.assertEqual(once[1], once[0], f"after {moment} s of {seen}")
        self.assertEqual(seen[-1][1], [0, 0])


class Sticking(Beside):
    def server(self, tables, frontend="sticky", path="/", **headers):
        given = [f"x-{name}: {value}" for name, value in headers.items()]
        return get(tables.addresses[frontend], path, headers=given).header("x-server")

    def test_clients_stay(self):
        def traffic(tables):
            first = {user: self.server(tables, user=user) for user in "klmnop"}
            for _ in range(3):
                for user, server in first.items():
                    if server != "c":  # whoever comes to it is not remembered
                        self.assertEqual(self.server(tables, user=user), server)
            for user, server in first.items():
                line = f"key={user} use=0 server_id={'abcd'.index(server) + 1} server_key={server}"
                self.assertEqual(line in tables.show("sticking"), server != "c", line)
            # Another backend knows them by the names of its servers, else by their numbers.
            followed = {self.server(tables, "follow", user=user) for user, server in first.items() if server == "d"}
            return set(first.values()), followed

        self.assertEqual(self.both(traffic), ({"a", "b", "c", "d"}, {"d"}))

    def test_a_table_of_peers(self):
        def traffic(tables):
            servers = [self.server(tables, shared="everybody") for _ in range(8)]
            return len(set(servers[4:])), re.sub(r"server_\S*", "", "".join(tables.show("cluster/shared")))

        self.assertEqual(self.both(traffic)[0], 1)

    def test_what_the_answer_says(self):
        def traffic(tables):
            result = []
            for name in ("session1", "session2", "session3"):
                server = self.server(tables, path="/" + name)
                stays = {self.server(tables, session=name) for _ in range(4)} == {server}
                result.append(stays or server == "c")
            return result, [line.split(" ")[0] for line in tables.show("sessions") if "server_key=c" not in line][:2]

        self.assertEqual(self.both(traffic)[0], [True] * 3)

    def test_a_server_that_is_down_is_left(self):
        def traffic(tables):
            user = next(user for user in ("one", "two", "three", "four", "five", "six", "seven", "eight")
                        if self.server(tables, user=user) == "a")
            tables.ask("set server sticking/a state maint")
            moved = self.server(tables, user=user)
            while moved == "c":
                moved = self.server(tables, user=user)
            stays = {self.server(tables, user=user) for _ in range(3)} == {moved}
            tables.ask("set server sticking/a state ready")
            return moved != "a", stays, self.server(tables, user=user) == moved

        self.assertEqual(self.both(traffic), (True, True, True))

    def test_an_entry_of_the_operator(self):
        def traffic(tables):
            tables.ask("set table sticking key operator data.server_id 2")
            return {self.server(tables, user="operator") for _ in range(4)}

        self.assertEqual(self.both(traffic), {"b"})


COMMANDS = [
    "show table numbers", "show table nobody", "show table numbers foo", "show table numbers key",
    "show table numbers data.gpc0", "show table numbers data.gpc0 xx 3", "show table numbers data.gpc0 gt",
    "show table numbers data.foo gt 3", "show table numbers data.conn_cnt gt 3", "show table numbers data.gpc0 gt x",
    "set table", "set table numbers", "set table numbers foo", "set table nobody key 1", "set table numbers key zzz",
    "set table numbers key -3", "set table numbers data.gpc0 eq 1", "clear table", "clear table nobody",
    "clear table numbers foo", "clear table numbers key", "clear table numbers key 77", "clear table numbers",
    "set table bytes key 01020304 data.gpc0 1", "show table bytes key 01020304", "clear table bytes key 01020304",
    "set table six key ::1 data.gpc0 1", "set table six key 1.2.3.4 data.gpc0 1", "set table six key fe80::2 data.gpc0 9",
    "set table six key ::3", "show table six", "show table six data.gpc0 gt 1", "show table six data.gpc0 gt 0 data.gpc0 lt 5",
    "show table six data.gpc0 ne 1", "show table six data.gpc0 le 1", "show table six data.gpc0 ge 9",
    "show table six key ::1", "show table six key ::9", "set table six key ::1 data.gpc0 abc",
    "set table six key ::1 data.gpc0 99999999999", "set table six key ::1 data.gpc0", "set table six key ::1 foo",
    "set table six key ::1 data.nothing 3", "set table six key ::1 data.gpt 3", "show table six key ::1",
    "clear table six key ::1", "show table six", "clear table six data.gpc0 gt 4", "show table six", "clear table six",
    "show table six",
]


class Runtime(Beside):
    def test_commands(self):
        for text in COMMANDS:
            with self.subTest(command=text):
                def ask(tables, line=text):
                    return re.sub(r"^0x\w+: | exp=\d+", "", tables.ask(line), flags=re.M)

                self.both(ask)

    def test_the_list(self):
        def names(tables):
            return sorted(re.sub(r", used:\d+$", "", line) for line in tables.ask("show table").split("\n"))

        self.assertEqual(len(self.both(names)), 22)

    def test_what_is_held_cannot_be_removed(self):
        def traffic(tables):
            with Client(tables.addresses["session"]) as client:
                client.get("/")
                answer = tables.ask("clear table session key 127.0.0.1")
                held = len(tables.show("session"))
            tables.released("session")
            return answer, held, tables.ask("clear table session key 127.0.0.1"), tables.show("session")

        self.both(traffic)


WRONG = [
    ("http-request track-sc0 src table nowhere", "there is no stick table 'nowhere'"),
    ("http-request track-sc0 src", "has no stick table"),
    ("http-request track-sc7 src table numbers", "from 0 to 2"),
    ("http-request deny if { src_conn_rate gt 1 }", "has no stick table"),
    ("http-request deny if { src_conn_rate(nowhere) gt 1 }", "there is no stick table 'nowhere'"),
    ("http-request deny if { src,table_conn_rate(nowhere) gt 1 }", "there is no stick table 'nowhere'"),
    ("http-request sc-inc-gpc0(9)", "from 0 to 2"),
    ("stick on src", "has no stick table"),
    ("stick on src table nowhere", "there is no stick table 'nowhere'"),
    ("stick-table type ip size 10 store gpc0,gpc(2)", "cannot be stored beside"),
    ("stick-table type ip size 10 store conn_rate", "conn_rate(PERIOD)"),
    ("stick-table type ip expire 10s", "size of the table is missing"),
]


class Verdicts(unittest.TestCase):
    def test_wrong_references(self):
        with tempfile.TemporaryDirectory(prefix="tandem-test-") as directory:
            for line, text in WRONG:
                path = os.path.join(directory, "wrong.cfg")
                with open(path, "w", encoding="utf-8") as file:
                    file.write("defaults\n mode http\n timeout client 1s\n timeout server 1s\n timeout connect 1s\n"
                               "backend numbers\n stick-table type integer size 10 store gpc0,conn_rate(10s)\n"
                               f"listen l\n bind 127.0.0.1:1\n {line}\n")
                with self.subTest(line=line):
                    code, _, errors = run([need_program("haproxy"), "-c", "-f", path])
                    self.assertEqual(code, 1, errors)
                    code, _, errors = run([need_program(os.environ.get("TANDEM_TESTED", "lbd")), "-c", "-f", path])
                    self.assertEqual(code, 1, errors)
                    self.assertIn(text, errors)
                    self.assertRegex(errors, r"wrong\.cfg:10\](.*\n)+.*\^")


NEWER = """
global
    stats socket @socket@ level admin
defaults
    mode http
    timeout client 5s
frontend fe
    bind "fd@${fe}"
    http-request track-sc0 src table counts
    http-request sc-add-gpc(1,0) 5
    http-request sc-add-gpc(0,0) req.hdr(x-add) if { req.hdr(x-add) -m found }
    http-request return status 200 hdr x-counts %[sc_get_gpc(0,0)],%[sc_get_gpc(1,0)],%[sc_gpc_rate(1,0)],%[src,table_idle(counts)]
backend counts
    stick-table type ip size 10 expire 1m store gpc(2),gpc_rate(2,1m),glitch_cnt
"""


class Newer(unittest.TestCase):
    """What haproxy 2.6 does not know."""

    def setUp(self):
        directory = tempfile.TemporaryDirectory(prefix="tandem-test-")
        self.addCleanup(directory.cleanup)
        self.socket = directory.name + "/stats.sock"
        listener = listening_socket()
        self.addCleanup(listener.close)
        self.address = listener.getsockname()
        proxy = Proxy(need_program("lbd"), NEWER.replace("@socket@", self.socket), {"fe": listener})
        self.addCleanup(proxy.close)
        proxy.wait_serving(self.socket)

    def test_adding(self):
        self.assertTrue(get(self.address).header("x-counts").startswith("0,5,5,"))
        self.assertTrue(get(self.address, headers=["x-add: 20"]).header("x-counts").startswith("20,10,10,"))

    def test_explaining_changes_nothing(self):
        def table():
            return re.sub(r"0x\w+|exp=\d+", "", command(self.socket, "show table counts"))

        question = "explain GET http://x/ src={} <<\nx-add: 3\n"
        command(self.socket, question.format("127.0.0.9"))
        self.assertIn("used:0", table())
        get(self.address)
        before = table()
        self.assertIn("=> HTTP/1.1 200", command(self.socket, question.format("127.0.0.1")))
        self.assertEqual(table(), before)

    def test_a_counter_has_a_number(self):
        """haproxy 2.6 takes track-sc for track-sc0."""
        with tempfile.NamedTemporaryFile("w", suffix=".cfg") as file:
            file.write(NEWER.replace("track-sc0", "track-sc").replace("fd@${fe}", "127.0.0.1:1").replace("@socket@", "/tmp/x"))
            file.flush()
            code, _, errors = run([need_program("lbd"), "-c", "-f", file.name])
        self.assertEqual(code, 1)
        self.assertIn("needs the number of a counter, from 0 to 2", errors)


if __name__ == "__main__":
    unittest.main()
