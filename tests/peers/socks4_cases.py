"""The scenarios of socks4_test.py: servers behind a SOCKS4 proxy, for traffic and for checks."""

import contextlib
import csv
import os
import socket
import struct
import threading

from support.client import command
from support.compare import TIMERS, Scenario
from support.origin import answer
from support.process import wait_for

SCENARIOS = []
# haproxy may add what went wrong at another time.
ERRNO = (r"(SOCKS4 Proxy [a-z ]+) \([A-Z][^)]*\)", r"\1")
GRANTED = b"\0Z\0\0\0\0\0\0"


def proxy(reply=GRANTED, split=False, early=b""):
    """Records what it is asked and says `reply`; None: closes; "silent": nothing. Leads on when that is a yes."""
    def behaviour(peer):
        request = peer.exactly(8)
        port, address = struct.unpack(">H", request[2:4])[0], socket.inet_ntoa(request[4:8])
        peer.origin.record(b"version %d command %d to %s as %r" % (request[0], request[1], address.encode(), peer.until(b"\0")))
        if reply is None:
            return
        if reply == "silent":
            peer.wait_close()
            return
        for part in [reply[i:i + 1] for i in range(len(reply))] if split else [reply + early]:
            peer.send(part)
        if reply[1:2] != b"Z" or len(reply) < 8:
            peer.wait_close()
            return
        with socket.create_connection((address, port)) as onward:
            onward.sendall(peer.pending)
            back = threading.Thread(target=pour, args=(onward, peer.socket), daemon=True)
            back.start()
            pour(peer.socket, onward)
            back.join()

    return behaviour


def pour(source, to):
    with contextlib.suppress(OSError):
        while data := source.recv(65536):
            to.sendall(data)
    with contextlib.suppress(OSError):
        to.shutdown(socket.SHUT_WR)


def traffic(name, reply=GRANTED, words="", requests=1, lines=(), host="127.0.0.1", **more):
    def play(run):
        client = run.connect()
        for number in range(requests):
            run.get(f"/{number}", client=client)
            run.wait_log(f"GET /{number} ")

    SCENARIOS.append(Scenario(play, name=name, origins=[answer(), proxy(reply, **more)], lines=requests,
                              defaults=["timeout connect 500ms", "retries 0"], blur=[TIMERS, (r"PROXY TCP4 .*", "PROXY …")],
                              backend=[*lines, f"server s1 127.0.0.1:@o1@ socks4 {host}:@o2@ {words}"]))


def check(name, reply=GRANTED, words="check-via-socks4", lines=(), up=False):
    def play(run):
        def cells():
            rows = csv.DictReader(command(f"{run.directory}/admin", "show stat").lstrip("# ").splitlines())
            return next(row for row in rows if row["svname"] == "s1")

        def over():
            return os.path.exists(f"{run.directory}/admin") and cells()["check_status"] not in ("INI", "* INI", "")

        wait_for(over, what="the check")
        row = cells()
        run.note(*(f"{name}={row[name]}" for name in ("status", "check_status", "check_code", "last_chk", "check_desc")))

    SCENARIOS.append(Scenario(play, name=f"check: {name}", origins=[answer(), proxy(reply)], lines=0 if up else 2, blur=[ERRNO],
                              **{"global": "stats socket @dir@/admin level admin\n    max-spread-checks 50ms"},
                              backend=[*lines, f"server s1 127.0.0.1:@o1@ socks4 127.0.0.1:@o2@ check inter 600ms fastinter 600s downinter 600s "
                                               f"fall 1 {words}"]))


DENIED = {f"{code:x}": bytes([0, code]) + GRANTED[2:] for code in (0x5b, 0x5c, 0x5d, 0xff)}
traffic("granted")
traffic("granted, two requests", requests=2)
traffic("granted in pieces", split=True)
traffic("a proxy with a name", host="ipv4@localhost")
traffic("another version", b"\4Z\0\0\0\0\0\0")
traffic("with an address", b"\0Z\1\2\3\4\5\6")
traffic("PROXY header", words="send-proxy")
for code, denial in DENIED.items():
    traffic(f"denied: {code}", denial)
traffic("closed", None)
traffic("half an answer", GRANTED[:5])
traffic("silent", "silent")
check("granted", up=True)
check("by HTTP", lines=["option httpchk"], up=True)
check("by the words of the step", words="", lines=["option tcp-check", "tcp-check connect via-socks4"], up=True)
check("denied, by the words of the step", DENIED["5b"], words="", lines=["option tcp-check", "tcp-check connect via-socks4"])
check("not by the proxy", DENIED["5b"], words="", up=True)
for code, denial in DENIED.items():
    check(f"denied: {code}", denial)
check("closed", None)
check("half an answer", GRANTED[:5])
check("silent", "silent")
