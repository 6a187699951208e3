#!/usr/bin/env python3
"""The checks that know a protocol against the servers themselves, each in a folder of its own: redis, MariaDB, PostgreSQL,
OpenLDAP and OpenSMTPD as Debian packages them, and OpenSSL's server. What is not installed is skipped and named. `make
real-checks` runs it; the packages are too large for every day (tests/peers/server_checks_test.py compares the bytes)."""

import contextlib
import csv
import os
import pwd
import shutil
import subprocess
import sys
import tempfile

sys.path.insert(0, os.path.dirname(os.path.dirname(os.path.abspath(__file__))))

from peers.tls_checks_test import certificate  # noqa: E402
from support.client import command  # noqa: E402
from support.process import Program, Proxy, need_program, refused_port, skip, wait_for  # noqa: E402

PATIENCE = 60
CONFIG = """
global
    stats socket {directory}/admin level admin
    max-spread-checks 100ms
defaults
    mode tcp
    timeout client 5s
    timeout server 5s
    timeout connect 5s
    default-server inter 500ms fall 1 rise 1
"""


def free_port():
    port, keeper = refused_port()
    keeper.close()
    return port


def find(*names):
    for name in names:
        for folder in ("/usr/bin", "/usr/sbin", "/usr/lib/postgresql/15/bin", "/usr/lib/postgresql/17/bin"):
            if os.access(f"{folder}/{name}", os.X_OK):
                return f"{folder}/{name}"
    return None


def own(directory, user):
    """The folder becomes that user's, as whom the server runs when we are root."""
    if os.geteuid() != 0:
        return {}
    entry = pwd.getpwnam(user)
    os.chown(directory, entry.pw_uid, entry.pw_gid)
    return {"user": user, "group": entry.pw_gid, "extra_groups": []}


def prepare(argv, **more):
    subprocess.run(argv, check=True, stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL,
                   timeout=PATIENCE, **more)


def as_user(directory, user):
    return ["setpriv", f"--reuid={user}", f"--regid={user}", "--clear-groups"] if own(directory, user) else []


def redis(directory, stack, port):
    server = find("redis-server")
    stack.enter_context(Program([server, "--port", str(port), "--bind", "127.0.0.1", "--save", "", "--dir", directory], directory))
    return [("option redis-check", "L7OK")]


def mysql(directory, stack, port):
    server = find("mariadbd", "mysqld")
    prefix = as_user(directory, "mysql")
    data = f"{directory}/data"
    prepare([*prefix, find("mariadb-install-db", "mysql_install_db"), "--no-defaults", f"--datadir={data}",
             "--auth-root-authentication-method=normal", "--skip-test-db"])
    with open(f"{directory}/init.sql", "w", encoding="ascii") as file:
        file.write("CREATE USER 'haproxy'@'127.0.0.1';\n")
    os.chmod(f"{directory}/init.sql", 0o644)
    stack.enter_context(Program([server, "--no-defaults", f"--datadir={data}", f"--port={port}", "--bind-address=127.0.0.1",
                                 f"--socket={directory}/socket", f"--pid-file={directory}/pid", "--skip-name-resolve",
                                 f"--init-file={directory}/init.sql"], directory, prefix=prefix))
    return [("option mysql-check user haproxy", "L7OK"), ("option mysql-check user haproxy pre-41", "L7"),
            ("option mysql-check", "L7OK"), ("option mysql-check user stranger", "L7STS")]


def pgsql(directory, stack, port):
    prefix = as_user(directory, "postgres")
    data, password = f"{directory}/data", f"{directory}/password"
    with open(password, "w", encoding="ascii") as file:
        file.write("secret\n")
    os.chmod(password, 0o644)
    prepare([*prefix, find("initdb"), "-D", data, "-A", "scram-sha-256", "-U", "postgres", f"--pwfile={password}", "-N"],
            cwd=directory)
    stack.enter_context(Program([find("postgres"), "-D", data, "-p", str(port), "-h", "127.0.0.1", "-k", directory], directory,
                                prefix=prefix))
    return [("option pgsql-check user postgres", "L7OK")]


def smtp(directory, stack, port):
    if os.geteuid() != 0:
        return []
    with open(f"{directory}/smtpd.conf", "w", encoding="ascii") as file:
        file.write(f'listen on 127.0.0.1 port {port}\naction "a" maildir "{directory}/mail"\nmatch for local action "a"\n')
    stack.enter_context(Program([find("smtpd"), "-d", "-f", f"{directory}/smtpd.conf"], directory))
    return [("option smtpchk", "L7OK"), ("option smtpchk EHLO lb.example", "L7OK")]


def ldap(directory, stack, port):
    with open(f"{directory}/slapd.conf", "w", encoding="ascii") as file:
        file.write(f"pidfile {directory}/pid\ndatabase config\n")
    stack.enter_context(Program([find("slapd"), "-d", "0", "-f", f"{directory}/slapd.conf", "-h", f"ldap://127.0.0.1:{port}/"],
                                directory))
    return [("option ldap-check", "L7OK")]


def tls(directory, stack, port):
    stack.enter_context(Program([find("openssl"), "s_server", "-accept", f"127.0.0.1:{port}", "-cert",
                                 certificate(directory, "lb.example"), "-quiet"], directory))
    return [("option ssl-hello-chk", "L6OK")]


SERVERS = {"redis-server": redis, "mariadbd": mysql, "postgres": pgsql, "smtpd": smtp, "slapd": ldap, "openssl": tls}


def judged(program, cases, directory):
    config = CONFIG.format(directory=directory)
    for number, (port, option, _) in enumerate(cases):
        config += f"backend b{number}\n    {option}\n    server s 127.0.0.1:{port} check\n"
    path = f"{directory}/admin"
    with Proxy(program, config) as proxy:
        proxy.wait_serving(path)

        def rows():
            lines = command(path, "show stat").strip("\n").split("\n")
            names = lines[0].lstrip("# ").split(",")
            return [row for row in (dict(zip(names, line)) for line in csv.reader(lines[1:])) if row["svname"] == "s"]

        def settled():
            now = rows()
            good = all(row["check_status"].startswith(wanted) for row, (_, _, wanted) in zip(now, cases))
            return now if good else None

        try:
            return [(row["check_status"], row["check_code"], row["last_chk"]) for row in wait_for(settled, PATIENCE, "the results")]
        except AssertionError:
            return [(row["check_status"], row["check_code"], row["last_chk"]) for row in rows()]


def main():
    lbd, haproxy = need_program("lbd"), need_program("haproxy")
    with contextlib.ExitStack() as stack:
        cases = []
        for name, start in SERVERS.items():
            if find(name) is None:
                print(f"no {name} here: not tried")
                continue
            directory = tempfile.mkdtemp(prefix="tandem-test-")
            stack.callback(shutil.rmtree, directory, True)
            port = free_port()
            cases += [(port, option, wanted) for option, wanted in start(directory, stack, port)]
        if not cases:
            skip("none of the servers is installed")
        directory = stack.enter_context(tempfile.TemporaryDirectory(prefix="tandem-test-"))
        ours = judged(lbd, cases, directory)
        theirs = judged(haproxy, cases, directory)
    wrong = 0
    for (_, option, wanted), own_result, other in zip(cases, ours, theirs):
        good = own_result == other and own_result[0].startswith(wanted)
        wrong += not good
        print(f"{'ok ' if good else 'BAD'} {option}: {own_result}" + ("" if own_result == other else f", haproxy {other}"))
    return 1 if wrong else 0


if __name__ == "__main__":
    sys.exit(main())
