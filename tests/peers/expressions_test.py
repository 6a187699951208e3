#!/usr/bin/env python3
"""Generated sample expressions beside Debian's haproxy: fetch x converters x match, over what the types allow. Both programs
evaluate each of them on the same generated requests, and every value, with its type, and every verdict must be the same.

expressions_test.py [--tested PROGRAM] [--seed N] [--count N] [--show PART]

All expressions stand in one configuration, each in a set-var rule of its own; the answer tells all variables, in hexadecimal.
Types are told apart by that: an integer is eight bytes, a text what it is. KNOWN lists what differs, with the reason.
"""

import argparse
import contextlib
import os
import random
import re
import sys
import tempfile

sys.path.insert(0, os.path.dirname(os.path.dirname(os.path.abspath(__file__))))

from support.client import Client  # noqa: E402
from support.process import Proxy, listening_socket, need_program, run  # noqa: E402

CONFIG = """
global
    nbthread 1
    tune.bufsize 2097152
    tune.maxrewrite 1024
defaults
    mode http
    timeout connect 5s
    timeout client 20s
    timeout server 5s
userlist users
    user user insecure-password pass
frontend fe
    bind "fd@${{fe}}"
    id 7
    option http-buffer-request
    capture request header User-Agent len 20
    http-request set-var(txn.text) str(text)
    http-request set-var(txn.number) int(7)
    http-request set-var(txn.key) str(c2VjcmV0)
    http-request set-var(sess.host) hdr(host)
{rules}
    http-request return status 200 content-type text/plain lf-file {lines}
    default_backend be
backend be
    id 9
    server s1 127.0.0.1:1 weight 5
    server s2 127.0.0.1:1 weight 1 disabled
"""

# What one may know of a value without looking: T text, B bytes, I integer, L truth, A address.
FETCHES = {
    "T": ["str(Some.Text-Here)", "str()", "str(12ab)", "str(YWJj)", "str(a%20b+c)", "str(/a/b/c.html)", "str(192.0.2.77)",
          "method", "path", "pathq", "url", "base", "baseq", "query", "req.ver", "hdr(host)", "req.hdr(x-list)", "hdr(x-list,1)",
          "hdr(x-list,-2)", "hdr(none)", "req.fhdr(x-list)", "req.fhdr(user-agent)", "req.fhdr(x-text)", "hdr(x-text)", "hdr(x-num)",
          "hdr(x-json)", "hdr(x-ip)", "hdr(x-quote)", "hdr(accept-language)", "hdr(x-hex)", "hdr(x-b64)", "req.cook(one)",
          "cook(two)", "cook(none)", "url_param(a)", "urlp(b)", "urlp(e)", "urlp(none)", "req.hdr_names", "req.hdr_names(;)",
          "capture.req.method", "capture.req.uri", "capture.req.ver", "capture.req.hdr(0)", "fe_name", "fe_defbe", "hdr(x-date)",
          "http_auth_user", "http_auth_pass", "http_auth_type", "var(sess.host)", "var(txn.text)", "var(txn.none)", "var(txn.none,dflt)",
          "req.body_param(field)", "req.body_param(x)"],
    "B": ["bin(00ff414243)", "bin(7f000001)", "bin(c3a4e282ac)", "req.body", "req.hdrs", "req.hdrs_bin", "base32+src", "url32+src"],
    "I": ["int(0)", "int(7)", "int(-5)", "int(1262304000)", "int(9223372036854775807)", "int(65535)", "req.hdr_cnt(x-list)",
          "hdr_cnt(none)", "req.fhdr_cnt(x-list)", "hdr_val(x-num)", "req.hdr_val(x-list)", "base32", "url32", "req.cook_cnt(one)",
          "cook_val(num)", "urlp_val(n)", "req.body_len", "req.body_size", "fe_id", "nbproc", "proc", "fe_client_timeout", "prio_class",
          "be_conn(be)", "nbsrv(be)", "queue(be)", "avg_queue(be)", "connslots(be)", "srv_conn(be/s1)", "srv_weight(be/s1)",
          "srv_iweight(be/s1)", "srv_uweight(be/s2)", "srv_queue(be/s1)", "so_id", "fc_http_major", "var(txn.number)",
          "req.hdrs,length", "req.hdr_names,length", "url_port", "thread"],
    "L": ["always_true", "always_false", "bool(1)", "bool(false)", "req.proto_http", "ssl_fc", "http_first_req", "srv_is_up(be/s1)",
          "srv_is_up(be/s2)", "stopping", "wait_end", "src_is_local", "fc_rcvd_proxy", "ssl_fc_has_sni"],
    "A": ["src", "dst", "fc_src", "ipv4(192.0.2.1)", "ipv6(2001:db8::1)", "ipv6(::ffff:1.2.3.4)", "hdr_ip(x-ip)", "hdr_ip(x-ip,2)",
          "req.hdr_ip(x-ip,-1)"],
}


def number(rng):
    return str(rng.choice((0, 1, 2, 3, 7, 10, 255, -1, -3, 1000, 86400, 4294967296, 9223372036854775807, -9223372036854775808)))


def operand(rng):
    return number(rng) if rng.random() < 0.8 else rng.choice(("txn.number", "txn.none"))


def piece(rng):
    return f"({rng.choice((1, 2, 3, 5, -1, -2, -4))},{rng.choice(('.', '/', '-', '&', ';=', ' ', 'e'))}" + rng.choice(
        ("", "", ",0", ",1", ",2", ",9")) + ")"


def text(rng):
    return rng.choice(("a", "Some", "text", "/", ".", "e", "xyz", "127", "1", "www", "www.example.org", "", "b,c"))


def quoted(value):
    return f'"{value}"' if re.search(r"[,() ]", value) else value


def set_var(rng):
    """Of a variable that no other expression reads."""
    if rng.random() < 0.5:
        return f"(txn.w{rng.randrange(10**6)}{rng.choice(('', ',ifnotexists', ',ifnotempty', ',ifset,ifgt', ',iflt', ',ifempty'))})"
    return f"(txn.number,{rng.choice(('ifnotset', 'ifexists,ifnotexists', 'ifset,ifnotset'))})"


# name: (types that it takes, type that comes out or None for the same, arguments)
CONVERTERS = {
    "lower": ("T", "T", ""), "upper": ("T", "T", ""), "length": ("T", "I", ""), "hex": ("TBIA", "T", ""), "base64": ("TBIA", "T", ""),
    "ub64enc": ("TBA", "T", ""), "b64dec": ("T", "B", ""), "ub64dec": ("T", "B", ""), "hex2i": ("T", "I", ""), "htonl": ("I", "B", ""),
    "add": ("TIL", "I", operand), "sub": ("TIL", "I", operand), "mul": ("TIL", "I", operand), "div": ("IL", "I", operand),
    "mod": ("IL", "I", operand), "and": ("IL", "I", operand), "or": ("IL", "I", operand), "xor": ("ILT", "I", operand),
    "neg": ("I", "I", ""), "cpl": ("I", "I", ""), "not": ("IL", "L", ""), "bool": ("IL", "L", ""), "even": ("I", "L", ""),
    "odd": ("I", "L", ""), "crc32": ("TBIA", "I", lambda r: r.choice(("", "(1)"))), "crc32c": ("TB", "I", lambda r: r.choice(("", "(1)"))),
    "djb2": ("TB", "I", lambda r: r.choice(("", "(1)"))), "sdbm": ("TB", "I", lambda r: r.choice(("", "(1)"))),
    "wt6": ("TB", "I", lambda r: r.choice(("", "(1)"))), "xxh32": ("TBA", "I", lambda r: r.choice(("", "(7)"))),
    "xxh64": ("TB", "I", lambda r: r.choice(("", "(7)"))), "xxh3": ("TB", "I", lambda r: r.choice(("", "(7)"))),
    "sha1": ("TB", "B", ""), "sha2": ("TB", "B", lambda r: r.choice(("", "(224)", "(256)", "(384)", "(512)"))),
    "digest": ("TB", "B", lambda r: r.choice(("(md5)", "(sha256)", "(SHA3-256)"))),
    "hmac": ("TB", "B", lambda r: r.choice(("(sha256,c2VjcmV0)", "(md5,txn.key)", "(sha1,txn.none)"))),
    "bytes": ("TB", "B", lambda r: f"({r.choice((0, 1, 3, 20))}{r.choice(('', ',0', ',1', ',4', ',100'))})"),
    "be2hex": ("TB", "T", lambda r: r.choice(("", "(:,1)", "(-,2)", "(,3,1)", "(--,2,1)"))),
    "be2dec": ("TB", "T", lambda r: r.choice(("(:,1)", "(-,2)", "(,3,1)", "(.,8)"))),
    "field": ("T", "T", piece), "word": ("T", "T", piece),
    "regsub": ("T", "T", lambda r: "(" + r.choice(("e,E,g", "/,_,g", "[aeiou],<>", "\"([a-z]+)\",\"<\\\\1>\",g", "S,s,gi", "x+,", "^.,,", "$,!")) + ")"),
    "concat": ("TIA", "T", lambda r: r.choice(("(x)", "(<,txn.text,>)", "(,txn.number)", "(-,txn.none,-)"))),
    "add_item": ("TI", "T", lambda r: r.choice(("(:,txn.text)", "(:,txn.none)", "(:,,end)", "(:,txn.number,!)"))),
    "ltrim": ("T", "T", lambda r: r.choice(("(/)", "(a)", "(Some)"))), "rtrim": ("T", "T", lambda r: r.choice(("(/)", "(01)", "(tex)"))),
    "cut_crlf": ("T", "T", ""), "strcmp": ("T", "I", lambda r: r.choice(("(txn.text)", "(txn.none)", "(sess.host)"))),
    "secure_memcmp": ("TB", "L", lambda r: r.choice(("(txn.text)", "(txn.none)", "(sess.host)"))),
    "url_dec": ("T", "T", lambda r: r.choice(("", "(1)"))), "url_enc": ("T", "T", lambda r: r.choice(("", "(query)"))),
    "host_only": ("T", "T", ""), "port_only": ("T", "I", ""), "iif": ("LI", "T", lambda r: r.choice(("(yes,no)", "(,no)", "(yes,)"))),
    "language": ("T", "T", lambda r: r.choice(("(de;en)", "(en;fr,xx)", "(fr;es,de)"))),
    "json": ("TB", "T", lambda r: r.choice(("", "(ascii)", "(utf8)", "(utf8s)", "(utf8p)", "(utf8ps)"))),
    "json_query": ("T", "?", lambda r: r.choice(("($.a.b)", "($.t)", "($.n[1])", "($.none)", "($.ok)", "($.a.b,int)"))),
    "ipmask": ("AT", "A", lambda r: r.choice(("(24)", "(8,64)", "(255.255.0.0,ffff::)", "(32,128)", "(0,0)"))),
    "http_date": ("I", "T", lambda r: r.choice(("", "(60)", "(-1)"))),
    "utime": ("I", "T", lambda r: r.choice(("(%Y-%m-%d)", "(%H:%M:%S,3600)", "(%s)"))), "ltime": ("I", "T", lambda r: "(%Y%m%d%H%M%S)"),
    "set-var": ("TIBLA", None, set_var),
    "unset-var": ("TIBLA", None, lambda r: f"(txn.w{r.randrange(10**6)})"), "nbsrv": ("T", "I", ""),
    "protobuf": ("B", "?", lambda r: r.choice(("(1)", "(8.1,int32)", "(2,bool)"))), "ungrpc": ("B", "?", lambda r: "(1,int32)"),
    "mqtt_is_valid": ("B", "L", ""), "mqtt_field_value": ("B", "T", lambda r: "(connect,username)"),
    "jwt_payload_query": ("T", "?", lambda r: "($.iss)"), "jwt_verify": ("T", "I", lambda r: "(HS256,secret)"),
}


# HAProxy takes a time before 1970 for one that is far away.
DATES = ("http_date", "ltime", "utime")
POSITIVE = ("int(7)", "int(1262304000)", "int(65535)", "nbproc", "fe_id", "base32")


def pattern(rng, kind):
    """The words of a match on a value of a type."""
    if rng.random() < 0.1:
        return "-m found"
    if kind == "T" or kind == "?":
        method = rng.choice(("str", "beg", "end", "sub", "dir", "dom", "reg", "len", "str -i", "sub -i", "beg -i", "reg -i", "int", "ip", "bin"))
        name = method.split()[0]
        values = {"reg": lambda: rng.choice(("^[a-z]+", "o.*e", "\\.", "[0-9]$", "x|y|z")), "len": lambda: str(rng.randrange(12)),
                  "int": lambda: rng.choice(("gt 3", "le 0", "eq 12", "1:100")), "ip": lambda: rng.choice(("192.0.2.0/24", "127.0.0.1")),
                  "bin": lambda: rng.choice(("61", "00ff", "54657874"))}.get(name, lambda: rng.choice(("a", "Some", "text", "/", "e", "www", "127", "GET", "some.text-here", "org")))
        return f"-m {method} {values()}" + (f" {values()}" if name not in ("int",) and rng.random() < 0.3 else "")
    if kind == "B":
        return rng.choice(("-m bin 00ff", "-m len 20", "-m str abc", "-m sub b", "-m beg A", "-m end e"))
    if kind == "I":
        return rng.choice(("eq 7", "gt 0", "lt 0", "ge 1 le 3", "0:10", "-m int 0 5 7", "-m str 7", "-m beg 1", "-m len 1", ":5", "1000:"))
    if kind == "L":
        return rng.choice(("", "-m bool 1", "-m bool false", "-m int 1", "-m str 1"))
    return rng.choice(("127.0.0.0/8", "192.0.2.1 192.0.2.7", "2001:db8::/32", "-m ip 0.0.0.0/0", "-m str 127.0.0.1", "-m beg 192", "::/0"))


def generate(rng, count):
    """[(expression, None or the words of a match)], no two alike."""
    made = {}
    names = list(CONVERTERS)
    while len(made) < count:
        kind = rng.choices("TBILA", (12, 2, 6, 2, 3))[0]
        expression = rng.choice(FETCHES[kind])
        for _ in range(rng.choices((0, 1, 2, 3), (1, 4, 3, 2))[0]):
            name = rng.choice(names)
            takes, gives, arguments = CONVERTERS[name]
            if kind != "?" and kind not in takes or name in DATES and expression not in POSITIVE:
                continue
            words = arguments(rng) if arguments else ""
            if words and not words.startswith("("):
                words = f"({words})"
            expression += f",{name}{words}"
            kind = gives or kind
        match = pattern(rng, kind) if rng.random() < 0.35 else None
        made[(expression, match)] = True
    return list(made)


def request(rng):
    """A request with what the fetches look for, in one form or another."""
    path = rng.choice(("/", "/dir/Some%20path", "/a/b/c.html", "/index.php", "//x//y/", "/caf%C3%A9;p=1"))
    query = rng.choice(("", "?a=1&b=two%20words&n=42&e=&a=3", "?n=-7&b=x+y", "?a", "?a=%zz&&b==&n=9x"))
    method = rng.choice(("POST", "PUT", "POST", "DELETE"))
    fields = [f"Host: {rng.choice(('Www.Example.org:8080', 'text', 'example.com', '[::1]:81', '127.0.0.1'))}"]
    optional = [
        ("User-Agent", ("Test/1.0 (X; Y)", "text", "a very long name of a program/9")),
        ("Cookie", ("one=1; two=second; one=again; num=77", "two=", "one=x", "num=-3; two=a=b")),
        ("X-Ip", ("192.0.2.7, 10.0.0.1", "2001:db8::5", "none", "192.0.2.1:80")), ("X-Num", ("15", "-5", "0", "12ab", "x", "99999999999999999999")),
        ("X-List", ("a,b , c", "one", ",,", "Some, \"b,c\" ,d")), ("X-List", ("d", "e, f")),
        ("X-Text", ("Some Text, here", "text", "a;b=c;d", "..a..b.", "/usr/local/bin/")),
        ("X-Json", ('{"a":{"b":7},"t":"x","n":[1,2,"z"],"ok":true}', '{"a":{"b":-1.5}}', "no json", '{"t":"q\\"uote"}')),
        ("X-Quote", ("it's \"q\" <b>&", "back\\slash", "\xc3\xa4\xff\xe2\x82\xac")), ("Accept-Language", ("de;q=0.5, en", "fr", "en-GB,es;q=0.7")),
        ("X-Hex", ("ff", "0", "41g", "DEADBEEF")), ("X-B64", ("YWJj", "YQ==", "YQ", "_-_-", "!!")),
        ("Authorization", ("Basic dXNlcjpwYXNz", "Bearer a.b.c", "Basic !")), ("X-Date", ("Tue, 15 Nov 1994 08:12:31 GMT",)),
    ]
    for name, values in optional:
        if rng.random() < 0.8:
            fields.append(f"{name}: {rng.choice(values)}")
    body = rng.choice(("field=value&x=y", "", "x=1&field=", "\x08\x96\x01", "text"))
    fields += ["Content-Type: application/x-www-form-urlencoded", f"Content-Length: {len(body)}"]
    return ("\r\n".join([f"{method} {path}{query} HTTP/1.1", *fields, "", ""]) + body).encode("latin-1"), method


# What differs, and why it does.
TRUTHS = r"(?:always_\w+|bool\(\w+\)|req\.proto_http|ssl_fc\w*|http_first_req|srv_is_up\([^)]*\)|stopping|wait_end|\w*_is_local|" \
         r"fc_rcvd_proxy|not|bool|even|odd|secure_memcmp\([^)]*\)|mqtt_is_valid)"
KNOWN = [
    (TRUTHS + r"(?:,(?:un)?set-var\([^)]*\))*,(?:add|sub|mul|div|mod|and|or|xor|neg|cpl)\b",
     "HAProxy's arithmetic on a truth gives a truth, which is 1 or 0 again; the manual says that it gives a signed integer"),
    (r",sub\(|,add\(-", "HAProxy 2.6 makes a negative number less and finds an overflow"),
    (r",port_only", "HAProxy computes a port from letters; here a port ends with its last digit"),
    (r",ub64dec", "HAProxy decodes padding to a byte"),
    (r"hex2i|,b64dec", "a value that a converter refuses does not end the search among the other values; an empty parameter is base64"),
    (r"hdr_val\(|urlp_val|cook_val", "numbers beyond 64 bits saturate, and text without digits is 0"),
    (r"cook(?:_cnt)?\((?:one|two)\)", "a field Cookie that holds nothing but one name with an empty value has that cookie"),
    (r"-m d(?:om|ir) .*/", "a pattern of nothing but delimiters matches nothing"),
    (r",language\(", "among a list, the whole language comes before the one without its variant, as the manual says"),
    (r",mqtt_is_valid", "of bytes that are no MQTT at all, either may say that more of them are needed"),
    (r"^\{ method[^ ]* -m (?:int|ip)", "a method is no number: refused when it is loaded"),
    (r",json_query\(", "numbers keep their digits, strings all their escapes, and arrays are found as in HAProxy 3"),
]


class Subject:
    """One program: what it refuses, and what the rest gives."""

    def __init__(self, binary, directory):
        self.binary = binary
        self.directory = directory

    def config(self, cases):
        lines = os.path.join(self.directory, "lines")
        rules, output = [], []
        for n, (expression, match) in cases.items():
            if match is None:
                rules.append(f"    http-request set-var(txn.e{n}) '{expression}'")
                output.append(f"\n{n}=%[var(txn.e{n}),hex,concat(.)]")
            else:
                rules.append(f"    http-request set-var(txn.e{n}) bool(1) if {{ '{expression}' {match} }}")
                output.append(f"\n{n}=%[var(txn.e{n})]")
        with open(lines, "w", encoding="latin-1") as file:
            file.write("".join(output) + "\n")
        return CONFIG.format(rules="\n".join(rules), lines=lines)

    def refused(self, cases):
        """{number: what it says}; haproxy tells of one at a time."""
        refused = {}
        first = CONFIG[:CONFIG.index("{rules}")].count("\n") + 1
        while True:
            left = {n: case for n, case in cases.items() if n not in refused}
            path = os.path.join(self.directory, "check.cfg")
            with open(path, "w", encoding="latin-1") as file:
                file.write(self.config(left))
            with listening_socket() as listener:
                code, out, errors = run([self.binary, "-c", "-f", path], env={"fe": str(listener.fileno())}, timeout=30,
                                        pass_fds=[listener.fileno()])
            if code == 0:
                return refused
            numbers = list(left)
            found = [(int(line), said) for said, line in re.findall(r"^(?!.*(?:WARNING|warning))(.*check\.cfg:(\d+).*)$", out + errors, re.M)]
            new = {numbers[line - first]: said for line, said in found if 0 <= line - first < len(numbers)}
            if not new:
                raise AssertionError(f"{self.binary} refuses the whole: {(out + errors)[-2000:]}")
            refused |= new

    def values(self, cases, requests):
        """[{number: text}] for each request."""
        answers = []
        with listening_socket() as listener, Proxy(self.binary, self.config(cases), {"fe": listener}):
            for data, method in requests:
                with Client(listener.getsockname(), timeout=20) as client:
                    client.send(data)
                    body = client.response(method).body.decode("latin-1")
                answers.append({int(n): value for n, value in re.findall(r"\n(\d+)=([^\n]*)", body)})
        return answers


def readable(value):
    if value is None:
        return "no line"
    if value.endswith("."):
        return repr(bytes.fromhex(value[:-1]).decode("latin-1"))
    return value or "nothing"


def name_of(case):
    expression, match = case
    return expression if match is None else f"{{ {expression} {match} }}"


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--tested", default="lbd")
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--count", type=int, default=2400)
    parser.add_argument("--requests", type=int, default=6)
    parser.add_argument("--show")
    options = parser.parse_args()
    reference, tested = need_program("/usr/sbin/haproxy"), need_program(options.tested)
    rng = random.Random(options.seed)
    cases = dict(enumerate(generate(rng, options.count)))
    requests = [request(rng) for _ in range(options.requests)]
    first, known = {}, {}

    def differs(case, text):
        name = name_of(case)
        reason = next((reason for what, reason in KNOWN if re.search(what, name)), None)
        if reason:
            known.setdefault(reason, set()).add(name)
        else:
            first.setdefault(name, f"{name}: {text}")

    with contextlib.ExitStack() as stack:
        one, other = (Subject(binary, stack.enter_context(tempfile.TemporaryDirectory(prefix="tandem-test-")))
                      for binary in (reference, tested))
        theirs = one.refused(cases)
        cases = {n: case for n, case in cases.items() if n not in theirs}
        for n, said in other.refused(cases).items():
            differs(cases[n], f"refused: {said}")
            del cases[n]
        expected, got = one.values(cases, requests), other.values(cases, requests)
    for n, case in cases.items():
        for i, (a, b) in enumerate(zip(expected, got)):
            text = f"{readable(b.get(n))}, haproxy: {readable(a.get(n))} (request {i})"
            if options.show and options.show in name_of(case):
                print(f"{name_of(case)}: {text}")
            if n not in a or a[n] != b.get(n):
                differs(case, text)
    print(*list(first.values())[:60], sep="\n")
    for reason, names in known.items():
        print(f"known ({len(names)}): {reason}")
    print(f"expressions: {len(cases)} on {len(requests)} requests (seed {options.seed}), {len(first)} differences, "
          f"{sum(map(len, known.values()))} known ones, {len(theirs)} that haproxy refuses")
    if options.show:
        print(*theirs.values(), sep="\n")
    return 1 if first or len(cases) < options.count * 0.9 else 0


if __name__ == "__main__":
    sys.exit(main())
