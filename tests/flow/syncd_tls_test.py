"""Two real syncd that know each other by certificates, and who has none, or a wrong one, and gets nowhere."""

import os
import random
import re
import signal
import socket
import ssl
import tempfile
import unittest

from support.link import (MAINT, PARTS, PRESENT, RESUME, ROLE_LBCTL, ROLE_SYNCD, TAUGHT, UPDATE, FakeLbd, Link, field, frame,
                          hello, server_state)
from support.pair import Node, free_ports
from support.process import listening_socket, need_program, run, wait_for
from support.tls import Authority

SYNCD = need_program("syncd")


TABLE = """frontend web
  bind "fd@${WEB}"
  stick-table type ip size 1k expire 1m peers pair store http_req_cnt
  http-request track-sc0 src
  http-request return status 200
"""


class SyncdTlsTest(unittest.TestCase):
    def setUp(self):
        directory = tempfile.TemporaryDirectory(prefix="tandem-syncd-tls-")
        self.addCleanup(directory.cleanup)
        self.folder = directory.name
        self.authority = Authority(self.folder)
        self.sockets = {name: listening_socket() for name in ("lb1", "lb2")}
        for sock in self.sockets.values():
            self.addCleanup(sock.close)
        certificates = {name: self.authority.issue(f"{name}.pem", f"/CN={name}", [name]) for name in self.sockets}
        self.a, self.b = (self.make(name, certificates[name]) for name in self.sockets)

    def make(self, name, certificate, authority=None):
        lines = [f"node {name}", 'listen "fd@${LISTEN}"', f"certificate {certificate}", f"key {certificate}",
                 f"ca-file {(authority or self.authority).path}"]
        lines += [f"peer {peer} 127.0.0.1:{sock.getsockname()[1]}" for peer, sock in self.sockets.items() if peer != name]
        os.makedirs(os.path.join(self.folder, os.path.basename(certificate) + ".node"))
        return Node(self, name, os.path.join(self.folder, os.path.basename(certificate) + ".node"), "\n".join(lines) + "\n",
                    sockets={"LISTEN": self.sockets[name]})

    @staticmethod
    def stats(node):
        with Link(node.path("syncd.sock"), ROLE_LBCTL) as link:
            return link.stats()

    def lbd(self, node):
        link = FakeLbd(node.path("syncd.sock"))
        self.addCleanup(link.close)
        return link

    def wait_in_sync(self, node, peer):
        wait_for(lambda: self.stats(node).get((f"node {peer}", "in_sync")) == 1, what=f"in sync\n{node.log()}")

    def start_both(self):
        self.a.start_syncd()
        self.b.start_syncd()
        self.wait_in_sync(self.a, "lb2")
        self.wait_in_sync(self.b, "lb1")

    def test_what_is_set_on_one_is_on_both(self):
        self.start_both()
        one, other = self.lbd(self.a), self.lbd(self.b)
        one.set("www", "s1", admin=MAINT)
        other.wait_state("www", "s1", admin=MAINT)
        self.b.kill_syncd()
        one.set("www", "s2", weight=7)
        self.b.start_syncd()
        self.lbd(self.b).wait_state("www", "s2", weight=7)

    def test_strangers_get_nowhere(self):
        self.start_both()
        address = self.sockets["lb1"].getsockname()
        others = Authority(self.folder, "others")
        contexts = {
            "no certificate": None,
            "another authority's": others.issue("other.pem", "/CN=lb2", ["lb2"]),
            "expired": self.authority.issue("old.pem", "/CN=lb2", ["lb2"], days=-1),
            "of another name": self.authority.issue("name.pem", "/CN=lb3", ["lb3"]),
        }
        speech = b"".join(map(frame, (
            hello(ROLE_SYNCD, "lb2"), field(RESUME, b""),
            field(UPDATE, field(1, 1) + field(3, server_state("www", "s1", admin=MAINT))), field(TAUGHT, b""),
            field(RESUME, field(15, 1)), field(PRESENT, field(1, field(2, b"lb2"))),
            field(PARTS, field(1, 1) + field(3, b"stick/ip/web") + field(4, field(2, b"lb2")) +
                  field(5, field(3, b"abcd") + field(4, 1) + field(7, b"x"))))))
        for what, certificate in contexts.items():
            context = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
            context.check_hostname = False
            context.verify_mode = ssl.CERT_NONE
            if certificate:
                context.load_cert_chain(certificate)
            heard = b""
            with socket.create_connection(address, 5) as plain:
                try:
                    with context.wrap_socket(plain) as client:
                        client.sendall(speech)
                        while piece := client.recv(65536):
                            heard += piece
                except OSError:
                    pass
            # Who has proven that he is somebody hears a hello and why he is not welcome.
            self.assertEqual(b"certificate is not for" in heard, what == "of another name", (what, heard))
            self.assertNotIn(b"stick", heard)
        rng = random.Random(3)
        attacks = [speech, b"", b"\x16\x03\x01\xff\xff" + bytes(70000), b"GET / HTTP/1.0\r\n\r\n"]
        attacks += [rng.randbytes(rng.randrange(1, 2000)) for _ in range(100)]
        attacks += [b"\x16\x03\x01" + rng.randbytes(rng.randrange(2, 600)) for _ in range(100)]
        for attack in attacks:
            with socket.create_connection(address, 5) as sock:
                try:
                    sock.sendall(attack)
                    sock.shutdown(socket.SHUT_WR)
                    while sock.recv(65536):
                        pass
                except OSError:
                    pass
        stats = self.stats(self.a)
        self.assertEqual((stats["", "entries"], stats["", "table_parts"]), (0, 0))
        self.assertEqual(stats["node lb2", "in_sync"], 1, "the true peer is not disturbed")
        self.assertEqual(stats["node lb2", "links"], 1)
        self.assertEqual(stats["", "connections_refused"], 1)
        self.assertGreater(stats["", "malformed"], 100)
        log = self.a.log()
        self.assertIn("certificate has expired", log)
        self.assertLess(log.count("connection from"), 30, "hundreds of them are not a line each")

    def test_a_node_with_a_wrong_certificate_is_not_linked_and_both_say_why(self):
        self.a.start_syncd()
        bad = {"expired": (self.authority.issue("old.pem", "/CN=lb2", ["lb2"], days=-1), "certificate has expired"),
               "of another name": (self.authority.issue("name.pem", "/CN=lb3", ["lb3"]), "is not for 'lb2'")}
        for certificate, reason in bad.values():
            node = self.make("lb2", certificate)
            node.start_syncd()
            wait_for(lambda r=reason: r in self.a.log(), what=f"{reason}\n{self.a.log()}")
            wait_for(lambda n=node: re.search("node lb1: .*certificate", n.log()), what=f"the other's word\n{node.log()}")
            self.assertEqual(self.stats(self.a)["node lb2", "state"], "down")
            self.assertEqual(self.stats(self.a)["node lb2", "links"], 0)
            node.kill_syncd()
        self.b.start_syncd()
        self.wait_in_sync(self.a, "lb2")

    def test_certificates_are_read_again(self):
        self.start_both()
        # Of an authority that the others do not know: it holds from the next link on.
        others = Authority(self.folder, "others")
        path = os.path.join(self.folder, "lb1.pem")
        with open(path, "rb") as file:
            good = file.read()
        with open(others.issue("other.pem", "/CN=lb1", ["lb1"]), "rb") as file:
            bad = file.read()

        def reload(certificate, word):
            with open(path, "wb") as file:
                file.write(certificate)
            before = self.a.log().count(word)
            self.a.syncd.process.send_signal(signal.SIGHUP)
            wait_for(lambda: self.a.log().count(word) > before, what=f"{word}\n{self.a.log()}")

        reload(b"nonsense", "the certificate stays as it is")
        reload(bad, "were read again")
        self.assertEqual(self.stats(self.a)["node lb2", "links"], 1, "a link that stands keeps its certificate")
        self.b.kill_syncd()
        self.b.start_syncd()
        wait_for(lambda: "node lb1: not linked" in self.b.log(), what=f"the certificate to be refused\n{self.b.log()}")
        reload(good, "were read again")
        self.wait_in_sync(self.b, "lb1")

    def test_a_peers_section_with_tls(self):
        ports = free_ports(self, 2)
        nodes = []
        for i, name in enumerate(self.sockets):
            certificate = os.path.join(self.folder, f"{name}.pem")
            tls = f"ssl crt {certificate} ca-file {self.authority.path} verify required"
            peers = (f"peers pair\n  bind 127.0.0.1:{ports[i]} {tls}\n  default-server {tls}\n  server {name}\n"
                     f"  server {'lb1' if i else 'lb2'} 127.0.0.1:{ports[1 - i]}\n")
            os.makedirs(os.path.join(self.folder, name))
            nodes.append(Node(self, name, os.path.join(self.folder, name), config=peers + TABLE))
            nodes[-1].start()
        nodes[0].request(3)
        wait_for(lambda: nodes[1].table("web").get("127.0.0.1", {}).get("http_req_cnt") == "3",
                 what=f"the count\n{nodes[0].log()}\n{nodes[1].log()}")
        # Who speaks no TLS is no node.
        with socket.create_connection(("127.0.0.1", ports[0]), 5) as plain:
            plain.sendall(frame(hello(ROLE_SYNCD, "lb2")))
            self.assertNotIn(b"lb1", plain.recv(4096))

    def test_files_are_checked(self):
        for lines, error in ((f"certificate {self.folder}/lb1.pem\n", "belong together"),
                             (f"ca-file {self.authority.path}\n", "belong together"),
                             (f"certificate {self.authority.path}\nca-file {self.authority.path}\n", self.authority.path),
                             ("peer lb9 192.0.2.1:80\n", "'certificate' and 'ca-file'")):
            self.a.write("x.conf", "node lb1\n" + lines)
            code, _, err = run([SYNCD, "-c", "-f", self.a.path("x.conf")])
            self.assertEqual(code, 1)
            self.assertIn(error, err)
        self.a.write("x.conf", f"node lb1\npeer lb9 192.0.2.1:80\ncertificate {self.folder}/lb1.pem\nca-file {self.authority.path}\n")
        self.assertEqual(run([SYNCD, "-c", "-f", self.a.path("x.conf")])[0], 0)


if __name__ == "__main__":
    unittest.main()
