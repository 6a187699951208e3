#!/usr/bin/env python3
"""What `lbd --explain` tells is what lbd does: 50 generated configurations, 200 generated requests for each, told and
then really sent; status and fields of the answer, the server, and what the server got must be the same in all."""

import os
import random
import subprocess
import sys
import tempfile
import unittest

sys.path.insert(0, os.path.dirname(os.path.dirname(os.path.abspath(__file__))))

from support.client import Client, Closed  # noqa: E402
from support.origin import Origin, response  # noqa: E402
from support.process import Proxy, listening_socket, need_program  # noqa: E402

CONFIGURATIONS, REQUESTS = 50, 200
FRAME = """
defaults
    mode http
    timeout connect 5s
    timeout client 20s
    timeout server 20s
    timeout tarpit 1
frontend www
    bind "fd@${{fe}}"
{rules}
    default_backend b0
{backends}
"""
PATHS = ["/", "/api/users", "/api", "/static/a.css", "/img/x.PNG", "/admin/login", "/a%20b/c", "/deep/er/path.html"]
QUERIES = ["", "?id=7", "?a=1&b=2", "?id=x&debug=on", "?q=%41"]
HOSTS = ["www.example.com", "API.example.com", "b2.internal", "example.com:8080", "b1"]
FIELDS = ["X-One: 1", "X-One: 22, 3", "X-Two: abc", "Cookie: sid=s1; lang=de", "Cookie: sid=zz", "User-Agent: Mozilla/5.0",
          "Accept: text/html", "X-Forwarded-For: 10.1.2.3, 192.0.2.1", "X-Num: 42", "Authorization: Basic dTpw"]
METHODS = ["GET"] * 6 + ["HEAD", "DELETE", "OPTIONS", "PUT"]

CRITERIA = ["path_beg /api", "path_end .css .png", "path_end -i .png", "path_sub er", "path_dir admin", "path -m len gt 8",
            "path_reg ^/[a-d]", "hdr(host) -i api.example.com", "hdr_dom(host) -i example", "hdr_end(host) :8080",
            "hdr(x-one) 1", "hdr_cnt(x-one) ge 1", "hdr_val(x-num) gt 40", "hdr(x-two) -m found", "method GET", "method POST PUT",
            "url_param(id) -m found", "url_param(debug) on", "query -m sub a=", "cook(sid) s1", "cook(lang) -m found",
            "src 127.0.0.0/8", "src 10.0.0.0/8", "req.hdr_ip(x-forwarded-for) 192.0.2.0/24", "always_true", "always_false",
            "var(txn.v) -m found", "var(txn.v) -m str 7", "req.fhdr(accept) -m sub html", "path,lower -m end .png"]
SAMPLES = ["src", "path", "path,lower", "query", "method", "req.hdr(host)", "req.hdr(host),lower,field(1,.)", "req.hdr(x-one)",
           "url_param(id)", "req.cook(sid)", "req.cook(sid),upper", "var(txn.v)", "str(k)", "int(5),add(2)",
           "req.hdr(x-num),mul(2)", "path,length", "url"]


class Generator:
    def __init__(self, seed):
        self.random = random.Random(seed)
        self.acls = []

    def condition(self):
        def term():
            pick = self.random.random()
            bang = "!" if self.random.random() < 0.25 else ""
            if self.acls and pick < 0.5:
                return bang + self.random.choice(self.acls)
            return f"{bang}{{ {self.random.choice(CRITERIA)} }}"

        groups = [" ".join(term() for _ in range(self.random.choice((1, 1, 2)))) for _ in range(self.random.choice((1, 1, 2)))]
        return self.random.choice(("if", "if", "if", "unless")) + " " + " or ".join(groups)

    def maybe(self):
        return " " + self.condition() if self.random.random() < 0.8 else ""

    def rare(self):
        """For rules that end everything."""
        return f"if {{ {self.random.choice(CRITERIA)} }} {{ {self.random.choice(CRITERIA)} }}"

    def request_rule(self):
        value = f"%[{self.random.choice(SAMPLES)}]"
        return self.random.choice([
            lambda: f"http-request set-var(txn.v) {self.random.choice(SAMPLES)}{self.maybe()}",
            lambda: f"http-request set-header X-Set {value}{self.maybe()}",
            lambda: f"http-request add-header X-One {value}{self.maybe()}",
            lambda: f"http-request del-header X-Two{self.maybe()}",
            lambda: f"http-request set-path /p%[path]{self.maybe()}",
            lambda: f"http-request set-header Host b1 {self.rare()}",
            lambda: f"http-request deny deny_status {self.random.choice((403, 404, 429, 500))} {self.rare()}",
            lambda: f"http-request return status 200 content-type text/plain lf-string {value} {self.rare()}",
            lambda: f"http-request redirect location /elsewhere code 302 {self.rare()}",
            lambda: f"http-request redirect prefix http://other code 301 {self.rare()}",
            lambda: f"http-request tarpit {self.rare()}",
            lambda: f"http-request allow {self.rare()}",
        ])()

    def config(self, port):
        rules = []
        for i in range(self.random.randint(1, 5)):
            rules.append(f"acl a{i} {self.random.choice(CRITERIA)}")
            self.acls.append(f"a{i}")
        rules += [self.request_rule() for _ in range(self.random.randint(2, 8))]
        rules += [f"use_backend b{i} {self.condition()}" for i in (1, 2) if self.random.random() < 0.8]
        rules.append("use_backend %[req.hdr(host),field(1,.)] if { req.hdr(host) -m beg b }")
        rules.append("http-after-response set-header X-Last %[status]")
        self.acls = []
        backends = []
        for i in range(3):
            lines = [f"backend b{i}", "balance hdr(x-one)", "hash-type consistent",
                     "http-response set-header X-Server %b/%s"]
            lines += [self.request_rule() for _ in range(self.random.randint(0, 3))]
            if self.random.random() < 0.5:
                lines.append(f"use-server s2 if {{ {self.random.choice(CRITERIA)} }}")
            if self.random.random() < 0.4:
                lines.append("http-response deny if { method DELETE } { var(txn.v) -m found } { status 200 }")
            lines += [f"server s{n} 127.0.0.1:{port}" for n in (1, 2, 3)]
            backends.append("\n    ".join(lines))
        return FRAME.format(rules="".join(f"    {rule}\n" for rule in rules), backends="\n".join(backends))

    def request(self):
        return (self.random.choice(METHODS), self.random.choice(PATHS) + self.random.choice(QUERIES),
                self.random.choice(HOSTS), self.random.sample(FIELDS, self.random.randint(0, 4)))


def fields(lines):
    """Fields that both have, in order; how long a body is differs, since only the real origin sends one."""
    return [line for line in lines if not line.lower().startswith(("content-length:", "date:"))]


class Told:
    """An answer of `lbd --explain`."""

    def __init__(self, text):
        self.text = text
        parts = {"": []}
        part = ""
        for line in text.splitlines():
            if not line.startswith(" "):
                part = line
                parts.setdefault(part, [])
            elif not line.startswith("    "):
                part = ""
            else:
                parts[part].append(line[4:])
        client = [line for line in parts.get("the client gets", []) if not line.startswith("and ")]
        self.status = client[0].split(" ", 1)[1] if client else "none"
        self.answer = fields(client[1:])
        self.server_got = fields(parts.get("the server gets", []))


def telling(peer):
    """An origin that answers with the head that it got."""
    while (head := peer.head()) is not None:
        reply = response(head)
        if head.startswith(b"HEAD "):
            reply = reply.split(b"\r\n\r\n", 1)[0] + b"\r\n\r\n"
        peer.send(reply)


class Equal(unittest.TestCase):
    def told(self, lbd, path, requests, source):
        questions = "".join(
            f"{method} {target} frontend=www src={source[0]}:{source[1]}\nHost: {host}\n" + "".join(f"{line}\n" for line in lines) + "\n"
            for method, target, host, lines in requests)
        done = subprocess.run([lbd, "--explain", "-f", path], input=questions.encode(), stdout=subprocess.PIPE,
                              stderr=subprocess.PIPE, env=dict(os.environ, fe="9"), timeout=60, check=False)
        self.assertEqual(done.returncode, 0, done.stderr.decode())
        return [Told(text) for text in done.stdout.decode("latin-1").split("\n\n")[:-1]]

    def real(self, client, address, request, origin):
        method, target, host, lines = request
        seen = len(origin.seen)
        for attempt in (0, 1):
            try:
                answer = client[0].get(target, method, headers=lines, host=host)
                break
            except (Closed, BrokenPipeError, ConnectionResetError):
                self.assertEqual(attempt, 0)
                client[0].close()
                client[0] = Client(address)
        got = [head.decode("latin-1").split("\r\n\r\n")[0].split("\r\n") for head in origin.seen[seen:]]
        if answer.header("connection") == "close":
            client[0].close()
            client[0] = Client(address)
        return answer, got

    def test_the_same_in_all(self):
        lbd = need_program("lbd")
        compared = 0
        with tempfile.TemporaryDirectory(prefix="tandem-test-") as directory, Origin(telling) as origin:
            for seed in range(CONFIGURATIONS):
                generator = Generator(seed)
                text = generator.config(origin.port)
                path = f"{directory}/{seed}.cfg"
                with open(path, "w", encoding="utf-8") as file:
                    file.write(text)
                requests = [generator.request() for _ in range(REQUESTS)]
                told = self.told(lbd, path, requests, ("127.0.0.1", 40000))
                self.assertEqual(len(told), REQUESTS)
                with listening_socket() as listener, Proxy(lbd, text, {"fe": listener}):
                    client = [Client(listener.getsockname())]
                    for request, expected in zip(requests, told):
                        answer, got = self.real(client, listener.getsockname(), request, origin)
                        where = f"seed {seed}, {request}\n{expected.text}\n{answer!r}\n{got}\n{text}"
                        self.assertEqual(expected.status, f"{answer.status} {answer.reason}", where)
                        self.assertEqual(expected.answer, fields(answer.head.decode("latin-1").strip().split("\r\n")[1:]), where)
                        self.assertEqual([expected.server_got] if expected.server_got else [],
                                         [fields(lines) for lines in got], where)
                        compared += 1
                    client[0].close()
        self.assertEqual(compared, CONFIGURATIONS * REQUESTS)


if __name__ == "__main__":
    unittest.main()
