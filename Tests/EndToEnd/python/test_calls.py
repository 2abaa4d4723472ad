"""Calls as such: deadlines, cancellation, limits, and many at a time."""

import os
import threading

import grpc
from cmdctl.v1 import job_pb2, job_service_pb2, job_service_pb2_grpc
from harness import PATIENCE, ServerCase, collect, start_request
from streams import Stream


class CallTests(ServerCase):
    def test_a_deadline_ends_a_wait_and_not_the_job(self):
        job = self.start("sleep", "1000")
        with self.assertRaises(grpc.RpcError) as caught:
            self.alice.WaitJob(job_service_pb2.WaitJobRequest(job=job.id), timeout=0.3)
        self.assertEqual(caught.exception.code(), grpc.StatusCode.DEADLINE_EXCEEDED)
        got = self.alice.GetJob(job_service_pb2.GetJobRequest(job=job.id), timeout=PATIENCE)
        self.assertEqual(got.job.state, job_pb2.JOB_STATE_RUNNING)

    def test_a_deadline_ends_a_stream(self):
        job = self.shell("echo first; sleep 1000")
        request = job_service_pb2.GetOutputRequest(job=job.id)
        with self.assertRaises(grpc.RpcError) as caught:
            list(self.alice.GetOutput(request, timeout=0.5))
        self.assertEqual(caught.exception.code(), grpc.StatusCode.DEADLINE_EXCEEDED)

    def test_cancelling_one_stream_leaves_the_others(self):
        gate = self.server.directory / "gate-cancelled"
        wait = f"until [ -e {gate} ]; do sleep 0.01; done"
        job = self.shell(f"echo first; {wait}; yes | head -c 300000")
        request = job_service_pb2.GetOutputRequest(job=job.id)
        streams = [Stream(self.alice.GetOutput(request)) for _ in range(5)]
        firsts = [next(stream) for stream in streams]
        for stream in streams[:4]:
            stream.cancel()
            with self.assertRaises(grpc.RpcError) as caught:
                list(stream)
            self.assertEqual(caught.exception.code(), grpc.StatusCode.CANCELLED)
        gate.touch()
        rest, _ = collect(self, streams[4])
        self.assertEqual(firsts[4].data + rest, b"first\n" + b"y\n" * 150000)

    def test_attaching_and_leaving_leaks_no_descriptor(self):
        job = self.shell("echo first; sleep 1000")
        request = job_service_pb2.GetOutputRequest(job=job.id)
        pid = self.server.process.pid

        def attach_and_leave(times):
            for _ in range(times):
                stream = self.alice.GetOutput(request, timeout=PATIENCE)
                next(stream)
                stream.cancel()
            return count_after_an_answer()

        def count_after_an_answer():
            # An answer on the same connection comes after the resets before it were read.
            self.alice.GetJob(job_service_pb2.GetJobRequest(job=job.id), timeout=PATIENCE)
            return count_descriptors(pid)

        # One that stays, for which the server keeps whatever it needs to wait for changes.
        stays = Stream(self.alice.GetOutput(request))
        self.addCleanup(stays.cancel)
        next(stays)
        before = attach_and_leave(5)
        after = attach_and_leave(200)
        # A read that is under way when its follower leaves is over a few turns of the loop later.
        for _ in range(100):
            if after > before:
                after = count_after_an_answer()
        self.assertLessEqual(after, before)

    def test_a_message_over_the_limit_is_refused_and_the_channel_lives(self):
        with self.assertRaises(grpc.RpcError) as caught:
            self.alice.StartJob(
                start_request("echo", *["x" * 100_000] * 50), timeout=PATIENCE
            )
        self.assertEqual(caught.exception.code(), grpc.StatusCode.RESOURCE_EXHAUSTED)
        self.alice.ListJobs(job_service_pb2.ListJobsRequest(), timeout=PATIENCE)

    def test_an_unknown_method_or_service(self):
        for path in ["/cmdctl.v1.JobService/Frobnicate", "/cmdctl.v2.JobService/StartJob"]:
            call = self.channels["alice"].unary_unary(path)
            with self.assertRaises(grpc.RpcError) as caught:
                call(b"", timeout=PATIENCE)
            self.assertEqual(caught.exception.code(), grpc.StatusCode.UNIMPLEMENTED)

    def test_a_request_that_is_no_message(self):
        call = self.channels["alice"].unary_unary("/cmdctl.v1.JobService/GetJob")
        with self.assertRaises(grpc.RpcError) as caught:
            call(b"\xff\xff\xff\xff", timeout=PATIENCE)
        self.assertEqual(caught.exception.code(), grpc.StatusCode.INVALID_ARGUMENT)

    def test_without_a_certificate_nothing_is_answered(self):
        authority = (self.server.pki / "server-ca.pem").read_bytes()
        port = self.server.address.rsplit(":", 1)[1]
        credentials = grpc.ssl_channel_credentials(root_certificates=authority)
        with grpc.secure_channel(f"localhost:{port}", credentials) as channel:
            stub = job_service_pb2_grpc.JobServiceStub(channel)
            with self.assertRaises(grpc.RpcError) as caught:
                stub.ListJobs(job_service_pb2.ListJobsRequest(), timeout=PATIENCE)
        self.assertEqual(caught.exception.code(), grpc.StatusCode.UNAVAILABLE)


class FollowTests(ServerCase):
    """Jobs that print and exit at once, followed before, during and after their end."""

    JOBS = 1000

    def test_every_byte_of_a_thousand_short_jobs(self):
        moments = [self.before, self.during, self.after]
        batch = 25  # At a time; the shims share the machine with everything else.
        failures = []

        def work(first):
            for number in range(first, self.JOBS, batch):
                try:
                    moments[number % 3](number)
                except (AssertionError, grpc.RpcError) as error:
                    failures.append(f"job {number}: {error}")

        threads = [threading.Thread(target=work, args=(first,)) for first in range(batch)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
        self.assertEqual(failures, [])

    def text(self, number):
        return "".join(f"job {number} line {line}\n" for line in range(number % 40 + 1)).encode()

    def script(self, number):
        line = f"echo job {number} line $i; i=$((i+1))"
        return f"i=0; while [ $i -le {number % 40} ]; do {line}; done"

    def before(self, number):
        gate = self.server.directory / f"gate{number}"
        wait = f"until [ -e {gate} ]; do sleep 0.01; done"
        job = self.shell(f"echo ready; {wait}; {self.script(number)}")
        stream = Stream(self.alice.GetOutput(job_service_pb2.GetOutputRequest(job=job.id)))
        self.assertEqual(next(stream).data, b"ready\n")
        gate.touch()
        data, end = collect(self, stream)
        self.check(number, data, end)

    def during(self, number):
        self.check(number, *self.output(self.shell(self.script(number))))

    def after(self, number):
        job = self.wait(self.shell(self.script(number)))
        self.check(number, *self.output(job))

    def check(self, number, data, end):
        self.assertEqual(data, self.text(number))
        self.assertEqual(end.job.outcome, job_pb2.JOB_OUTCOME_SUCCEEDED)
        self.assertEqual(end.job.exit_code, 0)

    def test_two_hundred_followers_of_one_log(self):
        gate = self.server.directory / "gate-many"
        job = self.shell(f"echo ready; until [ -e {gate} ]; do sleep 0.01; done; seq 1 20000")
        request = job_service_pb2.GetOutputRequest(job=job.id)
        streams = [Stream(self.alice.GetOutput(request)) for _ in range(200)]
        for stream in streams:
            self.assertEqual(next(stream).data, b"ready\n")
        gate.touch()
        expected = "".join(f"{number}\n" for number in range(1, 20001)).encode()
        for stream in streams:
            self.assertTrue(collect(self, stream)[0] == expected)


def count_descriptors(pid):
    """How many descriptors a process holds, as /proc counts them."""
    return len(os.listdir(f"/proc/{pid}/fd"))
