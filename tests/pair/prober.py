#!/usr/bin/env python3
"""prober.py ADDRESS PORT INTERVAL_MS: a client that asks for / on a new connection at every tick, whatever becomes of the
earlier ones, and writes a line for each that ended:

    SENT RECEIVED BODY      answered with 200; both on the monotonic clock in nanoseconds, the body's first word
    SENT - REASON           refused, reset, another status, or no answer within a second
"""

import errno
import os
import selectors
import socket
import sys
import time

GIVE_UP_NS = 1_000_000_000
REQUEST = b"GET / HTTP/1.1\r\nHost: lab\r\nConnection: close\r\n\r\n"


class Probe:
    def __init__(self, selector, address):
        self.sent = time.monotonic_ns()
        self.data = b""
        self.selector = selector
        self.socket = socket.socket()
        self.socket.setblocking(False)
        result = self.socket.connect_ex(address)
        self.open = result in (0, errno.EINPROGRESS)
        if self.open:
            selector.register(self.socket, selectors.EVENT_WRITE, self)
        else:
            self.end(f"- {errno.errorcode.get(result, result)}")

    def end(self, result):
        if self.open:
            self.selector.unregister(self.socket)
            self.open = False
        self.socket.close()
        print(self.sent, result)

    def ready(self, events):
        try:
            if events & selectors.EVENT_WRITE:
                self.socket.send(REQUEST)
                self.selector.modify(self.socket, selectors.EVENT_READ, self)
                return
            more = self.socket.recv(65536)
        except OSError as error:
            self.end(f"- {errno.errorcode.get(error.errno, error.errno)}")
            return
        self.data += more
        if more:
            return
        if self.data.startswith(b"HTTP/1.1 200 "):
            self.end(f"{time.monotonic_ns()} {first_word(self.data)}")
        else:
            self.end("- " + (self.data[9:12].decode("latin-1") or "closed"))


def first_word(data):
    words = data.split(b"\r\n\r\n", 1)[1].split()
    return words[0].decode("latin-1") if words else "-"


def main():
    address, interval = (sys.argv[1], int(sys.argv[2])), int(float(sys.argv[3]) * 1e6)
    sys.stdout.reconfigure(line_buffering=True)
    selector = selectors.DefaultSelector()
    running = []
    parent = os.getppid()
    tick = time.monotonic_ns()
    while os.getppid() == parent:
        now = time.monotonic_ns()
        if now >= tick:
            running = [probe for probe in running if probe.open]
            for probe in running:
                if now - probe.sent > GIVE_UP_NS:
                    probe.end("- timeout")
            running.append(Probe(selector, address))
            tick = max(tick + interval, now)
        for key, events in selector.select(max(0, tick - time.monotonic_ns()) / 1e9):
            key.data.ready(events)


if __name__ == "__main__":
    try:
        main()
    except (KeyboardInterrupt, BrokenPipeError):
        pass
