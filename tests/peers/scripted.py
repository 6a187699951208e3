"""Servers that keep to a script and write down what they are told, and what a proxy says of them that checks them so."""

import contextlib
import csv
import os
import socket
import sys
import tempfile
import threading

sys.path.insert(0, os.path.dirname(os.path.dirname(os.path.abspath(__file__))))

from support.client import command  # noqa: E402
from support.process import Proxy, listening_socket, wait_for  # noqa: E402

CONFIG = """
global
    stats socket {directory}/admin level admin
    max-spread-checks 100ms
defaults
    mode tcp
    timeout client 5s
    timeout server 5s
    timeout connect 20s
    timeout check 5s
    default-server inter 600s fastinter 600s downinter 600s fall 1
"""
COLUMNS = ("status", "check_status", "check_code", "last_chk", "check_desc")
PATIENCE = 120
SHUT = "shut"


class Scripted:
    """A server that plays its script with every connection, and keeps what each said and how it ended. A script of
    several lists has one for each connection in turn."""

    def __init__(self, script):
        self.scripts = script if script and isinstance(script[0], list) else [script]
        self.heard, self.ends = [], []
        self.listener = listening_socket()
        self.port = self.listener.getsockname()[1]
        threading.Thread(target=self._run, daemon=True).start()

    def close(self):
        with contextlib.suppress(OSError):
            self.listener.shutdown(socket.SHUT_RDWR)
        self.listener.close()

    def _run(self):
        with contextlib.suppress(OSError):
            while True:
                connection, _ = self.listener.accept()
                number = len(self.heard)
                self.heard.append(b"")
                self.ends.append(None)
                script = self.scripts[min(number, len(self.scripts) - 1)]
                threading.Thread(target=self._serve, args=(connection, number, script), daemon=True).start()

    def _serve(self, connection, number, script):
        with connection:
            self.ends[number] = self._play(connection, number, script)

    def _play(self, connection, number, script):
        connection.settimeout(PATIENCE)
        try:
            for step in script:
                if isinstance(step, tuple):  # until these bytes have come
                    while step[0] not in self.heard[number]:
                        if not self._hear(connection, number):
                            return "closed"
                elif isinstance(step, bytes):
                    connection.sendall(step)
                elif step == SHUT:
                    connection.shutdown(socket.SHUT_WR)
                elif isinstance(step, float):
                    threading.Event().wait(step)
                else:
                    while len(self.heard[number]) < step:
                        if not self._hear(connection, number):
                            return "closed"
            while self._hear(connection, number):
                pass
            return "closed"
        except OSError:
            return "reset"

    def _hear(self, connection, number):
        piece = connection.recv(65536)
        self.heard[number] += piece
        return piece


def played(program, cases, config=CONFIG):
    """{case: ([what each connection said], [how it left], columns)}; {port} in a case is that of its server."""
    with tempfile.TemporaryDirectory(prefix="tandem-test-") as directory, contextlib.ExitStack() as stack:
        servers = [Scripted(script) for _, _, script in cases]
        text = config.format(directory=directory)
        for number, ((_, lines, _), server) in enumerate(zip(cases, servers)):
            stack.callback(server.close)
            body = "".join(f"    {line}\n" for line in lines.replace("{port}", str(server.port)).split("\n"))
            text += f"backend b{number}\n{body}    server s 127.0.0.1:{server.port} check\n"
        proxy = stack.enter_context(Proxy(program, text))
        proxy.wait_serving(f"{directory}/admin", PATIENCE)

        def rows():
            lines = command(f"{directory}/admin", "show stat").strip("\n").split("\n")
            names = lines[0].lstrip("# ").split(",")
            return [row for row in (dict(zip(names, line)) for line in csv.reader(lines[1:])) if row["svname"] == "s"]

        wait_for(lambda: not any(row["check_status"] in ("INI", "") or "*" in row["check_status"] for row in rows()), PATIENCE,
                 "every check to end")
        wait_for(lambda: all(None not in server.ends for server in servers), PATIENCE, "every check to leave")
        return {name: ([*server.heard], [*server.ends], *(row[column] for column in COLUMNS))
                for (name, _, _), server, row in zip(cases, servers, rows())}
