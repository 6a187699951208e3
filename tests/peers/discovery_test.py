#!/usr/bin/env python3
"""Servers found by DNS, beside Debian's haproxy: the same zone changes in the same steps before both, and the same servers
get the same addresses, ports, weights and states, with the same lines in the log, in the same order.

TANDEM_TESTED names another program than lbd.
"""

import contextlib
import os
import re
import sys
import tempfile
import unittest
from concurrent.futures import ThreadPoolExecutor

sys.path.insert(0, os.path.dirname(os.path.dirname(os.path.abspath(__file__))))

from support.client import command, get  # noqa: E402
from support.name_server import NameServer  # noqa: E402
from support.process import Proxy, listening_socket, need_program, refused_port, wait_for  # noqa: E402
from support.syslog import Syslog  # noqa: E402

CONFIG = """global
  log {log} local0
  nbthread 1
  stats socket {directory}/stats.sock mode 600 level admin
resolvers mydns
  nameserver dns1 {transport}127.0.0.1:{port}
  timeout resolve 200ms
  timeout retry 200ms
  hold nx 100ms
  hold timeout 100ms
  hold refused 100ms
  hold other 100ms
  {resolvers}
defaults
  mode http
  log global
  timeout connect 1s
  timeout client 1s
  timeout server 1s
frontend fe
  bind "fd@${{fe}}"
  http-request do-resolve(txn.four,mydns,ipv4) hdr(host)
  http-request do-resolve(txn.six,mydns) hdr(host)
  http-request return content-type text/plain lf-string "%[var(txn.four)] %[var(txn.six)]"
backend b
  {servers}
"""

WWW = ("www.test", "A")
SRV = ("_http._tcp.test", "SRV")
HOSTS = {("a.test", "A"): ["127.0.0.1"], ("b.test", "A"): ["127.0.0.2"], ("c.test", "A"): ["127.0.0.3"]}
V4 = "init-addr none resolvers mydns resolve-prefer ipv4"
TWO = [(10, 1, 8001, "a.test"), (10, 600, 8002, "b.test")]


class Subject:
    """One program with a name server of its own."""

    def __init__(self, binary, zone, servers, stack, resolvers="", transport="", **how):
        self.dns = stack.enter_context(NameServer(zone, **how))
        self.syslog = stack.enter_context(Syslog())
        directory = stack.enter_context(tempfile.TemporaryDirectory(prefix="tandem-test-"))
        listener = stack.enter_context(listening_socket())
        self.address = listener.getsockname()
        text = CONFIG.format(log=self.syslog.address, directory=directory, port=self.dns.port, servers=servers,
                             resolvers=resolvers, transport=transport)
        self.stats = f"{directory}/stats.sock"
        stack.enter_context(Proxy(binary, text, {"fe": listener}, directory=directory)).wait_serving(self.stats)

    def state(self):
        """What each server has: address, operational and administrative state, weight, name, port, service."""
        lines = command(self.stats, "show servers state b").splitlines()[2:]
        rows = [line.split(" ") for line in lines if line]
        return [[row[i] for i in (3, 4, 5, 6, 7, 17, 18, 19)] for row in rows]

    def lines(self):
        texts = [(line.severity, re.sub(r"check duration: \d+ms", "check duration: …", line.text)) for line in list(self.syslog.lines)]
        return [f"<{severity}> {text}" for severity, text in texts if not re.match(r"(Proxy|Stopping) ", text)]

    def settle(self):
        """Until whatever was answered last has been acted upon: each name was asked for some more times."""
        wait_for(lambda: self.dns.queries, what="a question")
        for name in {query[0] for query in list(self.dns.queries)[-8:]}:
            before = self.dns.asked(name)
            with contextlib.suppress(AssertionError):  # nobody may ask for it any more
                wait_for(lambda n=name, b=before: self.dns.asked(n) >= b + 6, timeout=2.0)


class DiscoveryTest(unittest.TestCase):
    maxDiff = None

    def compare(self, zone, servers, steps, **how):
        """`steps` are functions that change a name server."""
        def seen_by(binary):
            with contextlib.ExitStack() as stack:
                subject = Subject(binary, zone, servers, stack, **how)
                seen = []
                for step in [lambda dns: None] + steps:
                    step(subject.dns)
                    subject.settle()
                    seen.append((subject.state(), subject.lines()))
            return seen

        # Both at a time: nearly all of it is waiting.
        binaries = (need_program("haproxy"), need_program(os.environ.get("TANDEM_TESTED", "lbd")))
        results = list(ThreadPoolExecutor(len(binaries)).map(seen_by, binaries))
        for number, (theirs, ours) in enumerate(zip(*results)):
            self.assertEqual(ours, theirs, f"after step {number}")
        return results[1]

    def test_addresses_come_and_go(self):
        seen = self.compare({WWW: ["127.0.0.1"]}, f"server s1 www.test:80 {V4}\n  server s2 www.test:81 {V4}\n  "
                            f"server s3 none.test:82 {V4}", [
                                lambda dns: dns.set(*WWW, ["127.0.0.2", "127.0.0.3"]),
                                lambda dns: dns.set(*WWW, ["127.0.0.3"]),
                                lambda dns: dns.set(*WWW, None),
                                lambda dns: dns.set(*WWW, ["127.0.0.4"])])
        self.assertIn("<5> b/s1 changed its IP from (none) to 127.0.0.1 by mydns/dns1.", seen[0][1])

    def test_answers_that_are_errors(self):
        def become(behaviour):
            return lambda dns: setattr(dns, "behaviour", behaviour)
        steps = []
        for behaviour in ("refused", "servfail", "silent"):
            steps += [become(behaviour), become("answer")]
        seen = self.compare({WWW: ["127.0.0.1"]}, f"server s1 www.test:80 {V4}\n  server s2 127.0.0.1:80", steps,
                            resolvers="resolve_retries 1")
        self.assertEqual(sum("DNS" in line and "status" in line for line in seen[-1][1]), 2)

    def test_a_template_takes_all_addresses(self):
        many = [f"127.0.0.{i}" for i in range(1, 9)]
        self.compare({WWW: many}, f"server-template s 10 www.test:80 {V4}", [
            lambda dns: dns.set(*WWW, many[2:] + ["127.0.1.1", "127.0.1.2", "127.0.1.3", "127.0.1.4"]),
            lambda dns: dns.set(*WWW, many[:3])])

    def test_families_and_networks(self):
        zone = {WWW: ["127.0.0.1", "127.0.0.2", "127.9.0.1"], ("www.test", "AAAA"): ["::1"]}
        self.compare(zone, f"server s1 www.test:80 init-addr none resolvers mydns\n"
                     f"  server s2 www.test:80 {V4} resolve-net 127.9.0.0/16\n"
                     f"  server s3 only4.test:80 init-addr none resolvers mydns",
                     [lambda dns: dns.set("only4.test", "A", ["127.0.0.7"])])

    def test_the_same_address_twice(self):
        self.compare({WWW: ["127.0.0.1"]}, f"server-template s 3 www.test:80 {V4} resolve-opts allow-dup-ip",
                     [lambda dns: dns.set(*WWW, ["127.0.0.1", "127.0.0.2"])])

    def test_servers_that_the_system_resolved_at_start(self):
        self.compare({WWW: ["127.0.0.1"]}, "server-template s 3 localhost:80 resolvers mydns resolve-prefer ipv4", [
            lambda dns: dns.set("localhost", "A", ["127.0.0.1"]),
            lambda dns: dns.set("localhost", "A", ["127.0.0.1", "127.0.0.2", "127.0.0.3"])])

    def test_aliases(self):
        self.compare({("alias.test", "CNAME"): ["www.test"], WWW: ["127.0.0.5"]}, f"server s1 alias.test:80 {V4}", [])

    def test_a_disabled_server_and_a_backup(self):
        self.compare({WWW: ["127.0.0.1"]}, f"server s1 www.test:80 {V4} disabled\n  server s2 www.test:80 {V4} backup", [
            lambda dns: dns.set(*WWW, ["127.0.0.1", "127.0.0.2"]), lambda dns: dns.set(*WWW, None)])

    def test_records_of_services(self):
        self.compare({SRV: TWO, **HOSTS}, f"server-template s 4 _http._tcp.test {V4}", [
            lambda dns: dns.set(*SRV, TWO + [(10, 65535, 8003, "c.test")]),
            lambda dns: dns.set(*SRV, [(10, 0, 8001, "a.test"), (10, 100, 8002, "b.test"), (10, 65535, 8003, "c.test")]),
            lambda dns: dns.set(*SRV, [(10, 0, 8001, "a.test"), (10, 65535, 8003, "c.test")]),
            lambda dns: dns.set(*SRV, None),
            lambda dns: dns.set(*SRV, TWO)])

    def test_services_that_are_checked(self):
        """The port of the checks is that of the record."""
        port, keeper = refused_port()
        with listening_socket() as listener, keeper:
            def record(at):
                return [(10, 100, at, "a.test")]
            good = listener.getsockname()[1]
            seen = self.compare({SRV: record(good), **HOSTS}, f"server-template s 1 _http._tcp.test {V4} check inter 50ms fall 1 rise 1",
                                [lambda dns: dns.set(*SRV, record(port)), lambda dns: dns.set(*SRV, record(good))],
                                additional=False)
        self.assertEqual([state[0][2] for state, _ in seen], ["2", "0", "2"])

    def test_services_without_addresses(self):
        self.compare({SRV: TWO, **HOSTS}, f"server-template s 3 _http._tcp.test {V4} resolve-opts ignore-weight", [
            lambda dns: dns.set("a.test", "A", ["127.0.0.9"]),
            lambda dns: dns.set(*SRV, [(10, 1, 9001, "a.test"), (10, 600, 8002, "b.test")]),
            lambda dns: dns.set("b.test", "A", None)], additional=False)

    def test_what_rules_ask(self):
        zone = {WWW: ["127.0.0.1", "127.0.0.2", "127.0.0.3"], ("www.test", "AAAA"): ["::1", "::2"],
                ("four.test", "A"): ["127.0.0.4"], ("six.test", "AAAA"): ["::6"], ("alias.test", "CNAME"): ["four.test"],
                ("text.test", "TXT"): []}
        answers = []
        for binary in (need_program("haproxy"), need_program(os.environ.get("TANDEM_TESTED", "lbd"))):
            with contextlib.ExitStack() as stack:
                subject = Subject(binary, zone, "server s 127.0.0.1:80", stack)
                answers.append([get(subject.address, host=host).body for host in (
                    "www.test", "four.test", "six.test", "alias.test", "text.test", "none.test", "WWW.test", "127.0.0.1",
                    "www.test.", "a..b")])
        self.assertEqual(answers[1], answers[0])
        self.assertEqual(answers[1][1], b"127.0.0.4 127.0.0.4")

    def test_over_tcp(self):
        self.compare({WWW: ["127.0.0.1"]}, f"server s1 www.test:80 {V4}",
                     [lambda dns: dns.set(*WWW, ["127.0.0.2"])], transport="tcp@")


if __name__ == "__main__":
    unittest.main()
