#!/usr/bin/env python3
"""The MIB is without fault, and says what lbsnmpd serves: the same numbers, names and types."""

import os
import re
import subprocess
import sys
import tempfile
import unittest

sys.path.insert(0, os.path.dirname(os.path.dirname(os.path.abspath(__file__))))

from support.process import need_program, run  # noqa: E402
from support.snmp import ARC, MIB, ROOT, mib_path  # noqa: E402

# What the types of the MIB are in a message.
BASE = {"Integer32": "INTEGER", "INTEGER": "INTEGER", "TruthValue": "INTEGER", "TandemStatus": "INTEGER",
        "TandemMode": "INTEGER", "TandemVrrpState": "INTEGER", "TandemKindOfEvent": "INTEGER", "Gauge32": "Gauge32",
        "Counter64": "Counter64", "TimeTicks": "TimeTicks", "TimeStamp": "TimeTicks", "SnmpAdminString": "OCTET STRING",
        "DateAndTime": "OCTET STRING"}


def read(path):
    with open(path, encoding="ascii") as file:
        return file.read()


def smi(program, *words):
    """smilint's exit code is always 0: what it says is what counts."""
    with tempfile.NamedTemporaryFile() as configuration:
        done = subprocess.run([need_program(program), "-c", configuration.name, *words], stdout=subprocess.PIPE,
                              stderr=subprocess.STDOUT, env={**os.environ, "SMIPATH": mib_path()}, check=False, timeout=60)
    return done.stdout.decode()


class Mib(unittest.TestCase):
    def test_smilint_finds_nothing(self):
        self.assertEqual(smi("smilint", "-l", "6", MIB), "")

    def test_smilint_would_find_something(self):
        for find, put in (("SYNTAX      Gauge32", "SYNTAX      Guage32"), ("{ tandemSystem 7 }", "{ tandemSystem 8 }"),
                          ("        tandemHealth,\n", "")):
            with tempfile.TemporaryDirectory() as directory:
                path = os.path.join(directory, "TANDEM-MIB.txt")
                text = read(MIB)
                self.assertIn(find, text)
                with open(path, "w", encoding="ascii") as file:
                    file.write(text.replace(find, put, 1))
                self.assertNotEqual(smi("smilint", "-l", "6", path), "", find)

    def objects(self):
        """{number: (name, type)} of all readable objects of the MIB."""
        syntax = dict(re.findall(r"^(\w+) OBJECT-TYPE\n\s+SYNTAX\s+(\w+)", read(MIB), re.M))
        out = {}
        for name, kind, oid in re.findall(r"^TANDEM-MIB +(\S+) +(\S+) +(\S+)$", smi("smidump", "-f", "identifiers", MIB), re.M):
            if kind in ("scalar", "column") and syntax[name] != "TandemIndex":
                out[oid] = (name, BASE[syntax[name]])
        return out

    def test_the_mib_is_what_is_served(self):
        code, out, _ = run([need_program("lbsnmpd"), "-o"])
        self.assertEqual(code, 0)
        served = dict()
        for line in out.splitlines():
            oid, name, kind = line.split(" ", 2)
            if ("." + oid).startswith(ARC + "."):
                served[oid] = (name, kind)
        self.assertGreater(len(served), 200)
        self.assertEqual(served, self.objects())

    def test_notifications_are_numbered_like_kinds_of_events(self):
        text = read(MIB)
        kinds = dict(re.findall(r"(\w+)\((\d+)\)", text[text.index("TandemKindOfEvent ::="):].split("}", 1)[0]))
        notes = {name: number for name, number in re.findall(
            r"^tandem(\w+) NOTIFICATION-TYPE.*?::= \{ tandemNotifications (\d+) \}", text, re.M | re.S)}
        self.assertEqual({name[0].upper() + name[1:]: number for name, number in kinds.items()}, notes)
        code = read(os.path.join(ROOT, "snmp/snapshot.h"))
        body = code[code.index("enum class EventKind"):].split("{", 1)[1].split("}", 1)[0]
        number, seen = 0, set()
        for word in re.sub(r"//.*", "", body).split(","):
            match = re.fullmatch(r"\s*(\w+)(?:\s*=\s*(\d+))?\s*", word)
            number = int(match[2]) if match[2] else number + 1
            seen.add(str(number))
        self.assertEqual(seen, set(kinds.values()))


if __name__ == "__main__":
    sys.exit(unittest.main(verbosity=1))
