"""The scenarios of observe_test.py: traffic to a server that fails, in the eyes of `observe`, and what `on-error` makes of it."""

import csv
import os

from support.client import Closed, command
from support.compare import Scenario
from support.origin import response
from support.process import wait_for

SCENARIOS = []
COLUMNS = ("status", "chkfail", "chkdown", "check_status", "check_code", "hanafail", "last_chk", "check_health", "check_desc")
# One check at the start, and those that traffic asks for.
CHECKS = "check inter 600s downinter 600s"


def status(code, **more):
    return response(b"x", status=f"{code} Word", **more)


def answers(*what):
    """Answers request after request with these bytes; None resets, b"" closes, "silent" waits. Checks only connect."""
    def behaviour(peer):
        while (head := peer.head()) is not None:
            peer.body(head)
            with peer.origin._lock:
                number = peer.origin.count = getattr(peer.origin, "count", 0) + 1
            this = what[min(number, len(what)) - 1]
            if this is None:
                return peer.reset()
            if this == "silent":
                return peer.wait_close()
            peer.send(this)
            if not this.endswith((b"x", b"good")) or b"connection: close" in this.lower():
                return None
        return None

    return behaviour


def note_server(run):
    # What a worker has reported before its client got the answer is done when the control thread has been round once.
    command(f"{run.directory}/admin", "show version")
    for cells in csv.DictReader(command(f"{run.directory}/admin", "show stat").lstrip("# ").splitlines()):
        if cells["pxname"] == "be" and cells["svname"] != "BACKEND":
            run.note(cells["svname"], *(f"{name}={cells[name]}" for name in COLUMNS))


def checked(run):
    def done():
        if not os.path.exists(f"{run.directory}/admin"):
            return False
        return all(" INI" not in line and ",INI," not in line and ",* " not in line
                   for line in command(f"{run.directory}/admin", "show stat").splitlines() if line.startswith("be,"))

    wait_for(done, what="the first check")


def scenario(words, *what, requests=None, name, server="127.0.0.1:@o1@", lines=(), checks=CHECKS, keep=False, mode="http",
             more_servers=(), request=b"GET /a HTTP/1.1\r\nHost: h\r\n\r\n", every=True, then=None, commands=(), **parts):
    requests = requests or len(what)

    def play(run):
        checked(run)
        note_server(run)
        for line in commands:
            command(f"{run.directory}/admin", line)
        client = None
        for _ in range(requests):
            client = client if keep and client else run.connect()
            client.send(request)
            if mode == "tcp":
                try:
                    run.note("got", client.read_to_end())
                except (Closed, OSError):
                    run.note("reset")
            else:
                answer = run.note_response(client)
                while answer and answer.head.split()[1].startswith(b"1"):
                    answer = run.note_response(client)
                if not answer or answer.header("connection") == "close":
                    client.close()
                    client = None
            if every:
                note_server(run)
        if then:
            wait_for(lambda: f",{then}," in command(f"{run.directory}/admin", "show stat").split("\nbe,s1,")[1].splitlines()[0],
                     what=f"state {then}")
        note_server(run)
        # Traffic is not logged: two threads log, in any order.
        if "s1 status=DOWN" in run.noted[-1]:
            run.wait_log("is (going )?DOWN")

    SCENARIOS.append(Scenario(play, name=name, origins=[answers(*what), answers(response(b"other"))],
                              lines=0, blur=[(r"\d+ sessions active", "<some> sessions active")],
                              **{"global": "stats socket @dir@/admin level admin\n    max-spread-checks 50ms",
                                 "backend": [f"mode {mode}", *lines, f"server s1 {server} {checks} port @o2@ {words}", *more_servers],
                                 "frontend": ["no log", f"mode {mode}"], **parts}))


GOOD, BAD = response(b"good"), status(500)
L7, L4 = "observe layer7 error-limit 2", "observe layer4 error-limit 2"
ONE7, ONE4 = "observe layer7 error-limit 1", "observe layer4 error-limit 1"
QUICK = ["timeout server 150ms"]
ONCE = ["retries 0"]
CAUSES = {"empty": b"", "reset": None, "junk": b"SSH-2.0-x\r\n\r\n", "cut head": b"HTTP/1.1 200 OK\r\nContent-",
          "cut body": b"HTTP/1.1 200 OK\r\nContent-Length: 9\r\n\r\nshort", "silent": "silent",
          "bad length": b"HTTP/1.1 200 OK\r\nContent-Length: x\r\n\r\n", "bad chunk": b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\nzz\r\n"}

for on_error in ("", "on-error fastinter", "on-error fail-check", "on-error sudden-death", "on-error mark-down"):
    for fall in (1, 3):
        scenario(f"{L7} {on_error} fall {fall}", *[BAD] * 6, name=f"{on_error or 'no on-error'}, fall {fall}")
for code in (200, 301, 400, 404, 407, 408, 429, 499, 500, 501, 502, 503, 504, 505, 506, 511, 599):
    scenario(ONE7, status(code), name=f"layer7: a {code}")
for words, layer in ((ONE7, "layer7"), (ONE4, "layer4")):
    for cause, what in CAUSES.items():
        scenario(words, what, name=f"{layer}: {cause}", lines=QUICK if what == "silent" else ())
    scenario(words, GOOD, requests=2, server="127.0.0.1:@refused@", lines=ONCE, name=f"{layer}: refused")
    scenario(words, GOOD, requests=1, server="127.0.0.1:@refused@", lines=["retries 1", "timeout connect 100ms"], name=f"{layer}: refused, retries")
    scenario(words, GOOD, requests=1, server="127.0.0.1:@hang@", lines=[*ONCE, "timeout connect 100ms"], name=f"{layer}: no answer to SYN")
    scenario(words, b"HTTP/1.1 100 Continue\r\n\r\n" + BAD, name=f"{layer}: a 100, then a 500")
    scenario(words, BAD, name=f"{layer}: a response rule denies", lines=["http-response deny"])
    scenario(words, GOOD, name=f"{layer}: a response rule denies what is good", lines=["http-response deny"])
    scenario(words, BAD, name=f"{layer}: retry-on 500", requests=1, lines=["retry-on 500 empty-response"])
    scenario(words, b"", GOOD, name=f"{layer}: retry-on empty-response", requests=1, lines=["retry-on 500 empty-response"])
    scenario(words + " on-error mark-down", BAD, name=f"{layer}: log-health-checks", lines=["option log-health-checks"], requests=2)
    scenario(words + " on-error mark-down fall 3", None, name=f"{layer}: log-health-checks, reset", lines=["option log-health-checks"], requests=2)
scenario(L7, BAD, GOOD, BAD, GOOD, BAD, BAD, name="good ones between")
scenario(L7, BAD, status(404), BAD, BAD, name="a 404 between")
scenario(L7, BAD, None, BAD, None, name="of different kinds", lines=["http-reuse never"])
scenario(L7 + " on-error mark-down", BAD, name="one connection", requests=4, keep=True)
scenario("observe layer7", BAD, name="ten by default", requests=11, every=False)
scenario("error-limit 1 on-error mark-down", BAD, name="without observe", requests=3)
scenario("observe none error-limit 1 on-error mark-down", BAD, name="observe none", requests=3)
scenario(L7 + " on-error mark-down", BAD, name="without check", checks="", requests=3)
scenario(ONE7 + " on-error mark-down backup", BAD, name="a backup", requests=1)
scenario(ONE7 + " on-error mark-down", BAD, name="two servers", requests=2, lines=["balance roundrobin"],
         more_servers=["server s2 127.0.0.1:@o2@ check inter 600s", "server s3 127.0.0.1:@o2@ track s1"])
scenario(ONE7 + " on-error sudden-death fall 5 rise 3", BAD, name="sudden-death twice", requests=2)
scenario(ONE4, b"", name="mode tcp: empty", mode="tcp")
scenario(ONE4, None, name="mode tcp: reset", mode="tcp")
scenario(ONE4, "silent", name="mode tcp: silent", mode="tcp", lines=QUICK)
scenario(ONE4, GOOD, requests=2, server="127.0.0.1:@refused@", name="mode tcp: refused", mode="tcp", lines=ONCE)
scenario(L4, GOOD, requests=2, server="127.0.0.1:@refused@", name="two refused", lines=["retries 1", "timeout connect 100ms"])
for on_error in ("fastinter", "fail-check", "sudden-death", "mark-down"):
    scenario(f"{ONE7} on-error {on_error} fastinter 50ms fall 3 rise 2", BAD, name=f"{on_error}, and then the checks see that it is well", then="UP")
scenario(f"{ONE7} on-error mark-down cookie a", BAD, requests=3, lines=["option persist", "cookie SRV"], name="goes on to a server that is down",
         request=b"GET /a HTTP/1.1\r\nHost: h\r\nCookie: SRV=a\r\n\r\n")
for on_error in ("fastinter", "fail-check", "sudden-death", "mark-down"):
    for line in ("disable health be/s1", "set server be/s1 state drain", "set server be/s1 state maint"):
        scenario(f"{ONE7} on-error {on_error} fall 2 cookie a", BAD, requests=2, lines=["force-persist if TRUE", "cookie SRV"],
                 request=b"GET /a HTTP/1.1\r\nHost: h\r\nCookie: SRV=a\r\n\r\n", commands=[line], name=f"{on_error}, {line.split('be/s1')[0]}{line.split('be/s1')[1]}")
for words, layer in ((ONE7, "layer7"), (ONE4, "layer4")):
    scenario(f"{words} ssl verify none no-check-ssl", b"", requests=1, lines=ONCE, name=f"{layer}: no handshake")
scenario("observe layer7 error-limit 3", BAD, BAD, GOOD, requests=3, server="127.0.0.1:@o1@", name="two, then a good one")
scenario(f"{L7}", BAD, requests=2, checks="track be2/t", more=["backend be2", "server t 127.0.0.1:@o2@ check inter 600s"], name="of a server that tracks")
scenario("", GOOD, checks="", requests=1, name="no words at all")
