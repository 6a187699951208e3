"""The cases of actions_test.py. A case is what stands in its frontend and backend and what the client sends; @dir@ is a
directory with page.http (an error file), body.txt and empty.txt.
"""

import base64
import re
import time

ERROR_FILE = b"HTTP/1.1 403 Not you\r\nContent-Type: text/x\r\nX-Page: yes\r\nContent-Length: 4\r\n\r\npage"

GET = (b"GET /dir/page?x=1&y=2 HTTP/1.1\r\nHost: www.example:8080\r\nX-One: 1\r\nX-List: a, b,c\r\nX-List: d\r\n"
       b"X-Ip: 192.0.2.7\r\nX-Port: 4000\r\nX-Url: /from/header\r\nCookie: id=7; other=8\r\n\r\n")
POST = b"POST /form HTTP/1.1\r\nHost: www.example\r\nContent-Type: text/plain\r\nContent-Length: 10\r\n\r\n0123456789"
HELLO = b"hello world\n"


def with_fields(*fields, target="/", method="GET"):
    lines = [f"{method} {target} HTTP/1.1", "Host: www.example", *fields]
    return ("\r\n".join(lines) + "\r\n\r\n").encode()


def basic(text):
    return "Authorization: Basic " + base64.b64encode(text.encode()).decode()


class Case:
    def __init__(self, front, back="", send=GET, mode="http", lines=1, before="", log=None, newer=False, race=False,
                 speaks=None, name=None):
        self.name = name or " | ".join(line.strip() for line in (front + "\n" + back).splitlines() if line.strip())
        self.front = front
        self.back = back
        self.send = send if isinstance(send, (list, tuple)) else [send]
        self.mode = mode
        self.lines = lines
        self.before = before
        self.log = log
        self.speaks = speaks or mode  # of both the client and the origin
        self.race = race  # what the origin gets of it is a matter of time
        self.newer = newer  # a word of newer versions than the reference


def answer_for(head):
    """The origin: some fields, the status that the request asks for."""
    status = re.search(rb"\r\nx-status: ([^\r]*)", head, re.I)
    if b"\r\nx-slow: " in head.lower():
        time.sleep(0.5)  # the slowness is what the case is about
    return (b"HTTP/1.1 " + (status[1] if status else b"200 OK") + b"\r\nServer: origin\r\nX-Res: one\r\nX-Many: a, b,c\r\n"
            b"X-Many: d\r\nContent-Type: text/plain\r\nContent-Length: 8\r\n\r\nthe body")


def speak_first(peer):
    """The origin of mode tcp: a banner, then what came in capitals, then the end."""
    peer.send(b"220 hello\r\n")
    line = peer.until(b"\n")
    if line:
        peer.origin.record(line)
        peer.send(line.upper())


CASES = []


def each(table, **more):
    """A case for each line of frontend rules; ';;' separates rules of one case."""
    for line in table.strip().splitlines():
        rules = [rule.strip() for rule in line.split(";;")]
        CASES.append(Case("\n    ".join(rules), **more))


# --------------------------------------------------------------------------- auth
OTHERS = [with_fields(), with_fields(basic("clear:secret")), with_fields(basic("clear:wrong")), with_fields(basic("nobody:x")),
          with_fields("Authorization: Basic !!!"), with_fields("Authorization: Bearer abc"), with_fields(basic("clear"))]
for wish in OTHERS:
    each("http-request auth unless { http_auth(users) }", send=wish)
    each("http-request auth realm Private unless { http_auth(users) }", send=wish)
each("""
http-request auth unless { http_auth_group(users) admins }
http-request auth unless { http_auth_group(users) staff }
http-request set-header X-Group %[http_auth_group(users)]
http-request set-header X-Ok %[http_auth(users)]
http-request set-header X-User %[http_auth_user]:%[http_auth_pass]:%[http_auth_type]
""", send=with_fields(basic("clear:secret")))
each("""
http-request auth unless { http_auth(users) }
http-request auth unless { http_auth_group(users) staff }
http-request auth unless { http_auth_group(users) admins }
""", send=with_fields(basic("hashed:secret")))
each("http-request auth unless { http_auth(users) }", send=with_fields(basic("hashed:wrong")))
each("http-request auth realm Some\\ \\\"quoted\\\"\\ realm", send=GET)
each("http-request auth", send=b"GET http://www.example/ HTTP/1.1\r\nHost: www.example\r\nProxy-Connection: keep-alive\r\n\r\n")
each("option http-use-proxy-header ;; http-request auth", send=with_fields("Proxy-Connection: keep-alive"))
each("option http-use-proxy-header ;; http-request auth unless { http_auth(users) }",
     send=with_fields("Proxy-" + basic("clear:secret"), "Proxy-Connection: keep-alive"))
each("http-request auth realm x ;; errorfile 401 @dir@/page.http")
each("http-request auth realm x ;; http-error status 401 content-type text/x string mine hdr WWW-Authenticate old hdr X-More yes")
each("stats enable ;; stats uri /s ;; stats auth me:pw", send=with_fields(target="/s"))
each("stats enable ;; stats uri /s ;; stats realm My\\ stats ;; stats auth me:pw",
     send=with_fields(basic("me:wrong"), target="/s"))
each("stats enable ;; stats uri /s ;; stats http-request auth realm Own unless { http_auth(users) }",
     send=with_fields(target="/s"))
each("stats enable ;; stats uri /s ;; stats http-request auth unless { http_auth(users) }", send=with_fields(target="/s"))
each("stats enable ;; stats uri /s ;; stats http-request deny if { hdr(x-no) -m found }",
     send=with_fields("X-No: 1", target="/s"))

# --------------------------------------------------------------------------- captures
each("""
http-request capture hdr(x-one) len 10
http-request capture hdr(x-list) len 3
http-request capture path len 20 ;; http-request set-header X-Cap %[capture.req.hdr(0)]
http-request capture hdr(none) len 4
http-request capture hdr(x-one) len 4 ;; http-request capture method len 8
capture request header X-Ip len 20 ;; http-request capture hdr(x-one) len 4
declare capture request len 6 ;; http-request capture path id 0
declare capture request len 6 ;; declare capture request len 6 ;; http-request capture path id 1
http-request capture src,ipmask(8) len 30
http-request capture int(12) len 30
http-request capture bool(1) len 30
declare capture response len 12 ;; http-response capture res.hdr(server) id 0
declare capture response len 3 ;; http-after-response capture res.hdr(x-res) id 0
declare capture response len 12 ;; http-after-response capture str(own) id 0 ;; http-request deny
tcp-request content capture hdr(x-one) len 9
capture cookie id len 10
capture cookie i len 10
capture request header X-List len 20 ;; capture response header X-Many len 20
""")
CASES.append(Case("declare capture request len 4", "http-request capture path id 0"))
CASES.append(Case("", "http-request capture path id 0"))
CASES.append(Case("declare capture request len 4", "http-request capture path id 3"))
CASES.append(Case("declare capture response len 4", "http-response capture res.hdr(x-many) id 0"))

# --------------------------------------------------------------------------- addresses
each("""
http-request set-src hdr(x-ip) ;; http-request set-src-port int(3) ;; http-request set-header X-Src %[src]:%[src_port]
http-request set-src hdr(none) ;; http-request set-header X-Src %[src]
http-request set-src hdr(x-one) ;; http-request set-header X-Src %[src]
http-request set-src str(2001:db8::1) ;; http-request set-header X-Src %[src]
http-request set-src src,ipmask(8) ;; http-request set-header X-Src %[src]
http-request set-src hdr(x-ip) ;; option forwardfor
http-request set-src-port int(4000) ;; http-request set-header X-Src %[src]:%[src_port]
http-request set-src-port hdr(x-port) ;; http-request set-header X-Src %[src_port]
http-request set-dst hdr(x-ip) ;; http-request set-header X-Dst %[dst]
http-request set-dst str(2001:db8::1) ;; http-request set-header X-Dst %[dst]
http-request set-dst-port int(4000) ;; http-request set-header X-Dst %[dst]:%[dst_port]
http-request set-dst hdr(x-ip) ;; option originalto
http-request set-src hdr(x-ip) ;; http-request set-src-port int(5) ;; http-request set-dst int(3232235777) ;; http-request set-header X-Dst %[dst]
http-request set-src int(3232235777) ;; http-request set-header X-Src %[src]
tcp-request connection set-src str(192.0.2.9) ;; http-request set-header X-Src %[src]
tcp-request connection set-src-port int(77) ;; http-request set-header X-Src %[src_port]
tcp-request connection set-dst str(192.0.2.9) ;; http-request set-header X-Dst %[dst]
tcp-request connection set-dst-port int(78) ;; http-request set-header X-Dst %[dst_port]
tcp-request session set-src str(192.0.2.9) ;; http-request set-header X-Src %[src]
tcp-request session set-src-port int(77) ;; http-request set-header X-Src %[src_port]
tcp-request session set-dst str(192.0.2.9) ;; http-request set-header X-Dst %[dst]
tcp-request session set-dst-port int(78) ;; http-request set-header X-Dst %[dst_port]
tcp-request content set-src str(192.0.2.9) ;; http-request set-header X-Src %[src]
tcp-request content set-src-port int(77) ;; http-request set-header X-Src %[src_port]
tcp-request content set-dst str(192.0.2.9) ;; http-request set-header X-Dst %[dst]
tcp-request content set-dst-port int(78) ;; http-request set-header X-Dst %[dst_port]
tcp-request connection set-src str(192.0.2.9) ;; http-request set-header X-Src %[fc_src]
""")
ADDRESSES = "%ST %ci %fi"
each("""
http-request set-src hdr(x-ip)
http-request set-dst hdr(x-ip)
tcp-request connection set-src str(192.0.2.9)
tcp-request session set-dst str(192.0.2.9)
tcp-request content set-src str(192.0.2.9)
""", log=ADDRESSES)
CASES.append(Case("", "http-request set-src hdr(x-ip)\n    option forwardfor"))

# --------------------------------------------------------------------------- the log, priorities, the socket
each("""
http-request set-log-level err
http-request set-log-level emerg
http-request set-log-level info
http-response set-log-level warning
tcp-request content set-log-level debug
http-request set-nice 5
http-request set-nice -2000
http-response set-nice 7
tcp-request content set-nice 9
http-request set-mark 1
http-request set-mark 0x20
http-response set-mark 0x20
tcp-request connection set-mark 7
tcp-request session set-mark 7
tcp-request content set-mark 7
http-request set-tos 0x10
http-request set-tos 16
http-response set-tos 16
tcp-request connection set-tos 8
tcp-request session set-tos 8
tcp-request content set-tos 8
http-request set-priority-class int(5) ;; http-request set-header X-P %[prio_class]
http-request set-priority-class int(-5000) ;; http-request set-header X-P %[prio_class]
http-request set-priority-offset int(1000) ;; http-request set-header X-P %[prio_offset]
http-request set-priority-offset int(900000) ;; http-request set-header X-P %[prio_offset]
http-request set-priority-class hdr(none) ;; http-request set-header X-P %[prio_class]
tcp-request content set-priority-class int(6) ;; http-request set-header X-P %[prio_class]
tcp-request content set-priority-offset int(-7) ;; http-request set-header X-P %[prio_offset]
http-request disable-l7-retry
http-request wait-for-handshake
""")
each("http-request set-log-level silent", lines=0)
each("http-response set-log-level silent", lines=0)
each("""
http-request set-fc-mark 7
http-request set-fc-tos 8
http-request set-fc-mark int(7)
http-request set-fc-tos hdr(x-one)
http-request set-bc-mark 7
http-request set-bc-tos 8
http-response set-fc-mark 7
http-response set-fc-tos 8
tcp-request connection set-fc-mark 7
tcp-request content set-bc-tos 7
http-request pause 10
http-request pause 20ms
http-request pause int(10)
""", newer=True)
for rule in ("server 1500", "server 2s", "tunnel 5s", "server hdr(x-port)", "server int(1000)", "tunnel int(3000)"):
    CASES.append(Case("", f"http-request set-timeout {rule}"))
CASES.append(Case("", "http-request set-timeout server 100ms", send=with_fields("X-Slow: 1"), name="set-timeout server is kept"))
CASES.append(Case("", "http-request set-timeout server hdr(x-ms)", send=with_fields("X-Slow: 1", "X-Ms: 100"),
                  name="set-timeout server by an expression is kept"))
CASES.append(Case("http-request set-timeout client 5s", newer=True))

# --------------------------------------------------------------------------- the start line
TARGETS = """
set-path /new
set-path /new%[path]
set-path /a\\ b
set-path /with?mark
set-pathq /new
set-pathq /new?q
set-query new=1
set-query ?new=1
set-query %[query,regsub(1,one,g)]
set-uri /whole?thing
set-uri http://other.example/x
set-uri *
set-method POST
set-method Foo
set-method %[hdr(x-one)]
replace-path /dir/(.*) /\\1
replace-path (.*) /foo\\1
replace-path nothing x
replace-path page %[hdr(x-one)]
replace-path ^/(d)(i) /\\2\\1\\0\\3
replace-pathq ([^?]*)(\\?(.*))? \\1/foo\\2
replace-pathq x=1 x=2
replace-uri ^http://(.*) https://\\1
replace-uri ([^/:]*://[^/]*)?(.*) \\1/foo\\2
replace-uri 1 one
"""
for text in TARGETS.strip().splitlines():
    for target in ("/dir/page?x=1&y=2", "http://www.example/dir/page?x=1", "/plain", "/", "http://www.example", "*"):
        method = "OPTIONS" if target == "*" else "GET"
        CASES.append(Case(f"http-request {text}", send=with_fields("X-One: 1", target=target, method=method),
                          name=f"http-request {text} on {target}"))
NORMALIZERS = {
    "fragment-encode": ["/#foo", "/a#b#c", "/?q#f"],
    "fragment-strip": ["/#foo", "/a?b#c", "/a#?b", "/"],
    "path-strip-dot": ["/.", "/./bar/", "/a/./a", "/.well-known/", "/a/.", "/a/./", "/./././", "/a/./?x=/./", "/..", "/a/.b/./.c"],
    "path-strip-dotdot": ["/foo/../", "/foo/../bar/", "/foo/bar/../", "/../bar/", "/bar/../../", "/foo//../", "/foo/%2E%2E/",
                          "/foo/..", "/..", "/a/b/../../../c", "/a/..?x=/a/../", "/a/...", "/a/..b/", "//../", "/a/b/../..", "/."],
    "path-strip-dotdot full": ["/../bar/", "/bar/../../", "/..", "/a/../..", "/a/../../b/../..", "/../..", "/foo/../bar?../x"],
    "path-merge-slashes": ["//", "/foo//bar", "///a////b//", "/a//b?c//d", "http://www.example//a"],
    "percent-decode-unreserved": ["/%61dmin", "/foo%3Fbar=baz", "/%%36%36", "/%ZZ", "/%7e%2D%2e%5f", "/a%", "/a%4", "/?%61=%41"],
    "percent-decode-unreserved strict": ["/%61dmin", "/%%36%36", "/%ZZ", "/a%4"],
    "percent-to-uppercase": ["/%6f", "/%zz", "/%fF%aa", "/a%a", "/?%aa"],
    "percent-to-uppercase strict": ["/%6f", "/%zz", "/a%a"],
    "query-sort-by-name": ["/?c=3&a=1&b=2", "/?aaa=3&a=1&aa=2", "/?a=3&b=4&a=1&b=5&a=2", "/?", "/", "/?b&a", "/?=1&a", "/?b=&&a=", "/?a&b&"],
}
for normalizer, targets in NORMALIZERS.items():
    for target in targets:
        CASES.append(Case(f"option accept-invalid-http-request\n    http-request normalize-uri {normalizer}",
                          send=with_fields(target=target), name=f"normalize-uri {normalizer} on {target}"))

# --------------------------------------------------------------------------- header fields
each("""
http-request set-header X-One 2
http-request set-header X-New %[path]%%
http-request set-header X-List one
http-request set-header X-New %[hdr(none)]
http-request set-header Host other
http-request set-header Content-Length 5
http-request set-header Transfer-Encoding chunked
http-request del-header Content-Length
http-response set-header Content-Length 3
http-response del-header Content-Length
http-response set-header Transfer-Encoding chunked
http-request set-header Cookie a=b
http-request set-header X-Log "%ci %f %b %s %{+Q}r %[hdr(none)]"
http-request add-header X-One 2
http-request add-header X-List e
http-request add-header X-New "%{+Q}[path] %{+Q,+E}[path]"
http-request del-header X-One
http-request del-header x-list
http-request del-header none
http-request del-header X- -m beg
http-request del-header x- -m beg
http-request del-header -one -m end
http-request del-header lis -m sub
http-request del-header ^x-(one|ip)$ -m reg
http-request del-header x-one -m str
http-request replace-header X-One 1 one
http-request replace-header X-One (.) <\\1\\1>
http-request replace-header X-List (.*) <\\1>
http-request replace-header X-List b B
http-request replace-header X-List [ab] %[path]
http-request replace-header Cookie id=([^;]*) id=\\1.\\1
http-request replace-header None x y
http-request replace-header X-One (\\d) \\1%%\\\\1
http-request replace-value X-List a A
http-request replace-value X-List (.) <\\1>
http-request replace-value X-List b %[hdr(x-one)],%[hdr(x-ip)]
http-request replace-value X-One x y
http-response set-header X-Res two
http-response set-header Server %[src]
http-response add-header X-Res two
http-response add-header X-New %[status],%[res.hdr(server)]
http-response del-header Server
http-response del-header X- -m beg
http-response replace-header X-Many (.*) <\\1>
http-response replace-header X-Many , ;
http-response replace-value X-Many b B
http-response replace-value X-Many (.) \\1\\1
http-after-response set-header X-Res two
http-after-response add-header X-Res two
http-after-response del-header server
http-after-response del-header ^x- -m reg
http-after-response replace-header X-Res o(.)e \\1
http-after-response replace-value X-Many d D
http-after-response set-header Strict-Transport-Security max-age=31536000 ;; http-request deny
http-after-response del-header cache-control ;; http-request deny
http-after-response set-status 202
http-after-response set-status 418 reason Teapot
http-after-response allow ;; http-after-response set-header X-Never 1
http-after-response set-var(txn.a) status ;; http-after-response set-header X-A %[var(txn.a)]
http-after-response set-var-fmt(txn.a) %[status]x ;; http-after-response unset-var(txn.a) ;; http-after-response set-header X-A -%[var(txn.a)]-
http-after-response strict-mode off
http-response set-status 202
http-response set-status 418 reason "I am a teapot"
http-response set-status 599
http-response set-status 204 reason x
http-response allow ;; http-response set-header X-Never 1
http-request allow ;; http-request set-header X-Never 1
http-request strict-mode off ;; http-request set-header X-New 1
http-request strict-mode on ;; http-request set-header X-New 1
http-response strict-mode off
http-request early-hint Link "</style.css>; rel=preload; as=style"
http-request early-hint Link "</%[path]>" ;; http-request early-hint Link "</two>"
http-request early-hint Link "<1>" ;; http-request early-hint X-More 2 if { always_true } ;; http-request set-header X-A b ;; http-request early-hint X-Third 3
http-request early-hint Link "<1>" ;; http-request deny
http-request early-hint Link "<1>" if { path /none } ;; http-request early-hint Link "<2>"
""")
each("http-request early-hint Link \"<1>\"", send=b"GET / HTTP/1.0\r\nHost: a\r\n\r\n")
MUCH = "\n    ".join(f'http-request set-header X-{n} "{"x" * 4000}"' for n in range(5))
CASES.append(Case(MUCH, name="headers that fill a buffer"))
CASES.append(Case("http-request strict-mode off\n    " + MUCH, name="headers that fill a buffer, without strict mode"))

# --------------------------------------------------------------------------- variables
for condition in ("ifexists", "ifnotexists", "ifempty", "ifnotempty", "ifset", "ifnotset", "ifgt", "iflt", "ifnotset,ifnotempty"):
    for first in ("", "http-request set-var(txn.v) int(5)", "http-request set-var(txn.v) str(a)",
                  "http-request set-var(txn.v) int(5)\n    http-request unset-var(txn.v)"):
        for value in ("int(3)", "int(9)", "str()", "str(b)", "hdr(none)"):
            CASES.append(Case(f"{first}\n    http-request set-var(txn.v,{condition}) {value}\n"
                              "    http-request set-header X-V %[var(txn.v)]"))
each("""
http-request set-var(txn.v) path ;; http-request set-header X-V %[var(txn.v)]
http-request set-var(req.v) path ;; http-request set-header X-V %[var(req.v)] ;; http-response set-header X-V <%[var(req.v)]>
http-request set-var(txn.v) path ;; http-response set-header X-V <%[var(txn.v)]>
http-request set-var(sess.v) path ;; http-response set-header X-V <%[var(sess.v)]>
http-request set-var(proc.v) path ;; http-response set-header X-V <%[var(proc.v)]>
http-response set-var(res.v) status ;; http-response set-header X-V <%[var(res.v)]> ;; http-after-response set-header X-W <%[var(res.v)]>
http-request set-var-fmt(txn.v) "%[path] %[src]%%" ;; http-request set-header X-V %[var(txn.v)]
http-request set-var-fmt(txn.v,ifnotexists) a ;; http-request set-var-fmt(txn.v,ifnotexists) b ;; http-request set-header X-V %[var(txn.v)]
http-request set-var(txn.v) path ;; http-request unset-var(txn.v) ;; http-request set-header X-V <%[var(txn.v)]>
http-request set-var(txn.v) hdr(x-one),add(3) ;; http-request set-header X-V %[var(txn.v),add(1)]
tcp-request connection set-var(sess.v) src ;; http-request set-header X-V %[var(sess.v)]
tcp-request connection set-var-fmt(sess.v) "%[src]+" ;; tcp-request session set-var(sess.w) var(sess.v) ;; http-request set-header X-V %[var(sess.w)]
tcp-request connection set-var(sess.v) src ;; tcp-request connection unset-var(sess.v) ;; http-request set-header X-V <%[var(sess.v)]>
tcp-request session set-var-fmt(sess.v) a ;; tcp-request session unset-var(sess.v) ;; http-request set-header X-V <%[var(sess.v)]>
tcp-request content set-var(txn.v) method ;; http-request set-header X-V %[var(txn.v)]
tcp-request content set-var-fmt(txn.v) %[src] ;; tcp-request content unset-var(txn.v) ;; http-request set-header X-V <%[var(txn.v)]>
""")

# --------------------------------------------------------------------------- answers
for action in ("deny", "tarpit", "return"):
    each(f"""
http-request {action}
http-request {action} status 429
http-request {action} status 410 default-errorfiles
http-request {action} status 403 errorfiles pages
http-request {action} status 500 errorfiles pages
http-request {action} errorfile @dir@/page.http
http-request {action} status 503 errorfile @dir@/page.http
http-request {action} status 418 content-type text/x string "some text"
http-request {action} status 400 content-type text/x lf-string "path %[path] %ci"
http-request {action} content-type text/x file @dir@/body.txt
http-request {action} status 404 content-type text/x lf-file @dir@/body.txt
http-request {action} status 404 content-type text/x file @dir@/empty.txt
http-request {action} status 201 hdr X-A b hdr X-B %[path]
http-request {action} status 201 content-type text/x string t hdr X-A b hdr X-B %[path]
http-request {action} hdr X-A b content-type text/x string t
http-request {action} content-type text/x status 499 string t
http-request {action} status 204
http-request {action} status 304
http-request {action} status 302 hdr Location /x
http-request {action} status 200 content-type text/x string t if {{ path /none }}
http-request {action} status 403 ;; http-error status 403 content-type text/x string "http-error"
http-request {action} status 403 default-errorfiles ;; http-error status 403 content-type text/x lf-string "http-error %[path]" hdr X-E %[method]
http-request {action} status 403 default-errorfiles ;; errorfile 403 @dir@/page.http
http-request {action} status 403 default-errorfiles ;; errorfiles pages
http-request {action} status 403 default-errorfiles ;; errorloc 403 http://else/where
""")
each("""
http-request deny deny_status 429
http-request deny deny_status 400
http-request deny deny_status 503
http-request tarpit deny_status 429
http-response deny
http-response deny deny_status 403
http-response deny status 418 content-type text/x string refused
http-response deny status 403 errorfiles pages
http-response return
http-response return status 201 content-type text/x string instead hdr X-A %[status]
http-response return status 503 default-errorfiles
http-response return errorfile @dir@/page.http
http-response redirect location /x
http-response redirect location /x%[status] code 303
http-request return status 200 content-type text/x string a ;; http-request set-header X-Never 1
http-request return status 200 content-type text/x string a ;; http-response set-header X-Res 1 ;; http-after-response set-header X-After 1
""")
for method in ("HEAD", "POST"):
    send = POST if method == "POST" else GET.replace(b"GET", b"HEAD")
    each("""
http-request deny
http-request return status 200 content-type text/x string text
http-request redirect location /x
http-request auth
http-request tarpit
""", send=send)
each("http-request reject", lines=1)
each("http-request silent-drop")
each("http-response silent-drop")
each("tcp-request content reject")
each("tcp-request content accept ;; tcp-request content reject")
each("tcp-request connection reject", lines=0)
each("tcp-request session reject", lines=0)
each("tcp-request connection accept ;; tcp-request connection reject")
each("tcp-request session accept ;; tcp-request session reject")
each("tcp-request connection silent-drop", lines=0)
each("tcp-request session silent-drop", lines=0)
each("http-request reject if { path /none }")
each("http-request silent-drop rst-ttl 1", newer=True)
