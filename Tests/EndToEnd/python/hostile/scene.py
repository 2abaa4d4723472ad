"""Attacks, side by side, each against a daemon of its own that serves somebody else as well."""

import concurrent.futures
import contextlib
import functools
import os
import pathlib
import re
import threading
import time
import unittest

from cmdctl.v1 import job_service_pb2, job_service_pb2_grpc
from harness import PATIENCE, Daemon, start_request
from streams import Stream

# Attacks at a time: each is a daemon, its bystander and an attacker.
WORKERS = 4

# A round of a bystander may take this long while somebody else is attacking: 0.1 s is usual, but the
# machine may be busy with other things.
ROUND_SECONDS_MAX = 20

MIB = 1 << 20


def attack(growth):
    """Marks a test that attacks; the daemon may grow by so many MiB while it does."""

    def mark(body):
        @functools.wraps(body)
        def test(case):
            case.outcomes[body.__name__].result()

        test.attack = body, growth
        return test

    return mark


class HostileCase(unittest.TestCase):
    """Tests marked as attacks; they are all begun at once, and each waits for its own outcome."""

    @classmethod
    def setUpClass(cls):
        pool = concurrent.futures.ThreadPoolExecutor(WORKERS)
        cls.addClassCleanup(pool.shutdown, cancel_futures=True)
        tests = {name: getattr(getattr(cls, name), "attack", None) for name in dir(cls)}
        cls.outcomes = {
            name: pool.submit(cls(name)._perform, *mark) for name, mark in tests.items() if mark
        }

    def _perform(self, body, growth):
        with contextlib.closing(Daemon()) as server, Bystander(server) as bystander:
            memory = Memory(server.process.pid)
            body(self, server)
            bystander.has_been_served_since()
            grown = memory.growth()
        print(
            f"{body.__name__}: memory +{grown / MIB:.2f} MiB, "
            f"slowest round {bystander.slowest * 1000:.0f} ms of {bystander.rounds}"
        )
        self.assertLessEqual(grown, growth * MIB, "memory grew by more than stated")
        self.assertLess(bystander.slowest, ROUND_SECONDS_MAX)


class Bystander:
    """Another client: it follows a job, has it write numbers, and asks for its state.

    Every number must come back, once and in order, before the next is written.
    """

    WARM_UP = 20

    def __init__(self, server):
        self.server = server
        self.rounds, self.slowest = 0, 0.0
        self._stops = False
        self._news = threading.Condition()
        self._pool = concurrent.futures.ThreadPoolExecutor(1)

    def __enter__(self):
        path = self.server.directory / "numbers"
        os.mkfifo(path)
        # Open for reading, too, so that neither end has to wait for the other.
        self._numbers = os.open(path, os.O_RDWR)
        self._channel = self.server.channel("bob")
        self._stub = job_service_pb2_grpc.JobServiceStub(self._channel)
        self._job = self._stub.StartJob(start_request("cat", str(path)), timeout=PATIENCE).job
        request = job_service_pb2.GetOutputRequest(job=self._job.id)
        self._output = Stream(self._stub.GetOutput(request))
        for _ in range(self.WARM_UP):
            self._round()
        self.slowest = 0.0
        self._running = self._pool.submit(self._run)
        return self

    def __exit__(self, *_):
        self._stops = True
        try:
            self._running.result()
        finally:
            self._channel.close()
            self._pool.shutdown()
            os.close(self._numbers)

    def has_been_served_since(self):
        """Waits until a round has begun and ended from now on."""
        with self._news:
            goal = self.rounds + 2
            self._news.wait_for(lambda: self.rounds >= goal or self._running.done(), PATIENCE)
        if self._running.done():
            self._running.result()

    def _run(self):
        try:
            while not self._stops:
                self._round()
        finally:
            with self._news:
                self._news.notify_all()

    def _round(self):
        began = time.monotonic()
        line = f"{self.rounds}\n".encode()
        os.write(self._numbers, line)
        got = b""
        while len(got) < len(line):
            got += next(self._output).data
        if got != line:
            raise AssertionError(f"{got} instead of {line}")
        self._stub.GetJob(job_service_pb2.GetJobRequest(job=self._job.id), timeout=PATIENCE)
        with self._news:
            self.rounds += 1
            self._news.notify_all()
        self.slowest = max(self.slowest, time.monotonic() - began)


class Memory:
    """How much a process has grown at its largest, from now on.

    Looking at RssAnon now and then would miss a peak between two looks. The kernel keeps the peak
    of all resident memory, of which RssAnon is a part, and begins anew when told so. proc(5),
    clear_refs.
    """

    def __init__(self, pid):
        self._process = pathlib.Path(f"/proc/{pid}")
        (self._process / "clear_refs").write_text("5")
        self._before = self._bytes("VmRSS")

    def growth(self):
        """The bytes between then and the peak since."""
        return self._bytes("VmHWM") - self._before

    def _bytes(self, name):
        status = (self._process / "status").read_text()
        return int(re.search(rf"{name}:\s+(\d+) kB", status)[1]) * 1024
