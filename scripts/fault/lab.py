"""A laboratory of network namespaces: a desk with a bridge, and machines with a cable each that can be cut.

Everything has names of its own and is gone at the end. Processes see a host name, and where asked a home, an /etc/hosts
and a /run of their own; nothing of that is seen outside. Only processes inside these namespaces are ever ended.
"""

import os
import shutil
import signal
import subprocess
import tempfile
import time

DESK = "10.1.0.1"


def missing():
    """Why this machine can have no laboratory; None where it can."""
    if os.geteuid() != 0:
        return "network namespaces need root"
    for tool in ("ip", "unshare"):
        if shutil.which(tool) is None:
            return f"there is no {tool} (Debian: iproute2, util-linux)"
    name = f"mf{os.getpid()}-probe"
    try:
        subprocess.run(["ip", "netns", "add", name], check=True, capture_output=True, text=True)
        subprocess.run(["ip", "-n", name, "link", "add", "br0", "type", "bridge"], check=True, capture_output=True,
                       text=True)
        subprocess.run(["ip", "-n", name, "link", "add", "va", "type", "veth", "peer", "name", "vb"], check=True,
                       capture_output=True, text=True)
        subprocess.run(["ip", "netns", "exec", name, "unshare", "--uts", "true"], check=True, capture_output=True,
                       text=True)
    except subprocess.CalledProcessError as error:
        return f"{' '.join(error.cmd)}: {error.stderr.strip()}"
    finally:
        subprocess.run(["ip", "netns", "del", name], capture_output=True)
    return None


class Lab:
    """A desk (10.1.0.1) and machines lab01… (10.1.0.11…)."""

    def __init__(self, machines):
        self.names = [f"lab{number:02}" for number in range(1, machines + 1)]
        self.address = {name: f"10.1.0.{10 + number}" for number, name in enumerate(self.names, 1)}
        self.folder = tempfile.mkdtemp(prefix="microfold-lab-")
        self.spaces = []
        signal.signal(signal.SIGTERM, lambda *_: exit(143))
        try:
            self.build()
        except BaseException:
            self.remove()
            raise

    def space(self, name):
        return f"mf{os.getpid()}-{name}"

    def ip(self, *words):
        subprocess.run(["ip", *words], check=True)

    def build(self):
        for name in ["desk", *self.names]:
            self.ip("netns", "add", self.space(name))
            self.spaces.append(self.space(name))
            self.ip("-n", self.space(name), "link", "set", "lo", "up")
        desk = self.space("desk")
        self.ip("-n", desk, "link", "add", "br0", "type", "bridge")
        self.ip("-n", desk, "addr", "add", DESK + "/16", "dev", "br0")
        self.ip("-n", desk, "link", "set", "br0", "up")
        for name in self.names:
            self.ip("-n", desk, "link", "add", name, "type", "veth", "peer", "name", "eth0", "netns", self.space(name))
            self.ip("-n", desk, "link", "set", name, "master", "br0", "up")
            self.ip("-n", self.space(name), "addr", "add", self.address[name] + "/16", "dev", "eth0")
            self.ip("-n", self.space(name), "link", "set", "eth0", "up")

    def cut(self, name):
        self.ip("-n", self.space("desk"), "link", "set", name, "down")

    def mend(self, name):
        self.ip("-n", self.space("desk"), "link", "set", name, "up")

    def blackhole(self, place, address):
        """What `place` sends to the address is thrown away; the other direction goes on."""
        self.ip("-n", self.space(place), "route", "add", "blackhole", address + "/32")

    def clear(self, place, address):
        self.ip("-n", self.space(place), "route", "del", "blackhole", address + "/32")

    def inside(self, name, home=None):
        """Words before a command that bring it to a place."""
        script = 'hostname "$0"; '
        if home:
            self.write_home(name, home)
            script += f"mount --bind {home}.passwd /etc/passwd; mount --bind {self.folder}/hosts /etc/hosts; "
            script += "mount -t tmpfs none /run; mkdir /run/sshd; "
            script += f"export HOME={home}; "
        return ["ip", "netns", "exec", self.space(name), "unshare", "--uts", "sh", "-ec", script + 'exec "$@"', name]

    def write_home(self, name, home):
        os.makedirs(home, exist_ok=True)
        with open("/etc/passwd") as file:
            lines = file.read().splitlines()
        with open(home + ".passwd", "w") as file:
            for line in lines:
                fields = line.split(":")
                if fields[0] == "root":
                    fields[5:] = [home, "/bin/bash"]
                file.write(":".join(fields) + "\n")
        with open(self.folder + "/hosts", "w") as file:
            file.write(f"127.0.0.1 localhost\n{DESK} desk\n")
            file.writelines(f"{address} {host}\n" for host, address in self.address.items())

    def remove(self):
        """Ends what runs in the namespaces, by its ids, and removes them."""
        for number in (signal.SIGTERM, signal.SIGKILL):
            for space in self.spaces:
                found = subprocess.run(["ip", "netns", "pids", space], capture_output=True, text=True).stdout.split()
                for pid in found:
                    try:
                        os.kill(int(pid), signal.SIGCONT)
                        os.kill(int(pid), number)
                    except ProcessLookupError:
                        pass
            time.sleep(1)
        for space in self.spaces:
            subprocess.run(["ip", "netns", "del", space])
        self.spaces = []
        shutil.rmtree(self.folder, ignore_errors=True)
