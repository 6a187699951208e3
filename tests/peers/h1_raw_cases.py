"""Raw HTTP/1 messages for h1_raw_test.py: what a client or a server may put on the wire, in and out of the grammar."""

import dataclasses

HOST = b"Host: a\r\n"


@dataclasses.dataclass
class Case:
    name: str
    request: bytes
    answer: bytes = b"HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok"
    close: bool = False  # the origin closes after its answer


def get(*fields, line=b"GET /p HTTP/1.1", host=HOST, body=b""):
    return line + b"\r\n" + host + b"".join(field + b"\r\n" for field in fields) + b"\r\n" + body


def post(*fields, body=b"", line=b"POST /p HTTP/1.1"):
    return get(*fields, line=line, body=body)


def answer(*fields, line=b"HTTP/1.1 200 OK", body=b""):
    return line + b"\r\n" + b"".join(field + b"\r\n" for field in fields) + b"\r\n" + body


def shown(data):
    text = repr(data)[2:-1]
    return text if len(text) < 90 else text[:60] + "…" + text[-20:]


def request_lines():
    good = [b"GET /p HTTP/1.1", b"GET /p HTTP/1.0", b"get /p HTTP/1.1", b"FOO /p HTTP/1.1", b"GET  /p  HTTP/1.1", b"GET\t/p HTTP/1.1",
            b"GET /p HTTP/1.2", b"GET /p HTTP/2.0", b"GET /p HTTP/9.9", b"GET /p HTTP/11", b"GET /p HTTP/1.10", b"GET /p HTTP/01.1",
            b"GET /p HTTP/1.", b"GET /p HTTP/.1", b"GET /p HTTP/", b"GET /p HTTP", b"GET /p http/1.1", b"GET /p HTTQ/1.1", b"GET /p RTSP/1.0",
            b"GET /p HTTP/1.1 ", b"GET /p HTTP/1.1\t", b"GET /p HTTP/1.1 x", b" GET /p HTTP/1.1", b"GET /p", b"GET /p ", b"GET", b"GET ",
            b"/p HTTP/1.1", b"GET /p q HTTP/1.1", b"GET HTTP/1.1", b"GET p HTTP/1.1", b"GET ?q HTTP/1.1", b"GET * HTTP/1.1",
            b"OPTIONS * HTTP/1.1", b"GET *x HTTP/1.1", b"GET //b/x HTTP/1.1", b"GET /%00%zz HTTP/1.1", b"GET /a?b?c HTTP/1.1",
            b'GET /"<>\\^`{|}~ HTTP/1.1', b"GET /#f HTTP/1.1", b"PRI * HTTP/1.1", b"HEAD /p HTTP/1.1", b"DELETE /p HTTP/1.1",
            b"PUT /p HTTP/1.1", b"PATCH /p HTTP/1.1", b"TRACE /p HTTP/1.1", b"G!#$%&'*+-.^_`|~T /p HTTP/1.1", b"G{T /p HTTP/1.1",
            b"GET /" + b"a" * 8000 + b" HTTP/1.1", b"M" * 300 + b" /p HTTP/1.1"]
    for line in good:
        yield Case("line " + shown(line), get(line=line))
    yield Case("line HTTP/0.9", get(line=b"GET /p HTTP/0.9", host=b""))
    for size in (1, 5, 8, 14):
        yield Case(f"line cut after {size}", b"GET /p HTTP/1.1"[:size])
    for lead in (b"\r\n", b"\n", b"\r\n\r\n\n", b"\r", b"\r\r\n", b" \r\n", b"\0"):
        yield Case("before the line " + shown(lead), lead + get())
    yield Case("only empty lines", b"\r\n\r\n\r\n")
    yield Case("TLS", b"\x16\x03\x01\x00\x05hello")
    yield Case("SSH", b"SSH-2.0-OpenSSH_9.2\r\n")


def targets():
    uris = [b"http://a/x", b"http://a", b"http://a?q", b"http://a/", b"http://A/x", b"HTTP://a/x", b"http://a:80/x", b"http://a:/x",
            b"http://a:81/x", b"https://a/x", b"https://a:443/x", b"https://a:80/x", b"http://a:443/x", b"http://u@a/x", b"http://u:p@a:80/x",
            b"http://b/x", b"ftp://a/x", b"ws://a:80/x", b"1x://a/x", b"x$y://a/x", b"http:/a/x", b"http:a", b"mailto:a", b"://a/x",
            b"http://a:080/x", b"a:80", b"a"]
    for uri in uris:
        yield Case("uri " + shown(uri), get(line=b"GET " + uri + b" HTTP/1.1"))
        yield Case("uri without Host " + shown(uri), get(line=b"GET " + uri + b" HTTP/1.1", host=b""))
    for target, host in ((b"http://a?q", b"a?q"), (b"http:/a/x", b"http:"), (b"http:a", b"http:a"), (b"1x://a/x", b"1x:"), (b"a/b", b"a"),
                         (b"u@a", b"a"), (b"u@a", b"u@a"), (b"[::1]/x", b"[::1]"), (b"http://[::1]:80/x", b"[::1]:80"), (b"a/http://b", b"a"),
                         (b"http://u@a:80/x", b"A"), (b"http://u@a/x", b"a:80"), (b"http://A:/x", b"a"), (b"http://a:/x", b"a:80"),
                         (b"http://a/x", b"A:"), (b"ftp://a:80/x", b"A:80"), (b"ftp://a:80/x", b"a"), (b"http://a:80", b"A"),
                         (b"https://a:443/x", b"A"), (b"http://a:80?q", b"a")):
        yield Case(f"uri {shown(target)} and Host {shown(host)}", get(line=b"GET " + target + b" HTTP/1.1", host=b"Host: " + host + b"\r\n"))
    yield Case("uri without host part", get(line=b"GET http:///x HTTP/1.1", host=b""))
    yield Case("uri with a bad port", get(line=b"GET http://a:80x/ HTTP/1.1", host=b"Host: a:80x\r\n"))
    for host in (b"a:80", b"a:81", b"A", b"", b"b", b"a:443"):
        yield Case("uri and Host " + shown(host), get(line=b"GET http://a/x HTTP/1.1", host=b"Host: " + host + b"\r\n"))
        yield Case("uri with port and Host " + shown(host), get(line=b"GET http://a:80/x HTTP/1.1", host=b"Host: " + host + b"\r\n"))
    for host in (b"Host: a\r\nHost: a\r\n", b"Host: a\r\nHost: A\r\n", b"Host: a\r\nHost: b\r\n", b"Host: a:80\r\nHost: a\r\n", b"Host: \r\n",
                 b"Host: a b\r\n", b"Host: a/b\r\n", b"Host: a@b\r\n", b"Host: a:x\r\n", b"Host: a,b\r\n", b"", b"Host:a\r\n", b"hOsT: a\r\n"):
        yield Case("fields " + shown(host), get(host=host))
    for target, host in ((b"a:80", b"a:80"), (b"a:80", b"a"), (b"a:443", b"a"), (b"a:443", b"a:443"), (b"a:8080", b"a:8080"),
                         (b"a:8080", b"a"), (b"a", b"a"), (b"a:", b"a"), (b"a:80x", b"a"), (b"/", b"a"), (b"http://a/", b"a"),
                         (b"[::1]:80", b"[::1]"), (b"a:80", b"b:80"), (b"*", b"a"), (b"a:080", b"a")):
        yield Case(f"CONNECT {shown(target)} Host {shown(host)}",
                   get(line=b"CONNECT " + target + b" HTTP/1.1", host=b"Host: " + host + b"\r\n"), close=True)
    yield Case("CONNECT without Host", get(line=b"CONNECT a:80 HTTP/1.1", host=b""), close=True)
    yield Case("CONNECT with a port too high", get(line=b"CONNECT a:99999 HTTP/1.1", host=b""), close=True)
    yield Case("CONNECT with a user", get(line=b"CONNECT u@a:80 HTTP/1.1", host=b""), close=True)
    yield Case("CONNECT refused", get(line=b"CONNECT a:80 HTTP/1.1"), answer(b"Content-Length: 2", line=b"HTTP/1.1 403 No", body=b"no"))


def bytes_everywhere():
    """Each control byte and some others, at each kind of place."""
    places = {"method": b"G@T /p HTTP/1.1\r\nHost: a\r\n\r\n", "target": b"GET /p@q HTTP/1.1\r\nHost: a\r\n\r\n",
              "version": b"GET /p HTTP@/1.1\r\nHost: a\r\n\r\n", "name": b"GET /p HTTP/1.1\r\nHost: a\r\nX@Y: z\r\n\r\n",
              "value": b"GET /p HTTP/1.1\r\nHost: a\r\nX: y@z\r\n\r\n", "after the value": b"GET /p HTTP/1.1\r\nHost: a\r\nX: y@\r\n\r\n",
              "before the colon": b"GET /p HTTP/1.1\r\nHost: a\r\nX@: y\r\n\r\n", "behind the colon": b"GET /p HTTP/1.1\r\nHost: a\r\nX:@y\r\n\r\n",
              "length": b"POST /p HTTP/1.1\r\nHost: a\r\nContent-Length: 3@\r\n\r\nabc"}
    for place, text in places.items():
        for byte in [*range(0x21), 0x22, 0x28, 0x2c, 0x3a, 0x3b, 0x40, 0x5b, 0x7f, 0x80, 0xff]:
            yield Case(f"byte {byte:#04x} in the {place}", text.replace(b"@", bytes([byte])))


def fields():
    lines = [b"X:", b"X: ", b"X:  \t y \t ", b"X:y", b"X : y", b"X\t: y", b": y", b"X", b" X: y", b"X: y\r\n z", b"X: y\r\n\tz\r\n  w", b"X:\r\n y",
             b"X:\r\n y\r\n ", b"X: y\r\n \r\n \r\nY: z", b"X-Long-Name-" + b"n" * 200 + b": y", b"X: " + b"v" * 5000, b"X: y\nY: z",
             b'X: "a,b", c', b"X: \xc3\xa4", b"Keep-Alive: 300", b"Proxy-Connection: keep-alive", b"Proxy-Connection: close",
             b"TE: trailers", b"TE: gzip", b"TE: trailers, gzip", b"TE: trailers;q=0.5", b"TE: gzip\r\nTE: trailers", b"Trailer: x",
             b"Expect: 100-continue", b"Expect: foo", b"Via: 1.0 x", b"X-Forwarded-For: 1.2.3.4", b"Cookie: a=b\r\nCookie: c=d", b"Date: x"]
    for line in lines:
        yield Case("field " + shown(line), get(line))
        yield Case("answer's field " + shown(line), get(), answer(line, b"Content-Length: 2", body=b"ok"))
    yield Case("first field folded", b"GET /p HTTP/1.1\r\n Host: a\r\n\r\n")
    for size in (255, 256):
        yield Case(f"a name of {size} bytes", get(b"n" * size + b": y"))
        yield Case(f"a name of {size} bytes in the answer", get(), answer(b"n" * size + b": y", b"Content-Length: 2", body=b"ok"))
    for count in (98, 99, 100, 101, 150):
        many = [b"X%d: 1" % n for n in range(count)]
        yield Case(f"{count + 1} fields", get(*many))
        yield Case(f"{count + 1} fields in the answer", get(), answer(b"Content-Length: 0", *many))
    yield Case("line ends by LF", b"GET /p HTTP/1.1\nHost: a\nX: y\n\n")
    yield Case("line ends mixed", b"GET /p HTTP/1.1\r\nHost: a\nX: y\r\n\n")
    yield Case("CR CR LF", b"GET /p HTTP/1.1\r\nHost: a\r\r\n\r\n")
    yield Case("LF CR", b"GET /p HTTP/1.1\n\rHost: a\n\r\n\r")
    for cut in (20, 24, 27, 28):
        yield Case(f"head cut after {cut}", get()[:cut])
    yield Case("too large a head", get(b"X: " + b"v" * 17000))
    yield Case("too large an answer", get(), answer(b"Content-Length: 2", b"X: " + b"v" * 17000, body=b"ok"))


def connection():
    values = [b"close", b"Close", b"keep-alive", b"Keep-Alive, close", b"close, keep-alive", b"X-A, Foo", b"keep-alive, X-A", b"", b",", b"a,,close, b",
              b"TE, close", b"X-A, close, Foo", b"close,,a", b",close", b"close,", b"a , close , b", b"a, , close, b", b"close, close, a",
              b"a,keep-alive,,b", b"a, close ,,, b", b" ,a", b"closed", b"close;x", b'"close"', b"a\r\nConnection: close\r\nConnection: b"]
    for value in values:
        for version in (b"1.0", b"1.1"):
            yield Case(f"{version.decode()} Connection {shown(value)}", get(b"Connection: " + value, line=b"GET /p HTTP/" + version))
            yield Case(f"{version.decode()} answer's Connection {shown(value)}", get(),
                       answer(b"Connection: " + value, b"Content-Length: 2", line=b"HTTP/" + version + b" 200 OK", body=b"ok"))
    for value in (b"foo", b"websocket", b"websocket, foo", b"foo, websocket", b"h2c", b"", b"WebSocket"):
        for line in (b"Connection: upgrade", b"Connection: keep-alive, Upgrade", b"Connection: close, upgrade", b"X: y"):
            yield Case(f"Upgrade {shown(value)} {shown(line)}", get(line, b"Upgrade: " + value))
    key = b"Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ=="
    upgrade = [b"Connection: Upgrade", b"Upgrade: websocket", key]
    yield Case("WebSocket", get(*upgrade), answer(b"Connection: upgrade", b"Upgrade: websocket", b"Sec-WebSocket-Accept: x",
                                                  line=b"HTTP/1.1 101 Switching Protocols", body=b"frames"), close=True)
    yield Case("WebSocket refused", get(*upgrade))
    yield Case("Upgrade without field", get(b"Connection: upgrade"))
    for name, value in (("no", None), ("a short", b"AAAA"), ("a long", b"A" * 25), ("an odd", b"!" * 24)):
        keys = [b"Sec-WebSocket-Key: " + value] if value else []
        for version in (b"1.0", b"1.1"):
            line = b"GET /p HTTP/" + version
            yield Case(f"{version.decode()} WebSocket with {name} key", get(*upgrade[:2], *keys, line=line))
            yield Case(f"{version.decode()} WebSocket without Connection, with {name} key", get(upgrade[1], *keys, line=line))
    yield Case("WebSocket with two keys", get(*upgrade[:2], b"Sec-WebSocket-Key: A", key))
    yield Case("WebSocket among others", get(b"Connection: upgrade", b"Upgrade: foo", b"Upgrade: bar, websocket"))
    yield Case("WebSocket, then another", get(b"Connection: upgrade", b"Upgrade: websocket", b"Upgrade: foo"))
    yield Case("WebSocket with a version", get(b"Connection: upgrade", b"Upgrade: websocket/13"))
    yield Case("POST of WebSocket", post(*upgrade[:2]))
    switched = [b"Connection: upgrade", b"Upgrade: websocket"]
    yield Case("WebSocket without Accept", get(*upgrade), answer(*switched, line=b"HTTP/1.1 101 S", body=b"frames"), close=True)
    for version in (b"1.0", b"1.1"):
        for name, fields_ in (("Connection", [b"Connection: upgrade"]), ("Upgrade", [b"Upgrade: x"]),
                              ("both", [b"Connection: upgrade", b"Upgrade: x"]), ("neither", [])):
            line = b"GET /p HTTP/" + version
            yield Case(f"{version.decode()} {name} and no 101", get(*fields_, line=line))
            yield Case(f"{version.decode()} {name} and 101", get(*fields_, line=line),
                       answer(b"Connection: upgrade", b"Upgrade: x", line=b"HTTP/1.1 101 S", body=b"xyz"), close=True)
            body = post(*fields_, b"Content-Length: 3", line=b"POST /p HTTP/" + version, body=b"abc")
            yield Case(f"{version.decode()} {name} with a body and 101", body,
                       answer(b"Connection: upgrade", b"Upgrade: x", line=b"HTTP/1.1 101 S", body=b"xyz"), close=True)
            yield Case(f"{version.decode()} {name} with a body", body)
    asked = get(b"Connection: upgrade", b"Upgrade: x")
    yield Case("101 with a length", asked, answer(b"Connection: upgrade", b"Upgrade: x", b"Content-Length: 2", line=b"HTTP/1.1 101 S", body=b"xyz"),
               close=True)
    yield Case("101 to another protocol", asked, answer(b"Connection: upgrade", b"Upgrade: y", line=b"HTTP/1.1 101 S", body=b"xyz"), close=True)
    yield Case("101 without Upgrade", asked, answer(b"Connection: upgrade", line=b"HTTP/1.1 101 S", body=b"xyz"), close=True)
    yield Case("101 without Connection", asked, answer(b"Upgrade: x", line=b"HTTP/1.1 101 S", body=b"xyz"), close=True)
    yield Case("Upgrade in 1.0", get(b"Connection: upgrade", b"Upgrade: foo", line=b"GET /p HTTP/1.0"))
    yield Case("WebSocket in 1.0", get(b"Connection: upgrade", b"Upgrade: websocket", line=b"GET /p HTTP/1.0"))
    yield Case("Upgrade with a body", post(b"Connection: upgrade", b"Upgrade: foo", b"Content-Length: 3", body=b"abc"))
    yield Case("Upgrade with chunks", post(b"Connection: upgrade", b"Upgrade: foo", b"Transfer-Encoding: chunked", body=b"0\r\n\r\n"))
    yield Case("Upgrade with no length", post(b"Connection: upgrade", b"Upgrade: foo", b"Content-Length: 0"))
    yield Case("pipelined", get() + get(line=b"GET /2 HTTP/1.1") + get(line=b"GET /3 HTTP/1.0"))


def lengths():
    values = [b"3", b"03", b"0003", b"3,3", b"3, 3", b"3,4", b"3,", b",3", b"+3", b"-3", b"3a", b"0x3", b"3.0", b"3 3", b"", b" ", b"3\t", b'"3"',
              b"18446744073709551616", b"99999999999999999999", b"3\r\nContent-Length: 3", b"3\r\nContent-Length: 4",
              b"3\r\nContent-Length: 03", b"3\r\ncontent-length: 3\r\nCONTENT-LENGTH: 3"]
    for value in values:
        yield Case("length " + shown(value), post(b"Content-Length: " + value, body=b"abc"))
        yield Case("answer's length " + shown(value), get(), answer(b"Content-Length: " + value, body=b"abc"), close=True)
    codings = [b"chunked", b"Chunked", b"CHUNKED", b" chunked", b"chunked ", b"gzip, chunked", b"gzip,chunked", b"gzip\r\nTransfer-Encoding: chunked",
               b"chunked\r\nTransfer-Encoding: chunked", b"chunked, chunked", b"chunked, gzip", b"gzip", b"identity", b"", b"xchunked", b"chunkedx",
               b"chunked;a=b", b",chunked", b"chunked,", b"chunked\x0b", b'"chunked"', b"chun ked", b"\x0bchunked",
               b"chunked\r\nTransfer-Encoding: identity", b"identity, chunked"]
    for value in codings:
        for version in (b"1.1", b"1.0"):
            where = f"{version.decode()} coding {shown(value)}"
            yield Case(where, post(b"Transfer-Encoding: " + value, line=b"POST /p HTTP/" + version, body=b"3\r\nabc\r\n0\r\n\r\n"))
            yield Case("answer's " + where, get(), answer(b"Transfer-Encoding: " + value, line=b"HTTP/" + version + b" 200 OK",
                                                          body=b"3\r\nabc\r\n0\r\n\r\n"), close=True)
    for one, other in ((b"Content-Length: 5", b"Transfer-Encoding: chunked"), (b"Transfer-Encoding: chunked", b"Content-Length: 5"),
                       (b"Content-Length: x", b"Transfer-Encoding: chunked"), (b"Content-Length: 5", b"Transfer-Encoding: gzip")):
        yield Case(f"{shown(one)} and {shown(other)}", post(one, other, body=b"3\r\nabc\r\n0\r\n\r\n"))
        yield Case(f"answer with {shown(one)} and {shown(other)}", get(), answer(one, other, body=b"3\r\nabc\r\n0\r\n\r\n"), close=True)
    yield Case("GET with a body", get(b"Content-Length: 3", body=b"abc"))
    for method in (b"GET", b"HEAD", b"DELETE", b"POST", b"PUT", b"OPTIONS", b"TRACE", b"PATCH", b"FOO", b"get"):
        for version in (b"1.0", b"1.1"):
            line = method + b" /p HTTP/" + version
            yield Case(f"{method.decode()} with a body in {version.decode()}", get(b"Content-Length: 3", line=line, body=b"abc"))
            yield Case(f"{method.decode()} with no length in {version.decode()}", get(b"Content-Length: 0", line=line))
    yield Case("GET with chunks in 1.0", get(b"Transfer-Encoding: chunked", line=b"GET /p HTTP/1.0", body=b"0\r\n\r\n"))
    yield Case("1.0 GET kept alive with chunks", get(b"Connection: keep-alive", b"Transfer-Encoding: chunked", line=b"GET /p HTTP/1.0", body=b"0\r\n\r\n"))
    yield Case("1.0 POST kept alive with chunks", post(b"Connection: keep-alive", b"Transfer-Encoding: chunked", line=b"POST /p HTTP/1.0", body=b"0\r\n\r\n"))
    yield Case("1.0 Upgrade with a body", get(b"Connection: upgrade", b"Upgrade: foo", b"Content-Length: 3", line=b"GET /p HTTP/1.0", body=b"abc"))
    yield Case("HEAD with a body", post(b"Content-Length: 3", line=b"HEAD /p HTTP/1.1", body=b"abc"))
    yield Case("cut body", post(b"Content-Length: 5", body=b"abc"))


def chunks():
    bodies = [b"3\r\nabc\r\n0\r\n\r\n", b"3\nabc\n0\n\n", b"3;x=y\r\nabc\r\n0;z\r\n\r\n", b"3 ;x\r\nabc\r\n0\r\n\r\n", b"3 \r\nabc\r\n0\r\n\r\n",
              b" 3\r\nabc\r\n0\r\n\r\n", b"0x3\r\nabc\r\n0\r\n\r\n", b"+3\r\nabc\r\n0\r\n\r\n", b"-1\r\nabc\r\n0\r\n\r\n", b"g\r\nabc\r\n0\r\n\r\n",
              b"\r\n3\r\nabc\r\n0\r\n\r\n", b"3\r\nabcX\r\n0\r\n\r\n", b"3\r\nabc\rX0\r\n\r\n", b"3\rXabc\r\n0\r\n\r\n", b"3\r\nabc0\r\n\r\n",
              b"00000000000000000003\r\nabc\r\n0\r\n\r\n", b"ffffffffffffffff\r\nabc", b"10000000000000000\r\nabc", b"A\r\n0123456789\r\n00\r\n\r\n",
              b"3;" + b"x" * 3000 + b"\r\nabc\r\n0\r\n\r\n", b"3;\x01\xff\r\nabc\r\n0\r\n\r\n", b"3\r\nabc\r\n0\r\nX-T: y\r\n\r\n",
              b"3\r\nabc\r\n0\r\nX-T: y\r\n z\r\n\r\n", b"3\r\nabc\r\n0\r\nbad\r\n\r\n", b"3\r\nabc\r\n0\r\nX: y\n\n",
              b"3\r\nabc\r\n0\r\n"]
    for body in bodies:
        yield Case("chunks " + shown(body), post(b"Transfer-Encoding: chunked", body=body))
        yield Case("answer's chunks " + shown(body), get(), answer(b"Transfer-Encoding: chunked", body=body), close=True)
    for trailer in (b"Content-Length: x\r\n", b"Content-Length: 5\r\nContent-Length: 6\r\n", b"Content-Length: \r\n", b"Transfer-Encoding: foo\r\n",
                    b"Transfer-Encoding: chunked\r\nTransfer-Encoding: chunked\r\n", b"Host: b\r\nHost: c\r\n", b": v\r\n", b"T: v\r \r\n",
                    b"T: v\rX\r\n", b"n" * 255 + b": v\r\n", b"n" * 256 + b": v\r\n", b"X: y\r\n" * 99, b"X: y\r\n" * 105):
        yield Case("trailer " + shown(trailer), post(b"Transfer-Encoding: chunked", body=b"3\r\nabc\r\n0\r\n" + trailer + b"\r\n"))
        yield Case("answer's trailer " + shown(trailer), get(), answer(b"Transfer-Encoding: chunked", body=b"3\r\nabc\r\n0\r\n" + trailer + b"\r\n"),
                   close=True)
    for size in (4096, 8000, 16000):
        yield Case(f"an extension of {size} bytes", post(b"Transfer-Encoding: chunked", body=b"3;" + b"e" * size + b"\r\nabc\r\n0\r\n\r\n"))
    yield Case("blank before a trailer's colon", post(b"Transfer-Encoding: chunked", body=b"0\r\nX : y\r\n\r\n"))
    yield Case("framing fields as trailers", post(b"Transfer-Encoding: chunked", body=b"0\r\nContent-Length: 5\r\nHost: b\r\nX: y\r\n\r\n"))


def answers():
    lines = [b"HTTP/1.1 200", b"HTTP/1.1 200 ", b"HTTP/1.1 200 A B  C ", b"HTTP/1.1  200 OK", b"HTTP/1.1 200\tOK", b"HTTP/1.2 200 OK", b"HTTP/2.0 200 OK",
             b"HTTP/1.1 2x0 OK", b"HTTP/1.1", b"HTTP/1.1 ", b"http/1.1 200 OK", b"ICY 200 OK", b"HTTP/11 200 OK", b"HTTP/1.1 200OK", b"HTTP/1.1 600 x",
             b"HTTP/1.1 999 x", b"HTTP/1.1 299 \xff\x80", b"HTTP/1.0 200 OK", b"GARBAGE", b"HTTP/1.1 404 Not Found", b"HTTP/1.1 503 S"]
    for line in lines:
        yield Case("status line " + shown(line), get(), answer(b"Content-Length: 2", line=line, body=b"ok"), close=True)
    for line in (b"HTTP/1.1 20 OK", b"HTTP/1.1 2000 OK", b"HTTP/1.1 099 OK", b"HTTP/0.9 200 OK", b"RTSP/1.0 200 OK", b"HTTP/1.1 200 a\0b"):
        yield Case("status line " + shown(line), get(), answer(b"Content-Length: 2", line=line, body=b"ok"), close=True)
    head = get(line=b"HEAD /p HTTP/1.1")
    for fields_ in ((b"Content-Length: 5",), (b"Transfer-Encoding: chunked",), ()):
        yield Case(f"to HEAD {fields_}", head, answer(*fields_))
        yield Case(f"304 {fields_}", get(), answer(*fields_, line=b"HTTP/1.1 304 Not Modified"))
        yield Case(f"204 {fields_}", get(), answer(*fields_, line=b"HTTP/1.1 204 No Content"))
        yield Case(f"205 {fields_}", get(), answer(*fields_, line=b"HTTP/1.1 205 Reset Content"), close=True)
    yield Case("to HEAD with a body", head, answer(b"Content-Length: 2", body=b"ok"))
    final = answer(b"Content-Length: 2", body=b"ok")
    for status in (100, 102, 103, 110, 199):
        interim = b"HTTP/1.1 %d Interim\r\nX: y\r\n\r\n" % status
        yield Case(f"{status} and 200", get(), interim + final)
        yield Case(f"{status} and 200 to 1.0", get(line=b"GET /p HTTP/1.0"), interim + final)
    yield Case("102 with framing", get(), answer(b"Content-Length: 3", b"Transfer-Encoding: chunked", line=b"HTTP/1.1 102 P") + final)
    yield Case("three interim answers", get(), answer(line=b"HTTP/1.1 103 E") * 3 + final)
    yield Case("101 unasked", get(), answer(b"Connection: upgrade", b"Upgrade: x", line=b"HTTP/1.1 101 S", body=b"xyz"), close=True)
    yield Case("until close", get(), answer(body=b"hello"), close=True)
    yield Case("until close to 1.0", get(line=b"GET /p HTTP/1.0"), answer(body=b"hello"), close=True)
    yield Case("1.0 until close", get(), answer(line=b"HTTP/1.0 200 OK", body=b"hello"), close=True)
    yield Case("chunked to 1.0", get(line=b"GET /p HTTP/1.0"), answer(b"Transfer-Encoding: chunked", body=b"2\r\nok\r\n0\r\n\r\n"))
    yield Case("cut answer", get(), answer(b"Content-Length: 5", body=b"ok"), close=True)
    yield Case("cut chunk", get(), answer(b"Transfer-Encoding: chunked", body=b"5\r\nok"), close=True)
    yield Case("cut head", get(), b"HTTP/1.1 200 OK\r\nX: ", close=True)
    yield Case("empty answer", get(), b"", close=True)
    yield Case("more than the length", get(), answer(b"Content-Length: 2", body=b"okmore"))
    yield Case("before the answer", get(), b"\r\n" + final)
    yield Case("answer with LF", get(), b"HTTP/1.1 200 OK\nContent-Length: 2\n\nok")


def all_cases():
    for part in (request_lines, targets, bytes_everywhere, fields, connection, lengths, chunks, answers):
        yield from part()
