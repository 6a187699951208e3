"""A scripted client on a raw socket: it sends exactly the bytes that the test says and reads HTTP answers strictly."""

import contextlib
import socket
import struct


class Closed(Exception):
    """The other side closed (or reset) before the answer was complete; `data` is what came until then."""

    def __init__(self, data, reset=False):
        super().__init__(f"closed after {data!r}" + (" by reset" if reset else ""))
        self.data = data
        self.reset = reset


class Response:
    """One HTTP answer: `status`, `reason`, `headers` (list of (name, value) as sent), `body`, `trailers`."""

    def __init__(self, head):
        lines = head.decode("latin-1").split("\r\n")
        parts = lines[0].split(" ", 2)
        self.head = head
        self.version = parts[0]
        self.status = int(parts[1]) if len(parts) > 1 and parts[1].isdigit() else 0
        self.reason = parts[2] if len(parts) > 2 else ""
        self.headers = [tuple(part.strip() for part in line.split(":", 1)) for line in lines[1:] if ":" in line]
        self.body = b""
        self.trailers = b""

    def header(self, name, default=None):
        for key, value in self.headers:
            if key.lower() == name.lower():
                return value
        return default

    def all(self, name):
        return [value for key, value in self.headers if key.lower() == name.lower()]

    def __repr__(self):
        return f"Response({self.head!r}, body={self.body[:80]!r}{'…' if len(self.body) > 80 else ''})"


class Client:
    """One connection; a context manager. All reads have the given timeout in seconds."""

    def __init__(self, address, timeout=5.0, source=None):
        family = socket.AF_UNIX if isinstance(address, str) else socket.AF_INET6 if ":" in address[0] else socket.AF_INET
        self.socket = socket.socket(family, socket.SOCK_STREAM)
        self.socket.settimeout(timeout)
        self.pending = b""
        try:
            if source:
                self.socket.bind(source)
            self.socket.connect(address)
        except OSError:
            self.socket.close()
            raise

    def __enter__(self):
        return self

    def __exit__(self, *unused):
        self.close()

    def send(self, data):
        self.socket.sendall(data if isinstance(data, bytes) else data.encode("latin-1"))
        return self

    def request(self, path="/", method="GET", headers=(), body=b"", version="HTTP/1.1", host="test"):
        """Sends one request; `headers` are "Name: value" lines."""
        lines = [f"{method} {path} {version}"]
        if host is not None:
            lines.append(f"Host: {host}")
        lines += headers
        if body:
            lines.append(f"Content-Length: {len(body)}")
        return self.send("\r\n".join(lines).encode("latin-1") + b"\r\n\r\n" + body)

    def get(self, path="/", method="GET", **more):
        """One request and its answer."""
        return self.request(path, method, **more).response(method)

    def _more(self):
        try:
            data = self.socket.recv(65536)
        except ConnectionResetError:
            raise Closed(self.pending, reset=True) from None
        if not data:
            raise Closed(self.pending)
        self.pending += data

    def read_until(self, mark):
        while mark not in self.pending:
            self._more()
        data, self.pending = self.pending.split(mark, 1)
        return data + mark

    def read_exactly(self, count):
        while len(self.pending) < count:
            self._more()
        data, self.pending = self.pending[:count], self.pending[count:]
        return data

    def read_to_end(self):
        """Everything until the other side closes; a reset counts as the end."""
        with contextlib.suppress(Closed):
            while True:
                self._more()
        data, self.pending = self.pending, b""
        return data

    def response(self, method="GET"):
        """The next answer with its body; 1xx answers are returned as answers of their own."""
        answer = Response(self.read_until(b"\r\n\r\n"))
        if method == "HEAD" or answer.status in (204, 304) or 100 <= answer.status < 200:
            return answer
        if method == "CONNECT" and 200 <= answer.status < 300:
            return answer
        if "chunked" in (answer.header("transfer-encoding") or "").lower():
            while True:
                size = int(self.read_until(b"\r\n").split(b";")[0], 16)
                if size == 0:
                    break
                answer.body += self.read_exactly(size)
                self.read_exactly(2)
            while (line := self.read_until(b"\r\n")) != b"\r\n":
                answer.trailers += line
        elif answer.header("content-length") is not None:
            answer.body = self.read_exactly(int(answer.header("content-length")))
        else:
            answer.body = self.read_to_end()
        return answer

    def closed_by_peer(self, timeout=5.0):
        """True when the other side closes within the time and sends nothing before that."""
        self.socket.settimeout(timeout)
        try:
            return not self.pending and self.socket.recv(1) == b""
        except ConnectionResetError:
            return True
        except TimeoutError:
            return False

    def half_close(self):
        self.socket.shutdown(socket.SHUT_WR)

    def reset(self):
        self.socket.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
        self.socket.close()

    def close(self):
        self.socket.close()


def get(address, path="/", **more):
    """One request on a connection of its own."""
    with Client(address) as client:
        return client.get(path, **more)


def command(address, text, timeout=5.0, half_close=False):
    """One line to a runtime socket, the whole answer back."""
    with Client(address, timeout) as client:
        client.send(text + "\n")
        if half_close:
            client.half_close()
        return client.read_to_end().decode(errors="replace")
