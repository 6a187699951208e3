#!/usr/bin/env python3
"""lbctl explain (on a file, on a running lbd), lbctl diff, and http-request trace: on real processes."""

import os
import sys
import tempfile
import unittest

sys.path.insert(0, os.path.dirname(os.path.dirname(os.path.abspath(__file__))))

from support.client import command, get  # noqa: E402
from support.origin import Origin, name  # noqa: E402
from support.process import Proxy, listening_socket, need_program, run, wait_for  # noqa: E402
from support.syslog import Syslog  # noqa: E402

CONFIG = """
global
    stats socket {directory}/admin.sock level admin
    log {log} local0
defaults
    mode http
    log global
    option httplog
    timeout connect 5s
    timeout client 20s
    timeout server 20s
frontend www
    bind "fd@${{fe}}"
    acl is_api path_beg /api
    http-request trace if {{ hdr(x-trace) on }}
    http-request set-header X-Side %[src]
    http-request deny if {{ path_beg {denied} }}
    use_backend api if is_api
    default_backend web
backend api
    balance roundrobin
    server a1 127.0.0.1:{port}
    server a2 127.0.0.1:{port}
backend web
    server w1 127.0.0.1:{port}
"""


class Explain(unittest.TestCase):
    def setUp(self):
        self.lbd, self.lbctl = need_program("lbd"), need_program("lbctl")
        self.directory = self.enterContext(tempfile.TemporaryDirectory(prefix="tandem-test-"))
        self.origin = self.enterContext(Origin(name("origin")))
        self.syslog = self.enterContext(Syslog())
        self.listener = self.enterContext(listening_socket())
        self.socket = f"{self.directory}/admin.sock"

    def config(self, denied="/admin"):
        return CONFIG.format(directory=self.directory, log=self.syslog.address, port=self.origin.port, denied=denied)

    def file(self, name_of_file, **more):
        path = f"{self.directory}/{name_of_file}"
        with open(path, "w", encoding="utf-8") as file:
            file.write(self.config(**more))
        return path

    def ask(self, *words):
        code, out, err = run([self.lbctl, "-s", self.socket, *words], env={"fe": "9"})
        self.assertEqual((code, err), (0, ""), out)
        return out

    def start(self):
        return self.enterContext(Proxy(self.lbd, self.config(), {"fe": self.listener}, directory=self.directory))

    def counted(self):
        """The statistics but for what moves by itself, and the peak of the slots, one of which is taken for a moment."""
        lines = [line.split(",") for line in command(self.socket, "show stat").splitlines() if line]
        return [{name: value for name, value in zip(lines[0], line) if name not in ("lastsess", "smax", "need_conn_est")} for line in lines[1:]]

    def test_on_a_file(self):
        path = self.file("a.cfg")
        told = self.ask("explain", "-f", path, "GET http://www.example.com/api/x", "--src", "192.0.2.7",
                        "-H", "X-One: 1", "--cookie", "a=b", "--cookie", "c=d")
        for part in (f"{path}:16", "request  + x-side: 192.0.2.7", 'is_api', "backend api",
                     "server api/a1", "    x-one: 1", "    cookie: a=b; c=d", "=> HTTP/1.1 200 OK from api/a1"):
            self.assertIn(part, told)
        self.assertIn("=> HTTP/1.1 403 Forbidden from the proxy", self.ask("explain", "-f", path, "/admin"))
        self.assertIn("=> HTTP/1.1 404 Not Found from web/w1",
                      self.ask("explain", "-f", path, "/", "--response", "HTTP/1.1 404 Not Found"))

    def test_bad_words_and_bad_files(self):
        for words in (["explain"], ["explain", "/"], ["explain", "-f"], ["explain", "--live", "/", "--what", "x"],
                      ["explain", "--live", "-f", "x", "/"], ["diff", "a", "b"], ["diff", "a", "b", "--requests", "/none"]):
            code, out, err = run([self.lbctl, "-s", self.socket, *words])
            self.assertEqual((code, out), (2, ""), words)
            self.assertIn("lbctl:", err)
        path = f"{self.directory}/bad.cfg"
        with open(path, "w", encoding="utf-8") as file:
            file.write("frontend x\n bnid :80\n")
        code, out, err = run([self.lbctl, "explain", "-f", path, "/"])
        self.assertEqual((code, out), (1, ""))
        self.assertIn("bad.cfg:2", err)
        self.assertIn("did you mean 'bind'", err)

    def test_live(self):
        self.start()
        self.assertEqual(get(self.listener.getsockname()).body, b"origin")
        wait_for(lambda: "\nCurrConns: 0\n" in command(self.socket, "show info"), what="the client to be gone")
        before = self.counted()
        served = len(self.origin.seen)
        for _ in range(3):
            self.assertIn("from api/", self.ask("explain", "--live", "GET /api/q"))
        self.assertEqual(len(self.origin.seen), served, "explain asked a real server")
        self.assertEqual(self.counted(), before, "explain counts as traffic")
        command(self.socket, "disable server api/a1")
        told = self.ask("explain", "--live", "GET /api/q")
        self.assertIn("a1: down", told)
        self.assertIn("from api/a2", told)
        self.assertEqual(get(self.listener.getsockname()).body, b"origin")
        self.assertEqual(len([line for line in self.syslog.wait("www web/w1", count=2)]), 2)
        self.assertFalse([line for line in self.syslog.lines if "/api/q" in line.text], "explain was logged")

    def test_live_needs_a_right(self):
        config = self.config().replace("level admin", "level user")
        self.enterContext(Proxy(self.lbd, config, {"fe": self.listener}, directory=self.directory))
        self.assertEqual(get(self.listener.getsockname()).status, 200)
        self.assertIn("Permission denied", command(self.socket, "explain GET /"))

    def test_diff(self):
        old, new = self.file("old.cfg"), self.file("new.cfg", denied="/private")
        log = f"{self.directory}/requests"
        with open(log, "w", encoding="utf-8") as file:
            file.write("GET /api/1\nGET /admin/x\n"
                       "Nov 21 10:00:00 h haproxy[1]: 192.0.2.7:4711 [21/Nov/2026:10:00:00.123] www web/w1 0/0/0/1/1 200 "
                       '100 - - ---- 1/1/0/0/0 0/0 "GET /private/y HTTP/1.1"\n')
        code, out, _ = run([self.lbctl, "diff", old, new, "--requests", log], env={"fe": "9"})
        self.assertEqual(code, 1)
        self.assertIn("2 of 3 requests go another way", out)
        self.assertIn("GET /private/y src=192.0.2.7:4711 frontend=www", out)
        self.assertNotIn("GET /api/1\n", out)
        code, out, _ = run([self.lbctl, "diff", old, old, "--requests", log], env={"fe": "9"})
        self.assertEqual((code, out), (0, "0 of 3 requests go another way\n"))

    def test_trace_of_traffic(self):
        self.start()
        self.assertEqual(get(self.listener.getsockname(), "/api/z", headers=["X-Trace: on"]).status, 200)
        self.assertEqual(get(self.listener.getsockname(), "/quiet").status, 200)
        self.syslog.wait('"GET /quiet HTTP/1.1"')
        self.syslog.wait("end: status 200")
        traced = [line.text for line in self.syslog.lines if line.text.startswith("trace ")]
        self.assertTrue(any("http-request deny" in line for line in traced), traced)
        self.assertTrue(any('the sample is "/api/z": yes' in line for line in traced), traced)
        self.assertTrue(any("server api/a1 at" in line for line in traced), traced)
        self.assertTrue(any("end: status 200" in line for line in traced), traced)
        self.assertFalse(any("/quiet" in line for line in traced), traced)


if __name__ == "__main__":
    unittest.main()
