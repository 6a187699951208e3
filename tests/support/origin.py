"""Origin servers that do exactly what a test scripts, each connection in a thread of its own.

A behaviour is a function that gets the accepted `Peer` and talks to it; when it returns the connection is closed.
`Origin(answer(...))` covers the usual HTTP server; the other behaviours below cover the ways in which servers fail.
"""

import contextlib
import re
import socket
import struct
import threading

from support.process import listening_socket


class Peer:
    """The origin's side of one connection."""

    def __init__(self, connection, origin):
        self.socket = connection
        self.origin = origin
        self.pending = b""
        connection.settimeout(10)

    def _more(self):
        try:
            data = self.socket.recv(65536)
        except (ConnectionResetError, TimeoutError, OSError):
            data = b""
        self.pending += data
        return bool(data)

    def head(self):
        """The next request head, recorded in the origin's list; None when the other side closed first."""
        while b"\r\n\r\n" not in self.pending:
            if not self._more():
                return None
        head, self.pending = self.pending.split(b"\r\n\r\n", 1)
        head += b"\r\n\r\n"
        self.origin.record(head)
        return head

    def body(self, head):
        """The body that belongs to `head`, chunks still framed as they came; recorded too when there is one."""
        lower = head.lower()
        data = b""
        if b"\r\ntransfer-encoding: chunked\r\n" in lower:
            while True:
                line = self.until(b"\r\n")
                data += line
                digits = line.split(b";")[0].strip()
                size = int(digits, 16) if re.fullmatch(rb"[0-9a-f]+", digits, re.I) else 0
                if size == 0:
                    while (line := self.until(b"\r\n")) not in (b"\r\n", b""):
                        data += line
                    data += line
                    break
                data += self.exactly(size + 2)
        elif length := re.search(rb"\r\ncontent-length: *(\d+)\r\n", lower):
            data = self.exactly(int(length[1]))
        if data:
            self.origin.record(data)
        return data

    def until(self, mark):
        while mark not in self.pending:
            if not self._more():
                return b""
        data, self.pending = self.pending.split(mark, 1)
        return data + mark

    def exactly(self, count):
        while len(self.pending) < count:
            if not self._more():
                break
        data, self.pending = self.pending[:count], self.pending[count:]
        return data

    def send(self, data):
        with contextlib.suppress(OSError):
            self.socket.sendall(data)
        return self

    def wait_close(self):
        """Reads (and throws away) until the other side closes."""
        while self._more():
            self.pending = b""

    def half_close(self):
        with contextlib.suppress(OSError):
            self.socket.shutdown(socket.SHUT_WR)

    def reset(self):
        self.socket.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
        self.socket.close()


class Origin:
    """Listens on a port of its own (`port`) and runs `behaviour` for each connection; a context manager."""

    def __init__(self, behaviour, backlog=1024):
        self.listener = self._listen(backlog)
        self.address = self.listener.getsockname()
        self.port = self.address[1]
        self.seen = []  # every request head and body, in the order of arrival
        self.connections = 0
        self._behaviour = behaviour
        self._lock = threading.Lock()
        self._open = set()
        self._thread = threading.Thread(target=self._accept, daemon=True)
        self._thread.start()

    def __enter__(self):
        return self

    def __exit__(self, *unused):
        self.close()

    def _listen(self, backlog):
        return listening_socket(backlog=backlog)

    def record(self, data):
        with self._lock:
            self.seen.append(data)

    def _accept(self):
        while True:
            try:
                connection, _ = self.listener.accept()
            except OSError:
                return
            with self._lock:
                self.connections += 1
                self._open.add(connection)
            threading.Thread(target=self._serve, args=(connection,), daemon=True).start()

    def _serve(self, connection):
        peer = Peer(connection, self)
        with contextlib.suppress(OSError):
            self._behaviour(peer)
        with self._lock:
            self._open.discard(connection)
        connection.close()

    def close(self):
        with contextlib.suppress(OSError):
            self.listener.shutdown(socket.SHUT_RDWR)
        self.listener.close()
        with self._lock:
            for connection in self._open:
                with contextlib.suppress(OSError):
                    connection.shutdown(socket.SHUT_RDWR)
        self._thread.join(5)


def response(body=b"ok", status="200 OK", headers=(), version="HTTP/1.1", length=True):
    """The bytes of one answer."""
    lines = [f"{version} {status}", *headers]
    if length:
        lines.append(f"Content-Length: {len(body)}")
    return "\r\n".join(lines).encode("latin-1") + b"\r\n\r\n" + body


def answer(data=None, close=False):
    """A keep-alive server that gives the same answer to each request; `data` may be a function of the head."""

    def behaviour(peer):
        while (head := peer.head()) is not None:
            peer.body(head)
            reply = data(head) if callable(data) else response() if data is None else data
            if head.startswith(b"HEAD "):
                reply = reply.split(b"\r\n\r\n", 1)[0] + b"\r\n\r\n"
            peer.send(reply)
            if close or b"connection: close" in head.lower():
                return

    return behaviour


def name(text):
    """A keep-alive server that answers with its own name."""
    return answer(response(text.encode(), headers=["Content-Type: text/plain"]))


def silent(peer):
    """Reads the request and never answers."""
    peer.head()
    peer.wait_close()


def close_at_once(peer):
    """Accepts and closes without reading."""


def close_after_request(peer):
    """Closes in an orderly way after the request, without an answer."""
    peer.body(peer.head() or b"")


def reset_after_request(peer):
    peer.head()
    peer.reset()


def raw_answer(*parts, reset=False, hold=False):
    """After the request sends the parts as they are, then closes, resets, or (hold) waits for the other side."""

    def behaviour(peer):
        peer.head()
        for part in parts:
            peer.send(part)
        if reset:
            peer.reset()
        elif hold:
            peer.wait_close()

    return behaviour


def echo(peer):
    """TCP echo with half-close: what was sent comes back, then the end."""
    while data := peer.socket.recv(65536):
        peer.socket.sendall(data)
    peer.half_close()
