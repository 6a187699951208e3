"""The scenarios of compression_test.py: what is compressed, for whom, and what the client gets when it is decoded."""

import gzip
import zlib

from support.client import command
from support.compare import Scenario
from support.origin import answer, response

SCENARIOS = []

TEXT = b"".join(b"line %d of a text that can be made smaller\n" % i for i in range(400))


def decoded(answer):
    """What a browser shows, and whether it was smaller on its way."""
    coding = answer.header("content-encoding", "")
    if coding == "gzip":
        body = gzip.decompress(answer.body)
    elif coding == "deflate":
        try:
            body = zlib.decompress(answer.body)
            coding = "zlib"
        except zlib.error:
            body = zlib.decompress(answer.body, -15)
            coding = "raw"
    else:
        return "as it is", answer.body
    return coding + (" smaller" if len(answer.body) < len(body) else " larger"), body


def origin(body, *headers, status="200 OK", version="HTTP/1.1", length=True):
    lines = [line for line in headers if line]
    return answer(response(body, status=status, headers=lines, version=version, length=length), close=not length)


def chunked(body, *headers, trailers=b""):
    parts = [body[i:i + 5000] for i in range(0, len(body), 5000)]
    data = b"".join(b"%x\r\n%s\r\n" % (len(part), part) for part in parts) + b"0\r\n" + trailers + b"\r\n"
    head = "\r\n".join(["HTTP/1.1 200 OK", *headers, "Transfer-Encoding: chunked"]).encode() + b"\r\n\r\n"
    return answer(head + data)


def scenario(name, lines, behaviour=None, accept="gzip", method="GET", agent=None, requests=1, frontend=(), counted=True,
             request_lines=(), version="HTTP/1.1", more_global=(), **more):
    accept = [accept] if isinstance(accept, str) else accept or []

    def play(run):
        client = run.connect()
        head = [f"{method} /a {version}", "Host: h", *(f"Accept-Encoding: {text}" for text in accept),
                *([f"User-Agent: {agent}"] if agent else []), *request_lines]
        for _ in range(requests):
            client.send("\r\n".join(head).encode() + b"\r\n\r\n")
            got = client.response(method)
            how, body = decoded(got)
            run.note(got.head.decode("latin-1"), how, len(body), body == TEXT or body[:100], got.trailers)
        run.wait_log(r"\d+/\d+/\d+/\d+/", count=requests)
        if counted:
            for line in command(f"{run.directory}/admin", "show stat").splitlines():
                cells = line.split(",")
                if cells[0] in ("fe", "be") and cells[1] in ("FRONTEND", "BACKEND"):
                    given, made, bypassed, answers = (int(cells[i] or 0) for i in (51, 52, 53, 54))
                    run.note(cells[1], given // 10, "smaller" if 0 < made < given else "larger" if made else "nothing", bypassed, answers)

    SCENARIOS.append(Scenario(play, name=name, origins=[behaviour or origin(TEXT, "Content-Type: text/html")], lines=requests,
                              backend=[*lines, "server s1 127.0.0.1:@o1@"], frontend=list(frontend),
                              **{"global": ["stats socket @dir@/admin level admin", *more_global]}, **more))


GZIP = ["compression algo gzip"]
HTML = "Content-Type: text/html"

for accept in ("gzip", "GZIP", "deflate", "gzip, deflate", "deflate, gzip", "gzip;q=0", "gzip;q=0.5, deflate;q=0.9", "*", "*;q=0",
               "identity", "gzip;q=0, *", "br, gzip;q=0.1", "x-gzip", "gzip;level=3;q=0.5", "gzip ; q=0.0", "gzip;q=1.5", "", "gzipped",
               ["br", "gzip"], "deflate;q=0.5, *;q=0.4", "gzip;q=0.001"):
    for algorithms in ("gzip", "deflate", "gzip deflate", "deflate gzip", "raw-deflate gzip", "identity", "identity gzip"):
        scenario(f"{algorithms}: Accept-Encoding {accept}", [f"compression algo {algorithms}"], accept=accept)

scenario("nothing accepted", GZIP, accept=None)
scenario("nothing accepted, identity", ["compression algo identity"], accept=None)
for kind in ("text/html", "text/html; charset=utf-8", "TEXT/HTML", "text/plain", "text/htmlx", "multipart/mixed; boundary=x", "Multipart/x", "",
             "text/", "image/png"):
    for types in ("", "compression type text/html", "compression type text/ application/json"):
        scenario(f"{types or 'any type'}: {kind or 'no type'}", [*GZIP, types], origin(TEXT, f"Content-Type: {kind}" if kind else ""))
for status in ("200 OK", "201 Created", "202 Accepted", "203 Other", "204 No Content", "206 Partial Content", "301 Moved", "304 Not Modified",
               "404 Not Found", "500 Error"):
    scenario(f"status {status}", GZIP, origin(b"" if status[:3] in ("204", "304") else TEXT, HTML, status=status))
for field in ("Content-Encoding: gzip", "Content-Encoding: identity", "Content-Encoding: br", "Cache-Control: no-transform",
              "Cache-Control: public, no-transform", "Cache-Control: no-cache", 'ETag: "abc"', 'ETag: W/"abc"', "ETag: abc", "ETag: *",
              'ETag: "a"b"', 'ETag: "', "Vary: Cookie", "Vary: Accept-Encoding", "Vary: *", "Accept-Ranges: bytes", "Content-MD5: x",
              "Transfer-Encoding: gzip, chunked"):
    if field.startswith("Transfer"):
        continue
    scenario(f"answer with {field}", GZIP, origin(TEXT, HTML, field))
scenario("two ETags", GZIP, origin(TEXT, HTML, 'ETag: "a"', 'ETag: "b"'))
scenario("HTTP/1.0 server", GZIP, origin(TEXT, HTML, version="HTTP/1.0"))
scenario("until close", GZIP, origin(TEXT, HTML, length=False))
scenario("empty body", GZIP, origin(b"", HTML))
scenario("one byte", GZIP, origin(b"x", HTML))
scenario("chunked", GZIP, chunked(TEXT, HTML))
scenario("chunked, empty", GZIP, chunked(b"", HTML))
scenario("chunked with trailers", GZIP, chunked(TEXT, HTML, trailers=b"x-t: v\r\n"))
scenario("HEAD", GZIP, method="HEAD")
scenario("HTTP/1.0 client", GZIP, version="HTTP/1.0")
scenario("POST", GZIP, method="POST", request_lines=["Content-Length: 0"])
scenario("three requests", GZIP, requests=3)
scenario("offload", [*GZIP, "compression offload"])
scenario("offload without what is wanted", [*GZIP, "compression offload"], accept="br")
scenario("offload and an answer that is compressed", [*GZIP, "compression offload"], origin(TEXT, HTML, "Content-Encoding: br"))
for agent in ("Mozilla/5.0 (X11)", "Mozilla/4.0 (compatible; MSIE 6.0; Windows NT 5.1; SV1)", "Mozilla/4.0 (compatible; MSIE 6.0; Windows NT 5.1)",
              "Mozilla/4.0 (compatible; MSIE 7.0; Windows NT 6.0)", "Mozilla/4.0 (compatible; MSIE 5.5; Windows)", "Mozilla/4.08",
              "Mozilla/4.0 (compatible; MSIE 8.0; Windows NT 6.0)", "Mozilla/40"):
    scenario(f"agent {agent}", GZIP, agent=agent)
scenario("in the frontend", [], frontend=GZIP)
scenario("in both", ["compression algo deflate"], frontend=GZIP, accept="gzip, deflate")
scenario("types in the frontend", GZIP, frontend=["compression type text/plain"])
scenario("algorithm in the frontend, type in the backend", ["compression type text/plain"], frontend=GZIP)
scenario("in defaults", [], defaults=GZIP)
scenario("in defaults and the backend", ["compression algo deflate"], defaults=GZIP, accept="deflate")
scenario("in defaults and the backend, the first", ["compression algo deflate"], defaults=GZIP)
scenario("a page of the proxy", [*GZIP, "http-request return status 200 content-type text/html string aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa"])
scenario("rules see the answer of the server", [*GZIP, "http-response set-header x-saw %[res.hdr(content-encoding)]",
                                                "http-response del-header etag"], origin(TEXT, HTML, 'ETag: "a"'))
scenario("rules behind", [*GZIP, "http-after-response set-header x-saw %[res.hdr(content-encoding)],%[res.comp],%[res.comp_algo]"])
scenario("filter compression", [*GZIP, "filter compression"])
scenario("logged", GZIP, defaults=[r'log-format "0/0/0/0/ %[res.comp] %[res.comp_algo] %ST"'])
scenario("server compresses itself", GZIP, origin(gzip.compress(TEXT, mtime=0), HTML, "Content-Encoding: gzip"))
scenario("range", GZIP, origin(TEXT[:100], HTML, "Content-Range: bytes 0-99/9", status="206 Partial Content"), request_lines=["Range: bytes=0-99"])
