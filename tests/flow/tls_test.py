#!/usr/bin/env python3
"""TLS on a real lbd, with clients and servers that are not ours: python's ssl and the openssl command.

The messages and numbers of failures are those of haproxy 2.6, of which TANDEM_TESTED=haproxy gives the proof.
"""

import contextlib
import hashlib
import os
import shutil
import socket
import ssl
import struct
import sys
import tempfile
import threading
import time
import unittest
import warnings

sys.path.insert(0, os.path.dirname(os.path.dirname(os.path.abspath(__file__))))

from support import h2, origin, tls  # noqa: E402
from support.client import Client, Closed, get  # noqa: E402
from support.origin import Origin  # noqa: E402
from support.process import Proxy, listening_socket, need_program, resident_kib, run, wait_for  # noqa: E402
from support.syslog import Syslog  # noqa: E402
from support.tls import TlsClient, TlsOrigin, client_context  # noqa: E402

BINARY = need_program(os.environ.get("TANDEM_TESTED", "lbd"))
V1_0, V1_1, V1_2, V1_3 = ssl.TLSVersion.TLSv1, ssl.TLSVersion.TLSv1_1, ssl.TLSVersion.TLSv1_2, ssl.TLSVersion.TLSv1_3
MIB = 1 << 20
DEFAULTS = """
global
    log {log} local0
    {globals}
defaults
    mode http
    log global
    timeout client 10s
    timeout server 10s
    timeout connect 5s
    {defaults}
"""


class Pki:
    """Every certificate that a test here uses, made once."""

    def __init__(self):
        self.folder = tempfile.mkdtemp(prefix="tandem-test-")
        self.authority = tls.Authority(self.folder)
        self.other = tls.Authority(self.folder, "other")
        issue = self.authority.issue
        self.server = issue("server.pem", "/CN=server", ["server.example"])
        self.wild = issue("wild.pem", "/CN=wild", ["*.wild.example"], kind="rsa")
        self.client = issue("client.pem", "/CN=client")
        self.late = issue("late.pem", "/CN=late", days=-1)
        self.revoked = issue("revoked.pem", "/CN=revoked")
        self.stranger = self.other.issue("stranger.pem", "/CN=stranger")
        self.authority.revoke(self.revoked)
        self.crl = self.authority.crl()
        self.certificates = os.path.join(self.folder, "folder")
        os.mkdir(self.certificates)
        for path in (self.server, self.wild):
            shutil.copy(path, self.certificates)


PKI = None


def setUpModule():
    global PKI
    warnings.simplefilter("ignore", DeprecationWarning)  # versions that are to be refused
    PKI = Pki()
    unittest.addModuleCleanup(shutil.rmtree, PKI.folder)


def hello():
    """What a client sends first."""
    coming, going = ssl.MemoryBIO(), ssl.MemoryBIO()
    with contextlib.suppress(ssl.SSLWantReadError):
        client_context().wrap_bio(coming, going).do_handshake()
    return going.read()


def subject(address, name=None, context=None):
    """The common name of the certificate that is shown for a server name."""
    with TlsClient(address, context, name) as client:
        der = client.socket.getpeercert(binary_form=True)
    return tls.openssl("x509", "-noout", "-subject", "-in", write("shown.pem", ssl.DER_cert_to_PEM_cert(der))).split("= ")[-1].strip()


def write(name, text):
    path = os.path.join(PKI.folder, name)
    with open(path, "w", encoding="ascii") as file:
        file.write(text)
    return path


class Flow(unittest.TestCase):
    """`self.proxy(lines)` runs them; each `fd@${NAME}` in them is a port of self.at[NAME]."""

    def setUp(self):
        self.stack = contextlib.ExitStack()
        self.addCleanup(self.stack.close)
        self.log = self.stack.enter_context(Syslog())
        self.at = {}

    def origin(self, behaviour):
        return self.stack.enter_context(Origin(behaviour))

    def tls_origin(self, behaviour, certificate=None, **more):
        return self.stack.enter_context(TlsOrigin(behaviour, certificate or PKI.server, **more))

    def proxy(self, lines, globals="", defaults=""):
        sockets = {}
        for word in lines.split():
            if word.startswith("fd@${"):
                sockets[word[5:-1]] = self.stack.enter_context(contextlib.closing(listening_socket()))
        self.at = {name: listener.getsockname() for name, listener in sockets.items()}
        text = DEFAULTS.format(log=self.log.address, globals=globals, defaults=defaults) + lines
        self.running = self.stack.enter_context(Proxy(BINARY, text, sockets))
        return self.running

    def reply(self, bind, globals="", rules="", defaults=""):
        """A listener that answers itself; its address."""
        self.proxy(f"listen f\n bind fd@${{F}} {bind}\n {rules}\n http-request return status 200 content-type text/plain "
                   f'lf-string "%[ssl_fc_protocol] %[ssl_c_s_dn(cn)]"\n', globals, defaults)
        return self.at["F"]

    def refuses(self, why, address, **more):
        with self.assertRaisesRegex((ssl.SSLError, Closed), f"(?i){why}"):
            tls.get(address, **more)


class Listening(Flow):
    def test_versions(self):
        def spoken(bind, globals=""):
            address = self.reply(f"ssl crt {PKI.server} {bind}", globals)
            taken = []
            for version in (V1_0, V1_1, V1_2, V1_3):
                context = client_context(version=version)
                context.set_ciphers("ALL:@SECLEVEL=0")
                with contextlib.suppress(ssl.SSLError):
                    taken.append(tls.get(address, context=context).body.split()[0].decode())
            return taken

        self.assertEqual(spoken(""), ["TLSv1.2", "TLSv1.3"])
        self.assertEqual(spoken("ssl-min-ver TLSv1.3"), ["TLSv1.3"])
        self.assertEqual(spoken("ssl-max-ver TLSv1.2"), ["TLSv1.2"])
        self.assertEqual(spoken("force-tlsv12"), ["TLSv1.2"])
        self.assertEqual(spoken("no-tlsv12"), ["TLSv1.3"])
        self.assertEqual(spoken("", "ssl-default-bind-options ssl-min-ver TLSv1.3"), ["TLSv1.3"])
        self.assertEqual(spoken("ssl-min-ver TLSv1.0 ciphers ALL:@SECLEVEL=0"), ["TLSv1", "TLSv1.1", "TLSv1.2", "TLSv1.3"])

    def test_names(self):
        listed = write("list", f"{PKI.server}\n{PKI.wild} [alpn h2] *.wild.example !not.wild.example\n")
        for bind in (f"crt {PKI.certificates}/", f"crt {PKI.server} crt {PKI.wild}"):
            address = self.reply("ssl " + bind)
            for name, shown in (("server.example", "server"), ("a.wild.example", "wild"), ("A.Wild.Example", "wild"),
                                ("a.b.wild.example", "server"), ("wild.example", "server"), (None, "server")):
                self.assertEqual(subject(address, name), shown, (bind, name))
        address = self.reply(f"ssl crt-list {listed}")
        for name, shown in (("a.wild.example", "wild"), ("not.wild.example", "server"), ("x.example", "server")):
            self.assertEqual(subject(address, name), shown, name)
        # What the list says of one certificate holds for that one only.
        for name, agreed in (("a.wild.example", "h2"), ("server.example", None)):
            with TlsClient(address, client_context(alpn=["h2"]), name) as client:
                self.assertEqual(client.socket.selected_alpn_protocol(), agreed, name)

    def test_strict_sni(self):
        address = self.reply(f"ssl strict-sni crt {PKI.server} crt {PKI.wild}")
        self.assertEqual(subject(address, "server.example"), "server")
        self.assertEqual(subject(address, "a.wild.example"), "wild")
        self.refuses("unrecognized.name", address, name="other.example")
        self.refuses("unrecognized.name", address)
        self.assertEqual(self.log.wait("f/1: ", count=2)[1].text.split("f/1: ")[1], "SSL handshake failure")

    def test_mutual(self):
        bind = f"ssl crt {PKI.server} ca-file {PKI.authority.path} crl-file {PKI.crl}"
        address = self.reply(f"{bind} verify required")
        for version in (V1_2, V1_3):
            def as_client(certificate):
                return client_context(certificate=certificate, version=version)

            self.assertEqual(tls.get(address, context=as_client(PKI.client)).body.split()[1], b"client")
            self.refuses("expired", address, context=as_client(PKI.late))
            self.refuses("revoked", address, context=as_client(PKI.revoked))
            self.refuses("unknown ca", address, context=as_client(PKI.stranger))
            self.refuses("required" if version == V1_3 else "handshake failure", address, context=as_client(None))
        address = self.reply(f"{bind} verify optional crt-ignore-err 10")
        for certificate, name in ((None, []), (PKI.client, [b"client"]), (PKI.late, [b"late"])):
            self.assertEqual(tls.get(address, context=client_context(certificate=certificate)).body.split()[1:], name)
        self.refuses("revoked", address, context=client_context(certificate=PKI.revoked))

    def test_resumption_between_workers(self):
        for bind, version, by_ticket in (("", V1_2, True), ("", V1_2, False), ("", V1_3, True), ("no-tls-tickets", V1_2, False),
                                         ("no-tls-tickets", V1_3, True)):
            address = self.reply(f"ssl crt {PKI.server} {bind}", "nbthread 2")
            context = client_context(version=version)
            if not by_ticket:
                context.options |= ssl.OP_NO_TICKET
            session, fresh, resumed = None, 0, 0
            for leave in (False, True) * 20:
                with TlsClient(address, context, session=session) as client:
                    self.assertEqual(client.get("/").status, 200)
                    resumed += client.socket.session_reused
                    fresh += not client.socket.session_reused
                    session = client.socket.session
                    if leave:  # politely
                        tls.half_close(client.socket)
            self.assertEqual((fresh, resumed), (1, 39), (bind, version, by_ticket))

    def test_proxy_protocol_before_tls(self):
        self.proxy(f"listen f\n bind fd@${{F}} accept-proxy ssl crt {PKI.server}\n"
                   ' http-request return status 200 content-type text/plain lf-string "%[src] %[ssl_fc]"\n')
        v2 = b"\r\n\r\n\0\r\nQUIT\n\x21\x11\0\x0c" + bytes([192, 0, 2, 9, 192, 0, 2, 1]) + struct.pack(">HH", 1000, 443)
        for before, source in ((b"PROXY TCP4 192.0.2.7 192.0.2.1 1000 443\r\n", b"192.0.2.7 1"), (v2, b"192.0.2.9 1")):
            with TlsClient(self.at["F"], before=before) as client:
                self.assertEqual(client.get("/").body, source)
        with self.assertRaises((ssl.SSLError, OSError)):
            TlsClient(self.at["F"])
        self.log.wait("f/1: Received something which does not look like a PROXY protocol header")


@unittest.skipUnless(os.path.basename(BINARY) == "lbd", "words of HAProxy 3")
class OfHaproxy3(Flow):
    def refused(self, text, why):
        code, _, errors = run([BINARY, "-c", "-f", write("refused.cfg", text)])
        self.assertEqual(code, 1)
        self.assertIn(why, errors)

    def test_ssl_f_use(self):
        pem = open(PKI.wild, encoding="ascii").read()
        at = pem.index("-----BEGIN PRIVATE KEY")
        bare, key = write("bare.pem", pem[:at]), write("elsewhere.key", pem[at:])
        self.proxy(f"frontend f\n bind fd@${{F}} ssl\n bind fd@${{OWN}} ssl crt {PKI.wild}\n"
                   f" ssl-f-use crt {PKI.server}\n ssl-f-use crt {bare} key {key} alpn h2 ssl-max-ver TLSv1.2\n"
                   " http-request return status 200\n")
        self.assertEqual(subject(self.at["F"], "server.example"), "server")
        self.assertEqual(subject(self.at["F"], "else.example"), "server")
        self.assertEqual(subject(self.at["F"], "a.wild.example"), "wild")
        for name, agreed in (("a.wild.example", ("h2", "TLSv1.2")), ("server.example", (None, "TLSv1.3"))):
            with TlsClient(self.at["F"], client_context(alpn=["h2"]), name) as client:
                self.assertEqual((client.socket.selected_alpn_protocol(), client.socket.version()), agreed)
        self.assertEqual(subject(self.at["OWN"], "server.example"), "wild")
        text = "defaults\n mode http\nfrontend f\n bind 127.0.0.1:1 ssl\n ssl-f-use "
        self.refused(text + "alpn h2\n", "'ssl-f-use' needs 'crt' and a file")
        self.refused(text + f"crt {PKI.server} strict-sni\n", "'strict-sni' cannot stand in a crt-list")
        self.refused(text + "crt nowhere.pem\n", "nowhere.pem")

    def encrypted(self, name, *how):
        """The certificate with its key encrypted."""
        pem = open(PKI.server, encoding="ascii").read()
        at = pem.index("-----BEGIN PRIVATE KEY")
        write("plain.key", pem[at:])
        return write(name, pem[:at] + tls.openssl(*how, "-in", os.path.join(PKI.folder, "plain.key"), "-passout", "pass:secret"))

    def test_ssl_passphrase_cmd(self):
        asked = os.path.join(PKI.folder, "asked")
        says = write("says", f'#!/bin/sh\necho "$@" >>{asked}\necho "$2"\n')
        os.chmod(says, 0o755)
        for path in (self.encrypted("pkcs8.pem", "pkcs8", "-topk8", "-v2", "aes-256-cbc"), self.encrypted("old.pem", "ec", "-aes128")):
            self.proxy(f"frontend f\n bind fd@${{F}} ssl crt {path} crt {self.encrypted('again.pem', 'pkcs8', '-topk8')}\n"
                       " http-request return status 200\n", f"ssl-passphrase-cmd {says} secret")
            self.assertEqual(subject(self.at["F"], "server.example"), "server")
            with open(asked, encoding="ascii") as file:
                self.assertEqual(file.read(), f"{path} secret\n")  # once for both
            os.unlink(asked)
        rest = f"defaults\n mode http\nfrontend f\n bind 127.0.0.1:1 ssl crt {path}\n"
        self.refused(rest, "its private key is encrypted")
        self.refused(f"global\n ssl-passphrase-cmd {says} wrong\n{rest}", "says a passphrase that does not open its private key")
        self.refused(f"global\n ssl-passphrase-cmd /bin/false\n{rest}", "'/bin/false' fails")
        self.refused(f"global\n ssl-passphrase-cmd /nowhere\n{rest}", "/nowhere: No such file")


class Times(Flow):
    """What the log says of a client that is slow on purpose (manual, 8.4)."""

    FORMAT = '"times %Th %Ti %TR %Tq %Ta %Tt %Tu %HU"'

    def logged(self, path):
        line = self.log.wait(f"times .*{path}$").text
        return [int(word) for word in line.split("times ")[1].split()[:7]]

    def listen(self, bind):
        self.proxy(f"listen f\n bind fd@${{F}} {bind} ssl crt {PKI.server} alpn h2,http/1.1\n log-format {self.FORMAT}\n"
                   " http-request return status 200\n")
        with Client(self.at["F"]) as early:
            early.send(b"no hello")
            early.closed_by_peer()  # so it has begun to accept

    def check(self, path, handshake, idle):
        """At least so many ms; the first request has them all, later ones only those before themselves."""
        th, ti, tr, tq, ta, tt, tu = self.logged(path)
        self.assertGreaterEqual(th, handshake - 1, path)
        self.assertGreaterEqual(ti, idle - 1, path)
        self.assertLess(th, handshake + 90, path)
        self.assertLess(ti, idle + 90, path)
        for whole, parts in ((tq, th + ti + tr), (tt, th + ti + ta), (tu, th + ta)):
            self.assertAlmostEqual(whole, parts, delta=2, msg=path)  # each is rounded

    def test_http1(self):
        for bind, before, handshake in (("", b"", 100), ("accept-proxy", b"PROXY TCP4 192.0.2.7 192.0.2.1 1 2\r\n", 200)):
            self.listen(bind)
            with Client(self.at["F"]) as client:
                if before:
                    time.sleep(0.1)
                    client.send(before)
                time.sleep(0.1)
                client.socket = client_context().wrap_socket(client.socket)
                time.sleep(0.2)
                for path in (f"/{handshake}/first", f"/{handshake}/second"):
                    client.send(f"GET {path} HTTP/1.1\r\nHost: test\r\n\r\n".encode())
                    client.response()
                    time.sleep(0.3)
            self.check(f"/{handshake}/first", handshake, 200)
            self.check(f"/{handshake}/second", 0, 300)

    @unittest.skipUnless(h2.hpack, "no python3-hpack")
    def test_http2(self):
        self.listen("")
        with Client(self.at["F"]) as client:
            time.sleep(0.1)
            client.socket = client_context(alpn=["h2"]).wrap_socket(client.socket)
            time.sleep(0.2)
            encoder = h2.hpack.Encoder()

            def get(stream):
                fields = [(":method", "GET"), (":scheme", "https"), (":authority", "test"), (":path", f"/h2/{stream}")]
                return h2.frame(h2.HEADERS, h2.END_HEADERS | h2.END_STREAM, stream, encoder.encode(fields))

            client.send(h2.PREFACE + h2.frame(h2.SETTINGS) + get(1))
            self.check("/h2/1", 100, 200)
            time.sleep(0.3)
            client.send(get(3) + get(5))
            self.check("/h2/3", 0, 300)
            self.check("/h2/5", 0, 0)


class Failures(Flow):
    def raw(self, data, address=None):
        with Client(address or self.at["F"]) as client:
            client.send(data)
            return client.read_to_end()

    def leave(self, data):
        with Client(self.at["F"]) as client:
            client.send(data)

    def run_all(self, line):
        """A listener with mutual TLS and a short timeout, and every failure; what `line` writes of each."""
        self.proxy(f"listen f\n bind fd@${{F}} ssl crt {PKI.server} ca-file {PKI.authority.path} crl-file {PKI.crl} "
                   f"verify required strict-sni\n timeout client 1s\n {line}\n http-request return status 200\n")
        address = self.at["F"]

        def ask(certificate=PKI.client, name="server.example", version=V1_3):
            context = client_context(certificate=certificate, version=version)
            context.set_ciphers("ALL:@SECLEVEL=0")
            with self.assertRaises((ssl.SSLError, Closed)):
                tls.get(address, context=context, name=name)

        cases = {
            "http": lambda: self.raw(b"GET / HTTP/1.1\r\nHost: a\r\n\r\n"),
            "junk": lambda: self.raw(bytes(100)),
            "gone": lambda: self.leave(b""),
            "half a hello": lambda: self.leave(hello()[:50]),
            "silent": lambda: self.raw(b""),
            "stuck": lambda: self.raw(hello()[:50]),
            "old": lambda: ask(version=V1_1),
            "name": lambda: ask(name="other.example"),
            "none": lambda: ask(None),
            "late": lambda: ask(PKI.late),
            "revoked": lambda: ask(PKI.revoked, version=V1_2),
            "stranger": lambda: ask(PKI.stranger),
        }
        said = {}
        for case, run in cases.items():
            before = len(self.log.lines)
            run()
            wait_for(lambda: len(self.log.lines) > before, what=f"a line for {case!r}")
            said[case] = self.log.lines[before].text
        return said

    def test_messages(self):
        said = self.run_all("option httpslog")
        closed, late = "Connection closed during SSL handshake", "Timeout during SSL handshake"
        failure, distrust = "SSL handshake failure", "SSL client certificate not trusted"
        texts = {"http": failure, "junk": failure, "gone": closed, "half a hello": closed, "silent": late, "stuck": late,
                 "old": failure, "name": failure, "none": failure, "late": distrust, "revoked": distrust, "stranger": distrust}
        for case, text in texts.items():
            self.assertRegex(said[case], r"^127\.0\.0\.1:\d+ \[[^]]+\] f/1: " + text + "$", case)

    def test_error_log_format(self):
        said = self.run_all('error-log-format "%ft %[fc_err]/%[fc_err_str] %[ssl_fc_err,hex,regsub(^0+,)]/%[ssl_fc_err_str] '
                            '%[ssl_c_err] %sslv"')
        failure, distrust = "34/SSL handshake failure", "31/SSL client certificate not trusted"
        verify = "A000086/error:0A000086:SSL routines::certificate verify failed"
        texts = {
            "http": failure + " A00009C/error:0A00009C:SSL routines::http request 0 TLSv1.3",
            "junk": failure + " A00010B/error:0A00010B:SSL routines::wrong version number 0 TLSv1.3",
            "gone": "24/Connection closed during SSL handshake -/- 0 TLSv1.3",
            "half a hello": "24/Connection closed during SSL handshake -/- 0 TLSv1.3",
            "silent": "26/Timeout during SSL handshake -/- 0 TLSv1.3",
            "stuck": "26/Timeout during SSL handshake -/- 0 TLSv1.3",
            "old": failure + " A000102/error:0A000102:SSL routines::unsupported protocol 0 TLSv1.1",
            "name": failure + " A0000EA/error:0A0000EA:SSL routines::callback failed 0 TLSv1.3",
            "none": failure + " A0000C7/error:0A0000C7:SSL routines::peer did not return a certificate 0 TLSv1.3",
            "late": f"{distrust} {verify} 10 TLSv1.3",
            "revoked": f"{distrust} {verify} 23 TLSv1.2",
            "stranger": f"{distrust} {verify} 20 TLSv1.3",
        }
        self.maxDiff = None
        self.assertEqual(said, {case: "f~ " + text for case, text in texts.items()})

    def test_dontlognull(self):
        self.reply(f"ssl crt {PKI.server}", rules="option dontlognull\n option httpslog")
        self.leave(b"")
        self.leave(hello()[:50])
        self.raw(b"GET / HTTP/1.1\r\n\r\n")
        self.log.wait("SSL handshake failure")
        self.assertEqual([line.text for line in self.log.lines if "closed during" in line.text], [])

    def test_https_log(self):
        address = self.reply(f"ssl crt {PKI.server}", rules="option httpslog")
        self.assertEqual(tls.get(address, name="server.example").status, 200)
        self.assertRegex(self.log.wait("GET / ").text,
                         r'"GET / HTTP/1\.1" (-|0)/0000000000000000/0/0/0 server\.example/TLSv1\.3/TLS_AES_256_GCM_SHA384$')

    def test_handshake_timeout(self):
        if os.path.basename(BINARY) == "haproxy":
            self.skipTest("haproxy 2.6 has no 'timeout client-hs'")
        self.reply(f"ssl crt {PKI.server}", defaults="timeout client-hs 300ms\n")
        begun = time.monotonic()
        self.raw(hello()[:50])
        self.assertTrue(0.25 < time.monotonic() - begun < 3)
        self.log.wait("f/1: Timeout during SSL handshake")
        with TlsClient(self.at["F"]) as client:  # of the handshake only
            time.sleep(0.5)
            self.assertEqual(client.get("/").status, 200)


class Servers(Flow):
    FORMAT = 'log-format "%ST %ts %[bc_err]/%[bc_err_str] %[ssl_bc_err]/%[ssl_bc_err_str]"'

    def ask(self, server, **more):
        """One request through a proxy to `server` (what stands behind the address)."""
        self.proxy(f"listen f\n bind fd@${{F}}\n {self.FORMAT}\n retries 0\n server s 127.0.0.1:{server}\n", **more)
        before = len(self.log.lines)
        answer = get(self.at["F"])
        wait_for(lambda: len(self.log.lines) > before, what="a line")
        return answer, self.log.lines[-1].text

    def test_verification(self):
        one = self.tls_origin(origin.name("one"))
        good = f"{one.port} ssl ca-file {PKI.authority.path} verify required"
        bad = "167772294/error:0A000086:SSL routines::certificate verify failed"
        for words, status, line in (
                ("", 200, "200 -- 0/Success 0/-"),
                ("verifyhost server.example", 200, "200 -- 0/Success 0/-"),
                ("sni str(server.example)", 200, "200 -- 0/Success 0/-"),
                ("verifyhost other.example", 503,
                 "503 SC 32/Server presented an SSL certificate different from the configured one " + bad),
                ("sni str(other.example)", 503,
                 "503 SC 33/Server presented an SSL certificate different from the expected one " + bad)):
            answer, said = self.ask(f"{good} {words}")
            self.assertEqual((answer.status, said), (status, line), words)
        answer, said = self.ask(f"{one.port} ssl ca-file {PKI.other.path} verify required")
        self.assertEqual((answer.status, said), (503, "503 SC 34/SSL handshake failure " + bad))
        answer, said = self.ask(f"{one.port} ssl verify none")
        self.assertEqual((answer.body, said), (b"one", "200 -- 0/Success 0/-"))

    def test_broken_handshakes(self):
        _, said = self.ask(f"{self.origin(origin.close_at_once).port} ssl verify none")
        self.assertEqual(said, "503 SC 34/SSL handshake failure 0/-")
        wants = self.tls_origin(origin.name("mutual"), authority=PKI.authority)
        _, said = self.ask(f"{wants.port} ssl verify none ssl-max-ver TLSv1.2")
        # Its alert, or its reset where that is faster.
        self.assertRegex(said, "^503 SC 34/SSL handshake failure (0/-|167773200/error:0A000410:SSL routines::sslv3 alert "
                         "handshake failure)$")
        answer, _ = self.ask(f"{wants.port} ssl verify none crt {PKI.client}")
        self.assertEqual(answer.body, b"mutual")
        # A server that never answers the hello: the client, which has asked, is not the one that was too slow.
        answer, said = self.ask(f"{self.origin(lambda peer: peer.wait_close()).port} ssl verify none",
                                defaults="timeout client 300ms\n timeout connect 800ms\n")
        self.assertEqual((answer.status, said[:6]), (503, "503 sC"))

    def test_names_and_sessions(self):
        one = self.tls_origin(origin.answer(close=True))
        self.proxy(f"listen f\n bind fd@${{F}}\n server s 127.0.0.1:{one.port} ssl verify none sni req.hdr(host)\n",
                   globals="nbthread 1")  # each worker has its own sessions with servers
        for host in ("a.example", "b.example", "b.example"):
            self.assertEqual(get(self.at["F"], host=host).status, 200)
        self.assertEqual(one.names, ["a.example", "b.example", "b.example"])
        self.assertEqual(one.sessions, [False, False, True])

    def test_proxy_protocol_before_tls(self):
        def line(sock):
            text = b""
            while not text.endswith(b"\r\n"):
                text += sock.recv(1)
            return text

        def binary(sock):
            head = sock.recv(16, socket.MSG_WAITALL)
            return head[:12] + sock.recv(struct.unpack(">H", head[14:])[0], socket.MSG_WAITALL)[:4]

        one = self.tls_origin(origin.name("one"), prefix=line)
        answer, _ = self.ask(f"{one.port} ssl verify none send-proxy")
        self.assertEqual(answer.body, b"one")
        self.assertRegex(one.prefixes[0], rb"^PROXY TCP4 127\.0\.0\.1 127\.0\.0\.1 \d+ \d+\r\n$")
        two = self.tls_origin(origin.name("two"), prefix=binary)
        answer, _ = self.ask(f"{two.port} ssl verify none send-proxy-v2")
        self.assertEqual(answer.body, b"two")
        self.assertEqual(two.prefixes[0], b"\r\n\r\n\0\r\nQUIT\n\x7f\0\0\1")

    def test_checks(self):
        secure, clear = self.tls_origin(origin.name("secure")), self.origin(origin.close_at_once)
        self.proxy("listen f\n bind fd@${F}\n option httpchk GET /health\n default-server inter 200ms rise 1 fall 1\n"
                   f" server s 127.0.0.1:{secure.port} check ssl verify none\n"
                   f" server c 127.0.0.1:{clear.port} check check-ssl verify none\n"
                   "listen g\n bind fd@${G}\n default-server inter 200ms rise 1 fall 1\n"
                   f" server s 127.0.0.1:{secure.port} check ssl verify none\n"
                   f" server n 127.0.0.1:{secure.port} check ssl ca-file {PKI.other.path} verify required\n")
        self.log.wait("Server f/c is DOWN, reason: Layer6 invalid response")
        self.log.wait("Server g/n is DOWN, reason: Layer6 invalid response")
        wait_for(lambda: any(head.startswith(b"GET /health") for head in secure.seen), what="a check")
        for port in "FG":
            self.assertEqual({get(self.at[port]).body for _ in range(4)}, {b"secure"})
        self.assertEqual([line.text for line in self.log.lines if "/s is DOWN" in line.text], [])


class Bytes(Flow):
    def test_large_bodies_both_ways(self):
        body = os.urandom(10 * MIB)
        digest = hashlib.sha256(body).hexdigest().encode()

        def serve(peer):
            while (head := peer.head()) is not None:
                if head.startswith(b"GET"):
                    peer.send(origin.response(body))
                else:
                    length = int(head.lower().split(b"content-length: ")[1].split(b"\r")[0])
                    peer.send(origin.response(hashlib.sha256(peer.exactly(length)).hexdigest().encode()))

        one = self.tls_origin(serve)
        self.proxy(f"listen f\n bind fd@${{F}} ssl crt {PKI.server}\n server s 127.0.0.1:{one.port} ssl verify none\n")
        for version in (V1_2, V1_3):
            with TlsClient(self.at["F"], client_context(version=version), timeout=20) as client:
                for _ in range(2):
                    self.assertEqual(client.get("/").body, body)
                    self.assertEqual(client.get("/", "POST", body=body).body, digest)

    def test_tunnel_with_half_close(self):
        echo = self.tls_origin(late_echo)
        self.proxy(f"listen f\n mode tcp\n bind fd@${{F}} ssl crt {PKI.server}\n"
                   f" server s 127.0.0.1:{echo.port} ssl verify none\n"
                   f"listen g\n mode tcp\n bind fd@${{G}} ssl crt {PKI.server}\n server s 127.0.0.1:{self.origin(late_echo).port}\n")
        sent = os.urandom(3 * MIB)
        # python cannot read behind its own close_notify; towards a clear server the client's end must get there.
        for port in "FG":
            with TlsClient(self.at[port], timeout=10) as client:
                client.send(sent + b"END")
                self.assertEqual(client.read_exactly(len(sent)), sent)
                self.assertTrue(client.closed_by_peer())
        ended = threading.Event()

        def wait(peer):
            peer.wait_close()
            ended.set()

        self.proxy(f"listen f\n mode tcp\n bind fd@${{F}} ssl crt {PKI.server}\n server s 127.0.0.1:{self.origin(wait).port}\n")
        with TlsClient(self.at["F"]) as client:
            client.send("x")
            tls.half_close(client.socket)
            self.assertTrue(ended.wait(5), "the end of the client's direction")

    def test_slow_reader_is_not_bought_with_memory(self):
        size = 64 * MIB

        def serve(peer):
            peer.head()
            peer.send(origin.response(b"", headers=[f"Content-Length: {size}"], length=False))
            piece = bytes(MIB)
            for _ in range(size // MIB):
                peer.socket.sendall(piece)

        one = self.tls_origin(serve)
        proxy = self.proxy(f"listen f\n bind fd@${{F}} ssl crt {PKI.server}\n server s 127.0.0.1:{one.port} ssl verify none\n")
        with TlsClient(self.at["F"], timeout=30) as client:
            client.request("/").read_until(b"\r\n\r\n")
            before, most, got = resident_kib(proxy.pid), 0, len(client.pending)
            for at in range(40):
                got += len(client.socket.recv(16384))
                time.sleep(0.01)
                most = max(most, resident_kib(proxy.pid))
            self.assertLess(most - before, 4096, "KiB for one slow client")
            while got < size:
                got += len(client.socket.recv(1 << 16))
            self.assertEqual(got, size)

    def test_memory_of_idle_connections(self):
        count = 500
        address = self.reply(f"ssl crt {PKI.server}", "nbthread 1", defaults="timeout http-keep-alive 30s\n")
        context = client_context()
        for _ in range(20):
            tls.get(address, context=context)
        before = resident_kib(self.running.pid)
        with contextlib.ExitStack() as stack:
            for _ in range(count):
                self.assertEqual(stack.enter_context(TlsClient(address, context)).get("/").status, 200)
            each = (resident_kib(self.running.pid) - before) / count
        print(f"{each:.1f} KiB for each idle TLS connection", file=sys.stderr)
        self.assertLess(each, 20)


def late_echo(peer):
    """Sends back what comes until END."""
    data = b""
    while not data.endswith(b"END"):
        piece = peer.socket.recv(65536)
        if not piece:
            return
        data += piece
    peer.send(data[:-3])


if __name__ == "__main__":
    unittest.main(verbosity=2)
