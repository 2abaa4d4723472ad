"""What load/follow must notice. A server is made to say it, since none that is right would: bytes that
are lost or come twice, calls that end wrongly, lines that are torn."""

import json
import subprocess
import time
import unittest

from planted_server import PlantedServerTest, contents, end, framed, number, output, serving

TEXT = bytes(range(256)) * 300
WHOLE = [output(0, TEXT[:65536]), output(65536, TEXT[65536:]), end(len(TEXT))]


class Following(PlantedServerTest):
    """Runs load/follow against a planted server."""

    compiled = ["follow", "writer"]

    def follow(self, answer, *flags):
        """Exit status, what it told, and what it complained of."""
        with serving(self.certificate, self.key, answer) as port:
            run = subprocess.run(
                [self.directory / "follow", "--at", f"127.0.0.1:{port}", "--ca", self.certificate,
                 "--cert", self.certificate, "--key", self.key, "--job", "one", *flags],
                capture_output=True, text=True, timeout=60)
        told = [line for line in run.stdout.splitlines() if line.startswith("{")]
        return run.returncode, json.loads(told[0]) if told else None, run.stderr


class OutputTests(Following):
    """Whole outputs, byte by byte."""

    def told(self, messages, *flags, status=0, cut=16384):
        """The same, of messages."""
        def answer(call, _):
            call.write(b"".join(messages), cut)
            call.close(status)

        return self.follow(answer, *flags)

    def test_takes_what_is_right_however_it_is_cut(self):
        file = self.directory / "text"
        file.write_bytes(TEXT)
        run = [self.directory / "follow", "--hash", file]
        hashed = subprocess.run(run, check=True, capture_output=True, text=True).stdout.strip()
        for cut in [1, 7, 16384]:
            status, told, complaints = self.told(WHOLE, cut=cut)
            self.assertEqual((status, complaints), (0, ""), cut)
            self.assertEqual(told["hashes"], {"one": [hashed]})
            self.assertEqual(told["bytes"], len(TEXT))

    def test_skips_fields_it_does_not_know_and_takes_those_it_does_in_any_order(self):
        odd = framed(
            contents(2, b"abc") + contents(77, b"new" * 30) + number(76, 2**63) + number(1, 0))
        status, told, complaints = self.told([odd, end(3)], cut=1)
        self.assertEqual((status, complaints, told["bytes"]), (0, "", 3))

    def test_notices_bytes_that_are_lost(self):
        status, told, complaints = self.told([output(0, b"abc"), output(5, b"f"), end(6)])
        self.assertEqual((status, told["lost"], told["repeated"]), (1, 2, 0))
        self.assertIn("2 bytes were lost", complaints)

    def test_notices_that_the_last_bytes_are_lost(self):
        status, told, _ = self.told([output(0, b"abc"), end(7)])
        self.assertEqual((status, told["lost"]), (1, 4))

    def test_notices_bytes_that_come_twice(self):
        status, told, complaints = self.told([output(0, b"abc"), output(2, b"cd"), end(4)])
        self.assertEqual((status, told["lost"], told["repeated"]), (1, 0, 1))
        self.assertIn("1 bytes came twice", complaints)

    def test_notices_a_gap(self):
        gap = framed(number(1, 3) + contents(4, number(1, 4) + number(2, 1) + number(3, 9)))
        status, told, _ = self.told([output(0, b"abc"), gap, output(7, b"h"), end(8)])
        self.assertEqual((status, told["lost"], told["gaps"], told["dropped"]), (1, 0, 4, 9))

    def test_notices_that_the_end_is_missing(self):
        status, _, complaints = self.told(WHOLE[:2])
        self.assertEqual(status, 1)
        self.assertIn("did not hear of the end", complaints)

    def test_notices_a_status(self):
        status, told, _ = self.told(WHOLE, status=13)
        self.assertEqual((status, told["statuses"]), (1, {"13": 1}))

    def test_notices_that_followers_are_told_different_things(self):
        def answer(call, index):
            call.write(output(0, b"abc" if index == 0 else b"abd") + end(3))
            call.close()

        status, told, complaints = self.follow(answer, "--followers", "2")
        self.assertEqual((status, len(told["hashes"]["one"])), (1, 2))
        self.assertIn("not told the same", complaints)

    def test_tells_of_a_hole_of_one_follower_that_another_does_not_have(self):
        calls = []

        def answer(call, index):
            calls.append(call)
            call.write(output(0, b"abc"))
            if index == 0:
                return
            for offset in range(3, 9):
                time.sleep(0.1)
                call.write(output(offset, b"x"))
            calls[0].write(output(3, b"xxxxxx"))
            for each in calls:
                each.write(end(9))
                each.close()

        status, told, _ = self.follow(answer, "--followers", "2")
        self.assertEqual((status, told["bytes"]), (0, 18))
        self.assertGreater(told["longest_gap_ms"], 350)

    def test_notices_that_a_call_is_reset(self):
        status, told, _ = self.follow(lambda call, _: call.reset())
        self.assertEqual((status, told["statuses"]), (1, {"reset": 1}))

    def test_notices_that_the_connection_ends(self):
        status, told, _ = self.follow(lambda call, _: call.write(WHOLE[0]) or False)
        self.assertEqual((status, told["statuses"]), (1, {"closed": 1}))

    def test_does_not_wait_for_ever(self):
        status, told, complaints = self.follow(lambda call, _: None, "--patience", "0.3")
        self.assertEqual((status, told["statuses"]), (1, {"left": 1}))
        self.assertIn("still waiting", complaints)

    def test_refuses_messages_that_make_no_sense(self):
        run = contents(3, number(1, 2) + number(2, 1))
        for message, problem in [
                (framed(b"", compressed=1), "a compressed message"),
                (b"\0\xff\0\0\0", "more than 4 MiB"),
                (framed(contents(2, b"abc")[:-1]), "a field longer than its message"),
                (framed(b"\x0a" + b"\xff" * 12), "a number that does not end"),
                (framed(b"\x0d1234"), "a field of a kind"),
                (output(0, b"abc", contents(2, b"de")), "data twice"),
                (output(0, b"abc", run), "runs that are longer or shorter"),
                (framed(number(1, 5)), "not one of data, gap and end")]:
            status, told, complaints = self.told([message])
            self.assertEqual((status, told), (1, None), problem)
            self.assertIn(problem, complaints)


class LineTests(Following):
    """Lines must tell when they were written, so they come from the program that writes them."""

    def lines(self, spoil):
        """Follows lines, each as a test spoils it: `spoil(index, line)`."""
        def answer(call, _):
            offset = 0
            with subprocess.Popen(
                    [self.directory / "writer", "lines", "500", "100", "3"],
                    stdout=subprocess.PIPE) as writer:
                for index in range(1500):
                    line = spoil(index, writer.stdout.read(100))
                    call.write(output(offset, line), cut=60)
                    offset += len(line)

        return self.follow(
            answer, "--mode", "lines", "--warm-up", "0.1", "--seconds", "0.3", "--patience", "5")

    def test_takes_lines_that_are_right(self):
        status, told, complaints = self.lines(lambda index, line: line)
        self.assertEqual((status, complaints, told["wrong_lines"]), (0, "", 0))
        self.assertAlmostEqual(told["lines"], 150, delta=15)
        self.assertLess(told["latency_us"]["p50"], 1e6)

    def test_notices_that_a_line_is_missing(self):
        status, told, _ = self.lines(lambda index, line: b"" if index == 20 else line)
        self.assertEqual((status, told["lost"], told["wrong_lines"]), (1, 0, 1))

    def test_notices_that_a_byte_is_another(self):
        status, told, complaints = self.lines(
            lambda index, line: line.replace(b".", b",", 1) if index == 20 else line)
        self.assertEqual((status, told["wrong_lines"]), (1, 1))
        self.assertIn("torn", complaints)


if __name__ == "__main__":
    unittest.main()
