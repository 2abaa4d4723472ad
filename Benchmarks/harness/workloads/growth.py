"""How cost grows with the followers: processor time of a byte that is delivered, and memory of one
that waits. Both should be flat.

The logs get shorter as the followers get more, so that a run stays a matter of seconds; what a
request costs is part of it.
"""

from figures import find
from following import Crowd
from plot import growth
from workloads.fresh_servers import FreshServers
from workloads.idle import weigh_on

COUNTS = [1, 10, 100, 1000, 10000]
PER_CONNECTION = 50
# Bytes of all followers together, and of a log at least; beyond QUICK_COUNT only full runs go.
DELIVERED, QUICK_DELIVERED, LOG_LEAST = 256 << 20, 32 << 20, 512 << 10
QUICK_COUNT = 100
PROCESSOR, MEMORY = "processor time of the server", "memory of a follower that waits"


class Growth(FreshServers):
    """Cost from one follower to 10,000."""

    name = "growth"
    title = "cost of a follower among others, 50 on a connection"

    def run(self, round, figures, quick):
        for count in COUNTS:
            if quick and (count > QUICK_COUNT or round > 0):
                break
            size = max(LOG_LEAST, (QUICK_DELIVERED if quick else DELIVERED) // count)
            for subject in self.standing(figures, round):
                self.attempt(
                    figures, subject, case_of(count),
                    lambda: self._cost(subject, count, size), _note)

    def _cost(self, subject, count, size):
        """Processor seconds for a GiB, and KiB of memory."""
        crowd = Crowd(count, -(-count // PER_CONNECTION))
        writer = self.setting.programs.in_c("writer")
        with subject.started(self.setting.directory()):
            held = subject.start_job([writer, "hold"])
            memory, _ = weigh_on(self.following, subject, held, crowd)
            log = subject.start_job([writer, "bulk", size, 1])
            subject.wait_for(log)
            before = subject.processor()
            told = self.following.whole(subject, [log], crowd)
            used = subject.processor() - before
        return used.server / told["bytes"] * 2**30, memory

    def plots(self, summary):
        """Both, side by side."""
        panels = {}
        for kind, heading in [(PROCESSOR, f"{PROCESSOR}, s/GiB"), (MEMORY, f"{MEMORY}, KiB")]:
            lines = {}
            for count in COUNTS:
                for subject, figure in find(summary, case_of(count), kind).items():
                    lines.setdefault(subject, {})[count] = figure
            panels[heading] = lines
        return {"growth": growth("Growth", self.title, panels)}


def case_of(count):
    """As the table calls it."""
    return f"{count:,} follower" + ("s" if count > 1 else "")


def _note(figures, subject, case, cost):
    processor, memory = cost
    figures.add(case, PROCESSOR, "s/GiB", subject, processor)
    figures.add(case, MEMORY, "KiB", subject, memory)
