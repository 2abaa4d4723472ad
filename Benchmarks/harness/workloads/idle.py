"""What a follower takes that waits for output: the job has written one line and stays silent.

Every run has a server of its own: one that had more followers before has memory to spare. One
follower is there before the count begins, so that what is made once is no other's.
"""

import plot
from figures import find
from following import Crowd, settled
from workloads.fresh_servers import FreshServers

ONE = Crowd(1, 1)
SHARED, OWN = "50 on a connection", "each on a connection of its own"
CASES = {SHARED: Crowd(5000, 100), OWN: Crowd(1000, 1000)}
QUICK_CASES = {SHARED: Crowd(1000, 20), OWN: Crowd(200, 200)}


class Idle(FreshServers):
    """Memory of followers that wait."""

    name = "idle"
    title = "5,000 and 1,000 followers of a job that writes nothing"

    def run(self, round, figures, quick):
        if quick and round > 0:
            return
        for case, crowd in (QUICK_CASES if quick else CASES).items():
            for subject in self.standing(figures, round):
                self.attempt(
                    figures, subject, case, lambda: self.weigh(subject, crowd), _note)

    def plots(self, summary):
        return {"idle": plot.bars(
            "A follower that waits",
            "Memory of the server for each, KiB; less is better. Median, least and greatest.",
            {case: find(summary, case, "memory of a follower") for case in CASES})}

    def weigh(self, subject, crowd):
        """What each of them takes."""
        with subject.started(self.setting.directory()):
            job = subject.start_job([self.setting.programs.in_c("writer"), "hold"])
            return weigh_on(self.following, subject, job, crowd)


def weigh_on(following, subject, job, crowd):
    """The same of a server that runs already: KiB of memory and of queues, each."""
    with following.attached(subject, [job], ONE, "idle"):
        before = settled(subject)
        with following.attached(subject, [job], crowd, "idle"):
            taken = settled(subject) - before
    return taken.anonymous / crowd.followers, taken.queues / crowd.followers


def _note(figures, subject, case, taken):
    anonymous, queues = taken
    figures.add(case, "memory of a follower", "KiB", subject, anonymous)
    figures.add(case, "TCP queue of a follower", "KiB", subject, queues)
