"""Follows the page "A study on five lab machines" of cluster/README.md word for word, over real sshd in namespaces."""

import argparse
import os
import re
import shutil
import subprocess
import sys
import time

from cluster import Study
from lab import Lab, missing

SSHD = """HostKey {home}/host_key
AuthorizedKeysFile {folder}/authorized_keys
StrictModes no
UsePAM no
PasswordAuthentication no
PidFile none
LogLevel ERROR
"""


class Desk:
    """Where the page is typed."""

    def __init__(self, lab, repository, microfold):
        self.lab = lab
        self.home = lab.folder + "/desk-home"
        self.place = lab.folder + "/desk"
        os.makedirs(self.home + "/.ssh", mode=0o700)
        os.makedirs(self.place)
        os.symlink(f"{repository}/cluster", f"{self.place}/cluster")
        os.makedirs(self.place + "/.build/release")
        os.symlink(microfold, self.place + "/.build/release/microfold")
        self.path = ""
        self.failed = []

    def type(self, command, expected=0, show=True):
        """Runs what was typed; prints it and its answer."""
        begin = time.monotonic()
        if show:
            print("desk$ " + command.replace("\n", "\n      "), flush=True)
        done = subprocess.run(
            [*self.lab.inside("desk", self.home), "bash", "-c", f"{self.path}\n{command}"], cwd=self.place,
            stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True, timeout=150)
        if show:
            print("".join(f"  {line[:180]}\n" for line in done.stdout.splitlines()[-14:]), end="")
            print(f"  [{done.returncode}, {time.monotonic() - begin:.1f} s]", flush=True)
        self.expect(done.returncode == expected, f"{command.split()[0]} ended with {done.returncode}")
        return done.stdout

    def expect(self, is_so, otherwise):
        if not is_so:
            self.failed.append(otherwise)
            print("  NOT AS EXPECTED: " + otherwise, flush=True)

    def log(self):
        with open(self.place + "/five.log") as file:
            return file.read()

    def until(self, condition, what, timeout_s=60):
        begin = time.monotonic()
        while time.monotonic() - begin < timeout_s:
            if condition():
                return time.monotonic() - begin
            time.sleep(0.1)
        self.expect(False, f"{what}: not within {timeout_s} s")
        return timeout_s


def blocks(path):
    """What is to be typed, in the page's order."""
    with open(path) as file:
        page = re.search(r"## A study on five lab machines.*?(?=\n## )", file.read(), re.S).group()
    found = [re.sub(r"^   ", "", block, flags=re.M).strip() for block in re.findall(r"```sh\n(.*?)```", page, re.S)]
    names = ["build", "path", "hosts", "keys", "coordinate", "start", "status", "stop", "verify"]
    assert len(found) == len(names), f"cluster/README.md: {len(found)} blocks, {len(names)} were expected"
    return dict(zip(names, found))


def start_sshd(lab, desk):
    quiet = {"check": True, "stdout": subprocess.DEVNULL}
    subprocess.run(["ssh-keygen", "-q", "-t", "ed25519", "-N", "", "-f", desk.home + "/.ssh/id_ed25519"], **quiet)
    shutil.copy(desk.home + "/.ssh/id_ed25519.pub", lab.folder + "/authorized_keys")
    for name in lab.names:
        home = f"{lab.folder}/{name}-home"
        inside = lab.inside(name, home)
        subprocess.run(["ssh-keygen", "-q", "-t", "ed25519", "-N", "", "-f", home + "/host_key"], **quiet)
        with open(home + "/host_key.pub") as key, open(desk.home + "/.ssh/known_hosts", "a") as known:
            known.write(f"{name},{lab.address[name]} {' '.join(key.read().split()[:2])}\n")
        with open(home + "/sshd_config", "w") as file:
            file.write(SSHD.format(home=home, folder=lab.folder))
        subprocess.Popen([*inside, "/usr/sbin/sshd", "-D", "-e", "-f", home + "/sshd_config"])
    for name in lab.names:
        desk.until(lambda: subprocess.run(
            [*lab.inside("desk", desk.home), "ssh", "-o", "BatchMode=yes", name, "true"],
            capture_output=True).returncode == 0, f"sshd of {name}", 20)


def follow(lab, desk, page, study):
    desk.path = page["path"]
    for name in ("study.yaml", "micro.set", "macro.set"):
        shutil.copy(f"{study.folder}/{name}", desk.place)
    desk.type(page["hosts"])
    desk.type(f"sed -i 's#^{lab.names[-1]} .*#& MICROFOLD_HOME={lab.folder}/scratch#' hosts")
    desk.type(page["keys"])
    desk.type(page["coordinate"])
    desk.until(lambda: os.path.exists(desk.place + "/runs/five/ledger.db"), "the coordinator")
    desk.type(page["start"])
    desk.expect("already running" in desk.type(page["start"]), "a second start does not find the workers")
    desk.type(page["status"])
    cut_link(lab, desk, page)
    print("-- workers stopped and started again", flush=True)
    desk.type(page["stop"])
    left = [name for name in lab.names if os.path.exists(pid_file(lab, name))]
    desk.expect(not left, f"pid files are left: {left}")
    desk.type("cluster/status hosts", expected=1)
    desk.type(page["start"])
    desk.type("microfold resume runs/five")
    print("-- a key is revoked while its worker computes", flush=True)
    desk.type(f"microfold keys revoke --keys keys/door {lab.names[-1]}")
    took = desk.until(lambda: not os.path.exists(pid_file(lab, lab.names[-1])), "the revoked worker ends", 30)
    print(f"  seen after {took:.1f} s", flush=True)
    answer = desk.type("cluster/status hosts", expected=1)
    desk.expect("refuses" in answer or "refused" in answer, "no line says that the key was refused")
    print("-- the end", flush=True)
    desk.until(lambda: os.path.exists(desk.place + "/runs/five/report/report.json"), "the report", 240)
    gone = lambda: not any(os.path.exists(pid_file(lab, name)) for name in lab.names)
    desk.until(gone, "the workers end with the coordinator", 30)
    desk.type(page["status"], expected=1)
    desk.type(page["stop"])
    desk.type(page["verify"])
    same = study.digest(desk.place + "/runs/five") == study.report
    desk.expect(same, "report.json has other bytes than the undisturbed run's")


def pid_file(lab, name):
    line = [line for line in open(lab.folder + "/desk/hosts") if line.startswith(name + " ")][0]
    found = re.search(r"MICROFOLD_HOME=(\S+)", line)
    base = found.group(1) if found else f"{lab.folder}/{name}-home/.microfold"
    return f"{base}/hosts/{name}/worker.pid"


def cut_link(lab, desk, page):
    name = lab.names[2]
    print(f"-- {name} is unplugged", flush=True)
    seen = len(desk.log())
    lab.cut(name)
    # So that a fast machine is not done before the lease ends; what is in hand goes on.
    desk.type("microfold pause runs/five")
    answer = desk.type("cluster/status hosts", expected=1)
    desk.expect(answer.count("up, pid") == len(lab.names) - 1, "the other machines do not answer")
    took = desk.until(lambda: f"{name}" in desk.log()[seen:] and "was silent" in desk.log()[seen:], "the silence", 40)
    print(f"  five.log: {[line for line in desk.log()[seen:].splitlines() if 'silent' in line][:1]}", flush=True)
    lab.mend(name)
    seen = len(desk.log())
    took = desk.until(lambda: re.search(name + ".* joined", desk.log()[seen:]), f"{name} comes back", 60)
    print(f"  plugged in again: back after {took:.1f} s", flush=True)
    desk.type("cluster/status hosts")


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("--repository", required=True)
    parser.add_argument("--microfold", required=True)
    options = parser.parse_args()
    why = missing() or (None if os.path.exists("/usr/sbin/sshd") else "there is no sshd")
    if why:
        print("five lab machines: SKIPPED: " + why)
        return 0
    begin = time.monotonic()
    page = blocks(options.repository + "/cluster/README.md")
    study = Study(options.microfold, epochs=7000, seeds=(1, 2, 3, 4, 5, 6))
    print(f"{study.stages} stages, undisturbed in {study.quiet_s:.1f} s, report.json {study.report[:12]}…", flush=True)
    lab = None
    try:
        lab = Lab(5)
        desk = Desk(lab, options.repository, options.microfold)
        start_sshd(lab, desk)
        follow(lab, desk, page, study)
    finally:
        if lab:
            lab.remove()
        study.remove()
    print(f"{len(desk.failed)} things not as expected, {time.monotonic() - begin:.0f} s")
    return 1 if desk.failed else 0


sys.exit(main())
