"""A real snmpd of Debian's for tests, with a configuration of its own and unprivileged ports, net-snmp's tools as clients,
and a receiver of notifications.
"""

import glob
import os
import re
import signal
import socket
import threading

from support.process import Program, need_program, run, skip, wait_for

ARC = ".1.3.6.1.4.1.8072.9999.9999.1867"
TRAP_OID = ".1.3.6.1.6.3.1.1.4.1.0"
USER = ["-v3", "-u", "ops", "-l", "authPriv", "-a", "SHA", "-A", "authentication", "-x", "AES", "-X", "privacy-of-ops"]
ROOT = os.path.dirname(os.path.dirname(os.path.dirname(os.path.abspath(__file__))))
MIB = os.path.join(ROOT, "snmp/mibs/TANDEM-MIB.txt")


def mib_path():
    """Where the texts of base MIBs are."""
    found = glob.glob("/usr/lib/erlang/lib/snmp-*/mibs")
    if not found or not os.path.exists("/usr/share/snmp/mibs/NET-SNMP-MIB.txt"):
        skip("no texts of base MIBs here (erlang-snmp, libsnmp-base)")
    return ":".join([*found, "/usr/share/snmp/mibs"])


def free_udp_port():
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]


class Snmpd:
    """snmpd as AgentX master; restart() keeps its address. `prefix` runs it, and its clients, somewhere else."""

    def __init__(self, directory, trap_port=None, more="", prefix=()):
        self.directory, self.trap_port, self.more, self.prefix = directory, trap_port, more, list(prefix)
        self.agentx = os.path.join(directory, "agentx")
        self.binary = need_program("snmpd")
        self.program = None
        self.port = None
        self.start()

    def start(self):
        # Somebody else may take a port before snmpd binds it.
        for _ in range(10):
            self.port = self.port or free_udp_port()
            if self._start_at(self.port):
                return
            self.port = None
        raise AssertionError(f"snmpd does not start:\n{self.log()}")

    def _start_at(self, port):
        trap = f"trap2sink 127.0.0.1:{self.trap_port} public\n" if self.trap_port else ""
        with open(os.path.join(self.directory, "snmpd.conf"), "w", encoding="ascii") as file:
            file.write(f"agentAddress udp:127.0.0.1:{port}\nmaster agentx\nagentXSocket {self.agentx}\n"
                       f"rocommunity public 127.0.0.1\nrwcommunity writer 127.0.0.1\n"
                       f'createUser ops SHA "authentication" AES "privacy-of-ops"\nrouser ops authPriv\n{trap}{self.more}')
        self.program = Program([self.binary, "-f", "-C", "-c", f"{self.directory}/snmpd.conf", "-Lf",
                                f"{self.directory}/snmpd.log", "-I", "-smux,mteTrigger,mteTriggerConf"], self.directory,
                               env={"SNMP_PERSISTENT_DIR": f"{self.directory}/snmp", "SNMPCONFPATH": self.directory,
                                    "MIBS": ""}, own_directory=False, prefix=self.prefix)
        # A question that comes before snmpd has bound its port is lost.
        wait_for(lambda: not self.program.alive() or self.get(".1.3.6.1.2.1.1.3.0", patience=("0.3", "0")), 20,
                 f"snmpd\n{self.log()}")
        return self.program.alive()

    def log(self):
        path = f"{self.directory}/snmpd.log"
        if not os.path.exists(path):
            return ""
        with open(path, encoding="utf-8", errors="replace") as file:
            return file.read()

    def stop(self, number=signal.SIGTERM):
        if self.program:
            self.program.process.send_signal(number)
            self.program.wait(15)
            self.program.close()
            self.program = None

    def restart(self, number=signal.SIGTERM):
        self.stop(number)
        self.start()

    def tool(self, name, words, who=("-v2c", "-c", "public"), timeout=60, patience=("2", "5")):
        options = [*who, "-On", "-Oe", "-OU", "-t", patience[0], "-r", patience[1]]
        return run([*self.prefix, need_program(name), *options, f"127.0.0.1:{self.port}", *words], timeout,
                   env={"MIBS": "", "SNMPCONFPATH": self.directory, "SNMP_PERSISTENT_DIR": f"{self.directory}/c"})

    def get(self, oid, who=("-v2c", "-c", "public"), patience=("2", "5")):
        """(type, value), or None where there is none."""
        code, out, _ = self.tool("snmpget", [oid], who, patience=patience)
        rows = parse(out)
        return rows[0][1:] if code == 0 and rows else None

    def number(self, oid):
        value = self.get(oid)
        return None if value is None else as_number(value[1])

    def walk(self, oid, who=("-v2c", "-c", "public"), timeout=60, words=()):
        """[(oid, type, value)], in the order in which they came; net-snmp checks that it grows."""
        code, out, err = self.tool("snmpbulkwalk", [oid], [*who, *words], timeout)
        assert code == 0, (out, err)
        return parse(out)

    def rows(self, entry, columns, at_once=20):
        """Walks a table row by row, all columns in each GETBULK request; how many objects there were."""
        count, last = 0, [_encode_oid(f"{entry}.{column}") for column in columns]
        prefixes = list(last)
        with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as client:
            client.settimeout(10)
            client.connect(("127.0.0.1", self.port))
            while True:
                bindings = _tlv(0x30, b"".join(_tlv(0x30, _tlv(6, name) + b"\x05\x00") for name in last))
                pdu = _tlv(0xa5, _tlv(2, b"\x01") + _tlv(2, b"\x00") + _tlv(2, bytes([at_once])) + bindings)
                client.send(_tlv(0x30, _tlv(2, b"\x01") + _tlv(4, b"public") + pdu))
                got = list(names(client.recv(65536)))
                whole = len(got) // len(last) * len(last)
                inside = [name for i, name in enumerate(got[:whole]) if name.startswith(prefixes[i % len(last)])]
                count += len(inside)
                if len(inside) < whole or not whole:
                    return count
                last = got[whole - len(last):whole]

    def column(self, oid):
        """{index: value} of a column."""
        return {name[len(oid) + 1:]: value for name, _, value in self.walk(oid) if name.startswith(oid + ".")}


def as_number(text):
    found = re.search(r"-?\d+", text)
    return int(found[0]) if found else None


def parse(text):
    rows = []
    for line in text.splitlines():
        match = re.fullmatch(r"(\.[0-9.]+) = (?:([A-Za-z0-9-]+(?: [A-Z]+)?): ?)?(.*)", line)
        if match and not re.match(r"No Such|No more", match[3]):
            value = match[3]
            if match[2] == "STRING":
                value = value.removeprefix('"').removesuffix('"').replace('\\"', '"')
            rows.append((match[1], "STRING" if match[2] is None else match[2], "" if value == '""' else value))
        elif rows and not match:  # a string of several lines
            rows[-1] = (*rows[-1][:2], (rows[-1][2] + "\n" + line).removesuffix('"'))
    return rows


class Receiver:
    """Receives SNMPv2 notifications: a list of {oid: value}."""

    def __init__(self):
        self.socket = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
        self.socket.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 8 << 20)
        self.socket.bind(("127.0.0.1", 0))
        self.port = self.socket.getsockname()[1]
        self.got = []
        self._thread = threading.Thread(target=self._run, daemon=True)
        self._thread.start()

    def _run(self):
        while message := self.socket.recv(65536):
            self.got.append(dict(variables(message)))

    def ours(self):
        """Those of TANDEM-MIB."""
        return [one for one in self.got if one.get(TRAP_OID, "").startswith(f"{ARC}.0.")]

    def of(self, kind):
        return [one for one in self.got if one.get(TRAP_OID) == f"{ARC}.0.{kind}"]

    def field(self, one, column):
        prefix = f"{ARC}.1.11.1.{column}."
        return next(value for name, value in one.items() if name.startswith(prefix))

    def sequences(self):
        return [self.field(one, 2) for one in self.ours()]

    def close(self):
        # A thread that still waits when the socket is closed may go on with the number of the descriptor, which is the next
        # receiver's by then, and take a notification from it.
        while self._thread.is_alive():
            self.socket.sendto(b"", ("127.0.0.1", self.port))
            self._thread.join(0.1)
        self.socket.close()


class TrapDaemon:
    """Debian's snmptrapd: what it is told, over TCP, so that nothing is lost on the way to it."""

    def __init__(self, directory):
        self.directory = os.path.join(directory, "trapd")
        os.mkdir(self.directory)
        with open(f"{self.directory}/snmptrapd.conf", "w", encoding="ascii") as file:
            file.write("disableAuthorization yes\n")
        for _ in range(10):
            keeper = socket.socket()
            keeper.bind(("127.0.0.1", 0))
            self.port = keeper.getsockname()[1]
            keeper.close()
            self.program = Program(
                [need_program("snmptrapd"), "-f", "-n", "-C", "-c", f"{self.directory}/snmptrapd.conf", "-On", "-Lf",
                 f"{self.directory}/traps", "-p", f"{self.directory}/pid", f"tcp:127.0.0.1:{self.port}"], self.directory,
                env={"SNMP_PERSISTENT_DIR": f"{self.directory}/persistent", "SNMPCONFPATH": self.directory, "MIBS": ""},
                own_directory=False)
            wait_for(lambda: not self.program.alive() or self._listens(), 20, "snmptrapd")
            if self.program.alive():
                return
            self.program.close()
        raise AssertionError(f"snmptrapd does not start: {self.text()}")

    def _listens(self):
        with socket.socket() as probe:
            return probe.connect_ex(("127.0.0.1", self.port)) == 0

    def text(self):
        path = f"{self.directory}/traps"
        if not os.path.exists(path):
            return ""
        with open(path, encoding="utf-8", errors="replace") as file:
            return file.read()

    def sequences(self):
        """The sequence numbers of our notifications, as they came."""
        return [int(number) for number in re.findall(re.escape(f"{ARC}.1.11.1.2.") + r"\d+ = Gauge32: (\d+)", self.text())]

    def close(self):
        self.program.close()


def _take(data):
    """(tag, contents, what is behind them) of BER."""
    tag, length, at = data[0], data[1], 2
    if length & 0x80:
        count = length & 0x7f
        length = int.from_bytes(data[2:2 + count], "big")
        at += count
    return tag, data[at:at + length], data[at + length:]


def _oid(data):
    out, number = [], 0
    for byte in data:
        number = number << 7 | byte & 0x7f
        if not byte & 0x80:
            out.append(number)
            number = 0
    first = min(out[0] // 40, 2)
    return "." + ".".join(map(str, [first, out[0] - 40 * first, *out[1:]]))


def _tlv(tag, data):
    size = len(data)
    length = bytes([size]) if size < 128 else bytes([0x82, size >> 8, size & 0xff])
    return bytes([tag]) + length + data


def _encode_oid(text):
    numbers = [int(word) for word in text.strip(".").split(".")]
    out = bytearray([40 * numbers[0] + numbers[1]])
    for number in numbers[2:]:
        piece = [number & 0x7f]
        while number := number >> 7:
            piece.insert(0, number & 0x7f | 0x80)
        out += bytes(piece)
    return bytes(out)


def names(message):
    """The encoded names of the variables of an SNMPv2c message."""
    for pair in _bindings(message):
        yield _take(pair)[1]


def variables(message):
    """(oid, value) of each variable of an SNMPv2c message."""
    for pair in _bindings(message):
        _, name, rest = _take(pair)
        tag, value, _ = _take(rest)
        if tag == 6:
            value = _oid(value)
        elif tag not in (4, 0x40):
            value = int.from_bytes(value, "big", signed=tag == 2)
        yield _oid(name), value


def _bindings(message):
    _, body, _ = _take(message)
    for _ in range(2):  # version, community
        _, _, body = _take(body)
    _, pdu, _ = _take(body)
    for _ in range(3):  # request id, error status and index
        _, _, pdu = _take(pdu)
    _, bindings, _ = _take(pdu)
    while bindings:
        _, pair, bindings = _take(bindings)
        yield pair
