#!/usr/bin/env python3
"""Names that lbd resolves while it runs: `do-resolve` in rules, and servers whose addresses change under load. The name
servers are ours (support/name_server.py), the origins listen on one port of several addresses of the loopback."""

import contextlib
import os
import signal
import sys
import tempfile
import threading
import time
import unittest

sys.path.insert(0, os.path.dirname(os.path.dirname(os.path.abspath(__file__))))

from support.client import Client, command, get  # noqa: E402
from support.compare import HangingPort  # noqa: E402
from support.name_server import NameServer  # noqa: E402
from support.origin import Origin, name  # noqa: E402
from support.process import Program, Proxy, listening_socket, need_program, reserved_port, run, wait_for  # noqa: E402
from support.syslog import Syslog  # noqa: E402

HEAD = """global
  log {log} local0
  nbthread 2
  stats socket {directory}/stats.sock mode 600 level admin
resolvers mydns
  nameserver dns1 127.0.0.1:{dns}
  timeout resolve 100ms
  timeout retry 200ms
  resolve_retries 2
  hold valid {valid}
  {resolvers}
defaults
  mode http
  log global
  timeout connect 2s
  timeout client 5s
  timeout server 5s
frontend fe
  bind "fd@${{fe}}"
"""


class OriginAt(Origin):
    """An origin at an address and port that the test chooses."""

    def __init__(self, behaviour, address, port):
        self._wanted = (address, port)
        super().__init__(behaviour)

    def _listen(self, backlog):
        return listening_socket(address=self._wanted, backlog=backlog)


def origins(stack, *addresses):
    """An origin at each address, all on one port, each answering with its own address."""
    first = stack.enter_context(Origin(name(addresses[0])))
    while True:  # a port that is free at all of them
        with contextlib.ExitStack() as attempt:
            try:
                made = [attempt.enter_context(OriginAt(name(ip), ip, first.port)) for ip in addresses[1:]]
            except OSError:
                first = stack.enter_context(Origin(name(addresses[0])))
                continue
            stack.push(attempt.pop_all())
            return [first] + made


class Subject:
    def __init__(self, stack, zone, text, valid="10s", resolvers="", port=None, **how):
        """`port`: of another name server than ours."""
        self.dns = stack.enter_context(NameServer(zone, **how))
        self.syslog = stack.enter_context(Syslog())
        directory = stack.enter_context(tempfile.TemporaryDirectory(prefix="tandem-test-"))
        listener = stack.enter_context(listening_socket())
        self.address, self.stats = listener.getsockname(), f"{directory}/stats.sock"
        text = HEAD.format(log=self.syslog.address, directory=directory, dns=port or self.dns.port, valid=valid,
                           resolvers=resolvers) + text
        self.proxy = stack.enter_context(Proxy(need_program("lbd"), text, {"fe": listener}, directory=directory))
        self.proxy.wait_serving(self.stats)

    def body(self, host):
        return get(self.address, host=host).body


# Where do-resolve says: the address of the name in the request, on the origins' port.
TO_NAME = """  http-request do-resolve(txn.ip,mydns,ipv4) hdr(host),lower
  http-request return status 404 if !{{ var(txn.ip) -m found }}
  http-request set-dst var(txn.ip)
  default_backend any
backend any
  server any 0.0.0.0:{port}
"""


class DoResolve(unittest.TestCase):
    def setUp(self):
        self.stack = contextlib.ExitStack()
        self.addCleanup(self.stack.close)

    def start(self, zone, text=TO_NAME, **more):
        self.origins = origins(self.stack, "127.0.0.1", "127.0.0.2")
        return Subject(self.stack, zone, text.format(port=self.origins[0].port), **more)

    def test_requests_go_where_the_name_is(self):
        lbd = self.start({("one.test", "A"): ["127.0.0.1"], ("two.test", "A"): ["127.0.0.2"]})
        for _ in range(3):
            self.assertEqual(lbd.body("one.test"), b"127.0.0.1")
            self.assertEqual(lbd.body("TWO.test"), b"127.0.0.2")
        # The answer holds: it was asked for once, and at most once more by the other worker.
        self.assertEqual(lbd.dns.asked("one.test", "A"), 1)

    def test_an_answer_holds_as_long_as_it_shall(self):
        lbd = self.start({("one.test", "A"): ["127.0.0.1"]}, valid="300ms")
        self.assertEqual(lbd.body("one.test"), b"127.0.0.1")
        lbd.dns.set("one.test", "A", ["127.0.0.2"])
        self.assertEqual(lbd.body("one.test"), b"127.0.0.1")
        wait_for(lambda: lbd.body("one.test") == b"127.0.0.2", what="the new address")

    def test_names_without_address(self):
        lbd = self.start({("one.test", "A"): ["127.0.0.1"], ("text.test", "TXT"): []})
        for host in ("none.test", "text.test", "127.0.0.1", "a..b", "x" * 300):
            self.assertEqual(get(lbd.address, host=host).status, 404, host)
        lbd.dns.behaviour = "refused"
        self.assertEqual(get(lbd.address, host="refused.test").status, 404)

    def test_a_silent_name_server_is_waited_for_and_given_up(self):
        lbd = self.start({}, behaviour="silent")
        began = time.monotonic()
        self.assertEqual(get(lbd.address, host="silent.test").status, 404)
        self.assertGreater(time.monotonic() - began, 0.35)  # asked twice, 200 ms each
        self.assertEqual(lbd.dns.asked("silent.test"), 2)

    def test_many_who_ask_at_once_are_one_question(self):
        lbd = self.start({("one.test", "A"): ["127.0.0.1"]}, behaviour="silent")
        clients = [self.stack.enter_context(Client(lbd.address)) for _ in range(50)]
        for client in clients[:49]:
            client.request(host="one.test")
        wait_for(lambda: lbd.dns.asked("one.test") == 1, what="the question")
        gone = clients.pop()
        gone.request(host="one.test")
        gone.reset()  # while it waits
        lbd.dns.behaviour = "answer"
        self.assertEqual({client.response().body for client in clients}, {b"127.0.0.1"})
        self.assertEqual(lbd.dns.asked("one.test"), 2)
        self.assertEqual(lbd.body("one.test"), b"127.0.0.1")

    def test_truncated_answers_are_asked_for_over_tcp(self):
        lbd = self.start({("one.test", "A"): ["127.0.0.1"]}, behaviour="truncated")
        self.assertEqual(lbd.body("one.test"), b"127.0.0.1")
        self.assertEqual([query[2] for query in lbd.dns.queries], ["udp", "tcp"])

    def test_garbage_is_no_answer(self):
        lbd = self.start({("one.test", "A"): ["127.0.0.1"]}, behaviour="garbage")
        self.assertEqual(get(lbd.address, host="one.test").status, 404)
        self.assertIn("invalid:     2", command(lbd.stats, "show resolvers mydns"))

    def test_of_a_tcp_connection(self):
        text = """  mode tcp
  tcp-request inspect-delay 5s
  tcp-request content do-resolve(txn.ip,mydns,ipv4) str(two.test)
  tcp-request content set-dst var(txn.ip)
  default_backend any
backend any
  mode tcp
  server any 0.0.0.0:{port}
"""
        lbd = self.start({("two.test", "A"): ["127.0.0.2"]}, text)
        for _ in range(2):
            self.assertEqual(lbd.body("one.test"), b"127.0.0.2")

    def test_explain_asks_nobody(self):
        lbd = self.start({("one.test", "A"): ["127.0.0.1"]})
        told = command(lbd.stats, "explain GET http://one.test/ frontend=fe")
        self.assertIn("one.test would be asked for (resolvers mydns)", told)
        self.assertEqual(lbd.dns.queries, [])
        lbd.body("one.test")
        self.assertIn("txn.ip = 127.0.0.1", command(lbd.stats, "explain GET http://one.test/ frontend=fe"))


class Servers(unittest.TestCase):
    def test_addresses_change_under_load_and_no_request_fails(self):
        with contextlib.ExitStack() as stack:
            addresses = [f"127.0.0.{i}" for i in range(1, 5)]
            made = origins(stack, *addresses)
            lbd = Subject(stack, {("www.test", "A"): addresses[:2]}, f"""  default_backend b
backend b
  server-template s 3 www.test:{made[0].port} check inter 100ms init-addr none resolvers mydns resolve-prefer ipv4
""", resolvers="hold nx 100ms")
            lbd.syslog.wait("UP/READY", count=2)
            bodies, wrong, stop = set(), [], threading.Event()

            def load():
                while not stop.is_set():
                    try:
                        with Client(lbd.address) as client:
                            for _ in range(5):
                                answer = client.get()
                                bodies.add(answer.body)
                                if answer.status != 200:
                                    wrong.append(answer.status)
                    except Exception as error:  # whatever it is, it is a request that failed
                        wrong.append(repr(error))
            clients = [threading.Thread(target=load) for _ in range(4)]
            for client in clients:
                client.start()
            try:
                for pair in ((1, 2), (2, 3), (0, 3), (0, 1, 2), (3,), (0, 1)):
                    lbd.dns.set("www.test", "A", [addresses[i] for i in pair])
                    wanted = {addresses[i] for i in pair}
                    wait_for(lambda w=wanted: self.serving(lbd) == w, what=f"{wanted} to serve")
            finally:
                stop.set()
                for client in clients:
                    client.join()
            self.assertEqual(wrong, [])
            self.assertEqual(bodies, {address.encode() for address in addresses})

    def test_a_check_that_nobody_answers_asks_again(self):
        with contextlib.ExitStack() as stack:
            made = origins(stack, "127.0.0.1", "127.0.0.2")
            hanging = HangingPort()
            stack.callback(hanging.close)
            lbd = Subject(stack, {("www.test", "A"): ["127.0.0.1"]}, f"""backend b
  timeout check 100ms
  server s www.test:{made[0].port} check inter 100ms port {hanging.port} init-addr none resolvers mydns
""", resolvers="timeout resolve 1h")
            lbd.syslog.wait("UP/READY")
            before = lbd.dns.asked("www.test", "A")
            wait_for(lambda: lbd.dns.asked("www.test", "A") > before, what="another question")

    def test_beside_a_name_server_of_debian(self):
        dnsmasq = need_program("dnsmasq")
        with contextlib.ExitStack() as stack:
            made = origins(stack, "127.0.0.1", "127.0.0.2")
            directory = stack.enter_context(tempfile.TemporaryDirectory(prefix="tandem-test-"))
            hosts = f"{directory}/hosts"

            def write(text):
                with open(hosts, "w", encoding="ascii") as file:
                    file.write(text)
            write("127.0.0.1 a.test\n")
            port, keeper = reserved_port()
            keeper.close()  # dnsmasq does not share
            server = stack.enter_context(Program(
                [dnsmasq, "--keep-in-foreground", f"--port={port}", "--listen-address=127.0.0.1", "--bind-interfaces",
                 "--no-resolv", "--no-hosts", f"--addn-hosts={hosts}", "--local=/test/", "--local-ttl=0", "--conf-file=/dev/null",
                 f"--pid-file={directory}/pid", "--user=root", f"--srv-host=_http._tcp.test,a.test,{made[0].port},1,1000"],
                directory=directory))
            wait_for(lambda: os.path.exists(f"{directory}/pid"), what="dnsmasq")
            lbd = Subject(stack, {}, """  default_backend b
  http-request do-resolve(txn.ip,mydns,ipv4) str(a.test)
  http-response set-header X-Ip %[var(txn.ip)]
backend b
  server-template s 2 _http._tcp.test init-addr none resolvers mydns resolve-prefer ipv4 check
""", valid="1ms", port=port)
            lbd.syslog.wait("UP/READY")
            answer = get(lbd.address)
            self.assertEqual((answer.body, answer.header("x-ip")), (b"127.0.0.1", "127.0.0.1"))
            self.assertIn(" a.test ", command(lbd.stats, "show servers state b"))
            write("127.0.0.2 a.test\n")
            os.kill(server.pid, signal.SIGHUP)
            wait_for(lambda: get(lbd.address).body == b"127.0.0.2", what="the other address")
            self.assertEqual(get(lbd.address).header("x-ip"), "127.0.0.2")

    @staticmethod
    def serving(lbd):
        rows = [line.split(" ") for line in command(lbd.stats, "show servers state b").splitlines()[2:] if line]
        return {row[4] for row in rows if row[5] == "2"}

    def test_an_idle_connection_to_the_old_address_is_not_used(self):
        with contextlib.ExitStack() as stack:
            made = origins(stack, "127.0.0.1", "127.0.0.2")
            lbd = Subject(stack, {("www.test", "A"): ["127.0.0.1"]}, f"""  default_backend b
backend b
  http-reuse always
  server s www.test:{made[0].port} init-addr none resolvers mydns
""")
            lbd.syslog.wait("UP/READY")
            with Client(lbd.address) as client:
                self.assertEqual([client.get().body for _ in range(3)], [b"127.0.0.1"] * 3)
                self.assertEqual(made[0].connections, 1)
                lbd.dns.set("www.test", "A", ["127.0.0.2"])
                lbd.syslog.wait("changed its IP from 127.0.0.1 to 127.0.0.2")
                self.assertEqual(client.get().body, b"127.0.0.2")

    def test_the_configuration_is_checked(self):
        for rule in ("do-resolve(txn.x,nowhere) str(a)", "do-resolve(txn.x) str(a)", "do-resolve(x,mydns) str(a)",
                     "do-resolve(txn.x,mydns,ipv5) str(a)", "do-resolve(txn.x,mydns)"):
            with tempfile.TemporaryDirectory(prefix="tandem-test-") as directory:
                with open(f"{directory}/a.cfg", "w", encoding="ascii") as file:
                    file.write("resolvers mydns\n nameserver a 127.0.0.1:53\nfrontend f\n mode http\n bind 127.0.0.1:0\n"
                               f" http-request {rule}\n")
                self.assertEqual(run([need_program("lbd"), "-c", "-f", f"{directory}/a.cfg"])[0], 1, rule)


if __name__ == "__main__":
    unittest.main()
