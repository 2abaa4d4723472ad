"""A daemon with few descriptors: new work is refused, old work goes on, and it recovers."""

import contextlib
import os
import ssl
import time
import unittest

import grpc

from cmdctl.v1 import job_service_pb2, job_service_pb2_grpc
from google.rpc import error_details_pb2
from harness import PATIENCE, Daemon, ServerCase, start_request, status_details
from overload.followers import Follower, client_context
from streams import Stream

LIMIT = 64
OVERFLOW = "too many connections"


class FewDescriptors(Daemon):
    """With the least descriptors that a daemon starts with."""

    def __init__(self):
        super().__init__(descriptors=(LIMIT, LIMIT))


class DescriptorTests(ServerCase):
    """One daemon and one test: what it refuses and what it keeps depends on what went before."""

    daemon_type = FewDescriptors

    def test_new_work_is_refused_and_old_work_goes_on(self):
        gate = self.server.directory / "gate"
        os.mkfifo(gate)
        large = [self.shell("head -c 8000000 /dev/zero") for _ in range(5)]
        for job in large:
            self.wait(job)
        told = self.shell(f"echo one; read line < {gate}; echo two")
        # Windows that grow would take whole logs, and who has all gives its descriptors back.
        channel = self.server.channel(options=[("grpc.http2.bdp_probe", 0)])
        self.addCleanup(channel.close)
        self.follow = job_service_pb2_grpc.JobServiceStub(channel).GetOutput
        follower = self.follow_output(told)
        self.assertEqual(next(follower).data, b"one\n")

        crowd = self.fill_with_clients()
        jobs = self.fill_with_jobs()
        self.assert_nothing_half_made(len(jobs) + len(large) + 1)
        streams = [self.follow_output(job) for job in jobs]
        for stream in streams:
            self.assertEqual(next(stream).data, b"here\n")
        slow = self.fill_with_slow_followers(large)
        error = self.assertRefused(
            grpc.StatusCode.RESOURCE_EXHAUSTED, "OUT_OF_DESCRIPTORS", self.alice.GetOutput,
            job_service_pb2.GetOutputRequest(job=large[len(slow)].id))
        self.assertTrue(is_retryable(error))

        # What was there before goes on, and a stop works.
        gate.write_text("go\n")
        self.assertEqual(next(follower).data, b"two\n")
        self.assertTrue(next(follower).HasField("end"))
        for job, stream in zip(jobs, streams):
            self.alice.StopJob(job_service_pb2.StopJobRequest(job=job.id), timeout=PATIENCE)
            self.assertTrue(next(stream).HasField("end"))
        for stream in slow:
            stream.cancel()

        # What was given back can be had again.
        self.assertEqual(self.output(self.shell("echo again"))[0], b"again\n")
        for client in crowd:
            client.reset()
        self.assertEqual(len(self.overflow_lines()), 1, self.server.log)
        self.await_service()

    def follow_output(self, job):
        """A stream of a job's output."""
        return Stream(self.follow(job_service_pb2.GetOutputRequest(job=job.id)))

    def fill_with_slow_followers(self, jobs):
        """As many as are let in, each of a log of its own; they begin to read, and stop."""
        streams = []
        for job in jobs:
            stream = self.follow_output(job)
            try:
                next(stream)
            except grpc.RpcError:
                break
            streams.append(stream)
        self.assertTrue(0 < len(streams) < len(jobs), len(streams))
        return streams

    def fill_with_clients(self):
        """Connects until the daemon closes what comes, and knocks often after that."""
        # One tenant alone may not have all.
        contexts = [client_context(self.server.pki, name) for name in self.channels]
        crowd = []
        refused = 0
        while refused < 20:
            context = contexts[len(crowd) % len(contexts)]
            try:
                crowd.append(Follower(context, self.server.port, "none"))
            except (ssl.SSLError, ConnectionError):
                refused += 1
            self.assertLess(len(crowd), LIMIT)
        self.assertGreater(len(crowd), 8)
        return crowd

    def fill_with_jobs(self):
        """Starts jobs until there are no descriptors for another one."""
        jobs = []
        with self.assertRaises(grpc.RpcError) as caught:
            while len(jobs) < LIMIT:
                jobs.append(self.shell("echo here; exec sleep 1000"))
        self.assertGreater(len(jobs), 2)
        request = start_request("true")
        error = self.assertRefused(
            grpc.StatusCode.RESOURCE_EXHAUSTED, "OUT_OF_DESCRIPTORS", self.alice.StartJob, request)
        self.assertEqual(caught.exception.details(), error.details())
        self.assertTrue(is_retryable(error))
        return jobs

    def assert_nothing_half_made(self, count):
        """There are as many jobs as were started, on disk as in the list."""
        logs = self.server.state / "logs"
        self.assertEqual(len(list(logs.iterdir())), 2 * count)
        jobs = self.alice.ListJobs(job_service_pb2.ListJobsRequest(), timeout=PATIENCE).jobs
        self.assertEqual(len(jobs), count)

    def overflow_lines(self):
        """What the log says of connections that were closed."""
        return [line for line in self.server.log if OVERFLOW in line]

    def await_service(self):
        """A new client is served."""
        with self.server.channel("bob") as channel:
            stub = job_service_pb2_grpc.JobServiceStub(channel)
            stub.ListJobs(
                job_service_pb2.ListJobsRequest(), timeout=PATIENCE, wait_for_ready=True)


class ShareTests(ServerCase):
    """What one tenant may have of the connections."""

    daemon_type = FewDescriptors

    def test_one_tenant_leaves_room_for_others(self):
        job = self.shell("echo here; exec sleep 1000")
        crowd = []
        with self.assertRaisesRegex(ConnectionError, "too_many_connections"):
            while len(crowd) < LIMIT:
                crowd.append(self.attached(job))
        # Half of 18, one of which is that of the stub.
        self.assertEqual(len(crowd), 8)
        self.bob.ListJobs(job_service_pb2.ListJobsRequest(), timeout=PATIENCE)
        crowd.pop().reset()
        self.addCleanup(self.attached_again(job).reset)
        for follower in crowd:
            follower.reset()

    def attached(self, job):
        """One more follower of alice's, who has got output."""
        follower = Follower(client_context(self.server.pki), self.server.port, job.id)
        while not follower.has_output:
            follower.serve()
        return follower

    def attached_again(self, job):
        """The same, once the daemon has noticed that another has left."""
        deadline = time.monotonic() + PATIENCE
        while True:
            try:
                return self.attached(job)
            except ConnectionError:
                self.assertLess(time.monotonic(), deadline, "the place is not free again")


class LimitTests(unittest.TestCase):
    """The limits that the daemon and its commands run with."""

    def test_the_daemon_raises_its_own_limit_and_not_its_commands(self):
        with contextlib.closing(Daemon(descriptors=(100, 200))) as server:
            with server.channel() as channel:
                stub = job_service_pb2_grpc.JobServiceStub(channel)
                request = start_request("sh", "-c", "ulimit -Sn; ulimit -Hn")
                job = stub.StartJob(request, timeout=PATIENCE).job
                request = job_service_pb2.GetOutputRequest(job=job.id)
                output = b"".join(part.data for part in stub.GetOutput(request, timeout=PATIENCE))
            self.assertEqual(output, b"100\n200\n")
            limits = descriptor_limits(server.process.pid)
            self.assertEqual(limits, ["200", "200"])


def descriptor_limits(process):
    """The soft and the hard limit of a process's descriptors. proc_pid_limits(5)."""
    with open(f"/proc/{process}/limits", encoding="ascii") as lines:
        return next(line.split()[3:5] for line in lines if line.startswith("Max open files"))


def is_retryable(error):
    """Whether the details of an error say when to come back."""
    details = status_details(error).details
    return any(detail.Is(error_details_pb2.RetryInfo.DESCRIPTOR) for detail in details)
