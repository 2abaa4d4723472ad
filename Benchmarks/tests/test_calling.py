"""What small calls look like, and what h2load says of them."""

import pathlib
import tempfile
import unittest

import calling
from failure import Failed

SAID = """
finished in 3.86s, 77740.11 req/s, 6.31MB/s
requests: 300000 total, 300000 started, 300000 done, {} succeeded, {} failed, 0 errored, 0 timeout
"""


class TestCalling(unittest.TestCase):
    def test_a_message_is_a_tag_a_length_and_the_identifier(self):
        self.assertEqual(calling.get_jobs("0192").requests, (b"\x0a\x040192",))

    def test_every_request_is_sent_by_both_clients(self):
        question = calling.get_jobs("01", "02")
        self.assertEqual(
            question.of_unary()[2:], ["--request", "0a023031", "--request", "0a023032"])
        with tempfile.TemporaryDirectory() as place:
            _, told = question.of_h2load(pathlib.Path(place))
            self.assertEqual(
                told["LOAD_BODIES"].read_bytes(),
                b"\0\0\0\0\4\x0a\x0201" + b"\0\0\0\0\4\x0a\x0202")

    def test_the_size_of_a_page_takes_as_many_bytes_as_it_needs(self):
        self.assertEqual(calling.list_jobs(1).requests, (b"\x08\x01",))
        self.assertEqual(calling.list_jobs(1000).requests, (b"\x08\xe8\x07",))

    def test_a_rate_counts_if_every_request_had_an_answer(self):
        self.assertEqual(calling.parse(SAID.format(300_000, 0), 300_000), 77740.11)
        with self.assertRaises(Failed):
            calling.parse(SAID.format(299_999, 1), 300_000)
        with self.assertRaises(Failed):
            calling.parse("h2load: an error", 300_000)


if __name__ == "__main__":
    unittest.main()
