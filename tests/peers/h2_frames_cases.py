"""The cases of h2_frames_test.py: what a client sends, by section of RFC 9113, and the outcomes that the RFC permits.

A case is a function of an H2Client whose preface was sent and whose peer's SETTINGS were read (unless `raw`). It returns
the stream whose fate is the outcome, or None: then the connection's is. Outcomes are texts:

    GOAWAY <error>, RST <error>, closed (without either), answer <status>, works (nothing happened: the next request is
    answered), open (the stream neither was answered nor ended)
"""

import struct
from typing import Callable, NamedTuple

from support import h2
from support.h2 import (ACK, CONTINUATION, DATA, END_HEADERS, END_STREAM, GOAWAY, HEADERS, PADDED, PING, PREFACE, PRIORITY,
                        PRIORITY_FLAG, PUSH_PROMISE, RST_STREAM, SETTINGS, WINDOW_UPDATE, H2Client)

CASES = []


class Case(NamedTuple):
    section: str
    name: str
    script: Callable
    permitted: tuple
    options: dict


def connection_error(*codes):
    """5.4.1: GOAWAY should come before the connection is closed, but need not."""
    return tuple(f"GOAWAY {code}" for code in codes) + ("closed",)


def stream_error(*codes):
    """5.4.2: may always be treated as one of the connection."""
    return tuple(f"RST {code}" for code in codes) + connection_error(*codes)


# 8.1.1: a stream error of type PROTOCOL_ERROR; a server may answer before that.
MALFORMED = stream_error("PROTOCOL_ERROR") + ("answer 400",)
PROTOCOL = connection_error("PROTOCOL_ERROR")
FRAME_SIZE = connection_error("FRAME_SIZE_ERROR")
COMPRESSION = connection_error("COMPRESSION_ERROR")
WORKS = ("works",)
# What the RFC would have as an error of the connection, and nghttp2 ends, or has ended, only the stream for.
IGNORED = ("works",)
OK = ("answer 200",)


def case(section, permitted, **options):
    def register(function):
        CASES.append(Case(section, function.__name__, function, permitted, options))
        return function

    return register


def each(section, permitted, scripts):
    """Cases that differ in a value only: {name: script}."""
    for name, script in scripts.items():
        CASES.append(Case(section, name, script, permitted, {}))


GET = H2Client.request_fields()
POST = H2Client.request_fields(method="POST")


def request(fields, end=True, then=()):
    """A case that is one request with these fields, and DATA behind it."""
    def script(c):
        c.headers(1, fields, end)
        for number, payload in enumerate(then):
            c.data(1, payload, number == len(then) - 1)
        return 1

    return script


def block(payload, flags=END_HEADERS | END_STREAM):
    """A case that is one HEADERS frame with these bytes."""
    def script(c):
        c.frame(HEADERS, flags, 1, payload)
        return 1

    return script


def bytes_of(*frames):
    def script(c):
        for frame in frames:
            c.send(frame)

    return script


def without(name, fields=tuple(GET)):
    return [field for field in fields if field[0] != name]


def literal(name, value):
    return b"\0" + bytes([len(name)]) + name + bytes([len(value)]) + value


# --------------------------------------------------------------------------- 3: starting

@case("3.4", PROTOCOL, raw=True)
def preface_of_another_protocol(c):
    c.send(b"GET / HTTP/1.1\r\nHost: test\r\n\r\n")


@case("3.4", PROTOCOL, raw=True)
def preface_that_goes_wrong_late(c):
    c.send(b"PRI * HTTP/2.0\r\n\r\nSN\r\n\r\n" + c.settings_frame({}))


@case("3.4", PROTOCOL, raw=True)
def first_frame_is_ping(c):
    c.send(PREFACE + h2.frame(PING, 0, 0, b"12345678"))


@case("3.4", PROTOCOL, raw=True)
def first_frame_is_headers(c):
    c.send(PREFACE).headers(1, GET)


@case("3.4", PROTOCOL, raw=True)
def first_frame_is_acknowledgement(c):
    c.send(PREFACE + h2.frame(SETTINGS, ACK))


@case("3.4", OK, raw=True)
def request_right_behind_the_preface(c):
    c.send(PREFACE + c.settings_frame({}) + h2.frame(HEADERS, END_HEADERS | END_STREAM, 1, c.block(GET)))
    return 1


# --------------------------------------------------------------------------- 4: frames

each("4.1", WORKS, {
    "unknown_type": bytes_of(h2.frame(0x42, 0xff, 0, b"whatever")),
    "unknown_type_on_a_stream": bytes_of(h2.frame(0x42, 0, 1, b"whatever")),
    "unknown_flags_of_ping": bytes_of(h2.frame(PING, 0xfe, 0, b"12345678")),
    "reserved_bit_of_the_stream": bytes_of(h2.frame(PING, 0, 0x80000000, b"12345678")),
})


@case("4.1", OK)
def unknown_flags_of_headers(c):
    c.frame(HEADERS, END_HEADERS | END_STREAM | 0xd2 & ~PADDED & ~PRIORITY_FLAG, 1, c.block(GET))
    return 1


@case("4.2", OK)
def data_of_the_largest_size(c):
    c.headers(1, POST, False).data(1, b"x" * 16384, True)
    return 1


@case("4.2", stream_error("FRAME_SIZE_ERROR"))
def data_too_large(c):
    c.headers(1, POST, False).data(1, b"x" * 16385, True)
    return 1


@case("4.2", FRAME_SIZE)
def headers_too_large(c):
    c.frame(HEADERS, END_HEADERS | END_STREAM, 1, c.block(GET + [(f"x-{n}", "v" * 1000) for n in range(17)]))


each("4.2", FRAME_SIZE, {
    "settings_too_large": bytes_of(h2.frame(SETTINGS, 0, 0, b"\0\xff\0\0\0\0" * 2731)),
    "unknown_type_too_large": bytes_of(h2.frame(0x42, 0, 0, b"x" * 16385)),
})

each("4.3", COMPRESSION, {
    "index_zero": block(b"\x80"),
    "index_beyond_the_tables": block(b"\xff\x80\x01"),
    "index_without_end": block(b"\xff\xff\xff\xff\xff\xff\xff\xff\xff\xff\x01"),
    "literal_cut_in_its_name": block(b"\0\x7fabc"),
    "literal_without_value": block(b"\0\x01a"),
    "huffman_with_wrong_padding": block(b"\x82\x87\x84\x41\x81\x00"),
    "huffman_with_end_of_string": block(b"\x82\x87\x84\x41\x84\xff\xff\xff\xff"),
    "table_larger_than_the_setting": block(b"\x3f\xe1\xff\xff\x03" + b"\x82\x87\x84"),
    "table_size_behind_a_field": block(b"\x82\x20\x87\x84"),
})


@case("4.3", COMPRESSION)
def wrong_block_in_trailers(c):
    c.headers(1, POST, False).frame(HEADERS, END_HEADERS | END_STREAM, 1, b"\x80")


@case("4.3", COMPRESSION)
def wrong_block_on_a_reset_stream(c):
    c.headers(1, POST, False).reset(1).frame(HEADERS, END_HEADERS | END_STREAM, 3, b"\x80")


@case("4.3", OK)
def table_size_before_a_field(c):
    c.frame(HEADERS, END_HEADERS | END_STREAM, 1, b"\x20" + b"\x82\x86\x84" + literal(b":authority", b"h2.test"))
    return 1


def interrupted(*frames):
    def script(c):
        c.headers(1, GET, True, 0)
        for frame in frames:
            c.send(frame)

    return script


each("4.3", PROTOCOL, {
    "block_interrupted_by_data": interrupted(h2.frame(DATA, 0, 1, b"x")),
    "block_interrupted_by_priority": interrupted(h2.frame(PRIORITY, 0, 1, b"\0\0\0\0\1")),
    "block_interrupted_by_ping": interrupted(h2.frame(PING, 0, 0, b"12345678")),
    "block_interrupted_by_an_unknown_type": interrupted(h2.frame(0x42, 0, 1, b"")),
    "block_interrupted_by_headers": interrupted(h2.frame(HEADERS, END_HEADERS | END_STREAM, 3, b"\x82\x86\x84")),
    "block_continued_on_another_stream": interrupted(h2.frame(CONTINUATION, END_HEADERS, 3, b"")),
})

# --------------------------------------------------------------------------- 5: streams

each("5.1", PROTOCOL, {
    "idle_data": bytes_of(h2.frame(DATA, END_STREAM, 1, b"x")),
    "idle_reset": bytes_of(h2.frame(RST_STREAM, 0, 1, b"\0\0\0\x08")),
    "idle_window_update": bytes_of(h2.frame(WINDOW_UPDATE, 0, 1, b"\0\0\0\x08")),
    "idle_continuation": bytes_of(h2.frame(CONTINUATION, END_HEADERS, 1, b"\x82")),
})
CLOSED = stream_error("STREAM_CLOSED")


def held(c, end=True):
    """A request on stream 1 that the origin does not answer."""
    c.headers(1, H2Client.request_fields("/hold", "POST"), end)
    c.settled()


@case("5.1", CLOSED)
def half_closed_data(c):
    held(c)
    c.data(1, b"x")
    return 1


@case("5.1", CLOSED)
def half_closed_headers(c):
    held(c)
    c.headers(1, [("x-late", "1")])
    return 1


@case("5.1", connection_error("PROTOCOL_ERROR", "STREAM_CLOSED"))
def half_closed_continuation(c):
    held(c)
    c.frame(CONTINUATION, END_HEADERS, 1, b"")


@case("5.1", WORKS)
def half_closed_window_update(c):
    held(c)
    c.window_update(1, 100)


@case("5.1", WORKS)
def half_closed_reset(c):
    held(c)
    c.reset(1)


@case("5.1", stream_error("STREAM_CLOSED") + WORKS)
def data_after_our_reset(c):
    held(c, False)
    c.reset(1).data(1, b"x")


@case("5.1", stream_error("STREAM_CLOSED") + connection_error("PROTOCOL_ERROR") + WORKS)
def headers_after_our_reset(c):
    held(c, False)
    c.reset(1).headers(1, GET)


def answered(c):
    c.headers(1, GET)
    c.answer(1)


@case("5.1", stream_error("STREAM_CLOSED") + WORKS)
def closed_data(c):
    answered(c)
    c.data(1, b"x")


@case("5.1", connection_error("STREAM_CLOSED", "PROTOCOL_ERROR") + IGNORED)
def closed_headers(c):
    answered(c)
    c.headers(1, GET)


@case("5.1", connection_error("STREAM_CLOSED", "PROTOCOL_ERROR"))
def closed_continuation(c):
    answered(c)
    c.frame(CONTINUATION, END_HEADERS, 1, b"")


@case("5.1", WORKS)
def closed_window_update_reset_and_priority(c):
    answered(c)
    c.window_update(1, 10).reset(1).frame(PRIORITY, 0, 1, b"\0\0\0\0\1")


@case("5.1", OK)
def trailers_end_the_request(c):
    c.headers(1, POST, False).data(1, b"x").headers(1, [("x-sum", "1")])
    return 1


each("5.1.1", PROTOCOL, {
    "even_stream": lambda c: c.headers(2, GET) and None,
    "headers_on_stream_0": lambda c: c.headers(0, GET) and None,
})


@case("5.1.1", PROTOCOL + IGNORED)
def decreasing_stream(c):
    c.headers(5, H2Client.request_fields("/hold"))
    c.headers(3, GET)


@case("5.1.1", OK)
def streams_left_out(c):
    c.headers(101, GET)
    return 101


@case("5.1.2", stream_error("PROTOCOL_ERROR", "REFUSED_STREAM"))
def more_streams_than_permitted(c):
    most = c.peer_settings[h2.MAX_CONCURRENT_STREAMS]
    for _ in range(most):
        c.open("/hold")
    return c.open("/hold")


@case("5.3", stream_error("PROTOCOL_ERROR") + OK)
def headers_depend_on_themselves(c):
    c.frame(HEADERS, END_HEADERS | END_STREAM | PRIORITY_FLAG, 1, struct.pack(">IB", 1, 10) + c.block(GET))
    return 1


@case("5.3", stream_error("PROTOCOL_ERROR") + WORKS)
def priority_on_itself(c):
    c.frame(PRIORITY, 0, 1, struct.pack(">IB", 1, 10))


# --------------------------------------------------------------------------- 6: types of frames

@case("6.1", PROTOCOL)
def data_on_stream_0(c):
    c.data(0, b"x")


@case("6.1", OK)
def data_with_padding(c):
    c.headers(1, POST + [("content-length", "5")], False)
    c.frame(DATA, PADDED | END_STREAM, 1, b"\x0ahello" + b"\0" * 10)
    return 1


@case("6.1", OK)
def data_of_padding_only(c):
    c.headers(1, POST + [("content-length", "5")], False)
    c.frame(DATA, PADDED, 1, b"\xff" + b"\0" * 255).data(1, b"hello", True)
    return 1


@case("6.1", PROTOCOL)
def data_with_more_padding_than_bytes(c):
    c.headers(1, POST, False).frame(DATA, PADDED | END_STREAM, 1, b"\x06hello")


@case("6.1", connection_error("PROTOCOL_ERROR", "FRAME_SIZE_ERROR"))
def padded_data_without_any_byte(c):
    c.headers(1, POST, False).frame(DATA, PADDED | END_STREAM, 1, b"")


@case("6.2", OK)
def headers_with_padding_and_priority(c):
    c.frame(HEADERS, END_HEADERS | END_STREAM | PADDED | PRIORITY_FLAG, 1,
            b"\x04" + struct.pack(">IB", 0x80000000, 15) + c.block(GET) + b"\0" * 4)
    return 1


@case("6.2", PROTOCOL)
def headers_with_more_padding_than_bytes(c):
    c.frame(HEADERS, END_HEADERS | END_STREAM | PADDED, 1, b"\xff" + c.block(GET))


@case("6.2", connection_error("FRAME_SIZE_ERROR", "PROTOCOL_ERROR"))
def headers_too_short_for_their_priority(c):
    c.frame(HEADERS, END_HEADERS | END_STREAM | PRIORITY_FLAG, 1, b"\0\0")


@case("6.3", PROTOCOL)
def priority_on_stream_0(c):
    c.frame(PRIORITY, 0, 0, b"\0\0\0\0\1")


@case("6.3", stream_error("FRAME_SIZE_ERROR") + WORKS)
def priority_of_wrong_size(c):
    c.frame(PRIORITY, 0, 1, b"\0\0\0\1")


@case("6.3", WORKS)
def priority_of_an_idle_stream(c):
    c.frame(PRIORITY, 0, 77, b"\0\0\0\0\1")


@case("6.4", PROTOCOL)
def reset_on_stream_0(c):
    c.reset(0)


@case("6.4", FRAME_SIZE)
def reset_of_wrong_size(c):
    held(c)
    c.frame(RST_STREAM, 0, 1, b"\0\0\x08")


def settings(*pairs):
    return lambda c: c.settings(pairs) and None


each("6.5", FRAME_SIZE, {
    "settings_acknowledged_with_payload": bytes_of(h2.frame(SETTINGS, ACK, 0, b"\0\1\0\0\0\0")),
    "settings_of_wrong_size": bytes_of(h2.frame(SETTINGS, 0, 0, b"\0\1\0\0\0")),
})
each("6.5", PROTOCOL, {
    "settings_on_a_stream": bytes_of(h2.frame(SETTINGS, 0, 1, b"\0\1\0\0\0\0")),
    "setting_enable_push_2": settings((h2.ENABLE_PUSH, 2)),
    "setting_frame_size_too_small": settings((h2.MAX_FRAME_SIZE, 16383)),
    "setting_frame_size_too_large": settings((h2.MAX_FRAME_SIZE, 1 << 24)),
})
each("6.5", PROTOCOL + WORKS, {"setting_connect_protocol_2": settings((h2.ENABLE_CONNECT_PROTOCOL, 2))})
each("6.5", connection_error("FLOW_CONTROL_ERROR"), {"setting_window_too_large": settings((h2.INITIAL_WINDOW_SIZE, 1 << 31))})
each("6.5", WORKS, {
    "setting_unknown": settings((0xabcd, 0xffffffff)),
    "setting_twice": settings((h2.INITIAL_WINDOW_SIZE, 1), (h2.INITIAL_WINDOW_SIZE, 65535)),
    "settings_at_their_limits": settings((h2.MAX_FRAME_SIZE, 16777215), (h2.INITIAL_WINDOW_SIZE, 0x7fffffff),
                                         (h2.HEADER_TABLE_SIZE, 0xffffffff), (h2.ENABLE_PUSH, 0)),
    "setting_no_header_table": settings((h2.HEADER_TABLE_SIZE, 0)),
    "setting_empty": settings(),
})


@case("6.5.3", WORKS)
def settings_are_acknowledged(c):
    count = sum(f.kind == SETTINGS and f.flags & ACK for f in c.frames)
    c.settings({h2.ENABLE_PUSH: 0})
    c.settled()
    assert sum(f.kind == SETTINGS and f.flags & ACK for f in c.frames) > count


@case("6.6", PROTOCOL)
def push_promise(c):
    c.headers(1, POST, False).frame(PUSH_PROMISE, END_HEADERS, 1, struct.pack(">I", 2) + c.block(GET))


each("6.7", PROTOCOL, {"ping_on_a_stream": bytes_of(h2.frame(PING, 0, 1, b"12345678"))})
each("6.7", FRAME_SIZE, {
    "ping_too_short": bytes_of(h2.frame(PING, 0, 0, b"123456")),
    "ping_too_long": bytes_of(h2.frame(PING, 0, 0, b"123456789")),
})


@case("6.7", WORKS)
def acknowledgement_of_ping_is_not_answered(c):
    c.frame(PING, ACK, 0, b"unasked!")
    c.settled()
    assert not any(f.kind == PING and f.payload == b"unasked!" for f in c.frames)


each("6.8", PROTOCOL, {"goaway_on_a_stream": bytes_of(h2.frame(GOAWAY, 0, 1, b"\0" * 8))})
each("6.8", FRAME_SIZE, {"goaway_too_short": bytes_of(h2.frame(GOAWAY, 0, 0, b"\0" * 7))})


@case("6.8", OK)
def goaway_lets_streams_end(c):
    c.headers(1, POST, False).frame(GOAWAY, 0, 0, b"\0" * 8 + b"some text").data(1, b"x", True)
    return 1


each("6.9", PROTOCOL, {"window_update_of_0": bytes_of(h2.frame(WINDOW_UPDATE, 0, 0, b"\0" * 4))})
each("6.9", FRAME_SIZE, {"window_update_of_wrong_size": bytes_of(h2.frame(WINDOW_UPDATE, 0, 0, b"\0\0\1"))})


@case("6.9", stream_error("PROTOCOL_ERROR"))
def window_update_of_0_on_a_stream(c):
    held(c)
    c.window_update(1, 0)
    return 1


@case("6.9.1", connection_error("FLOW_CONTROL_ERROR"))
def window_of_the_connection_too_large(c):
    c.window_update(0, 0x7fffffff)


@case("6.9.1", stream_error("FLOW_CONTROL_ERROR"))
def window_of_a_stream_too_large(c):
    held(c)
    c.window_update(1, 0x7fffffff).window_update(1, 0x7fffffff)
    return 1


@case("6.9.2", connection_error("FLOW_CONTROL_ERROR") + IGNORED)
def window_of_a_stream_too_large_by_settings(c):
    held(c)
    c.window_update(1, 0x7fffffff - 65535).settings({h2.INITIAL_WINDOW_SIZE: 65536})


@case("6.9.1", stream_error("FLOW_CONTROL_ERROR"))
def more_data_than_the_window(c):
    # The origin of /hold reads nothing after the head, so windows do not open for ever.
    c.headers(1, H2Client.request_fields("/deaf", "POST"), False)
    for _ in range(4000):
        c.data(1, b"x" * 16384)
    return 1


@case("6.10", PROTOCOL)
def continuation_on_stream_0(c):
    c.headers(1, GET, True, 0).frame(CONTINUATION, END_HEADERS, 0, b"")


@case("6.10", PROTOCOL)
def continuation_after_the_end_of_the_block(c):
    c.headers(1, POST, False).frame(CONTINUATION, END_HEADERS, 1, b"")


@case("6.10", OK)
def continuation_in_small_pieces(c):
    fields = b"\x82\x86\x84" + literal(b":authority", b"h")
    c.frame(HEADERS, END_STREAM, 1, fields[:10])
    c.frame(CONTINUATION, 0, 1, fields[10:12]).frame(CONTINUATION, 0, 1, b"")
    c.frame(CONTINUATION, END_HEADERS, 1, fields[12:])
    return 1


# --------------------------------------------------------------------------- 7: error codes

@case("7", WORKS)
def unknown_error_codes(c):
    held(c)
    c.frame(RST_STREAM, 0, 1, b"\xff\xff\xff\xff")


# --------------------------------------------------------------------------- 8: HTTP

@case("8.1", MALFORMED)
def second_headers_without_the_end(c):
    c.headers(1, POST, False).data(1, b"x").headers(1, [("x-sum", "1")], False).data(1, b"", True)
    return 1


@case("8.1", MALFORMED)
def trailers_with_pseudo_header(c):
    c.headers(1, POST, False).data(1, b"x").headers(1, [(":path", "/"), ("x-sum", "1")])
    return 1


each("8.1.1", MALFORMED, {
    "less_than_content_length": request(POST + [("content-length", "5")], False, [b"abc"]),
    "more_than_content_length": request(POST + [("content-length", "2")], False, [b"abc"]),
    "content_length_without_data": request(POST + [("content-length", "5")]),
    "content_length_0_with_data": request(POST + [("content-length", "0")], False, [b"abc"]),
    "two_different_content_lengths": request(POST + [("content-length", "3"), ("content-length", "4")], False, [b"abc"]),
    "content_length_no_number": request(POST + [("content-length", "3x")], False, [b"abc"]),
    "content_length_negative": request(POST + [("content-length", "-3")], False, [b"abc"]),
    "content_length_with_sign": request(POST + [("content-length", "+3")], False, [b"abc"]),
    "content_length_empty": request(POST + [("content-length", "")], False, [b"abc"]),
    "content_length_beyond_64_bits": request(POST + [("content-length", "18446744073709551619")], False, [b"abc"]),
})
each("8.1.1", MALFORMED + OK, {
    "content_length_twice_the_same": request(POST + [("content-length", "3"), ("content-length", "3")], False, [b"abc"]),
})
each("8.1.1", OK, {"data_in_pieces_and_an_empty_one": request(POST + [("content-length", "3")], False, [b"a", b"", b"bc", b""])})

each("8.2", MALFORMED, {
    "name_in_upper_case": request(GET + [("X-Test", "1")]),
    "name_with_space": request(GET + [("x test", "1")]),
    "name_with_colon": request(GET + [("x:test", "1")]),
    "name_with_tab": request(GET + [("x\ttest", "1")]),
    "name_with_nul": request(GET + [("x\0test", "1")]),
    "name_with_del": request(GET + [("x\x7ftest", "1")]),
    "name_with_high_byte": request(GET + [(b"x\xe9test", b"1")]),
    "name_empty": request(GET + [("", "1")]),
    "value_with_nul": request(GET + [("x-test", "a\0b")]),
    "value_with_cr": request(GET + [("x-test", "a\rb")]),
    "value_with_lf": request(GET + [("x-test", "a\nb")]),
    "value_that_would_be_a_field": request(GET + [("x-test", "a\r\nx-other: b")]),
    "path_with_crlf": request(H2Client.request_fields("/ HTTP/1.1\r\nx-other: b\r\nx: ")),
    "path_with_space": request(H2Client.request_fields("/a b")),
    "authority_with_crlf": request(H2Client.request_fields(authority="a\r\nx-other: b")),
    "authority_with_space": request(H2Client.request_fields(authority="a b")),
    "host_with_crlf": request(H2Client.request_fields(authority=None, headers=[("host", "a\r\nx-other: b")])),
    "method_with_space": request(H2Client.request_fields(method="GET /x HTTP/1.1")),
    "method_with_crlf": request(H2Client.request_fields(method="GET\r\nX: y")),
    "scheme_with_space": request(H2Client.request_fields(scheme="ht tp")),
})
each("8.2", MALFORMED + OK, {
    "value_with_space_before": request(GET + [("x-test", " a")]),
    "value_with_space_behind": request(GET + [("x-test", "a ")]),
    "value_with_control": request(GET + [("x-test", "a\x01b")]),
    "value_with_del": request(GET + [("x-test", "a\x7fb")]),
})
each("8.2", OK, {
    "value_empty": request(GET + [("x-test", "")]),
    "value_with_tab": request(GET + [("x-test", "a\tb")]),
    "value_with_high_bytes": request(GET + [(b"x-test", b"a\xe9\xffb")]),
    "name_with_all_that_may_stand": request(GET + [("!#$%&'*+-.^_`|~09az", "1")]),
})
each("8.2.2", MALFORMED, {
    "connection": request(GET + [("connection", "keep-alive")]),
    "proxy_connection": request(GET + [("proxy-connection", "keep-alive")]),
    "keep_alive": request(GET + [("keep-alive", "timeout=5")]),
    "transfer_encoding": request(POST + [("transfer-encoding", "chunked")], False, [b"0\r\n\r\n"]),
    "upgrade": request(GET + [("upgrade", "websocket")]),
    "te_with_more_than_trailers": request(GET + [("te", "trailers, deflate")]),
    "connection_in_trailers": lambda c: c.headers(1, POST, False).data(1, b"x").headers(1, [("connection", "x")]) and 1,
})
each("8.2.2", OK, {"te_trailers": request(GET + [("te", "trailers")])})
each("8.3", MALFORMED, {
    "pseudo_header_unknown": request([(":test", "1")] + GET),
    "pseudo_header_of_answers": request([(":status", "200")] + GET),
    "pseudo_header_behind_a_field": request(without(":path") + [("x-test", "1"), (":path", "/")]),
    "pseudo_header_in_upper_case": request(without(":path") + [(":Path", "/")]),
    "no_method": request(without(":method")),
    "no_scheme": request(without(":scheme")),
    "no_path": request(without(":path")),
    "no_field_at_all": request([]),
    "path_empty": request(H2Client.request_fields("")),
    "method_empty": request(H2Client.request_fields(method="")),
    "scheme_empty": request(H2Client.request_fields(scheme="")),
    "two_methods": request([(":method", "GET")] + GET),
    "two_schemes": request([(":scheme", "http")] + GET),
    "two_authorities": request([(":authority", "h2.test")] + GET),
    "two_paths": request([(":path", "/")] + GET),
    "path_without_slash": request(H2Client.request_fields("index.html")),
    "path_star_with_get": request(H2Client.request_fields("*")),
    "path_with_authority": request(H2Client.request_fields("http://other.test/")),
})
each("8.3", MALFORMED + OK, {
    "path_with_fragment": request(H2Client.request_fields("/a#b")),
    "authority_with_user": request(H2Client.request_fields(authority="user@h2.test")),
    "authority_empty": request(H2Client.request_fields(authority="")),
    "authority_and_another_host": request(H2Client.request_fields(headers=[("host", "other.test")])),
    "neither_authority_nor_host": request(H2Client.request_fields(authority=None)),
    "two_hosts": request(H2Client.request_fields(authority=None, headers=[("host", "a.test"), ("host", "b.test")])),
    "scheme_of_another_kind": request(H2Client.request_fields(scheme="ftp")),
})
each("8.3", OK, {
    "host_only": request(H2Client.request_fields(authority=None, headers=[("host", "h2.test")])),
    "method_of_ones_own": request(H2Client.request_fields(method="BREW")),
    "options_star": request(H2Client.request_fields("*", "OPTIONS")),
})
each("8.5", MALFORMED, {
    "connect_with_path": request([(":method", "CONNECT"), (":authority", "h2.test:80"), (":path", "/")], False),
    "connect_with_scheme": request([(":method", "CONNECT"), (":authority", "h2.test:80"), (":scheme", "http")], False),
    "connect_without_authority": request([(":method", "CONNECT")], False),
    "protocol_without_connect": request(GET + [(":protocol", "websocket")]),
    "protocol_before_a_get": request([(":protocol", "websocket")] + GET),
    "extended_connect_without_path": request([(":method", "CONNECT"), (":protocol", "websocket"), (":scheme", "http"),
                                              (":authority", "h2.test")], False),
    "extended_connect_without_scheme": request([(":method", "CONNECT"), (":protocol", "websocket"), (":path", "/"),
                                                (":authority", "h2.test")], False),
})
each("8.5", OK, {"connect": lambda c: c.headers(1, [(":method", "CONNECT"), (":authority", "h2.test:80")], False) and 1})


@case("8.1.1", stream_error("PROTOCOL_ERROR", "INTERNAL_ERROR", "CANCEL") + ("answer 502", "answer 200 cut"))
def answer_shorter_than_it_said(c):
    c.headers(1, H2Client.request_fields("/short"))
    return 1


# --------------------------------------------------------------------------- 10.5: what costs more than it brings

REFUSED = ("answer 431", "answer 400", "answer 413", "RST PROTOCOL_ERROR", "RST ENHANCE_YOUR_CALM", "RST REFUSED_STREAM",
           "RST INTERNAL_ERROR", "RST CANCEL") + connection_error("ENHANCE_YOUR_CALM", "PROTOCOL_ERROR", "INTERNAL_ERROR",
                                                  "COMPRESSION_ERROR", "FRAME_SIZE_ERROR")
CALM = connection_error("ENHANCE_YOUR_CALM", "PROTOCOL_ERROR", "INTERNAL_ERROR", "FRAME_SIZE_ERROR")


@case("10.5.1", REFUSED)
def header_list_too_large(c):
    c.headers(1, GET + [(f"x-{n}", "v" * 1000) for n in range(100)])
    return 1


@case("10.5.1", REFUSED)
def header_list_too_large_by_the_table(c):
    """A few bytes that stand for many: one large field in the table, named again and again."""
    data = b"\x82\x86\x84" + literal(b":authority", b"h")
    data += b"\x40\x01x" + b"\x7f" + bytes([0x80 | (3000 - 127) & 127, (3000 - 127) >> 7]) + b"v" * 3000
    c.frame(HEADERS, END_STREAM | END_HEADERS, 1, data + b"\xbe" * 10_000)
    return 1


@case("10.5", CALM, timeout=10)
def continuation_flood(c):
    c.headers(1, GET, True, 0)
    for n in range(20_000):
        c.frame(CONTINUATION, 0, 1, literal(b"x-%d" % n, b"v"))


@case("10.5", CALM, timeout=10)
def empty_continuation_flood(c):
    c.headers(1, GET, True, 0)
    c.send(h2.frame(CONTINUATION, 0, 1, b"") * 100_000)


@case("10.5", CALM + WORKS, timeout=20)
def rapid_reset(c):
    for n in range(5000):
        c.reset(c.open("/hold"))


@case("10.5", CALM + WORKS, timeout=20)
def settings_flood(c):
    c.send(c.settings_frame({h2.INITIAL_WINDOW_SIZE: 65535}) * 20_000)


@case("10.5", CALM + WORKS, timeout=20)
def ping_flood(c):
    c.send(h2.frame(PING, 0, 0, b"12345678") * 50_000)


@case("10.5", CALM + OK, timeout=20)
def empty_data_flood(c):
    c.headers(1, POST, False)
    c.send(h2.frame(DATA, 0, 1, b"") * 50_000)
    c.data(1, b"", True)
    return 1


@case("10.5", CALM + WORKS, timeout=20)
def priority_flood(c):
    c.send(b"".join(h2.frame(PRIORITY, 0, 2 * n + 1, b"\0\0\0\0\1") for n in range(1, 50_000)))
    c.next_stream = 200_001
