"""Follows jobs with load/follow, and starts the jobs that write, with load/writer."""

import contextlib
import dataclasses
import json
import multiprocessing.pool
import subprocess
import tempfile
import time

from accounting import Memory
from failure import Failed, require

# What jobs are started with at a time.
_STARTERS = 8
# Longer than anything waits for them; they end with those that they were started for.
_JOB_SECONDS = 600
# A server is calm when as many looks at its memory showed the same; if none is ever, then the last.
_LOOK_SECONDS, _CALM_LOOKS, _LOOKS_MAX = 0.1, 4, 50


@dataclasses.dataclass(frozen=True)
class Crowd:
    """Who follows, over how many connections."""

    followers: int
    connections: int

    def flags(self, jobs):
        """Of load/follow; the followers take turns with the jobs."""
        return [
            "--followers", self.followers, "--connections", self.connections,
            "--job", ",".join(jobs)]


@dataclasses.dataclass(frozen=True)
class Heard:
    """What came of following lines: the words of load/follow, and what it took of the server."""

    told: dict
    # Of one processor: the server, and it with its jobs.
    share: float
    share_with_jobs: float
    memory: Memory


def settled(subject):
    """What a server takes once that changes no more: allocators give back with a delay."""
    last, calm = subject.memory(), 0
    for _ in range(_LOOKS_MAX):
        time.sleep(_LOOK_SECONDS)
        now = subject.memory()
        calm = calm + 1 if now == last else 0
        if calm == _CALM_LOOKS:
            break
        last = now
    return now


class Following:
    """Clients of a server, beside its processor."""

    def __init__(self, setting):
        self._setting = setting

    @contextlib.contextmanager
    def writing(self, subject, count, per_second, width=100):
        """So many jobs, each of which writes so many lines, for as long as the context lasts."""
        flag = self._setting.directory()
        flag.touch()
        command = [
            self._setting.programs.in_c("writer"), "lines", per_second, width, _JOB_SECONDS, flag]
        with multiprocessing.pool.ThreadPool(_STARTERS) as pool:
            jobs = pool.map(lambda _: subject.start_job(command), range(count))
            try:
                yield jobs
            finally:
                flag.unlink()
                pool.map(subject.wait_for, jobs)

    def lines(self, subject, jobs, crowd, warm_up, seconds):
        """Follows jobs that write lines; each that is written in these seconds is waited for."""
        how = ["--mode", "lines", "--warm-up", warm_up, "--seconds", seconds]
        with self._running(subject, [*crowd.flags(jobs), *how]) as client:
            client.await_word("measuring")
            before, begun = subject.processor(), time.monotonic()
            client.await_word("measured")
            used, passed = subject.processor() - before, time.monotonic() - begun
            memory = subject.memory()
            told = client.answer()
        return Heard(told, used.server / passed, used.with_children / passed, memory)

    @contextlib.contextmanager
    def attached(self, subject, jobs, crowd, mode):
        """Followers that have an answer and want nothing more, for as long as the context lasts."""
        with self._running(subject, [*crowd.flags(jobs), "--mode", mode]) as client:
            client.await_word("ready")
            yield
            client.answer()

    def whole(self, subject, jobs, crowd):
        """Follows jobs from their first byte to their end."""
        with self._running(subject, crowd.flags(jobs)) as client:
            return client.answer()

    @contextlib.contextmanager
    def _running(self, subject, flags):
        command = list(map(
            str, [self._setting.programs.in_c("follow"), *subject.client(), *flags]))
        # A file, since nobody reads its complaints before it is over.
        with tempfile.TemporaryFile("w+") as complaints, subprocess.Popen(
                command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=complaints,
                text=True) as process:
            try:
                yield _Client(command, process, complaints)
            finally:
                process.kill()


class _Client:
    """A run of load/follow."""

    def __init__(self, command, process, complaints):
        self._command = command
        self._process = process
        self._complaints = complaints

    def await_word(self, word):
        """Returns when it has said so."""
        if self._process.stdout.readline().strip() != word:
            self.answer()
            raise Failed(f"follow did not say {word!r}")

    def answer(self):
        """What it says in the end; it must be content with what it has seen."""
        # Not communicate(), which does not know of what was read together with a word before.
        self._process.stdin.close()
        said = self._process.stdout.read()
        if self._process.wait() != 0:
            self._complaints.seek(0)
            raise subprocess.CalledProcessError(
                self._process.returncode, self._command, said, self._complaints.read())
        told = json.loads(said)
        require(told["lost"] + told["repeated"] == 0, "bytes were lost or came twice")
        return told
