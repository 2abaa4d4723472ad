"""Followers that never read what a busy job writes: what they take, and whether the job notices.

The job waits until all are attached, then writes as fast as it can; memory is looked at all the
while, and the most of it counts. The same job without followers runs in the same round.
"""

import dataclasses
import time

import machine
from accounting import Memory
from following import Crowd, settled
from workloads.fresh_servers import FreshServers

LOG, QUICK_LOG = 10 << 30, 512 << 20
# Beside the log, if that is to be in memory: for the server, and whatever else is there.
SPARE = 4 << 30
CROWD = Crowd(1000, 100)
ALONE, WINDOW, SOCKET = "no followers", "HTTP/2 windows closed", "sockets not read"
MODES = {ALONE: None, WINDOW: "closed-window", SOCKET: "closed-socket"}
SAMPLES_PER_SECOND = 5


@dataclasses.dataclass(frozen=True)
class Outcome:
    """Of one run."""

    # The most that was ever taken, beyond what the server had before.
    taken: Memory
    # Of the job.
    bytes_per_second: float
    # Of one processor, by the server without its jobs.
    share: float


class Stalled(FreshServers):
    """1,000 followers over 100 connections that do not read."""

    name = "stalled"
    title = "followers that never read what a job writes at full speed"

    def run(self, round, figures, quick):
        if quick and round > 0:
            return
        size = QUICK_LOG if quick else LOG
        # A disk's speed would differ from run to run by more than what is looked for.
        in_memory = machine.available_bytes() > size + SPARE
        for subject in self.standing(figures, round):
            self._alone = None
            for case, mode in MODES.items():
                self.attempt(
                    figures, subject, case, lambda: self._run(subject, mode, size, in_memory),
                    self._note)

    def _run(self, subject, mode, size, in_memory):
        note = self.setting.directory(in_memory)
        with subject.started(self.setting.directory(in_memory)):
            job = subject.start_job([self.setting.programs.in_c("writer"), "bulk", size, 1, note])
            before = settled(subject)
            if mode is None:
                return _watch(subject, note, before, size)
            with self.following.attached(subject, [job], CROWD, mode):
                return _watch(subject, note, before, size)

    def _note(self, figures, subject, case, outcome):
        taken, speed = outcome.taken, outcome.bytes_per_second
        figures.add(case, "speed of the job", "MB/s", subject, speed / 1e6)
        figures.add(case, "processor", "%", subject, outcome.share * 100)
        if case == ALONE:
            self._alone = speed
            return
        figures.add(case, "speed beside no followers", "", subject, speed / self._alone)
        if case == WINDOW:
            each = taken.anonymous / CROWD.followers
            figures.add(case, "memory of a follower", "KiB", subject, each)
        else:
            each, queue = taken.anonymous / CROWD.connections, taken.queues / CROWD.connections
            figures.add(case, "memory and TCP queue of a connection", "KiB", subject, each + queue)
            figures.add(case, "of that the TCP queue", "KiB", subject, queue)


def _watch(subject, note, before, size):
    """Lets the job write, and looks at the server until it has written all."""
    most = Memory(0, 0)
    used, begun = subject.processor(), time.monotonic()
    note.touch()
    while not (said := note.read_text()).endswith("\n"):
        time.sleep(1 / SAMPLES_PER_SECOND)
        most = most.most(subject.memory() - before)
        subject.check()
    note.unlink()
    share = (subject.processor() - used).server / (time.monotonic() - begun)
    return Outcome(most, size / float(said), share)
