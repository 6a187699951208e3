"""The scenarios of bytes_test.py: what requests and answers count for in %U and %B, and in the counters of all who take part."""

import csv

from support.client import command
from support.compare import Scenario
from support.origin import answer, response

SCENARIOS = []
TEXT = b"".join(b"line %d of a text that can be made smaller\n" % i for i in range(400))
HEAD = b"HTTP/1.1 200 OK\r\n"
COUNTERS = ("bin", "bout")
# Compressed by whatever library.
BODY = (r"b'\\x1f.*?' (?=b')", "<body> ")


def scenario(name, play=None, origin=None, requests=1, counted=True, ask=None, **more):
    """`play` sends and reads `requests` requests; each is one line. `counted`: bin and bout are the same, too."""
    ask = ask or {}

    def run_it(run):
        if play:
            play(run)
        else:
            client = run.connect()
            for _ in range(requests):
                run.get(client=client, **ask)
        run.wait_log(r"^\d{3} |^-1 ", count=requests)
        for row in csv.DictReader(command(f"{run.directory}/admin", "show stat").lstrip("# ").splitlines()):
            if counted and row["pxname"] in ("fe", "be"):
                run.note(row["pxname"], row["svname"], *(f"{column}={row[column]}" for column in COUNTERS))

    more.setdefault("defaults", [])
    SCENARIOS.append(Scenario(run_it, name=name, origins=[origin or answer()], lines=requests,
                              **{"global": "stats socket @dir@/admin level admin",
                                 **more, "defaults": [*more["defaults"], 'log-format "%ST %U %B %tsc %r"']}))


def chunked(*parts, fields=b"", trailers=b"", status=b"HTTP/1.1 200 OK"):
    body = b"".join(b"%x\r\n%s\r\n" % (len(part), part) for part in parts)
    return answer(status + b"\r\n" + fields + b"Transfer-Encoding: chunked\r\n\r\n" + body + b"0\r\n" + trailers + b"\r\n")


def with_fields(*fields, body=b"12345", **more):
    return answer(response(body, headers=fields, **more))


def raw(text, method="GET"):
    def play(run):
        client = run.connect()
        client.send(text)
        run.note_response(client, method)

    return play


# --- answers as they come
scenario("content-length")
scenario("content-length 0", origin=with_fields(body=b""))
scenario("large", origin=with_fields(body=TEXT))
scenario("three on one connection", requests=3)
scenario("reason", origin=with_fields(status="200 A long reason why"))
scenario("no reason", origin=answer(b"HTTP/1.1 200\r\nContent-Length: 2\r\n\r\nab"))
scenario("unknown status", origin=answer(b"HTTP/1.1 299 Odd\r\nContent-Length: 2\r\n\r\nab"))
scenario("no field", origin=answer(b"HTTP/1.1 204 No Content\r\n\r\n"))
scenario("304", origin=answer(b'HTTP/1.1 304 Not Modified\r\nETag: "a"\r\n\r\n'), ask={"headers": ['If-None-Match: "a"']})
scenario("304 with a length", origin=answer(b'HTTP/1.1 304 Not Modified\r\nETag: "a"\r\nContent-Length: 7\r\n\r\n'))
scenario("204 with a length", origin=answer(b"HTTP/1.1 204 No Content\r\nContent-Length: 0\r\n\r\n"))
scenario("HEAD", ask={"method": "HEAD"})
scenario("HEAD of chunks", origin=answer(HEAD + b"Transfer-Encoding: chunked\r\n\r\n"), ask={"method": "HEAD"})
scenario("chunked", origin=chunked(b"abcd", b"ef"))
scenario("chunked, one chunk", origin=chunked(b"abcd"))
scenario("chunked, large", origin=chunked(*[TEXT[i:i + 5000] for i in range(0, len(TEXT), 5000)]))
scenario("chunked, empty", origin=chunked())
scenario("chunked, extensions", origin=answer(HEAD + b"Transfer-Encoding: chunked\r\n\r\n4;a=b\r\nabcd\r\n0;c\r\n\r\n"))
scenario("chunked, trailer", origin=chunked(b"abcd", fields=b"Trailer: x-sum\r\n", trailers=b"X-Sum: 1\r\n"))
scenario("chunked, trailers", origin=chunked(b"abcd", trailers=b"X-Sum: 1\r\nX-Other:  two \r\n"))
scenario("until close", origin=answer(HEAD + b"Content-Type: text/plain\r\n\r\nuntil the end", close=True))
for value in ("close", "keep-alive", "Upgrade, close", "close, x-hop", "Keep-Alive, X-Hop"):
    scenario(f"Connection: {value}", origin=with_fields(f"Connection: {value}", "X-Hop: yes"))
scenario("Keep-Alive", origin=with_fields("Connection: keep-alive", "Keep-Alive: timeout=5"))
scenario("Proxy-Connection", origin=with_fields("Proxy-Connection: keep-alive"))
scenario("spaces", origin=with_fields("X-A:   b  ", "X-Empty:", "X-Tab:\tc"))
scenario("two lengths", origin=answer(HEAD + b"Content-Length: 5\r\nContent-Length: 5\r\n\r\n12345"))
scenario("a list of lengths", origin=answer(HEAD + b"Content-Length: 5, 5\r\n\r\n12345"))
scenario("length and chunks", origin=answer(HEAD + b"Content-Length: 5\r\nTransfer-Encoding: chunked\r\n\r\n3\r\nabc\r\n0\r\n\r\n"))
scenario("HTTP/1.0 server", origin=with_fields(version="HTTP/1.0"))
scenario("HTTP/1.0 server that keeps", origin=with_fields("Connection: keep-alive", version="HTTP/1.0"))
scenario("HTTP/1.0 server, until close", origin=answer(b"HTTP/1.0 200 OK\r\n\r\nuntil the end", close=True))
scenario("HTTP/1.0 client", ask={"version": "HTTP/1.0"})
scenario("HTTP/1.0 client that keeps", ask={"version": "HTTP/1.0", "headers": ["Connection: keep-alive"]})
scenario("HTTP/1.0 client, until close", ask={"version": "HTTP/1.0"}, origin=answer(HEAD + b"\r\nuntil the end", close=True))
scenario("client that closes", ask={"headers": ["Connection: close"]})
scenario("option httpclose", defaults=["option httpclose"])
scenario("option http-server-close", defaults=["option http-server-close"])
scenario("names as they are to be", **{"global": ["stats socket @dir@/admin level admin", "h1-case-adjust content-length Content-Length"]},
         defaults=["option h1-case-adjust-bogus-client", "option h1-case-adjust-bogus-server"])
scenario("103", origin=answer(b"HTTP/1.1 103 Early Hints\r\nLink: </a>\r\n\r\n" + response(b"12345")))
scenario("100 of the server", origin=answer(b"HTTP/1.1 100 Continue\r\n\r\n" + response(b"12345")))


def _upgrade(run):
    client = run.connect()
    client.send("GET / HTTP/1.1\r\nHost: h\r\nConnection: Upgrade\r\nUpgrade: x\r\n\r\n")
    client.send("and more")
    run.wait_seen(2)
    run.note_end(client)


def _switch(peer):
    peer.head()
    peer.send(b"HTTP/1.1 101 Switching Protocols\r\nConnection: Upgrade\r\nUpgrade: x\r\n\r\nhello")
    peer.origin.record(peer.exactly(len("and more")))


scenario("101", _upgrade, _switch)


def _once_in_vain(peer):
    peer.origin.asked = getattr(peer.origin, "asked", 0) + 1
    peer.head()
    peer.send(response(b"abc", status="503 No") if peer.origin.asked == 1 else response())
    peer.wait_close()


# --- what becomes of them on their way
def rules(name, *lines, origin=None, **more):
    scenario(name, origin=origin, backend=[*lines, "server s1 127.0.0.1:@o1@"], **more)


rules("field added", "http-response add-header x-added value")
rules("field set", "http-response set-header x-set longer-than-before", origin=with_fields("X-Set: before"))
rules("field deleted", "http-response del-header x-set", origin=with_fields("X-Set: before"))
rules("value replaced", "http-response replace-header x-set (.*) longer-\\1", origin=with_fields("X-Set: before"))
rules("status set", 'http-response set-status 404 reason "Nowhere to be found"')
rules("field added after", "http-after-response add-header x-added value")
rules("field deleted after", "http-after-response del-header x-set", origin=with_fields("X-Set: before"))
rules("waited for the body", "http-response wait-for-body time 1s", "http-response set-header x-len %[res.body_size]")
rules("connection seen by rules", "http-request set-header x-c <%[req.hdr(connection)]>,%[req.len]",
      "http-response set-header x-d <%[res.hdr(connection)]>",
      ask={"headers": ["Connection: keep-alive, x-hop"]}, origin=with_fields("Connection: keep-alive, x-hop"))
rules("connection closed by a rule for requests", "http-request set-header connection close", requests=2)
rules("connection closed by a rule for answers", "http-response set-header connection close")
rules("connection closed by a rule behind", "http-after-response set-header connection close")
rules("connection closed by a rule behind our answer", "http-request deny", "http-after-response set-header connection close")
rules("status retried", "retry-on 503", origin=_once_in_vain)
rules("cookie inserted", "cookie SRV insert", "server s2 127.0.0.1:@o1@ weight 0 cookie s2",
      "default-server cookie s1")
rules("cookie inserted, indirect, nocache", "cookie SRV insert indirect nocache", "default-server cookie s1")
rules("cookie rewritten", "cookie SRV rewrite", "default-server cookie s1", origin=with_fields("Set-Cookie: SRV=other; path=/"))
rules("cookie prefixed", "cookie SRV prefix", "default-server cookie s1", origin=with_fields("Set-Cookie: SRV=other; path=/"))
for accept in ("gzip", "identity"):
    for name, origin in {"length": with_fields("Content-Type: text/html", body=TEXT),
                         "chunks": chunked(TEXT[:5000], TEXT[5000:9000], fields=b"Content-Type: text/html\r\n"),
                         "trailers": chunked(TEXT[:5000], fields=b"Content-Type: text/html\r\n", trailers=b"X-T: v\r\n")}.items():
        rules(f"compression, {accept}, {name}", f"compression algo {'gzip' if accept == 'gzip' else 'identity'}",
              ask={"headers": [f"Accept-Encoding: {accept}"]}, origin=origin, blur=[BODY])
for name, origin in {"length": with_fields("Cache-Control: max-age=60", 'ETag: "x"'),
                     "chunks": chunked(b"abc", b"de", fields=b'Cache-Control: max-age=60\r\nETag: "x"\r\n')}.items():
    for method in ("GET", "HEAD"):
        def _kept(run, method=method):
            client = run.connect()
            run.get(client=client)
            run.wait_log("GET")
            run.get(client=client, method=method)
            run.get(client=client, headers=['If-None-Match: "x"'])

        scenario(f"cache, {name}, {method}", _kept, origin, requests=3, more=["cache c", "  total-max-size 4"],
                 backend=["http-request cache-use c", "http-response cache-store c", "server s1 127.0.0.1:@o1@"],
                 blur=[(r"(?im)^age: [01]\r?$", "age: <now>")])

# --- answers of the proxy
rules("denied request", "http-request deny")
rules("denied request, status", "http-request deny deny_status 429")
rules("denied answer", "http-response deny")
rules("denied answer, status", "http-response deny deny_status 429")
rules("denied answer, chunks", "http-response deny", origin=chunked(b"abc", trailers=b"X-T: v\r\n"))
rules("denied answer, body waited for", "http-response wait-for-body time 1s", "http-response deny")
rules("denied answer, field after", "http-response deny", "http-after-response set-header x-after value")
rules("dropped answer", "http-response silent-drop", requests=1)
rules("answer made bodyless", "http-after-response set-status 204")
rules("redirect", "http-request redirect location /elsewhere")
rules("redirect of the answer", "http-response redirect location /elsewhere")
rules("return", 'http-request return status 200 content-type text/plain string "here it is"')
rules("return, fields", 'http-request return status 200 content-type text/plain string "here it is" hdr x-a b')
rules("return, field after", 'http-request return status 200 content-type text/plain string "here it is"',
      "http-after-response set-header x-after value")
rules("return of HEAD", 'http-request return status 200 content-type text/plain string "here it is"', ask={"method": "HEAD"})
rules("return of the answer", 'http-response return status 200 content-type text/plain string "instead"')
rules("return, HTTP/1.0", 'http-request return status 200 content-type text/plain string "here it is"', ask={"version": "HTTP/1.0"})
rules("auth", "http-request auth realm r")
rules("tarpit", "timeout tarpit 50ms", "http-request tarpit")
rules("early hint", "http-request early-hint link </a>")
rules("errorfile", "errorfile 403 @dir@/403", "http-request deny",
      files={"403": "HTTP/1.1 403 No\r\nX-Own: page\r\nContent-Length: 8\r\n\r\nnot you\n"})
scenario("no server", backend=[])
scenario("server refuses", backend="server s1 127.0.0.1:@refused@", defaults=["retries 0"])
scenario("server silent", origin=lambda peer: (peer.head(), peer.wait_close()), defaults=["timeout server 200ms"])
scenario("server closes", origin=lambda peer: peer.head())
scenario("server closes within the head", origin=lambda peer: (peer.head(), peer.send(b"HTTP/1.1 200 OK\r\nX-A")))
scenario("bad answer", origin=answer(b"HTTP/1.1 abc\r\n\r\n"))
scenario("server closes within the body", origin=lambda peer: (peer.head(), peer.send(HEAD + b"Content-Length: 9\r\n\r\n1234")))
scenario("server closes within chunks", origin=lambda peer: (peer.head(), peer.send(HEAD + b"Transfer-Encoding: chunked\r\n\r\n4\r\n1234\r\n")))
scenario("bad chunk", origin=answer(HEAD + b"Transfer-Encoding: chunked\r\n\r\n4\r\n1234\r\nxyz\r\n"))
scenario("bad request", raw("GET /\x01 HTTP/1.1\r\n\r\n"))
scenario("no request", lambda run: run.connect().send("GET / HTTP/1.1\r\nHo"))
scenario("monitor", frontend="monitor-uri /")

# --- requests
scenario("POST", ask={"method": "POST", "body": b"a" * 100})
scenario("POST of nothing", ask={"method": "POST", "headers": ["Content-Length: 0"]})
for name, tail in {"chunks": "3\r\nabc\r\n2\r\nde\r\n0\r\n\r\n", "no chunk": "0\r\n\r\n", "trailers": "3\r\nabc\r\n0\r\nX-T: v\r\nX-U: w\r\n\r\n",
                   "extension": "3;x=y\r\nabc\r\n0\r\n\r\n"}.items():
    scenario(f"POST of {name}", raw("POST / HTTP/1.1\r\nHost: h\r\nTransfer-Encoding: chunked\r\n\r\n" + tail))
scenario("expect", raw("POST / HTTP/1.1\r\nHost: h\r\nExpect: 100-continue\r\nContent-Length: 3\r\n\r\nabc"))
scenario("fields of the request", ask={"headers": ["X-A:   b ", "X-Empty:", "Cookie: a=b; c=d"]})
scenario("hop fields of the request", ask={"headers": ["Connection: keep-alive, x-hop", "X-Hop: a", "Keep-Alive: 5"]})
scenario("absolute target", raw("GET http://h/a?b=c HTTP/1.1\r\nHost: h\r\n\r\n"))
scenario("other host in the target", raw("GET http://other/a HTTP/1.1\r\nHost: h\r\n\r\n"))
scenario("no host", raw("GET / HTTP/1.1\r\n\r\n"))
scenario("host of a default port", raw("GET / HTTP/1.1\r\nHost: h:80\r\n\r\n"))
scenario("OPTIONS *", raw("OPTIONS * HTTP/1.1\r\nHost: h\r\n\r\n"))
rules("request edited", "http-request set-header x-a b", "http-request del-header host", "http-request set-path /longer/path")
rules("forwardfor", "option forwardfor", "http-send-name-header X-Server")
rules("body waited for", "option http-buffer-request", ask={"method": "POST", "body": b"abc"})

scenario("refused with a body", ask={"method": "POST", "body": b"a" * 100}, backend="http-request deny")
scenario("refused with a large body", ask={"method": "POST", "body": b"a" * 5000}, frontend="http-request deny")
scenario("refused with chunks", raw("POST / HTTP/1.1\r\nHost: h\r\nTransfer-Encoding: chunked\r\n\r\n3\r\nabc\r\n0\r\n\r\n"), frontend="http-request deny")
