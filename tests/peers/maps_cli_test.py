#!/usr/bin/env python3
"""The runtime API's commands on maps and ACLs beside Debian's haproxy: the same commands one after the other, and the same
answers byte by byte, but for the references of entries.

Left out, because haproxy's answer is an accident: a payload line without a value in the middle of others (haproxy reads
on into the next line), blanks before a key (it reads an empty key), payloads of `add acl` (only later versions take
them), a value that is no number for a map of numbers in `set map` (it says nothing and keeps it), what is added to
versions that are over (it is kept where nobody finds it), "#" (it takes it for "#0"), and entry_cnt, which it does not count down again when an
entry was refused, and counts once for each use of the list.

TANDEM_TESTED names another program than lbd.
"""

import contextlib
import os
import re
import sys
import tempfile
import unittest

sys.path.insert(0, os.path.dirname(os.path.dirname(os.path.abspath(__file__))))

from support.client import command, get  # noqa: E402
from support.process import Proxy, listening_socket, need_program  # noqa: E402

FILES = {"hosts.map": "a.example one\nb.example two words\n# comment\n\nc.example\n", "bad.lst": "10.0.0.0/8\n192.168.1.1\n",
         "ip.map": "10.0.0.0/8 net\n", "int.map": "k1 1\nk2 2\n", "reg.map": "^/a(.*)$ A\\1\n^b B\n", "both.map": "q r\n",
         "address.map": "k 1.2.3.4\nl 2001:db8::1\n", "list1": "/l1\n", "list2": "/l2\n", "acted.map": "x 1\n", "acted.lst": "x\n"}

CONFIG = """
global
  nbthread 1
  stats socket {d}/admin level admin
  stats socket {d}/user level user
defaults
  mode http
  timeout client 5s
  timeout server 5s
  timeout connect 5s
frontend fe
  bind "fd@${{fe}}"
  acl bad src -f {d}/bad.lst
  acl inline path_beg /a /b
  acl numbered path_sub -u 77 zz
  http-request deny if bad inline numbered
  http-request set-header x %[hdr(host),map({d}/hosts.map,none)]
  http-request set-header x %[hdr(host),map_beg({d}/hosts.map,none)]
  http-request set-header y %[src,map_ip({d}/ip.map)]
  http-request set-header y %[hdr(host),map_str_int({d}/int.map)]
  http-request set-header y %[path,map_reg({d}/reg.map)]
  acl mapped path -M -f {d}/both.map
  http-request set-header y %[path,map_beg({d}/both.map)] if mapped
  http-request set-header y %[path,map_str_ip({d}/address.map)]
  acl two path_beg -i -f {d}/list1 -f {d}/list2 /ww /WW
  acl two path_end -i /E
  acl length path,length gt 5
  acl there hdr(x) -m found
  acl true hdr(x) -m bool
  acl always always_true
  acl regex path_reg ^a(b)
  acl port src_port 1:5 gt 7
  acl binary path -m bin 6162
  http-request deny if two length there !always regex port binary true
  http-request set-header y %[path,map({d}/acted.map)]
  http-request set-map({d}/acted.map) %[path] %[query] if {{ path_beg /set }}
  http-request del-map({d}/acted.map) x if {{ path /del }}
  acl acted path -f {d}/acted.lst
  http-request add-acl({d}/acted.lst) %[path] if {{ path /add }} !acted
  http-request return status 200
"""


def commands(d):
    """In the order in which they are sent."""
    hosts, bad, ints, both = f"{d}/hosts.map", f"{d}/bad.lst", f"{d}/int.map", f"{d}/both.map"
    for kind in ("map", "acl"):
        yield f"show {kind}"
        for name in (hosts, bad, both, "#0", "#99", "#-1", "#77", "nix", f"@0 {hosts}", f"@5 {hosts}", f"@x {hosts}", "@1", "@",
                     f"@ {hosts}", "#0 more"):
            yield f"show {kind} {name}"
    for kind in ("map", "acl"):
        for words in ("", hosts, "nix", "nix a", f"{hosts} a.example", f"{hosts} a.examplexyz", f"{hosts} zz", f"{hosts} c.example",
                      "#0 a.example", f"{d}/ip.map 10.1.2.3", f"{d}/ip.map foo", f"{ints} k1", f"{d}/reg.map /abc", f"{bad} 10.2.3.4",
                      f"{bad} 1.1.1.1", "#77 zzz", f"{d}/address.map k", f"{d}/address.map l", f"{d}/list1 /L1x", "#18 /bigger", "#19 x"):
            yield f"get {kind} {words}"
    for words in ("", hosts, f"{hosts} k", f"{hosts} k v", f"{hosts} k v w x", "nix k v", f"@9 {hosts} k v", f"@x {hosts} k v",
                  f"@0 {hosts} k v", f"{ints} q word", f"{d}/address.map q word", f"{d}/ip.map foo bar", f"{bad} a b"):
        yield f"add map {words}"
    for words in ("", bad, f"{bad} 1.2.3.4", f"{bad} 1.2.3.4", f"{bad} foo", f"{bad} 1.2.3.4/33", "nix a", f"{hosts} a", f"{both} zz",
                  f"{bad} 1.1.1.1 2.2.2.2", "#77 hh", "@3 #77 hh", "#23 abc", "#23 5:x", "#23 9:5", "#23 12:15", "#18 x", "#17 ok"):
        yield f"add acl {words}"
    yield f"add map {hosts} <<\np1 v1\np2 two  words \n\n"
    yield f"add map {hosts} <<\np4\n\n"
    yield f"add map {hosts} k9 v9 <<\np8 x\n\n"
    yield "add map <<\np8 x\n\n"
    yield "add map nix <<\na b\n\n"
    yield f"show map {hosts}"
    yield f"show acl {bad}"
    yield "show acl #77"
    yield "show acl #23"
    for words in ("", hosts, f"{hosts} k", f"{hosts} k changed", f"{hosts} k changed more", f"{hosts} nokey v", f"{hosts} #0x123 v",
                  f"{hosts} #zz v", "nix k v", f"{bad} k v", f"{ints} k1 17"):
        yield f"set map {words}"
    yield f"show map {hosts}"
    yield f"show map {ints}"
    yield f"get map {ints} k1"
    for words in ("", hosts, f"{hosts} nokey", f"{hosts} k", f"{hosts} #0x123", f"{hosts} #", f"{hosts} #zz", "nix k", f"{bad} 1.2.3.4"):
        yield f"del map {words}"
    for words in ("", bad, "nix a", f"{bad} 1.2.3.4", f"{bad} 1.2.3.4", f"{both} z", f"{both} q", f"{hosts} b.example"):
        yield f"del acl {words}"
    yield f"show map {hosts}"
    yield f"show acl {bad}"
    for kind, own, other in (("map", hosts, bad), ("acl", bad, hosts)):
        pair = "x.example new" if kind == "map" else "9.9.9.9"
        for words in ("", "nix", other, own, own):
            yield f"prepare {kind} {words}"
        yield f"add {kind} @1 {own} {pair}"
        yield f"add {kind} @2 {own} {pair}"
        for version in (0, 1, 2):
            yield f"show {kind} @{version} {own}"
        yield f"clear {kind} @1 {own}"
        yield f"show {kind} @1 {own}"
        yield f"clear {kind} @7 {own}"
        for words in ("", own, f"@7 {own}", f"@0 {own}", f"@x {own}", "@2 nix", "@2", f"@2 {other}", f"@2 {own}"):
            yield f"commit {kind} {words}"
        yield f"show {kind} {own}"
        yield f"show {kind}"
        yield f"commit {kind} @1 {own}"
        yield f"commit {kind} @2 {own}"
        for words in ("", "nix", other, own):
            yield f"clear {kind} {words}"
        yield f"show {kind} {own}"
    yield f"prepare acl {both}"
    yield f"commit acl @1 {both}"
    yield "add"
    yield "prepare"


class Tested:
    def __init__(self, binary, stack):
        self.directory = stack.enter_context(tempfile.TemporaryDirectory(prefix="tandem-test-"))
        for name, text in FILES.items():
            with open(os.path.join(self.directory, name), "w", encoding="ascii") as file:
                file.write(text)
        listener = stack.enter_context(listening_socket())
        self.address = listener.getsockname()
        stack.enter_context(Proxy(binary, CONFIG.format(d=self.directory), {"fe": listener},
                                  directory=self.directory)).wait_serving(f"{self.directory}/admin")

    def ask(self, text, socket="admin"):
        text = text.replace(FOLDER, self.directory)
        answer = command(f"{self.directory}/{socket}", text.removesuffix("\n"))
        answer = re.sub(r"^0x[0-9a-f]+ ", "REF ", answer.replace(self.directory, FOLDER), flags=re.M)
        answer = re.sub(r"file '[^']*' (line \d+)", r"file 'CONFIG' \1", answer)
        answer = re.sub(r"^\d+ \(\) acl 'var' file 'CONFIG' line 0\. .*\n", "", answer, flags=re.M)  # haproxy's own
        return re.sub(r"entry_cnt=\d+", "entry_cnt=N", answer)

    def raw(self, text):
        return command(f"{self.directory}/admin", text.replace(FOLDER, self.directory))


FOLDER = "/FOLDER"


class Beside(unittest.TestCase):
    maxDiff = None

    def setUp(self):
        stack = contextlib.ExitStack()
        self.addCleanup(stack.close)
        self.reference = Tested(need_program("haproxy"), stack)
        self.tested = Tested(need_program(os.environ.get("TANDEM_TESTED", "lbd")), stack)

    def test_answers(self):
        for line in commands(FOLDER):
            with self.subTest(line):
                wanted, got = self.reference.ask(line), self.tested.ask(line)
                if line in ("add", "prepare"):  # which commands there are is not the matter here
                    wanted, got = (re.findall(r"^  (\w+ (?:map|acl) .*)$", text, re.M) for text in (wanted, got))
                self.assertEqual(got, wanted)

    def test_a_client_of_the_lowest_level(self):
        for line in (f"show map {FOLDER}/hosts.map", f"add map {FOLDER}/hosts.map u v", f"set map {FOLDER}/hosts.map u w",
                     f"show map {FOLDER}/hosts.map", f"del map {FOLDER}/hosts.map u", "add acl #77 u", f"prepare acl {FOLDER}/bad.lst",
                     f"commit acl @1 {FOLDER}/bad.lst", f"clear map {FOLDER}/hosts.map", "show map"):
            with self.subTest(line):
                self.assertEqual(self.tested.ask(line, "user"), self.reference.ask(line, "user"))

    def test_entries_by_reference(self):
        for proxy in (self.reference, self.tested):
            proxy.raw(f"add map {FOLDER}/int.map k1 5")
            refs = [line.split()[0] for line in proxy.raw(f"show map {FOLDER}/int.map").splitlines() if line]
            self.assertEqual(proxy.raw(f"set map {FOLDER}/int.map #{refs[2]} 6"), "\n")
            self.assertEqual(proxy.raw(f"del map {FOLDER}/int.map #{refs[0]}"), "\n")
            self.assertEqual(proxy.ask(f"show map {FOLDER}/int.map"), "REF k2 2\nREF k1 6\n\n")
            self.assertEqual(proxy.raw(f"del map {FOLDER}/int.map #{refs[0]}"), "Key not found.\n\n")

    def test_counts(self):
        for proxy in (self.reference, self.tested):
            self.assertIn("entry_cnt=2\n", re.search(r".*int\.map.*\n", proxy.raw("show map"))[0])
            proxy.raw(f"add map {FOLDER}/int.map k3 5")
            self.assertIn("entry_cnt=3\n", re.search(r".*int\.map.*\n", proxy.raw("show map"))[0])

    def test_what_rules_change_is_shown(self):
        for proxy in (self.reference, self.tested):
            for path in ("/set1?5", "/set2?6", "/set1?7", "/del", "/add", "/add"):
                get(proxy.address, path)
        for name in ("map /FOLDER/acted.map", "acl /FOLDER/acted.lst"):
            self.assertEqual(self.tested.ask(f"show {name}"), self.reference.ask(f"show {name}"))
        self.assertIn("/set1 7", self.tested.ask("show map /FOLDER/acted.map"))

    def test_what_commands_change_holds_for_the_next_request(self):
        for proxy in (self.reference, self.tested):
            self.assertEqual(get(proxy.address, "/x").status, 200)
            proxy.raw("add acl #77 /x")
            proxy.raw(f"add acl {FOLDER}/bad.lst 127.0.0.0/8")
            proxy.raw("add acl #2 /x")
            self.assertEqual(get(proxy.address, "/x").status, 403)
            proxy.raw("del acl #77 /x")
            self.assertEqual(get(proxy.address, "/x").status, 200)


if __name__ == "__main__":
    unittest.main()
