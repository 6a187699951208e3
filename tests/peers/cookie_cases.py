"""The scenarios of cookie_test.py: persistence by cookies. Every origin answers with the Set-Cookie and other fields that
the request asks for in X-Set fields, and with its own name.
"""

import re
import time

from support.compare import Scenario
from support.origin import answer, response

SCENARIOS = []


def _origin(name):
    def reply(head):
        wanted = re.findall(rb"(?im)^x-set: ([^\r]*)", head)
        status = re.search(rb"(?im)^x-status: ([^\r]*)", head)
        return response(name.encode(), headers=[field.decode() for field in wanted],
                        status=status[1].decode() if status else "200 OK")

    return answer(reply)


SERVERS = ["server s1 127.0.0.1:@o1@ cookie a", "server s2 127.0.0.1:@o2@ cookie b",
           "server plain 127.0.0.1:@o3@ weight 0", "server away 127.0.0.1:@o3@ cookie m disabled"]


def scenario(lines=("cookie SRV insert",), servers=SERVERS, name=None, count=1, blur=(), **more):
    """`count` requests; `lines` stand in the backend before its servers."""
    def register(function):
        SCENARIOS.append(Scenario(function, name=name or function.__name__, lines=count,
                                  origins=[_origin("one"), _origin("two"), _origin("three")], blur=blur,
                                  backend=["balance roundrobin", *lines, *servers], **more))
        return function

    return register


MODES = ["", "insert", "insert indirect", "insert nocache", "insert indirect nocache", "insert preserve",
         "insert indirect preserve", "insert postonly", "insert indirect nocache postonly",
         "insert nocache httponly secure domain .a.test domain b.test attr SameSite=None attr x", "rewrite",
         "rewrite nocache", "rewrite postonly", "prefix", "prefix indirect", "prefix nocache", "indirect", "indirect preserve",
         "nocache"]

# What the client sends in its Cookie fields.
SENT = [[], ["SRV=a"], ["SRV=b"], ["SRV=c"], ["SRV="], ["SRV=m"], ["srv=b"], ["x=1; SRV=b; y=2"], ["SRV=b; y=2"], ["x=1; SRV=b"],
        ["x=1;SRV=b;y=2"], ["x=1", "SRV=b", "y=2"], ["SRV=a; SRV=b"], ["SRV=c; SRV=b"], ['SRV="b"'], ["xSRV=b"],
        ["SRV=b~inner; y=2"], ["SRV=m~inner"], ["SRV=c~inner"], ["SRV=~inner"], ["SRV=b~"], ["SRV=b~x~y"], ["SRV"],
        ["$Version=1; SRV=b; $Path=/; y=2"], ["SRV=b, y=2"], ["SRV=b|"], ["SRV=b|x"], ["SRV=b|AAAAA"]]

# What the server sets.
SET = [["Set-Cookie: SRV=own; path=/"], ["Set-Cookie: SRV=; path=/"], ["Set-Cookie: other=1"], ["Set-Cookie: SRV=own", "Set-Cookie: y=2"],
       ["Set-Cookie: y=2", "Set-Cookie: SRV=one", "Set-Cookie: SRV=two"], ["Set-Cookie: SRV=a"], ["Set-Cookie: SRV=b"],
       ["Set-Cookie: y=2, SRV=z"], ["Set-Cookie2: SRV=own"], ['Set-Cookie: SRV="own"; path=/'], ["Set-Cookie: SRV=own ; path=/"],
       ["Set-Cookie: SRV"], ["Set-Cookie: srv=own"]]


def _requests(run, sent=(), wanted=(), **more):
    run.get(headers=[f"Cookie: {field}" for field in sent] + [f"X-Set: {field}" for field in wanted], **more)


for _mode in MODES:
    @scenario([f"cookie SRV {_mode}"], name=f"sent_{_mode.replace(' ', '_') or 'plain'}", count=len(SENT))
    def _sent(run):
        for sent in SENT:
            _requests(run, sent)

    @scenario([f"cookie SRV {_mode}"], name=f"set_{_mode.replace(' ', '_') or 'plain'}", count=4 * len(SET) + 6)
    def _set(run):
        for wanted in SET:
            for sent in ([], ["SRV=b"], ["SRV=c"], ["SRV=b~in"]):
                _requests(run, sent, wanted)
        _requests(run, [], ["Cache-Control: max-age=5"])
        _requests(run, [], ["Cache-Control: private"])
        _requests(run, [], ["Cache-Control: max-age=5", "Set-Cookie: SRV=own"])
        _requests(run, [], [], method="POST", body=b"x")
        _requests(run, ["SRV=b"], ["Set-Cookie: SRV=own"], method="POST", body=b"x")
        _requests(run, [], [], method="HEAD")


@scenario(["cookie SRV insert indirect", "option persist"], count=3)
def option_persist(run):
    for sent in (["SRV=m"], ["SRV=b"], []):
        _requests(run, sent)


CONDITIONS = ["cookie SRV insert indirect", "force-persist if { hdr(x-force) yes }", "ignore-persist if { hdr(x-ignore) yes }",
              "ignore-persist unless { path_beg / }"]


@scenario(CONDITIONS, count=6)
def force_and_ignore(run):
    for fields in (["Cookie: SRV=m"], ["Cookie: SRV=m", "X-Force: yes"], ["Cookie: SRV=b", "X-Ignore: yes"],
                   ["Cookie: SRV=b"], ["X-Force: yes"], ["Cookie: SRV=m", "X-Force: yes", "X-Ignore: yes"]):
        run.get(headers=fields)


@scenario(["cookie SRV insert indirect", "use-server s1 if { hdr(x-use) 1 }", "use-server away if { hdr(x-use) away }"], count=5)
def beside_use_server(run):
    for fields in (["X-Use: 1"], ["X-Use: 1", "Cookie: SRV=b"], ["X-Use: 1", "Cookie: SRV=a"], ["X-Use: 1", "Cookie: SRV=x"],
                   ["X-Use: away", "Cookie: SRV=b"]):
        run.get(headers=fields)


@scenario(["cookie SRV insert indirect", "stick-table type string size 10", "stick on hdr(x-key)"], count=6)
def beside_a_stick_table(run):
    for fields in (["X-Key: k", "Cookie: SRV=b"], ["X-Key: k"], ["X-Key: k", "Cookie: SRV=a"], ["X-Key: k"],
                   ["X-Key: k", "Cookie: SRV=x"], ["X-Key: k", "Cookie: SRV=m"]):
        run.get(headers=fields)


REFUSING = ["server s1 127.0.0.1:@o1@ cookie a", "server s2 127.0.0.1:@o1@ cookie a", "server gone 127.0.0.1:@refused@ cookie g weight 0"]


@scenario(["cookie SRV insert indirect", "option redispatch", "retries 1"], servers=REFUSING, count=2)
def redispatched(run):
    _requests(run, ["SRV=g"])
    _requests(run, ["SRV=a"])


@scenario(["cookie SRV insert indirect", "retries 1"], servers=REFUSING, count=1)
def not_redispatched(run):
    _requests(run, ["SRV=g"])


@scenario(["cookie SRV insert indirect", "option redispatch", "retries 1", "force-persist if { always_true }"],
          servers=REFUSING, count=1)
def forced_and_refused(run):
    _requests(run, ["SRV=g"])


CHECKED = ["server s1 127.0.0.1:@o1@ cookie a",
           "server gone 127.0.0.1:@refused@ cookie g check inter 20ms fall 1"]


@scenario(["cookie SRV insert indirect"], servers=CHECKED, count=2)
def server_is_down(run):
    run.wait_log("is DOWN")
    _requests(run, ["SRV=g"])


@scenario(["cookie SRV insert indirect", "option persist", "retries 0"], servers=CHECKED, count=2)
def server_is_down_and_persists(run):
    run.wait_log("is DOWN")
    _requests(run, ["SRV=g"])


@scenario(["cookie SRV insert indirect"], servers=["server s1 127.0.0.1:@o1@ cookie a weight 0", *SERVERS[1:]], count=3)
def drained(run):
    for sent in (["SRV=a"], [], ["SRV=b"]):
        _requests(run, sent)


@scenario(["cookie SRV insert indirect"], servers=["server s1 127.0.0.1:@o1@ cookie same", "server s2 127.0.0.1:@o2@ cookie same"],
          count=3)
def one_cookie_for_two(run):
    for sent in (["SRV=same"], ["SRV=same"], []):
        _requests(run, sent)


@scenario(["cookie SRV insert indirect"], servers=["server s1 127.0.0.1:@o1@ cookie same disabled", "server s2 127.0.0.1:@o2@ cookie same",
                                                   SERVERS[2]], count=2)
def first_of_two_is_away(run):
    for sent in (["SRV=same"], []):
        _requests(run, sent)


@scenario(["cookie SRV insert indirect"], servers=[SERVERS[0], "server spare 127.0.0.1:@o2@ cookie s backup"], count=2)
def a_backup_server(run):
    for sent in (["SRV=s"], []):
        _requests(run, sent)


@scenario(["cookie SRV insert indirect dynamic", "dynamic-cookie-key secret"], count=3,
          servers=["server s1 127.0.0.1:@o1@", "server s2 127.0.0.1:@o2@ cookie b"], blur=[(r"SRV=[0-9a-f]{16}", "SRV=<hash>")])
def dynamic(run):
    _requests(run)
    _requests(run, ["SRV=b"])
    _requests(run)


@scenario(["cookie SRV insert indirect", "http-request set-header Cookie SRV=b", "http-response set-header Set-Cookie SRV=mine"], count=2)
def rules_see(run):
    _requests(run, ["SRV=a"])
    _requests(run)


@scenario(["cookie SRV insert", "http-after-response set-header X-Seen %[res.cook(SRV)]", "http-response set-header X-Early %[res.cook(SRV)]"], count=1)
def rules_after(run):
    _requests(run)


@scenario(["cookie SRV insert indirect"], frontend=["capture cookie SRV len 20"], count=3)
def captured(run):
    _requests(run, ["SRV=a"])
    _requests(run, [], ["Set-Cookie: SRV=own"])
    _requests(run)


@scenario(["cookie SRV insert indirect nocache", "option checkcache"], count=2)
def with_checkcache(run):
    _requests(run, [], ["Cache-Control: public", "ETag: 1"])
    _requests(run, [], ["Cache-Control: public", "ETag: 1", "Set-Cookie: SRV=own"])


@scenario(["cookie SRV insert indirect"], count=3)
def kept_connection(run):
    client = run.connect()
    run.get(client=client)
    run.get(client=client, headers=["Cookie: SRV=b"])
    run.get(client=client, headers=["Cookie: SRV=a"])


@scenario(["cookie SRV insert indirect", "http-request deny if { path /deny }", "errorfile 503 /dev/null"],
          servers=["server away 127.0.0.1:@o3@ cookie m disabled"], count=2)
def not_answered_by_a_server(run):
    run.get("/deny", headers=["Cookie: SRV=a"])
    run.get("/", headers=["Cookie: SRV=m"])


# --------------------------------------------------------------------------- dates: maxidle and maxlife

DIGITS = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/"


def date(age):
    """A date of a cookie: so many seconds ago, in units of four seconds."""
    units = (int(time.time()) - age + 3) // 4
    return "".join(DIGITS[units >> shift & 63] for shift in (24, 18, 12, 6, 0))


def _age(match):
    units = 0
    for digit in match[1]:
        units = units * 64 + DIGITS.index(digit)
    return f"|{round((time.time() - units * 4) / 60)} minutes"


DATED = ["{0}", "{9}", "{11}", "{9}|{19}", "{9}|{21}", "{11}|{21}", "{1}|{1}", "{1}|{19}", "{1}|{21}", "{-1430}", "{-1450}",
         "{-1430}|{-1430}", "{-1450}|{-1450}", "{1}|{-1450}", "AAAAA|{21}", "{9}|AAAAA", "{9}|", "|{21}", "|{19}", "{9}x|{21}",
         "{9}|{21}x", "{9}|{21}|x", "{9}|b", "a", "aaaaaa", "AAAAA|", "AAAAA|AAAAA", "{0}|{0}", "zz-zz", "{9}|zz_zz"]

for _words in ("maxidle 10m", "maxlife 20m", "maxidle 10m maxlife 20m", "maxidle 10m preserve", "indirect maxidle 10m maxlife 20m nocache",
               "maxidle 10m postonly"):
    @scenario([f"cookie SRV insert {_words}"], name=f"dated_{_words.replace(' ', '_')}", count=len(DATED) + 6,
              blur=[(r"\|([A-Za-z0-9+/]{5})(?=[|;\r\n ]|$)", _age)])
    def _dated(run):
        for dates in DATED:
            value = re.sub(r"\{(-?\d+)\}", lambda match: date(int(match[1]) * 60), dates)
            _requests(run, [f"SRV=b|{value}"])
        for sent in ([], ["SRV=a"], ["SRV=c"], ["SRV=m|" + date(60)], ["SRV=c|" + date(3600)]):
            _requests(run, sent)
        _requests(run, ["SRV=b|" + date(60)], ["Set-Cookie: SRV=own"])


@scenario(["cookie SRV rewrite maxidle 10m"], name="dated_rewrite", count=2, blur=[(r"\|([A-Za-z0-9+/]{5})(?=[|;\r\n ]|$)", _age)])
def _dated_rewrite(run):
    _requests(run, ["SRV=b|" + date(3600)], ["Set-Cookie: SRV=own"])
    _requests(run, ["SRV=b|" + date(60)])


@scenario(["cookie SRV insert indirect", "ignore-persist if { hdr(x-ignore) yes }", "force-persist if { hdr(x-force) yes }"], count=3)
def ignored_before_forced(run):
    for fields in (["Cookie: SRV=m", "X-Force: yes", "X-Ignore: yes"], ["Cookie: SRV=m", "X-Ignore: yes"], ["X-Ignore: yes"]):
        run.get(headers=fields)


@scenario(["cookie SRV insert indirect", "force-persist if { hdr(x-force) yes }", "stick-table type string size 10", "stick on hdr(x-key)",
           "use-server away if { hdr(x-use) away }"], count=4)
def forced_without_a_cookie(run):
    run.get(headers=["X-Key: m", "Cookie: SRV=m", "X-Force: yes"])
    run.get(headers=["X-Key: m"])
    run.get(headers=["X-Key: m", "X-Force: yes"])
    run.get(headers=["X-Use: away", "X-Force: yes"])


@scenario(["cookie SRV insert indirect", "stick-table type string size 10", "stick on hdr(x-key)",
           "ignore-persist if { hdr(x-ignore) yes }", "use-server s1 if { hdr(x-use) 1 }"], count=4)
def ignored_without_a_cookie(run):
    run.get(headers=["X-Key: m", "Cookie: SRV=b"])
    run.get(headers=["X-Key: m", "X-Ignore: yes", "Cookie: SRV=a"])
    run.get(headers=["X-Key: m", "X-Ignore: yes"])
    run.get(headers=["X-Use: 1", "X-Ignore: yes"])


@scenario(["cookie SRV prefix", "option redispatch", "retries 1"],
          servers=REFUSING, count=2)
def redispatched_with_a_prefix(run):
    _requests(run, ["SRV=g~x"])
    _requests(run, ["SRV=g~x"], ["Set-Cookie: SRV=y"])


@scenario(["cookie SRV insert"], frontend=["http-request deny if { path /deny }", "http-request return status 200 if { path /own }"],
          count=2)
def denied_by_the_frontend(run):
    run.get("/deny", headers=["Cookie: SRV=a"])
    run.get("/own", headers=["Cookie: SRV=a"])


@scenario(["cookie SRV insert", "http-request return status 200 if { path /own }", "http-request redirect location / if { path /r }",
           "http-request tarpit if { path /t }", "timeout tarpit 10ms", "http-request deny if { path /deny }"], count=4)
def answered_by_the_backend(run):
    for path in ("/own", "/r", "/t", "/deny"):
        run.get(path, headers=["Cookie: SRV=b"])


@scenario(["cookie SRV rewrite"], servers=["server plain 127.0.0.1:@o1@"], count=2)
def server_without_a_cookie(run):
    _requests(run, ["SRV=b"], ["Set-Cookie: SRV=own"])
    _requests(run)


@scenario(["cookie SRV insert indirect"], servers=["server plain 127.0.0.1:@o1@"], count=2)
def inserting_server_without_a_cookie(run):
    _requests(run, ["SRV=b"], ["Set-Cookie: SRV=own"])
    _requests(run)


@scenario(["cookie SRV prefix"], servers=["server plain 127.0.0.1:@o1@"], count=2)
def prefixing_server_without_a_cookie(run):
    _requests(run, ["SRV=b~x"], ["Set-Cookie: SRV=own"])
    _requests(run)
