#!/usr/bin/env python3
"""The commands of the runtime socket that show and change certificates, authorities, revocation lists, crt-lists, OCSP
answers and ticket keys: the same lines go to lbd and to Debian's haproxy, on the same files, and get the same answers.

Where ours differ on purpose, DIFFERENT says why. TANDEM_TESTED names another program than lbd.
"""

import base64
import contextlib
import os
import re
import shutil
import sys
import tempfile
import unittest

sys.path.insert(0, os.path.dirname(os.path.dirname(os.path.abspath(__file__))))

from support import tls  # noqa: E402
from support.client import Client  # noqa: E402
from support.process import Proxy, listening_socket, need_program  # noqa: E402

CONFIG = """
global
    stats socket {directory}/sock mode 600 level admin
    nbthread 2
defaults
    mode http
    timeout connect 2s
    timeout client 2s
    timeout server 2s
frontend f
    bind fd@${{a}} ssl crt-list {pki}/list
    bind fd@${{b}} ssl crt {pki}/folder crt {pki}/nosan.pem crt {pki}/bundle.pem
    bind fd@${{c}} ssl crt {pki}/one.pem ca-file {pki}/ca.pem crl-file {pki}/ca.crl verify required tls-ticket-keys {pki}/keys
    bind fd@${{d}} ssl crt-list {pki}/list tls-ticket-keys {pki}/keys
    http-request return status 200
backend b
    server s 127.0.0.1:1 ssl crt {pki}/client.pem ca-file {pki}/ca.pem verify required
    server t 127.0.0.1:1 ssl crt {pki}/client.pem ca-file {pki}/ca.pem crl-file {pki}/ca.crl verify required
"""

# Commands whose answers differ, by what they begin with, and why.
REASONS = {
    "another file while a transaction is open": "haproxy puts the payload into the open transaction, which is about "
                                                "another file, and commits it there",
    "a list that lacks its bracket": "haproxy takes the options for names",
    "words of options": "the reason is given in our words",
    "order of options": "options are shown as they were written",
    "a wrong issuer": "haproxy keeps an OCSP answer beside an issuer that has not signed it",
}


def payload(command, text):
    """An empty line would end it."""
    return command + " <<\n" + "".join(line + "\n" for line in text.split("\n") if line)


class Pki:
    """Files for both programs; they write none of them."""

    def __init__(self):
        self.folder = tempfile.mkdtemp(prefix="tandem-test-")
        self.authority, self.other = tls.Authority(self.folder), tls.Authority(self.folder, "other")
        issue = self.authority.issue
        issue("one.pem", "/C=FR/O=Acme/CN=one", ["one.example", "www.one.example"])
        issue("two.pem", "/CN=two", ["two.example"], kind="rsa")
        issue("three.pem", "/CN=three", ["three.example"])
        issue("four.pem", "/CN=four", ["four.example"])
        issue("nosan.pem", "/CN=nosan")
        issue("client.pem", "/CN=client")
        self.authority.revoke(issue("revoked.pem", "/CN=revoked"))
        self.authority.crl()
        self.authority.ocsp(issue("ocsp.pem", "/CN=ocsp", ["ocsp.example"]))
        self.authority.ocsp(self.path("revoked.pem"))
        self.authority.ocsp(self.path("four.pem"))
        shutil.copy(self.authority.path, self.path("ocsp.pem.issuer"))
        os.mkdir(self.path("folder"))
        for name in ("two.pem", "three.pem"):
            shutil.copy(self.path(name), self.path("folder"))
        shutil.copy(self.path("one.pem"), self.path("bundle.pem.ecdsa"))
        shutil.copy(self.path("two.pem"), self.path("bundle.pem.rsa"))
        self.write("list", f"# comment\n{self.path('one.pem')}\n\n{self.path('two.pem')} [alpn h2,http/1.1 verify none] "
                           f"two.other *.two.example !no.two.example\n{self.path('ocsp.pem')} "
                           f"[verify optional ca-file {self.authority.path}]\n")
        self.write("keys", "".join(base64.b64encode(bytes([i] * 48)).decode() + "\n" for i in range(3)))

    def path(self, name):
        return os.path.join(self.folder, name)

    def write(self, name, text):
        with open(self.path(name), "w", encoding="ascii") as file:
            file.write(text)

    def read(self, name):
        with open(self.path(name), encoding="ascii") as file:
            return file.read()

    def key(self, name):
        return "-----BEGIN PRIVATE" + self.read(name).split("-----BEGIN PRIVATE")[1]

    def certificate(self, name):
        return self.read(name).split("-----BEGIN PRIVATE")[0]

    def base64(self, name):
        with open(self.path(name), "rb") as file:
            return base64.b64encode(file.read()).decode()


PKI = None


def setUpModule():
    global PKI
    PKI = Pki()
    unittest.addModuleCleanup(shutil.rmtree, PKI.folder)


class Running:
    def __init__(self, binary, stack):
        self.directory = stack.enter_context(tempfile.TemporaryDirectory(prefix="tandem-test-"))
        sockets = {name: stack.enter_context(contextlib.closing(listening_socket())) for name in "abcd"}
        self.socket = f"{self.directory}/sock"
        stack.enter_context(Proxy(binary, CONFIG.format(directory=self.directory, pki=PKI.folder), sockets,
                                  directory=self.directory)).wait_serving(self.socket)

    def ask(self, line):
        with Client(self.socket) as client:
            client.send(line + "\n")
            answer = client.read_to_end()
        # haproxy ends some texts within a line with their zero byte; authorities of the system are loaded by it alone.
        text = re.sub(r"@system-ca - .*\n", "", answer.decode(errors="replace").replace("\0", ""))
        return text.replace(self.directory, "D").replace(PKI.folder, "P")


class Beside(unittest.TestCase):
    maxDiff = None

    def setUp(self):
        self.stack = contextlib.ExitStack()
        self.addCleanup(self.stack.close)
        self.reference = Running(need_program("haproxy"), self.stack)
        self.tested = Running(need_program(os.environ.get("TANDEM_TESTED", "lbd")), self.stack)

    def same(self, *lines):
        for line in lines:
            with self.subTest(line[:200].replace(PKI.folder, "P")):
                self.assertEqual(self.tested.ask(line), self.reference.ask(line))

    def differs(self, why, line, ours, theirs):
        """Both answers, as regular expressions."""
        self.assertIn(why, REASONS)
        with self.subTest(line[:200]):
            self.assertRegex(self.tested.ask(line), ours)
            self.assertRegex(self.reference.ask(line), theirs)

    def commit(self, name, text, as_name=None):
        path = PKI.path(name) if not as_name else as_name
        self.same(payload(f"set ssl cert {path}", text), f"commit ssl cert {path}")

    def test_show_ssl_cert(self):
        self.same("show ssl cert", "show ssl cert nope", "show ssl cert *", "show ssl cert *nope",
                  *(f"show ssl cert {PKI.path(name)}" for name in
                    ("one.pem", "two.pem", "ocsp.pem", "ocsp.pem.ocsp", "one.pem.ocsp", "client.pem", "nosan.pem",
                     "bundle.pem", "bundle.pem.rsa", "folder/two.pem")), f"show ssl cert *{PKI.path('one.pem')}")

    def test_a_certificate_is_replaced(self):
        one = PKI.path("one.pem")
        self.same("set ssl cert", f"set ssl cert {one}", payload("set ssl cert nope", PKI.read("one.pem")),
                  payload(f"set ssl cert {one}", "garbage"), payload(f"set ssl cert {one}", PKI.read("one.pem") + "garbage"),
                  payload(f"set ssl cert {one}", PKI.read("four.pem")), "show ssl cert", f"show ssl cert *{one}",
                  f"show ssl cert {one}", payload(f"set ssl cert {one}", PKI.read("two.pem")),
                  "commit ssl cert", "commit ssl cert nope", f"commit ssl cert {PKI.path('two.pem')}",
                  f"commit ssl cert {one}", f"commit ssl cert {one}", "show ssl cert", f"show ssl cert {one}",
                  "abort ssl cert", f"abort ssl cert {one}", payload(f"set ssl cert {one}", PKI.read("one.pem")),
                  "abort ssl cert nope", f"abort ssl cert {one}", "show ssl cert",
                  payload(f"set ssl cert {PKI.path('bundle.pem.rsa')}", PKI.read("two.pem")),
                  f"commit ssl cert {PKI.path('bundle.pem.rsa')}",
                  payload(f"set ssl cert {PKI.path('client.pem')}", PKI.read("four.pem")),
                  f"commit ssl cert {PKI.path('client.pem')}", f"show ssl cert {PKI.path('client.pem')}",
                  payload(f"set ssl cert {PKI.path('two.pem')}", PKI.read("two.pem") + PKI.read("ca.pem") + PKI.read("other.pem")),
                  f"commit ssl cert {PKI.path('two.pem')}", f"show ssl cert {PKI.path('two.pem')}")

    def test_what_does_not_fit_is_refused(self):
        one = PKI.path("one.pem")
        self.same(payload(f"set ssl cert {one}", PKI.certificate("four.pem")), f"commit ssl cert {one}",
                  payload(f"set ssl cert {one}", PKI.key("four.pem")),
                  payload(f"set ssl cert {one}.key", "garbage"), payload(f"set ssl cert {one}.issuer", "garbage"),
                  payload(f"set ssl cert {one}.sctl", "AAAA"), payload(f"set ssl cert {one}.sctl", "no base64!"),
                  payload(f"set ssl cert {one}.key", PKI.key("four.pem")), f"commit ssl cert {one}",
                  payload(f"set ssl cert {one}.key", PKI.key("two.pem")),
                  payload(f"set ssl cert {one}", PKI.read("one.pem")), f"abort ssl cert {one}",
                  payload(f"set ssl cert {one}.key", PKI.key("four.pem")), f"commit ssl cert {one}", f"abort ssl cert {one}",
                  f"show ssl cert {one}", payload(f"set ssl cert {one}.foo", "AAAA"))

    def test_parts_of_a_certificate(self):
        one, ocsp = PKI.path("one.pem"), PKI.path("ocsp.pem")
        self.same(payload(f"set ssl cert {ocsp}.ocsp", PKI.base64("ocsp.pem.ocsp")), f"commit ssl cert {ocsp}",
                  f"show ssl cert {ocsp}", payload(f"set ssl cert {one}", PKI.read("four.pem")),
                  payload(f"set ssl cert {one}.issuer", PKI.read("ca.pem")),
                  payload(f"set ssl cert {one}.ocsp", PKI.base64("four.pem.ocsp")), f"show ssl cert *{one}",
                  f"commit ssl cert {one}", f"show ssl cert {one}", f"show ssl cert {one}.ocsp", "show ssl ocsp-response",
                  payload(f"set ssl cert {one}", PKI.read("one.pem")), f"commit ssl cert {one}", f"show ssl cert {one}")
        self.differs("a wrong issuer", payload(f"set ssl cert {ocsp}.issuer", PKI.read("other.pem")), "created", "created")
        self.differs("a wrong issuer", f"commit ssl cert {ocsp}", "another certificate.\nFailed!", "Success!")

    def test_one_transaction_at_a_time(self):
        one, two = PKI.path("one.pem"), PKI.path("two.pem")
        self.same(payload(f"set ssl cert {one}", PKI.read("four.pem")))
        self.differs("another file while a transaction is open", payload(f"set ssl cert {two}", PKI.read("two.pem")),
                     "The ongoing transaction is about 'P/one.pem' but you are trying to set 'P/two.pem'\nCan't update P/two.pem!",
                     "Transaction updated for certificate P/one.pem!")

    def test_new_certificates(self):
        self.same("new ssl cert", f"new ssl cert {PKI.path('one.pem')}", "new ssl cert fresh.pem", "new ssl cert fresh.pem",
                  "show ssl cert", "show ssl cert fresh.pem", "show ssl cert *fresh.pem", "commit ssl cert fresh.pem",
                  f"add ssl crt-list {PKI.path('list')} fresh.pem", payload("set ssl cert fresh.pem", PKI.read("four.pem")),
                  "show ssl cert fresh.pem", "show ssl cert *fresh.pem", "del ssl cert fresh.pem",
                  "commit ssl cert fresh.pem", "show ssl cert fresh.pem", "del ssl cert", "del ssl cert nope",
                  f"del ssl cert {PKI.path('one.pem')}", f"del ssl cert {PKI.path('client.pem')}", "del ssl cert fresh.pem",
                  "show ssl cert")

    def test_crt_lists(self):
        listed, folder = PKI.path("list"), PKI.path("folder")
        one, two = PKI.path("one.pem"), PKI.path("two.pem")
        self.same("show ssl crt-list", "show ssl crt-list nope", f"show ssl crt-list {listed}",
                  f"show ssl crt-list -n {listed}", f"show ssl crt-list {folder}", f"show ssl crt-list -n {folder}/",
                  "show ssl crt-list -n", "show ssl crt-list -x", f"show ssl crt-list {listed} -n",
                  "new ssl cert fresh.pem")
        self.commit(None, PKI.read("four.pem"), "fresh.pem")
        self.same("add ssl crt-list", f"add ssl crt-list {listed}", "add ssl crt-list nope fresh.pem",
                  f"add ssl crt-list {listed} nope.pem", f"add ssl crt-list {listed} fresh.pem", "show ssl cert fresh.pem",
                  f"add ssl crt-list {listed} fresh.pem",
                  payload(f"add ssl crt-list {listed}", "fresh.pem [alpn h2] x.example *.y.example !z.y.example"),
                  payload(f"add ssl crt-list {listed}", "nope.pem [alpn h2] x.example"),
                  payload(f"add ssl crt-list {listed}", "fresh.pem a\nfresh.pem b"),
                  payload(f"add ssl crt-list {listed}", "fresh.pem !x.example"),
                  payload(f"add ssl crt-list {listed}", f"fresh.pem [ca-file {PKI.path('nope')} verify required] o.example"),
                  f"show ssl crt-list -n {listed}", f"add ssl crt-list {folder} fresh.pem",
                  f"add ssl crt-list {folder}/ {folder}/fresh.pem", "del ssl cert fresh.pem")
        self.differs("a list that lacks its bracket", payload(f"add ssl crt-list {listed}", "fresh.pem [alpn h2 x.example"),
                     "^Can't edit the crt-list: the ']'", "Success!")
        for line in (f"add ssl crt-list {listed} fresh.pem", f"add ssl crt-list {listed} fresh.pem"):
            self.same_but(line)
        for options, ours in (("badword", "unknown option 'badword'"), ("strict-sni", "'strict-sni' cannot stand in a crt-list"),
                              ("verify", "expects 'none'"), ("verify required", "needs 'ca-file'.*\nFailed!"),
                              ("curves nonsense", "'curves': cannot use 'nonsense'.*\nFailed!")):
            self.differs("words of options", payload(f"add ssl crt-list {listed}", f"fresh.pem [{options}] o.example"),
                         ours, "unknown ssl keyword|args out of|Failed!")
        self.differs("order of options", payload(f"add ssl crt-list {listed}",
                                                 f"fresh.pem [ca-file {PKI.path('ca.pem')} verify optional] o.example"),
                     "Success!", "Success!")
        self.differs("order of options", f"show ssl crt-list {listed}", r"\[ca-file P/ca.pem verify optional\] o.example",
                     r"\[verify optional ca-file P/ca.pem\] o.example")
        self.same(f"del ssl crt-list {listed} {one}", f"del ssl crt-list {listed} {two}", f"del ssl cert {two}")

    def same_but(self, line):
        """A line whose number haproxy counts on where ours refused one before."""
        self.assertRegex(self.tested.ask(line), "Success!")
        self.assertRegex(self.reference.ask(line), "Success!")

    def test_lines_are_removed(self):
        listed, folder = PKI.path("list"), PKI.path("folder")
        self.same("new ssl cert fresh.pem")
        self.commit(None, PKI.read("four.pem"), "fresh.pem")
        self.same(*[f"add ssl crt-list {listed} fresh.pem"] * 3, "del ssl crt-list", f"del ssl crt-list {listed}",
                  "del ssl crt-list nope fresh.pem", f"del ssl crt-list {listed} nope.pem",
                  f"del ssl crt-list {listed} fresh.pem", f"del ssl crt-list {listed} fresh.pem:99",
                  f"del ssl crt-list {listed} fresh.pem:6", f"show ssl crt-list -n {listed}",
                  f"del ssl crt-list {listed} fresh.pem:abc", f"add ssl crt-list {listed} fresh.pem",
                  f"show ssl crt-list -n {listed}", f"del ssl crt-list {listed} fresh.pem:8",
                  f"del ssl crt-list {listed} fresh.pem:7", f"del ssl crt-list {listed} fresh.pem",
                  f"show ssl crt-list -n {listed}", f"del ssl crt-list {listed} {PKI.path('one.pem')}",
                  f"del ssl crt-list {listed} {PKI.path('ocsp.pem')}", f"del ssl cert {PKI.path('ocsp.pem')}",
                  f"del ssl crt-list {listed} {PKI.path('client.pem')}", "show ssl cert",
                  f"new ssl cert {folder}/fresh.pem")
        self.commit("folder/fresh.pem", PKI.read("four.pem"))
        self.same(f"add ssl crt-list {folder} {folder}/fresh.pem",
                  payload(f"add ssl crt-list {folder}", f"{folder}/fresh.pem [alpn h2] z.example"),
                  f"show ssl crt-list -n {folder}", f"del ssl crt-list {folder} {folder}/fresh.pem",
                  f"show ssl crt-list {folder}", f"del ssl crt-list {folder}/ {folder}/fresh.pem")

    def authorities(self, kind, name, own, other):
        path = PKI.path(own)
        own, other = PKI.read(own), PKI.read(other)
        self.same(f"show ssl {kind}", f"show ssl {kind} nope", f"show ssl {kind} {path}", f"show ssl {kind} {path}:1",
                  f"show ssl {kind} {path}:2", f"show ssl {kind} {path}:0", f"show ssl {kind} {path}:x",
                  f"show ssl {kind} *{path}", f"set ssl {kind}", f"set ssl {kind} {path}",
                  payload(f"set ssl {kind} nope", own), payload(f"set ssl {kind} {path}", "garbage"),
                  payload(f"set ssl {kind} {path}", other), f"show ssl {kind}", f"show ssl {kind} *{path}",
                  payload(f"set ssl {kind} {path}", other + own), f"show ssl {kind}", f"show ssl {kind} *{path}:2",
                  f"commit ssl {kind}", f"commit ssl {kind} nope", f"commit ssl {kind} {path}", f"commit ssl {kind} {path}",
                  f"show ssl {kind}", f"show ssl {kind} {path}", f"abort ssl {kind}", f"abort ssl {kind} {path}",
                  payload(f"set ssl {kind} {path}", own), f"abort ssl {kind} nope", f"abort ssl {kind} {path}",
                  f"new ssl {kind}", f"new ssl {kind} {path}", f"new ssl {kind} fresh.{name}", f"new ssl {kind} fresh.{name}",
                  f"show ssl {kind}", f"show ssl {kind} fresh.{name}", f"commit ssl {kind} fresh.{name}",
                  payload(f"set ssl {kind} fresh.{name}", own), f"show ssl {kind}", f"commit ssl {kind} fresh.{name}",
                  f"show ssl {kind} fresh.{name}")

    def test_ca_files(self):
        self.authorities("ca-file", "ca", "ca.pem", "other.pem")
        listed = PKI.path("list")
        self.same("new ssl cert t.pem")
        self.commit(None, PKI.read("three.pem"), "t.pem")
        self.same(payload(f"add ssl crt-list {listed}", "t.pem [verify optional ca-file fresh.ca] xx.example"),
                  "show ssl ca-file fresh.ca", "del ssl ca-file fresh.ca", f"del ssl crt-list {listed} t.pem",
                  "show ssl ca-file fresh.ca", "del ssl ca-file", "del ssl ca-file nope",
                  f"del ssl ca-file {PKI.path('ca.pem')}", "del ssl ca-file fresh.ca", "show ssl ca-file")

    def test_crl_files(self):
        self.authorities("crl-file", "crl", "ca.crl", "ca.crl")
        self.same("del ssl crl-file", "del ssl crl-file nope", f"del ssl crl-file {PKI.path('ca.crl')}",
                  "del ssl crl-file fresh.crl", "show ssl crl-file")

    def test_authorities_are_added(self):
        """add ssl ca-file of HAProxy 2.7."""
        path = PKI.path("ca.pem")
        answers = [self.tested.ask(line) for line in
                   (payload(f"add ssl ca-file {path}", PKI.read("other.pem")), f"commit ssl ca-file {path}", "show ssl ca-file")]
        self.assertEqual(answers, ["transaction created for CA P/ca.pem!\n\n", "Committing P/ca.pem.....\nSuccess!\n\n",
                                   "# filename\nP/ca.pem - 2 certificate(s)\n\n"])

    def test_ocsp_answers(self):
        self.same("show ssl ocsp-response", "show ssl ocsp-response nope", "show ssl ocsp-response 00ff")
        key = re.search(r"key : (\w+)", self.reference.ask("show ssl ocsp-response"))[1]
        answer = PKI.base64("ocsp.pem.ocsp")
        self.same(f"show ssl ocsp-response {key}", "set ssl ocsp-response", "set ssl ocsp-response garbage!",
                  "set ssl ocsp-response AAAA", payload("set ssl ocsp-response", answer), f"set ssl ocsp-response {answer}",
                  payload("set ssl ocsp-response", "AAAA"),
                  payload("set ssl ocsp-response", "\n".join(re.findall(".{1,64}", answer))),
                  payload("set ssl ocsp-response", PKI.base64("revoked.pem.ocsp")),
                  payload("set ssl ocsp-response", PKI.base64("four.pem.ocsp")), f"show ssl ocsp-response {key}")

    def test_ticket_keys(self):
        keys = PKI.path("keys")
        self.same("show tls-keys", "show tls-keys *", "show tls-keys #0", "show tls-keys #1", "show tls-keys nope",
                  f"show tls-keys {keys}", "set ssl tls-key", "set ssl tls-key nope", "set ssl tls-key nope AAAA",
                  f"set ssl tls-key {keys} AAAA", f"set ssl tls-key {keys} no!base64", f"set ssl tls-key #0 {'A' * 64}",
                  f"set ssl tls-key {keys} {'B' * 64}", f"set ssl tls-key #7 {'B' * 64}",
                  f"set ssl tls-key {keys} {'B' * 106}w=", "show tls-keys *")

    def test_providers(self):
        self.same("show ssl providers")


if __name__ == "__main__":
    unittest.main()
