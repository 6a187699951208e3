#!/usr/bin/env python3
"""Words of servers that haproxy 2.6 does not know: set-proxy-v2-tlv-fmt, pool-conn-name, sni-auto, check-sni-auto, hash-key,
hash-preserve-affinity, balance sticky, healthcheck sections. No comparison: Debian's haproxy refuses the file."""

import contextlib
import os
import struct
import sys
import tempfile
import unittest

sys.path.insert(0, os.path.dirname(os.path.dirname(os.path.abspath(__file__))))

from support.client import Client, command  # noqa: E402
from support.origin import Origin, answer, response  # noqa: E402
from support.process import Proxy, listening_socket, need_program, run, wait_for  # noqa: E402
from support.tls import Authority, TlsOrigin  # noqa: E402

DEFAULTS = """
global
    nbthread 1
    stats socket {directory}/admin level admin
    max-spread-checks 50ms
defaults
    mode http
    timeout connect 5s
    timeout client 5s
    timeout server 5s
frontend fe
    bind "fd@${{fe}}"
    default_backend be
backend be
"""
SIGNATURE = b"\r\n\r\n\0\r\nQUIT\n"


def tells_tlvs(peer):
    """Answers with the TLVs of the PROXY v2 header, "type=value" each."""
    head = peer.exactly(16)
    assert head.startswith(SIGNATURE), head
    body = peer.exactly(struct.unpack(">H", head[14:16])[0])[12:]
    tlvs = []
    while body:
        kind, length = struct.unpack(">BH", body[:3])
        tlvs.append(f"{kind:#x}={body[3:3 + length].decode()}")
        body = body[3 + length:]
    while peer.head() is not None:
        peer.send(response(" ".join(tlvs).encode()))


def numbered(peer):
    """Answers with the number of the connection."""
    number = peer.origin.connections
    while peer.head() is not None:
        peer.send(response(str(number).encode()))


class ServerWords(unittest.TestCase):
    def setUp(self):
        self.stack = contextlib.ExitStack()
        self.addCleanup(self.stack.close)
        self.directory = self.stack.enter_context(tempfile.TemporaryDirectory(prefix="tandem-test-"))

    def start(self, *lines):
        # A folder of its own: the proxy before this one may still serve in the other.
        self.directory = self.stack.enter_context(tempfile.TemporaryDirectory(prefix="tandem-test-"))
        listener = self.stack.enter_context(listening_socket())
        self.address = listener.getsockname()
        text = DEFAULTS.format(directory=self.directory) + "".join(f"    {line}\n" for line in lines)
        proxy = Proxy(need_program("lbd"), text, {"fe": listener}, directory=self.directory)
        self.stack.enter_context(proxy).wait_serving(f"{self.directory}/admin")

    def refused(self, *lines):
        path = f"{self.directory}/wrong.cfg"
        text = DEFAULTS.format(directory=self.directory).replace('"fd@${fe}"', "127.0.0.1:0")
        with open(path, "w", encoding="utf-8") as file:
            file.write(text + "".join(f"    {line}\n" for line in lines))
        code, out, errors = run([need_program("lbd"), "-c", "-f", path])
        self.assertEqual(code, 1, out + errors)
        return errors

    def get(self, path="/", **more):
        with Client(self.address) as client:
            return client.get(path, **more).body.decode()

    def test_tlvs(self):
        origin = self.stack.enter_context(Origin(tells_tlvs))
        self.start(f"server s 127.0.0.1:{origin.port} send-proxy-v2 set-proxy-v2-tlv-fmt(0xE1) a-%[src]-%[req.hdr(x-a)]"
                   " set-proxy-v2-tlv-fmt(226) %[req.hdr(x-b)]")
        self.assertEqual(self.get(headers=["X-A: one", "X-B: two"]), "0xe1=a-127.0.0.1-one 0xe2=two")
        self.assertEqual(self.get(), "0xe1=a-127.0.0.1- 0xe2=")

    def test_wrong_tlvs(self):
        for kind in ("256", "x", "0x100", "-1"):
            self.assertIn("is no type of a TLV", self.refused(f"server s 127.0.0.1:1 send-proxy-v2 set-proxy-v2-tlv-fmt({kind}) a"))

    def test_pool_conn_name(self):
        origin = self.stack.enter_context(Origin(numbered))
        self.start("http-reuse always", f"server s 127.0.0.1:{origin.port} pool-conn-name req.hdr(x-tenant)")
        self.assertEqual(self.get(headers=["X-Tenant: a"]), "1")
        self.assertEqual(self.get(headers=["X-Tenant: b"]), "2")
        self.assertEqual(self.get(headers=["X-Tenant: a"]), "1")
        self.assertEqual(self.get(), "3", "no name is a name")
        self.assertEqual(self.get(headers=["X-Tenant: b"]), "2")
        self.assertIn("no_such", self.refused("server s 127.0.0.1:1 pool-conn-name no_such"))

    def test_sni_auto(self):
        authority = Authority(self.directory)
        certificate = authority.issue("site.pem", "/CN=a.example", names=["DNS:a.example"])
        for words, expected in (("sni-auto", ["a.example", "b.example"]), ("", [None]), ("sni-auto no-sni-auto", [None]),
                                ("sni-auto sni str(c.example)", ["c.example"]), ("sni str(c.example) sni-auto", ["c.example"]),
                                ("sni str(c.example) no-sni-auto", ["c.example"])):
            with self.subTest(words), TlsOrigin(answer(), certificate) as origin:
                self.start("http-reuse always", f"server s 127.0.0.1:{origin.port} ssl verify none {words}")
                for host in ("A.example:8080", "b.example", "a.example"):
                    self.get(host=host)
                self.assertEqual(list(dict.fromkeys(origin.names)), expected)

    def test_check_sni_auto(self):
        authority = Authority(self.directory)
        certificate = authority.issue("site.pem", "/CN=a.example", names=["DNS:a.example"])
        for words, host, expected in (("check-sni-auto", "Host A.example:81", "a.example"), ("", "Host a.example", None),
                                      ("check-sni-auto no-check-sni-auto", "Host a.example", None),
                                      ("check-sni-auto", "Host 127.0.0.1", None), ("check-sni-auto", "X-Other a", None),
                                      ("check-sni-auto check-sni c.example", "Host a.example", "c.example")):
            with self.subTest(words + host), TlsOrigin(answer(), certificate) as origin:
                self.start("option httpchk", f"http-check send meth GET uri / ver HTTP/1.1 hdr {host}",
                           f"server s 127.0.0.1:{origin.port} check inter 600s ssl verify none {words}")
                wait_for(lambda: ",L7OK," in command(f"{self.directory}/admin", "show stat"), what="the check")
                self.assertEqual(origin.names, [expected])

    def test_healthcheck_sections(self):
        """Each server is checked as the section says that it names, and else as the backend says."""
        def by_path(peer):
            while (head := peer.head()) is not None:
                path = head.split()[1]
                peer.send(response(b"x", "200 OK" if path == b"/good" else "503 No"))
        origin = self.stack.enter_context(Origin(by_path))
        server = f"127.0.0.1:{origin.port} check inter 600s fall 1"
        sections = ("healthcheck good", "    type httpchk GET /good", "    http-check expect status 200",
                    "healthcheck talk", "    type tcp-check", "    tcp-check connect", "    tcp-check send GET\\ /bad\\ HTTP/1.0\\r\\n\\r\\n",
                    "    tcp-check expect string 503", "healthcheck connects", "    type tcp-check")
        self.start("option httpchk GET /bad", f"server own {server}", f"server good {server} healthcheck good",
                   f"server talk {server} healthcheck talk", f"server connects {server} healthcheck connects",
                   f"server again {server} healthcheck good", *sections)

        def found():
            rows = [line.split(",") for line in command(f"{self.directory}/admin", "show stat").splitlines()]
            return {row[1]: row[36].strip("* ") for row in rows if len(row) > 36 and row[0] == "be"}
        expected = {"own": "L7STS", "good": "L7OK", "talk": "L7OK", "connects": "L4OK", "again": "L7OK"}
        wait_for(lambda: found() | expected == found(), what="the checks to say so")

    def test_healthcheck_sections_that_are_wrong(self):
        self.assertIn("unable to find the healthcheck section 'god'", self.refused("server s 127.0.0.1:1 check healthcheck god", "healthcheck good"))
        self.assertIn("unknown health check 'httpcheck'", self.refused("healthcheck a", "    type httpcheck"))
        self.assertIn("healthcheck section 'a' is declared twice", self.refused("healthcheck a", "healthcheck a"))
        self.assertIn("'http-check nonsense' is not available", self.refused("healthcheck a", "    type httpchk", "    http-check nonsense"))
        self.assertIn("unknown keyword 'option'", self.refused("healthcheck a", "    option httpchk"))

    def test_words_that_are_wrong(self):
        self.assertIn("no-such", self.refused("server s 127.0.0.1:1 hash-key no-such"))
        self.assertIn("no-such", self.refused("hash-preserve-affinity no-such", "server s 127.0.0.1:1"))
        self.assertIn("can only be used in HTTP proxies", self.refused("mode tcp", "server s 127.0.0.1:1 check observe layer7"))
        self.assertIn("there is no port", self.refused("server s 127.0.0.1:1 socks4 127.0.0.1"))
        self.assertIn("expects an address", self.refused("server s 127.0.0.1:1 socks4 /name"))
        refused = self.refused("default-server socks4 name.invalid:1080", "server-template s 9 127.0.0.1:1")
        self.assertEqual(refused.count("cannot resolve 'name.invalid'"), 1, refused)
        self.assertIn("rdp-cookie", self.refused("persist cookie", "server s 127.0.0.1:1"))
        self.assertIn("in brackets", self.refused("persist rdp-cookie(msts", "server s 127.0.0.1:1"))
        self.assertIn("greater than 100", self.refused("hash-balance-factor 100", "server s 127.0.0.1:1"))

    def test_full_servers_are_left(self):
        origin = self.stack.enter_context(Origin(lambda peer: (peer.head(), peer.wait_close())))
        other = self.stack.enter_context(Origin(lambda peer: (peer.head(), peer.wait_close())))
        self.start("balance url_param k", "hash-type consistent", "hash-preserve-affinity maxconn",
                   f"server s1 127.0.0.1:{origin.port} maxconn 1 hash-key addr-port",
                   f"server s2 127.0.0.1:{other.port} maxconn 1 hash-key addr-port")
        for number in (1, 2):
            self.stack.enter_context(Client(self.address)).request("/?k=same")
            wait_for(lambda n=number: len(origin.seen) + len(other.seen) == n, what="the request at a server")
        self.assertEqual((len(origin.seen), len(other.seen)), (1, 1))

    def test_sticky(self):
        origins = [self.stack.enter_context(Origin(answer(response(name)))) for name in (b"one", b"two", b"three")]
        self.start("balance sticky", *(f"server s{number} 127.0.0.1:{origin.port}" for number, origin in enumerate(origins, 1)))
        got, expected = [], []
        for line, answers in (("", "one"), ("s1 state maint", "two"), ("s1 state ready", "two"), ("s2 state drain", "three"),
                              ("s3 state maint", "one")):
            if line:
                command(f"{self.directory}/admin", f"set server be/{line}")
            got.append((line, {self.get() for _ in range(10)}))
            expected.append((line, {answers}))
        self.assertEqual(got, expected)


if __name__ == "__main__":
    unittest.main(verbosity=1)
