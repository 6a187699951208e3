"""vrrpd as a process: checking a file, going to the background, pid file, versions and signals by name."""

import os
import signal
import sys
import tempfile
import time
import unittest

sys.path.insert(0, os.path.dirname(os.path.dirname(os.path.abspath(__file__))))

from support import netns  # noqa: E402
from support.process import need_program, run, wait_for  # noqa: E402
from support.vrrp import Router, instance  # noqa: E402


class ConfigTest(unittest.TestCase):
    def check(self, text, *arguments):
        with tempfile.NamedTemporaryFile("w", suffix=".conf") as file:
            file.write(text)
            file.flush()
            return run([need_program("vrrpd"), "-t", "-f", file.name, *arguments])

    def test_good(self):
        self.assertEqual(self.check(instance(priority=254)), (0, "", ""))

    def test_an_unknown_word_is_an_error_with_its_place_and_a_suggestion(self):
        code, out, err = self.check(instance(priority=254, advert_in=1))
        self.assertEqual((code, out), (4, ""))
        self.assertRegex(err, r":7:3: unknown word 'advert_in' in vrrp_instance VI_1\n")
        self.assertIn("|   ^~~~~~~~~\n", err)
        self.assertIn("did you mean 'advert_int'?", err)

    def test_a_missing_brace(self):
        code, _, err = self.check(instance(priority=254).rstrip().removesuffix("}"))
        self.assertEqual(code, 4)
        self.assertIn("this '{' is never closed", err)

    def test_what_cannot_run(self):
        code, _, err = self.check(instance(virtual_router_id=None))
        self.assertEqual(code, 3)
        self.assertIn("'VI_1' needs a virtual_router_id", err)

    def test_no_file(self):
        code, _, err = run([need_program("vrrpd"), "-t", "-f", "/nonexistent"])
        self.assertEqual(code, 3)
        self.assertIn("/nonexistent", err)

    def test_ids(self):
        text = instance(priority=254).replace("priority", "@one priority").replace("version", "@two bogus 1\n version")
        self.assertEqual(self.check(text, "-i", "one")[0], 0)
        self.assertEqual(self.check(text, "-i", "two")[0], 4)

    def test_version_and_signals(self):
        self.assertRegex(run([need_program("vrrpd"), "-v"])[1], r"^vrrpd \d+\.\d+\.\d+ \(Tandem\)\n$")
        self.assertEqual(run([need_program("vrrpd"), "--signum=RELOAD"])[1], "1\n")
        self.assertEqual(run([need_program("vrrpd"), "--signum=NONE"])[0], 1)


class Process(unittest.TestCase):
    def setUp(self):
        self.network = netns.Network()
        self.addCleanup(self.network.close)
        self.a = Router(self, self.network, "a", 1)

    def test_background(self):
        self.a.write(instance(priority=255))
        pid_file, log = f"{self.a.directory}/pid", f"{self.a.directory}/log"
        argv = [*self.a.host.prefix, self.a.binary, "-G", "-g", log, "-p", pid_file, "-f", self.a.config_path]
        self.assertEqual(run(argv), (0, "", ""))  # it works when the starter has ended
        with open(pid_file, encoding="ascii") as file:
            pid = int(file.read())
        try:
            wait_for(self.a.has, what="the address")
            code, _, err = run(argv)
            self.assertNotEqual(code, 0)
            self.assertIn(pid_file, err)
        finally:
            os.kill(pid, signal.SIGTERM)
        wait_for(lambda: not os.path.exists(pid_file), what="the end")
        self.assertFalse(self.a.has())
        with open(log, encoding="ascii") as file:
            self.assertIn("(VI_1) Entering MASTER STATE", file.read())

    def test_errors_that_keepalived_starts_on(self):
        self.a.start(instance(advert_in=1, priority=255))
        self.a.wait_state("MASTER")
        self.assertIn("unknown word 'advert_in'", self.a.log())

    def test_an_unusable_file(self):
        self.a.start(instance(virtual_router_id=None))
        self.assertEqual(self.a.program.wait(), 2)

    def test_addresses_may_be_left(self):
        self.a.start(instance(priority=255), arguments=["-V"])
        wait_for(self.a.has, what="the address")
        self.a.stop()
        self.assertTrue(self.a.has())

    def test_startup_delay(self):
        since = time.monotonic()
        self.a.start(instance(priority=255), global_words=["vrrp_startup_delay 0.5"])
        self.a.wait_state("MASTER")
        self.assertGreater(time.monotonic() - since, 0.5)

    def test_an_interface_is_deleted_and_made_again(self):
        self.a.start(instance(priority=255))
        self.a.wait_state("MASTER")
        self.a.host.run("ip", "link", "del", "eth0")
        self.a.wait_state("FAULT")
        self.network.switch.run("ip", "link", "add", "again", "type", "veth", "peer", "name", "eth0", "netns",
                                str(self.a.host.pid))
        self.network.switch.run("ip", "link", "set", "again", "master", "sw0", "up")
        self.a.host.run("ip", "addr", "add", "10.77.0.1/24", "dev", "eth0")
        self.a.host.link("eth0", True)
        self.a.wait_state("MASTER")
        wait_for(self.a.has, what="the address")


if __name__ == "__main__":
    netns.enter_private()
    need_program("vrrpd")
    unittest.main()
