"""Which processor the server has, and which are left to everything else."""

import os


class Placing:
    """One processor for the server under test; clients, jobs and the harness have the others."""

    def __init__(self, processors):
        if len(processors) < 2:
            raise SystemExit("bench: needs two processors, one of them for the server alone")
        self.all = sorted(processors)
        self.server = self.all[0]
        self.others = self.all[1:]

    def take_others(self):
        """Moves the harness off the server's processor; what it starts inherits that."""
        os.sched_setaffinity(0, self.others)

    def on_server(self, command):
        """A command line that runs on the server's processor, with the same process identifier."""
        return ["taskset", "--cpu-list", str(self.server), *command]

    def on_others(self, command):
        """A command line that runs beside the server: a peer's job."""
        return ["taskset", "--cpu-list", _list(self.others), *command]

    def anywhere(self, command):
        """A command line that has all processors, for comparisons with what is not a server."""
        return ["taskset", "--cpu-list", _list(self.all), *command]


def _list(processors):
    return ",".join(map(str, processors))
