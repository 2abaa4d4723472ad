"""Reads what load/turns.c has noted of the turns of a loop."""

import struct

_TURN = struct.Struct("=Q4I")
_COUNT = struct.Struct("=Q")


class Turns:
    """How long a loop was busy in each turn of a run, in microseconds."""

    def __init__(self, path, run):
        noted = path.read_bytes()
        count, = _COUNT.unpack_from(noted)
        turns = [
            turn for turn in _TURN.iter_unpack(noted[_COUNT.size:_COUNT.size + count * _TURN.size])
            if run.began <= turn[0] / 1e9 < run.ended]
        # Without the time in which others had the processor, though the loop could have gone on.
        self.busy = [max(0, wall - waited) / 1000 for _, wall, _, waited, _ in turns]
        self.processor = [processor / 1000 for _, _, processor, _, _ in turns]
