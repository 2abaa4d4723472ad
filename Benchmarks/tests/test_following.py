"""Following: when a server's memory counts, and clients that are not content."""

import subprocess
import sys
import tempfile
import unittest
from unittest import mock

import following
from accounting import Memory
from failure import Failed


class Server:
    """Takes one amount of memory after the other; the last for ever."""

    def __init__(self, *amounts):
        self.looks = 0
        self._amounts = amounts

    def memory(self):
        amount = self._amounts[min(self.looks, len(self._amounts) - 1)]
        self.looks += 1
        return Memory(amount, 0)


class Restless(Server):
    """Never takes what it took before."""

    def memory(self):
        self.looks += 1
        return Memory(self.looks, 0)


@mock.patch("time.sleep")
class SettledTests(unittest.TestCase):
    def test_counts_when_it_changes_no_more(self, _):
        self.assertEqual(following.settled(Server(9, 7, 7, 8, 5)).anonymous, 5)

    def test_a_server_that_never_rests_is_not_waited_for(self, _):
        server = Restless()
        self.assertEqual(following.settled(server).anonymous, server.looks)
        self.assertLess(server.looks, 100)


class ClientTests(unittest.TestCase):
    def client(self, script):
        """What reads the words of a client, which is a script here."""
        complaints = tempfile.TemporaryFile("w+")
        self.addCleanup(complaints.close)
        process = subprocess.Popen(
            [sys.executable, "-c", script], stdin=subprocess.PIPE, stdout=subprocess.PIPE,
            stderr=complaints, text=True)
        self.addCleanup(process.wait)
        self.addCleanup(process.stdout.close)
        return following._Client(["follow"], process, complaints)

    def test_what_it_told(self):
        client = self.client("print('ready'); print('{\"lost\": 0, \"repeated\": 0}')")
        client.await_word("ready")
        self.assertEqual(client.answer()["lost"], 0)

    def test_one_that_is_not_content_fails_with_its_reason(self):
        client = self.client("import sys; print('{}'); sys.exit('3 bytes were lost')")
        with self.assertRaises(subprocess.CalledProcessError) as caught:
            client.answer()
        self.assertIn("3 bytes were lost", caught.exception.stderr)

    def test_one_that_dies_before_it_is_ready_fails_with_its_reason(self):
        client = self.client("import sys; sys.exit('no answer')")
        with self.assertRaises(subprocess.CalledProcessError) as caught:
            client.await_word("ready")
        self.assertIn("no answer", caught.exception.stderr)

    def test_lost_bytes_fail_whatever_it_thinks_of_them(self):
        with self.assertRaises(Failed):
            self.client("print('{\"lost\": 1, \"repeated\": 0}')").answer()


if __name__ == "__main__":
    unittest.main()
