"""Loopback stalls: a lost wake-up of the kernel's costs 200 ms, whoever the server is.

The retransmission timer of TCP fires then, which the kernel counts. A run in which it did says more
about the machine than about the server, so it is done again, and the table says how often. Nothing
else excuses a hole: one that only the client sees may be a wake-up that the server has lost.
"""

import pathlib


class StallWatch:
    """Looks for stalls from here on. The counters are those of this network namespace alone."""

    def __init__(self):
        self._before = _timeouts()

    def stalled(self):
        """Whether there was one."""
        return _timeouts() > self._before


def _timeouts():
    return parse(pathlib.Path("/proc/net/netstat").read_text())["TCPTimeouts"]


def parse(text):
    """The counters of TcpExt: a line of names, then one of numbers."""
    names, numbers = [
        line.split()[1:] for line in text.splitlines() if line.startswith("TcpExt:")]
    return dict(zip(names, map(int, numbers)))
