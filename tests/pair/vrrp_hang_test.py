"""A real lbd that hangs beside vrrpd: one worker stopped, one in an endless loop, the whole process stopped; how long until
the other node has the address, at advert_int 1. TANDEM_ROUNDS sets the rounds of each (2)."""

import contextlib
import json
import os
import signal
import subprocess
import sys
import time
import unittest

sys.path.insert(0, os.path.dirname(os.path.dirname(os.path.abspath(__file__))))

from support import netns, ptrace  # noqa: E402
from support.client import command  # noqa: E402
from support.process import Program, cpu_seconds, need_program, wait_for  # noqa: E402
from support.vrrp import Router, Sniffer, address, figures, instance  # noqa: E402

ROUNDS = int(os.environ.get("TANDEM_ROUNDS", "2"))
PROMISE = 0.35
# A busy machine keeps any process from running for a while.
SLACK = 0.15
WORKERS = 2


def waited(process, thread):
    """Seconds for which a thread was ready to run and was not let (proc(5), schedstat)."""
    with open(f"/proc/{process}/task/{thread}/schedstat", encoding="ascii") as file:
        return int(file.read().split()[1]) / 1e9


class Hang(unittest.TestCase):
    def setUp(self):
        self.network = netns.Network()
        self.addCleanup(self.network.close)
        self.a = Router(self, self.network, "a", 1)
        self.b = Router(self, self.network, "b", 2)
        self.client = self.network.host("client", address(9) + "/24")
        self.lbd = self.start_lbd()
        self.b.start(self.config(2, 1, priority=100))
        self.a.start(self.config(1, 2, priority=110, track_lbd=True))
        self.settle()

    def start_lbd(self):
        config = os.path.join(self.a.directory, "lbd.cfg")
        with open(config, "w", encoding="ascii") as file:
            file.write(f"global\n    tandem-link-socket {self.a.directory}/lbd.sock\n    nbthread {WORKERS}\n"
                       f"    stats socket {self.a.directory}/stats.sock\n"
                       "defaults\n    mode http\n    timeout client 5s\n    timeout server 5s\n    timeout connect 5s\n"
                       "frontend web\n    bind 127.0.0.1:8080\n")
        program = Program([need_program("lbd"), "-db", "-f", config], self.a.directory, prefix=self.a.host.prefix,
                          own_directory=False)
        self.addCleanup(program.close)
        wait_for(lambda: os.path.exists(f"{self.a.directory}/lbd.sock"), what=f"lbd\n{program.errors()}")
        return program

    @staticmethod
    def config(own, peer, **words):
        return instance(lines=("unicast_peer {", f"  {address(peer)}", "}"), unicast_src_ip=address(own), advert_int=1, **words)

    def settle(self):
        wait_for(lambda: self.a.state() == "MASTER" and self.a.has() and self.b.state() == "BACKUP", 20,
                 f"a alone\n{self.a.log()}\n{self.b.log()}")
        time.sleep(0.3)  # lbd publishes that it works

    def measure(self, what, *hangs):
        """Each of `hangs` makes a context manager, in which lbd hangs."""
        mac = bytes.fromhex(self.b.host.run("ip", "-br", "link", "show", "eth0").split()[2].replace(":", ""))
        took = []

        def announced():
            return [when for when, frame in sniffer.gratuitous_arps() if when > since and frame[6:12] == mac]

        for _ in range(ROUNDS):
            for hang in hangs:
                with Sniffer(self.client) as sniffer:
                    since = time.monotonic()
                    with hang():
                        wait_for(announced, 10, f"b to announce the address\n{self.a.log()}\n{self.b.log()}")
                        took.append(min(announced()) - since)
                        self.a.wait_state("FAULT")
                        wait_for(lambda: not self.a.has(), what="a to be without the address")
                self.settle()
        median, _ = figures(what, took, PROMISE)
        self.assertLessEqual(median, PROMISE + SLACK)
        self.assertIn(f"lbd (pid {self.lbd.pid}) hangs", self.a.log())

    def workers(self):
        workers = ptrace.threads(self.lbd.pid)
        self.assertEqual(len(workers), WORKERS)
        return workers

    def test_lbd_is_told_who_is_master_and_what_vrrpd_counts(self):
        def shown():
            return json.loads(command(f"{self.a.directory}/stats.sock", "show pair json"))

        def adverts():
            return [figure["value"] for figure in shown()["vrrpd"]["figures"] if figure["name"] == "vrrp_adverts_sent"]

        wait_for(lambda: [one["role"] for one in shown()["instances"]] == ["MASTER"], what="the role")
        before = wait_for(adverts, what="the figures of vrrpd")
        wait_for(lambda: adverts() > before, what="more adverts")

    def test_a_stopped_worker(self):
        self.measure("a worker of lbd is stopped", *(lambda w=worker: ptrace.hang(w) for worker in self.workers()))

    @unittest.skipUnless(ptrace.CAN_LOOP, "needs x86-64")
    def test_a_looping_worker(self):
        before = cpu_seconds(self.lbd.pid)
        self.measure("a worker of lbd loops", *(lambda w=worker: ptrace.hang(w, loop=True) for worker in self.workers()))
        self.assertGreater(cpu_seconds(self.lbd.pid) - before, 0.1)  # it did loop

    def test_a_stopped_process(self):
        @contextlib.contextmanager
        def stopped():
            self.lbd.signal(signal.SIGSTOP)
            try:
                yield
            finally:
                self.lbd.signal(signal.SIGCONT)

        self.measure("lbd is stopped", stopped)

    def test_a_starved_worker_does_not_hang(self):
        """Another program has its processor, and more right to it than any other, for twice the time of a hang."""
        worker = self.workers()[0]
        os.sched_setaffinity(worker, {min(os.sched_getaffinity(worker))})
        processor = min(os.sched_getaffinity(worker))
        hog = ("import os, time; os.sched_setaffinity(0, {%d}); os.sched_setscheduler(0, os.SCHED_FIFO, os.sched_param(10));"
               "end = time.monotonic() + 0.6\nwhile time.monotonic() < end: pass" % processor)
        before = waited(self.lbd.pid, worker)
        done = subprocess.run([sys.executable, "-c", hog], capture_output=True, text=True, check=False)
        if "PermissionError" in done.stderr:
            self.skipTest("needs the right to real-time priorities")
        self.assertEqual(done.stderr, "")
        wait_for(lambda: waited(self.lbd.pid, worker) - before > 0.3, what="the worker to have waited")
        self.assertNotIn("hangs", self.a.log())
        self.assertEqual((self.a.state(), self.b.state()), ("MASTER", "BACKUP"))

    def test_a_looping_worker_serves_again(self):
        """A hang that ends is over: the node takes its place again, and the same process still works."""
        with ptrace.hang(self.workers()[0]):
            self.b.wait_state("MASTER")
        self.settle()
        self.assertIn("works again", self.a.log())
        self.assertTrue(self.lbd.alive())


def main():
    netns.enter_private()
    for program in ("lbd", "vrrpd"):
        need_program(program)
    unittest.main()


if __name__ == "__main__":
    main()
