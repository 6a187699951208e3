#!/usr/bin/env python3
"""What lbd tells of the pair that it belongs to: on the statistics page, in the exporter, as JSON and on the runtime
socket. syncd is real; vrrpd is played, since a real one needs a network of its own (tests/pair has those).
"""

import contextlib
import json
import os
import re
import sys
import tempfile
import threading
import time
import unittest

sys.path.insert(0, os.path.dirname(os.path.dirname(os.path.abspath(__file__))))

from support.client import command, get  # noqa: E402
from support.link import ROLE_VRRPD, STATS_REPLY, STATS_REQUEST, Link, field  # noqa: E402
from support.process import Program, Proxy, listening_socket, need_program, run, wait_for  # noqa: E402

CONFIG = """
global
  node lb1
  localpeer lb1
  stats socket {d}/admin level admin
  tandem-link-socket {d}/link
  tandem-syncd-socket {d}/syncd
defaults
  mode http
  timeout client 10s
  timeout server 10s
  timeout connect 5s
peers pair
  peer lb1 127.0.0.1:1
  peer lb2 127.0.0.1:2
frontend web
  bind "fd@${{web}}"
  stats uri /stats
  http-request use-service prometheus-exporter if {{ path /metrics }}
  default_backend app
backend app
  server s1 127.0.0.1:1
"""
VRRP_STATES = 11
BACKUP, MASTER = 1, 2


class Vrrpd:
    """A vrrpd with one instance, which answers when it is asked for its figures."""

    def __init__(self, path):
        self.link = Link(path, ROLE_VRRPD)
        self._lock = threading.Lock()
        threading.Thread(target=self._run, daemon=True).start()

    def say(self, state, reason, since):
        instance = (field(1, "VI_1") + field(2, state) + field(3, 51) + field(4, 150) + field(5, 100) + field(6, "eth0")
                    + field(7, int(since * 1e6)) + field(8, "192.0.2.7") + field(9, reason))
        with self._lock:
            self.link.send(field(VRRP_STATES, field(1, instance)))

    def _run(self):
        def row(name, kind, value, help_):
            return field(1, field(1, "instance VI_1") + field(2, name) + field(3, kind) + field(4, value) + field(6, help_))

        with contextlib.suppress(EOFError, OSError):
            while True:
                try:
                    body, _ = self.link.receive(60)
                except TimeoutError:
                    continue
                if body == STATS_REQUEST:
                    with self._lock:
                        self.link.send(field(STATS_REPLY, row("vrrp_adverts_sent", 0, 12, "Adverts sent as master.")
                                             + row("vrrp_state", 4, 2, "0 init, 1 backup, 2 master, 3 fault.")))


def families(text):
    """{family: (type, [samples])}; the format is what Prometheus wants."""
    found, name = {}, None
    for line in text.strip().split("\n"):
        head = re.fullmatch(r"# (HELP|TYPE) ([a-z][a-z0-9_]*) (.+)", line)
        if head and head[1] == "HELP":
            assert head[2] not in found, f"two heads of {head[2]}"
            name = head[2]
        elif head:
            assert head[2] == name, f"TYPE of {head[2]} behind HELP of {name}"
            found[name] = (head[3], [])
        else:
            assert re.fullmatch(name + r'(\{[a-z_]+="[^"]*"(,[a-z_]+="[^"]*")*\})? (NaN|[-+.0-9e]+)', line), line
            found[name][1].append(line)
    return found


class View(unittest.TestCase):
    def setUp(self):
        stack = contextlib.ExitStack()
        self.addCleanup(stack.close)
        self.directory = directory = stack.enter_context(tempfile.TemporaryDirectory(prefix="tandem-test-"))
        with open(f"{directory}/syncd.conf", "w", encoding="ascii") as file:
            file.write(f"node lb1\npeer lb2 127.0.0.1:1\nsocket {directory}/syncd\n")
        stack.enter_context(Program([need_program("syncd"), "-f", f"{directory}/syncd.conf"], directory, own_directory=False))
        wait_for(lambda: os.path.exists(f"{directory}/syncd"), what="syncd")
        listener = stack.enter_context(listening_socket())
        self.at = listener.getsockname()
        stack.enter_context(Proxy(need_program("lbd"), CONFIG.format(d=directory), {"web": listener},
                                  directory=directory)).wait_serving(f"{directory}/admin")
        wait_for(lambda: os.path.exists(f"{directory}/link"), what="the link for vrrpd")
        self.vrrpd = Vrrpd(f"{directory}/link")
        self.addCleanup(self.vrrpd.link.close)

    def ask(self, line):
        return command(f"{self.directory}/admin", line)

    def metrics(self):
        return families(get(self.at, "/metrics").body.decode())

    def sample(self, family, labels=""):
        for line in self.metrics().get(family, ("", []))[1]:
            if labels in line:
                return float(line.rsplit(" ", 1)[1])
        return None

    def test_everybody_tells_it(self):
        since = time.time() - 200
        self.vrrpd.say(MASTER, "node <lb2> died & left", since)
        wait_for(lambda: self.sample("tandem_vrrp_role", 'role="MASTER"') == 1, what="the role among the metrics")
        wait_for(lambda: self.sample("tandem_vrrp_adverts_sent_total", 'instance="VI_1"') == 12, what="figures of vrrpd")
        wait_for(lambda: self.sample("tandem_in_sync") == 1, what="figures of syncd")
        self.assertEqual(self.sample("tandem_vrrp_state"), 2)
        self.assertEqual(self.sample("tandem_vrrp_role", 'role="BACKUP"'), 0)
        self.assertAlmostEqual(self.sample("tandem_vrrp_last_transition_timestamp_seconds"), since, delta=1)
        self.assertEqual(self.sample("tandem_syncd_in_sync", 'peer="lb2"'), 0)
        self.assertEqual(self.sample("tandem_syncd_links_total", 'peer="lb2"'), 0)
        self.assertEqual(self.sample("tandem_syncd_table_parts_on_the_way", 'peer="lb2"'), 0)
        self.assertEqual(self.sample("tandem_vrrpd_up"), 1)

        page = get(self.at, "/stats").body.decode()
        self.assertRegex(page, r"<td class=name>VI_1</td><td class=state><b>MASTER</b></td><td class=state>3m\d+s ago"
                               r" node &lt;lb2&gt; died &amp; left</td><td>150 of 100</td><td class=state>192.0.2.7</td>")
        self.assertRegex(page, r"<tr class=down><td class=name>node lb2</td><td class=state>down</td>"
                               r"<td class=state colspan=3>sync lag: 0 updates")
        self.assertIn("VI_1", json.loads(get(self.at, "/stats;live").body)["pair"])

        everything = json.loads(get(self.at, "/stats;all").body)
        self.assertEqual(everything["pair"]["instances"][0]["role"], "MASTER")
        self.assertEqual(everything["pair"]["instances"][0]["addresses"], ["192.0.2.7"])
        self.assertIn({"object": "node lb2", "name": "state", "text": "down"}, everything["pair"]["syncd"]["figures"])
        self.assertIn({"object": "node lb2", "name": "table_parts_on_the_way", "value": 0}, everything["pair"]["syncd"]["figures"])
        self.assertEqual(everything["process"]["node"], "lb1")
        self.assertEqual([(one["proxy"], one["kind"], one["name"]) for one in everything["objects"]],
                         [("web", "frontend", "FRONTEND"), ("app", "server", "s1"), ("app", "backend", "BACKEND")])
        self.assertEqual(everything["objects"][1]["figures"]["status"], "no check")
        self.assertEqual(json.loads(self.ask("show all json"))["pair"]["instances"], everything["pair"]["instances"])
        self.assertEqual(self.ask("show all").strip(), "Expects 'json'.")

        self.assertIn("instance=VI_1 role=MASTER priority=150/100", self.ask("show pair"))
        self.assertIn('node=lb2 state="down" in_sync=0', self.ask("show pair"))
        self.assertEqual(json.loads(self.ask("show pair json"))["instances"][0]["name"], "VI_1")

        self.vrrpd.say(BACKUP, "handed over", time.time())
        wait_for(lambda: self.sample("tandem_vrrp_role", 'role="BACKUP"') == 1, what="the new role")
        self.vrrpd.link.close()
        wait_for(lambda: self.sample("tandem_vrrpd_up") == 0, what="vrrpd to be missed")
        self.assertIsNone(self.sample("tandem_vrrp_role"))
        self.assertIn("vrrpd: not there", self.ask("show pair"))

    def test_metrics_are_well_formed(self):
        self.vrrpd.say(MASTER, "", time.time())
        wait_for(lambda: self.sample("tandem_vrrp_adverts_sent_total") == 12, what="figures of vrrpd")
        for name, (kind, samples) in self.metrics().items():
            if name.startswith("tandem_"):
                with self.subTest(name):
                    self.assertEqual(kind, "counter" if name.endswith("_total") else "gauge")
                    self.assertEqual(len(samples), len({line.rsplit(" ", 1)[0] for line in samples}), "a sample stands twice")

    def test_dashboard_and_alerts_name_what_is_exported(self):
        root = os.path.dirname(os.path.dirname(os.path.dirname(os.path.abspath(__file__))))
        self.vrrpd.say(MASTER, "", time.time())
        wait_for(lambda: self.sample("tandem_vrrp_adverts_sent_total") == 12, what="figures of vrrpd")
        with open(f"{root}/vrrpd/metrics.cc", encoding="utf-8") as file:
            exported = {f"tandem_{name}_total" for name in re.findall(r'row\(\s*"(vrrp_\w+)"', file.read())} | set(self.metrics())
        for name in ("grafana.json", "alerts.yml"):
            with open(f"{root}/docs/monitoring/{name}", encoding="utf-8") as file:
                used = set(re.findall(r"\b(?:haproxy|tandem)_[a-z0-9_]+", file.read()))
            with self.subTest(name):
                self.assertGreater(len(used), 10)
                self.assertEqual(used - exported, set())

    def test_lbctl(self):
        def lbctl(*words):
            code, out, err = run([need_program("lbctl"), "-l", f"{self.directory}/link", "-y", f"{self.directory}/syncd",
                                  "-r", f"{self.directory}/none", "-s", f"{self.directory}/admin", *words])
            return code, out or err

        self.vrrpd.say(MASTER, "", time.time())
        wait_for(lambda: "VI_1" in self.ask("show pair"), what="the instance")
        for words in (("show", "all", "--json"), ("show", "pair", "--json"), ("show", "info", "--json"),
                      ("show", "--json", "stat")):
            code, out = lbctl(*words)
            self.assertEqual(code, 0, out)
            self.assertTrue(json.loads(out))
        code, out = lbctl("show", "sess", "--json")
        self.assertEqual((code, out), (2, "lbctl: there is JSON of: show all, show info, show pair, show schema, show stat\n"))
        code, out = lbctl("status", "--json")
        self.assertEqual(code, 1, "without vrrpd a pair is degraded")
        status = json.loads(out)
        self.assertIn("error", status["vrrpd"])
        self.assertEqual({row["name"] for row in status["lbd"]["stats"]["rows"]} & {"servers", "backends"},
                         {"servers", "backends"})

    def test_peers(self):
        wait_for(lambda: "syncd: in sync" in self.ask("show pair"), what="syncd")
        text = self.ask("show peers")
        self.assertRegex(text, r"id=pair disabled=0")
        self.assertIn("id=lb1(local) addr=127.0.0.1:1 status=NONE", text)
        self.assertIn("id=lb2(remote) addr=127.0.0.1:2 status=CONN", text)
        self.assertEqual(self.ask("show peers - pair"), text)
        self.assertEqual(self.ask("show peers nix").strip(), "No such peers")


if __name__ == "__main__":
    unittest.main()
