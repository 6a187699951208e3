#!/usr/bin/env python3
"""add server and del server beside Debian's haproxy: the same answers, the same states of the servers, and traffic that goes
where it should while servers come and go.

TANDEM_TESTED names another program than lbd.
"""

import contextlib
import os
import re
import sys
import tempfile
import threading
import unittest

sys.path.insert(0, os.path.dirname(os.path.dirname(os.path.abspath(__file__))))

from support import origin  # noqa: E402
from support.client import Client, command, get  # noqa: E402
from support.origin import Origin  # noqa: E402
from support.process import Proxy, listening_socket, need_program, wait_for  # noqa: E402

CONFIG = """
global
  nbthread 2
  stats socket {d}/admin level admin
  stats socket {d}/operator level operator
defaults
  mode http
  timeout client 20s
  timeout server 20s
  timeout connect 5s
  retries 0
  option http-server-close
frontend web
  bind "fd@${{web}}"
  stats enable
  stats uri /stats
  http-request use-service prometheus-exporter if {{ path /metrics }}
  use_backend never if {{ srv_is_up(be/fetched) }} {{ always_false }}
  use_backend sticky if {{ path_beg /stick }}
  default_backend be
backend be
  balance {balance}
  default-server inter 7s
  use-server ruled if {{ path /ruled }}
  cookie C insert
  server s1 127.0.0.1:{port} cookie one
  server fetched 127.0.0.1:{port} disabled
  server ruled 127.0.0.1:{port} disabled
  server checked 127.0.0.1:{port} check
  server follower 127.0.0.1:{port} track checked
  server fixed 127.0.0.1:{port} id 50 disabled
  server spare 127.0.0.1:{port} disabled
backend sticky
  stick-table type ip size 100
  stick on src
  server s1 127.0.0.1:{port}
backend never
  server s1 127.0.0.1:{port}
backend map
  balance source
  server s1 127.0.0.1:{port} disabled
backend turns
  balance static-rr
  server s1 127.0.0.1:{port} disabled
backend ring
  balance source
  hash-type consistent
  server s1 127.0.0.1:{port}
backend least
  balance leastconn
  server s1 127.0.0.1:{port}
backend empty
backend tcp
  mode tcp
  balance first
"""

# The answers are the same, in this order.
SAME = [
    "add server", "add server be", "add server be/x", "add server nix/x 127.0.0.1:9", "add server web/x 127.0.0.1:9",
    "add server be/s1", "add server be/s1 127.0.0.1:9", "add server be/x%y 127.0.0.1:9", "add server map/x 127.0.0.1:9",
    "add server turns/x 127.0.0.1:9", "add server ring/x 127.0.0.1:9", "add server ring/x 127.0.0.1:9",
    "add server least/x 127.0.0.1:9", "add server empty/x 127.0.0.1:9", "add server tcp/x 127.0.0.1:9",
    "add server sticky/x 127.0.0.1:9", "add server be/a foo", "del server be/a",
    "add server be/b 127.0.0.1:9 tff", "add server be/b 127.0.0.1:9 cookie x", "add server be/b 127.0.0.1:9 resolvers x",
    "add server be/b 127.0.0.1:9 init-addr none", "add server be/b 127.0.0.1:9 redir http://x",
    "add server be/b 127.0.0.1:9 non-stick", "add server be/b 127.0.0.1:9 stick", "add server be/b 127.0.0.1:9 socks4 127.0.0.1:1",
    "add server be/b 127.0.0.1:9 namespace x", "add server be/b 127.0.0.1:9 max-reuse 5",
    "add server be/b 127.0.0.1:9 tcp-ut 5s", "add server be/b 127.0.0.1:9 log-proto legacy",
    "add server be/c 127.0.0.1:9 check inter 1s fall 2", "add server be/c2 127.0.0.1 check",
    "add server be/d 127.0.0.1:9 track checked", "add server be/d2 127.0.0.1:9 track nix",
    "add server be/d2 127.0.0.1:9 track nix/s1", "add server be/d2 127.0.0.1:9 track d", "add server be/d2 127.0.0.1:9 track c",
    "add server be/d2 127.0.0.1:9 track s1", "add server be/d2 127.0.0.1:9 track checked check",
    "add server be/e 127.0.0.1:9 id 60", "add server be/e2 127.0.0.1:9", "add server be/g 127.0.0.1:9 backup",
    "add server be/h 127.0.0.1:9 enabled", "add server be/h2 127.0.0.1:9 disabled", "add server be/h3 127.0.0.1:9 agent-check",
    "add server be/i 127.0.0.1:9 agent-check agent-port 1000 agent-inter 1s agent-send abc",
    "add server be/k 127.0.0.1:9 source 127.0.0.1 on-error fastinter observe layer7 slowstart 2s",
    "add server be/l 127.0.0.1:9 ssl verify none sni str(abc)",
    "add server be/n 127.0.0.1:9 send-proxy send-proxy-v2 proxy-v2-options ssl minconn 3 maxconn 5 maxqueue 8 weight 7",
    "add server be/o 127.0.0.1:9 on-marked-down shutdown-sessions on-marked-up shutdown-backup-sessions error-limit 5",
    "set severity-output number;add server be/p", "set severity-output string;add server be/p 127.0.0.1:9",
    "set severity-output string;del server be/p",
    "del server", "del server be", "del server nix/a", "del server be/nix", "del server be/s1", "del server be/fetched",
    "del server be/ruled", "set server be/checked state maint", "del server be/checked", "del server be/follower",
    "del server turns/s1", "del server map/s1", "del server be/fixed", "del server be/fixed", "del server be/h",
    "add server be/fixed 127.0.0.1:9 id 50", "add server be/again 127.0.0.1:9", "set server be/again state ready",
    "del server be/again", "disable server be/again", "del server be/again",
    "set server be/e2 weight 5", "set server be/e2 addr 127.0.0.2 port 99", "enable server be/e2", "enable health be/c",
    "enable agent be/s1", "disable health be/c", "del server be/d extra",
]
# Wrong for both.
WRONG = ["127.0.0.1:99999", "127.0.0.1:9 weight 1000", "127.0.0.1:9 check fall 0", "127.0.0.1:9 proto nix",
         "127.0.0.1:9 ssl", "127.0.0.1:9 ssl verify none sni nix", "127.0.0.1:9 ssl crt /nix verify none",
         "127.0.0.1:9 ssl ca-file /nix", "127.0.0.1:9 check-ssl"]


class Tested:
    def __init__(self, binary, stack, balance="roundrobin", more=None):
        self.directory = stack.enter_context(tempfile.TemporaryDirectory(prefix="tandem-test-"))
        self.name = os.path.basename(binary)
        self.main = stack.enter_context(Origin(more or named("main")))
        listener = stack.enter_context(listening_socket())
        self.at = listener.getsockname()
        config = CONFIG.format(d=self.directory, port=self.main.port, balance=balance)
        self.process = stack.enter_context(Proxy(binary, config, {"web": listener}, directory=self.directory))
        self.process.wait_serving(f"{self.directory}/admin")

    def ask(self, text, level="admin"):
        return command(f"{self.directory}/{level}", text)

    def states(self, backend="be"):
        """What is the same of all servers: not how long ago, what the checks of this moment do, and whether the id was
        given, which lbd does not tell apart."""
        lines = self.ask(f"show servers state {backend}").strip().split("\n")[2:]
        out = []
        for line in lines:
            words = line.split()
            if words[3] not in ("checked", "follower", "d", "i"):
                port = "main" if words[18] == str(self.main.port) else words[18]
                out.append([*words[:9], words[15], words[17], port, *words[19:22]])
        return out


def named(name):
    """An origin that says who it is."""
    return origin.answer(origin.response(name.encode()))


class Membership(unittest.TestCase):
    maxDiff = None

    def setUp(self):
        self.stack = contextlib.ExitStack()
        self.addCleanup(self.stack.close)

    def start(self, **more):
        return Tested(need_program(os.environ.get("TANDEM_TESTED", "lbd")), self.stack, **more)

    def test_answers_and_states_are_haproxys(self):
        reference, tested = Tested(need_program("haproxy"), self.stack), self.start()
        for line in SAME:
            with self.subTest(line):
                # lbd says which words have no effect yet.
                expected, got = (re.sub(r"\n+", "\n", re.sub(r".*takes no effect yet.*\n", "", one.ask(line)))
                                 for one in (reference, tested))
                self.assertEqual(got, expected)
        for words in WRONG:
            with self.subTest(words):
                for one in (reference, tested):
                    self.assertNotIn("registered", one.ask(f"add server be/w {words}"), one.name)
        for backend in ("be", "map", "turns", "ring", "empty", "tcp"):
            self.assertEqual(tested.states(backend), reference.states(backend))
        for one in (reference, tested):
            for line in ("add server be/q 127.0.0.1:9", "del server be/e"):
                self.assertEqual(one.ask(line, "operator").strip(), "Permission denied", one.name)

    def test_traffic_of_every_algorithm(self):
        """A server that came serves, one that goes does not, and no request fails meanwhile."""
        other = self.stack.enter_context(Origin(named("other")))
        for balance in ("roundrobin", "leastconn", "random", "first", "hash path\n  hash-type consistent"):
            with self.subTest(balance):
                tested = self.start(balance=balance)
                stop, seen, wrong = threading.Event(), [], []

                def work(tested=tested, stop=stop, seen=seen, wrong=wrong):
                    number = 0
                    while not stop.is_set():
                        number += 1
                        try:
                            answer = get(tested.at, f"/{number}")
                            (seen if answer.status == 200 else wrong).append(answer.body)
                        except OSError as error:
                            wrong.append(error)

                workers = [threading.Thread(target=work) for _ in range(3)]
                for one in workers:
                    one.start()
                try:
                    for turn in range(5):
                        answer = tested.ask(f"add server be/n{turn} 127.0.0.1:{other.port} enabled id {40 - turn}")
                        self.assertIn("New server registered.", answer)
                        # `first` has no reason to use another than the first.
                        for name in ("s1", "checked", "follower"):
                            tested.ask(f"set server be/{name} state drain")
                        seen.clear()
                        wait_for(lambda: b"other" in seen or wrong, timeout=20, what="traffic at the new server")
                        for name in ("s1", "checked", "follower"):
                            tested.ask(f"set server be/{name} state ready")
                        tested.ask(f"set server be/n{turn} state maint")
                        wait_for(lambda: "Server deleted." in tested.ask(f"del server be/n{turn}"), timeout=20, what="its end")
                finally:
                    stop.set()
                    for one in workers:
                        one.join()
                self.assertEqual(wrong, [])
                self.assertEqual(get(tested.at, "/").body, b"main")

    def test_used_servers_stay(self):
        """One that carries an exchange cannot go."""
        for binary in ("haproxy", os.environ.get("TANDEM_TESTED", "lbd")):
            with self.subTest(binary):
                tested = Tested(need_program(binary), self.stack, more=origin.silent)
                # With `enabled` haproxy 2.6 shows it as up and does not use it.
                tested.ask(f"add server be/n 127.0.0.1:{tested.main.port}")
                tested.ask("set server be/n state ready")
                tested.ask("set server be/s1 state maint")
                tested.ask("set server be/checked state maint")
                with Client(tested.at) as client:
                    client.request("/")

                    def current(tested=tested):
                        line = next(one for one in tested.ask("show stat").split("\n") if one.startswith("be,n,"))
                        return line.split(",")[4]
                    wait_for(lambda: current() == "1", what="the request")
                    tested.ask("set server be/n state maint")
                    self.assertEqual(tested.ask("del server be/n").strip(),
                                     "Server still has connections attached to it, cannot remove it.")
                    self.assertIn(" n ", tested.ask("show servers state be"))
                    tested.ask("shutdown sessions server be/n")
                wait_for(lambda: "Server deleted." in tested.ask("del server be/n"), what="the end of the exchange")
                self.assertNotIn(" n ", tested.ask("show servers state be"))
                # The name and the number are free.
                self.assertIn("registered", tested.ask(f"add server be/n 127.0.0.1:{tested.main.port}"))

    def test_of_the_configuration(self):
        """It goes, with its cookie; what is named elsewhere stays."""
        tested = self.start()
        answer = get(tested.at, "/", headers=["Cookie: C=one"])
        self.assertEqual(answer.status, 200)
        tested.ask("set server be/s1 state maint")
        wait_for(lambda: "Server deleted." in tested.ask("del server be/s1"), what="its end")
        self.assertEqual(get(tested.at, "/", headers=["Cookie: C=one"]).status, 200)
        self.assertNotIn("be,s1,", tested.ask("show stat"))
        self.assertEqual(get(tested.at, "/ruled").status, 200)

    def test_tables_statistics_and_many(self):
        """A stick table follows the name; figures begin at none; slots of servers that went are given again."""
        other = self.stack.enter_context(Origin(named("other")))
        tested = self.start()
        for turn in range(200):
            self.assertIn("registered", tested.ask(f"add server sticky/n 127.0.0.1:{other.port} enabled"))
            if turn % 50 == 0:
                tested.ask("set server sticky/s1 state maint")
                for _ in range(3):
                    self.assertEqual(get(tested.at, "/stick").body, b"other")
                tested.ask("set server sticky/s1 state ready")
                self.assertEqual(get(tested.at, "/stick").body, b"other", "it stays where it was")
            line = next(one for one in tested.ask("show stat").split("\n") if one.startswith("sticky,n,"))
            self.assertEqual(line.split(",")[7], "4" if turn % 50 == 0 else "0")
            tested.ask("set server sticky/n state maint")
            wait_for(lambda: "Server deleted." in tested.ask("del server sticky/n"), what="its end")
        self.assertEqual(get(tested.at, "/stick").body, b"main")
        self.assertNotIn("sticky,n,", tested.ask("show stat"))

    def test_page_and_metrics(self):
        """Whoever looks sees it, and its figures, for as long as it is there."""
        other = self.stack.enter_context(Origin(named("other")))
        tested = self.start()

        def seen():
            page, figures = (get(tested.at, path).body.decode() for path in ("/stats", "/metrics"))
            answers = [line for line in figures.split("\n")
                       if line.startswith('haproxy_server_http_responses_total{proxy="be",server="n",code="2xx"}')]
            return "be/n" in page, [line.split()[-1] for line in answers]
        self.assertEqual(seen(), (False, []))
        for _ in range(2):
            tested.ask(f"add server be/n 127.0.0.1:{other.port} enabled")
            self.assertEqual(seen(), (True, ["0"]))
            wait_for(lambda: get(tested.at, "/").body == b"other", what="an answer of the new server")
            self.assertEqual(seen(), (True, ["1"]))
            tested.ask("set server be/n state maint")
            wait_for(lambda: "Server deleted." in tested.ask("del server be/n"), what="its end")
            self.assertEqual(seen(), (False, []))

    def test_checks_and_agents(self):
        """They begin when an operator says so, and end with the server."""
        agent = self.stack.enter_context(Origin(lambda peer: peer.send(b"drain\n")))
        other = self.stack.enter_context(Origin(named("other")))
        tested = self.start()
        words = f"check inter 500ms rise 1 fall 1 agent-check agent-inter 500ms agent-port {agent.port}"
        tested.ask(f"add server be/n 127.0.0.1:{other.port} {words}")
        tested.ask("set server be/n state ready")

        def row():
            names, *lines = tested.ask("show stat").lstrip("# ").strip().split("\n")
            return next(one for one in (dict(zip(names.split(","), line.split(","))) for line in lines) if one["svname"] == "n")
        self.assertEqual(row()["check_status"], "")
        tested.ask("enable health be/n")
        wait_for(lambda: row()["check_status"] == "L4OK", timeout=20, what="a check")
        tested.ask("enable agent be/n")
        wait_for(lambda: row()["status"].startswith("DRAIN"), timeout=20, what="the word of the agent")
        tested.ask("disable agent be/n")
        tested.ask("set server be/n state maint")
        wait_for(lambda: "Server deleted." in tested.ask("del server be/n"), what="its end")
        # Nothing of it goes on: whoever still asked would find nobody, and say so.
        other.close()
        agent.close()
        wait_for(lambda: "sticky" in tested.ask("show stat"), what="an answer")
        self.assertNotIn("be/n", tested.process.errors().split("is going DOWN for maintenance")[-1])


if __name__ == "__main__":
    unittest.main()
