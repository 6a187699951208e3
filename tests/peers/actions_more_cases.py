"""More cases of actions_test.py: redirects, bodies, mode tcp, log formats; what both programs refuse; known differences."""

from peers.actions_cases import GET, HELLO, POST, Case, with_fields

CASES = []


def each(table, **more):
    """A case for each line of frontend rules; ';;' separates rules of one case."""
    for line in table.strip().splitlines():
        CASES.append(Case("\n    ".join(rule.strip() for rule in line.split(";;")), **more))


# --------------------------------------------------------------------------- redirects
REDIRECTS = """
location /x
location http://other/%[path]
location "/a b"
location %[hdr(x-url)]
location %[hdr(none)]
location %[hdr(none)] ignore-empty
location %[hdr(x-url)] ignore-empty
location /x code 301
location /x code 303
location /x code 307
location /x code 308
code 301 location /x
location /x drop-query
location /x set-cookie SEEN
location /x set-cookie SEEN=1
location /x clear-cookie SEEN
location /x clear-cookie SEEN=
location /x set-cookie SEEN=1 code 301
prefix /p
prefix /
prefix http://other
prefix http://other drop-query
prefix http://other append-slash
prefix http://other drop-query append-slash
prefix http://other drop-query append-slash code 301
prefix / drop-query append-slash
prefix %[hdr(x-url)]
prefix / set-cookie A=b
scheme https
scheme https code 301
scheme https drop-query
scheme https drop-query append-slash
scheme %[hdr(x-one)]
"""
for text in REDIRECTS.strip().splitlines():
    CASES.append(Case(f"http-request redirect {text}"))
    CASES.append(Case(f"http-request redirect {text}", send=with_fields(target="/slash/", method="GET"),
                      name=f"redirect {text} on /slash/"))
for text in ("prefix /p", "scheme https", "scheme https append-slash drop-query"):
    for target in ("http://www.example/a?b", "*", "http://www.example"):
        CASES.append(Case(f"http-request redirect {text}", name=f"redirect {text} on {target}",
                          send=with_fields(target=target, method="OPTIONS" if target == "*" else "GET")))
each("""
redirect location /x
redirect prefix http://other code 301 drop-query append-slash if { path /dir/page }
redirect scheme https unless { path / }
redirect location /%[path]
http-request redirect location /x if { path /none }
""")
each("http-request redirect scheme https", send=b"GET /a HTTP/1.0\r\n\r\n")
each("http-request redirect location /x set-cookie-fmt A=%[path]", newer=True)
each("http-request redirect location /x keep-query", newer=True)

# --------------------------------------------------------------------------- bodies
each("""
http-request wait-for-body time 1s ;; http-request set-header X-Len %[req.body_len]
http-request wait-for-body time 1000 at-least 4 ;; http-request set-header X-Len %[req.body,length,bool]
http-request wait-for-body time 1s if METH_POST ;; http-request set-header X-Body %[req.body]
http-response wait-for-body time 1s ;; http-response set-header X-Len %[res.body_len]
http-response wait-for-body time 1s at-least 4 ;; http-response set-header X-Body %[res.body]
http-request wait-for-body time 1s ;; http-request deny if { req.body -m str 0123456789 }
""", send=POST)
each("http-request wait-for-body time 1s ;; http-request set-header X-Body %[req.body]",
     send=b"POST / HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\n4\r\nabcd\r\n2\r\nef\r\n0\r\n\r\n")
each("http-request wait-for-body time 50ms", send=POST[:-5])
each("http-request wait-for-body time 1s at-least 3 ;; http-request return status 200 content-type text/x lf-string %[req.body]",
     send=POST[:-5])

# --------------------------------------------------------------------------- mode tcp
TCP = """
tcp-request content accept
tcp-request content reject
tcp-request inspect-delay 1s ;; tcp-request content reject if { req.payload(0,5) -m str hello }
tcp-request inspect-delay 1s ;; tcp-request content accept if { req.payload(0,5) -m str hello } ;; tcp-request content reject
tcp-request inspect-delay 1s ;; tcp-request content reject if { req.payload(0,5) -m str other }
tcp-request inspect-delay 50ms ;; tcp-request content reject if { req.len gt 5000 }
tcp-request inspect-delay 1s ;; tcp-request content capture req.payload(0,5) len 20 if { req.len ge 5 }
tcp-request connection reject if { src 192.0.2.1 }
tcp-request session reject if { src 192.0.2.1 }
tcp-request content set-var(txn.a) src ;; tcp-request content set-var-fmt(txn.b) %[var(txn.a)] ;; tcp-request content unset-var(txn.a)
tcp-request content set-src str(192.0.2.1) ;; tcp-request content reject if { src 192.0.2.1 }
tcp-request content set-dst-port int(5) ;; tcp-request content reject if { dst_port 5 }
tcp-request content set-log-level warning
tcp-request content set-priority-class int(5) ;; tcp-request content set-priority-offset int(5)
tcp-request content set-mark 5 ;; tcp-request content set-tos 8
"""
each(TCP, mode="tcp", send=HELLO)
each("tcp-request content silent-drop", mode="tcp", send=HELLO)
each("tcp-request connection reject", mode="tcp", send=HELLO, lines=0)
TCP_RESPONSE = """
tcp-response content accept
tcp-response content reject
tcp-response content close
tcp-response inspect-delay 1s ;; tcp-response content reject if { res.payload(0,3) -m str 220 }
tcp-response inspect-delay 1s ;; tcp-response content accept if { res.payload(0,3) -m str 220 } ;; tcp-response content reject
tcp-response inspect-delay 1s ;; tcp-response content reject if { res.payload(0,3) -m str 554 }
tcp-response inspect-delay 50ms ;; tcp-response content reject if { res.len gt 5000 }
tcp-response inspect-delay 1s ;; tcp-response content close if { res.payload(0,3) -m str 220 }
tcp-response content set-var(txn.a) src ;; tcp-response content set-var-fmt(txn.b) a ;; tcp-response content unset-var(txn.a)
tcp-response content set-log-level warning
tcp-response content set-nice 4 ;; tcp-response content set-mark 5 ;; tcp-response content set-tos 8
tcp-response content silent-drop
"""
for text in TCP_RESPONSE.strip().splitlines():
    rules = "\n    ".join(rule.strip() for rule in text.split(";;"))
    CASES.append(Case("", rules, mode="tcp", send=HELLO, race=True))
    if "220" not in text and "len" not in text:
        CASES.append(Case("", rules, race=True, name=f"mode http: {text}"))
CASES.append(Case("", "tcp-response inspect-delay 1s\n    tcp-response content reject if { res.payload(9,3) -m str 200 }",
                  name="mode http: payload of an answer"))

for rules in ("tcp-request inspect-delay 1s ;; tcp-request content switch-mode http if HTTP ;; tcp-request content reject",
              "tcp-request inspect-delay 1s ;; tcp-request content switch-mode http proto h1",
              "tcp-request inspect-delay 1s ;; tcp-request content switch-mode http if HTTP ;; http-request set-header X-A %[path]",
              "tcp-request inspect-delay 1s ;; tcp-request content switch-mode http if HTTP ;; http-request deny",
              "tcp-request inspect-delay 1s ;; tcp-request content switch-mode http if HTTP ;; http-response set-header X-A b",
              ""):
    front = "\n    ".join(rule.strip() for rule in rules.split(";;"))
    CASES.append(Case(front, "mode http", mode="tcp", speaks="http", log="%s"))
    CASES.append(Case(front, "mode http\n    http-request set-header X-B %[path]", send=[GET, POST], mode="tcp", speaks="http",
                      log="%s", lines=2))
CASES.append(Case("tcp-request inspect-delay 1s\n    tcp-request content switch-mode http if HTTP\n"
                  "    tcp-request content reject", "mode http", mode="tcp", send=HELLO))
CASES.append(Case("tcp-request content switch-mode http"))
CASES.append(Case("tcp-request inspect-delay 1s\n    tcp-request content reject if { req.hdr(x-one) 1 }", mode="tcp", send=GET))
CASES.append(Case("tcp-request inspect-delay 1s\n    tcp-request content reject if { path_beg /other }", mode="tcp", send=HELLO))

# --------------------------------------------------------------------------- monitors
each("""
monitor-uri /dir/page?x=1&y=2
monitor-uri /dir/page?x=1&y=2 ;; monitor fail if { always_true }
monitor-uri /dir/page?x=1&y=2 ;; monitor fail if { always_false } ;; monitor fail if { hdr(x-ip) 192.0.2.7 }
monitor-uri /dir/page?x=1&y=2 ;; monitor fail if { always_false }
monitor-uri /dir/page?x=1&y=2 ;; monitor fail unless { hdr(x-one) 1 }
monitor-uri /dir/page?x=1&y=2 ;; http-request deny
monitor-uri /dir/page?x=1&y=2 ;; monitor fail if { src 127.0.0.0/8 } ;; errorfile 503 @dir@/page.http
""", lines=0)

# --------------------------------------------------------------------------- log formats
CAPTURES = ("capture request header X-One len 5\n    capture request header X-List len 9\n    capture request header None len 5\n"
            "    capture response header X-Many len 9\n    capture cookie id len 9")
TAGS = ("%B", "%CC", "%CS", "%HM", "%HP", "%HPO", "%HQ", "%HU", "%HV", "%ID", "%ST", "%U", "%b", "%bi", "%ci", "%f", "%fi",
        "%ft", "%hr", "%hrl", "%hs", "%hsl", "%r", "%rc", "%s", "%si", "%sq", "%bq", "%sslc", "%sslv", "%ts", "%tsc",
        "%[src]", "%[int(17)]", "%[bin(4142ff)]", "%%")
for flags in ("", "+Q", "-Q", "+X", "+E", "+Q,+E", "+Q,+X"):
    for tag in TAGS:
        text = tag if tag == "%%" else tag.replace("%", "%{" + flags + "}", 1) if flags else tag
        CASES.append(Case(CAPTURES, log=f"<{text}>".replace('"', '\\"'), name=f"log-format {text}"))
for text in ("%{+Q}o %ci %s %{-Q}HM %b", "%{+E}o %r", "%{+X}o %ST %ci", "%s%b", "a %hr b", "  %s  ", "%{+Q,-Q}s"):
    CASES.append(Case("", log=text, name=f"log-format of {text}"))

# Neither loads these.
REFUSED = [Case(line) for line in """
http-request auth unless { http_auth(nobody) }
http-request auth realm
http-request set-path ""
http-request set-query ""
http-request set-header X-New ""
http-request set-header X-New
http-request replace-value X-List ^c$ ""
http-request replace-header X-List ( x
http-request deny status 204 content-type text/x string t
http-request return status 204 content-type text/x string t
http-request return content-type text/x string t default-errorfiles
http-request return status 601
http-request return string t
http-request return content-type text/x file @dir@/none.txt
http-request return errorfile @dir@/none.txt
http-request return errorfiles nowhere
http-request deny deny_status 418
http-request deny deny_status 418 default-errorfiles
http-request deny nonsense
http-response return content-type text/x lf-file @dir@/body.txt
http-response redirect prefix http://other
http-response redirect scheme https
http-request redirect location /x code 300
http-request redirect
http-request redirect location /x nonsense
http-request set-timeout server 5s
http-request set-timeout nonsense 5s
http-request set-log-level nonsense
http-request set-nice
http-request set-mark x
http-request set-tos x
http-request set-priority-class
http-request capture path id 0
http-request capture path
http-request capture path len x
http-response capture path len 5
http-request strict-mode maybe
http-request wait-for-body
http-request wait-for-body time
http-request normalize-uri nonsense
http-request set-var(v) path
http-request set-var(txn.v,nonsense) path
http-request set-var(foo.v) path
http-request set-var(txn.v)
http-request unset-var(txn.v) path
http-request early-hint Link
http-request use-service nonsense
http-request nonsense
http-response auth
http-response tarpit
http-response reject
http-after-response deny
http-after-response return
http-after-response set-log-level err
tcp-request content deny
tcp-request content switch-mode
tcp-request content switch-mode tcp
tcp-request content switch-mode http proto nonsense
tcp-request content capture src
tcp-request connection capture src len 5
tcp-request connection expect-proxy
tcp-request connection expect-proxy layer7
tcp-request session set-log-level err
tcp-response content accept
http-response set-status 99
http-response set-status abc
http-request del-header x -m int
http-request del-header x -m
""".strip().splitlines()]
STATS_STATUS = "the log shows the status that the client gets; haproxy logs 400"
TAKES_LONGER = "a request that waits keeps its parts; haproxy loses them"
SLASH = "the slash goes behind the path, not behind the query"
SEPARATE = "hints go in one response when the rules end; haproxy sends several when other rules stand between"
ROOM = "headers do not run out of room; haproxy reserves tune.maxrewrite"
FOUND = "302 is Found (RFC 9110, 15.4.3), as redirect says it"
BODY = "the request's body is here already, so the connection need not be closed"
BADREQ = "the log shows the request; haproxy has not read it yet"
SILENT = "nothing at all is sent; haproxy closes"
FRAMING = "where a message ends is not for rules to say; this has no effect"
REFUSAL = "the client is told; haproxy only closes"

# Different, and why.
KNOWN = {
    "stats enable | stats uri /s | stats auth me:pw": STATS_STATUS,
    "stats enable | stats uri /s | stats realm My\\ stats | stats auth me:pw": STATS_STATUS,
    "stats enable | stats uri /s | stats http-request auth realm Own unless { http_auth(users) }": STATS_STATUS,
    "stats enable | stats uri /s | stats http-request auth unless { http_auth(users) }": STATS_STATUS,
    "stats enable | stats uri /s | stats http-request deny if { hdr(x-no) -m found }": STATS_STATUS,
    "http-request tarpit status 400 content-type text/x lf-string \"path %[path] %ci\"": TAKES_LONGER,
    "http-request tarpit status 404 content-type text/x lf-file @dir@/body.txt": TAKES_LONGER,
    "http-request tarpit status 201 hdr X-A b hdr X-B %[path]": TAKES_LONGER,
    "http-request tarpit status 201 content-type text/x string t hdr X-A b hdr X-B %[path]": TAKES_LONGER,
    "http-request tarpit status 403 default-errorfiles | http-error status 403 content-type text/x lf-string "
    "\"http-error %[path]\" hdr X-E %[method]": TAKES_LONGER,
    "http-request redirect prefix http://other append-slash": SLASH,
    "http-request early-hint Link \"<1>\" | http-request early-hint X-More 2 if { always_true } | "
    "http-request set-header X-A b | http-request early-hint X-Third 3": SEPARATE,
    "headers that fill a buffer": ROOM,
    "headers that fill a buffer, without strict mode": ROOM,
    "http-request deny status 302 hdr Location /x": FOUND,
    "http-request tarpit status 302 hdr Location /x": FOUND,
    "http-request return status 302 hdr Location /x": FOUND,
    "http-request redirect location /x": BODY,  # of POST
    "tcp-request content reject": BADREQ,
    "tcp-request connection silent-drop": SILENT,
    "tcp-request session silent-drop": SILENT,
    "tcp-request content silent-drop": SILENT,
    "mode http: tcp-response content reject": REFUSAL,
    "http-response return status 201 content-type text/x string instead hdr X-A %[status]":
        "the answer is sent; haproxy closes when a field needs the answer that is replaced",
    "tcp-response content close": "what the server has said is delivered; haproxy may close before it has read it",
    "tcp-response inspect-delay 1s | tcp-response content close if { res.payload(0,3) -m str 220 }":
        "how much of what the server says behind the first line is still read depends on the moment, in both",
    "tcp-response content silent-drop": SILENT,
    "http-request set-header Transfer-Encoding chunked": FRAMING,
    "http-response set-header Content-Length 3": FRAMING,
    "http-response del-header Content-Length": FRAMING,
    "http-response set-header Transfer-Encoding chunked": FRAMING,
}

# Accepted by haproxy, refused here, and why.
ABSENT = {line: why for why, lines in {
    "needs the filter": ["http-request set-bandwidth-limit down"],
}.items() for line in lines}
