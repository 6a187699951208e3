#!/usr/bin/env python3
"""Backends that come and go while lbd runs: add, publish, unpublish and del backend, and force-be-switch."""

import contextlib
import os
import signal
import sys
import tempfile
import threading
import unittest

sys.path.insert(0, os.path.dirname(os.path.dirname(os.path.abspath(__file__))))

from support.client import Client, command, get  # noqa: E402
from support.origin import Origin, answer, name  # noqa: E402
from support.process import Proxy, listening_socket, need_program, wait_for  # noqa: E402

CONFIG = """
global
  nbthread 2
  stats socket {d}/admin level admin expose-fd listeners
  stats socket {d}/operator level operator
defaults
  mode http
  timeout client 20s
  timeout server 20s
  timeout connect 5s
defaults shop
  mode http
  timeout server 20s
  timeout connect 5s
  option httpchk GET /health
  default-server inter 200ms rise 1
  http-request set-header X-Shop yes unless {{ path /bare }}
  http-response set-header X-Backend %[be_name]
defaults broken
  errorfiles nowhere
defaults plain
  mode tcp
  timeout server 20s
  timeout connect 5s
frontend web from plain
  mode http
  timeout client 20s
  bind "fd@${{web}}"
  stats enable
  stats uri /stats
  http-request use-service prometheus-exporter if {{ path /metrics }}
  http-request return status 200 content-type text/plain string "maintenance" if {{ path /maintenance }}
  force-be-switch if {{ req.hdr(x-tester) yes }}
  use_backend first if {{ path_beg /first }}
  use_backend %[path,field(2,/)]
  default_backend fallback
frontend raw from plain
  timeout client 20s
  bind "fd@${{raw}}"
  use_backend %[str(tcp),concat(one)]
backend first from shop
  server s1 127.0.0.1:{first}
backend fallback from shop
  server s1 127.0.0.1:{fallback}
"""


class AddedBackends(unittest.TestCase):
    maxDiff = None

    def setUp(self):
        self.stack = contextlib.ExitStack()
        self.addCleanup(self.stack.close)
        self.directory = self.stack.enter_context(tempfile.TemporaryDirectory(prefix="tandem-test-"))
        self.origins = {text: self.stack.enter_context(Origin(name(text))) for text in ("first", "fallback", "added")}
        sockets = {text: self.stack.enter_context(listening_socket()) for text in ("web", "raw")}
        self.web, self.raw = (sockets[text].getsockname() for text in ("web", "raw"))
        self.config = CONFIG.format(d=self.directory, first=self.origins["first"].port, fallback=self.origins["fallback"].port)
        self.proxy = self.stack.enter_context(Proxy(need_program("lbd"), self.config, sockets, directory=self.directory))
        self.proxy.wait_serving(f"{self.directory}/admin")

    def ask(self, line, level="admin"):
        return command(f"{self.directory}/{level}", line).strip()

    def answered_by(self, path="/new/x", **more):
        return get(self.web, path, **more).body.decode()

    def ready(self, backend="new", port=None, words="pool-max-conn 0"):
        """The backend, with a server and published."""
        self.assertEqual(self.ask(f"add backend {backend} from shop"), "New backend registered.")
        port = port or self.origins["added"].port
        self.assertIn("New server registered.", self.ask(f"add server {backend}/s1 127.0.0.1:{port} {words}"))
        self.ask(f"enable server {backend}/s1")
        self.assertEqual(self.ask(f"publish backend {backend}"), "Backend published.")

    def gone(self, backend="new"):
        self.ask(f"unpublish backend {backend}")
        self.ask(f"set server {backend}/s1 state maint")
        wait_for(lambda: "Server deleted" in self.ask(f"del server {backend}/s1"), what="the server to go")
        wait_for(lambda: self.ask(f"del backend {backend}") == "Backend deleted.", what="the backend to go")

    def test_from_birth_to_end(self):
        self.assertEqual(self.answered_by(), "fallback")
        self.assertEqual(self.ask("add backend new from shop mode http guid be:new"), "New backend registered.")
        self.assertEqual(self.answered_by(), "fallback")  # not published
        self.assertIn("new\n", self.ask("show backend") + "\n")
        self.assertEqual(self.ask("publish backend new"), "Backend published.")
        self.assertEqual(get(self.web, "/new/x").status, 503)  # no servers
        self.assertEqual(self.ask(f"add server new/s1 127.0.0.1:{self.origins['added'].port} check pool-max-conn 0"), "New server registered.")
        self.ask("enable health new/s1")
        self.ask("enable server new/s1")
        wait_for(lambda: get(self.web, "/new/x").status == 200, what="the server to serve")
        wait_for(lambda: any(b"GET /health" in head for head in self.origins["added"].seen), what="a check")
        response = get(self.web, "/new/x")
        self.assertEqual((response.body, response.header("x-backend")), (b"added", "new"))
        self.assertTrue(any(b"x-shop: yes" in head.lower() for head in self.origins["added"].seen))
        # Everybody knows it.
        self.assertRegex(self.ask("show stat new 4 -1"), "new,s1,")
        self.assertRegex(self.ask("show stat"), "\nnew,BACKEND,")
        self.assertIn('proxy="new"', get(self.web, "/metrics").body.decode())
        self.assertIn("new", get(self.web, "/stats").body.decode())
        self.assertRegex(self.ask("show servers state new"), r"\d+ new 1 s1 127.0.0.1 2 ")

        self.assertIn("must be unpublished", self.ask("del backend new"))
        self.assertEqual(self.ask("unpublish backend new"), "Backend unpublished.")
        self.assertEqual(self.answered_by(), "fallback")
        self.assertIn("still has servers", self.ask("del backend new"))
        self.gone()
        self.assertEqual(self.ask("del backend new"), "No such backend.")
        self.assertNotIn("\nnew,", self.ask("show stat"))
        self.assertNotIn('proxy="new"', get(self.web, "/metrics").body.decode())
        # The name is free again, and what was counted is forgotten.
        self.ready()
        self.assertEqual(self.answered_by("/new/bare"), "added")
        stat = self.ask("show stat new 2 -1").split("\n")
        self.assertEqual(dict(zip(stat[0].split(","), stat[1].split(",")))["stot"], "1")

    def test_an_exchange_keeps_its_backend(self):
        slow = self.stack.enter_context(listening_socket())
        slow.settimeout(5)
        self.ready(port=slow.getsockname()[1])
        with Client(self.web) as client:
            client.request("/new/slow")
            held, _ = slow.accept()
            with held:
                held.recv(65536)
                self.ask("unpublish backend new")
                self.ask("set server new/s1 state maint")
                self.assertIn("Server still has connections", self.ask("del server new/s1"))
                self.assertIn("still has servers", self.ask("del backend new"))
                held.sendall(b"HTTP/1.1 200 OK\r\nContent-Length: 4\r\nConnection: close\r\n\r\nslow")
                self.assertEqual(client.response().body, b"slow")
        self.gone()

    def test_what_is_configured_can_be_unpublished(self):
        self.assertEqual(self.answered_by("/first"), "first")
        self.ask("unpublish backend first")
        self.assertEqual(self.answered_by("/first"), "fallback")
        self.assertEqual(self.answered_by("/first", headers=["X-Tester: yes"]), "first")
        self.assertIn("configuration names this one", self.ask("del backend first"))
        self.ask("unpublish backend fallback")
        self.assertEqual(get(self.web, "/first").status, 503)
        self.assertEqual(self.answered_by("/maintenance"), "maintenance")
        self.ask("publish backend first")
        self.assertEqual(self.answered_by("/first"), "first")

    def test_in_mode_tcp(self):
        self.assertEqual(self.ask("add backend tcpone from plain"), "New backend registered.")
        self.ask(f"add server tcpone/s1 127.0.0.1:{self.origins['added'].port}")
        self.ask("enable server tcpone/s1")
        self.ask("publish backend tcpone")
        self.assertEqual(get(self.raw, "/").body, b"added")

    def test_what_is_refused(self):
        usage = "Usage: add backend <name> from <defproxy> [mode <mode>] [guid <guid>]."
        for line, answer_ in (("add backend", usage), ("add backend x", usage), ("add backend x from", usage),
                              ("add backend x of shop", usage), ("add backend x from shop mode", usage), ("add backend x from shop foo bar", usage),
                              ("add backend x from nix", "Cannot find default proxy 'nix'."),
                              ("add backend x from shop mode foo", "'mode' expects 'tcp' or 'http', not 'foo'"), ("add backend first from shop", "A proxy named 'first' already exists."),
                              ("add backend web from shop", "A proxy named 'web' already exists."),
                              ("add backend x$y from shop", "'x$y' has a character that is not permitted."),
                              ("add backend x from broken", "unable to find the http-errors section 'nowhere'"),
                              ("del backend", "A backend name is expected."), ("del backend nix", "No such backend."),
                              ("publish backend nix", "No such backend."), ("unpublish backend", "A backend name is expected.")):
            with self.subTest(line):
                self.assertIn(answer_, self.ask(line))
        self.assertEqual(self.ask("show backend").split("\n"), ["# name", "first", "fallback"])
        self.assertEqual(self.ask("add backend x from shop", "operator"), "Permission denied")

    def test_under_load(self):
        """Whoever asks is answered by the backend or, while it is not there, by the next one."""
        ends, found = threading.Event(), []

        def client():
            with Client(self.web) as connection:
                while not ends.is_set():
                    response = connection.get("/new/x")
                    found.append((response.status, response.body))

        clients = [threading.Thread(target=client) for _ in range(3)]
        for one in clients:
            one.start()
        try:
            for _ in range(15):
                self.ready()
                before = len(found)
                wait_for(lambda: (200, b"added") in found[before:], what="an answer of the new backend")
                self.gone()
        finally:
            ends.set()
            for one in clients:
                one.join()
        self.assertEqual(set(found), {(200, b"added"), (200, b"fallback")})

    def test_a_reload_ends_them(self):
        self.ready()
        self.assertEqual(self.answered_by(), "added")
        web, raw = (self.stack.enter_context(listening_socket()) for _ in range(2))
        after = self.stack.enter_context(Proxy(need_program("lbd"), self.config, {"web": web, "raw": raw}, directory=self.directory,
                                               args=("-x", f"{self.directory}/admin", "-sf", str(self.proxy.pid))))
        wait_for(lambda: f"Pid: {after.pid}\n" in self.ask("show info") + "\n", what="the next process")
        self.proxy.wait(timeout=20)
        self.assertEqual(get(web.getsockname(), "/new/x").body, b"fallback")
        self.assertNotIn("new", self.ask("show backend"))
        after.signal(signal.SIGTERM)


if __name__ == "__main__":
    unittest.main()
