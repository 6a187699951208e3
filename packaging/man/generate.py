#!/usr/bin/env python3
"""Writes the manual pages: generate.py FOLDER OUT takes the X.in beside this file, fills in what the programs in FOLDER say
of themselves, and writes OUT/X. A line of a template that is one of

    @options PROGRAM@      the options of its usage
    @commands PROGRAM@     the commands of its usage
    @words PROGRAM@        the words of its configuration

is replaced, so that a page never lists other words than the parser knows.
"""

import os
import re
import subprocess
import sys

HERE = os.path.dirname(os.path.abspath(__file__))


def escape(text):
    text = text.replace("\\", "\\e").replace("-", "\\-").replace("^", "\\(ha").replace("~", "\\(ti").replace("`", "\\(ga")
    return "\\&" + text if text.startswith((".", "'")) else text


def item(term, text):
    return f".TP\n.B {escape(term)}\n{escape(text)}\n" if text else f".TP\n.B {escape(term)}\n"


class Programs:
    def __init__(self, folder):
        self.folder = folder

    def say(self, program, *arguments):
        run = subprocess.run([os.path.join(self.folder, program), *arguments], capture_output=True, text=True, timeout=60,
                             check=False)
        return run.stdout + run.stderr

    def usage(self, program):
        return self.say(program, "--help" if program == "vrrpd" else "-h")

    def options(self, program):
        """[(option, meaning)] of the lines of its usage that name one."""
        return re.findall(r"^ +(-\S.*?)(?:  +| (?=[a-z']))(\S.*)$", self.usage(program), re.M)

    def commands(self, program):
        return re.findall(r"^ +(\S+)  +(\S.*)$", self.usage(program).partition("Commands:\n")[2], re.M)

    def words(self, program):
        """{heading: [(word, where it may stand, meaning)]}"""
        sections = {}
        if program == "lbd":
            for part in re.split(r"^## ", self.say("lbd", "-dKmarkdown"), flags=re.M)[1:]:
                heading, _, table = part.partition("\n")
                rows = re.findall(r"^\| `(.*?)` \| (.*?) ?\| (.*) \|$", table.replace("\\|", "|"), re.M)
                sections[heading] = rows
            return sections
        rows = [line.split("\t") for line in self.say(program, "--words" if program == "vrrpd" else "-w").splitlines()]
        for *block, word, meaning in rows:
            name = block[0] if block and block[0] else "The file" if block else "Words"
            sections.setdefault(name, []).append((word, "", meaning))
        return sections


def expand(programs, line):
    match = re.fullmatch(r"@(\w+)(?: (\w+))?@", line)
    if not match:
        return line + "\n"
    what, program = match.groups()
    if what == "options":
        return "".join(item(*row) for row in programs.options(program))
    if what == "commands":
        return "".join(item(*row) for row in programs.commands(program))
    text = ""
    for heading, rows in programs.words(program).items():
        text += f".SS {escape(heading)}\n"
        for word, where, meaning in rows:
            text += item(word, f"{meaning} [{where}]" if where else meaning)
    return text


def main():
    folder, out = sys.argv[1:]
    programs = Programs(folder)
    os.makedirs(out, exist_ok=True)
    for name in sorted(os.listdir(HERE)):
        if not name.endswith(".in"):
            continue
        with open(os.path.join(HERE, name), encoding="utf-8") as template:
            page = "".join(expand(programs, line) for line in template.read().splitlines())
        with open(os.path.join(out, name[:-3]), "w", encoding="utf-8") as file:
            file.write(page)


if __name__ == "__main__":
    main()
