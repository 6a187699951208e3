#!/usr/bin/env python3
"""`ocsp-update on` (HAProxy 2.8): answers are fetched from a responder, verified and stapled. The responder is the openssl
command behind a small HTTP server, which can also misbehave."""

import base64
import contextlib
import os
import shutil
import socket
import sys
import tempfile
import threading
import unittest
import urllib.parse

sys.path.insert(0, os.path.dirname(os.path.dirname(os.path.abspath(__file__))))

from support import tls  # noqa: E402
from support.client import Client, command  # noqa: E402
from support.process import Proxy, listening_socket, need_program, run, wait_for  # noqa: E402

BINARY = need_program("lbd")
CONFIG = """
global
    stats socket {directory}/sock mode 600 level admin
    {globals}
defaults
    mode http
    timeout client 10s
    timeout server 10s
    timeout connect 5s
"""


class Responder:
    """Answers as `behaviour` says: "good", or in a way that is wrong."""

    def __init__(self, folder):
        self.folder = folder
        self.authority, self.other = tls.Authority(folder), tls.Authority(folder, "other")
        self.requests, self.behaviour = [], "good"
        self.listener = listening_socket()
        self.uri = f"http://127.0.0.1:{self.listener.getsockname()[1]}"
        self.thread = threading.Thread(target=self.serve)
        self.thread.start()

    def close(self):
        self.listener.shutdown(socket.SHUT_RDWR)
        self.thread.join()
        self.listener.close()

    def issue(self, name, path="/", chain=True, uri=None):
        """A certificate that names the responder, with its issuer behind it."""
        file = self.authority.issue(name, "/CN=" + name.split(".")[0], [name.replace(".pem", ".example")],
                                    extensions=[f"authorityInfoAccess=OCSP;URI:{uri or self.uri}{path}"])
        if chain:
            with open(file, "a", encoding="ascii") as out, open(self.authority.path, encoding="ascii") as issuer:
                out.write(issuer.read())
        return file

    def serve(self):
        while True:
            try:
                client, _ = self.listener.accept()
            except OSError:
                return
            with client, contextlib.suppress(OSError):
                client.settimeout(5)
                client.sendall(self.answer(self.read(client)))

    @staticmethod
    def read(client):
        data = b""
        while b"\r\n\r\n" not in data:
            data += client.recv(4096)
        head, body = data.split(b"\r\n\r\n", 1)
        for line in head.split(b"\r\n"):
            if line.lower().startswith(b"content-length:"):
                while len(body) < int(line.split(b":")[1]):
                    body += client.recv(4096)
        return head.decode(), body

    def answer(self, message):
        head, body = message
        method, target, _ = head.split("\r\n")[0].split(" ")
        self.requests.append((method, target))
        if method == "GET":
            body = base64.b64decode(urllib.parse.unquote(target.rsplit("/", 1)[1]))
        if self.behaviour == "unavailable":
            return b"HTTP/1.0 503 Service Unavailable\r\n\r\n"
        signer = self.other if self.behaviour == "stranger" else self.authority
        ask, reply = os.path.join(self.folder, "ask"), os.path.join(self.folder, "reply")
        with open(ask, "wb") as out:
            out.write(body)
        self.authority._write_index()
        tls.openssl("ocsp", "-index", self.authority.base + ".index", "-rsigner", signer.path, "-rkey", signer.base + ".key",
                    "-CA", self.authority.path, "-reqin", ask, "-ndays", "7", "-respout", reply)
        with open(reply, "rb") as file:
            der = file.read()
        kind = "text/html" if self.behaviour == "untyped" else "application/ocsp-response"
        return f"HTTP/1.0 200 OK\r\nContent-Type: {kind}\r\nContent-Length: {len(der)}\r\n\r\n".encode() + der


class Updating(unittest.TestCase):
    def setUp(self):
        self.stack = contextlib.ExitStack()
        self.addCleanup(self.stack.close)
        self.folder = self.stack.enter_context(tempfile.TemporaryDirectory(prefix="tandem-test-"))
        self.responder = self.stack.enter_context(contextlib.closing(Responder(self.folder)))

    def proxy(self, bind, globals=""):
        listener = self.stack.enter_context(contextlib.closing(listening_socket()))
        self.at = listener.getsockname()
        self.socket = os.path.join(self.folder, "sock")
        text = CONFIG.format(directory=self.folder, globals=globals) + f"frontend f\n bind fd@${{F}} ssl {bind}\n" \
            " http-request return status 200\n"
        self.running = self.stack.enter_context(Proxy(BINARY, text, {"F": listener}))
        self.running.wait_serving(self.socket)

    def list(self, line):
        path = os.path.join(self.folder, "list")
        with open(path, "w", encoding="ascii") as out:
            out.write(line + "\n")
        return path

    def stapled(self):
        _, out, _ = run([need_program("openssl"), "s_client", "-connect", "%s:%d" % self.at, "-status"])
        return "Cert Status: good" in out

    def updates(self):
        """(path, successes, failures, number, text) of each line."""
        lines = command(self.socket, "show ssl ocsp-updates").strip().split("\n")
        self.assertEqual(lines[0], "OCSP Certid | Path | Next Update | Last Update | Successes | Failures | "
                                   "Last Update Status | Last Update Status (str)")
        cells = [line.split(" | ") for line in lines[1:]]
        return [(cell[1], int(cell[4]), int(cell[5]), int(cell[6]), cell[7]) for cell in cells]

    def wait_for_updates(self, *expected):
        wait_for(lambda: self.updates() == list(expected), 10, f"{expected}, not {self.updates()}")

    def test_an_answer_is_fetched_and_stapled(self):
        one = self.responder.issue("one.pem")
        self.proxy(f"crt-list {self.list(one + ' [ocsp-update on]')}")
        self.wait_for_updates((one, 1, 0, 1, "Update successful"))
        self.assertTrue(self.stapled())
        method, target = self.responder.requests[0]
        self.assertEqual((method, target[0], len(self.responder.requests)), ("GET", "/", 1))
        self.assertIn("Cert Status: good", command(self.socket, f"show ssl cert {one}.ocsp"))

    def test_long_addresses_are_asked_by_post(self):
        one = self.responder.issue("one.pem", "/" + "a" * 200)
        self.proxy(f"crt {one} ocsp-update on")
        self.wait_for_updates((one, 1, 0, 1, "Update successful"))
        self.assertEqual(self.responder.requests, [("POST", "/" + "a" * 200)])
        self.assertTrue(self.stapled())

    def test_an_issuer_in_a_file_of_its_own(self):
        one = self.responder.issue("one.pem", chain=False)
        shutil.copy(self.responder.authority.path, one + ".issuer")
        self.proxy(f"crt {one}", globals="ocsp-update.mode on")
        self.wait_for_updates((one, 1, 0, 1, "Update successful"))
        self.assertTrue(self.stapled())

    def test_through_a_proxy(self):
        one = self.responder.issue("one.pem", uri="http://responder.invalid")
        address = self.responder.uri.removeprefix("http://")
        self.proxy(f"crt {one} ocsp-update on", globals=f"ocsp-update.httpproxy {address}")
        self.wait_for_updates((one, 1, 0, 1, "Update successful"))
        self.assertTrue(self.responder.requests[0][1].startswith("http://responder.invalid/"))

    def test_failures_are_tried_again(self):
        one = self.responder.issue("one.pem")
        self.responder.behaviour = "unavailable"
        self.proxy(f"crt {one} ocsp-update on", globals="tune.ssl.ocsp-update.mindelay 1")
        wait_for(lambda: self.updates()[0][2:] in ((1, 2, "HTTP error"), (2, 2, "HTTP error")), 10, "a failure")
        self.assertFalse(self.stapled())
        self.responder.behaviour = "untyped"
        wait_for(lambda: self.updates()[0][3:] == (3, 'Missing "ocsp-response" header'), 10, "a second failure")
        self.responder.behaviour = "good"
        wait_for(lambda: self.updates()[0][1] == 1, 10, "a success")
        self.assertTrue(self.stapled())

    def test_answers_of_strangers_are_refused(self):
        one = self.responder.issue("one.pem")
        self.responder.behaviour = "stranger"
        self.proxy(f"crt {one} ocsp-update on")
        self.wait_for_updates((one, 0, 1, 4, "OCSP response check failure"))
        self.assertFalse(self.stapled())

    def test_a_new_certificate_gets_its_own(self):
        one, two = self.responder.issue("one.pem"), self.responder.issue("two.pem")
        self.proxy(f"crt {one} ocsp-update on")
        self.wait_for_updates((one, 1, 0, 1, "Update successful"))
        with open(two, encoding="ascii") as file:
            command(self.socket, f"set ssl cert {one} <<\n{file.read()}")
        self.assertIn("Success!", command(self.socket, f"commit ssl cert {one}"))
        wait_for(lambda: len(self.responder.requests) == 2, 10, "another request")
        self.wait_for_updates((one, 1, 0, 1, "Update successful"))
        self.assertTrue(self.stapled())

    def test_a_line_that_comes_later(self):
        one, two = self.responder.issue("one.pem"), self.responder.issue("two.pem")
        listed = self.list(one)
        self.proxy(f"crt-list {listed}")
        self.assertEqual(self.updates(), [])
        command(self.socket, "new ssl cert fresh.pem")
        with open(two, encoding="ascii") as file:
            command(self.socket, f"set ssl cert fresh.pem <<\n{file.read()}")
        command(self.socket, "commit ssl cert fresh.pem")
        self.assertIn("Success!", command(self.socket, f"add ssl crt-list {listed} <<\nfresh.pem [ocsp-update on]\n"))
        self.wait_for_updates(("fresh.pem", 1, 0, 1, "Update successful"))

    def test_by_command(self):
        one, two = self.responder.issue("one.pem"), self.responder.issue("two.pem")
        self.responder.authority.ocsp(one)
        self.proxy(f"crt {one} crt {two}")
        self.assertEqual(self.updates(), [])
        self.assertIn("Can't send", command(self.socket, f"update ssl ocsp-response {two}"))
        self.assertIn("Can't send", command(self.socket, "update ssl ocsp-response nope"))
        self.assertIn("expects a filename", command(self.socket, "update ssl ocsp-response"))
        self.assertIn("is being fetched", command(self.socket, f"update ssl ocsp-response {one}"))
        self.wait_for_updates((one, 1, 0, 1, "Update successful"))

    def test_what_cannot_be_fetched_is_told(self):
        alone = self.responder.authority.issue("alone.pem", "/CN=alone", ["alone.example"])
        shutil.copy(self.responder.authority.path, alone + ".issuer")
        self.proxy(f"crt {alone} ocsp-update on")
        self.assertIn("names no OCSP responder", self.running.errors())

    def test_a_stop_does_not_wait(self):
        """For a responder that says nothing."""
        one = self.responder.issue("one.pem", uri="http://127.0.0.1:%d" % self.stack.enter_context(
            contextlib.closing(listening_socket())).getsockname()[1])
        self.proxy(f"crt {one} ocsp-update on")
        with Client(self.socket):
            pass
        self.assertEqual(self.running.stop(), 0)


if __name__ == "__main__":
    unittest.main()
