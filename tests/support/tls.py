"""Certificates made at test time with the openssl command, and clients and origins that speak TLS with them."""

import contextlib
import os
import socket
import ssl

from support.client import Client, Closed
from support.origin import Origin, Peer
from support.process import need_program, run

_OPENSSL = need_program("openssl")
_CA_FILE = """
[ca]
default_ca = it
[it]
database = {base}.index
crlnumber = {base}.number
default_md = sha256
default_crl_days = 30
"""


def openssl(*argv, **more):
    """Runs openssl with the arguments; its standard output."""
    code, out, err = run([_OPENSSL, *argv], **more)
    assert code == 0, f"openssl {' '.join(argv)}: {err}"
    return out


class Authority:
    """A certificate authority in a folder: `ca.pem` of its name, and what it issues. With an issuer it is not a root."""

    def __init__(self, folder, name="ca", issuer=None):
        self.folder, self.name = folder, name
        self.base = os.path.join(folder, name)
        self.path = self.base + ".pem"
        self._serials = {}
        self._revoked = set()
        self._key(self.base)
        if issuer:
            issuer.sign(self.base + ".key", f"/CN={name}", self.path,
                        ["basicConstraints=critical,CA:TRUE", "keyUsage=keyCertSign,cRLSign"])
            return
        openssl("req", "-x509", "-new", "-key", self.base + ".key", "-subj", f"/CN={name}", "-days", "30", "-out",
                self.path, "-addext", "basicConstraints=critical,CA:TRUE", "-addext", "keyUsage=keyCertSign,cRLSign")

    def _key(self, base, kind="ecdsa"):
        how = ["RSA", "-pkeyopt", "rsa_keygen_bits:2048"] if kind == "rsa" else ["EC", "-pkeyopt", "ec_paramgen_curve:P-256"]
        openssl("genpkey", "-algorithm", *how, "-out", base + ".key")

    def issue(self, file, subject, names=(), days=30, kind="ecdsa", extensions=()):
        """Writes `file`: a certificate for the names, its key behind it; `days` below 0: expired; `extensions`: more lines
        of openssl's. Its path."""
        path = os.path.join(self.folder, file)
        self._key(path + ".new", kind)
        lines = ["subjectAltName=" + ",".join(f"DNS:{name}" for name in names)] if names else []
        self.sign(path + ".new.key", subject, path, [*lines, *extensions], days)
        with open(path, "ab") as out, open(path + ".new.key", "rb") as key:
            out.write(key.read())
        os.unlink(path + ".new.key")
        return path

    def sign(self, key, subject, path, extensions, days=30):
        """Writes `path`: a certificate for the key."""
        serial = len(self._serials) + 1
        self._serials[path] = serial
        openssl("req", "-new", "-key", key, "-subj", subject, "-out", path + ".csr")
        with open(path + ".ext", "w", encoding="ascii") as file:
            file.write("".join(line + "\n" for line in extensions))
        openssl("x509", "-req", "-in", path + ".csr", "-CA", self.path, "-CAkey", self.base + ".key", "-set_serial",
                str(serial), "-days", str(days), "-extfile", path + ".ext", "-out", path)
        for left in (".csr", ".ext"):
            os.unlink(path + left)

    def _write_index(self):
        with open(self.base + ".index", "w", encoding="ascii") as index:
            for path, serial in self._serials.items():
                state, when = ("R", "250101000000Z") if path in self._revoked else ("V", "")
                index.write(f"{state}\t491231000000Z\t{when}\t{serial:02X}\tunknown\t/CN={os.path.basename(path)}\n")

    def revoke(self, path):
        self._revoked.add(path)

    def crl(self):
        """The path of a list of what is revoked."""
        self._write_index()
        with open(self.base + ".number", "w", encoding="ascii") as number:
            number.write("01\n")
        with open(self.base + ".cnf", "w", encoding="ascii") as file:
            file.write(_CA_FILE.format(base=self.base))
        openssl("ca", "-config", self.base + ".cnf", "-gencrl", "-cert", self.path, "-keyfile", self.base + ".key", "-out",
                self.base + ".crl")
        return self.base + ".crl"

    def ocsp(self, path):
        """Writes `path`.ocsp: the authority's answer on the certificate."""
        self._write_index()
        openssl("ocsp", "-index", self.base + ".index", "-rsigner", self.path, "-rkey", self.base + ".key", "-CA", self.path,
                "-issuer", self.path, "-cert", path, "-ndays", "7", "-respout", path + ".ocsp", "-noverify")


def client_context(authority=None, certificate=None, version=None, alpn=()):
    """A context for clients; without an authority any certificate will do."""
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
    context.check_hostname = False
    context.verify_mode = ssl.CERT_NONE
    if authority:
        context.load_verify_locations(authority.path)
        context.check_hostname = True
        context.verify_mode = ssl.CERT_REQUIRED
    if certificate:
        context.load_cert_chain(certificate)
    if version:
        context.minimum_version = context.maximum_version = version
    if alpn:
        context.set_alpn_protocols(list(alpn))
    return context


class TlsClient(Client):
    """A Client whose bytes go through TLS."""

    def __init__(self, address, context=None, name=None, session=None, before=b"", **more):
        super().__init__(address, **more)
        plain = self.socket
        if before:
            plain.sendall(before)
        try:
            self.socket = (context or client_context()).wrap_socket(plain, server_hostname=name, session=session)
        except BaseException:
            plain.close()
            raise

    def _more(self):
        try:
            data = self.socket.recv(65536)
        except (ConnectionResetError, ssl.SSLEOFError):
            raise Closed(self.pending, reset=True) from None
        if not data:
            raise Closed(self.pending)
        self.pending += data


def get(address, path="/", context=None, name=None, **more):
    """One request on a connection of its own through TLS."""
    with TlsClient(address, context, name) as client:
        return client.get(path, **more)


class TlsOrigin(Origin):
    """An Origin whose connections go through TLS; `names` are the server names that were asked for, `prefixes` what came
    before TLS (when `prefix` bytes of it are expected)."""

    def __init__(self, behaviour, certificate, authority=None, version=None, alpn=(), prefix=None, backlog=1024):
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        context.load_cert_chain(certificate)
        if authority:
            context.load_verify_locations(authority.path)
            context.verify_mode = ssl.CERT_REQUIRED
        if version:
            context.minimum_version = context.maximum_version = version
        if alpn:
            context.set_alpn_protocols(list(alpn))
        self.names, self.prefixes, self.sessions, self.failures = [], [], [], []
        context.sni_callback = lambda _, name, __: self.names.append(name)
        self.context = context
        self._prefix = prefix
        super().__init__(lambda peer: self._secure(peer, behaviour), backlog)

    def _secure(self, peer, behaviour):
        if self._prefix:
            self.prefixes.append(self._prefix(peer.socket))
        try:
            secure = self.context.wrap_socket(peer.socket, server_side=True)
        except (ssl.SSLError, OSError) as error:
            self.failures.append(str(error))
            return
        with secure, contextlib.suppress(ssl.SSLError):
            self.sessions.append(secure.session_reused)
            behaviour(Peer(secure, self))
            with contextlib.suppress(OSError):
                secure.unwrap()


def half_close(sock):
    """close_notify and the end of this direction; the other one stays open."""
    sock.settimeout(0)
    with contextlib.suppress(ssl.SSLError, OSError):
        sock.unwrap()
    sock.settimeout(5)
    socket.socket.shutdown(sock, socket.SHUT_WR)
