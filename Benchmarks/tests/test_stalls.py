"""Stalls: by the kernel's counters, and by nothing else."""

import unittest
from unittest import mock

import stalls

NETSTAT = """TcpExt: SyncookiesSent TCPTimeouts TCPLossProbes
TcpExt: 0 {} 7
IpExt: InNoRoutes InOctets
IpExt: 0 123
"""


class StallTests(unittest.TestCase):
    def watch(self, before, after):
        texts = [NETSTAT.format(before), NETSTAT.format(after)]
        with mock.patch("pathlib.Path.read_text", side_effect=texts):
            return stalls.StallWatch().stalled()

    def test_the_retransmission_timer_tells(self):
        self.assertTrue(self.watch(3, 4))
        self.assertFalse(self.watch(3, 3))

    def test_this_kernel_counts_them(self):
        self.assertGreaterEqual(stalls._timeouts(), 0)
