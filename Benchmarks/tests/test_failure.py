"""What is told of a program that failed."""

import subprocess
import unittest

from failure import Failed, explain
from placing import Placing


class FailureTests(unittest.TestCase):
    def test_a_program_is_named_with_its_status_and_what_it_said(self):
        error = subprocess.CalledProcessError(1, ["/x/follow", "--at"], "", "3 bytes were lost\n")
        self.assertEqual(explain(error), "follow ended with status 1: 3 bytes were lost")

    def test_where_it_ran_is_not_its_name(self):
        command = Placing([0, 1, 2]).on_others(["/x/follow", "--at"])
        error = subprocess.CalledProcessError(-11, command, None, None)
        self.assertEqual(explain(error), "follow ended with status -11: ")

    def test_one_that_hangs_is_told_too(self):
        error = subprocess.TimeoutExpired(["/x/follow"], 120)
        self.assertEqual(explain(error), "follow did not end in 120 s")
        self.assertEqual(explain(Failed("it is gone")), "it is gone")


class PlacingTests(unittest.TestCase):
    def test_the_server_has_a_processor_for_itself(self):
        placing = Placing([3, 1, 2])
        self.assertEqual((placing.server, placing.others), (1, [2, 3]))
        self.assertEqual(placing.on_server(["x"]), ["taskset", "--cpu-list", "1", "x"])
        self.assertEqual(placing.anywhere(["x"])[2], "1,2,3")
        with self.assertRaises(SystemExit):
            Placing([0])
