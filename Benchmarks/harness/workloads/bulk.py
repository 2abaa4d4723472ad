"""How much a long log costs: one follower of a job that has ended (T1)."""

import plot
from figures import find
from reading import note
from workloads.finished_logs import FinishedLogs

SIZE, QUICK_SIZE = 1 << 30, 128 << 20
# Our client takes large frames; others take what HTTP/2 begins with (RFC 9113, section 6.5.2).
FRAMES = {"256 KiB frames": 256 << 10, "16 KiB frames": 16 << 10}


class Bulk(FinishedLogs):
    """One follower that reads as fast as it can, from the page cache."""

    name = "bulk"
    title = "one follower of a finished log of 1 GiB"

    def run(self, round, figures, quick):
        size = QUICK_SIZE if quick else SIZE
        for case, frame in FRAMES.items():
            for subject in self.standing(figures, round):
                self.attempt(
                    figures, subject, case, lambda: self.reader.read(subject, size, frame), note)

    def plots(self, summary):
        return {"bulk": plot.bars(
            "One follower of a finished log",
            "Processor seconds of the server for 1 GiB. Median, least and greatest.",
            {case: find(summary, case, "processor time") for case in FRAMES})}
