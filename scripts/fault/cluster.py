"""A coordinator and workers of a small study as real processes, for the fault scripts: start, kill, compare.

Only processes that this module started are ever signalled, by their ids; every wait is bounded.
"""

import hashlib
import os
import random
import re
import shutil
import signal
import socket
import sqlite3
import subprocess
import sys
import tempfile
import time

STUDY = """version: 1
name: chaos
preset: table-1
data: {{ target: micro, source: macro }}
graphs: [{{ nearest: 4, stochastic: 1, threshold_squared: 8 }}]
network: {{ layers: [{{ order: 2, filters: 4, coarsenings: 2 }}], dense: 8 }}
rows: {{ branches: [spatial], frames: 4 }}
transfer: frozen
pretrain: {{ rate: 1.0e-3, epochs: {epochs}, patience: 0 }}
fit: {{ epochs: 2 }}
seeds: {seeds}
"""


def free_port():
    """A port of loopback that nobody uses, outside the range that the kernel gives away by itself."""
    while True:
        port = random.randrange(20000, 30000)
        with socket.socket() as probe:
            try:
                probe.bind(("127.0.0.1", port))
                return port
            except OSError:
                continue


def exit_on_sigterm():
    """SIGTERM is to end a script as Ctrl-C does: by way of everything that cleans up."""
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(143))


class Study:
    """Drawn faces, a study of them, the report that an undisturbed run gives, and the clusters that were begun."""

    def __init__(self, microfold, epochs=200, seeds=(1, 2, 3)):
        exit_on_sigterm()
        self.microfold = microfold
        self.clusters = []
        self.folder = tempfile.mkdtemp(prefix="microfold-chaos-")
        try:
            self.build(epochs, seeds)
        except BaseException:
            self.remove()
            raise

    def build(self, epochs, seeds):
        faces = self.folder + "/faces"
        self.call("synthesize", "--out", faces, "--subjects", "6", "--seed", "3", "--clips-per-subject", "6",
                  "--stills-per-label", "2")
        for name in ("micro", "macro"):
            out = f"{self.folder}/{name}.set"
            self.call("prepare", "--layout", "folders", "--root", f"{faces}/{name}", "--out", out, "--side", "16")
        self.path = self.folder + "/study.yaml"
        with open(self.path, "w") as file:
            file.write(STUDY.format(epochs=epochs, seeds=list(seeds)))
        self.data = [word for name in ("micro", "macro") for word in ("--data", f"{name}={self.folder}/{name}.set")]
        begin = time.monotonic()
        self.call("run", self.path, *self.data, "--run-dir", self.folder + "/quiet", "--workers", "2")
        self.quiet_s = time.monotonic() - begin
        self.report = self.digest(self.folder + "/quiet")
        self.stages = self.rows(self.folder + "/quiet", "SELECT count(*) FROM stage")[0][0]

    def call(self, *words):
        done = subprocess.run([self.microfold, *words], capture_output=True, text=True, timeout=600)
        if done.returncode != 0:
            raise SystemExit(f"chaos: microfold {' '.join(words)}: {done.returncode}: {done.stderr[-400:]}")
        return done

    @staticmethod
    def digest(run):
        with open(run + "/report/report.json", "rb") as file:
            return hashlib.sha256(file.read()).hexdigest()

    @staticmethod
    def rows(run, query):
        ledger = sqlite3.connect(f"file:{run}/ledger.db?mode=ro", uri=True, timeout=10)
        try:
            return ledger.execute(query).fetchall()
        finally:
            ledger.close()

    def remove(self):
        """Ends what still runs, and removes all. Its processes have sessions of their own: no Ctrl-C reaches them."""
        for number in (signal.SIGTERM, signal.SIGINT):
            signal.signal(number, signal.SIG_IGN)
        for cluster in self.clusters:
            cluster.stop()
        shutil.rmtree(self.folder, ignore_errors=True)
        signal.signal(signal.SIGINT, signal.default_int_handler)
        exit_on_sigterm()


class Cluster:
    """One run: a coordinator and workers by hand, which may be killed and started again."""

    def __init__(self, study, name, workers=3, lease_ms=1500, folder=None):
        self.study = study
        self.run = f"{folder or study.folder}/{name}"
        self.logs = f"{study.folder}/{name}-logs"
        os.makedirs(self.logs, exist_ok=True)
        self.endpoint = f"tcp://127.0.0.1:{free_port()}"
        self.lease_ms = lease_ms
        self.starts = 0
        self.kills = 0
        self.coordinator = None
        self.workers = [None] * workers
        self.started = []
        study.clusters.append(self)

    def spawn(self, words, environment=None, prefix=()):
        self.starts += 1
        log = open(f"{self.logs}/{self.starts}-{words[0]}.log", "w")
        variables = {**os.environ, **(environment or {})}
        process = subprocess.Popen(
            [*prefix, self.study.microfold, *words], stdout=log, stderr=subprocess.STDOUT, env=variables,
            start_new_session=True)
        process.log = log.name
        self.started.append(process)
        return process

    def start_coordinator(self, environment=None):
        words = ["coordinate", self.study.path, *self.study.data, "--run-dir", self.run, "--listen", self.endpoint]
        words += ["--beat-ms", str(self.lease_ms // 5), "--lease-ms", str(self.lease_ms)]
        self.coordinator = self.spawn(words, environment)

    def start_worker(self, place, environment=None, more=(), prefix=()):
        words = ["work", "--connect", self.endpoint, *self.study.data, "--cache", f"{self.study.folder}/cache-{place}"]
        words += ["--checkpoint-s", "0", "--patience-s", "60", *more]
        self.workers[place] = self.spawn(words, environment, prefix)

    def start(self):
        self.start_coordinator()
        for place in range(len(self.workers)):
            self.start_worker(place)

    def kill(self, process):
        if process is not None and process.poll() is None:
            process.kill()
            process.wait(30)
            self.kills += 1

    def revive(self):
        """Starts again whoever is down, as systemd would."""
        if self.coordinator.poll() is not None and self.coordinator.returncode not in (0, 1, 3):
            self.start_coordinator()
        for place, worker in enumerate(self.workers):
            if worker is None or worker.poll() is not None and worker.returncode not in (0, 78):
                self.start_worker(place)

    def finish(self, timeout_s=240):
        """Keeps everybody alive until the coordinator says that all is done; its exit status."""
        end = time.monotonic() + timeout_s
        while time.monotonic() < end:
            if self.coordinator.poll() in (0, 1, 2, 3, 78):
                break
            self.revive()
            time.sleep(0.05)
        status = self.coordinator.poll()
        self.stop()
        return status

    def stop(self):
        running = [process for process in self.started if process.poll() is None]
        for process in running:
            process.send_signal(signal.SIGCONT)
            process.terminate()
        for process in running:
            try:
                process.wait(15)
            except subprocess.TimeoutExpired:
                process.kill()
                process.wait(10)

    def given_up(self):
        """How often a worker's stages went back because it was not heard, as the last coordinator's log says."""
        with open(self.coordinator.log) as file:
            return len(re.findall(r"; its stages go back$", file.read(), re.MULTILINE))

    def committed(self):
        try:
            return self.study.rows(self.run, "SELECT count(*) FROM result")[0][0]
        except sqlite3.Error:
            return 0

    def until(self, condition, timeout_s=120):
        end = time.monotonic() + timeout_s
        while time.monotonic() < end:
            if condition():
                return True
            time.sleep(0.02)
        return False

    def faults(self, status):
        """What is wrong with the run that ended; empty where nothing is."""
        found = []
        if status != 0:
            tail = open(self.coordinator.log).read()[-300:]
            return [f"the coordinator ended with {status}: {tail}"]
        done, distinct = self.study.rows(self.run, "SELECT count(*), count(DISTINCT stage) FROM result")[0]
        if done != self.study.stages:
            found.append(f"{self.study.stages - done} stages are lost")
        if done != distinct:
            found.append(f"{done - distinct} stages are doubled")
        twins = self.study.rows(self.run, "SELECT count(*) FROM twin")[0][0]
        if twins:
            found.append(f"{twins} twins differ")
        if self.study.digest(self.run) != self.study.report:
            found.append("report.json has other bytes")
        return found

    def computed_again(self):
        """Attempts beyond one a stage that ended otherwise than by a result."""
        states = self.study.rows(
            self.run, "SELECT count(*) FROM attempt WHERE state IN ('lost', 'expired', 'forgiven', 'failed')")
        return states[0][0]
