#!/usr/bin/env python3
"""What is packaged is sound before it is installed: units, files of /etc, manual pages and completions. What an installation
does is `make deb-test`."""

import os
import re
import shutil
import subprocess
import sys
import tempfile
import unittest

sys.path.insert(0, os.path.dirname(os.path.dirname(os.path.abspath(__file__))))

from support.process import build_dir, find_program, need_program  # noqa: E402

ROOT = os.path.dirname(os.path.dirname(os.path.dirname(os.path.abspath(__file__))))
PACKAGING = os.path.join(ROOT, "packaging")
UNITS = ("lbd", "vrrpd", "syncd", "applyd", "lbsnmpd")
PROGRAMS = ("lbd", "vrrpd", "syncd", "applyd", "lbctl", "lbsnmpd")
MOST_EXPOSED = 4.0


def tool(name):
    path = shutil.which(name, path=os.environ.get("PATH", "") + ":/usr/sbin:/sbin")
    if path is None:
        raise unittest.SkipTest(f"no {name} here")
    return path


def run(argv, env=None):
    return subprocess.run(argv, stdin=subprocess.DEVNULL, capture_output=True, text=True, timeout=120, env=env, check=False)


def read(*path):
    with open(os.path.join(*path), encoding="utf-8") as file:
        return file.read()


class Case(unittest.TestCase):
    def setUp(self):
        folder = tempfile.TemporaryDirectory(prefix="tandem-test-")
        self.addCleanup(folder.cleanup)
        self.directory = folder.name

    def write(self, name, text):
        path = os.path.join(self.directory, name)
        os.makedirs(os.path.dirname(path), exist_ok=True)
        with open(path, "w", encoding="utf-8") as file:
            file.write(text)
        return path


class Units(Case):
    def test_systemd_understands_them(self):
        analyze = tool("systemd-analyze")
        paths = [self.write("tandem.target", read(PACKAGING, "systemd/tandem.target"))]
        for unit in UNITS:
            text = read(PACKAGING, "systemd", unit + ".service").replace("/usr/sbin/", build_dir() + "/")
            paths.append(self.write(unit + ".service", text))
        done = run([analyze, "verify", "--man=no", "--recursive-errors=no", *paths])
        self.assertEqual((done.returncode, done.stdout + done.stderr), (0, ""))

    def exposure(self, unit, drop_in=""):
        """As systemd-analyze counts it: 0 is a unit that may do nothing, 10 one that may do everything."""
        # A drop-in has the last word for what is set, and adds to what is a list, as further lines of the unit would.
        self.write(f"etc/systemd/system/{unit}.service", read(PACKAGING, "systemd", unit + ".service") + "\n" + drop_in)
        done = run([tool("systemd-analyze"), "security", "--offline=yes", f"--root={self.directory}", "--no-pager",
                    f"{unit}.service"])
        return float(re.search(r"Overall exposure level for \S+: ([0-9.]+)", done.stdout + done.stderr).group(1))

    def test_rights_are_the_least(self):
        for unit in UNITS:
            self.assertLessEqual(self.exposure(unit), MOST_EXPOSED, unit)
        self.assertLessEqual(self.exposure("lbd", read(PACKAGING, "systemd/haproxy/lbd.conf")), MOST_EXPOSED)
        # Its test: a unit without the words that lock it up is exposed.
        bare = re.sub(r"(?m)^(Protect|Restrict|Private|NoNew|System|Cap|Lock|Remove|User|Memory).*\n", "",
                      read(PACKAGING, "systemd/lbd.service"))
        self.write("etc/systemd/system/bare.service", bare)
        done = run([tool("systemd-analyze"), "security", "--offline=yes", f"--root={self.directory}", "--no-pager",
                    "bare.service"])
        self.assertGreater(float(re.search(r"level for \S+: ([0-9.]+)", done.stdout + done.stderr).group(1)), MOST_EXPOSED)

    def test_each_is_notified_and_watched_over(self):
        for unit in UNITS:
            text = read(PACKAGING, "systemd", unit + ".service")
            for line in ("Type=notify", "Restart=always", "NoNewPrivileges=yes", "ProtectSystem=strict", "PartOf=tandem.target"):
                self.assertIn(line + "\n", text, unit)
            self.assertRegex(text, r"(?m)^WatchdogSec=\d+$", unit)
            # applyd replaces files of root's.
            self.assertRegex(text, r"(?m)^User=root$" if unit == "applyd" else r"(?m)^User=tandem(-\w+)?$", unit)

    def test_the_defaults_are_those_of_the_units(self):
        """Each variable of /etc/default/tandem is used, and each used one is there, with the value that the units have."""
        default = dict(re.findall(r"(?m)^#(\w+)=(.*)$", read(PACKAGING, "debian/tandem.default")))
        used = {}
        for unit in UNITS:
            text = read(PACKAGING, "systemd", unit + ".service")
            used |= {name: "" for name in re.findall(r"\$\{?([A-Z]+_[A-Z]+)\}?", text)}
            used |= dict(re.findall(r"(?m)^Environment=(\w+)=(.*)$", text))
        self.assertEqual(default, used)


class Files(Case):
    def test_lbd_takes_its_file(self):
        # The group is made by the package.
        path = self.write("lbd.cfg", read(PACKAGING, "etc/lbd.cfg").replace("group tandem", "group root"))
        done = run([need_program("lbd"), "-c", "-dW", "-f", path])
        self.assertEqual((done.returncode, done.stderr), (0, ""), done.stdout)

    def test_vrrpd_takes_its_file_and_the_example_in_it(self):
        text = read(PACKAGING, "etc/vrrpd.conf")
        for name, whole in (("vrrpd.conf", text), ("example.conf", re.sub(r"(?m)^#(?=vrrp|    |\})", "", text))):
            done = run([need_program("vrrpd"), "-t", "-f", self.write(name, whole), "-i", "lb1"])
            self.assertEqual((done.returncode, done.stdout + done.stderr), (0, ""), name)

    def test_syncd_takes_its_file_and_the_example_in_it(self):
        text = read(PACKAGING, "etc/syncd.conf")
        secret = self.write("secret", "0123456789abcdef0123456789abcdef\n")
        os.chmod(secret, 0o600)
        example = re.sub(r"(?m)^#(?=peer|secret)", "", text).replace("/etc/tandem/secret", secret) + "node lb1\n"
        for name, whole in (("syncd.conf", text), ("example.conf", example)):
            done = run([need_program("syncd"), "-c", "-f", self.write(name, whole)])
            self.assertEqual((done.returncode, done.stderr), (0, ""), name)

    def test_scripts_are_shell(self):
        for name in ("after-upgrade", "debian/tandem.postinst", "debian/tandem.postrm", "debian/tandem-snmp.postinst",
                     "debian/tandem-snmp.postrm"):
            done = run(["sh", "-n", os.path.join(PACKAGING, name)])
            self.assertEqual((done.returncode, done.stderr), (0, ""), name)


class Container(Case):
    def entrypoint(self, *words):
        self.write("bin/lbd", "#!/bin/sh\necho lbd \"$@\"\n")
        os.chmod(os.path.join(self.directory, "bin/lbd"), 0o755)
        env = dict(os.environ, PATH=os.path.join(self.directory, "bin") + ":" + os.environ["PATH"])
        done = run([os.path.join(PACKAGING, "container/entrypoint"), *words], env)
        self.assertEqual(done.stderr, "")
        return done.stdout.strip()

    def test_commands_of_the_haproxy_image_work(self):
        path = "/usr/local/etc/haproxy/haproxy.cfg"
        for words in (("lbd", "-f", path), ("haproxy", "-f", path), ("-f", path)):
            self.assertEqual(self.entrypoint(*words), f"lbd -W -db -f {path}", words)
        self.assertEqual(self.entrypoint("echo", "else"), "else")

    def test_lbd_takes_the_files(self):
        for name in ("haproxy.cfg", "origin.cfg"):
            done = run([need_program("lbd"), "-c", "-f", os.path.join(PACKAGING, "container", name)])
            self.assertEqual((done.returncode, done.stderr), (0, ""), name)


class Lab(Case):
    def test_vagrant_takes_the_file(self):
        vagrant = tool("vagrant")
        env = dict(os.environ, VAGRANT_HOME=os.path.join(self.directory, "home"), VAGRANT_CWD=os.path.join(ROOT, "vagrant"),
                   VAGRANT_DOTFILE_PATH=os.path.join(self.directory, "dot"), VAGRANT_CHECKPOINT_DISABLE="1", HOME=self.directory)
        done = run([vagrant, "validate", "--ignore-provider"], env)
        self.assertEqual(done.returncode, 0, done.stdout + done.stderr)
        self.assertIn("validated successfully", done.stdout)

    def test_what_is_provisioned_is_taken(self):
        text = read(ROOT, "vagrant/provision")
        files = dict(re.findall(r"(?ms)^ *cat >(/etc/tandem/\w+\.\w+) <<'?CFG'?\n(.*?)^CFG$", text.partition("exit 0\nfi\n\ncat")[2].join(("cat", ""))))
        self.assertEqual(set(files), {"/etc/tandem/lbd.cfg", "/etc/tandem/vrrpd.conf", "/etc/tandem/syncd.conf"})
        secret = self.write("secret", "tandem-lab-tandem-lab-tandem-lab\n")
        os.chmod(secret, 0o600)
        lbd = self.write("lbd.cfg", files["/etc/tandem/lbd.cfg"].replace("group tandem", "group root"))
        vrrpd = self.write("vrrpd.conf", files["/etc/tandem/vrrpd.conf"].replace("$device", "eth0").replace("$interval", "0.1"))
        syncd = self.write("syncd.conf", "node lb1\n" + files["/etc/tandem/syncd.conf"].replace("/etc/tandem/secret", secret))
        for argv in (("lbd", "-c", "-dW", "-f", lbd), ("vrrpd", "-t", "-i", "lb1", "-f", vrrpd), ("syncd", "-c", "-f", syncd)):
            done = run([need_program(argv[0]), *argv[1:]])
            self.assertEqual((done.returncode, done.stderr), (0, ""), argv)

    def test_scenarios_are_told(self):
        done = run([os.path.join(ROOT, "vagrant/scenarios"), "--list"])
        self.assertEqual(done.returncode, 0, done.stderr)
        names = [line.split()[0] for line in done.stdout.splitlines()]
        self.assertLessEqual({"planned", "power", "freeze", "cable", "partition-both", "reload", "upgrade", "disk", "clock"}, set(names))
        for daemon in ("lbd", "vrrpd", "syncd"):
            self.assertLessEqual({f"kill-{daemon}", f"stop-{daemon}"}, set(names))


class Manual(Case):
    @classmethod
    def setUpClass(cls):
        cls.folder = tempfile.TemporaryDirectory(prefix="tandem-test-")
        subprocess.run([sys.executable, os.path.join(PACKAGING, "man/generate.py"), build_dir(), cls.folder.name], check=True)
        cls.pages = {name: os.path.join(cls.folder.name, name) for name in os.listdir(cls.folder.name)}

    @classmethod
    def tearDownClass(cls):
        cls.folder.cleanup()

    def test_there_is_one_of_each(self):
        self.assertEqual(set(self.pages), {"lbd.1", "lbctl.1", "lbd.cfg.5", "vrrpd.8", "syncd.8", "applyd.8", "lbsnmpd.8"})

    def test_mandoc_has_nothing_to_say(self):
        for name, path in self.pages.items():
            done = run([tool("mandoc"), "-T", "lint", "-W", "warning", path])
            self.assertEqual((done.returncode, done.stdout), (0, ""), name)

    def test_man_has_nothing_to_say(self):
        tool("man")
        env = dict(os.environ, LC_ALL="C.UTF-8", MANROFFSEQ="", MANWIDTH="80")
        for name, path in self.pages.items():
            done = run(["man", "--warnings", "-E", "UTF-8", "-l", "-Tutf8", "-Z", path], env=env)
            self.assertEqual((done.returncode, done.stderr), (0, ""), name)

    def bold(self, name):
        """The terms of a page, as they are read."""
        text = re.findall(r"(?m)^\.TP\n\.B (.*)$", read(self.pages[name]))
        for written, meant in (("\\(ha", "^"), ("\\(ti", "~"), ("\\(ga", "`"), ("\\-", "-"), ("\\&", ""), ("\\e", "\\")):
            text = [term.replace(written, meant) for term in text]
        return text

    def test_lbd_cfg_has_each_word(self):
        words = re.findall(r"(?m)^\| `(.*?)` \|", run([need_program("lbd"), "-dKmarkdown"]).stdout.replace("\\|", "|"))
        self.assertGreater(len(words), 1000)
        self.assertEqual(sorted(set(words) - set(self.bold("lbd.cfg.5"))), [])

    def test_vrrpd_and_syncd_have_each_word(self):
        for program, argument, page, least in (("vrrpd", "--words", "vrrpd.8", 150), ("syncd", "-w", "syncd.8", 15)):
            words = [line.split("\t")[-2] for line in run([need_program(program), argument]).stdout.splitlines()]
            self.assertGreater(len(words), least)
            self.assertEqual(sorted(set(words) - set(self.bold(page))), [], page)

    def test_each_option_and_command_is_told(self):
        for program, page in (("lbd", "lbd.1"), ("vrrpd", "vrrpd.8"), ("syncd", "syncd.8"), ("lbctl", "lbctl.1"),
                              ("lbsnmpd", "lbsnmpd.8")):
            done = run([need_program(program), "--help" if program == "vrrpd" else "-h"])
            letters = set(re.findall(r"(?m)^ +(-[A-Za-z])\b", done.stdout + done.stderr))
            self.assertGreater(len(letters), 4, program)
            terms = self.bold(page)
            self.assertEqual([letter for letter in sorted(letters) if not any(t.startswith(letter) for t in terms)], [], program)
        for command in lbctl_commands():
            self.assertIn(command, self.bold("lbctl.1"))


def lbctl_commands():
    """Of the rows themselves, not of the usage that the completion reads."""
    names = []
    for file in sorted(os.listdir(os.path.join(ROOT, "lbctl"))):
        text = read(ROOT, "lbctl", file)
        for table in re.findall(r"constexpr CommandRow k\w+\[\] = \{(.*?)\n\};", text, re.S):
            names += re.findall(r'\{\s*\.name = "([^"]+)"', table)
    assert "status" in names and "failover" in names, names
    return names


class Completion(Case):
    def bash(self, *words):
        script = (f"source {PACKAGING}/completion/tandem.bash\n"
                  'COMP_WORDS=("$@"); COMP_CWORD=$(($# - 1)); _tandem "$1" "${@: -1}" "${@: -2:1}"; printf "%s\\n" "${COMPREPLY[@]}"')
        done = run(["bash", "--norc", "-c", script, "bash", *words])
        self.assertEqual(done.stderr, "")
        return done.stdout.split()

    def zsh(self, *words):
        script = ("_describe() { local name=${@[-1]}; print -rl -- ${(P)name}; }; _files() { print files }\n"
                  'words=("$@"); CURRENT=$#; source ' + PACKAGING + "/completion/_tandem")
        done = run([tool("zsh"), "-f", "-c", script, "zsh", *words])
        self.assertEqual(done.stderr, "")
        return [line.split(":")[0] for line in done.stdout.splitlines()]

    def test_commands_of_lbctl(self):
        lbctl = need_program("lbctl")
        for shell in (self.bash, self.zsh):
            self.assertLessEqual(set(lbctl_commands()), set(shell(lbctl, "")), shell)
            self.assertIn("status", shell(lbctl, "-s", "/run/x.sock", ""))
        self.assertEqual(self.bash(lbctl, "stat"), ["status"])
        self.assertNotIn("status", self.bash(lbctl, "show", ""))
        self.assertEqual(self.zsh(lbctl, "show", ""), ["files"])

    def test_options(self):
        for program in PROGRAMS:
            path = find_program(program)
            done = run([path, "--help" if program == "vrrpd" else "-h"])
            wanted = set(re.findall(r"(?m)^ +(-[A-Za-z])(?= |,)", done.stdout + done.stderr))
            self.assertGreater(len(wanted), 4, program)
            for shell in (self.bash, self.zsh):
                self.assertLessEqual(wanted, set(shell(path, "-")), (program, shell))
        self.assertIn("--config-test", self.bash(find_program("vrrpd"), "--c"))
        self.assertIn("--config-test", self.zsh(find_program("vrrpd"), "--c"))

    def test_files(self):
        self.write("one.cfg", "")
        self.assertEqual(self.bash(need_program("lbd"), "-f", self.directory + "/on"), [self.directory + "/one.cfg"])
        self.assertEqual(self.zsh(need_program("lbd"), "-f", self.directory + "/on"), ["files"])


if __name__ == "__main__":
    unittest.main(verbosity=2)
