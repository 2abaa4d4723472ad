"""The life of a workload: rounds that are interleaved, stalls, and subjects that fail."""

import contextlib
import pathlib
import unittest
from unittest import mock

import reading
import stalls
import table
import thresholds
from accounting import Memory
from failure import Failed, require
from workloads.base import Workload

LOOPBACK = "workloads.base.StallWatch"


class Server:
    """A subject that only tells what is done to it."""

    def __init__(self, name, story, starts=True):
        self.name = name
        self.story = story
        self.is_there = True
        self._starts = starts

    @contextlib.contextmanager
    def started(self, directory):
        require(self._starts, "no port is free")
        self.story.append(f"{self.name} starts")
        yield self
        self.check()
        self.story.append(f"{self.name} ends")

    def check(self):
        require(self.is_there, f"{self.name} is gone")


class Directories:
    """The only part of a setting that is needed here."""

    def directory(self, in_memory):
        return pathlib.Path("/nowhere")


class Sample(Workload):
    """Measures nothing, by way of what the test wants."""

    def __init__(self, subjects, measure=lambda subject: 1):
        super().__init__(Directories())
        self.all = subjects
        self.measure_one = measure

    def open(self):
        self.subjects = self.all
        for subject in self.subjects:
            self.start(subject)

    def warm_up(self, figures):
        pass

    def run(self, round, figures, quick):
        for subject in self.standing(figures, round):
            self.attempt(
                figures, subject, "one", lambda subject=subject: self.measure_one(subject),
                self.note)

    @staticmethod
    def note(figures, subject, case, it):
        figures.add(case, "it", "", subject, it)


class Watch:
    """Says of one run after the other whether it stalled."""

    def __init__(self, stalls):
        self._stalls = iter(stalls)

    def __call__(self):
        return self

    def stalled(self):
        return next(self._stalls)


class WorkloadTests(unittest.TestCase):
    def setUp(self):
        self.story = []
        self.servers = [Server(name, self.story) for name in ["a", "b", "c"]]

    def run_sample(self, measure=lambda subject: 1, rounds=3, stalls=None, quick=False):
        watch = Watch(stalls) if stalls else Watch(iter(lambda: False, None))
        with mock.patch(LOOPBACK, watch):
            return Sample(self.servers, measure).measure(rounds, quick)

    def test_every_round_has_every_subject_and_begins_with_another(self):
        order = []
        summary = self.run_sample(lambda subject: order.append(subject.name) or 1)
        self.assertEqual("".join(order), "abcbcacab")
        self.assertEqual(len(summary["rows"][0]["subjects"]["b"]["rounds"]), 3)

    def test_servers_run_until_the_workload_is_over(self):
        self.run_sample(lambda subject: self.story.append("measured") or 1, rounds=1)
        self.assertEqual(
            self.story, ["a starts", "b starts", "c starts"] + ["measured"] * 3
            + ["c ends", "b ends", "a ends"])

    def test_a_run_that_stalled_is_done_again_and_told(self):
        results = iter([100, 1, 2, 3])
        summary = self.run_sample(
            lambda subject: next(results), rounds=1, stalls=[True, False, False, False])
        subjects = summary["rows"][0]["subjects"]
        self.assertEqual([subjects[name]["median"] for name in "abc"], [1, 2, 3])
        self.assertEqual(summary["repeated"], [{"case": "one", "subject": "a", "count": 1}])
        self.assertIn(
            "Runs that met a loopback stall and were done again: 1", table.lines(summary, []))

    def test_one_that_stalls_every_time_is_kept_and_marked(self):
        stalls = [True] * 4 + [False] * 2
        summary = self.run_sample(rounds=1, stalls=stalls)
        self.assertEqual(summary["kept"], [{"case": "one", "subject": "a", "count": 1}])
        self.assertIn("1.00*", "\n".join(table.lines(summary, [])))

    def test_a_hole_that_the_kernel_did_not_count_is_the_servers_own_and_shown(self):
        said = {
            "bytes": 2**30, "seconds": 1, "server_s": 1, "memory": [Memory(1, 0)],
            "longest_gap_ms": 1500}
        sample = Sample(self.servers, lambda subject: dict(said))
        with mock.patch.object(stalls, "_timeouts", return_value=3), mock.patch.object(
                Sample, "note", staticmethod(reading.note)):
            summary = sample.measure(1, quick=False)
        self.assertEqual((summary["repeated"], summary["kept"]), ([], []))
        self.assertIn("longest hole, ms", "\n".join(table.lines(summary, [])))
        bound = {
            "goal": "no hole", "case": "one", "kind": "longest hole", "of": "a",
            "each_round": True, "most": 1000}
        verdict, = thresholds.check(summary, [bound], [])
        self.assertIn("1,500 ms, in each round at most 1,000, MISSED by 50 %", verdict["sentence"])

    def test_a_quick_run_has_time_for_one_more_only(self):
        summary = self.run_sample(rounds=1, stalls=[True] * 2 + [False] * 2, quick=True)
        self.assertEqual(
            (summary["repeated"][0]["count"], summary["kept"][0]["count"]), (1, 1))

    def test_a_subject_that_fails_is_out_and_the_others_go_on(self):
        def measure(subject):
            require(subject.name != "b", "lost 3 bytes")
            return 1

        summary = self.run_sample(measure)
        self.assertEqual(
            summary["failures"], [{"subject": "b", "case": "one", "why": "lost 3 bytes"}])
        self.assertEqual(len(summary["rows"][0]["subjects"]["c"]["rounds"]), 3)
        shown = "\n".join(table.lines(summary, []))
        self.assertIn("FAILED: b, one: lost 3 bytes", shown)
        self.assertEqual(shown.count("FAILED"), 2)

    def test_one_that_crashes_in_its_third_round_loses_its_place_in_the_table(self):
        rounds = iter(range(100))

        def measure(subject):
            subject.is_there = subject.name != "c" or next(rounds) < 2
            return 1

        summary = self.run_sample(measure)
        self.assertEqual(summary["failures"][0]["why"], "c is gone")
        heading, row, *_ = table.lines(summary, [])
        self.assertEqual(heading.split(), ["one", "a", "b", "c"])
        self.assertTrue(row.endswith("FAILED"), row)

    def test_the_last_words_of_a_server_say_more_than_its_client(self):
        def measure(subject):
            subject.is_there = subject.name != "a"
            require(subject.is_there, "the connection is gone")
            return 1

        self.assertEqual(self.run_sample(measure)["failures"][0]["why"], "a is gone")

    def test_one_that_does_not_even_start_is_in_the_table(self):
        self.servers.append(Server("d", self.story, starts=False))
        shown = "\n".join(table.lines(self.run_sample(), []))
        self.assertIn("FAILED: d, its start: no port is free", shown)

    def test_a_mistake_of_the_harness_is_no_failure_of_a_subject(self):
        with self.assertRaises(ZeroDivisionError):
            self.run_sample(lambda subject: 1 / 0)
        self.assertIn("a ends", self.story)

    def test_a_failure_while_it_warms_up_counts(self):
        class Warming(Sample):
            def warm_up(self, figures):
                figures.fail("warm-up", self.subjects[0], "no answer")

        with mock.patch(LOOPBACK, Watch(iter(lambda: False, None))):
            summary = Warming(self.servers).measure(1, quick=True)
        self.assertEqual(summary["failures"][0]["subject"], "a")
        self.assertNotIn("a", summary["rows"][0]["subjects"])

    def test_failing_is_for_subjects(self):
        with self.assertRaises(Failed):
            require(False, "it must be")
        require(True, "it is")
