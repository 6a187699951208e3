#!/usr/bin/env python3
"""The acceptance configurations s1, s2a, s2b, s3a, s3b and s4d as operators have them, in front of real origins.

Everything that they name exists in namespaces of the test's own: port 80, /var/run/api.sock, /dev/log, the host names in
/etc/hosts, the lists in /etc/haproxy and the origins' addresses. TANDEM_TESTED names another program than lbd to run them
with. s1 and s4d ask for TLS, s4d for a stick table as well: UNTIL_THEN says which lines stand in for those.
"""

import contextlib
import os
import pwd
import re
import shutil
import signal
import stat
import sys
import tempfile
import threading
import time
import unittest

sys.path.insert(0, os.path.dirname(os.path.dirname(os.path.abspath(__file__))))

from support import netns, origin  # noqa: E402
from support.client import Client, command, get  # noqa: E402
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
# What is replaced in a file until lbd has it: (as written, instead). A bind line without TLS is a clear one, so what asks
# whether the client came over TLS asks for the port instead.
UNTIL_THEN = {
    "s1-two-domains.cfg": [
        ("    bind *:443 ssl crt /usr/local/etc/haproxy/ssl.pem\n", "    bind *:443\n"),
        ("!{ ssl_fc }", "!{ dst_port 443 }"),
    ],
    "s4d-acl.cfg": [
        ("    bind *:443 ssl crt /etc/haproxy/certs/\n", "    bind *:443\n"),
        ("    stick-table type ip size 200k expire 30s store http_req_rate(10s)\n", ""),
        ("    http-request track-sc0 src\n", ""),
        ("    http-request deny deny_status 429 if { sc_http_req_rate(0) gt 200 }\n", ""),
    ],
}
KOREAN = ["10.0.4.128/25", "127.0.0.82"]  # /etc/haproxy/maps/kr-ips.lst
USER = "haproxy"
LOG = "/var/lib/haproxy/dev/log"  # Debian's rsyslog listens here for haproxy, which looks for /dev/log in its chroot


def user_exists():
    with contextlib.suppress(KeyError):
        return bool(pwd.getpwnam(USER))
    return False


def configuration(name, changes=()):
    """The file's text with UNTIL_THEN and `changes` ((as written, instead), …) applied; without the lines that change the
    user where the test runs as an ordinary user."""
    with open(os.path.join(DATA, name), encoding="utf-8") as file:
        text = file.read()
    for written, instead in [*UNTIL_THEN.get(name, ()), *changes]:
        assert text.count(written) == 1, f"{name} does not have {written!r} once"
        text = text.replace(written, instead)
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
        with tempfile.TemporaryDirectory() as directory:
            path = os.path.join(directory, name)
            with open(path, "w", encoding="utf-8") as file:
                file.write(configuration(name))
            code, out, err = run([BINARY, "-c", "-f", path])
        self.assertEqual(code, 0, err)
        self.assertIn("Configuration file is valid", out + err)

    def bodies(self, path, count):
        return [get(("127.0.0.1", 80), path).body.decode() for _ in range(count)]


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
        for address in (clear, encrypted):
            # http-request rules come before redirects, wherever they stand.
            for host in ("www.backend1.co.kr", "WWW.Backend1.CO.kr"):
                self.assertEqual(get(address, host=host).status, 403, host)
        # hdr(host) is the whole field: with a port it is another text, for haproxy as well.
        self.assertEqual(get(clear, "/p", host="www.backend1.co.kr:80").status, 302)
        self.assertEqual(get(encrypted, "/p", host="www.backend1.co.kr:443").body, b"back2")
        self.assertEqual(back2.seen, [head for head in back2.seen if b"backend1.co.kr:443" in head])

        for host in ("www.backend2.co.kr", "a.WWW.backend2.co.kr", "other.example"):
            self.assertEqual(get(encrypted, "/x", host=host).body, b"back2", host)
        head = back2.seen[-1].lower()
        self.assertIn(b"\r\nx-forwarded-proto: https\r\n", head)
        self.assertIn(b"\r\nx-forwarded-for: 127.0.0.1\r\n", head)

        line = self.log.wait('GET /x HTTP')
        self.assertEqual((line.priority, line.tag, line.pid), (16 << 3 | 6, "haproxy", pid))
        self.assertRegex(line.text, r'^127\.0\.0\.1:\d+ \[\d\d/[A-Z][a-z]{2}/\d{4}:\d\d:\d\d:\d\d\.\d{3}\] http-in back2/back2 '
                         r'\d+/0/\d+/\d+/\d+ 200 \d+ - - ---- \d+/\d+/0/0/0 0/0 "GET /x HTTP/1\.1"$')
        denied = self.log.wait(" 403 ", count=4)
        for line in denied:
            self.assertRegex(line.text, r' http-in http-in/<NOSRV> \d+/-1/-1/-1/\d+ 403 \d+ - - PR-- ')


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

    def setUp(self):
        super().setUp()
        os.makedirs("/etc/haproxy/maps", exist_ok=True)
        with open("/etc/haproxy/maps/kr-ips.lst", "w", encoding="ascii") as file:
            file.write("# Korea\n" + "\n".join(KOREAN) + "\n")
        self.canary = self.origin(("10.0.4.10", 3000), origin.name("canary1"))
        self.prod = [self.origin((f"10.0.4.{20 + i}", 3000), origin.name(f"prod{i + 1}")) for i in range(2)]
        self.kr = self.origin(("10.0.4.30", 3000), origin.name("kr1"))

    def ask(self, source=None, **more):
        with Client(self.ADDRESS, source=source) as client:
            return client.get("/", **more).body.decode()

    def many(self, count, headers):
        """The bodies of `count` requests, pipelined by fifties over one connection."""
        bodies = []
        with Client(self.ADDRESS) as client:
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
        self.proxy("s4d-acl.cfg", port=443)
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

    def test_s4d_as_meant(self):
        # What its author wanted: dice for those without a cookie, and the cookie decides.
        changes = [
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


def prepare():
    if not os.path.exists("/etc/haproxy/errors/503.http"):
        skip("the error files of Debian's haproxy package are not here")
    netns.enter_private()
    FixedOrigin.host = host = netns.Host("origins")
    netns.run("ip", "link", "add", "origins", "type", "veth", "peer", "name", "eth0", "netns", str(host.pid))
    netns.run("ip", "link", "set", "origins", "up")
    host.link("eth0", True)
    for address in ["10.0.4.254/24", "10.0.4.127/24", "10.1.0.254/24", "10.2.1.254/24"]:
        netns.run("ip", "addr", "add", address, "dev", "origins")
    for address in ["10.0.4.10", "10.0.4.20", "10.0.4.21", "10.0.4.30", "10.1.0.1", "10.1.0.2", "10.1.0.3", "10.1.0.4", "10.2.1.242", "10.2.1.243"]:
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


if __name__ == "__main__":
    prepare()
    unittest.main(verbosity=2)
