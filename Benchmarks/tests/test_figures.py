"""Figures of rounds: medians, and ratios within a round."""

import unittest

import figures
from figures import Figures


def noted(**values):
    """Figures of one kind, "speed" in case "one": {subject: a value for each round}."""
    made = Figures()
    for subject, rounds in values.items():
        for number, value in enumerate(rounds):
            made.round = number
            made.add("one", "speed", "1/s", subject, value)
    return made


class FiguresTests(unittest.TestCase):
    def test_a_summary_has_median_least_and_greatest(self):
        summary = noted(ours=[3, 1, 2]).summary()
        figure = figures.find(summary, "one", "speed")["ours"]
        self.assertEqual((figure["median"], figure["min"], figure["max"]), (2, 1, 3))
        self.assertEqual(figure["rounds"], {"0": 3, "1": 1, "2": 2})

    def test_a_ratio_is_taken_within_a_round(self):
        # The machine was half as fast in the second round, for both.
        summary = noted(ours=[2, 1, 2.2], peer=[4, 2, 4]).summary()
        subjects = figures.find(summary, "one", "speed")
        ratio = figures.ratio(subjects["ours"], subjects["peer"])
        self.assertEqual((ratio["median"], ratio["min"], ratio["max"]), (0.5, 0.5, 0.55))

    def test_a_round_that_only_one_has_is_in_no_ratio(self):
        made = noted(ours=[2, 9], peer=[4])
        subjects = figures.find(made.summary(), "one", "speed")
        self.assertEqual(figures.ratio(subjects["ours"], subjects["peer"])["max"], 0.5)
        self.assertIsNone(figures.ratio(subjects["ours"], {"rounds": {}}))

    def test_nothing_is_noted_twice_in_a_round_or_in_two_units(self):
        made = noted(ours=[1])
        with self.assertRaises(AssertionError):
            made.add("one", "speed", "1/s", "ours", 2)
        with self.assertRaises(AssertionError):
            made.add("one", "speed", "1/min", "peer", 2)

    def test_the_first_reason_of_a_failure_is_told(self):
        made = Figures()
        made.fail("one", "ours", "lost 3 bytes")
        made.fail("its end", "ours", "is gone")
        self.assertFalse(made.stands("ours"))
        self.assertEqual(
            made.summary()["failures"],
            [{"subject": "ours", "case": "one", "why": "lost 3 bytes"}])

    def test_a_quantile_is_one_of_the_values(self):
        values = list(range(1, 101))
        self.assertEqual(figures.quantile(values, 0.5), 50)
        self.assertEqual(figures.quantile(values, 0.99), 99)
        self.assertEqual(figures.quantile([7], 0.99), 7)
