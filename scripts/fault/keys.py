"""Who may not come in: each is refused with a line; and what a good worker does while wrong keys knock."""

import argparse
import json
import os
import statistics
import subprocess
import sys
import tempfile
import time

from cluster import Cluster, Study, exit_on_sigterm

HERE = os.path.dirname(os.path.abspath(__file__))


class Locked(Cluster):
    """A run on loopback whose coordinator has keys."""

    def __init__(self, study, name):
        super().__init__(study, name, workers=1, lease_ms=3000)
        self.door = study.folder + "/door"
        self.key("good")

    def key(self, name, *authorise):
        """Makes a key, and lets it in unless the words say None."""
        if not os.path.exists(self.door):
            self.study.call("keys", "new", "--keys", self.door)
        folder = self.folder(name)
        if os.path.exists(folder):
            return
        self.study.call("keys", "new", "--keys", folder, "--name", name, "--coordinator", self.door)
        if None not in authorise:
            self.study.call("keys", "authorise", "--keys", self.door, name, f"{folder}/{name}.public", *authorise)

    def folder(self, name):
        return f"{self.study.folder}/key-{name}"

    def start_coordinator(self, environment=None):
        words = ["coordinate", self.study.path, *self.study.data, "--run-dir", self.run, "--listen", self.endpoint]
        words += ["--beat-ms", "600", "--lease-ms", str(self.lease_ms), "--keys", self.door]
        self.coordinator = self.spawn(words, environment)

    def start_worker(self, place, environment=None, more=(), prefix=()):
        super().start_worker(place, environment, ["--keys", self.folder("good"), *more], prefix)


class Table:
    def __init__(self):
        self.failed = 0

    def take(self, what, status, expected, line, took_s):
        is_right = status == expected and line
        self.failed += not is_right
        wrong = "" if is_right else f", BUT {expected} WAS EXPECTED"
        print(f"{what}: {status} after {took_s:.1f} s{wrong}\n    {line}", flush=True)


def ask(cluster, table, what, words, expected=78):
    begin = time.monotonic()
    try:
        done = subprocess.run([cluster.study.microfold, *words], capture_output=True, text=True, timeout=60)
        status, text = done.returncode, done.stderr or done.stdout
    except subprocess.TimeoutExpired as late:
        status, text = None, (late.stderr or b"").decode()
    lines = text.strip().replace(cluster.study.folder, "…").splitlines()
    table.take(what, status, expected, lines[-1] if lines else "", time.monotonic() - begin)


def refusals(study, table):
    cluster = Locked(study, "refusals")
    cluster.key("stranger", None)
    cluster.key("elsewhere", "--from", "10.9.0.0/16")
    cluster.key("viewer", "--role", "viewer")
    cluster.key("expired")
    path = cluster.door + "/authorised-keys"
    with open(path) as file:
        lines = file.read().split("\n")
    lines = [line + " until=2020-01-31" if line.startswith("expired ") else line for line in lines]
    with open(path, "w") as file:
        file.write("\n".join(lines))
    cluster.start()
    cluster.until(lambda: cluster.committed() >= 1)
    study.call("pause", cluster.run)

    def work(*keys):
        return ["work", "--connect", cluster.endpoint, *study.data, *keys]

    for what, name in (
            ("wrong key", "stranger"), ("expired key", "expired"), ("right key, wrong network", "elsewhere"),
            ("viewer's key, to work", "viewer")):
        ask(cluster, table, what, work("--keys", cluster.folder(name)))
    ask(cluster, table, "no key", work())
    other = study.folder + "/other-door"
    study.call("keys", "new", "--keys", other)
    study.call("keys", "new", "--keys", cluster.folder("lost"), "--name", "lost", "--coordinator", other)
    ask(cluster, table, "key of another coordinator", work("--keys", cluster.folder("lost")))
    viewer = ["--connect", cluster.endpoint, "--keys", cluster.folder("viewer")]
    ask(cluster, table, "viewer asks status", ["status", *viewer], 0)
    ask(cluster, table, "viewer tries retry", ["retry", *viewer, "--failed"])
    ask(cluster, table, "viewer tries cancel", ["cancel", *viewer])

    study.call("resume", cluster.run)
    time.sleep(1)
    begin = time.monotonic()
    worker = cluster.workers[0]
    study.call("keys", "revoke", "--keys", cluster.door, "good")
    cluster.until(lambda: worker.poll() is not None, 20)
    line = open(worker.log).read().strip().split("\n")[-1].replace(study.folder, "…")
    table.take("revoked while working", worker.poll(), 78, line, time.monotonic() - begin)
    study.call("keys", "authorise", "--keys", cluster.door, "good", f"{cluster.folder('good')}/good.public")
    cluster.start_worker(0)
    found = cluster.faults(cluster.finish())
    table.failed += bool(found)
    said = [line for line in open(cluster.coordinator.log).read().split("\n") if "refused" in line]
    print("the coordinator's log:\n" + "".join(f"    {line[:170]}\n" for line in dict.fromkeys(said[:8])), end="")
    print(f"key let in again, run ended: {'; '.join(found) or 'same bytes'}", flush=True)


def scheduled(bench, stages, rate):
    """Microseconds a stage of `bench schedule`, and refused handshakes a second meanwhile."""
    with tempfile.TemporaryDirectory(prefix="microfold-keys-") as folder:
        return scheduled_in(folder, bench, stages, rate)


def scheduled_in(folder, bench, stages, rate):
    with open(folder + "/out", "w") as out:
        # Without --tiny the floors that the benchmark prints beside take longer than the stages.
        words = ["schedule", "--tiny", "--stages", str(stages), "--workers", "1", "--json"]
        # What it would leave if it is ended in its midst lies in our folder.
        process = subprocess.Popen([bench, *words], stdout=out, stderr=out, env={**os.environ, "TMPDIR": folder})
        strangers, answer = None, None
        try:
            end = time.monotonic() + 120
            while rate and strangers is None and process.poll() is None and time.monotonic() < end:
                strangers = knock_at(process.pid, rate)
                time.sleep(0.02)
            process.wait(120)
        finally:
            process.kill()
            process.wait(20)
            if strangers:
                strangers.terminate()
                answer = strangers.communicate(timeout=20)[0].split()
    with open(folder + "/out") as out:
        text = out.read()
    if process.returncode != 0:
        raise SystemExit(f"try-keys: bench schedule: {text.strip()[-300:]}")
    return json.loads(text)["us_per_stage"], int(answer[1]) if answer else 0


def knock_at(pid, rate):
    """Strangers at the door of a schedule's coordinator, which its worker names on its command line."""
    for child in open(f"/proc/{pid}/task/{pid}/children").read().split():
        try:
            words = open(f"/proc/{child}/cmdline").read().split("\0")
        except OSError:
            continue
        if "schedule-worker" in words and os.path.exists(words[3] + "/coordinator.public"):
            return knock(words[2], words[3] + "/coordinator.public", rate)
    return None


def knock(endpoint, public, rate):
    """Strangers in a process of their own."""
    words = [HERE + "/strangers.py", endpoint.removeprefix("tcp://"), public, str(rate), "120"]
    return subprocess.Popen(["nice", sys.executable, *words], stdout=subprocess.PIPE, text=True)


def trained(study, name, rate):
    """Milliseconds a stage of a study that trains, and refused handshakes a second meanwhile."""
    cluster = Locked(study, name)
    strangers, answer = None, None
    cluster.start_coordinator()
    try:
        cluster.until(lambda: os.path.exists(cluster.run + "/ledger.db"), 20)
        if rate:
            strangers = knock(cluster.endpoint, cluster.door + "/coordinator.public", rate)
            time.sleep(1)
        cluster.start_worker(0)
        found = cluster.faults(cluster.finish())
    finally:
        cluster.stop()
        if strangers:
            strangers.terminate()
            answer = strangers.communicate(timeout=20)[0].split()
    if found:
        raise SystemExit(f"try-keys: {'; '.join(found)}")
    first, last, count = study.rows(
        cluster.run, "SELECT min(ended_at), max(ended_at), count(*) FROM attempt WHERE state = 'committed'")[0]
    return (last - first) / (count - 1) * 1e3, int(answer[1]) if answer else 0


def flood(what, unit, measure, rate, rounds):
    """Rounds without and with strangers, in turn; prints them and gives the ratio of the medians."""
    quiet, loud, rates = [], [], []
    for number in range(rounds):
        for which in ((quiet, 0), (loud, rate)) if number % 2 == 0 else ((loud, rate), (quiet, 0)):
            each, reached = measure(f"{number}-{which[1]}", which[1])
            which[0].append(each)
            if which[1]:
                rates.append(reached)
    ratio = statistics.median(quiet) / statistics.median(loud)
    print(f"{what}, one worker, {unit} a stage, {rounds} interleaved rounds:\n"
          f"    alone       {' '.join(f'{each:.1f}' for each in quiet)}\n"
          f"    with wrong  {' '.join(f'{each:.1f}' for each in loud)}   (refused a second: {rates})\n"
          f"    throughput of the good worker: {100 * ratio:.0f} %", flush=True)
    return ratio


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("--microfold", required=True)
    parser.add_argument("--bench", required=True)
    parser.add_argument("--only", choices=["refusals", "flood"])
    parser.add_argument("--stages", type=int, default=60_000)
    parser.add_argument("--rate", type=int, default=500)
    # Single rounds differ by a tenth and more, so the medians of few fall on either side of the goal.
    parser.add_argument("--rounds", type=int, default=15)
    options = parser.parse_args()
    table = Table()
    exit_on_sigterm()
    study = Study(options.microfold, epochs=3000, seeds=(1, 2))
    try:
        if options.only != "flood":
            refusals(study, table)
        if options.only != "refusals":
            ratio = flood(
                f"{study.stages} stages that train", "ms", lambda name, rate: trained(study, name, rate),
                options.rate, options.rounds)
            table.failed += ratio < 0.8
            # No goal: the strangers' half of a handshake needs the processors that the coordinator needs for itself.
            flood(f"{options.stages} stages that compute nothing", "us",
                  lambda _, rate: scheduled(options.bench, options.stages, rate), options.rate, options.rounds)
    finally:
        study.remove()
    print(f"{table.failed} things not as expected")
    return 1 if table.failed else 0


sys.exit(main())
