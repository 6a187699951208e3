#!/usr/bin/env python3
"""What the daemons tell systemd: that they serve, reload and stop, and, for its watchdog, that they live. lbd's master keeps
silent when a worker hangs, though it turns itself."""

import os
import signal
import socket
import sys
import tempfile
import unittest

sys.path.insert(0, os.path.dirname(os.path.dirname(os.path.abspath(__file__))))

from support.netns import enter_private  # noqa: E402
from support.process import Program, children, need_program, wait_for  # noqa: E402

LBD_CONFIG = """
global
    tandem-link-socket {directory}/link.sock
    tandem-syncd-socket {directory}/none.sock
    stats socket {directory}/admin.sock level admin
defaults
    mode http
    timeout connect 1s
    timeout client 1s
    timeout server 1s
frontend fe
    bind {directory}/web.sock
    http-request return status 200
"""


class Systemd(unittest.TestCase):
    def setUp(self):
        folder = tempfile.TemporaryDirectory(prefix="tandem-test-")
        self.addCleanup(folder.cleanup)
        self.directory = folder.name
        self.socket = socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM)
        self.addCleanup(self.socket.close)
        self.socket.bind(os.path.join(self.directory, "notify"))
        self.socket.setblocking(False)
        self.heard = []

    def start(self, *argv, watchdog="100000"):
        env = {"NOTIFY_SOCKET": os.path.join(self.directory, "notify"), "WATCHDOG_USEC": watchdog}
        program = Program(argv, os.path.join(self.directory), env=env)
        self.addCleanup(program.close)
        return program

    def write(self, name, text):
        path = os.path.join(self.directory, name)
        with open(path, "w", encoding="ascii") as file:
            file.write(text.format(directory=self.directory))
        return path

    def listen(self):
        while True:
            try:
                self.heard += self.socket.recv(4096).decode().splitlines()
            except BlockingIOError:
                return self.heard

    def wait_word(self, word, times=1):
        wait_for(lambda: self.listen().count(word) >= times, timeout=20, what=f"{word} × {times}, heard {self.heard[-20:]}")

    def forget(self):
        self.listen()
        self.heard = []

    def lives(self, program):
        self.wait_word("READY=1")
        self.wait_word("WATCHDOG=1", 3)
        self.assertEqual(self.heard[0], "READY=1")
        self.assertIsNone(program.process.poll())

    def lives_reloads_and_stops(self, program):
        self.lives(program)
        self.forget()
        program.signal(signal.SIGHUP)
        self.wait_word("RELOADING=1")
        self.wait_word("READY=1")
        program.signal(signal.SIGTERM)
        self.wait_word("STOPPING=1")
        self.assertEqual(program.wait(), 0)

    def test_syncd(self):
        path = self.write("syncd.conf", "node lb1\nsocket {directory}/syncd.sock\n")
        program = self.start(need_program("syncd"), "-f", path)
        self.lives_reloads_and_stops(program)

    def test_vrrpd(self):
        path = self.write("vrrpd.conf", "global_defs {{\n tandem_socket {directory}/vrrpd.sock\n tandem_syncd_socket none\n}}\n")
        program = self.start(need_program("vrrpd"), "-n", "-l", "-G", "-f", path, "-p", os.path.join(self.directory, "pid"))
        self.lives_reloads_and_stops(program)

    def test_lbsnmpd(self):
        program = self.start(need_program("lbsnmpd"), "-x", os.path.join(self.directory, "no-master"), "-s", "", "-r", "", "-y", "",
                             "-i", os.path.join(self.directory, "indices"))
        self.lives(program)

    def test_lbd(self):
        path = self.write("lbd.cfg", LBD_CONFIG)
        program = self.start(need_program("lbd"), "-Ws", "-f", path)
        self.wait_word("READY=1")
        self.wait_word("WATCHDOG=1", 3)
        self.forget()
        program.signal(signal.SIGUSR2)
        self.wait_word("RELOADING=1")
        self.wait_word("READY=1")
        program.signal(signal.SIGTERM)
        self.wait_word("STOPPING=1")
        self.assertEqual(program.wait(), 128 + signal.SIGTERM)

    def test_a_hanging_worker_of_lbd_is_not_told_to_be_alive(self):
        path = self.write("lbd.cfg", LBD_CONFIG)
        program = self.start(need_program("lbd"), "-Ws", "-f", path)
        self.wait_word("WATCHDOG=1")
        # The first sign of life is what the master judges by from then on; the runtime socket answers after it.
        worker = wait_for(lambda: children(program.process.pid), what="a worker")[0]
        wait_for(lambda: self.answers(), timeout=20, what="the runtime socket")
        os.kill(worker, signal.SIGSTOP)
        self.addCleanup(self.go_on, worker)

        def silent():
            self.forget()
            # Ten times what the master would wait between two words.
            return not wait_word_within(self, "WATCHDOG=1", 0.5)

        wait_for(silent, timeout=60, what="silence")
        os.kill(worker, signal.SIGCONT)
        self.wait_word("WATCHDOG=1")

    @staticmethod
    def go_on(pid):
        try:
            os.kill(pid, signal.SIGCONT)
        except ProcessLookupError:
            pass

    def answers(self):
        with socket.socket(socket.AF_UNIX) as client:
            try:
                client.connect(os.path.join(self.directory, "admin.sock"))
                client.sendall(b"show info\n")
                return client.recv(4096)
            except OSError:
                return b""


def wait_word_within(case, word, seconds):
    try:
        wait_for(lambda: case.listen().count(word), timeout=seconds, what=word)
    except AssertionError:
        return False
    return True


if __name__ == "__main__":
    enter_private()
    unittest.main(verbosity=2)
