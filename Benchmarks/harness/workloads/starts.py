"""How fast jobs start and end (/bin/true), on a disk and in memory.

Isolated ones are compared with `crun run`: there nothing is bound to a processor, since crun is no
server that could be. Jobs on the host's own files are compared with servers that start them too,
without a shim and without a record that outlives them, each on one processor.
"""

import bundle
import plot
from figures import find, quantile
from rivals import all_rivals
from starting import Starter, note
from subject import Command
from turns import Turns
from weight import weigh
from workloads.base import Workload

# Whether the state directory is in memory.
PLACES = {"on disk": False, "in memory": True}
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
        self._everywhere = Starter(self.setting, everywhere=True)
        self._beside = Starter(self.setting, everywhere=False)
        self._bundle = self.setting.directory(in_memory=True)
        self._bundle.mkdir()
        bundle.make(self._bundle)
        spawn = Command("posix_spawn")
        self._isolated = {
            place: [*self._daemons(in_memory), Command(CRUN), spawn]
            for place, in_memory in PLACES.items()}
        self._on_host = {
            place: [*self._servers(in_memory), spawn] for place, in_memory in PLACES.items()}

    def _daemons(self, in_memory):
        """They are compared with what has every processor, so that they have them, too."""
        daemons = self.setting.cmdctl()
        for daemon in daemons:
            self.start(daemon, in_memory=in_memory, placed=False)
        return daemons

    def _servers(self, in_memory):
        servers = [*self.setting.cmdctl(), *all_rivals(self.setting)]
        for server in servers:
            self.start(server, in_memory=in_memory)
        return servers

    def warm_up(self, figures):
        for place in PLACES:
            for subject in self.standing(figures, 0, self._isolated[place]):
                self.attempt(
                    figures, subject, "warm-up", lambda: self._start(subject, 2, 20), _drop)
            for subject in self.standing(figures, 0, self._on_host[place]):
                self.attempt(figures, subject, "warm-up", lambda: self._crowd(subject, 50), _drop)

    def run(self, round, figures, quick):
        for place, subjects in self._isolated.items():
            for in_flight in IN_FLIGHT[::3] if quick else IN_FLIGHT:
                count = QUICK_COUNT if quick else TAIL_COUNT if in_flight <= 2 else COUNT
                for subject in self.standing(figures, round, subjects):
                    self.attempt(
                        figures, subject, f"isolated, {place}, {in_flight} in flight",
                        lambda: self._start(subject, in_flight, count), note)
        for place, subjects in self._on_host.items():
            for subject in self.standing(figures, round, subjects):
                count = CROWD_QUICK_COUNT if quick else CROWD_COUNT
                self.attempt(
                    figures, subject, f"on the host, {place}, {CROWD} in flight",
                    lambda: self._crowd(subject, count), note)
        self._watch_loop(figures, QUICK_COUNT if quick else COUNT)
        if round == 0:
            self._weigh(figures)

    def plots(self, summary):
        cases = [
            case for place in PLACES for case in [
                f"isolated, {place}, {IN_FLIGHT[-1]} in flight",
                f"on the host, {place}, {CROWD} in flight"]]
        return {"starts": plot.bars(
            "Jobs that start and end", "/bin/true, jobs per second. Median, least and greatest.",
            {case: find(summary, case, "starts") for case in cases})}

    def _crowd(self, subject, count):
        if isinstance(subject, Command):
            return self._beside.spawn(CROWD, count)
        return self._beside.jobs(subject, CROWD, count, "--host")

    def _start(self, subject, in_flight, count):
        if subject.name == CRUN:
            return self._everywhere.crun(self._bundle, in_flight, count)
        if isinstance(subject, Command):
            return self._everywhere.spawn(in_flight, count)
        return self._everywhere.jobs(subject, in_flight, count)

    def _watch_loop(self, figures, count):
        """In memory, since the loop never waits for a disk in either."""
        for subject in self.setting.cmdctl():
            self.attempt(
                figures, subject, "the loop, isolated, 1 in flight",
                lambda: self._turns(subject, count), _note_turns)

    def _turns(self, subject, count):
        directory = self.setting.directory(in_memory=True)
        notes = directory.with_name(f"{directory.name}.turns")
        watcher = {
            "LD_PRELOAD": str(self.setting.programs.in_c("turns.so")), "LOAD_TURNS": str(notes)}
        with subject.started(directory, watcher, placed=False):
            self._everywhere.jobs(subject, 1, 20)
            run = self._everywhere.jobs(subject, 1, count)
        turns = Turns(notes, run)
        notes.unlink()
        return turns

    def _weigh(self, figures):
        """Of one backend: what a job takes is its shim's, which knows of none."""
        subject, = self.setting.cmdctl()[:1]
        self.attempt(
            figures, subject, "memory of a job", lambda: self._weights(subject), _note_weights)

    def _weights(self, subject):
        with subject.started(self.setting.directory(in_memory=True), placed=False):
            with self._everywhere.sleepers(subject, SLEEPERS):
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
