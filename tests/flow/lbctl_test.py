"""lbctl against a real syncd, absent daemons, and the runtime API of Debian's haproxy, which lbd's is a copy of."""

import os
import re
import signal
import tempfile
import unittest

from support.process import Program, find_program, need_program, run, wait_for

LBCTL = need_program("lbctl")


class LbctlTest(unittest.TestCase):
    def setUp(self):
        directory = tempfile.TemporaryDirectory(prefix="tandem-lbctl-")
        self.addCleanup(directory.cleanup)
        self.directory = directory.name

    def path(self, name):
        return os.path.join(self.directory, name)

    def lbctl(self, *words):
        return run([LBCTL, "-t", "5", "-l", self.path("lbd"), "-r", self.path("vrrpd"), "-y", self.path("syncd"),
                    "-s", self.path("stats"), *words])

    def start(self, program, config, awaited):
        with open(self.path("conf"), "w", encoding="ascii") as file:
            file.write(config)
        started = Program([need_program(program), "-f", self.path("conf")], self.directory)
        self.addCleanup(started.close)
        wait_for(lambda: os.path.exists(self.path(awaited)), what=f"{program}\n{started.errors()}")

    def test_nothing_runs(self):
        code, out, _ = self.lbctl("status")
        self.assertEqual(code, 3)
        self.assertEqual([line.split(" (")[0] for line in out.splitlines()],
                         ["pair   unknown: no daemon answers", "lbd    not running", "vrrpd  not running", "syncd  not running"])

    def test_status_of_syncd(self):
        self.start("syncd", f"node lb1\npeer lb2 127.0.0.1:1\nsocket {self.path('syncd')}\n", "syncd")
        code, out, _ = self.lbctl("status")
        self.assertEqual(code, 2, out)
        self.assertIn("pair   failed: lbd does not run; vrrpd does not run; node lb2 is down\n", out)
        self.assertIn("lbd    not running", out)
        self.assertIn("syncd  node lb1, pid ", out)
        self.assertIn("node lb2 at 127.0.0.1:1: down", out)

    def test_status_again_and_again(self):
        watch = Program([LBCTL, "-l", self.path("lbd"), "-r", self.path("vrrpd"), "-y", self.path("syncd"), "status", "--watch"],
                        self.directory)
        self.addCleanup(watch.close)
        wait_for(lambda: watch.output().count("pair   unknown") >= 2, what="two looks")
        self.assertNotIn("\x1b", watch.output(), "nothing for terminals in a file")
        code, _, err = self.lbctl("status", "--wach")
        self.assertEqual(code, 3)
        self.assertIn("status does not know '--wach'", err)

    def test_show_and_cli_reach_the_runtime_api(self):
        if not find_program("haproxy"):
            self.skipTest("no haproxy here")
        self.start("haproxy", f"global\n stats socket {self.path('stats')} level admin\n"
                   "defaults\n timeout client 1s\n timeout server 1s\n timeout connect 1s\n"
                   f"listen l\n bind unix@{self.path('listen')}\n server s 127.0.0.1:1\n", "stats")
        code, out, _ = self.lbctl("show", "servers", "state", "l")
        self.assertEqual(code, 0)
        self.assertIn(" s 127.0.0.1 ", out)
        self.assertEqual(self.lbctl("cli", "set", "server", "l/s", "weight", "7")[:2], (0, "\n"))
        self.assertEqual(self.lbctl("cli", "get", "weight", "l/s")[:2], (0, "7 (initial 1)\n\n"))

    def check(self, proxy, router):
        for name, text in (("h.cfg", proxy), ("k.conf", router)):
            with open(self.path(name), "w", encoding="ascii") as file:
                file.write(text)
        return self.lbctl("check", "-f", self.path("h.cfg"), "-k", self.path("k.conf"))

    def test_check_of_both_files(self):
        proxy = ("defaults\n mode http\n timeout client 1s\n timeout server 1s\n timeout connect 1s\n"
                 "frontend web\n bind %s\n http-request return status 200\n")
        router = ("vrrp_instance VI_1 {\n interface lo\n virtual_router_id 5\n unicast_src_ip 127.0.0.1\n"
                  " unicast_peer {\n  %s\n }\n virtual_ipaddress {\n  203.0.113.1/24\n }\n}\n")
        good = self.check(proxy % "203.0.113.1:80 transparent", router % "203.0.113.2")
        self.assertEqual(good[0], 0, good)
        self.assertIn("together     good\n", good[1])
        self.assertIn("other node   not asked, since syncd does not run here\n", good[1])
        code, out, _ = self.check(proxy % "203.0.113.9:80", router % "127.0.0.1")
        self.assertEqual(code, 1)
        self.assertIn("k.conf:1: nobody listens at the virtual address 203.0.113.1 of VI_1\n", out)
        self.assertIn("h.cfg:7: 'web' listens at 203.0.113.9, which is neither an address of this node nor a virtual one\n", out)
        self.assertIn("VI_1: the peer 127.0.0.1 is this node itself\n", out)
        code, out, err = self.check(proxy % "nonsense", router % "203.0.113.2")
        self.assertEqual(code, 1)
        self.assertIn("h.cfg: not good, see above\n", out)
        self.assertIn("missing port specification in 'nonsense'", err)
        self.assertNotIn("together", out)
        self.assertEqual(self.lbctl("check", "-x")[0], 2)

    INIT = ("init", "--vip", "203.0.113.100/24", "--interface", "lo", "--node", "lb1=203.0.113.11", "--node", "lb2=203.0.113.12",
            "--server", "203.0.113.31:8080", "--server", "[2001:db8::1]:8080")

    def test_init_writes_a_pair_that_is_good(self):
        for mode in ("http", "tcp"):
            folder = self.path(mode)
            code, out, err = self.lbctl(*self.INIT, "--mode", mode, "--output", folder)
            self.assertEqual((code, err), (0, ""), out)
            self.assertIn(f"{folder}/lb1 and {folder}/lb2", out)
            texts = {"lb1": {}, "lb2": {}}
            for node in texts:
                for name in ("lbd.cfg", "vrrpd.conf", "syncd.conf", "secret"):
                    with open(f"{folder}/{node}/{name}", encoding="ascii") as file:
                        texts[node][name] = file.read()
            for same in ("lbd.cfg", "syncd.conf", "secret"):
                self.assertEqual(texts["lb1"][same], texts["lb2"][same])
            self.assertRegex(texts["lb1"]["secret"], r"^[0-9a-f]{64}\n$")
            self.assertEqual(os.stat(f"{folder}/lb1/secret").st_mode & 0o777, 0o600)
            self.assertIn("server s2 [2001:db8::1]:8080 check", texts["lb1"]["lbd.cfg"])
            self.assertIn("unicast_src_ip 203.0.113.12", texts["lb2"]["vrrpd.conf"])
            code, out, _ = self.lbctl("check", "-f", f"{folder}/lb1/lbd.cfg", "-k", f"{folder}/lb1/vrrpd.conf")
            # This machine is neither of the two.
            self.assertEqual(code, 1)
            self.assertIn("the source 203.0.113.11 is not an address of this node", out)
            self.assertNotIn("listens", out)
        code, _, err = self.lbctl(*self.INIT, "--output", self.path("tcp"))
        self.assertEqual(code, 1)
        self.assertIn("File exists", err)

    def test_init_says_what_is_wrong(self):
        for more, what in ((("--vip", "203.0.113.1"), "'203.0.113.1' is not an address with a prefix"), (("--port", "0"), "'0' is not a port"),
                           (("--node", "lb3=203.0.113.13"), "a pair has two nodes"), (("--node", "lb1=203.0.113.99"), "is the same node as"),
                           (("--server", "x"), "'x' is not ADDRESS:PORT"), (("--mode", "udp"), "http or tcp"), (("--nonsense", "x"), "is not known"),
                           (("--port",), "needs an argument"), (("--interface", "a b"), "is not the name of an interface"),
                           (("--router-id", "256"), "is not a virtual router id")):
            code, _, err = self.lbctl(*self.INIT, *more)
            self.assertEqual(code, 2, err)
            self.assertIn(what, err)
        code, _, err = self.lbctl("init", "--vip", "203.0.113.100/24")
        self.assertEqual(code, 2)
        self.assertIn("--interface is missing", err)

    def test_events_of_a_reload_that_failed(self):
        good = (f"global\n tandem-link-socket {self.path('lbd')}\n tandem-syncd-socket {self.path('none')}\n"
                "defaults\n timeout client 1s\n timeout server 1s\n timeout connect 1s\n"
                f"listen l\n bind unix@{self.path('listen')}\n server s 127.0.0.1:1\n")
        path = self.path("lbd.cfg")

        def write(text):
            with open(path, "w", encoding="ascii") as file:
                file.write(text)

        def told():
            return self.lbctl("events")[1]
        write(good)
        lbd = Program([need_program("lbd"), "-W", "-f", path], self.directory)
        self.addCleanup(lbd.close)
        wait_for(lambda: re.search(r"lbd   lbd: process \d+ serves, version", told()), what="the start")
        write(good + " nonsense\n")
        lbd.signal(signal.SIGUSR2)
        wait_for(lambda: re.search(r"lbd   lbd: failed, process \d+ goes on: ", told()), what=lbd.errors())
        self.assertEqual(self.lbctl("events", "--since", "0s")[:2], (0, ""))
        self.assertEqual(self.lbctl("-t", "0", "events")[0], 2)

    def test_mistakes(self):
        code, _, err = self.lbctl("show", "info")
        self.assertEqual(code, 1)
        self.assertIn("No such file", err)
        code, _, err = self.lbctl("events")
        self.assertEqual(code, 1)
        self.assertIn("no daemon answers", err)
        self.assertEqual(self.lbctl("dance")[0], 2)
        self.assertEqual(self.lbctl()[0], 2)


if __name__ == "__main__":
    unittest.main()
