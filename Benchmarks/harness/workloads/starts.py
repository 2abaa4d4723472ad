"""How fast jobs start and end (/bin/true), on a disk and in memory.

Isolated ones are compared with `crun run`: there nothing is bound to a processor, since crun is no
server that could be. Jobs on the host's own files are compared with servers that start them too,
without a shim and without a record that outlives them, each on one processor.
"""

import functools

import bundle
import plot
from figures import find, quantile
from rivals import all_rivals
from starting import Starter, note
from subject import Command, CmdctlSubject
from turns import Turns
from weight import weigh
from workloads.base import Workload

IN_FLIGHT = [1, 2, 4, 8]
# Starts of each run; of one and two in flight, whose latency is what is asked for, there are more.
COUNT, TAIL_COUNT, QUICK_COUNT = 150, 200, 50
SLEEPERS = 100
CRUN = "crun"
CROWD, CROWD_COUNT, CROWD_QUICK_COUNT = 32, 1000, 300


class Starts(Workload):
    """Starts of jobs, the turns of the loop meanwhile, and what a job takes."""

    name = "starts"
    title = "jobs that start and end (/bin/true)"

    def open(self):
        self._isolated = Starter(self.setting, everywhere=True)
        self._beside = Starter(self.setting, everywhere=False)
        self._bundle = self.setting.directory(in_memory=True)
        self._bundle.mkdir()
        bundle.make(self._bundle)
        spawn = Command("posix_spawn")
        self.subjects = [*self._both(self.setting.cmdctl, placed=False), Command(CRUN), spawn]
        rivals = functools.partial(all_rivals, self.setting)
        self._servers = [
            *self._both(self.setting.cmdctl, placed=True), *self._both(rivals, placed=True), spawn]

    def _both(self, make, placed):
        """Servers that run until all is over, on the disk and in memory."""
        on_disk, in_memory = make("on disk"), make("in memory")
        for subject in on_disk:
            self.start(subject, placed=placed)
        for subject in in_memory:
            self.start(subject, placed=placed, in_memory=True)
        return on_disk + in_memory

    def warm_up(self, figures):
        for subject in self.standing(figures, 0):
            self.attempt(figures, subject, "warm-up", lambda: self._start(subject, 2, 20), _drop)
        for subject in self.standing(figures, 0, self._servers):
            self.attempt(figures, subject, "warm-up", lambda: self._crowd(subject, 50), _drop)

    def run(self, round, figures, quick):
        for in_flight in IN_FLIGHT[::3] if quick else IN_FLIGHT:
            count = QUICK_COUNT if quick else TAIL_COUNT if in_flight <= 2 else COUNT
            for subject in self.standing(figures, round):
                self.attempt(
                    figures, subject, f"isolated, {in_flight} in flight",
                    lambda: self._start(subject, in_flight, count), note)
        for subject in self.standing(figures, round, self._servers):
            count = CROWD_QUICK_COUNT if quick else CROWD_COUNT
            self.attempt(
                figures, subject, f"on the host, {CROWD} in flight",
                lambda: self._crowd(subject, count), note)
        self._watch_loop(figures, QUICK_COUNT if quick else COUNT)
        if round == 0:
            self._weigh(figures)

    def plots(self, summary):
        cases = [f"isolated, {IN_FLIGHT[-1]} in flight", f"on the host, {CROWD} in flight"]
        return {"starts": plot.bars(
            "Jobs that start and end", "/bin/true, jobs per second. Median, least and greatest.",
            {case: find(summary, case, "starts") for case in cases})}

    def _crowd(self, subject, count):
        if isinstance(subject, Command):
            return self._beside.spawn(CROWD, count)
        return self._beside.jobs(subject, CROWD, count, "--host")

    def _start(self, subject, in_flight, count):
        if subject.name == CRUN:
            return self._isolated.crun(self._bundle, in_flight, count)
        if isinstance(subject, Command):
            return self._isolated.spawn(in_flight, count)
        return self._isolated.jobs(subject, in_flight, count)

    def _watch_loop(self, figures, count):
        """In memory, since the loop never waits for a disk in either. What watches sees only the
        system calls of epoll."""
        if "epoll" not in self.setting.backends:
            return
        subject = CmdctlSubject(self.setting, "epoll", "in memory")
        self.attempt(
            figures, subject, "the loop, isolated, 1 in flight",
            lambda: self._turns(subject, count), _note_turns)

    def _turns(self, subject, count):
        directory = self.setting.directory(in_memory=True)
        notes = directory.with_name(f"{directory.name}.turns")
        watcher = {
            "LD_PRELOAD": str(self.setting.programs.in_c("turns.so")), "LOAD_TURNS": str(notes)}
        with subject.started(directory, watcher, placed=False):
            self._isolated.jobs(subject, 1, 20)
            run = self._isolated.jobs(subject, 1, count)
        turns = Turns(notes, run)
        notes.unlink()
        return turns

    def _weigh(self, figures):
        subject, = self.setting.cmdctl("in memory")[:1]
        self.attempt(
            figures, subject, "memory of a job", lambda: self._weights(subject), _note_weights)

    def _weights(self, subject):
        with subject.started(self.setting.directory(in_memory=True), placed=False):
            with self._isolated.sleepers(subject, SLEEPERS):
                return weigh(subject.pid)


def _drop(*_):
    pass


def _note_turns(figures, subject, case, turns):
    figures.add(case, "turn p50", "µs", subject, quantile(turns.busy, 0.5))
    figures.add(case, "turn p99", "µs", subject, quantile(turns.busy, 0.99))
    figures.add(case, "longest turn", "µs", subject, max(turns.busy))
    figures.add(case, "most processor time of a turn", "µs", subject, max(turns.processor))


def _note_weights(figures, subject, case, weights):
    for what, kib in weights.items():
        figures.add(case, what, "KiB", subject, kib)
