"""How fast jobs start: `strict`, /bin/true, beside `crun run` and a bare posix_spawn.

Nothing is bound to a processor here: crun is no server that could be. Two daemons for each backend, one
with its state on a disk, one in memory.
"""

import bundle
from figures import quantile
from starting import Starter
from subject import Command, CmdctlSubject
from turns import Turns
from weight import weigh
from workloads.base import Workload

IN_FLIGHT = [1, 2, 4, 8]
# Starts of each run; of one and two in flight, whose latency is what is asked for, there are more.
COUNT, TAIL_COUNT, QUICK_COUNT = 150, 200, 50
SLEEPERS = 100
CRUN = "crun"


class Starts(Workload):
    """Starts of isolated jobs, the turns of the loop meanwhile, and what a job takes."""

    name = "starts"
    title = "isolated jobs that start and end (/bin/true)"

    def open(self):
        self._starter = Starter(self.setting, everywhere=True)
        self._bundle = self.setting.directory(in_memory=True)
        self._bundle.mkdir()
        bundle.make(self._bundle)
        on_disk, in_memory = self.setting.cmdctl("on disk"), self.setting.cmdctl("in memory")
        for subject in on_disk:
            self.start(subject, placed=False)
        for subject in in_memory:
            self.start(subject, placed=False, in_memory=True)
        self.subjects = [*on_disk, *in_memory, Command(CRUN), Command("posix_spawn")]

    def warm_up(self, figures):
        for subject in self.standing(figures, 0):
            self.attempt(figures, subject, "warm-up", lambda: self._start(subject, 2, 20), _drop)

    def run(self, round, figures, quick):
        for in_flight in IN_FLIGHT[::3] if quick else IN_FLIGHT:
            count = QUICK_COUNT if quick else TAIL_COUNT if in_flight <= 2 else COUNT
            for subject in self.standing(figures, round):
                self.attempt(
                    figures, subject, _case(in_flight),
                    lambda: self._start(subject, in_flight, count), _note)
        self._watch_loop(figures, QUICK_COUNT if quick else COUNT)
        if round == 0:
            self._weigh(figures)

    def _start(self, subject, in_flight, count):
        if subject.name == CRUN:
            return self._starter.crun(self._bundle, in_flight, count)
        if isinstance(subject, Command):
            return self._starter.spawn(in_flight, count)
        return self._starter.jobs(subject, in_flight, count)

    def _watch_loop(self, figures, count):
        """In memory, since the loop never waits for a disk in either. What watches sees only the
        system calls of epoll."""
        if "epoll" not in self.setting.backends:
            return
        subject = CmdctlSubject(self.setting, "epoll", "in memory")
        self.attempt(
            figures, subject, "the loop, 1 in flight", lambda: self._turns(subject, count),
            _note_turns)

    def _turns(self, subject, count):
        directory = self.setting.directory(in_memory=True)
        notes = directory.with_name(f"{directory.name}.turns")
        watcher = {
            "LD_PRELOAD": str(self.setting.programs.in_c("turns.so")), "LOAD_TURNS": str(notes)}
        with subject.started(directory, watcher, placed=False):
            self._starter.jobs(subject, 1, 20)
            run = self._starter.jobs(subject, 1, count)
        turns = Turns(notes, run)
        notes.unlink()
        return turns

    def _weigh(self, figures):
        subject, = self.setting.cmdctl("in memory")[:1]
        self.attempt(
            figures, subject, "memory of a job", lambda: self._weights(subject), _note_weights)

    def _weights(self, subject):
        with subject.started(self.setting.directory(in_memory=True), placed=False):
            with self._starter.sleepers(subject, SLEEPERS):
                return weigh(subject.pid)


def _case(in_flight):
    return f"{in_flight} in flight"


def _drop(*_):
    pass


def _note(figures, subject, case, run):
    figures.add(case, "starts", "1/s", subject, run.per_second)
    figures.add(case, "processor time of a start", "ms", subject, run.processor_ms)
    if run.server_ms is not None:
        figures.add(case, "of that the server's", "ms", subject, run.server_ms)
        for percent in (50, 99):
            started = quantile(run.started_ms, percent / 100)
            figures.add(case, f"started p{percent}", "ms", subject, started)


def _note_turns(figures, subject, case, turns):
    figures.add(case, "turn p50", "µs", subject, quantile(turns.busy, 0.5))
    figures.add(case, "turn p99", "µs", subject, quantile(turns.busy, 0.99))
    figures.add(case, "longest turn", "µs", subject, max(turns.busy))
    figures.add(case, "most processor time of a turn", "µs", subject, max(turns.processor))


def _note_weights(figures, subject, case, weights):
    for what, kib in weights.items():
        figures.add(case, what, "KiB", subject, kib)
