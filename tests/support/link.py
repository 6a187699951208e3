"""A hand-made end of Tandem's links (4-byte length and a protobuf Envelope), with no protobuf library: just enough of
the encoding to play an lbd or another node against the real daemons. Field numbers are those of proto/*.proto."""

import os
import select
import socket
import struct
import time

ROLE_LBD, ROLE_VRRPD, ROLE_SYNCD, ROLE_LBCTL = 1, 2, 3, 4
HELLO, HEARTBEAT, GOODBYE, PROOF, STATS_REQUEST, STATS_REPLY, PROXY_HEALTH = 1, 2, 3, 4, 5, 6, 10
RESUME, UPDATE, TAUGHT, ACK, RESYNC, PARTS, PRESENT = 20, 21, 22, 23, 24, 25, 26
READY, DRAIN, MAINT = 1, 2, 3


def varint(number):
    out = bytearray()
    while number > 0x7F:
        out.append(number & 0x7F | 0x80)
        number >>= 7
    out.append(number)
    return bytes(out)


def field(number, value):
    """An int as varint; str, bytes and encoded messages as length-delimited."""
    if isinstance(value, int):
        return varint(number << 3) + varint(value)
    data = value.encode() if isinstance(value, str) else value
    return varint(number << 3 | 2) + varint(len(data)) + data


def decode(data):
    """{number: [values]}: ints and bytes."""
    fields, at = {}, 0

    def read_varint():
        nonlocal at
        number = shift = 0
        while True:
            byte = data[at]
            at += 1
            number |= (byte & 0x7F) << shift
            shift += 7
            if byte < 0x80:
                return number

    while at < len(data):
        tag = read_varint()
        kind = tag & 7
        if kind == 0:
            value = read_varint()
        elif kind == 1:
            value = struct.unpack_from("<Q", data, at)[0]
            at += 8
        else:
            assert kind == 2, f"wire type {kind}"
            size = read_varint()
            value = data[at:at + size]
            at += size
        fields.setdefault(tag >> 3, []).append(value)
    return fields


def first(fields, number, default=0):
    return fields.get(number, [default])[0]


def frame(payload):
    return struct.pack(">I", len(payload)) + payload


def hello(role, node="", generation=None, protocol=1):
    generation = generation or int.from_bytes(os.urandom(7), "big") | 1
    return field(HELLO, field(1, role) + field(2, "test") + field(3, generation) + field(4, protocol) +
                 (field(5, node) if node else b"") + field(7, os.getpid()))


def server_state(backend, server, admin=None, weight=None, time_us=None):
    """An Entry with a ServerState; `time_us` is the stamp."""
    state = field(1, backend) + field(2, server)
    stamps = b""
    stamp = field(1, time_us or time.time_ns() // 1000)
    for number, value in ((3, admin), (4, weight)):
        if value is not None:
            state += field(number, value)
            stamps += field(15, field(1, number) + field(2, stamp))
    return field(1, state) + stamps


class Link:
    """One connection that has said hello. Frames that arrive are decoded as (body number, fields)."""

    def __init__(self, address, role, node="", greeting=None):
        family = socket.AF_UNIX if isinstance(address, str) else socket.AF_INET
        self.socket = socket.socket(family, socket.SOCK_STREAM)
        self.socket.settimeout(5)
        self.socket.connect(address)
        self.pending = b""
        self.send(greeting or hello(role, node))
        body, self.peer = self.receive()
        assert body == HELLO, body

    def __enter__(self):
        return self

    def __exit__(self, *unused):
        self.close()

    def close(self):
        self.socket.close()

    def send(self, payload):
        self.socket.sendall(frame(payload))

    def receive(self, timeout=5):
        """The next frame that is no heartbeat; EOFError at the end, TimeoutError when none comes."""
        deadline = time.monotonic() + timeout
        while True:
            if len(self.pending) >= 4:
                size = struct.unpack(">I", self.pending[:4])[0]
                if len(self.pending) >= 4 + size:
                    payload, self.pending = self.pending[4:4 + size], self.pending[4 + size:]
                    (number, (value, *_)), = decode(payload).items()
                    if number != HEARTBEAT:
                        return number, decode(value)
                    continue
            left = deadline - time.monotonic()
            if left <= 0 or not select.select([self.socket], [], [], left)[0]:
                raise TimeoutError
            try:
                data = self.socket.recv(65536)
            except ConnectionResetError:
                data = b""
            if not data:
                raise EOFError
            self.pending += data

    def stats(self):
        """{(object, name): value or text}."""
        self.send(field(STATS_REQUEST, b""))
        while True:
            body, reply = self.receive()
            if body == STATS_REPLY:
                break
        rows = {}
        for raw in reply.get(1, []):
            row = decode(raw)
            text = first(row, 5, b"").decode()
            rows[first(row, 1, b"").decode(), first(row, 2, b"").decode()] = text if text else first(row, 4)
        return rows


class FakeLbd(Link):
    """The replication side of an lbd: what it was told is in `states`: {(backend, server): {"admin":, "weight":}}."""

    def __init__(self, path):
        super().__init__(path, ROLE_LBD)
        self.states = {}
        self.sent = self.received = 0
        self.taught = False
        self.send(field(RESUME, b""))
        self.run_until(lambda: self.taught)
        self.send(field(TAUGHT, b""))

    def take(self, timeout):
        body, fields = self.receive(timeout)
        if body == UPDATE:
            assert first(fields, 2) in (0, self.received), "a gap"
            self.received = first(fields, 1)
            entry = decode(first(fields, 3))
            state = decode(first(entry, 1))
            to = self.states.setdefault((first(state, 1).decode(), first(state, 2).decode()), {})
            for number, name in ((3, "admin"), (4, "weight")):
                if number in state:
                    to[name] = first(state, number)
            self.send(field(ACK, field(1, self.received)))
        elif body == TAUGHT:
            self.taught = True

    def run_until(self, condition, timeout=5):
        deadline = time.monotonic() + timeout
        while not condition():
            self.take(max(deadline - time.monotonic(), 0.001))

    def set(self, backend, server, **values):
        previous, self.sent = self.sent, self.sent + 1
        self.send(field(UPDATE, field(1, self.sent) + field(2, previous) +
                        field(3, server_state(backend, server, **values))))

    def wait_state(self, backend, server, **values):
        self.run_until(lambda: all(self.states.get((backend, server), {}).get(k) == v for k, v in values.items()))
