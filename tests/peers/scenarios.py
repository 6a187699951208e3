"""The scenarios of log_lines_test.py: for each a configuration, origins that behave in a certain way, and a client.

A scenario is a function of the running comparison (support/compare.py), registered by the decorator with what differs from
the common configuration. Waits are for something seen (a log line, a request at the origin), never for time to pass,
except where the time is the matter.
"""

import contextlib
import hashlib
import struct

from support import origin
from support.client import Closed
from support.compare import Scenario
from support.origin import answer, raw_answer, response

SCENARIOS = []

HEAD = b"HTTP/1.1 200 OK\r\n"
MANY = b"x" * 200_000
UPGRADE = ["Connection: Upgrade", "Upgrade: websocket", "Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==",
           "Sec-WebSocket-Version: 13"]


def scenario(**parts):
    def register(function):
        SCENARIOS.append(Scenario(function, **parts))
        return function

    return register


# --------------------------------------------------------------------------- ordinary exchanges

@scenario(origins=[answer()])
def get(run):
    run.get("/path?query=1", headers=["User-Agent: test", "X-Mixed-Case: Value", "Accept: */*"])


@scenario(origins=[answer()])
def post_with_length(run):
    run.get("/post", "POST", body=b"a" * 1000)


@scenario(origins=[answer()])
def post_chunked(run):
    client = run.connect()
    client.send("POST / HTTP/1.1\r\nHost: test\r\nTransfer-Encoding: chunked\r\n\r\n")
    client.send("5\r\nhello\r\n3;name=value\r\nabc\r\n0\r\nX-Trailer: t\r\n\r\n")
    run.note_response(client)


@scenario(origins=[answer(HEAD + b"Transfer-Encoding: chunked\r\nTrailer: X-Sum\r\n\r\n4\r\nabcd\r\n2\r\nef\r\n0\r\nX-Sum: 1\r\n\r\n")])
def chunked_answer_with_trailer(run):
    run.get()


@scenario(origins=[answer(HEAD + b"Transfer-Encoding: chunked\r\n\r\n4\r\nabcd\r\n0\r\n\r\n")])
def chunked_answer_to_http_1_0_client(run):
    run.get(version="HTTP/1.0")


@scenario(origins=[answer(response(b"12345"))])
def head_request(run):
    run.get(method="HEAD")


@scenario(origins=[answer(b"HTTP/1.1 204 No Content\r\n\r\n")])
def no_content(run):
    run.get()


@scenario(origins=[answer(b"HTTP/1.1 304 Not Modified\r\nETag: \"a\"\r\n\r\n")])
def not_modified(run):
    run.get(headers=['If-None-Match: "a"'])


@scenario(origins=[raw_answer(b"HTTP/1.0 200 OK\r\nContent-Type: text/plain\r\n\r\n", b"until the end")])
def answer_until_close(run):
    client = run.connect()
    run.get(client=client)
    run.note_end(client)


@scenario(origins=[answer()])
def http_1_0_client(run):
    client = run.connect()
    run.get(client=client, version="HTTP/1.0")
    run.note_end(client)


@scenario(origins=[answer()], lines=2)
def http_1_0_keep_alive(run):
    client = run.connect()
    run.get("/1", client=client, version="HTTP/1.0", headers=["Connection: keep-alive"])
    run.get("/2", client=client, version="HTTP/1.0")
    run.note_end(client)


@scenario(origins=[answer()], lines=3)
def keep_alive(run):
    client = run.connect()
    for number in range(3):
        run.get(f"/{number}", client=client)
        run.wait_log("GET /%d " % number)


@scenario(origins=[answer()], lines=3)
def pipelining(run):
    client = run.connect()
    client.request("/1").request("/2").request("/3")
    for _ in range(3):
        run.note_response(client)


@scenario(origins=[answer()])
def connection_close(run):
    client = run.connect()
    run.get(client=client, headers=["Connection: close"])
    run.note_end(client)


@scenario(origins=[answer()], lines=2, defaults="option http-server-close")
def http_server_close(run):
    client = run.connect()
    run.get("/1", client=client)
    run.wait_log("GET /1 ")
    run.get("/2", client=client)


@scenario(origins=[answer()], defaults="option httpclose")
def httpclose(run):
    client = run.connect()
    run.get(client=client)
    run.note_end(client)


@scenario(origins=[answer(close=True)], lines=2)
def server_closes_each_time(run):
    client = run.connect()
    run.get("/1", client=client)
    run.wait_log("GET /1 ")
    run.get("/2", client=client)


@scenario(origins=[answer(response(headers=["Connection: close"]), close=True)], lines=2)
def server_says_close(run):
    client = run.connect()
    run.get("/1", client=client)
    run.wait_log("GET /1 ")
    run.get("/2", client=client)


def _reply_after_continue(peer):
    head = peer.head()
    peer.send(b"HTTP/1.1 100 Continue\r\n\r\n")
    peer.body(head)
    peer.send(response(b"done"))
    peer.head()


@scenario(origins=[_reply_after_continue])
def expect_continue(run):
    client = run.connect()
    client.send("POST / HTTP/1.1\r\nHost: test\r\nContent-Length: 5\r\nExpect: 100-continue\r\n\r\n")
    run.note_response(client)
    client.send("hello")
    run.note_response(client)


@scenario(origins=[raw_answer(b"HTTP/1.1 103 Early Hints\r\nLink: </a.css>\r\n\r\n", response(), hold=True)])
def early_hints(run):
    client = run.connect()
    client.request()
    run.note_response(client)
    run.note_response(client)


SWITCHED = (b"HTTP/1.1 101 Switching Protocols\r\nConnection: Upgrade\r\nUpgrade: websocket\r\n"
            b"Sec-WebSocket-Accept: s3pPLMBiTxaQ9kYGzzhZRbK+xOo=\r\n\r\n")


def _websocket(peer):
    peer.head()
    peer.send(SWITCHED)
    peer.send(b"welcome")
    origin.echo(peer)


@scenario(origins=[_websocket])
def websocket_tunnel(run):
    client = run.connect()
    client.request(headers=UPGRADE)
    run.note_response(client)
    run.note(client.read_exactly(7))
    client.send("ping")
    run.note(client.read_exactly(4))
    client.half_close()
    run.note_end(client)


def _websocket_that_ends(peer):
    peer.head()
    peer.send(SWITCHED + b"good bye")


@scenario(origins=[_websocket_that_ends])
def websocket_ended_by_server(run):
    client = run.connect()
    client.request(headers=UPGRADE)
    run.note_response(client)
    run.note(client.read_exactly(8))
    run.note_end(client)
    run.wait_log("GET ")  # the client needs not go for it


@scenario(origins=[answer()])
def websocket_without_key(run):
    run.get(headers=UPGRADE[:2])


@scenario(origins=[answer()])
def upgrade_refused_by_server(run):
    run.get(headers=UPGRADE)


def _connect_tunnel(peer):
    peer.head()
    peer.send(b"HTTP/1.1 200 Connected\r\n\r\n")
    origin.echo(peer)


@scenario(origins=[_connect_tunnel])
def connect_tunnel(run):
    client = run.connect()
    client.send("CONNECT example.org:443 HTTP/1.1\r\nHost: example.org:443\r\n\r\n")
    run.note_response(client, "CONNECT")
    client.send("ping")
    run.note(client.read_exactly(4))
    client.half_close()
    run.note_end(client)


@scenario(origins=[_websocket], defaults="timeout tunnel 400")
def tunnel_timeout(run):
    client = run.connect()
    client.request(headers=UPGRADE)
    run.note_response(client)
    run.note(client.read_exactly(7))
    run.note_end(client)


@scenario(origins=[answer()], defaults="option forwardfor")
def forwardfor(run):
    run.get(headers=["X-Forwarded-For: 192.0.2.1"])


@scenario(origins=[answer()], defaults="option forwardfor except 127.0.0.0/8 header X-Client if-none")
def forwardfor_except(run):
    run.get()


@scenario(origins=[answer()], defaults="option forwardfor header X-Client if-none", lines=2)
def forwardfor_if_none(run):
    run.get("/1", headers=["x-client: 192.0.2.9"])
    run.wait_log("GET /1 ")
    run.get("/2")


@scenario(origins=[answer(response(headers=["Set-Cookie: a=1", "Set-Cookie: b=2", "X-UPPER: Y", "Date: now"]))])
def header_order_and_case(run):
    run.get(headers=["ZZ-Last: 1", "aa-first: 2", "Cookie: a=b", "X-Empty:", "X-Spaces:    padded   ", "zz-last: 3"])


@scenario(origins=[answer(response(headers=["Keep-Alive: timeout=5", "Connection: X-Hop", "X-Hop: 1"]))])
def hop_by_hop_headers(run):
    run.get(headers=["Connection: keep-alive, X-Mine", "X-Mine: 1", "Keep-Alive: 300", "Proxy-Connection: keep-alive",
                     "TE: trailers"])


@scenario(origins=[answer()], lines=2)
def absolute_uri(run):
    run.get("http://test/path")
    run.wait_log("http://test/path ")
    run.get("http://other:8080/path", host="other:8080")


@scenario(origins=[answer()])
def absolute_uri_and_another_host(run):
    run.get("http://other/path", host="test")


@scenario(origins=[answer()])
def absolute_uri_without_host(run):
    run.get("http://other/path", host=None)


@scenario(origins=[answer(response(b"y" * (1 << 20)))])
def large_answer(run):
    got = run.connect().get("/big")
    run.note(got.status, hashlib.sha256(got.body).hexdigest())


@scenario(origins=[answer()])
def large_upload(run):
    run.get("/up", "POST", body=bytes(range(256)) * 4096)


# Where the line ends depends on the digits of process id, ports and times before it.
@scenario(origins=[answer()], blur=[("a{880,940}$", "a...")])
def long_uri_in_log(run):
    run.get("/" + "a" * 3000)


@scenario(origins=[answer()])
def special_bytes_in_log(run):
    run.get('/a"b|c{d}%41#frag', headers=["X: 1"])


@scenario(origins=[answer(response(headers=["Server: origin", "Content-Type: text/x"]))],
          frontend=["capture request header Host len 20", "capture request header User-Agent len 4",
                    "capture request header Absent len 8", "capture response header Server len 10",
                    "capture response header Content-Type len 20", "capture cookie SESSION len 12"])
def captures(run):
    run.get(headers=["User-Agent: tester/1.0", "Cookie: a=b; SESSION=value"])


@scenario(origins=[answer()], frontend="bind \"fd@${fe2}\"", lines=2)
def two_listeners(run):
    run.get("/1")
    run.wait_log("GET /1 ")
    run.get("/2", client=run.connect(listener="fe2"))


@scenario(origins=[origin.name("one"), origin.name("two"), origin.name("three")], lines=6,
          backend=["balance roundrobin", "server s1 127.0.0.1:@o1@", "server s2 127.0.0.1:@o2@", "server s3 127.0.0.1:@o3@"])
def round_robin(run):
    for number in range(6):
        run.get(f"/{number}")
        run.wait_log(f"GET /{number} ")


@scenario(origins=[origin.name("one"), origin.name("two")], lines=6,
          backend=["balance roundrobin", "server s1 127.0.0.1:@o1@ weight 2", "server s2 127.0.0.1:@o2@ weight 1"])
def weights(run):
    for number in range(6):
        run.get(f"/{number}")
        run.wait_log(f"GET /{number} ")


# --------------------------------------------------------------------------- the client leaves

@scenario(origins=[answer()])
def client_says_nothing(run):
    run.connect().close()


@scenario(origins=[answer()], defaults="option dontlognull", lines=1)
def client_says_nothing_dontlognull(run):
    run.connect().close()
    run.get("/after")


@scenario(origins=[answer()])
def client_leaves_in_request_head(run):
    client = run.connect()
    client.send("GET / HTTP/1.1\r\nHost: te")
    client.close()


@scenario(origins=[answer()])
def client_half_closes_in_request_head(run):
    client = run.connect()
    client.send("GET / HTTP/1.1\r\nHost: te")
    client.half_close()
    run.note_end(client)


@scenario(origins=[answer()], defaults="option http-ignore-probes")
def client_says_nothing_ignore_probes(run):
    run.connect().close()
    run.get("/after")


def _drain_then_answer(peer):
    head = peer.head()
    peer.body(head)
    peer.send(response())
    peer.wait_close()


@scenario(origins=[_drain_then_answer])
def client_leaves_in_request_body(run):
    client = run.connect()
    client.send("POST / HTTP/1.1\r\nHost: test\r\nContent-Length: 1000\r\n\r\nhalf")
    run.wait_seen()
    client.reset()


@scenario(origins=[_drain_then_answer], defaults="option abortonclose")
def client_leaves_in_request_body_abortonclose(run):
    client = run.connect()
    client.send("POST / HTTP/1.1\r\nHost: test\r\nContent-Length: 1000\r\n\r\nhalf")
    run.wait_seen()
    client.close()


@scenario(backend=["timeout connect 600", "retries 0", "server s1 127.0.0.1:@hang@"], defaults="option abortonclose")
def client_leaves_while_connecting_abortonclose(run):
    client = run.connect()
    client.request()
    client.close()


@scenario(backend=["timeout connect 300", "retries 0", "server s1 127.0.0.1:@hang@"])
def client_leaves_while_connecting(run):
    client = run.connect()
    client.request()
    client.close()


def _first_waits(peer):
    head = peer.head()
    if b"GET /slow" in head:
        peer.wait_close()
    else:
        peer.send(response())
        peer.wait_close()


@scenario(origins=[_first_waits], defaults=["option abortonclose", "timeout server 900"], lines=2,
          backend="server s1 127.0.0.1:@o1@ maxconn 1")
def client_leaves_in_queue(run):
    slow = run.connect()
    slow.request("/slow")
    run.wait_seen()
    queued = run.connect()
    queued.request("/queued")
    queued.half_close()
    run.wait_log("GET /queued")
    run.note_response(slow)


@scenario(origins=[origin.silent], defaults="option abortonclose")
def client_leaves_while_server_thinks_abortonclose(run):
    client = run.connect()
    client.request()
    run.wait_seen()
    client.close()


@scenario(origins=[origin.silent], defaults="timeout server 400")
def client_leaves_while_server_thinks(run):
    client = run.connect()
    client.request()
    run.wait_seen()
    client.close()


@scenario(origins=[origin.silent], defaults="timeout server 400")
def client_resets_while_server_thinks(run):
    client = run.connect()
    client.request()
    run.wait_seen()
    client.reset()


@scenario(origins=[raw_answer(HEAD + b"Content-Length: 1000\r\n\r\npart", hold=True)])
def client_leaves_in_answer(run):
    client = run.connect()
    client.request()
    run.note(client.read_until(b"part"))
    client.reset()


@scenario(origins=[answer()])
def client_half_closes_after_request(run):
    client = run.connect()
    client.request()
    client.half_close()
    run.note_response(client)
    run.note_end(client)


# --------------------------------------------------------------------------- the server fails

@scenario(backend="server s1 127.0.0.1:@refused@", defaults=["retries 1", "timeout connect 300"])
def server_refuses(run):
    run.get()


@scenario(backend=["retries 0", "server s1 127.0.0.1:@refused@"])
def server_refuses_no_retry(run):
    run.get("/x", "POST", body=b"abc")


@scenario(origins=[origin.name("good")], defaults=["option redispatch 1", "retries 2", "timeout connect 300"], lines=2,
          backend=["server bad 127.0.0.1:@refused@", "server good 127.0.0.1:@o1@"])
def redispatch(run):
    run.get("/1")
    run.wait_log("GET /1 ")
    run.get("/2")


@scenario(origins=[origin.close_after_request])
def server_closes_without_answer(run):
    run.get()


@scenario(origins=[origin.close_after_request])
def server_closes_without_answer_to_post(run):
    run.get(method="POST", body=b"abc")


@scenario(origins=[origin.reset_after_request])
def server_resets_without_answer(run):
    run.get()


@scenario(origins=[raw_answer(b"HTTP/1.1 200 OK\r\nContent-Le")])
def server_closes_in_answer_head(run):
    run.get()


@scenario(origins=[raw_answer(b"this is not HTTP\r\n\r\n")])
def server_speaks_garbage(run):
    run.get()


@scenario(origins=[raw_answer(b"HTTP/1.1 200 OK\r\nBad Header: x\r\nContent-Length: 0\r\n\r\n")])
def server_sends_bad_header(run):
    run.get()


@scenario(origins=[raw_answer(b"HTTP/1.1 200 OK\r\nContent-Length: 5\r\nContent-Length: 6\r\n\r\n123456")])
def server_sends_two_lengths(run):
    run.get()


@scenario(origins=[raw_answer(b"HTTP/1.1 200 OK\r\nX: " + b"y" * 20000 + b"\r\nContent-Length: 0\r\n\r\n")])
def server_sends_too_large_head(run):
    run.get()


@scenario(origins=[raw_answer(HEAD + b"Content-Length: 1000\r\n\r\npart")])
def server_closes_in_answer_body(run):
    run.get()


@scenario(origins=[raw_answer(HEAD + b"Transfer-Encoding: chunked\r\n\r\n5\r\nhello\r\n")])
def server_closes_in_chunked_body(run):
    run.get()


@scenario(origins=[raw_answer(HEAD + b"Transfer-Encoding: chunked\r\n\r\n5\r\nhello\r\nzz\r\n", hold=True)])
def server_sends_bad_chunk(run):
    run.get()


@scenario(origins=[raw_answer(response(b"early"), hold=True)])
def server_answers_before_end_of_request(run):
    client = run.connect()
    client.send("POST / HTTP/1.1\r\nHost: test\r\nContent-Length: 10\r\n\r\nhalf")
    run.note_response(client)
    with contextlib.suppress(OSError, Closed):
        client.send("halves")


@scenario(origins=[answer(response(status="500 Internal Server Error"))], defaults="option log-separate-errors")
def server_error_logged_as_error(run):
    run.get()


@scenario(origins=[answer(response(status="200 All is well with a long reason"))])
def reason_is_kept(run):
    run.get()


@scenario(origins=[answer()], backend=["server s1 127.0.0.1:@o1@ disabled"])
def server_disabled(run):
    run.get()


@scenario(origins=[answer(), origin.name("backup")],
          backend=["server s1 127.0.0.1:@o1@ disabled", "server s2 127.0.0.1:@o2@ backup"])
def backup_server(run):
    run.get()


@scenario(backend="balance roundrobin")
def no_server_in_backend(run):
    run.get()


@scenario(config="""
global
    log @log@ local0
    nbthread 1
defaults
    mode http
    log global
    option httplog
    timeout connect 1s
    timeout client 1s
    timeout server 1s
frontend fe
    bind "fd@${fe}"
    use_backend be if { path /never }
backend be
    server s1 127.0.0.1:@refused@
""")
def no_backend(run):
    run.get()


# --------------------------------------------------------------------------- each timeout

@scenario(origins=[answer()], defaults="timeout http-request 300")
def timeout_http_request(run):
    client = run.connect()
    client.send("GET / HTTP/1.1\r\n")
    run.note_end(client)


@scenario(origins=[answer()], defaults="timeout http-request 300")
def timeout_http_request_nothing_sent(run):
    client = run.connect()
    run.note_end(client)


@scenario(origins=[answer()], defaults=["timeout http-request 300", "option dontlognull"])
def timeout_http_request_dontlognull(run):
    client = run.connect()
    run.note_end(client)
    run.get("/after")


@scenario(origins=[answer()], defaults="timeout client 300")
def timeout_client_in_head(run):
    client = run.connect()
    client.send("GET / HTTP/1.1\r\n")
    run.note_end(client)


def _answer_then_drain(peer):
    while (head := peer.head()) is not None:
        peer.send(response())
        peer.body(head)


@scenario(origins=[_answer_then_drain], lines=2)
def answer_before_the_body(run):
    client = run.connect()
    client.send("POST / HTTP/1.1\r\nHost: test\r\nContent-Length: 5\r\n\r\nab")
    run.note_response(client)
    client.send("cde")
    run.get("/2", client=client)


@scenario(origins=[_drain_then_answer], defaults="timeout client 300")
def timeout_client_in_body(run):
    client = run.connect()
    client.send("POST / HTTP/1.1\r\nHost: test\r\nContent-Length: 1000\r\n\r\nhalf")
    run.note_end(client)


@scenario(origins=[_drain_then_answer], defaults=["timeout http-request 300", "option http-buffer-request"])
def timeout_http_request_buffering(run):
    client = run.connect()
    client.send("POST / HTTP/1.1\r\nHost: test\r\nContent-Length: 1000\r\n\r\nhalf")
    run.note_end(client)


@scenario(origins=[answer()], defaults=["timeout http-keep-alive 300", "timeout http-request 1000"])
def timeout_keep_alive(run):
    client = run.connect()
    run.get(client=client)
    run.note_end(client)


@scenario(backend=["retries 0", "timeout connect 300", "server s1 127.0.0.1:@hang@"])
def timeout_connect(run):
    run.get()


@scenario(backend=["retries 1", "timeout connect 300", "server s1 127.0.0.1:@hang@"])
def timeout_connect_with_retry(run):
    run.get()


@scenario(origins=[_first_waits], defaults=["timeout queue 300", "timeout server 1000"], lines=2,
          backend="server s1 127.0.0.1:@o1@ maxconn 1")
def timeout_queue(run):
    slow = run.connect()
    slow.request("/slow")
    run.wait_seen()
    run.get("/queued")
    run.note_response(slow)


@scenario(origins=[_first_waits], defaults=["timeout queue 2000", "timeout server 400"], lines=2,
          backend="server s1 127.0.0.1:@o1@ maxconn 1")
def waits_in_queue(run):
    slow = run.connect()
    slow.request("/slow")
    run.wait_seen()
    run.get("/queued")
    run.note_response(slow)


@scenario(origins=[_first_waits], defaults=["timeout queue 600", "timeout server 1500"], lines=3,
          backend="server s1 127.0.0.1:@o1@ maxconn 1 maxqueue 1")
def queue_full(run):
    slow = run.connect()
    slow.request("/slow")
    run.wait_seen()
    queued = run.connect()
    queued.request("/queued")
    run.get("/refused")
    run.note_response(queued)
    run.note_response(slow)


@scenario(origins=[origin.silent], defaults="timeout server 300")
def timeout_server_in_head(run):
    run.get()


@scenario(origins=[raw_answer(HEAD + b"Content-Length: 1000\r\n\r\npart", hold=True)], defaults="timeout server 300")
def timeout_server_in_body(run):
    run.get()


@scenario(origins=[raw_answer(HEAD + b"Content-Length: 60000000\r\n\r\n", *[b"z" * 1_000_000] * 60, hold=True)],
          defaults="timeout client 500", blur=[(r" 200 \d{6,8} ", " 200 some ")])
def timeout_client_does_not_read(run):
    client = run.connect()
    client.request()
    run.note(client.read_until(b"\r\n\r\n"))
    run.wait_log("GET /")


@scenario(origins=[answer()], defaults="timeout tarpit 300", frontend="http-request tarpit if { path_beg /t }")
def tarpit(run):
    run.get("/t")


# --------------------------------------------------------------------------- rules answer

@scenario(origins=[answer(), answer()], lines=3,
          backend=["balance static-rr", "use-server s2 if { path_beg /two }", "use-server s1 if { path_beg /one }",
                   "server s1 127.0.0.1:@o1@", "server s2 127.0.0.1:@o2@"])
def use_server(run):
    for path in ("/two", "/one", "/two/more"):
        run.get(path)


@scenario(origins=[answer()], backend=["use-server s1 if { path_beg /one }", "server s1 127.0.0.1:@refused@ check inter 50 fall 1",
                                       "server s2 127.0.0.1:@o1@"])
def use_server_that_is_down(run):
    run.wait_log("Server be/s1 is DOWN")
    run.get("/one")
    run.wait_log("GET /one")


@scenario(origins=[answer()], frontend=["stats enable", "stats uri /stats", "stats http-request deny unless { path_end .csv }"])
def stats_page_denied(run):
    run.get("/stats")


@scenario(origins=[answer()], frontend="http-request deny if { path_beg /private }", lines=2)
def denied(run):
    client = run.connect()
    run.get("/private/x", client=client)
    run.get("/public", client=client)


@scenario(origins=[answer()], frontend="http-request deny deny_status 429 if { hdr(user-agent) -m sub bot }")
def denied_with_status(run):
    run.get(headers=["User-Agent: a bot"])


@scenario(origins=[answer()], backend=["http-response deny if { status 200 }", "server s1 127.0.0.1:@o1@"])
def answer_denied(run):
    run.get()


@scenario(origins=[answer()], frontend="redirect location https://example.org/ code 301 if { path / }")
def redirect_location(run):
    client = run.connect()
    run.get(client=client)
    run.note_end(client, 0.2)


@scenario(origins=[answer()], frontend="redirect scheme https if { hdr(host) -i Test.example }")
def redirect_scheme(run):
    run.get("/a?b=c", host="test.EXAMPLE")


@scenario(origins=[answer()], frontend=["redirect prefix https://www.example.org drop-query code 308 if { path_beg /p }",
                                        "redirect prefix /moved append-slash set-cookie SEEN=1 if { path /s }",
                                        "redirect location / clear-cookie SEEN= if { path /c }"], lines=3)
def redirect_prefix(run):
    for path in ("/p/a?b=c", "/s", "/c"):
        run.get(path)
        run.wait_log("GET " + path.replace("?", "\\?"))


@scenario(origins=[answer()], frontend="http-request redirect location /new/%[path] if { path_beg /old }")
def redirect_with_expression(run):
    run.get("/old/thing", "POST", body=b"abc")


@scenario(origins=[answer()], frontend=["http-request set-header X-Field %[req.hdr(y)]", "http-request set-header X-Lines %[str('a\\nb\\rc')]",
                                        "http-request set-header X-Bytes %[bin(41000a42)]", "http-request set-header X-Quoted %{+Q}[req.hdr(y)]",
                                        "http-request set-var(txn.y) req.hdr(y)", "http-request set-var-fmt(txn.b) %[bin(41000a42)]",
                                        "http-request redirect location /%[str('a\\nb')] if { path /away }",
                                        "log-format '%[var(txn.y)] %{+E}[var(txn.y)] %{+Q,+E}[var(txn.y)] %[var(txn.b)] %{+E}HU %{+Q,+E}HU %{+X}[int(255)]'"], lines=2)
def control_bytes_in_values(run):
    run.get('/p?"]|{}\\', headers=['Y: a\x01"\\]#|{}\tb\x7f'])
    run.get("/away", headers=["Y: z"])


@scenario(origins=[answer()],
          frontend='http-request return status 200 content-type text/plain string "hello" hdr X-Name "v %[path]" if { path /r }')
def return_string(run):
    client = run.connect()
    run.get("/r", client=client)
    run.get("/r", "HEAD", client=client)
    run.wait_log("HEAD /r")


@scenario(origins=[answer(response(headers=["Server: origin", "X-Old: 1"]))],
          backend=["http-request set-header X-Set value-%[src]", "http-request add-header X-Add one",
                   "http-request add-header X-Add two", "http-request del-header X-Remove",
                   "http-request replace-header X-Rep (.*)-(.*) \\2/\\1", "http-response set-header X-Res 1",
                   "http-response add-header X-Old 2", "http-response del-header Server", "server s1 127.0.0.1:@o1@"])
def header_edits(run):
    run.get(headers=["X-Set: old", "X-Remove: gone", "X-Rep: a-b", "X-Keep: 1"])


@scenario(origins=[answer()], lines=3,
          backend=["http-request replace-path /app(/)?(.*) /\\2 if { path_beg /app }",
                   "http-request set-path /set%[path] if { path_beg /s }",
                   "http-request set-query x=1 if { path_beg /set/sq }", "server s1 127.0.0.1:@o1@"])
def path_edits(run):
    for path in ("/app/deep/x?q=1", "/app", "/sq?old=1"):
        run.get(path)
        run.wait_log("GET " + path.replace("?", "\\?") + " ")


@scenario(origins=[origin.name("one"), origin.name("two")], lines=3,
          frontend=["acl is_two path_beg /two", "acl is_two path_end .two", "use_backend other if is_two"],
          more="backend other\n    server o2 127.0.0.1:@o2@")
def use_backend(run):
    for path in ("/two/x", "/x.two", "/one"):
        run.get(path)
        run.wait_log(f"GET {path} ")


@scenario(origins=[origin.name("one"), origin.name("two")], lines=2,
          frontend="use_backend %[path,field(2,/)] if { path_beg /other }",
          more="backend other\n    server o2 127.0.0.1:@o2@")
def use_backend_dynamic(run):
    for path in ("/other/x", "/one"):
        run.get(path)
        run.wait_log(f"GET {path} ")


@scenario(origins=[answer()], frontend="monitor-uri /alive", lines=1)
def monitor_uri(run):
    client = run.connect()
    run.get("/alive", client=client)
    run.note_end(client, 0.3)
    run.get("/other")


@scenario(origins=[answer()], frontend=["monitor-uri /alive", "monitor fail if { nbsrv(be) lt 2 }"], lines=1)
def monitor_fails(run):
    run.get("/alive")
    run.get("/other")


@scenario(backend="balance roundrobin", defaults="errorfile 503 @dir@/503.http",
          files={"503.http": "HTTP/1.1 503 Gone Fishing\r\nX-Own: 1\r\nContent-Type: text/plain\r\n\r\nback soon\n"})
def errorfile(run):
    client = run.connect()
    run.get(client=client)
    run.note_end(client, 0.3)


@scenario(backend="balance roundrobin", defaults=["errorfile 503 /dev/null", "errorfile 403 /dev/null"],
          frontend="http-request deny if { path /deny }", lines=2)
def empty_errorfile(run):
    for path in ("/", "/deny"):
        client = run.connect()
        client.request(path)
        run.note_end(client)


@scenario(origins=[answer()], defaults="errorfile 400 /dev/null")
def empty_errorfile_of_bad_requests(run):
    run.note_end(run.connect().send(b"GET /\x01 HTTP/1.1\r\n\r\n"))


@scenario(origins=[answer()], defaults=["errorfile 408 /dev/null", "timeout http-request 100ms"])
def empty_errorfile_of_slow_requests(run):
    run.note_end(run.connect().send(b"GET / HTTP/1.1\r\nHo"))


@scenario(backend=["balance roundrobin", "timeout tarpit 150ms", "http-request tarpit deny_status 429 if TRUE"],
          defaults="timeout tarpit 1s", origins=[])
def tarpit_of_a_backend(run):
    run.get()


@scenario(backend="balance roundrobin", lines=2, frontend="errorloc303 403 /sorry",
          defaults="errorloc 503 http://sorry.example/")
def errorloc(run):
    client = run.connect()
    run.get("/1", client=client)
    run.wait_log("GET /1 ")
    run.get("/2", "HEAD", client=client)


@scenario(origins=[answer()], defaults="option http-no-delay")
def http_no_delay(run):
    run.get()


@scenario(origins=[origin.echo], defaults="mode tcp", bind="", frontend=[
    "tcp-request inspect-delay 5s", "tcp-request content set-var(sess.head) req.payload(0,4)",
    "tcp-request content accept if { req.len ge 6 }", 'log-format "%[var(sess.head)] %b"',
    "use_backend other if { req.payload(2,2) -m str cd }"],
    more="backend other\n    mode tcp\n    server o1 127.0.0.1:@o1@", backend="mode tcp\n    server s1 127.0.0.1:@refused@")
def content_rules_see_all_that_has_come(run):
    client = run.connect()
    for piece in (b"a", b"b", b"cdef"):
        client.send(piece)
    client.socket.shutdown(1)
    run.note_end(client)


# --------------------------------------------------------------------------- bad requests

def bad_request(name, data, more=None):
    SCENARIOS.append(Scenario(lambda run: run.send_raw(data), name="bad_request_" + name, origins=[answer()], **(more or {})))


bad_request("no_version_word", b"GET /\r\n\r\n")
bad_request("unknown_version", b"GET / HTTP/9.9\r\nHost: a\r\n\r\n")
bad_request("lower_case_version", b"GET / http/1.1\r\nHost: a\r\n\r\n")
bad_request("only_newlines", b"\r\n\r\n\r\n\r\n")
bad_request("leading_newline", b"\r\nGET / HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n")
bad_request("bare_line_feeds", b"GET / HTTP/1.1\nHost: a\nConnection: close\n\n")
bad_request("space_in_header_name", b"GET / HTTP/1.1\r\nHo st: a\r\n\r\n")
bad_request("space_before_colon", b"GET / HTTP/1.1\r\nHost : a\r\n\r\n")
bad_request("header_without_colon", b"GET / HTTP/1.1\r\nHost: a\r\nnocolon\r\n\r\n")
bad_request("empty_header_name", b"GET / HTTP/1.1\r\n: a\r\n\r\n")
bad_request("null_in_header", b"GET / HTTP/1.1\r\nHost: a\0b\r\n\r\n")
bad_request("null_in_uri", b"GET /\0 HTTP/1.1\r\nHost: a\r\n\r\n")
bad_request("space_in_uri", b"GET /a b HTTP/1.1\r\nHost: a\r\n\r\n")
bad_request("high_byte_in_uri", b"GET /\xe9 HTTP/1.1\r\nHost: a\r\n\r\n")
bad_request("control_in_method", b"G\x01T / HTTP/1.1\r\nHost: a\r\n\r\n")
bad_request("lower_case_method", b"get / HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n")
bad_request("relative_uri", b"GET path HTTP/1.1\r\nHost: a\r\n\r\n")
bad_request("star_uri", b"OPTIONS * HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n")
bad_request("folded_header", b"GET / HTTP/1.1\r\nHost: a\r\nX: b\r\n c\r\nConnection: close\r\n\r\n")
bad_request("length_and_chunked",
            b"POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 3\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n")
bad_request("two_lengths", b"POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 3\r\nContent-Length: 4\r\n\r\nabcd")
bad_request("same_length_twice",
            b"POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 3\r\nContent-Length: 3\r\nConnection: close\r\n\r\nabc")
bad_request("length_list", b"POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 3, 3\r\nConnection: close\r\n\r\nabc")
bad_request("length_not_a_number", b"POST / HTTP/1.1\r\nHost: a\r\nContent-Length: x\r\n\r\n")
bad_request("length_negative", b"POST / HTTP/1.1\r\nHost: a\r\nContent-Length: -1\r\n\r\n")
bad_request("length_with_plus", b"POST / HTTP/1.1\r\nHost: a\r\nContent-Length: +3\r\n\r\nabc")
bad_request("length_too_large", b"POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 99999999999999999999\r\n\r\n")
bad_request("length_empty", b"POST / HTTP/1.1\r\nHost: a\r\nContent-Length:\r\nConnection: close\r\n\r\n")
bad_request("chunk_not_hex",
            b"POST / HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\nxyz\r\nabc\r\n0\r\n\r\n")
bad_request("chunk_without_newline",
            b"POST / HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\n3\r\nabcd\r\n0\r\n\r\n")
bad_request("chunk_too_large",
            b"POST / HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\nfffffffffffffffff\r\nabc\r\n")
bad_request("unknown_coding", b"POST / HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: gzip\r\n\r\n")
bad_request("chunked_twice", b"POST / HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked, chunked\r\n\r\n0\r\n\r\n")
bad_request("chunked_not_last", b"POST / HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked, gzip\r\n\r\n0\r\n\r\n")
bad_request("chunked_in_http_1_0",
            b"POST / HTTP/1.0\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n")
bad_request("no_host", b"GET / HTTP/1.1\r\nConnection: close\r\n\r\n")
bad_request("two_hosts", b"GET / HTTP/1.1\r\nHost: a\r\nHost: b\r\nConnection: close\r\n\r\n")
bad_request("two_same_hosts", b"GET / HTTP/1.1\r\nHost: a\r\nHost: a\r\nConnection: close\r\n\r\n")
bad_request("head_too_large", b"GET / HTTP/1.1\r\nHost: a\r\nX: " + b"y" * 20000 + b"\r\n\r\n")
bad_request("uri_too_large", b"GET /" + b"y" * 20000 + b" HTTP/1.1\r\nHost: a\r\n\r\n")
bad_request("too_many_headers", b"GET / HTTP/1.1\r\nHost: a\r\n" + b"X: y\r\n" * 150 + b"\r\n")
bad_request("many_headers", b"GET / HTTP/1.1\r\nHost: a\r\nConnection: close\r\n" + b"X: y\r\n" * 90 + b"\r\n")
bad_request("tls_hello", bytes.fromhex("16030100c8010000c40303") + b"\x01" * 190)
bad_request("garbage", bytes(range(256)) * 2)
bad_request("accepted_by_option", b"GET /a\xe9 HTTP/1.1\r\nHost: a\r\nConnection: close\r\nX: \xe9\r\n\r\n",
            {"frontend": "option accept-invalid-http-request"})


# --------------------------------------------------------------------------- log options

@scenario(origins=[raw_answer(HEAD + b"Content-Length: 8\r\n\r\nhalfhalf", hold=True)], defaults="option logasap")
def logasap(run):
    run.get()


@scenario(origins=[answer()], defaults="option dontlog-normal", lines=1)
def dontlog_normal(run):
    run.get("/good")
    run.send_raw(b"bad\r\n\r\n")


@scenario(origins=[answer()], config="""
global
    log @log@ local0
    nbthread 1
defaults
    mode http
    log global
    timeout connect 1s
    timeout client 1s
    timeout server 1s
frontend fe
    bind "fd@${fe}"
    default_backend be
backend be
    server s1 127.0.0.1:@o1@
""")
def default_log_format(run):
    run.get()


@scenario(origins=[answer()], defaults="option httplog clf", blur=[(r'"" "" \d+ \d{3}', '"" "" port ms'), (r'"s1" \d+ \d+ \d+ \d+ \d+ ', '"s1" timers ')])
def clf_log_format(run):
    run.get()


@scenario(origins=[answer(response(b"12345"))], defaults=[
    'log-format "%ci %f %b %s %si:%sp %ST %B %U %HM %HP %HQ %HU %HV %tsc %ts %r %ID %rc %lc %pid-x %H-x %{+Q}o %r %{-Q}HM"',
    "unique-id-format %{+X}o%ci"], blur=[(r" \d+-x", " pid-x")])
def custom_log_format(run):
    run.get("/path?a=b", "POST", body=b"abc")


@scenario(origins=[answer()], defaults='log-format "%HM %HP %HPO %HQ %HU %HV %r %ST %tsc"', lines=2)
def tags_of_a_bad_request(run):
    run.get("/path?a=b")
    run.wait_log("/path")
    client = run.connect()
    client.send("BAD\x01 / HTTP/1.1\r\n\r\n")
    run.note_end(client)


@scenario(origins=[answer()], defaults="log-tag my-tag", backend="server s1 127.0.0.1:@o1@")
def log_tag(run):
    run.get()


@scenario(origins=[answer()], frontend="http-request set-log-level warning if { path /w }", lines=2)
def log_level(run):
    run.get("/w")
    run.wait_log("GET /w")
    run.get("/n")


@scenario(origins=[answer()], defaults="", frontend=["no log", "log @log@ len 200 daemon info notice", "log @log@ local1 err"],
          blur=[(r"/(long)+l?o?n?$", "/<long>")])  # it is cut, and process ids differ in length
def log_targets(run):
    run.get("/" + "long" * 100)


# --------------------------------------------------------------------------- mode tcp

TCP = dict(defaults=["mode tcp", "option tcplog"])


def tcp(**parts):
    parts["defaults"] = TCP["defaults"] + parts.pop("options", [])
    return scenario(**parts)


@tcp(origins=[origin.echo], options=['log-format "%ST %tsc %hr %hrl %hs %hsl %ts %b %f %ft"'])
def tcp_log_format(run):
    client = run.connect()
    client.send("hello")
    run.note(client.read_exactly(5))
    client.half_close()
    run.note_end(client)


@tcp(origins=[origin.echo])
def tcp_echo(run):
    client = run.connect()
    client.send("hello")
    run.note(client.read_exactly(5))
    client.half_close()
    run.note_end(client)


@tcp(origins=[origin.echo])
def tcp_bulk(run):
    client = run.connect()
    data = bytes(range(256)) * 256
    client.send(data)
    run.note(hashlib.sha256(client.read_exactly(len(data))).hexdigest())
    client.half_close()
    run.note_end(client)


def _send_then_close(peer):
    peer.send(MANY)


@tcp(origins=[_send_then_close])
def tcp_server_sends_and_closes(run):
    client = run.connect()
    run.note(len(client.read_to_end()))


@tcp(origins=[origin.echo])
def tcp_client_says_nothing(run):
    run.connect().close()


@tcp(origins=[origin.echo])
def tcp_client_resets(run):
    client = run.connect()
    client.send("hello")
    run.note(client.read_exactly(5))
    client.reset()


def _reset_after_bytes(peer):
    peer.exactly(5)
    peer.reset()


@tcp(origins=[_reset_after_bytes])
def tcp_server_resets(run):
    client = run.connect()
    client.send("hello")
    run.note_end(client)


@tcp(backend="server s1 127.0.0.1:@refused@", options=["retries 1", "timeout connect 300"])
def tcp_server_refuses(run):
    run.note_end(run.connect())


@tcp(backend=["retries 0", "timeout connect 300", "server s1 127.0.0.1:@hang@"])
def tcp_timeout_connect(run):
    run.note_end(run.connect())


@tcp(origins=[origin.echo], options=["timeout client 300"])
def tcp_timeout_client(run):
    run.note_end(run.connect())


@tcp(origins=[origin.echo], options=["timeout server 300"])
def tcp_timeout_server(run):
    run.note_end(run.connect())


@tcp(backend="server s1 127.0.0.1:@refused@ disabled")
def tcp_no_server(run):
    run.note_end(run.connect())


@tcp(origins=[origin.echo], options=["timeout client-fin 300"])
def tcp_half_close_by_server(run):
    client = run.connect()
    client.send("x")
    run.note(client.read_exactly(1))
    client.half_close()
    run.note_end(client)


def _netscaler(protocol=6, magic=305419896):
    packet = (struct.pack("!BBHHHBBH4s4s", 0x45, 0, 40, 1, 0, 64, protocol, 0, bytes([192, 0, 2, 1]), bytes([198, 51, 100, 2]))
              + struct.pack("!HHIIBBHHH", 1111, 2222, 1, 1, 0x50, 16, 100, 0, 0))
    return struct.pack("!IIHH", magic, len(packet) + 12, 1, len(packet)) + packet


def netscaler(name, head, bind="accept-netscaler-cip 305419896", **more):
    @scenario(name=f"netscaler_{name}", origins=[answer()], bind=bind, defaults="option forwardfor", **more)
    def _asks(run):
        client = run.connect()
        client.send(head)
        if name == "cut":
            client.half_close()
        else:
            client.request(headers=["Connection: close"])
        with contextlib.suppress(Closed):
            run.note_end(client, 1.0)


netscaler("standard", _netscaler())
netscaler("legacy", _netscaler()[:4] + struct.pack("!I", 40) + _netscaler()[12:])
netscaler("wrong_magic", _netscaler(magic=1))
netscaler("of_udp", _netscaler(protocol=17))
netscaler("cut", _netscaler()[:30])
netscaler("expected_by_a_rule", _netscaler(magic=0), bind="", frontend="tcp-request connection expect-netscaler-cip layer4")


@tcp(origins=[_send_then_close], options=["timeout client-fin 300"])
def tcp_server_is_gone_for_long(run):
    client = run.connect()
    run.note(len(client.read_to_end()))
    run.wait_log("be/s1 ")


@tcp(origins=[_send_then_close], options=["timeout tunnel 300"])
def tcp_server_is_gone_for_the_time_of_a_tunnel(run):
    client = run.connect()
    run.note(len(client.read_to_end()))
    run.wait_log("be/s1 ")


@tcp(origins=[origin.echo, origin.echo], lines=2,
     backend=["balance roundrobin", "server s1 127.0.0.1:@o1@", "server s2 127.0.0.1:@o2@"])
def tcp_round_robin(run):
    for number in range(2):
        client = run.connect()
        client.send(str(number))
        run.note(client.read_exactly(1))
        client.close()
        wait = number + 1
        run.syslog.wait("be/s", count=wait)


@scenario(origins=[origin.echo], config="""
global
    log @log@ local0
    nbthread 1
defaults
    mode tcp
    log global
    timeout connect 1s
    timeout client 1s
    timeout server 1s
frontend fe
    bind "fd@${fe}"
    default_backend be
backend be
    server s1 127.0.0.1:@o1@
""")
def tcp_default_log_format(run):
    client = run.connect()
    client.send("hello")
    run.note(client.read_exactly(5))
    client.close()


def _note_preface(peer):
    peer.origin.record(peer.until(b"\r\n"))
    peer.send(peer.exactly(5))
    peer.wait_close()


@tcp(origins=[_note_preface], backend="server s1 127.0.0.1:@o1@ send-proxy", blur=[(r"(127.0.0.1) \d+ \d+", "\\1 port port")])
def tcp_send_proxy(run):
    client = run.connect()
    client.send("hello")
    run.note(client.read_exactly(5))
    client.close()


@scenario(origins=[answer()], bind="accept-proxy", defaults="option forwardfor")
def accept_proxy(run):
    client = run.connect()
    client.send("PROXY TCP4 192.0.2.1 192.0.2.2 1000 80\r\n")
    run.get(client=client)


@scenario(origins=[answer()], bind="accept-proxy")
def accept_proxy_garbage(run):
    run.send_raw(b"GET / HTTP/1.1\r\nHost: a\r\n\r\n")


@scenario(origins=[answer()], bind="accept-proxy")
def accept_proxy_unknown(run):
    client = run.connect()
    client.send("PROXY UNKNOWN\r\n")
    run.get(client=client)


# --------------------------------------------------------------------------- rare words

NAMES = ["h1-case-adjust content-length Content-Length", "h1-case-adjust x-one X-ONE", "h1-case-adjust host HOST"]


@scenario(origins=[answer(response(headers=["x-one: 1", "x-two: 2"]))], **{"global": NAMES},
          frontend="option h1-case-adjust-bogus-client", backend=["option h1-case-adjust-bogus-server", "server s1 127.0.0.1:@o1@"])
def case_adjusted(run):
    run.get(headers=["x-one: a", "x-two: b"], method="POST", body=b"1234")


@scenario(origins=[answer(response(headers=["x-one: 1", "x-two: 2"]))], **{"global": "h1-case-adjust-file @dir@/names"},
          files={"names": "# names\n\nx-one\t X-One\n  connection Connection  \n"}, defaults="option http-server-close",
          frontend=["option h1-case-adjust-bogus-client", "http-request return status 200 hdr x-one r if { path /r }"])
def case_adjusted_by_file(run):
    run.get(headers=["x-one: a"])


@scenario(**{"global": NAMES}, frontend=["option h1-case-adjust-bogus-client",
                                         "http-request return status 200 hdr x-one r content-type text/plain string abc"])
def case_adjusted_in_own_answer(run):
    run.get()


@scenario(**{"global": NAMES}, frontend=["option h1-case-adjust-bogus-client", "http-request deny"])
def case_adjusted_in_error(run):
    run.get()


@scenario(origins=[answer()], defaults="option http-server-close", lines=2,
          backend=["option http-pretend-keepalive", "server s1 127.0.0.1:@o1@"])
def pretend_keepalive(run):
    client = run.connect()
    run.get("/1", client=client)
    run.wait_log("GET /1 ")
    run.get("/2", client=client, version="HTTP/1.0")


ODD_NAMES = ["X_Under: 1", "X-Good: 2", "X.Dot: 3", "x!: 4"]


@scenario(origins=[answer()], frontend="option http-restrict-req-hdr-names delete")
def odd_names_deleted(run):
    run.get(headers=ODD_NAMES)


@scenario(origins=[answer()], frontend=["option http-restrict-req-hdr-names reject", "http-request set-header x_mine 1"])
def odd_names_rejected(run):
    run.get()


@scenario(origins=[answer()], backend=["option http-restrict-req-hdr-names reject", "server s1 127.0.0.1:@o1@"])
def odd_names_rejected_by_backend(run):
    run.get(headers=ODD_NAMES)


@scenario(origins=[answer()], defaults="option http-restrict-req-hdr-names preserve")
def odd_names_preserved(run):
    run.get(headers=ODD_NAMES)


def _cookie(*headers, status="200 OK", validator="ETag: \"1\""):
    return answer(response(status=status, headers=["Set-Cookie: a=1", validator, *headers]))


CHECKCACHE = ["option checkcache", "server s1 127.0.0.1:@o1@"]


@scenario(origins=[_cookie()], backend=CHECKCACHE, lines=2)
def checkcache_blocks(run):
    run.get()


@scenario(origins=[_cookie(validator="X-None: 1")], backend=CHECKCACHE)
def checkcache_and_no_validator(run):
    run.get()


@scenario(origins=[_cookie("Cache-Control: s-maxage=5", validator="X-None: 1")], backend=CHECKCACHE, lines=2)
def checkcache_and_age(run):
    run.get()


@scenario(origins=[_cookie(validator="Expires: Sat, 21 Nov 2026 05:00:00 GMT")], backend=CHECKCACHE, lines=2)
def checkcache_and_expires(run):
    run.get()


@scenario(origins=[_cookie()], backend=CHECKCACHE)
def checkcache_and_post(run):
    run.get(method="POST", body=b"1")


@scenario(origins=[_cookie(status="500 Oops")], backend=CHECKCACHE)
def checkcache_and_status(run):
    run.get()


@scenario(origins=[_cookie("Cache-Control: public", status="500 Oops")], backend=CHECKCACHE, lines=2)
def checkcache_and_public(run):
    run.get()


@scenario(origins=[_cookie("Cache-Control: max-age=10, No-Cache")], backend=CHECKCACHE)
def checkcache_and_no_cache(run):
    run.get()


@scenario(origins=[_cookie('Cache-Control: no-cache="set-cookie"')], backend=CHECKCACHE)
def checkcache_and_no_cache_of_cookie(run):
    run.get()


@scenario(origins=[_cookie('Cache-Control: no-cache="set-cookie, x"', "Cache-Control: public")], backend=CHECKCACHE)
def checkcache_and_no_cache_of_more(run):
    run.get()


@scenario(origins=[_cookie("Pragma: no-cache", "Cache-Control: max-age=5")], backend=CHECKCACHE)
def checkcache_and_pragma(run):
    run.get()


@scenario(origins=[_cookie("Cache-Control: private, public")], backend=CHECKCACHE)
def checkcache_and_both(run):
    run.get()


@scenario(origins=[answer()], defaults="option originalto")
def originalto(run):
    run.get(headers=["X-Original-To: 1.1.1.1"])


@scenario(origins=[answer()], defaults="option originalto except 127.0.0.1 header X-Dst")
def originalto_except(run):
    run.get()


@scenario(origins=[answer()], backend=["http-send-name-header X-Srv", "server s1 127.0.0.1:@o1@"])
def send_name_header(run):
    run.get(headers=["X-Srv: forged", "X-Srv: again"])


@scenario(origins=[answer()], backend="server s1 127.0.0.1:@o1@ redir http://other.example/base", lines=3)
def server_redirects(run):
    run.get("/path?q=1")
    run.wait_log("GET /path")
    run.get("/head", method="HEAD")
    run.wait_log("HEAD /head")
    run.get("/post", method="POST", body=b"1")


@scenario(origins=[answer()], **{"global": "tune.http.cookielen 10"}, frontend="capture cookie SESSION len 30")
def captured_cookie_is_cut(run):
    run.get(headers=["Cookie: SESSION=0123456789abcdef"])


def _note_v2(peer):
    head = peer.exactly(16)
    rest = peer.exactly(int.from_bytes(head[14:16], "big"))
    tlvs = rest[12:] if rest[12:13] != b"\x03" else rest[12:15] + b"crc!" + rest[19:]  # it covers the ports
    peer.origin.record(head + rest[:8] + b"port" + tlvs)
    while (request := peer.head()) is not None:
        peer.send(response())


@scenario(origins=[_note_v2], frontend="unique-id-format id-%[req.hdr(x-id)]",
          backend="server s1 127.0.0.1:@o1@ send-proxy-v2 proxy-v2-options unique-id")
def proxy_v2_unique_id(run):
    run.get(headers=["X-Id: 7"])


@scenario(origins=[_note_v2], backend="server s1 127.0.0.1:@o1@ send-proxy-v2 proxy-v2-options crc32c")
def proxy_v2_checksum(run):
    run.get()


@scenario(origins=[answer()], defaults="option nolinger", frontend="http-request deny if { path /no }", lines=2)
def nolinger(run):
    client = run.connect()
    run.get(client=client, headers=["Connection: close"])
    run.note_end(client)
    run.wait_log("GET / ")
    run.get("/no")


def _direct(listen):
    return """
global
    log @log@ local0
    nbthread 1
defaults
    mode http
    log global
    option httplog
    timeout connect 2s
    timeout client 2s
    timeout server 2s
listen fe
    bind "fd@${fe}" accept-proxy
    """ + listen


def _through(run, *paths):
    client = run.connect().send("PROXY TCP4 127.0.0.1 127.0.0.1 9 %d\r\n" % run.origins[0].port)
    for path in paths:
        run.get(path, client=client)


@scenario(config=_direct("dispatch 127.0.0.1:@o1@"), origins=[answer()], lines=2)
def dispatch(run):
    _through(run, "/1", "/2")


@scenario(config=_direct("dispatch 127.0.0.1:@o1@\n    server s1 127.0.0.1:@refused@"), origins=[answer()])
def dispatch_before_servers(run):
    _through(run, "/")


@scenario(config=_direct("dispatch 127.0.0.1:@refused@\n    balance roundrobin\n    server s1 127.0.0.1:@o1@"),
          origins=[answer()])
def balance_before_dispatch(run):
    _through(run, "/")


@scenario(config=_direct("dispatch 127.0.0.1:@refused@\n    retries 1"), origins=[answer()])
def dispatch_refused(run):
    _through(run, "/")


@scenario(config=_direct("option transparent"), origins=[answer()], lines=2)
def transparent(run):
    _through(run, "/1", "/2")


@scenario(config=_direct("mode tcp\n    option tcplog\n    option transparent\n    server s1 127.0.0.1:@refused@"), origins=[answer()])
def tcp_transparent(run):
    _through(run, "/1")


@scenario(origins=[answer()], frontend=["http-request set-var(sess.a) str(0123456789)", "http-request set-var(txn.b) str(abc)",
                                        "http-request set-var(proc.p) str(pp)",
                                        "http-request set-header x-vars %[var(sess.a)],%[var(txn.b)],%[var(proc.p)]"])
def variables_without_limit(run):
    run.get()


@scenario(origins=[answer()], **{"global": ["tune.vars.sess-max-size 150", "tune.vars.txn-max-size 100"]},
          frontend=["http-request set-var(sess.a) str(0123456789)", "http-request set-var(txn.b) str(abc)",
                    "http-request set-var(txn.c) req.hdr(x-long)", "http-request set-var(txn.d) str(z)",
                    "http-request set-header x-vars %[var(sess.a)],%[var(txn.b)],%[var(txn.c)],%[var(txn.d)]"])
def variables_with_limit(run):
    run.get(headers=["x-long: " + "l" * 200])


# --------------------------------------------------------------------------- health checks

@scenario(backend=["server s1 127.0.0.1:@refused@ check inter 100 fall 2 rise 2"], lines=2)
def check_refused(run):
    run.wait_log("has no server available")


def _check_answer(status):
    return answer(response(status=status))


@scenario(origins=[_check_answer("404 Not Found")], lines=2,
          backend=["option httpchk GET /check", "server s1 127.0.0.1:@o1@ check inter 100 fall 2 rise 2"])
def check_http_status(run):
    run.wait_log("has no server available")


@scenario(origins=[_check_answer("200 OK"), origin.close_after_request], lines=1, defaults="option log-health-checks",
          backend=["option httpchk", "http-check expect status 200", "server s1 127.0.0.1:@o1@ check inter 100",
                   "server s2 127.0.0.1:@o2@ check inter 100 fall 1"])
def check_http_one_bad(run):
    run.wait_log("Server be/s2 is DOWN")


# --------------------------------------------------------------------------- option httpslog, errors of connections

@scenario(origins=[answer()], defaults="option httpslog", lines=2, frontend=[
    "declare capture request len 8", "declare capture response len 8",
    "http-request set-var(txn.a) str(abcdefghijkl),capture-req(0)",
    "http-request set-header x-a %[var(txn.a)] if { str(x),capture-req(9) -m found } || { var(txn.a) -m found }",
    "http-response set-var(txn.b) res.hdr(content-length),capture-res(1),capture-res(0)"])
def https_log_format(run):
    run.get("/a")
    run.wait_log("GET /a")
    run.get("/b", headers=["X: y"])


@scenario(origins=[answer()], defaults="option dontlognull", frontend="http-request set-header x-conn %[dst_conn]/%[fc_err]/%[fc_err_str]")
def connections_of_a_listener(run):
    with run.connect():
        run.get("/")
