#!/usr/bin/env python3
"""Ansible's community.general.haproxy module drives haproxy and lbd through the same steps: what it says changed, and what
the servers are then, is the same. Not among `make test`, since Ansible is large: `make ansible`.
"""

import contextlib
import json
import os
import sys
import tempfile
import unittest

sys.path.insert(0, os.path.dirname(os.path.dirname(os.path.abspath(__file__))))

from support.client import command  # noqa: E402
from support.origin import Origin, answer  # noqa: E402
from support.process import Proxy, listening_socket, need_program, run  # noqa: E402

CONFIG = """
global
  nbthread 1
  stats socket {d}/admin level admin
defaults
  mode http
  timeout client 5s
  timeout server 5s
  timeout connect 5s
frontend web
  bind "fd@${{web}}"
  default_backend www
backend www
  server s1 127.0.0.1:{port} check inter 100ms
  server s2 127.0.0.1:{port}
backend other
  server s1 127.0.0.1:{port}
"""
STEPS = ["state=disabled host=s1 backend=www", "state=disabled host=s1 backend=www", "state=enabled host=s1 backend=www wait=true",
         "state=drain host=s2 backend=www", "state=enabled host=s2 backend=www weight=10",
         "state=disabled host=s1 shutdown_sessions=true", "state=enabled host=s1",
         "state=disabled host=s1 backend=www health=true agent=true", "state=enabled host=s1 backend=www health=true agent=true",
         "state=disabled host=none backend=www fail_on_not_found=true", "state=enabled host=s2 backend=www weight=50%"]


class Ansible(unittest.TestCase):
    maxDiff = None

    def steps(self, binary, directory):
        with contextlib.ExitStack() as stack:
            origin, web = stack.enter_context(Origin(answer())), stack.enter_context(listening_socket())
            proxy = stack.enter_context(Proxy(need_program(binary), CONFIG.format(d=directory, port=origin.port), {"web": web},
                                              directory=directory))
            admin = f"{directory}/admin"
            proxy.wait_serving(admin)
            for words in STEPS:
                code, out, err = run([need_program("ansible"), "localhost", "-c", "local", "-o", "-m", "community.general.haproxy",
                                      "-a", f"socket={admin} {words}", "-e", "ansible_python_interpreter=/usr/bin/python3"],
                                     timeout=60, env={"HOME": directory, "ANSIBLE_LOCALHOST_WARNING": "False"})
                self.assertIn(" => {", out, f"{binary}: {words}: {out}{err}")
                told = json.loads(out.split(" => ", 1)[1])
                told = {name: value for name, value in told.items() if name in ("changed", "msg", "command", "failed")}
                states = [(words[1], words[3], words[6], words[7])
                          for words in (line.split() for line in command(admin, "show servers state").split("\n")[2:]) if words]
                yield words, code, told, states

    def test_steps(self):
        with tempfile.TemporaryDirectory(prefix="tandem-test-") as first, tempfile.TemporaryDirectory(prefix="tandem-test-") as second:
            for expected, ours in zip(self.steps("haproxy", first), self.steps(os.environ.get("TANDEM_TESTED", "lbd"), second)):
                with self.subTest(expected[0]):
                    self.assertEqual(ours, expected)


if __name__ == "__main__":
    unittest.main()
