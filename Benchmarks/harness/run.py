"""Runs a benchmark, prints its table, and keeps its figures in Benchmarks/results."""

import argparse
import json
import os
import pathlib
import subprocess
import sys
import tempfile
import time

import figures
import machine
from programs import HERE, Programs
from start import Bench

ROOT = HERE.parent
BUILD = ROOT / ".build" / "bench"
RELEASE = pathlib.Path(os.environ.get("CMDCTL_BIN_DIR", ROOT / ".build" / "release")).resolve()
GROUPS = pathlib.Path("/sys/fs/cgroup")


def main(options):
    """Runs it; answers whether all goals hold."""
    if os.geteuid() != 0:
        raise SystemExit("bench: only root can start isolated jobs with users of their own")
    if options.ahead:
        # What is measured inherits it.
        os.sched_setscheduler(0, os.SCHED_RR, os.sched_param(1))
    if not (GROUPS / "cgroup.controllers").exists():
        return in_own_hierarchy()
    programs = Programs(RELEASE, BUILD)
    before = machine.describe()
    begun = time.monotonic()
    with tempfile.TemporaryDirectory(dir=BUILD) as disk, tempfile.TemporaryDirectory(
            dir="/dev/shm") as memory:
        bench = Bench(programs, pathlib.Path(disk), pathlib.Path(memory))
        bench.run(options.rounds, options.count)
    return report(bench, options, before, time.monotonic() - begun)


def report(bench, options, before, seconds):
    """Prints and keeps what came of it."""
    summary = bench.figures.summary()
    thresholds = json.loads((HERE / "thresholds.json").read_text())["start"]
    verdicts = figures.check(summary, thresholds)
    print(figures.table(summary, verdicts))
    print(f"\n{options.rounds} rounds in {seconds:.0f} s on {machine.sentence(before)}")
    result = HERE / "results" / f"start-{time.strftime('%Y%m%dT%H%M%S')}.json"
    figures.write(
        result, machine=before, load_after=os.getloadavg(), ahead=options.ahead,
        versions=machine.versions(ROOT), rounds=options.rounds, figures=summary,
        verdicts=verdicts)
    print(f"written to {result.relative_to(ROOT)}")
    return all(verdict["holds"] for verdict in verdicts.values())


def in_own_hierarchy():
    """Again, with control groups of version 2 where all programs look for them; on a host that has
    those of version 1 there. Nobody else sees that mount."""
    script = f"mount -t cgroup2 none {GROUPS} && exec \"$@\""
    command = ["unshare", "--mount", "--propagation", "private", "sh", "-c", script, "sh"]
    return subprocess.run([*command, sys.executable, "-B", *sys.argv]).returncode == 0


def parse():
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("benchmark", choices=["start"])
    parser.add_argument("--rounds", type=int, default=5)
    parser.add_argument("--count", type=int, default=150, help="starts of each run")
    parser.add_argument("--check", action="store_true", help="fail if a goal is missed")
    parser.add_argument(
        "--ahead", action="store_true",
        help="run before all else on a busy machine (SCHED_RR), which then stands still at times")
    return parser.parse_args()


if __name__ == "__main__":
    arguments = parse()
    holds = main(arguments)
    sys.exit(1 if arguments.check and not holds else 0)
