"""Followers who leave without a word: a file of its own, since it waits long and hardly works."""

from overload.leak_case import FIRST, IS_SOAK, ROUNDS, LeakCase


class DeadPeerTests(LeakCase):
    def test_dead_peers(self):
        """Each round of them takes the 30 s in which they are noticed."""
        others = 0 if IS_SOAK else FIRST
        self.come_and_go(*["cancel"] * others, *["die"] * (ROUNDS - others))
