#!/usr/bin/env python3
"""The VRRP MIBs with a real vrrpd: every object of RFC 6527 and RFC 2787, what keepalived's own agent says in the same
state, and the traps of a failover."""

import contextlib
import os
import pwd
import re
import signal
import sys
import tempfile
import unittest

sys.path.insert(0, os.path.dirname(os.path.dirname(os.path.abspath(__file__))))

from support import netns  # noqa: E402
from support.process import Program, need_program, run, wait_for  # noqa: E402
from support.snmp import ARC, Receiver, Snmpd, as_number  # noqa: E402
from support.vrrp import VIP, VIP6, Router, address, instance, prepare  # noqa: E402

V3, V2, KEEPALIVED = ".1.3.6.1.2.1.207", ".1.3.6.1.2.1.68", ".1.3.6.1.4.1.9586.100.5.2.3.1"
PLUGIN = "/usr/lib/nagios/plugins/centreon_plugins.pl"
CONFIG = (instance("VI_2", (VIP + "/24", "10.77.0.101/24"), version=2, virtual_router_id=51, priority=120, advert_int=1)
          + instance("VI_3", (VIP6 + "/64",), version=3, virtual_router_id=61, priority=150, advert_int=0.5))


class Node:
    """A router, and an agent with an snmpd on its host. keepalived is its own agent."""

    def __init__(self, test, program="vrrpd", network=None, number=1):
        self.network = network or netns.Network()
        if network is None:
            test.addCleanup(self.network.close)
        self.router = Router(test, self.network, f"{program[0]}{number}", number, program)
        stack = contextlib.ExitStack()
        test.addCleanup(stack.close)
        self.directory = stack.enter_context(tempfile.TemporaryDirectory(prefix="tandem-snmp-"))
        with self.router.host.inside():
            self.traps = Receiver()
        stack.callback(self.traps.close)
        self.snmpd = Snmpd(self.directory, self.traps.port, prefix=self.router.host.prefix)
        stack.callback(self.snmpd.stop)
        self.stack = stack

    def start(self, config):
        if self.router.kind == "keepalived":
            self.router.start(config, ("enable_snmp_vrrp", "enable_snmp_rfc", "enable_snmp_traps",
                                       f"snmp_socket {self.snmpd.agentx}"), ("-x",))
            return
        self.router.start(config)
        self.agent = self.stack.enter_context(Program(
            [need_program("lbsnmpd"), "-x", self.snmpd.agentx, "-s", "", "-y", "", "-r",
             f"{self.router.directory}/vrrpd.sock", "-i", f"{self.directory}/indices"], self.directory,
            own_directory=False, prefix=self.router.host.prefix))

    def walk(self, oid):
        """{what is behind oid: (type, value)}, with E in the place of the number of eth0."""
        index = self.router.host.run("ip", "-o", "link", "show", "eth0").split(":")[0]
        out = {}
        for name, kind, value in self.snmpd.walk(oid):
            out[name[len(oid):]] = (kind, value)
        return {re.sub(rf"^((?:\.1\.[34]\.1|\.2\.4\.1|\.1\.1\.[12]\.1|\.1\.2\.5\.1)\.\d+)\.{index}\.", r"\1.E.", name): value
                for name, value in out.items()}

    def wait_master(self):
        self.router.wait_state("MASTER", "VI_2", 15)
        self.router.wait_state("MASTER", "VI_3", 15)
        wait_for(lambda: [as_number(value[1]) for name, value in self.walk(V3).items()
                          if name.startswith(".1.1.1.1.6.E.")] == [3, 3], 20, "both to be master in the MIB")


def names_of(prefix):
    """Columns and scalars that lbsnmpd has below an arc."""
    _, out, _ = run([need_program("lbsnmpd"), "-o"])
    return [line.split(" ")[0] for line in out.splitlines() if ("." + line).startswith(prefix + ".")]


class Vrrp(unittest.TestCase):
    def test_each_object_is_there(self):
        node = Node(self)
        node.start(CONFIG)
        node.wait_master()
        for arc, rows in ((V3, 2), (V2, 1), (KEEPALIVED, 2)):
            values = node.walk(arc)
            for oid in names_of(arc):
                found = [name for name in values if name.startswith(("." + oid)[len(arc):] + ".")]
                wanted = rows
                if re.search(r"\.207\.1\.2\.[1-4]$|\.68\.[12]\.[123]$", oid):
                    wanted = 1
                elif oid.endswith("207.1.1.2.1.2"):
                    wanted = 3  # addresses
                elif oid.endswith("68.1.4.1.2"):
                    wanted = 2
                self.assertEqual(len(found), wanted, oid)
        v3 = node.walk(V3)
        self.assertEqual(v3[".1.1.1.1.7.E.51.1"][1], "120")
        self.assertEqual(v3[".1.1.1.1.9.E.61.2"][1], "50")
        self.assertEqual(v3[".1.1.1.1.5.E.61.2"][1].strip(), "00 00 5E 00 02 3D")
        self.assertIn(".1.1.2.1.2.E.51.1.4.10.77.0.100", v3)
        self.assertEqual(node.walk(V2)[".1.3.1.7.E.51"], ("IpAddress", address(1)))
        self.assertEqual(node.snmpd.number(f"{ARC}.1.1.4.0"), 1, "master")
        self.assertEqual(node.snmpd.number(f"{ARC}.1.1.16.0"), 2)
        self.assertEqual(set(node.snmpd.column(f"{ARC}.1.9.1.2").values()), {"VI_2", "VI_3"})

    def test_beside_keepalived(self):
        ours, theirs = Node(self), Node(self, "keepalived")
        ours.start(CONFIG)
        theirs.start(CONFIG)
        ours.wait_master()
        theirs.router.wait_state("MASTER", "VI_2", 15)
        theirs.router.wait_state("MASTER", "VI_3", 15)
        wait_for(lambda: theirs.walk(V3) and theirs.walk(V2), 10, "keepalived's agent")
        self.maxDiff = None

        def compare(arc, left_out):
            def of(node):
                # Link-local addresses come from the interface.
                return {name: (kind, re.sub(r"^FE 80 .*", "link-local", value))
                        for name, (kind, value) in node.walk(arc).items()
                        if not any(name.startswith(each + ".") for each in left_out)}
            self.assertEqual(of(ours), of(theirs))
        # Where keepalived departs from RFC 6527: the index of its table of addresses has no length in front, and without
        # use_vmac it tells the MAC address of the interface. What ticks is left out: times, refresh rate.
        compare(V3, (".1.1.2", ".1.1.1.1.5", ".1.1.1.1.12", ".1.2.4", ".1.2.5.1.12", ".1.2.5.1.13"))
        # And from RFC 2787: a master does not tell its own address as the master's, there is no vrrpOperAuthKey, and
        # vrrpNotificationCntl says what keepalived does with these notifications.
        compare(V2, (".1.3.1.2", ".1.3.1.13", ".1.3.1.7", ".1.3.1.10", ".1.2"))

        def instances(node):
            values = node.walk(KEEPALIVED)
            names = {name.rsplit(".", 1)[1]: value for name, (_, value) in values.items() if name.startswith(".2.")}
            return {(names[name.rsplit(".", 1)[1]], name.split(".")[1]): value for name, value in values.items()
                    if int(name.split(".")[1]) in range(2, 11)}
        self.assertEqual(instances(ours), instances(theirs))

    def test_failover_is_told(self):
        a = Node(self)
        b = Node(self, network=a.network, number=2)
        config = instance(priority=100, version=2, advert_int=1)
        b.start(config)
        b.router.wait_state("MASTER", timeout=15)
        a.start(instance(priority=150, version=2, advert_int=1))
        a.router.wait_state("MASTER", timeout=15)
        wait_for(lambda: b.snmpd.number(f"{ARC}.1.1.4.0") == 2, 20, "b to be backup")

        def told(change):
            texts = [b.traps.field(one, 7).decode() for one in b.traps.of(5)]
            return len([text for text in texts if text.startswith(f"virtual router VI_1: {change}")])
        wait_for(lambda: told("MASTER -> BACKUP"), 20, "its notification")
        before = told("BACKUP -> MASTER")
        self.assertEqual(b.walk(V2)[".1.3.1.7.E.51"][1], address(1), "who is master")
        a.router.stop()
        b.router.wait_state("MASTER", timeout=15)
        wait_for(lambda: told("BACKUP -> MASTER") == before + 1 and b.snmpd.number(f"{ARC}.1.1.4.0") == 1, 20,
                 "the notification")
        for arc in (V3, V2):
            wait_for(lambda arc=arc: any(one.get(".1.3.6.1.6.3.1.1.4.1.0") == f"{arc}.0.1" for one in b.traps.got), 20,
                     f"NewMaster of {arc}")
        self.assertEqual(b.traps.sequences(), list(range(1, len(b.traps.sequences()) + 1)))

    def test_trackers_and_families(self):
        node = Node(self)
        with open(f"{node.directory}/number", "w", encoding="ascii") as file:
            file.write("3\n")
        # An instance of both families that stands on what its group does, and on an interface of its own.
        node.start(f"vrrp_track_file load {{\n  file {node.directory}/number\n  weight -5\n}}\n"
                   "vrrp_sync_group G {\n  group {\n    VI_2\n  }\n  track_interface {\n    lo weight 7\n  }\n"
                   "  track_file {\n    load\n  }\n}\n" +
                   instance("VI_2", (VIP + "/24", VIP6 + "/64"), version=3, virtual_router_id=51, priority=120,
                            lines=("track_interface {\n    eth0\n  }",)))
        node.router.wait_state("MASTER", "VI_2", 15)

        def trackers():
            columns = {column: node.snmpd.column(f"{ARC}.1.12.1.{column}") for column in range(2, 8)}
            return {columns[2][index]: [columns[column][index] if column == 3 else as_number(columns[column][index])
                                        for column in range(3, 8)] for index in columns[2]}
        wait_for(lambda: trackers().get("load", [0] * 5)[4] == -15, 20, "the trackers")
        self.assertEqual(trackers()["load"], ["track_file", 1, -5, 2, -15])
        self.assertEqual(trackers()["lo"], ["track_interface", 1, 7, 2, 7])
        self.assertEqual(trackers()["eth0"], ["track_interface", 1, 0, 2, 0])
        index = next(iter(node.snmpd.column(f"{ARC}.1.9.1.2")))
        self.assertEqual([node.snmpd.number(f"{ARC}.1.9.1.{column}.{index}") for column in (28, 29)], [3, 0])
        with open(f"{node.directory}/number", "w", encoding="ascii") as file:
            file.write("1\n")
        wait_for(lambda: trackers()["load"][4] == -5, 20, "what the file says now")

        wait_for(lambda: ".1.1.1.1.6.E.51.2" in node.walk(V3), 20, "the other family")
        v3 = node.walk(V3)
        self.assertEqual([as_number(v3[f".1.1.1.1.6.E.51.{family}"][1]) for family in (1, 2)], [3, 3], "both master")
        self.assertEqual([v3[f".1.1.1.1.8.E.51.{family}"][1] for family in (1, 2)], ["1", "1"], "an address of each")
        self.assertEqual([v3[f".1.1.1.1.5.E.51.{family}"][1].strip() for family in (1, 2)],
                         ["00 00 5E 00 01 33", "00 00 5E 00 02 33"])
        self.assertEqual(v3[".1.1.1.1.3.E.51.1"][1], v3[".1.1.1.1.4.E.51.1"][1], "it is its own master")
        self.assertTrue(v3[".1.1.1.1.4.E.51.2"][1].startswith("FE 80"), v3[".1.1.1.1.4.E.51.2"])
        wait_for(lambda: len([one for one in node.traps.got if one.get(".1.3.6.1.6.3.1.1.4.1.0") == f"{V3}.0.1"]) >= 2
                 or node.snmpd.number(f"{ARC}.1.1.26.0") == 0, 20, "NewMaster of each family, when lbsnmpd saw it happen")

    def test_another_master_is_told(self):
        a = Node(self)
        b = Node(self, network=a.network, number=2)
        config = dict(version=3, advert_int=0.2)
        a.start(instance(priority=150, **config))
        a.router.wait_state("MASTER", timeout=15)
        b.router.isolate(True)
        b.start(instance(priority=100, **config))
        b.router.wait_state("MASTER", timeout=15)
        wait_for(lambda: a.snmpd.number(f"{ARC}.1.1.4.0") == 1, 20, "a to be master in the MIB")
        index = next(iter(a.snmpd.column(f"{ARC}.1.9.1.2")))
        self.assertEqual(a.snmpd.get(f"{ARC}.1.9.1.25.{index}")[1], "", "none was heard")
        b.router.isolate(False)
        b.router.wait_state("BACKUP", timeout=15)
        wait_for(lambda: a.snmpd.get(f"{ARC}.1.9.1.25.{index}")[1] == address(2), 20, "the other one's address")
        self.assertEqual(a.snmpd.number(f"{ARC}.1.9.1.26.{index}"), 100)
        wait_for(lambda: a.traps.of(6), 20, "a notification")
        wait_for(lambda: b.snmpd.get(f"{ARC}.1.9.1.24.{index}")[1] == address(1), 20, "who is master, at the backup")

    def test_a_reload_that_fails_is_told(self):
        node = Node(self)
        node.start(CONFIG)
        node.wait_master()
        with open(node.router.config_path, encoding="ascii") as file:
            good = file.read()
        for text, kind in ((good + "nonsense {\n", 10), (good.replace("priority 120", "priority 121"), 11)):
            with open(node.router.config_path, "w", encoding="ascii") as file:
                file.write(text)
            node.router.program.signal(signal.SIGHUP)
            wait_for(lambda kind=kind: node.traps.of(kind), 30, f"its notification\n{node.router.log()}")  # noqa: B023
            self.assertEqual(node.traps.field(node.traps.of(kind)[0], 6), b"vrrpd")
        self.assertEqual(node.snmpd.number(f"{ARC}.1.1.31.0"), 1)
        self.assertEqual(len(node.traps.of(10)), 1)

    def test_the_group_of_lbd_may_read_and_not_hand_over(self):
        try:
            user = pwd.getpwnam("haproxy")
        except KeyError:
            self.skipTest("no user haproxy here")
        if not netns.real_root():
            self.skipTest("only root can become somebody else")
        node = Node(self)
        node.start(CONFIG)
        node.wait_master()
        os.chmod(node.router.directory, 0o755)

        def as_them(*words):
            return run([*node.router.host.prefix, "setpriv", f"--reuid={user.pw_uid}", f"--regid={user.pw_gid}",
                        "--clear-groups", need_program("lbctl"), "-r", f"{node.router.directory}/vrrpd.sock", "-l", "/none",
                        "-y", "/none", *words])
        self.assertIn("VI_3 MASTER", as_them("status")[1])
        code, _, err = as_them("failover")
        self.assertEqual(code, 1)
        self.assertIn("only root, or the user of vrrpd, may hand over", err)

    def test_modes_of_centreon(self):
        if not os.path.exists(PLUGIN):
            self.skipTest("no centreon-plugins here")
        node = Node(self)
        node.start(CONFIG)
        node.wait_master()
        for plugin, mode, expected in (
                ("apps::keepalived::snmp::plugin", "vrrp-status",
                 r"VRRP 'eth0' state : master \[last state : master, wanted state : 'master'\]"),
                ("network::checkpoint::snmp::plugin", "vrrp-status",
                 rf"VRRP '{re.escape(address(1))}' state : master \[admin state : 'up'\]")):
            for _ in range(2):  # the first fills its cache
                code, out, err = run([*node.router.host.prefix, "perl", PLUGIN, f"--plugin={plugin}", f"--mode={mode}",
                                      "--hostname=127.0.0.1", f"--snmp-port={node.snmpd.port}", "--snmp-version=2c",
                                      "--snmp-community=public", f"--statefile-dir={node.directory}", "--verbose"], 60)
            self.assertEqual(code, 0, out + err)
            self.assertRegex(out, expected)


if __name__ == "__main__":
    prepare()
    netns.enter_private()
    sys.exit(unittest.main(verbosity=1))
