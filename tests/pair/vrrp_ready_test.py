"""Two whole nodes, one of which is not ready to serve as well as the other: it does not preempt, says what it lacks, and
takes over all the same from who is silent. And how long there were two masters is told after a split."""

import os
import re
import subprocess
import sys
import time
import unittest

sys.path.insert(0, os.path.dirname(os.path.dirname(os.path.abspath(__file__))))

from support import netns  # noqa: E402
from support.partners import PartnersWithLbd  # noqa: E402
from support.process import need_program, wait_for  # noqa: E402
from support.vrrp import VIP, master_down  # noqa: E402

LBD = f"""global
  tandem-link-socket "${{DIRECTORY}}/lbd.sock"
  tandem-syncd-socket "${{DIRECTORY}}/syncd.sock"
defaults
  mode http
  timeout connect 1s
  timeout client 5s
  timeout server 5s
frontend web
  bind {VIP}:80 transparent
  http-request return status 200
"""
INTERVAL = 0.1
# A backup that may preempt has done so by then.
PREEMPTED = 5 * master_down(100, INTERVAL)


class ReadyTest(PartnersWithLbd, unittest.TestCase):
    def start_pair(self, text_of_a=LBD, text_of_b=LBD, **words):
        """b is master, and a, which has the higher priority, has come back."""
        self.start_lbd(self.a, text_of_a)
        self.start_lbd(self.b, text_of_b)
        self.start_router(self.b, priority=100, advert_int=INTERVAL, track_lbd=True)
        self.b.wait_state("MASTER")
        self.start_router(self.a, priority=150, advert_int=INTERVAL, track_lbd=True, **words)

    def restart_lbd(self, node, text):
        self.lbd[node].close()
        self.start_lbd(node, text)

    def wait_status(self, node, text):
        try:
            wait_for(lambda: text in self.status(node), 10)
        except AssertionError:
            self.fail(f"'{text}' is not in\n{self.status(node)}\n{node.log()}")

    def assert_stays(self, node, state):
        time.sleep(PREEMPTED)  # what must not happen takes so long
        self.assertEqual(node.state(), state)

    def test_who_is_ready_preempts(self):
        self.start_pair()
        self.a.wait_state("MASTER")
        self.b.wait_state("BACKUP")
        for node in (self.a, self.b):
            wait_for(lambda n=node: self.router_stats(n)["instance VI_1", "vrrp_unready"] == 0, what="nothing to lack")
        self.assertNotIn("although", self.a.log())

    def test_another_configuration(self):
        self.start_pair(LBD + "  http-response set-header x y\n")
        self.wait_status(self.a, "does not preempt: its configuration is another\n")
        self.assert_stays(self.a, "BACKUP")
        stats = self.router_stats(self.a)
        self.assertEqual([stats["instance VI_1", f"vrrp_{name}"] for name in ("unready", "held_back")], [1, 1])
        self.assertEqual(self.failover(self.b), (1, "lbctl: node a is not ready: its configuration is another (--force: "
                                                    "all the same)\n"))
        # Emergency: nobody asks.
        self.b.kill()
        self.a.wait_state("MASTER")
        self.assertIn("takes over although this node lacks something: its configuration is another", self.a.log())
        self.assertEqual(self.router_stats(self.a)["instance VI_1", "vrrp_became_master_unready"], 1)

    def test_what_lacked_comes(self):
        self.start_pair(LBD + "  http-response set-header x y\n")
        self.wait_status(self.a, "does not preempt: its configuration is another\n")
        self.restart_lbd(self.a, LBD)
        self.a.wait_state("MASTER", timeout=10)
        self.b.wait_state("BACKUP")

    def test_an_operator_who_wants_that(self):
        self.start_pair(LBD + "  http-response set-header x y\n", preempt_unready=True)
        self.a.wait_state("MASTER")
        self.assertNotIn("does not preempt", self.a.log())

    def test_other_certificates(self):
        text = LBD + '  bind :8443 ssl crt "${DIRECTORY}/site.pem"\n'
        # One path on both nodes, as on machines of their own.
        text = text.replace("${DIRECTORY}/site.pem", "site.pem").replace("defaults", '  crt-base "${DIRECTORY}"\ndefaults')
        for node in (self.a, self.b):
            self.make_certificate(f"{node.directory}/site.pem")
        self.start_pair(text, text)
        self.wait_status(self.a, "its certificates are others")
        self.assert_stays(self.a, "BACKUP")

    @staticmethod
    def make_certificate(path):
        made = subprocess.run(["openssl", "req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:prime256v1",
                               "-nodes", "-days", "2", "-subj", "/CN=site.example", "-keyout", "-", "-out", "-"],
                              check=True, capture_output=True)
        with open(path, "wb") as file:
            file.write(made.stdout)

    def test_a_link_that_is_lost_while_its_adverts_go_on(self):
        self.start_pair(LBD + "  http-response set-header x y\n")
        self.wait_status(self.a, "does not preempt: its configuration is another\n")
        self.restart_lbd(self.a, LBD)
        self.a.wait_state("MASTER", timeout=10)
        # b has it again, by plan, and a loses the link.
        self.assertEqual(self.failover(self.a)[0], 0)
        self.syncd[self.a].close()
        self.wait_status(self.a, "does not preempt: ")
        self.assert_stays(self.a, "BACKUP")

    def test_two_masters_are_told(self):
        self.start_pair()
        self.a.wait_state("MASTER")
        self.b.wait_state("BACKUP")
        self.a.isolate(True)
        self.a.host.link("sync0", False)
        self.b.wait_state("MASTER")
        since = time.monotonic()
        wait_for(lambda: time.monotonic() - since > 1.5, what="time for two masters")
        self.a.host.link("sync0", True)
        self.a.isolate(False)
        self.b.wait_state("BACKUP", timeout=10)
        split = time.monotonic() - since
        # There may have been two for a moment when a preempted.
        for node in (self.a, self.b):
            told = lambda n=node: self.router_stats(n)["instance VI_1", "vrrp_dual_active_us"] / 1e6
            try:
                wait_for(lambda t=told: t() > 1.5, 10)
                wait_for(lambda n=node: re.search(r"there were two masters for [1-9]", n.log()), 10)
            except AssertionError:
                self.fail(node.log())
            self.assertLess(told(), split + 1)
            self.assertRegex(self.status(node), r"there were two masters for \d+\.\d{3} s, \d+ s ago")


def main():
    netns.enter_private()
    for program in ("lbd", "vrrpd", "syncd", "lbctl"):
        need_program(program)
    unittest.main()


if __name__ == "__main__":
    main()
