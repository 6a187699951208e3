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


def refused(outcome):
    """lbd turned the message away: nothing of it reached the origin, or nothing of the answer the client."""
    answers, _ = outcome
    return bool(answers) and re.match(rb"HTTP/1\.1 (400|422|502) ", answers[0]) is not None


# Messages in which lbd still differs; only ever lowered.
KNOWN_DIFFERENT = 104


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
    different, strict = [], 0
    with contextlib.ExitStack() as stack:
        expected, target = Target(reference, options.lanes, stack), Target(tested, options.lanes, stack)
        pool = stack.enter_context(concurrent.futures.ThreadPoolExecutor(options.lanes))
        for case, want, got in zip(cases, pool.map(expected.run, cases), pool.map(target.run, cases)):
            if options.show:
                print(f"== {case.name}", *want[0], "-- origin", *want[1], sep="\n   ")
            if not target.proxy.alive():
                print(f"{options.tested} died near {case.name}\n{target.proxy.errors()[-3000:]}")
                return 1
            if case.differs:
                continue
            if case.stricter:
                strict += 1
                if refused(got) or tested == reference:
                    continue
            elif want == got:
                continue
            # Once more, alone: the machine may have been too slow for a timeout.
            want, got = expected.run(case), target.run(case)
            if (refused(got) if case.stricter else want == got):
                continue
            different.append(case.name)
            print(f"DIFFERENT {case.name}", f"sent {case.request[:200]!r}", f"answer {case.answer[:120]!r}",
                  "haproxy's client", *want[0], "haproxy's origin", *want[1], "our client", *got[0], "our origin", *got[1],
                  sep="\n    ", flush=True)
    print(f"raw HTTP/1: {len(cases)} messages, {strict} refused on purpose, {len(different)} different")
    return 1 if len(different) > KNOWN_DIFFERENT else 0


if __name__ == "__main__":
    sys.exit(main())
