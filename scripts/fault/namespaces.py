"""Cuts, half-cuts and slows the network of a run on three hosts in namespaces; each must end with the same bytes."""

import argparse
import os
import re
import subprocess
import sys
import time

from cluster import Cluster, Study
from lab import DESK, Lab, missing

LEASE_MS = 3000
PROXY = os.path.dirname(os.path.abspath(__file__)) + "/proxy.py"


class Network(Cluster):
    """A coordinator at the desk and a worker on each machine, with keys."""

    def __init__(self, study, lab, name):
        super().__init__(study, name, workers=len(lab.names), lease_ms=LEASE_MS)
        self.lab = lab
        self.endpoint = f"tcp://{DESK}:7719"
        self.through = [None] * len(lab.names)
        self.begin = time.monotonic()
        self.proxies = []
        self.worker_logs = [[] for _ in lab.names]
        self.coordinator_logs = []

    def start_coordinator(self, environment=None):
        words = ["coordinate", self.study.path, *self.study.data, "--run-dir", self.run]
        words += ["--listen", "tcp://0.0.0.0:7719", "--beat-ms", str(LEASE_MS // 5), "--lease-ms", str(LEASE_MS)]
        words += ["--keys", self.study.folder + "/door"]
        self.coordinator = self.spawn(words, environment, self.lab.inside("desk"))
        self.coordinator_logs.append(self.coordinator.log)

    def start_worker(self, place, environment=None, more=(), prefix=()):
        name = self.lab.names[place]
        words = ["work", "--connect", self.through[place] or self.endpoint, *self.study.data]
        words += ["--keys", f"{self.study.folder}/{name}", "--cache", f"{self.study.folder}/cache-{name}"]
        words += ["--checkpoint-s", "0", "--patience-s", "60"]
        self.workers[place] = self.spawn(words, environment, self.lab.inside(name))
        self.worker_logs[place].append(self.workers[place].log)

    def start(self):
        super().start()
        self.until(lambda: self.committed() >= 2)

    def slow(self, place, *how):
        """Puts the proxy before a worker that is not started yet."""
        log = open(f"{self.logs}/proxy.log", "w")
        words = [*self.lab.inside(self.lab.names[place]), sys.executable, PROXY, "7000", DESK, "7719", *how]
        self.proxies.append(subprocess.Popen(words, stdout=log, stderr=log))
        self.through[place] = "tcp://127.0.0.1:7000"

    def stop(self):
        super().stop()
        for proxy in self.proxies:
            proxy.terminate()
            proxy.wait(10)

    def said(self):
        return "".join(open(log).read() for log in self.coordinator_logs)

    def worker_said(self, place):
        return "".join(open(log).read() for log in self.worker_logs[place])

    def wait_for(self, pattern, said, timeout_s=30, after=lambda: None):
        """Seconds from `after` until a new line matches."""
        before = len(re.findall(pattern, said()))
        after()
        begin = time.monotonic()
        self.until(lambda: len(re.findall(pattern, said())) > before or self.coordinator.poll() is not None, timeout_s)
        return time.monotonic() - begin if len(re.findall(pattern, said())) > before else None


class Tally:
    def __init__(self):
        self.failed = 0

    def take(self, what, cluster, times, lost_limit):
        status = cluster.finish(90)
        found = cluster.faults(status)
        lost = cluster.computed_again() if not found else 0
        for name, (took_s, limit_s) in times.items():
            if took_s is None or took_s > limit_s:
                found.append(f"{name}: not within {limit_s:.1f} s, or the run was over before")
        if lost > lost_limit:
            found.append(f"{lost} leases lost, at most {lost_limit} were to be")
        self.failed += bool(found)
        seen = "".join(f", {name} {took_s:.1f} s" for name, (took_s, _) in times.items() if took_s is not None)
        seen += f", {time.monotonic() - cluster.begin:.0f} s in all"
        print(f"{what}{seen}, {lost} leases lost: {'; '.join(found) or 'same bytes'}", flush=True)


# A silence is seen at the lease, plus the beat before it and the turn of a loaded machine.
SEEN_S = LEASE_MS / 1000 * 1.2 + 1
# A worker that lost its coordinator connects anew with growing gaps of at most a greeting.
BACK_S = 15.0


def link(study, lab, tally):
    cluster = Network(study, lab, "short-cut")
    cluster.start()
    lab.cut("lab01")
    time.sleep(LEASE_MS / 1000 / 3)
    lab.mend("lab01")
    tally.take("link down for a third of a lease", cluster, {}, 0)

    cluster = Network(study, lab, "cut")
    cluster.start()
    seen_s = cluster.wait_for(r"lab01\S* .*was silent", cluster.said, after=lambda: lab.cut("lab01"))
    time.sleep(2)
    back_s = cluster.wait_for(r"lab01\S* .*joined", cluster.said, after=lambda: lab.mend("lab01"))
    tally.take("link down, then up", cluster, {"seen after": (seen_s, SEEN_S), "back after": (back_s, BACK_S)}, 2)


def one_way(study, lab, tally):
    for what, place, address in (
            ("lab02 is heard no more", "lab02", DESK), ("lab02 hears nothing more", "desk", lab.address["lab02"])):
        cluster = Network(study, lab, "one-way-" + place)
        cluster.start()
        begin = time.monotonic()
        seen_s = cluster.wait_for(
            r"lab02\S* .*its stages go back", cluster.said, after=lambda: lab.blackhole(place, address))
        worker_s = cluster.until(lambda: "was silent" in cluster.worker_said(1), 20) and time.monotonic() - begin
        back_s = cluster.wait_for(
            r"lab02\S* .*joined", cluster.said, after=lambda: lab.clear(place, address))
        times = {"coordinator saw it after": (seen_s, SEEN_S + LEASE_MS / 1000), "back after": (back_s, BACK_S)}
        times["worker by"] = (worker_s or None, 20)
        tally.take(f"one-way blackhole, {what}", cluster, times, 2)


def half_open(study, lab, tally):
    cluster = Network(study, lab, "half-open-worker")
    cluster.start()
    lab.cut("lab03")
    cluster.kill(cluster.workers[2])
    lab.mend("lab03")
    seen_s = cluster.wait_for(r"lab03\S* .*its stages go back", cluster.said)
    back_s = cluster.wait_for(r"lab03\S* .*joined", cluster.said, after=lambda: cluster.start_worker(2))
    tally.take("worker killed behind a cut link", cluster,
               {"seen after": (seen_s, SEEN_S), "its successor came after": (back_s, BACK_S)}, 2)

    cluster = Network(study, lab, "half-open-coordinator")
    cluster.start()
    for name in lab.names:
        lab.cut(name)
    cluster.kill(cluster.coordinator)
    for name in lab.names:
        lab.mend(name)
    cluster.start_coordinator()
    begin = time.monotonic()
    back = cluster.until(lambda: len(set(re.findall(r"(lab\d\d)\S* .*joined", open(
        cluster.coordinator.log).read()))) == len(lab.names), 30)
    tally.take("coordinator killed behind cut links", cluster,
               {"all workers back after": (time.monotonic() - begin if back else None, BACK_S)}, 0)


def slow(study, lab, tally):
    for number, (what, how, lost) in enumerate((
            ("150 ms each way", ["--delay-ms", "150"], 0), ("pieces of one byte", ["--slice", "1"], 0),
            ("RST in mid-frame, up to 20 times", ["--reset-after", "4001"], 20),
            ("RST at 150 ms each way, up to 20 times", ["--delay-ms", "150", "--reset-after", "4001"], 20))):
        cluster = Network(study, lab, f"slow-{number}")
        cluster.slow(0, *how)
        cluster.start()
        cluster.until(lambda: cluster.coordinator.poll() is not None, 60)
        resets = open(f"{cluster.logs}/proxy.log").read().count("reset")
        tally.take(f"slow link, {what}" + (f", {resets} resets" if resets else ""), cluster, {}, lost)


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("--microfold", required=True)
    parser.add_argument("--only", choices=["link", "one_way", "half_open", "slow"])
    options = parser.parse_args()
    why = missing()
    if why:
        print("namespaces: SKIPPED: " + why)
        return 0
    begin = time.monotonic()
    study = Study(options.microfold, epochs=4000, seeds=(1, 2))
    tally = Tally()
    lab = None
    try:
        print(f"{study.stages} stages, undisturbed in {study.quiet_s:.1f} s, report.json {study.report[:12]}…; lease "
              f"{LEASE_MS} ms", flush=True)
        lab = Lab(3)
        study.call("keys", "new", "--keys", study.folder + "/door")
        for name in lab.names:
            folder = f"{study.folder}/{name}"
            study.call("keys", "new", "--keys", folder, "--name", name, "--coordinator", study.folder + "/door")
            study.call("keys", "authorise", "--keys", study.folder + "/door", name, f"{folder}/{name}.public",
                       "--from", lab.address[name] + "/32")
        for part in (link, one_way, half_open, slow):
            if options.only in (None, part.__name__):
                part(study, lab, tally)
    finally:
        if lab:
            lab.remove()
        study.remove()
    print(f"{tally.failed} runs with a fault, {time.monotonic() - begin:.0f} s")
    return 1 if tally.failed else 0


sys.exit(main())
