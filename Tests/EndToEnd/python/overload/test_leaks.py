"""Followers who leave in the open."""

from overload.leak_case import ROUNDS, LeakCase


class LeakTests(LeakCase):
    def test_cancelled(self):
        self.come_and_go(*["cancel"] * ROUNDS)

    def test_reset(self):
        self.come_and_go(*["reset"] * ROUNDS)
