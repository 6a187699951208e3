#!/usr/bin/env python3
"""Frames of HTTP/2, right and wrong, to lbd and, where they are installed, to Debian's haproxy and nghttpx: each case
must end in a way that RFC 9113 permits, and after an error of the connection that connection must be closed. Where lbd does
otherwise than haproxy the difference is known, with its reason.

h2_frames_test.py [--tested PROGRAM] [--show] [PART-OF-A-NAME…]
"""

import argparse
import contextlib
import os
import sys
import threading

sys.path.insert(0, os.path.dirname(os.path.dirname(os.path.abspath(__file__))))

from peers.h2_frames_cases import CASES  # noqa: E402
from support import h2  # noqa: E402
from support.h2 import H2Client  # noqa: E402
from support.origin import Origin, response  # noqa: E402
from support.process import Program, Proxy, find_program, listening_socket, need_program, reserved_port, resident_kib, wait_for  # noqa: E402

CONFIG = """
global
    nbthread 1
defaults
    mode http
    timeout connect 2s
    timeout client 3s
    timeout server 3s
listen fe
    bind "fd@${{fe}}" proto h2
    server s 127.0.0.1:{port}
"""
MOST_GROWTH_KIB = 16 * 1024


def origin(peer):
    while (head := peer.head()) is not None:
        target = head.split(b" ")[1]
        if target == b"/hold":
            peer.wait_close()
            return
        if target == b"/deaf":
            peer.origin.released.wait(10)
            return
        if target == b"/short":
            peer.send(b"HTTP/1.1 200 OK\r\nContent-Length: 10\r\n\r\nshort")
            return
        peer.body(head)
        peer.send(response(b"" if head.startswith(b"HEAD ") else b"ok"))
        if head.startswith(b"CONNECT "):
            return


class Peer:
    """A proxy under test; `run` gives the outcome of a case and what is wrong beside it."""

    def __init__(self, name, stack, start):
        self.name = name
        self.program, self.address = start(stack)

    def connect(self, case):
        raw = case.options.get("raw")
        client = H2Client(self.address, timeout=case.options.get("timeout", 5), preface=not raw)
        if not raw:
            client.settled()
        return client

    def run(self, case):
        before = resident_kib(self.program.pid)
        with self.connect(case) as client:
            try:
                stream = case.script(client)
                outcome = self.outcome(client, stream)
                wrong = []
                if outcome.startswith("GOAWAY"):
                    try:
                        client.wait_closed(3)
                    except TimeoutError:
                        wrong.append("the connection stays open after GOAWAY")
            except TimeoutError:
                outcome, wrong = "no outcome", []
        if not self.program.alive():
            return "died", [self.program.errors()]
        with H2Client(self.address) as other:
            if other.get().status != 200:
                wrong.append("the next connection is not served")
        grown = resident_kib(self.program.pid) - before
        if grown > MOST_GROWTH_KIB:
            wrong.append(f"it grew by {grown} KiB")
        return outcome, wrong

    @staticmethod
    def outcome(client, stream):
        def goaway():
            return client.goaway and client.goaway[1] != "NO_ERROR"

        def over():
            got = client.answers.get(stream)
            return goaway() or got and (got.ended or got.reset or got.status and got.header("content-length") is None)

        if stream is None:
            with contextlib.suppress(TimeoutError):
                client.settled()
            if not client.closed and not goaway():
                stream = client.open()
                client.until(over)
                got = client.answers.get(stream)
                if got and got.status == 200:
                    return "works"
        else:
            with contextlib.suppress(TimeoutError):
                client.until(over, 2)
        got = client.answers.get(stream)
        if goaway():
            return f"GOAWAY {client.goaway[1]}"
        if got and got.reset and not got.status:
            return f"RST {got.reset}"
        if got and got.status:
            return f"answer {got.status}" + (" cut" if got.reset and got.reset != "NO_ERROR" else "")
        return "closed" if client.closed else "open"


def proxy(binary):
    def start(stack):
        listener = stack.enter_context(listening_socket())
        server = stack.enter_context(Origin(origin))
        server.released = threading.Event()
        stack.callback(server.released.set)
        text = CONFIG.format(port=server.port)
        return stack.enter_context(Proxy(binary, text, {"fe": listener})), listener.getsockname()

    return start


def nghttpx(binary):
    def start(stack):
        server = stack.enter_context(Origin(origin))
        server.released = threading.Event()
        stack.callback(server.released.set)
        port, keeper = reserved_port()
        keeper.close()
        program = stack.enter_context(Program([binary, "--conf=/dev/null", "--single-process", f"--frontend=127.0.0.1,{port};no-tls",
                                               f"--backend=127.0.0.1,{server.port}", "--workers=1", "--errorlog-file=/dev/null"]))

        def serving():
            with contextlib.suppress(OSError):
                with H2Client(("127.0.0.1", port)):
                    return True

        wait_for(serving, what="nghttpx to listen")
        return program, ("127.0.0.1", port)

    return start


def because(reason, *names):
    return {name: reason for name in names}


FRAMING = "another code for the same error: what a connection or a stream did wrong first is a matter of order"
STRICTER = "malformed by RFC 9113, 8.2 and 8.3, which nghttp2 checks before anybody else sees the request"
MODERN = "haproxy 2.6 does not know the rule"
# Where lbd does otherwise than haproxy.
KNOWN = {
    **because("haproxy closes without GOAWAY", "first_frame_is_ping", "first_frame_is_headers", "first_frame_is_acknowledgement",
              "settings_flood", "ping_flood"),
    **because("unknown types are ignored everywhere but in a header block (RFC 9113, 4.1)", "unknown_type_on_a_stream"),
    **because(FRAMING, "half_closed_data", "half_closed_headers", "closed_continuation", "padded_data_without_any_byte",
              "window_update_of_0_on_a_stream", "second_headers_without_the_end", "trailers_with_pseudo_header", "name_empty",
              "connection_in_trailers", "no_field_at_all", "continuation_flood", "empty_continuation_flood"),
    **because("nghttp2 ignores what comes on streams that are over", "headers_after_our_reset", "closed_headers",
              "decreasing_stream"),
    **because("a client that does not keep to the limit after it acknowledged it loses its connection (RFC 9113, 5.4.2)",
              "more_streams_than_permitted"),
    **because("haproxy counts the padding to the content-length", "data_with_padding", "data_of_padding_only"),
    **because("a wrong value is refused (RFC 8441, 3)", "setting_connect_protocol_2"),
    **because("haproxy does not watch over the windows that it gives", "more_data_than_the_window"),
    **because(MODERN, "content_length_without_data", "path_star_with_get", "protocol_without_connect", "protocol_before_a_get"),
    **because("haproxy may have answered before the data came", "content_length_0_with_data"),
    **because("a length that comes twice is refused (RFC 9110, 8.6 permits both)", "content_length_twice_the_same"),
    **because(STRICTER, "authority_with_space", "method_with_space", "scheme_with_space", "scheme_empty",
              "value_with_space_before", "value_with_space_behind", "value_with_control", "value_with_del", "authority_empty",
              "neither_authority_nor_host", "two_hosts"),
    **because("it is answered before the stream ends", "path_with_fragment", "header_list_too_large",
              "header_list_too_large_by_the_table"),
    **because("haproxy ends a body that was cut as if it were whole", "answer_shorter_than_it_said"),
    **because("nghttp2 ends connections with more than 1000 resets, or 33 a second", "rapid_reset"),
}


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("--tested", default="lbd")
    parser.add_argument("--show", action="store_true", help="print all outcomes")
    parser.add_argument("names", nargs="*", help="only cases whose name contains one of these")
    options = parser.parse_args()
    h2.need_hpack()
    failed = different = 0
    chosen = [case for case in CASES if not options.names or any(part in case.name for part in options.names)]
    with contextlib.ExitStack() as stack:
        tested = Peer("lbd", stack, proxy(need_program(options.tested)))
        others = []
        if binary := find_program("haproxy"):
            others.append(Peer("haproxy", stack, proxy(binary)))
        if binary := find_program("nghttpx"):
            others.append(Peer("nghttpx", stack, nghttpx(binary)))
        for case in chosen:
            outcome, wrong = tested.run(case)
            seen = {peer.name: peer.run(case)[0] for peer in others}
            bad = outcome not in case.permitted or wrong
            differs = "haproxy" in seen and seen["haproxy"] != outcome
            known = KNOWN.get(case.name) if differs else None
            failed += bool(bad)
            different += bool(differs and not known)
            if options.show or bad or differs:
                print(f"{'WRONG    ' if bad else 'known    ' if known else 'DIFFERENT' if differs else 'same     '} "
                      f"{case.section} {case.name}: {outcome}; {seen}" + (f" ({known})" if known else "")
                      + (f"; permitted: {', '.join(case.permitted)}" if bad else "")
                      + "".join(f"\n    {text}" for text in wrong), flush=True)
    print(f"HTTP/2 frames: {len(chosen)} cases, {failed} end in a way that the RFC does not permit, "
          f"{different} differ from haproxy for no known reason")
    return 1 if failed or different else 0


if __name__ == "__main__":
    sys.exit(main())
