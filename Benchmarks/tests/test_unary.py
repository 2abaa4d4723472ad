"""What load/unary must notice of the answers to several requests, and that h2load is handed them,
too (load/bodies)."""

import ctypes
import os
import subprocess
import unittest
from unittest import mock

from planted_server import PlantedServerTest, framed, serving


class UnaryTests(PlantedServerTest):
    compiled = ["unary", "bodies.so"]

    def ask(self, answers):
        """Sends two requests in turn, one call at a time, and answers so."""
        def answer(call, index):
            call.write(framed(answers[index]))
            call.close()

        with serving(self.certificate, self.key, answer) as port:
            run = subprocess.run(
                [self.directory / "unary", "--at", f"127.0.0.1:{port}", "--ca", self.certificate,
                 "--cert", self.certificate, "--key", self.key, "--calls", str(len(answers)),
                 "--path", "/any", "--request", "0101", "--request", "0102"],
                capture_output=True, text=True, timeout=60)
        return run.returncode, run.stderr

    def test_each_answer_is_compared_with_the_first_to_the_same_request(self):
        self.assertEqual(self.ask([b"one", b"two", b"one", b"two"]), (0, ""))
        status, complaint = self.ask([b"one", b"two", b"one", b"one"])
        self.assertEqual(status, 1)
        self.assertIn("is unlike the first one", complaint)

    def test_two_requests_do_not_have_the_same_answer(self):
        status, complaint = self.ask([b"one", b"one"])
        self.assertEqual(status, 1)
        self.assertIn("requests 0 and 1 have the same answer", complaint)

    def test_bodies_are_handed_out_in_turn(self):
        first, every = self.directory / "first", self.directory / "every"
        first.write_bytes(b"abc")
        every.write_bytes(b"abcdefghi")
        with mock.patch.dict(os.environ, {"LOAD_BODIES": str(every)}):
            bodies = ctypes.CDLL(self.directory / "bodies.so")
        buffer, read = ctypes.create_string_buffer(16), []
        with first.open("rb") as file:
            for _ in range(4):
                size = bodies.pread(file.fileno(), buffer, len(buffer), 0)
                read.append(buffer.raw[:size])
        self.assertEqual(read, [b"abc", b"def", b"ghi", b"abc"])


if __name__ == "__main__":
    unittest.main()
