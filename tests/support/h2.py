"""A client of HTTP/2 at the level of frames: it sends any frame, valid or not, and reads what comes with timeouts.

Header blocks are coded by python3-hpack; all else is here, so that nothing keeps a test from breaking the rules. Reading
is on demand: read() takes one frame and notes what it means for its stream (`answers`), for the windows and for the
connection (`goaway`). SETTINGS and PING are acknowledged and windows opened again, unless the client is told not to.
"""

import contextlib
import socket
import ssl
import struct
import subprocess
import time
from typing import NamedTuple

from support.process import skip

try:
    import hpack
except ImportError:
    hpack = None

DATA, HEADERS, PRIORITY, RST_STREAM, SETTINGS, PUSH_PROMISE, PING, GOAWAY, WINDOW_UPDATE, CONTINUATION = range(10)
FRAMES = ("DATA", "HEADERS", "PRIORITY", "RST_STREAM", "SETTINGS", "PUSH_PROMISE", "PING", "GOAWAY", "WINDOW_UPDATE",
          "CONTINUATION")
END_STREAM, ACK, END_HEADERS, PADDED, PRIORITY_FLAG = 1, 1, 4, 8, 32
ERRORS = ("NO_ERROR", "PROTOCOL_ERROR", "INTERNAL_ERROR", "FLOW_CONTROL_ERROR", "SETTINGS_TIMEOUT", "STREAM_CLOSED",
          "FRAME_SIZE_ERROR", "REFUSED_STREAM", "CANCEL", "COMPRESSION_ERROR", "CONNECT_ERROR", "ENHANCE_YOUR_CALM",
          "INADEQUATE_SECURITY", "HTTP_1_1_REQUIRED")
HEADER_TABLE_SIZE, ENABLE_PUSH, MAX_CONCURRENT_STREAMS, INITIAL_WINDOW_SIZE, MAX_FRAME_SIZE, MAX_HEADER_LIST_SIZE = range(1, 7)
ENABLE_CONNECT_PROTOCOL = 8
PREFACE = b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n"


def need_hpack():
    if hpack is None:
        skip("no python3-hpack for this interpreter (scripts/install-deps test)")


def frame(kind, flags=0, stream=0, payload=b"", length=None):
    """The bytes of a frame; `length` is what it says of itself when that is to be wrong."""
    size = len(payload) if length is None else length
    return struct.pack(">I", size)[1:] + struct.pack(">BBI", kind, flags, stream) + payload


def error_name(code):
    return ERRORS[code] if code < len(ERRORS) else str(code)


def certificate(directory, name="h2.test"):
    """A self-signed certificate with its key in one file of `directory`."""
    path = f"{directory}/{name}.pem"
    key = f"{path}.key"
    done = subprocess.run(["openssl", "req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:prime256v1", "-nodes",
                           "-days", "30", "-subj", f"/CN={name}", "-keyout", key, "-out", path], capture_output=True,
                          check=False)
    assert done.returncode == 0, done.stderr
    with open(path, "ab") as whole, open(key, "rb") as secret:
        whole.write(secret.read())
    return path


class Frame(NamedTuple):
    kind: int
    flags: int
    stream: int
    payload: bytes

    def __repr__(self):
        name = FRAMES[self.kind] if self.kind < len(FRAMES) else f"type {self.kind}"
        return f"{name}(flags={self.flags:#x}, stream={self.stream}, {len(self.payload)} bytes)"


class Answer:
    """What has come on a stream. `reset` is the name of the error of RST_STREAM, `ended` that END_STREAM came."""

    def __init__(self):
        self.fields = None
        self.informational = []
        self.trailers = None
        self.body = bytearray()
        self.ended = False
        self.reset = None

    @property
    def status(self):
        return int(self.fields[0][1]) if self.fields else 0

    def header(self, name, default=None):
        return next((value for key, value in self.fields or [] if key == name), default)

    def __repr__(self):
        body = bytes(self.body[:80]) if len(self.body) <= 80 else f"{len(self.body)} bytes"
        return f"Answer({self.fields}, {body}, ended={self.ended}, reset={self.reset})"


class H2Client:
    """One connection; a context manager. `tls`: ALPN names to offer, or a context; `preface` False: nothing is sent yet.

    `credit`: windows are opened again as DATA comes; `automatic`: SETTINGS and PING are acknowledged."""

    def __init__(self, address, timeout=5.0, tls=None, settings=None, preface=True, credit=True, automatic=True, source=None):
        need_hpack()
        self.socket = socket.create_connection(address, timeout, source)
        self.socket.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        self.alpn = None
        if tls is not None:
            context = tls
            if not isinstance(tls, ssl.SSLContext):
                context = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
                context.check_hostname, context.verify_mode = False, ssl.CERT_NONE
                if tls:
                    context.set_alpn_protocols(list(tls))
            self.socket = context.wrap_socket(self.socket, server_hostname="h2.test")
            self.alpn = self.socket.selected_alpn_protocol()
        self.timeout = timeout
        self.credit, self.automatic = credit, automatic
        self.encoder, self.decoder = hpack.Encoder(), hpack.Decoder()
        self.decoder.max_allowed_table_size, self.decoder.max_header_list_size = 65536, 1 << 20
        self.pending = b""
        self.answers = {}
        self.frames = []  # all that came, in order
        self.goaway = None  # (last stream, name of the error)
        self.closed = False
        self.peer_settings = {}
        self.initial_window = 65535  # for streams, towards the peer
        self.window = 65535  # of the connection
        self.stream_windows = {}
        self.next_stream = 1
        self._block = None
        if preface:
            self.send(PREFACE + self.settings_frame(settings or {}))

    def __enter__(self):
        return self

    def __exit__(self, *unused):
        self.close()

    def close(self):
        self.socket.close()

    def reset_connection(self):
        self.socket.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
        self.socket.close()

    # --- to the peer

    def send(self, data):
        """Raw bytes; a peer that has closed is seen when its frames are read."""
        with contextlib.suppress(BrokenPipeError, ConnectionResetError, ssl.SSLError):
            self.socket.sendall(data)
        return self

    def frame(self, kind, flags=0, stream=0, payload=b"", length=None):
        return self.send(frame(kind, flags, stream, payload, length))

    @staticmethod
    def settings_frame(settings, flags=0):
        pairs = settings.items() if isinstance(settings, dict) else settings
        return frame(SETTINGS, flags, 0, b"".join(struct.pack(">HI", key, value) for key, value in pairs))

    def settings(self, settings):
        return self.send(self.settings_frame(settings))

    def block(self, fields):
        return self.encoder.encode(fields, huffman=False)

    def headers(self, stream, fields, end=True, flags=END_HEADERS):
        self.next_stream = max(self.next_stream, (stream | 1) + 2)
        block = self.block(fields)
        kind, flags = HEADERS, flags | (END_STREAM if end else 0)
        while len(block) > 16384:
            self.frame(kind, flags & ~END_HEADERS, stream, block[:16384])
            kind, flags, block = CONTINUATION, flags & ~END_STREAM, block[16384:]
        return self.frame(kind, flags, stream, block)

    def data(self, stream, payload=b"", end=False):
        return self.frame(DATA, END_STREAM if end else 0, stream, payload)

    def reset(self, stream, error="CANCEL"):
        return self.frame(RST_STREAM, 0, stream, struct.pack(">I", ERRORS.index(error)))

    def window_update(self, stream, increment):
        return self.frame(WINDOW_UPDATE, 0, stream, struct.pack(">I", increment))

    def ping(self, payload=b"pingpong"):
        return self.frame(PING, 0, 0, payload)

    @staticmethod
    def request_fields(path="/", method="GET", headers=(), authority="h2.test", scheme="http"):
        pseudo = [(":method", method), (":scheme", scheme), (":authority", authority), (":path", path)]
        return [(name, value) for name, value in pseudo if value is not None] + list(headers)

    def open(self, path="/", method="GET", headers=(), end=True, authority="h2.test", scheme="http"):
        """Sends a request's head on the next stream; returns the stream."""
        stream = self.next_stream
        self.headers(stream, self.request_fields(path, method, headers, authority, scheme), end)
        return stream

    def send_body(self, stream, payload, end=True, trailers=None):
        """DATA as windows permit, reading what comes meanwhile."""
        view = memoryview(payload)
        while view and stream not in self._resets():
            room = min(self.window, self.stream_window(stream), 16384)
            if room <= 0:
                if not self.read():
                    break
                continue
            piece, view = view[:room], view[room:]
            self.window -= len(piece)
            self.stream_windows[stream] = self.stream_window(stream) - len(piece)
            self.data(stream, bytes(piece), end and not view and trailers is None)
        if not payload and end and trailers is None:
            self.data(stream, b"", True)
        if trailers is not None:
            self.headers(stream, trailers, True)

    def _resets(self):
        return {stream for stream, answer in self.answers.items() if answer.reset}

    def stream_window(self, stream):
        return self.stream_windows.setdefault(stream, self.initial_window)

    # --- from the peer

    def read(self, timeout=None):
        """The next frame, or None when the connection is closed; TimeoutError."""
        deadline = time.monotonic() + (self.timeout if timeout is None else timeout)
        while True:
            if len(self.pending) >= 9:
                length = int.from_bytes(self.pending[:3], "big")
                if len(self.pending) >= 9 + length:
                    break
            left = deadline - time.monotonic()
            if left <= 0:
                raise TimeoutError(f"no frame; {self.frames[-5:]}")
            self.socket.settimeout(left)
            try:
                more = self.socket.recv(262144)
            except TimeoutError:
                raise TimeoutError(f"no frame; {self.frames[-5:]}") from None
            except (ConnectionResetError, ssl.SSLError):
                more = b""
            if not more:
                self.closed = True
                return None
            self.pending += more
        kind, flags, stream = struct.unpack(">BBI", self.pending[3:9])
        got = Frame(kind, flags, stream & 0x7fffffff, self.pending[9:9 + length])
        self.pending = self.pending[9 + length:]
        self.frames.append(got if len(got.payload) < 4096 else got._replace(payload=b""))
        self._note(got)
        return got

    def _note(self, got):
        answer = self.answers.setdefault(got.stream, Answer()) if got.stream else None
        if got.kind == DATA:
            payload = got.payload[1:len(got.payload) - got.payload[0]] if got.flags & PADDED else got.payload
            answer.body += payload
            answer.ended = bool(got.flags & END_STREAM)
            if self.credit and got.payload:
                self.window_update(0, len(got.payload))
                if not answer.ended:
                    self.window_update(got.stream, len(got.payload))
        elif got.kind == HEADERS:
            payload = got.payload
            if got.flags & PADDED:
                payload = payload[1:len(payload) - payload[0]]
            self._block = (got, payload[5:] if got.flags & PRIORITY_FLAG else payload)
            self._end_of_block(got)
        elif got.kind == CONTINUATION:
            self._block = (self._block[0], self._block[1] + got.payload)
            self._end_of_block(got)
        elif got.kind == RST_STREAM:
            answer.reset = error_name(struct.unpack(">I", got.payload)[0])
        elif got.kind == SETTINGS and not got.flags & ACK:
            settings = dict(struct.iter_unpack(">HI", got.payload))
            self.peer_settings |= settings
            if INITIAL_WINDOW_SIZE in settings:
                grown = settings[INITIAL_WINDOW_SIZE] - self.initial_window
                self.initial_window += grown
                self.stream_windows = {key: window + grown for key, window in self.stream_windows.items()}
            if self.automatic:
                self.frame(SETTINGS, ACK)
        elif got.kind == PING and not got.flags & ACK and self.automatic:
            self.frame(PING, ACK, 0, got.payload)
        elif got.kind == WINDOW_UPDATE:
            increment = struct.unpack(">I", got.payload)[0]
            if got.stream:
                self.stream_windows[got.stream] = self.stream_window(got.stream) + increment
            else:
                self.window += increment
        elif got.kind == GOAWAY:
            last, code = struct.unpack(">II", got.payload[:8])
            self.goaway = (last, error_name(code))

    def _end_of_block(self, got):
        if not got.flags & END_HEADERS:
            return
        first, block = self._block
        answer = self.answers[first.stream]
        fields = [(name, value) for name, value in self.decoder.decode(block)]
        if answer.fields is not None:
            answer.trailers = fields
        elif fields and fields[0][0] == ":status" and fields[0][1].startswith("1"):
            answer.informational.append(fields)
        else:
            answer.fields = fields
        answer.ended = bool(first.flags & END_STREAM)

    def until(self, condition, timeout=None):
        """Reads until condition() holds; False when the connection ends before that. TimeoutError."""
        deadline = time.monotonic() + (self.timeout if timeout is None else timeout)
        while not condition():
            if self.closed or self.read(deadline - time.monotonic()) is None:
                return False
        return True

    def answer(self, stream, timeout=None):
        """All that comes on a stream until it ends, is reset, or the connection closes."""
        answer = self.answers.setdefault(stream, Answer())
        self.until(lambda: answer.ended or answer.reset, timeout)
        return answer

    def head(self, stream, timeout=None):
        """The answer when its head is there."""
        answer = self.answers.setdefault(stream, Answer())
        self.until(lambda: answer.fields or answer.reset, timeout)
        return answer

    def get(self, path="/", method="GET", headers=(), body=None, trailers=None, **more):
        """One exchange."""
        stream = self.open(path, method, headers, body is None and trailers is None, **more)
        if body is not None or trailers is not None:
            self.send_body(stream, body or b"", True, trailers)
        return self.answer(stream)

    def settled(self, timeout=None):
        """A PING and its answer: all that was sent before has been read by the peer. False: it closed."""
        mark = struct.pack(">Q", len(self.frames) + 1)
        self.ping(mark)
        return self.until(lambda: any(f.kind == PING and f.flags & ACK and f.payload == mark for f in self.frames), timeout)

    def wait_closed(self, timeout=None):
        """Reads to the end; TimeoutError when it does not come."""
        self.until(lambda: False, timeout)
        return self.closed
