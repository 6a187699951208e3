"""VRRP routers under test, ours or keepalived's, on the hosts of a network; what the link carried; what a client saw.

    with Network() as network:
        a, b = Router(test, network, "a", 1), Router(test, network, "b", 2)
        a.start(instance(priority=150)); b.start(instance())
        a.wait_state("MASTER")
"""

import bisect
import contextlib
import itertools
import os
import re
import signal
import socket
import statistics
import struct
import tempfile
import threading
import time

from support.process import Program, children, find_program, need_program, wait_for

SO_TIMESTAMPNS = 35
VIP = "10.77.0.100"
VIP6 = "fd77::100"
_identifiers = itertools.count(os.getpid())


def address(number):
    return f"10.77.0.{number}"


def address6(number):
    return f"fd77::{number}"


def instance(name="VI_1", vips=(VIP + "/24",), excluded=(), lines=(), **words):
    """A vrrp_instance block; words as written there, a True stands alone."""
    words = {"interface": "eth0", "virtual_router_id": 51, "priority": 100, "version": 3, "advert_int": 0.1, **words}
    text = [f"  {word}" if value is True else f"  {word} {value}" for word, value in words.items() if value is not None]
    text += [f"  {line}" for line in lines]
    for block, addresses in (("virtual_ipaddress", vips), ("virtual_ipaddress_excluded", excluded)):
        if addresses:
            text += [f"  {block} {{", *(f"    {each}" for each in addresses), "  }"]
    return "\n".join([f"vrrp_instance {name} {{", *text, "}", ""])


def skew(priority, interval=0.1):
    return (256 - priority) / 256 * interval


def master_down(priority, interval=0.1):
    return 3 * interval + skew(priority, interval)


class Router:
    """A host and the VRRP daemon on it; `program` is "vrrpd" or "keepalived"."""

    def __init__(self, test, network, name, number, program="vrrpd"):
        self.test, self.network, self.name, self.number = test, network, name, number
        self.kind = program
        self.binary = need_program(program)
        self.host = network.host(name, address(number) + "/24", address6(number) + "/64", private_run=True)
        self.directory = tempfile.mkdtemp(prefix="tandem-test-")
        self.config_path = os.path.join(self.directory, "vrrp.conf")
        self.program = None
        test.addCleanup(self._remove)

    def _remove(self):
        self.close()
        for file in os.listdir(self.directory):
            os.unlink(os.path.join(self.directory, file))
        os.rmdir(self.directory)

    def write(self, config, global_words=()):
        words = list(global_words)
        if self.kind == "vrrpd":
            words += [f"tandem_dump_file {self.directory}/dump", f"tandem_stats_file {self.directory}/stats",
                      f"tandem_socket {self.directory}/vrrpd.sock", f"tandem_lbd_socket {self.directory}/lbd.sock"]
        with open(self.config_path, "w", encoding="ascii") as file:
            file.write("global_defs {\n  router_id " + self.name + "\n" + "".join(f"  {word}\n" for word in words) + "}\n")
            file.write(config)

    def start(self, config, global_words=(), arguments=()):
        self.write(config, global_words)
        if self.kind == "vrrpd":
            argv = [self.binary, "-n", "-l", "-G", "-p", f"{self.directory}/pid"]
        else:
            argv = [self.binary, "-n", "-l", "-G", "-P", "-p", f"{self.directory}/pid", "-r", f"{self.directory}/vrrp_pid"]
        self.program = Program([*argv, "-f", self.config_path, *arguments], self.directory, prefix=self.host.prefix,
                               own_directory=False)
        return self

    def close(self):
        if self.program:
            self.program.stop()
            log, program, self.program = self.log(), self.program, None
            program.close()
            for word in ("Sanitizer", "runtime error:"):  # of a build that has them
                self.test.assertNotIn(word, log)

    def stop(self):
        code = self.program.stop()
        self.close()
        return code

    def kill(self):
        """kill -9 of all of it (keepalived's work is done by a child); nothing is tidied up."""
        for child in children(self.program.pid):
            with contextlib.suppress(ProcessLookupError):
                os.kill(child, signal.SIGKILL)
        self.program.process.kill()
        self.program.wait()
        self.close()

    def log(self):
        return self.program.errors() + self.program.output() if self.program else ""

    def states(self, name="VI_1"):
        """The states that it entered, in order."""
        return re.findall(rf"\({name}\) Entering (\w+) STATE", self.log())

    def state(self, name="VI_1"):
        return (self.states(name) or ["INIT"])[-1]

    def wait_state(self, state, name="VI_1", timeout=6):
        wait_for(lambda: self.state(name) == state, timeout, f"{self.name} to be {state}\n{self.log()}")

    def addresses(self):
        return [each.split("/")[0] for each in self.host.addresses("eth0")]

    def has(self, vip=VIP):
        return vip in self.addresses()

    def cable(self, plugged):
        self.network.cable(self.host, plugged)

    def isolate(self, isolated):
        """Its port leaves the switch, but the link stays up: packets are lost and nobody is told."""
        words = ("nomaster",) if isolated else ("master", "sw0")
        self.network.switch.run("ip", "link", "set", self.host.port, *words)

    @contextlib.contextmanager
    def deaf_to(self, family):
        """Adverts of a family (4, 6) do not come in."""
        kind = "ip" if family == 4 else "ip6"
        header = "ip protocol" if family == 4 else "ip6 nexthdr"
        table = ("netdev", f"deaf{family}")
        self.host.run("nft", "add", "table", *table)
        self.host.run("nft", "add", "chain", *table, "in", "{ type filter hook ingress device eth0 priority 0 ; }")
        self.host.run("nft", "add", "rule", *table, "in", *header.split(), "112", "drop")
        try:
            yield
        finally:
            self.host.run("nft", "delete", "table", *table)


def prepare():
    """Skips where vrrpd is not built."""
    if find_program("vrrpd") is None:
        need_program("vrrpd")


class Ping:
    """Sends an ICMP echo request each `interval` seconds and knows which were answered; a context manager."""

    def __init__(self, host, target=VIP, interval=0.002):
        self._v6 = ":" in target
        with host.inside():
            self._socket = socket.socket(socket.AF_INET6 if self._v6 else socket.AF_INET, socket.SOCK_RAW,
                                         socket.IPPROTO_ICMPV6 if self._v6 else socket.IPPROTO_ICMP)
        self._socket.settimeout(0.05)
        self._target, self.interval = target, interval
        self._identifier = next(_identifiers) & 0xFFFF
        self._sent = {}
        self._answered = []
        self._stop = threading.Event()
        self._threads = [threading.Thread(target=run, daemon=True) for run in (self._send, self._receive)]

    def __enter__(self):
        for thread in self._threads:
            thread.start()
        wait_for(lambda: self._answered, 10, "the first echo reply")
        return self

    def __exit__(self, *unused):
        self._stop.set()
        for thread in self._threads:
            thread.join()
        self._socket.close()

    def _send(self):
        sequence, due = 0, time.monotonic()
        while not self._stop.is_set():
            sequence = (sequence + 1) & 0xFFFF
            packet = struct.pack("!BBHHH", 128 if self._v6 else 8, 0, 0, self._identifier, sequence)
            if not self._v6:  # the kernel does it for ICMPv6
                packet = packet[:2] + struct.pack("!H", checksum(packet)) + packet[4:]
            self._sent[sequence] = time.monotonic()
            with contextlib.suppress(OSError):
                self._socket.sendto(packet, (self._target, 0))
            due = max(due + self.interval, time.monotonic() - self.interval)
            time.sleep(max(0, due - time.monotonic()))

    def _receive(self):
        reply = 129 if self._v6 else 0
        while not self._stop.is_set():
            try:
                data = self._socket.recv(2048)
            except OSError:
                continue
            data = data if self._v6 else data[(data[0] & 15) * 4:]
            if len(data) < 8:
                continue
            kind, _, _, identifier, sequence = struct.unpack("!BBHHH", data[:8])
            if kind == reply and identifier == self._identifier and sequence in self._sent:
                self._answered.append(self._sent.pop(sequence))

    def outage(self, since):
        """The longest time between two answered requests from a little before `since` on, once answers have come again
        for 200 ms; in seconds."""

        def settled():
            times = self._times(since)
            last = times[-100:]
            return len(last) > 1 and last[-1] > since + 0.2 and all(b - a < 0.1 for a, b in zip(last, last[1:]))

        wait_for(settled, 10, "answers to come again", 0.01)
        times = self._times(since)
        return max(b - a for a, b in zip(times, times[1:])) - self.interval

    def _times(self, since):
        """And the last one before, however long before that was on a busy machine."""
        times = sorted(self._answered)
        return times[max(0, bisect.bisect_left(times, since - 0.05) - 1):]


class Sniffer:
    """The Ethernet frames that a host's eth0 sees, with the kernel's time of each (monotonic); a context manager."""

    def __init__(self, host):
        with host.inside():
            self._socket = socket.socket(socket.AF_PACKET, socket.SOCK_RAW, socket.htons(3))
            self._socket.bind(("eth0", 0))
        self._socket.settimeout(0.05)
        self._socket.setsockopt(socket.SOL_SOCKET, SO_TIMESTAMPNS, 1)
        self._realtime = time.time() - time.monotonic()
        self.frames = []
        self._stop = threading.Event()
        self._thread = threading.Thread(target=self._run, daemon=True)

    def __enter__(self):
        self._thread.start()
        return self

    def __exit__(self, *unused):
        self._stop.set()
        self._thread.join()
        self._socket.close()

    def _run(self):
        while not self._stop.is_set():
            with contextlib.suppress(OSError):
                frame, ((*_, stamp),), *_ = self._socket.recvmsg(2048, 64)
                seconds, nanoseconds = struct.unpack("qq", stamp)
                self.frames.append((seconds + nanoseconds / 1e9 - self._realtime, frame))

    def adverts(self, source=None, vrid=51):
        """(time, priority, frame) of IPv4 adverts."""
        found = []
        for when, frame in list(self.frames):
            if frame[12:14] != b"\x08\x00" or frame[23] != 112:
                continue
            message = frame[14 + (frame[14] & 15) * 4:]
            if message[1] == vrid and (source is None or frame[26:30] == socket.inet_aton(source)):
                found.append((when, message[2], frame))
        return found

    def adverts6(self, vrid=51):
        """(time, priority, frame) of IPv6 adverts."""
        return [(when, frame[56], frame) for when, frame in list(self.frames)
                if frame[12:14] == b"\x86\xdd" and frame[20] == 112 and frame[55] == vrid]

    def gratuitous_arps(self, vip=VIP):
        return [(when, frame) for when, frame in list(self.frames)
                if frame[12:14] == b"\x08\x06" and frame[28:32] == frame[38:42] == socket.inet_aton(vip)]

    def neighbour_advertisements(self, vip=VIP6):
        """Those to all nodes."""
        return [(when, frame) for when, frame in list(self.frames)
                if frame[12:14] == b"\x86\xdd" and frame[20] == 58 and frame[54] == 136
                and frame[38:54] == socket.inet_pton(socket.AF_INET6, "ff02::1")
                and frame[62:78] == socket.inet_pton(socket.AF_INET6, vip)]


class AdvertSender:
    """Sends VRRP messages over IPv4 from whatever source; a context manager."""

    def __init__(self, host):
        with host.inside():
            self._raw = socket.socket(socket.AF_INET, socket.SOCK_RAW, socket.IPPROTO_RAW)
            self._raw.setsockopt(socket.SOL_SOCKET, socket.SO_BINDTODEVICE, b"eth0")

    def __enter__(self):
        return self

    def __exit__(self, *unused):
        self._raw.close()

    def send(self, message, source, destination="224.0.0.18", ttl=255):
        header = struct.pack("!BBHHHBBH4s4s", 0x45, 0xC0, 20 + len(message), 0, 0, ttl, 112, 0, socket.inet_aton(source),
                             socket.inet_aton(destination))
        self._raw.sendto(header + message, (destination, 0))


def send_advert(host, message, source, destination="224.0.0.18", ttl=255):
    with AdvertSender(host) as sender:
        sender.send(message, source, destination, ttl)


def advert(vips=(VIP,), vrid=51, priority=100, centiseconds=10, version=3, password=None):
    """A VRRP message with its checksum (without pseudo-header)."""
    timing = struct.pack("!H", centiseconds) if version == 3 else bytes([1 if password else 0, centiseconds // 100])
    body = b"".join(socket.inet_aton(vip) for vip in vips)
    if version == 2:
        body += (password or b"")[:8].ljust(8, b"\0")
    head = bytes([version << 4 | 1, vrid, priority, len(vips)]) + timing
    return head + struct.pack("!H", checksum(head + b"\0\0" + body)) + body


def checksum(data):
    """One's complement sum of RFC 1071."""
    data += b"\0" * (len(data) % 2)
    total = sum(struct.unpack(f"!{len(data) // 2}H", data))
    while total >> 16:
        total = (total & 0xFFFF) + (total >> 16)
    return ~total & 0xFFFF


def figures(what, seconds, promise):
    """Prints median and worst of durations beside what was promised; returns both in seconds."""
    median, worst = statistics.median(seconds), max(seconds)
    print(f"vrrp: {what}: median {median * 1000:.0f} ms, worst {worst * 1000:.0f} ms of {len(seconds)} "
          f"(promise {promise * 1000:.0f} ms)", flush=True)
    return median, worst
