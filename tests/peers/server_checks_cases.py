"""What servers say to the checks that know a protocol: (name, lines of the backend, script of the server).

A script is a list: bytes are sent, a number waits until so many bytes have come in all, a fraction waits so many seconds,
SHUT ends what the server says, and behind the last the server listens until the check is over."""

from peers.scripted import SHUT

H = bytes.fromhex


def mysql(sequence, payload):
    return len(payload).to_bytes(3, "little") + bytes([sequence]) + payload


GREETING = mysql(0, b"\x0a10.11.6-MariaDB\0" + bytes(8) + b"ABCDEFGH\0" + H("fff70802000f8015") + bytes(10) + b"abcdefghijkl\0")
WELCOME = mysql(2, H("00000002000000"))
REFUSAL = mysql(2, b"\xff\x15\x04#28000Access denied for user 'x'@'localhost'")
TOO_MANY = mysql(0, b"\xff\x10\x04Too many connections")
MYSQL, LOGIN, OLD = "option mysql-check", "option mysql-check user haproxy", "option mysql-check user haproxy pre-41"
PGSQL, LDAP, REDIS, HELLO = "option pgsql-check user bob", "option ldap-check", "option redis-check", "option ssl-hello-chk"
SMTP, EHLO = "option smtpchk", "option smtpchk EHLO a.example"
BOUND = H("300c02010161070a010004000400")


def pgsql(kind, length=8):
    return b"R\0\0\0" + bytes([length, 0, 0, 0, kind]) + b"abcdefgh"


def spop(kind, *items, flags=1, ids=b"\0\0"):
    frame = bytes([kind]) + flags.to_bytes(4, "big") + ids + b"".join(items)
    return len(frame).to_bytes(4, "big") + frame


def item(key, kind, value):
    """Of a SPOP frame; a string, or bytes as they are."""
    text = bytes([len(value)]) + value.encode() if isinstance(value, str) else value
    return bytes([len(key)]) + key.encode() + bytes([kind]) + text


SPOP, HEARD = "option spop-check", 82
VERSION, CAPABILITIES = item("version", 8, "2.0"), item("capabilities", 8, "")
SIZE = item("max-frame-size", 3, H("fcf006"))  # 16380
WELL = spop(101, VERSION, SIZE, CAPABILITIES)
SAYS = item("message", 8, "go away")

CASES = [
    ("redis: pong", REDIS, [14, b"+PONG\r\n"]),
    ("redis: in pieces", REDIS, [14, b"+PO", 0.05, b"NG\r\n"]),
    ("redis: something before", REDIS, [14, b"x+PONG\r\n"]),
    ("redis: before it is asked", REDIS, [b"+PONG\r\n"]),
    ("redis: password", REDIS, [14, b"-NOAUTH Authentication required.\r\n"]),
    ("redis: password and the end", REDIS, [14, b"-NOAUTH Authentication \"required\", ok?\r\nmore\r\n", SHUT]),
    ("redis: too short", REDIS, [14, b"+PON", SHUT]),
    ("redis: no end of line", REDIS, [14, b"+PONG"]),
    ("redis: nothing", REDIS, []),
    ("redis: end", REDIS, [14, SHUT]),
    ("redis: long line", REDIS, [14, b"-ERR " + b"x" * 300, SHUT]),
    ("redis: more than a buffer", REDIS, [14, b"x" * 16384]),
    ("mysql: greeting", MYSQL, [GREETING]),
    ("mysql: greeting in pieces", MYSQL, [GREETING[:3], 0.05, GREETING[3:20], 0.05, GREETING[20:]]),
    ("mysql: greeting and more", MYSQL, [GREETING + b"XX"]),
    ("mysql: any whole packet", MYSQL, [mysql(0, b"rubbish")]),
    ("mysql: empty packet", MYSQL, [mysql(0, b"")]),
    ("mysql: too many", MYSQL, [TOO_MANY]),
    ("mysql: error without a text", MYSQL, [mysql(0, b"\xff\x10\x04")]),
    ("mysql: long error", MYSQL, [mysql(0, b"\xff\x10\x04" + b"x" * 300)]),
    ("mysql: error up to a zero", MYSQL, [mysql(0, b"\xff\x10\x04abc\0def")]),
    ("mysql: half a greeting", MYSQL, [GREETING[:20], SHUT]),
    ("mysql: half a length", MYSQL, [b"\1\0", SHUT]),
    ("mysql: half an error", MYSQL, [b"\5\0\0\0\xff", SHUT]),
    ("mysql: waits for the rest", MYSQL, [GREETING[:20]]),
    ("mysql: nothing", MYSQL, []),
    ("mysql: end", MYSQL, [SHUT]),
    ("mysql: more than a buffer", MYSQL, [b"\x20\x4e\0\0\xff\x10\x04" + b"x" * (16384 - 7)]),
    ("login: welcome", LOGIN, [GREETING, 20, WELCOME]),
    ("login: in HTTP mode", "mode http\n" + LOGIN, [GREETING, 20, WELCOME]),
    ("login: in the old way", OLD, [GREETING, 20, WELCOME]),
    ("login: in the new way", LOGIN + " post-41", [GREETING, 20, WELCOME]),
    ("login: all at once", LOGIN, [GREETING + WELCOME]),
    ("login: another way is wanted", LOGIN, [GREETING, 20, mysql(2, b"\xfemysql_native_password\0abcdefgh\0")]),
    ("login: refused", LOGIN, [GREETING, 20, REFUSAL]),
    ("login: refused in the old way", OLD, [GREETING, 20, REFUSAL]),
    ("login: refused in pieces", LOGIN, [GREETING, 20, REFUSAL[:9], 0.05, REFUSAL[9:]]),
    ("login: too many", LOGIN, [TOO_MANY]),
    ("login: half an answer", LOGIN, [GREETING, 20, REFUSAL[:9], SHUT]),
    ("login: bytes between", LOGIN, [GREETING + b"XX", 20, WELCOME]),
    ("login: rubbish", LOGIN, [b"rubbish rubbish rubbish"]),
    ("login: end", LOGIN, [SHUT]),
    ("login: end behind the greeting", LOGIN, [GREETING, 20, SHUT]),
    ("login: nothing", LOGIN, []),
    *[(f"pgsql: authentication {kind}", PGSQL, [18, pgsql(kind)]) for kind in (*range(13), 255)],
    *[(f"pgsql: length {length}", PGSQL, [18, pgsql(0, length)]) for length in (4, 12, 23, 255)],
    ("pgsql: of scram", PGSQL, [18, b"R\0\0\0\x17\0\0\0\x0aSCRAM-SHA-256\0\0"]),
    ("pgsql: in pieces", PGSQL, [18, b"R\0\0", 0.05, b"\0\x08\0\0\0\0"]),
    ("pgsql: long name", "option pgsql-check user " + "u" * 40, [55, pgsql(0)]),
    ("pgsql: error", PGSQL, [18, b"E\0\0\0\x61SFATAL\0VFATAL\0C28000\0Mno pg_hba.conf entry\0Fauth.c\0\0"]),
    ("pgsql: long error", PGSQL, [18, b"E\0\0\0\x61S" + b"y" * 300]),
    ("pgsql: error without fields", PGSQL, [18, b"E\0\0\0\x10"]),
    ("pgsql: beginning of an error", PGSQL, [18, b"E"]),
    ("pgsql: beginning of an error and the end", PGSQL, [18, b"E", SHUT]),
    ("pgsql: no TLS", PGSQL, [18, b"N"]),
    ("pgsql: eight bytes", PGSQL, [18, b"R\0\0\0\x08\0\0\0"]),
    ("pgsql: eight bytes and the end", PGSQL, [18, b"R\0\0\0\x08\0\0\0", SHUT]),
    ("pgsql: high length", PGSQL, [18, b"R\0\0\1\x08\0\0\0\0"]),
    ("pgsql: high kind", PGSQL, [18, b"R\0\0\0\x08\0\0\1\0"]),
    ("pgsql: rubbish", PGSQL, [18, b"rubbish rubbish"]),
    ("pgsql: end", PGSQL, [18, SHUT]),
    ("pgsql: nothing", PGSQL, []),
    ("smtp: all well", SMTP, [b"220 hi there\r\n", 16, b"250 ok\r\n", 22, b"221 bye now\r\n"]),
    ("smtp: of its own name", "option smtpchk HELO a.example", [b"220 hi\r\n", 16, b"250 ok\r\n", 22, b"221 bye\r\n"]),
    ("smtp: unknown command", "option smtpchk LHLO a.example", [b"220 hi\r\n", 16, b"250 ok\r\n", 22, b"221 bye\r\n"]),
    ("smtp: command in small letters", "option smtpchk ehlo a.example", [b"220 hi\r\n", 16, b"250 ok\r\n", 22, b"221 bye\r\n"]),
    ("smtp: no domain", "option smtpchk EHLO", [b"220 hi\r\n", 16, b"250 ok\r\n", 22, b"221 bye\r\n"]),
    ("smtp: pieces", EHLO, [b"22", 0.05, b"0 hi\r\n", 16, b"25", 0.05, b"0 ok\r\n", 22, b"22", 0.05, b"1 bye\r\n"]),
    ("smtp: many lines", EHLO, [b"220 hi\r\n", 16, b"250-x\r\n", 0.05, b"250-\r\n250 ok\r\n", 22, b"221-bye\r\n221 bye\r\n"]),
    ("smtp: other good codes", EHLO, [b"200 hi\r\n", 16, b"250-x\r\n251 ok\r\n", 22, b"250 x\r\n"]),
    ("smtp: codes alone", EHLO, [b"220\r\n", 16, b"250\r\n", 22, b"221\r\n"]),
    ("smtp: greeting of two lines", EHLO, [b"220-hi\r\n220 there\r\n"]),
    ("smtp: second part of the greeting", EHLO, [b"220 ", 16, b"hi\r\n250 ok\r\n"]),
    ("smtp: no way", EHLO, [b"421   go \"away\", now  \r\n"]),
    ("smtp: no way without a text", EHLO, [b"421\r\n"]),
    ("smtp: no way, at length", EHLO, [b"421 " + b"x" * 200 + b"\r\n"]),
    ("smtp: strange greetings: letters", EHLO, [b"2ab x\r\n"]),
    ("smtp: strange greetings: no blank", EHLO, [b"220x\r\n"]),
    ("smtp: strange greetings: bare newline", EHLO, [b"220\n"]),
    ("smtp: strange greetings: short", EHLO, [b"42\r\n"]),
    ("smtp: strange greetings: too short", EHLO, [b"4"]),
    ("smtp: strange greetings: an end", EHLO, [b"22", SHUT]),
    ("smtp: rubbish", EHLO, [b"rubbish\r\n"]),
    ("smtp: nothing", EHLO, []),
    ("smtp: end", EHLO, [SHUT]),
    ("smtp: hello refused", EHLO, [b"220 hi\r\n", 16, b"550 no\r\n"]),
    ("smtp: hello refused and the end", EHLO, [b"220 hi\r\n", 16, b"550-no\r\n550 and no\r\n", SHUT]),
    ("smtp: hello rubbish and the end", EHLO, [b"220 hi\r\n", 16, b"rubbish\r\n", SHUT]),
    ("smtp: hello half a code", EHLO, [b"220 hi\r\n", 16, b"22x y\r\n", SHUT]),
    ("smtp: hello refused in the middle", EHLO, [b"220 hi\r\n", 16, b"250-x\r\n550 y\r\n"]),
    ("smtp: hello rubbish in the middle", EHLO, [b"220 hi\r\n", 16, b"250-x\r\nrub\r\n250 y\r\n"]),
    ("smtp: hello of bare newlines", EHLO, [b"220 hi\r\n", 16, b"250-x\n250 y\n"]),
    ("smtp: hello without an end", EHLO, [b"220 hi\r\n", 16, b"250-x\r\n", SHUT]),
    ("smtp: end behind the hello", EHLO, [b"220 hi\r\n", 16, SHUT]),
    ("smtp: quit unheard", EHLO, [b"220 hi\r\n", 16, b"250 ok\r\n", 22, SHUT]),
    ("smtp: quit refused", EHLO, [b"220 hi\r\n", 16, b"250 ok\r\n", 22, b"500 x\r\n"]),
    ("smtp: quit rubbish", EHLO, [b"220 hi\r\n", 16, b"250 ok\r\n", 22, b"rubbish\r\n"]),
    ("smtp: quit without a blank", EHLO, [b"220 hi\r\n", 16, b"250 ok\r\n", 22, b"221x\r\n"]),
    ("smtp: quit with half a code", EHLO, [b"220 hi\r\n", 16, b"250 ok\r\n", 22, b"2", SHUT]),
    ("smtp: quit with a code", EHLO, [b"220 hi\r\n", 16, b"250 ok\r\n", 22, b"221", SHUT]),
    ("ldap: well", LDAP, [14, BOUND]),
    ("ldap: in pieces", LDAP, [14, BOUND[:3], 0.05, BOUND[3:]]),
    ("ldap: and more", LDAP, [14, BOUND + b"xx"]),
    ("ldap: lengths of two bytes", LDAP, [14, H("3082000e 020101 61820007 0a0100 04000400")]),
    ("ldap: lengths of four bytes", LDAP, [14, H("308400000010 020101 618400000007 0a0100 04000400")]),
    ("ldap: length of one byte more", LDAP, [14, H("30810c 020101 6107 0a0100 04000400")]),
    ("ldap: length of three bytes", LDAP, [14, H("308300000c 020101 6107 0a0100 04000400")]),
    ("ldap: length of five bytes", LDAP, [14, H("30850000000010 020101 6107 0a0100 04000400")]),
    ("ldap: length without end", LDAP, [14, H("3080 020101 6107 0a0100 04000400")]),
    ("ldap: inner length of one byte more", LDAP, [14, H("300d 020101 618107 0a0100 04000400")]),
    ("ldap: inner length beyond the end", LDAP, [14, H("3010 020101 61ff000000000a 010004000400")]),
    ("ldap: wrong password", LDAP, [14, H("301c 020101 6117 0a0131 0400 0410") + b"invalid password"]),
    ("ldap: protocol error", LDAP, [14, H("300c 020101 6107 0a0102 04000400")]),
    ("ldap: another message", LDAP, [14, H("300c 020102 6107 0a0100 04000400")]),
    ("ldap: another answer", LDAP, [14, H("300c 020101 6507 0a0100 04000400")]),
    ("ldap: no code", LDAP, [14, H("300c 020101 6107 0b0100 04000400")]),
    ("ldap: length of nothing", LDAP, [14, H("3000 020101 6107 0a0100 04000400")]),
    ("ldap: waits for the rest", LDAP, [14, H("307f 020101 6107 0a0100 04000400")]),
    ("ldap: the rest does not come", LDAP, [14, H("307f 020101 6107 0a0100 04000400"), SHUT]),
    ("ldap: too short", LDAP, [14, BOUND[:13]]),
    ("ldap: too short and the end", LDAP, [14, BOUND[:13], SHUT]),
    ("ldap: rubbish", LDAP, [14, b"rubbish rubbish rubbish"]),
    ("ldap: end", LDAP, [14, SHUT]),
    ("ldap: nothing", LDAP, []),
    ("spop: well", SPOP, [HEARD, WELL]),
    ("spop: in pieces", SPOP, [HEARD, WELL[:3], 0.05, WELL[3:20], 0.05, WELL[20:]]),
    ("spop: and more", SPOP, [HEARD, WELL + b"xx"]),
    *[(f"spop: version {version!r}", SPOP, [HEARD, spop(101, item("version", 8, version), SIZE, CAPABILITIES)])
      for version in ("1.0", "2.1", "3.0", " 2.0 ", "1.0,2.0", "2", "abc", "")],
    *[(f"spop: frames of {name}", SPOP, [HEARD, spop(101, VERSION, item("max-frame-size", 3, H(size)), CAPABILITIES)])
      for name, size in (("255", "ff00"), ("256", "f001"), ("16380", "fcf006"), ("16381", "fdf006"), ("a mebibyte", "f0e1fe02"))],
    ("spop: size of 64 bits", SPOP, [HEARD, spop(101, VERSION, item("max-frame-size", 4, H("fcf006")), CAPABILITIES)]),
    ("spop: size as a text", SPOP, [HEARD, spop(101, VERSION, item("max-frame-size", 8, "16380"), CAPABILITIES)]),
    ("spop: version as a number", SPOP, [HEARD, spop(101, item("version", 3, b"\2"), SIZE, CAPABILITIES)]),
    ("spop: no version", SPOP, [HEARD, spop(101, SIZE, CAPABILITIES)]),
    ("spop: no size", SPOP, [HEARD, spop(101, VERSION, CAPABILITIES)]),
    ("spop: no capabilities", SPOP, [HEARD, spop(101, VERSION, SIZE)]),
    ("spop: capabilities", SPOP, [HEARD, spop(101, VERSION, SIZE, item("capabilities", 8, "pipelining, async"))]),
    ("spop: items of all types", SPOP,
     [HEARD, spop(101, VERSION, item("a", 0, b""), item("b", 0x11, b""), item("c", 2, b"\7"), item("d", 6, b"abcd"),
                  item("e", 7, b"x" * 16), item("f", 9, "bin"), SIZE)]),
    ("spop: item of no type", SPOP, [HEARD, spop(101, VERSION, SIZE, item("a", 12, b""))]),
    ("spop: empty hello", SPOP, [HEARD, spop(101)]),
    ("spop: cut item", SPOP, [HEARD, spop(101, VERSION, SIZE, CAPABILITIES[:-3])]),
    ("spop: refused", SPOP, [HEARD, spop(102, item("status-code", 3, b"\x63"), SAYS)]),
    *[(f"spop: refused with {code}", SPOP, [HEARD, spop(102, item("status-code", 3, bytes([code])), SAYS)])
      for code in (*range(14), 200)],  # 14 to 98 end haproxy
    ("spop: refused without a text", SPOP, [HEARD, spop(102, item("status-code", 3, b"\4"))]),
    ("spop: refused without a code", SPOP, [HEARD, spop(102, SAYS)]),
    ("spop: another frame", SPOP, [HEARD, spop(103)]),
    ("spop: our own frame", SPOP, [HEARD, spop(1, VERSION, SIZE, CAPABILITIES)]),
    ("spop: first of several", SPOP, [HEARD, spop(101, VERSION, SIZE, CAPABILITIES, flags=0)]),
    ("spop: with other flags", SPOP, [HEARD, spop(101, VERSION, SIZE, CAPABILITIES, flags=3)]),
    ("spop: of a stream", SPOP, [HEARD, spop(101, VERSION, SIZE, CAPABILITIES, ids=b"\1\0")]),
    ("spop: with a number", SPOP, [HEARD, spop(101, VERSION, SIZE, CAPABILITIES, ids=b"\0\1")]),
    ("spop: length of nothing", SPOP, [HEARD, b"\0\0\0\0"]),
    ("spop: waits for the rest", SPOP, [HEARD, WELL[:20]]),
    ("spop: rubbish", SPOP, [HEARD, b"HTTP/1.1 400 Bad\r\n\r\n"]),
    ("spop: end", SPOP, [HEARD, SHUT]),
    ("spop: nothing", SPOP, []),
    ("hello: handshake", HELLO, [126, H("160300004a020000460300")]),
    ("hello: alert", HELLO, [126, H("15030000020228")]),
    ("hello: before it is said", HELLO, [H("15030000020228")]),
    ("hello: data", HELLO, [126, H("17030000020228")]),
    ("hello: four bytes", HELLO, [126, H("16030000")]),
    ("hello: a byte and the end", HELLO, [126, H("16"), SHUT]),
    ("hello: rubbish", HELLO, [126, b"rubbish"]),
    ("hello: rubbish and the end", HELLO, [126, b"rub", SHUT]),
    ("hello: end", HELLO, [126, SHUT]),
    ("hello: nothing", HELLO, []),
    ("tcp: least bytes, others", "option tcp-check\ntcp-check expect min-recv 4 rstring foo", [b"bar!"]),
    ("tcp: least bytes, other text", "option tcp-check\ntcp-check expect min-recv 4 string foo", [b"bar!"]),
    ("tcp: least bytes not there", "option tcp-check\ntcp-check expect min-recv 4 rstring foo", [b"foo"]),
    ("tcp: least bytes, unwanted", "option tcp-check\ntcp-check expect min-recv 4 ! rstring foo", [b"barr"]),
    ("tcp: unwanted", "option tcp-check\ntcp-check expect ! rstring foo", [b"barr"]),
    ("tcp: long text", "option tcp-check\ntcp-check expect on-error " + "x" * 200 + " string foo", [b"bar", SHUT]),
    ("tcp: closed", "option tcp-check\ntcp-check connect linger\ntcp-check expect string foo", [b"foo"]),
    ("tcp: reset", "option tcp-check\ntcp-check connect\ntcp-check expect string foo", [b"foo"]),
]

# Lines that are wrong.
MISTAKES = [
    "option redis-check foo", "option mysql-check bar", "option mysql-check user", "option mysql-check user x foo",
    "option mysql-check user x pre-41 z", "option pgsql-check", "option pgsql-check bob", "option pgsql-check user",
    "option pgsql-check user a b", "option smtpchk EHLO a b", "option ldap-check x", "option spop-check x",
    "option ssl-hello-chk x",
]
