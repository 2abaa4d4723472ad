"""Jobs of every kind, on a server that is killed again and again, as are their shims: the jobs'
outcomes must be true, and afterwards the machine must be as it was before.

The seed draws the jobs and what is done to them, and is printed; the moments are the machine's own.
"""

import collections

import random
import time
import uuid

from plays import GROUNDS, LIMITS, Job
from server import PATIENCE, Failure
from shims import await_an_end, kill_shim, shims

# What cmdctl exits with when it fails itself, or waits too long for a word from who was killed.
_UNREACHABLE = [125, 124]
# What is killed in so many waves, in whichever order: in few waves, too, there is some of each.
_STRIKES = ["server", "server", "shims", "shims", None]
# How many jobs may live at a time.
_LIVE_MAX = 24


class Storm:
    """Some jobs, by their numbers, from their start to their end."""

    def __init__(self, server, seed, numbers, offer):
        self._server = server
        self._seed = seed
        self._chances = random.Random(seed)
        grounds = [name for name in GROUNDS if name in offer]
        limits = [name for name in LIMITS if name in offer]
        # Each has chances of its own: one that is asked for twice changes nothing for the others.
        chances = [random.Random(f"{seed} job {number}") for number in numbers]
        self._cast = [Member(Job(own, grounds, limits), server, own) for own in chances]
        self._first = numbers[0]
        self._killed = set()
        self._deck = []
        self.counts = collections.Counter()

    def rage(self):
        """Starts them all, kills what it kills, and returns when none of them lives."""
        unborn = list(self._cast)
        while unborn:
            # New ones, since how much is drawn for the living depends on the machine.
            number = self._first + len(self._cast) - len(unborn)
            self._chances = random.Random(f"{self._seed} strike {number}")
            for member in unborn[:self._chances.randint(1, 6)]:
                member.begin()
                unborn.remove(member)
            self._advance()
            self._server.live(self._chances.uniform(0, max(0.4, 2 * self._server.pace)))
            self._strike()
            self._hear()
            self._thin_out(_LIVE_MAX)
        self._thin_out(0)
        for batch in _batches([member.job.id for member in self._cast]):
            self._server.ask("operator", "wait", *batch).finish()

    def faults(self):
        """Everything that is not true of some job."""
        told = self._server.jobs()
        faults = []
        for member in self._cast:
            job = told.pop(member.job.id, None)
            if job is None:
                faults.append(f"{member.job} is not known")
                continue
            self.counts[job.get("outcome", "no outcome").removeprefix("JOB_OUTCOME_")] += 1
            log = self._server.log(member.job.id)
            faults += member.job.faults(job, log, member.job.id in self._killed)
        # Starts that came to nothing, as their askers were told.
        never = sum(member.failed_starts for member in self._cast)
        if len(told) != never:
            faults.append(f"{len(told)} jobs that nobody knows, {never} starts that failed")
        faults += [f"{identifier} ran: {job}" for identifier, job in told.items()
                   if not job["outcome"].endswith("START_FAILED") or self._server.log(identifier)]
        return faults

    def delete(self):
        """Deletes all jobs, beside a few more crashes."""
        crashes = 3
        while jobs := sorted(self._server.jobs()):
            clients = [self._server.ask("operator", "rm", *batch) for batch in _batches(jobs)]
            if crashes > 0:
                self._server.live(self._chances.uniform(0, 0.2))
                self._crash()
                crashes -= 1
            for client in clients:
                client.finish()

    def _strike(self):
        """Does what comes next; whoever finds no shim to kill looks again another time."""
        if not self._deck:
            self._deck = self._chances.sample(_STRIKES, len(_STRIKES))
        strike = self._deck.pop()
        if strike == "server":
            self._crash()
        elif strike == "shims":
            alive = sorted(shims().items())
            for job, pid in self._chances.sample(alive, min(len(alive), 3)):
                # Before it is done, since whoever asked for the job may be told at once.
                self._killed.add(job)
                self.counts["shims killed"] += kill_shim(pid)
            if not alive:
                self._deck.insert(0, strike)

    def _crash(self):
        self._server.crash()
        self.counts["crashes"] += 1
        self._server.start()

    def _advance(self):
        for member in self._cast:
            member.advance()

    def _hear(self):
        for member in self._cast:
            member.hear()

    def _thin_out(self, most):
        """Waits until so many live at most."""
        deadline = time.monotonic() + PATIENCE
        while len(alive := shims()) > most:
            if time.monotonic() > deadline:
                raise Failure(f"these do not end: {self._late(alive)}")
            self._advance()
            await_an_end(alive.values(), 0.2)
            self._hear()
        while not most and any(member.is_busy for member in self._cast):
            self._hear()

    def _late(self, alive):
        known = {member.job.id: member for member in self._cast}
        return [str(known[job].job) if job in known else job for job in alive]


class Member:
    """One job, and the clients that want something of it."""

    def __init__(self, job, server, chances):
        self.job = job
        self.failed_starts = 0
        self._server = server
        self._chances = chances
        # For how many strikes it is let be when it waits for its end.
        self._patience = chances.randint(0, 5)
        self._attempts = 0
        self._starter = self._stopper = self._pauser = None
        self._is_paused = self._is_over = False

    @property
    def is_busy(self):
        """Whether somebody has not been answered."""
        return any([self._starter, self._stopper, self._pauser])

    def begin(self):
        """Asks for it."""
        self.job.request = str(uuid.UUID(int=self._chances.getrandbits(128), version=4))
        self._ask()

    def _ask(self):
        self._starter = self._server.ask(self.job.tenant, "run", *self.job.arguments)

    def advance(self):
        """Does what its play needs, as soon as it is ready for that."""
        if self._is_over or self.is_busy or not self.job.id or not self.job.play.ended_by:
            return
        if not (self._server.log(self.job.id) or "").startswith("ready\n"):
            return
        if self.job.is_paused and not self._is_paused:
            self._is_paused = True
            self._pauser = self._server.ask(self.job.tenant, "pause", self.job.id)
        elif self._patience > 0:
            self._patience -= 1
        else:
            grace = "60s" if self.job.play.ended_by == "TERM" else "100ms"
            self._stopper = self._server.ask(
                self.job.tenant, "stop", "--grace", grace, self.job.id)

    def hear(self):
        """Takes the answers there are; a start's is waited for."""
        while self._starter:
            self._hear_of_start(self._starter.finish())
        if self._pauser and self._pauser.has_ended:
            self._pauser.finish()
            self._pauser = None
        if self._stopper and self._stopper.has_ended:
            code = self._stopper.finish()
            self._is_over = code == 0 or "ended" in self._stopper.complaint
            if not self._is_over and code not in _UNREACHABLE:
                raise Failure(f"stop {self.job}: {code} {self._stopper.complaint}")
            self._stopper = None

    def _hear_of_start(self, code):
        starter, self._starter = self._starter, None
        if code == 0:
            self.job.id = starter.output.strip()
        elif any(words in starter.complaint for words in _NEVER_RAN):
            self.failed_starts += 1
            self.begin()
        elif code in _UNREACHABLE and self._attempts < _ATTEMPTS:
            self._attempts += 1
            self._ask()
        else:
            raise Failure(f"refused to start {self.job}: {code} {starter.complaint}")


# The server died in the middle of a start, or the shim did.
_NEVER_RAN = ["ended before the command was started", "ended without a report"]
# How often a start may meet a server that is not there: it is killed once in a wave.
_ATTEMPTS = 10


def _batches(items, size=50):
    return [items[first:first + size] for first in range(0, len(items), size)]
