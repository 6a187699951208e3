#!/usr/bin/env python3
"""Health checks over TLS beside haproxy: what a server line that speaks TLS, `check-ssl` and a connect step with TLS
find out of servers that speak TLS, of some that do not, and of certificates that nobody vouches for."""

import os
import sys
import tempfile
import unittest

sys.path.insert(0, os.path.dirname(os.path.dirname(os.path.abspath(__file__))))

from support.client import command  # noqa: E402
from support.process import Proxy, listening_socket, need_program, run, wait_for  # noqa: E402

CONFIG = """
global
    stats socket {socket} level admin
defaults
    mode http
    timeout client 5s
    timeout server 5s
    timeout connect 2s
frontend tls
    bind "fd@${{tls}}" ssl crt {certificate}
    http-request return status 200 content-type text/plain lf-string "asked for %[ssl_fc_sni]"
frontend clear
    bind "fd@${{clear}}"
    http-request return status 200 content-type text/plain string "clear"
backend tcp
    default-server inter 200ms fastinter 100ms fall 1
    server trusting 127.0.0.1:{tls} ssl verify none check
    server strict 127.0.0.1:{tls} ssl verify required ca-file {stranger} check
    server knowing 127.0.0.1:{tls} ssl verify required ca-file {certificate} verifyhost lb.example check
    server other-name 127.0.0.1:{tls} ssl verify required ca-file {certificate} verifyhost other.example check
    server not-tls 127.0.0.1:{clear} check-ssl verify none check
    server elsewhere 127.0.0.1:{clear} check-ssl verify none check port {tls}
    server in-clear 127.0.0.1:{tls} ssl verify none check port {clear}
backend http
    option httpchk
    http-check connect ssl sni www.example alpn http/1.1
    http-check send meth GET uri /
    http-check expect string "asked for www.example"
    default-server inter 200ms fastinter 100ms fall 1
    server by-step 127.0.0.1:{tls} ssl verify none check
    server by-step-alone 127.0.0.1:{tls} verify none check
    server by-step-in-vain 127.0.0.1:{clear} verify none check
    server by-step-strict 127.0.0.1:{tls} ca-file {stranger} check
backend sni
    option httpchk
    http-check expect string "asked for check.example"
    default-server inter 200ms fastinter 100ms fall 1
    server by-word 127.0.0.1:{tls} ssl verify none check check-sni check.example
"""


def certificate(directory, name):
    """A self-signed one, with its key in the same file."""
    key, own = f"{directory}/{name}.key", f"{directory}/{name}.pem"
    code, _, errors = run(["openssl", "req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256", "-nodes", "-days",
                           "2", "-subj", f"/CN={name}", "-addext", f"subjectAltName=DNS:{name}", "-keyout", key, "-out", own])
    if code:
        raise RuntimeError(errors)
    with open(own, "a", encoding="ascii") as to, open(key, encoding="ascii") as text:
        to.write(text.read())
    return own


class TlsChecks(unittest.TestCase):
    def judged(self, program, directory):
        """{server: (status, kind of result, text)} when every server has been checked."""
        with listening_socket() as tls, listening_socket() as clear:
            path = f"{directory}/{os.path.basename(program)}.sock"
            config = CONFIG.format(socket=path, tls=tls.getsockname()[1], clear=clear.getsockname()[1],
                                   certificate=certificate(directory, "lb.example"),
                                   stranger=certificate(directory, "stranger.example"))
            with Proxy(program, config, {"tls": tls, "clear": clear}) as proxy:
                proxy.wait_serving(path)
                def rows():
                    lines = command(path, "show stat").strip("\n").split("\n")
                    names = lines[0].lstrip("# ").split(",")
                    all_rows = [dict(zip(names, line.split(","))) for line in lines[1:]]
                    return [row for row in all_rows if row["svname"] not in ("FRONTEND", "BACKEND")]

                wait_for(lambda: all(row["check_status"] not in ("INI", "") and "*" not in row["check_status"] for row in rows()),
                         what="every server has been checked")
                return {row["svname"]: (row["status"], row["check_status"], row["last_chk"]) for row in rows()}

    def test_results_are_those_of_haproxy(self):
        with tempfile.TemporaryDirectory() as directory:
            expected = self.judged(need_program("haproxy"), directory)
            got = self.judged(need_program(os.environ.get("TANDEM_TESTED", "lbd")), directory)
        self.assertEqual(got, expected)
        results = {result for _, result, _ in expected.values()}
        self.assertEqual(results, {"L6OK", "L6RSP", "L4OK", "L7OK"}, "the configuration shows all of these")


if __name__ == "__main__":
    unittest.main()
