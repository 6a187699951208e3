#!/usr/bin/env python3
"""Words whose effect only a running process shows, most of them of versions after 2.6: option forwarded, dropped trailers,
http-err-codes, http-fail-codes, max-session-srv-conns, option contstats, tcp-md5sig, cpu-map, option independent-streams,
tune.pool-low-fd-ratio, tune.pool-high-fd-ratio, default-path. TANDEM_TESTED names another program than lbd (haproxy
passes where it knows the word)."""

import csv
import glob
import os
import re
import signal
import socket
import struct
import sys
import tempfile
import threading
import unittest

sys.path.insert(0, os.path.dirname(os.path.dirname(os.path.abspath(__file__))))

from support.client import Client, command  # noqa: E402
from support.origin import Origin, answer, response  # noqa: E402
from support.process import Proxy, listening_socket, need_program, run, wait_for  # noqa: E402

CONFIG = """
global
    stats socket {directory}/admin level admin
    {in_global}
defaults
    mode http
    timeout connect 5s
    timeout client 20s
    timeout server 20s
    {in_defaults}
frontend fe
    bind "fd@${{fe}}"
    {in_frontend}
    default_backend be
backend be
    {in_backend}
    server s1 127.0.0.1:{port}
"""
TCP_MD5SIG = 14
CHUNKED = b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n3\r\nabc\r\n0\r\nX-Sum: 1\r\n\r\n"


class SigningOrigin(Origin):
    """Hears only segments that are signed with its key (RFC 2385)."""

    def __init__(self, behaviour, key):
        self.key = key
        super().__init__(behaviour)

    def _listen(self, backlog):
        listener = super()._listen(backlog)
        peer = struct.pack("=H", socket.AF_INET) + b"\0\0" + socket.inet_aton("127.0.0.1")
        signature = peer.ljust(128, b"\0") + struct.pack("=BBHI", 0, 0, len(self.key), 0) + self.key.ljust(80, b"\0")
        try:
            listener.setsockopt(socket.IPPROTO_TCP, TCP_MD5SIG, signature)
        except OSError as error:
            listener.close()
            raise unittest.SkipTest(f"no signatures here: {error}") from None
        return listener


def of_2_6(test):
    """What haproxy 2.6 has, too."""
    test.of_2_6 = True
    return test


class LaterWords(unittest.TestCase):
    def setUp(self):
        self.program = need_program(os.environ.get("TANDEM_TESTED", "lbd"))
        if "haproxy" in self.program and not hasattr(getattr(self, self._testMethodName), "of_2_6"):
            self.skipTest("haproxy 2.6 does not know the word")
        self.listener = listening_socket()
        self.addCleanup(self.listener.close)
        self.address = self.listener.getsockname()
        self.directory = self.enterContext(tempfile.TemporaryDirectory(prefix="tandem-test-"))

    def start(self, behaviour=None, args=("-db",), prefix=(), **lines):
        self.origin = self.enterContext(Origin(behaviour or answer()))
        parts = {f"in_{part}": lines.get(part, "") for part in ("global", "defaults", "frontend", "backend")}
        text = CONFIG.format(directory=self.directory, port=self.origin.port, **parts)
        proxy = Proxy(self.program, text, {"fe": self.listener}, args, directory=self.directory, prefix=prefix)
        self.addCleanup(proxy.stop)
        return proxy

    def connect(self):
        client = Client(self.address, timeout=20)
        self.addCleanup(client.close)
        return client

    def stat(self, name):
        rows = csv.DictReader(command(f"{self.directory}/admin", "show stat").lstrip("# ").splitlines())
        return {(row["pxname"], row["svname"]): int(row[name] or 0) for row in rows}

    # --- option forwarded
    def forwarded(self, words, **more):
        self.start(backend=f"option forwarded {words}")
        client = self.connect()
        client.request("/", **more).response()
        self.port = client.socket.getsockname()[1]
        return re.findall(rb"(?m)^forwarded: (.*?)\r$", self.origin.seen[-1])

    def test_forwarded(self):
        self.assertEqual(self.forwarded(""), [b"proto=http;for=127.0.0.1"])

    def test_forwarded_behind_others(self):
        self.assertEqual(self.forwarded("for", headers=["Forwarded: for=192.0.2.1"]), [b"for=192.0.2.1", b"for=127.0.0.1"])

    def test_forwarded_all(self):
        said = self.forwarded("for_port for by_port by host proto", host="example.com")
        self.assertEqual(said, [b'proto=http;host="example.com";by="127.0.0.1:%d";for="127.0.0.1:%d"'
                                % (self.address[1], self.port)])

    def test_forwarded_by_expressions(self):
        said = self.forwarded("host-expr str(a.com) by-expr str(_haproxy) for-expr src,ipmask(32,64) for_port-expr int(10)")
        self.assertEqual(said, [b'host="a.com";by=_haproxy;for="127.0.0.1:10"'])

    def test_forwarded_with_other_identifiers(self):
        self.assertEqual(self.forwarded("for-expr str(0A1) for_port-expr str(b-c) by-expr req.hdr(none)"),
                         [b'by=unknown;for="_0A1:_b-c"'])

    def test_forwarded_of_version_6(self):
        self.assertEqual(self.forwarded("for-expr str(2001:db8::1) by-expr str(no=token)"),
                         [b'by=unknown;for="[2001:db8::1]"'])

    def test_forwarded_not(self):
        self.assertEqual(self.forwarded("proto\n    no option forwarded"), [])

    # --- trailers
    def trailers(self, words):
        self.start(answer(CHUNKED), defaults=words)
        client = self.connect()
        client.send("POST / HTTP/1.1\r\nHost: h\r\nTransfer-Encoding: chunked\r\n\r\n1\r\nx\r\n0\r\nX-Mine: 2\r\n\r\n")
        got = client.response()
        self.assertEqual(got.body, b"abc")
        wait_for(lambda: len(self.origin.seen) == 2, what="the body at the origin")
        return b"x-mine: 2" in self.origin.seen[1].lower(), b"x-sum: 1" in got.trailers.lower()

    @of_2_6
    def test_trailers_are_kept(self):
        self.assertEqual(self.trailers(""), (True, True))

    def test_trailers_of_requests_are_dropped(self):
        self.assertEqual(self.trailers("option http-drop-request-trailers"), (False, True))

    def test_trailers_of_answers_are_dropped(self):
        self.assertEqual(self.trailers("option http-drop-response-trailers"), (True, False))

    # --- http-err-codes, http-fail-codes
    def counted(self, words):
        """Which statuses count as errors and which as failures."""
        self.start(answer(lambda head: response(status=head.split(b"/")[1][:3].decode() + " X")), **{"global": words},
                   frontend="stick-table type string len 10 size 100 expire 1h store http_err_cnt,http_fail_cnt\n"
                            "    http-request track-sc0 path")
        client = self.connect()
        for status in (200, 403, 404, 450, 500, 501, 503):
            client.get(f"/{status}")
        lines = command(f"{self.directory}/admin", "show table fe").splitlines()
        found = [dict(re.findall(r"(\w+)=/?(\d+)", line)) for line in lines if "key=" in line]
        return tuple(sorted(int(entry["key"]) for entry in found if entry[counter] != "0")
                     for counter in ("http_err_cnt", "http_fail_cnt"))

    @of_2_6
    def test_usual_codes(self):
        self.assertEqual(self.counted(""), ([403, 404, 450], [500, 503]))

    def test_other_codes(self):
        self.assertEqual(self.counted("http-err-codes -404,440-460 +200\n    http-fail-codes 501 +403-404"),
                         ([200, 403], [403, 404, 501]))

    # --- max-session-srv-conns
    def connections(self, words):
        self.start(defaults=f"http-reuse never\n    {words}")
        client = self.connect()
        for _ in range(3):
            client.get("/")
        return self.origin.connections

    @of_2_6
    def test_private_connections_are_kept(self):
        self.assertEqual(self.connections(""), 1)

    def test_private_connections_are_not_kept(self):
        self.assertEqual(self.connections("max-session-srv-conns 0"), 3)

    # --- option contstats
    def bytes_meanwhile(self, words, enough):
        go_on = threading.Event()
        self.addCleanup(go_on.set)

        def half(peer):
            peer.head()
            peer.send(b"HTTP/1.1 200 OK\r\nContent-Length: 2000\r\n\r\n" + b"a" * 1000)
            go_on.wait(20)
            peer.send(b"a" * 1000)

        self.start(half, defaults=words)
        client = self.connect()
        client.request("/").read_until(b"\r\n\r\n")
        client.read_exactly(1000)
        keys = [("fe", "FRONTEND"), ("be", "BACKEND"), ("be", "s1")]
        if enough:
            wait_for(lambda: all(self.stat("bout")[key] >= 1000 for key in keys), what="bytes in the counters")
            go_on.set()
            client.read_exactly(1000)
            client.close()
            wait_for(lambda: self.stat("scur")["fe", "FRONTEND"] == 0, what="the end")
        return [self.stat("bout")[key] for key in keys]

    def test_bytes_count_at_the_end(self):
        self.assertEqual(self.bytes_meanwhile("", False), [0, 0, 0])

    def test_bytes_count_at_once_and_once(self):
        self.assertEqual(len(set(self.bytes_meanwhile("option contstats", True) + [2000 + 20 + 8 + 3 + 2 + 1 + 14 + 4])), 1)

    # --- tcp-md5sig
    def test_signed_connections(self):
        with SigningOrigin(answer(), b"secret") as origin:
            self.start(backend=f"option httpchk\n    balance first\n"
                               f"    server signed 127.0.0.1:{origin.port} tcp-md5sig secret check inter 1s\n"
                               f"    server wrong 127.0.0.1:{origin.port} tcp-md5sig public check inter 1s")
            self.assertEqual(self.connect().get("/").status, 200)
            self.assertEqual(len([head for head in origin.seen if head.startswith(b"GET / ")]), 1)

            def states():
                rows = csv.DictReader(command(f"{self.directory}/admin", "show stat").lstrip("# ").splitlines())
                return {row["svname"]: row["check_status"] for row in rows if row["pxname"] == "be"}

            wait_for(lambda: states()["signed"].endswith("L7OK") and states()["wrong"].endswith("L4TOUT"), 20, what="the checks")

    # --- cpu-map
    def processors(self, proxy):
        texts = []
        for path in glob.glob(f"/proc/{proxy.pid}/task/*/status"):
            with open(path, encoding="ascii") as file:
                texts.append(re.search(r"Cpus_allowed_list:\s*(\S+)", file.read())[1])
        return texts

    @of_2_6
    def test_threads_stay_on_their_processors(self):
        cpus = sorted(os.sched_getaffinity(0))
        if len(cpus) < 2 or cpus[:2] != [0, 1]:
            self.skipTest("processors 0 and 1 are not ours")
        proxy = self.start(**{"global": "nbthread 2\n    cpu-map auto:1/1-2 0-1"})
        wait_for(lambda: {"0", "1"} <= set(self.processors(proxy)), what="threads on processors of their own")

    @of_2_6
    def test_all_threads_on_one_processor(self):
        cpu = sorted(os.sched_getaffinity(0))[-1]
        proxy = self.start(**{"global": f"nbthread 2\n    cpu-map 1/all {cpu}"})
        wait_for(lambda: self.processors(proxy).count(str(cpu)) >= 2, what=f"threads on processor {cpu}")

    def test_a_processor_that_is_not_there(self):
        proxy = self.start(**{"global": "nbthread 1\n    cpu-map 1/1 1023"})
        self.assertEqual(self.connect().get("/").status, 200)
        self.assertIn("thread 1 may run on none of its processors", proxy.errors())

    # --- option independent-streams
    TICK, TICKS, SHORT = 0.05, 20, "400ms"

    @of_2_6
    def test_clients_may_be_silent(self):
        """What the manual says of the frontend is not what 2.6 does."""
        def ticking(peer):
            peer.exactly(1)
            for _ in range(self.TICKS):
                peer.send(b".")
                threading.Event().wait(self.TICK)

        self.start(ticking, defaults=f"mode tcp\n    timeout client {self.SHORT}\n    option independent-streams")
        client = self.connect()
        client.send(b"x")
        self.assertEqual(len(client.read_to_end()), self.TICKS)

    @of_2_6
    def test_what_comes_renews_it_all_the_same(self):
        def echo(peer):
            while data := peer.exactly(1):
                peer.send(data)

        self.start(echo, defaults=f"mode tcp\n    timeout client {self.SHORT}\n    timeout server {self.SHORT}\n"
                                  "    option independent-streams")
        client = self.connect()
        for _ in range(self.TICKS):
            client.send(b"x")
            self.assertEqual(client.read_exactly(1), b"x")
            threading.Event().wait(self.TICK)

    def ticks_from_client(self, timeouts, words):
        """Whether a silent server is still there when a client has sent for longer than its timeout."""
        self.start(lambda peer: peer.wait_close(), defaults=f"mode tcp\n    {timeouts}", backend=words)
        client = self.connect()
        client.socket.settimeout(self.TICK)
        for _ in range(self.TICKS):
            try:
                client.send(b"x")
                if not client.socket.recv(1):
                    return False
            except TimeoutError:
                continue
            except OSError:
                return False
        return True

    @of_2_6
    def test_what_is_sent_renews_the_timeout(self):
        self.assertTrue(self.ticks_from_client(f"timeout server {self.SHORT}", ""))

    @of_2_6
    def test_what_is_sent_does_not_renew_it(self):
        self.assertFalse(self.ticks_from_client(f"timeout server {self.SHORT}", "option independent-streams"))

    @of_2_6
    def test_what_is_sent_does_not_renew_that_of_tunnels(self):
        self.assertFalse(self.ticks_from_client(f"timeout tunnel {self.SHORT}", "option independent-streams"))

    # --- tune.pool-low-fd-ratio, tune.pool-high-fd-ratio
    def connections_beside(self, clients, words):
        """To the server, for five requests of clients of their own, while others do nothing."""
        self.start(**{"global": f"nbthread 1\n    maxconn 450\n    {words}"}, defaults="http-reuse always",
                   prefix=("prlimit", "--nofile=1000:1000"))
        for _ in range(clients):
            self.connect()
        for _ in range(5):
            client = self.connect()
            client.get("/")
            client.close()
        return self.origin.connections

    @of_2_6
    def test_idle_connections_while_there_are_few(self):
        self.assertEqual(self.connections_beside(0, "tune.pool-low-fd-ratio 5"), 1)

    def test_idle_connections_beside_many(self):
        """2.6 goes by 20 percent whatever the word says."""
        self.assertEqual(self.connections_beside(150, "tune.pool-low-fd-ratio 5"), 5)

    def test_an_idle_connection_goes_for_a_new_one(self):
        for ratio, expected in ((100, 2), (0, 4)):
            proxy = self.start(**{"global": f"nbthread 1\n    tune.pool-low-fd-ratio 100\n    tune.pool-high-fd-ratio {ratio}"},
                       defaults="http-reuse always\n    default-server pool-conn-name req.hdr(x-tenant)")
            client = self.connect()
            for tenant in "abab":
                client.get("/", headers=[f"X-Tenant: {tenant}"])
            self.assertEqual(self.origin.connections, expected, ratio)
            proxy.stop()

    # --- default-path
    def checked(self, word, folder="conf", more=""):
        """Whether a list of a relative path is found in FOLDER, while the configuration lies in `conf`."""
        top = tempfile.mkdtemp(dir=self.directory)
        os.makedirs(f"{top}/conf")
        os.makedirs(f"{top}/{folder}", exist_ok=True)
        with open(f"{top}/{folder}/paths.lst", "w", encoding="ascii") as file:
            file.write("/a\n")
        with open(f"{top}/conf/lbd.cfg", "w", encoding="ascii") as file:
            file.write(f"global\n    {word.format(top=top)}\n{more}"
                       "defaults\n    mode http\n    timeout client 1s\n    timeout connect 1s\n    timeout server 1s\n"
                       "listen l\n    bind unix@s.sock\n    http-request deny if { path -f paths.lst }\n"
                       "    server s 127.0.0.1:1\n")
        code, _, self.said = run([self.program, "-c", "-f", "conf/lbd.cfg"], cwd=top)
        return code == 0

    @of_2_6
    def test_default_path(self):
        self.assertFalse(self.checked("default-path current"))
        self.assertTrue(self.checked("default-path current", "."))
        self.assertTrue(self.checked("default-path config"))
        self.assertFalse(self.checked("default-path config", "."))
        self.assertTrue(self.checked("default-path parent", "."))
        self.assertTrue(self.checked("default-path origin {top}/lists", "lists"))
        self.assertTrue(self.checked("default-path origin lists", "lists"))
        self.assertFalse(self.checked("default-path origin nowhere"))
        self.assertIn("nowhere", self.said)
        self.assertFalse(self.checked("default-path elsewhere"))

    def test_default_path_of_a_running_pair_of_processes(self):
        """The worker reads the file again, and again at each reload."""
        conf = f"{self.directory}/conf"
        os.makedirs(conf)
        with open(f"{conf}/paths.lst", "w", encoding="ascii") as file:
            file.write("/a\n")
        proxy = self.start(**{"global": f"default-path origin {conf}"}, frontend="http-request deny if { path -f paths.lst }",
                           args=("-W",))
        self.assertEqual([self.connect().get(path).status for path in ("/a", "/b")], [403, 200])
        with open(f"{conf}/paths.lst", "w", encoding="ascii") as file:
            file.write("/b\n")
        proxy.signal(signal.SIGUSR2)
        wait_for(lambda: self.connect().get("/a").status == 200, 20, "the new list")
        self.assertEqual(self.connect().get("/b").status, 403)


if __name__ == "__main__":
    unittest.main()
