#!/usr/bin/env python3
"""lbd beside Debian's haproxy and nginx on this machine.

Each proxy has one thread pinned to one core; the load generator (wrk, h2load) and the origin share the other. In each round every
proxy is measured once, in an order that rotates, so that a change in the machine's mood meets all of them; the table shows
medians over the rounds, and for each proxy the median of its ratios to haproxy in the same round. CPU is the scheduler's
own nanosecond account of the proxy's threads, divided by the requests that wrk counted.

"rules" measures each proxy with and without rules in turn: what counts is the CPU time that the rules add.

"floor" copies bytes between two sockets and does nothing else (bench/floor.cc): what no proxy that copies can undercut.
"""

import argparse
import os
import re
import resource
import statistics
import subprocess
import sys

sys.path.insert(0, os.path.dirname(os.path.abspath(__file__)))

import subjects  # noqa: E402  (also makes tests/support importable)
from support.client import Client  # noqa: E402
from support.process import Program, build_dir, cpu_seconds, listening_socket, need_program, resident_kib  # noqa: E402


class Scenario:
    """What wrk asks for, through which kind of configuration, and the target: CPU of lbd beside haproxy."""

    def __init__(self, name, path, kind="http", connections=50, headers=(), target=None, throughput=None, text="",
                 script=None, streams=0):
        self.name = name
        self.path = path
        self.kind = kind
        self.connections = connections
        self.headers = headers
        self.target = target
        self.throughput = throughput
        self.text = text
        self.script = script  # of wrk, in this folder
        self.streams = streams  # at a time on each connection, by h2load; 0: wrk


SCENARIOS = [
    Scenario("keep-alive", "/100", target=0.85, throughput=1.1, text="HTTP keep-alive, 100 bytes"),
    Scenario("16k", "/16k", target=0.8, text="HTTP keep-alive, 16 KiB"),
    Scenario("1m", "/1m", connections=4, target=0.5, text="HTTP keep-alive, 1 MiB"),
    Scenario("close", "/100", headers=["Connection: close"], target=0.6, text="HTTP, one request a connection"),
    Scenario("tcp", "/100", kind="tcp", target=0.95, text="TCP, 100 bytes back and forth"),
    Scenario("tcp-1m", "/1m", kind="tcp", connections=10, target=0.6, text="TCP, 1 MiB"),
    Scenario("acl", "/100", kind="acl", text="HTTP keep-alive, 20 ACLs and 5 header edits"),
    Scenario("h1-stick", "/100", kind="stick", target=0.8, script="keys.lua",
             text="HTTP keep-alive, 100 bytes; each request is tracked by a key of 20,000 and sticks to a server by it"),
    Scenario("servers", "/100", kind="servers", text="HTTP keep-alive, 100 bytes; 200 servers, leastconn, checked every 2 s"),
    Scenario("cache", "/16k", kind="cache", text="HTTP keep-alive, 16 KiB from the cache of the proxy"),
    Scenario("tls", "/100", kind="tls", target=0.85, text="TLS (P-256), HTTP/1.1 keep-alive, 100 bytes"),
    Scenario("tls-1m", "/1m", kind="tls", connections=4, text="TLS (P-256), HTTP/1.1 keep-alive, 1 MiB"),
    Scenario("tls-new", "/100", kind="tls-full", headers=["Connection: close"], target=0.95,
             text="TLS, a full handshake (P-256) for each request"),
    Scenario("tls-resumed", "/100", kind="tls", headers=["Connection: close"], target=0.95,
             text="TLS, a resumed handshake (P-256) for each request"),
    Scenario("tls-new-rsa", "/100", kind="tls-full-rsa", headers=["Connection: close"], target=0.95,
             text="TLS, a full handshake (RSA 2048) for each request"),
    Scenario("h2", "/100", kind="h2", connections=16, streams=32, target=0.9, text="HTTP/2 over TLS, 100 bytes"),
    Scenario("h2c", "/100", kind="h2c", connections=16, streams=32, target=0.9, text="HTTP/2 in clear, 100 bytes"),
    Scenario("h2-1m", "/1m", kind="h2", connections=4, streams=4, text="HTTP/2 over TLS, 1 MiB"),
]
RULES = Scenario("rules", "/100", kind="map", target=0.7, script="keys.lua",
                 text="what 20 ACLs, 5 header edits and a map of 100,000 entries add, HTTP keep-alive, 100 bytes")
IDLE = "idle"
IDLE_TARGET = 640


def load(scenario, address, seconds, pin):
    """Runs wrk once: (requests, seconds that it took)."""
    url = f"{'https' if scenario.kind in subjects.ENCRYPTED else 'http'}://127.0.0.1:{address[1]}{scenario.path}"
    if scenario.streams:
        return load_h2(scenario, url, seconds, pin)
    argv = list(pin) + [need_program("wrk"), "-t1", f"-c{scenario.connections}", f"-d{seconds}"]
    for header in scenario.headers:
        argv += ["-H", header]
    if scenario.script:
        argv += ["-s", os.path.join(os.path.dirname(os.path.abspath(__file__)), scenario.script)]
    argv.append(url)
    out = subprocess.run(argv, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, check=True).stdout.decode()
    took = re.search(r"(\d+) requests in ([\d.]+)(m?s|m)", out)
    if "Non-2xx" in out or not took:
        sys.exit(f"bench: wrk saw errors:\n{out}")
    scale = {"ms": 0.001, "s": 1, "m": 60}[took[3]]
    return int(took[1]), float(took[2]) * scale


def load_h2(scenario, url, seconds, pin):
    """The same with h2load."""
    argv = list(pin) + [need_program("h2load"), "-t1", f"-c{scenario.connections}", f"-m{scenario.streams}", f"-D{seconds}", url]
    out = subprocess.run(argv, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, check=True).stdout.decode()
    counts = re.search(r"(\d+) done, (\d+) succeeded, (\d+) failed", out)
    if not counts or int(counts[2]) == 0 or int(counts[3]) > 0:
        sys.exit(f"bench: h2load saw errors:\n{out}")
    return int(counts[2]), seconds


def measure(scenario, options, found):
    """Prints the table of one scenario and returns lbd's ratio, or None when lbd or haproxy is absent."""
    running = []
    listener = listening_socket(backlog=4096)
    origin = Program([os.path.join(options.build, "bench_origin"), str(listener.fileno())], sockets={"origin": listener},
                     prefix=options.load_pin)
    try:
        for name, path in found:
            if subjects.can(name, scenario.kind):
                running.append(subjects.Subject(name, path, scenario.kind, listener.getsockname()[1], options.proxy_pin))
        cpu = {subject.name: [] for subject in running}
        rate = {subject.name: [] for subject in running}
        for subject in running:
            load(scenario, subject.address, 1, options.load_pin)  # warms caches and connections
        for number in range(options.rounds):
            turn = number % len(running)
            for subject in running[turn:] + running[:turn]:
                before = cpu_seconds(subject.pid)
                requests, took = load(scenario, subject.address, options.seconds, options.load_pin)
                cpu[subject.name].append((cpu_seconds(subject.pid) - before) * 1e6 / requests)
                rate[subject.name].append(requests / took)
    finally:
        for subject in running:
            subject.close()
        origin.close()
        listener.close()
    return show(scenario, cpu, rate)


def measure_rules(options, found):
    """The same with every proxy twice, once without rules; the tables differ by what the rules cost."""
    cpu = {}
    listener = listening_socket(backlog=4096)
    origin = Program([os.path.join(options.build, "bench_origin"), str(listener.fileno())], sockets={"origin": listener},
                     prefix=options.load_pin)
    pairs = []
    try:
        for name, path in found:
            if name in ("nginx", "floor"):
                continue
            pairs.append([subjects.Subject(name, path, kind, listener.getsockname()[1], options.proxy_pin)
                          for kind in (RULES.kind, "http")])
            cpu[name] = ([], [])
        for pair in pairs:
            for subject in pair:
                load(RULES, subject.address, 1, options.load_pin)
        for number in range(options.rounds):
            turn = number % len(pairs)
            for pair in pairs[turn:] + pairs[:turn]:
                for subject, costs in zip(pair, cpu[pair[0].name]):
                    before = cpu_seconds(subject.pid)
                    requests, _ = load(RULES, subject.address, options.seconds, options.load_pin)
                    costs.append((cpu_seconds(subject.pid) - before) * 1e6 / requests)
    finally:
        for pair in pairs:
            for subject in pair:
                subject.close()
        origin.close()
        listener.close()
    added = {name: [rules - plain for rules, plain in zip(*costs)] for name, costs in cpu.items()}
    print(f"\n{RULES.name}: {RULES.text}")
    print(f"  {'':10}{'CPU µs/request':>16}{'without rules':>16}{'added':>10}{'beside haproxy':>16}")
    for name, (rules, plain) in cpu.items():
        ratio = paired(added, name)
        judged = verdict(RULES, name, ratio, None) if name == "lbd" else ""
        print(f"  {name:10}{statistics.median(rules):16.2f}{statistics.median(plain):16.2f}"
              f"{statistics.median(added[name]):10.2f}{ratio or 0:16.2f}{judged}")
    return paired(added, "lbd")


def paired(values, name):
    """Median of a subject's ratios to haproxy, round by round."""
    if "haproxy" not in values or not values.get(name):
        return None
    return statistics.median(one / base for one, base in zip(values[name], values["haproxy"]))


def show(scenario, cpu, rate):
    print(f"\n{scenario.name}: {scenario.text}")
    print(f"  {'':10}{'CPU µs/request':>16}{'beside haproxy':>16}{'requests/s':>13}{'beside haproxy':>16}")
    for name in cpu:
        ratio, speed = paired(cpu, name), paired(rate, name)
        print(f"  {name:10}{statistics.median(cpu[name]):16.2f}{ratio or 0:16.2f}{statistics.median(rate[name]):13.0f}"
              f"{speed or 0:16.2f}" + verdict(scenario, name, ratio, speed))
    return paired(cpu, "lbd")


def verdict(scenario, name, ratio, speed):
    if name != "lbd" or ratio is None or scenario.target is None:
        return ""
    text = f"   target CPU ≤ {scenario.target}: {'met' if ratio <= scenario.target else 'MISSED'}"
    if scenario.throughput:
        text += f", throughput ≥ {scenario.throughput}: {'met' if speed >= scenario.throughput else 'MISSED'}"
    return text


def measure_idle(options, found):
    """Resident memory that each of many idle keep-alive connections costs, after one request on each."""
    print(f"\n{IDLE}: memory per idle keep-alive connection ({options.idle} of them, one request on each)")
    for name, path in found:
        if name == "floor":
            continue
        samples = []
        for _ in range(min(options.rounds, 3)):
            listener = listening_socket(backlog=4096)
            origin = Program([os.path.join(options.build, "bench_origin"), str(listener.fileno())],
                             sockets={"origin": listener}, prefix=options.load_pin)
            subject = subjects.Subject(name, path, "http", listener.getsockname()[1], options.proxy_pin)
            clients = []
            try:
                for _ in range(200):  # brings pools, arenas and code pages in
                    with Client(subject.address) as client:
                        client.get("/100")
                before = resident_kib(subject.pid)
                for _ in range(options.idle):
                    client = Client(subject.address)
                    client.get("/100")
                    clients.append(client)
                samples.append((resident_kib(subject.pid) - before) * 1024 / options.idle)
            finally:
                for client in clients:
                    client.close()
                subject.close()
                origin.close()
                listener.close()
        value = statistics.median(samples)
        judged = f"   target ≤ {IDLE_TARGET}: {'met' if value <= IDLE_TARGET else 'MISSED'}" if name == "lbd" else ""
        print(f"  {name:10}{value:10.0f} bytes{judged}")


def main():
    names = [scenario.name for scenario in SCENARIOS] + [RULES.name, IDLE]
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("scenarios", nargs="*", metavar="SCENARIO", help=f"of {', '.join(names)}; all without one")
    parser.add_argument("--rounds", type=int, default=7)
    parser.add_argument("--seconds", type=int, default=4, help="of each measurement")
    parser.add_argument("--subjects", default="haproxy,lbd,nginx,floor", help="comma-separated, also paths of programs")
    parser.add_argument("--idle", type=int, default=10000, help="connections of the idle scenario, if descriptors allow")
    parser.add_argument("--build", default=build_dir())
    options = parser.parse_args()
    if unknown := set(options.scenarios) - set(names):
        parser.error(f"unknown scenario {', '.join(unknown)}; there are {', '.join(names)}")
    cores = sorted(os.sched_getaffinity(0))
    if len(cores) < 2:
        sys.exit("bench: needs two cores")
    options.proxy_pin, options.load_pin = (("taskset", "-c", str(core)) for core in cores[:2])
    # haproxy wants two descriptors for each connection that it may have, and does not start without them.
    descriptors = resource.getrlimit(resource.RLIMIT_NOFILE)[1]
    resource.setrlimit(resource.RLIMIT_NOFILE, (descriptors, descriptors))
    options.idle = min(options.idle, (descriptors - 200) // 2 - 100)
    subjects.MAXCONN = options.idle + 100
    found = subjects.available(options.subjects.split(","), options.build)
    print(f"{options.rounds} rounds of {options.seconds} s; proxy on core {cores[0]}, wrk and origin on core {cores[1]}; "
          f"load {os.getloadavg()[0]:.1f} before the start")
    for scenario in SCENARIOS:
        if not options.scenarios or scenario.name in options.scenarios:
            measure(scenario, options, found)
    if not options.scenarios or RULES.name in options.scenarios:
        measure_rules(options, found)
    if not options.scenarios or IDLE in options.scenarios:
        measure_idle(options, found)


if __name__ == "__main__":
    main()
