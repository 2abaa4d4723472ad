"""How soon a server is there that has 100,000 jobs on record, and what they take (T7)."""

import shutil
import time

from calling import Caller, list_jobs
from failure import require
from population import orders, populate
from subject import CmdctlSubject
from workloads.base import Workload

# Of so many kinds: what was ordered alike can be kept together.
COUNT, KINDS = 100_000, 400
PAGE = 100
CALLS, QUICK_CALLS = 200, 50
START = f"start with {COUNT:,} jobs that have ended"
LIST = f"a page of {PAGE} jobs"


class Records(Workload):
    """A daemon that begins where others have left off; in memory, since no disk is measured."""

    name = "records"
    title = f"many jobs of {KINDS} kinds that have ended"

    def open(self):
        self._caller = Caller(self.setting, 1, 1)
        self._past = self.setting.directory(in_memory=True)
        self._past.mkdir()
        self.afterwards(shutil.rmtree, self._past)
        self.subjects = [
            _Heir(self.setting, backend, self._past) for backend in self.setting.backends]
        model = self._make_past(self.subjects[0])
        self._look_at_past(self.subjects[0], model)

    def run(self, round, figures, quick):
        for subject in self.standing(figures, round):
            self.attempt(
                figures, subject, START,
                lambda: self._start(subject, QUICK_CALLS if quick else CALLS), _note)

    def _make_past(self, subject):
        """One job runs; the others are made of it, with orders of their own."""
        with self._started(subject):
            model = subject.start_job(["/bin/true"])
            subject.wait_for(model)
        self._orders = orders(COUNT, KINDS)
        populate(subject.state, model, self._orders)
        return model

    def _look_at_past(self, subject, model):
        """It must be one that a server takes for its own."""
        with self._started(subject):
            ids = subject.call("list", "--limit", "0", "--quiet").split()
            require(len(ids) == COUNT + 1, f"{len(ids)} jobs are on record")
            require(ids[0] == model, "the newest job is another one")
            for order in [self._orders[0], self._orders[-1]]:
                self._look_for(subject, order)
            for job in [ids[1], ids[-1]]:
                require("succeeded" in subject.call("get-status", job), f"{job} did not succeed")
                require(subject.call("get-output", job) == "", f"{job} has left output")

    def _look_for(self, subject, order):
        """As many must have been ordered so as were."""
        name, label = order["name"], f"kind={order['labels']['kind']}"
        found = subject.call(
            "list", "--limit", "0", "--quiet", "--name", name, "--label", label).split()
        wanted = self._orders.count(order)
        require(len(found) == wanted, f"{len(found)} of {wanted} jobs are called {name}")

    def _start(self, subject, calls):
        begun = time.monotonic()
        with self._started(subject):
            self._caller.call(subject, list_jobs(1), 1, 0)
            ready = time.monotonic() - begun
            memory = subject.memory()
            said = self._caller.call(subject, list_jobs(PAGE), calls, 0)
            begun = time.monotonic()
            subject.call("list", "--limit", PAGE)
            by_hand = time.monotonic() - begun
            later = subject.memory()
        return {
            "ready": ready, "memory": [memory.anonymous, later.anonymous], "list": said,
            "by_hand": by_hand}

    def _started(self, subject):
        return subject.started(self.setting.directory(in_memory=True))


class _Heir(CmdctlSubject):
    """A daemon whose state was there before it. It starts no jobs, so that none is added."""

    def __init__(self, setting, backend, past):
        super().__init__(setting, backend)
        self._past = past
        self.flags = ["--retain-jobs", "all"]

    @property
    def state(self):
        return self._past / "state"

    def place(self):
        """There is no thread that starts processes."""


def _note(figures, subject, case, result):
    ready, later = result["memory"]
    figures.add(case, "until the first answer", "s", subject, result["ready"])
    figures.add(case, "memory at the first answer", "KiB", subject, ready)
    figures.add(case, "memory after some lists", "KiB", subject, later)
    for name in ["mean", "p50", "p99"]:
        figures.add(LIST, name, "ms", subject, result["list"]["latency_us"][name] / 1000)
    figures.add(LIST, "cmdctl list", "ms", subject, result["by_hand"] * 1000)
