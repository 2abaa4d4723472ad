"""How much many followers of one log cost, all at once (T2)."""

import plot
import reading
from figures import find
from file_servers import Pump
from workloads.finished_logs import FinishedLogs

SIZE, QUICK_SIZE = 64 << 20, 4 << 20
FRAME = 256 << 10
CONNECTIONS, FOLLOWERS = 10, 100
CASE = f"{FOLLOWERS} followers, {CONNECTIONS} connections"


class Crowd(FinishedLogs):
    """Followers that all begin together, and read as fast as they can.

    The pump sends the log again and again: it has no streams, so its first bytes say nothing of
    those whom it lets wait.
    """

    name = "crowd"
    title = "100 followers of the same finished log of 64 MiB"

    connections, followers = CONNECTIONS, FOLLOWERS

    def run(self, round, figures, quick):
        size = QUICK_SIZE if quick else SIZE
        for subject in self.standing(figures, round):
            self.attempt(
                figures, subject, CASE, lambda: self.reader.read(subject, size, FRAME), _note)

    def plots(self, summary):
        return {"crowd": plot.bars(
            "A hundred followers of one log",
            "Processor seconds of the server for 1 GiB. Median, least and greatest.",
            {CASE: find(summary, CASE, "processor time")})}


def _note(figures, subject, case, result):
    reading.note(figures, subject, case, result)
    if isinstance(subject, Pump):
        return
    for name in ["p50", "p99"]:
        figures.add(
            case, f"first byte {name}", "ms", subject, result["first_byte_us"][name] / 1000)
