#!/usr/bin/env python3
"""Several hundred raw HTTP/1 messages through Debian's haproxy and through lbd: what the client gets and what the origin
gets must mean the same.

Behind each message the client sends a probe, an ordinary last request: it is answered only if the connection was kept,
so nothing depends on waiting. Compared are the answers (field names in lower case and sorted, chunks joined, the words of
the proxy's own pages as they are) and every request that reached the origin (byte by byte, but for chunk sizes).

h1_raw_test.py [--tested PROGRAM] [--reference PROGRAM] [--lanes N] [--show] [PART-OF-A-NAME…]
"""

import argparse
import concurrent.futures
import contextlib
import os
import queue
import re
import socket
import sys
import threading

sys.path.insert(0, os.path.dirname(os.path.dirname(os.path.abspath(__file__))))

from peers.h1_raw_cases import all_cases  # noqa: E402
from support.client import Client  # noqa: E402
from support.origin import Origin  # noqa: E402
from support.process import Proxy, listening_socket, need_program  # noqa: E402

GLOBAL = """
global
    nbthread 1
defaults
    mode http
    http-reuse never
    timeout connect 2s
    timeout client 400ms
    timeout server 400ms
    timeout http-request 300ms
    timeout http-keep-alive 300ms
"""
LANE = """
listen lane{n}
    bind "fd@${{lane{n}}}"
    server s 127.0.0.1:{port}
"""
PROBE = b"GET /probe HTTP/1.1\r\nHost: probe\r\nConnection: close\r\n\r\n"
PROBED = b"HTTP/1.1 200 OK\r\nContent-Length: 6\r\n\r\nprobed"


def chunked(data):
    """(payload with trailers behind it, bytes after the body), or None when it is no complete chunked body."""
    payload = b""
    while True:
        line = re.match(rb"([0-9a-f]+)\r\n", data, re.I)
        if not line:
            return None
        size = int(line[1], 16)
        data = data[line.end():]
        if size == 0:
            break
        if data[size:size + 2] != b"\r\n":
            return None
        payload, data = payload + data[:size], data[size + 2:]
    end = 2 if data.startswith(b"\r\n") else data.find(b"\r\n\r\n") + 4
    if end < 2 or (end == 3):
        return None
    return payload + b"|" + data[:end], data[end:]


def messages(data, request, to_head=False):
    """Splits what a proxy has sent (which is in order, so a simple reader will do) into comparable messages."""
    out = []
    while data:
        head, mark, rest = data.partition(b"\r\n\r\n")
        if not mark:
            out.append(data)
            break
        first, *fields = head.split(b"\r\n")
        fields = [re.sub(rb"^[^:]*", lambda m: m[0].lower(), field) for field in fields]
        values = dict(field.split(b": ", 1) for field in fields if b": " in field)
        body, data = b"", rest
        status = 0 if request else int((first.split(b" ") + [b"0"])[1])
        bodyless = not request and (to_head and status >= 200 or 100 <= status < 200 and status != 101 or status in (204, 304))
        if status == 101 or first.startswith(b"CONNECT "):
            body, data = rest, b""
        elif bodyless:
            pass
        elif b"chunked" in values.get(b"transfer-encoding", b"").lower():
            body, data = chunked(rest) or (b"cut|" + b"".join(re.split(rb"[0-9a-f]+\r\n", rest)), b"")
        elif values.get(b"content-length", b"").isdigit():
            length = int(values[b"content-length"])
            body, data = rest[:length], rest[length:]
        elif not request:
            body, data = rest, b""
        out.append(b"\r\n".join([first, *(fields if request else sorted(fields)), b"", body]))
    return out


class Lane:
    """One listener, its origin, and the case at work."""

    def __init__(self, stack, number):
        self.number = number
        self.case = None
        self.listener = stack.enter_context(listening_socket())
        self.address = self.listener.getsockname()
        self.seen = {}
        self._lock = threading.Lock()
        self.origin = stack.enter_context(Origin(self._serve))

    def _serve(self, peer):
        with self._lock:
            got = self.seen.setdefault(len(self.seen), bytearray())
        case = self.case
        while (head := peer.head()) is not None:
            got += head + peer.body(head)
            if b" /probe " in head.split(b"\r\n")[0]:
                peer.send(PROBED)
                continue
            if case.close:
                # The end comes in the segment of the last bytes, so that nobody sees one without the other.
                peer.socket.setsockopt(socket.IPPROTO_TCP, socket.TCP_CORK, 1)
            peer.send(case.answer)
            if case.close:
                peer.half_close()
            if head.startswith(b"CONNECT ") or b"HTTP/1.1 101 " in case.answer:
                break
        while peer.pending or peer._more():
            got += peer.pending
            peer.pending = b""

    def run(self, case):
        self.case, self.seen = case, {}
        with Client(self.address, timeout=5) as client:
            with contextlib.suppress(OSError):
                # What follows CONNECT is the tunnel's; how much of it goes before the tunnel is refused is a race.
                client.send(case.request + (b"" if case.request.startswith(b"CONNECT ") else PROBE))
            try:
                got = client.read_to_end()
            except TimeoutError:
                got = b"(still open after 5 s)"
        to_head = case.request.startswith(b"HEAD ")
        answers = messages(got, False, to_head)
        with self._lock:
            seen = [bytes(data) for data in self.seen.values()]
        requests = sorted(message for data in seen for message in messages(data, True))
        return answers, requests


class Target:
    def __init__(self, binary, lanes, stack):
        self.lanes = [Lane(stack, n) for n in range(lanes)]
        config = GLOBAL + "".join(LANE.format(n=lane.number, port=lane.origin.port) for lane in self.lanes)
        self.proxy = stack.enter_context(Proxy(binary, config, {f"lane{lane.number}": lane.listener for lane in self.lanes}))
        self.free = queue.Queue()
        for lane in self.lanes:
            self.free.put(lane)

    def run(self, case):
        lane = self.free.get()
        try:
            return lane.run(case)
        finally:
            self.free.put(lane)


def because(reason, status, *names):
    return {name: (status, reason) for name in names}


# Where lbd answers otherwise on purpose: the status that it gives first, and why. lbd/http/h1_parser.cc has the rules.
CHOICES = {
    **because("HTTP/0.9 has neither fields nor a status", 400, "line HTTP/0.9"),
    **because("the same", 502, "status line HTTP/0.9 200 OK"),
    **because("a URI's authority needs a host, and a port is a number (RFC 9110, 4.2.1)", 400,
              "uri without host part", "uri with a bad port"),
    **because("CONNECT takes host and port, and there is no such port (RFC 9112, 3.2.3)", 400,
              "CONNECT with a port too high", "CONNECT with a user"),
    **because("no such byte may stand in a target (RFC 3986, 2); haproxy refuses it or not, by its place in the line", 400,
              "byte 0x7f in the target", "byte 0x80 in the target"),
    **because("a NUL in a field is refused or replaced (RFC 9110, 5.5)", 400,
              "byte 0x00 in the value", "byte 0x00 in the after the value", "byte 0x00 in the behind the colon"),
    **because("the same", 502, r"status line HTTP/1.1 200 a\x00b"),
    **because("a length that 64 bits do not hold cannot be counted down (RFC 9110, 8.6)", 400, "length 18446744073709551616"),
    **because("the same", 502, "answer's length 18446744073709551616"),
    **because("a receiver that takes an empty coding for none finds another end of the message (RFC 9112, 6.1)", 422,
              "1.0 coding chunked,", "1.1 coding chunked,"),
    **because("the same", 502, "answer's 1.0 coding chunked,", "answer's 1.1 coding chunked,", "answer's 1.0 coding ",
              "answer's 1.1 coding "),
    **because("the connection is closed, and that is said (RFC 9112, 9.6)", 422,
              *(f"{version} coding {value}" for version in ("1.0", "1.1")
                for value in ("gzip, chunked", "gzip,chunked", r"gzip\r\nTransfer-Encoding: chunked", ",chunked", "identity, chunked"))),
    **because("the same", 413, *(f"{method} with a body in 1.0" for method in ("GET", "HEAD", "DELETE")),
              "GET with chunks in 1.0", "1.0 GET kept alive with chunks", "1.0 Upgrade with a body"),
    **because("a server that did it would be asked past all rules", 200,
              *(f"Upgrade h2c Connection: {value}" for value in ("upgrade", "keep-alive, Upgrade", "close, upgrade"))),
    **because("a status has three digits from 100 (RFC 9112, 4)", 502, "status line HTTP/1.1 20 OK", "status line HTTP/1.1 2000 OK",
              "status line HTTP/1.1 099 OK"),
    **because("an answer in another protocol", 502, "status line RTSP/1.0 200 OK"),
    **because("HTTP/1.0 knows no interim answers (RFC 9110, 15.2)", 200,
              *(f"{status} and 200 to 1.0" for status in (100, 102, 103, 110, 199))),
    **because("HTTP/1.0 knows no chunks: the body is decoded (RFC 9112, 7.1)", 200, "chunked to 1.0"),
    **because("the server has ended its direction only: what the client sends still reaches it, as in mode tcp", 101,
              "WebSocket", "101 with a length", "101 to another protocol",
              *(f"{version} {name} and 101" for version in ("1.0", "1.1") for name in ("Connection", "both"))),
    **because("101 says to what (RFC 9110, 7.8)", 502, "101 without Upgrade"),
    **because("haproxy refuses it or not, from one run to the next", 400, "blank before a trailer's colon"),
    **because("fields that would change the message do not pass in trailers (RFC 9110, 6.5.1)", 200, "framing fields as trailers"),
}


def chosen(case, got):
    """It is answered as the choice says."""
    status = CHOICES[case.name][0]
    return bool(got[0]) and got[0][0].startswith(b"HTTP/1.1 %d " % status)


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--reference", default="/usr/sbin/haproxy")
    parser.add_argument("--tested", default="lbd")
    parser.add_argument("--lanes", type=int, default=12)
    parser.add_argument("--show", action="store_true", help="print what was seen through the reference")
    parser.add_argument("names", nargs="*", help="only cases whose name contains one of these")
    options = parser.parse_args()
    reference, tested = need_program(options.reference), need_program(options.tested)
    cases = [case for case in all_cases() if not options.names or any(part in case.name for part in options.names)]
    different, choices = [], set()
    with contextlib.ExitStack() as stack:
        expected, target = Target(reference, options.lanes, stack), Target(tested, options.lanes, stack)
        pool = stack.enter_context(concurrent.futures.ThreadPoolExecutor(options.lanes))
        for case, want, got in zip(cases, pool.map(expected.run, cases), pool.map(target.run, cases)):
            if options.show:
                print(f"== {case.name}", *want[0], "-- origin", *want[1], sep="\n   ")
            if not target.proxy.alive():
                print(f"{options.tested} died near {case.name}\n{target.proxy.errors()[-3000:]}")
                return 1
            if want == got:
                continue
            # Once more, alone: the machine may have been too slow for a timeout.
            want, got = expected.run(case), target.run(case)
            if want == got:
                continue
            if case.name in CHOICES and chosen(case, got):
                choices.add(case.name)
                continue
            different.append(case.name)
            print(f"DIFFERENT {case.name}", f"sent {case.request[:200]!r}", f"answer {case.answer[:120]!r}",
                  "haproxy's client", *want[0], "haproxy's origin", *want[1], "our client", *got[0], "our origin", *got[1],
                  sep="\n    ", flush=True)
    unused = [name for name in CHOICES if name not in choices and (not options.names or name in {case.name for case in cases})]
    print(*(f"no difference any more: {name}" for name in unused), sep="\n", end="\n" if unused else "")
    print(f"raw HTTP/1: {len(cases)} messages, {len(choices)} answered otherwise on purpose, {len(different)} different")
    return 1 if different else 0


if __name__ == "__main__":
    sys.exit(main())
