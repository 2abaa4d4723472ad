"""Followers come and go, and leave nothing behind in the daemon.

`make test` sends small crowds; with CMDCTL_SOAK=1 (`make soak`) they are as large as is promised.
"""

import os

from cmdctl.v1 import job_service_pb2
from harness import ServerCase
from overload.crowd import Crowd, Usage, usage_at_rest

IS_SOAK = os.environ.get("CMDCTL_SOAK") == "1"
FOLLOWERS = 2_000 if IS_SOAK else 200
ROUNDS = 5 if IS_SOAK else 3

# The daemon holds the same after this round and after the last; the first fills its pools.
FIRST = 2
GROWTH_MAX = 1 << 20


class LeakCase(ServerCase):
    """Each way to leave has a test: all of them together would hide which one leaks."""

    def come_and_go(self, *ways):
        """Rounds of a crowd that attaches, gets output and leaves, each in its way."""
        job = self.shell("echo here; exec sleep 1000")
        daemon = self.server.process.pid
        before = Usage(daemon)
        after = []
        for way in ways:
            crowd = Crowd(self.server, job, FOLLOWERS)
            self.addCleanup(crowd.close)
            attached = Usage(daemon)
            self.assertEqual(attached.sockets, before.sockets + FOLLOWERS)
            crowd.leave(way)
            after.append(usage_at_rest(daemon, attached, before))
            crowd.close()
            print(f"{way}: {attached} with {FOLLOWERS} followers, {after[-1]} without")
        early, late = after[FIRST - 1], after[-1]
        self.assertEqual(late.descriptors, early.descriptors)
        growth = late.anonymous_bytes - early.anonymous_bytes
        self.assertLessEqual(growth, GROWTH_MAX, [str(usage) for usage in after])
        self.alice.StopJob(job_service_pb2.StopJobRequest(job=job.id))
