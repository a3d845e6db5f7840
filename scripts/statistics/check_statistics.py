"""microfold score and compare beside scikit-learn, scipy and numpy; scripts/check-statistics starts it."""
import argparse
import concurrent.futures
import json
import os
import subprocess
import sys
import tempfile

import numpy

import prediction_sets
import reference

LIMIT = 1e-9
PROGRAM = os.environ["MICROFOLD"]


def run(folder, *words):
    """The object that microfold prints."""
    done = subprocess.run([PROGRAM, *words, "--json"], cwd=folder, capture_output=True, text=True)
    if done.returncode != 0:
        raise RuntimeError(f"microfold {' '.join(words)} ended with {done.returncode}: {done.stderr.strip()}")
    return json.loads(done.stdout)


def differences(expected, found, path=""):
    """Where two values differ by more than the limit; members that only the program prints are passed over."""
    if isinstance(expected, dict):
        if not isinstance(found, dict) or (path.endswith("per_class") and expected.keys() != found.keys()):
            return [f"{path}: {found}"]
        return [line for key in expected for line in differences(expected[key], found.get(key), f"{path}.{key}")]
    if isinstance(expected, list):
        if not isinstance(found, list) or len(found) != len(expected):
            return [f"{path}: {found}"]
        return [line for i, value in enumerate(expected) for line in differences(value, found[i], f"{path}[{i}]")]
    same = expected == found if isinstance(expected, str) else (
        isinstance(found, (int, float)) and abs(expected - found) <= LIMIT)
    return [] if same else [f"{path}: {found}, expected {expected}"]


def check(seed, number):
    """The kind of one set and all differences of its answers."""
    random = numpy.random.default_rng([seed, number])
    kind = prediction_sets.KINDS[number % len(prediction_sets.KINDS)]
    rows = prediction_sets.draw(random, kind)
    with tempfile.TemporaryDirectory() as folder:
        flags = []
        for method, name in enumerate(["a.csv", "b.csv"]):
            text, chosen = prediction_sets.text(random, rows, method)
            with open(os.path.join(folder, name), "wb") as file:
                file.write(text)
            flags.append(chosen)
        score = run(folder, "score", "a.csv", *flags[0])
        beside = [word + "-" + "ab"[side] if word.startswith("--") else word
                  for side in (0, 1) for word in flags[side]]
        compare = run(folder, "compare", "a.csv", "b.csv", *beside)
    lines = differences(reference.score(rows), score, "score") + differences(
        reference.compare(rows), compare, "compare")
    return kind, [f"set {number} ({kind}, {len(rows)} clips): {line}" for line in lines]


def whole(text):
    """A whole number from 1."""
    if not text.isdigit() or int(text) < 1:
        raise argparse.ArgumentTypeError(f"{text}: a whole number from 1 was expected")
    return int(text)


def main():
    parser = argparse.ArgumentParser(prog="check-statistics")
    parser.add_argument("--sets", type=whole, default=1000, help="how many random prediction sets (1000)")
    parser.add_argument("--seed", type=whole, default=1, help="which ones (1)")
    options = parser.parse_args()
    found, kinds = 0, set()
    with concurrent.futures.ThreadPoolExecutor(os.cpu_count()) as pool:
        for kind, lines in pool.map(lambda number: check(options.seed, number), range(options.sets)):
            kinds.add(kind)
            found += len(lines)
            for line in lines[:5]:
                print(line, file=sys.stderr)
    print(f"kinds: {' '.join(kind for kind in prediction_sets.KINDS if kind in kinds)}")
    print(f"{options.sets} sets, {found} differences beyond {LIMIT:g}")
    sys.exit(1 if found else 0)


main()
