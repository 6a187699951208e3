#!/usr/bin/env python3
"""With two workers and only four long-lived busy connections both workers work: no worker is left with (nearly) nothing.

Ten trials of four fresh connections each; the share of a worker is its thread's CPU time. Binds by itself and inherited
sockets are tried. TANDEM_TESTED names another program than lbd.
"""

import contextlib
import os
import sys
import threading

sys.path.insert(0, os.path.dirname(os.path.dirname(os.path.abspath(__file__))))

from support.client import Client  # noqa: E402
from support.process import Proxy, listening_socket, need_program, reserved_port, thread_cpu_seconds  # noqa: E402

CONFIG = """
global
    nbthread 2
defaults
    mode http
    timeout connect 5s
    timeout client 60s
    timeout server 60s
frontend fe
    bind {bind}
    http-request return status 200 content-type text/plain string "ok"
"""
TRIALS, CONNECTIONS, REQUESTS = 10, 4, 300
LEAST_SHARE = 0.05  # of the work of a trial; 0.5 is perfect, below this all four sit on one worker


def trial(proxy, address):
    """Shares of the two busiest threads in the work of four connections."""
    before = thread_cpu_seconds(proxy.pid)
    clients = [Client(address) for _ in range(CONNECTIONS)]

    def busy(client):
        for _ in range(REQUESTS):
            client.get("/")

    threads = [threading.Thread(target=busy, args=(client,)) for client in clients]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    for client in clients:
        client.close()
    spent = sorted((cpu - before.get(thread, 0) for thread, cpu in thread_cpu_seconds(proxy.pid).items()), reverse=True)
    spent = (spent + [0, 0])[:2]
    return spent[1] / sum(spent)


def main():
    binary = need_program(os.environ.get("TANDEM_TESTED", "lbd"))
    bad = 0
    for kind in ("bound", "inherited"):
        with contextlib.ExitStack() as stack:
            if kind == "inherited":
                listener = stack.enter_context(listening_socket())
                proxy = stack.enter_context(Proxy(binary, CONFIG.format(bind='"fd@${fe}"'), {"fe": listener}))
                address = listener.getsockname()
            else:
                port, keeper = reserved_port()
                stack.callback(keeper.close)
                proxy = stack.enter_context(Proxy(binary, CONFIG.format(bind=f"127.0.0.1:{port}")))
                address = ("127.0.0.1", port)
                proxy.wait_serving(address)
            shares = [trial(proxy, address) for _ in range(TRIALS)]
            low = sum(share < LEAST_SHARE for share in shares)
            bad += low
            print(f"spread, {kind} socket: share of the less busy worker "
                  + " ".join(f"{share:.2f}" for share in shares) + (f"  {low} BELOW {LEAST_SHARE}" if low else ""))
    return 1 if bad else 0


if __name__ == "__main__":
    sys.exit(main())
