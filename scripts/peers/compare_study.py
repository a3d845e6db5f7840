"""Runs the Table IV grid with microfold in full and a few cells of naive_study.py; scripts/compare-study starts it."""
import importlib.util
import json
import os
import re
import statistics
import sys
import tempfile

from measure import Parser, fail, number, quiet, run, to_the_end

FOLDER = os.path.dirname(os.path.abspath(__file__))
STUDY = os.path.join(FOLDER, "..", "..", "configs", "table-4-small.yaml")
MALLOC = {"MALLOC_MMAP_MAX_": "0", "MALLOC_TRIM_THRESHOLD_": "-1", "MALLOC_TOP_PAD_": "67108864"}
SIZES = {False: {"subjects": 8, "stills": 4, "clips": 8, "side": 32, "epochs": 100},
         True: {"subjects": 2, "stills": 1, "clips": 6, "side": 16, "epochs": 1}}


def options():
    ap = Parser(prog="compare-study", description="The Table IV grid: microfold in full, a plain script extrapolated.")
    ap.add_argument("--cells", default=3, help="cells of the plain script to time (3)")
    ap.add_argument("--threads", default=2, help="threads of torch, and workers of microfold (2)")
    ap.add_argument("--sets", metavar="FOLDER", help="keep micro.set and macro.set there, and take them from there")
    ap.add_argument("--json", metavar="FILE", help="write the answer there as one object")
    ap.add_argument("--tiny", action="store_true", help="a tiny set and one epoch")
    a = ap.parse_args()
    a.cells = number(a.cells, "--cells", 1, 25)
    a.threads = number(a.threads, "--threads", 1, len(os.sched_getaffinity(0)))
    if a.sets and not os.path.isdir(a.sets):
        fail(f"--sets {a.sets}: no such folder; make it first")
    if a.json and not os.path.isdir(os.path.dirname(os.path.abspath(a.json))):
        fail(f"--json {a.json}: no such folder; make it first")
    return a


def prepared(microfold, folder, size):
    """Draws and prepares the two sets where they are not there yet; -> their paths by name."""
    sets = {name: os.path.join(folder, f"{name}.set") for name in ("micro", "macro")}
    if all(map(os.path.exists, sets.values())):
        return sets
    with tempfile.TemporaryDirectory(prefix="compare-study-") as faces:
        drawn = os.path.join(faces, "drawn")
        run("drawing synthetic faces", [
            microfold, "synthesize", "--out", drawn, "--seed", "7", "--subjects", str(size["subjects"]),
            "--stills-per-label", str(size["stills"]), "--clips-per-subject", str(size["clips"])])
        for name, path in sets.items():
            run(f"preparing {name}", [
                microfold, "prepare", "--layout", "folders", "--root", os.path.join(drawn, name), "--out", path,
                "--side", str(size["side"])])
    return sets


def write_study(folder, tiny):
    """The study file, with one setting and one epoch for a tiny run; -> its path, and its grid as words."""
    with open(STUDY) as file:
        text = file.read()
    if tiny:
        text = re.sub(r"(fit\.loss\.\w+): \[([^,]*), .*\]", r"\1: [\2]", text)
        text = text.replace("patience: 0", f"patience: 0, epochs: {SIZES[True]['epochs']}")
    path = os.path.join(folder, "study.yaml")
    with open(path, "w") as file:
        file.write(text)
    return path, {f"--{name}s": re.search(rf"fit\.loss\.{name}: \[(.*)\]", text).group(1).replace(" ", "")
                  for name in ("alpha", "gamma")}


def naive(a, sets, size, grid, cells):
    """Times some cells of the plain script; -> its rows, and the cores that others used."""
    command = [
        sys.executable, os.path.join(FOLDER, "naive_study.py"), "--target", sets["micro"], "--source", sets["macro"],
        "--threads", str(a.threads), "--epochs", str(size["epochs"]), "--cells", ",".join(map(str, cells))]
    command += [word for option in grid.items() for word in option]
    result = run(f"the plain script: {len(cells)} cell(s)", command, env={**os.environ, **MALLOC})
    rows = [json.loads(line) for line in result.output.splitlines()]
    for row in rows:
        print(f"  alpha {row['alpha']}, gamma {row['gamma']}, {row['fold']} held out: {row['cell_s']:.1f} s",
              file=sys.stderr)
    return rows, result.others_cores


def compare(a, microfold, folder):
    size = SIZES[a.tiny]
    sets = prepared(microfold, a.sets or folder, size)
    study, grid = write_study(folder, a.tiny)
    data = [word for name, path in sets.items() for word in ("--data", f"{name}={path}")]
    plan = json.loads(run("planning", [microfold, "plan", study, "--json"] + data).output)
    settings, folds = (len(grid["--alphas"].split(",")) * len(grid["--gammas"].split(",")), len(plan["folds"]))
    cells = settings * folds
    # Cells from all over the grid, one before and the others after ours: a drift of the machine touches both.
    chosen = [(2 * i + 1) * cells // (2 * a.cells) for i in range(a.cells)]
    rows, others = naive(a, sets, size, grid, chosen[:1])
    run_folder = os.path.join(folder, "run")
    ours = run("microfold run, all of the grid", [
        microfold, "run", study, "--run-dir", run_folder, "--workers", str(a.threads)] + data)
    if chosen[1:]:
        more, more_others = naive(a, sets, size, grid, chosen[1:])
        rows, others = rows + more, max(others, more_others)
    parts = {part: statistics.median(row[part] for row in rows)
             for part in ("cell_s", "pretrain_s", "extract_s", "fit_s")}
    naive_s = parts["cell_s"] * cells
    sharing_s = folds * (parts["pretrain_s"] + parts["extract_s"]) + cells * parts["fit_s"]
    return {
        "processor": processor(), "threads": a.threads, "side": size["side"], "epochs": size["epochs"], "folds": folds,
        "settings": settings, "cells": cells, "stages": plan["stages"], "source_rows": rows[0]["source_rows"],
        "target_rows": rows[0]["target_rows"], "micro_batch": rows[0]["micro_batch"], "timed": rows, **parts,
        "naive_s": naive_s, "naive_sharing_s": sharing_s, "ours_s": ours.took_s, "ratio": naive_s / ours.took_s,
        "ratio_sharing": sharing_s / ours.took_s, "others_cores": max(others, ours.others_cores)}


def processor():
    with open("/proc/cpuinfo") as file:
        lines = dict(re.findall(r"(cpu family|model|model name)\s*: (.*)", file.read()))
    if len(lines) < 3:
        return os.uname().machine
    return f"{lines['model name']} (family {lines['cpu family']}, model {lines['model']})"


def show(answer):
    times = [row["cell_s"] for row in answer["timed"]]
    a = {name: f"{value:.1f}" if isinstance(value, float) else value for name, value in answer.items()}
    print(f"""{a['processor']}, {a['threads']} threads of torch, {a['threads']} workers of microfold
grid            {a['cells']} cells: settings {a['settings']} × folds {a['folds']}, one seed
                side {a['side']}, {a['source_rows']} source and {a['target_rows']} target rows, epochs {a['epochs']}
plain script    {a['cell_s']} s a cell (median of {len(times)} timed, {min(times):.1f}–{max(times):.1f})
                pretraining {a['pretrain_s']}, extraction {a['extract_s']}, head {a['fit_s']}; \
images at a time {a['micro_batch']}
                {answer['naive_s']:.0f} s for all cells, extrapolated from these
microfold run   {answer['ours_s']:.0f} s for all cells, measured, start and report included
ratio           {a['ratio']} ×
a plain script that kept each fold's networks and features would take {answer['naive_sharing_s']:.0f} s
(extrapolated from the same parts): {a['ratio_sharing']} ×
{quiet(answer['others_cores'])}""")


def main():
    a = options()
    microfold = os.environ.get("MICROFOLD")
    if not microfold:      # the words alone were to be looked at
        return
    for package in ("torch", "scipy"):
        if importlib.util.find_spec(package) is None:
            fail(f"{sys.executable} has no {package}; unset PYTHON")
    with tempfile.TemporaryDirectory(prefix="compare-study-") as folder:
        answer = compare(a, microfold, folder)
    show(answer)
    if a.json:
        with open(a.json, "w") as file:
            file.write(json.dumps(answer) + "\n")


if __name__ == "__main__":
    to_the_end(main)
