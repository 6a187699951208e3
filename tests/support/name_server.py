"""A name server on UDP and TCP of 127.0.0.1 whose zone is a dictionary that the test changes as it goes.

`zone` maps (name, type) to a list of values: "A" and "AAAA" to addresses, "CNAME" to [name], "SRV" to tuples of
(priority, weight, port, target); the addresses of targets ride along as additional records when `additional` is set.
A name that no key has is answered NXDOMAIN, one that has other types with no record. `behaviour` is "answer", or what
is done instead: "silent", "refused", "servfail", "truncated" (on UDP only), "garbage".
"""

import contextlib
import random
import socket
import struct
import threading

TYPES = {1: "A", 5: "CNAME", 28: "AAAA", 33: "SRV"}
_NUMBERS = {name: number for number, name in TYPES.items()}


def _name(text):
    return b"".join(bytes([len(label)]) + label.encode() for label in text.strip(".").split(".")) + b"\0"


def _record(owner, kind, value, ttl=1):
    if kind == "A":
        data = socket.inet_pton(socket.AF_INET, value)
    elif kind == "AAAA":
        data = socket.inet_pton(socket.AF_INET6, value)
    elif kind == "SRV":
        priority, weight, port, target = value
        data = struct.pack(">HHH", priority, weight, port) + _name(target)
    else:
        data = _name(value)
    return _name(owner) + struct.pack(">HHIH", _NUMBERS[kind], 1, ttl, len(data)) + data


class NameServer:
    def __init__(self, zone=None, behaviour="answer", shuffle=False, additional=True):
        self.zone, self.behaviour, self.shuffle, self.additional = dict(zone or {}), behaviour, shuffle, additional
        self.queries = []  # (name, type, "udp" or "tcp")
        self._lock = threading.Lock()
        self._stopping = threading.Event()
        while True:  # the same port for both, so that a truncated answer can be asked for again
            self.tcp = socket.create_server(("127.0.0.1", 0))
            self.port = self.tcp.getsockname()[1]
            self.udp = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
            try:
                self.udp.bind(("127.0.0.1", self.port))
                break
            except OSError:
                self.tcp.close()
                self.udp.close()
        for target in (self._serve_udp, self._serve_tcp):
            threading.Thread(target=target, daemon=True).start()

    def __enter__(self):
        return self

    def __exit__(self, *unused):
        self.close()

    def close(self):
        self._stopping.set()
        for one in (self.udp, self.tcp):
            with contextlib.suppress(OSError):
                one.shutdown(socket.SHUT_RDWR)
            one.close()

    def set(self, name, kind, values):
        """Changes what a name has of one type; None takes it away."""
        with self._lock:
            if values is None:
                self.zone.pop((name, kind), None)
            else:
                self.zone[name, kind] = values

    def asked(self, name, kind=None):
        return sum(1 for query in list(self.queries) if query[0] == name and kind in (None, query[1]))

    def answer(self, query, transport):
        """The bytes that answer a query; None: nothing does."""
        number, _, questions = struct.unpack(">HHH", query[:6])
        labels, at = [], 12
        while query[at]:
            labels.append(query[at + 1:at + 1 + query[at]].decode("latin-1"))
            at += 1 + query[at]
        name = ".".join(labels).lower()
        kind = TYPES.get(struct.unpack(">H", query[at + 1:at + 3])[0], "?")
        question = query[12:at + 5]
        self.queries.append((name, kind, transport))
        if questions != 1 or self.behaviour == "silent":
            return None
        if self.behaviour == "garbage":
            return query[:2] + b"\x81\x80\xff\xff garbage"
        code, answers, more = 0, [], []
        with self._lock:
            if self.behaviour in ("refused", "servfail"):
                code = {"refused": 5, "servfail": 2}[self.behaviour]
            elif not any(known == name for known, _ in self.zone):
                code = 3
            else:
                owner = name
                while alias := self.zone.get((owner, "CNAME")):
                    answers.append(_record(owner, "CNAME", alias[0]))
                    owner = alias[0]
                values = list(self.zone.get((owner, kind), []))
                if self.shuffle:
                    random.shuffle(values)
                for value in values:
                    answers.append(_record(owner, kind, value))
                    if kind == "SRV" and self.additional:
                        for family in ("A", "AAAA"):
                            more += [_record(value[3], family, ip) for ip in self.zone.get((value[3], family), [])]
        flags = 0x8180 | code
        if self.behaviour == "truncated" and transport == "udp":
            flags, answers, more = flags | 0x0200, [], []
        return struct.pack(">HHHHHH", number, flags, 1, len(answers), 0, len(more)) + question + b"".join(answers + more)

    def _serve_udp(self):
        while not self._stopping.is_set():
            try:
                query, client = self.udp.recvfrom(4096)
            except OSError:
                return
            with contextlib.suppress(OSError, IndexError, struct.error):
                if answer := self.answer(query, "udp"):
                    self.udp.sendto(answer, client)

    def _serve_tcp(self):
        while not self._stopping.is_set():
            try:
                connection, _ = self.tcp.accept()
            except OSError:
                return
            threading.Thread(target=self._converse, args=(connection,), daemon=True).start()

    def _converse(self, connection):
        pending = b""
        with connection, contextlib.suppress(OSError, IndexError, struct.error):
            while data := connection.recv(65536):
                pending += data
                while len(pending) >= 2 and len(pending) >= 2 + (size := struct.unpack(">H", pending[:2])[0]):
                    query, pending = pending[2:2 + size], pending[2 + size:]
                    if answer := self.answer(query, "tcp"):
                        connection.sendall(struct.pack(">H", len(answer)) + answer)
