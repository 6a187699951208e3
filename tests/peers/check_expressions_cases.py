"""Checks whose words have expressions: (name, lines of the backend, script of the server); see peers/scripted.py."""

from peers.scripted import SHUT

T, H = "option tcp-check\n", "mode http\noption httpchk GET /\n"
HEAD = (b"\r\n\r\n",)
TAIL = b"Content-Length: 5\r\nX-A: one, two\r\nX-N: 17\r\n\r\nhello"
GOOD, BAD = b"HTTP/1.1 200 Fine\r\n" + TAIL, b"HTTP/1.1 503 Bad\r\n" + TAIL
SAY_X = "\ntcp-check expect string x"
SET_A = "set-var(check.a) str(hello)\n"
WELL, ILL = [HEAD, GOOD], [HEAD, BAD]


def tcp(name, lines, script, tail=""):
    return f"tcp: {name}", T + "\n".join(f"tcp-check {line}" for line in lines.split("\n")) + tail, script


def http(name, lines, script=WELL):
    return f"http: {name}", H + "\n".join(f"http-check {line}" for line in lines.split("\n")), script


CASES = [
    # What is sent.
    tcp("a format", "send-lf %[int(5)]-%b-%s-%si-%[be_name]-%[srv_name]-%%-%[var(proc.start)]-%[hostname]\\n", [1]),
    tcp("tags that have nothing", "send-lf \"  a  %ci  b%ci %ID %cp|%U|%Tw|%Tc|%sslc|%ac\"", [1]),
    tcp("addresses", "connect\nsend-lf %bi|%[bc_src]|%[bc_dst]|%[src]|%[dst]|%[bc_err]\\n", [1]),
    tcp("flags", "send-lf \"%{+Q}[str(a b)] %{+E}[str(a)] %{+X}[int(17)]\"", [1]),
    tcp("nothing at all", "send-lf %[var(check.none)]", [b"x"], SAY_X),
    tcp("digits", "send-binary-lf %[str(ABC),hex]0a", [b"x"], SAY_X),
    tcp("odd digits", "send-binary-lf %[str(ABC),hex]0 comment \"a b\"", [b"x"], SAY_X),
    tcp("no digits", "send-binary-lf zz%[str(ABC),hex]", [b"x"], SAY_X),
    tcp("a comment", "send-lf %[int(1)] comment one\nexpect string x", [1, b"y", SHUT]),
    # Variables.
    tcp("variables", "set-var-fmt(check.a) a%s\nset-var(sess.b) str(abc)\nset-var(proc.c) str(pc)\nset-var(check.d) int(1)\n"
        "unset-var(check.d)\nsend-lf %[var(check.a)]%[var(sess.b)]%[var(proc.c)]%[var(check.d)]x", [b"x"], SAY_X),
    tcp("conditions", "set-var(check.a) int(5)\nset-var(check.a,ifnotexists) int(6)\nset-var(check.b,ifexists) int(7)\n"
        "set-var(check.a,ifgt) int(9)\nset-var(check.a,ifset,iflt) int(4)\nsend-lf %[var(check.a)]%[var(check.b)]z", [1]),
    tcp("scopes of a stream", "set-var(txn.a) int(5)\nset-var(req.a) int(6)\nsend-lf %[var(txn.a)]%[var(req.a)]z", [1]),
    tcp("converters", "set-var(check.a) str(a-b-c),field(2,-),upper\nsend-lf %[var(check.a)]z", [1]),
    tcp("before a connection", "set-var(check.a) str(a)\nconnect\nsend-lf %[var(check.a)]%[var(check.none)]x", [b"x"], SAY_X),
    tcp("behind all", "expect string a\nset-var(check.x) int(1)", [b"a"]),
    tcp("alone", "set-var(check.x) int(1)", []),
    # Ports.
    tcp("a port", "set-var(check.port) int({port})\nconnect port var(check.port)\nsend hi", [b"x"], SAY_X),
    tcp("no port", "connect port var(check.none)\nsend hi", [b"x"], SAY_X),
    tcp("a port of zero", "connect port int(0)\nsend hi", [2]),
    tcp("too large a port", "connect port int({port}),add(65536)\nsend hi", [2]),
    tcp("a text as port", "connect port str(abc)\nsend hi", [2]),
    tcp("two connections", "set-var(check.a) int(1)\nconnect\nexpect string foo\nset-var(check.b) res.payload(0,3)\n"
        "connect port int({port})\nsend-lf <%[var(check.b)]>\nexpect string bar", [[b"foo"], [5, b"zzz", SHUT]]),
    tcp("a connection alone", "connect", []),
    tcp("a connection at the end", "connect\nexpect string a on-success yes\nconnect", [b"a"]),
    # What is expected.
    tcp("an answer", "expect string hello\nset-var(check.a) res.payload(0,3)\nsend-lf <%[var(check.a)]>",
        [b"hello", 5, b"x"], SAY_X),
    tcp("payload of either side", "expect string a on-success %[payload(0,0)]:%[payload(0,0),length]", [b"ab"]),
    tcp("text of success", "expect on-success ok:%[res.payload(0,0)]:%[res.len] string hello", [b"hello"]),
    tcp("text of failure", "expect on-error bad:%[res.payload(0,3)]:%[res.len] string hello", [b"HELLO", SHUT]),
    tcp("text of failure without an answer", "expect on-error bad:%[res.len] string hello", [SHUT]),
    tcp("text behind the match", "expect string hello on-success ok:%[res.len] status-code int(9)", [b"hello"]),
    tcp("code of success", "expect status-code int(7) on-success good string hello", [b"hello"]),
    tcp("code of failure", "expect status-code int(7) on-error bad string hello", [b"HELLO", SHUT]),
    tcp("code of failure that is told", "expect status-code int(7) error-status L7STS string hello", [b"HELLO", SHUT]),
    tcp("code of a text", "expect status-code str(412) on-success good string hello", [b"123hello"]),
    tcp("code of no number", "expect status-code str(abc) on-success good string hello", [b"123hello"]),
    tcp("code of nothing", "expect status-code var(check.none) on-success good string hello", [b"123hello"]),
    tcp("code and a request", "expect string a on-success yes status-code int(4)\nsend x", [b"a"]),
    tcp("code and variables", "expect string a on-success yes status-code int(3)\nset-var(check.x) int(1)", [b"a"]),
    tcp("text made at the end", "expect string a on-success v=%[var(check.x)]\nset-var(check.x) res.len", [b"ab"]),
    tcp("status and variables", "expect string a ok-status L6OK on-success yes\nset-var(check.x) int(1)", [b"a"]),
    tcp("status and a comment", "expect string a ok-status L6OK on-success yes\ncomment foo", [b"a"]),
    tcp("a made text", SET_A + "expect string-lf %[var(check.a)]o", [b"xxhelloo"]),
    tcp("a made text in pieces", "expect string-lf %[str(abcdef)]", [b"abcd", 0.2, b"ef"]),
    tcp("a made text that is not there", SET_A + "expect string-lf %[var(check.a)]o", [b"xxhello", SHUT]),
    tcp("a made text that does not come", "expect string-lf %[str(abcdef)]", [b"abcd", 0.2, b"xx"]),
    tcp("a made text, unwanted", "expect ! string-lf %[str(a)]", [b"bab"]),
    tcp("a made text, unwanted and away", "expect ! string-lf %[str(a)]", [b"bbb", SHUT]),
    tcp("least bytes of a made text", "expect min-recv 3 string-lf %[str(abcdef)]", [b"abcd", 0.2, b"ef"]),
    tcp("least bytes, others", "expect min-recv 3 string-lf %[str(abcdef)]", [b"abcxxx"]),
    tcp("least bytes, too few", "expect min-recv 3 string-lf %[str(abcdef)]", [b"abc", SHUT]),
    tcp("more bytes than the made text", "expect min-recv 9 string-lf %[str(ab)]", [b"ab", 0.2, b"cdefghijkl"]),
    tcp("least of none of a made text", "expect min-recv 0 string-lf %[str(abcdef)]", [b"abcd", 0.2, b"ef"]),
    tcp("least of none of a text", "expect min-recv 0 string abcdef", [b"abcd", 0.2, b"ef"]),
    tcp("made digits", SET_A + "expect binary-lf %[var(check.a),hex]0a", [b"xxhello\n"]),
    tcp("made digits that are not there", "expect comment cc binary-lf %[str(AB),hex]", [b"xx", SHUT]),
    tcp("made digits without an answer", "expect comment cc binary-lf %[str(AB),hex]", []),
    tcp("odd made digits", "expect binary-lf %[str(AB),hex]0", [b"xxhello\n"]),
    tcp("odd digits with a comment", "expect comment cc binary-lf 0", [b"xx"]),
    tcp("an empty made text", "expect string-lf %[var(check.none)]", [b"xxhello"]),
    tcp("an empty made text, no answer", "expect string-lf %[var(check.none)]", []),
    tcp("an empty made text, the end", "expect string-lf %[var(check.none)]", [SHUT]),
    tcp("an empty made text, another status", "expect error-status L6RSP on-error oops string-lf %[var(check.none)]", [b"x"]),
    tcp("an empty made text with a comment", "expect comment cc string-lf %[var(check.none)]", [b"xx"]),
    tcp("empty digits", "expect binary-lf %[var(check.none)]", [b"hello"]),
    tcp("a comment is no format", "expect comment c%[int(1)] string-lf %[str(a)]", [b"hello", SHUT]),
    tcp("numbers of steps", "comment pre\nset-var(check.a) int(1)\nexpect string-lf %[str(AB),hex]", [b"xx", SHUT]),
    # Requests.
    http("tags", "send hdr X \"%f %ft %b %s %ts %tsc %ST %Th %Ti %TR %Tr %Tw %Tc %Td %Tt %B %U %ci %cp %fi %fp %ac %fc %bc %sc %rc %ID %CC "
         "%HM %HP %HPO %HQ %HU %HV %r %hr %sslc\""),
    http("headers", "send hdr X-V %[int(5)]-%b-%s hdr X-P %[var(proc.start)] hdr X-E %[var(check.none)] "
         "hdr X-Q \"%{+Q}[str(a)]\" hdr X-L \"100%%\""),
    http("path and body", "send uri-lf /%[int(5)]/%s%[var(check.none)] body-lf <%[str(abc)]>%[srv_name] hdr Content-Length 9"),
    http("empty path and body", "send uri-lf %[var(check.none)] body-lf %[var(check.none)]"),
    http("odd values", "send meth POST uri-lf /a\\ b%[str(\"x y\")] body abc hdr Host %s hdr X-Two \"%[str(a)]\\r\\nX: y\""),
    http("blanks", "send hdr X \"  a  %ci  b%ci \""),
    http("a name", "send ver HTTP/1.1 hdr host h:%[srv_name]"),
    http("the name in the target", "send uri http://foo.bar/x?y hdr Host x.y"),
    http("the name in a bare target", "send uri http://foo.bar hdr Host %[str(x.y)]"),
    *[(f"http: connection {value} {version}", f"{H}http-check send ver {version} hdr Connection {value}", WELL)
      for value in ("keep-alive", "close", "a,b", "a,close", "keep-alive,\\ b") for version in ("HTTP/1.0", "HTTP/1.1")],
    http("framing is ours", "send hdr Transfer-Encoding chunked hdr Content-Length 4 body abc ver HTTP/1.1 hdr Host x.y"),
    http("last body and path", "send body abc body-lf xyz uri /a uri-lf /b"),
    http("variables before a request", "set-var(check.a) str(aa)\nsend hdr X %[var(check.a)]\nexpect status 200"),
    http("variables behind a request", "send hdr X %[var(check.a)]\nset-var(check.a) str(aa)\nunset-var(check.a)"),
    http("two requests", "set-var(check.a) str(aa)\nconnect\nsend meth GET uri-lf /%[var(check.a)]\nexpect status 200\n"
         "set-var(check.b) res.hdr(x-a)\nconnect\nsend uri-lf /%[var(check.b)] hdr X-S %[status]\nexpect rstatus 2",
         [[HEAD, GOOD], [HEAD, GOOD]]),
    http("two requests, the second is answered ill", "connect\nsend meth GET\nexpect status 200\nconnect\nsend meth GET",
         [[HEAD, GOOD], [HEAD, BAD]]),
    http("a request and variables", "connect\nsend meth GET\nset-var(check.x) int(1)", ILL),
    http("a port", "connect port int({port}) comment hm\nsend meth GET hdr X %[bc_src]\nexpect status 200"),
    http("protocol", "connect proto h1\nsend meth GET\nexpect status 200"),
    # Answers.
    http("facts of an answer", "expect on-success \"%[status] %[res.hdr(x-a)] %[res.fhdr(x-a)] %[res.hdr_cnt(x-a)] %[res.body] "
         "%[res.body_len] %[res.ver] %[hdr(x-n)]\" status 200"),
    http("facts of a failure", "expect on-error \"st=%[status] b=%[res.body] %si\" status 200", ILL),
    http("facts of a text that is not there", "expect on-error \"l=%[res.body]\" string nope", ILL),
    http("code of failure", "expect status-code res.hdr(x-n) on-error bad status 200", ILL),
    http("code of success", "expect status-code res.hdr(x-n) on-success good status 200"),
    http("code of nothing", "expect status-code res.hdr(x-none) on-success good status 200"),
    http("code of a text", "expect status-code res.hdr(x-n) on-error bad string nope", ILL),
    http("code and variables", "expect status-code int(3) status 200\nset-var(check.x) int(1)"),
    http("variables behind all", "expect status 200\nset-var(check.x) int(1)"),
    http("text made at the end", "expect status 200 on-success v=%[var(check.x)]\nset-var(check.x) int(1)"),
    http("code of the last", "expect status-code int(3) on-success yes status 200\nexpect on-success no status 200"),
    http("variables between", "expect status 200\nset-var(check.b) res.hdr(x-n)\nexpect on-success b=%[var(check.b)] status 200"),
    http("a made text", "expect string-lf h%[str(ell)]o"),
    http("a made text that is not there", "expect string-lf h%[str(ell)]p"),
    http("an empty made text", "expect string-lf %[var(check.none)]"),
    http("an empty made text, another status", "expect error-status L6RSP on-error oops string-lf %[var(check.none)]"),
    http("an empty made name", "expect comment dd hdr name-lf %[var(check.none)]"),
    http("an empty made value", "expect hdr name x-a value-lf %[var(check.none)]"),
    http("a made header", "expect hdr name-lf X-%[str(A)] value-lf t%[str(wo)]"),
    http("a made beginning", "expect hdr name-lf x-%[str(a)] value-lf -m beg t%[str(w)]"),
    http("a made whole header", "expect fhdr name-lf x-%[str(a)] value-lf t%[str(wo)]"),
    http("a made beginning of a name", "expect hdr name-lf -m beg x value -m end wo"),
    http("a header", "expect hdr name x-z"),
    http("no header", "expect ! hdr name x-a"),
    http("conditional", "disable-on-404\nset-var(sess.b) res.hdr(x-n)\nexpect status 200",
         [HEAD, GOOD.replace(b"200 Fine", b"404 None")]),
]

# (lines of the defaults section, cases).
INHERITED = [
    ("    option httpchk GET /d\n    http-check send hdr X 1\n    http-check expect status 500\n    http-check disable-on-404\n", [
        ("nothing of its own", "mode http", WELL),
        ("a request", "mode http\nhttp-check send hdr Y 2", WELL),
        ("an option", "mode http\noption httpchk GET /own", WELL),
        ("an option and what is expected", "mode http\noption httpchk GET /own\nhttp-check expect status 200", WELL),
        ("a request before an option", "mode http\nhttp-check send hdr Y 2\noption httpchk GET /later", WELL),
        ("a switch", "mode http\nhttp-check disable-on-404", [HEAD, GOOD.replace(b"200", b"404")]),
        ("an inherited switch", "mode http\nhttp-check send meth HEAD\nhttp-check expect ! status 500",
         [HEAD, GOOD.replace(b"200", b"404")]),
    ]),
    ("    option tcp-check\n    tcp-check send abc\n    tcp-check expect string x\n", [
        ("the sequence", "mode tcp", [3, b"x"]),
        ("another sequence", "tcp-check send xyz\ntcp-check expect string y", [3, b"y"]),
        ("only what is expected", "tcp-check expect string y", [b"y"]),
        ("another check", "option httpchk\nhttp-check send hdr Y 3", WELL),
    ]),
]

# Lines that are wrong, for both.
MISTAKES = [
    "tcp-check set-var(check.) int(1)", "tcp-check set-var(check.a-b) int(1)", "tcp-check set-var(a) int(1)",
    "tcp-check set-var() int(1)", "tcp-check set-var(check.a int(1)", "tcp-check set-var(check.a)",
    "tcp-check set-var(check.a) nofetch", "tcp-check set-var(check.a) req.hdr(x)", "tcp-check set-var(check.a) fe_name",
    "tcp-check set-var(check.a,ifbogus) int(1)", "tcp-check set-var-fmt(check.a) %[nofetch]",
    "tcp-check set-var-fmt(check.a) %zz", "tcp-check set-var", "tcp-check unset-var", "tcp-check send-lf",
    "tcp-check send-lf %[nofetch]", "tcp-check send-lf %[req.hdr(x)]", "tcp-check send-lf a b", "tcp-check send-lf %zz",
    "tcp-check send-binary-lf %[nofetch]", "tcp-check expect status-code", "tcp-check expect status-code nofetch string a",
    "tcp-check expect status-code int(1)", "tcp-check expect string-lf", "tcp-check expect string-lf %[nofetch]",
    "tcp-check expect string-lf \"\"", "tcp-check expect on-error %[nofetch] string a", "tcp-check expect hdr name x",
    "tcp-check connect port nofetch", "tcp-check connect port 70000", "tcp-check connect port 0",
    "tcp-check connect port int(x)", "tcp-check connect proto h2", "tcp-check connect proto bogus",
    "tcp-check send a\ntcp-check connect", "http-check connect proto none", "http-check connect proto bogus",
    "http-check connect proto", "http-check send uri-lf %[nofetch]", "http-check send hdr a %[nofetch]",
    "http-check send hdr a", "http-check send body-lf %[nofetch]", "http-check set-var(check.a) req.hdr(x)",
    "http-check expect hdr name-lf -m reg x", "http-check expect hdr name x value-lf -m reg x",
    "http-check expect hdr name-lf %[nofetch]", "http-check expect hdr x", "http-check expect string-lf %[nofetch]",
    "http-check expect status-code nofetch status 200", "http-check expect binary-lf 00",
    "http-check expect status-code int(1)", "http-check expect status 200 on-success %[nofetch]",
    "http-check expect status 200 on-success %[req.hdr(x)]", "http-check send hdr Host a hdr host b",
    "http-check send meth GET\nhttp-check send meth GET", "http-check expect status 200\nhttp-check send meth GET",
    "http-check expect status 200\nhttp-check connect", "http-check connect\nhttp-check connect",
    "http-check connect\nhttp-check expect status 200", "http-check send meth GET\nhttp-check connect",
    "http-check connect\nhttp-check send\nhttp-check expect status 200\nhttp-check send",
]
# And what is right, although it looks odd.
RIGHT = [
    "tcp-check set-var(check.a,ifnotexists) int(1)", "tcp-check set-var(proc.a,ifnotexists,ifset) int(1)",
    "tcp-check unset-var(check.a)", "tcp-check set-var(check.a) res.hdr(x)", "tcp-check connect proto none",
    "tcp-check connect via-socks4", "tcp-check set-var(check.a) int(1)\ntcp-check connect", "http-check connect proto h1",
    "http-check connect proto h2", "http-check send body a body-lf b", "http-check connect", "tcp-check expect binary-lf zz",
    "http-check set-var(check.a) res.hdr(x)\nhttp-check connect\nhttp-check send\nhttp-check expect status 1\nhttp-check connect",
]
