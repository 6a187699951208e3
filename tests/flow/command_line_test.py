#!/usr/bin/env python3
"""The habits of start scripts, supervisors and test drivers: command line, exit codes, inherited sockets, signals, master.

Written against Debian's haproxy (TANDEM_TESTED=haproxy runs it there); what only newer versions know is asked of lbd alone.
"""

import contextlib
import os
import re
import shutil
import signal
import socket
import stat
import subprocess
import sys
import tempfile
import threading
import unittest

sys.path.insert(0, os.path.dirname(os.path.dirname(os.path.abspath(__file__))))

from support import origin  # noqa: E402
from support.client import Client, Closed, command, get  # noqa: E402
from support.origin import Origin  # noqa: E402
from support.process import Program, Proxy, children, listening_socket, need_program, reserved_port, run, wait_for  # noqa: E402

BINARY = need_program(os.environ.get("TANDEM_TESTED", "lbd"))
IS_LBD = os.path.basename(BINARY) == "lbd"

DEFAULTS = """
defaults
    mode http
    timeout connect 2s
    timeout client 5s
    timeout server 5s
"""
ANSWERING = """
frontend fe
    bind {bind}
    http-request return status 200 content-type text/plain string "ok" hdr X-Pid %pid
"""


def answering(bind='"fd@${fe}"', first=""):
    return first + DEFAULTS + ANSWERING.format(bind=bind)


class Case(unittest.TestCase):
    def setUp(self):
        self.stack = contextlib.ExitStack()
        self.addCleanup(self.stack.close)
        self.directory = self.stack.enter_context(tempfile.TemporaryDirectory(prefix="tandem-test-"))

    def path(self, name):
        return os.path.join(self.directory, name)

    def write(self, name, text):
        with open(self.path(name), "w", encoding="utf-8") as file:
            file.write(text)
        return self.path(name)

    def listener(self, *args, **more):
        return self.stack.enter_context(listening_socket(*args, **more))

    def port(self, address="127.0.0.1"):
        number, keeper = reserved_port(address)
        self.stack.callback(keeper.close)
        return number

    def proxy(self, text, sockets=None, args=("-db",), **more):
        return self.stack.enter_context(Proxy(BINARY, text, sockets, args, **more))

    def kill_later(self, pid):
        def kill():
            with contextlib.suppress(ProcessLookupError):
                os.kill(pid, signal.SIGKILL)

        self.stack.callback(kill)

    def kill_what_the_pid_file_says(self):
        """At the end, whatever came between; for daemons that a failing test would leave."""
        def kill():
            with contextlib.suppress(FileNotFoundError, ValueError, ProcessLookupError):
                with open(self.path("pid"), encoding="ascii") as file:
                    pid = int(file.read().split()[0])
                for process in [pid, *children(pid)]:
                    os.kill(process, signal.SIGKILL)

        self.stack.callback(kill)

    def gone(self, pid, timeout=5):
        def ended():
            with contextlib.suppress(FileNotFoundError, ProcessLookupError):
                with open(f"/proc/{pid}/stat", encoding="ascii") as file:
                    return file.read().rsplit(")", 1)[1].split()[0] == "Z"
            return True

        wait_for(ended, timeout, f"process {pid} to end")

    def pid_from(self, path):
        def read():
            with contextlib.suppress(FileNotFoundError, ValueError, IndexError):
                with open(path, encoding="ascii") as file:
                    return int(file.read().split()[0])
            return None

        return wait_for(read, what="the pid file")


class Questions(Case):
    """Options that answer and exit."""

    def test_version(self):
        for option in ("-v", "-vv"):
            code, out, _ = run([BINARY, option])
            self.assertEqual(code, 0)
            self.assertRegex(out.splitlines()[0], r"^HAProxy version \d+\.\d+(\.\d+|-dev\d+)?\S*( \d{4}/\d\d/\d\d)?.*")

    def test_build_options(self):
        _, out, _ = run([BINARY, "-vv"])
        self.assertIn("Feature list :", out)
        features = re.search(r"^Feature list : (.*)$", out, re.M)[1].split()
        for feature in ("OPENSSL", "THREAD", "PCRE2", "PROMEX", "LINUX_SPLICE", "TPROXY"):
            self.assertIn("+" + feature, features)

    def test_check_valid(self):
        path = self.write("a.cfg", answering("127.0.0.1:65000"))
        for arguments in (["-c", "-f", path], ["-f", path, "-c"], ["-c", "-V", "-f", path]):
            code, out, err = run([BINARY, *arguments])
            self.assertEqual((code, out), (0, "Configuration file is valid\n"), err)
        self.assertEqual(run([BINARY, "-c", "-q", "-f", path])[:2], (0, ""))

    def test_check_errors(self):
        path = self.write("bad.cfg", "frontend fe\n    bindd 127.0.0.1:1\n    moode http\n")
        code, out, err = run([BINARY, "-c", "-f", path])
        self.assertEqual(code, 1)
        self.assertNotIn("valid", out)
        self.assertRegex(err, r"bad\.cfg:2")
        self.assertRegex(err, r"bad\.cfg:3", "all errors of a file in one run")
        self.assertIn("bind", err)

    def test_check_without_listener(self):
        path = self.write("none.cfg", "global\n    daemon\n")
        code, out, err = run([BINARY, "-c", "-f", path])
        self.assertEqual(code, 2, err)
        self.assertIn("Configuration file has no error but will not start (no listener) => exit(2).", out + err)

    @unittest.skipUnless(IS_LBD, "words of its own")
    def test_own_words(self):
        path = self.write("own.cfg", answering("127.0.0.1:65000", "global\n    tandem-link-socket /run/t/link.sock\n"
                                                                  "    tandem-syncd-socket /run/t/syncd.sock\n"))
        code, _, err = run([BINARY, "-c", "-dW", "-f", path])
        self.assertEqual(code, 0, err)

    def test_missing_file(self):
        code, _, err = run([BINARY, "-c", "-f", self.path("absent.cfg")])
        self.assertEqual(code, 1)
        self.assertIn("absent.cfg", err)

    def test_unknown_option(self):
        self.assertEqual(run([BINARY, "-Z"])[0], 1)

    def test_conditions(self):
        for condition, expected in (("1", 0), ("0", 1), ("", 1), ("streq(a,a)", 0), ("streq(a,b)", 1), ("!streq(a,a)", 1),
                                    ("version_atleast(2.4)", 0), ("version_atleast(99)", 1), ("feature(OPENSSL)", 0),
                                    ("feature(THREAD) && version_before(99)", 0), ("defined(NO_SUCH_NAME)", 1),
                                    ("(streq(a,b) || streq(c,c)) && 1", 0), ("1 -a", 2), ("nosuch(1)", 2)):
            with self.subTest(condition):
                self.assertEqual(run([BINARY, "-cc", condition])[0], expected)
        if IS_LBD:
            self.assertEqual(run([BINARY, "-cc", "version_atleast(3.4)"])[0], 0)
            self.assertEqual(run([BINARY, "-cc", "openssl_version_atleast(3.0.0)"])[0], 0)
            self.assertEqual(run([BINARY, "-cc", "!ssllib_name_startswith(wolfSSL)"])[0], 0)

    def test_files_and_directories(self):
        self.write("global.cfg", "global\n    maxconn 100\n")
        os.mkdir(self.path("conf.d"))
        self.write("conf.d/10-defaults.cfg", DEFAULTS)
        self.write("conf.d/20-frontend.cfg", ANSWERING.format(bind="127.0.0.1:65000"))
        self.write("conf.d/not-read.txt", "garbage")
        self.assertEqual(run([BINARY, "-c", "-f", self.path("global.cfg"), "-f", self.path("conf.d")])[0], 0)
        self.assertEqual(run([BINARY, "-c", "-f", self.path("global.cfg"), "--", self.path("conf.d/10-defaults.cfg"),
                              self.path("conf.d/20-frontend.cfg")])[0], 0)
        self.assertEqual(run([BINARY, "-c", "-C", self.directory, "-f", "global.cfg", "-f", "conf.d"])[0], 0)

    def test_options_of_start_scripts_are_accepted(self):
        path = self.write("a.cfg", answering("127.0.0.1:65000"))
        for options in (["-dM"], ["-dS"], ["-dR"], ["-dr"], ["-dV"], ["-de"], ["-dp"], ["-dG"], ["-n", "100"], ["-N", "100"],
                        ["-L", "peer"], ["-m", "1024"], ["-V"], ["-q"], ["-d"], ["-db"], ["-D"], ["-W"], ["-Ws"],
                        ["-dMno-merge"], ["-dW"], ["-dD"], ["-p", self.path("pid")]):
            with self.subTest(options):
                code, _, err = run([BINARY, *options, "-c", "-f", path])
                self.assertEqual(code, 0, err)
        if IS_LBD:
            for option in ("-dI", "-dF", "-dZ", "-dC", "-dt", "-dA"):
                with self.subTest(option):
                    self.assertEqual(run([BINARY, option, "-c", "-f", path])[0], 0)

    def test_warning_is_fatal_with_dW(self):
        path = self.write("warns.cfg", "frontend fe\n    mode http\n    bind 127.0.0.1:65000\n    default_backend b\n"
                                       "backend b\n    mode http\n")  # no timeouts: a warning
        self.assertEqual(run([BINARY, "-c", "-f", path])[0], 0)
        self.assertEqual(run([BINARY, "-c", "-dW", "-f", path])[0], 1)

    def test_environment_and_conditions_in_the_file(self):
        text = ("global\n    setenv LOCAL_TIME 5s\n.if defined(CHOSEN) && streq(\"$CHOSEN\",yes)\n    maxconn 77\n.else\n"
                "    nonsense\n.endif\n.if feature(THREAD)\n    nbthread 1\n.endif\n"
                "defaults\n    mode http\n    timeout client \"${LOCAL_TIME}\"\n    timeout server \"${UNSET-5s}\"\n"
                "    timeout connect 5s\n" + ANSWERING.format(bind="127.0.0.1:${PORT}"))
        path = self.write("env.cfg", text)
        self.assertEqual(run([BINARY, "-c", "-f", path], env={"CHOSEN": "yes", "PORT": "65000"})[0], 0)
        self.assertEqual(run([BINARY, "-c", "-f", path], env={"CHOSEN": "no", "PORT": "65000"})[0], 1)


class Starting(Case):
    def test_output_stays_quiet(self):
        listener = self.listener()
        proxy = self.proxy(answering(), {"fe": listener}, args=("-d",))
        self.assertEqual(get(listener.getsockname()).status, 200)
        proxy.stop()
        if IS_LBD:  # haproxy -d prints traffic
            self.assertEqual(proxy.output(), "")

    def test_inherited_by_name_and_number(self):
        one, two = self.listener(), self.listener()
        first_client = Client(one.getsockname())  # queued before the start
        first_client.request("/")
        text = DEFAULTS + ANSWERING.format(bind=f'"fd@${{fe}}"\n    bind fd@{two.fileno()}')
        self.proxy(text, {"fe": one, "other": two})
        with first_client:
            self.assertEqual(first_client.response().status, 200)
        self.assertEqual(get(two.getsockname()).status, 200)

    def test_other_descriptors_are_left_alone(self):
        listener = self.listener()
        reader, writer = os.pipe()
        self.stack.callback(os.close, reader)
        with open(writer, "wb", buffering=0) as held:
            proxy = self.proxy(answering(), {"fe": listener, "HELD": held})
            self.assertEqual(get(listener.getsockname()).status, 200)
            self.assertTrue(os.path.exists(f"/proc/{proxy.pid}/fd/{held.fileno()}"))

    def test_unix_socket_bind(self):
        path = self.path("fe.sock")
        proxy = self.proxy(answering(f"unix@{path} mode 0666"))
        proxy.wait_serving(path)
        self.assertEqual(get(path).status, 200)
        self.assertEqual(stat.S_IMODE(os.stat(path).st_mode), 0o666)
        plain = self.path("plain.sock")
        self.proxy(answering(plain)).wait_serving(plain)

    def test_abstract_socket_bind(self):
        name = f"tandem-test-{os.getpid()}"
        proxy = self.proxy(answering(f"abns@{name}"))
        # haproxy's abns name is padded with null bytes to the full length of sun_path
        address = "\0" + name + "\0" * (107 - len(name))
        proxy.wait_serving(address)
        self.assertEqual(get(address).status, 200)

    def test_addresses(self):
        one, two, six = self.port(), self.port("127.0.0.2"), self.port("::1")
        proxy = self.proxy(answering(f"127.0.0.1:{one},ipv4@127.0.0.2:{two} name both\n    bind [::1]:{six} v6only"))
        for address in (("127.0.0.1", one), ("127.0.0.2", two), ("::1", six)):
            proxy.wait_serving(address)
            self.assertEqual(get(address).status, 200)

    def test_all_addresses_and_v4v6(self):
        one, two = self.port("0.0.0.0"), self.port("::")
        proxy = self.proxy(answering(f"*:{one}\n    bind :::{two} v4v6"))
        proxy.wait_serving(("127.0.0.1", one))
        proxy.wait_serving(("::1", two))
        self.assertEqual(get(("127.0.0.1", two)).status, 200)

    def test_address_of_another_machine(self):
        port = self.port("0.0.0.0")
        proxy = self.proxy(answering(f"192.0.2.1:{port} transparent\n    bind 127.0.0.1:{port}"))
        proxy.wait_serving(("127.0.0.1", port))
        self.assertTrue(proxy.alive())

    def test_port_in_use(self):
        with self.listener() as listener:
            port = listener.getsockname()[1]
            code, _, err = run([BINARY, "-db", "-f", self.write("a.cfg", answering(f"127.0.0.1:{port}"))])
        self.assertEqual(code, 1)
        self.assertIn(f"127.0.0.1:{port}", err)
        self.assertRegex(err, r"a\.cfg:\d+|fe")

    def test_daemon_and_pid_file(self):
        self.kill_what_the_pid_file_says()
        port = self.port()
        for arguments in (["-D", "-p", self.path("pid"), "-f", "FILE"], ["-f", "FILE", "-p", self.path("pid"), "-D", "-q"]):
            path = self.write("a.cfg", answering(f"127.0.0.1:{port}"))
            code, out, err = run([BINARY, *[path if word == "FILE" else word for word in arguments]])
            self.assertEqual((code, out), (0, ""), err)
            with open(self.path("pid"), encoding="ascii") as file:
                pid = int(file.read())  # written before the parent returns
            self.kill_later(pid)
            self.assertEqual(get(("127.0.0.1", port)).status, 200, "serves as soon as the parent returns")
            self.assertNotEqual(os.getsid(pid), os.getsid(0))
            os.kill(pid, signal.SIGTERM)
            self.gone(pid, 2)

    def test_several_global_sections(self):
        listener = self.listener()
        proxy = self.proxy("global\n    maxconn 10\nglobal\n    nbthread 1\n" + answering(), {"fe": listener})
        self.assertEqual(get(listener.getsockname()).status, 200)
        self.assertTrue(proxy.alive())


class Stopping(Case):
    def test_signals_end_it(self):
        for number in (signal.SIGTERM, signal.SIGINT):
            listener = self.listener()
            proxy = self.proxy(answering(), {"fe": listener})
            with Client(listener.getsockname()) as client:
                client.get()
                proxy.signal(number)
                self.assertIn(proxy.wait(2), (0, -number))

    def test_soft_stop(self):
        gate = threading.Event()

        def slow(peer):
            peer.head()
            gate.wait(5)
            peer.send(origin.response(b"late"))

        server = self.stack.enter_context(Origin(slow))
        port = self.port()
        text = DEFAULTS + f"frontend fe\n    bind 127.0.0.1:{port}\n    default_backend be\nbackend be\n    server s 127.0.0.1:{server.port}\n"
        proxy = self.proxy(text)
        proxy.wait_serving(("127.0.0.1", port))
        with Client(("127.0.0.1", port)) as client:
            client.request()
            wait_for(lambda: server.seen, what="the request at the origin")
            proxy.signal(signal.SIGUSR1)
            wait_for(lambda: not self._connects(port), what="no more connections accepted")
            self.assertTrue(proxy.alive())
            gate.set()
            answer = client.response()
            self.assertEqual(answer.body, b"late", "what runs is finished")
            self.assertEqual(answer.header("connection"), "close")
        self.assertEqual(proxy.wait(5), 0)

    @staticmethod
    def _connects(port):
        with socket.socket() as probe:
            return probe.connect_ex(("127.0.0.1", port)) == 0

    @unittest.skipUnless(IS_LBD, "haproxy resets whom it has not accepted yet")
    def test_soft_stop_serves_who_waits_in_the_queue(self):
        port = self.port()
        proxy = self.proxy(answering(f"127.0.0.1:{port}"))
        proxy.wait_serving(("127.0.0.1", port))
        with contextlib.ExitStack() as clients:
            proxy.signal(signal.SIGSTOP)
            waiting = [clients.enter_context(Client(("127.0.0.1", port))).request() for _ in range(200)]
            proxy.signal(signal.SIGUSR1)
            proxy.signal(signal.SIGCONT)
            for client in waiting:
                self.assertEqual(client.response().status, 200)
        self.assertEqual(proxy.wait(5), 0)

    def test_hard_stop_after(self):
        port = self.port()
        proxy = self.proxy(answering(f"127.0.0.1:{port}", "global\n    hard-stop-after 300ms\n"))
        proxy.wait_serving(("127.0.0.1", port))
        with Client(("127.0.0.1", port)) as client:
            client.send("GET / HTTP/1.1\r\n")
            proxy.signal(signal.SIGUSR1)
            self.assertIn(proxy.wait(3), (0, 1))

    def test_new_process_finishes_the_old(self):
        port, stats = self.port(), self.path("stats.sock")
        text = answering(f"127.0.0.1:{port}", f"global\n    stats socket {stats} mode 600 level admin expose-fd listeners\n")
        old = self.proxy(text)
        old.wait_serving(("127.0.0.1", port))
        failures, stop = [], threading.Event()

        def load():
            while not stop.is_set():
                try:
                    if get(("127.0.0.1", port)).status != 200:
                        failures.append("status")
                except (OSError, Closed) as error:
                    failures.append(repr(error))

        thread = threading.Thread(target=load)
        thread.start()
        try:
            new = self.proxy(text, args=("-db", "-x", stats, "-sf", str(old.pid)))
            self.assertEqual(old.wait(5), 0)
            self.assertEqual(get(("127.0.0.1", port)).header("x-pid"), str(new.pid))
        finally:
            stop.set()
            thread.join()
        self.assertEqual(failures, [])


class RuntimeSocket(Case):
    def start(self, bind, sockets=None):
        listener = self.listener()
        return self.proxy(answering(first=f"global\n    stats socket {bind} level admin\n    stats timeout 2s\n"),
                          {"fe": listener, **(sockets or {})})

    def test_one_line_and_close(self):
        path = self.path("s.sock")
        self.start(path + " mode 600").wait_serving(path)
        self.assertEqual(stat.S_IMODE(os.stat(path).st_mode), 0o600)
        self.assertRegex(command(path, "show info"), r"^Name: \S+\n(.*\n)*Pid: \d+\n")
        self.assertTrue(command(path, "show stat").startswith("# pxname,svname,"))
        self.assertTrue(command(path, "help"))
        self.assertIn("Unknown command", command(path, "no such thing"))
        for text in ("show info", "show stat", "help", "no such thing"):
            self.assertTrue(command(path, text).endswith("\n\n"), text)

    def test_joined_and_interactive(self):
        path = self.path("s.sock")
        self.start(path).wait_serving(path)
        both = command(path, "show version; show info")
        self.assertRegex(both, r"^\d+\.\d+.*\n\nName: ")
        with Client(path) as client:
            client.send("prompt\n")
            client.read_until(b"> ")
            client.send("show version\n")
            self.assertRegex(client.read_until(b"> ").decode(), r"\d+\.\d+")
            client.send("quit\n")
            self.assertEqual(client.read_to_end(), b"")

    def test_client_half_closes(self):
        path = self.path("s.sock")
        self.start(path).wait_serving(path)
        with Client(path) as client:
            client.send("show info\n")
            client.half_close()
            self.assertIn(b"Uptime_sec", client.read_to_end())

    def test_inherited_and_tcp(self):
        listener = self.listener()
        self.start('"fd@${cli}"', {"cli": listener})
        self.assertIn("Uptime", command(listener.getsockname(), "show info"))


class Master(Case):
    def start(self, *args, first="", sockets=None, env=None):
        listener = self.listener()
        proxy = self.proxy(answering(first=first), {"fe": listener, **(sockets or {})}, args=args, env=env)
        if not IS_LBD:  # it executes itself once more after the start, and loses what comes meanwhile
            wait_for(lambda: self.waits_for_signals(proxy.pid), what="the master's second life")
        return proxy, listener.getsockname()

    @staticmethod
    def waits_for_signals(pid):
        with open(f"/proc/{pid}/environ", "rb") as file:
            again = b"HAPROXY_MWORKER_WAIT_ONLY=1" in file.read()
        with open(f"/proc/{pid}/status", encoding="ascii") as file:
            caught = int(re.search(r"SigCgt:\s+(\w+)", file.read())[1], 16)
        return again and caught >> (signal.SIGUSR2 - 1) & 1

    def worker(self, address):
        return int(get(address).header("x-pid"))

    def test_master_and_worker(self):
        proxy, address = self.start("-W", "-db", "-p", self.path("pid"))
        worker = self.worker(address)
        self.assertNotEqual(worker, proxy.pid)
        self.assertIn(worker, children(proxy.pid))
        self.assertEqual(self.pid_from(self.path("pid")), proxy.pid)
        proxy.signal(signal.SIGTERM)
        self.assertIn(proxy.wait(3), (0, 143, -signal.SIGTERM))
        self.gone(worker)

    def test_interrupt(self):
        proxy, address = self.start("-W", "-db")
        worker = self.worker(address)
        proxy.signal(signal.SIGINT)
        self.assertIn(proxy.wait(3), (130,) if IS_LBD else (130, -signal.SIGINT))
        self.gone(worker)

    def test_worker_dies_with_master(self):
        proxy, address = self.start("-W", "-db")
        worker = self.worker(address)
        self.kill_later(worker)
        proxy.process.kill()
        proxy.wait()
        self.gone(worker)

    def test_reload_loses_nothing(self):
        for number in (signal.SIGUSR2, signal.SIGHUP):
            proxy, address = self.start("-W", "-db")
            old = self.worker(address)
            failures, stop, count = [], threading.Event(), [0]

            def load():
                while not stop.is_set():
                    try:
                        with Client(address) as client:
                            for number in range(3):
                                try:
                                    answer = client.get()
                                except Closed as closed:
                                    if number and not closed.data:
                                        break  # an idle connection may be closed at any time: RFC 9112 9.3.1
                                    raise
                                count[0] += 1
                                if answer.header("connection") == "close":
                                    break
                    except (OSError, Closed) as error:
                        failures.append(repr(error))

            threads = [threading.Thread(target=load) for _ in range(3)]
            for thread in threads:
                thread.start()
            try:
                proxy.signal(number)
                wait_for(lambda: self.worker(address) != old, what="a new worker")
                self.gone(old)
                self.assertTrue(proxy.alive())
            finally:
                stop.set()
                for thread in threads:
                    thread.join()
            self.assertEqual(failures, [], f"of {count[0]} requests")
            proxy.stop()

    @unittest.skipUnless(IS_LBD, "haproxy's master reads the files itself")
    def test_reload_during_a_reload_follows_it(self):
        proxy, address = self.start("-W", "-db")
        old = self.worker(address)
        proxy.signal(signal.SIGHUP)
        # What starts may have read the files before they changed once more.
        starting = wait_for(lambda: [pid for pid in children(proxy.pid) if pid != old], interval=0, what="a worker")[0]
        os.kill(starting, signal.SIGSTOP)
        proxy.signal(signal.SIGHUP)
        wait_for(lambda: "once more" in proxy.errors(), what="the master to notice")
        os.kill(starting, signal.SIGCONT)
        wait_for(lambda: self.worker(address) not in (old, starting), what="the second reload")

    def test_bad_file_at_reload_keeps_the_old_worker(self):
        proxy, address = self.start("-W", "-db")
        old = self.worker(address)
        with open(proxy.config_path, "a", encoding="utf-8") as file:
            file.write("    nonsense\n")
        proxy.signal(signal.SIGUSR2)
        wait_for(lambda: "nonsense" in proxy.errors(), what="the error message")
        self.assertEqual(self.worker(address), old)
        self.assertTrue(proxy.alive())

    def test_systemd_is_told(self):
        path = self.path("notify")
        with socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM) as receiver:
            receiver.bind(path)
            receiver.settimeout(5)
            proxy, address = self.start("-Ws", "-db", env={"NOTIFY_SOCKET": path})
            said = receiver.recv(4096)
            while not IS_LBD and b"RELOADING=1" in said:
                said = receiver.recv(4096)
            self.assertIn(b"READY=1", said)
            self.assertIn(f"MAINPID={proxy.pid}".encode(), said)
            self.assertEqual(get(address).status, 200)
            proxy.stop()

    def test_master_socket(self):
        path = self.path("master.sock")
        proxy, address = self.start("-W", "-db", "-S", path)
        worker = self.worker(address)
        proxy.wait_serving(path)
        table = command(path, "show proc", half_close=True)
        self.assertRegex(table, rf"(?m)^{proxy.pid}\s+master")
        self.assertRegex(table, rf"(?m)^{worker}\s+worker")
        self.assertIn("Uptime_sec", command(path, "@1 show info", half_close=True))
        self.assertRegex(command(path, "@1; show version; show info", half_close=True), r"\d+\.\d+[\s\S]*Uptime_sec")
        answer = command(path, "reload", half_close=not IS_LBD)
        wait_for(lambda: self.worker(address) != worker, what="a new worker")
        if IS_LBD:
            self.assertTrue(answer.startswith("Success=1\n"), answer)

    @staticmethod
    def serves(address):
        with contextlib.suppress(OSError):
            socket.create_connection(address, 1).close()
            return True
        return False

    @unittest.skipUnless(IS_LBD, "haproxy's master begins anew at each reload")
    def test_master_follows_its_worker_into_a_newer_program(self):
        """As after an upgrade of the package: the master is the same process, with the same children and sockets."""
        program, path = self.path("lbd"), self.path("master.sock")
        shutil.copy(BINARY, program)
        port = self.port()
        address = ("127.0.0.1", port)
        self.write("a.cfg", answering(f"127.0.0.1:{port}"))
        proxy = self.stack.enter_context(Program([program, "-W", "-S", path, "-p", self.path("pid"), "-f", self.path("a.cfg")]))
        wait_for(lambda: os.path.exists(path) and self.serves(address), 20, f"it to serve\n{proxy.errors()}")
        running = f"/proc/{proxy.pid}/exe"

        def table():
            with contextlib.suppress(OSError):
                return command(path, "show proc", half_close=True)
            return ""

        first = self.worker(address)
        self.assertTrue(command(path, "reload", timeout=20).startswith("Success=1\n"))
        wait_for(lambda: self.worker(address) != first, 20, "the second worker")
        second = self.worker(address)
        self.assertEqual(os.readlink(running), program)
        self.assertNotIn("Master goes on", proxy.errors(), "the program is the same")
        shutil.copy(BINARY, program + ".new")
        os.rename(program + ".new", program)
        self.assertEqual(os.readlink(running), program + " (deleted)")
        self.assertTrue(command(path, "reload", timeout=20).startswith("Success=1\n"))
        wait_for(lambda: self.worker(address) != second, 20, "the third worker")
        third = self.worker(address)
        wait_for(lambda: os.readlink(running) == program, 20, "the master's next life")
        wait_for(lambda: re.search(rf"(?m)^{proxy.pid}\s+master\s+2 \[failed: 0\]", table()), 20, "its socket")
        self.assertRegex(table(), rf"(?m)^{third}\s+worker\s+0 ")
        self.assertEqual(self.worker(address), third)
        # The files were changed meanwhile, for the worse: that is the next worker's affair.
        self.write("a.cfg", "nonsense\n")
        shutil.copy(BINARY, program + ".new")
        os.rename(program + ".new", program)
        self.assertTrue(command(path, "reload", timeout=20).startswith("Success=0\n"))
        self.assertEqual(self.worker(address), third)
        self.assertEqual(os.readlink(running), program + " (deleted)", "no worker came up in the newer program")
        self.write("a.cfg", answering(f"127.0.0.1:{port}"))
        os.kill(proxy.pid, signal.SIGUSR2)
        wait_for(lambda: self.worker(address) != third, 20, "a worker after a signal")
        wait_for(lambda: os.readlink(running) == program, 20, "the master's third life")
        fourth = self.worker(address)
        wait_for(lambda: str(fourth) in table(), 20, "its socket")
        # It notices the end of a child that it has from its former life.
        os.kill(fourth, signal.SIGKILL)
        self.assertEqual(proxy.wait(20), 128 + signal.SIGKILL)
        with self.assertRaises(FileNotFoundError):
            os.stat(self.path("pid"))

    def test_the_table_of_processes(self):
        """Old workers stay as long as they have something to do; each reload is counted, also one that fails."""
        path = self.path("master.sock")
        server = self.stack.enter_context(Origin(origin.echo))
        first = "global\n    mworker-max-reloads 2\n"
        # A pipe of bytes that nobody else can take over: its section is not there after the reload.
        pipe = self.port()
        tunnel = f"\nlisten pipe\n    mode tcp\n    bind 127.0.0.1:{pipe}\n    server s {server.address[0]}:{server.address[1]}\n"
        proxy, address = self.start("-W", "-db", "-S", path, first=first)
        proxy.wait_serving(path)

        def write(text):
            with open(proxy.config_path, "w", encoding="utf-8") as file:
                file.write(text)

        with open(proxy.config_path, encoding="utf-8") as file:
            plain = file.read()

        def table():
            words = []
            with contextlib.suppress(OSError):  # haproxy's master is away for a moment
                words = [line.split() for line in command(path, "show proc", half_close=True).splitlines()]
            return {line[0]: (line[1], line[2]) for line in words if len(line) > 3 and line[0].isdigit()}

        def reload(success=True):
            count = table()[str(proxy.pid)][1]
            command(path, "reload", half_close=not IS_LBD, timeout=20)
            wait_for(lambda: table().get(str(proxy.pid), ("", count))[1] != count, what="the master to count")
            if success:
                wait_for(lambda: self.worker(address) not in seen, what="the new worker")
                seen.append(self.worker(address))

        seen = [self.worker(address)]
        write(plain + tunnel)
        reload()
        with Client(("127.0.0.1", pipe)) as client:
            client.send("x")
            self.assertEqual(client.read_exactly(1), b"x")
            write(plain)
            reload()
            old = str(seen[-2])
            self.assertEqual(table()[old], ("worker", "1"))
            self.assertIn(f"Pid: {old}\n", command(path, f"@!{old} show info", half_close=True))
            self.assertIn(f"Pid: {seen[-1]}\n", command(path, "@1 show info", half_close=True))
            write(plain + "    nonsense\n")
            reload(success=False)
            # Versions count what has failed in a row.
            self.assertRegex(command(path, "show proc", half_close=True), rf"(?m)^{proxy.pid}\s+master\s+3 \[failed: 1\]")
            self.assertEqual(table()[old], ("worker", "2"))
            self.assertEqual(table()[str(seen[-1])], ("worker", "1"))
            if IS_LBD:
                answer = command(path, "reload", timeout=20)
                self.assertRegex(answer, r"Success=0\n--\n[\s\S]*nonsense")
                self.assertIn("nonsense", command(path, "show startup-logs"))
            write(plain)
            reload()
            self.gone(int(old))  # it has survived more than two
        self.assertRegex(command(path, "show proc", half_close=True), r"\[failed: 0\]")

    def test_master_daemon(self):
        port = self.port()
        path = self.write("a.cfg", answering(f"127.0.0.1:{port}"))
        self.kill_what_the_pid_file_says()
        done = subprocess.run([BINARY, "-W", "-D", "-p", self.path("pid"), "-f", path], stdin=subprocess.DEVNULL,
                              capture_output=True, timeout=5, check=False)
        self.assertEqual(done.returncode, 0, done.stderr)
        pid = self.pid_from(self.path("pid"))
        self.kill_later(pid)
        wait_for(lambda: Stopping._connects(port), what="the port")
        self.assertNotEqual(self.worker(("127.0.0.1", port)), pid)
        os.kill(pid, signal.SIGTERM)
        self.gone(pid)


if __name__ == "__main__":
    unittest.main(verbosity=1)
