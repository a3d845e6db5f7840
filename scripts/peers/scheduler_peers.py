"""One engine's cost of a task that does nothing, over 2 workers on the loopback; scripts/compare-schedulers runs it.

  python scheduler_peers.py --engine dask --tasks 2000             -> one JSON line
  python scheduler_peers.py --engine parsl --tasks 2000 --durable  -> the engine's own durable mode, where it has one
  python scheduler_peers.py --engine sqlite --tasks 2000           -> two lines: group commit of 256, and of 1

The clock runs from the start of the submit call to the last result in the client's hand (submit_s is the part until the
submit call returned). Starting the cluster and a warm-up of 50 tasks (connections, imports) come before it.
A task is noop(i) -> i, importable by name; the sum of the results is checked. HyperQueue has no resident Python worker:
there a task is the program `true`, which the worker starts as a process of its own.

Everything runs in a network namespace of its own with nothing but lo in it, because not every engine can be told to
bind 127.0.0.1 (HyperQueue's server listens on the wildcard address); --no-netns runs without it. Linux only.
The script adopts every process an engine starts (child subreaper) and ends exactly those at its own end.
"""
import argparse
import ctypes
import importlib.metadata as md
import json
import logging
import os
import shutil
import signal
import sqlite3
import statistics
import sys
import tempfile
import threading
import time

from scheduler_processes import descendants, end_descendants, isolate, rss, spawn, wait_for

HERE = os.path.dirname(os.path.abspath(__file__))
ENGINES = ("hyperqueue", "dask", "ipyparallel", "parsl", "ray", "sqlite")
LO = "127.0.0.1"


def noop(i):
    return i


def timed(submit, collect, n, warm=50):
    assert collect(submit(warm)) == warm * (warm - 1) // 2
    time.sleep(0.5)                                   # let the warm-up's book-keeping settle
    t0 = time.perf_counter()
    h = submit(n)
    t1 = time.perf_counter()
    total = collect(h)
    t2 = time.perf_counter()
    assert total == n * (n - 1) // 2, total
    return t2 - t0, t1 - t0, h                        # h is kept: RSS is read while the client still holds the results


# ---------------------------------------------------------------- engines
# Each returns (wall_s, submit_s, coordinator pids, note).
HQ_SERVER = """import sys, time
from hyperqueue import LocalCluster
from hyperqueue.cluster import WorkerConfig
c = LocalCluster(server_dir=sys.argv[1])
for _ in range(int(sys.argv[2])): c.start_worker(WorkerConfig(cores=1))
open(sys.argv[1] + "/up", "w").close()
while True: time.sleep(3600)
"""


def hyperqueue(a, tmp):
    from hyperqueue import Client, Job
    from hyperqueue.task.function import PythonEnv
    d = tmp + "/hq"
    os.mkdir(d)
    p = spawn("-c", HQ_SERVER, d, str(a.workers), cwd=tmp)
    wait_for("HyperQueue server", lambda: os.path.exists(d + "/up"))
    true = shutil.which("true")

    def spawn_wait(k):
        for _ in range(k):
            os.waitpid(os.posix_spawn(true, ["true"], os.environ), 0)

    ts, t0 = [threading.Thread(target=spawn_wait, args=(300,)) for _ in range(2)], time.perf_counter()
    [t.start() for t in ts], [t.join() for t in ts]
    floor = (time.perf_counter() - t0) / 600 * 1e6
    client, state = Client(d, python_env=PythonEnv(python_bin=sys.executable)), {}

    class NotYet(Exception):
        pass

    def cb(jobs):
        state.update(next(iter(jobs.values())))
        if not state["completed"]:
            raise NotYet  # the API's own wait looks once a second; leave it and ask again sooner

    def submit(n):
        job = Job(max_fails=1)
        for i in range(n):
            job.program([true], stdout=None, stderr=None)
        return client.submit(job), n

    def collect(h):
        job, n = h
        while True:
            try:
                client.connection.wait_for_jobs((job.id,), cb)
                break
            except NotYet:
                time.sleep(0.005)
        assert state["finished"] == n and not state["failed"], state
        return n * (n - 1) // 2                       # results are exit codes

    r = timed(submit, collect, a.tasks)
    return r[0], r[1], [p.pid], "task = process `true`" + \
        f" (bare posix_spawn + wait of it from 2 threads: {floor:.0f} us); server and workers are threads of one " \
        "process; completion polled every 5 ms"


def dask(a, tmp):
    import dask as _d
    from distributed import Client
    if a.prefetch:
        os.environ["DASK_DISTRIBUTED__SCHEDULER__WORKER_SATURATION"] = str(1.0 + a.prefetch)
    f = tmp + "/dask.json"
    s = spawn("-m", "distributed.cli.dask_scheduler", "--host", LO, "--port", "0", "--no-dashboard", "--no-show",
              "--dashboard-address", LO + ":0", "--scheduler-file", f, cwd=tmp)
    wait_for("Dask scheduler", lambda: os.path.exists(f))
    for i in range(a.workers):
        spawn("-m", "distributed.cli.dask_worker", "--scheduler-file", f, "--host", LO, "--nthreads", "1", "--no-nanny",
              "--no-dashboard", "--dashboard-address", LO + ":0", "--local-directory", tmp, "--name", f"w{i}", cwd=tmp)
    c = Client(scheduler_file=f)
    c.wait_for_workers(a.workers, timeout=60)
    r = timed(lambda n: c.map(MOD.noop, range(n), pure=False), lambda fs: sum(c.gather(fs)), a.tasks)
    return r[0], r[1], [s.pid], "Client.map + gather; scheduler a process of its own"


def ipyparallel(a, tmp):
    import ipyparallel as ipp
    os.environ["IPYTHONDIR"] = tmp + "/ipy"
    args = ["--sqlitedb"] if a.durable else []
    if a.prefetch:
        args += [f"--TaskScheduler.hwm={1 + a.prefetch}"]
    cl = ipp.Cluster(n=a.workers, controller_ip=LO, engines="local", controller_args=args, log_level=logging.ERROR)
    rc = cl.start_and_connect_sync()
    rc.wait_for_engines(a.workers, timeout=60)
    v = rc.load_balanced_view()
    r = timed(lambda n: v.map_async(MOD.noop, range(n), chunksize=1, ordered=False), lambda ar: sum(ar.get()), a.tasks)
    co = [p for p, c in descendants().items() if "ipyparallel.controller" in c]
    db = sum(os.path.getsize(os.path.join(d, x)) for d, _, xs in os.walk(tmp) for x in xs if ".db" in x)
    shared = rss(co, "smaps_rollup", "Pss:")
    records = f"SQLiteDB ({db} bytes; commits on a timer, not per task)" if a.durable else "DictDB (default)"
    return r[0], r[1], co, f"LoadBalancedView.map_async(chunksize=1); controller = {len(co)} processes, {shared} MiB " \
        "with shared pages counted once; hub records in " + records


def parsl(a, tmp):
    import parsl as P
    from parsl.config import Config
    from parsl.dataflow.memoization import BasicMemoizer
    from parsl.executors import HighThroughputExecutor
    from parsl.providers import LocalProvider
    htex = HighThroughputExecutor(label="htex", address=LO, loopback_address=LO, cores_per_worker=1,
                                  max_workers_per_node=a.workers, prefetch_capacity=a.prefetch, encrypted=False,
                                  working_dir=tmp,
                                  provider=LocalProvider(init_blocks=1, min_blocks=1, max_blocks=1))
    memoizer = BasicMemoizer(checkpoint_mode="task_exit", checkpoint_files=[])
    P.load(Config(executors=[htex], run_dir=tmp + "/runinfo", usage_tracking=0, initialize_logging=False,
                  strategy="none", memoizer=memoizer if a.durable else None))
    app = P.python_app(MOD.noop, executors=["htex"], cache=a.durable)
    base = [0]

    def submit(n):                                    # distinct arguments, so that the memo of --durable never answers
        base[0] += 10 ** 9
        return [app(base[0] + i) for i in range(n)]

    b = lambda: base[0]
    r = timed(submit, lambda fs: sum(f.result() - b() for f in fs), a.tasks)
    ck = ""
    if a.durable:
        files = (os.path.join(d, x) for d, _, xs in os.walk(tmp + "/runinfo") for x in xs if x == "tasks.pkl")
        ck = f"; checkpoint task_exit (one append per task, no fsync), {sum(map(os.path.getsize, files))} bytes"
    return r[0], r[1], [p for p, c in descendants().items() if "interchange" in c], \
        "HighThroughputExecutor, one app call per task (no bulk submit); task graph lives in the client" + ck


def ray(a, tmp):
    os.environ.update(RAY_USAGE_STATS_ENABLED="0", RAY_ENABLE_UV_RUN_RUNTIME_ENV="0", RAY_DEDUP_LOGS="0")
    import ray as R
    R.init(num_cpus=a.workers, include_dashboard=False, _node_ip_address=LO, log_to_driver=False, logging_level="ERROR",
           _temp_dir=tmp + "/r", object_store_memory=200 << 20)
    f = R.remote(num_cpus=1)(MOD.noop)
    r = timed(lambda n: [f.remote(i) for i in range(n)], lambda refs: sum(R.get(refs)), a.tasks)
    d = descendants()
    co = [p for p, c in d.items() if c.split(" ", 1)[0].endswith(("/gcs_server", "/raylet/raylet"))]
    workers = [p for p, c in d.items() if c.startswith(("ray::IDLE", "ray::noop"))]
    helpers = [p for p in d if p not in co + workers]
    return r[0], r[1], co, f"f.remote() per task + one get; RSS = gcs_server + raylet ({len(co)}), " \
        f"helpers {rss(helpers)} MiB more; " \
        f"{len(workers)} worker processes"


def sqlite(a, tmp):
    out = []
    for group in (256, 1):
        path = f"{tmp}/g{group}.db"
        db = sqlite3.connect(path, isolation_level=None)
        db.execute("PRAGMA journal_mode=WAL"), db.execute("PRAGMA synchronous=FULL")
        db.execute("CREATE TABLE r (id INTEGER PRIMARY KEY, body BLOB NOT NULL)")
        rows = [os.urandom(300) for _ in range(a.tasks)]
        t0 = time.perf_counter()
        for i in range(0, a.tasks, group):
            db.execute("BEGIN IMMEDIATE")
            for j in range(i, min(i + group, a.tasks)):
                db.execute("INSERT INTO r VALUES (?, ?)", (j, rows[j]))
            db.execute("COMMIT")
        dt = time.perf_counter() - t0
        assert db.execute("SELECT count(*) FROM r").fetchone()[0] == a.tasks
        db.close()
        out.append((group, dt))
    fd, lat = os.open(tmp + "/f", os.O_CREAT | os.O_WRONLY | os.O_APPEND), []
    for _ in range(200):
        os.write(fd, b"x" * 4096)
        t0 = time.perf_counter()
        os.fdatasync(fd)
        lat.append(time.perf_counter() - t0)
    os.close(fd)
    note = "WAL, synchronous=FULL, 300-byte rows, no workers; here fdatasync of an appended 4 KiB takes " \
        f"{statistics.median(lat) * 1e6:.0f} us (median)"
    for group, dt in out:
        emit(a, f"sqlite-commit{group}", sqlite3.sqlite_version, dt, 0.0, [os.getpid()], note, workers=0)


# ---------------------------------------------------------------- one run
def emit(a, engine, version, wall, submit, pids, note, workers=None):
    n = a.tasks
    print(json.dumps({
        "engine": engine + ("+durable" if a.durable else "") + (f"+prefetch{a.prefetch}" if a.prefetch else ""),
        "version": version, "tasks": n, "workers": a.workers if workers is None else workers,
        "us_per_task": wall and round(wall / n * 1e6, 1), "tasks_per_s": wall and round(n / wall, 1),
        "rss_mib_coordinator": wall and rss(pids), "submit_s": wall and round(submit, 4), "note": note}), flush=True)


def one(a):
    global MOD
    ctypes.CDLL(None).prctl(36, 1, 0, 0, 0)           # PR_SET_CHILD_SUBREAPER
    if not a.no_netns:
        isolate()
    sys.path.insert(0, HERE)
    os.environ["PYTHONPATH"] = HERE                   # the workers import noop from here by name
    os.environ["PYTHONDONTWRITEBYTECODE"] = "1"
    sys.dont_write_bytecode = True
    os.environ["PATH"] = os.path.dirname(sys.executable) + os.pathsep + os.environ["PATH"]
    for k in [k for k in os.environ if k.lower().endswith("_proxy")]:
        del os.environ[k]
    import scheduler_peers as MOD
    none = {"hyperqueue": "the PyPI wheel has no `hq` program and its LocalCluster takes no journal",
            "dask": "Dask keeps no durable task log", "ray": "Ray core keeps no durable log of finished tasks",
            "sqlite": "always durable"}.get(a.engine) if a.durable else None
    version = "" if a.engine == "sqlite" else md.version(a.engine if a.engine != "dask" else "distributed")
    if none:
        emit(a, a.engine, version, None, None, [], "no durable mode: " + none)
        return 3
    tmp = tempfile.mkdtemp(prefix="sb", dir=a.dir)
    os.chdir(tmp)
    os.environ["TMPDIR"] = tempfile.tempdir = tmp     # the engines' own scratch too
    rc, out = 1, None

    def alarm(*_):
        raise TimeoutError(f"over {a.timeout} s")
    signal.signal(signal.SIGALRM, alarm)
    signal.alarm(a.timeout)
    try:
        out = globals()[a.engine](a, tmp)
        if out:
            emit(a, a.engine, version, *out)
        rc = 0
    except BaseException as e:
        error = f"{type(e).__name__}: {e}"
        print(json.dumps({"engine": a.engine, "version": version, "tasks": a.tasks, "error": error}), flush=True)
        if a.verbose:
            raise
    finally:
        signal.alarm(0)
        if not a.verbose:
            os.dup2(os.open(os.devnull, os.O_WRONLY), 2)   # engines complain about their killed processes
        end_descendants()
        shutil.rmtree(tmp, ignore_errors=True)
    sys.stdout.flush()
    os._exit(rc)                                      # no engine's exit handlers: its processes are gone


if __name__ == "__main__":
    ap = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    ap.add_argument("--engine", choices=ENGINES, required=True)
    ap.add_argument("--tasks", type=int, default=2000)
    ap.add_argument("--workers", type=int, default=2)
    ap.add_argument("--durable", action="store_true")
    ap.add_argument("--prefetch", type=int, default=0, help="further tasks at a worker (dask, ipyparallel, parsl)")
    ap.add_argument("--timeout", type=int, default=110)
    ap.add_argument("--dir", help="where scratch files go (must be a real disk for sqlite)")
    ap.add_argument("--no-netns", action="store_true")
    ap.add_argument("--verbose", action="store_true")
    sys.exit(one(ap.parse_args()))
