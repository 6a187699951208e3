#!/usr/bin/env python3
"""The acceptance configurations s0 to s4h as operators have them, in front of real origins.

Everything that they name exists in namespaces of the test's own: port 80, /var/run/api.sock, /dev/log, the host names in
/etc/hosts, the lists and certificates in /etc/haproxy and the origins' addresses. TANDEM_TESTED names another program
than lbd to run them with.
"""

import base64
import contextlib
import hashlib
import os
import pwd
import re
import resource
import shutil
import signal
import ssl
import stat
import sys
import tempfile
import threading
import time
import unittest

sys.path.insert(0, os.path.dirname(os.path.dirname(os.path.abspath(__file__))))

from support import netns, origin, tls  # noqa: E402
from support.client import Client, Closed, command, get  # noqa: E402
from support.origin import Origin  # noqa: E402
from support.process import Proxy, listening_socket, need_program, run, skip, wait_for  # noqa: E402
from support.syslog import Syslog  # noqa: E402

DATA = os.path.join(os.path.dirname(os.path.dirname(os.path.abspath(__file__))), "data", "acceptance")
BINARY = need_program(os.environ.get("TANDEM_TESTED", "lbd"))
HOSTS = """127.0.0.1 localhost
10.1.0.1 echo-web1 echo-web1-item
10.1.0.2 echo-web2 echo-web2-item
10.1.0.3 echo-web3 echo-web3-basket
10.1.0.4 echo-web4-basket
"""
CERTIFICATES = "/etc/haproxy/certs"
# Files of folders that not every machine has: (as written, instead).
PLACES = {"s0-l7-switch.cfg": [("/etc/lb/server.pem", CERTIFICATES + "/server.pem")]}
KOREAN = ["10.0.4.128/25", "127.0.0.82"]  # /etc/haproxy/maps/kr-ips.lst
USER = "haproxy"
LOG = "/var/lib/haproxy/dev/log"  # Debian's rsyslog listens here for haproxy, which looks for /dev/log in its chroot


def user_exists():
    with contextlib.suppress(KeyError):
        return bool(pwd.getpwnam(USER))
    return False


def configuration(name, changes=()):
    """The file's text with PLACES and `changes` ((as written, instead), …) applied; without the lines that change the
    user where the test runs as an ordinary user."""
    with open(os.path.join(DATA, name), encoding="utf-8") as file:
        text = file.read()
    for written, instead in [*PLACES.get(name, ()), *changes]:
        assert text.count(written) == 1, f"{name} does not have {written!r} once"
        text = text.replace(written, instead)
    if resource.getrlimit(resource.RLIMIT_NOFILE)[1] < 101000:  # two for each connection, and some
        text = text.replace("maxconn 50000", "maxconn 5000")
    if not (netns.real_root() and user_exists()):
        text = re.sub(r"^\s*(user|group|chroot) .*\n", "", text, flags=re.M)
        text = re.sub(r"user haproxy group haproxy ", "", text)
    return text


class FixedOrigin(Origin):
    """An origin at an address that a configuration names; it can be stopped and started again."""

    host = None

    def __init__(self, address, behaviour):
        self.fixed = address
        super().__init__(behaviour)

    def _listen(self, backlog):
        if self.fixed[0].startswith("127."):
            return listening_socket(address=self.fixed, backlog=backlog)
        with FixedOrigin.host.inside():  # a machine of its own: the configurations listen on *:80 here
            return listening_socket(address=self.fixed, backlog=backlog)


class Acceptance(unittest.TestCase):
    def setUp(self):
        self.stack = contextlib.ExitStack()
        self.addCleanup(self.stack.close)

    def origin(self, address, behaviour):
        return self.stack.enter_context(FixedOrigin(address, behaviour))

    def proxy(self, name, args=("-db",), port=80, changes=()):
        proxy = self.stack.enter_context(Proxy(BINARY, configuration(name, changes), args=args))
        if "-db" in args:
            proxy.wait_serving(("127.0.0.1", port))
        return proxy

    def daemon(self, name):
        """Starts with `daemon` from the file in force; the process id of what runs in the background."""
        directory = self.stack.enter_context(tempfile.TemporaryDirectory())
        path, pid_file = os.path.join(directory, name), os.path.join(directory, "pid")
        with open(path, "w", encoding="utf-8") as file:
            file.write(configuration(name))
        code, out, err = run([BINARY, "-f", path, "-p", pid_file])
        self.assertEqual((code, out), (0, ""), err)
        with open(pid_file, encoding="ascii") as file:
            pid = int(file.read())
        self.stack.callback(self._kill, pid)
        wait_for(lambda: self._connects(), what="port 80")
        return pid

    @staticmethod
    def _connects():
        try:
            Client(("127.0.0.1", 80)).close()
            return True
        except OSError:
            return False

    def _kill(self, pid):
        os.kill(pid, signal.SIGTERM)
        wait_for(lambda: not os.path.exists(f"/proc/{pid}"), what="the daemon to end")

    def check(self, name):
        """-c says that the file is good; what it says besides."""
        with tempfile.TemporaryDirectory() as directory:
            path = os.path.join(directory, name)
            with open(path, "w", encoding="utf-8") as file:
                file.write(configuration(name))
            code, out, err = run([BINARY, "-c", "-f", path])
        self.assertEqual(code, 0, err)
        self.assertIn("Configuration file is valid", out + err)
        return err

    def bodies(self, path, count):
        return [get(("127.0.0.1", 80), path).body.decode() for _ in range(count)]


def wait_healthy(*origins):
    """Until each has answered a health check; only then requests are counted."""
    for one in origins:
        wait_for(lambda: one.seen or one.connections, what="a health check")


class S0(Acceptance):
    def test_s0_l7_switch(self):
        said = self.check("s0-l7-switch.cfg")
        for line, word, modern in ((4, "option httpclose", "option http-server-close"),
                                   (6, "reqadd", "http-request add-header X-Forwarded-Proto https")):
            warnings = [part for part in said.split("[WARNING]") if f".cfg:{line}]" in part]
            self.assertEqual(len(warnings), 1, said)
            self.assertIn(f"'{word}'", warnings[0])
            self.assertIn(modern, warnings[0])

        www = self.origin(("192.168.56.101", 3000), origin.name("www"))
        api = self.origin(("192.168.56.102", 5281), origin.name("api"))
        self.proxy("s0-l7-switch.cfg", port=443)
        for path, name, one in (("/", "www", www), ("/a/api", "www", www), ("/api", "api", api), ("/api/v1?x=1", "api", api),
                                ("/apiary", "api", api)):
            with tls.TlsClient(("127.0.0.1", 443)) as client:
                answer = client.get(path)
                self.assertEqual(answer.body.decode(), name, path)
                self.assertEqual(answer.header("connection"), "close")
                self.assertTrue(client.closed_by_peer(), "closed after each answer")
            head = one.seen[-1].lower()
            self.assertTrue(head.startswith(f"get {path} http/1.1\r\n".encode()), head)
            self.assertIn(b"\r\nx-forwarded-for: 127.0.0.1\r\n", head)
            self.assertIn(b"\r\nx-forwarded-proto: https\r\n", head)


class S1(Acceptance):
    def setUp(self):
        super().setUp()
        self.log = self.stack.enter_context(Syslog(udp=("127.0.0.1", 514)))

    def test_s1_two_domains(self):
        self.check("s1-two-domains.cfg")
        back2 = self.origin(("127.0.0.1", 5655), origin.name("back2"))
        self.origin(("127.0.0.1", 5656), origin.name("back1"))
        pid = self.daemon("s1-two-domains.cfg")
        with open(f"/proc/{pid}/stat", encoding="ascii") as file:
            session = int(file.read().rsplit(")", 1)[1].split()[3])
        self.assertNotEqual(session, os.getsid(0), "a session of its own: no terminal ends it")

        clear, encrypted = ("127.0.0.1", 80), ("127.0.0.1", 443)
        moved = get(clear, "/a/b?c=d", host="www.backend2.co.kr")
        self.assertEqual((moved.status, moved.header("location")), (302, "https://www.backend2.co.kr/a/b?c=d"))
        self.log.wait('GET /a/b')
        for ask in (lambda **more: get(clear, **more), lambda **more: tls.get(encrypted, **more)):
            # http-request rules come before redirects, wherever they stand.
            for host in ("www.backend1.co.kr", "WWW.Backend1.CO.kr"):
                self.assertEqual(ask(host=host).status, 403, host)
        # hdr(host) is the whole field: with a port it is another text, for haproxy as well.
        self.assertEqual(get(clear, "/p", host="www.backend1.co.kr:80").status, 302)
        self.assertEqual(tls.get(encrypted, "/p", host="www.backend1.co.kr:443").body, b"back2")
        self.assertEqual(back2.seen, [head for head in back2.seen if b"backend1.co.kr:443" in head])

        for host in ("www.backend2.co.kr", "a.WWW.backend2.co.kr", "other.example"):
            self.assertEqual(tls.get(encrypted, "/x", host=host).body, b"back2", host)
        head = back2.seen[-1].lower()
        self.assertIn(b"\r\nx-forwarded-proto: https\r\n", head)
        self.assertIn(b"\r\nx-forwarded-for: 127.0.0.1\r\n", head)

        line = self.log.wait('GET /x HTTP')
        self.assertEqual((line.priority, line.tag, line.pid), (16 << 3 | 6, "haproxy", pid))
        self.assertRegex(line.text, r'^127\.0\.0\.1:\d+ \[\d\d/[A-Z][a-z]{2}/\d{4}:\d\d:\d\d:\d\d\.\d{3}\] http-in~ back2/back2 '
                         r'\d+/0/\d+/\d+/\d+ 200 \d+ - - ---- \d+/\d+/0/0/0 0/0 "GET /x HTTP/1\.1"$')
        denied = self.log.wait(" 403 ", count=4)
        for line in denied:
            self.assertRegex(line.text, r' http-in~? http-in/<NOSRV> \d+/-1/-1/-1/\d+ 403 \d+ - - PR-- ')


class S2(Acceptance):
    def test_s2a_round_robin_log_page_and_socket(self):
        for index in (1, 2, 3):
            self.origin((f"10.1.0.{index}", 8080), origin.name(f"web{index}"))
        proxy = self.proxy("s2a-http.cfg")
        seen = self.bodies("/", 9)
        first = seen[:3]
        self.assertEqual(sorted(first), ["web1", "web2", "web3"])
        self.assertEqual(seen, first * 3, "strict round robin")

        wait_for(lambda: proxy.output().count("myfrontend") >= 9, what="nine lines on standard output")
        lines = [line for line in proxy.output().splitlines() if "myfrontend" in line]
        self.assertEqual(len(lines), 9, lines)
        for line in lines:
            self.assertNotRegex(line, r"^<\d", "format raw has no header")
            self.assertRegex(line, r"127\.0\.0\.1:\d+")

        page = get(("127.0.0.1", 8404), "/")
        self.assertEqual(page.status, 200)
        self.assertIn("text/html", page.header("content-type"))
        self.assertIn("10", page.header("refresh", "") + "".join(re.findall(r'http-equiv="?refresh"?\s+content="?(\d+)', page.body.decode())))
        for name in ("myfrontend", "webservers", "s1", "s2", "s3"):
            self.assertIn(name, page.body.decode())

        self.assertIn("Version:", command("/var/run/api.sock", "show info"))
        table = command("/var/run/api.sock", "show stat")
        self.assertTrue(table.startswith("# pxname,svname,"), table[:100])
        names = table.splitlines()[0][2:].split(",")
        rows = [dict(zip(names, line.split(","))) for line in table.splitlines()[1:] if line]
        requests = {(row["pxname"], row["svname"]): row["stot"] for row in rows}
        for server in ("s1", "s2", "s3"):
            self.assertEqual(requests["webservers", server], "3")
        mode = os.stat("/var/run/api.sock")
        self.assertEqual(stat.S_IMODE(mode.st_mode), 0o660)
        if netns.real_root() and user_exists():
            self.assertEqual(mode.st_uid, pwd.getpwnam(USER).pw_uid)

    def test_s2b_two_groups(self):
        for index in (1, 2, 3, 4):
            self.origin((f"10.1.0.{index}", 8080), origin.name(f"web{index}"))
        self.proxy("s2b-uri.cfg")
        self.assertEqual(sorted(set(self.bodies("/item", 4))), ["web1", "web2"])
        items = self.bodies("/item/7", 6)
        self.assertTrue(all(a != b for a, b in zip(items, items[1:])), f"alternates: {items}")
        baskets = self.bodies("/basket?x=1", 6)
        self.assertEqual(set(baskets), {"web3", "web4"})
        self.assertTrue(all(a != b for a, b in zip(baskets, baskets[1:])), f"alternates: {baskets}")
        self.assertEqual(set(self.bodies("/else", 8)), {"web1", "web2", "web3", "web4"})


class S3(Acceptance):
    def setUp(self):
        super().setUp()
        for path in (LOG, "/run/haproxy/admin.sock"):
            with contextlib.suppress(FileNotFoundError):
                os.unlink(path)
        self.log = self.stack.enter_context(Syslog(LOG))

    def test_s3a_checks_privileges_and_errors(self):
        self.check("s3a-l4.cfg")
        one = self.origin(("10.2.1.242", 80), origin.name("two"))
        self.origin(("10.2.1.243", 80), origin.name("three"))
        pid = self.daemon("s3a-l4.cfg")
        if netns.real_root() and user_exists():
            self.assertEqual(os.readlink(f"/proc/{pid}/root"), "/var/lib/haproxy")
            with open(f"/proc/{pid}/status", encoding="ascii") as file:
                uids = re.search(r"^Uid:\s+(.*)$", file.read(), re.M)[1].split()
            self.assertEqual(set(uids), {str(pwd.getpwnam(USER).pw_uid)})
        self.assertEqual(set(self.bodies("/", 4)), {"two", "three"})
        self.assertTrue(any(b"x-forwarded-for: 127.0.0.1" in head for head in one.seen))

        one.close()
        statuses = []
        deadline = time.monotonic() + 20
        while not any("debian11-2 is DOWN" in line.text for line in list(self.log.lines)):
            self.assertLess(time.monotonic(), deadline, "never seen down")
            threads = [threading.Thread(target=lambda: statuses.append(self._status())) for _ in range(2)]
            for thread in threads:
                thread.start()
            for thread in threads:
                thread.join()
        self.assertLessEqual(set(statuses), {200, 503})
        down = self.log.wait("debian11-2 is DOWN")
        self.assertEqual(down.severity, 1)
        self.assertRegex(down.text, r'^Server web_servers/debian11-2 is DOWN, reason: Layer4 connection problem, info: "'
                         r'Connection refused", check duration: \d+ms\. 1 active and 0 backup servers left\. \d+ sessions '
                         r'active, 0 requeued, 0 remaining in queue\.$')
        def failed():
            return {line.text for line in list(self.log.lines) if " 503 " in line.text and "web_proxy" in line.text}

        # A client may have its answer before the line is here.
        wait_for(lambda: len(failed()) >= statuses.count(503), what="a line for each 503")
        self.assertEqual(len(failed()), statuses.count(503), failed())
        for line in failed():
            self.assertRegex(line, r"web_servers/debian11-2 \d+/\d+/-1/-1/\d+ 503 \d+ - - SC-- \d+/\d+/\d+/\d+/3 ")
        self.assertEqual(set(self.bodies("/", 6)), {"three"})

        one = self.origin(("10.2.1.242", 80), origin.name("two"))
        up = self.log.wait("debian11-2 is UP", timeout=20)
        self.assertEqual(up.severity, 5)
        self.assertRegex(up.text, r"^Server web_servers/debian11-2 is UP, reason: Layer4 check passed, check duration: "
                         r"\d+ms\. 2 active and 0 backup servers online\. 0 sessions requeued, 0 total in queue\.$")
        self.assertEqual(set(self.bodies("/", 4)), {"two", "three"})
        with open("/etc/haproxy/errors/400.http", "rb") as file:
            errorfile = file.read()
        with Client(("127.0.0.1", 80)) as client:
            client.send("bad\r\n\r\n")
            body = client.read_to_end().split(b"\r\n\r\n", 1)[1]
        self.assertEqual(body.strip(), errorfile.replace(b"\r\n", b"\n").split(b"\n\n", 1)[1].strip())
        self.assertEqual(command("/run/haproxy/admin.sock", "show version")[:1].isdigit(), True)

    def _status(self):
        with Client(("127.0.0.1", 80), timeout=15) as client:
            return client.get("/").status

    def test_s3b_paths(self):
        self.check("s3b-l7.cfg")
        one = self.origin(("10.2.1.242", 80), origin.name("two"))
        other = self.origin(("10.2.1.243", 80), origin.name("three"))
        self.daemon("s3b-l7.cfg")
        self.assertEqual(self.bodies("/app1/x/y?z=1", 1), ["two"])
        self.assertEqual(self.bodies("/app2", 1), ["three"])
        self.assertTrue(any(head.startswith(b"GET /x/y?z=1 HTTP/1.1\r\n") for head in one.seen), one.seen)
        self.assertTrue(any(head.startswith(b"GET / HTTP/1.1\r\n") for head in other.seen), other.seen)

        other.close()
        self.log.wait("backend web_server02 has no server available!", timeout=20)
        self.assertEqual(get(("127.0.0.1", 80), "/app2/a").status, 503)
        line = self.log.wait('GET /app2/a ')
        self.assertRegex(line.text, r' web_proxy web_server02/<NOSRV> 0/-1/-1/-1/0 503 \d+ - - SC-- \d+/\d+/0/0/0 0/0 "GET /app2/a HTTP/1\.1"$')
        self.assertEqual(self.bodies("/app1", 2), ["two", "two"])


class S4d(Acceptance):
    ADDRESS = ("127.0.0.1", 443)
    NO_LIMIT = ("sc_http_req_rate(0) gt 200", "sc_http_req_rate(0) gt 20000")  # for those who throw dice

    def setUp(self):
        super().setUp()
        os.makedirs("/etc/haproxy/maps", exist_ok=True)
        with open("/etc/haproxy/maps/kr-ips.lst", "w", encoding="ascii") as file:
            file.write("# Korea\n" + "\n".join(KOREAN) + "\n")
        self.canary = self.origin(("10.0.4.10", 3000), origin.name("canary1"))
        self.prod = [self.origin((f"10.0.4.{20 + i}", 3000), origin.name(f"prod{i + 1}")) for i in range(2)]
        self.kr = self.origin(("10.0.4.30", 3000), origin.name("kr1"))

    def ask(self, source=None, **more):
        with tls.TlsClient(self.ADDRESS, source=source) as client:
            return client.get("/", **more).body.decode()

    def many(self, count, headers):
        """The bodies of `count` requests, pipelined by fifties over one connection."""
        bodies = []
        with tls.TlsClient(self.ADDRESS) as client:
            for _ in range(count // 50):
                for _ in range(50):
                    client.request("/", headers=headers)
                bodies += [client.response().body.decode() for _ in range(50)]
        return bodies

    def given(self, cookie):
        """How many requests the origins saw with this cookie set by the rules."""
        line = f"\r\nset-cookie: {cookie}\r\n".encode()
        return sum(line in head.lower() for one in self.prod + [self.canary] for head in one.seen)

    def test_s4d_as_written(self):
        self.check("s4d-acl.cfg")
        self.proxy("s4d-acl.cfg", port=443, changes=[self.NO_LIMIT])
        self.assertEqual(self.ask(headers=["X-Canary: TRUE"]), "canary1")
        self.assertEqual(self.ask(headers=["X-Canary: true"], source=("127.0.0.82", 0)), "canary1", "the first rule wins")
        self.assertEqual({self.ask(headers=["X-Canary: no"]) for _ in range(4)}, {"prod1", "prod2"})
        self.assertEqual(self.ask(source=("127.0.0.82", 0)), "kr1")
        self.assertEqual(self.ask(source=("10.0.4.254", 0)), "kr1")
        self.assertIn(self.ask(source=("10.0.4.127", 0)), {"prod1", "prod2"})
        # A cookie that is not there is no sample, so that no length of it matches: the dice fall for an empty one only.
        # And nothing uses is_canary_cookie. Both as with haproxy.
        self.assertEqual(self.given("canary=true; path=/; max-age=86400"), 0)
        self.assertEqual(self.given("canary=false; path=/; max-age=86400"), 0)
        self.assertIn(self.ask(headers=["Cookie: canary=true"]), {"prod1", "prod2"})
        self.many(1000, ["Cookie: canary=; a=b"])
        self.assertEqual(self.given("canary=true; path=/; max-age=86400") +
                         self.given("canary=false; path=/; max-age=86400"), 1000)

    def test_s4d_limits_the_rate(self):
        self.proxy("s4d-acl.cfg", port=443)
        statuses = []
        with tls.TlsClient(self.ADDRESS) as client:
            for _ in range(203):
                statuses.append(client.get("/").status)
        self.assertEqual(statuses, [200] * 200 + [429] * 3, "the 201st within 10 s")
        self.assertIn(self.ask(source=("10.0.4.127", 0)), {"prod1", "prod2"}, "another address has its own count")
        with tls.TlsClient(self.ADDRESS) as client:
            self.assertEqual(client.get("/").status, 429, "on another connection, too")

    def test_s4d_as_meant(self):
        # What its author wanted: dice for those without a cookie, and the cookie decides.
        changes = [
            self.NO_LIMIT,
            ("acl no_ab_cookie cook(canary) -m len 0", "acl no_ab_cookie req.cook_cnt(canary) eq 0"),
            ("use_backend canary_servers if is_canary", "use_backend canary_servers if is_canary || is_canary_cookie"),
        ]
        self.proxy("s4d-acl.cfg", port=443, changes=changes)
        self.assertEqual(self.ask(headers=["Cookie: a=b; canary=true"]), "canary1")
        self.assertIn(self.ask(headers=["Cookie: canary=false; a=b"]), {"prod1", "prod2"})
        self.assertEqual(self.given("canary=true; path=/; max-age=86400"), 0)
        self.assertEqual(set(self.many(10000, [])), {"prod1", "prod2"})
        canary = self.given("canary=true; path=/; max-age=86400")
        self.assertEqual(canary + self.given("canary=false; path=/; max-age=86400"), 10000)
        self.assertTrue(800 <= canary <= 1200, canary)


class S4g(Acceptance):
    def test_s4g_clients_stay(self):
        for number in (10, 11):
            self.origin((f"10.0.1.{number}", 3000), origin.name(f"a{number - 9}"))
        # A fragment: what operators have around it.
        around = ("backend app\n", "global\n    stats socket /run/s4g.sock level admin\n"
                  "frontend web\n    mode http\n    bind 127.0.0.1:80\n    default_backend app\nbackend app\n")
        self.proxy("s4g-peers.cfg", changes=[around])
        sources = [f"127.0.1.{number}" for number in range(1, 21)]

        def ask(source):
            with Client(("127.0.0.1", 80), source=(source, 0)) as client:
                return client.get("/").body.decode()

        first = {source: ask(source) for source in sources}
        self.assertEqual(set(first.values()), {"a1", "a2"})
        for _ in range(3):
            for source in sources:
                self.assertEqual(ask(source), first[source], source)
        table = command("/run/s4g.sock", "show table app")
        self.assertIn("# table: app, type: ip, size:204800, used:20\n", table)
        for source, server in first.items():
            self.assertRegex(table, rf"key={source} use=0 exp=1[78]\d{{5}} server_id={server[1]} server_key={server}\n")


def web_socket(peer):
    """Agrees to a WebSocket and sends back what comes."""
    while (head := peer.head()) is not None:
        key = re.search(rb"\r\nsec-websocket-key: *(\S+)\r\n", head, re.I)
        if not key:
            peer.send(origin.response(b"no websocket", "400 Bad Request"))
            continue
        accept = base64.b64encode(hashlib.sha1(key[1] + b"258EAFA5-E914-47DA-95CA-C5AB0DC85B11").digest())
        peer.send(b"HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n"
                  b"Sec-WebSocket-Accept: " + accept + b"\r\n\r\n" + peer.pending)
        peer.pending = b""
        while data := peer.socket.recv(65536):
            peer.send(data)
        return


def curl(*argv):
    code, out, err = run(["curl", "-sk", "--max-time", "5", *argv])
    assert code == 0, (argv, out, err)
    return out


class S4a(Acceptance):
    WEB = ["10.0.1.10", "10.0.1.11", "10.0.1.12"]

    def setUp(self):
        super().setUp()
        self.healthy = {name: True for name in ("web1", "web2", "web3")}
        self.web = [self.origin((address, 3000), self.checked(f"web{i + 1}")) for i, address in enumerate(self.WEB)]
        self.api = self.origin(("10.0.2.10", 8080), origin.name("api"))
        self.origin(("10.0.2.20", 8080), web_socket)
        self.origin(("10.0.2.30", 8080), origin.name("static"))
        self.says = self.check("s4a-core.cfg")
        self.running = self.proxy("s4a-core.cfg", port=443)
        wait_healthy(*self.web)

    def checked(self, name):
        def data(head):
            if head.startswith(b"GET /health ") and not self.healthy[name]:
                return origin.response(b"", "500 Not Now")
            return origin.response(name.encode())
        return origin.answer(data)

    def ask(self, path="/", **more):
        return tls.get(("127.0.0.1", 443), path, **more)

    def test_s4a_redirects_acls_and_headers(self):
        self.assertEqual(self.says, "")
        moved = get(("127.0.0.1", 80), "/a?b=c", host="www.example")
        self.assertEqual((moved.status, moved.header("location")), (302, "https://www.example/a?b=c"))
        for path, name in (("/api/x", "api"), ("/apix", "web"), ("/a/b.css", "static"), ("/b.WOFF2", "web"),
                           ("/api/x.js", "api"), ("/x.png?y=1", "static")):
            answer = self.ask(path)
            self.assertTrue(answer.body.decode().startswith(name), (path, answer))
            self.assertEqual(answer.all("strict-transport-security"), ["max-age=63072000"])
        self.assertIn(b"\r\nx-forwarded-for: 127.0.0.1\r\n", self.api.seen[-1].lower())
        wait_for(lambda: self.running.output().count("http_front~ ") >= 6, what="the lines of the log")

    def test_s4a_cookies_bind_clients(self):
        answer = self.ask()
        server = answer.body.decode()
        cookie = f"SERVERID={server}"
        self.assertEqual(answer.all("set-cookie"), [cookie + "; path=/"])
        for _ in range(6):
            again = self.ask(headers=["Cookie: a=b; " + cookie])
            self.assertEqual((again.body.decode(), again.all("set-cookie")), (server, []))
        web = self.web[int(server[3:]) - 1]
        self.assertNotIn(b"SERVERID", web.seen[-1])

    def test_s4a_web_socket(self):
        with tls.TlsClient(("127.0.0.1", 443)) as client:
            answer = client.get("/chat", headers=["Connection: Upgrade", "Upgrade: WebSocket", "Sec-WebSocket-Version: 13",
                                                  "Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ=="])
            self.assertEqual(answer.status, 101)
            self.assertEqual(answer.header("sec-websocket-accept"), "s3pPLMBiTxaQ9kYGzzhZRbK+xOo=")
            for size in (1, 125, 70000):
                sent = os.urandom(size)
                client.send(sent)
                self.assertEqual(client.read_exactly(size), sent)

    def test_s4a_weights_and_checks(self):
        def names(count):
            return [self.ask().body.decode() for _ in range(count)]

        seen = names(50)
        self.assertEqual({name: seen.count(name) for name in sorted(set(seen))}, {"web1": 20, "web2": 20, "web3": 10})
        self.healthy["web1"] = False  # it answers, but not its health check
        wait_for(lambda: "web_servers/web1 is DOWN" in self.running.output(), timeout=15, what="web1 to be seen down")
        self.assertRegex(self.running.output(), r"web1 is DOWN, reason: Layer7 wrong status, code: 500")
        self.assertEqual(set(names(15)), {"web2", "web3"})
        self.healthy["web1"] = True
        wait_for(lambda: "web_servers/web1 is UP" in self.running.output(), timeout=15, what="web1 to be back")
        self.assertEqual(set(names(15)), {"web1", "web2", "web3"})

    def test_s4a_alpn(self):
        url = "https://127.0.0.1/api/x"
        form = ("-o", "/dev/null", "-w", "%{http_code} %{http_version}")
        self.assertEqual(curl("--http2", *form, url), "200 2")
        self.assertEqual(curl("--http1.1", *form, url), "200 1.1")
        self.assertEqual(curl("--no-alpn", *form, url), "200 1.1")
        self.assertEqual(curl("--http2", url), "api")
        self.assertIn("strict-transport-security: max-age=63072000", curl("--http2", "-D", "-", url))
        for offered, taken in ((["h2", "http/1.1"], "h2"), (["http/1.1", "h2"], "h2"), (["http/1.1"], "http/1.1"), ([], None)):
            with tls.TlsClient(("127.0.0.1", 443), tls.client_context(alpn=offered)) as client:
                self.assertEqual(client.socket.selected_alpn_protocol(), taken, offered)
        # prefer-client-ciphers, among the two that the file names.
        for wish in ("TLS_AES_256_GCM_SHA384:TLS_AES_128_GCM_SHA256", "TLS_AES_128_GCM_SHA256:TLS_AES_256_GCM_SHA384"):
            said = tls.openssl("s_client", "-connect", "127.0.0.1:443", "-ciphersuites", wish)
            self.assertIn(f"TLSv1.3, Cipher is {wish.split(':', 1)[0]}\n", said)
        with self.assertRaisesRegex(AssertionError, "handshake failure"):
            tls.openssl("s_client", "-connect", "127.0.0.1:443", "-tls1_3", "-ciphersuites", "TLS_CHACHA20_POLY1305_SHA256")

    def test_s4a_certificates_of_the_folder(self):
        authority = tls.client_context(PKI)
        for name in ("www.example", "a.shop.example"):
            self.assertEqual(self.ask(context=authority, name=name).status, 200)
        with self.assertRaises(ssl.SSLCertVerificationError):
            self.ask(context=authority, name="other.example")


class S4f(Acceptance):
    OPEN, MUTUAL = ("127.0.0.1", 443), ("127.0.0.1", 8443)

    def setUp(self):
        super().setUp()
        self.web = self.origin(("10.0.1.10", 3000), origin.name("web1"))
        shutil.copy(PKI.path, f"{CERTIFICATES}/ca.pem")
        self.stack.callback(os.unlink, f"{CERTIFICATES}/ca.pem")  # no certificate for s4a, which takes all of the folder
        self.check("s4f-tls.cfg")
        self.proxy("s4f-tls.cfg", port=443)

    def test_s4f_versions(self):
        self.assertEqual(tls.get(self.OPEN, context=tls.client_context(version=ssl.TLSVersion.TLSv1_2)).body, b"web1")
        self.assertEqual(tls.get(self.OPEN, context=tls.client_context(version=ssl.TLSVersion.TLSv1_3)).body, b"web1")
        for version in (ssl.TLSVersion.TLSv1, ssl.TLSVersion.TLSv1_1):
            context = tls.client_context(version=version)
            context.set_ciphers("ALL:@SECLEVEL=0")
            with self.assertRaisesRegex(ssl.SSLError, "(?i)alert protocol version"):
                tls.get(self.OPEN, context=context)
        self.assertEqual(curl("--http2", "-o", "/dev/null", "-w", "%{http_code} %{http_version}", "https://127.0.0.1/"), "200 2")
        self.assertIn(b"\r\nx-forwarded-proto: https\r\nx-real-ip: 127.0.0.1\r\n", self.web.seen[-1].lower())

    def test_s4f_certificates_by_name_with_ocsp(self):
        authority = tls.client_context(PKI)
        for name in ("www.example", "a.shop.example"):
            self.assertEqual(tls.get(self.OPEN, context=authority, name=name).status, 200)
        # The line of the list names another name than the certificate has, and takes one name out.
        for name, subject in (("www.example", "www"), ("alias.example", "www"), ("not.shop.example", "www"),
                              ("b.shop.example", "shop"), ("else.example", "www")):
            said = tls.openssl("s_client", "-connect", "127.0.0.1:443", "-servername", name, "-status")
            self.assertRegex(said, rf"(?m)^subject=CN = {subject}$", name)
            self.assertEqual("OCSP Response Status: successful" in said, subject == "shop", said)

    def test_s4f_sessions(self):
        for version, by_ticket in ((ssl.TLSVersion.TLSv1_2, False), (ssl.TLSVersion.TLSv1_2, True), (ssl.TLSVersion.TLSv1_3, True)):
            context = tls.client_context(version=version)
            if not by_ticket:
                context.options |= ssl.OP_NO_TICKET
            with tls.TlsClient(self.OPEN, context) as client:
                self.assertEqual(client.get("/").status, 200)
                self.assertFalse(client.socket.session_reused)
                session = client.socket.session
                self.assertEqual(session.has_ticket, by_ticket)
            for _ in range(3):
                with tls.TlsClient(self.OPEN, context, session=session) as client:
                    self.assertTrue(client.socket.session_reused, (version, by_ticket))
                    self.assertEqual(client.get("/").status, 200)
                    session = client.socket.session

    def test_s4f_mutual(self):
        good = tls.client_context(certificate=f"{PKI.folder}/client.pem")
        self.assertEqual(tls.get(self.MUTUAL, context=good, headers=["X-SSL-Client-CN: forged"]).body, b"web1")
        self.assertEqual(re.findall(rb"\r\nx-ssl-client-cn: (.*)\r\n", self.web.seen[-1], re.I), [b"Kim, Minsu"])  # %{+Q} is for logs
        for certificate, why in ((None, "(?i)certificate required"), ("expired.pem", "(?i)expired"), ("stranger.pem", "(?i)unknown ca")):
            context = tls.client_context(certificate=certificate and f"{PKI.folder}/{certificate}")
            with self.assertRaisesRegex((ssl.SSLError, Closed), why):
                tls.get(self.MUTUAL, context=context)
        self.assertEqual(tls.get(self.OPEN).body, b"web1")
        self.assertNotIn(b"x-ssl-client-cn", self.web.seen[-1].lower())


class S4b(Acceptance):
    SERVERS = [f"10.0.2.{number}" for number in range(40, 50)]

    def test_s4b_a_server_less_moves_its_keys_only(self):
        for number, address in enumerate(self.SERVERS):
            self.origin((address, 80), origin.name(f"s{number}"))
        servers = "".join(f"    server s{number} {address}:80\n" for number, address in enumerate(self.SERVERS))
        # A fragment: what operators have around it.
        more = "global\n    stats socket /run/s4b.sock level admin\nfrontend web\n    mode http\n    bind 127.0.0.1:80\n" \
               "    use_backend %[path,field(2,/)]\n"
        changes = [("    balance source\n", "    balance source\n" + servers), ("    balance uri\n", "    balance uri\n" + servers),
                   ("    balance hdr(X-Tenant-Id)\n", "    balance hdr(X-Tenant-Id)\n" + servers),
                   ("backend by_source\n", more + "".join(
                       f"backend {name}\n    mode http\n    balance {name}\n{servers}" for name in ("roundrobin", "leastconn")) +
                    "backend by_source\n")]
        self.proxy("s4b-algorithms.cfg", changes=changes)

        def ask(path, source="127.0.0.1", tenant=""):
            with Client(("127.0.0.1", 80), source=(source, 0)) as client:
                return client.get(path, headers=[f"X-Tenant-Id: {tenant}"] if tenant else []).body.decode()

        for name in ("roundrobin", "leastconn"):
            self.assertEqual(sorted(ask(f"/{name}/") for _ in range(20)), sorted([f"s{n}" for n in range(10)] * 2), name)
        self.assertIn("\n", command("/run/s4b.sock", "set weight roundrobin/s3 0"))
        self.assertNotIn("s3", [ask("/roundrobin/") for _ in range(18)])

        keys = 300
        ways = {"by_source": lambda n: ask("/by_source/", source=f"127.1.{n // 100 + 1}.{n % 100 + 1}"),
                "by_uri": lambda n: ask(f"/by_uri/{n}"), "by_tenant": lambda n: ask("/by_tenant/", tenant=f"tenant{n}")}
        for name, way in ways.items():
            before = [way(n) for n in range(keys)]
            self.assertEqual(before[:30], [way(n) for n in range(30)], "the same key, the same server")
            self.assertEqual(len(set(before)), 10, name)
            command("/run/s4b.sock", f"set server {name}/s7 state maint")
            after = [way(n) for n in range(keys)]
            self.assertNotIn("s7", after)
            moved = sum(a != b for a, b in zip(before, after))
            # Only those of the server that is gone; a tenth and 3 %, and what a share of 300 keys may stray.
            self.assertEqual(moved, before.count("s7"), name)
            self.assertLessEqual(moved, keys * 0.13 + 3 * (keys * 0.1 * 0.9) ** 0.5, name)
            command("/run/s4b.sock", f"set server {name}/s7 state ready")
            self.assertEqual([way(n) for n in range(keys)], before, "and back")


def mysql(peer):
    """As much of a MySQL server as a check with a user wants: greeting, login, OK; then it answers with its address."""
    greeting = b"\x0a5.5.5-10.11.6-MariaDB\0" + b"\x01\0\0\0" + b"12345678\0" + b"\xfe\xf7\x21\x02\0\xff\xc1\x15" + b"\0" * 10 + b"123456789012\0mysql_native_password\0"
    peer.send(len(greeting).to_bytes(3, "little") + b"\0" + greeting)
    login = peer.exactly(4)
    if len(login) == 4 and b"haproxy" in peer.exactly(int.from_bytes(login[:3], "little")):
        peer.send(b"\x07\0\0\x02\0\0\0\x02\0\0\0")
        peer.exactly(1)


class S4c(Acceptance):
    SOCKET = "/run/s4c.sock"
    API = ["10.0.2.10", "10.0.2.11", "10.0.2.12"]
    DB = ["10.0.3.10", "10.0.3.11"]
    AROUND = ("backend api_servers\n", f"global\n    stats socket {SOCKET} level admin\ndefaults\n    timeout connect 2s\n    timeout client 5s\n"
              "    timeout server 5s\nfrontend web\n    mode http\n    bind 127.0.0.1:80\n    default_backend api_servers\n"
              "listen db\n    mode tcp\n    bind 127.0.0.1:3306\n    default_backend db_tcp\nbackend api_servers\n")

    def rows(self):
        lines = command(self.SOCKET, "show stat").splitlines()
        names = lines[0][2:].split(",")
        return {row["svname"]: row for row in (dict(zip(names, line.split(","))) for line in lines[1:] if line)}

    def wait_status(self, server, status):
        wait_for(lambda: self.rows()[server]["status"].startswith(status), timeout=25, what=f"{server} to be {status}")

    def test_s4c_checks_of_http(self):
        origins = {}
        for number, address in enumerate(self.API, 1):
            origins[number] = self.origin((address, 8080), origin.name(f"api{number}"))
        self.proxy("s4c-checks.cfg", changes=[self.AROUND])
        wait_healthy(*origins.values())
        self.assertIn(b"GET /health/ready HTTP/1.1\r\n", origins[1].seen[0])
        self.assertIn(b"\r\nhost: api.example.com\r\n", origins[1].seen[0].lower())
        self.assertEqual(set(self.bodies("/", 8)), {"api1", "api2"}, "no backup while others are there")
        for number in (1, 2):
            origins[number].close()
        for name in ("api1", "api2"):
            self.wait_status(name, "DOWN")
        self.assertEqual(self.bodies("/", 3), ["api3"] * 3)
        self.origin((self.API[0], 8080), origin.name("api1"))
        self.wait_status("api1", "UP")
        begun = int(self.rows()["api1"]["throttle"])
        self.assertLess(begun, 50, "it begins slowly")
        wait_for(lambda: begun < int(self.rows()["api1"]["throttle"]) < 100, timeout=15, what="its share to grow")
        self.assertEqual(self.bodies("/", 3), ["api1"] * 3)

    def test_s4c_checks_of_mysql(self):
        first, second = (self.origin((address, 3306), mysql) for address in self.DB)
        self.proxy("s4c-checks.cfg", changes=[self.AROUND])
        wait_healthy(first, second)
        wait_for(lambda: self.rows()["db1"]["check_status"] == "L7OK", what="a check of db1 to pass")
        with Client(("127.0.0.1", 3306)) as client:
            self.assertIn(b"MariaDB", client.read_exactly(40))
        wait_for(lambda: self.rows()["db1"]["stot"] == "1", what="the session")
        first.close()
        self.wait_status("db1", "DOWN")
        with Client(("127.0.0.1", 3306)) as client:
            self.assertIn(b"MariaDB", client.read_exactly(40))
        wait_for(lambda: self.rows()["db2"]["stot"] == "1", what="the session of the backup")


class S4e(Acceptance):
    def test_s4e_page_socket_and_metrics(self):
        for number in (10, 11):
            self.origin((f"10.0.1.{number}", 3000), origin.name(f"web{number - 9}"))
        self.check("s4e-runtime.cfg")
        os.makedirs("/var/run", exist_ok=True)
        self.proxy("s4e-runtime.cfg", port=8404)
        page, socket = ("127.0.0.1", 8404), "/var/run/haproxy.sock"
        self.assertEqual(stat.S_IMODE(os.stat(socket).st_mode), 0o660)
        self.assertEqual(get(page, "/stats").status, 401)
        wrong = base64.b64encode(b"admin:wrong").decode()
        self.assertEqual(get(page, "/stats", headers=[f"Authorization: Basic {wrong}"]).status, 401)
        allowed = "Authorization: Basic " + base64.b64encode(b"admin:securepass123").decode()
        text = get(page, "/stats", headers=[allowed]).body.decode()
        self.assertRegex(text, r'(?i)<form[^>]+method="?post')
        for word in ("web_servers", "web1", "web2", "drain", "maint"):
            self.assertIn(word, text)

        def row(server):
            lines = command(socket, "show stat").splitlines()
            names = lines[0][2:].split(",")
            rows = [dict(zip(names, line.split(","))) for line in lines[1:] if line]
            return next(row for row in rows if (row["pxname"], row["svname"]) == ("web_servers", server))

        wait_for(lambda: row("web1")["status"] == "UP", what="web1 to be up")
        self.assertEqual((row("web1")["weight"], row("web2")["slim"]), ("100", "100"))
        self.assertEqual(command(socket, "set server web_servers/web1 state drain"), "\n")
        wait_for(lambda: row("web1")["status"].startswith("DRAIN"), what="web1 to drain")
        self.assertEqual(command(socket, "set server web_servers/web2 weight 50"), "\n")
        self.assertEqual(row("web2")["weight"], "50")

        form = "s=web1&action=ready&b=web_servers"
        done = get(page, "/stats", method="POST", body=form.encode(),
                   headers=[allowed, "Content-Type: application/x-www-form-urlencoded"])
        self.assertEqual((done.status, done.header("location")), (303, "/stats;st=DONE"))
        wait_for(lambda: row("web1")["status"] == "UP", what="web1 to be ready again")

        metrics = get(page, "/metrics", headers=[allowed])
        self.assertEqual(metrics.status, 200)
        text = metrics.body.decode()
        self.assertRegex(text, r'(?m)^haproxy_server_status\{proxy="web_servers",server="web1",state="UP"\} 1$')
        self.assertRegex(text, r'(?m)^haproxy_server_weight\{proxy="web_servers",server="web2"\} 50$')


class S4h(Acceptance):
    def test_s4h_reloads_lose_nothing(self):
        self.origin(("10.0.1.10", 3000), origin.name("web1"))
        self.check("s4h-master.cfg")
        master = self.proxy("s4h-master.cfg", args=("-W",))
        wait_for(lambda: self._connects(), what="port 80")
        over, wrong, asked = threading.Event(), [], [0, 0]

        def client(index):
            while not over.is_set():
                try:
                    answer = get(("127.0.0.1", 80), "/")
                    if (answer.status, answer.body) != (200, b"web1"):
                        wrong.append(answer)
                except (OSError, Closed) as error:
                    wrong.append(error)
                asked[index] += 1

        def workers():
            with open(f"/proc/{master.pid}/task/{master.pid}/children", encoding="ascii") as file:
                return set(file.read().split())

        threads = [threading.Thread(target=client, args=(index,)) for index in (0, 1)]
        for thread in threads:
            thread.start()
        try:
            for number in (signal.SIGHUP, signal.SIGUSR2, signal.SIGHUP):
                before, so_far = workers(), sum(asked)
                os.kill(master.pid, number)
                wait_for(lambda b=before: workers() - b and not workers() & b, timeout=30, what="another worker")
                wait_for(lambda s=so_far: sum(asked) > s + 20, what="requests")
        finally:
            over.set()
            for thread in threads:
                thread.join()
        self.assertEqual(wrong, [])
        self.assertTrue(master.alive())


def make_certificates():
    """What s0, s1, s4a, s4d and s4f name, and certificates of clients in a folder of their own: their authority."""
    folder = tempfile.mkdtemp(dir="/run")
    authority, other = tls.Authority(folder), tls.Authority(folder, "other")
    www = authority.issue("www.pem", "/CN=www", ["www.example"])
    shop = authority.issue("shop.pem", "/CN=shop", ["*.shop.example"], kind="rsa")
    authority.ocsp(shop)
    authority.issue("client.pem", "/C=KR/CN=Kim, Minsu")
    authority.issue("expired.pem", "/CN=late", days=-1)
    other.issue("stranger.pem", "/CN=stranger")
    os.mkdir(CERTIFICATES)
    os.mkdir("/usr/local/etc/haproxy")
    for target in ("/usr/local/etc/haproxy/ssl.pem", f"{CERTIFICATES}/server.pem"):
        shutil.copy(www, target)
    shutil.copy(shop, f"{CERTIFICATES}/shop.pem")
    shutil.copy(shop + ".ocsp", f"{CERTIFICATES}/shop.pem.ocsp")
    shutil.copy(authority.path, f"{CERTIFICATES}/shop.pem.issuer")
    with open("/etc/haproxy/crt-list.txt", "w", encoding="ascii") as file:
        file.write(f"# names\n{CERTIFICATES}/server.pem www.example alias.example\n"
                   f"{CERTIFICATES}/shop.pem [alpn h2,http/1.1] *.shop.example !not.shop.example\n")
    return authority


PKI = None


def prepare():
    global PKI
    if not os.path.exists("/etc/haproxy/errors/503.http"):
        skip("the error files of Debian's haproxy package are not here")
    netns.enter_private()
    FixedOrigin.host = host = netns.Host("origins")
    netns.run("ip", "link", "add", "origins", "type", "veth", "peer", "name", "eth0", "netns", str(host.pid))
    netns.run("ip", "link", "set", "origins", "up")
    host.link("eth0", True)
    for address in ["10.0.1.254/24", "10.0.2.254/24", "192.168.56.254/24", "10.0.3.254/24", "10.0.4.254/24", "10.0.4.127/24", "10.1.0.254/24", "10.2.1.254/24"]:
        netns.run("ip", "addr", "add", address, "dev", "origins")
    for address in ["10.0.1.10", "10.0.1.11", "10.0.1.12", "10.0.2.10", "10.0.2.20", "10.0.2.30", "192.168.56.101",
                    *S4b.SERVERS, *S4c.API[1:], *S4c.DB, "192.168.56.102", "10.0.4.10", "10.0.4.20", "10.0.4.21", "10.0.4.30",
                    "10.1.0.1", "10.1.0.2", "10.1.0.3", "10.1.0.4", "10.2.1.242",
                    "10.2.1.243"]:
        host.run("ip", "addr", "add", address + "/24", "dev", "eth0")
    with tempfile.TemporaryDirectory() as kept:
        shutil.copytree("/etc/haproxy/errors", os.path.join(kept, "errors"))
        netns.hide("/etc/haproxy")
        shutil.copytree(os.path.join(kept, "errors"), "/etc/haproxy/errors")
    netns.hide("/run")
    os.mkdir("/run/haproxy")
    netns.hide("/dev", keep=["null", "zero", "random", "urandom"])
    netns.hide("/var/lib/haproxy")
    os.mkdir("/var/lib/haproxy/dev")
    os.symlink(LOG, "/dev/log")
    netns.overlay_file("/etc/hosts", HOSTS)
    netns.hide("/usr/local/etc")
    PKI = make_certificates()


if __name__ == "__main__":
    prepare()
    unittest.main(verbosity=2)
