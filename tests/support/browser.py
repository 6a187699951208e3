"""Headless Chromium through its DevTools protocol: pages, scripts in them, and pictures of them."""

import base64
import contextlib
import json
import os
import shutil
import socket
import struct
import subprocess
import tempfile
import time
import urllib.request

from support.process import find_program, skip, wait_for


class WebSocket:
    """A client without extensions: text messages of any length, whole ones only."""

    def __init__(self, address, path, timeout=30):
        self._socket = socket.create_connection(address, timeout)
        key = base64.b64encode(os.urandom(16)).decode()
        self._socket.sendall((f"GET {path} HTTP/1.1\r\nHost: {address[0]}:{address[1]}\r\nUpgrade: websocket\r\n"
                              f"Connection: Upgrade\r\nSec-WebSocket-Key: {key}\r\nSec-WebSocket-Version: 13\r\n\r\n").encode())
        head = b""
        while b"\r\n\r\n" not in head:
            head += self._socket.recv(1)
        assert b" 101 " in head, head

    def _read(self, count):
        data = bytearray()
        while len(data) < count:
            more = self._socket.recv(min(1 << 16, count - len(data)))
            assert more, "the browser has closed the connection"
            data += more
        return bytes(data)

    def send(self, text):
        data, mask = text.encode(), os.urandom(4)
        size = len(data)
        length = struct.pack("!B", 0x80 | size) if size < 126 else struct.pack("!BH", 0xFE, size) if size < 1 << 16 \
            else struct.pack("!BQ", 0xFF, size)
        self._socket.sendall(b"\x81" + length + mask + bytes(byte ^ mask[i % 4] for i, byte in enumerate(data)))

    def receive(self):
        whole = b""
        while True:
            first, length = self._read(2)
            if length == 126:
                length = struct.unpack("!H", self._read(2))[0]
            elif length == 127:
                length = struct.unpack("!Q", self._read(8))[0]
            data = self._read(length)
            if first & 0x0F in (0, 1):
                whole += data
                if first & 0x80:
                    return whole.decode()

    def close(self):
        self._socket.close()


class Browser:
    """One browser with one page; a context manager. `size` is that of the window."""

    def __init__(self, size=(1400, 900), dark=False):
        program = find_program("chromium")
        if not program:
            skip("no chromium here")
        self._directory = tempfile.mkdtemp(prefix="tandem-browser-")
        self._log = open(os.path.join(self._directory, "log"), "wb")
        self._process = subprocess.Popen(
            [program, "--headless=new", "--no-sandbox", "--disable-gpu", "--disable-dev-shm-usage", "--no-first-run",
             "--disable-background-networking", "--disable-component-update", "--disable-sync", "--disable-extensions",
             "--hide-scrollbars", f"--window-size={size[0]},{size[1]}", "--remote-debugging-port=0",
             f"--user-data-dir={self._directory}/profile", "about:blank"],
            stdin=subprocess.DEVNULL, stdout=self._log, stderr=self._log, start_new_session=True)
        self._number = 0
        self.requests = []  # addresses of all that the page asked for
        self.errors = []    # exceptions of its scripts
        port_file = f"{self._directory}/profile/DevToolsActivePort"
        port = int(wait_for(lambda: self._lines_of(port_file), 60, "the browser to start")[0])
        with urllib.request.urlopen(f"http://127.0.0.1:{port}/json/list", timeout=30) as answer:
            page = next(one for one in json.load(answer) if one["type"] == "page")
        self._web = WebSocket(("127.0.0.1", port), page["webSocketDebuggerUrl"].split(str(port), 1)[1])
        for domain in ("Page", "Runtime", "Network"):
            self.call(f"{domain}.enable")
        if dark:
            self.call("Emulation.setEmulatedMedia", features=[{"name": "prefers-color-scheme", "value": "dark"}])

    @staticmethod
    def _lines_of(path):
        """None until both lines are written."""
        if not os.path.exists(path):
            return None
        with open(path, encoding="ascii") as file:
            lines = file.read().split("\n")
        return lines if len(lines) > 1 else None

    def __enter__(self):
        return self

    def __exit__(self, *unused):
        self.close()

    def call(self, method, **parameters):
        self._number += 1
        self._web.send(json.dumps({"id": self._number, "method": method, "params": parameters}))
        while True:
            message = json.loads(self._web.receive())
            if message.get("method") == "Network.requestWillBeSent":
                self.requests.append(message["params"]["request"]["url"])
            if message.get("method") == "Runtime.exceptionThrown":
                self.errors.append(json.dumps(message["params"]["exceptionDetails"]))
            if message.get("id") == self._number:
                assert "error" not in message, message
                return message["result"]

    def run(self, script):
        """The value of a JavaScript expression; awaits it when it is a promise."""
        result = self.call("Runtime.evaluate", expression=script, returnByValue=True, awaitPromise=True)
        assert "exceptionDetails" not in result, result
        return result["result"].get("value")

    def wait(self, script, timeout=30, what=None):
        return wait_for(lambda: self.run(script), timeout, what or script, interval=0.05)

    def open(self, url):
        """Loads a page; the seconds until it stood there."""
        begun = time.monotonic()
        self.call("Page.navigate", url=url)
        self.wait(f"location.href.startsWith({json.dumps(url.split('#')[0])}) && document.readyState === 'complete'",
                  what=f"{url} to be loaded")
        return time.monotonic() - begun

    def picture(self, path, size=None):
        if size:
            self.call("Emulation.setDeviceMetricsOverride", width=size[0], height=size[1], deviceScaleFactor=1,
                      mobile=size[0] < 700)
        with open(path, "wb") as file:
            file.write(base64.b64decode(self.call("Page.captureScreenshot", format="png")["data"]))

    def close(self):
        with contextlib.suppress(Exception):
            self.call("Browser.close")
        self._web.close()
        with contextlib.suppress(subprocess.TimeoutExpired):
            self._process.wait(10)
        if self._process.poll() is None:
            self._process.kill()
            self._process.wait()
        self._log.close()
        shutil.rmtree(self._directory, ignore_errors=True)
