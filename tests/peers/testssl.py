#!/usr/bin/env python3
"""testssl.sh (Debian's testssl.sh) against the acceptance configuration s4f, run by lbd and by haproxy: what it finds in
lbd above LOW must be found in haproxy, too. It takes minutes, so that it is not one of the tests of every day.

TANDEM_TESTED names another program than lbd.
"""

import contextlib
import json
import os
import shutil
import sys
import tempfile

sys.path.insert(0, os.path.dirname(os.path.dirname(os.path.abspath(__file__))))

from support import origin, tls  # noqa: E402
from support.origin import Origin  # noqa: E402
from support.process import Proxy, listening_socket, need_program, run  # noqa: E402

CONFIG = os.path.join(os.path.dirname(os.path.dirname(os.path.abspath(__file__))), "data", "acceptance", "s4f-tls.cfg")
# WARN is none: a check that did not work (openssl often leaves before a TLS 1.3 ticket comes, whoever the server is).
GRAVE = ("MEDIUM", "HIGH", "CRITICAL")
TESTSSL = need_program("testssl")


def prepare(folder):
    """The files that s4f names; the replacements of what it calls them."""
    authority = tls.Authority(folder)
    www = authority.issue("server.pem", "/CN=www.example", ["www.example"])
    shop = authority.issue("shop.pem", "/CN=*.shop.example", ["*.shop.example"], kind="rsa")
    authority.ocsp(shop)
    shutil.copy(authority.path, shop + ".issuer")
    with open(os.path.join(folder, "crt-list.txt"), "w", encoding="ascii") as file:
        file.write(f"{www} www.example\n{shop} [alpn h2,http/1.1] *.shop.example !not.shop.example\n")
    return [("/etc/haproxy/certs/", f"{folder}/"), ("/etc/haproxy/", f"{folder}/"), ("*:443", "fd@${OPEN}"),
            ("*:8443", "fd@${MUTUAL}")]


def findings(program, text, folder):
    """{(id, severity): what was found} of all that is no praise."""
    with contextlib.ExitStack() as stack:
        sockets = {name: stack.enter_context(contextlib.closing(listening_socket())) for name in ("OPEN", "MUTUAL")}
        stack.enter_context(Proxy(program, text, sockets))
        port = sockets["OPEN"].getsockname()[1]
        report = os.path.join(folder, f"{os.path.basename(program)}.json")
        # The certificate's own authority is nobody's business here.
        code, out, errors = run([TESTSSL, "--quiet", "--color", "0", "--warnings", "off", "--ip", "127.0.0.1", "--jsonfile", report,
                                 f"www.example:{port}"], timeout=1200)
        if not os.path.exists(report):
            sys.exit(f"testssl wrote nothing ({code}):\n{out}{errors}")
    with open(report, encoding="utf-8") as file:
        return {(entry["id"], entry["severity"]): entry["finding"] for entry in json.load(file)
                if entry["severity"] not in ("OK", "INFO")}


def main():
    tested, haproxy = need_program(os.environ.get("TANDEM_TESTED", "lbd")), need_program("haproxy")
    with contextlib.ExitStack() as stack:
        folder = tempfile.mkdtemp(prefix="tandem-test-")
        stack.callback(shutil.rmtree, folder)
        server = stack.enter_context(Origin(origin.answer()))
        with open(CONFIG, encoding="ascii") as file:
            text = file.read().replace("10.0.1.10:3000", f"127.0.0.1:{server.port}")
        for old, new in prepare(folder):
            text = text.replace(old, new)
        text = text.replace("mode http\n", "mode http\n    timeout client 10s\n    timeout server 10s\n    timeout connect 5s\n")
        ours, theirs = findings(tested, text, folder), findings(haproxy, text, folder)
    for (name, severity), found in sorted((ours | theirs).items()):
        where = "both" if (name, severity) in ours and (name, severity) in theirs else "lbd" if (name, severity) in ours else "haproxy"
        print(f"{where:8} {severity:9} {name}: {found}")
    worse = [key for key in ours if key not in theirs and key[1] in GRAVE]
    print(f"{len(worse)} findings above LOW that haproxy does not have")
    return 1 if worse else 0


if __name__ == "__main__":
    sys.exit(main())
