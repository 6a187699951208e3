#!/usr/bin/env python3
"""Prometheus' own promtool over what lbd exports with a pair around it, and over the alert rules in docs/monitoring. Not
among `make test`, since Debian has promtool in the package of the whole server: `make promtool`.
"""

import os
import subprocess
import sys
import unittest

sys.path.insert(0, os.path.dirname(os.path.dirname(os.path.abspath(__file__))))

from flow.pair_view_test import MASTER, View  # noqa: E402
from support.client import get  # noqa: E402
from support.process import need_program, run, wait_for  # noqa: E402

ROOT = os.path.dirname(os.path.dirname(os.path.dirname(os.path.abspath(__file__))))


class Promtool(View):
    def test_metrics(self):
        self.vrrpd.say(MASTER, "a reason", 1.0)
        wait_for(lambda: self.sample("tandem_vrrp_adverts_sent_total") == 12, what="figures of vrrpd")
        done = subprocess.run([need_program("promtool"), "check", "metrics"], input=get(self.at, "/metrics").body,
                              capture_output=True, timeout=30, check=False)
        self.assertEqual((done.returncode, done.stdout + done.stderr), (0, b""))

    def test_alert_rules(self):
        code, out, err = run([need_program("promtool"), "check", "rules", f"{ROOT}/docs/monitoring/alerts.yml"])
        self.assertEqual(code, 0, out + err)


if __name__ == "__main__":
    unittest.main(defaultTest=["Promtool.test_metrics", "Promtool.test_alert_rules"])
