"""What a vrrpd depends on beside its link: processes, files; and what it tells: notify fifos, scripts at start and end."""

import os
import signal
import subprocess
import sys
import time
import unittest

sys.path.insert(0, os.path.dirname(os.path.dirname(os.path.abspath(__file__))))

from support import netns  # noqa: E402
from support.process import Program, wait_for  # noqa: E402
from support.vrrp import Router, Sniffer, instance, need_program  # noqa: E402


class One(unittest.TestCase):
    def setUp(self):
        self.network = netns.Network()
        self.addCleanup(self.network.close)
        self.a = Router(self, self.network, "a", 1)

    def reload(self, config, **words):
        self.a.write(config, **words)
        lines = self.a.log().count("Reloaded")
        self.a.program.signal(signal.SIGHUP)
        wait_for(lambda: self.a.log().count("Reloaded") > lines, what=f"the reload\n{self.a.log()}")

    def write(self, name, text, mode=0o644):
        path = os.path.join(self.a.directory, name)
        with open(path, "w", encoding="ascii") as file:
            file.write(text)
        os.chmod(path, mode)
        return path

    def read(self, name):
        path = os.path.join(self.a.directory, name)
        if not os.path.exists(path):
            return ""
        with open(path, encoding="ascii") as file:
            return file.read()


class Processes(One):
    def daemon(self, seconds="1000.5"):
        process = subprocess.Popen(["/bin/sleep", seconds])
        self.addCleanup(lambda: (process.kill(), process.wait()))
        return process

    def config(self, *lines):
        return ("vrrp_track_process chk {\n  process /bin/sleep 1000.5\n" + "".join(f"  {line}\n" for line in lines) +
                "}\n" + instance(priority=150, advert_int=0.02, lines=("track_process {", "  chk", "}")))

    def test_its_end_is_seen_at_once(self):
        process = self.daemon()
        self.a.start(self.config("weight 0"))
        self.a.wait_state("MASTER")
        since = time.monotonic()
        process.kill()
        process.wait()
        wait_for(lambda: not self.a.has(), what="the address to go", interval=0.002)
        self.assertLess(time.monotonic() - since, 0.1)
        self.assertEqual(self.a.state(), "FAULT")
        self.daemon()
        self.a.wait_state("MASTER")

    def test_a_successor_counts(self):
        first = self.daemon()
        second = self.daemon()
        self.a.start(self.config("weight 0"))
        self.a.wait_state("MASTER")
        first.kill()
        first.wait()
        time.sleep(0.3)  # what must not happen
        self.assertEqual(self.a.states(), ["BACKUP", "MASTER"])
        second.kill()
        self.a.wait_state("FAULT")

    def test_weight_and_quorum(self):
        self.daemon()
        self.a.start(self.config("weight 30", "quorum 2"))
        self.a.wait_state("MASTER")
        self.daemon()
        wait_for(lambda: "Changing effective priority from 150 to 180" in self.a.log(), what="the quorum")

    def test_a_delay_bridges_a_restart(self):
        process = self.daemon()
        self.a.start(self.config("weight 0", "terminate_delay 1"))
        self.a.wait_state("MASTER")
        process.kill()
        process.wait()
        time.sleep(0.2)
        self.daemon()
        time.sleep(1.2)  # beyond the delay
        self.assertEqual(self.a.states(), ["BACKUP", "MASTER"])


class Files(One):
    def config(self, use="", *lines):
        return (f"track_file level {{\n  file {self.a.directory}/level\n" + "".join(f"  {line}\n" for line in lines) +
                "}\n" + instance(priority=150, advert_int=0.02, lines=("track_file {", f"  level {use}", "}")))

    def test_the_number_moves_the_priority(self):
        self.a.start(self.config("", "init_file -10"))
        self.a.wait_state("MASTER")
        self.assertEqual(self.read("level"), "-10\n")
        wait_for(lambda: "now -10" in self.a.log(), what="the first number")
        self.write("level", "-50\n")
        wait_for(lambda: "Changing effective priority from 140 to 100" in self.a.log(), what="-50")
        os.unlink(f"{self.a.directory}/level")
        wait_for(lambda: "Changing effective priority from 100 to 150" in self.a.log(), what="the end of the file")
        self.write("new", "20\n")
        os.rename(f"{self.a.directory}/new", f"{self.a.directory}/level")
        wait_for(lambda: "Changing effective priority from 150 to 170" in self.a.log(), what="20")

    def test_without_weight_a_number_is_a_fault(self):
        self.a.start(self.config("weight 0"))
        self.a.wait_state("MASTER")
        self.write("level", "1\n")
        self.a.wait_state("FAULT")
        self.write("level", "0\n")
        self.a.wait_state("MASTER")


class AfterReload(One):
    """A reload, be it of the same file, leaves instances and groups with ears for what they track."""

    def test_of_an_instance(self):
        config = (f"track_file level {{\n  file {self.a.directory}/level\n  weight 0\n}}\n" +
                  instance(priority=255, lines=("track_file {", "  level", "}")))
        self.a.start(config)
        self.a.wait_state("MASTER")
        for _ in range(2):
            self.reload(config)
            self.write("level", "1\n")
            self.a.wait_state("FAULT")
            self.write("level", "0\n")
            self.a.wait_state("MASTER")

    def test_of_a_group(self):
        config = (f"track_file level {{\n  file {self.a.directory}/level\n  weight 0\n}}\n"
                  "vrrp_sync_group G {\n  group {\n    VI_1\n  }\n  track_file {\n    level\n  }\n}\n" +
                  instance(priority=255))
        self.a.start(config)
        self.a.wait_state("MASTER")
        self.reload(config)
        self.write("level", "1\n")
        self.a.wait_state("FAULT")
        self.write("level", "0\n")
        self.a.wait_state("MASTER")


class Lbd(One):
    """The real lbd beside it."""

    def start_lbd(self):
        config = self.write("lbd.cfg", f"global\n    tandem-link-socket {self.a.directory}/lbd.sock\n    nbthread 2\n"
                                       "defaults\n    mode http\n    timeout client 5s\n    timeout server 5s\n"
                                       "    timeout connect 5s\nfrontend web\n    bind 127.0.0.1:8080\n")
        program = Program([need_program("lbd"), "-db", "-f", config], self.a.directory, prefix=self.a.host.prefix,
                          own_directory=False)
        self.addCleanup(program.close)
        self.addCleanup(program.stop)
        self.addCleanup(program.signal, signal.SIGCONT)
        wait_for(lambda: os.path.exists(f"{self.a.directory}/lbd.sock"), what=f"lbd\n{program.errors()}")
        return program

    def test_a_hang_is_seen_and_its_end(self):
        lbd = self.start_lbd()
        self.a.start(instance(priority=255, lines=("track_lbd",)))
        self.a.wait_state("MASTER")
        time.sleep(0.5)  # lbd publishes that it works
        took = []
        for _ in range(3):
            since = time.monotonic()
            lbd.signal(signal.SIGSTOP)
            wait_for(lambda: not self.a.has(), 3, f"the address to go\n{self.a.log()}", 0.005)
            took.append(time.monotonic() - since)
            lbd.signal(signal.SIGCONT)
            wait_for(lambda: self.a.state() == "MASTER" and self.a.has(), 5, f"the address again\n{self.a.log()}")
        print(f"vrrp: a stopped lbd is noticed after {max(took) * 1000:.0f} ms at most", flush=True)
        self.assertLess(max(took), 0.35)

    def test_a_busy_machine_is_no_hang(self):
        self.start_lbd()
        hogs = [subprocess.Popen(["/bin/sh", "-c", "while :; do :; done"]) for _ in range(2 * os.cpu_count())]
        for hog in hogs:
            self.addCleanup(lambda hog=hog: (hog.kill(), hog.wait()))
        self.a.start(instance(priority=255, lines=("track_lbd",)))
        self.a.wait_state("MASTER")
        time.sleep(5)
        self.assertEqual(self.a.states(), ["MASTER"], self.a.log())


class Links(One):
    def test_delays(self):
        """A link that is down for a moment only is no fault; one that stays down is, after the delay."""
        self.a.start("interface_up_down_delays {\n  eth0 0.5 0.3\n}\n" + instance(priority=255))
        self.a.wait_state("MASTER")
        self.a.cable(False)
        time.sleep(0.2)
        self.a.cable(True)
        time.sleep(0.5)
        self.assertEqual(self.a.states(), ["MASTER"])
        since = time.monotonic()
        self.a.cable(False)
        self.a.wait_state("FAULT")
        self.assertGreater(time.monotonic() - since, 0.45)
        since = time.monotonic()
        self.a.cable(True)
        self.a.wait_state("MASTER")
        self.assertGreater(time.monotonic() - since, 0.28)


class Announcements(One):
    def test_a_pace_for_all_instances_of_an_interface(self):
        client = self.network.host("client", "10.77.0.9/24")
        text = "garp_group {\n  garp_interval 0.05\n  interfaces {\n    eth0\n  }\n}\n"
        for number in (1, 2):
            text += instance(f"VI_{number}", priority=255, virtual_router_id=50 + number, garp_master_repeat=3,
                             vips=(f"10.77.0.10{number}/24",))
        with Sniffer(client) as sniffer:
            self.a.start(text)

            def announced():
                return sorted(sniffer.gratuitous_arps("10.77.0.101") + sniffer.gratuitous_arps("10.77.0.102"))

            wait_for(lambda: len(announced()) == 6, what="two rounds of three")
            times = [when for when, _ in announced()]
            self.assertGreater(min(b - a for a, b in zip(times, times[1:])), 0.045)


class Repeated(One):
    def frames(self, vip, sniffer):
        return len(sniffer.gratuitous_arps(vip))

    def setUp(self):
        super().setUp()
        self.client = self.network.host("client", "10.77.0.9/24")
        self.a.host.run("ip", "link", "add", "other0", "link", "eth0", "type", "macvlan", "mode", "private")
        self.a.host.link("other0", True)

    def config(self, *lines):
        return instance(priority=255, garp_master_delay=0, garp_master_repeat=1, vips=("10.77.0.100/24",),
                        excluded=("10.77.0.101/24 dev other0",), lines=lines)

    def test_on_interfaces_without_adverts(self):
        """garp_extra_if all; a reload may ask for it later."""
        self.a.start(self.config())
        self.a.wait_state("MASTER")
        with Sniffer(self.client) as sniffer:
            self.reload(self.config("garp_extra_if all 0.05"))
            wait_for(lambda: self.frames("10.77.0.101", sniffer) > 5, what="announcements of the address that is elsewhere")
            self.assertEqual(self.frames("10.77.0.100", sniffer), 0)
        self.reload(self.config("garp_extra_if 0.05"))
        with Sniffer(self.client) as sniffer:
            time.sleep(0.5)  # neither has a virtual MAC
            self.assertEqual(self.frames("10.77.0.101", sniffer) + self.frames("10.77.0.100", sniffer), 0)

    def test_on_a_virtual_mac_without_adverts(self):
        self.a.start(instance(priority=255, garp_master_delay=0, lines=("use_vmac", "vmac_xmit_base", "vmac_garp_intvl 0.05")))
        self.a.wait_state("MASTER")
        with Sniffer(self.client) as sniffer:
            wait_for(lambda: self.frames("10.77.0.100", sniffer) > 10, what="announcements")

    def test_a_refresh_that_a_reload_asks_for(self):
        self.a.start(self.config())
        self.a.wait_state("MASTER")
        with Sniffer(self.client) as sniffer:
            self.reload(self.config("garp_master_refresh 0.05"))
            wait_for(lambda: self.frames("10.77.0.100", sniffer) > 5, what="announcements")


class Told(One):
    def test_fifo(self):
        """As keepalived writes it, line for line."""
        fifo = f"{self.a.directory}/fifo"
        reader = self.write("reader", f'#!/bin/sh\nexec cat "$1" >> {self.a.directory}/told\n', 0o755)
        words = [f"notify_fifo {fifo}", f"notify_fifo_script {reader}", "vrrp_notify_priority_changes",
                 "fifo_write_vrrp_states_on_reload"]
        config = (instance(priority=150, advert_int=0.02, lines=("track_file {", "  level", "}")) +
                  f"track_file level {{\n  file {self.a.directory}/level\n}}\n")
        self.a.start(config, words)
        self.a.wait_state("MASTER")
        self.write("level", "5\n")
        wait_for(lambda: "MASTER_PRIORITY" in self.read("told"), what="the priority")
        self.reload(config, global_words=words)
        self.a.host.link("eth0", False)
        self.a.wait_state("FAULT")
        wait_for(lambda: "FAULT" in self.read("told"), what="the fault")
        self.assertEqual(self.read("told").splitlines(), [
            'INSTANCE "VI_1" BACKUP 150', 'INSTANCE "VI_1" MASTER 150', 'INSTANCE "VI_1" MASTER_PRIORITY 155',
            'INSTANCE "VI_1" MASTER 155', 'INSTANCE "VI_1" FAULT 155'])
        self.a.stop()
        self.assertFalse(os.path.exists(fifo))

    def test_a_fifo_that_nobody_reads_blocks_nothing(self):
        self.a.start(instance(priority=255), [f"notify_fifo {self.a.directory}/fifo"])
        self.a.wait_state("MASTER")
        self.assertEqual(self.a.stop(), 0)

    def test_a_deleted_instance(self):
        def second(*lines):
            return instance("VI_2", virtual_router_id=52, priority=255, vips=("10.77.0.101/24",), lines=lines)

        fifo = self.write("told", "")
        os.unlink(fifo)
        words = [f"vrrp_notify_fifo {self.a.directory}/fifo",
                 "vrrp_notify_fifo_script " + self.write("reader", f'#!/bin/sh\nexec cat "$1" >> {fifo}\n', 0o755)]
        for lines, told in ((("notify_deleted",), "DELETED"), ((), "FAULT")):
            self.a.start(instance(priority=255) + second(*lines), words)
            self.a.wait_state("MASTER", "VI_2")
            self.reload(instance(priority=255), global_words=words)
            wait_for(lambda t=told: f'INSTANCE "VI_2" {t} 255' in self.read("told"), what=told)
            self.a.stop()

    def test_scripts_at_start_and_end(self):
        words = [f'startup_script "/bin/sh -c \'echo start >> {self.a.directory}/told\'"',
                 f'shutdown_script "/bin/sh -c \'echo end >> {self.a.directory}/told\'"']
        self.a.start(instance(priority=255), words)
        self.a.wait_state("MASTER")
        self.assertEqual(self.read("told"), "start\n")
        self.a.stop()
        self.assertEqual(self.read("told"), "start\nend\n")

    def test_schedule(self):
        self.a.start(instance(priority=255), ["vrrp_rt_priority 20", "vrrp_no_swap", "vrrp_rlimit_rttime 100000",
                                              "vrrp_cpu_affinity 0"])
        self.a.wait_state("MASTER")
        pid = self.a.program.process.pid
        self.assertEqual(os.sched_getscheduler(pid) & 0xff, os.SCHED_RR, self.a.log())
        self.assertEqual(os.sched_getparam(pid).sched_priority, 20)
        self.assertEqual(os.sched_getaffinity(pid), {0})
        with open(f"/proc/{pid}/status", encoding="ascii") as file:
            locked = [line.split()[1] for line in file if line.startswith("VmLck")]
        self.assertNotEqual(locked, ["0"])
        self.reload(instance(priority=255))
        self.assertEqual(os.sched_getscheduler(pid), os.SCHED_OTHER)

    def test_promote_secondaries(self):
        self.a.start(instance(priority=255, promote_secondaries=True))
        self.a.wait_state("MASTER")
        path = "/proc/sys/net/ipv4/conf/eth0/promote_secondaries"
        self.assertEqual(self.a.host.run("cat", path).strip(), "1")

    def test_fault_without_unicast_peers(self):
        self.a.start(instance(priority=255, unicast_fault_no_peer=True, lines=("unicast_peer {", "}")))
        self.a.wait_state("FAULT")


if __name__ == "__main__":
    netns.enter_private()
    need_program("vrrpd")
    unittest.main()
