"""Streams that live as long as their test: each message has its deadline, the whole has none."""

import threading

from harness import PATIENCE


class Stream:
    """The messages of a call that was made without a deadline."""

    def __init__(self, call):
        self._call = call

    def __iter__(self):
        return self

    def __next__(self):
        hang = threading.Timer(PATIENCE, self._call.cancel)
        hang.start()
        try:
            return next(self._call)
        finally:
            hang.cancel()

    def cancel(self):
        """Ends the call."""
        self._call.cancel()
