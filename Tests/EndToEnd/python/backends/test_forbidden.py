"""io_uring forbidden by a real seccomp filter: one who insists on it is told, `auto` does without.

The launcher sets the filter and becomes the daemon, so nothing of the daemon knows of the test.
"""

import pathlib
import subprocess
import sys
import unittest

from cmdctl.v1 import job_service_pb2, job_service_pb2_grpc
from harness import BIN_DIR, PATIENCE, Daemon

LAUNCHER = [sys.executable, str(pathlib.Path(__file__).with_name("without_rings.py"))]
FALLBACK = "the preferred backend cannot be had"


def backend_of(server):
    """What the server says it waits with."""
    with server.channel() as channel:
        stub = job_service_pb2_grpc.JobServiceStub(channel)
        request = job_service_pb2.GetServerInfoRequest()
        return stub.GetServerInfo(request, timeout=PATIENCE).backend


class ForbiddenTests(unittest.TestCase):
    def daemon(self, **how):
        server = Daemon(**how)
        self.addCleanup(server.close)
        return server

    def test_who_insists_is_told_why_and_what_to_do(self):
        server = self.daemon(backend="io_uring")
        self.assertEqual(backend_of(server), "io_uring")
        with self.assertRaises(AssertionError) as caught:
            self.daemon(backend="io_uring", launcher=LAUNCHER)
        said = str(caught.exception)
        self.assertIn("The backend io_uring cannot be had", said)
        self.assertIn("seccomp", said)
        self.assertIn("--backend auto or epoll", said)

    def test_a_check_finds_it(self):
        server = self.daemon(backend="io_uring")
        command = [BIN_DIR / "cmdctld", *server.flags, "--check"]
        for launcher, code, words in [([], 0, "nothing wrong"), (LAUNCHER, 1, "seccomp")]:
            done = subprocess.run(
                launcher + command, stdin=subprocess.DEVNULL, capture_output=True, text=True)
            self.assertEqual(done.returncode, code, done.stderr)
            self.assertIn(words, done.stderr)

    def test_auto_does_without_and_says_so_once(self):
        preferred = backend_of(self.daemon(backend="auto"))
        server = self.daemon(backend="auto", launcher=LAUNCHER)
        self.assertEqual(backend_of(server), "epoll")
        # The line comes before the one that says where it listens.
        said = [line for line in server.beginning if FALLBACK in line]
        self.assertEqual(len(said), 1 if preferred == "io_uring" else 0, server.beginning)
        for line in said:
            self.assertIn("seccomp", line)
