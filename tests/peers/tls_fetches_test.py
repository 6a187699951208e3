#!/usr/bin/env python3
"""What lbd and Debian's haproxy tell of the same TLS connections: every ssl_* fetch of haproxy 2.6, of both sides, for
clients with the right certificate, with others and without; and who is refused, with which words.

TANDEM_TESTED names another program than lbd.
"""

import contextlib
import os
import shutil
import ssl
import sys
import tempfile
import unittest

sys.path.insert(0, os.path.dirname(os.path.dirname(os.path.abspath(__file__))))

from support import origin, tls  # noqa: E402
from support.client import Closed  # noqa: E402
from support.process import Proxy, listening_socket, need_program  # noqa: E402
from support.syslog import Syslog  # noqa: E402
from support.tls import TlsClient, TlsOrigin, client_context  # noqa: E402

V1_2, V1_3 = ssl.TLSVersion.TLSv1_2, ssl.TLSVersion.TLSv1_3
CERTIFICATE = [
    "der,sha1,hex", "i_dn", "i_dn(cn)", "i_dn(o)", "s_dn", "s_dn(cn)", "s_dn(cn,1)", "s_dn(cn,2)", "s_dn(cn,-1)", "s_dn(ou,3)",
    "s_dn(o)", "s_dn(c)", "s_dn(emailAddress)", "s_dn(,0,rfc2253)", "i_dn(,0,rfc2253)", "key_alg", "notafter", "notbefore",
    "serial,hex", "sha1,hex", "sig_alg", "version"]
SAME = [
    *(f"ssl_{side}_{name}" for side in "cfs" for name in CERTIFICATE), "ssl_c_chain_der,sha1,hex", "ssl_c_chain_der,length",
    "ssl_s_chain_der,sha1,hex", "ssl_c_used", "ssl_c_verify", "ssl_c_err", "ssl_c_ca_err", "ssl_c_ca_err_depth",
    *(f"ssl_{side}{name}" for side in ("fc", "bc") for name in (
        "", "_alg_keysize", "_alpn", "_cipher", "_is_resumed", "_npn", "_protocol", "_use_keysize", "_err", "_err_str")),
    "ssl_fc_has_crt", "ssl_fc_has_early", "ssl_fc_has_sni", "ssl_fc_sni", "ssl_fc_protocol_hello_id",
    *(f"ssl_fc_{name}" for name in (
        "cipherlist_bin,hex", "cipherlist_bin(1),hex", "cipherlist_hex", "cipherlist_hex(1)", "cipherlist_str", "cipherlist_str(1)",
        "cipherlist_xxh", "ecformats_bin,hex", "eclist_bin,hex", "eclist_bin(1),hex", "extlist_bin,hex", "extlist_bin(1),hex"))]
# Random ones: they are there or not, and as long.
AS_LONG = [
    *(f"ssl_{side}_{name}" for side in ("fc", "bc") for name in (
        "client_random", "server_random", "session_id", "session_key", "unique_id")),
    *(f"ssl_fc_{name}" for name in (
        "client_early_traffic_secret", "client_handshake_traffic_secret", "client_traffic_secret_0", "early_exporter_secret",
        "exporter_secret", "server_handshake_traffic_secret", "server_traffic_secret_0"))]
EXPRESSIONS = [*SAME, *(f"{name},hex,length" for name in AS_LONG)]
CONFIG = """
global
    log {log} len 60000 local0
    tune.ssl.capture-buffer-size 4096
    tune.ssl.keylog on
defaults
    mode http
    log global
    timeout connect 2s
    timeout client 5s
    timeout server 5s
listen lenient
    bind fd@${{LENIENT}} ssl crt {pki.certificates} verify optional ca-file {pki.authority.path} crl-file {pki.crl} crt-ignore-err all ca-ignore-err all
    log-format "{format}"
    server s 127.0.0.1:{port} ssl verify required ca-file {pki.authority.path} crt {pki.client} sni str(server.example) no-ssl-reuse
listen strict
    bind fd@${{STRICT}} ssl crt {pki.certificates} verify required ca-file {pki.authority.path} crl-file {pki.crl}
    bind fd@${{OPTIONAL}} ssl crt {pki.certificates} verify optional ca-file {pki.authority.path} crl-file {pki.crl}
    log-format "%ST %[ssl_c_verify] %[ssl_c_s_dn(cn)]"
    error-log-format "%[ssl_c_verify] %[ssl_c_err] %[ssl_c_ca_err] %[ssl_c_ca_err_depth] %[fc_err] %[fc_err_str]"
    http-request return status 200
"""
PKI = None


class Pki:
    def __init__(self):
        self.folder = tempfile.mkdtemp(prefix="tandem-test-")
        self.authority, other = tls.Authority(self.folder), tls.Authority(self.folder, "other")
        between = tls.Authority(self.folder, "between", self.authority)
        self.certificates = os.path.join(self.folder, "certificates")
        os.mkdir(self.certificates)
        self.server = self.authority.issue("certificates/one.pem", "/C=DE/O=Acme/OU=a/OU=b/CN=one", ["server.example"])
        self.authority.issue("certificates/two.pem", "/CN=two", ["two.example"], kind="rsa")
        self.client = self.authority.issue("client.pem", "/C=FR/O=Acme/OU=x/OU=y/CN=first/CN=second/emailAddress=a@b.example")
        self.rsa = self.authority.issue("rsa.pem", "/CN=rsa", kind="rsa")
        self.chained = between.issue("chained.pem", "/CN=chained")
        with open(self.chained, "ab") as chain, open(between.path, "rb") as above:
            chain.write(above.read())
        self.lonely = between.issue("lonely.pem", "/CN=lonely")  # its issuer is not known to anybody
        self.late = self.authority.issue("late.pem", "/CN=late", days=-1)
        self.revoked = self.authority.issue("revoked.pem", "/CN=revoked")
        self.stranger = other.issue("stranger.pem", "/CN=stranger")
        self.authority.revoke(self.revoked)
        crls = [self.authority.crl(), between.crl()]
        self.crl = os.path.join(self.folder, "all.crl")
        with open(self.crl, "wb") as out:
            for path in crls:
                with open(path, "rb") as file:
                    out.write(file.read())


def setUpModule():
    global PKI
    PKI = Pki()
    unittest.addModuleCleanup(shutil.rmtree, PKI.folder)


def clients():
    """(what, context, server name)."""
    known = [("no certificate", None), ("right", PKI.client), ("rsa", PKI.rsa), ("chained", PKI.chained), ("lonely", PKI.lonely),
             ("expired", PKI.late), ("revoked", PKI.revoked), ("of a wrong authority", PKI.stranger)]
    for version in (V1_2, V1_3):
        for what, certificate in known:
            yield f"{what}, {version.name}", client_context(certificate=certificate, version=version), None
    yield "a name", client_context(), "two.example"
    yield "alpn", client_context(alpn=["h2", "http/1.1"]), "server.example"


class Side:
    """One program and what it tells."""

    def __init__(self, binary, stack, log, port):
        listeners = {name: stack.enter_context(contextlib.closing(listening_socket()))
                     for name in ("LENIENT", "STRICT", "OPTIONAL")}
        self.at = {name: listener.getsockname() for name, listener in listeners.items()}
        line = "|".join(f"%[{expression}]" for expression in EXPRESSIONS)
        self.log = log
        self.process = stack.enter_context(Proxy(binary, CONFIG.format(log=log.address, pki=PKI, format=line, port=port), listeners))

    def last_line(self, count):
        lines = self.log.wait("", count=count)
        return (lines if count == 1 else lines[-1]).text

    def shown(self, count, bind, context=None, name=None, session=None):
        """{expression: value}; the session."""
        with TlsClient(self.at[bind], context, name, session=session) as client:
            client.get("/")
            kept = client.socket.session
        values = self.last_line(count).split("|")
        assert len(values) == len(EXPRESSIONS), values
        return dict(zip(EXPRESSIONS, values)), kept


class Both(unittest.TestCase):
    def setUp(self):
        stack = contextlib.ExitStack()
        self.addCleanup(stack.close)
        server = stack.enter_context(TlsOrigin(origin.answer(), PKI.server, PKI.authority))
        names = (os.environ.get("TANDEM_TESTED", "lbd"), "haproxy")
        self.sides = [Side(need_program(name), stack, stack.enter_context(Syslog()), server.port) for name in names]

    def test_fetches(self):
        count, different = 0, []
        for what, context, name in clients():
            for resumed in (False, True):
                if resumed and "TLSv1_2" not in what:
                    continue
                count += 1
                told = []
                for side in self.sides:
                    session = side.session if resumed else None
                    values, side.session = side.shown(count, "LENIENT", context, name, session)
                    told.append(values)
                different += [f"{what}, resumed: {resumed}: {expression}: {told[0][expression]}, not {told[1][expression]}"
                              for expression in EXPRESSIONS if told[0][expression] != told[1][expression]]
        self.assertEqual(different, [], "\n".join(different))

    def test_who_is_refused(self):
        def asked(side, bind, context, name):
            try:
                with TlsClient(side.at[bind], context, name) as client:
                    return client.get("/").status
            except ssl.SSLError as error:
                return error.reason
            except (Closed, ConnectionResetError):
                return "closed"

        count, different = 0, []
        for what, context, name in clients():
            for bind in ("STRICT", "OPTIONAL"):
                count += 1
                ours, theirs = [(asked(side, bind, context, name), side.last_line(count)) for side in self.sides]
                if ours != theirs:
                    different.append(f"{what} at {bind}: {ours}, not {theirs}")
        self.assertEqual(different, [], "\n".join(different))


if __name__ == "__main__":
    unittest.main()
