#!/usr/bin/env python3
"""log-forward and ring sections beside Debian's haproxy: messages of every form, in every format, over datagrams and
streams, give the same bytes; rings hold and send on what haproxy's hold and send on.

TANDEM_TESTED names another program than lbd.
"""

import contextlib
import os
import re
import signal
import socket
import ssl
import subprocess
import sys
import tempfile
import unittest

sys.path.insert(0, os.path.dirname(os.path.dirname(os.path.abspath(__file__))))

from support.client import command, get  # noqa: E402
from support.origin import Origin  # noqa: E402
from support.process import Proxy, listening_socket, need_program, run, wait_for  # noqa: E402
from support.snmp import free_udp_port  # noqa: E402
from support.syslog import Syslog  # noqa: E402
from support.tls import Authority, TlsOrigin  # noqa: E402

TESTED = os.environ.get("TANDEM_TESTED", "lbd")
FORMATS = ("", "local", "rfc3164", "rfc5424", "priority", "short", "timed", "iso", "raw")
MESSAGES = [
    b"<13>Nov 22 10:00:01 host tag[12]: hello",
    b'<14>1 2026-11-22T10:00:01.123456+01:00 host app 77 ID7 [a b="c"] body text',
    b"<34>1 2003-10-11T22:14:15.003Z mymachine.example.com su - ID47 - \xef\xbb\xbfutf",
    b"<14>1 2026-11-02T10:00:01Z h a p m - ",
    b"plain text",
    b"<165>no date here",
    b"<13>Nov 22 10:00:01 tag: nohost",
    b"<13>Nov 22 10:00:01 host tag: nopid",
    b"<13>Nov  2 10:00:01 host tag[12] nocolon",
    b"<13>Nov 22 10:00:01 host tag[12]:nospace",
    b"<13>Nov 22 10:00:01 host tag[abc]: odd",
    b"<13>2026-11-22T10:00:01.5+01:00 host tag[1]: iso",
    b"<13>Nov 22 10:00:01.123 host tag[1]: ms",
    b"<13>Xxx 22 10:00:01 host tag[12]: month",
    b"<7>Nov 22 10:00:01",
    b"<7>Nov 22 10:00:01 h",
    b"<7>Nov 22 10:00:01 h t:",
    b"<13>tag[12]: no date",
    b"<13> Nov 22 10:00:01 host tag[12]: blank",
    b"<14>2 2026-11-22T10:00:01Z h a p m - version",
    b"<7>",
    b"",
    b"<a>x",
    b"<013>x",
    b"<191>x",
    b"<13>Nov 22 10:00:01 host tag[12]: two\nlines\n\n",
    b"<13>zeros\0\0",
    b"<13>" + b"y" * 3000,
]
# What haproxy 2.6 makes of these is not to be had: a version of RFC 5424 with a nil date loses its header, a broken one
# its last word, a priority of four digits its first digit, and "<7" what the buffer held before.
OURS = {
    b"<14>1 - - - - - - nil": b"<14>1 - - - - - - nil\n",
    b"<14>1 2026-11-22T10:00:01Z h a p m text": b"<14>1 2026-11-22T10:00:01Z h a p m text\n",
    b"<1234>x": b"<1234>x\n",
    b"<7": b"<7\n",
}
NOW = re.compile(rb"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{6}[+-]\d\d:\d\d|(?<=>)[A-Z][a-z]{2} [ \d]\d \d\d:\d\d:\d\d")
FORWARD = """
global
  nbthread 1
  stats socket {d}/admin level admin
log-forward in
  dgram-bind 127.0.0.1:{port}
  bind "fd@${{stream}}" {words}
  timeout client 10s
{logs}
"""
RINGS = """
global
  nbthread 1
  stats socket {d}/admin level admin
  log ring@counted local7
  log ring@lines format rfc5424 local3 info
  log ring@quiet len 100 local3 alert
defaults
  mode http
  log global
  option httplog
  timeout client 5s
  timeout server 5s
  timeout connect 5s
ring counted
  description "of octets"
  format rfc3164
  maxlen 150
  size 32764
  timeout connect 5s
  timeout server 10s
  server s1 127.0.0.1:{counted} log-proto octet-count
ring lines
  timeout connect 5s
  timeout server 10s
  server s1 127.0.0.1:{lines}
ring quiet
  format timed
frontend web
  bind "fd@${{web}}"
  log-format "%r"
  http-request return status 200
"""


def masked(message, sent):
    """Without times that are not of the message."""
    return NOW.sub(lambda match: match[0] if match[0] in sent else b"NOW", message)


class Collector:
    """A syslog server over TCP: `data` is what came, `connections` how often somebody came."""

    def __init__(self):
        self.data, self.connections = b"", 0
        self.peers = []

    def __call__(self, peer):
        self.connections += 1
        self.peers.append(peer)
        with contextlib.suppress(OSError):
            while piece := peer.socket.recv(65536):
                self.data += piece


def unchecked():
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
    context.check_hostname, context.verify_mode = False, ssl.CERT_NONE
    return context


class Case(unittest.TestCase):
    maxDiff = None

    def setUp(self):
        self.stack = contextlib.ExitStack()
        self.addCleanup(self.stack.close)
        self.directory = self.stack.enter_context(tempfile.TemporaryDirectory(prefix="tandem-test-"))

    def start(self, binary, config, **sockets):
        directory = self.stack.enter_context(tempfile.TemporaryDirectory(prefix="tandem-test-"))
        process = self.stack.enter_context(Proxy(need_program(binary), config.replace("{d}", directory), sockets,
                                                 directory=directory))
        process.wait_serving(f"{directory}/admin")
        return process, f"{directory}/admin"


class LogForward(Case):
    def forwarder(self, binary, formats, words=""):
        sinks = [self.stack.enter_context(Syslog()) for _ in formats]
        logs = "\n".join(f"  log {sink.address} {'format ' + name if name and ' ' not in name else ''} local2 "
                         f"{name if ' ' in name else ''}" for name, sink in zip(formats, sinks))
        port, stream = free_udp_port(), self.stack.enter_context(listening_socket())
        _, admin = self.start(binary, FORWARD.replace("{d}", "{{d}}").format(port=port, logs=logs, words=words), stream=stream)
        return port, stream.getsockname(), sinks, admin

    def sent_on(self, binary, messages, formats=FORMATS):
        """For each message what came out in each format."""
        port, _, sinks, _ = self.forwarder(binary, formats)
        found = []
        with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as sender:
            for number, message in enumerate(messages):
                sender.sendto(message, ("127.0.0.1", port))
                wait_for(lambda: all(len(sink.lines) == number + 1 for sink in sinks), what=f"{message!r} at {binary}")
                found.append([masked(sink.lines[number].raw.encode("latin-1"), message) for sink in sinks])
        return found

    def test_messages_are_passed_on_as_haproxy_does(self):
        expected, ours = self.sent_on("haproxy", MESSAGES), self.sent_on(TESTED, MESSAGES)
        for message, theirs, mine in zip(MESSAGES, expected, ours):
            with self.subTest(message[:60]):
                self.assertEqual(dict(zip(FORMATS, mine)), dict(zip(FORMATS, theirs)))

    def test_what_is_broken_stays_whole(self):
        for message, got in zip(OURS, self.sent_on(TESTED, list(OURS), ("",))):
            self.assertEqual(got[0] + b"\n", OURS[message])

    def test_levels(self):
        messages = [b"<34>crit", b"<13>notice", b"<12>warning", b"plain", b"<8>emerg", b"<15>debug"]
        got = {}
        for binary in ("haproxy", TESTED):
            port, _, sinks, _ = self.forwarder(binary, ["warning ", "debug warning"])
            with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as sender:
                for message in messages:
                    sender.sendto(message, ("127.0.0.1", port))
            wait_for(lambda: len(sinks[1].lines) == len(messages), what=f"all messages at {binary}")
            wait_for(lambda: len(sinks[0].lines) == 4, what=f"grave messages at {binary}")
            got[binary] = [[line.raw for line in sink.lines] for sink in sinks]
        self.assertEqual(got[TESTED], got["haproxy"])

    def test_streams(self):
        whole = b"<13>Nov 22 10:00:01 host tag[12]: "
        counted = b"%d %soct" % (len(whole) + 3, whole)
        sent = whole + b"one\n" + counted + whole + b"two\r\n" + whole + b"zero\0\n" + counted
        got = {}
        for binary in ("haproxy", TESTED):
            _, stream, sinks, admin = self.forwarder(binary, [""])
            with socket.create_connection(stream) as client:
                client.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
                # haproxy 2.6 waits for ever for the rest of some messages that come in pieces.
                piece = len(sent) if binary == "haproxy" else 7
                for at in range(0, len(sent), piece):
                    client.sendall(sent[at:at + piece])
                wait_for(lambda: len(sinks[0].lines) == 5, what=f"five messages at {binary}: {sinks[0].lines}")
            got[binary] = [line.raw for line in sinks[0].lines]
            self.assertIn("CumRecvLogs: 5\n", command(admin, "show info"))
        self.assertEqual(got[TESTED], got["haproxy"])

    def test_what_is_no_syslog_is_closed(self):
        for binary in ("haproxy", TESTED):
            for sent in (b"GET / HTTP/1.1\r\n\r\n", b"05 <13>a", b"\n<13>a\n"):
                _, stream, sinks, _ = self.forwarder(binary, [""])
                with socket.create_connection(stream) as client:
                    client.settimeout(5)
                    client.sendall(sent)
                    with contextlib.suppress(ConnectionResetError):
                        self.assertEqual(client.recv(10), b"")
                self.assertEqual(sinks[0].lines, [])

    def test_a_message_without_end_is_bounded(self):
        _, stream, _, admin = self.forwarder(TESTED, [""])
        with socket.create_connection(stream) as client:
            client.settimeout(5)
            with contextlib.suppress(ConnectionResetError, BrokenPipeError):
                client.sendall(b"<13>" + b"x" * 100000)
                self.assertEqual(client.recv(10), b"")
        self.assertIn("CumRecvLogs: 0\n", command(admin, "show info"))

    def test_what_stands_before_the_messages(self):
        certificate = Authority(self.directory).issue("log.pem", "/CN=log.test", ["log.test"])
        header = b"PROXY TCP4 192.0.2.7 192.0.2.1 4444 514\r\n"
        secure = f"ssl crt {certificate}"
        cases = [(secure, b"", True), ("accept-proxy", header, False), (f"accept-proxy {secure}", header, True)]
        sent = b"<13>one\n" + b"9 <13>three" + b"<13>" + b"y" * 9000 + b"\n"
        for binary in ("haproxy", TESTED):
            for words, first, tls in cases:
                with self.subTest((binary, words)):
                    _, stream, sinks, _ = self.forwarder(binary, [""], words)
                    with socket.create_connection(stream) as client:
                        client.sendall(first)
                        if tls:
                            client = self.stack.enter_context(unchecked().wrap_socket(client, server_hostname="log.test"))
                        client.sendall(sent)
                        wait_for(lambda: len(sinks[0].lines) == 3, what=f"three messages: {sinks[0].lines}")
                        self.assertEqual([line.raw[:9] for line in sinks[0].lines], ["<13>one", "<13>three", "<13>yyyyy"])
        # It comes in pieces, and the first of TLS comes with it.
        _, stream, sinks, _ = self.forwarder(TESTED, [""], "accept-proxy")
        with socket.create_connection(stream) as client:
            client.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
            for at in range(0, len(header), 5):
                client.sendall(header[at:at + 5])
            client.sendall(b"<13>late\n")
            sinks[0].wait("^<13>late$")

    def test_what_is_none_of_it_is_closed(self):
        certificate = Authority(self.directory).issue("log.pem", "/CN=log.test", ["log.test"])
        secure = f"ssl crt {certificate}"
        for words, sent in ((secure, b"<13>in clear\n"), ("accept-proxy", b"<13>headless\n"), ("accept-netscaler-cip 7", b"<13>headless\n" * 9),
                            (f"accept-proxy {secure}", b"PROXY TCP4 192.0.2.7 192.0.2.1 4444 514\r\n<13>in clear\n")):
            for binary in ("haproxy", TESTED):
                with self.subTest((binary, words)):
                    _, stream, sinks, admin = self.forwarder(binary, [""], words)
                    with socket.create_connection(stream) as client:
                        client.settimeout(5)
                        client.sendall(sent)
                        with contextlib.suppress(ConnectionResetError):
                            while client.recv(100):  # an alert
                                pass
                    self.assertEqual(sinks[0].lines, [])
                    self.assertIn("CumRecvLogs: 0\n", command(admin, "show info"))

    def test_more_connections_wait(self):
        _, stream, sinks, _ = self.forwarder(TESTED, [""])
        clients = [self.stack.enter_context(socket.create_connection(stream)) for _ in range(11)]
        for number, client in enumerate(clients):
            client.sendall(b"<13>%d\n" % number)
        wait_for(lambda: len(sinks[0].lines) == 10, what="messages of ten clients")
        clients[3].close()
        sinks[0].wait("^<13>10$")

    def test_unix_datagrams(self):
        sink = self.stack.enter_context(Syslog())
        config = f"global\n  stats socket {{d}}/admin\nlog-forward in\n  dgram-bind {{d}}/log mode 666\n  log {sink.address} local0\n"
        _, admin = self.start(TESTED, config)
        with socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM) as sender:
            sender.sendto(b"<13>by its name", os.path.join(os.path.dirname(admin), "log"))
        sink.wait("^<13>by its name$")

    def test_a_reload_keeps_the_socket(self):
        """Datagrams that come while one process goes and the next comes are passed on by one of them."""
        sink, port = self.stack.enter_context(Syslog()), free_udp_port()
        logs = f"  log {sink.address} local2"
        config = FORWARD.replace('  bind "fd@${{stream}}" {words}\n', "").format(d=self.directory, port=port, logs=logs)
        process = self.stack.enter_context(Proxy(need_program(TESTED), config, args=("-W", "-S", f"{self.directory}/master")))
        process.wait_serving(f"{self.directory}/admin")
        sent = 0
        with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as sender:
            for _ in range(3):
                before = command(f"{self.directory}/admin", "show info").split("Pid: ")[1].split()[0]
                process.signal(signal.SIGUSR2)

                def reloaded():
                    nonlocal sent
                    sender.sendto(b"<13>%d" % sent, ("127.0.0.1", port))
                    sent += 1
                    with contextlib.suppress(OSError, IndexError):
                        return command(f"{self.directory}/admin", "show info").split("Pid: ")[1].split()[0] != before
                wait_for(reloaded, timeout=20, what="the next worker")
        wait_for(lambda: len(sink.lines) >= sent, what=f"{sent} messages: {len(sink.lines)} came")
        self.assertEqual(sorted(int(line.raw[4:]) for line in sink.lines), list(range(sent)))
        wait_for(lambda: f"CumRecvLogs: {sent}\n" in command(f"{self.directory}/admin", "show info"), what="the count goes on")


class Rings(Case):
    def servers(self):
        counted, lines = Collector(), Collector()
        ports = [self.stack.enter_context(Origin(one)).port for one in (counted, lines)]
        return counted, lines, ports

    @staticmethod
    def own(data):
        """Without time, port and pid."""
        data = re.sub(rb"[A-Z][a-z]{2} [ \d]\d \d\d:\d\d:\d\d|\d{4}-\d\d-\d\dT\S+", b"NOW", data)
        return re.sub(rb"haproxy\[\d+\]", b"haproxy[PID]", re.sub(rb"^\d+ (?=<)", b"N ", data))

    def test_rings_are_haproxys(self):
        got = {}
        for binary in ("haproxy", TESTED):
            counted, lines, ports = self.servers()
            web = self.stack.enter_context(listening_socket())
            config = RINGS.replace("{d}", "{{d}}").format(counted=ports[0], lines=ports[1])
            _, admin = self.start(binary, config, web=web)
            get(web.getsockname(), "/" + "x" * 200)
            wait_for(lambda: counted.data.count(b"GET") == 1 and lines.data.endswith(b"HTTP/1.1\n"),
                     what=f"lines at {binary}: {counted.data} {lines.data}")
            length, _, rest = counted.data.partition(b" ")
            self.assertEqual(int(length), len(rest))
            shown = [command(admin, f"show events {name}") for name in ("counted", "lines", "quiet", "none")]
            got[binary] = [self.own(one) for one in (counted.data, lines.data, *(text.strip().encode() for text in shown))]
            listed = command(admin, "show events")
            for line in ("    counted    : type=buffer, 0 dropped, of octets\n", "    lines      : type=buffer, 0 dropped, lines\n"):
                self.assertIn(line, listed)
        self.assertEqual(got[TESTED], got["haproxy"])

    def test_a_server_that_comes_late_gets_everything(self):
        web = self.stack.enter_context(listening_socket())
        lines = Collector()
        server = Origin(lines)
        server.close()
        config = RINGS.replace("{d}", "{{d}}").format(counted=1, lines=server.port)
        process, admin = self.start(TESTED, config, web=web)
        for number in range(50):
            get(web.getsockname(), f"/early{number}")
        wait_for(lambda: "ring lines: server s1 is lost" in process.errors(), what="a line in the log")
        listener = listening_socket(address=("127.0.0.1", server.port))
        self.stack.enter_context(listener)
        listener.settimeout(20)
        with listener.accept()[0] as first:
            first.settimeout(20)
            data = b""
            while b"/early49 " not in data:
                data += first.recv(65536)
        self.assertEqual(re.findall(rb"early(\d+) ", data), [b"%d" % number for number in range(50)])
        # What is written before the end of a connection is noticed goes with it: syslog has no answers.
        wait_for(lambda: process.errors().count("ring lines: server s1 is lost") == 2, timeout=20, what="its loss to be noticed")
        get(web.getsockname(), "/later")
        with listener.accept()[0] as second:
            second.settimeout(20)
            self.assertIn(b"/later", second.recv(65536))
        self.assertIn(" 0 dropped, lines", command(admin, "show events"))

    def test_what_a_slow_server_misses_is_counted(self):
        web = self.stack.enter_context(listening_socket())
        listener = self.stack.enter_context(listening_socket())
        listener.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 4096)
        config = RINGS.replace("{d}", "{{d}}").format(counted=1, lines=listener.getsockname()[1])
        _, admin = self.start(TESTED, config, web=web)
        request = b"GET /" + b"y" * 900 + b" HTTP/1.1\r\nHost: a\r\n\r\n"
        with listener.accept()[0] as slow, socket.create_connection(web.getsockname()) as client:
            slow.settimeout(20)
            client.settimeout(20)
            # More than the sockets and the ring take together.
            for _ in range(150):
                client.sendall(request * 40)
                seen = b""
                while seen.count(b"HTTP/1.1 200") < 40:
                    piece = client.recv(65536)
                    self.assertTrue(piece, seen[-300:])
                    seen += piece
            self.assertTrue(slow.recv(1000))

            def read_on():
                if " 0 dropped, lines" not in command(admin, "show events"):
                    return True
                return not slow.recv(1 << 20)
            wait_for(read_on, timeout=20, what="the count of lines that are gone")
        self.assertRegex(command(admin, "show events"), r"lines +: type=buffer, [1-9]\d* dropped")

    def test_over_tls(self):
        authority = Authority(self.directory)
        certificate = authority.issue("log.pem", "/CN=log.test", ["log.test"])
        lines = Collector()
        server = self.stack.enter_context(TlsOrigin(lines, certificate))
        web = self.stack.enter_context(listening_socket())
        words = f"ssl verify required ca-file {authority.path}"
        config = RINGS.replace("{d}", "{{d}}").format(counted=1, lines=f"{server.port} {words}")
        self.start(TESTED, config, web=web)
        get(web.getsockname(), "/secret")
        wait_for(lambda: b"GET /secret" in lines.data, timeout=20, what="the line through TLS")

    def test_a_file_outlives_the_process(self):
        """As docs/running.md says that it is read."""
        web, path = self.stack.enter_context(listening_socket()), f"{self.directory}/ring"
        config = RINGS.replace("{d}", "{{d}}").format(counted=1, lines=1).replace("ring lines\n", f"ring lines\n  backing-file {path}\n")
        read = (f"next=$(head -c 25 {path} | tr -dc 0-9); "
                f"{{ tail -c +$((10#$next + 1)) {path}; head -c $((10#$next)) {path} | tail -n +2; }} | grep .")
        process, admin = self.start(TESTED, config, web=web)
        for number in range(1200):
            get(web.getsockname(), f"/number{number}")
        wait_for(lambda: "/number1199 " in command(admin, "show events lines"), what="the last line")
        shown = command(admin, "show events lines")
        process.signal(signal.SIGKILL)
        process.wait(timeout=20)
        found = subprocess.run(["bash", "-c", read], check=True, capture_output=True, text=True).stdout
        # How many fit is the affair of each.
        self.assertGreater(len(found.split("\n")), 400)
        self.assertEqual(found.split("\n")[-400:], shown.rstrip("\n").split("\n")[-399:] + [""])
        self.start(TESTED, config, web=web)
        with open(f"{path}.bak", encoding="latin-1") as kept:
            self.assertIn("/number1199 ", kept.read())

    def test_the_last_lines_still_go_out(self):
        lines = Collector()
        port = self.stack.enter_context(Origin(lines)).port
        web = self.stack.enter_context(listening_socket())
        process, _ = self.start(TESTED, RINGS.replace("{d}", "{{d}}").format(counted=1, lines=port), web=web)
        wait_for(lambda: lines.connections == 1, what="the connection")
        for number in range(200):
            get(web.getsockname(), f"/last{number}")
        process.stop()
        wait_for(lambda: b"/last199 " in lines.data, what=f"the last line: {lines.data[-100:]}")


class Verdicts(unittest.TestCase):
    FRONT = "defaults\n mode http\n timeout client 5s\n timeout server 5s\n timeout connect 5s\nfrontend f\n bind 127.0.0.1:18080\n http-request return status 200\n"

    def verdict(self, binary, text):
        with tempfile.NamedTemporaryFile("w", suffix=".cfg", prefix="tandem-test-") as file:
            file.write(self.FRONT + text + "\n")
            file.flush()
            return run([need_program(binary), "-c", "-f", file.name])[0]

    def test_lines(self):
        server = "\n timeout connect 1s\n timeout server 1s\n server x "
        rings = ["", "size", "size 10", "size 20000", "size 30000\n size 18000", "maxlen", "maxlen 0", "maxlen 100", "format",
                 "format foo", "format rfc5424", "server", "server x", server + "127.0.0.1:1", server + "127.0.0.1:1 log-proto foo",
                 server + "127.0.0.1:1 log-proto octet-count", server + "udp@127.0.0.1:1", "timeout connect", "timeout connect x",
                 "description", "description x y", "backing-file", "backing-file /nix/ring", "foo", "default-server check", "\nring a", "\nring b"]
        forwards = ["", "bind 127.0.0.1:18514", "dgram-bind 127.0.0.1:18514", "dgram-bind 127.0.0.1:18514 foo",
                    "dgram-bind 127.0.0.1:18514 interface lo", "dgram-bind 127.0.0.1:18514 accept-proxy", "bind 127.0.0.1:18514 accept-proxy",
                    "bind 127.0.0.1:18514 accept-netscaler-cip 5", "bind 127.0.0.1:18514 ssl", "bind 127.0.0.1:18514 ssl crt /nix", "dgram-bind tcp@127.0.0.1:18514", "dgram-bind udp@127.0.0.1:18514",
                    "dgram-bind 127.0.0.1:18514,127.0.0.1:18515", "dgram-bind 127.0.0.1:18514-18516", "log global", "log 127.0.0.1 local0", "log 127.0.0.1", "log",
                    "maxconn", "maxconn 5", "backlog 10", "timeout client", "timeout client 1s", "timeout server 1s", "foo",
                    "option dontlognull", "description x", "\nlog-forward a", "\nlog-forward b", "no log"]
        for section, lines in (("ring", rings), ("log-forward", forwards)):
            for line in lines:
                text = f"{section} a\n {line}"
                with self.subTest(text):
                    self.assertEqual(self.verdict(TESTED, text), self.verdict("haproxy", text))
        for text in ("ring", "ring buf0", "ring bad$name", "log-forward", "log-forward a b", "log-forward bad$name", "log-forward f"):
            with self.subTest(text):
                self.assertEqual(self.verdict(TESTED, text), self.verdict("haproxy", text))


if __name__ == "__main__":
    unittest.main()
