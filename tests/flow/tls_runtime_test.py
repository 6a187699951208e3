#!/usr/bin/env python3
"""Certificates and authorities that the runtime socket changes: what the next handshake shows and accepts, in bind lines,
crt-lists, folders and towards servers, while other handshakes go on. tests/peers/tls_runtime_test.py has the answers.

TANDEM_TESTED=haproxy gives the proof of what is expected.
"""

import contextlib
import os
import shutil
import ssl
import sys
import tempfile
import threading
import unittest

sys.path.insert(0, os.path.dirname(os.path.dirname(os.path.abspath(__file__))))

from support import origin, tls  # noqa: E402
from support.client import Client, Closed, command  # noqa: E402
from support.process import Proxy, listening_socket, need_program, run  # noqa: E402
from support.tls import TlsClient, TlsOrigin, client_context  # noqa: E402

BINARY = need_program(os.environ.get("TANDEM_TESTED", "lbd"))
PKI = None
CONFIG = """
global
    stats socket {directory}/sock mode 600 level admin
    nbthread 2
    {globals}
defaults
    mode http
    timeout client 10s
    timeout server 10s
    timeout connect 5s
"""


class Pki:
    def __init__(self):
        self.folder = tempfile.mkdtemp(prefix="tandem-test-")
        self.authority, self.other = tls.Authority(self.folder), tls.Authority(self.folder, "other")
        for name in ("one", "two", "three", "client"):
            self.authority.issue(f"{name}.pem", f"/CN={name}", [f"{name}.example"])
        self.other.issue("stranger.pem", "/CN=stranger")
        self.authority.crl()
        shutil.copy(self.path("ca.crl"), self.path("empty.crl"))
        self.authority.revoke(self.path("client.pem"))
        self.authority.crl()

    def path(self, name):
        return os.path.join(self.folder, name)

    def read(self, name):
        with open(self.path(name), encoding="ascii") as file:
            return file.read()

    def write(self, name, text):
        with open(self.path(name), "w", encoding="ascii") as file:
            file.write(text)
        return self.path(name)


def setUpModule():
    global PKI
    PKI = Pki()
    unittest.addModuleCleanup(shutil.rmtree, PKI.folder)


def common_name(socket):
    der = socket.getpeercert(binary_form=True)
    path = PKI.write(f"shown{threading.get_ident()}.pem", ssl.DER_cert_to_PEM_cert(der))
    return tls.openssl("x509", "-noout", "-subject", "-in", path).split("= ")[-1].strip()


class Flow(unittest.TestCase):
    def setUp(self):
        self.stack = contextlib.ExitStack()
        self.addCleanup(self.stack.close)

    def proxy(self, lines, globals=""):
        """Each `fd@${NAME}` in the lines is a port of self.at[NAME]."""
        names = [word[5:-1] for word in lines.split() if word.startswith("fd@${")]
        sockets = {name: self.stack.enter_context(contextlib.closing(listening_socket())) for name in names}
        self.at = {name: listener.getsockname() for name, listener in sockets.items()}
        directory = self.stack.enter_context(tempfile.TemporaryDirectory(prefix="tandem-test-"))
        self.socket = f"{directory}/sock"
        self.stack.enter_context(Proxy(BINARY, CONFIG.format(directory=directory, globals=globals) + lines, sockets,
                                       directory=directory)).wait_serving(self.socket)

    def ask(self, line, text=None):
        if text is not None:
            line += " <<\n" + "".join(each + "\n" for each in text.split("\n") if each)
        return command(self.socket, line)

    def changed(self, kind, path, text):
        self.assertIn("ransaction created", self.ask(f"set ssl {kind} {path}", text))
        self.assertIn("Success!", self.ask(f"commit ssl {kind} {path}"))

    def shown(self, name=None, at="F", context=None):
        with TlsClient(self.at[at], context, name) as client:
            return common_name(client.socket)

    def refused(self, at="F", **more):
        with self.assertRaises((ssl.SSLError, Closed)):
            tls.get(self.at[at], **more)


class Listening(Flow):
    def test_a_certificate_in_every_place_that_names_it(self):
        folder = PKI.path("folder")
        os.mkdir(folder)
        inside = os.path.join(folder, "one.pem")
        shutil.copy(PKI.path("one.pem"), inside)
        one, listed = PKI.path("one.pem"), PKI.write("list", f"{PKI.path('two.pem')}\n{PKI.path('one.pem')} *.wild.example\n")
        self.proxy(f"frontend f\n bind fd@${{F}} ssl crt {one}\n bind fd@${{L}} ssl crt-list {listed}\n"
                   f" bind fd@${{D}} ssl crt {folder}\n http-request return status 200\n")
        self.assertEqual([self.shown(), self.shown("x.wild.example", "L"), self.shown(at="D")], ["one"] * 3)
        self.changed("cert", one, PKI.read("three.pem"))
        self.assertEqual([self.shown(), self.shown("x.wild.example", "L"), self.shown(at="L"), self.shown(at="D")],
                         ["three", "three", "two", "one"])
        self.changed("cert", inside, PKI.read("three.pem"))
        self.assertEqual([self.shown(at="D"), self.shown("three.example", "D")], ["three", "three"])

    def test_what_is_prepared_changes_nothing(self):
        one = PKI.path("one.pem")
        self.proxy(f"frontend f\n bind fd@${{F}} ssl crt {one}\n http-request return status 200\n")
        self.ask(f"set ssl cert {one}", PKI.read("two.pem"))
        self.assertEqual(self.shown(), "one")
        self.ask(f"set ssl cert {one}.key", PKI.read("three.pem"))
        self.assertIn("Can't commit", self.ask(f"commit ssl cert {one}"))
        self.ask(f"abort ssl cert {one}")
        self.assertIn("Can't update", self.ask(f"set ssl cert {one}", "-----BEGIN CERTIFICATE-----\nAAAA\n-----END CERTIFICATE-----"))
        self.assertEqual(self.shown(), "one")

    def test_a_new_certificate_and_its_line(self):
        listed = PKI.write("list", f"{PKI.path('one.pem')}\n")
        self.proxy(f"frontend f\n bind fd@${{F}} ssl strict-sni crt-list {listed}\n http-request return status 200\n")
        self.refused(name="two.example")
        self.ask("new ssl cert fresh.pem")
        self.changed("cert", "fresh.pem", PKI.read("two.pem"))
        self.refused(name="two.example")
        self.ask(f"add ssl crt-list {listed} fresh.pem")
        self.ask(f"add ssl crt-list {listed}", "fresh.pem [alpn http/1.1] *.more.example !no.more.example")
        self.assertEqual([self.shown("two.example"), self.shown("x.more.example"), self.shown("one.example")],
                         ["two", "two", "one"])
        self.refused(name="no.more.example")
        with TlsClient(self.at["F"], client_context(alpn=["http/1.1"]), "x.more.example") as client:
            self.assertEqual(client.socket.selected_alpn_protocol(), "http/1.1")
        self.ask(f"del ssl crt-list {listed} fresh.pem:2")
        self.refused(name="two.example")
        self.assertEqual(self.shown("x.more.example"), "two")
        self.ask(f"del ssl crt-list {listed} fresh.pem")
        self.refused(name="x.more.example")
        self.assertIn("deleted", self.ask("del ssl cert fresh.pem"))

    def test_authorities_of_clients(self):
        ca, crl = PKI.path("ca.pem"), PKI.path("empty.crl")
        self.proxy(f"frontend f\n bind fd@${{F}} ssl crt {PKI.path('one.pem')} verify required ca-file {ca}\n"
                   f" bind fd@${{R}} ssl crt {PKI.path('one.pem')} verify required ca-file {ca} crl-file {crl}\n"
                   " http-request return status 200\n")
        known, stranger = (client_context(certificate=PKI.path(f"{name}.pem")) for name in ("client", "stranger"))
        self.assertEqual(tls.get(self.at["F"], context=known).status, 200)
        self.assertEqual(tls.get(self.at["R"], context=known).status, 200)
        self.refused(context=stranger)
        self.changed("crl-file", crl, PKI.read("ca.crl"))
        self.refused("R", context=known)
        self.changed("ca-file", ca, PKI.read("other.pem"))
        self.assertEqual(tls.get(self.at["F"], context=stranger).status, 200)
        self.refused(context=client_context(certificate=PKI.path("client.pem")))

    def test_handshakes_go_on(self):
        one = PKI.path("one.pem")
        listed = PKI.write("list", f"{one}\n" + f"{PKI.path('two.pem')} [alpn h2]\n" * 20)
        self.proxy(f"frontend f\n bind fd@${{F}} ssl crt-list {listed}\n http-request return status 200\n")
        over, wrong, count = threading.Event(), [], [0]

        def connect(name):
            while not over.is_set():
                try:
                    with TlsClient(self.at["F"], client_context(), name) as client:
                        if client.get("/").status != 200:
                            wrong.append("status")
                    count[0] += 1
                except Exception as error:  # whatever it is, it must not be
                    wrong.append(repr(error))

        threads = [threading.Thread(target=connect, args=(name,)) for name in ("one.example", "two.example", None)]
        for thread in threads:
            thread.start()
        self.ask("new ssl cert fresh.pem")
        self.changed("cert", "fresh.pem", PKI.read("three.pem"))
        for i in range(20):
            self.changed("cert", one, PKI.read("three.pem" if i % 2 else "one.pem"))
            self.assertIn("Success!", self.ask(f"add ssl crt-list {listed}", f"fresh.pem [alpn h2] x{i}.example"))
            self.assertIn("deleted", self.ask(f"del ssl crt-list {listed} fresh.pem"))
        over.set()
        for thread in threads:
            thread.join()
        self.assertEqual(wrong, [])
        self.assertGreater(count[0], 20)

    def test_a_large_payload(self):
        """A chain may be longer than a buffer of the proxy."""
        one = PKI.path("one.pem")
        self.proxy(f"frontend f\n bind fd@${{F}} ssl crt {one}\n http-request return status 200\n")
        self.changed("cert", one, PKI.read("three.pem") + PKI.read("ca.pem") * 50)
        self.assertEqual(self.shown(), "three")


@unittest.skipUnless(os.path.basename(BINARY) == "lbd", "words of HAProxy 2.8")
class Providers(Flow):
    def test_those_that_are_named(self):
        self.proxy(f"frontend f\n bind fd@${{F}} ssl crt {PKI.path('one.pem')}\n http-request return status 200\n",
                   "ssl-provider legacy\n ssl-provider default\n ssl-propquery ?provider=default")
        title, *shown = self.ask("show ssl providers").split("\n")
        self.assertEqual(title, "Loaded providers : ")
        self.assertEqual(sorted(shown), ["", "", "\t- default", "\t- legacy"])  # OpenSSL has them in any order
        self.assertEqual(self.shown(), "one")

    def refuses(self, words, why):
        path = PKI.write("refused.cfg", f"global\n {words}\ndefaults\n mode http\nlisten f\n bind 127.0.0.1:1\n")
        code, _, errors = run([BINARY, "-c", "-f", path])
        self.assertEqual(code, 1)
        self.assertIn(why, errors)

    def test_those_that_are_not_there(self):
        self.refuses("ssl-provider nope", "cannot load the provider 'nope'")
        self.refuses(f"ssl-provider-path {PKI.folder}\n ssl-provider legacy", "cannot load the provider 'legacy'")
        self.refuses("ssl-propquery ===", "cannot use the properties '==='")


class Connecting(Flow):
    def get(self):
        with Client(self.at["F"]) as client:
            return client.get("/").status

    def test_the_certificate_that_servers_see(self):
        mine = PKI.write("mine.pem", PKI.read("stranger.pem"))
        server = self.stack.enter_context(TlsOrigin(origin.answer(), PKI.path("one.pem"), PKI.authority))
        self.proxy(f"listen f\n bind fd@${{F}}\n http-reuse never\n retries 0\n"
                   f" server s 127.0.0.1:{server.port} ssl verify none crt {mine}\n")
        self.assertNotEqual(self.get(), 200)
        self.changed("cert", mine, PKI.read("two.pem"))
        self.assertEqual(self.get(), 200)

    def test_the_authorities_of_servers(self):
        ca = PKI.write("trusted.pem", PKI.read("ca.pem"))
        server = self.stack.enter_context(TlsOrigin(origin.answer(), PKI.path("one.pem")))
        self.proxy(f"listen f\n bind fd@${{F}}\n http-reuse never\n retries 0\n"
                   f" server s 127.0.0.1:{server.port} ssl verify required ca-file {ca} crt {PKI.path('two.pem')}\n")
        self.assertEqual(self.get(), 200)
        self.changed("ca-file", ca, PKI.read("other.pem"))
        self.assertEqual(self.get(), 503)
        self.changed("ca-file", ca, PKI.read("ca.pem"))
        self.assertEqual(self.get(), 200)


if __name__ == "__main__":
    unittest.main()
