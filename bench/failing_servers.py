#!/usr/bin/env python3
"""Servers that fail under load: one of them is killed, frozen, slowed or started again each second, while clients ask at a
steady rate through `retry-on all-retryable-errors` and `option redispatch`.

Ends with 1 unless every request was answered with 200.
"""

import argparse
import contextlib
import os
import random
import re
import resource
import signal
import sys
import tempfile
import time

sys.path.insert(0, os.path.join(os.path.dirname(os.path.dirname(os.path.abspath(__file__))), "tests"))

from support.client import command  # noqa: E402
from support.process import Program, Proxy, listening_socket, need_program  # noqa: E402

CONFIG = """
global
    maxconn 4000
    stats socket {directory}/admin level admin
defaults
    mode http
    log stdout format raw local0
    option httplog
    option dontlog-normal
    timeout connect 300ms
    timeout client 10s
    timeout server 300ms
    timeout queue 5s
frontend web
    bind "fd@${{fe}}"
    default_backend app
backend app
    balance {balance}
    retries 10
    retry-on all-retryable-errors
    option redispatch 1
    default-server check inter 300ms fastinter 100ms fall 2 rise 1
{servers}
"""


class Server:
    """A bench_origin of its own on an address that stays its own while it is dead; nobody else holds its socket."""

    def __init__(self, number, directory):
        self.directory = directory
        self.address = (f"127.7.{number // 200}.{number % 200 + 1}", 0)
        self.frozen_until = 0.0
        self.program = None
        self.start()

    def start(self):
        with listening_socket(address=self.address) as listener:
            self.address = listener.getsockname()
            self.program = Program([need_program("bench_origin"), str(listener.fileno())], self.directory,
                                   sockets={"origin": listener})
        self.frozen_until = 0.0

    def alive(self):
        return self.program.alive()

    def kill(self):
        self.program.signal(signal.SIGCONT)
        self.program.signal(signal.SIGKILL)
        self.program.wait()

    def freeze(self, seconds):
        self.program.signal(signal.SIGSTOP)
        self.frozen_until = time.monotonic() + seconds

    def thaw(self):
        self.program.signal(signal.SIGCONT)
        self.frozen_until = 0.0


def disturb(servers, seconds, dice, log):
    """For so long: each second something happens to one server. At most a third of them is away at a time."""
    end = time.monotonic() + seconds
    next_event = time.monotonic()
    while time.monotonic() < end:
        now = time.monotonic()
        for server in servers:
            if server.frozen_until and now >= server.frozen_until:
                server.thaw()
        if now >= next_event:
            next_event += 1
            away = [server for server in servers if not server.alive()]
            healthy = [server for server in servers if server.alive() and not server.frozen_until]
            if away and (len(away) * 3 > len(servers) or dice.random() < 0.3):
                what, server = "started again", dice.choice(away)
                server.start()
            else:
                what, server = dice.choice(["killed", "frozen", "slowed", "restarted"]), dice.choice(healthy)
                if what in ("killed", "restarted"):
                    server.kill()
                if what == "restarted":
                    server.start()
                if what in ("frozen", "slowed"):
                    server.freeze(3 if what == "frozen" else 0.2)
            log.append(f"{what} {server.address[0]}")
        time.sleep(0.01)


def main():
    parser = argparse.ArgumentParser(description=__doc__.split("\n", 1)[0])
    parser.add_argument("--seconds", type=int, default=60)
    parser.add_argument("--rate", type=int, default=5000, help="requests a second")
    parser.add_argument("--servers", type=int, default=50)
    parser.add_argument("--balance", default="roundrobin")
    parser.add_argument("--seed", type=int, default=int(time.time()))
    parser.add_argument("--with", dest="program", default="lbd", help="a program that reads haproxy.cfg")
    options = parser.parse_args()
    hard = resource.getrlimit(resource.RLIMIT_NOFILE)[1]
    resource.setrlimit(resource.RLIMIT_NOFILE, (hard, hard))
    clients = 50
    with contextlib.ExitStack() as stack:
        directory = stack.enter_context(tempfile.TemporaryDirectory(prefix="tandem-bench-"))
        servers = [Server(number, directory) for number in range(options.servers)]
        for server in servers:
            stack.callback(lambda one=server: (one.program.signal(signal.SIGCONT), one.program.close()))
        lines = "\n".join(f"    server s{number} {server.address[0]}:{server.address[1]}" for number, server in enumerate(servers))
        front = stack.enter_context(listening_socket())
        config = CONFIG.format(directory=directory, servers=lines, balance=options.balance)
        proxy = stack.enter_context(Proxy(need_program(options.program), config, {"fe": front}, directory=directory))
        proxy.wait_serving(f"{directory}/admin")
        host, port = front.getsockname()
        load = stack.enter_context(Program(
            [need_program("h2load"), "--h1", "-c", str(clients), "-t", "1", "-D", str(options.seconds), f"--rps={options.rate // clients}",
             f"http://{host}:{port}/100"], directory))
        log = []
        disturb(servers, options.seconds, random.Random(options.seed), log)
        load.wait(60)
        said = load.output()
        lines_of_log = "\n".join(line for line in proxy.output().splitlines() if not re.search(r" 200 \d+ - - ", line))
        stat = [line.split(",") for line in command(f"{directory}/admin", "show stat").splitlines() if line.startswith("app,BACKEND,")][0]
    requests = dict((name, int(count)) for count, name in re.findall(r"(\d+) (total|succeeded|failed|errored|timeout)", said.split("requests: ")[1].split("\n")[0]))
    codes = re.search(r"status codes: (.*)", said)[1]
    slowest = re.search(r"time for request: +\S+ +(\S+)", said)[1]
    print(f"{len(log)} disturbances of {options.servers} servers in {options.seconds} s (seed {options.seed}): {requests['total']} requests, "
          f"{requests['failed']} failed; {codes}; slowest {slowest}; tried again {stat[15]} times on the same server, {stat[16]} times on another")
    if requests["failed"] or requests["succeeded"] != requests["total"] or not codes.startswith(f"{requests['total']} 2xx"):
        print("\n".join(log), said, lines_of_log, sep="\n")
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(main())
