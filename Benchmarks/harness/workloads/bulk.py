"""How much a long log costs: one follower of a job that has ended (T1)."""

import plot
from figures import find
from file_servers import Nghttpd, Pump
from reading import Logs, Reader, note
from rivals import all_rivals
from workloads.base import Workload

SIZE, QUICK_SIZE = 1 << 30, 128 << 20
# Our client takes large frames; others take what HTTP/2 begins with (RFC 9113, section 6.5.2).
FRAMES = {"256 KiB frames": 256 << 10, "16 KiB frames": 16 << 10}


class Bulk(Workload):
    """One follower that reads as fast as it can, from the page cache."""

    name = "bulk"
    title = "one follower of a finished log of 1 GiB"

    def open(self):
        logs = Logs(self.setting)
        self.afterwards(logs.remove)
        self._reader = Reader(self.setting, logs, connections=1, followers=1)
        self.subjects = [
            Pump(self.setting, logs.files), *self.setting.cmdctl(),
            Nghttpd(self.setting, logs.files), *all_rivals(self.setting)]
        for subject in self.subjects:
            self.start(subject)

    def run(self, round, figures, quick):
        size = QUICK_SIZE if quick else SIZE
        for case, frame in FRAMES.items():
            for subject in self.standing(figures, round):
                self.attempt(
                    figures, subject, case, lambda: self._reader.read(subject, size, frame), note)

    def plots(self, summary):
        return {"bulk": plot.bars(
            "One follower of a finished log",
            "Processor seconds of the server for 1 GiB. Median, least and greatest.",
            {case: find(summary, case, "processor time") for case in FRAMES})}
