"""Runs workloads, prints their tables, and keeps the figures in Benchmarks/results."""

import argparse
import os
import pathlib
import signal
import sys
import tempfile

import network
import peers
import report
import results
from placing import Placing
from programs import HERE, Programs, demand_release
from setting import Setting, backends_of
from workloads import ALL

ROOT = HERE.parent
BUILD = ROOT / ".build" / "bench"
RELEASE = pathlib.Path(os.environ.get("CMDCTL_BIN_DIR", ROOT / ".build" / "release")).resolve()
GROUPS = pathlib.Path("/sys/fs/cgroup")
# In the environment of the harness once it has namespaces of its own.
INSIDE = "CMDCTL_BENCH_INSIDE"


def main(options):
    """Runs what was asked for; answers the exit status."""
    demand_release(RELEASE)
    if options.workload == "check":
        return check(options)
    return report.conclude(run(options))


def run(options):
    """All of a run; answers its result."""
    if os.geteuid() != 0:
        raise SystemExit("bench: only root can start isolated jobs with users of their own")
    if INSIDE not in os.environ:
        begin_inside()
    # Whoever is ended so ends what it has started.
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(128 + signal.SIGTERM))
    network.take_up_loopback()
    if options.ahead:
        # What is measured inherits it.
        os.sched_setscheduler(0, os.SCHED_RR, os.sched_param(1))
    return measure(options)


def measure(options):
    """Every workload that was asked for, one after the other."""
    programs = Programs(RELEASE, BUILD)
    build(programs)
    placing = Placing(os.sched_getaffinity(0))
    placing.take_others()
    chosen = [each for each in ALL if options.workload in (each.name, "all")]
    rounds = options.rounds or (2 if options.quick else 5)
    with tempfile.TemporaryDirectory(dir=BUILD) as disk, tempfile.TemporaryDirectory(
            dir="/dev/shm") as memory:
        backends = backends_of(RELEASE, options.backend)
        setting = Setting(
            programs, placing, pathlib.Path(disk), pathlib.Path(memory), backends, options.quick)
        result = results.Result(
            ROOT, RELEASE, options.workload, rounds=rounds, quick=options.quick,
            ahead=options.ahead, backends=backends)
        for workload in chosen:
            result.measure(workload(setting))
        return result


def build(programs):
    """What measures and what is measured beside: nothing is built while something is measured."""
    programs.build()
    peers.go_peer(programs.directory)
    peers.cpp_peer(programs.directory)


def check(options):
    """Holds the last run of these programs against the thresholds, or else a new quick one."""
    path = results.last_of(RELEASE, backends_of(RELEASE, "both"), HERE / "results")
    if path is None:
        options.workload, options.quick, options.backend = "all", True, "both"
        result = run(options)
        if report.conclude(result) != 0:
            return 1
        path = result.path
        print()
    return report.check(path)


def begin_inside():
    """Begins again, with a network of its own and control groups of version 2 where all programs
    look for them, also on a host that has those of version 1 there. Nobody else sees that mount."""
    script = 'exec "$@"'
    if not (GROUPS / "cgroup.controllers").exists():
        script = f"mount -t cgroup2 none {GROUPS} && {script}"
    command = [
        "unshare", "--mount", "--net", "--propagation", "private", "sh", "-c", script, "sh",
        sys.executable, "-B", *sys.argv]
    os.execvpe(command[0], command, {**os.environ, INSIDE: "1"})


def parse():
    """The command line."""
    names = [workload.name for workload in ALL]
    parser = argparse.ArgumentParser(prog="scripts/bench", description=__doc__)
    parser.add_argument(
        "workload", choices=["all", "check", *names],
        help="check: hold the last run against Benchmarks/thresholds.json")
    parser.add_argument("--rounds", type=int, help="5 unless given, of a quick run 2")
    parser.add_argument(
        "--quick", action="store_true", help="small sizes: all of it in under three minutes")
    parser.add_argument(
        "--backend", choices=["epoll", "io_uring", "both"], default="both",
        help="of cmdctld; both unless given")
    parser.add_argument(
        "--ahead", action="store_true",
        help="run before all else on a busy machine (SCHED_RR), which then stands still at times")
    return parser.parse_args()


if __name__ == "__main__":
    sys.exit(main(parse()))
