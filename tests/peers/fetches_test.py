#!/usr/bin/env python3
"""Fetches and converters beside Debian's haproxy: every expression of the tables below is evaluated by both on the same
request, or on the same answer, and must give the same text.

fetches_test.py [--tested PROGRAM] [--show] [PART-OF-EXPRESSION…]
"""

import argparse
import contextlib
import os
import re
import ssl
import sys
import tempfile

sys.path.insert(0, os.path.dirname(os.path.dirname(os.path.abspath(__file__))))

from support import origin  # noqa: E402
from support.client import Client, Closed  # noqa: E402
from support.origin import Origin, response  # noqa: E402
from support.process import Proxy, listening_socket, need_program, run  # noqa: E402
from support.syslog import Syslog  # noqa: E402

REQUEST = (b"POST /dir/Some%20path?a=1&b=two%20words&n=42&e=&a=3 HTTP/1.1\r\nHost: Www.Example.org:8080\r\n"
           b"User-Agent: Test/1.0 (X; Y)\r\nCookie: one=1; two=second; one=again; num=77\r\nX-Ip: 192.0.2.7, 10.0.0.1\r\n"
           b"X-Num: 15\r\nX-List: a,b , c\r\nX-List: d\r\nX-Date: Tue, 15 Nov 1994 08:12:31 GMT\r\nX-Text:  Some Text, here \r\n"
           b"X-Neg: -5\r\nX-Json: {\"a\":{\"b\":7},\"t\":\"x\"}\r\nX-Long: 0123456789abcdef\r\nX-Quote: it's \"q\" <b>&\r\n"
           b"Authorization: Basic dXNlcjpwYXNz\r\nAccept-Language: de;q=0.5, en\r\n"
           b"Content-Type: application/x-www-form-urlencoded\r\nContent-Length: 15\r\n\r\nfield=value&x=y")

ANSWER = response(b"the body", "203 Some Reason", ["Server: origin/2", "Set-Cookie: sid=abc; path=/", "Set-Cookie: n=5",
                                                   "X-Num: 9", "X-Ip: 198.51.100.3", "X-List: p, q", "Content-Type: text/x"])

FETCHES = """
always_true always_false int(5) str(text) bool(1) ipv4(192.0.2.1) ipv6(2001:db8::1) bin(414243) meth(GET) nbthread
nbproc proc pid hostname src src_is_local dst dst_is_local fc_src fc_dst fc_http_major fc_rcvd_proxy fe_name fe_id
fe_defbe fe_conn fe_client_timeout be_name(none) so_id so_name act_conns prio_class prio_offset http_first_req
method path pathq url base baseq base32 base32+src url32 url32+src url_ip url_port query query(a) uri req.ver req_ver
req.proto_http req_proto_http req.hdr(host) hdr(host) req.hdr(x-list) req.hdr(x-list,1) req.hdr(x-list,2) req.hdr(x-list,-1)
req.hdr(x-list,-2) hdr(none) req.fhdr(x-list) req.fhdr(user-agent) fhdr(x-text) req.hdr_cnt(x-list) hdr_cnt(x-list)
req.fhdr_cnt(x-list) fhdr_cnt(x-list) req.hdr_val(x-num) hdr_val(x-num) req.hdr_ip(x-ip) hdr_ip(x-ip) hdr_ip(x-ip,2)
req.hdr_names req.hdr_names(;) req.hdrs req.cook(one) cook(two) cookie(two) cook(none) req.cook_cnt(one) cook_cnt(one) req.cook_val(num)
cook_val(num) url_param(a) urlp(b) urlp(e) urlp(none) urlp_val(n) url_param(A) req.body req.body_len req.body_size
req.body_param(field) req.body_param(x) wait_end http_auth_user http_auth_pass http_auth_bearer
be_conn(be) be_conn_free(be) be_sess_rate(be) connslots(be) avg_queue(be) queue(be) nbsrv(be) be_id fe_sess_rate(fe)
fe_req_rate(fe) srv_conn(be/s1) srv_conn_free(be/s1) srv_is_up(be/s1) srv_queue(be/s1) srv_sess_rate(be/s1)
srv_iweight(be/s1) srv_weight(be/s1) srv_uweight(be/s1) ssl_fc env(FETCH_TEST) rand(1) stopping thread var(txn.none)
capture.req.method capture.req.uri capture.req.ver capture.req.hdr(0) last_rule_line cur_server_timeout cur_tunnel_timeout
""".split()

ANSWER_FETCHES = """
res.hdrs_bin bc_http_major bc_dst ssl_bc ssl_bc_alpn cur_server_timeout cur_tunnel_timeout
status res.ver resp_ver res.hdr(server) shdr(server) res.fhdr(x-list) res.hdr(x-list,2) res.hdr_cnt(set-cookie) shdr_cnt(x-list)
res.fhdr_cnt(x-list) res.hdr_val(x-num) shdr_val(x-num) res.hdr_ip(x-ip) shdr_ip(x-ip) res.hdr_names res.hdrs res.cook(sid)
scook(sid) res.cook_cnt(sid) scook_cnt(n) res.cook_val(n) scook_val(n) capture.res.hdr(0) capture.res.ver
srv_name srv_id be_name be_id be_server_timeout be_tunnel_timeout fe_name
""".split()

# value of the first fetch through a chain of converters
CONVERTED = """
str(Text),lower str(Text),upper str(text),length str(text),bytes(1,2) str(text),bytes(2) str(a.b.c),field(2,.) str(a.b.c),field(-1,.)
str(a.b.c),field(1,.,2) str(a.b.c),word(2,.) str(xxtextxx),ltrim(x) str(xxtextxx),rtrim(x) str(a),concat(<,,>) str(abc),sha1,hex str(abc),sha2(256),hex
str(abc),md5,hex str(abc),hex bin(414243),hex str(414243),hex2i str(abc),base64 str(YWJj),b64dec str(abc?),ub64enc str(YWJj),ub64dec
str(abc),crc32 str(abc),crc32(1) str(abc),crc32c str(abc),djb2 str(abc),djb2(1) str(abc),sdbm str(abc),wt6 str(abc),wt6(1)
str(abc),xxh32 str(abc),xxh64 str(abc),xxh3 int(7),add(3) int(7),sub(3) int(7),mul(3) int(7),div(2) int(7),mod(4) int(7),neg
int(7),cpl int(6),and(3) int(6),or(1) int(6),xor(3) int(6),not int(6),bool int(6),even int(6),odd int(65),hex
str(2),add(3) hdr(x-num),mul(2) hdr(x-neg),add(1) str(a%20b),url_dec str(a%20b+c),url_dec(1) str(a+b),url_enc
hdr(host),lower,field(1,:) hdr(host),host_only hdr(host),port_only hdr(x-quote),json hdr(x-quote),json(utf8s) hdr(x-json),json_query('$.a.b')
hdr(x-json),json_query('$.t') src,ipmask(24) src,ipmask(8) hdr(x-ip),ipmask(16) str(/a/b/),regsub(/,-,g) str(aXbX),regsub(X,y) str(text),strcmp(txn.none)
str(5),iif(yes,no) str(),iif(yes,no) bool(1),iif(yes,no) str(text),in_table str(2),xor(3) str(abc),length,mul(2) int(1262304000),http_date int(1262304000),utime(%Y-%m-%d)
int(1262304000),ltime(%Y-%m-%d) hdr(accept-language),language(en;de,xx) str(abc),digest(SHA-256),hex str(abc),hmac(SHA1,a2V5),hex
str(4),set-var(txn.x),add(1) hdr(x-text),quote hdr(x-long),bytes(4,4) str(text),debug hdr(user-agent),map_str(@map@,default) path,map_beg(@map@)
hdr(host),htonl int(258),htonl,hex str(abc),protobuf(1) str(a/../b),url_enc str(abc),rot13 str(a\\,b),field(1,\\,) int(3),stick
""".split()

# What legitimately differs from one process to another, or has no counterpart in haproxy 2.6.
VARYING = {"pid", "uuid", "date", "date_us", "thread", "rand", "src_port", "dst_port", "fc_src_port", "fc_dst_port",
           "last_rule_file"}
VALID_ONLY = ["uuid", "date", "date_us", "rand", "rand(100)", "src_port", "dst_port", "fc_src_port", "fc_dst_port", "last_rule_file"]

TCP_FETCHES = """
req.payload(0,4) req.payload_lv(0,1) payload(1,3) payload_lv(0,1) req.len req_len
res.payload(0,2) res.payload_lv(0,1) res.len
""".split()

# Of the first message of a TLS client, and of a remote desktop client.
HELLO_FETCHES = """
req.ssl_hello_type req_ssl_hello_type req.ssl_sni req_ssl_sni req.ssl_ver req_ssl_ver req.ssl_alpn req.ssl_ec_ext req.ssl_st_ext
req.rdp_cookie req.rdp_cookie(mstshash) req.rdp_cookie(none) rdp_cookie(MSTSHASH) req.rdp_cookie_cnt rdp_cookie_cnt(none)
""".split()


def client_hello(name, protocols, most):
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
    context.check_hostname, context.verify_mode, context.maximum_version = False, ssl.CERT_NONE, most
    if protocols:
        context.set_alpn_protocols(protocols)
    outgoing = ssl.MemoryBIO()
    session = context.wrap_bio(ssl.MemoryBIO(), outgoing, server_hostname=name)
    with contextlib.suppress(ssl.SSLWantReadError):
        session.do_handshake()
    return outgoing.read()


HELLOS = {
    "hello": client_hello("www.example.org", ["h2", "http/1.1"], ssl.TLSVersion.TLSv1_3),
    "bare hello": client_hello(None, None, ssl.TLSVersion.TLSv1_2),
    "desktop": b"\3\0\0\x2b\x26\xe0\0\0\0\0\0Cookie: mstshash=me;x\r\n\1\0\x08\0\3\0\0\0",
    "text": b"GET /tcp HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n",
}

CONFIG = """
global
    nbthread 1
defaults
    mode http
    timeout connect 2s
    timeout client 2s
    timeout server 2s
frontend fe
    bind "fd@${{fe}}"
    id 7
    option http-buffer-request
    capture request header User-Agent len 20
    capture response header Server len 20
    {request}
    default_backend be
backend be
    id 9
    {response}
    server s1 127.0.0.1:{port} weight 5
"""


TCP_CONFIG = """
global
    nbthread 1
    log {log} local0
defaults
    mode tcp
    log global
    timeout connect 2s
    timeout client 2s
    timeout server 2s
frontend fe
    bind "fd@${{fe}}"
    tcp-request inspect-delay 1s
    tcp-request content set-var(txn.there) req.len if {{ req.len ge 4 }}
    {request}
    # %B: without something that only the end knows haproxy logs in mode tcp when the server is connected.
    log-format "values %B {line}"
    default_backend be
backend be
    tcp-response inspect-delay 1s
    tcp-response content set-var(txn.there) res.len if {{ res.len ge 4 }}
    {response}
    server s1 127.0.0.1:{port}
"""


class Subject:
    """One program: which expressions it accepts, and what they give."""

    def __init__(self, binary, directory, port):
        self.binary = binary
        self.directory = directory
        self.port = port
        self.log = None
        with open(os.path.join(directory, "map"), "w", encoding="ascii") as file:
            file.write("Test/1.0 found\n/dir beginning\n")

    def text(self, expressions, phase):
        values = [self.expression(e) for e in expressions]
        if phase in HELLOS or phase == "tcp":
            rules = {side: "\n    ".join(f"tcp-{side} content set-var(txn.v{n}) {e},hex" for n, e in enumerate(values)
                                         if e.startswith("res") == (side == "response")) for side in ("request", "response")}
            line = " ".join(f"{n}=%[var(txn.v{n})]" for n in range(len(values)))
            return TCP_CONFIG.format(log=self.log.address if self.log else "127.0.0.1:514", port=self.port,
                                     line=line, **rules)
        if phase == "response":  # what http-response return sends does not see the answer any more
            rules = "\n    ".join(f"http-response set-header value-{n} %[{e}]" for n, e in enumerate(values))
            return CONFIG.format(port=self.port, request="", response=rules)
        path = os.path.join(self.directory, "lines.txt")
        with open(path, "w", encoding="ascii") as file:
            file.write("".join(f"{n}=%[{e}]\n" for n, e in enumerate(values)))
        rule = f"http-request return status 200 content-type text/plain lf-file {path}"
        return CONFIG.format(port=self.port, request=rule, response="")

    def expression(self, expression):
        return expression.replace("@map@", os.path.join(self.directory, "map"))

    def accepted(self, expressions, phase):
        """Those that load; by halves, as most of them do."""
        if not expressions:
            return []
        path = os.path.join(self.directory, "check.cfg")
        with open(path, "w", encoding="ascii") as file:
            file.write(self.text(expressions, phase))
        with listening_socket() as listener:
            code, _, _ = run([self.binary, "-c", "-q", "-f", path], env={"fe": str(listener.fileno())},
                             pass_fds=[listener.fileno()])
        if code == 0:
            return expressions
        if len(expressions) == 1:
            return []
        half = len(expressions) // 2
        return self.accepted(expressions[:half], phase) + self.accepted(expressions[half:], phase)

    def values(self, expressions, phase):
        """{expression: text}."""
        with contextlib.ExitStack() as stack:
            self.log = stack.enter_context(Syslog())
            listener = stack.enter_context(listening_socket())
            stack.enter_context(Proxy(self.binary, self.text(expressions, phase), {"fe": listener},
                                      env={"FETCH_TEST": "from the environment"}))
            client = stack.enter_context(Client(listener.getsockname()))
            if phase in HELLOS or phase == "tcp":
                client.send(HELLOS[phase] if phase in HELLOS else HELLOS["text"])
                if phase == "tcp":
                    client.read_to_end()
                client.close()
                text = self.log.wait("values ").text
                parts = re.split(r" (\d+)=", text)
            else:
                client.send(REQUEST)
                answer = client.response("POST")
                if phase == "response":
                    return {expressions[int(name[6:])]: value for name, value in answer.headers if name.startswith("value-")}
                parts = re.split(r"(?:^|\n)(\d+)=", answer.body.decode("latin-1"))
        return {expressions[int(number)]: value for number, value in zip(parts[1::2], parts[2::2])}


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--tested", default="lbd")
    parser.add_argument("--show", action="store_true")
    parser.add_argument("parts", nargs="*")
    options = parser.parse_args()
    reference, tested = need_program("/usr/sbin/haproxy"), need_program(options.tested)
    wrong, missing, count = [], [], 0
    with Origin(origin.answer(ANSWER)) as server, tempfile.TemporaryDirectory(prefix="tandem-test-") as directory:
        one, other = (Subject(binary, directory, server.port) for binary in (reference, tested))
        for phase, table in (("request", FETCHES + CONVERTED + VALID_ONLY), ("response", ANSWER_FETCHES),
                             ("tcp", TCP_FETCHES), *((phase, HELLO_FETCHES) for phase in HELLOS)):
            if options.parts:
                table = [e for e in table if any(part in e for part in options.parts)]
            if not table:
                continue
            known = one.accepted(table, phase)
            ours = other.accepted(known, phase)
            missing += [e for e in known if e not in ours]
            if not ours:
                continue
            expected = one.values(ours, phase)
            try:
                got = other.values(ours, phase)
            except (TimeoutError, Closed) as error:
                wrong.append(f"{phase}: no answer at all: {error}")
                continue
            for expression in ours:
                count += 1
                if options.show:
                    print(f"{phase:9}{expression:50}{expected.get(expression)!r}")
                name = re.match(r"[\w+.]+", expression)[0]
                if name in VARYING or expected.get(expression) == got.get(expression):
                    continue
                wrong.append(f"{phase}: {expression}: {got.get(expression)!r}, haproxy: {expected.get(expression)!r}")
            if options.show:
                print("haproxy does not take:", *(e for e in table if e not in known))
    print(*wrong, sep="\n")
    if missing:
        print("not known yet, haproxy knows them:", *missing)
    print(f"fetches: {count} expressions compared, {len(wrong)} differ, {len(missing)} not known yet")
    return 1 if wrong else 0


if __name__ == "__main__":
    sys.exit(main())
