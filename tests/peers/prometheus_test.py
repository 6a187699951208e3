#!/usr/bin/env python3
"""The service prometheus-exporter beside Debian's haproxy: the same families, types and labels, and after the same traffic the
same values of counters; the same words behind the address.

TANDEM_TESTED names another program than lbd.
"""

import contextlib
import os
import re
import sys
import tempfile
import unittest

sys.path.insert(0, os.path.dirname(os.path.dirname(os.path.abspath(__file__))))

from support import origin  # noqa: E402
from support.client import command, get  # noqa: E402
from support.origin import Origin  # noqa: E402
from support.process import Proxy, listening_socket, need_program, wait_for  # noqa: E402

CONFIG = """
global
  stats socket {d}/admin level admin
defaults
  mode http
  timeout client 10s
  timeout server 10s
  timeout connect 5s
frontend metrics
  bind "fd@${{metrics}}"
  http-request use-service prometheus-exporter if {{ path /metrics }}
frontend web
  bind "fd@${{web}}"
  http-request deny if {{ path /denied }}
  default_backend be
backend be
  server s1 127.0.0.1:{port} check inter 200ms
  server s2 127.0.0.1:{port} disabled
listen raw
  mode tcp
  bind "fd@${{raw}}"
  server t1 127.0.0.1:{port}
"""

# Counters that the traffic of the test determines.
COUNTED = ["haproxy_frontend_http_responses_total", "haproxy_frontend_http_requests_total", "haproxy_backend_http_responses_total",
           "haproxy_server_http_responses_total", "haproxy_frontend_requests_denied_total", "haproxy_server_status",
           "haproxy_frontend_status", "haproxy_backend_status", "haproxy_backend_agg_server_status", "haproxy_server_check_status",
           "haproxy_backend_active_servers", "haproxy_server_weight", "haproxy_server_limit_sessions"]
QUERIES = ["", "?scope=global", "?scope=server&scope=backend", "?scope=*", "?scope=", "?no-maint", "?scope=server&scope=",
           "?scope=global&scope=*", "?scope=listener", "?scope=sticktable", "?scope=server&no-maint", "?scope=frontend&other=1",
           "?other"]


class Tested:
    def __init__(self, binary, stack):
        directory = stack.enter_context(tempfile.TemporaryDirectory(prefix="tandem-test-"))
        server = stack.enter_context(Origin(origin.answer()))
        sockets = {name: stack.enter_context(listening_socket()) for name in ("metrics", "web", "raw")}
        self.at = {name: sock.getsockname() for name, sock in sockets.items()}
        stack.enter_context(Proxy(binary, CONFIG.format(d=directory, port=server.port), sockets,
                                  directory=directory)).wait_serving(f"{directory}/admin")
        wait_for(lambda: "L4OK" in command(f"{directory}/admin", "show stat"), what="the first check")
        for path in ("/", "/", "/denied"):
            get(self.at["web"], path)
        wait_for(lambda: 'haproxy_frontend_http_requests_total{proxy="web"} 3' in self.metrics(), what="the requests to be counted")

    def metrics(self, query=""):
        answer = get(self.at["metrics"], "/metrics" + query)
        assert answer.status == 200, answer
        return answer.body.decode()

    def series(self, query=""):
        """What is exported, as (types by family, values by name and labels)."""
        text = self.metrics(query)
        types = dict(re.findall(r"^# TYPE (\S+) (\S+)$", text, re.M))
        values = dict(re.findall(r"^([a-z][^ ]*) (\S+)$", text, re.M))
        return types, values


class Beside(unittest.TestCase):
    def setUp(self):
        need_program("haproxy")
        stack = contextlib.ExitStack()
        self.addCleanup(stack.close)
        self.reference = Tested("haproxy", stack)
        self.tested = Tested(os.environ.get("TANDEM_TESTED") or os.path.join(os.environ["TANDEM_BUILD"], "lbd"), stack)

    def test_the_same_is_exported(self):
        for query in QUERIES:
            expected_types, expected = self.reference.series(query)
            types, got = self.tested.series(query)
            # A counter whose name is none: `promtool check metrics` says so of haproxy.
            if "haproxy_process_failed_resolutions" in expected_types:
                self.assertEqual(expected_types["haproxy_process_failed_resolutions"], "counter")
                expected_types["haproxy_process_failed_resolutions"] = "gauge"

            def names(values):
                return {name for name in values if not name.startswith(("tandem_", "haproxy_process_build_info"))}
            with self.subTest(query):
                self.assertEqual({name: kind for name, kind in types.items() if not name.startswith("tandem_")}, expected_types)
                self.assertEqual(names(got), names(expected))

    def test_counters(self):
        expected, got = self.reference.series()[1], self.tested.series()[1]

        def chosen(values):
            # The scrapes themselves are counted for the frontend that answers them.
            return {name: value for name, value in values.items()
                    if name.split("{")[0] in COUNTED and 'proxy="metrics"' not in name}
        self.assertEqual(chosen(got), chosen(expected))

    def test_every_family_is_one_block(self):
        lines = self.tested.metrics().strip("\n").split("\n")
        seen, last = set(), None
        for line in lines:
            family = line.split(" ")[2] if line.startswith("#") else re.match(r"[a-z_]+", line)[0]
            self.assertTrue(family == last or family not in seen, line)
            seen.add(family)
            last = family
        self.assertIn("tandem_build_info", seen)

    def test_unknown_scopes_are_refused(self):
        for one in (self.reference, self.tested):
            self.assertEqual(get(one.at["metrics"], "/metrics?scope=nix").status, 400)

    def test_head_of_the_answer(self):
        answer = get(self.tested.at["metrics"], "/metrics?scope=")
        self.assertEqual(answer.header("content-type"), "text/plain; version=0.0.4")
        self.assertEqual(answer.header("cache-control"), "no-cache")


if __name__ == "__main__":
    unittest.main()
