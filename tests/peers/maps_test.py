#!/usr/bin/env python3
"""Maps and ACL files beside Debian's haproxy: the same files of a few hundred keys, looked up by every match method with
a few hundred texts, before and after rules changed them; and which criteria, flags and files each of them accepts.

maps_test.py [--tested PROGRAM] [--show TEXT]
"""

import argparse
import contextlib
import os
import random
import re
import sys
import tempfile

sys.path.insert(0, os.path.dirname(os.path.dirname(os.path.abspath(__file__))))

from support.client import Client  # noqa: E402
from support.process import Proxy, listening_socket, need_program, run  # noqa: E402

CONFIG = """
defaults
  mode http
  timeout client 5s
  timeout server 5s
  timeout connect 5s
frontend fe
  bind "fd@${{fe}}"
{rules}
  http-request return status 200 content-type text/plain lf-file {lines}
"""

KEYS = 300
TEXTS = 400


def words(source, count, most, alphabet="aaabbA/.?:"):
    return ["".join(source.choice(alphabet) for _ in range(source.randint(1, most))) for _ in range(count)]


def addresses(source, count):
    made = []
    for _ in range(count):
        if source.random() < 0.3:
            made.append(f"2001:db8:{source.randint(0, 3):x}:{source.randint(0, 3):x}::{source.randint(0, 5):x}")
        elif source.random() < 0.2:
            prefix = source.choice(["::ffff:10.0.", "::10.0.", "::ffff:10.1."])
            made.append(f"{prefix}{source.randint(0, 3)}.{source.randint(0, 9)}")
        else:
            made.append(f"10.{source.randint(0, 1)}.{source.randint(0, 3)}.{source.randint(0, 9)}")
    return made


def networks(source, count):
    made = []
    for address in addresses(source, count):
        choice = source.random()
        if choice < 0.5:
            made.append(address)
        elif ":" in address:
            made.append(f"{address}/{source.choice([32, 46, 47, 48, 63, 64, 96, 104, 120, 127, 128])}")
        elif choice < 0.9:
            made.append(f"{address}/{source.choice([8, 14, 15, 16, 22, 23, 24, 28, 31, 32])}")
        else:
            made.append(f"{address}/{source.choice(['255.255.0.0', '255.0.255.255', '255.255.0.255', '255.255.254.0'])}")
    # One of everything would make the rest untold.
    return [n for n in made if not n.endswith("/8")]


def numbers(source, count):
    made = []
    for _ in range(count):
        low = source.randint(0, 2000)
        made.append(source.choice([f"{low}", f"{low}", f"{low}:{low + source.randint(0, 20)}",
                                   f"{low}-{low + source.randint(0, 20)}"]))
    return made + ["3000:", ":0", "-5", "2900-2950"]


REGEXES = ["^/a(.*)$", "b{2}", "^(a+)(b*)$", "[.]", "(A)|(:)", "a/b", "^.$", r"\?", "x"]
REGEX_VALUES = [r"A\1\0", r"two", r"1=\1,2=\2", r"\\dot", r"\1-\2-\9", r"slash/\0", r"one", r"q\?", "x"]


class Files:
    """The files of patterns and maps, and for each kind the words that configurations use."""

    def __init__(self, directory):
        source = random.Random(4711)
        self.directory = directory
        self.texts = words(source, KEYS, 6)
        self.put("text", self.texts)
        # haproxy mixes up `end` and `sub` of one file: what one has found is remembered for the other, too.
        self.put("text-sub", self.texts)
        self.put("ip", networks(source, KEYS))
        self.put("int", numbers(source, KEYS))
        self.put("len", ["3", "5:6", "9:"])
        self.put("bin", [word.encode().hex() for word in words(source, KEYS, 4)])
        self.put("reg", REGEXES, REGEX_VALUES)
        self.put("odd", ["  lead", "#comment", " #hash", "cr\r", "two words", "", "DUP", "dup", "DUP", "tab\there"],
                 ["1"] * 10)
        self.put("change", self.texts[:20])
        for ending in ("", "-sub"):
            self.put("values" + ending, self.texts, list(range(KEYS)))
            self.put("addresses" + ending, self.texts, [f"10.0.{n % 200}.{n % 100}" for n in range(KEYS)])
        self.requests = (words(source, TEXTS, 9) + addresses(source, TEXTS) +
                         [str(source.randint(0, 3050)) for _ in range(TEXTS // 2)] +
                         ["lead", "#hash", "cr", "two words", "two", "DUP", "dup", "Dup", "tab", "-3", "-100", "0", "99999999999"])

    def path(self, name):
        return os.path.join(self.directory, name)

    def of(self, method, name):
        kind, ending = name.split(".")
        return self.path(f"{kind}-sub.{ending}" if method == "sub" else name)

    def put(self, kind, keys, values=None):
        with open(self.path(kind + ".lst"), "w", encoding="ascii", newline="") as file:
            file.write("".join(f"{key}\n" for key in keys))
        with open(self.path(kind + ".map"), "w", encoding="ascii", newline="") as file:
            values = values or [f"v{number}" for number in range(len(keys))]
            file.write("".join(f"{key} {value}\n" for key, value in zip(keys, values)))


TEXT_METHODS = ("str", "beg", "end", "sub", "dir", "dom")


def criteria(files):
    found = [f"req.hdr(x) -m {method} {flag}-f {files.of(method, 'text.lst')}" for method in TEXT_METHODS for flag in ("", "-i ")]
    found += [f"req.hdr(x) -m {method} {flag}{' '.join(few)}" for method in TEXT_METHODS for flag in ("", "-i ")
              for few in (["ab"], ["a/b", "/ab/", "b.a"], ["ab", "ba", "aa", "a?b", "bb", "A", "/b:", "abab"])]
    found += [f"req.hdr(x) -m {kind} -f {files.path(kind + '.lst')}" for kind in ("ip", "int", "len", "bin", "reg")]
    found += [f"req.hdr(x) -m reg -i -f {files.path('reg.lst')}",
              f"req.hdr(x) -f {files.path('odd.lst')}", f"req.hdr(x) -i -f {files.path('odd.lst')}",
              f"req.hdr(x) -f {files.path('odd.lst')} -i -f {files.path('text.lst')} Dup",
              "req.hdr(x) -m int gt 500 lt 100", "req.hdr(x) -m int ge 10:20", "req.hdr(x) -m int 5 7 9:30",
              "req.hdr(x) -m int -- -5", "req.hdr(x) -m int le 0", "req.hdr(x) -m len gt 4", "req.hdr(x) -m bool",
              "req.hdr(x) -m found", "req.hdr(x),upper -m beg AB A/B", "hdr_beg(x) ab", "hdr_beg(x),upper AB",
              "req.hdr(x) -m ip 10.1/16 127.1", "req.hdr(x) -m ip ::ffff:10.0.0.0/112", "req.hdr(x) -m ip 0.0.0.0/0",
              "req.hdr(x) -m ip 10.0.0.5/255.255.0.255"]
    return found


def samples(files):
    found = [f"req.hdr(x),map_{method}({files.of(method, 'text.map')},none)" for method in TEXT_METHODS]
    found += [f"req.hdr(x),map({files.path('text.map')})", f"req.hdr(x),map({files.path('odd.map')},none)",
              f"req.hdr(x),map_beg({files.path('odd.map')},none)"]
    found += [f"req.hdr(x),map_{method}_int({files.of(method, 'values.map')},-1),add(1)" for method in TEXT_METHODS]
    found += [f"req.hdr(x),map_{method}_ip({files.of(method, 'addresses.map')},127.0.0.1)" for method in TEXT_METHODS]
    found += [f"req.hdr(x),map_ip({files.path('ip.map')},none)", f"req.hdr(x),map_int({files.path('int.map')},none)",
              f"req.hdr(x),map_reg({files.path('reg.map')},none)", f"req.hdr(x),map_regm({files.path('reg.map')},none)",
              f"req.hdr(x),map_str({files.path('change.map')},none)", f"req.hdr(x),map_beg({files.path('change.map')},none)",
              f"req.hdr(x),map_end({files.path('change.map')},none)"]
    return found


def changes(files):
    change_map, change_list = files.path("change.map"), files.path("change.lst")
    return [f"http-request {action}({change_map}) %[req.hdr(x)]{value} if {{ req.hdr(do) {action} }}"
            for action, value in (("set-map", " new-%[req.hdr(x),length]"), ("del-map", ""))] + [
            f"http-request {action}({change_list}) %[req.hdr(x)] if {{ req.hdr(do) {action} }}"
            for action in ("add-acl", "del-acl")]


def sequence(files):
    """(what to do, text): first only look-ups, then changes, each followed by look-ups."""
    source = random.Random(42)
    steps = [("look", text) for text in files.requests]
    for _ in range(150):
        key = source.choice(files.texts[:30])
        steps.append((source.choice(["set-map", "del-map", "add-acl", "del-acl"]), key))
        steps += [("look", source.choice(files.texts[:30])) for _ in range(2)]
        steps.append(("look", key))
    return steps


def answers(binary, files, steps):
    named = criteria(files) + [f"req.hdr(x) -m {method} -f {files.path('change.lst')}" for method in ("str", "beg", "dir")]
    rules = changes(files) + [f"http-request set-var(txn.a{n}) int(1) if {{ {c} }}" for n, c in enumerate(named)]
    lines = [f"{c} = %[var(txn.a{n})]\n" for n, c in enumerate(named)] + [f"{s} = %[{s}]\n" for s in samples(files)]
    with open(files.path("lines"), "w", encoding="ascii") as file:
        file.write("".join(lines))
    text = CONFIG.format(rules="\n".join("  " + rule for rule in rules), lines=files.path("lines"))
    found = []
    with contextlib.ExitStack() as stack:
        listener = stack.enter_context(listening_socket())
        stack.enter_context(Proxy(binary, text, {"fe": listener}))
        client = stack.enter_context(Client(listener.getsockname()))
        for action, value in steps:
            client.send(f"GET / HTTP/1.1\r\nHost: a\r\nX: {value}\r\nDo: {action}\r\n\r\n")
            body = client.response("GET").body.decode("latin-1")
            found.append(dict(line.split(" = ", 1) for line in body.splitlines()))
    return found


# What stands in `http-request deny if { … }`.
VERDICTS = [
    "path", "path --", "path -i", "src", "path -m str", "hdr_cnt(x)", "hdr_cnt(x) -m bool", "path -m found /x", "always_true",
    "status 200", "res.hdr(a) b", "path -x y", "path -i -m beg /", "path -m beg -i /", "path -f @text@ -m beg /",
    "path -f @missing@", "path -m nothing x", "path -u 5 x", "path -u x y",
    "path -M -f @values@", "path,map(@text@) -m found", "path,map_int(@text@) -m found", "path,map_str_int(@text@) -m found",
    "path,map_str_int(@values@) -m int 5", "path,map_str_int(@values@,x) -m int 5", "path,map_str_ip(@values@) -m found",
    "path,map_int(@int@) -m found", "path,map_nothing(@text@) -m found", "path,map() -m found", "path,map -m found",
    "src -f @ip@", "src -f @text@", "src 10.1", "src 10.1/16", "src 10.0.0.0/33", "src 1.2.3.4.5", "src ::1/129",
    "src -n localhost", "dst_port 5", "dst_port 5:", "dst_port :", "dst_port 9:5", "dst_port 5x", "dst_port +5", "dst_port gt",
    "dst_port ge 5:6", "dst_port ne 5", "dst_port 1.5", "dst_port -- -5", "dst_port -5", "path -m bin 616", "path -m bin 6x",
    "path -m bin 6162", "path_reg (", "path_reg ^/", "path -m len 5", "method -m ip 10.0.0.1", "path_beg,upper /A", "path_len 5",
    "hdr_dom(host) a b c", "path -f", "path -m", "path -u",
]
PLAIN = [
    "http-request set-map(@text@) k v", "http-request set-map(@missing@) k v", "http-request add-acl(@text@) k",
    "http-request del-acl(@text@) k", "http-request del-map(@text@) k", "http-response set-map(@text@) k v",
    "http-request set-map(@text@) k", "http-request set-map k v", "tcp-request content set-map(@text@) k v",
    "http-request deny if { path -f @text@ } { path,map(@text@) -m found }",
    "http-request deny if { path,map(@text@) -m found } { path -M -f @text@ }",
    "http-request deny if { path -u 5 x } { path -u 5 y }", "http-request deny if { path -u 5 x } { path -u 6 y }",
    "acl one status 200\n  http-request deny if one", "acl one status 200\n  acl one path /\n  http-request deny if one",
    "acl one path /\n  http-request deny if two", "acl unused path /", "http-response set-header a b if { path / }",
    "http-response set-header a b if METH_GET", "tcp-request connection accept if HTTP",
    "http-request deny\n  http-request allow", "tcp-request content accept\n  tcp-request content reject",
    "use_backend be\n  use_backend be if TRUE", "use_backend be if { path / }\n  use_backend be if { path / }",
]


def verdicts(binary, files, lines):
    """The codes that `-c` and `-c -dW` end with, for each."""
    found = {}
    for line in lines:
        rule = line if line in PLAIN else f"http-request deny if {{ {line} }}"
        rule = re.sub("@(\\w+)@", lambda m: files.path(m[1] + (".map" if "map" in line or m[1] == "values" else ".lst")), rule)
        path = files.path("check.cfg")
        with open(path, "w", encoding="ascii") as file:
            file.write(CONFIG.format(rules="  " + rule, lines=files.path("lines")).replace('"fd@${fe}"', "127.0.0.1:1") +
                       "backend be\n  server s 127.0.0.1:1\n")
        found[line] = tuple(run([binary, "-c", "-q", *flags, "-f", path])[0] for flags in ([], ["-dW"]))
    return found


# Where Tandem says otherwise on purpose: it takes these, haproxy 2.6 does not.
KNOWN = {
    "path_len 5": "every criterion has every method as a suffix",
    "http-request set-map k v": "a rule without a file does nothing; here it is an error",
}


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--tested", default="lbd")
    parser.add_argument("--show", default="")
    options = parser.parse_args()
    reference, tested = need_program("/usr/sbin/haproxy"), need_program(options.tested)
    wrong, count = [], 0
    with tempfile.TemporaryDirectory(prefix="tandem-test-") as directory:
        files = Files(directory)
        steps = sequence(files)
        expected, got = answers(reference, files, steps), answers(tested, files, steps)
        for number, ((action, text), one, other) in enumerate(zip(steps, expected, got)):
            for line, value in one.items():
                count += 1
                if options.show and options.show in (text, line):
                    print(f"{action} {text}: {line}: {value}")
                if other.get(line) != value:
                    wrong.append(f"step {number} {action} {text!r}: {line}: {other.get(line)!r}, haproxy: {value!r}")
        theirs, ours = (verdicts(binary, files, VERDICTS + PLAIN) for binary in (reference, tested))
        for line, codes in theirs.items():
            count += 1
            if options.show:
                print(line, codes, ours[line])
            crashed = min(codes) < 0
            if ours[line] != codes and line not in KNOWN and not crashed:
                wrong.append(f"{line!r}: -c and -c -dW end with {ours[line]}, haproxy's with {codes}")
    print(*wrong[: int(os.environ.get("MAPS_SHOWN", 60))], sep="\n")
    print(f"maps: {count} answers compared, {len(wrong)} differ")
    return 1 if wrong else 0


if __name__ == "__main__":
    sys.exit(main())
