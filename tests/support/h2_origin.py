"""Origin servers of HTTP/2, by python3-h2: each connection has a thread that reads, each request one that answers.

A behaviour is a function that gets a `Request` and answers it by its methods; `H2Origin()` is `H2Origin(answer())`.
"""

import contextlib
import socket
import ssl
import threading

from support.process import listening_socket

try:
    import h2.config
    import h2.connection
    import h2.errors
    import h2.events
    import h2.exceptions
    import h2.settings
except ImportError:
    h2 = None


class Request:
    def __init__(self, peer, stream, headers):
        self.peer, self.stream, self.fields = peer, stream, headers
        self.body, self.trailers = bytearray(), []
        self.complete = threading.Event()
        self.over = threading.Event()  # reset, or the connection is gone
        self.moved = threading.Condition()

    def field(self, name):
        return next((value for key, value in self.fields if key == name), None)

    def wait(self, timeout=10):
        """The whole request is here."""
        return self.complete.wait(timeout)

    def wait_body(self, size, timeout=10):
        with self.moved:
            return self.moved.wait_for(lambda: len(self.body) >= size, timeout)

    def inform(self, status, headers=()):
        self.peer.do(lambda c: c.send_headers(self.stream, [(":status", str(status)), *headers]))

    def head(self, status=200, headers=(), end=False):
        self.peer.do(lambda c: c.send_headers(self.stream, [(":status", str(status)), *headers], end_stream=end))

    def data(self, data, end=False):
        """As windows permit. False: the client does not want it any more."""
        view = memoryview(bytes(data))
        while view:
            with self.moved:
                if not self.moved.wait_for(lambda: self.over.is_set() or self.peer.window(self.stream) > 0, 20):
                    return False
            if self.over.is_set():
                return False
            room = min(self.peer.window(self.stream), 16384, len(view))
            piece, view = bytes(view[:room]), view[room:]
            if not self.peer.do(lambda c, piece=piece, last=end and not view: c.send_data(self.stream, piece, last)):
                return False
        if not data and end:
            self.peer.do(lambda c: c.end_stream(self.stream))
        return True

    def send_trailers(self, trailers):
        self.peer.do(lambda c: c.send_headers(self.stream, trailers, end_stream=True))

    def answer(self, body=b"ok", status=200, headers=(), trailers=None, length=True):
        fields = [*headers, ("content-length", str(len(body)))] if length else list(headers)
        self.head(status, fields, end=not body and trailers is None)
        if body:
            self.data(body, end=trailers is None)
        if trailers is not None:
            self.send_trailers(trailers)

    def reset(self, error="CANCEL"):
        code = h2.errors.ErrorCodes[error]
        self.peer.do(lambda c: c.reset_stream(self.stream, code))


class H2Peer:
    """One connection."""

    def __init__(self, connection, origin):
        self.socket, self.origin = connection, origin
        self.lock = threading.RLock()
        self.requests = {}
        # What comes is not judged here, and what a test sends may be wrong on purpose.
        self.h2 = h2.connection.H2Connection(h2.config.H2Configuration(
            client_side=False, header_encoding="latin-1", validate_inbound_headers=False, validate_outbound_headers=False))
        self.h2.local_settings = h2.settings.Settings(client=False, initial_values=origin.settings)

    def do(self, action):
        """Lets the protocol act and sends what it made; False when it is too late for that."""
        with self.lock:
            try:
                action(self.h2)
            except (h2.exceptions.ProtocolError, KeyError):
                return False
            with contextlib.suppress(OSError):
                self.socket.sendall(self.h2.data_to_send())
            return True

    def window(self, stream):
        with self.lock, contextlib.suppress(h2.exceptions.ProtocolError):
            return self.h2.local_flow_control_window(stream)
        return 0

    def goodbye(self, last=None, error=0):
        self.do(lambda c: c.close_connection(error, last_stream_id=last))

    def close(self):
        with contextlib.suppress(OSError):
            self.socket.shutdown(socket.SHUT_RDWR)
        self.socket.close()

    def run(self):
        try:
            if self.origin.tls:
                self.socket.settimeout(10)
                self.socket = self.origin.tls.wrap_socket(self.socket, server_side=True)
                if self.socket.selected_alpn_protocol() != "h2":
                    return self.origin.in_http_1(self.socket)
            self.socket.settimeout(None)
            if self.origin.on_connection:
                self.origin.on_connection(self)
            self.do(lambda c: c.initiate_connection())
            while data := self.socket.recv(65536):
                with self.lock:
                    events = self.h2.receive_data(data)
                    self.socket.sendall(self.h2.data_to_send())
                for event in events:
                    self.on_event(event)
        except (OSError, ssl.SSLError, h2.exceptions.ProtocolError) as error:
            self.origin.errors.append(error)
        finally:
            for request in list(self.requests.values()):
                self.end(request)
            self.close()
        return None

    def end(self, request):
        request.over.set()
        with request.moved:
            request.moved.notify_all()

    def on_event(self, event):
        request = self.requests.get(getattr(event, "stream_id", None))
        if isinstance(event, h2.events.RequestReceived):
            request = self.requests[event.stream_id] = Request(self, event.stream_id, event.headers)
            self.origin.requests.append(request)
            threading.Thread(target=self.origin.behaviour, args=(request,), daemon=True).start()
        elif isinstance(event, h2.events.DataReceived):
            request.body += event.data
            if self.origin.credit:
                self.do(lambda c: c.acknowledge_received_data(event.flow_controlled_length, event.stream_id))
            with request.moved:
                request.moved.notify_all()
        elif isinstance(event, h2.events.TrailersReceived):
            request.trailers = event.headers
        elif isinstance(event, h2.events.StreamEnded):
            request.complete.set()
        elif isinstance(event, h2.events.StreamReset):
            self.end(request)
        elif isinstance(event, (h2.events.WindowUpdated, h2.events.RemoteSettingsChanged)):
            for waiting in list(self.requests.values()):
                with waiting.moved:
                    waiting.moved.notify_all()


def answer(body=b"ok", **more):
    """The behaviour that answers each request, when it is whole, so."""
    def behaviour(request):
        if request.wait():
            request.answer(body, **more)
    return behaviour


class H2Origin:
    """`tls`: an SSLContext of a server; where a client does not want HTTP/2, its socket goes to in_http_1(). `credit`:
    whether windows are opened again."""

    def __init__(self, behaviour=None, settings=None, tls=None, credit=True, on_connection=None, in_http_1=None):
        self.behaviour, self.tls, self.credit, self.on_connection = behaviour or answer(), tls, credit, on_connection
        self.in_http_1 = in_http_1
        self.settings = {h2.settings.SettingCodes.MAX_CONCURRENT_STREAMS: 100}
        self.settings.update({h2.settings.SettingCodes[name]: value for name, value in (settings or {}).items()})
        self.requests, self.peers, self.errors = [], [], []
        self.listener = listening_socket()
        self.port = self.listener.getsockname()[1]
        self.thread = threading.Thread(target=self._accept, daemon=True)
        self.thread.start()

    def _accept(self):
        while True:
            try:
                connection, _ = self.listener.accept()
            except OSError:
                return
            peer = H2Peer(connection, self)
            self.peers.append(peer)
            threading.Thread(target=peer.run, daemon=True).start()

    def close(self):
        with contextlib.suppress(OSError):
            self.listener.shutdown(socket.SHUT_RDWR)
        self.listener.close()
        self.thread.join(5)
        for peer in self.peers:
            peer.close()
