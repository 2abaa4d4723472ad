"""What a caller can get wrong, and the code and reason it is answered with."""

import re

import grpc
from cmdctl.v1 import job_pb2, job_service_pb2
from harness import PATIENCE, ServerCase, error_info, start_request, status_details

MISSING = "018f0000-0000-7000-8000-000000000000"


class BadInputTests(ServerCase):
    def setUp(self):
        self.plain = self.server.directory / "plain.txt"
        self.plain.write_text("text")

    def test_table(self):
        invalid, failed = grpc.StatusCode.INVALID_ARGUMENT, grpc.StatusCode.FAILED_PRECONDITION
        long = "x" * (1 << 20)
        rows = [
            ("no command", job_service_pb2.StartJobRequest(), invalid, "INVALID_SPEC"),
            ("empty program", start_request(""), invalid, "INVALID_SPEC"),
            ("NUL in an argument", start_request("echo", "a\0b"), invalid, "INVALID_SPEC"),
            ("NUL in the program", start_request("ec\0ho"), invalid, "INVALID_SPEC"),
            (
                "empty environment name",
                start_request("true", environment={"": "x"}),
                invalid,
                "INVALID_SPEC",
            ),
            (
                "= in environment name",
                start_request("true", environment={"a=b": "x"}),
                invalid,
                "INVALID_SPEC",
            ),
            ("name of bad form", start_request("true", name="a b"), invalid, "INVALID_SPEC"),
            ("name like an id", start_request("true", name=MISSING), invalid, "INVALID_SPEC"),
            (
                "relative directory",
                start_request("true", working_directory="tmp"),
                invalid,
                "INVALID_SPEC",
            ),
            (
                "request id of bad form",
                start_request("true", request_id="twice"),
                invalid,
                "INVALID_REQUEST",
            ),
            ("missing program", start_request("nosuch"), failed, "PROGRAM_NOT_FOUND"),
            ("missing path", start_request("/no/such"), failed, "PROGRAM_NOT_FOUND"),
            (
                "not executable",
                start_request(str(self.plain)),
                failed,
                "PROGRAM_NOT_EXECUTABLE",
            ),
            (
                "missing directory",
                start_request("true", working_directory="/no/such"),
                failed,
                "WORKING_DIRECTORY_UNUSABLE",
            ),
            (
                "directory that is a file",
                start_request("true", working_directory=str(self.plain)),
                failed,
                "WORKING_DIRECTORY_UNUSABLE",
            ),
            ("1 MiB in one argument", start_request("echo", long), failed, "ARGUMENTS_TOO_LONG"),
        ]
        for title, request, code, reason in rows:
            with self.subTest(title):
                error = self.assertRefused(code, reason, self.alice.StartJob, request)
                self.assertRegex(error.details(), r"^[^\n]{10,}$", "one sentence")

    def test_one_megabyte_in_ten_thousand_arguments_runs(self):
        job = self.start("sh", "-c", "echo $#", "sh", *["x" * 99] * 10_000)
        self.assertEqual(self.output(job)[0], b"10000\n")

    def test_all_problems_of_a_spec_are_told_together(self):
        request = start_request("", name="a b", working_directory="tmp")
        error = self.assertRefused(
            grpc.StatusCode.INVALID_ARGUMENT, "INVALID_SPEC", self.alice.StartJob, request
        )
        text = status_details(error).SerializeToString()
        for field in [b"spec.command", b"spec.name", b"spec.working_directory"]:
            self.assertIn(field, text)

    def test_a_failed_start_leaves_a_record(self):
        error = self.assertRefused(
            grpc.StatusCode.FAILED_PRECONDITION,
            "PROGRAM_NOT_FOUND",
            self.alice.StartJob,
            start_request("nosuch"),
        )
        self.assertIn("nosuch", error.details())
        newest = self.alice.ListJobs(
            job_service_pb2.ListJobsRequest(page_size=1), timeout=PATIENCE
        ).jobs[0]
        self.assertEqual(newest.outcome, job_pb2.JOB_OUTCOME_START_FAILED)
        self.assertEqual(newest.start_failure.stage, job_pb2.START_STAGE_EXECUTE)
        self.assertEqual(newest.start_failure.error_number, 2)
        self.assertFalse(newest.HasField("exit_code"))
        self.assertFalse(newest.HasField("signal"))

    def test_name_taken(self):
        self.start("sleep", "1000", name="taken")
        self.assertRefused(
            grpc.StatusCode.ALREADY_EXISTS,
            "JOB_NAME_TAKEN",
            self.alice.StartJob,
            start_request("true", name="taken"),
        )
        self.start("true", name="taken", stub=self.bob)

    def test_signals_that_are_none(self):
        job = self.start("sleep", "1000")
        for number in [-1, 0, 65, 1000]:
            with self.subTest(number):
                self.assertRefused(
                    grpc.StatusCode.INVALID_ARGUMENT,
                    "INVALID_REQUEST",
                    self.alice.SignalJob,
                    job_service_pb2.SignalJobRequest(job=job.id, signal=number),
                )

    def test_deleting_what_runs(self):
        job = self.start("sleep", "1000")
        self.assertRefused(
            grpc.StatusCode.FAILED_PRECONDITION,
            "JOB_STILL_RUNNING",
            self.alice.DeleteJob,
            job_service_pb2.DeleteJobRequest(job=job.id),
        )

    def test_a_prefix_of_several(self):
        first, second = self.start("true").id, self.start("true").id
        common = 4
        while first[: common + 1] == second[: common + 1]:
            common += 1
        self.assertRefused(
            grpc.StatusCode.INVALID_ARGUMENT,
            "JOB_AMBIGUOUS",
            self.alice.GetJob,
            job_service_pb2.GetJobRequest(job=first[:common]),
        )


class TenantTests(ServerCase):
    """A foreign job and a missing one are answered with the same bytes, whatever is asked."""

    def calls(self, job):
        pb = job_service_pb2
        yield "GetJob", pb.GetJobRequest(job=job)
        yield "StopJob", pb.StopJobRequest(job=job)
        yield "SignalJob", pb.SignalJobRequest(job=job, signal=9)
        yield "WaitJob", pb.WaitJobRequest(job=job)
        yield "DeleteJob", pb.DeleteJobRequest(job=job)
        yield "GetOutput", pb.GetOutputRequest(job=job)
        yield "GetOutput", pb.GetOutputRequest(job=job, offset=1 << 40)
        yield "GetOutput", pb.GetOutputRequest(job=job, no_follow=True)

    def test_differential(self):
        live = self.shell("echo secret; sleep 1000", name="mine").id
        ended = self.wait(self.start("true")).id
        for foreign in [live, ended, live[:20], "mine", "alice/mine"]:
            missing = re.sub("[0-9a-z]", lambda match: "0", foreign)
            for (method, request), (_, other) in zip(self.calls(foreign), self.calls(missing)):
                with self.subTest(method=method, foreign=foreign):
                    seen = self.answer(method, request, foreign)
                    self.assertEqual(seen, self.answer(method, other, missing))
                    self.assertEqual(seen[0], grpc.StatusCode.NOT_FOUND)
        got = self.alice.GetJob(job_service_pb2.GetJobRequest(job=live), timeout=PATIENCE)
        self.assertEqual(got.job.state, job_pb2.JOB_STATE_RUNNING)

    def answer(self, method, request, selector):
        """Everything the caller can see of a refusal, with what it asked for taken out."""
        error = self.assertRefused(
            grpc.StatusCode.NOT_FOUND, "JOB_NOT_FOUND", getattr(self.bob, method), request
        )
        details = str(status_details(error)).replace(selector, "SELECTOR")
        values = [str(value) for value in sorted(error_info(error).metadata.values())]
        return (
            error.code(),
            error.details().replace(selector, "SELECTOR"),
            re.sub(r'value: ".*"', "", details),
            [value.replace(selector, "SELECTOR") for value in values],
        )

    def test_lists_do_not_tell(self):
        self.start("true", name="secret-name")
        for fields in [{}, {"owner": "alice"}, {"name": "secret-name"}]:
            request = job_service_pb2.ListJobsRequest(filter=job_service_pb2.JobFilter(**fields))
            listed = self.bob.ListJobs(request, timeout=PATIENCE)
            self.assertEqual([job for job in listed.jobs if job.owner != "bob"], [])

    def test_an_admin_may(self):
        job = self.shell("echo hello; sleep 1000", stub=self.bob)
        stream = self.root.GetOutput(
            job_service_pb2.GetOutputRequest(job=job.id), timeout=PATIENCE
        )
        self.assertEqual(next(stream).data, b"hello\n")
        stopped = self.root.StopJob(
            job_service_pb2.StopJobRequest(job=job.id), timeout=PATIENCE
        ).job
        self.assertEqual(stopped.owner, "bob")
        self.assertEqual(stopped.outcome, job_pb2.JOB_OUTCOME_STOPPED)
