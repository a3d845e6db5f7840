"""Four times as many computing workers as processors, for a while: no lease may expire of a worker that lives.

Studies are run one after the other with the command's own beat and lease. The mean number of runnable processes is
printed, so that nobody has to believe the load.
"""

import os
import time

from cluster import Cluster

LEASE_MS = 15_000


def runnable():
    """Processes that run or wait for a processor, this one not among them."""
    with open("/proc/loadavg") as file:
        return int(file.read().split()[3].split("/")[0]) - 1


def overcommitted(study, tally, minutes):
    workers = 4 * os.cpu_count()
    end = time.monotonic() + 60 * minutes
    silent, stages, runs, seen = 0, 0, 0, []
    while time.monotonic() < end:
        runs += 1
        cluster = Cluster(study, f"overcommitted-{runs}", workers=workers, lease_ms=LEASE_MS)
        cluster.start()
        while cluster.coordinator.poll() is None and time.monotonic() < end + 240:
            seen.append(runnable())
            time.sleep(0.5)
        status = cluster.coordinator.poll()
        cluster.stop()
        expiries = cluster.given_up()
        silent += expiries
        stages += cluster.committed()
        if expiries or cluster.faults(status):
            tally.failed += expiries > 0
            tally.take(f"overcommitted, round {runs}", cluster, status, f", {expiries} false expiries")
    mean = sum(seen) / max(1, len(seen)) / os.cpu_count()
    print(f"{minutes:g} min of {workers} computing workers on {os.cpu_count()} processors ({mean:.1f} runnable a "
          f"processor): {runs} runs, {stages} stages, {silent} false expiries", flush=True)
