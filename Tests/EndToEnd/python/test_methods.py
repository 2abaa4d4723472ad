"""Every method of the API, called by another implementation of gRPC."""

import os
import uuid

import grpc
from cmdctl.v1 import admin_service_pb2, admin_service_pb2_grpc, job_pb2, job_service_pb2
from google.protobuf import duration_pb2, timestamp_pb2
from harness import PATIENCE, Daemon, ServerCase, start_request
from unittest import TestCase


class JobServiceTests(ServerCase):
    def test_start_get_wait_output_delete(self):
        job = self.shell("echo out; echo err >&2; exit 3", name="", labels={"team": "a"})
        self.assertEqual(uuid.UUID(job.id).version, 7)
        self.assertEqual(job.owner, "alice")
        ended = self.wait(job)
        self.assertEqual(ended.state, job_pb2.JOB_STATE_EXITED)
        self.assertEqual(ended.outcome, job_pb2.JOB_OUTCOME_FAILED)
        self.assertEqual(ended.exit_code, 3)
        self.assertFalse(ended.HasField("signal"))
        self.assertEqual(ended.output_size, 8)
        self.assertTrue(ended.HasField("usage"))
        self.assertLessEqual(ended.create_time.ToNanoseconds(), ended.start_time.ToNanoseconds())
        self.assertLessEqual(ended.start_time.ToNanoseconds(), ended.end_time.ToNanoseconds())

        got = self.alice.GetJob(job_service_pb2.GetJobRequest(job=job.id), timeout=PATIENCE)
        self.assertEqual(got.job, ended)

        data, end = self.output(job)
        self.assertEqual(sorted(data.split()), [b"err", b"out"])
        self.assertEqual(end.job, ended)

        delete = job_service_pb2.DeleteJobRequest(job=job.id)
        self.alice.DeleteJob(delete, timeout=PATIENCE)
        self.assertRefused(
            grpc.StatusCode.NOT_FOUND, "JOB_NOT_FOUND", self.alice.DeleteJob, delete
        )

    def test_runs_say_which_stream_wrote_what(self):
        job = self.shell("echo out; sleep 0.05; echo err >&2")
        request = job_service_pb2.GetOutputRequest(job=job.id)
        tagged = {}
        for response in self.alice.GetOutput(request, timeout=PATIENCE):
            position = 0
            for run in response.runs:
                piece = response.data[position : position + run.length]
                tagged[run.stream] = tagged.get(run.stream, b"") + piece
                position += run.length
                self.assertGreater(run.time.ToNanoseconds(), 0)
        self.assertEqual(
            tagged,
            {
                job_service_pb2.OUTPUT_STREAM_STDOUT: b"out\n",
                job_service_pb2.OUTPUT_STREAM_STDERR: b"err\n",
            },
        )

    def test_stop_and_signal(self):
        job = self.shell("trap 'exit 5' TERM; echo ready; while :; do sleep 0.01; done")
        stream = self.alice.GetOutput(
            job_service_pb2.GetOutputRequest(job=job.id), timeout=PATIENCE
        )
        self.assertEqual(next(stream).data, b"ready\n")
        signal = job_service_pb2.SignalJobRequest(job=job.id, signal=18)
        self.assertEqual(self.alice.SignalJob(signal, timeout=PATIENCE).job.id, job.id)
        stop = job_service_pb2.StopJobRequest(
            job=job.id, grace_period=duration_pb2.Duration(seconds=20)
        )
        stopped = self.alice.StopJob(stop, timeout=PATIENCE).job
        self.assertEqual(stopped.outcome, job_pb2.JOB_OUTCOME_STOPPED)
        self.assertEqual(stopped.exit_code, 5)
        self.assertRefused(
            grpc.StatusCode.FAILED_PRECONDITION, "JOB_ALREADY_ENDED", self.alice.StopJob, stop
        )

    def test_shell_environment_directory_and_merge(self):
        spec = job_pb2.JobSpec(
            command=job_pb2.Command(shell='echo "$A $PWD"; echo x >&2'),
            environment={"A": "b"},
            working_directory="/usr",
            merge_output=True,
            isolation=job_pb2.ISOLATION_HOST,
        )
        request = job_service_pb2.StartJobRequest(spec=spec)
        job = self.alice.StartJob(request, timeout=PATIENCE).job
        data, _ = self.output(job)
        self.assertEqual(data, b"b /usr\nx\n")

    def test_environment_is_what_was_asked_for(self):
        data, _ = self.output(self.start("env", environment={"A": "b=c", "EMPTY": ""}))
        names = sorted(line.split(b"=")[0] for line in data.splitlines())
        self.assertEqual(names, [b"A", b"CMDCTL_JOB_ID", b"EMPTY", b"HOME", b"PATH"])

    def test_output_positions(self):
        job = self.start("printf", "0123456789")
        self.wait(job)
        self.assertEqual(self.output(job, offset=7)[0], b"789")
        self.assertEqual(self.output(job, offset=10)[0], b"")
        begin = job_service_pb2.START_POSITION_BEGINNING
        self.assertEqual(self.output(job, position=begin, no_follow=True)[0], b"0123456789")
        now = job_service_pb2.START_POSITION_NOW
        self.assertEqual(self.output(job, position=now)[0], b"")
        self.assertRefused(
            grpc.StatusCode.OUT_OF_RANGE,
            "OFFSET_OUT_OF_RANGE",
            self.alice.GetOutput,
            job_service_pb2.GetOutputRequest(job=job.id, offset=11),
        )

    def test_server_info(self):
        info = self.root.GetServerInfo(
            job_service_pb2.GetServerInfoRequest(), timeout=PATIENCE
        )
        self.assertEqual(info.caller.tenant, "root")
        self.assertEqual(info.caller.role, job_service_pb2.ROLE_ADMIN)
        self.assertIn("v1", info.api_versions)
        asked = os.environ.get("CMDCTL_BACKEND")
        self.assertIn(info.backend, [asked] if asked else ["epoll", "io_uring"])
        self.assertEqual(info.tls_protocol, "TLSv1.3")
        self.assertEqual(info.tls_cipher_suite, "TLS_AES_256_GCM_SHA384")
        self.assertIn(job_pb2.ISOLATION_HOST, info.isolations)
        self.assertGreater(
            info.certificate_expire_time.ToSeconds(), info.start_time.ToSeconds()
        )

    def test_request_id_makes_a_start_happen_once(self):
        marker = self.server.directory / "once"
        request_id = str(uuid.uuid4())
        command = ("sh", "-c", f"echo x >> {marker}")
        first = self.start(*command, request_id=request_id)
        again = self.start(*command, request_id=request_id)
        self.assertEqual(first.id, again.id)
        self.wait(first)
        self.assertEqual(marker.read_text(), "x\n")
        self.assertRefused(
            grpc.StatusCode.ALREADY_EXISTS,
            "REQUEST_ID_REUSED",
            self.alice.StartJob,
            start_request("true", request_id=request_id),
        )
        # Another tenant's request ids are its own.
        self.assertNotEqual(
            self.start("true", stub=self.bob, request_id=request_id).id, first.id
        )


class ListTests(ServerCase):
    def list(self, stub=None, **fields):
        request = job_service_pb2.ListJobsRequest(**fields)
        return (stub or self.alice).ListJobs(request, timeout=PATIENCE)

    def filtered(self, **fields):
        response = self.list(filter=job_service_pb2.JobFilter(**fields), page_size=1000)
        return [job.id for job in response.jobs]

    def test_pages_cover_all_jobs_once_newest_first(self):
        label = {"suite": "pages"}
        started = [self.start("true", labels=label).id for _ in range(25)]
        job_filter = job_service_pb2.JobFilter(labels=label)
        listed, token = [], ""
        while True:
            page = self.list(page_size=10, page_token=token, filter=job_filter)
            self.assertLessEqual(len(page.jobs), 10)
            listed += [job.id for job in page.jobs]
            # A job that starts meanwhile must not shift the pages.
            self.start("true", labels=label)
            token = page.next_page_token
            if not token:
                break
        self.assertEqual(listed, started[::-1])

    def test_page_tokens_are_checked(self):
        for token in ["nonsense", "AAAA"]:
            self.assertRefused(
                grpc.StatusCode.INVALID_ARGUMENT,
                "INVALID_REQUEST",
                self.alice.ListJobs,
                job_service_pb2.ListJobsRequest(page_token=token),
            )

    def test_every_filter(self):
        before = timestamp_pb2.Timestamp()
        good = self.start("true", name="filter-good", labels={"a": "1", "b": "2"})
        bad = self.start("false", labels={"a": "1"})
        good, bad = self.wait(good), self.wait(bad)
        live = self.start("sleep", "1000", labels={"a": "1"})
        mine = {"labels": {"a": "1"}}
        exited = [job_pb2.JOB_STATE_EXITED]
        failed = [job_pb2.JOB_OUTCOME_FAILED]
        self.assertEqual(self.filtered(**mine), [live.id, bad.id, good.id])
        self.assertEqual(self.filtered(states=exited, **mine), [bad.id, good.id])
        self.assertEqual(self.filtered(outcomes=failed, **mine), [bad.id])
        self.assertEqual(self.filtered(name="filter-good"), [good.id])
        self.assertEqual(self.filtered(labels={"a": "1", "b": "2"}), [good.id])
        self.assertEqual(self.filtered(owner="alice", **mine), [live.id, bad.id, good.id])
        self.assertEqual(self.filtered(owner="bob", **mine), [])
        before.FromNanoseconds(good.create_time.ToNanoseconds() + 1)
        self.assertEqual(self.filtered(created_before=before, **mine), [good.id])
        self.assertEqual(self.filtered(created_after=before, **mine), [live.id, bad.id])


class AdminServiceTests(TestCase):
    def test_shutdown_stops_the_jobs_when_asked_to(self):
        server = Daemon()
        self.addCleanup(server.close)
        request = admin_service_pb2.ShutdownServerRequest(stop_jobs=True)
        with server.channel("alice") as alice, server.channel("root") as root:
            with self.assertRaises(grpc.RpcError) as caught:
                admin_service_pb2_grpc.AdminServiceStub(alice).ShutdownServer(
                    request, timeout=PATIENCE
                )
            self.assertEqual(caught.exception.code(), grpc.StatusCode.PERMISSION_DENIED)
            admin_service_pb2_grpc.AdminServiceStub(root).ShutdownServer(
                request, timeout=PATIENCE
            )
        self.assertEqual(server.process.wait(PATIENCE), 0)
