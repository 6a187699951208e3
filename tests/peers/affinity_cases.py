"""The scenarios of affinity_test.py: to which server a client goes that has been there before, or that says where it belongs."""

import os
import re
import socket
import struct

from support.client import Closed, command
from support.compare import TIMERS, Scenario
from support.origin import response
from support.process import wait_for

SCENARIOS = []


def named(number):
    """Says who it is; with /401… it asks for credentials; /hold waits for its end."""
    def behaviour(peer):
        while (head := peer.head()) is not None:
            peer.body(head)
            path = head.split()[1].decode()
            if path.startswith("/hold"):
                return peer.wait_close()
            code = path[1:4] if path[1:4] in ("401", "407") else "200"
            scheme = path[4:].replace("_", " ")
            field = {"401": [f"WWW-Authenticate: {scheme}"], "407": [f"Proxy-Authenticate: {scheme}"]}.get(code, [])
            peer.send(response(b"x", status=f"{code} Word", headers=[f"X-Server: s{number}", *field]))
        return None

    return behaviour


def three(words=""):
    return [f"server s{number} 127.0.0.1:@o{number}@ {words}" for number in (1, 2, 3)]


def who(run, client, path):
    answer = client.get(path)
    run.note(path, answer.header("x-server") or answer.head.split()[1].decode())


ADMIN = {"global": "stats socket @dir@/admin level admin"}


def scenario(name, *paths, lines=(), words="", balance="roundrobin", servers=None, **parts):
    """One client asks for these paths, one after the other; "!…" is a command."""
    def play(run):
        client = run.connect()
        for number, path in enumerate(paths):
            if path.startswith("!"):
                command(f"{run.directory}/admin", path[1:])
            else:
                who(run, client, path)
                run.wait_log(re.escape(f"GET {path} HTTP"), count=paths[:number + 1].count(path))

    count = sum(not path.startswith("!") for path in paths)
    SCENARIOS.append(Scenario(play, name=name, origins=[named(number) for number in (1, 2, 3)], lines=count,
                              backend=[f"balance {balance}", *lines, *(servers or three(words))], **ADMIN, **{**parts, "blur": [TIMERS, *parts.get("blur", ())]}))


PREFER, NEVER = "option prefer-last-server", "http-reuse never"
SIX = ["/a"] * 6
for reuse in ("never", "safe", "aggressive", "always"):
    for prefer in ([], [PREFER]):
        scenario(f"http-reuse {reuse}{', prefer-last-server' if prefer else ''}", *SIX, lines=[f"http-reuse {reuse}", *prefer])
for algorithm in ("leastconn", "static-rr", "first"):
    scenario(f"balance {algorithm}, prefer-last-server", *SIX, lines=[NEVER, PREFER], balance=algorithm)
for algorithm in ("uri", "uri whole", "url_param id"):
    scenario(f"balance {algorithm}, prefer-last-server", *[f"/{n}?id={n}" for n in range(12)], lines=[NEVER, PREFER], balance=algorithm)
scenario("no option prefer-last-server", *SIX, lines=[NEVER, "no option prefer-last-server"], defaults=PREFER)
scenario("prefer-last-server, http-server-close", *SIX, lines=[NEVER, PREFER, "option http-server-close"])
scenario("prefer-last-server, use-server", *SIX, "/b", "/a", lines=[NEVER, PREFER, "use-server s3 if { path /b }"])
scenario("prefer-last-server, send-proxy", *["/a"] * 2, lines=[PREFER], words="send-proxy-v2 disabled", servers=[
    "server s1 127.0.0.1:@o1@", "server s2 127.0.0.1:@o2@"])
for state in ("state drain", "state maint", "weight 0"):
    scenario(f"prefer-last-server, {state}", "/a", "/a", f"!set server be/s1 {state}", "/a", "/a", lines=[NEVER, PREFER])
scenario("prefer-last-server, a cookie", *["/a"] * 3, lines=[NEVER, PREFER, "cookie SRV insert indirect"],
         blur=[(r" 200 \d+ ", " 200 <bytes> ")], servers=[
    f"server s{n} 127.0.0.1:@o{n}@ cookie c{n}" for n in (1, 2, 3)])
scenario("prefer-last-server, backup", "/a", "!set server be/s1 state maint", "/a", "!set server be/s1 state ready", "/a", "/a",
         lines=[NEVER, PREFER], servers=["server s1 127.0.0.1:@o1@", "server s2 127.0.0.1:@o2@ backup"])
for scheme in ("NTLM", "Negotiate", "ntlm", "NTLM_abc", "Basic_realm=x", "Basic", "Nego", "Neg", "NTLMx", "Kerberos", "Digest"):
    scenario(f"401 {scheme}", "/a", f"/401{scheme}", *["/a"] * 4)
scenario("407 NTLM", "/a", "/407NTLM", *["/a"] * 4)
scenario("407 Basic", "/a", "/407Basic", *["/a"] * 4)
scenario("401 NTLM, http-reuse always", "/a", "/401NTLM", *["/a"] * 4, lines=["http-reuse always"])


def not_shared(run):
    """What NTLM has bound to a client is nobody else's."""
    one, other = run.connect(), run.connect()
    for client, path in ((one, "/a"), (one, "/401NTLM"), (other, "/a"), (other, "/a"), (one, "/a"), (other, "/a")):
        who(run, client, path)


SCENARIOS.append(Scenario(not_shared, name="401 NTLM, two clients", origins=[named(1)], lines=6, blur=[TIMERS],
                          backend=["http-reuse always", "server s1 127.0.0.1:@o1@"]))


def full(most, waiting, bound):
    """The last server is full, and `waiting` wait for it already."""
    def play(run):
        client = run.connect()
        who(run, client, "/401NTLM" if bound else "/a")
        run.connect().request("/hold", headers=["X-To: s1"])
        run.wait_seen(2)
        for number in range(waiting):
            run.connect().request("/hold", headers=["X-To: s1"])
            wait_for(lambda n=number: f"be,s1,{n + 1}," in command(f"{run.directory}/admin", "show stat"), what="one that waits")
        who(run, client, "/b")
        run.wait_log("GET /b ")

    SCENARIOS.append(Scenario(
        play, name=f"max-keep-alive-queue {most}, {waiting} waiting{', bound' if bound else ''}", origins=[named(1), named(2)], lines=2,
        defaults=["timeout queue 400ms"], blur=[TIMERS, (r"(?<= )\d+/\d+/\d+/\d+/\d+ \d+/\d+ ", "<load> ")],
        backend=["balance roundrobin", NEVER, PREFER, *([f"max-keep-alive-queue {most}"] if most is not None else []),
                 "use-server s1 if { req.hdr(x-to) s1 }", "http-request set-log-level silent if { path /hold }", "server s1 127.0.0.1:@o1@ maxconn 1", "server s2 127.0.0.1:@o2@"], **ADMIN))


for most in (None, -1, 0, 1, 2):
    for waiting in (0, 1, 2):
        full(most, waiting, False)
full(0, 1, True)


# --------------------------------------------------------------------------- remote desktops

def greeting(cookie):
    line = b"Cookie: " + cookie + b"\r\n" if cookie else b""
    request = bytes([len(line) + 6, 0xE0, 0, 0, 0, 0, 0]) + line
    return b"\x03\0" + struct.pack(">H", len(request) + 4) + request


def hello(number):
    def behaviour(peer):
        if peer._more():
            peer.send(b"s%d" % number)

    return behaviour


def address(port, ip="127.0.0.1"):
    return b"%d.%d" % (struct.unpack("<I", socket.inet_aton(ip))[0], socket.htons(port))


def desktop(name, *cookies, lines=("persist rdp-cookie",), balance="roundrobin", before=(), mode="tcp", servers=None):
    """Each cookie is a client's; "PORT" in it becomes the address of s2."""
    def play(run):
        wait_for(lambda: os.path.exists(f"{run.directory}/admin"), what="the runtime socket")
        for line in before:
            command(f"{run.directory}/admin", line)
        for number, cookie in enumerate(cookies):
            client = run.connect()
            cookie = cookie.replace(b"PORT", address(run.origins[1].port)) if cookie else cookie
            client.send(greeting(cookie))
            try:
                run.note((cookie or b"").split(b"=")[0].decode(), client.read_to_end().decode())
            except (Closed, OSError) as error:
                run.note("no answer", type(error).__name__)
            client.close()
            run.wait_log(r" be/s\d [\d/]+ ", count=number + 1)

    SCENARIOS.append(Scenario(
        play, name=name, origins=[hello(number) for number in (1, 2, 3)], lines=len(cookies), blur=[TIMERS, (r"origin \d got .*", "got")],
        frontend=["mode tcp", "option tcplog", "tcp-request inspect-delay 300ms", "tcp-request content accept if RDP_COOKIE"],
        backend=["mode tcp", f"balance {balance}", *lines, *(servers or three())], **ADMIN))


desktop("rdp: no persist", *[b"msts=PORT.0000"] * 4, lines=())
desktop("rdp: persist", *[b"msts=PORT.0000"] * 4)
desktop("rdp: another case", *[b"MSTS=PORT.0000"] * 4)
desktop("rdp: another name", *[b"mstx=PORT.0000"] * 4, lines=["persist rdp-cookie(mstx)"])
desktop("rdp: not this name", *[b"mstx=PORT.0000"] * 4)
desktop("rdp: no cookie", *[None] * 3)
for value in (b"PORT", b"PORT.", b"PORT.1", b"PORT.0000.1", b"PORTx.0000", b"xPORT.0000", b" PORT.0000", b"PORT.0000 ", b"+PORT.0", b"-PORT.0", b"\tPORT.0", b"0PORT.0", b"9PORT.0", b"1.2.3", b"PORT 0000", b""):
    desktop(f"rdp: {value.decode()}", *[b"msts=" + value] * 4)
for state in ("drain", "maint"):
    desktop(f"rdp: {state}", *[b"msts=PORT.0000"] * 3, before=[f"set server be/s2 state {state}"])
    desktop(f"rdp: {state}, option persist", *[b"msts=PORT.0000"] * 3, before=[f"set server be/s2 state {state}"],
            lines=["persist rdp-cookie", "option persist"])
desktop("rdp: balance rdp-cookie", *[b"mstshash=user%d" % (number % 7) for number in range(14)], lines=(), balance="rdp-cookie")
desktop("rdp: balance rdp-cookie, consistent", *[b"mstshash=user%d" % (number % 7) for number in range(14)], lines=["hash-type consistent"],
        balance="rdp-cookie")
desktop("rdp: balance rdp-cookie(name)", *[b"name=user%d" % (number % 7) for number in range(14)], lines=(), balance="rdp-cookie(name)")
desktop("rdp: balance rdp-cookie of others", *[b"name=user%d" % (number % 7) for number in range(6)], lines=(), balance="rdp-cookie")
desktop("rdp: both", *[b"msts=PORT.0000", b"mstshash=a", b"mstshash=b", b"msts=PORT.0000"], balance="rdp-cookie")


# --------------------------------------------------------------------------- bounded loads

def bounded(factor, keys, weights=(10, 20, 15), algorithm="url_param k", leave=()):
    """Requests that stay, each with a key; `leave`: after so many, this one (by its number) ends."""
    def play(run):
        held = []

        def seen():
            return sum(len(origin.seen) for origin in run.origins)

        for number, key in enumerate(keys):
            held.append(run.connect().request(f"/hold?k={key}"))
            wait_for(lambda n=number: seen() > n, what="the request at an origin")
            run.note(f"{key}:", *(len(origin.seen) for origin in run.origins))
            for after, which in leave:
                if after == number:
                    held[which].close()

    SCENARIOS.append(Scenario(
        play, name=f"hash-balance-factor {factor}, {algorithm}, weights {weights}, {len(keys)} keys{', some leave' if leave else ''}",
        origins=[named(number) for number in (1, 2, 3)], lines=0, frontend="no log",
        defaults=["timeout client 30s", "timeout server 30s"],
        backend=[f"balance {algorithm}", "hash-type consistent", f"hash-balance-factor {factor}",
                 *(f"server s{n} 127.0.0.1:@o{n}@ weight {weight}" for n, weight in zip((1, 2, 3), weights))], **ADMIN))


for factor in (101, 125, 150, 200, 400):
    bounded(factor, ["same"] * 14)
    bounded(factor, [f"k{n * 7}" for n in range(20)])
    bounded(factor, ["a", "b"] * 8, weights=(1, 1, 1))
bounded(0, ["same"] * 6)
