#!/usr/bin/env python3
"""The tree keeps its own rules: includes go only downwards in the order of CMakeLists.txt, every row that registers itself
has a doc line and is named in some test, and unit tests stand at the same paths as their sources.
"""

import os
import re
import sys
import unittest

ROOT = os.path.dirname(os.path.dirname(os.path.abspath(__file__)))


def read(path):
    with open(os.path.join(ROOT, path), encoding="utf-8") as file:
        return file.read()


def files(folder, *endings):
    for directory, _, names in os.walk(os.path.join(ROOT, folder)):
        for name in sorted(names):
            if name.endswith(endings):
                yield os.path.relpath(os.path.join(directory, name), ROOT)


def modules():
    """{module: the modules that it may use, itself included}, from tandem_module(X USES …) and tandem_proto(X)."""
    text = read("CMakeLists.txt")
    uses = {name: used.split() for name, used in re.findall(r"^tandem_module\((\S+)(?:\s+USES ([^)]*))?\)", text, re.M)}
    uses |= {name: [] for name in re.findall(r"^tandem_proto\((\S+)\)", text, re.M)}
    closure = {}

    def close(name):
        if name not in closure:
            closure[name] = {name}
            for used in uses[name]:
                if used in uses:  # LIBS is none
                    closure[name] |= close(used)
        return closure[name]

    for name in uses:
        close(name)
    return closure


MODULES = modules()


def module_of(path):
    """The innermost module whose folder holds the file; None outside of all."""
    folder = os.path.dirname(path)
    while folder:
        if folder in MODULES:
            return folder
        folder = os.path.dirname(folder)
    return None


def sources():
    for top in sorted({name.split("/")[0] for name in MODULES}):
        yield from files(top, ".h", ".cc")


class Includes(unittest.TestCase):
    def test_they_go_downwards(self):
        wrong = []
        for path in sources():
            own = module_of(path)
            if os.path.basename(path) == "main.cc":
                continue
            for included in re.findall(r'^#include "([^"]+)"', read(path), re.M):
                other = module_of(included)
                if other is None:
                    wrong.append(f"{path}: \"{included}\" is in no module")
                elif other not in MODULES[own]:
                    wrong.append(f"{path}: {own} may not use {other} (\"{included}\")")
                elif not included.endswith(".pb.h") and not os.path.exists(os.path.join(ROOT, included)):
                    wrong.append(f"{path}: \"{included}\" does not exist")
        self.assertEqual(wrong, [])

    def test_no_module_uses_itself_through_others(self):
        for name, used in MODULES.items():
            for other in used - {name}:
                self.assertNotIn(name, MODULES[other], f"{name} and {other} use each other")


def tables():
    """(file, table text) of each array that a Registered<> of the same file enrols."""
    for path in sources():
        if not path.endswith(".cc"):
            continue
        text = read(path)
        for name in re.findall(r"Registered<[^;]*?>\s+\w+\((\w+)\)", text) + re.findall(r"\bconst \w+s \w+\((k\w+)\);", text):
            begin = re.search(rf"constexpr [\w:<>]+ {name}\[\] = \{{", text)
            if begin:
                yield path, text[begin.end():text.find("\n};", begin.end())]


class Headers(unittest.TestCase):
    def test_each_opens_with_a_comment(self):
        bare = [path for path in sources() if path.endswith(".h") and not read(path).startswith("// ")]
        self.assertEqual(bare, [])


class Rows(unittest.TestCase):
    def test_each_has_a_doc_line(self):
        without = []
        for path, table in tables():
            rows = re.split(r"\{\s*\.name = ", table)[1:]
            without += [f"{path}: {row.split(',')[0]}" for row in rows if not re.search(r'\.doc = (k|")', row)]
        self.assertEqual(without, [])

    def test_each_is_named_in_a_test(self):
        words = set()
        for path in files("tests", ".cc", ".h", ".py", ".cfg", ".conf", ".txt"):
            text = read(path)
            words |= set(re.findall(r"[\w.+-]+", text)) | set(re.findall(r"\w+", text))
        unnamed = [f"{path}: {name}" for path, table in tables() for name in re.findall(r'\{\s*\.name = "([^"]+)"', table)
                   if not all(word in words for word in re.findall(r"[\w.+-]+", name))]
        self.assertEqual(unnamed, [])


class Mirror(unittest.TestCase):
    def test_each_unit_test_stands_in_the_folder_of_what_it_tests(self):
        alone = [path for path in files("tests", "_test.cc", "_fuzz.cc")
                 if not os.path.isdir(os.path.join(ROOT, os.path.dirname(os.path.relpath(path, "tests"))))]
        self.assertEqual(alone, [])


if __name__ == "__main__":
    sys.exit(unittest.main(verbosity=1))
