"""Runs bench schedule and other engines in interleaved rounds and prints the table.

A task computes nothing, so a figure is what an engine costs beside the computation, each in its own way. Medians over
rounds; a ratio is one of two such medians. Ours commits every result durably once and encrypts; no other engine here
does either. The floors stand below: what a wire and SQLite cost alone, measured in the same rounds.
"""
import importlib.util
import json
import os
import statistics
import sys

from measure import Parser, fail, number, quiet, run, to_the_end

FOLDER = os.path.dirname(os.path.abspath(__file__))
# engine: (module, further words)
ENGINES = {
    "ray": ("ray", []),
    "parsl": ("parsl", []),
    "parsl+durable": ("parsl", ["--durable"]),
    "parsl+prefetch10": ("parsl", ["--prefetch", "10"]),
    "dask": ("distributed", []),
    "dask+prefetch10": ("distributed", ["--prefetch", "10"]),
    "hyperqueue": ("hyperqueue", []),
    "ipyparallel": ("ipyparallel", []),
    "ipyparallel+durable": ("ipyparallel", ["--durable"]),
    "sqlite": (None, []),
}


def options():
    ap = Parser(prog="compare-schedulers", description="bench schedule beside other engines, in interleaved rounds.")
    ap.add_argument("--rounds", default=5, help="rounds (5)")
    ap.add_argument("--tasks", default=10_000, help="tasks, the same number for every engine (10000)")
    ap.add_argument("--engines", default=",".join(name for name in ENGINES if name != "sqlite"),
                    help=f"engines (all but sqlite, a floor); known: {','.join(ENGINES)}")
    ap.add_argument("--json", metavar="FILE", help="write every answer of every round there, one object a line")
    ap.add_argument("--tiny", action="store_true", help="one round of a few tasks, the floor of SQLite alone")
    a = ap.parse_args()
    if a.tiny:
        a.rounds, a.tasks, a.engines = 1, 300, "sqlite"
    a.rounds = number(a.rounds, "--rounds", 1, 100)
    a.tasks = number(a.tasks, "--tasks", 10, 10_000_000)
    a.engines = a.engines.split(",")
    for name in a.engines:
        if name not in ENGINES:
            fail(f'no engine "{name}"; known: {", ".join(ENGINES)}')
    if a.json:
        try:
            open(a.json, "w").close()
        except OSError as error:
            fail(f"--json {a.json}: {error.strerror}")
    return a


def check_packages(engines):
    for name in engines:
        module = ENGINES[name][0]
        if module and importlib.util.find_spec(module) is None:
            fail(f"{sys.executable} has no {module} for the engine {name}; unset PYTHON or leave the engine out")


def command(a, name):
    if name == "microfold":
        ours = [os.environ["BENCH"], "schedule", "--json", "--brief", "--stages", str(a.tasks)]
        return ours + (["--tiny"] if a.tiny else [])
    engine = os.path.join(FOLDER, "scheduler_peers.py")
    words = [sys.executable, engine, "--engine", name.split("+")[0], "--tasks", str(a.tasks)] + ENGINES[name][1]
    return words + (["--no-netns"] if a.tiny else [])


def answers(output):
    """Each object that was printed, as (name, version, us a task, tasks a second, submit s, coordinator MiB)."""
    for line in output.strip().splitlines():
        row = json.loads(line)
        if "error" in row:
            fail(f"{row['engine']}: {row['error']}", status=1)
        if "us_per_stage" not in row:
            yield {"name": row["engine"], "version": row["version"], "us": row["us_per_task"],
                   "submit_s": row["submit_s"], "rss_mib": row["rss_mib_coordinator"], "answer": row}
            continue
        # As with the others, the clock starts where the plan is given: making it counts.
        us = (row["planning_s"] + row["run_s"]) / row["stages"] * 1e6
        yield {"name": "microfold", "version": "", "us": us, "submit_s": row["planning_s"],
               "rss_mib": row["coordinator_peak_rss_mib"], "answer": row}


def rounds(a):
    rows = []
    for turn in range(1, a.rounds + 1):
        for name in ["microfold"] + a.engines:
            result = run(f"round {turn} of {a.rounds}: {name}", command(a, name))
            for row in answers(result.output):
                rows.append({**row, "round": turn, "others_cores": result.others_cores})
                if a.json:
                    with open(a.json, "a") as file:
                        file.write(json.dumps(rows[-1]) + "\n")
    return rows


def median(rows, key):
    return statistics.median(row[key] for row in rows)


def table(rows):
    widths = (23, 12, 27, 10, 11, 9, 0)
    heads = ("", "version", "us a task: median (range)", "tasks/s", "submit, s", "MiB", "ours is faster by")
    lines = ["".join(word.ljust(width) for word, width in zip(heads, widths))]
    ours = median([row for row in rows if row["name"] == "microfold"], "us")
    for name in dict.fromkeys(row["name"] for row in rows):
        mine = [row for row in rows if row["name"] == name]
        us = [row["us"] for row in mine]
        middle = statistics.median(us)
        words = [name, mine[0]["version"], f"{middle:.1f} ({min(us):.1f}–{max(us):.1f})", f"{1e6 / middle:.0f}",
                 f"{median(mine, 'submit_s'):.3f}", f"{median(mine, 'rss_mib'):.0f}", f"{middle / ours:.1f} ×"]
        lines.append("".join(word.ljust(width) for word, width in zip(words, widths)).rstrip())
    return lines


def floors(rows):
    ours = [row["answer"] for row in rows if row["name"] == "microfold"]
    names = {"floor_wire_us": "wire with CURVE", "floor_plain_wire_us": "wire in the clear",
             "floor_commit256_us": "SQLite commit of 256", "floor_commit1_us": "SQLite commit of 1",
             "fsync_p50_us": "fdatasync (median)"}
    return ", ".join(f"{title} {median(ours, key):.1f} us" for key, title in names.items())


def main():
    a = options()
    if "BENCH" not in os.environ:      # the words alone were to be looked at
        return
    check_packages(a.engines)
    rows = rounds(a)
    first = next(row["answer"] for row in rows if row["name"] == "microfold")
    print(f"{first['processor']}, {len(os.sched_getaffinity(0))} cores, {a.tasks} tasks that compute nothing, "
          f"2 workers, {a.rounds} interleaved round(s)")
    print("\n".join(table(rows)))
    print("floors: " + floors(rows))
    print("ours: every result durable once before it is acknowledged, CURVE on; of the others none makes a result "
          "durable (parsl+durable appends without fsync, ipyparallel+durable commits on a timer) or encrypts")
    if a.tiny:
        print("a few tasks show that all runs, and nothing else")
    print(quiet(max(row["others_cores"] for row in rows)))


if __name__ == "__main__":
    to_the_end(main)
