"""Kills, stops and starves the processes of small runs; each must end with the bytes of an undisturbed one."""

import argparse
import os
import random
import signal
import subprocess
import sys
import tempfile
import time

from cluster import Cluster, Study
from overcommit import overcommitted

COORDINATOR_POINTS = [
    "resumed", "tokens-reserved", "before-commit", "after-commit", "before-answer", "after-answer",
    "artifact-stored", "before-report", "after-report"]
PASSED_ONCE = ["resumed", "tokens-reserved", "before-report", "after-report"]
WORKER_POINTS = ["granted", "computed", "artifact-kept", "checkpoint-kept", "before-result"]


class Tally:
    """What was done and what was found, a line each."""

    def __init__(self):
        self.kills = 0
        self.failed = 0
        self.again = 0

    def take(self, what, cluster, status, more="", wrong=None):
        found = cluster.faults(status) + ([wrong] if wrong else [])
        self.kills += cluster.kills
        again = 0 if found and status != 0 else cluster.computed_again()
        self.again += again
        self.failed += bool(found)
        words = "; ".join(found) if found else "same bytes"
        print(f"{what}: {cluster.kills} kills, {again} leases lost{more}: {words}", flush=True)


def named_points(study, tally):
    for name in COORDINATOR_POINTS + WORKER_POINTS:
        for number in (1,) if name in PASSED_ONCE else (1, 3):
            cluster = Cluster(study, f"point-{name}-{number}", workers=2)
            environment = {"MICROFOLD_TEST_KILL_AT": f"{name}:{number}"}
            at_worker = name in WORKER_POINTS
            cluster.start_coordinator(None if at_worker else environment)
            cluster.start_worker(0, environment if at_worker else None)
            cluster.start_worker(1)
            victim = cluster.workers[0] if at_worker else cluster.coordinator
            cluster.until(lambda: victim.poll() is not None, 60)
            ended = victim.poll()
            is_killed = ended == -signal.SIGKILL
            cluster.kills += is_killed
            wrong = None if is_killed else f"nobody passed there: the victim ended with {ended}"
            tally.take(f"kill at {name}, pass {number}", cluster, cluster.finish(), wrong=wrong)


def random_kills(study, tally, wanted, chance):
    number = 0
    empty = 0
    while tally.kills < wanted:
        number += 1
        cluster = Cluster(study, f"random-{number}")
        cluster.start()
        end = time.monotonic() + 60
        target = min(cluster.kills + 30, wanted - tally.kills)
        while cluster.kills < target and cluster.coordinator.poll() in (None, -9) and time.monotonic() < end:
            time.sleep(chance.uniform(0.1, 0.6))
            victims = [cluster.coordinator, *cluster.workers]
            cluster.kill(chance.choice(victims))
            if chance.random() < 0.1:
                for victim in victims:
                    cluster.kill(victim)
            cluster.revive()
        empty = 0 if cluster.kills else empty + 1
        status = cluster.finish()
        wrong = "five runs ended before anybody was killed" if empty == 5 else None
        tally.take(f"random kills, round {number}", cluster, status, wrong=wrong)
        # What cannot be run to its end gives no more kills, however often it is begun.
        if status != 0 or wrong:
            return


def stopped(study, tally):
    cluster = Cluster(study, "stopped-worker", workers=2, lease_ms=1000)
    cluster.start()
    cluster.until(lambda: cluster.committed() >= 2)
    cluster.workers[0].send_signal(signal.SIGSTOP)
    time.sleep(2.5)
    cluster.workers[0].send_signal(signal.SIGCONT)
    tally.take("worker stopped for 2.5 leases", cluster, cluster.finish())

    cluster = Cluster(study, "stopped-coordinator", workers=2, lease_ms=1000)
    cluster.start()
    cluster.until(lambda: cluster.committed() >= 2)
    cluster.coordinator.send_signal(signal.SIGSTOP)
    time.sleep(5)
    cluster.coordinator.send_signal(signal.SIGCONT)
    status = cluster.finish()
    expiries = cluster.given_up()
    tally.failed += expiries > 0
    tally.take("coordinator stopped for 5 leases", cluster, status, f", {expiries} false expiries")


def deaths(study, tally):
    """Five workers are killed in turn; their stages go back long before their lease would have ended."""
    lease_ms = 15_000
    cluster = Cluster(study, "deaths", workers=2, lease_ms=lease_ms)
    cluster.start()
    cluster.until(lambda: cluster.committed() >= 2)
    seen = []
    wrong = None
    for _ in range(5):
        victim = cluster.workers[0]
        holds = f"SELECT count(*) FROM attempt WHERE process = {victim.pid} AND state = 'granted'"
        if not cluster.until(lambda: study.rows(cluster.run, holds)[0][0] > 0, 60):
            wrong = "a worker was granted nothing"
            break
        cluster.kill(victim)
        begin = time.monotonic()
        line = f"process {victim.pid} closed its connection and did not come back"
        if not cluster.until(lambda: line in open(cluster.coordinator.log).read(), lease_ms / 3000):
            wrong = f"the death of a worker was not seen within {lease_ms / 3000:g} s"
            break
        seen.append(time.monotonic() - begin)
        cluster.start_worker(0)
    more = f", each seen after {min(seen):.2f} to {max(seen):.2f} s of a lease of {lease_ms / 1000:g} s" if seen else ""
    tally.take("workers killed in turn", cluster, cluster.finish(), more, wrong)


def disks(study, tally):
    if os.geteuid() != 0:
        print("full disk: SKIPPED: mounting a small tmpfs needs root")
        return
    for what in ("full", "read-only"):
        place = tempfile.mkdtemp(prefix="microfold-disk-")
        mount = subprocess.run(["mount", "-t", "tmpfs", "-o", "size=16m", "microfold-test", place])
        if mount.returncode != 0:
            print(f"{what} disk: SKIPPED: this machine mounts no tmpfs")
            os.rmdir(place)
            continue
        try:
            cluster = Cluster(study, "disk-" + what, workers=2, folder=place)
            cluster.start()
            cluster.until(lambda: cluster.committed() >= 2)
            if what == "full":
                with open(place + "/filler", "wb", buffering=0) as filler:
                    try:
                        while True:
                            filler.write(b"\0" * (1 << 20))
                    except OSError:
                        pass
            else:
                # A disk with open files cannot be made read-only: it is found so when the run is started again.
                cluster.kill(cluster.coordinator)
                if subprocess.run(["mount", "-o", "remount,ro", place]).returncode != 0:
                    print("read-only disk: SKIPPED: this machine does not remount a tmpfs")
                    cluster.stop()
                    continue
                cluster.start_coordinator()
            cluster.until(lambda: cluster.coordinator.poll() is not None, 90)
            ended = cluster.coordinator.poll()
            line = open(cluster.coordinator.log).read().strip().split("\n")[-1]
            print(f"{what} disk: the coordinator ended with {ended}: {line}")
            tally.failed += ended != 75
            if what == "full":
                os.unlink(place + "/filler")
            else:
                subprocess.run(["mount", "-o", "remount,rw", place], check=True)
            tally.take(f"{what} disk, then room again", cluster, cluster.finish())
        finally:
            subprocess.run(["umount", "-l", place])
            os.rmdir(place)


def memory(study, tally):
    cluster = Cluster(study, "memory", workers=2)
    cluster.start()
    cluster.until(lambda: cluster.committed() >= 2)
    starved = cluster.workers[0]
    with open(f"/proc/{starved.pid}/statm") as file:
        held = int(file.read().split()[0]) * os.sysconf("SC_PAGE_SIZE")
    subprocess.run(["prlimit", "--pid", str(starved.pid), f"--as={held}"], check=True)
    cluster.until(lambda: starved.poll() is not None, 30)
    ended = starved.poll()
    wrong = "it did not end" if ended is None else None
    tally.take("a worker that gets no more memory", cluster, cluster.finish(), f", it ended with {ended}", wrong)


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("--microfold", required=True)
    parser.add_argument("--kills", type=int, default=300)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--only", choices=["points", "random", "stopped", "deaths", "disks", "memory", "overcommitted"])
    parser.add_argument("--minutes", type=float, default=2, help="how long more workers than processors compute")
    options = parser.parse_args()
    begin = time.monotonic()
    tally = Tally()
    # Stages that are long enough to be hit in their middle only where nothing waits for a named point.
    parts = {
        "points": (200, named_points),
        "stopped": (200, stopped),
        "disks": (200, disks),
        "memory": (200, memory),
        "deaths": (8000, deaths),
        "overcommitted": (8000, lambda study, tally: overcommitted(study, tally, options.minutes)),
        "random": (800, lambda study, tally: random_kills(study, tally, options.kills, random.Random(options.seed))),
    }
    studies = {}
    try:
        for name, (epochs, part) in parts.items():
            if options.only not in (None, name):
                continue
            if epochs not in studies:
                study = studies[epochs] = Study(options.microfold, epochs=epochs)
                print(f"{study.stages} stages of {epochs} epochs, undisturbed in {study.quiet_s:.1f} s, "
                      f"report.json {study.report[:12]}…", flush=True)
            part(studies[epochs], tally)
    finally:
        for study in studies.values():
            study.remove()
    print(f"{tally.kills} kills, {tally.again} leases lost and computed again, {tally.failed} runs with a fault, "
          f"{time.monotonic() - begin:.0f} s")
    return 1 if tally.failed else 0


sys.exit(main())
