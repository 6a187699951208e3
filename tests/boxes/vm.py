"""Machines that are emulated: Debian 12 with a kernel of its own each, in qemu, plugged into the switch of a
tests/support/netns.py Network. With KVM where it can be used, else in pure emulation, ten times slower.

Commands go in through a serial port that an agent in the machine listens to, so that they work whatever happens to its
network. A machine's disk is a copy of the common image, and stays when its power goes.
"""

import base64
import json
import os
import shutil
import signal
import socket
import subprocess
import threading

from boxes.box import DIES_WITH_US, debian_tree
from support.process import build_dir, wait_for

KERNEL = "linux-image-cloud-amd64"
SIZE = "2G"
AGENT = '''#!/usr/bin/python3
import base64, json, subprocess
port = open("/dev/virtio-ports/tandem", "r+b", buffering=0)
line = b""
while True:
    piece = port.read(4096)
    if not piece:
        continue
    line += piece
    while b"\\n" in line:
        wanted, line = line.split(b"\\n", 1)
        asked = json.loads(base64.b64decode(wanted))
        if "write" in asked:
            open(asked["write"], "ab").write(base64.b64decode(asked["data"]))
            code, text = 0, b""
        else:
            done = subprocess.run(asked["argv"], stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.STDOUT)
            code, text = done.returncode, done.stdout
        answer = json.dumps({"number": asked["number"], "code": code, "text": base64.b64encode(text).decode()})
        answer = answer.encode() + b"\\n"
        while answer:
            answer = answer[port.write(answer):]
'''
UNIT = """[Unit]
Description=Commands from outside
[Service]
ExecStart=/usr/local/sbin/agent
Environment=DEBIAN_FRONTEND=noninteractive LC_ALL=C.UTF-8
OOMScoreAdjust=-1000
[Install]
WantedBy=multi-user.target
"""


def has_kvm():
    modules = any(os.path.isdir(f"/sys/module/{name}") for name in ("kvm_intel", "kvm_amd"))
    return modules and os.access("/dev/kvm", os.R_OK | os.W_OK)


def image():
    """The folder with disk, kernel and initrd; made once."""
    folder = os.path.join(build_dir(), "vm")
    if os.path.exists(os.path.join(folder, "disk")):
        return folder
    tree = os.path.join(build_dir(), "debian-vm")
    # Only what such a machine needs to find its disk: what is not there need not be unpacked by an emulated processor.
    hook = ("mkdir -p \"$1/etc/initramfs-tools/conf.d\" && printf 'MODULES=list\\nCOMPRESS=lz4\\n' >\"$1/etc/initramfs-tools/conf.d/tandem\""
            " && printf 'virtio_pci\\nvirtio_blk\\next4\\n' >\"$1/etc/initramfs-tools/modules\"")
    debian_tree(tree, f"{KERNEL},initramfs-tools,lz4,python3,udev", [f"--essential-hook={hook}"])
    for path, text, mode in (("usr/local/sbin/agent", AGENT, 0o755), ("etc/systemd/system/agent.service", UNIT, 0o644),
                             ("etc/fstab", "/dev/vda / ext4 rw,noatime 0 0\n", 0o644)):
        with open(os.path.join(tree, path), "w", encoding="ascii") as file:
            file.write(text)
        os.chmod(os.path.join(tree, path), mode)
    wants = os.path.join(tree, "etc/systemd/system/multi-user.target.wants")
    os.makedirs(wants, exist_ok=True)
    if not os.path.lexists(f"{wants}/agent.service"):
        os.symlink("/etc/systemd/system/agent.service", f"{wants}/agent.service")
    # They take seconds each time such a machine boots, and are of no use to it.
    for unit in ("apt-daily.timer", "apt-daily-upgrade.timer", "man-db.timer", "e2scrub_all.timer", "fstrim.timer",
                 "e2scrub_reap.service", "snmpd.service", "systemd-pstore.service"):
        link = os.path.join(tree, "etc/systemd/system", unit)
        if not os.path.lexists(link):
            os.symlink("/dev/null", link)
    os.makedirs(folder, exist_ok=True)
    boot = os.path.join(tree, "boot")
    for prefix in ("vmlinuz", "initrd"):
        name = next(each for each in sorted(os.listdir(boot)) if each.startswith(prefix))
        shutil.copyfile(os.path.join(boot, name), os.path.join(folder, prefix))
    making = os.path.join(folder, "disk.new")
    subprocess.run(["mke2fs", "-q", "-t", "ext4", "-F", "-d", tree, making, SIZE], check=True, stdout=subprocess.DEVNULL)
    os.rename(making, os.path.join(folder, "disk"))
    return folder


class Vm:
    """One machine, with its first network device plugged into the switch."""

    def __init__(self, name, network, place, folder):
        self.name, self.network, self.place = name, network, place
        self.directory = os.path.join(folder, name)
        os.makedirs(self.directory)
        self.image = image()
        self.disk = os.path.join(self.directory, "disk")
        subprocess.run(["cp", "--sparse=always", "--reflink=auto", os.path.join(self.image, "disk"), self.disk], check=True)
        self.tap = f"vm{place}"
        network.switch.run("ip", "tuntap", "add", self.tap, "mode", "tap")
        network.switch.run("ip", "link", "set", self.tap, "master", "sw0", "up")
        self.qemu = None
        self.port = None
        self.number = 0
        self.asked = threading.Lock()

    def boot(self, timeout=300):
        self.start()
        self.wait_booted(timeout)

    def start(self):
        speed = ["-accel", "kvm", "-cpu", "host"] if has_kvm() else ["-accel", "tcg", "-cpu", "qemu64"]
        self.qemu = subprocess.Popen(
            [*self.network.switch.prefix, *DIES_WITH_US, "qemu-system-x86_64", "-machine", "q35", *speed, "-m", "512", "-smp", "1",
             "-nodefaults", "-display", "none", "-no-reboot", "-rtc", "base=utc",
             "-kernel", f"{self.image}/vmlinuz", "-initrd", f"{self.image}/initrd",
             "-append", "root=/dev/vda rw console=ttyS0 quiet net.ifnames=0 mitigations=off systemd.show_status=no "
                        f"systemd.hostname={self.name}",
             "-serial", f"file:{self.directory}/console", "-qmp", f"unix:{self.directory}/qmp,server=on,wait=off",
             "-drive", f"file={self.disk},format=raw,if=virtio,cache=unsafe",
             "-netdev", f"tap,id=net0,ifname={self.tap},script=no,downscript=no",
             "-device", f"virtio-net-pci,netdev=net0,id=nic0,mac=52:54:00:00:00:{self.place:02x},romfile=",
             "-device", "virtio-serial-pci", "-chardev", f"socket,id=agent,path={self.directory}/agent,server=on,wait=off",
             "-device", "virtserialport,chardev=agent,name=tandem", "-device", "virtio-rng-pci"],
            stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL, stderr=open(f"{self.directory}/qemu", "wb"), start_new_session=True)

    def wait_booted(self, timeout=300):
        def connected():
            assert self.qemu.poll() is None, f"{self.name} does not run:\n{self.console()}"
            self.port = socket.socket(socket.AF_UNIX)
            try:
                self.port.connect(f"{self.directory}/agent")
                return True
            except OSError:
                self.port.close()
                return False

        wait_for(connected, 30, f"the serial port of {self.name}", interval=0.1)
        self.port.settimeout(timeout)
        # The agent answers as soon as it runs; until then the port keeps what was said.
        self.run("true", timeout=timeout)
        self.run("systemctl", "is-system-running", "--wait", check=False, timeout=timeout)

    def console(self):
        text = ""
        for name in ("qemu", "console"):
            with open(os.path.join(self.directory, name), encoding="utf-8", errors="replace") as file:
                text += file.read()[-3000:]
        return text

    def _ask(self, timeout, **wanted):
        with self.asked:
            self.number += 1
            self.port.settimeout(timeout)
            try:
                self.port.sendall(base64.b64encode(json.dumps({"number": self.number, **wanted}).encode()) + b"\n")
                line = b""
                while True:
                    while not line.endswith(b"\n"):
                        piece = self.port.recv(65536)
                        assert piece, f"{self.name} has no power"
                        line += piece
                    for each in line.splitlines():
                        answer = json.loads(each)
                        if answer["number"] == self.number:
                            return answer["code"], base64.b64decode(answer["text"]).decode(errors="replace")
                    line = b""
            except OSError as error:
                raise AssertionError(f"{self.name} does not answer ({error}):\n{self.console()}") from None

    def run(self, *argv, check=True, timeout=300):
        """What the command said; AssertionError with it when it failed."""
        code, text = self._ask(timeout, argv=argv)
        assert not check or code == 0, f"{self.name}: {' '.join(argv)} ended with {code}:\n{text}"
        return text

    def copy(self, source, target):
        self.run("rm", "-f", target)
        with open(source, "rb") as file:
            while piece := file.read(96 * 1024):
                self._ask(300, write=target, data=base64.b64encode(piece).decode())

    def _qmp(self, command, **arguments):
        with socket.socket(socket.AF_UNIX) as control:
            control.settimeout(30)
            control.connect(f"{self.directory}/qmp")
            talk = control.makefile("rw")
            talk.readline()
            for each in ({"execute": "qmp_capabilities"}, {"execute": command, "arguments": arguments}):
                talk.write(json.dumps(each) + "\n")
                talk.flush()
                while True:
                    answer = json.loads(talk.readline())
                    if "event" not in answer:
                        break
                assert "return" in answer, f"{self.name}: {each}: {answer}"

    def power_off(self):
        self.qemu.kill()
        self.qemu.wait()
        self.port.close()

    def power_on(self):
        self.boot()

    def freeze(self):
        self.qemu.send_signal(signal.SIGSTOP)

    def thaw(self):
        self.qemu.send_signal(signal.SIGCONT)

    def unplug(self):
        self._qmp("set_link", name="nic0", up=False)

    def plug(self):
        self._qmp("set_link", name="nic0", up=True)

    def close(self):
        if self.qemu and self.qemu.poll() is None:
            self.qemu.kill()
            self.qemu.wait()
        if self.port:
            self.port.close()
