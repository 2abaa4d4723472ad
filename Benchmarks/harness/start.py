"""How fast jobs start: `strict`, /bin/true, beside `crun run` and a bare posix_spawn.

Every round does everything once, one after the other, so that whatever else the machine does falls
on all alike.
"""

import bundle
import load
from daemon import Certificates, Daemon
from figures import Figures, quantile
from memory import weigh
from turns import Turns

IN_FLIGHT = [1, 2, 4, 8]
# More than any round has, so that the tail of a run is more than its worst job.
TAIL_COUNT = 200
SLEEPERS = 100


class Bench:
    """What is compared: a daemon whose state is on a disk, one in memory, and two peers."""

    def __init__(self, programs, disk, memory):
        self.figures = Figures()
        self._programs = programs
        self._disk, self._memory = disk, memory
        self._certificates = Certificates(programs.release, disk / "pki")
        bundle.make(memory)

    def run(self, rounds, count):
        """Everything; the figures are complete then."""
        with (self._daemon(self._disk / "disk") as disk,
              self._daemon(self._memory / "memory") as memory):
            subjects = {
                "cmdctl on disk": lambda *how: load.jobs(self._programs, disk, *how),
                "cmdctl in memory": lambda *how: load.jobs(self._programs, memory, *how),
                "crun": lambda *how: load.crun(self._programs, self._memory, *how),
                "posix_spawn": lambda *how: load.spawn(self._programs, *how)}
            for start in subjects.values():
                start(2, 20)
            for _ in range(rounds):
                self._round(subjects, count)
        for number in range(rounds):
            self._watch_loop(self._memory / f"watched-{number}", count)
        with self._daemon(self._memory / "sleepers") as daemon:
            self._weigh(daemon)

    def _daemon(self, directory, environment=None):
        return Daemon(self._programs.release, self._certificates, directory, environment)

    def _round(self, subjects, count):
        for in_flight in IN_FLIGHT:
            # The latency of one or two is what is asked for, so that of these there are more.
            runs = {
                name: start(in_flight, TAIL_COUNT if in_flight <= 2 else count)
                for name, start in subjects.items()}
            for name, run in runs.items():
                self._note(name, in_flight, run)
            for name in ["cmdctl on disk", "cmdctl in memory"]:
                self.figures.add(
                    f"{name}, {in_flight} in flight: starts over crun's", "",
                    runs[name].per_second / runs["crun"].per_second)

    def _note(self, name, in_flight, run):
        label = f"{name}, {in_flight} in flight"
        self.figures.add(f"{label}: starts", "1/s", run.per_second)
        self.figures.add(f"{label}: processor time each", "ms", run.processor_ms)
        if run.server_ms is not None:
            self.figures.add(f"{label}: of that the daemon's", "ms", run.server_ms)
            for percent in (50, 99):
                self.figures.add(
                    f"{label}: started p{percent}", "ms", quantile(run.started_ms, percent / 100))

    def _watch_loop(self, directory, count):
        """In memory, since the loop never waits for a disk in either."""
        notes = directory.with_name(f"{directory.name}.turns")
        watcher = {"LD_PRELOAD": str(self._programs.turns), "LOAD_TURNS": str(notes)}
        with self._daemon(directory, watcher) as daemon:
            load.jobs(self._programs, daemon, 1, 20)
            runs = {
                in_flight: load.jobs(self._programs, daemon, in_flight, count)
                for in_flight in IN_FLIGHT}
        for in_flight, run in runs.items():
            turns = Turns(notes, run)
            label = f"loop, {in_flight} in flight: turns"
            self.figures.add(f"{label}, p50", "µs", quantile(turns.busy, 0.5))
            self.figures.add(f"{label}, p99", "µs", quantile(turns.busy, 0.99))
            self.figures.add(f"{label}, longest", "µs", max(turns.busy))
            self.figures.add(f"{label}, processor time", "µs", max(turns.processor))

    def _weigh(self, daemon):
        with load.sleepers(self._programs, daemon, SLEEPERS):
            weight = weigh(daemon.pid)
        for what, kib in weight.items():
            self.figures.add(f"memory of a job: {what}", "KiB", kib)
