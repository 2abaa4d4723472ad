"""Plots are well-formed, and have everybody in them."""

import unittest
import xml.etree.ElementTree

import drawing
import plot

FIGURE = {"median": 2.0, "min": 1.0, "max": 4.0}
LATENCY = {"p50": FIGURE, "p99": FIGURE, "max": FIGURE}


def words(svg):
    """All that can be read; it must be XML."""
    return " ".join(xml.etree.ElementTree.fromstring(svg).itertext())


class PlotTests(unittest.TestCase):
    def test_each_kind_names_its_subjects(self):
        for svg in [
                plot.bars("T", "s", {"one & <two>": {"ours": FIGURE, "peer": FIGURE}}),
                plot.bars("T", "s", {"one": {"ours": FIGURE, "peer": FIGURE}, "none": {}}, False),
                plot.ranges("T", "s", {"one": {"ours": LATENCY, "peer": LATENCY}}),
                plot.growth("T", "s", {"one": {"ours": {1: FIGURE}, "peer": {10: FIGURE}}})]:
            for subject in ["ours", "peer"]:
                self.assertIn(subject, words(svg))

    def test_scales_run_from_end_to_end(self):
        linear = drawing.Linear(8, 100, 200)
        self.assertEqual((linear(0), linear(4), linear(8)), (100, 150, 200))
        logarithmic = drawing.Logarithmic([2, 900], 0, 30)
        self.assertAlmostEqual(logarithmic(100), 20)
        self.assertEqual(logarithmic(0), 0)

    def test_a_short_scale_has_ticks_between_the_powers_of_ten(self):
        self.assertEqual(drawing.Logarithmic([2, 900], 0, 30).ticks(), [1, 10, 100, 1000])
        self.assertEqual(drawing.Logarithmic([20, 90], 0, 30).ticks(), [10, 20, 50, 100])
