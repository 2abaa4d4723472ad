"""Reads what load/turns.c has noted of the turns of a loop."""

import struct

_TURN = struct.Struct("=6I")
_COUNT = struct.Struct("=Q")


class Turns:
    """How long a loop was busy in each turn, in microseconds, and which turns started something."""

    def __init__(self, path):
        noted = path.read_bytes()
        count, = _COUNT.unpack_from(noted)
        turns = list(_TURN.iter_unpack(noted[8:8 + count * _TURN.size]))
        self.busy = [self._busy(turn) for turn in turns]
        self.starting = [self._busy(turn) for turn in turns if turn[5] > 0]
        self.wall = [turn[0] / 1000 for turn in turns if turn[5] > 0]

    @staticmethod
    def _busy(turn):
        """Without the time in which others had the processor, though the loop or its child that was
        about to execute could have gone on."""
        wall, _, waited, child_waited, spawning, _ = turn
        return max(0, wall - waited - min(child_waited, spawning)) / 1000
