"""Thresholds: which hold, which do not and by how much."""

import json
import unittest

import thresholds
from programs import HERE
from test_figures import noted

BACKENDS = ["epoll"]
RATIO = {
    "goal": "T1", "case": "one", "kind": "speed", "of": "cmdctl*", "over": "peer", "most": 1.0}


def summary(ours, peer):
    return noted(**{"cmdctl epoll": ours, "peer": peer}).summary()


class ThresholdsTests(unittest.TestCase):
    def test_a_ratio_that_is_small_enough_holds(self):
        verdict, = thresholds.check(summary([9, 9, 30], [10, 10, 10]), [RATIO], BACKENDS)
        self.assertTrue(verdict["holds"])
        self.assertEqual(verdict["median"], 0.9)

    def test_a_broken_one_says_which_and_by_how_much(self):
        verdict, = thresholds.check(summary([12, 12, 12], [10, 10, 10]), [RATIO], BACKENDS)
        self.assertFalse(verdict["holds"])
        self.assertEqual(
            verdict["sentence"],
            "one: speed of cmdctl epoll over peer: 1.20 (1.20–1.20), at most 1, MISSED by 20 %")

    def test_what_must_be_large_is_missed_when_it_is_small(self):
        least = {"goal": "T5", "case": "one", "kind": "speed", "of": "cmdctl*", "least": 100}
        self.assertTrue(thresholds.check(summary([100], [1]), [least], BACKENDS)[0]["holds"])
        verdict, = thresholds.check(summary([75], [1]), [least], BACKENDS)
        self.assertEqual(
            verdict["sentence"],
            "one: speed of cmdctl epoll: 75.0 1/s, at least 100, MISSED by 25 %")

    def test_each_backend_is_judged(self):
        both = noted(**{"cmdctl epoll": [9], "cmdctl io_uring": [11], "peer": [10]}).summary()
        verdicts = thresholds.check(both, [RATIO], ["epoll", "io_uring"])
        self.assertEqual([verdict["holds"] for verdict in verdicts], [True, False])

    def test_what_was_not_measured_does_not_hold(self):
        for figures in [noted(peer=[1]), noted(**{"cmdctl epoll": [1]}), noted()]:
            verdict, = thresholds.check(figures.summary(), [RATIO], BACKENDS)
            self.assertFalse(verdict["holds"])
            self.assertIn("was not measured", verdict["sentence"])

    def test_a_backend_that_was_not_measured_does_not_hold(self):
        verdicts = thresholds.check(summary([9], [10]), [RATIO], ["epoll", "io_uring"])
        self.assertEqual([verdict["holds"] for verdict in verdicts], [True, False])
        self.assertIn("cmdctl io_uring was not measured", verdicts[1]["sentence"])

    def test_what_is_taken_of_one_backend_is_not_looked_for_in_others(self):
        once = {**RATIO, "one_backend": True}
        verdict, = thresholds.check(summary([9], [10]), [once], ["epoll", "io_uring"])
        self.assertTrue(verdict["holds"])
        verdict, = thresholds.check(noted(peer=[1]).summary(), [once], ["epoll", "io_uring"])
        self.assertFalse(verdict["holds"])

    def test_one_round_is_enough_to_miss_what_every_round_must_hold(self):
        strict = {**RATIO, "each_round": True}
        rounds = summary([9, 9, 13], [10, 10, 10])
        self.assertTrue(thresholds.check(rounds, [RATIO], BACKENDS)[0]["holds"])
        verdict, = thresholds.check(rounds, [strict], BACKENDS)
        self.assertIn("(0.90–1.30), in each round at most 1, MISSED by 30 %", verdict["sentence"])
        least = {**strict, "least": 0.95}
        del least["most"]
        verdict, = thresholds.check(rounds, [least], BACKENDS)
        self.assertIn("MISSED by 5 %", verdict["sentence"])

    def test_what_a_failed_subject_did_before_does_not_count(self):
        figures = noted(**{"cmdctl epoll": [9], "peer": [10]})
        figures.fail("one", "cmdctl epoll", "lost 3 bytes")
        verdict, = thresholds.check(figures.summary(), [RATIO], BACKENDS)
        self.assertIn("was not measured", verdict["sentence"])

    def test_quick_runs_may_have_bounds_of_their_own_or_none(self):
        figures = summary([11], [10])
        eased, absent = {**RATIO, "quick_most": 1.2}, {**RATIO, "quick": False}
        self.assertFalse(thresholds.check(figures, [eased], BACKENDS)[0]["holds"])
        self.assertTrue(thresholds.check(figures, [eased], BACKENDS, quick=True)[0]["holds"])
        self.assertEqual(len(thresholds.check(figures, [absent], BACKENDS)), 1)
        self.assertEqual(thresholds.check(figures, [absent], BACKENDS, quick=True), [])

    def test_the_file_is_made_of_such_thresholds_for_workloads_that_exist(self):
        from workloads import ALL

        bounds = json.loads((HERE / "thresholds.json").read_text())
        self.assertLessEqual(bounds.keys(), {workload.name for workload in ALL})
        known = {
            "goal", "case", "kind", "of", "over", "most", "least", "quick", "quick_most",
            "quick_least", "one_backend", "each_round"}
        for bound in [bound for listed in bounds.values() for bound in listed]:
            self.assertLessEqual(bound.keys(), known)
            self.assertLessEqual({"goal", "case", "kind", "of"}, bound.keys())
            self.assertEqual(len({"most", "least"} & bound.keys()), 1, bound)
