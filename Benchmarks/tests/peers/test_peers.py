"""That the peers do what they are measured for. They are asked by the client of the benchmarks and
by `cmdctl`; what must come is what a job has put into its log."""

import json
import os
import pathlib
import socket
import ssl
import subprocess
import tempfile
import time
import unittest

from placing import Placing
from programs import HERE, Programs
from rivals import CppSubject, GoSubject
from setting import Setting

BUILD = HERE.parent / ".build" / "bench"
RELEASE = pathlib.Path(os.environ.get("CMDCTL_BIN_DIR", HERE.parent / ".build" / "release"))


class PeerTests:
    """What holds for each."""

    peer = None

    @classmethod
    def setUpClass(cls):
        place = tempfile.TemporaryDirectory()
        cls.addClassCleanup(place.cleanup)
        directory = pathlib.Path(place.name)
        programs = Programs(RELEASE.resolve(), BUILD)
        placing = Placing(os.sched_getaffinity(0))
        cls.setting = Setting(programs, placing, directory, directory, [], quick=True)
        cls.subject = cls.peer(cls.setting)
        cls.enterClassContext(cls.subject.started(cls.setting.directory()))

    def follow(self, job, *flags):
        """What the client of the benchmarks says; it fails by itself if offsets leave gaps."""
        follow = self.setting.programs.in_c("follow")
        words = [follow, *self.subject.client(), "--job", job, *flags]
        said = subprocess.run(
            list(map(str, words)), check=True, capture_output=True, text=True, timeout=60).stdout
        return json.loads(said)

    def hash_of_log(self, job):
        words = [self.setting.programs.in_c("follow"), "--hash", self.subject.log_path(job)]
        return subprocess.run(words, check=True, capture_output=True, text=True).stdout.strip()

    def cmdctl(self, *words):
        """Exit status and complaints of `cmdctl`."""
        certificates = self.setting.certificates
        command = [
            self.setting.programs.release / "cmdctl", "--server", self.subject.address, "--cacert",
            certificates.server_authority, *certificates.of_client(), *words]
        run = subprocess.run(command, capture_output=True, text=True, timeout=60)
        return run.returncode, run.stderr

    def test_followers_get_what_the_log_has_while_it_is_written(self):
        writer = self.setting.programs.in_c("writer")
        script = f"for seed in $(seq 40); do {writer} bulk 300001 $seed; sleep 0.01; done"
        job = self.subject.start_job(["/bin/sh", "-c", script])
        said = self.follow(job, "--followers", "30", "--connections", "3")
        self.assertEqual(said["statuses"], {"0": 30})
        self.assertEqual(said["bytes"], 30 * 40 * 300001)
        self.assertEqual(said["hashes"], {job: [self.hash_of_log(job)]})

    def test_followers_get_what_the_log_has_when_it_is_complete(self):
        writer = self.setting.programs.in_c("writer")
        job = self.subject.start_job([str(writer), "bulk", "5000003", "1"])
        self.subject.wait_for(job)
        said = self.follow(job, "--followers", "7", "--connections", "2", "--frame", "16384")
        self.assertEqual(said["bytes"], 7 * 5000003)
        self.assertEqual(said["hashes"], {job: [self.hash_of_log(job)]})

    def test_follower_of_a_job_without_output_hears_of_its_end(self):
        job = self.subject.start_job(["/bin/sleep", "0.2"])
        self.assertEqual(self.follow(job)["bytes"], 0)

    def test_tells_how_a_job_ended(self):
        self.assertEqual(self.cmdctl("run", "--follow", "--", "/bin/sh", "-c", "exit 3")[0], 3)

    def test_stops_a_job(self):
        job = self.subject.start_job(["/bin/sleep", "1000"])
        self.subject.stop_job(job)
        self.assertEqual(self.cmdctl("wait", job)[0], 137)

    def test_refuses_what_it_does_not_know(self):
        self.assertNotEqual(self.cmdctl("get-status", "0192aaaa-0000-7000-8000-000000000000")[0], 0)
        self.assertNotEqual(self.cmdctl("run", "--", "/nowhere/nothing")[0], 0)
        self.assertNotEqual(self.cmdctl("list")[0], 0)

    def test_hears_no_client_without_a_certificate(self):
        self.assertFalse(self.is_heard(self.context()))

    def test_hears_a_client_with_one(self):
        self.assertTrue(self.is_heard(self.identified()))

    def test_ends_its_jobs_with_itself(self):
        subject = self.peer(self.setting)
        with subject.started(self.setting.directory()):
            job = subject.start_job(["/bin/sh", "-c", "echo $$; sleep 1000"])
            self.await_that(lambda: subject.log_path(job).read_text().endswith("\n"))
            status = pathlib.Path("/proc", subject.log_path(job).read_text().strip(), "status")
            self.assertTrue(status.exists())
        # It may not have been reaped by whoever got it.
        self.await_that(lambda: not status.exists() or "State:\tZ" in status.read_text())

    def await_that(self, holds):
        """Fails if it does not come true in ten seconds."""
        deadline = time.monotonic() + 10
        while not holds():
            self.assertLess(time.monotonic(), deadline)
            time.sleep(0.01)

    def context(self):
        context = ssl.create_default_context(cafile=self.setting.certificates.server_authority)
        context.set_alpn_protocols(["h2"])
        return context

    def identified(self):
        context = self.context()
        _, certificate, _, key = self.setting.certificates.of_client()
        context.load_cert_chain(certificate, key)
        return context

    def is_heard(self, context):
        """Whether HTTP/2 is spoken: in TLS 1.3 a client is refused only after its handshake."""
        with socket.create_connection(("127.0.0.1", self.subject.port), timeout=10) as plain:
            try:
                with context.wrap_socket(plain, server_hostname="127.0.0.1") as secure:
                    secure.sendall(b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n" + b"\0\0\0\4\0\0\0\0\0")
                    return len(secure.recv(9)) > 0
            except OSError:
                return False


class GoTests(PeerTests, unittest.TestCase):
    """grpc-go."""

    peer = GoSubject

    def test_hears_no_client_with_an_older_version_of_tls(self):
        context = self.identified()
        context.maximum_version = ssl.TLSVersion.TLSv1_2
        self.assertFalse(self.is_heard(context))


class CppTests(PeerTests, unittest.TestCase):
    """gRPC C++."""

    peer = CppSubject


if __name__ == "__main__":
    unittest.main()
