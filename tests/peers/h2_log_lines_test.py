#!/usr/bin/env python3
"""log_lines_test.py with clients of HTTP/2: the same traffic through Debian's haproxy and through lbd; log lines, answers and
what the origins receive must be the same.

What the client notes of an answer is its status, its body and whether it was ended or reset: how frames are cut is free.
"""

import os
import sys

sys.path.insert(0, os.path.dirname(os.path.dirname(os.path.abspath(__file__))))

from peers.log_lines_test import compare  # noqa: E402
from support import h2, origin  # noqa: E402
from support.compare import Scenario  # noqa: E402
from support.h2 import H2Client  # noqa: E402
from support.origin import answer, raw_answer, response  # noqa: E402

SCENARIOS = []
HEAD = b"HTTP/1.1 200 OK\r\n"
MANY = b"x" * 200_000


def scenario(**parts):
    def register(function):
        def client(run):
            run.h2 = []
            function(run)
            for connection in run.h2:
                connection.close()

        SCENARIOS.append(Scenario(client, function.__name__, **({"bind": "proto h2"} | parts)))
        return function

    return register


def connect(run, **more):
    client = H2Client(run.listeners["fe"].getsockname(), **more)
    run.h2.append(client)
    client.settled()
    return client


def note(run, client, stream):
    try:
        got = client.answer(stream, 4)
    except TimeoutError:
        got = client.answers[stream]
        run.note("stays open", got.status, len(got.body))
        return
    body = bytes(got.body) if len(got.body) < 2000 else f"{len(got.body)} bytes"
    run.note("answer", got.status, body, got.trailers or "", "ended" if got.ended else "reset" if got.reset else "closed",
             *sorted(name for name, _ in got.fields or []))


def exchange(run, *arguments, client=None, body=None, trailers=None, **more):
    client = client or connect(run)
    stream = client.open(*arguments, end=body is None and trailers is None, **more)
    if body is not None or trailers is not None:
        client.send_body(stream, body or b"", True, trailers)
    note(run, client, stream)
    return client


# --------------------------------------------------------------------------- ordinary exchanges

@scenario(origins=[answer()])
def get(run):
    exchange(run, "/path?query=1", headers=[("user-agent", "test"), ("x-field", "Value"), ("accept", "*/*")])


@scenario(origins=[answer()], lines=3)
def several(run):
    client = connect(run)
    for number in range(3):
        exchange(run, f"/{number}", client=client)


@scenario(origins=[answer()])
def post_with_length(run):
    exchange(run, "/", "POST", [("content-length", "1000")], body=b"a" * 1000)


@scenario(origins=[answer()])
def post_without_body(run):
    exchange(run, "/", "POST")


@scenario(origins=[answer()])
def post_of_length_0(run):
    exchange(run, "/", "POST", [("content-length", "0")])


@scenario(origins=[answer()])
def put_of_empty_data(run):
    exchange(run, "/", "PUT", body=b"")


@scenario(origins=[answer()])
def get_with_body(run):
    exchange(run, "/", "GET", [("content-length", "4")], body=b"body")


@scenario(origins=[answer()])
def delete_with_body(run):
    exchange(run, "/", "DELETE", [("content-length", "4")], body=b"body")


@scenario(origins=[answer()])
def fields_in_their_order(run):
    exchange(run, "/", headers=[("b", "1"), ("cookie", "a=1"), ("a", "2"), ("cookie", "b=2"), ("te", "trailers"), ("a", "3")])


@scenario(origins=[answer()])
def host_without_authority(run):
    exchange(run, "/", authority=None, headers=[("host", "other.test")])


@scenario(origins=[answer()])
def host_and_another_authority(run):
    exchange(run, "/", headers=[("x", "1"), ("host", "other.test")])


@scenario(origins=[answer()])
def scheme_https_in_clear(run):
    exchange(run, "/", scheme="https")


@scenario(origins=[answer()])
def options_of_the_server(run):
    exchange(run, "*", "OPTIONS")


@scenario(origins=[answer()])
def method_of_ones_own(run):
    exchange(run, "/", "BREW")


@scenario(origins=[answer(response(b"12345"))])
def head_request(run):
    exchange(run, "/", "HEAD")


@scenario(origins=[answer(b"HTTP/1.1 204 No Content\r\n\r\n")])
def no_content(run):
    exchange(run)


@scenario(origins=[answer(b"HTTP/1.1 304 Not Modified\r\nETag: \"a\"\r\n\r\n")])
def not_modified(run):
    exchange(run, headers=[("if-none-match", '"a"')])


@scenario(origins=[answer(HEAD + b"Transfer-Encoding: chunked\r\nTrailer: X-Sum\r\n\r\n4\r\nabcd\r\n2\r\nef\r\n0\r\nX-Sum: 1\r\n\r\n")])
def chunked_answer_with_trailer(run):
    exchange(run)


@scenario(origins=[answer(HEAD + b"Transfer-Encoding: chunked\r\n\r\n4\r\nabcd\r\n0\r\n\r\n")])
def chunked_answer(run):
    exchange(run)


@scenario(origins=[raw_answer(b"HTTP/1.0 200 OK\r\nContent-Type: text/plain\r\n\r\n", b"until the end")])
def answer_until_close(run):
    exchange(run)


@scenario(origins=[answer(b"HTTP/1.1 103 Early Hints\r\nLink: </a>\r\n\r\n" + response())])
def early_hints(run):
    exchange(run)


@scenario(origins=[answer(response(MANY))])
def large_answer(run):
    exchange(run)


@scenario(origins=[answer(response(b"ok", headers=["Connection: x-hop", "X-Hop: 1", "Keep-Alive: 5", "X-End: 1"]))])
def fields_of_the_connection(run):
    exchange(run)


@scenario(origins=[answer()], frontend=["capture request header host len 20", "capture request header cookie len 20",
                                        "capture response header content-length len 5", "capture cookie b len 10"])
def captures(run):
    exchange(run, headers=[("cookie", "a=1"), ("cookie", "b=2")])


@scenario(origins=[answer()], frontend='log-format "%HM %HP %HQ %HU %HV %[fc_http_major] %r %ST %U %B %tsc %[capture.req.ver] '
                                       '%[capture.req.uri] %[capture.req.method]"')
def parts_of_the_request(run):
    exchange(run, "/path/here?query=1&b=2", "POST", body=b"12345")


@scenario(origins=[answer()], defaults="option logasap")
def logasap(run):
    exchange(run)


@scenario(origins=[answer(response(b"x" * 5000))], frontend='log-format "%ST %U %B"', lines=2)
def counted_bytes(run):
    client = exchange(run, "/first", headers=[("a", "b" * 100)])
    exchange(run, "/second", "POST", [("content-length", "3000")], body=b"x" * 3000, client=client)


@scenario(origins=[answer()], frontend=["unique-id-format %{+X}o\\ %rt", "unique-id-header X-Unique-Id"],
          blur=[(r"x-unique-id: [0-9A-F]+", "x-unique-id: N")])
def unique_id(run):
    exchange(run)


@scenario(origins=[answer()], defaults=["option forwardfor", "option originalto"])
def forwarded_for(run):
    exchange(run)


# --------------------------------------------------------------------------- answers of the proxy

RULES = ["http-request deny if { path /deny }", "http-request deny deny_status 429 if { path /many }",
         "http-request redirect location /there if { path /redirect }",
         "http-request redirect prefix http://other.test if { path_beg /prefix }",
         "http-request redirect scheme https if { path_beg /scheme }",
         "http-request return status 200 content-type text/plain string here if { path /return }",
         "http-request auth realm x if { path /auth }", "http-request tarpit if { path /tarpit }", "timeout tarpit 100",
         "http-request silent-drop if { path /drop }", "http-request reject if { path /reject }", "monitor-uri /monitor",
         "use_backend none if { path /none }"]


def of_the_proxy(path, lines=1, **more):
    def client(run):
        exchange(run, path, **more)

    client.__name__ = "own" + path.replace("/", "_") + ("_with_body" if "body" in more else "")
    scenario(origins=[answer()], frontend=RULES, more="backend none", lines=lines)(client)


for target in ("/deny", "/many", "/redirect", "/prefix/a?b=c", "/scheme/a", "/return", "/auth", "/tarpit", "/reject", "/none"):
    of_the_proxy(target)
of_the_proxy("/monitor", 0)
of_the_proxy("/deny", method="POST", body=b"body")
of_the_proxy("/return", method="POST", body=b"body")


@scenario(origins=[answer()], frontend=RULES, more="backend none")
def own_drop(run):
    client = connect(run)
    client.open("/drop")
    run.wait_log("fe/<NOSRV>")


@scenario(origins=[answer()], frontend=RULES, more="backend none")
def deny_while_the_body_comes(run):
    client = connect(run)
    stream = client.open("/deny", "POST", [("content-length", "100000")], end=False)
    client.data(stream, b"x" * 1000)
    note(run, client, stream)


@scenario(origins=[answer(response(b"secret"))], frontend="http-response deny if { status 200 }")
def answer_denied(run):
    exchange(run)


@scenario(origins=[answer()], frontend="errorfile 403 @dir@/403.http\n    http-request deny",
          files={"403.http": "HTTP/1.0 403 Forbidden\r\nContent-Type: text/plain\r\nContent-Length: 4\r\n\r\nown\n"})
def errorfile(run):
    exchange(run)


@scenario(origins=[answer()], frontend=["stats enable", "stats uri /stats"], blur=[(r"answer 200 .*ended", "answer 200 page ended")])
def statistics(run):
    exchange(run, "/stats;csv")


# --------------------------------------------------------------------------- clients that leave

def leaving(name, before=lambda run, client: None, body=None, answered=False, lines=1, path="/", **parts):
    """Three clients: one resets its stream, one its connection, one closes its connection."""
    def of(way):
        def client(run):
            connection = connect(run)
            stream = connection.open(path, "POST" if body is not None else "GET", end=body is None)
            if body:
                connection.data(stream, body)
            if answered:
                connection.until(lambda: stream in connection.answers and connection.answers[stream].body)
            before(run, connection)
            connection.settled()
            if way == "cancels":
                connection.reset(stream)
                connection.settled()
                run.wait_log(f" {path} |h2.test{path} ")
            elif way == "resets":
                connection.reset_connection()
            elif way == "closes":
                connection.close()
            else:
                connection.socket.shutdown(1)
                run.wait_log(f" {path} |h2.test{path} ")

        client.__name__ = f"{way}_{name}"
        scenario(lines=lines, **parts)(client)

    for each in ("cancels", "resets", "closes", "half_closes"):
        of(each)


def seen(run, _):
    run.wait_seen()


def half_then_wait(peer):
    peer.head()
    peer.send(HEAD + b"Content-Length: 100\r\n\r\nhalf")
    peer.wait_close()


leaving("while_the_server_thinks", seen, origins=[origin.silent], defaults="timeout server 600")
leaving("while_the_server_thinks_abortonclose", seen, origins=[origin.silent], defaults=["timeout server 600", "option abortonclose"])
leaving("in_the_request_body", seen, body=b"half", origins=[origin.silent], defaults="timeout server 600")
leaving("in_the_answer", answered=True, origins=[half_then_wait], defaults="timeout server 600")
leaving("while_connecting", backend=["timeout connect 400", "retries 0", "server s1 127.0.0.1:@hang@"])
leaving("while_connecting_abortonclose", defaults="option abortonclose",
        backend=["timeout connect 400", "retries 0", "server s1 127.0.0.1:@hang@"])
leaving("in_the_tarpit", path="/tarpit", origins=[answer()], frontend=["timeout tarpit 400", "http-request tarpit"])
leaving("while_its_body_is_waited_for", body=b"half", origins=[answer()], frontend="http-request wait-for-body time 400ms")
leaving("while_its_body_is_buffered", body=b"half", origins=[answer()], defaults="option http-buffer-request")


def first_waits(peer):
    head = peer.head()
    if b"GET /slow" in head:
        peer.wait_close()
    else:
        peer.send(response())
        peer.wait_close()


def in_queue(name, *options):
    @scenario(origins=[first_waits], defaults=["timeout server 900", *options], lines=2,
              backend="server s1 127.0.0.1:@o1@ maxconn 1")
    def client(run):
        slow = connect(run)
        first = slow.open("/slow")
        run.wait_seen()
        queued = connect(run)
        stream = queued.open("/queued")
        queued.settled()
        queued.reset(stream)
        run.wait_log("/queued ")
        note(run, slow, first)

    SCENARIOS[-1].name = name


in_queue("cancels_in_queue")
in_queue("cancels_in_queue_abortonclose", "option abortonclose")


@scenario(origins=[answer()])
def cancels_in_the_same_piece(run):
    connection = connect(run)
    connection.send(h2.frame(h2.HEADERS, h2.END_HEADERS | h2.END_STREAM, 1, connection.block(connection.request_fields()))
                    + h2.frame(h2.RST_STREAM, 0, 1, b"\0\0\0\x08"))


@scenario(origins=[answer()], lines=0)
def opens_and_closes(run):
    connect(run)


@scenario(origins=[answer()], lines=0)
def closes_without_a_byte(run):
    H2Client(run.listeners["fe"].getsockname(), preface=False).close()


@scenario(origins=[answer()], lines=0, defaults="timeout client 100")
def says_nothing(run):
    client = H2Client(run.listeners["fe"].getsockname(), preface=False)
    run.note("closed", client.wait_closed())
    client.close()


@scenario(origins=[answer()], lines=0, defaults="timeout client 100")
def says_nothing_behind_the_preface(run):
    run.note("closed", connect(run).wait_closed())


# --------------------------------------------------------------------------- timeouts

@scenario(origins=[origin.silent], defaults="timeout server 100")
def server_too_slow(run):
    exchange(run)


@scenario(origins=[half_then_wait], defaults="timeout server 100")
def server_too_slow_in_the_body(run):
    exchange(run)


@scenario(backend=["timeout connect 100", "retries 0", "server s1 127.0.0.1:@hang@"])
def server_does_not_connect(run):
    exchange(run)


@scenario(origins=[answer()], frontend="http-request wait-for-body time 100ms")
def body_does_not_come(run):
    client = connect(run)
    stream = client.open("/", "POST", end=False)
    client.data(stream, b"half")
    note(run, client, stream)


@scenario(origins=[answer()], defaults=["option http-buffer-request", "timeout http-request 100"])
def buffered_body_does_not_come(run):
    client = connect(run)
    stream = client.open("/", "POST", end=False)
    client.data(stream, b"half")
    note(run, client, stream)


@scenario(origins=[origin.silent], defaults=["timeout client 100", "timeout server 600"])
def client_too_slow_in_its_body(run):
    client = connect(run)
    stream = client.open("/", "POST", end=False)
    client.data(stream, b"half")
    note(run, client, stream)


@scenario(origins=[answer(response(MANY))], defaults=["timeout client 200", "timeout server 600"])
def client_opens_no_window(run):
    client = connect(run, settings={h2.INITIAL_WINDOW_SIZE: 10}, credit=False)
    note(run, client, client.open())


# --------------------------------------------------------------------------- servers

@scenario(origins=[origin.close_after_request])
def server_closes_without_answer(run):
    exchange(run)


@scenario(origins=[origin.reset_after_request])
def server_resets(run):
    exchange(run)


@scenario(backend="server s1 127.0.0.1:@refused@\n    retries 0")
def server_refuses(run):
    exchange(run)


@scenario(backend="server s1 127.0.0.1:@refused@ disabled")
def no_server(run):
    exchange(run)


@scenario(origins=[raw_answer(b"this is no HTTP\r\n\r\n")])
def server_speaks_something_else(run):
    exchange(run)


@scenario(origins=[raw_answer(HEAD + b"Content-Length: 100\r\n\r\nhalf")])
def server_closes_in_the_body(run):
    exchange(run)


@scenario(origins=[raw_answer(HEAD + b"Transfer-Encoding: chunked\r\n\r\n4\r\nhalf\r\n")])
def server_closes_between_chunks(run):
    exchange(run)


@scenario(origins=[raw_answer(HEAD + b"Transfer-Encoding: chunked\r\n\r\n4\r\nhalf\r\nno chunk\r\n")])
def server_sends_a_wrong_chunk(run):
    exchange(run)


@scenario(origins=[raw_answer(HEAD + b"Content-Le")])
def server_closes_in_the_head(run):
    exchange(run)


@scenario(origins=[raw_answer(response(b"too large", "413 Content Too Large"), hold=True)])
def server_answers_before_the_body(run):
    client = connect(run)
    stream = client.open("/", "POST", [("content-length", "100000")], end=False)
    got = client.head(stream)
    client.until(lambda: got.ended or got.reset or len(got.body) == 9)
    client.reset(stream)


CUT = "haproxy ends a body that was cut as if it were whole"
ANSWERED = "the client is told; haproxy resets the stream, and logs the exchange or not"
LEFT = "haproxy learns of it only when the server's time is over"
WAITING = "it never came to a backend, and the manual has R for a request that is not whole (8.5)"
# Where lbd is meant to differ, with the reason.
KNOWN = {
    "options_of_the_server": "the target of OPTIONS * is * (RFC 9113, 8.3.1)",
    "chunked_answer": "haproxy counts one byte more in %B where chunks end",
    "answer_denied": "%B does not count an answer that was not sent (manual 8.2.3, bytes_read)",
    "statistics": "the page has a length",
    "closes_in_the_request_body": "a client that leaves in its body is not answered",
    "half_closes_in_the_request_body": "a client that leaves in its body is not answered",
    **dict.fromkeys((f"{way}_in_the_answer" for way in ("cancels", "resets", "closes", "half_closes")), LEFT),
    **dict.fromkeys((f"{way}_while_connecting{more}" for way in ("resets", "closes", "half_closes")
                     for more in ("", "_abortonclose")), "%B counts the answer although nobody reads it; haproxy waits longer"),
    **dict.fromkeys((f"{way}_in_the_tarpit" for way in ("cancels", "resets", "closes", "half_closes")),
                    "%B counts the answer; the tarpit lasts as long as it is told"),
    **dict.fromkeys((f"{way}_while_its_body_is_{what}" for way in ("cancels", "resets", "closes", "half_closes")
                     for what in ("waited_for", "buffered")), WAITING),
    "cancels_in_the_same_piece": "a request that is already cancelled goes to no server",
    "server_does_not_connect": ANSWERED,
    "server_closes_without_answer": ANSWERED,
    "server_resets": ANSWERED,
    "server_closes_in_the_head": ANSWERED,
    "server_too_slow_in_the_body": CUT,
    "server_closes_in_the_body": CUT,
    "server_closes_between_chunks": CUT,
    "client_opens_no_window": CUT,
    "client_too_slow_in_its_body": "the silent client is told 408; haproxy lets the server time out and answers 504",
    "server_answers_before_the_body": "the exchange is over with the answer (RFC 9113, 8.1)",
}

if __name__ == "__main__":
    h2.need_hpack()
    sys.exit(compare(SCENARIOS, KNOWN, "log lines of HTTP/2"))
