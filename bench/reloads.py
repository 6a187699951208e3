#!/usr/bin/env python3
"""Reloads of a busy lbd: what clients notice of them. Requests at a steady rate on keep-alive connections, long-lived
tunnels (raw TCP and WebSocket) that each say something all the time, and one reload after the other through the master's
socket. Counted are requests that failed and tunnels that were cut, how long old processes stayed, and memory.

Ends with 1 unless nothing failed, no old process was there after three seconds, and memory stayed below 1.2 times that
of the first worker.
"""

import argparse
import os
import resource
import selectors
import socket
import sys
import tempfile
import threading
import time

sys.path.insert(0, os.path.join(os.path.dirname(os.path.dirname(os.path.abspath(__file__))), "tests"))

from support.client import Client, Closed, command  # noqa: E402
from support.process import Program, children, need_program, reserved_port, resident_kib, wait_for  # noqa: E402

CONFIG = """
global
    maxconn 2000
    stats socket {directory}/lbd.sock mode 600 level admin
    tandem-link-socket {directory}/link.sock
    tandem-syncd-socket {directory}/no-syncd.sock
defaults
    mode http
    timeout connect 5s
    timeout client 60s
    timeout server 60s
    timeout tunnel 1h
frontend web
    bind 127.0.0.1:{web}
    http-request return status 200 content-type text/plain string "ok" unless {{ hdr(upgrade) -i websocket }}
    use_backend sockets
backend sockets
    server w1 127.0.0.1:{origin}
listen raw
    mode tcp
    bind 127.0.0.1:{raw}
    server r1 127.0.0.1:{origin}
"""
UPGRADE = (b"GET / HTTP/1.1\r\nHost: h\r\nConnection: Upgrade\r\nUpgrade: websocket\r\n"
           b"Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n\r\n")
ACCEPTED = (b"HTTP/1.1 101 Switching Protocols\r\nConnection: Upgrade\r\nUpgrade: websocket\r\n"
            b"Sec-WebSocket-Accept: s3pPLMBiTxaQ9kYGzzhZRbK+xOo=\r\n\r\n")
LEAVES = 3  # seconds that an old process may take


class EchoServer(threading.Thread):
    """Sends back what comes; a request for a WebSocket is accepted first. One thread for all connections."""

    def __init__(self):
        super().__init__(daemon=True)
        self.listener = socket.create_server(("127.0.0.1", 0), backlog=1024)
        self.port = self.listener.getsockname()[1]
        self.selector = selectors.DefaultSelector()
        self.selector.register(self.listener, selectors.EVENT_READ)
        self.start()

    def run(self):
        while True:
            for key, _ in self.selector.select():
                if key.fileobj is self.listener:
                    self.selector.register(self.listener.accept()[0], selectors.EVENT_READ)
                    continue
                data = key.fileobj.recv(65536)
                if data.startswith(b"GET "):
                    data = ACCEPTED
                if data:
                    key.fileobj.sendall(data)
                else:
                    self.selector.unregister(key.fileobj)
                    key.fileobj.close()


class Requests(threading.Thread):
    """Requests at a rate, on one connection as long as it is kept."""

    def __init__(self, address, rate, stop):
        super().__init__()
        self.address, self.pause, self.stopped = address, 1 / rate, stop
        self.served, self.failures, self.slowest = 0, [], 0.0

    def run(self):
        client, due = None, time.monotonic()
        while not self.stopped.is_set():
            due += self.pause
            time.sleep(max(0, due - time.monotonic()))
            try:
                client = client or Client(self.address, timeout=20)
                begun = time.monotonic()
                answer = client.get("/")
                self.slowest = max(self.slowest, time.monotonic() - begun)
                self.served += 1
                if answer.status != 200:
                    self.failures.append(repr(answer))
                if answer.header("connection") == "close":
                    client.close()
                    client = None
            except (OSError, Closed) as error:
                self.failures.append(repr(error))
                client = None


class Tunnels(threading.Thread):
    """Each says something in turn and hears it back."""

    def __init__(self, addresses, count, stop):
        super().__init__()
        self.stopped, self.cut, self.turns = stop, 0, 0
        self.tunnels = []
        for i in range(count):
            client = Client(addresses[i % 2], timeout=20)
            if i % 2:
                client.send(UPGRADE)
                assert b" 101 " in client.read_until(b"\r\n\r\n")
            self.tunnels.append(client)

    def run(self):
        while not self.stopped.is_set() and self.tunnels:
            for client in list(self.tunnels):
                try:
                    client.send(b"still there?")
                    assert client.read_exactly(12) == b"still there?"
                    self.turns += 1
                except (OSError, Closed, AssertionError):
                    self.tunnels.remove(client)
                    self.cut += 1
            self.stopped.wait(0.05)


def main():
    options = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    options.add_argument("--rate", type=int, default=2000, help="requests a second")
    options.add_argument("--clients", type=int, default=20, help="connections that they come on")
    options.add_argument("--tunnels", type=int, default=500)
    options.add_argument("--reloads", type=int, default=20)
    options.add_argument("--every", type=float, default=1.0, help="seconds between two reloads")
    args = options.parse_args()
    most = resource.getrlimit(resource.RLIMIT_NOFILE)[1]
    resource.setrlimit(resource.RLIMIT_NOFILE, (most, most))

    origin = EchoServer()
    (web, keeper_of_web), (raw, keeper_of_raw) = reserved_port(), reserved_port()
    with tempfile.TemporaryDirectory(prefix="tandem-reloads-") as directory, keeper_of_web, keeper_of_raw:
        path, master_socket = os.path.join(directory, "lbd.cfg"), os.path.join(directory, "master.sock")
        with open(path, "w", encoding="utf-8") as file:
            file.write(CONFIG.format(directory=directory, web=web, raw=raw, origin=origin.port))
        with Program([need_program("lbd"), "-W", "-db", "-S", master_socket, "-f", path]) as master:
            try:
                wait_for(lambda: os.path.exists(os.path.join(directory, "lbd.sock")), what="lbd")
            except AssertionError:
                sys.exit(master.errors())
            stop = threading.Event()
            tunnels = Tunnels((("127.0.0.1", raw), ("127.0.0.1", web)), args.tunnels, stop)
            clients = [Requests(("127.0.0.1", web), args.rate / args.clients, stop) for _ in range(args.clients)]
            for thread in [tunnels, *clients]:
                thread.start()
            time.sleep(2)
            first, begun, longest = resident_kib(children(master.pid)[0]), time.monotonic(), 0.0
            for _ in range(args.reloads):
                time.sleep(args.every)
                before = set(children(master.pid))
                reply = command(master_socket, "reload", timeout=60)
                assert reply.startswith("Success=1"), reply + master.errors()
                served = time.monotonic()
                wait_for(lambda: not before & set(children(master.pid)), 60, "the end of the old worker")
                longest = max(longest, time.monotonic() - served)
            took = time.monotonic() - begun
            last = resident_kib(children(master.pid)[0])
            stop.set()
            for thread in [tunnels, *clients]:
                thread.join()
    served, failures = sum(client.served for client in clients), sum((client.failures for client in clients), [])
    print(f"{args.reloads} reloads in {took:.1f} s: {served} requests ({served / (took + 2):.0f} a second), {len(failures)} "
          f"failed, slowest {max(client.slowest for client in clients) * 1000:.0f} ms; {args.tunnels} tunnels, "
          f"{tunnels.cut} cut, {tunnels.turns} answers through them; an old process stayed at most {longest * 1000:.0f} ms; "
          f"memory {first} KiB at first, {last} KiB at last")
    for failure in failures[:5]:
        print(f"  {failure}")
    return 0 if not failures and not tunnels.cut and longest <= LEAVES and last <= 1.2 * first else 1


if __name__ == "__main__":
    sys.exit(main())
