"""Who has to wait or come back later, and how exactly that is told."""

import time

import grpc
from google.rpc import error_details_pb2

from cmdctl.v1 import job_pb2, job_service_pb2
from harness import PATIENCE, Daemon, ServerCase, start_request, status_details

EXHAUSTED = grpc.StatusCode.RESOURCE_EXHAUSTED


# A slow machine has this long for three starts: who takes longer is not too fast.
RATE, SECONDS = "12/m", 5


def limited_daemon():
    return Daemon(
        flags=["--start-rate-per-tenant", RATE, "--start-burst-per-tenant", "2"]
        + ["--running-max", "1", "--queue-max-per-tenant", "1"]
    )


class AdmissionTests(ServerCase):
    daemon_type = staticmethod(limited_daemon)

    def details(self, error):
        """The RetryInfo and the QuotaFailure of a refusal."""
        retry, quota = error_details_pb2.RetryInfo(), error_details_pb2.QuotaFailure()
        found = status_details(error).details
        has_retry = any(detail.Unpack(retry) for detail in found)
        self.assertTrue(has_retry, "it tells when to come back")
        self.assertTrue(any(detail.Unpack(quota) for detail in found))
        return retry.retry_delay.ToTimedelta().total_seconds(), quota.violations[0].subject

    def test_who_waits_as_told_is_let_in(self):
        started = [self.start("sleep", "1000", stub=self.bob), self.start("true", stub=self.bob)]
        self.assertEqual(started[1].state, job_pb2.JOB_STATE_QUEUED)
        self.assertEqual(started[1].queue_position, 1)
        error = self.assertRefused(
            EXHAUSTED, "RATE_LIMITED", self.bob.StartJob, start_request("true")
        )
        delay, subject = self.details(error)
        self.assertEqual(subject, "tenant/rate")
        self.assertGreater(delay, 0)
        self.assertLessEqual(delay, SECONDS)
        # This is what a client does that heeds the answer; nothing else would show that it is right.
        time.sleep(delay)
        error = self.assertRefused(
            EXHAUSTED, "QUEUE_FULL", self.bob.StartJob, start_request("true")
        )
        self.assertEqual(self.details(error)[1], "tenant/queued")
        request = job_service_pb2.StopJobRequest(job=started[1].id)
        stopped = self.bob.StopJob(request, timeout=PATIENCE).job
        self.assertEqual(stopped.outcome, job_pb2.JOB_OUTCOME_STOPPED)
        self.assertFalse(stopped.HasField("exit_code") or stopped.HasField("signal"))
        self.bob.StopJob(job_service_pb2.StopJobRequest(job=started[0].id), timeout=PATIENCE)
