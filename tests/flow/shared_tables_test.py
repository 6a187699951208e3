"""Two nodes, each a real lbd with its real syncd, and a stick table that both have: what is counted on one is counted on
the other, clients stick to their server after the node that chose it was killed, and a rate limit sees both."""

import os
import random
import re
import signal
import socket
import time
import unittest

from support.link import ROLE_LBCTL, Link
from support.pair import make_pair
from support.process import wait_for

RATE = """frontend web
  bind "fd@${WEB}"
  stick-table type ip size 200k expire 30s peers pair store http_req_rate(10s),http_req_cnt,conn_cur,gpc0,gpt0
  http-request track-sc0 src
  http-request deny deny_status 429 if { sc_http_req_rate(0) gt 200 }
  http-request sc-set-gpt0(0) 7 if { req.hdr(x-tag) -m found }
  http-request return status 200 hdr x-gpt %[sc0_get_gpt0]
"""

COUNT = """frontend web
  bind "fd@${WEB}"
  stick-table type string size 1k expire 5m peers pair store http_req_cnt
  http-request track-sc0 req.hdr(x-key)
  http-request return status 200
"""

STICK = """frontend web
  bind "fd@${WEB}"
  default_backend app
backend app
  balance roundrobin
  stick-table type string len 20 size 200k expire 30m peers pair
  stick on req.hdr(x-client)
  http-response set-header x-server %s
  server a1 127.0.0.1:ORIGIN
  server a2 127.0.0.1:ORIGIN
  server a3 127.0.0.1:ORIGIN
listen origin
  bind 127.0.0.1:ORIGIN
  http-request return status 200
"""


WRITE_TO = """frontend web
  bind "fd@${WEB}"
  stick-table type string len 20 size 1k expire 5m peers pair write-to copy store gpt0,gpc0
  http-request track-sc0 req.hdr(x-key)
  http-request sc-set-gpt0(0) 7
  http-request sc-inc-gpc0(0)
  http-request return status 200
backend copy
  stick-table type string len 20 size 1k expire 5m store gpt0,gpc0
"""


class SharedTablesTest(unittest.TestCase):
    def make(self, config):
        self.a, self.b = make_pair(self, config)

    def wait_data(self, node, table, key, **wanted):
        def there():
            data = node.table(table).get(key, {})
            return all(data.get(name) == str(value) for name, value in wanted.items())
        wait_for(there, what=f"{wanted} at {node.name}: {node.table(table)}\n{self.a.log()}\n{self.b.log()}")

    def test_a_rate_limit_counts_what_both_nodes_saw(self):
        self.make(RATE)
        self.a.start()
        self.b.start()
        self.assertEqual({status for status, _ in self.a.request(100)}, {200})
        self.wait_data(self.b, "web", "127.0.0.1", http_req_cnt=100)
        self.assertEqual({status for status, _ in self.b.request(100)}, {200})
        self.assertEqual(self.b.request()[0][0], 429)
        self.wait_data(self.a, "web", "127.0.0.1", http_req_cnt=201)
        self.assertEqual(self.a.request()[0][0], 429)

    def test_nothing_counts_twice_after_kills_and_joins(self):
        self.make(RATE)
        self.a.start()
        self.b.start()
        self.a.request(10)
        self.b.request(5, "x-tag: 1\r\n")
        for node in (self.a, self.b):
            self.wait_data(node, "web", "127.0.0.1", http_req_cnt=15, gpt0=7, conn_cur=0)
        self.a.kill()
        self.b.request(3)
        self.a.start()
        self.wait_data(self.a, "web", "127.0.0.1", http_req_cnt=18, gpt0=7)
        self.a.request(2)
        self.b.syncd.process.send_signal(signal.SIGKILL)
        self.b.syncd.wait()
        self.b.request(4)
        self.b.syncd.close()
        self.b.start_syncd()
        for node in (self.a, self.b):
            self.wait_data(node, "web", "127.0.0.1", http_req_cnt=24, gpt0=7)

    def test_both_nodes_may_restart_with_a_snapshot(self):
        self.make(RATE)
        nodes = (self.a, self.b)
        for node in nodes:
            node.syncd_config = f"snapshot {node.path('snapshot')}\n"
            node.start()
        self.a.request(10)
        self.b.request(5, "x-tag: 1\r\n")
        for node in nodes:
            self.wait_data(node, "web", "127.0.0.1", http_req_cnt=15, gpt0=7)
        for node in nodes:
            for program in (node.lbd, node.syncd):
                self.assertEqual(program.stop(), 0)
                program.close()
            self.assertTrue(os.path.exists(node.path("snapshot")))
            with open(node.path("snapshot"), "rb") as file:
                self.assertNotIn(b"secret/", file.read())
        for node in nodes:
            node.start()
            node.request()
        for node in nodes:
            self.wait_data(node, "web", "127.0.0.1", http_req_cnt=17, gpt0=7)
        # One that is cut off is told, and nothing else.
        self.assertEqual(self.b.syncd.stop(), 0)
        self.b.syncd.close()
        os.truncate(self.b.path("snapshot"), 30)
        self.b.start_syncd()
        self.assertIn("cut off", self.b.syncd.errors())
        self.b.request()
        self.wait_data(self.a, "web", "127.0.0.1", http_req_cnt=18)

    def test_a_snapshot_now_and_then_outlives_a_loss_of_power(self):
        self.make(RATE)
        nodes = (self.a, self.b)
        for node in nodes:
            node.syncd_config = f"snapshot {node.path('snapshot')} every 100ms\n"
            node.start()
        self.a.request(10)
        for node in nodes:
            self.wait_data(node, "web", "127.0.0.1", http_req_cnt=10)
            began = time.time()
            # The second one that was begun since has it all.
            for _ in range(2):
                wait_for(lambda n=node, t=began: os.path.exists(n.path("snapshot")) and os.stat(n.path("snapshot")).st_mtime > t,
                         what=f"a snapshot\n{node.log()}")
                began = time.time()
        for node in nodes:
            node.kill()
        for node in nodes:
            node.start()
        self.b.request()
        for node in nodes:
            self.wait_data(node, "web", "127.0.0.1", http_req_cnt=11)

    def test_what_others_set_is_written_to_another_table(self):
        self.make(WRITE_TO)
        self.a.start()
        self.b.start()
        self.a.request(3, "x-key: k\r\n")
        self.wait_data(self.b, "web", "k", gpt0=7, gpc0=3)
        self.assertEqual({name: self.b.table("copy")["k"][name] for name in ("gpt0", "gpc0")}, {"gpt0": "7", "gpc0": "0"})
        self.assertEqual(self.a.table("copy"), {}, "what was set here is no news of others")

    def test_a_peer_gets_its_shard(self):
        self.make(COUNT)
        self.a.config = re.sub(r"(peer lb2 .*)", r"\1 shard 2\n  shards 2", self.a.config)
        self.a.start()
        for number in range(40):
            self.a.request(1, f"x-key: k{number}\r\n")
        self.b.start()
        wait_for(lambda: len(self.b.table("web")) > 8, what=f"a shard\n{self.b.log()}")
        self.assertEqual(len(self.a.table("web")), 40)
        self.b.request(1, "x-key: back\r\n")
        self.wait_data(self.a, "web", "back", http_req_cnt=1)
        self.assertLess(len(self.b.table("web")), 32)

    def test_set_and_clear_hold_on_both(self):
        self.make(RATE)
        self.a.start()
        self.b.start()
        self.a.request(10)
        self.b.request(5)
        self.wait_data(self.a, "web", "127.0.0.1", http_req_cnt=15)
        self.assertEqual(self.b.cli("set table web key 127.0.0.1 data.http_req_cnt 3").strip(), "")
        self.wait_data(self.a, "web", "127.0.0.1", http_req_cnt=3)
        self.a.request(1)
        self.wait_data(self.b, "web", "127.0.0.1", http_req_cnt=4)
        self.a.cli("clear table web key 127.0.0.1")
        for node in (self.a, self.b):
            wait_for(lambda n=node: not n.table("web"), what=f"empty: {node.table('web')}")
        self.b.request(1)
        self.wait_data(self.a, "web", "127.0.0.1", http_req_cnt=1)

    def test_each_nodes_part_is_seen(self):
        self.make(RATE)
        self.a.start()
        self.b.start()
        self.a.request(10)
        self.b.request(5)
        self.wait_data(self.a, "web", "127.0.0.1", http_req_cnt=15)
        parts = self.a.cli("show table web nodes")
        self.assertEqual(re.findall(r"^\t(\S+): .*http_req_cnt=(\d+)", parts, re.M), [("lb1", "10"), ("lb2", "5")])
        with socket.create_connection(self.b.service.getsockname(), 5) as client:
            client.sendall(b"GET / HTTP/1.1\r\nHost: x\r\n\r\n")
            client.recv(1000)
            self.assertEqual(self.a.table("web")["127.0.0.1"]["conn_cur"], "0")

    def test_clients_stay_with_their_server(self):
        clients = int(os.environ.get("TANDEM_CLIENTS", "1000"))
        self.make(STICK)
        self.a.start()
        self.b.start()
        servers = {}
        with socket.create_connection(self.a.service.getsockname(), 5) as connection:
            reader = connection.makefile("rb")
            for client in range(clients):
                servers[client] = self.ask(connection, reader, client)
        self.assertEqual(len(set(servers.values())), 3)
        wait_for(lambda: f"used:{clients}" in self.b.cli("show table"), what="all clients to be known")
        self.a.kill()
        with socket.create_connection(self.b.service.getsockname(), 5) as connection:
            reader = connection.makefile("rb")
            moved = sum(self.ask(connection, reader, client) != server for client, server in servers.items())
        self.assertEqual(moved, 0)
        self.a.start()
        with socket.create_connection(self.a.service.getsockname(), 5) as connection:
            reader = connection.makefile("rb")
            moved = sum(self.ask(connection, reader, client) != server for client, server in servers.items())
        self.assertEqual(moved, 0)

    def ask(self, connection, reader, client):
        connection.sendall(f"GET / HTTP/1.1\r\nHost: x\r\nX-Client: c{client}\r\n\r\n".encode())
        server = None
        while (line := reader.readline().strip()):
            if line.lower().startswith(b"x-server:"):
                server = line.split(b":", 1)[1].strip()
        return server

    def test_random_failures_leave_both_equal_and_exact(self):
        """Processes are killed and stopped at random, while both nodes serve; a stopped syncd is a partition."""
        seed = int(os.environ.get("TANDEM_SEED", "0")) or random.randrange(1 << 30)
        rng = random.Random(seed)
        self.make(COUNT)
        nodes = (self.a, self.b)
        for node in nodes:
            node.start()
        counted = dict.fromkeys("abcde", 0)

        def serve():
            for _ in range(rng.randrange(1, 10)):
                key, count = rng.choice(sorted(counted)), rng.randrange(1, 20)
                rng.choice(nodes).request(count, f"x-key: {key}\r\n")
                counted[key] += count

        def equal(what):
            wanted = {key: str(count) for key, count in counted.items() if count}
            def seen():
                return [{key: data["http_req_cnt"] for key, data in node.table("web").items()} for node in nodes]
            wait_for(lambda: seen() == [wanted, wanted], what=f"{wanted} after {what}, seed {seed}: {seen()}\n"
                     f"{self.a.log()}\n{self.b.log()}")

        for _ in range(int(os.environ.get("TANDEM_ROUNDS", "10"))):
            serve()
            node, what = rng.choice(nodes), rng.choice(("lbd", "syncd", "node", "partition"))
            if what == "partition":
                node.syncd.process.send_signal(signal.SIGSTOP)
                serve()
                # Long enough for the link to be given up, or not.
                time.sleep(rng.choice((0, 0.3)))
                node.syncd.process.send_signal(signal.SIGCONT)
            elif what == "syncd":
                node.kill_syncd()
                serve()
                node.start_syncd()
            else:
                equal("serving")  # what nobody else has heard of dies with it
                if what == "lbd":
                    node.kill_lbd()
                    node.start_lbd()
                else:
                    node.kill()
                    node.start()
            serve()
            equal(f"{what} of {node.name}")

    def test_numbers_of_syncd(self):
        self.make(RATE)
        self.a.start()
        self.b.start()
        self.a.request(3)
        self.wait_data(self.b, "web", "127.0.0.1", http_req_cnt=3)
        with Link(self.a.path("syncd.sock"), ROLE_LBCTL) as link:
            stats = link.stats()
        self.assertGreaterEqual(stats["", "table_parts"], 1)
        self.assertEqual(stats["", "table_parts_limit"], 4000000)
        for name in ("table_parts_known", "table_parts_late", "table_parts_evicted", "table_parts_refused"):
            self.assertEqual(stats["", name], 0, name)
        self.assertGreater(stats["", "table_changes"], 0)
        self.assertGreater(stats["node lb2", "table_parts_out"], 0)
        with Link(self.b.path("syncd.sock"), ROLE_LBCTL) as link:
            self.assertGreater(link.stats()["node lb1", "table_parts_in"], 0)

    def test_without_syncd_lbd_works_alone_and_says_so_once(self):
        self.make(RATE)
        self.a.start_lbd()
        self.assertEqual(self.a.request(2)[1][0], 200)
        wait_for(lambda: "not shared with peers" in self.a.lbd.errors(), what="the word")
        self.a.start_syncd()
        self.b.start()
        self.wait_data(self.b, "web", "127.0.0.1", http_req_cnt=2)
        self.assertEqual(self.a.lbd.errors().count("not shared with peers"), 1)


if __name__ == "__main__":
    unittest.main()
