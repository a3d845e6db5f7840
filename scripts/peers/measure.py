"""What both comparisons need: one line for a mistake, and a command run to its end with its seconds."""
import argparse
import os
import resource
import subprocess
import sys
import time
from typing import NamedTuple


def fail(line, status=2):
    print(f"{os.environ.get('SCRIPT', 'compare')}: {line}", file=sys.stderr)
    sys.exit(status)


class Parser(argparse.ArgumentParser):
    def error(self, message):
        fail(f"{message} (see --help)")


def number(text, name, low, high):
    """A whole number of an option, or one line and the end."""
    try:
        value = int(text)
    except ValueError:
        fail(f'{name} is "{text}"; give a number from {low} to {high}')
    if not low <= value <= high:
        fail(f"{name} is {value}; give a number from {low} to {high}")
    return value


class Result(NamedTuple):
    output: str
    took_s: float
    others_cores: float


def run(name, command, **more):
    """Runs a command to its end: what it printed, its seconds, and the cores that others used meanwhile."""
    print(name, file=sys.stderr)
    start, busy, own = time.monotonic(), busy_s(), children_s()
    try:
        result = subprocess.run(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True, **more)
    except OSError as error:
        fail(f"{command[0]} cannot be started: {error.strerror}")
    took_s = time.monotonic() - start
    others_s = busy_s() - busy - (children_s() - own)
    if result.returncode != 0:
        last = (result.stderr.strip().splitlines() or ["it said nothing"])[-1]
        fail(f"{name}: {os.path.basename(command[0])} ended with status {result.returncode}: {last}", status=1)
    return Result(result.stdout, took_s, round(max(0.0, others_s) / max(took_s, 0.01), 2))


def busy_s():
    """Seconds that all cores together have worked, or that the machine below has taken from them (steal)."""
    with open("/proc/stat") as file:
        user, nice, system, _, _, irq, softirq, steal = map(int, file.readline().split()[1:9])
    return (user + nice + system + irq + softirq + steal) / os.sysconf("SC_CLK_TCK")


def children_s():
    usage = resource.getrusage(resource.RUSAGE_CHILDREN)
    return usage.ru_utime + usage.ru_stime


def quiet(others_cores):
    """A line on how undisturbed the measurements were."""
    word = "; that is much: run again on a quiet machine" if others_cores > 0.15 else ""
    return f"other processes used at most {others_cores:.2f} cores during a measurement{word}"


def to_the_end(main):
    """Runs a program; Ctrl-C ends it without a trace."""
    try:
        main()
    except KeyboardInterrupt:
        fail("stopped", status=130)
