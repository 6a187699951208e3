"""Nodes on this machine, each a real lbd with its real syncd."""

import os
import signal
import socket
import tempfile

from support.client import command
from support.process import Program, listening_socket, need_program, wait_for

LBD, SYNCD = need_program("lbd"), need_program("syncd")


def entries(text):
    """{key: {data: value}} of `show table`."""
    out = {}
    for line in text.splitlines():
        words = dict(word.split("=", 1) for word in line.split() if "=" in word)
        if "key" in words:
            out[words.pop("key")] = words
    return out


class Node:
    """One node. `syncd_config` and `config` are what its daemons are told beside where their sockets are; `first` stands in
    `global`, and `sockets` are syncd's."""

    def __init__(self, test, name, directory, syncd_config="", config="", sockets=None):
        self.name, self.syncd_config, self.config, self.sockets = name, syncd_config, config, sockets or {}
        self.first = f"localpeer {name}"
        self.directory = os.path.join(directory, name)
        os.mkdir(self.directory)
        self.service = listening_socket()
        self.lbd = self.syncd = None
        self.environment = {}  # of lbd
        test.addCleanup(self.service.close)
        test.addCleanup(self.stop)

    def path(self, name):
        return os.path.join(self.directory, name)

    def write(self, name, text):
        with open(self.path(name), "w", encoding="ascii") as file:
            file.write(text)

    def start_syncd(self):
        self.write("syncd.conf", f"socket {self.path('syncd.sock')}\nheartbeat 50ms\n{self.syncd_config}")
        self.syncd = Program([SYNCD, "-f", self.path("syncd.conf")], self.directory, self.sockets)
        wait_for(lambda: os.path.exists(self.path("syncd.sock")), what=f"syncd\n{self.syncd.errors()}")

    def start_lbd(self, *options):
        self.write("lbd.cfg", f"""global
  {self.first}
  stats socket "${{NODE}}/stats" level admin
  tandem-link-socket "${{NODE}}/link.sock"
  tandem-syncd-socket "${{NODE}}/syncd.sock"
defaults
  mode http
  timeout client 5s
  timeout server 5s
  timeout connect 5s
{self.config}""")
        self.lbd = Program([LBD, "-db", *options, "-f", self.path("lbd.cfg")], self.directory, {"WEB": self.service},
                           env={"NODE": self.directory, **self.environment})
        wait_for(lambda: os.path.exists(self.path("stats")), what=f"lbd\n{self.lbd.errors()}")

    def start(self):
        self.start_syncd()
        self.start_lbd()

    def kill(self):
        """As if the node lost its power."""
        self.lbd.process.send_signal(signal.SIGKILL)
        self.kill_syncd()
        self.kill_lbd()

    def kill_lbd(self):
        self._kill(self.lbd, "stats")
        self.lbd = None

    def kill_syncd(self):
        self._kill(self.syncd, "syncd.sock")
        self.syncd = None

    def _kill(self, program, path):
        program.process.send_signal(signal.SIGKILL)
        program.wait()
        program.close()
        if os.path.exists(self.path(path)):
            os.unlink(self.path(path))

    def request(self, count=1, headers=""):
        """Requests on one connection: their statuses and X-Server headers."""
        answers = []
        with socket.create_connection(self.service.getsockname(), 5) as client:
            reader = client.makefile("rb")
            for _ in range(count):
                client.sendall(f"GET / HTTP/1.1\r\nHost: x\r\n{headers}\r\n".encode())
                status = reader.readline().split()
                assert status, self.lbd.errors()
                fields = {}
                while (line := reader.readline().strip()):
                    name, value = line.decode().split(":", 1)
                    fields[name.lower()] = value.strip()
                reader.read(int(fields.get("content-length", 0)))
                answers.append((int(status[1]), fields.get("x-server")))
        return answers

    def cli(self, line):
        return command(self.path("stats"), line, timeout=10)

    def table(self, name):
        return entries(self.cli(f"show table {name}"))

    def log(self):
        return "".join(program.errors() for program in (self.lbd, self.syncd) if program)

    def stop(self):
        for program in (self.lbd, self.syncd):
            if program:
                program.close()


def free_ports(test, count):
    """Of sockets that are bound and not listening as long as the test runs."""
    ports = []
    for _ in range(count):
        keeper = socket.socket(socket.AF_INET, socket.SOCK_STREAM)
        keeper.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        keeper.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEPORT, 1)
        keeper.bind(("127.0.0.1", 0))
        test.addCleanup(keeper.close)
        ports.append(keeper.getsockname()[1])
    return ports


def make_pair(test, configs):
    """Nodes lb1 and lb2 that a peers section names; of `configs` both have what stands there, with another ORIGIN."""
    directory = tempfile.TemporaryDirectory(prefix="tandem-pair-")
    test.addCleanup(directory.cleanup)
    names = ("lb1", "lb2")
    ports = dict(zip(names, free_ports(test, 2)))
    origins = free_ports(test, 2)
    peers = "peers pair\n" + "".join(f"  peer {name} 127.0.0.1:{port}\n" for name, port in ports.items())
    return [Node(test, name, directory.name, config=peers + configs.replace("ORIGIN", str(origins[i])))
            for i, name in enumerate(names)]
