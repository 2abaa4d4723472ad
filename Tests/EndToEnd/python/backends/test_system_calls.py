"""How often the loop asks the kernel, with each backend: no more often than it has to.

A client asks, or a job writes, one thing after the other, and all system calls of the daemon's loop
are counted meanwhile. Nothing else happens on these daemons.
"""

import os
import platform
import unittest
from collections import Counter

from cmdctl.v1 import job_service_pb2, job_service_pb2_grpc
from backends.tracing import SyscallCount
from harness import PATIENCE, Daemon, start_request
from streams import Stream

ROUNDS = 100
TRIES = 3

# By their numbers on the processors we know. Not preadv2: what is in the page cache is read on the
# spot with either backend.
NUMBERS = {
    "x86_64": {"accept4": 288, "recvfrom": 45, "sendto": 44, "epoll_ctl": 233,
               "epoll_pwait2": 441, "poll": 7, "io_uring_enter": 426},
    "aarch64": {"accept4": 242, "recvfrom": 207, "sendto": 206, "epoll_ctl": 21,
                "epoll_pwait2": 441, "ppoll": 73, "io_uring_enter": 426},
}[platform.machine()]  # fmt: skip
WAIT_OF = {"epoll": "epoll_pwait2", "io_uring": "io_uring_enter"}


class SystemCallTests(unittest.TestCase):
    def count(self, backend, scenario):
        """The calls of the loop for each round of a scenario, and by their numbers."""
        server = Daemon(backend=backend)
        self.addCleanup(server.close)
        with server.channel() as channel:
            stub = job_service_pb2_grpc.JobServiceStub(channel)
            round = scenario(server, stub)
            # What happens once has happened.
            round()
            # A busy machine splits what would have come at once, and so adds to them.
            calls = min((self.trace(server, round) for _ in range(TRIES)), key=Counter.total)
        per_round = calls.total() / ROUNDS
        print(f"{scenario.__name__}, {backend}: {per_round:.2f} system calls a round", flush=True)
        self.assertGreaterEqual(calls[NUMBERS[WAIT_OF[backend]]], ROUNDS / 2, calls)
        return per_round, calls

    def trace(self, server, round):
        """The calls of the loop in so many rounds, by their numbers."""
        with SyscallCount(server.process.pid) as count:
            for _ in range(ROUNDS):
                round()
            return Counter(count.calls)

    def check(self, scenario, *, epoll_most, ring_most):
        epoll, calls = self.count("epoll", scenario)
        self.assertLessEqual(epoll, epoll_most, calls)
        ring, calls = self.count("io_uring", scenario)
        self.assertLessEqual(ring, ring_most, calls)
        # Its operations are the ring's own, and not polled for and then done by the loop.
        done_by_loop = {
            name: calls[number] for name, number in NUMBERS.items()
            if name != "io_uring_enter" and number in calls
        }  # fmt: skip
        self.assertEqual(done_by_loop, {})

    # A turn that takes long waits once more without sleeping: how often depends on the machine.

    def test_a_call(self):
        self.check(asking, epoll_most=3.6, ring_most=2.6)

    def test_a_line_of_a_job(self):
        # 7 to 10 at rest; where the log is looked at again meanwhile, a look more.
        self.check(following, epoll_most=20, ring_most=20)

    def test_a_connection(self):
        self.check(connecting, epoll_most=44, ring_most=32)


def asking(server, stub):
    """A call and its answer."""
    request = job_service_pb2.GetServerInfoRequest()
    return lambda: stub.GetServerInfo(request, timeout=PATIENCE)


def following(server, stub):
    """A line from a job to a follower, who has seen the one before."""
    fifo = server.directory / "lines"
    os.mkfifo(fifo)
    job = stub.StartJob(start_request("cat", str(fifo)), timeout=PATIENCE).job
    # For reading as well, so that it waits for nobody.
    lines = os.open(fifo, os.O_RDWR)
    stream = Stream(stub.GetOutput(job_service_pb2.GetOutputRequest(job=job.id)))

    def round():
        os.write(lines, b"a line\n")
        assert next(stream).data == b"a line\n"

    return round


def connecting(server, stub):
    """A connection, a call over it, and its end."""

    def round():
        with server.channel() as channel:
            request = job_service_pb2.GetServerInfoRequest()
            job_service_pb2_grpc.JobServiceStub(channel).GetServerInfo(request, timeout=PATIENCE)

    return round
