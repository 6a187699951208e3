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


def struct_members(text):
    """Names of the data members of the structs in a header of the model, and of its Option bits."""
    text = re.sub(r"//[^\n]*", "", text)
    names = set(re.findall(r"\w+", re.search(r"enum class Option[^{]*\{([^}]*)\}", text)[1])) if "enum class Option" in text else set()
    for body in re.findall(r"\bstruct \w+[^{;]*\{(.*?)\n\}", text, re.S):
        plain = re.sub(r"<[^;]*>", "", re.sub(r"\{[^{}]*\}|= [\w:]+\(\)", "", body))
        for line in plain.split(";"):
            if "(" not in line and "enum " not in line:
                names |= set(re.findall(r"(\w+)\s*(?:=[^,]*)?(?:,|$)", line.strip()))
    return names


class Effects(unittest.TestCase):
    """A word that is read has an effect, or says that it has none: what its setter stores is used outside of the folder that
    reads the configuration, or the row is `pending` (the operator is warned) or a hint (its doc line says so)."""

    FOLDER = "lbd/config"
    # What makes a model of words counts as use of them.
    LINKER = ("lbd/config/link.cc",)

    @classmethod
    def setUpClass(cls):
        cls.members = set()
        for name in ("bind", "compression", "global", "proxy", "server", "tls"):
            cls.members |= struct_members(read(f"{cls.FOLDER}/{name}.h"))
        used = [path for path in files("lbd", ".h", ".cc") if not path.startswith(cls.FOLDER + "/")]
        text = "".join(re.sub(r"//[^\n]*", "", read(path)) for path in used + list(cls.LINKER))
        cls.used = {name for name in cls.members if re.search(rf"(\.|->|::){name}\b", text)}

    def functions(self, text):
        """{name: body} of the functions of a file."""
        return {name: body for name, body in re.findall(r"^(?:[\w:<>&*]+ )+(\w+)\([^;{]*\) \{\n(.*?)^\}", text, re.S | re.M)}

    def stored(self, setter, functions):
        """The members that a setter names, itself or in the functions of its file that it calls. None: it has no place in
        the model, but speaks to the operator or changes how the rest is read."""
        path = re.findall(r"&\w+::(\w+)", setter)
        if path:
            return set(path)
        bits = re.findall(r"Option::(\w+)", setter)
        if bits:
            return set(bits)
        body, todo = "", [setter]
        while todo:
            piece = todo.pop()
            body += piece
            todo += [functions.pop(name) for name in re.findall(r"\w+", piece) if name in functions]
        found = set(re.findall(r"(?:&\w+::|\b(?:bind|global|tune|proxy|server|model|Tune|\w+Check)(?:\.|::))(\w+)", body)) & self.members
        # Where a word stood is for messages of the load.
        found = {name for name in found if not name.endswith("location") and name != "is_defaults"}
        if found or not re.search(r"error|warn|environment\(\)", body):
            return found
        return None

    def test_each_word_has_one_or_says_that_it_has_none(self):
        silent = []
        shared = self.functions(read(f"{self.FOLDER}/tls_words.h"))
        for path in sorted(files(self.FOLDER, ".cc")):
            text = read(path)
            functions = self.functions(text) | shared
            for table in re.findall(r"constexpr (?:Global|Proxy|Server|Bind)Word k\w+\[\] = \{\n(.*?)^\};", text, re.S | re.M):
                for row in re.split(r"^    \{(?=\.name = )", table, flags=re.M)[1:]:
                    setter = re.search(r"\.set =\s*(.*)", row, re.S)[1]
                    marked = ".pending = " in row or re.search(r"\.flags = [^,}]*kHint", row) or "skip_line" in setter
                    undoing = '.doc = "Undoes' in row
                    line_of_rows = setter.startswith("parse_")
                    if marked or undoing or line_of_rows:
                        continue
                    stored = self.stored(setter, dict(functions))
                    if stored is not None and (not stored or stored - self.used):
                        silent.append(f"{path}: {row.split(',')[0]} ({', '.join(sorted(stored))})")
        self.assertFalse(silent, "\n".join(silent))


class Mirror(unittest.TestCase):
    def test_each_unit_test_stands_in_the_folder_of_what_it_tests(self):
        alone = [path for path in files("tests", "_test.cc", "_fuzz.cc")
                 if not os.path.isdir(os.path.join(ROOT, os.path.dirname(os.path.relpath(path, "tests"))))]
        self.assertEqual(alone, [])


if __name__ == "__main__":
    sys.exit(unittest.main(verbosity=1))
