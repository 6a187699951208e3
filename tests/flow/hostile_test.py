#!/usr/bin/env python3
"""Ten thousand hostile byte streams at a running proxy: afterwards it lives, its memory did not grow, and each stream was
answered or closed as Debian's haproxy does (the sequence of statuses; the reference is left out where it is not installed).

Streams are made from a seed: ordinary requests with bytes flipped, cut, doubled, mixed and exchanged, random bytes, and the
classics (null bytes, endless heads, a mebibyte of header, slow drip, floods of tiny chunks).

hostile_test.py [--count N] [--seed N]      TANDEM_TESTED names another program than lbd.
"""

import argparse
import concurrent.futures
import contextlib
import os
import random
import re
import sys
import threading
import time

sys.path.insert(0, os.path.dirname(os.path.dirname(os.path.abspath(__file__))))

from support import origin  # noqa: E402
from support.client import Client, get  # noqa: E402
from support.origin import Origin, response  # noqa: E402
from support.process import Proxy, find_program, listening_socket, need_program, resident_kib, wait_for  # noqa: E402

CONFIG = """
global
    nbthread 1
defaults
    mode http
    timeout connect 2s
    timeout client 2s
    timeout server 2s
    timeout http-request 1s
frontend fe
    bind "fd@${{fe}}"
    default_backend be
backend be
    option forwardfor
    http-request set-header X-Path %[path]
    server s1 127.0.0.1:{port}
"""

SEEDS = [
    b"GET / HTTP/1.1\r\nHost: test\r\n\r\n",
    b"GET /a?b=c HTTP/1.1\r\nHost: test\r\nConnection: close\r\nUser-Agent: x\r\nCookie: a=b; c=d\r\n\r\n",
    b"POST /p HTTP/1.1\r\nHost: test\r\nContent-Length: 11\r\n\r\nhello world",
    b"POST /c HTTP/1.1\r\nHost: test\r\nTransfer-Encoding: chunked\r\n\r\n5\r\nhello\r\n6;x=y\r\n world\r\n0\r\nT: v\r\n\r\n",
    b"HEAD / HTTP/1.0\r\n\r\n",
    b"OPTIONS * HTTP/1.1\r\nHost: test\r\n\r\n",
    b"GET http://test/x HTTP/1.1\r\nHost: test\r\n\r\n",
    b"PUT / HTTP/1.1\r\nHost: test\r\nExpect: 100-continue\r\nContent-Length: 3\r\n\r\nabc",
    b"GET /1 HTTP/1.1\r\nHost: test\r\n\r\nGET /2 HTTP/1.1\r\nHost: test\r\n\r\n",
    b"GET / HTTP/1.1\r\nHost: test\r\nConnection: Upgrade\r\nUpgrade: websocket\r\nSec-WebSocket-Key: AAAA\r\n\r\n",
    b"POST / HTTP/1.1\r\nHost: test\r\nContent-Length: 3\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n",
]
PIECES = [b"\r\n", b"\n", b"\r", b"\0", b" ", b"\t", b":", b"Content-Length: 5\r\n", b"Transfer-Encoding: chunked\r\n",
          b"Host: other\r\n", b"\xff", b"\r\n\r\n", b"HTTP/1.1", b"0\r\n\r\n", b"ffffffff\r\n", b"-1", b"%00", b"chunked, ",
          b"Connection: close\r\n", b"Content-Length: 99999999999999999999\r\n", b" HTTP/1.1\r\n", b"; x=\"", b"\x80"]
STATUS = re.compile(rb"HTTP/1\.[01] (\d\d\d) ")


def mutated(dice):
    """One stream: some mutations of some request."""
    kind = dice.random()
    if kind < 0.05:
        return dice.randbytes(dice.randrange(1, 600))
    data = bytearray(dice.choice(SEEDS))
    for _ in range(dice.choice((1, 1, 1, 2, 3, 6))):
        at = dice.randrange(len(data) + 1)
        what = dice.randrange(7)
        if what == 0:
            data[at:at] = dice.choice(PIECES)
        elif what == 1 and data:
            data[min(at, len(data) - 1)] = dice.randrange(256)
        elif what == 2:
            del data[at:at + dice.randrange(1, 12)]
        elif what == 3:
            del data[at:]
        elif what == 4:
            lines = bytes(data).split(b"\r\n")
            lines.insert(dice.randrange(len(lines)), dice.choice(lines))
            data = bytearray(b"\r\n".join(lines))
        elif what == 5:
            data += dice.choice(SEEDS)
        elif what == 6:
            data[at:at] = bytes([dice.choice(b"aA: \r\n\0%")]) * dice.choice((3, 100, 5000, 20000))
    return bytes(data)


def classics():
    """(name, stream) of what everybody tries first."""
    yield "empty", b""
    yield "one null byte", b"\0"
    yield "null bytes", b"\0" * 100_000
    yield "newlines", b"\r\n" * 50_000
    yield "endless method", b"G" * 100_000
    yield "endless uri", b"GET /" + b"a" * 200_000
    yield "a mebibyte of header", b"GET / HTTP/1.1\r\nHost: test\r\nX: " + b"y" * (1 << 20) + b"\r\n\r\n"
    yield "endless headers", b"GET / HTTP/1.1\r\nHost: test\r\n" + b"A: b\r\n" * 100_000
    yield "tiny chunks", (b"POST / HTTP/1.1\r\nHost: test\r\nTransfer-Encoding: chunked\r\nConnection: close\r\n\r\n"
                          + b"1\r\nx\r\n" * 20_000 + b"0\r\n\r\n")
    yield "endless chunk extension", (b"POST / HTTP/1.1\r\nHost: test\r\nTransfer-Encoding: chunked\r\n\r\n1;"
                                      + b"e" * 100_000 + b"\r\nx\r\n0\r\n\r\n")
    yield "endless trailers", (b"POST / HTTP/1.1\r\nHost: test\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n"
                               + b"T: v\r\n" * 50_000 + b"\r\n")
    yield "many pipelined requests", b"GET / HTTP/1.1\r\nHost: test\r\n\r\n" * 200


def answer(peer):
    """Takes a whole request before it answers, so that how the request ended decides what the client gets."""
    while (head := peer.head()) is not None:
        peer.body(head)
        peer.send(response() if not head.startswith(b"HEAD") else response().split(b"ok")[0])
        peer.origin.seen.clear()


def outcome(address, data):
    """The statuses that a stream is answered with, after the client has ended its side."""
    with Client(address, timeout=5) as client:
        sender = threading.Thread(target=_send_all, args=(client, data)) if len(data) > 60_000 else None
        if sender:
            sender.start()
        else:
            _send_all(client, data)
        try:
            got = client.read_to_end()
        except TimeoutError:
            return "open after 5 s"
        finally:
            if sender:
                client.socket.settimeout(0.01)
                sender.join()
        return " ".join(status.decode() for status in STATUS.findall(got)) or "closed"


def _send_all(client, data):
    with contextlib.suppress(OSError):
        client.send(data)
        client.half_close()


def drip(address, clients, results):
    """Slow clients: a byte now and then, until the proxy has had enough (timeout http-request)."""

    def one():
        with Client(address, timeout=10) as client:
            begin = time.monotonic()
            with contextlib.suppress(OSError):
                for byte in b"GET / HTTP/1.1\r\nHost: " + b"t" * 1000:
                    client.send(bytes([byte]))
                    client.socket.settimeout(0.05)
                    with contextlib.suppress(TimeoutError):
                        results.append((client.socket.recv(100)[:12], time.monotonic() - begin))
                        return
            results.append((b"reset", time.monotonic() - begin))

    threads = [threading.Thread(target=one) for _ in range(clients)]
    for thread in threads:
        thread.start()
    return threads


class Target:
    """One proxy with its origin."""

    def __init__(self, binary, stack):
        server = stack.enter_context(Origin(answer))
        self.listener = stack.enter_context(listening_socket())
        self.address = self.listener.getsockname()
        self.proxy = stack.enter_context(Proxy(binary, CONFIG.format(port=server.port), {"fe": self.listener}))


def agree(one, other):
    """Equal, or one is the beginning of the other: how many pipelined requests are still answered after the client ended
    its side is a race in any proxy."""
    shorter, longer = sorted((one, other), key=len)
    return one == other or (longer.startswith(shorter + " ") and shorter.startswith("200"))


def culprit(tested, batch):
    """The stream of a batch that kills a fresh proxy, for the report."""
    for name, data in batch:
        with contextlib.ExitStack() as stack:
            target = Target(tested, stack)
            with contextlib.suppress(OSError):
                outcome(target.address, data)
            if not target.proxy.alive():
                return f"{name}: {data[:300]!r}\n{target.proxy.errors()[-3000:]}"
    return "no single stream of the batch kills it alone"


TOKEN = rb"[!#$%&'*+\-.^_`|~0-9A-Za-z]+"


def odd_trailer(data):
    """Behind a last chunk stands a line whose name is no token."""
    for section in re.split(rb"\n0+[ \t]*(?:;[^\n]*)?\r?\n", data)[1:]:
        for line in re.split(rb"\r?\n", section):
            if not line:
                break
            if not re.fullmatch(TOKEN, line.split(b":")[0]):
                return True
    return False


# What lbd refuses and haproxy does not: how such a stream looks, and why.
CHOICES = [
    ("a NUL in a field is refused (RFC 9110, 5.5)", lambda data: b"\0" in data),
    ("no such byte may stand in a target (RFC 3986, 2); haproxy refuses it or not, by its place in the line",
     lambda data: re.search(rb"(?m)^" + TOKEN + rb"[ \t]+[^ \t\r\n]*[\x7f-\xff]", data)),
    ("a URI's authority needs a host, and a port is a number (RFC 9110, 4.2.1)",
     lambda data: re.search(rb"://(?:[^/\s]*@)?(?::\d*)?[/?\s]|://[^/?\s]*:[^/?\s]*[^\d/?\s]", data)),
    ("HTTP/0.9 has neither fields nor a status", lambda data: re.search(rb"HTTP/0\.\d", data)),
    ("the name of a trailer is a token as that of any field (RFC 9112, 7.1.2)", odd_trailer),
]


def choice(data, got, expected):
    """Why lbd stops here with a 400 where haproxy goes on, or None."""
    *before, last = got.split(" ")
    if last != "400" or expected.split(" ")[:len(before)] != before:
        return None
    return next((reason for reason, fits in CHOICES if fits(data)), None)


def sanitized(binary):
    """Built with AddressSanitizer, which keeps freed memory and finds leaks itself at the exit."""
    with open(binary, "rb") as file:
        return b"__asan_init" in file.read()


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--count", type=int, default=10_000)
    parser.add_argument("--seed", type=int, default=2)
    options = parser.parse_args()
    tested = need_program(os.environ.get("TANDEM_TESTED", "lbd"))
    reference = find_program("haproxy")
    dice = random.Random(options.seed)
    streams = list(classics()) + [(f"stream {n}", mutated(dice)) for n in range(options.count)]
    problems, different, chosen, outcomes, before = [], [], {}, {}, None
    with contextlib.ExitStack() as stack:
        target = Target(tested, stack)
        other = Target(reference, stack) if reference else None
        pool = stack.enter_context(concurrent.futures.ThreadPoolExecutor(8))

        def both(data):
            return outcome(target.address, data), outcome(other.address, data) if other else None

        size = max(len(streams) // 10, 50)
        for start in range(0, len(streams), size):
            batch = streams[start:start + size]
            if start == 2 * size:  # by now every pool has its working size
                before = resident_kib(target.proxy.pid)
            for (name, data), (got, expected) in zip(batch, pool.map(both, [data for _, data in batch])):
                outcomes[got] = outcomes.get(got, 0) + 1
                if expected is not None and not agree(got, expected):
                    # Once more, alone: a race between an answer and the client's end may fall either way.
                    more = [both(data) for _ in range(5)]
                    if not any(agree(a, b) for a in {got, *(one for one, _ in more)}
                               for b in {expected, *(one for _, one in more)}):
                        if reason := choice(data, got, expected):
                            chosen[reason] = chosen.get(reason, 0) + 1
                        else:
                            different.append(f"{name}: {got}, haproxy: {expected}; {data[:160]!r}")
            if not target.proxy.alive():
                print("hostile: it died of", culprit(tested, batch))
                return 1
        growth = resident_kib(target.proxy.pid) - (before or 0)

        results = []
        for thread in drip(target.address, 50, results):
            thread.join()
        late = [result for result in results if not result[0].startswith(b"HTTP/1.1 408") or result[1] > 3]
        if late:
            problems.append(f"slow drip: {len(late)} of 50 not answered with 408 in time: {late[:3]}")
        wait_for(lambda: get(target.address, "/").status == 200, what="an ordinary request afterwards")
        print(f"hostile: {len(streams)} streams, memory grew by {growth} KiB after the first {2 * size}; "
              + ", ".join(f"{count} × {what}" for what, count in sorted(outcomes.items(), key=lambda item: -item[1])[:8]))
        if growth > 1024 and not sanitized(tested):
            problems.append(f"memory grew by {growth} KiB")
        code = target.proxy.stop()
        if code not in (0, -15):
            problems.append(f"exit code {code}: {target.proxy.errors()[-2000:]}")
    print(*different[:20], *problems[:40], sep="\n")
    print(*(f"refused on purpose: {count} × {reason}" for reason, count in chosen.items()), sep="\n")
    print(f"hostile: {len(problems)} problems, {len(different)} answers differ from haproxy's without a reason")
    return 1 if problems or different else 0


if __name__ == "__main__":
    sys.exit(main())
