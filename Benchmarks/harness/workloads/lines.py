"""How late a line is that a job has just written, for few followers and for many.

The job writes into each line when it did. Its lines are numbered and have a sum each, and every
follower is waited for until it has all that were written while it was measured.
"""

import dataclasses
import subprocess

import client
from failure import require
from following import Crowd, Following
from plot import ranges
from figures import find
from rivals import all_rivals
from subject import Command
from workloads.base import Workload

TAIL, INOTIFY = "tail -f", "inotify"


@dataclasses.dataclass(frozen=True)
class Case:
    """Who follows what."""

    name: str
    crowd: Crowd
    jobs: int
    per_second: int
    is_quick: bool = False

    def lines(self, seconds):
        """How many there are of such a time, for all followers together."""
        return self.crowd.followers * self.per_second * seconds


ONE = Case("one follower", Crowd(1, 1), 1, 1000, is_quick=True)
CASES = [
    ONE,
    Case("1,000 followers of 1 job", Crowd(1000, 100), 1, 1000, is_quick=True),
    Case("1,000 followers of 100 jobs", Crowd(1000, 100), 100, 100),
    Case("1,000 connections", Crowd(1000, 1000), 1, 1000),
    Case("10,000 followers of 100 jobs", Crowd(10000, 200), 100, 10),
]


class Lines(Workload):
    """Latency of lines, and what it costs the server to be quick."""

    name = "lines"
    title = "lines of 100 bytes, from the job's write to the follower"

    def open(self):
        self._following = Following(self.setting)
        servers = [*self.setting.cmdctl(), *all_rivals(self.setting)]
        for subject in servers:
            self.start(subject)
        self.subjects = [*servers, Command(TAIL), Command(INOTIFY)]

    def warm_up(self, figures):
        """Each run has a warm-up of its own."""

    def run(self, round, figures, quick):
        warm_up, seconds = (0.3, 1) if quick else (1, 5)
        for case in CASES:
            if quick and not case.is_quick:
                continue
            for subject in self.standing(figures, round):
                self._measure(figures, subject, case, warm_up, seconds)

    def _measure(self, figures, subject, case, warm_up, seconds):
        if not isinstance(subject, Command):
            self.attempt(
                figures, subject, case.name,
                lambda: self._follow(subject, case, warm_up, seconds), _note)
        elif case is ONE:
            self.attempt(
                figures, subject, case.name,
                lambda: self._listen(subject, warm_up, seconds), _note_latency)

    def _follow(self, subject, case, warm_up, seconds):
        with self._following.writing(subject, case.jobs, case.per_second) as jobs:
            heard = self._following.lines(subject, jobs, case.crowd, warm_up, seconds)
        wanted = case.lines(seconds)
        require(
            heard.told["lines"] > wanted * 0.95,
            f"only {heard.told['lines']} of {wanted} lines were written in time")
        return heard

    def _listen(self, subject, warm_up, seconds):
        """A file that grows, and no server."""
        programs, path = self.setting.programs, self.setting.directory()
        with path.open("w") as log, subprocess.Popen(
                [programs.in_c("writer"), "lines", str(ONE.per_second), "100", "600"],
                stdout=log) as writer:
            try:
                return _listen_to(subject.name, programs.in_c("listen"), path, warm_up, seconds)
            finally:
                writer.kill()
                path.unlink()

    def plots(self, summary):
        """A range for each case that was measured."""
        groups = {}
        for case in CASES:
            parts = {part: find(summary, case.name, f"latency {part}") for part in PARTS}
            if parts["p50"]:
                groups[case.name] = {
                    subject: {part: parts[part][subject] for part in PARTS}
                    for subject in parts["p50"]}
        return {"lines": ranges(self.title, "p50, p99 and longest, in ms", groups)}


PARTS = ["p50", "p99", "max"]


def _listen_to(name, listen, path, warm_up, seconds):
    times = [str(warm_up), str(seconds)]
    if name == INOTIFY:
        return client.answer([listen, "file", *times, path])
    with subprocess.Popen(["tail", "-n0", "-f", path], stdout=subprocess.PIPE) as tail:
        try:
            return client.answer([listen, "pipe", *times], stdin=tail.stdout)
        finally:
            tail.kill()


def _note_latency(figures, subject, case, told):
    for part in PARTS:
        figures.add(case, f"latency {part}", "ms", subject, told["latency_us"][part] / 1000)


def _note(figures, subject, case, heard):
    _note_latency(figures, subject, case, heard.told)
    figures.add(case, "processor", "%", subject, heard.share * 100)
    figures.add(case, "processor with jobs", "%", subject, heard.share_with_jobs * 100)
    figures.add(case, "memory", "MiB", subject, heard.memory.anonymous / 1024)
    figures.add(case, "TCP queues", "MiB", subject, heard.memory.queues / 1024)
