"""A program in a pseudo-terminal: what stands on its screen, and keys for it."""

import os
import pty
import signal
import subprocess
import termios
import threading

import pyte
from support.process import wait_for


class Terminal:
    """Runs argv on a screen of the given size; a context manager that stops it."""

    def __init__(self, argv, columns=160, lines=40):
        self._screen = pyte.Screen(columns, lines)
        self._stream = pyte.ByteStream(self._screen)
        self._lock = threading.Lock()
        self._master, slave = pty.openpty()
        termios.tcsetwinsize(slave, (lines, columns))
        environment = dict(os.environ, TERM="linux", COLUMNS=str(columns), LINES=str(lines), LC_ALL="C.UTF-8")
        self.process = subprocess.Popen(argv, stdin=slave, stdout=slave, stderr=slave, env=environment,
                                        start_new_session=True)
        os.close(slave)
        self._thread = threading.Thread(target=self._read, daemon=True)
        self._thread.start()

    def __enter__(self):
        return self

    def __exit__(self, *unused):
        self.close()

    def _read(self):
        while True:
            try:
                data = os.read(self._master, 65536)
            except OSError:  # the program has gone
                return
            if not data:
                return
            with self._lock:
                self._stream.feed(data)

    def lines(self):
        with self._lock:
            return [line.rstrip() for line in self._screen.display]

    def text(self):
        return "\n".join(self.lines())

    def press(self, keys):
        os.write(self._master, keys.encode())

    def wait(self, condition, timeout=10.0, what="the screen"):
        """The lines of the screen once condition(text) holds."""
        try:
            wait_for(lambda: condition(self.text()), timeout, what, interval=0.02)
        except AssertionError as error:
            raise AssertionError(f"{error}\n{self.text()}") from None
        return self.lines()

    def close(self):
        if self.process.poll() is None:
            self.process.send_signal(signal.SIGTERM)
            try:
                self.process.wait(5)
            except subprocess.TimeoutExpired:
                self.process.kill()
                self.process.wait()
        self._thread.join(5)
        os.close(self._master)
