#!/usr/bin/env python3
"""Programs that were written for HAProxy, run against Debian's haproxy and against lbd with the same configuration and
after the same traffic: they read the same.

These are hatop in a terminal, the checks of Nagios, munin's plugin, prometheus-haproxy-exporter, halog over log lines, and
socat in shell scripts. Set equal before comparing: ports, process ids, times and rates.

TANDEM_TESTED names another program than lbd.
"""

import contextlib
import difflib
import os
import re
import socket
import subprocess
import sys
import tempfile
import unittest

sys.path.insert(0, os.path.dirname(os.path.dirname(os.path.abspath(__file__))))

from support import origin  # noqa: E402
from support.client import Client, command, get  # noqa: E402
from support.origin import Origin  # noqa: E402
from support.process import (Program, Proxy, listening_socket, need_program, refused_port, reserved_port, run,  # noqa: E402
                             skip, wait_for)
from support.syslog import Syslog  # noqa: E402

with contextlib.suppress(ImportError):
    from support.terminal import Terminal  # noqa: E402

PLUGINS = "/usr/lib/nagios/plugins"
MUNIN = "/usr/share/munin/plugins"

CONFIG = """
global
  nbthread 1
  log {log} local0
  stats socket {d}/admin level admin
defaults
  mode http
  log global
  option httplog
  timeout client 10s
  timeout server 10s
  timeout connect 5s
  retries 0
frontend web
  bind "fd@${{web}}"
  maxconn 500
  stats enable
  stats uri /haproxy?stats
  http-request deny if {{ path /denied }}
  use_backend broken if {{ path /broken }}
  use_backend static if {{ path_beg /static }}
  default_backend app
backend app
  option httpchk
  server a1 127.0.0.1:{port} check inter 500 fastinter 100 maxconn 40
  server a2 127.0.0.1:{port} check inter 500 fastinter 100 disabled
  server a3 127.0.0.1:{refused} check inter 500 fastinter 100
backend static
  balance first
  server s1 127.0.0.1:{port}
  server s2 127.0.0.1:{port} weight 20
backend broken
  server b1 127.0.0.1:{refused}
"""


class Tested:
    """One proxy after the traffic of the test."""

    def __init__(self, binary, stack):
        self.directory = stack.enter_context(tempfile.TemporaryDirectory(prefix="tandem-test-"))
        self.socket = f"{self.directory}/admin"
        self.syslog = stack.enter_context(Syslog())
        server = stack.enter_context(Origin(origin.answer()))
        refused, keeper = refused_port()
        stack.callback(keeper.close)
        listener = stack.enter_context(listening_socket())
        self.at = listener.getsockname()
        self.url = f"http://127.0.0.1:{self.at[1]}/haproxy?stats;csv"
        config = CONFIG.format(d=self.directory, log=self.syslog.address, port=server.port, refused=refused)
        stack.enter_context(Proxy(binary, config, {"web": listener}, directory=self.directory)).wait_serving(self.socket)
        wait_for(lambda: self.status("app", "a1") == "UP" and self.status("app", "a3") == "DOWN"
                 and "L7OK" in self.ask("show stat") and "L4CON" in self.ask("show stat"), what="the first checks")
        with Client(self.at) as client:
            for number in range(5):
                client.get(f"/page{number % 2}?x={number}")
            client.request("/", "POST", body=b"a" * 100)
            client.response("POST")
        for path in ("/denied", "/broken", "/static/a", "/static/b"):
            get(self.at, path)
        with Client(self.at) as client:
            client.send("garbage\r\n\r\n")
            client.read_to_end()
        self.syslog.wait("web", count=11)

    def ask(self, text):
        return command(self.socket, text)

    def status(self, backend, server):
        return self.rows()[backend, server]["status"]

    def rows(self):
        lines = self.ask("show stat").strip("\n").split("\n")
        names = lines[0].lstrip("# ").split(",")
        return {(row["pxname"], row["svname"]): row for row in (dict(zip(names, line.split(","))) for line in lines[1:])}


class Tools(unittest.TestCase):
    maxDiff = None

    @classmethod
    def setUpClass(cls):
        cls.stack = contextlib.ExitStack()
        cls.addClassCleanup(cls.stack.close)
        cls.reference = Tested(need_program("haproxy"), cls.stack)
        cls.tested = Tested(need_program(os.environ.get("TANDEM_TESTED", "lbd")), cls.stack)

    def assert_same(self, make):
        """make(proxy) on both. A check that is just under way shows in the figures, so that a second look is allowed."""
        for _ in range(5):
            expected, got = make(self.reference), make(self.tested)
            if got == expected:
                break
        self.assertTrue(expected)
        if isinstance(expected, list):
            diff = list(difflib.unified_diff(list(map(str, expected)), list(map(str, got)), "haproxy", "ours", lineterm="", n=0))
            self.assertEqual(diff, [])
        self.assertEqual(got, expected)


class Nagios(Tools):
    def check_stats(self, *words):
        def make(proxy):
            code, out, _ = run([f"{PLUGINS}/check_haproxy_stats", "-s", proxy.socket, *words])
            return code, out
        return make

    def test_check_haproxy_stats(self):
        self.assert_same(self.check_stats())
        self.assertIn("server: app:a3 is DOWN (check status: connection error)", self.check_stats()(self.tested)[1])
        self.assert_same(self.check_stats("-m", "-i", "a3|broken"))
        self.assert_same(self.check_stats("-p", "static,web"))
        self.assert_same(self.check_stats("-P", "app", "-w", "0", "-c", "99"))

    def test_states_of_servers(self):
        """What operators set stands in the plugin's text as it does with haproxy."""
        for line in ("disable health app/a1", "enable health app/a1", "set server app/a1 state drain",
                     "set server app/a1 state ready", "set server static/s2 state maint", "set server static/s2 state ready"):
            for proxy in (self.reference, self.tested):
                proxy.ask(line)
            with self.subTest(line):
                # Behind a change of state checks count anew.
                settled = lambda proxy: "/" not in proxy.status("app", "a1")  # noqa: E731
                wait_for(lambda: settled(self.reference) and settled(self.tested), what="checks to have settled")
                self.assert_same(self.check_stats())

    def test_check_over_http(self):
        def make(proxy):
            code, out, _ = run([f"{PLUGINS}/check_haproxy_stats", "-U", proxy.url.removesuffix(";csv")])
            return code, re.sub(r"web-FRONTEND=\d+", "web-FRONTEND=n", out)
        self.assert_same(make)

    def test_check_haproxy(self):
        def make(proxy):
            code, out, err = run([f"{PLUGINS}/check_haproxy", "-u", proxy.url])
            text, figures = re.sub(r"[\d.]+ ?s(econds)?\b|t=[\d.]+s?", "TIME", out).split("|")
            # In the order of a hash of perl's.
            return code, err, text, sorted(figures.replace(";", " ").split())
        self.assert_same(make)


class Munin(Tools):
    def test_haproxy_ng(self):
        for argument in ([], ["config"]):
            def make(proxy):
                environment = {"url": proxy.url + ";norefresh", "MUNIN_LIBDIR": "/usr/share/munin", "LC_ALL": "C",
                               "MUNIN_CAP_MULTIGRAPH": "1", "MUNIN_PLUGSTATE": proxy.directory}
                code, out, _ = run([f"{MUNIN}/haproxy_ng", *argument], env=environment)
                self.assertEqual(code, 0)
                # Asking counts, and both were asked at other times.
                return re.sub(r"(lastchg|web_\w+)\.value \d+", r"\1.value N", out)
            with self.subTest(argument):
                self.assert_same(make)

    def test_haproxy_wildcard(self):
        for plugin in ("haproxy_scur_backend", "haproxy_stot_backend", "haproxy_sessions_frontend"):
            def make(proxy):
                link = f"{proxy.directory}/{plugin}"
                if not os.path.lexists(link):
                    os.symlink(f"{MUNIN}/haproxy_", link)
                environment = {"url": proxy.url, "MUNIN_LIBDIR": "/usr/share/munin", "LC_ALL": "C",
                               "MUNIN_PLUGSTATE": proxy.directory, "backend": "app static", "frontend": "web"}
                # In the order of a hash of perl's.
                return [sorted(run([link, *argument], env=environment)[1].split("\n")) for argument in ([], ["config"])]
            with self.subTest(plugin):
                self.assert_same(make)


class Exporter(Tools):
    def test_prometheus_haproxy_exporter(self):
        def make(proxy):
            port, keeper = reserved_port()
            # The exporter wants its port for itself.
            keeper.close()
            uri = f"unix:{proxy.socket}"
            with Program(["prometheus-haproxy-exporter", f"--web.listen-address=127.0.0.1:{port}",
                          f"--haproxy.scrape-uri={uri}"]) as exporter:
                def listens():
                    assert exporter.alive(), exporter.errors()
                    with socket.socket() as probe:
                        return probe.connect_ex(("127.0.0.1", port)) == 0
                wait_for(listens, what="the exporter")
                text = get(("127.0.0.1", port), "/metrics").body.decode()
            lines = [line for line in text.split("\n") if "haproxy_" in line and "_info{" not in line]
            # Averages and maxima of times, of rates and of what was open at once.
            moving = re.compile(r"seconds|_rate|current_sessions|max_sessions|_scrapes|check_duration")
            return [line.rsplit(" ", 1)[0] if moving.search(line) else line for line in lines]
        self.assert_same(make)


class Halog(Tools):
    OPTIONS = (["-srv"], ["-st"], ["-tc"], ["-u"], ["-uc"], ["-ue"], ["-cc"], ["-ic"], ["-H"], ["-e"],
               ["-E", "-c"], ["-hs", "400:499", "-c"], ["-tcn", "--", "-c"], ["-TCN", "--"], ["-u", "-query"])

    def test_halog(self):
        def lines(proxy):
            date = "Jan  1 00:00:00 host "
            texts = [f"{date}{line.tag}[{line.pid}]: {line.text}" for line in proxy.syslog.lines if "web " in line.text]
            return "\n".join(texts) + "\n"

        texts = {proxy: lines(proxy) for proxy in (self.reference, self.tested)}
        for words in self.OPTIONS:
            def make(proxy):
                done = subprocess.run(["halog", "-q", *words], input=texts[proxy].encode(), capture_output=True, timeout=10,
                                      check=False)
                text = done.stdout.decode()
                # Timers, ports, process ids and the moment.
                text = re.sub(r"\d+/-?\d+/-?\d+/-?\d+/\+?\d+", "TIMERS", text)
                text = re.sub(r"127\.0\.0\.1:\d+ \[[^]]+\]", "CLIENT", text)
                text = re.sub(r"\w+\[\d+\]:", "tag:", text)
                if words[0].startswith("-u") or words[0] == "-srv":
                    text = re.sub(r"^(\S+ \S+) .*? (\S+)$", r"\1 … \2", text, flags=re.M) if words[0] != "-srv" else re.sub(
                        r" \S+ \S+$", "", text, flags=re.M)
                return text
            with self.subTest(words):
                self.assert_same(make)


class Scripts(Tools):
    """What stands in people's shell scripts."""

    SCRIPTS = (
        "echo 'show stat' | socat - UNIX-CONNECT:$S | cut -d, -f1,2,18 | grep -v '^#'",
        "echo 'show stat -1 4 -1' | socat stdio $S | awk -F, 'NF > 1 {print $1\"/\"$2, $18, $19, $37}'",
        "echo 'show info' | socat stdio unix-connect:$S | awk -F': ' '$1 == \"Maxconn\" || $1 == \"Nbproc\"' | cut -d: -f1",
        "echo 'show servers state app' | socat stdio $S | awk 'NR > 2 {print $2, $4, $6, $7, $8}'",
        "echo 'show backend' | socat stdio $S",
        "echo 'get weight static/s2' | socat stdio $S; echo 'set weight static/s2 50%' | socat stdio $S;"
        " echo 'get weight static/s2' | socat stdio $S; echo 'set weight static/s2 100%' | socat stdio $S",
        "printf 'disable server static/s2; show stat static 4 -1\\n' | socat stdio $S | cut -d, -f 1,2,18;"
        " echo 'enable server static/s2' | socat stdio $S",
        "echo 'show stat' | nc -U -N $S 2>/dev/null | wc -c >/dev/null; echo 'show nonsense' | socat stdio $S | head -1",
        "(echo 'prompt'; echo 'get weight app/a1'; echo quit) | socat stdio $S",
        "echo 'show errors' | socat stdio $S | grep -c 'invalid request'",
        "curl -sf \"$U\" | cut -d, -f 1,2 ; curl -so /dev/null -w '%{http_code} %{content_type}\\n' \"${U%;csv}\"",
    )

    def test_scripts(self):
        for script in self.SCRIPTS:
            def make(proxy):
                return run(["sh", "-c", script], env={"S": proxy.socket, "U": proxy.url})
            with self.subTest(script):
                self.assert_same(make)


class Hatop(Tools):
    HEADINGS = {"1": "SMAX", "2": "RMAX", "3": "4xx", "4": "DREQ"}

    @staticmethod
    def screen(terminal, key):
        """One of its tables, without what moves: rates, maxima of what was open at once, ages of states."""
        terminal.press(key)
        lines = terminal.wait(lambda text: Hatop.HEADINGS[key] in text, what=f"table {key}")
        start = next(i for i, line in enumerate(lines) if line.startswith("NAME"))
        rows = [line for line in lines[start:-1] if line]
        end = 0
        for word in re.finditer(r"\S+", lines[start]):
            if word[0] in ("SMAX", "SCUR", "RATE", "RMAX", "CL", "DOWN"):
                # Figures are set flush right below the end of the heading.
                rows = [line[:end] + " " * (word.end() - end) + line[word.end():] for line in rows]
            end = word.end()
        return [line.rstrip() for line in rows]

    def test_tables(self):
        with contextlib.ExitStack() as stack:
            terminals = [stack.enter_context(Terminal(["hatop", "-s", proxy.socket, "-i", "1"]))
                         for proxy in (self.reference, self.tested)]
            for terminal in terminals:
                terminal.wait(lambda text: "a3" in text and "STATUS" in text, what="hatop to have read the figures")
            by_proxy = dict(zip((self.reference, self.tested), terminals))
            for key in self.HEADINGS:
                with self.subTest(key):
                    self.assert_same(lambda proxy: self.screen(by_proxy[proxy], key))


if __name__ == "__main__":
    unittest.main()
