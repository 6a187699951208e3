"""The scenarios of retry_on_test.py: servers that fail after they got the request, and what is sent again."""

from support.client import command
from support.compare import Scenario
from support.origin import response

SCENARIOS = []

GOOD = response(b"good")


def fails(*answers, then=GOOD, hold=False):
    """Answers the first requests with these bytes and a close (None: a reset; "silent": nothing), later ones with `then`."""
    def behaviour(peer):
        while (head := peer.head()) is not None:
            peer.body(head)
            with peer.origin._lock:
                number = peer.origin.count = getattr(peer.origin, "count", 0) + 1
            what = answers[number - 1] if number <= len(answers) else then
            if what is None:
                return peer.reset()
            if what == "silent":
                return peer.wait_close()
            peer.send(what)
            if what != then and not hold:
                return None
            if b"connection: close" in head.lower():
                return None
        return None

    return behaviour


def status(code, body=b"bad", close=True):
    return response(body, status=f"{code} Word", headers=["Connection: close"] if close else ())


def scenario(retry_on, *origins, request="GET", lines=(), servers=None, requests=1, count=None, name, blur=(), wants_stats=True,
             **more):
    request = {"GET": b"GET /a HTTP/1.1\r\nHost: h\r\n\r\n",
               "HEAD": b"HEAD /a HTTP/1.1\r\nHost: h\r\n\r\n",
               "POST": b"POST /a HTTP/1.1\r\nHost: h\r\nContent-Length: 5\r\n\r\nhello",
               "empty POST": b"POST /a HTTP/1.1\r\nHost: h\r\nContent-Length: 0\r\n\r\n",
               "chunks": b"POST /a HTTP/1.1\r\nHost: h\r\nTransfer-Encoding: chunked\r\n\r\n5\r\nhello\r\n3\r\n--\r\r\n0\r\n\r\n",
               "trailers": b"POST /a HTTP/1.1\r\nHost: h\r\nTransfer-Encoding: chunked\r\n\r\n5\r\nhello\r\n0\r\nx-t: v\r\n\r\n",
               }.get(request, request)

    def play(run):
        client = run.connect()
        answer = None
        for number in range(requests):
            if number and (not answer or answer.header("connection") == "close"):
                client = run.connect()
            client.send(request)
            answer = run.note_response(client, request.split()[0].decode())
        run.wait_log(r"\d+/\d+/\d+/\d+/", count=requests)
        if wants_stats:
            for line in command(f"{run.directory}/admin", "show stat").splitlines():
                cells = line.split(",")
                if cells[0] == "be":
                    # stot, econ, eresp, wredis, hrsp_1xx to other, cli_abrt, srv_abrt; not wretr, which haproxy counts twice, or not at all
                    # with redispatch.
                    run.note(cells[1], *(cells[i] for i in (7, 13, 14, 16, 39, 40, 41, 42, 43, 44, 49, 50)))

    SCENARIOS.append(Scenario(play, name=name, origins=origins or [fails()], lines=requests if count is None else count,
                              blur=list(blur), **{"global": "stats socket @dir@/admin level admin"},
                              backend=[*([f"retry-on {retry_on}"] if retry_on else []), *lines,
                                       *(servers or [f"server s{i} 127.0.0.1:@o{i}@" for i in range(1, len(origins) + 1)])],
                              **more))


ONE_BYTE = b"H"
CAUSES = {"empty": b"", "reset": None, "junk": b"SSH-2.0-x\r\n\r\n", "cut head": b"HTTP/1.1 200 OK\r\nContent-", "one byte": ONE_BYTE,
          "cut body": b"HTTP/1.1 200 OK\r\nContent-Length: 9\r\n\r\nshort", "silent": "silent",
          **{str(code): status(code) for code in (200, 401, 403, 404, 408, 425, 500, 501, 502, 503, 504)}}
RETRY_ON = ["", "none", "conn-failure", "empty-response", "junk-response", "response-timeout", "all-retryable-errors", "0rtt-rejected",
            "401 403 404 408 425 500 501 502 503 504"]
QUICK = {"silent": ["timeout server 150ms"]}

for retry in RETRY_ON:
    for cause, what in CAUSES.items():
        if cause.isdigit() and cause != "503" and not retry.startswith(("all", "401")):
            continue
        scenario(retry, fails(what), name=f"{retry or 'nothing'}: {cause}", lines=QUICK.get(cause, ()))

for kind in ("HEAD", "POST", "empty POST", "chunks", "trailers"):
    for cause in ("empty", "503", "junk"):
        scenario("all-retryable-errors", fails(CAUSES[cause]), request=kind, name=f"{kind}: {cause}")

ALL = "all-retryable-errors"
# Where it goes.
for redispatch in ("no option redispatch", "option redispatch", "option redispatch 1", "option redispatch 2"):
    for cause in ("empty", "503"):
        scenario(ALL, fails(*[CAUSES[cause]] * 9), fails(), requests=2, lines=["balance roundrobin", redispatch],
                 name=f"two servers, {redispatch}: {cause}")
for retries in (0, 1, 2, 5):
    scenario(ALL, fails(*[CAUSES["503"]] * 9), lines=[f"retries {retries}"], name=f"retries {retries}: 503")
    scenario(ALL, fails(*[CAUSES["empty"]] * 9), lines=[f"retries {retries}"], name=f"retries {retries}: empty")
    scenario(ALL, fails(*[CAUSES["junk"]] * 9), lines=[f"retries {retries}"], name=f"retries {retries}: junk")
scenario(ALL, fails(*["silent"] * 9), lines=["retries 2", "timeout server 100ms"], name="retries 2: silent")
scenario(ALL, fails(CAUSES["empty"], CAUSES["503"], CAUSES["junk"]), name="one cause after the other")
scenario(ALL, fails(status(503, close=False), hold=True), name="a 503 on a connection that stays")
scenario(ALL, fails(status(503, close=False), hold=True), requests=3, name="a 503 on a connection that stays, three requests")
scenario(ALL, fails(CAUSES["503"]), frontend="http-request disable-l7-retry", name="disable-l7-retry: 503")
scenario(ALL, fails(CAUSES["503"]), frontend="http-request disable-l7-retry if { path /b }", name="disable-l7-retry of others: 503")
scenario(ALL, fails(CAUSES["empty"]), frontend="http-request disable-l7-retry", name="disable-l7-retry: empty")
scenario(ALL, fails(*[CAUSES["503"]] * 9), fails(), lines=["cookie SRV insert indirect"],
         servers=["server s1 127.0.0.1:@o1@ cookie a", "server s2 127.0.0.1:@o2@ cookie b"], requests=2,
         request=b"GET /a HTTP/1.1\r\nHost: h\r\nCookie: SRV=a\r\n\r\n", name="cookie: 503")
scenario(ALL, fails(CAUSES["503"]), lines=["http-request set-header x-a b", "http-request add-header x-c d",
                                           "option forwardfor", "http-send-name-header x-name"], name="edited head: 503")
scenario(ALL, fails(status(503)), lines=["http-response set-header x-r %[res.hdr(x)]", "http-response del-header server",
                                         "http-response set-status 200 if { status 503 }"],
         blur=[(r"(?<= 200) 5\d (?=- - )", " <bytes> ")], name="rules of answers do not see it")
scenario("503 empty-response", fails(b"", status(503), status(500)), name="a list")
scenario(ALL, fails(b"HTTP/1.1 100 Continue\r\n\r\n", b""), name="cut behind a 100")
scenario(ALL, fails(CAUSES["503"]), request=b"POST /a HTTP/1.1\r\nHost: h\r\nContent-Length: 12000\r\n\r\n" + b"x" * 12000,
         name="12,000 bytes: 503")
scenario(ALL, fails(CAUSES["503"]), request=b"POST /a HTTP/1.1\r\nHost: h\r\nContent-Length: 40000\r\n\r\n" + b"x" * 40000,
         name="40,000 bytes: 503")
scenario(ALL, fails(CAUSES["503"]), lines=["option http-buffer-request"],
         request=b"POST /a HTTP/1.1\r\nHost: h\r\nContent-Length: 3000\r\n\r\n" + b"x" * 3000, name="buffered request: 503")
scenario(ALL, servers=["server s1 127.0.0.1:@refused@", "server s2 127.0.0.1:@o1@"], lines=["balance roundrobin", "option redispatch 1"],
         name="refused, then the other")
for redispatch in ("no option redispatch", "option redispatch"):
    scenario("", servers=["server s1 127.0.0.1:@refused@"], lines=["retries 1", redispatch], name=f"refused, {redispatch}")
scenario("none", servers=["server s1 127.0.0.1:@refused@"], name="refused, retry-on none")
scenario("empty-response", servers=["server s1 127.0.0.1:@refused@"], name="refused, retry-on another")
scenario(ALL, fails(CAUSES["503"]), servers=["server s1 127.0.0.1:@refused@", "server s2 127.0.0.1:@o1@"],
         lines=["balance roundrobin", "option redispatch 1"], name="refused, then the other, which answers 503 first")
