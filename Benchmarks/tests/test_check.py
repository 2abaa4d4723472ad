"""What `make bench-check` says of a kept run, and which run it takes."""

import contextlib
import io
import json
import os
import pathlib
import tempfile
import unittest
from unittest import mock

import report
import results
from test_figures import noted

BOUND = {
    "goal": "T1", "case": "one", "kind": "speed", "of": "cmdctl*", "over": "peer", "most": 1.0}
MACHINE = {
    "processor": "P", "processors": 4, "memory_gib": 8, "kernel": "6.1", "system": "S",
    "load": [0, 0, 0]}


class CheckTests(unittest.TestCase):
    def setUp(self):
        temporary = tempfile.TemporaryDirectory()
        self.addCleanup(temporary.cleanup)
        self.directory = pathlib.Path(temporary.name)
        (self.directory / "thresholds.json").write_text(json.dumps({"bulk": [BOUND]}))
        for module in [report, results]:
            patch = mock.patch.object(module, "HERE", self.directory)
            self.addCleanup(patch.stop)
            patch.start()

    def keep(self, name, programs="these", failure=None, backends=("epoll",), **subjects):
        figures = noted(**{"cmdctl epoll": [1], "peer": [1], **subjects})
        if failure:
            figures.fail("one", "peer", failure)
        path = self.directory / name
        path.write_text(json.dumps({
            "quick": False, "rounds": 1, "backends": backends, "machine": MACHINE,
            "programs": programs,
            "workloads": {"bulk": figures.summary()}}))
        return path

    def check(self, path):
        with contextlib.redirect_stdout(io.StringIO()) as said:
            return report.check(path), said.getvalue()

    def test_a_run_within_its_bounds_passes(self):
        status, said = self.check(self.keep("a.json"))
        self.assertEqual(status, 0)
        self.assertIn("everything that was looked at holds\nall 1 goals were looked at", said)

    def test_a_quick_run_tells_how_much_it_leaves_out(self):
        bounds = [BOUND, {**BOUND, "quick": False}, {**BOUND, "quick": False}]
        (self.directory / "thresholds.json").write_text(json.dumps({"bulk": bounds}))
        path = self.keep("a.json")
        path.write_text(json.dumps({**json.loads(path.read_text()), "quick": True}))
        status, said = self.check(path)
        self.assertEqual(status, 0)
        self.assertIn("2 of 3 goals were not looked at: a full run does", said)

    def test_a_backend_of_the_run_that_is_not_in_it_fails_the_check(self):
        status, said = self.check(self.keep("a.json", backends=["epoll", "io_uring"]))
        self.assertEqual(status, 1)
        self.assertIn("speed of cmdctl io_uring was not measured", said)

    def test_a_planted_figure_fails_and_is_named(self):
        status, said = self.check(self.keep("a.json", **{"cmdctl epoll": [1.3]}))
        self.assertEqual(status, 1)
        self.assertIn("bulk, T1: one: speed of cmdctl epoll over peer: 1.30", said)
        self.assertIn("MISSED by 30 %", said)

    def test_a_subject_that_failed_fails_the_check(self):
        status, said = self.check(self.keep("a.json", failure="lost 3 bytes"))
        self.assertEqual(status, 1)
        self.assertIn("bulk: peer failed: lost 3 bytes", said)

    def test_the_last_complete_run_of_the_same_programs_is_taken(self):
        ages = {"old.json": 30, "new.json": 20, "other.json": 10, "part.json": 5, "one.json": 3}
        for name, age in ages.items():
            path = self.keep(
                name, programs="others" if name == "other.json" else "these",
                backends=["epoll"] if name == "one.json" else ["epoll", "io_uring"])
            os.utime(path, (1_000_000 - age, 1_000_000 - age))
        part = json.loads((self.directory / "part.json").read_text())
        (self.directory / "part.json").write_text(json.dumps({**part, "workloads": {}}))
        (self.directory / "thresholds.json").unlink()
        bulk = mock.Mock()
        bulk.name = "bulk"
        with mock.patch.object(results, "ALL", [bulk]), mock.patch.object(
                results, "digest", return_value="these"):
            found = results.last_of(None, ["epoll", "io_uring"], self.directory)
            self.assertEqual(found.name, "new.json")
            for path in self.directory.glob("*.json"):
                path.unlink()
            self.assertIsNone(results.last_of(None, ["epoll"], self.directory))
