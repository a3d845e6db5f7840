"""Runs bench step and the peers in interleaved rounds and prints the table; scripts/compare-peers starts it.

Every figure of one round is taken in the same minutes, so a slower hour slows all alike. Medians over rounds; a ratio
is the ratio of two such medians. The roof is what bench step prints: what this machine could do, measured in the run.
"""
import importlib.util
import json
import os
import statistics
import sys

from measure import Parser, fail, number, quiet, run, to_the_end

FOLDER = os.path.dirname(os.path.abspath(__file__))
BATCH = 32
# (timed steps, warm-up steps): slow peers run fewer steps, but as many rounds.
STEPS = {"torch_micro": (5, 2), "torch_fused": (5, 2), "torch_csr": (4, 2), "tf": (3, 1), "pyg": (2, 1),
         "jax_bcoo": (3, 1), "numpy64": (2, 1)}
PACKAGES = {"tf": "tensorflow", "pyg": "torch_geometric", "jax_bcoo": "jax", "numpy64": "scipy"}
TITLES = {"tf": "TensorFlow", "pyg": "torch_geometric", "jax_bcoo": "JAX", "numpy64": "numpy"}
# Ours as bench names it, the peers' as peer_bench.py does.
OURS = {"train": "images_per_s", "forward": "forward_images_per_s", "memory": "peak_rss_mib"}
# The same step with the first layer's basis computed from the image each time, as the peers do.
ANEW = {"train": "uncached_images_per_s", "forward": "uncached_forward_images_per_s", "memory": "peak_rss_mib"}
THEIRS = {"train": "train_img_s", "forward": "forward_img_s", "memory": "train_rss_mib"}
# Cores of other processes above which a run is disturbed and does not count.
LOAD = 0.15
ROOFS = {"train": ("roof_images_per_s", "floor_images_per_s"),
         "forward": ("roof_forward_images_per_s", "forward_floor_images_per_s")}


def options():
    ap = Parser(prog="compare-peers", description="Workload W: bench step beside the peers, in interleaved rounds.")
    ap.add_argument("--rounds", default=5, help="rounds (5)")
    ap.add_argument("--threads", default="1,2", help="numbers of threads, each a table of its own (1,2)")
    ap.add_argument("--peers", default="torch_micro,torch_fused,tf,pyg",
                    help=f"peers (torch_micro,torch_fused,tf,pyg); known: {','.join(STEPS)}")
    ap.add_argument("--class", dest="numeric_class", help="numeric class of ours (the fastest that the processor has)")
    ap.add_argument("--json", metavar="FILE", help="write every answer of every round there, one object a line")
    ap.add_argument("--tiny", action="store_true", help="one round of a tiny workload, numpy alone")
    a = ap.parse_args()
    if a.tiny:
        a.rounds, a.threads, a.peers = 1, "1", "numpy64"
    a.rounds = number(a.rounds, "--rounds", 1, 100)
    a.threads = [number(word, "--threads", 1, len(os.sched_getaffinity(0))) for word in a.threads.split(",")]
    a.peers = a.peers.split(",")
    for name in a.peers:
        if name not in STEPS:
            fail(f'no peer "{name}"; known: {", ".join(STEPS)}')
    if a.json:
        try:
            open(a.json, "w").close()
        except OSError as error:
            fail(f"--json {a.json}: {error.strerror}")
    return a


def check_packages(peers):
    for name in peers:
        package = PACKAGES.get(name, "torch")
        if importlib.util.find_spec(package) is None:
            fail(f"{sys.executable} has no {package} for the peer {name}; unset PYTHON or leave the peer out")


def commands(a, threads):
    """Ours and each peer's command for one round."""
    tiny = ["--tiny"] if a.tiny else []
    size = ["--threads", str(threads), "--batch", str(BATCH)] + tiny
    ours = [os.environ["BENCH"], "step", "--json"] + (["--class", a.numeric_class] if a.numeric_class else [])
    yield "microfold", ours + size
    for name in a.peers:
        steps, warm = STEPS[name]
        peer = [sys.executable, os.path.join(FOLDER, "peer_bench.py"), "--impl", name]
        yield name, peer + ["--steps", str(steps), "--warm", str(warm)] + size


def rounds(a):
    rows = []
    for turn in range(1, a.rounds + 1):
        for threads in a.threads:
            for name, command in commands(a, threads):
                result = run(f"round {turn} of {a.rounds}, {threads} thread(s): {name}", command)
                row = json.loads(result.output.strip().splitlines()[-1])
                rows.append({**row, "name": name, "round": turn, "others_cores": result.others_cores})
                if a.json:
                    with open(a.json, "a") as file:
                        file.write(json.dumps(rows[-1]) + "\n")
    return rows


def median(rows, key):
    values = [row[key] for row in rows if key in row]
    return statistics.median(values) if values else None


def spread(rows, key):
    values = [row[key] for row in rows]
    return f"{statistics.median(values):.1f} ({min(values):.1f}–{max(values):.1f})"


def roof(ours, kind):
    return next((value for key in ROOFS[kind] if (value := median(ours, key))), None)


def percent(value, roof):
    return f"{100 * value / roof:.0f} %" if roof else "–"


def peak_floor(ours, kind):
    """Images a second with every product at the multiply-add peak, sparse ones too: what nothing can pass."""
    share = {"train": "of_peak_floor", "forward": "forward_of_peak_floor"}[kind]
    values = [row[OURS[kind]] / row[share] for row in ours if row.get(share)]
    return statistics.median(values) if values else None


def shares(ours, train, forward):
    """Shares of the roof and of the peak floor, train / forward."""
    return [f"{percent(train, limit(ours, 'train'))} / {percent(forward, limit(ours, 'forward'))}"
            if train and forward else "–" for limit in (roof, peak_floor)]


def undisturbed(rows):
    """The runs during which others used at most LOAD cores; all of them where that leaves none."""
    return [row for row in rows if row["others_cores"] <= LOAD] or rows


def table(rows, threads, peers):
    mine = [row for row in rows if row["threads"] == threads]
    ours = undisturbed([row for row in mine if row["name"] == "microfold"])
    widths = (13, 25, 26, 9, 15, 15, 16, 0)
    heads = ("", "train images/s", "forward images/s", "RSS MiB", "of roof", "of peak", "ours ×", "runs (disturbed)")
    lines = ["".join(word.ljust(width) for word, width in zip(heads, widths))]
    best = {kind: median(ours, OURS[kind]) for kind in OURS}
    for name in ["microfold", "basis anew"] + peers:
        keys = {"microfold": OURS, "basis anew": ANEW}.get(name, THEIRS)
        every = [row for row in mine if row["name"] == ("microfold" if name == "basis anew" else name)]
        own = undisturbed(every)
        value = {kind: median(own, key) for kind, key in keys.items()}
        if not all(value.values()):
            continue
        ratios = [f"{best[kind] / value[kind]:.2f}" for kind in ("train", "forward")]
        loaded = sum(row["others_cores"] > LOAD for row in every)
        words = [name, spread(own, keys["train"]), spread(own, keys["forward"]), f"{value['memory']:.0f}"]
        words += shares(ours, value["train"], value["forward"]) + [" / ".join(ratios), f"{len(every)} ({loaded})"]
        lines.append("".join(word.ljust(width) for word, width in zip(words, widths)).rstrip())
    return lines


def summary(rows, threads, peers):
    """Ratios against the fastest PyTorch and each other peer, and memory against the leanest."""
    mine = [row for row in rows if row["threads"] == threads]
    names = [("microfold", "microfold", OURS), ("anew", "microfold", ANEW)] + [(name, name, THEIRS) for name in peers]
    value = {title: {kind: median(undisturbed([row for row in mine if row["name"] == name]), key)
                     for kind, key in keys.items()} for title, name, keys in names}
    ours = value["microfold"]

    def ratio(kind, name):
        anew = value["anew"][kind]
        like = f", basis anew {anew / value[name][kind]:.2f} ×" if anew else ""
        return f"{kind} {ours[kind] / value[name][kind]:.2f} × ({name}{like})"
    torch = [name for name in peers if name.startswith("torch_")]
    lines = []
    if torch:
        fastest = {kind: max(torch, key=lambda name: value[name][kind]) for kind in ("train", "forward")}
        lines.append("against the fastest PyTorch: " + ", ".join(ratio(*pair) for pair in fastest.items()))
    for name in peers:
        if name not in torch:
            lines.append(f"against {TITLES[name]}: " + ", ".join(ratio(kind, name) for kind in ("train", "forward")))
    leanest = min(peers, key=lambda name: value[name]["memory"])
    share = ours["memory"] / value[leanest]["memory"]
    lines.append(f"peak memory: {ours['memory']:.0f} MiB, {share:.2f} of the leanest peer "
                 f"({leanest}, {value[leanest]['memory']:.0f} MiB)")
    return lines


def main():
    a = options()
    if "BENCH" not in os.environ:      # the words alone were to be looked at
        return
    check_packages(a.peers)
    rows = rounds(a)
    first = next(row for row in rows if row["name"] == "microfold")
    print(f"{first['processor']}, class {first['numeric_class']}, workload {first['workload']}, batch {BATCH}, "
          f"{a.rounds} interleaved round(s); median (lowest–highest)")
    for threads in a.threads:
        ours = [row for row in rows if row["name"] == "microfold" and row["threads"] == threads]
        roofs = [f"{kind} {value:.0f}" for kind in ROOFS if (value := roof(ours, kind))]
        print(f"\n{threads} thread(s); roof in images/s: {', '.join(roofs)}; shares and ratios are train / forward")
        print("\n".join(table(rows, threads, a.peers) + summary(rows, threads, a.peers)))
    if a.tiny:
        print("\nthe tiny workloads of bench and of numpy differ: these figures show that all runs, and nothing else")
    print("\n" + quiet(max(row["others_cores"] for row in rows)))


if __name__ == "__main__":
    to_the_end(main)
